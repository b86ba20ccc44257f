"""The check of a whole ledger: chain, triggers, vault, references, projection, index and identity row.

One bad row hides no other: the check covers everything and describes each fault in a sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from tavus_consent._frames import hides_locals
from tavus_consent.consent.events import Event, EventType
from tavus_consent.consent.states import CLOCK_SKEW, State
from tavus_consent.errors import LedgerBroken, LedgerError

from .chain import Head, Verification, fault, verify
from .database import Database
from .folded import Folding
from .index import Index
from .replay import Replay, seen
from .store import EventStore
from .vault import Vault, opened, reference

_REFERENCE: Final = "hmac:"
_WITHOUT_ITEM: Final = frozenset(
    {
        (EventType.SUBMIT_INTENT, "name"),
        (EventType.RECORDED, "recording"),
        (EventType.REQUESTED, "once"),
        (EventType.ATTESTATION, "once"),
        (EventType.SUBMIT_INTENT, "once"),
        (EventType.KEYED, "once"),
    }
)
"""References that only serve to compare values; the vault has no items for them."""


class _Chain:
    """The results of one pass over the events."""

    def __init__(self) -> None:
        self.folding = Folding()
        self.replay = Replay()
        self.references: dict[tuple[str, str], tuple[int, str]] = {}  # by person and reference: event and member
        self.last_of: dict[str, int] = {}
        self.row: Sequence[Any] | None = None
        self.skewed = 0
        self.skew = timedelta()
        self.most: Event | None = None
        self._latest: datetime | None = None

    def over(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Yield the rows unchanged and examine each on the way."""
        for row in rows:
            self.row = row
            event = seen(self.replay, self.folding, row)
            if event is not None:
                self._see(event)
            yield row

    def _see(self, event: Event) -> None:
        self.last_of[event.subject_ref] = event.seq
        for member, value in event.payload.items():
            is_reference = isinstance(value, str) and value.startswith(_REFERENCE)
            if is_reference and (event.type, member) not in _WITHOUT_ITEM:
                self.references.setdefault((event.subject_ref, value), (event.seq, member))
        if self._latest is not None and self._latest - event.at > CLOCK_SKEW:
            self.skewed += 1
            if self._latest - event.at > self.skew:
                self.skew, self.most = self._latest - event.at, event
        self._latest = event.at

    def erased(self) -> set[str]:
        """Return the persons that the events say were erased."""
        return {one.subject_ref for one in self.folding.states.values() if one.state is State.ERASED}


