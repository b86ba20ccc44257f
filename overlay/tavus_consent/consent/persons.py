"""Persons and recordings: what they are known by, and what stands against them. Pure.

A person is known by the application's own reference, otherwise by the normalized name. A recording is known by the
SHA-256 of its bytes where somebody read them, otherwise by host and path of its link. What a person said no to binds
the person and the recording, not only the record.
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
"""What persons are found by."""
RECORDINGS: Final = ("recording", "training")
"""What recordings are found by: those of the statement, and what was trained with."""
NOBODY: Final = "nobody"
"""Whose a recording is that shows no real person."""
UNKNOWN: Final = ""
"""Whose a recording is once the person was erased."""

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_BETWEEN: Final = re.compile("[\\s.\u00b7\\-\u2010-\u2015\u2212]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")


class Bar(IntFlag):
    """What is known of a value through one record."""

    READ = 1
    """The bytes behind the link are known by their hash."""
    REPLACED = 2
    """The record has another recording by now. What happens to it afterwards is not about this one."""
    VOID = 4
    """The record was declared void."""
    ERASED = 8
    MISMATCH = 16
    """What was heard in the recording did not match."""
    MINOR = 32
    REFUSED = 64
    WITHDRAWN = 128


_NOTHING: Final = Bar(0)
_DATED: Final = Bar.MISMATCH | Bar.MINOR | Bar.REFUSED | Bar.WITHDRAWN
_SERVES_NOTHING: Final = Bar.WITHDRAWN | Bar.REFUSED | Bar.MISMATCH
_LET_GO: Final = Bar.REPLACED | Bar.VOID
"""The recording is free for others, unless something stands against it."""


@frozen
class Person:
    """What a person is known by.

    Attributes:
        name: The normalized name.
        reference: The application's own id of the person, or ``None``.
    """

    name: str = field(repr=False)
    reference: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, full_name: str, reference: str | None) -> Person:
        """The person with this name and reference."""
        return cls(name_key(full_name), reference)

    @property
    def known_by(self) -> tuple[str, str]:
        """Kind and value of what decides who this is."""
        return ("name", self.name) if self.reference is None else ("reference", self.reference)

    def marks(self, record_id: str = "", *, is_minor: bool = False) -> list[Mark]:
        """What a record of this person is found by."""
        bars = int(Bar.MINOR) if is_minor else 0
        found = [Mark("name", self.name, record_id, UNKNOWN, bars)]
        if self.reference is not None:
            found.append(Mark("reference", self.reference, record_id, UNKNOWN, bars))
        return found


@frozen
class Recording:
    """What a recording is known by.

    Attributes:
        link: The keyed reference of its host and path.
        sha256: Of its bytes, if somebody read them.
    """

    link: str
    sha256: str | None = None

    @property
    def values(self) -> tuple[tuple[str, Bar], ...]:
        """The values that a record with it is found by, each with what is known of it."""
        if self.sha256 is None:
            return ((self.link, _NOTHING),)
        return (self.link, Bar.READ), (f"sha256:{self.sha256}", _NOTHING)

    def marks(self, kind: str, person: Person | str, record_id: str = "") -> list[Mark]:
        """What a record with it is found by."""
        return [Mark(kind, value, record_id, person, int(bars)) for value, bars in self.values]


class Mark(NamedTuple):
    """A value that a record is found by.

    Attributes:
        kind: What the value is.
        value: The value, or the keyed reference of it.
        record_id: The record; known when it is written.
        person: Whose it is: matters for recordings.
        bars: What is known of it from the beginning.
        since: Number of the event that brought it.
        barred: Number of the event that brought what stands against it.
    """

    kind: str
    value: str
    record_id: str = ""
    person: Person | str = UNKNOWN
    bars: int = 0
    since: int = 0
    barred: int = 0


class Found(NamedTuple):
    """What some records with the same value have in common.

    Attributes:
        kind: What the value is.
        blind: The value's HMAC.
        person: Whose it is, blinded.
        bars: What is known of it.
        since: Number of the event that brought it first.
        barred: Number of the last event that brought something against it.
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
    """A name without what people write in different ways: case, accents, apostrophes, hyphens and spaces."""
    if full_name.isascii() and full_name.replace(" ", "").isalpha():  # of most names nothing else is left to do
        return " ".join(full_name.lower().split())
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", full_name).casefold())
    words = _BETWEEN.split(_ACCENTS.sub("", plain))
    return unicodedata.normalize("NFC", " ".join(filter(None, words)))


def bars_between(before: RecordState, after: RecordState) -> Bar:
    """What an event adds to everything that its record is found by."""
    found = Bar(0)
    # A withdrawal after a record was declared void only deletes what came of it.
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
    """What is known from the beginning of a value that an event brings."""
    is_heard = kind == RECORDINGS[0] and state.verdict is Verdict.MISMATCH
    return bars | int(Bar.MISMATCH if is_heard else 0)


