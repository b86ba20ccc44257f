"""The policy: the state that a consent record must have before a replica is trained. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import field, frozen

from tavus_consent._arguments import check_count, check_has, check_list
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
    InvalidRequestError,
)

from .checks import REQUIREMENTS, Requires, basis_of, fulfils
from .record import ConsentRecord, ConsentTerms
from .states import RecordState, State
from .verdict import Verdict

if TYPE_CHECKING:
    from attrs import Attribute

Rule = Callable[[ConsentRecord, datetime], str | None]
"""A custom rule. Returns what is missing, in a sentence without personal data, or ``None``."""


def _rules(value: Iterable[Rule]) -> tuple[Rule, ...]:
    rules = check_list(value, "rules") if not callable(value) else (value,)
    for rule in rules:
        check_has(rule, "rules", names=("__call__",), takes="functions", kind=ConfigurationError)
    return rules


def _one_of(*values: str) -> Callable[[object, Attribute[Any], object], None]:
    def check(_instance: object, attribute: Attribute[Any], value: object) -> None:
        if value not in values:
            listed = " or ".join(map(repr, values))
            raise ConfigurationError(f"a ConsentPolicy takes {attribute.name}={listed}")

    return check


_NOT_GIVEN: Final = {
    State.NONE: "There is no such consent record.",
    State.REQUESTED: "The statement has not been recorded yet: add the recording with consents.add_evidence.",
    State.REFUSED: "The person refused.",
    State.LAPSED: "The request expired without an answer; ask again, with a new record.",
    State.INVALIDATED: "The consent was declared invalid; ask again, with a new record.",
    State.ERASED: "The person was erased; ask again, with a new record.",
    State.UNSOUND: "The events of this record contradict each other or cannot be read: see ledger verify.",
}
_MISSING: Final = {
    "transcribed": (
        "The policy requires a check that passed, and there is none: call consents.verify with the transcript and the "
        "engine that wrote it."
    ),
    "verified": (
        "The policy requires a check that passed, in which a recognizer listened to the recording, and there is none. "
        "Call consents.verify with a transcriber and the recording, or use preflight=. A supplied transcript "
        "is not enough, unless a named person also listens (consents.review)."
    ),
}


@hides_locals
@frozen(kw_only=True)
class ConsentPolicy:
    """The requirements for training a replica.

    Some rules apply under every policy. Withdrawn, refused, erased and expired consent trains nothing, and neither does
    a minor's. The same applies to a recording that a check found not to match, or that is not the one that was checked.

    Args:
        requires: ``"recorded"``: there is a recording, and no check counts against it. ``"transcribed"``: also, a text
            by a named engine matches the statement. ``"verified"``: also, a recognizer listened to the recording and it
            matches, or a named person listened and gave a reason.
        after_expiry: ``"refuse"`` or ``"warn"``: what a use of a likeness does once the consent has expired.
        unknown: ``"allow"`` or ``"refuse"``: what a use does for a likeness that the ledger does not know. The stock
            likenesses of Tavus are always allowed.
        likenesses: How many replicas, faces or voices a consent may have at once; ``None`` for any number, with a
            :class:`~tavus_consent.DuplicateWarning` for each further one. Replicas and faces count together, voices
            apart.
        purposes: ``"optional"``: a request may name no purposes. ``"any"``: it names them, and a likeness may be used
            for any. ``"declared"``: also, every use names its purpose, and that is one of the ``intended_uses``.
        adult: ``"stated"``: a request states whether the person is of age. ``"optional"``: it may leave this open.
        on_expiry: ``"keep"``, or ``"delete"``: ``consents.sweep`` withdraws expired consents and deletes what was made
            with them.
        rules: Custom rules, applied last.

    Raises:
        ConfigurationError: A value is not one of these.
    """

    requires: Requires = field(default="recorded")
    after_expiry: Literal["refuse", "warn"] = field(default="refuse", validator=_one_of("refuse", "warn"))
    unknown: Literal["allow", "refuse"] = field(default="allow", validator=_one_of("allow", "refuse"))
    likenesses: int | None = field(default=None)
    purposes: Literal["optional", "any", "declared"] = field(
        default="any", validator=_one_of("optional", "any", "declared")
    )
    adult: Literal["stated", "optional"] = field(default="stated", validator=_one_of("stated", "optional"))
    on_expiry: Literal["keep", "delete"] = field(default="keep", validator=_one_of("keep", "delete"))
    rules: tuple[Rule, ...] = field(default=(), converter=_rules)

    @likenesses.validator
    def _check_likenesses(self, _attribute: object, value: int | None) -> None:
        if value is not None:
            check_count(value, "likenesses", kind=ConfigurationError)

    @requires.validator
    def _check_requires(self, _attribute: object, value: str) -> None:
        if value not in REQUIREMENTS:
            raise ConfigurationError("a ConsentPolicy requires 'recorded', 'transcribed' or 'verified'")

    def check_terms(self, terms: ConsentTerms) -> None:
        """Refuse the terms of a request that leave open what this policy requires.

        Raises:
            InvalidRequestError: The purposes are not named, or ``adult`` is not stated.
        """
        if self.purposes != "optional" and not terms.intended_uses:
            raise InvalidRequestError(
                "intended_uses: name what the replica is for, as the person was told. To allow a request without "
                "purposes, use ConsentPolicy(purposes='optional').",
                field="intended_uses",
                reason="missing",
            )
        if self.adult != "optional" and terms.adult is None:
            raise InvalidRequestError(
                "adult: state True if the person is of age, or False if not. To allow a request that leaves this open, "
                "use ConsentPolicy(adult='optional').",
                field="adult",
                reason="missing",
            )

    def admit(
        self,
        record: ConsentRecord,
        *,
        now: datetime,
        found_sha256: str | None = None,
    ) -> str | None:
        """Check that a replica may be trained with this consent.

        Args:
            record: The record.
            now: The present, from the clock.
            found_sha256: Hex SHA-256 of the recording as read right before the create, if it was read.

        Returns:
            The basis of the ``given`` event to write first, or ``None`` if no event is needed.

        Raises:
            ConsentRequired: The consent is missing or incomplete.
            ConsentContradiction: The record says that no real person is shown.
            ConsentExpired: The consent has expired.
            ConsentWithdrawn: The person withdrew it.
            ConsentMismatch: The words heard do not match, or a doubt is open.
            EvidenceChanged: The recording is a different one.
        """
        state = record.state.at(now)
        _check_standing(state, now)
        _check_evidence(state, found_sha256)
        if record.terms is not None and record.terms.adult is False:
            raise _refusal(ConsentRequired, "minor", "The person is under age, so their own consent is not enough.")
        basis = self._basis(state)
        for rule in self.rules:
            missing = rule(record, now)
            if missing is not None:
                raise ConsentRequired(missing, field="consent", reason="rule")
        return basis

    def admit_use(self, record: ConsentRecord, *, now: datetime, use: str | None) -> str | None:
        """Check that a likeness of a record may be used.

        Args:
            record: The record. Only ``purposes="declared"`` needs its terms.
            now: The present, from the clock.
            use: The purpose of the use, if it was named.

        Returns:
            A warning, or ``None``.

        Raises:
            ConsentWithdrawn: The consent was withdrawn or declared invalid, or the person was erased.
            ConsentExpired: The consent has expired.
            ConsentMismatch: A check of the recording did not match, or left a doubt.
            ConsentRequired: The record cannot be read, or the purpose is not one of the intended uses.
        """
        state = record.state.at(now)
        if state.withdrawn_at is not None or state.state in _ENDED:
            raise _refusal(
                ConsentWithdrawn,
                "withdrawn" if state.withdrawn_at is not None else str(state.state),
                "The consent behind this likeness has ended. It cannot be used again: use another likeness.",
            )
        if state.is_attestation:
            return None
        warning = None
        if state.state is State.EXPIRED:
            warning = "The consent behind this likeness has expired. Ask the person again, with a new record."
            if self.after_expiry == "refuse":
                raise _refusal(ConsentExpired, "expired", warning)
        else:
            _check_standing(state, now)
            _check_evidence(state, None)
        if self.purposes == "declared":
            _check_purpose(record, use)
        return warning

    def _basis(self, state: RecordState) -> str | None:
        if state.state is State.GIVEN and fulfils(state.basis, self.requires):
            return None
        found = basis_of(state.checks)
        if fulfils(found, self.requires):
            return found
        raise _refusal(ConsentRequired, f"not_{self.requires}", _MISSING[self.requires])


_ENDED: Final = frozenset({State.INVALIDATED, State.ERASED})


def _check_purpose(record: ConsentRecord, use: str | None) -> None:
    intended = () if record.terms is None else record.terms.intended_uses
    if use is None:
        message = "The policy asks for the purpose of every use: pass use=, one of the record's intended_uses."
        raise ConsentRequired(message, field="use", reason="missing")
    if use not in intended:
        message = "The person did not consent to this purpose: use= must be one of the record's intended_uses."
        raise ConsentRequired(message, field="use", reason="undeclared")


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
        raise _refusal(ConsentExpired, "expired", "The consent has expired. Ask for it again, with a new record.")


def _check_evidence(state: RecordState, found_sha256: str | None) -> None:
    if state.verdict is Verdict.MISMATCH:
        raise _refusal(
            ConsentMismatch,
            "mismatch",
            "The words heard are not the statement with this name. Record it again, word for word: only another "
            "recording resolves this, one with another SHA-256 or at another address.",
        )
    if state.state is State.REVIEW or not state.matches:
        raise _refusal(
            ConsentMismatch,
            "review",
            "A check left a doubt: a named person has to listen and give the reason for lifting it.",
        )
    checked = state.evidence.sha256 if state.evidence else None
    if found_sha256 is not None and checked is not None and found_sha256 != checked:
        raise _refusal(
            EvidenceChanged, "changed", "The recording at the link is not the one that was checked. Check it again."
        )


def _refusal(kind: type[ConsentError], reason: str, message: str) -> ConsentError:
    return kind(message, field="consent", reason=reason)
