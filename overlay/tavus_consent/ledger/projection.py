"""The projection: one row per record, written with every event, so that reads need not fold the whole ledger.

The events are authoritative. A row that cannot be read, or that does not count all events of its record, is rebuilt
from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import evolve

from tavus_consent.consent.events import Event, format_time
from tavus_consent.consent.fold import advance, output_of
from tavus_consent.consent.persons import Bar, bars_between
from tavus_consent.consent.states import ALIVE, ENDED, RecordState, State
from tavus_consent.errors import InvalidRequestError, LedgerConflict
from tavus_consent.ledger.protocols import RecordQuery

from .database import Database, run
from .folded import Folded, Folding, row_of, state_of
from .schema import events, outputs, records, replicas, sa

_PAGE: Final = 1000
_ROW: Final = sa.select(records.c.seq, records.c.version, records.c.folded).where(
    records.c.record_id == sa.bindparam("id")
)
_STATE: Final = sa.select(records).where(records.c.record_id == sa.bindparam("id"))
_INSERT: Final = sa.insert(records)
_UPDATE: Final = (
    sa.update(records)
    .where(records.c.record_id == sa.bindparam("id"))
    .values({name: sa.bindparam(name) for name in Folded._fields[1:]})
)
_UPDATE_WITHIN: Final = (
    sa.update(records)
    .where(records.c.record_id == sa.bindparam("id"))
    .values(version=sa.bindparam("version"), folded=sa.bindparam("folded"))
)
"""Most events leave the indexed columns unchanged, and an UPDATE that omits them does not touch their indexes."""
_COUNT: Final = sa.select(sa.func.count()).where(events.c.record_id == sa.bindparam("id"))
_EVENTS_OF: Final = sa.select(events).where(events.c.record_id == sa.bindparam("id")).order_by(events.c.seq)
_OF_REPLICA: Final = (
    sa.select(replicas.c.record_id)
    .join(records, records.c.record_id == replicas.c.record_id)
    .where(replicas.c.replica_id == sa.bindparam("id"))
    .order_by(records.c.seq)
)

_OUTPUT: Final = sa.select(outputs.c.kind).where(
    *(outputs.c[name] == sa.bindparam(name) for name in ("object_id", "kind", "record_id"))
)
_INSERT_OUTPUT: Final = sa.insert(outputs)
_OF_OUTPUT: Final = (
    sa.select(outputs.c.record_id)
    .join(records, records.c.record_id == outputs.c.record_id)
    .where(outputs.c.object_id == sa.bindparam("id"), outputs.c.kind == sa.bindparam("kind"))
    .order_by(records.c.seq)
)


def advanced(connection: sa.Connection, event: Event, expected: int | None) -> tuple[RecordState, Bar]:
    """Apply an event to the projection, inside the transaction that appends it.

    Returns:
        The state of the record, and the bars that the event adds to every value that finds the record.

    Raises:
        LedgerConflict: The record has a different number of events.
    """
    known = run(connection, _ROW, {"id": event.record_id}).fetchone()
    first, _, folded = known or (event.seq, 0, None)
    state = RecordState() if known is None else _read(folded, event.record_id)
    if state is None or (expected is not None and expected != state.version):
        count = connection.execute(_COUNT, {"id": event.record_id}).scalar_one()
        if expected not in (None, count):
            raise LedgerConflict(
                f"The record has {count} events, not {expected}: it changed meanwhile. Read it again and decide again."
            )
        first, state = _folded(connection, event.record_id) or (event.seq, RecordState())
        is_sound = False
    else:
        is_sound = known is not None
    row = row_of(first, after := advance(state, event))
    if known is None:
        run(connection, _INSERT, row._asdict())
    elif is_sound and row.is_found_as(state):
        run(connection, _UPDATE_WITHIN, {"id": row.record_id, "version": row.version, "folded": row.folded})
    else:
        run(connection, _UPDATE, {"id": row.record_id, **row._asdict()})
    for likeness_id in after.likenesses:
        if likeness_id not in state.likenesses:
            connection.execute(sa.insert(replicas), {"replica_id": likeness_id, "record_id": event.record_id})
    if output := output_of(event):
        made = {"object_id": output[1], "kind": output[0], "record_id": event.record_id}
        if run(connection, _OUTPUT, made).fetchone() is None:
            run(connection, _INSERT_OUTPUT, made)
    return after, bars_between(state, after)


def load(connection: sa.Connection, record_ids: Sequence[str]) -> Folding:
    """Return the current states of records, to continue folding from them. Unknown records are left out."""
    found = Folding()
    for start in range(0, len(record_ids), 500):
        some = record_ids[start : start + 500]
        for row in connection.execute(sa.select(records).where(records.c.record_id.in_(some))):
            found.first[row.record_id], found.states[row.record_id] = _state(connection, row)
    return found


def _add_outputs(connection: sa.Connection, made: set[tuple[str, str, str]]) -> None:
    """Add what was made; it may be known already."""
    wanted = sorted(made)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        query = sa.select(outputs).where(outputs.c.object_id.in_([one[0] for one in some]))
        known = {tuple(row) for row in connection.execute(query)}
        new = [dict(zip(("object_id", "kind", "record_id"), one, strict=True)) for one in some if one not in known]
        if new:
            connection.execute(sa.insert(outputs), new)


def store(connection: sa.Connection, folding: Folding, record_ids: Sequence[str]) -> None:
    """Replace the rows of records, and add what was made with their likenesses."""
    for start in range(0, len(record_ids), 500):
        some = record_ids[start : start + 500]
        for table in (records, replicas):
            connection.execute(sa.delete(table).where(table.c.record_id.in_(some)))
    rows = folding.rows(record_ids)
    if rows:
        connection.execute(_INSERT, [row._asdict() for row in rows])
    made = [
        {"replica_id": replica, "record_id": record_id}
        for record_id in record_ids
        for replica in folding.states[record_id].likenesses
    ]
    if made:
        connection.execute(sa.insert(replicas), made)
    _add_outputs(connection, folding.outputs)


def rebuild(connection: sa.Connection) -> None:
    """Rebuild all rows from the events."""
    folding = Folding()
    after: int | None = None
    statement = sa.select(events).order_by(events.c.seq).limit(_PAGE)
    while page := connection.execute(statement if after is None else statement.where(events.c.seq > after)).all():
        for row in page:
            folding.see(row)
        after = page[-1][0]
    for table in (records, replicas, outputs):
        connection.execute(sa.delete(table))
    store(connection, folding, list(folding.states))


class Projection:
    """Reads the rows.

    Args:
        database: The database of the ledger.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, record_id: str) -> RecordState | None:
        """Return a record's state as of its last event, or ``None`` if it has no events."""
        with self._database.read() as connection:
            known = run(connection, _STATE, {"id": record_id}).fetchone()
            return None if known is None else _state(connection, Folded(*known))[1]

    def folded(self, record_id: str) -> RecordState | None:
        """Return the state like :meth:`state`, but folded from the events."""
        with self._database.read() as connection:
            found = _folded(connection, record_id)
        return None if found is None else found[1]

    def page(self, wanted: RecordQuery, after: int, limit: int) -> list[tuple[int, RecordState]]:
        """Return records, oldest first, each with the number of its first event."""
        statement = sa.select(records).where(records.c.seq > after, *_conditions(wanted))
        with self._database.read() as connection:
            found = connection.execute(statement.order_by(records.c.seq).limit(limit)).all()
            return [_state(connection, row) for row in found]

    def first(self, record_id: str) -> int | None:
        """Return the number of a record's first event."""
        with self._database.read() as connection:
            number: int | None = connection.execute(sa.select(records.c.seq).filter_by(record_id=record_id)).scalar()
        return number

    def states(self, record_ids: Sequence[str]) -> list[RecordState]:
        """Return the states of some records as of their last events, oldest record first."""
        if len(record_ids) == 1:
            state = self.state(record_ids[0])
            return [] if state is None else [state]
        with self._database.read() as connection:
            found = load(connection, record_ids)
        return [found.states[one] for one in sorted(found.states, key=found.first.__getitem__)]

    def of_replica(self, replica_id: str) -> list[str]:
        """Return the ids of the records that a replica, face or voice was created from."""
        with self._database.read() as connection:
            return [row[0] for row in run(connection, _OF_REPLICA, {"id": replica_id}).fetchall()]

    def of_output(self, kind: str, object_id: str) -> list[str]:
        """Return the ids of the records whose likenesses were used to make something."""
        with self._database.read() as connection:
            return [row[0] for row in run(connection, _OF_OUTPUT, {"id": object_id, "kind": kind}).fetchall()]

    def has_likenesses(self) -> bool:
        """Return True if any record has a replica, face or voice."""
        with self._database.read() as connection:
            return connection.execute(sa.select(replicas.c.replica_id).limit(1)).first() is not None

    def is_sound(self, record_id: str) -> bool:
        """Return True if the rows of a record equal the fold of its events, all read at one moment."""
        folding = Folding()
        with self._database.read() as connection:
            for row in connection.execute(_EVENTS_OF, {"id": record_id}):
                folding.see(row)
            stored = connection.execute(sa.select(records).filter_by(record_id=record_id)).all()
            made = connection.execute(sa.select(replicas.c.replica_id).filter_by(record_id=record_id)).scalars()
            used = {tuple(row) for row in connection.execute(sa.select(outputs).filter_by(record_id=record_id))}
            likenesses = {one for state in folding.states.values() for one in state.likenesses}
            is_row_sound = [Folded(*row) for row in stored] == folding.rows()
            return is_row_sound and set(made) == likenesses and used == folding.outputs

    def stored(self) -> Iterator[Folded]:
        """Return all rows as they are stored, without decoding them: for checks."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(records).order_by(records.c.record_id)).all()
        return (Folded(*row) for row in found)

    def stored_replicas(self) -> list[tuple[str, str]]:
        """Return all pairs of replica, face or voice and record as they are stored."""
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(sa.select(replicas))]

    def stored_outputs(self) -> list[tuple[str, str, str]]:
        """Return all outputs as they are stored: id, kind and record."""
        with self._database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(sa.select(outputs))]


def _conditions(wanted: RecordQuery) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of :meth:`RecordQuery.admits` as SQL."""
    stored, end, now = records.c.state, records.c.expires_at, format_time(wanted.now)
    if wanted.of_persons:
        yield records.c.attestation == 0
    if wanted.status in ENDED:
        yield sa.and_(stored == wanted.status, sa.or_(end.is_(None), end > now))
    elif wanted.status is not None:
        ended = [str(before) for before, after in ENDED.items() if after is wanted.status]
        yield sa.or_(stored == wanted.status, sa.and_(stored.in_(ended), end <= now))
    if wanted.until is not None:
        yield sa.and_(stored.in_(map(str, ALIVE)), end > now, end <= format_time(wanted.until))
    if wanted.unsettled:
        yield records.c.unsettled == 1


def _state(connection: sa.Connection, row: Any) -> tuple[int, RecordState]:
    state = _read(row.folded, row.record_id)
    if state is None:
        folded = _folded(connection, row.record_id)
        if folded is None:  # the row belongs to a record without events
            problem = "the projection has the record, but it has no events"
            return row.seq, evolve(RecordState(record_id=row.record_id), state=State.UNSOUND, problem=problem)
        return folded
    return row.seq, state


def _folded(connection: sa.Connection, record_id: str) -> tuple[int, RecordState] | None:
    folding = Folding()
    for row in connection.execute(_EVENTS_OF, {"id": record_id}):
        folding.see(row)
    state = folding.states.get(record_id)
    return None if state is None else (folding.first[record_id], state)


def _read(text: Any, record_id: str) -> RecordState | None:
    try:
        state = state_of(text)
    except InvalidRequestError:
        return None
    return state if state.record_id == record_id else None
