"""Every exception of the package. Nothing else escapes a call.

::

    TavusError
    ├── ConfigurationError (ValueError)       the client is set up or used incorrectly
    │   ├── ClientClosedError                 used after close(), or after fork()
    │   └── MissingExtraError (ImportError)   an optional dependency is not installed
    ├── InvalidRequestError (ValueError)      refused locally; nothing was sent
    │   ├── InvalidNameError                  a full name that cannot be used in the statement
    │   ├── InvalidLinkError                  a URL that Tavus could not download
    │   ├── OpenCreate                        an earlier create may have made it; its outcome is not known
    │   ├── OnceConflict                      once= names an earlier create that this call cannot return
    │   ├── CallbackRefused                   a callback to an address that is unknown or expired: answer 404
    │   ├── PreflightFailed                   preflight="require" was not met; has the report. In preflight.findings
    │   └── ConsentError                      the consent does not allow this
    │       ├── ConsentRequired               missing, not given yet, or the kind of replica was not stated
    │       ├── ConsentContradiction          a non-human replica with spoken consent
    │       ├── ConsentExpired                the consent has expired
    │       ├── ConsentWithdrawn              the person withdrew it
    │       ├── ConsentMismatch               the words heard are not the statement with this name
    │       ├── EvidenceChanged               the recording is not the one that was checked
    │       └── IllegalTransition             the record's state does not allow this event
    ├── CallError                             a request was made; has method, path, attempts
    │   ├── NoAnswerError                     Tavus gave no answer
    │   │   ├── ConnectionFailedError (ConnectionError)
    │   │   └── RequestTimeoutError (TimeoutError)
    │   ├── OutcomeUnknownError               a create may or may not have happened
    │   └── AnswerError                       Tavus answered; adds status, headers, body, request_id, retry_after
    │       ├── InvalidAnswerError            a 2xx whose body cannot be used
    │       ├── RedirectError                 3xx (redirects are never followed: the key must not travel)
    │       ├── ClientStatusError             4xx
    │       │   ├── BadRequestError           400
    │       │   ├── AuthenticationError       401
    │       │   ├── PaymentRequiredError      402
    │       │   ├── PermissionDeniedError     403
    │       │   ├── NotFoundError             404
    │       │   ├── ConflictError             409
    │       │   ├── UnprocessableError        422
    │       │   └── RateLimitError            429
    │       └── ServerStatusError             5xx, and every status that HTTP does not define
    ├── LedgerError                           the ledger of consent records
    │   ├── LedgerUnavailable                 it cannot be opened, read or written
    │   ├── LedgerConflict                    another event was written first; nothing was appended
    │   ├── LedgerBroken                      the stored data differ from what was written; has seq
    │   ├── VaultKeyError                     the key of the vault is missing, wrong, or readable by others
    │   ├── SubjectErased                     the person was erased: their key is destroyed
    │   └── ErasureIncomplete                 erased, but old bytes may still be in a file; erase again
    ├── TrainingError                         has the replica
    │   ├── TrainingFailed                    status "error"
    │   └── TrainingTimeout (TimeoutError)    timed out; training continues at Tavus
    └── ProcessingError                       has the result: the video, the document, the voice
        ├── ProcessingFailed                  status "error"
        └── ProcessingTimeout (TimeoutError)  timed out; the work continues at Tavus

No message, repr or attribute contains an API key or the secret part of a URL.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._call_errors import (
    AnswerError as AnswerError,
    AuthenticationError as AuthenticationError,
    BadRequestError as BadRequestError,
    CallError as CallError,
    ClientStatusError as ClientStatusError,
    ConflictError as ConflictError,
    ConnectionFailedError as ConnectionFailedError,
    InvalidAnswerError as InvalidAnswerError,
    NoAnswerError as NoAnswerError,
    NotFoundError as NotFoundError,
    OutcomeUnknownError as OutcomeUnknownError,
    PaymentRequiredError as PaymentRequiredError,
    PermissionDeniedError as PermissionDeniedError,
    RateLimitError as RateLimitError,
    RedirectError as RedirectError,
    RequestTimeoutError as RequestTimeoutError,
    ServerStatusError as ServerStatusError,
    TavusError as TavusError,
    UnprocessableError as UnprocessableError,
)
from ._redaction import redact_text

if TYPE_CHECKING:
    from .results import Replica
    from .training_errors import TrainingErrorType


class ConfigurationError(TavusError, ValueError):
    """The client is set up or used incorrectly; the message says what to change."""


class ClientClosedError(ConfigurationError):
    """The client was closed, or was used both before a ``fork()`` and in the child."""


class MissingExtraError(ConfigurationError, ImportError):
    """An optional dependency is missing.

    Attributes:
        extra: The name of the extra to install, as in ``pip install 'tavus-consent[cli]'``.
    """

    def __init__(self, extra: str, feature: str) -> None:
        self.extra = extra
        self.feature = feature
        super().__init__(f"{feature} needs the extra {extra!r}: pip install 'tavus-consent[{extra}]'")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.extra, self.feature)


class InvalidRequestError(TavusError, ValueError):
    """Refused locally; nothing was sent.

    Attributes:
        field: The wrong argument, or ``None`` if the combination is wrong.
        reason: A stable word for programs, for example ``"expired"``.
    """

    def __init__(self, message: str, *, field: str | None = None, reason: str = "invalid") -> None:
        self.field = field
        self.reason = reason
        super().__init__(message)


class InvalidNameError(InvalidRequestError):
    """The full name cannot be used in the consent statement. The message does not contain the name."""


class InvalidLinkError(InvalidRequestError):
    """The URL cannot work as a direct download link, or as a callback address."""


class OpenCreate(InvalidRequestError):
    """An earlier create may have made what this call would make, and its outcome is not known. Nothing was sent.

    The earlier one is of the same kind and name. It may still be under way, in this process or another, or its process
    ended before the answer came. Call ``consents.reconcile()``, then try again. ``despite_open=True`` sends another
    create.

    Attributes:
        record_id: The record of the earlier create.
        intent_id: The earlier create, as ``consents.reconcile(decided=...)`` takes it; ``None`` if it is not sent yet.
        started_at: When it began.
        retry_at: Before this time it may still be under way.
        candidates: Ids of what it may have made, if they were looked up.
    """

    def __init__(
        self,
        message: str,
        *,
        record_id: str,
        intent_id: str | None = None,
        started_at: datetime | None = None,
        retry_at: datetime | None = None,
        candidates: tuple[str, ...] = (),
    ) -> None:
        self.record_id = record_id
        self.intent_id = intent_id
        self.started_at = started_at
        self.retry_at = retry_at
        self.candidates = candidates
        super().__init__(message, reason="open_create")


class OnceConflict(InvalidRequestError):
    """The key of ``once=`` names an earlier create that this call cannot return. Nothing was sent.

    ``reason`` is ``other_arguments``, ``deleted`` (the client deleted what it made) or ``erased`` (the person was
    erased, so the arguments cannot be compared).

    Attributes:
        record_id: The record of the earlier create.
        intent_id: The earlier create; ``None`` for what is no likeness, such as a video.
    """

    def __init__(self, message: str, *, reason: str, record_id: str, intent_id: str | None) -> None:
        self.record_id = record_id
        self.intent_id = intent_id
        super().__init__(message, field="once", reason=reason)


class CallbackRefused(InvalidRequestError):
    """A callback came to an unknown or expired address, or is about another object. Answer 404; nothing was stored."""


class ConsentError(InvalidRequestError):
    """The consent does not allow this."""


class ConsentRequired(ConsentError):
    """Consent is missing or not given yet, or the caller did not state whether the replica shows a real person."""


class ConsentContradiction(ConsentError):
    """A replica cannot be non-human and have spoken consent, and no recording can be used for both kinds."""


class ConsentExpired(ConsentError):
    """The consent has expired. Ask for consent again, with a new record."""


class ConsentWithdrawn(ConsentError):
    """The person withdrew the consent. This takes effect immediately for all their records and recordings."""


class ConsentMismatch(ConsentError):
    """The words heard are not the statement with this person's name, or a doubtful match has not been reviewed yet."""


