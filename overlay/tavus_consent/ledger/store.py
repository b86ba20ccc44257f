"""The ledger itself: appending, reading and checking events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from tavus_consent._frames import hides_locals
from tavus_consent.consent._blinds import placed
from tavus_consent.consent.events import Event, EventDraft
from tavus_consent.consent.states import RecordState
from tavus_consent.errors import InvalidRequestError, LedgerBroken, LedgerConflict, LedgerUnavailable
from tavus_consent.ledger.protocols import RecordQuery

from . import indexed, jsonl, projection
from .chain import EMPTY, Head, Verification, canonical, event_of, link, verify
from .database import Database, run
from .folded import FOLD
from .indexed import Indexed
from .merkle import Checkpoint, Disclosure, Tree
from .projection import Projection
from .schema import events, sa

_PAGE: Final = 1000
"""Rows per page. Each page has its own transaction, because a long one keeps SQLite's log from shrinking."""

_BEFORE_ALL: Final = -(2**63)
"""A check also reads rows that were inserted before the first event."""

_HEAD: Final = sa.select(events.c.seq, events.c.hash).where(
    events.c.seq == sa.select(sa.func.max(events.c.seq)).scalar_subquery()
)
_INSERT: Final = sa.insert(events)
_BY_ID: Final = sa.select(events).where(events.c.event_id == sa.bindparam("event_id"))
_AFTER: Final = sa.select(events).where(events.c.seq > sa.bindparam("after")).order_by(events.c.seq)
_OF_RECORD: Final = _AFTER.where(events.c.record_id == sa.bindparam("record_id"))
_HASHES: Final = _AFTER.with_only_columns(events.c.seq, events.c.hash)


