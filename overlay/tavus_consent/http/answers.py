"""A call, how an attempt can end, and what that means: a value or an error. Pure, and knows nothing of httpx."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from attrs import define, field

from tavus_consent import errors
from tavus_consent._redaction import body_pieces, redact_text

from .decoding import UnusableBody, decode_answer, read_body
from .limits import Timeout

if TYPE_CHECKING:
    from tavus_api.types import Operation

Retry = Literal["safe", "if-not-sent"]
"""May a call be repeated? ``x-retry`` of the operation in ``openapi/tavus.yaml``."""

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

# Tavus documents no request id; these are what the gateways before it are known to send.
_REQUEST_ID_HEADERS: Final = ("x-request-id", "x-amzn-requestid", "apigw-requestid", "x-amz-cf-id", "cf-ray")
_SECRET_HEADERS: Final = frozenset({"set-cookie", "authorization", "x-api-key", "www-authenticate", "cookie"})


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


def failure_error(call: Call, failure: Failure, attempts: int) -> errors.NoAnswerError:
    """Return the error for an attempt without an answer."""
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