class EvidenceChanged(ConsentError):
    """The recording is not the one that was checked, or it already belongs to another person."""


class IllegalTransition(ConsentError):
    """The state of the consent record does not allow this event.

    Attributes:
        state: The state that the record was in, such as ``"withdrawn"``; ``"none"`` before its first event.
        event: The type of the event.
    """

    def __init__(self, message: str, *, state: str, event: str, reason: str = "illegal_transition") -> None:
        self.state = state
        self.event = event
        super().__init__(message, reason=reason)


class LedgerError(TavusError):
    """An error of the ledger of consent records. The message never contains personal data or a key."""


class LedgerUnavailable(LedgerError):
    """The ledger cannot be opened, read or written: locked for too long, unreachable, or not a ledger."""


class LedgerConflict(LedgerError):
    """Another event was written first, so nothing was appended. Read the record again and decide again."""


class LedgerBroken(LedgerError):
    """The stored data differ from the data that were written.

    Attributes:
        seq: Number of the first bad event, or ``None`` if no single event is at fault.
    """

    def __init__(self, message: str, *, seq: int | None) -> None:
        self.seq = seq
        super().__init__(message)


class VaultKeyError(LedgerError):
    """The key-encryption key is missing, is a different one, or is readable by other users."""


class SubjectErased(LedgerError):
    """The person was erased: their key is destroyed, so their data can be neither stored nor read."""


