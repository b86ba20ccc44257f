"""Pure decisions about attempts: may a call be tried again, and when? Knows nothing of httpx and does no I/O.

One call is a :func:`conversation`: a generator that says what to do next (send, or pause) and is told what came of it.
The sync and the async transport drive the same generator, so they cannot decide differently.
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

# 408, 429 and the gateway statuses pass by themselves; 520 to 524 are what Cloudflare, Tavus's front, says for them.
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

_LOOK: Final[dict[str, str]] = {
    f"/v2/{name}s": f"that could train a second, paid {name}. Look before you try again: "
    f"tavus.{name}s.find_created(error)"
    for name in ("replica", "face")
}
_LOOK_ANYWHERE: Final = "it could then happen twice. Look before you try again"


class Send(NamedTuple):
    """Do one attempt.

    Attributes:
        connect: Seconds to make a connection.
        total: Seconds for the attempt.
        once: Whether it matters that the request was sent. Then the driver opens a new connection, because a server may
            close an idle one at any moment, and notes whether the request leaves.
    """

    connect: float
    total: float
    once: bool = False


class Pause(NamedTuple):
    """Wait this many seconds."""

    seconds: float


@define(eq=False)
class Done:
    """A good answer, what it means (``None`` when the spec promises no body), and how many attempts it took."""

    answer: Answer
    parsed: Any = field(repr=False)
    attempts: int


def conversation(
    call: Call, clock: Clock, rng: random.Random
) -> Generator[Send | Pause, Answer | Failure | None, Done]:
    """Decide a whole call: yield what to do next, receive what came of it, return the good answer.

    Raises:
        CallError: Whatever the call ends in when it does not end well.
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
            if call.retry == "if-not-sent" and may_have_happened(outcome):
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
    """Seconds to wait before the next attempt, or ``None`` when there must not be one.

    A ``safe`` call is repeated after a failure that can pass. An ``if-not-sent`` call is repeated only when it surely
    was not carried out: no connection was made, or the server refused it with 429 and said when to come back.

    Args:
        call: The call.
        outcome: What came of the last attempt.
        retry_after: Seconds the server asked to wait, or ``None``.
        attempt: Number of the last attempt, from 1.
        remaining: Seconds left of the deadline.
        jitter: A random number in [0, 1): full jitter.
    """
    if attempt > call.max_retries:
        return None
    if isinstance(outcome, Failure):
        may_repeat = not outcome.permanent and (call.retry == "safe" or not outcome.sent)
    elif call.retry == "safe":
        may_repeat = outcome.status in TRANSIENT or outcome.broken
    else:
        may_repeat = outcome.status == 429 and retry_after is not None
    if not may_repeat:
        return None
    pause = jitter * min(BACKOFF_CAP, BACKOFF_BASE * 2.0 ** (attempt - 1)) if retry_after is None else retry_after
    return pause if pause < remaining else None


def may_have_happened(outcome: Answer | Failure) -> bool:
    """Whether the server may have carried the request out, though no good answer came back."""
    if isinstance(outcome, Failure):
        return outcome.sent
    # A 4xx refuses, a 3xx sends elsewhere. Two are exceptions: a proxy may send 408 after it passed the request on, and
    # 303 says where to look at what was done (RFC 9110, 15.4.4).
    return outcome.status < 300 or outcome.status >= 500 or outcome.status in (303, 408)
