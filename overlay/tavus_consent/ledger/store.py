"""The ledger itself: events that are appended, read and checked."""

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
from tavus_consent.ledger.event_store import Wanted

from . import indexed, jsonl, projection
from .chain import EMPTY, Head, Verification, canonical, event_of, link, verify
from .database import Database, run
from .folded import FOLD
from .indexed import Indexed
from .merkle import Checkpoint, Disclosure, Tree
from .projection import Projection
from .schema import events, sa

_PAGE: Final = 1000
"""Rows read at once, each page in a transaction of its own: a long one would keep SQLite's log from shrinking."""

_BEFORE_ALL: Final = -(2**63)
"""A check also reads what somebody put before the first event."""

_HEAD: Final = sa.select(events.c.seq, events.c.hash).where(
    events.c.seq == sa.select(sa.func.max(events.c.seq)).scalar_subquery()
)
_INSERT: Final = sa.insert(events)
_AFTER: Final = sa.select(events).where(events.c.seq > sa.bindparam("after")).order_by(events.c.seq)
_OF_RECORD: Final = _AFTER.where(events.c.record_id == sa.bindparam("record_id"))
_HASHES: Final = _AFTER.with_only_columns(events.c.seq, events.c.hash)


@hides_locals
class EventStore:
    """Append-only events in a database.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.projection = Projection(database)

    def bring_up_to_date(self) -> None:
        """Make the projection of a ledger that has none, or one that an older fold made.

        Raises:
            LedgerUnavailable: A newer version made it.
        """
        known = self._database.identity()
        if known.checksum not in ("", known.sum()) or known.fold == FOLD:
            return
        if known.fold > FOLD:
            raise LedgerUnavailable("The ledger was written by a newer version of tavus-consent. Upgrade this one.")
        self.rebuild()

    def rebuild(self) -> None:
        """Make the projection anew from the events."""
        with self._database.write() as connection:
            projection.rebuild(connection)
            known = self._database.identity()
            if known.checksum in ("", known.sum()):  # a row that was changed stays so, for a check to see
                self._database.note(connection, fold=FOLD)

    def append(
        self, draft: EventDraft, *, expect_state_version: int | None = None, rows: Sequence[Indexed] = ()
    ) -> Event:
        """Append one event; it is on the disk when this returns.

        Args:
            draft: What happened.
            expect_state_version: How many events the record had when the decision was made (``version`` of its fold).
            rows: What the record is found by from now on.

        Returns:
            The event in its place.

        Raises:
            LedgerConflict: The record has changed since, or this event is in the ledger already.
            LedgerUnavailable: It could not be written.
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
                raise LedgerConflict("An event with this event_id is in the ledger already.") from None
        return event

    def events(self, record_id: str | None = None, after: int = 0) -> Iterator[Event]:
        """The events in order, read page by page.

        Args:
            record_id: Those of one record only.
            after: Those behind this ``seq`` only.

        Raises:
            LedgerBroken: What is stored is no event; ``seq`` names it.
        """
        return map(_event, self.rows(record_id, after))

    def readable(self, record_id: str | None = None) -> list[Event]:
        """The events, or those of one record, without those that cannot be read: its state says that there are such."""
        found = []
        for row in self.rows(record_id):
            with suppress(InvalidRequestError):
                found.append(event_of(row))
        return found

    def folded(self, record_id: str) -> RecordState | None:
        """As :meth:`state`, from the events themselves: for whoever is about to write."""
        return self.projection.folded(record_id)

    def state(self, record_id: str) -> RecordState | None:
        """What the events of a record amount to, without the effect of time; ``None`` when there are none."""
        return self.projection.state(record_id)

    def first(self, record_id: str) -> int | None:
        """The number of a record's first event."""
        return self.projection.first(record_id)

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """What the events of some records amount to, in the order in which they began."""
        return self.projection.states(record_ids)

    def page(self, wanted: Wanted, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Records in the order in which they began, behind this number, each with the number of its first event."""
        return self.projection.page(wanted, after, limit)

    def of_replica(self, replica_id: str) -> list[str]:
        """The records that a replica came of."""
        return self.projection.of_replica(replica_id)

    def rows(self, record_id: str | None = None, after: int = 0) -> Iterator[Sequence[Any]]:
        """The events as they are stored, unread: for checks and exports."""
        statement, given = (_AFTER, {}) if record_id is None else (_OF_RECORD, {"record_id": record_id})
        return self._paged(statement, after, **given)

    def head(self) -> Head:
        """Size and last hash."""
        with self._database.read() as connection:
            return _head(connection)

    def verify(self, expected: Head | None = None) -> Verification:
        """Check the whole chain, and in SQLite also that its indexes show every event.

        Args:
            expected: A head that somebody else has kept, from a receipt for example.

        Returns:
            What was found; a fault is a result, not an exception.

        Raises:
            LedgerUnavailable: The store does not answer.
        """
        found = verify(self.readable_rows(), expected)
        if found.ok and (damage := self._database.damage()) is not None:
            return Verification(ok=False, head=found.head, reason=f"the store's own check failed: {damage}")
        return found

    def export_lines(self, after: int = 0) -> Iterator[str]:
        """The ledger as JSON Lines, without line breaks. The vault is not in it: it holds no personal data."""
        return map(jsonl.line_of, self.events(after=after))

    def import_lines(self, lines: Iterable[str | bytes]) -> Head:
        """Append events that were exported elsewhere, all of them or none.

        Args:
            lines: As :meth:`export_lines` gives them; the first must follow this ledger's head.

        Returns:
            The new head.

        Raises:
            LedgerBroken: A line is no event, or does not follow the one before; ``seq`` names it.
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
                    raise LedgerBroken("Nothing was imported: an event_id stands in it twice.", seq=None) from None
                for row in page:
                    folding.see(row)
                projection.store(connection, folding, changed)
                self._database.note(connection, imported=found.head.size, indexed=0)
                head = found.head
        self._database.is_indexed = False
        return head

    def checkpoint(self) -> Checkpoint:
        """The Merkle root over all events, with size and head. It trusts the chain: ``verify`` first."""
        return self._tree(None)[1]

    def disclose(self, record_id: str, checkpoint: Checkpoint | None = None) -> Disclosure:
        """One record's events with a proof that each is in the ledger, to be shown without the others.

        Args:
            record_id: The record.
            checkpoint: The state to prove it against, such as one that the other side holds; the current one by
                default. Later events are left out.

        Raises:
            LedgerBroken: The ledger is not the one of the checkpoint any more.
        """
        tree, current = self._tree(None if checkpoint is None else checkpoint.size)
        if checkpoint is not None and checkpoint != current:
            raise LedgerBroken("The ledger does not give this checkpoint any more: it was changed since.", seq=None)
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
            raise LedgerBroken("A hash in the ledger is none. Verify it.", seq=None) from None
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
        """All rows; where a page cannot be read, one by one, and an empty one in the place of the first that cannot."""
        seq = _BEFORE_ALL
        try:
            for row in self.rows(after=seq):
                yield row
                seq = row[0]
        except LedgerUnavailable:
            with self._database.read() as connection:  # raises when it is the whole store
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
        raise LedgerBroken("The last event's number or hash is none. Verify the ledger.", seq=None) from None