class ErasureIncomplete(LedgerError):
    """The person's key and data are deleted, but old bytes may remain in a file. Erase again to clean up."""


class TrainingError(TavusError):
    """An error in the training of a replica.

    Attributes:
        replica: The last state that was read.
    """

    def __init__(self, message: str, replica: Replica) -> None:
        self.replica = replica
        super().__init__(message)


class TrainingFailed(TrainingError):
    """Tavus could not train the replica (status ``error``).

    Attributes:
        replica: The failed replica.
        error_type: The documented type, for example ``video_fps``, or ``None`` if the sentence is not documented.
        error_message: The sentence that Tavus sent, with links redacted, or ``None`` if it sent none.
        advice: The advice for this error.
    """

    def __init__(self, message: str, replica: Replica, *, error_type: TrainingErrorType | None, advice: str) -> None:
        super().__init__(message, replica)
        self.error_type = error_type
        self.error_message = replica.error_message and redact_text(replica.error_message)
        self.advice = advice


class TrainingTimeout(TrainingError, TimeoutError):
    """``wait`` timed out. Training continues at Tavus: call ``wait`` again, or rely on the callback."""


class ProcessingError(TavusError):
    """An error in creating a video or a voice, or in reading a document.

    Attributes:
        result: The last state that was read.
    """

    def __init__(self, message: str, result: Any) -> None:
        self.result = result
        super().__init__(message)


class ProcessingFailed(ProcessingError):
    """Tavus could not create the video or the voice, or read the document (status ``error``).

    Attributes:
        result: The failed video, document or voice.
        error_type: The documented type, for example ``audio_file_type``, or ``None`` if the sentence is not documented.
            Documents and voices have no documented types.
        error_message: The sentence that Tavus sent, with links redacted, or ``None`` if it sent none.
        advice: The advice for this error.
    """

    def __init__(
        self, message: str, result: Any, *, error_type: TrainingErrorType | None, error_message: str | None, advice: str
    ) -> None:
        super().__init__(message, result)
        self.error_type = error_type
        self.error_message = error_message and redact_text(error_message)
        self.advice = advice


class ProcessingTimeout(ProcessingError, TimeoutError):
    """``wait`` timed out. The work continues at Tavus: call ``wait`` again, or rely on the callback."""