@hides_locals
class EventStore:
    """Append-only events in a database.

    Args:
        database: The database of the ledger.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.projection = Projection(database)

    def bring_up_to_date(self) -> None:
        """Build the projection if the ledger has none, or if an older fold built it.

        Raises:
            LedgerUnavailable: A newer version built it.
        """
        known = self._database.identity()
        if known.checksum not in ("", known.sum()) or known.fold == FOLD:
            return
        if known.fold > FOLD:
            raise LedgerUnavailable("The ledger was written by a newer version of tavus-consent. Upgrade it.")
        self.rebuild()

    def rebuild(self) -> None:
        """Rebuild the projection from the events."""
        with self._database.write() as connection:
            projection.rebuild(connection)
            known = self._database.identity()
            if known.checksum in ("", known.sum()):  # a changed row stays changed, so that a check finds it
                self._database.note(connection, fold=FOLD)

    def append(
        self, draft: EventDraft, *, expect_state_version: int | None = None, rows: Sequence[Indexed] = ()
    ) -> Event:
        """Append one event; it is on the disk when this method returns.

        Args:
            draft: The event without its place in the chain.
            expect_state_version: The number of events that the record had at the time of the decision (``version`` of
                its fold).
            rows: The index rows of the record from now on.

        Returns:
            The event in its place.

        Raises:
            LedgerConflict: The record has changed since, or this event is already in the ledger.
            LedgerUnavailable: The event could not be written.
        """
        payload = canonical(draft.plain_payload())
        with self._database.write() as connection:
            row = link(draft, payload, _head(connection))
            event = draft.placed(seq=row.seq, prev=row.prev, hash=row.hash)
            state, bars = projection.advanced(connection, event, expect_state_version)
            if bars:
                indexed.bar(connection, event.record_id, bars, event.seq)
            indexed.add(connection, [placed(row, event.seq, state) for row in rows])
            try:
                run(connection, _INSERT, row._asdict())
            except self._database.driver.IntegrityError:
                raise LedgerConflict("An event with this event_id is already in the ledger.") from None
        return event

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """Yield the events in order, read page by page.

        Args:
            record_id: Only events of this record.
            after: Only events after this ``seq``.

        Raises:
            LedgerBroken: A stored row is not an event; ``seq`` names it.
        """
        return map(_event, self.rows(record_id, after))

    def readable(self, record_id: str | None = None) -> list[Event]:
        """Return the readable events, of all records or one. The state of a record says if some are unreadable."""
        found = []
        for row in self.rows(record_id):
            with suppress(InvalidRequestError):
                found.append(event_of(row))
        return found

    def event(self, event_id: str) -> Event | None:
        """Return the event with this id, or ``None``. No two events have one id.

        Raises:
            LedgerBroken: The stored row is not an event.
        """
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"event_id": event_id}).first()
        return None if row is None else _event(row)

    def folded(self, record_id: str) -> RecordState | None:
        """Return the state like :meth:`state`, but folded from the events, for a caller about to write."""
        return self.projection.folded(record_id)

    def state(self, record_id: str) -> RecordState | None:
        """Return a record's state as of its last event, or ``None`` if it has no events."""
        return self.projection.state(record_id)

    def first(self, record_id: str) -> int | None:
        """Return the number of a record's first event."""
        return self.projection.first(record_id)

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """Return the states of some records as of their last events, oldest record first."""
        return self.projection.states(record_ids)

    def page(self, wanted: RecordQuery, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Return records after this number, oldest first, each with the number of its first event."""
        return self.projection.page(wanted, after, limit)

    def of_replica(self, replica_id: str) -> list[str]:
        """Return the ids of the records that a replica was created from."""
        return self.projection.of_replica(replica_id)

    def of_output(self, kind: str, object_id: str) -> list[str]:
        """Return the ids of the records whose likenesses were used to make something."""
        return self.projection.of_output(kind, object_id)

    def has_likenesses(self) -> bool:
        """Return True if any record has a replica, face or voice."""
        return self.projection.has_likenesses()

    def rows(self, record_id: str | None = None, after: int = 0) -> Iterator[Sequence[Any]]:
        """Yield the events as they are stored, without decoding them: for checks and exports."""
        statement, given = (_AFTER, {}) if record_id is None else (_OF_RECORD, {"record_id": record_id})
        return self._paged(statement, after, **given)

    def head(self) -> Head:
        """Return the size and the last hash."""
        with self._database.read() as connection:
            return _head(connection)

    def verify(self, expected: Head | None = None) -> Verification:
        """Check the whole chain, and in SQLite also that its indexes show every event.

        Args:
            expected: A head that someone else has kept, for example from a receipt.

        Returns:
            The result; a fault is a result, not an exception.

        Raises:
            LedgerUnavailable: The store does not answer.
        """
        found = verify(self.readable_rows(), expected)
        if found.ok and (damage := self._database.damage()) is not None:
            return Verification(ok=False, head=found.head, reason=f"the store's own check failed: {damage}")
        return found

    def export_lines(self, after: int = 0) -> Iterator[str]:
        """Yield the ledger as JSON Lines, without line breaks.

        It contains no personal data, because the vault stays here.
        """
        return map(jsonl.line_of, self.events(after=after))

    def import_lines(self, lines: Iterable[str | bytes]) -> Head:
        """Append events that another ledger exported, either all of them or none.

        Args:
            lines: The lines of :meth:`export_lines`. The first must follow this ledger's head.

        Returns:
            The new head.

        Raises:
            LedgerBroken: A line is not an event, or does not follow the one before; ``seq`` names it.
        """
        with self._database.write() as connection:
            head = _head(connection)
            rows = (jsonl.row_from(line, seq=number) for number, line in enumerate(lines, start=head.size + 1))
            while page := list(islice(rows, _PAGE)):
                found = verify(page, start=head)
                if not found.ok:
                    raise LedgerBroken(f"Nothing was imported: {found.reason}.", seq=found.first_bad_seq)
                changed = list(dict.fromkeys(row.record_id for row in page))
                folding = projection.load(connection, changed)
                try:
                    connection.execute(_INSERT, [row._asdict() for row in page])
                except sa.exc.IntegrityError:
                    raise LedgerBroken("Nothing was imported: an event_id occurs twice.", seq=None) from None
                for row in page:
                    folding.see(row)
                projection.store(connection, folding, changed)
                self._database.note(connection, imported=found.head.size, indexed=0)
                head = found.head
        self._database.is_indexed = False
        return head

    def checkpoint(self) -> Checkpoint:
        """Return the Merkle root over all events, with size and head. It trusts the chain: call ``verify`` first."""
        return self._tree(None)[1]

    def disclose(self, record_id: str, checkpoint: Checkpoint | None = None) -> Disclosure:
        """Return one record's events, each with a proof that it is in the ledger, without revealing other records.

        Args:
            record_id: The record.
            checkpoint: The state to prove against, such as one that the other side holds; by default the current one.
                Later events are left out.

        Raises:
            LedgerBroken: The ledger no longer matches the checkpoint.
        """
        tree, current = self._tree(None if checkpoint is None else checkpoint.size)
        if checkpoint is not None and checkpoint != current:
            raise LedgerBroken("The ledger no longer matches this checkpoint: it was changed since.", seq=None)
        of_record = tuple(event for event in self.events(record_id) if event.seq <= current.size)
        return Disclosure(
            checkpoint=current, events=of_record, paths=tuple(tree.path(event.seq) for event in of_record)
        )

    def _tree(self, size: int | None) -> tuple[Tree, Checkpoint]:
        hashes = [digest for _, digest in islice(self._paged(_HASHES, 0), size)]
        try:
            tree = Tree.of(hashes)
            head = Head(len(hashes), hashes[-1]) if hashes else EMPTY
        except (TypeError, ValueError):
            raise LedgerBroken("A hash in the ledger is invalid. Verify the ledger.", seq=None) from None
        return tree, Checkpoint(size=head.size, head=head.hash, root=tree.root)

    def _paged(self, statement: sa.Select[Any], after: int, **given: Any) -> Iterator[Sequence[Any]]:
        limited = statement.limit(_PAGE)
        while True:
            with self._database.read() as connection:
                page = connection.execute(limited, {"after": after, **given}).all()
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def readable_rows(self) -> Iterator[Sequence[Any]]:
        """Yield all rows. An unreadable page is read row by row, with an empty row for the first unreadable one."""
        seq = _BEFORE_ALL
        try:
            for row in self.rows(after=seq):
                yield row
                seq = row[0]
        except LedgerUnavailable:
            with self._database.read() as connection:  # raises if the whole store is unavailable
                connection.execute(sa.select(1))
            yield from self._one_by_one(seq)

    def _one_by_one(self, after: int) -> Iterator[Sequence[Any]]:
        one = _AFTER.limit(1)
        while True:
            try:
                with self._database.read() as connection:
                    row: Sequence[Any] | None = connection.execute(one, {"after": after}).first()
            except LedgerUnavailable:
                row = (max(after, 0) + 1, *[None] * 9)
            if row is None:
                return
            yield row
            after = row[0]


def _event(row: Sequence[Any]) -> Event:
    try:
        return event_of(row)
    except InvalidRequestError as error:
        raise LedgerBroken(f"Event {row[0]!r} cannot be read: {error}. Verify the ledger.", seq=row[0]) from None


def _head(connection: sa.Connection) -> Head:
    found = run(connection, _HEAD, {}).fetchone()
    try:
        return EMPTY if found is None else Head(*found)
    except InvalidRequestError:
        raise LedgerBroken("The last event has an invalid number or hash. Verify the ledger.", seq=None) from None
