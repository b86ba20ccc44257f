"""Result objects of calls: small, frozen, typed, with ``None`` for values that Tavus did not send."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from attrs import frozen

from tavus_api import models
from tavus_api.types import Unreadable, date

if TYPE_CHECKING:
    from tavus_api.types import Members, Result

# Tavus uses several words for one state: ``completed`` in GET, ``ready`` in callbacks (as of 2026-05-23).
READY_WORDS: Final = frozenset({"completed", "ready"})
FAILED_WORDS: Final = frozenset({"error"})
# These train in two stages: a watermarked preview, then the finetuned likeness (as of 2026-11-28).
TWO_STAGE_MODELS: Final = frozenset({"phoenix-4.5"})
_TUNED: Final = "completed"
_TUNING_FAILED: Final = "errored"


def is_unfinished(stage: object) -> bool:
    """Return True if a likeness with this ``finetune_status`` is only a preview. An unknown word counts as one."""
    return stage != _TUNED


def has_failed(stage: object) -> bool:
    """Return True if this ``finetune_status`` says that the second stage failed."""
    return stage == _TUNING_FAILED


@frozen(kw_only=True, repr=False)
class Replica(models.Replica):
    """A replica as Tavus described it at one moment.

    Its ``status`` is Tavus's own word (``started``, ``completed``, ``ready``, ``error`` ...), unchanged. Use
    ``is_training``, ``is_ready`` and ``is_failed`` instead of comparing words.

    Models such as phoenix-4.5 train in two stages. Tavus documents no ``finetune_status`` in a replica's answers. If
    there is none, the second stage counts as done: read the :class:`Face` of the same id, or wait for the replica.
    """

    @property
    def is_ready(self) -> bool:
        """True if training has ended and it is no preview (``completed`` and ``ready`` are one state)."""
        return self.status in READY_WORDS and not self.is_preview

    @property
    def is_preview(self) -> bool:
        """True if it can be used, but only as a watermarked preview: it is not finetuned, or finetuning failed."""
        stage = self._stage
        if stage is None and (self.model_name not in TWO_STAGE_MODELS or self.replica_type == "system"):
            return False
        return self.status in READY_WORDS and is_unfinished(stage)

    @property
    def is_failed(self) -> bool:
        """True if training failed permanently; ``error_message`` gives the reason. A preview may remain usable."""
        return self.status in FAILED_WORDS or has_failed(self._stage)

    @property
    def is_training(self) -> bool:
        """True if neither ready nor failed. A preview and an unknown status word count as still training."""
        return not (self.is_ready or self.is_failed)

    @property
    def _stage(self) -> object:
        return self.extra.get("finetune_status", _TUNED)

    @property
    def progress(self) -> float | None:
        """Training progress from 0.0 to 1.0, read from ``training_progress``; ``None`` if there is none."""
        match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", self.training_progress or "")
        if match is None or int(match[2]) == 0:
            return None
        return min(1.0, int(match[1]) / int(match[2]))


@frozen(kw_only=True, repr=False)
class Face(Replica):
    """A replica under its newer name: the same object with the same id.

    It has everything that a :class:`Replica` has; ``face_id``, ``face_name`` and ``face_type`` are its ``replica_id``,
    ``replica_name`` and ``replica_type``.

    Attributes:
        finetune_status: Second stage of phoenix-4.5: ``None``, ``training``, ``completed`` or ``errored``. Until it is
            ``completed``, only a watermarked preview can be used: see ``is_preview``.
        default_voice_id: Its voice, or ``None``.
        original_voice_id: The voice that its training created, or ``None``.
    """

    _members: ClassVar[Members] = {
        name: (attribute.replace("face_", "replica_"), reader)
        for name, (attribute, reader) in models.Face._members.items()
    }
    _required: ClassVar[frozenset[str]] = models.Face._required

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

    @property
    def _stage(self) -> object:
        return self.finetune_status

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for name, text in super().__rich_repr__():
            yield name.replace("replica_", "face_"), text


R = TypeVar("R", bound="Result")
Likeness = TypeVar("Likeness")


class Candidates(tuple[Likeness, ...]):
    """The replicas or faces that a create may have made: likely ones first, then doubtful ones.

    It is a tuple of both. It is empty only if the create most probably made nothing.

    Attributes:
        doubtful: Those that were created outside the time of the call. They are here because the clocks of this
            machine and of Tavus may differ by more than an answer showed.
    """

    doubtful: tuple[Likeness, ...]

    def __new__(cls, likely: Iterable[Likeness] = (), doubtful: Iterable[Likeness] = ()) -> Self:
        """Return the candidates."""
        less_likely = tuple(doubtful)
        made = super().__new__(cls, (*likely, *less_likely))
        made.doubtful = less_likely
        return made

    @property
    def likely(self) -> tuple[Likeness, ...]:
        """Those that were created during the call."""
        return self[: len(self) - len(self.doubtful)]


def adopt(cls: type[R], model: Result) -> R:
    """Convert the result of a generated function to a :class:`Replica` or a :class:`Face`.

    Args:
        cls: The class.
        model: The whole object, or the answer to a create.
    """
    if type(model)._members.keys() != cls._members.keys():
        return cls.from_json(model.to_dict())
    known = {ours: getattr(model, name) for name, (ours, _) in cls._members.items()}
    return cls(**known, extra=model.extra)


def parse_date(text: str) -> datetime | None:
    """Read a date in any of Tavus's formats, as an aware date in UTC; return None if it is none of them."""
    try:
        return date(text)
    except Unreadable:
        return None


@frozen(kw_only=True)
class CallInfo:
    """The record of one call, as ``record_calls`` collects it.

    Attributes:
        method: HTTP method.
        path: Path without query.
        status: HTTP status of the last answer, or ``None`` without an answer.
        headers: Headers of that answer, names in lower case, secrets redacted.
        request_id: The server's id for the request, or ``None``.
        attempts: The number of attempts.
        elapsed: Seconds, including pauses.
    """

    method: str
    path: str
    status: int | None
    headers: Mapping[str, str]
    request_id: str | None
    attempts: int
    elapsed: float