@hides_locals
class Audit:
    """Checks a ledger.

    Args:
        database: The database of the ledger.
        store: Its events.
        vault: Its personal data.
        index: Its index.
    """

    def __init__(self, database: Database, store: EventStore, vault: Vault, index: Index) -> None:
        self._database, self._store, self._vault, self._index = database, store, vault, index

    def run(self, expected: Head | None, *, rebuild: bool) -> Verification:
        """Check everything.

        Args:
            expected: A head that someone else has kept.
            rebuild: Rebuild the projection and the index if they differ from the events and the chain is sound.
        """
        chain = _Chain()
        rows = chain.over(self._store.readable_rows())
        found = verify(rows, expected)
        problems = [] if found.reason is None else [found.reason]
        if found.reason is not None:
            problems += self._further(rows, chain.row)
        notes = list(self._clocks(chain))
        problems += _readable("the tables", self._database.faults())
        problems += [f"record {one.record_id}: {one.problem}" for one in chain.folding.states.values() if one.problem]
        problems += _readable("the vault", self._vault_faults(chain, notes))
        different = list(_readable("the projection", self._different(chain.folding)))
        if different and rebuild and found.ok:
            self._store.rebuild()
            notes.append(f"the projection was rebuilt: {len(different)} of its rows differed from the events")
            different = []
        problems += different
        unfound = list(_readable("the index", self._index_faults(chain, notes)))
        if unfound and rebuild and found.ok:
            self._index.rebuild()
            again = list(_readable("the index", self._index_faults(chain, notes)))
            notes.append(f"the index was rebuilt: {len(unfound) - len(again)} faults are fixed")
            unfound = again
        problems += unfound
        return evolve(
            found,
            ok=not problems,
            reason=problems[0] if problems else None,
            problems=tuple(problems),
            notes=tuple(notes),
        )

    def _further(self, rows: Iterator[Sequence[Any]], bad: Sequence[Any] | None) -> Iterator[str]:
        """Yield the faults after the first one in the chain. Each event is compared with the one before it."""
        before = bad
        for row in rows:
            if before is not None and isinstance(before[0], int) and isinstance(before[9], str):
                reason = fault(row, before[0], before[9])
                if reason is not None:
                    yield reason
            before = row

    def _clocks(self, chain: _Chain) -> Iterator[str]:
        if chain.most is not None:
            yield (
                f"the clocks of the machines differ: {chain.skewed} events are dated more than "
                f"{CLOCK_SKEW.seconds // 60} minutes before the previous event; the largest difference is at event "
                f"{chain.most.seq} of record {chain.most.record_id}: {chain.skew}"
            )

    def _vault_faults(self, chain: _Chain, notes: list[str]) -> Iterator[str]:
        erased, imported = chain.erased(), self._imported()
        problems, secrets, tombstones = self._keys(chain, erased, notes)
        yield from problems
        kept: set[tuple[str, str]] = set()
        unknown = 0
        for item in self._vault.sealed():
            secret = secrets.get(item.subject_ref)
            if secret is None:
                # a key that cannot be unwrapped is reported separately
                if item.subject_ref not in secrets:
                    yield f"the vault: a {item.kind!r} of person {item.subject_ref!r} has no key"
                continue
            try:
                found = opened(secret, item.subject_ref, item.kind, item.ref, item.sealed)
            except LedgerBroken:
                yield f"the vault: a {item.kind!r} of person {item.subject_ref} was changed ({item.ref})"
                continue
            if reference(secret, found.plaintext) != item.ref:
                yield f"the vault: a {item.kind!r} of person {item.subject_ref} does not match its reference"
            kept.add((item.subject_ref, item.ref))
            unknown += (item.subject_ref, item.ref) not in chain.references
        missing = 0
        for (subject_ref, ref), (seq, member) in chain.references.items():
            if (subject_ref, ref) in kept or subject_ref in erased or subject_ref in tombstones:
                continue
            if seq <= imported:
                missing += 1
            elif secrets.get(subject_ref, b"") is not None:
                yield f"the vault: the item that event {seq} refers to as {member} ({ref}) is missing"
        if missing:
            notes.append(f"{imported} events were imported; {missing} items they refer to are not in the vault")
        if unknown:
            notes.append(f"the vault has {unknown} items that no event refers to: a write was interrupted")
        for subject_ref in sorted(erased - tombstones):
            if chain.last_of[subject_ref] > imported:
                yield f"the vault: person {subject_ref} was erased according to the events, but not in the vault"

    def _keys(
        self, chain: _Chain, erased: set[str], notes: list[str]
    ) -> tuple[list[str], dict[str, bytes | None], set[str]]:
        """Unwrap every key.

        Returns:
            The faults, the keys (None for one that cannot be unwrapped), and the persons whose key was erased.
        """
        problems: list[str] = []
        secrets: dict[str, bytes | None] = {}
        tombstones: set[str] = set()
        shut: dict[str, list[str]] = defaultdict(list)
        for row, secret in self._vault.unwrapped():
            name = row.subject_ref
            if name.startswith(".") and name != self._database.key_name:
                problems.append(f"the vault: the key {name!r} does not belong to this ledger")
            elif row.wrapped is None:
                tombstones.add(name)
                if row.kek_id is not None:
                    problems.append(f"the vault: the row of person {name!r}, who was erased, was changed")
                if name in chain.last_of and name not in erased:
                    problems.append(f"the vault: person {name} is erased there, but no event says so: erase them again")
                elif name not in erased:
                    notes.append(f"the vault: person {name!r} is erased there, but no event mentions this person")
            elif isinstance(secret, LedgerError):
                secrets[name] = None
                shut[str(secret)].append(name)
            else:
                secrets[name] = secret
                if name in erased:
                    problems.append(f"the vault: person {name} was erased, but still has a key")
        for said, names in shut.items():
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            problems.append(f"the vault: {said} It affects {', '.join(names[:3])}{more}.")
        return problems, secrets, tombstones

    def _imported(self) -> int:
        try:
            return self._database.identity().imported
        except LedgerBroken:  # reported separately
            return 0

    def _index_faults(self, chain: _Chain, notes: list[str]) -> Iterator[str]:
        replay = chain.replay if self._index.is_current else None
        if replay is None:
            notes.append("the index is missing or older than an import: it is built when it is first used")
        yield from self._index.faults(replay)

    def _different(self, folding: Folding) -> Iterator[str]:
        expected = {row.record_id: row for row in folding.rows()}
        stored = {row.record_id: row for row in self._store.projection.stored()}
        suspects = {one for one in expected.keys() | stored.keys() if expected.get(one) != stored.get(one)}
        pairs = {(replica, one) for one, state in folding.states.items() for replica in state.likenesses}
        suspects |= {record_id for _, record_id in pairs ^ set(self._store.projection.stored_replicas())}
        suspects |= {one[2] for one in folding.outputs ^ set(self._store.projection.stored_outputs())}
        # Other writers may have changed rows since, so each suspect is checked again.
        for record_id in sorted(suspects):
            if not self._store.projection.is_sound(record_id):
                yield f"the projection: the row of record {record_id!r} differs from its events"


def _readable(what: str, faults: Iterable[str]) -> Iterator[str]:
    """Yield the faults. If the store cannot read a part, report that as one fault and continue with the others."""
    try:
        yield from faults
    except LedgerError as error:
        yield f"{what} cannot be read completely: {error}"
