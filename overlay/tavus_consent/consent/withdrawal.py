"""What is told of a withdrawal and of a create that was looked up. Pure."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from .record import ConsentRecord
from .states import State

Outcome = Literal["found", "absent", "unknown", "waiting"]


@frozen(kw_only=True)
class Remaining:
    """Something that is left after a withdrawal, or may be.

    Attributes:
        kind: ``replica``, ``video``, ``videos``, ``conversations``, ``create`` or ``recording``.
        id: Its id; of ``videos`` and ``recording`` there is none, of ``conversations`` it is the replica's.
        why: Why it is still there, in a sentence.
        who: Who must act: ``"controller"``, or ``"sdk"``: then ``resume_withdrawals`` tries again.
    """

    kind: str
    id: str
    why: str
    who: Literal["controller", "sdk"]


@frozen(kw_only=True)
class WithdrawalReport:
    """How far a withdrawal has come.

    Attributes:
        record: The record as it stands now.
        deleted: Replicas that were deleted and are confirmed to be gone.
        videos: Videos that were deleted and are confirmed to be gone.
        remaining: What is left, and who must act.
    """

    record: ConsentRecord
    deleted: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    remaining: tuple[Remaining, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all that this package knows of is gone. What others must see to is in ``remaining`` all the same."""
        return self.record.status is State.WITHDRAWN


@frozen(kw_only=True)
class Reconciliation:
    """What was found out about a create of which nobody had written how it ended.

    Attributes:
        record_id: The record that it rests on.
        intent_id: The create.
        outcome: ``found``: it made ``replica_id``, which is now bound to the record. ``absent``: it made nothing.
            ``unknown``: one of ``candidates`` may be it; a person has to say. ``waiting``: it may still be under way.
        replica_id: The replica that it made.
        candidates: Replicas that it may have made.
    """

    record_id: str
    intent_id: str
    outcome: Outcome
    replica_id: str | None = None
    candidates: tuple[str, ...] = ()
