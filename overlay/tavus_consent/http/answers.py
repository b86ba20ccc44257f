"""Calls, the outcomes of their attempts, and the value or error that results. Pure and independent of httpx."""

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
"""The retry rule of a call, from ``x-retry`` of the operation in ``openapi/tavus.yaml``."""

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

# Tavus documents no request id. The gateways in front of it are known to send these headers.
_REQUEST_ID_HEADERS: Final = ("x-request-id", "x-amzn-requestid", "apigw-requestid", "x-amz-cf-id", "cf-ray")
_SECRET_HEADERS: Final = frozenset({"set-cookie", "authorization", "x-api-key", "www-authenticate", "cookie"})


@define(eq=False)  # made for every call, and quicker than one that is frozen
class Call:
    """The facts about a call that the retry logic needs.

    Attributes:
        method: HTTP method in upper case.
        path: Path without the query, safe to show.
        retry: The retry rule.
        operation: The operation, or ``None`` if the specification does not have it.
        timeout: Seconds for connecting, for one attempt, and for the whole call.
        max_retries: Maximum number of attempts after the first.
        secrets: Values to redact from the server's answer. ``all_secrets`` adds those of the body.
        body: The JSON body of the request.
        place: The path parameters.
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
        """Return the values to redact from the answer."""
        found = {*self.secrets, *body_pieces(self.body)}
        return tuple(sorted(found, key=len, reverse=True))  # a shorter one first could expose the rest of a longer one


@define(eq=False)
class Answer:
    """An answer from the server.

    Attributes:
        status: HTTP status.
        headers: The headers, with names in lower case.
        content: The part of the body that was read, decompressed.
        problem: The reason why the body is incomplete, or ``None``.
        broken: True if the connection broke, so that another attempt may return the complete body.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    problem: str | None = None
    broken: bool = False


@define(eq=False)
class Failure:
    """The reason why an attempt got no answer.

    Attributes:
        error: The exception that the HTTP library raised.
        sent: True if any part of the request may have been sent.
        timed_out: True if the attempt timed out.
        permanent: True if a retry cannot help, for example because the certificate is not trusted.
        message: The message to show, without secrets.
    """

    error: Exception = field(repr=False)
    sent: bool
    timed_out: bool = False
    permanent: bool = False
    message: str = ""


def judge_answer(call: Call, answer: Answer, attempts: int, now: datetime) -> tuple[Any] | errors.AnswerError:
    """Return the value of a successful answer in a tuple, or the error for a failed one."""
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
    """Return whether a repeated delete found nothing, because the first one succeeded but its answer was lost."""
    return call.method == "DELETE" and attempts > 1 and answer.status in (400, 404)


def _unusable(
    call: Call, answer: Answer, attempts: int, now: datetime, problem: UnusableBody | str
) -> errors.InvalidAnswerError:
    """Return the error for a success status with an unusable body."""
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
    """Return the headers without credentials and with redacted URLs."""
    return {
        name: "[redacted]" if name in _SECRET_HEADERS else redact_text(value, secrets)
        for name, value in headers.items()
    }


def request_id(headers: Mapping[str, str], secrets: tuple[str, ...]) -> str | None:
    """Return the server's id for a request, from the first gateway header that has one."""
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
    return redact_text(found, secrets) if found else None


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Parse a ``Retry-After`` header (RFC 9110, 10.2.3): a number of seconds or an HTTP date.

    Returns:
        Seconds, at least 0, or ``None`` if the header is missing or invalid.
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
