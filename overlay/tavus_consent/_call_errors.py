"""The root of all exceptions, and those of a call to Tavus. Import them from ``tavus_consent.errors``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

_SHOWN_AS: Final = "tavus_consent.errors"


class TavusError(Exception):
    """The root: ``except TavusError`` catches every error that a call can raise."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__module__ == __name__:
            cls.__module__ = _SHOWN_AS  # in tracebacks and pickles

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class CallError(TavusError):
    """A request was made, or was about to be.

    Attributes:
        method: HTTP method, upper case.
        path: Path of the URL, without query.
        attempts: The number of attempts, including the first.
        status: HTTP status, or ``None`` without an answer.
        retry_after: Seconds that the server asked to wait, or ``None``.
    """

    status: int | None = None
    retry_after: float | None = None

    def __init__(self, message: str, *, method: str, path: str, attempts: int = 1) -> None:
        self.method = method
        self.path = path
        self.attempts = attempts
        super().__init__(message)

    def __str__(self) -> str:
        tries = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        return f"{self.method} {self.path}{tries}: {self.args[0]}"


class NoAnswerError(CallError):
    """Tavus gave no usable answer, and the call is safe to retry."""


class ConnectionFailedError(NoAnswerError, ConnectionError):
    """The connection failed or was lost."""


class RequestTimeoutError(NoAnswerError, TimeoutError):
    """The call timed out."""


class OutcomeUnknownError(CallError):
    """A create may or may not have happened. It was not retried: a second one would train a second, paid replica.

    ``tavus.replicas.find_created(error)`` and ``tavus.faces.find_created(error)`` look for it by name and time.

    Attributes:
        started_at: When the call started, aware, in UTC.
        ended_at: When the call was abandoned, aware, in UTC.
        replica_name: The requested name, or ``None``.
        status: HTTP status, if there was an answer.
        body: The answer's JSON or text, without secrets, if there was one.
        request_id: The server's id for the request, if it sent one.
        clock_difference: The server's clock minus the one of this machine, or ``None`` if no answer showed it yet.

    The underlying error is the ``__cause__``.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        attempts: int,
        started_at: datetime,
        ended_at: datetime,
        cause: CallError,
        clock_difference: timedelta | None = None,
    ) -> None:
        super().__init__(message, method=method, path=path, attempts=attempts)
        self.started_at = started_at
        self.ended_at = ended_at
        self.clock_difference = clock_difference
        self.replica_name: str | None = None
        self.status = cause.status
        self.retry_after = cause.retry_after
        self.body: Any = getattr(cause, "body", None)
        self.headers: Mapping[str, str] = getattr(cause, "headers", {})
        self.request_id: str | None = getattr(cause, "request_id", None)


class AnswerError(CallError):
    """Tavus answered, but the call failed.

    Attributes:
        status: HTTP status code.
        headers: The answer's headers, names in lower case; secrets are redacted.
        body: Parsed JSON, or the first 2,000 characters of the text if it is not JSON or exceeds 64 KiB; secrets are
            redacted.
        detail: The server's reason on one line of at most 500 characters, or ``None`` if it gave none. The client reads
            the usual forms: ``error``, ``message``, ``detail``, ``errors``, problem details, plain text, HTML.
        request_id: The server's id for this request, or ``None``.
        retry_after: Seconds that the server asked to wait, or ``None``.
    """

    status: int

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        detail: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message, method=method, path=path, attempts=attempts)
        self.status = status
        self.headers: Mapping[str, str] = dict(headers or {})
        self.body = body
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after


class InvalidAnswerError(AnswerError):
    """A success (2xx) whose body does not match the spec: not JSON, truncated, mistyped, or too large."""


class RedirectError(AnswerError):
    """3xx. Redirects are never followed: httpx would carry ``x-api-key`` to the other host."""


class ClientStatusError(AnswerError):
    """4xx: the request is at fault."""


class BadRequestError(ClientStatusError):
    """400. For replicas this is also the answer to an unknown id (``Invalid replica_id``)."""


class AuthenticationError(ClientStatusError):
    """401: the API key is missing or wrong."""


class PaymentRequiredError(ClientStatusError):
    """402: out of credits."""


class PermissionDeniedError(ClientStatusError):
    """403: the key may not do this, or not from this address."""


class NotFoundError(ClientStatusError):
    """404."""


class ConflictError(ClientStatusError):
    """409: the state of the object does not allow this."""


class UnprocessableError(ClientStatusError):
    """422: understood, but not acceptable."""


class RateLimitError(ClientStatusError):
    """429. ``retry_after`` is the number of seconds to wait, if the server sent it."""


class ServerStatusError(AnswerError):
    """5xx: the server is at fault. Statuses that HTTP does not define (520, 999) count here."""


def _rebuild(cls: type[TavusError], args: tuple[Any, ...], state: dict[str, Any]) -> TavusError:
    """Recreate an exception from a pickle, because pickle does not support keyword-only arguments."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


TavusError.__module__ = _SHOWN_AS
