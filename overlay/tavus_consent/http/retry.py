"""Decisions about attempts: whether to retry a call, and when. Pure: independent of httpx and without I/O.

One call is a :func:`conversation`: a generator that yields the next step (send or pause) and receives its outcome. The
sync and the async transport drive the same generator, so they always decide alike.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any, Final, NamedTuple

from attrs import define, field

from tavus_consent import errors
from tavus_consent._clock import Clock
from tavus_consent._redaction import scrub

from .answers import Answer, Call, Failure, failure_error, judge_answer

BACKOFF_BASE: Final = 0.5
BACKOFF_CAP: Final = 8.0

# 408, 429 and the gateway statuses are transient. 520 to 524 are those of Cloudflare, which is in front of Tavus.
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

_LOOK: Final[dict[str, str]] = {
    f"/v2/{name}s": f"that could train a second, paid {name}. Look before you try again: "
    f"tavus.{name}s.find_created(error)"
    for name in ("replica", "face")
}
_LOOK_ANYWHERE: Final = "it could then happen twice. Look before you try again"


class Send(NamedTuple):
    """A step: make one attempt.

    Attributes:
        connect: Seconds to connect.
        total: Seconds for the attempt.
        once: True if the request must not be sent twice. Then the driver notes whether it was sent. It also opens a new
            connection, because a server may close an idle one at any moment.
    """

    connect: float
    total: float
    once: bool = False


class Pause(NamedTuple):
    """A step: wait for a number of seconds."""

    seconds: float


@define(eq=False)
class Done:
    """A successful answer, its value (``None`` if the specification has no body), and the number of attempts."""

    answer: Answer
    parsed: Any = field(repr=False)
    attempts: int


def conversation(
    call: Call, clock: Clock, rng: random.Random
) -> Generator[Send | Pause, Answer | Failure | None, Done]:
    """Run a whole call: yield the next step, receive its outcome, and return the successful answer.

    Raises:
        CallError: The call failed.
    """
    started = clock.monotonic()
    started_at = clock.now()
    attempt = 0
    while True:
        attempt += 1
        remaining = call.timeout.deadline - (clock.monotonic() - started)
        total = min(call.timeout.total, remaining)
        outcome = yield Send(min(call.timeout.connect, total), total, call.retry == "if-not-sent")
        error: errors.CallError
        if isinstance(outcome, Answer):
            result = judge_answer(call, outcome, attempt, clock.now())
            if not isinstance(result, errors.AnswerError):
                return Done(outcome, result[0], attempt)
            error, cause = result, None
        else:
            assert isinstance(outcome, Failure)  # noqa: S101 - the drivers answer a Send with nothing else
            error, cause = failure_error(call, outcome, attempt), outcome.error
            scrub(cause, call.all_secrets())
        wait = next_pause(
            call,
            outcome,
            error.retry_after,
            attempt=attempt,
            remaining=call.timeout.deadline - (clock.monotonic() - started),
            jitter=rng.random(),
        )
        if wait is None:
            if call.retry == "if-not-sent" and may_have_happened(call, outcome):
                error.__cause__ = cause
                raise errors.OutcomeUnknownError(
                    f"it is not known whether this happened ({error.args[0]}). It was not repeated, because "
                    f"{next((said for path, said in _LOOK.items() if call.path.endswith(path)), _LOOK_ANYWHERE)}",
                    method=call.method,
                    path=call.path,
                    attempts=attempt,
                    started_at=started_at,
                    ended_at=clock.now(),
                    cause=error,
                ) from error
            raise error from cause
        yield Pause(wait)


def next_pause(
    call: Call, outcome: Answer | Failure, retry_after: float | None, *, attempt: int, remaining: float, jitter: float
) -> float | None:
    """Return the seconds to wait before the next attempt, or ``None`` if the call must not be retried.

    A ``safe`` call is retried after a transient failure. An ``if-not-sent`` call is retried only if it was certainly
    not carried out: no connection was made, the server answered 429 with a ``Retry-After``, or its status means that
    for this operation.

    Args:
        call: The call.
        outcome: The outcome of the last attempt.
        retry_after: Seconds the server asked to wait, or ``None``.
        attempt: Number of the last attempt, counted from 1.
        remaining: Seconds left until the deadline.
        jitter: A random number in [0, 1), for full jitter.
    """
    if attempt > call.max_retries:
        return None
    if isinstance(outcome, Failure):
        may_repeat = not outcome.permanent and (call.retry == "safe" or not outcome.sent)
    elif call.retry == "safe":
        may_repeat = outcome.status in TRANSIENT or outcome.broken
    else:
        may_repeat = (outcome.status == 429 and retry_after is not None) or _was_not_done(call, outcome)
    if not may_repeat:
        return None
    pause = jitter * min(BACKOFF_CAP, BACKOFF_BASE * 2.0 ** (attempt - 1)) if retry_after is None else retry_after
    return pause if pause < remaining else None


def may_have_happened(call: Call, outcome: Answer | Failure) -> bool:
    """Return whether the server may have carried out the request, although the answer failed or is missing."""
    if isinstance(outcome, Failure):
        return outcome.sent
    if _was_not_done(call, outcome):
        return False
    # A 4xx rejects the request and a 3xx redirects it, with two exceptions. A proxy may send 408 after it forwarded the
    # request, and 303 points to the result of the completed request (RFC 9110, 15.4.4).
    return outcome.status < 300 or outcome.status >= 500 or outcome.status in (303, 408)


def _was_not_done(call: Call, answer: Answer) -> bool:
    """Return whether the operation documents this status for a request that had no effect."""
    return call.operation is not None and answer.status in call.operation.not_done
