"""Pure decisions: may this be tried again, when, and which error is it? Knows nothing of httpx and does no I/O.

One call is a :func:`conversation`: a generator that says what to do next (send, or pause) and is told what came of it.
The sync and the async transport drive the same generator, so they cannot decide differently.
"""

from __future__ import annotations

import random
import re
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from attrs import define, field

from tavus_consent import errors
from tavus_consent._arguments import check_count, check_seconds, check_type
from tavus_consent._clock import Clock
from tavus_consent._redaction import body_pieces, redact_text, scrub

from .decoding import UnusableBody, decode_answer, read_body

if TYPE_CHECKING:
    from tavus_api.types import Operation

Retry = Literal["safe", "if-not-sent"]
"""May a call be repeated? ``x-retry`` of the operation in ``openapi/tavus.yaml``."""

CONFIGURED: Final = errors.ConfigurationError

BACKOFF_BASE: Final = 0.5
BACKOFF_CAP: Final = 8.0

# 408, 429 and the gateway statuses pass by themselves; 520 to 524 are what Cloudflare, Tavus's front, says for them.
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

_STATUS_ERRORS: Final[dict[int, type[errors.AnswerError]]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableError,
    429: errors.RateLimitError,
}

_ADVICE: Final[dict[int, str]] = {
    401: "check the API key (api_key= or TAVUS_API_KEY)",
    402: "the account is out of credits",
    403: "this key may not do this, or not from this address",
}

_LOOK: Final[dict[str, str]] = {
    f"/v2/{name}s": f"that could train a second, paid {name}. Look before you try again: "
    f"tavus.{name}s.find_created(error)"
    for name in ("replica", "face")
}
_LOOK_ANYWHERE: Final = "it could then happen twice. Look before you try again"

# Tavus documents no request id; these are what the gateways before it are known to send.
_REQUEST_ID_HEADERS: Final = ("x-request-id", "x-amzn-requestid", "apigw-requestid", "x-amz-cf-id", "cf-ray")
_SECRET_HEADERS: Final = frozenset({"set-cookie", "authorization", "x-api-key", "www-authenticate", "cookie"})


class Timeout(NamedTuple):
    """How long things may take, in seconds.

    Attributes:
        connect: To resolve the name and connect, and again as much for TLS.
        total: For one attempt, from waiting for a free connection to the last byte of the answer.
        deadline: For the whole call: all attempts and the pauses between them.
    """

    connect: float = 5.0
    total: float = 30.0
    deadline: float = 60.0


class Limits(NamedTuple):
    """Bounds of one client.

    Attributes:
        max_connections: Connections open at once; further calls wait for one.
        max_keepalive_connections: Idle connections kept open.
        keepalive_expiry: Seconds until an idle connection is closed.
        max_answer_bytes: The largest answer that is read, after decompression.
    """

    max_connections: int = 100
    max_keepalive_connections: int = 100
    keepalive_expiry: float = 15.0
    max_answer_bytes: int = 10 * 1024 * 1024


def make_timeout(value: float | Timeout | None) -> Timeout:
    """Turn what a caller gives into a :class:`Timeout`. A plain number bounds the whole call.

    Raises:
        ConfigurationError: A value is not a positive, finite number.
    """
    if value is None:
        return Timeout()
    if isinstance(value, Timeout):
        parts = value._asdict().items()
        return Timeout(*(check_seconds(part, f"timeout: {name}", kind=CONFIGURED) for name, part in parts))
    total = check_seconds(value, "timeout", kind=CONFIGURED)
    return Timeout(min(Timeout().connect, total), total, total)


def check_limits(limits: Limits) -> Limits:
    """Refuse bounds that are no numbers, or that would let nothing through.

    Raises:
        ConfigurationError: One of them is.
    """
    check_type(limits, "limits", Limits, "a tavus_consent.Limits", kind=CONFIGURED)
    check_count(limits.max_connections, "max_connections", kind=CONFIGURED)
    check_count(limits.max_keepalive_connections, "max_keepalive_connections", least=0, kind=CONFIGURED)
    check_seconds(limits.keepalive_expiry, "keepalive_expiry", zero=True, kind=CONFIGURED)
    check_count(limits.max_answer_bytes, "max_answer_bytes", kind=CONFIGURED)
    return limits


