"""The rows of the index, and the changes to them inside the transactions of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tavus_consent.consent.persons import NOBODY, PERSONAL, RECORDINGS, UNKNOWN, Bar, Found, is_dated

from .schema import index, sa


class Indexed(NamedTuple):
    """A row of the index: the columns of the table, in their order.

    Attributes:
        kind: The kind of the value.
        blind: The value's HMAC.
        record_id: The record that it finds.
        mac: Authenticates these three.
        person: The blinded identity of its owner.
        since: Number of the event that added it.
        bars: The bars against it, see :class:`~tavus_consent.consent.persons.Bar`.
        barred: Number of the last event that added a bar.
    """

    kind: str
    blind: str
    record_id: str
    mac: str
    person: str = UNKNOWN
    since: int = 0
    bars: int = 0
    barred: int = 0


_PLACE: Final = (
    index.c.kind == sa.bindparam("at_kind"),
    index.c.blind == sa.bindparam("at_blind"),
    index.c.record_id == sa.bindparam("at_record"),
)
_kind: Final = index.c.kind.concat("")
"""An expression, so that the store finds the rows of a record by the record: by kind it would read all rows."""
_is_current: Final = index.c.bars.bitwise_and(int(Bar.REPLACED)) == 0
_KNOWN: Final = sa.select(index.c.bars, index.c.barred).where(*_PLACE)
_LEARN: Final = sa.update(index).where(*_PLACE).values(bars=sa.bindparam("new_bars"), barred=sa.bindparam("new_barred"))
_INSERT: Final = sa.insert(index)
_GROUPS: Final = (
    sa.select(
        index.c.kind,
        index.c.blind,
        index.c.person,
        index.c.bars,
        sa.func.min(index.c.since),
        sa.func.max(index.c.barred),
        sa.func.min(index.c.record_id),
    )
    .where(index.c.record_id != sa.bindparam("without"))
    .group_by(index.c.kind, index.c.blind, index.c.person, index.c.bars)
)
_OF_PERSON: Final = _GROUPS.where(
    index.c.kind == sa.bindparam("kind"), index.c.blind == sa.bindparam("blind"), index.c.bars > int(Bar.READ)
)
_OF_RECORDINGS: Final = _GROUPS.where(
    index.c.kind.in_(RECORDINGS),
    index.c.blind.in_(sa.bindparam("blinds", expanding=True)),
    sa.or_(index.c.bars > int(Bar.READ), index.c.person != sa.bindparam("mine")),
)
_HELD: Final = (
    sa.select(index.c.blind, sa.func.min(index.c.since))
    .where(
        index.c.record_id == sa.bindparam("record_id"),
        _kind.in_(RECORDINGS),
        index.c.blind.in_(sa.bindparam("blinds", expanding=True)),
    )
    .group_by(index.c.blind)
)


def add(connection: sa.Connection, rows: Sequence[Indexed]) -> None:
    """Add rows. Existing rows are updated."""
    for record_id in {row.record_id for row in rows if row.kind == RECORDINGS[0]}:
        _replace(connection, record_id, {row.blind for row in rows if row.kind == RECORDINGS[0]})
    for row in rows:
        place = {"at_kind": row.kind, "at_blind": row.blind, "at_record": row.record_id}
        known = connection.execute(_KNOWN, place).first()
        if known is None:
            connection.execute(_INSERT, row._asdict())
        elif (bars := (known.bars & ~Bar.REPLACED) | row.bars) != known.bars:
            learnt = {"new_bars": bars, "new_barred": max(known.barred, row.barred)}
            connection.execute(_LEARN, {**place, **learnt})


def _replace(connection: sa.Connection, record_id: str, blinds: set[str]) -> None:
    """Release the recordings of a record if these belong to another one."""
    current = (index.c.record_id == record_id, _kind == RECORDINGS[0], _is_current)
    known = set(connection.execute(sa.select(index.c.blind).where(*current)).scalars())
    if known and known.isdisjoint(blinds):
        replaced = index.c.bars.bitwise_or(int(Bar.REPLACED))
        connection.execute(sa.update(index).where(*current).values(bars=replaced))


def bar(connection: sa.Connection, record_id: str, bars: Bar, seq: int) -> None:
    """Add a bar to every value that finds a record."""
    mine = sa.update(index).where(index.c.record_id == record_id, _is_current)
    heard, rest = bars & Bar.MISMATCH, bars & ~Bar.MISMATCH
    for some, statement in ((heard, mine.where(_kind == RECORDINGS[0])), (rest, mine)):
        if some:
            dated = {"barred": seq} if is_dated(some) else {}
            connection.execute(statement.values(bars=index.c.bars.bitwise_or(int(some)), **dated))


def forget(connection: sa.Connection, record_id: str) -> None:
    """Stop finding a record by its person. Its recordings stay in the index but belong to no person."""
    of_record = index.c.record_id == record_id
    connection.execute(sa.delete(index).where(of_record, _kind.in_(PERSONAL)))
    connection.execute(sa.update(index).where(of_record, index.c.person != NOBODY).values(person=UNKNOWN))


def against(
    connection: sa.Connection, *, person: tuple[str, str] | None, blinds: Sequence[str], mine: str, without: str | None
) -> list[Found]:
    """Return the bars against a person and against recordings, grouped into one row for any number of records.

    Args:
        connection: A connection.
        person: Kind and blinded identity of the person; ``None`` checks recordings only.
        blinds: Blind values of recordings.
        mine: The blinded identity of the recordings' owner.
        without: A record to leave out.
    """
    found: list[Found] = []
    if person is not None:
        given = {"kind": person[0], "blind": person[1], "without": without or ""}
        found += (Found(*row) for row in connection.execute(_OF_PERSON, given))
    if blinds:
        asked = {"blinds": list(blinds), "mine": mine, "without": without or ""}
        found += (Found(*row) for row in connection.execute(_OF_RECORDINGS, asked))
    return found


def held(connection: sa.Connection, record_id: str, blinds: Sequence[str]) -> dict[str, int]:
    """Return the record's recordings among these, each with the number of the event that added it."""
    return {row[0]: row[1] for row in connection.execute(_HELD, {"record_id": record_id, "blinds": list(blinds)})}
