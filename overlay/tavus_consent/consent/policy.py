"""What a consent record must have reached before a replica is trained. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Literal

from attrs import field, frozen

from tavus_consent._arguments import check_has, check_list
from tavus_consent._frames import hides_locals
from tavus_consent.errors import (
    ConfigurationError,
    ConsentContradiction,
    ConsentError,
    ConsentExpired,
    ConsentMismatch,
    ConsentRequired,
    ConsentWithdrawn,
    EvidenceChanged,
)

from .record import ConsentRecord
from .states import RecordState, State
from .verdict import Verdict

Rule = Callable[[ConsentRecord, datetime], str | None]
"""A rule of one's own: what is missing, in a sentence without personal data, or ``None``."""


def _rules(value: Iterable[Rule]) -> tuple[Rule, ...]:
    rules = check_list(value, "rules") if not callable(value) else (value,)
    for rule in rules:
        check_has(rule, "rules", names=("__call__",), takes="functions", kind=ConfigurationError)
    return rules


_NOT_GIVEN: Final = {
    State.NONE: "There is no such consent record.",
    State.REQUESTED: "Nobody has recorded the statement yet: add the recording with consents.add_evidence.",
    State.REFUSED: "The person refused.",
    State.LAPSED: "The request lapsed without an answer; ask again, with a new record.",
    State.INVALIDATED: "The consent was declared invalid; ask again, with a new record.",
    State.ERASED: "The person was erased; ask again, with a new record.",
    State.UNSOUND: "The events of this record contradict each other or cannot be read: see ledger verify.",
}


@hides_locals
@frozen(kw_only=True)
class ConsentPolicy:
    """What must be so before a replica is trained.

    Whatever the policy, these always hold: withdrawn, refused, erased and expired consent trains nothing, and neither
    does that of a minor, nor a recording that a check found not to match or that is not the one that was checked.

    Args:
        requires: ``"recorded"``: there is a recording, and nothing that was heard speaks against it. ``"verified"``: a
            check passed, or a named person lifted its doubt with a reason.
        rules: Rules of one's own, asked last.

    Raises:
        ConfigurationError: ``requires`` is another word.
    """

    requires: Literal["recorded", "verified"] = field(default="recorded")
    rules: tuple[Rule, ...] = field(default=(), converter=_rules)

    @requires.validator
    def _check_requires(self, _attribute: object, value: str) -> None:
        if value not in ("recorded", "verified"):
            raise ConfigurationError("a ConsentPolicy requires 'recorded' or 'verified'")

    def admit(
        self,
        record: ConsentRecord,
        *,
        now: datetime,
        found_sha256: str | None = None,
        used_by: str | None = None,
    ) -> str | None:
        """Decide whether a replica may be trained with this consent.

        Args:
            record: The record.
            now: The present, from the clock.
            found_sha256: Hex SHA-256 of the recording as it was read right before the create, if it was.
            used_by: ``subject_ref`` of the person whose record already has a recording with these bytes.

        Returns:
            The basis of the ``given`` event that has to be written first, or ``None`` when nothing has to be.

        Raises:
            ConsentRequired: It is missing, or not far enough.
            ConsentContradiction: The record says that no real person is shown.
            ConsentExpired: Its end has passed.
            ConsentWithdrawn: The person took it back.
            ConsentMismatch: What was heard does not match, or nobody has looked at a doubt.
            EvidenceChanged: The recording is another one, or somebody else's.
        """
        state = record.state.at(now)
        _check_standing(state, now)
        _check_evidence(state, found_sha256, used_by)
        if record.terms is not None and record.terms.adult is False:
            raise _refusal(ConsentRequired, "minor", "The person is not of age, so their own consent is not enough.")
        basis = self._basis(state)
        for rule in self.rules:
            missing = rule(record, now)
            if missing is not None:
                raise ConsentRequired(missing, field="consent", reason="rule")
        return basis

    def _basis(self, state: RecordState) -> str | None:
        if state.state is State.GIVEN and (self.requires == "recorded" or state.basis in ("verified", "reviewed")):
            return None
        if state.verdict is Verdict.PASS:
            return "verified"
        if self.requires == "recorded":
            return "recorded"
        raise _refusal(
            ConsentRequired,
            "not_verified",
            "The policy asks for a check that passed, and there is none: verify the recording with consents.verify, "
            "or let a named person review it.",
        )


def _check_standing(state: RecordState, now: datetime) -> None:
    if state.withdrawn_at is not None:
        raise _refusal(ConsentWithdrawn, "withdrawn", "The person withdrew this consent. It cannot be used again.")
    if state.state in _NOT_GIVEN:
        raise _refusal(ConsentRequired, str(state.state), _NOT_GIVEN[state.state])
    if state.state is State.ATTESTED:
        raise _refusal(
            ConsentContradiction, "attested", "The record says that no real person is shown; use create_non_human."
        )
    if state.state is State.EXPIRED or state.expires_at is None or now >= state.expires_at:
        raise _refusal(ConsentExpired, "expired", "The consent has ended. Ask for it again, with a new record.")


def _check_evidence(state: RecordState, found_sha256: str | None, used_by: str | None) -> None:
    if state.verdict is Verdict.MISMATCH:
        raise _refusal(
            ConsentMismatch,
            "mismatch",
            "What was heard is not the statement with this name. Record it again, word for word.",
        )
    if state.state is State.REVIEW or not state.matches:
        raise _refusal(
            ConsentMismatch,
            "review",
            "A check left a doubt: a named person has to look at it, and to say why it is lifted.",
        )
    checked = state.evidence.sha256 if state.evidence else None
    if found_sha256 is not None and checked is not None and found_sha256 != checked:
        raise _refusal(
            EvidenceChanged, "changed", "The recording at the link is not the one that was checked. Check it again."
        )
    if used_by is not None and used_by != state.subject_ref:
        raise _refusal(
            EvidenceChanged, "another_person", "This recording already serves another person; one recording is for one."
        )


def _refusal(kind: type[ConsentError], reason: str, message: str) -> ConsentError:
    return kind(message, field="consent", reason=reason)
