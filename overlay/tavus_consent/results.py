"""What calls give back: small, frozen, typed objects with ``None`` where Tavus said nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from attrs import field, fields, frozen

from ._redaction import redact_text, show_text

# Tavus uses several words for one state: ``completed`` in GET, ``ready`` in callbacks (facts of 2026-05-23).
READY_WORDS: Final = frozenset({"completed", "ready"})
FAILED_WORDS: Final = frozenset({"error"})


@frozen(kw_only=True, repr=False)
class Replica:
    """A replica as Tavus described it at one moment.

    Attributes:
        replica_id: For example ``rf4e9d9790f0``.
        status: Tavus's own word (``started``, ``completed``, ``ready``, ``error`` ...), as it came. Ask
            ``is_training``, ``is_ready`` and ``is_failed`` instead of comparing words.
        replica_name: Its name.
        training_progress: Text such as ``"40/100"``; ``progress`` is the number.
        model_name: For example ``phoenix-4``.
        replica_type: ``user`` or ``system`` (stock); sent only with ``verbose=True``.
        thumbnail_video_url: Link to a preview; a secret when it is presigned.
        error_message: Why training failed, as Tavus put it.
        created_at: Aware, in UTC.
        updated_at: Aware, in UTC.
        extra: Every field that this version does not know, and dates that it could not read.
    """

    replica_id: str
    status: str | None = None
    replica_name: str | None = None
    training_progress: str | None = None
    model_name: str | None = None
    replica_type: str | None = None
    thumbnail_video_url: str | None = None
    error_message: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)

    @property
    def is_ready(self) -> bool:
        """Trained and usable (``completed`` and ``ready`` are one state)."""
        return self.status in READY_WORDS

    @property
    def is_failed(self) -> bool:
        """Training failed for good; ``error_message`` says why."""
        return self.status in FAILED_WORDS

    @property
    def is_training(self) -> bool:
        """Neither ready nor failed. A status word that is not known counts as still training."""
        return not (self.is_ready or self.is_failed)

    @property
    def progress(self) -> float | None:
        """Training progress from 0.0 to 1.0, read from ``training_progress``; ``None`` when there is none."""
        match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", self.training_progress or "")
        if match is None or int(match[2]) == 0:
            return None
        return min(1.0, int(match[1]) / int(match[2]))

    @classmethod
    def _names(cls) -> Mapping[str, str]:
        """The attributes, by the names that they have in JSON and on the outside."""
        return _REPLICA_NAMES

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> Iterator[tuple[str, str]]:
        # Rich would read the fields past __repr__. What Tavus said, in their order; secrets can be within texts. Ids
        # look like keys, and are none.
        for name, attribute in self._names().items():
            value = getattr(self, attribute)
            if value is not None:
                yield name, (redact_text if name.endswith("_id") else show_text)(str(value))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data: dates in ISO 8601, absent fields left out, unknown fields included."""
        values = ((name, getattr(self, attribute)) for name, attribute in self._names().items())
        known = {name: value.isoformat() if name in _DATES else value for name, value in values if value is not None}
        return {**self.extra, **known}


@frozen(kw_only=True, repr=False)
class Face(Replica):
    """A replica under its newer name: the same object with the same id.

    Everything that a :class:`Replica` has is there; ``face_id``, ``face_name`` and ``face_type`` are its
    ``replica_id``, ``replica_name`` and ``replica_type``.

    Attributes:
        finetune_status: Second stage of phoenix-4.5: ``training``, ``completed`` or ``errored``; until it is over only
            a watermarked preview can be used.
        default_voice_id: The voice that it speaks with, or ``None``.
        original_voice_id: The voice that its training made, or ``None``.
    """

    finetune_status: str | None = None
    default_voice_id: str | None = None
    original_voice_id: str | None = None

    @property
    def face_id(self) -> str:
        """Its id, for example ``rf4e9d9790f0``."""
        return self.replica_id

    @property
    def face_name(self) -> str | None:
        """Its name."""
        return self.replica_name

    @property
    def face_type(self) -> str | None:
        """``user`` or ``system`` (stock); sent only with ``verbose=True``."""
        return self.replica_type

    @classmethod
    def _names(cls) -> Mapping[str, str]:
        return _FACE_NAMES


_REPLICA_NAMES: Final = {one.name: one.name for one in fields(Replica) if one.name != "extra"}
_FACE_NAMES: Final = {one.name.replace("replica_", "face_"): one.name for one in fields(Face) if one.name != "extra"}
_DATES: Final = ("created_at", "updated_at")

R = TypeVar("R", bound=Replica)


def replica_from_json(data: Mapping[str, Any], cls: type[R] = Replica) -> R:  # type: ignore[assignment]  # the default of R
    """Make a :class:`Replica` of an answer that was held against the spec.

    Args:
        data: A JSON object. Members that are not known go to ``extra``; so does a date in an unknown format, and what
            is no text: an operation may send members that its schema does not speak of.
        cls: :class:`Replica` or :class:`Face`.
    """
    names = cls._names()
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in data.items():
        if name not in names or not (value is None or isinstance(value, str)):
            extra[name] = value
        elif name in _DATES and value is not None:
            known[name] = parse_date(value)
            if known[name] is None:
                extra[name] = value
        else:
            known[names[name]] = value
    return cls(**known, extra=extra)


def parse_date(text: str) -> datetime | None:
    """Read a date in any of the formats that Tavus uses.

    ``2024-01-24T07:14:03.327Z``, ``2024-08-28 15:27:40.824457`` (no zone: UTC) and ``Mon, 14 Jul 2025 09:14:24 GMT``.

    Returns:
        An aware date in UTC, or ``None``.
    """
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
    try:
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@frozen(kw_only=True)
class CallInfo:
    """How one call went: what ``record_calls`` collects.

    Attributes:
        method: HTTP method.
        path: Path without query.
        status: HTTP status of the last answer, or ``None`` when there was none.
        headers: Headers of that answer, names in lower case, secrets redacted.
        request_id: The server's id for the request, or ``None``.
        attempts: How many attempts it took.
        elapsed: Seconds, pauses included.
    """

    method: str
    path: str
    status: int | None
    headers: Mapping[str, str]
    request_id: str | None
    attempts: int
    elapsed: float