@define(eq=False)  # made for every call, and quicker than one that is frozen
class Call:
    """What one call needs to be decided about.

    Attributes:
        method: HTTP method, upper case.
        path: Path as it may be shown: without query.
        retry: May it be repeated?
        operation: What is asked for, or ``None`` when the specification does not know it.
        timeout: Seconds for connecting, an attempt and everything.
        max_retries: Further attempts after the first.
        secrets: Values that must not be in what the server says back; ``all_secrets`` adds those of the body.
        body: The JSON that is sent.
        place: The arguments of the path.
    """

    method: str
    path: str
    retry: Retry
    operation: Operation | None = field(repr=False)
    timeout: Timeout
    max_retries: int
    secrets: tuple[str, ...] = field(default=(), repr=False)
    body: Any = field(default=None, repr=False)
    place: Mapping[str, Any] = field(factory=dict, repr=False)

    def all_secrets(self) -> tuple[str, ...]:
        """What must not be shown of anything that comes back."""
        found = {*self.secrets, *body_pieces(self.body)}
        return tuple(sorted(found, key=len, reverse=True))  # a short one could leave the rest of a longer one


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
class Answer:
    """What the server said.

    Attributes:
        status: HTTP status.
        headers: Names are in lower case.
        content: The body, decompressed, as far as it was read.
        problem: Why the body is not whole, or ``None``.
        broken: Whether that is the connection's fault, so that another attempt may bring it whole.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    problem: str | None = None
    broken: bool = False


@define(eq=False)
class Failure:
    """Why there is no answer.

    Attributes:
        error: What the HTTP library raised.
        sent: Whether any of the request may have left.
        timed_out: Whether it was time that ran out.
        permanent: Whether trying again cannot help, as with a certificate that is not trusted.
        message: What to tell people, without secrets.
    """

    error: Exception = field(repr=False)
    sent: bool
    timed_out: bool = False
    permanent: bool = False
    message: str = ""


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
            error, cause = _failure_error(call, outcome, attempt), outcome.error
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


def judge_answer(call: Call, answer: Answer, attempts: int, now: datetime) -> tuple[Any] | errors.AnswerError:
    """Return the value of a good answer in a tuple, or the error for a bad one."""
    operation = call.operation
    if operation is not None and (answer.status in operation.empty or _is_gone(call, answer, attempts)):
        return (None,)
    if 200 <= answer.status < 300:
        if operation is None or operation.read is None:
            return (None,)
        problem: UnusableBody | str | None = answer.problem
        if problem is None:
            try:
                return (decode_answer(operation, answer.status, answer.content, call.place),)
            except UnusableBody as found:
                problem = found
        return _unusable(call, answer, attempts, now, problem)
    cls = _STATUS_ERRORS.get(answer.status)
    if cls is None:
        if 300 <= answer.status < 400:
            cls = errors.RedirectError
        elif 400 <= answer.status < 500:
            cls = errors.ClientStatusError
        else:
            cls = errors.ServerStatusError
    try:
        phrase = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        phrase = str(answer.status)
    error = _answer_error(cls, phrase, call, answer, attempts, now)
    message = ": ".join(
        part
        for part in (
            phrase + (f" ({error.request_id})" if error.request_id else ""),
            error.detail,
            _ADVICE.get(answer.status),
            "redirects are not followed; is the base URL right?" if cls is errors.RedirectError else None,
        )
        if part
    )
    error.args = (message,)
    return error


def _is_gone(call: Call, answer: Answer, attempts: int) -> bool:
    """A repeated delete finds nothing when the first one worked, though its answer was lost."""
    return call.method == "DELETE" and attempts > 1 and answer.status in (400, 404)


def _unusable(
    call: Call, answer: Answer, attempts: int, now: datetime, problem: UnusableBody | str
) -> errors.InvalidAnswerError:
    """The error for a good status with a body that cannot be used."""
    media_type = redact_text(answer.headers.get("content-type", "no content type"), call.all_secrets())
    message = f"Tavus answered {answer.status}, but {problem} ({media_type}, {len(answer.content)} bytes)"
    return _answer_error(errors.InvalidAnswerError, message, call, answer, attempts, now)


_E = TypeVar("_E", bound=errors.AnswerError)


def _answer_error(cls: type[_E], message: str, call: Call, answer: Answer, attempts: int, now: datetime) -> _E:
    secrets = call.all_secrets()
    body, detail = read_body(answer.content, secrets)
    return cls(
        message,
        method=call.method,
        path=call.path,
        status=answer.status,
        headers=shown_headers(answer.headers, secrets),
        body=body,
        detail=detail,
        request_id=request_id(answer.headers, secrets),
        retry_after=parse_retry_after(answer.headers.get("retry-after"), now),
        attempts=attempts,
    )


def _failure_error(call: Call, failure: Failure, attempts: int) -> errors.NoAnswerError:
    cls = errors.RequestTimeoutError if failure.timed_out else errors.ConnectionFailedError
    message = redact_text(failure.message, call.all_secrets())
    return cls(message, method=call.method, path=call.path, attempts=attempts)


def shown_headers(headers: Mapping[str, str], secrets: tuple[str, ...]) -> dict[str, str]:
    """The headers as they may be kept: without credentials, and URLs cut down."""
    return {
        name: "[redacted]" if name in _SECRET_HEADERS else redact_text(value, secrets)
        for name, value in headers.items()
    }


def request_id(headers: Mapping[str, str], secrets: tuple[str, ...]) -> str | None:
    """The server's id for a request, from whichever gateway header carries it."""
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
    return redact_text(found, secrets) if found else None


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a ``Retry-After`` header (RFC 9110, 10.2.3): a number of seconds or an HTTP date.

    Returns:
        Seconds, never negative, or ``None`` when the header is missing or means nothing.
    """
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