def is_dated(bars: int) -> bool:
    """Whether it matters when these bars came: a later record may rest on a new decision."""
    return bool(bars & _DATED)


def check_person(found: Iterable[Found], *, began: int | None = None, after_withdrawal: bool = False) -> None:
    """Refuse what a person said no to, unless they decided anew.

    Args:
        found: What other records of the person say.
        began: Number of the record's first event, ``None`` for a new one: what came before it was decided with it.
        after_withdrawal: The person changed their mind.

    Raises:
        ConsentWithdrawn: The person withdrew.
        ConsentRequired: The person refused, or is under age.
    """
    for one in found:
        if began is not None and one.barred < began:
            continue
        if one.bars & Bar.WITHDRAWN and not after_withdrawal:
            raise _refusal(ConsentWithdrawn, "withdrawn", f"Record {one.record_id} of this person is withdrawn.", _ANEW)
        if one.bars & Bar.VOID:
            continue
        if one.bars & Bar.REFUSED and not after_withdrawal:
            raise _refusal(ConsentRequired, "refused", f"This person refused, by record {one.record_id}.", _ANEW)
        if one.bars & Bar.MINOR:
            raise _refusal(
                ConsentRequired,
                "minor",
                f"Record {one.record_id} says that this person is not of age. If that does not hold, declare that "
                "record void with consents.invalidate and a reason.",
                _ELSE,
            )


def check_personal(found: Iterable[Found], *, person: str, held: Mapping[str, int], only_bars: bool = False) -> None:
    """Refuse a recording that serves nothing any more, or that serves another person.

    Args:
        found: What other records say of it.
        person: Whose record this is, blinded.
        held: For the values that this record is found by itself, the number of the event that brought them.
        only_bars: Leave it to the create to find that it is another person's.

    Raises:
        ConsentContradiction: Somebody vouched that it shows no real person.
        ConsentWithdrawn: A record with it was withdrawn.
        ConsentRequired: The person in it refused.
        ConsentMismatch: What was heard in it did not match.
        EvidenceChanged: It serves another person.
    """
    for one in found:
        if one.person == NOBODY:
            if not one.bars & (Bar.WITHDRAWN | Bar.VOID | Bar.ERASED):
                raise _refusal(
                    ConsentContradiction,
                    "attested",
                    f"Somebody vouched with record {one.record_id} that this recording shows no real person. If that "
                    "was wrong, withdraw that record.",
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
                "This recording already serves another person; one recording is for one. See record "
                f"{one.record_id}: if it is a mistake, declare it void with consents.invalidate.",
            )


def check_non_human(found: Iterable[Found]) -> None:
    """Refuse to train something as non-human that shows a person.

    Raises:
        ConsentContradiction: There is a record of a person with this recording.
        ConsentWithdrawn: What somebody vouched for was taken back.
    """
    for one in found:
        if one.person == NOBODY:
            if one.bars & Bar.WITHDRAWN:
                raise _refusal(
                    ConsentWithdrawn,
                    "recording_withdrawn",
                    f"That this recording shows no real person was taken back with record {one.record_id}.",
                )
        elif not one.bars & _LET_GO or one.bars & _SERVES_NOTHING:
            raise _refusal(
                ConsentContradiction,
                "shows_a_person",
                f"This recording belongs to the consent record {one.record_id}, so it shows a real person.",
            )


def is_same(one: str, other: str) -> bool:
    """Whether two blinded persons are one: by their references if both have one, otherwise by their names."""
    (reference, _, name), (another, _, namesake) = one.partition("."), other.partition(".")
    if not (name and namesake):
        return False
    return reference == another if reference and another else name == namesake


def _check_serves(one: Found) -> None:
    if one.bars & Bar.WITHDRAWN:
        raise _refusal(ConsentWithdrawn, "recording_withdrawn", f"Record {one.record_id} is withdrawn.", _USED_UP)
    if one.bars & Bar.REFUSED:
        raise _refusal(
            ConsentRequired, "recording_refused", f"The person refused, by record {one.record_id}.", _USED_UP
        )
    if one.bars & Bar.MISMATCH:
        said = f"What was heard in this recording did not match, by record {one.record_id}."
        raise _refusal(ConsentMismatch, "recording_mismatch", said, _USED_UP)


_ELSE: Final = "If this is somebody else, give a reference= of their own."
_ANEW: Final = (
    "If they decided anew, begin a record with consents.request(after_withdrawal=True), and record the statement anew. "
    + _ELSE
)
_USED_UP: Final = "Its recordings serve nothing any more: record the statement anew."


def _refusal(kind: type[ConsentError], reason: str, *said: str) -> ConsentError:
    return kind(" ".join(said), field="consent", reason=reason)
