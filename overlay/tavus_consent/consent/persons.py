"""Persons and recordings: how they are identified, and the bars against them. Pure.

A person is identified by the application's own reference, otherwise by the normalized name. A recording is identified
by the SHA-256 of its bytes if they were read, otherwise by host and path of its link. A refusal binds the person and
the recording, not only the record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import IntFlag
from typing import Final, NamedTuple

from attrs import field, frozen

from tavus_consent.errors import (
    ConsentContradiction,
    ConsentError,
    ConsentMismatch,
    ConsentRequired,
    ConsentWithdrawn,
    EvidenceChanged,
)

from .states import RecordState, State
from .verdict import Verdict

PERSONAL: Final = ("reference", "name")
"""The kinds of values that find persons."""
RECORDINGS: Final = ("recording", "training")
"""The kinds of values that find recordings: of the statement, and used for training."""
NOBODY: Final = "nobody"
"""The owner of a recording that shows no real person."""
UNKNOWN: Final = ""
"""The owner of a recording after the person was erased."""

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_BETWEEN: Final = re.compile("[\\s.\u00b7\\-\u2010-\u2015\u2212]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")


class Bar(IntFlag):
    """The facts about a value from one record."""

    READ = 1
    """The bytes behind the link are known by their hash."""
    REPLACED = 2
    """The record has another recording by now. Later events of the record do not concern this one."""
    VOID = 4
    """The record was declared void."""
    ERASED = 8
    MISMATCH = 16
    """The words heard in the recording did not match."""
    MINOR = 32
    REFUSED = 64
    WITHDRAWN = 128


_NOTHING: Final = Bar(0)
_DATED: Final = Bar.MISMATCH | Bar.MINOR | Bar.REFUSED | Bar.WITHDRAWN
_SERVES_NOTHING: Final = Bar.WITHDRAWN | Bar.REFUSED | Bar.MISMATCH
_LET_GO: Final = Bar.REPLACED | Bar.VOID
"""The recording is free for others, unless another bar applies."""


@frozen
class Person:
    """The identity of a person.

    Attributes:
        name: The normalized name.
        reference: The application's own id of the person, or ``None``.
    """

    name: str = field(repr=False)
    reference: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, full_name: str, reference: str | None) -> Person:
        """Return the person with this name and reference."""
        return cls(name_key(full_name), reference)

    @property
    def known_by(self) -> tuple[str, str]:
        """Kind and value that identify the person."""
        return ("name", self.name) if self.reference is None else ("reference", self.reference)

    def marks(self, record_id: str = "", *, is_minor: bool = False) -> list[Mark]:
        """Return the marks that find a record of this person."""
        bars = int(Bar.MINOR) if is_minor else 0
        found = [Mark("name", self.name, record_id, UNKNOWN, bars)]
        if self.reference is not None:
            found.append(Mark("reference", self.reference, record_id, UNKNOWN, bars))
        return found


@frozen
class Recording:
    """The identity of a recording.

    Attributes:
        link: The keyed reference of its host and path.
        sha256: The SHA-256 of its bytes, if they were read.
    """

    link: str
    sha256: str | None = None

    @property
    def values(self) -> tuple[tuple[str, Bar], ...]:
        """The values that find a record with it, each with its bars."""
        if self.sha256 is None:
            return ((self.link, _NOTHING),)
        return (self.link, Bar.READ), (f"sha256:{self.sha256}", _NOTHING)

    def marks(self, kind: str, person: Person | str, record_id: str = "") -> list[Mark]:
        """Return the marks that find a record with it.

        Args:
            kind: ``recording`` for the statement, or ``training``.
            person: Its owner.
            record_id: The record, if it is known already.
        """
        return [Mark(kind, value, record_id, person, int(bars)) for value, bars in self.values]


class Mark(NamedTuple):
    """A value that finds a record.

    Attributes:
        kind: The kind of the value.
        value: The value, or its keyed reference.
        record_id: The record, set when the mark is written.
        person: The owner; matters for recordings.
        bars: The initial bars.
        since: Number of the event that added it.
        barred: Number of the event that added a bar.
    """

    kind: str
    value: str
    record_id: str = ""
    person: Person | str = UNKNOWN
    bars: int = 0
    since: int = 0
    barred: int = 0


class Found(NamedTuple):
    """The common facts of some records with the same value.

    Attributes:
        kind: The kind of the value.
        blind: The value's HMAC.
        person: Its blinded owner.
        bars: The bars.
        since: Number of the event that first added it.
        barred: Number of the last event that added a bar.
        record_id: One of the records.
    """

    kind: str
    blind: str
    person: str
    bars: int
    since: int
    barred: int
    record_id: str


def name_key(full_name: str) -> str:
    """Return a name without differences of case, accents, apostrophes, hyphens and spaces."""
    if full_name.isascii() and full_name.replace(" ", "").isalpha():  # of most names nothing else is left to do
        return " ".join(full_name.lower().split())
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", full_name).casefold())
    words = _BETWEEN.split(_ACCENTS.sub("", plain))
    return unicodedata.normalize("NFC", " ".join(filter(None, words)))


def bars_between(before: RecordState, after: RecordState) -> Bar:
    """Return the bars that an event adds to every value that finds its record."""
    found = Bar(0)
    # A withdrawal after a record was declared void only deletes what was made with it.
    if after.withdrawn_at is not None and before.withdrawn_at is None and before.state is not State.INVALIDATED:
        found |= Bar.WITHDRAWN
    was_checked = after.attempts > before.attempts
    if was_checked and after.verdict is Verdict.MISMATCH and before.verdict is not Verdict.MISMATCH:
        found |= Bar.MISMATCH
    for state, bar in ((State.REFUSED, Bar.REFUSED), (State.INVALIDATED, Bar.VOID), (State.ERASED, Bar.ERASED)):
        if after.state is state and before.state is not state:
            found |= bar
    return found


def bars_of_new(kind: str, bars: int, state: RecordState) -> int:
    """Return the initial bars of a value that an event adds.

    Args:
        kind: The kind of the value.
        bars: The known bars.
        state: The state of the record after the event.
    """
    is_heard = kind == RECORDINGS[0] and state.verdict is Verdict.MISMATCH
    return bars | int(Bar.MISMATCH if is_heard else 0)


def is_dated(bars: int) -> bool:
    """Return True if the time of these bars matters, because a later record may rest on a new decision."""
    return bool(bars & _DATED)


def check_person(found: Iterable[Found], *, began: int | None = None, after_withdrawal: bool = False) -> None:
    """Refuse a person who said no, unless they decided again.

    Args:
        found: The facts from other records of the person.
        began: Number of the record's first event, ``None`` for a new one. Earlier bars were decided with it.
        after_withdrawal: The person changed their mind.

    Raises:
        ConsentWithdrawn: The person withdrew.
        ConsentRequired: The person refused, or is under age.
    """
    for one in found:
        if began is not None and one.barred < began:
            continue
        if one.bars & Bar.WITHDRAWN and not after_withdrawal:
            raise _refusal(ConsentWithdrawn, "withdrawn", f"Record {one.record_id} of the person was withdrawn.", _ANEW)
        if one.bars & Bar.VOID:
            continue
        if one.bars & Bar.REFUSED and not after_withdrawal:
            raise _refusal(ConsentRequired, "refused", f"This person refused, see record {one.record_id}.", _ANEW)
        if one.bars & Bar.MINOR:
            raise _refusal(
                ConsentRequired,
                "minor",
                f"Record {one.record_id} says that this person is under age. If that is wrong, declare that "
                "record void with consents.invalidate and a reason.",
                _ELSE,
            )


def check_personal(found: Iterable[Found], *, person: str, held: Mapping[str, int], only_bars: bool = False) -> None:
    """Refuse a recording that can no longer be used, or that belongs to another person.

    Args:
        found: The facts from other records.
        person: The blinded owner of this record.
        held: The values that find this record itself, each with the number of the event that added it.
        only_bars: Do not check the owner; the create does so.

    Raises:
        ConsentContradiction: An attestation says that it shows no real person.
        ConsentWithdrawn: A record with it was withdrawn.
        ConsentRequired: The person in it refused.
        ConsentMismatch: The words heard in it did not match.
        EvidenceChanged: It belongs to another person.
    """
    for one in found:
        if one.person == NOBODY:
            if not one.bars & (Bar.WITHDRAWN | Bar.VOID | Bar.ERASED):
                raise _refusal(
                    ConsentContradiction,
                    "attested",
                    f"Record {one.record_id} attests that this recording shows no real person. If that "
                    "is wrong, withdraw that record.",
                )
            continue
        is_other = not is_same(person, one.person)
        if is_other and one.since > held.get(one.blind, one.since):
            continue
        _check_serves(one)
        if is_other and not only_bars and not one.bars & _LET_GO:
            raise _refusal(
                EvidenceChanged,
                "another_person",
                "This recording already belongs to another person; use one recording per person. See record "
                f"{one.record_id}: if it is a mistake, declare it void with consents.invalidate.",
            )


def check_non_human(found: Iterable[Found]) -> None:
    """Refuse to train a recording as non-human if it shows a person.

    Raises:
        ConsentContradiction: A person's record has this recording.
        ConsentWithdrawn: The attestation was withdrawn.
    """
    for one in found:
        if one.person == NOBODY:
            if one.bars & Bar.WITHDRAWN:
                raise _refusal(
                    ConsentWithdrawn,
                    "recording_withdrawn",
                    f"The attestation that this recording shows no person was withdrawn, see record {one.record_id}.",
                )
        elif not one.bars & _LET_GO or one.bars & _SERVES_NOTHING:
            raise _refusal(
                ConsentContradiction,
                "shows_a_person",
                f"This recording belongs to the consent record {one.record_id}, so it shows a real person.",
            )


def check_serves(found: Iterable[Found]) -> None:
    """Refuse a recording that can no longer be used for anything.

    Raises:
        ConsentWithdrawn: A record with it was withdrawn.
        ConsentRequired: The person in it refused.
        ConsentMismatch: The words heard in it did not match.
    """
    list(map(_check_serves, found))


def is_same(one: str, other: str) -> bool:
    """Return True if two blinded persons are the same: by reference if both have one, otherwise by name."""
    (reference, _, name), (another, _, namesake) = one.partition("."), other.partition(".")
    if not (name and namesake):
        return False
    return reference == another if reference and another else name == namesake


def _check_serves(one: Found) -> None:
    if one.bars & Bar.WITHDRAWN:
        raise _refusal(ConsentWithdrawn, "recording_withdrawn", f"Record {one.record_id} was withdrawn.", _USED_UP)
    if one.bars & Bar.REFUSED:
        raise _refusal(
            ConsentRequired, "recording_refused", f"The person refused, see record {one.record_id}.", _USED_UP
        )
    if one.bars & Bar.MISMATCH:
        said = f"The words heard in this recording did not match, see record {one.record_id}."
        raise _refusal(ConsentMismatch, "recording_mismatch", said, _USED_UP)


_ELSE: Final = "If this is another person, pass a reference= of their own."
_ANEW: Final = (
    "If they decided anew, begin a record with consents.request(after_withdrawal=True), and record the statement anew. "
    + _ELSE
)
_USED_UP: Final = "Its recordings can no longer be used: record the statement again."


def _refusal(kind: type[ConsentError], reason: str, *said: str) -> ConsentError:
    return kind(" ".join(said), field="consent", reason=reason)
