"""The reports of a withdrawal and of a reconciled create. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import fields, frozen

from .record import ConsentRecord
from .states import State

Outcome = Literal["found", "absent", "unknown", "waiting"]


@frozen(kw_only=True)
class Remaining:
    """An item that remains, or may remain, after a withdrawal.

    Attributes:
        kind: The kind of item: ``replica``, ``voice``, ``video``, ``conversation``, ``speech``, ``lipsync``,
            ``replacement``, ``deployment``, ``persona``, ``pal`` or ``memory_store``; ``create`` or ``use`` if Tavus's
            answer to a request was lost; ``recording``. The plural, such as ``videos``, stands for a list that has to
            be looked through.
        id: Its id; for a create or a use, the ledger's id of the request. Lists and ``recording`` have none.
        why: The reason that it remains, in a sentence.
        who: Who must act: ``"controller"``, or ``"sdk"``, in which case ``resume_withdrawals`` tries again.
    """

    kind: str
    id: str
    why: str
    who: Literal["controller", "sdk"]


@frozen(kw_only=True)
class WithdrawalReport:
    """The progress of a withdrawal.

    Attributes:
        record: The record as it stands now.
        deleted: Replicas and faces that were deleted and are confirmed to be gone.
        voices: Voices that were deleted and are confirmed to be gone.
        videos: Videos that were deleted and are confirmed to be gone.
        conversations: Conversations that were ended, deleted and are confirmed to be gone.
        deployments: Deployments that are confirmed to be stopped or gone.
        lipsyncs: Lipsyncs that were deleted and are confirmed to be gone.
        replacements: Replacements that were deleted and are confirmed to be gone.
        memory_stores: Memory stores that were deleted and are confirmed to be gone.
        remaining: What is left, and who must act.
        renewed: The records that this one renews, and that were withdrawn with it.
    """

    record: ConsentRecord
    deleted: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    deployments: tuple[str, ...] = ()
    lipsyncs: tuple[str, ...] = ()
    replacements: tuple[str, ...] = ()
    memory_stores: tuple[str, ...] = ()
    remaining: tuple[Remaining, ...] = ()
    renewed: tuple[ConsentRecord, ...] = ()

    @property
    def complete(self) -> bool:
        """True if everything that the SDK can delete is deleted. Tasks for others may still be in ``remaining``."""
        return all(one.status is State.WITHDRAWN for one in (self.record, *self.renewed))

    @classmethod
    def _of(cls, reports: Sequence[WithdrawalReport]) -> WithdrawalReport:
        """Return one report about the record of the first, and about those that it renews."""
        lists = [one.name for one in fields(cls) if one.name not in ("record", "renewed")]
        merged = {name: tuple(dict.fromkeys(item for one in reports for item in getattr(one, name))) for name in lists}
        return cls(record=reports[0].record, renewed=tuple(one.record for one in reports[1:]), **merged)


@frozen(kw_only=True)
class Reconciliation:
    """The result of looking up a create without a recorded outcome.

    Attributes:
        record_id: The record of the create.
        intent_id: The create.
        outcome: ``found``: it made ``replica_id``, which is now bound to the record. ``absent``: it made nothing.
            ``unknown``: one of ``candidates`` may be it, or it is a voice, which Tavus's list does not identify; a
            person has to decide. ``waiting``: it may still be in progress.
        replica_id: The replica, face or voice that it made.
        candidates: Replicas that it may have made.
    """

    record_id: str
    intent_id: str
    outcome: Outcome
    replica_id: str | None = None
    candidates: tuple[str, ...] = ()
