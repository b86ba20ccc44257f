"""The projection: a row for each record that always equals the fold of its events."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st
from tests.unit.test_states import BEGIN, END, GIVEN, OPEN, PAYLOADS, UNSOUND, event

from tavus_consent import InvalidRequestError, LedgerConflict, LedgerUnavailable
from tavus_consent.consent import State
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import EventType, Ledger
from tavus_consent.ledger.chain import canonical, event_of, link
from tavus_consent.ledger.folded import Folding, state_of, text_of
from tavus_consent.ledger.jsonl import line_of
from tavus_consent.ledger.memory import MemoryStore
from tavus_consent.ledger.protocols import RecordQuery

from .conftest import Opener
from .support import attack, lines, rows

FULL: tuple[str | EventDraft, ...] = (
    *GIVEN,
    OPEN,
    "submitted",
    event("submit_intent", payload={"intent": "i2"}),
    event("outcome_unknown", payload={"intent": "i2"}),
    event("withdrawing", payload={"gone": "r1"}),
)


def draft(type_: str | EventDraft, record_id: str = "rec", **other: Any) -> EventDraft:
    made = event(type_) if isinstance(type_, str) else type_
    values = {"type": made.type, "at": made.at, "payload": made.payload, "actor": made.actor}
    return EventDraft(**{**values, "record_id": record_id, "subject_ref": f"of-{record_id}", **other})


def write(store: Any, *types: str | EventDraft, record_id: str = "rec") -> None:
    for one in types:
        store.append(draft(one, record_id))


def folding(ledger: Ledger) -> Folding:
    made = Folding()
    for row in ledger.store.rows():
        made.see(row)
    return made


def assert_equal_to_the_fold(ledger: Ledger) -> None:
    made = folding(ledger)
    assert list(ledger.store.projection.stored()) == sorted(made.rows())
    pairs = {(replica, one) for one, state in made.states.items() for replica in state.replicas}
    assert set(ledger.store.projection.stored_replicas()) == pairs


# the row


def test_every_member_of_a_state_is_kept() -> None:
    """Also those that somebody adds later: no member may stay behind."""
    made = Folding()
    for number, one in enumerate([*FULL, "verification"], start=1):
        it = draft(one)
        made.see(link(it, canonical(it.plain_payload()), _head(number - 1)))
    state = made.states["rec"]
    assert state_of(text_of(state)) == state
    assert state_of(text_of(UNSOUND)) == UNSOUND
    assert (len(state.intents), state.gone) == (2, {"r1"})
    assert state.problem is not None


def test_every_recording_of_a_record_is_kept() -> None:
    first, second = ({"where": "consent_video", "sha256": sha * 64, "recording": f"hmac:{sha}"} for sha in "cd")
    steps = ["requested", event("recorded", payload=first), "verification", event("recorded", payload=second)]
    made = Folding()
    for number, one in enumerate(steps, start=1):
        if one == "verification":
            one = event("verification", payload={"verdict": "MISMATCH", "source": "supplied"})
        it = draft(one)
        made.see(link(it, canonical(it.plain_payload()), _head(number - 1)))
    state = made.states["rec"]
    assert state_of(text_of(state)) == state
    assert (len(state.earlier), state.checks, state.problem) == (1, frozenset(), None)


def _head(size: int) -> Any:
    from tavus_consent.ledger import EMPTY, Head

    return EMPTY if size == 0 else Head(size, "0" * 63 + "1")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"state":"odd"}', '{"other":1}', '{"evidence":{"at":1}}', None, 5])
def test_a_row_that_is_none_is_said(text: Any) -> None:
    with pytest.raises(InvalidRequestError):
        state_of(text)


# with every event


def test_the_row_follows_every_append(ledger: Ledger) -> None:
    for one in FULL:
        write(ledger.store, one)
        assert_equal_to_the_fold(ledger)
    assert ledger.store.of_replica("r1") == ["rec"]
    assert ledger.store.of_replica("r2") == []


def test_an_output_that_is_known_is_one_row(ledger: Ledger, opened: Opener, tmp_path: Path) -> None:
    for one in (*GIVEN, "used", "used"):
        write(ledger.store, one)
    assert ledger.store.projection.stored_outputs() == [("v1", "video", "rec")]
    exported = list(ledger.store.export_lines())
    other = opened(f"sqlite:///{tmp_path / 'other.db'}")
    other.store.import_lines(exported[:-1])
    other.store.import_lines(exported[-1:])
    assert_equal_to_the_fold(other)


TYPES = st.sampled_from([*EventType, *EventType, "tomorrows_event"])


@pytest.mark.exhaustive
@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), TYPES), max_size=25))
def test_whatever_is_appended_or_imported_the_rows_equal_the_fold(
    tmp_path_factory: pytest.TempPathFactory, chosen: list[tuple[str, str]]
) -> None:
    from tavus_consent.ledger import open_ledger

    folder = tmp_path_factory.mktemp("ledgers")
    with (
        open_ledger(f"sqlite:///{folder}/one.db", key_folder=folder) as one,
        open_ledger(f"sqlite:///{folder}/two.db", key_folder=folder) as two,
    ):
        head = one.store.head()
        for record_id, type_ in chosen:
            made = draft("requested", record_id, payload=PAYLOADS.get(type_, {}))
            row = link(made, canonical(made.plain_payload()), head)._replace(type=type_)
            row = row._replace(hash=_digest(row))
            head = one.store.import_lines([line_of(event_of(row))])
        two.store.import_lines(one.store.export_lines())
        for each in (one, two):
            assert_equal_to_the_fold(each)


def _digest(row: Any) -> str:
    from tavus_consent.ledger.chain import digest

    return digest(row)


def test_a_conflict_leaves_the_row_as_it_was(ledger: Ledger) -> None:
    write(ledger.store, "requested")
    with pytest.raises(LedgerConflict, match="1 events, not 5"):
        ledger.store.append(draft("recorded"), expect_state_version=5)
    assert_equal_to_the_fold(ledger)


# a row that was damaged stops nobody, and is made anew by the next event


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tavus_consent_records SET folded = '{'",
        "UPDATE tavus_consent_records SET folded = replace(folded, '4}', '3}')",
        "UPDATE tavus_consent_records SET folded = replace(folded, '\"rec\"', '\"red\"')",
    ],
)
def test_a_damaged_row_is_made_anew_by_the_next_event(url: str, ledger: Ledger, change: str) -> None:
    write(ledger.store, *GIVEN)
    attack(url, change)
    ledger.store.append(draft("withdrawing"), expect_state_version=4)
    assert_equal_to_the_fold(ledger)


def test_a_row_that_cannot_be_read_is_read_from_the_events(url: str, ledger: Ledger) -> None:
    write(ledger.store, *GIVEN)
    attack(url, "UPDATE tavus_consent_records SET folded = '{'")
    state = ledger.store.state("rec")
    assert state is not None
    assert (state.state, state) == (State.GIVEN, ledger.store.folded("rec"))


def test_a_row_without_events_is_unsound(url: str, ledger: Ledger) -> None:
    write(ledger.store, *GIVEN)
    attack(url, "UPDATE tavus_consent_records SET record_id = 'red'")
    (found,) = ledger.store.page(RecordQuery(now=BEGIN), 0, 10)
    assert (found[1].record_id, found[1].state) == ("red", State.UNSOUND)


# what is looked for


def life_of(record_id: str, status: State) -> tuple[str | EventDraft, ...]:
    ways: dict[State, tuple[str | EventDraft, ...]] = {
        State.REQUESTED: ("requested",),
        State.RECORDED: ("requested", "recorded"),
        State.GIVEN: (*GIVEN, OPEN),
        State.WITHDRAWING: FULL,
        State.EXPIRED: (*GIVEN, event("expired", END)),
        State.UNSOUND: ("recorded",),
        State.ATTESTED: ("attestation", event("submit_intent", payload={"intent": "i1"})),
    }
    return ways[status]


STATES = [
    State.REQUESTED,
    State.RECORDED,
    State.GIVEN,
    State.WITHDRAWING,
    State.EXPIRED,
    State.UNSOUND,
    State.ATTESTED,
]


@pytest.fixture
def stores(ledger: Ledger) -> list[Any]:
    memory = MemoryStore()
    for store in (ledger.store, memory):
        for number, status in enumerate(STATES * 2):
            write(store, *life_of(f"r{number}", status), record_id=f"r{number}")
    return [ledger.store, memory]


@pytest.mark.parametrize("now", [BEGIN, END - timedelta(days=20), END, END + timedelta(days=1)])
def test_the_store_decides_as_the_pure_rule(stores: list[Any], now: datetime) -> None:
    wanted = [
        *(RecordQuery(now=now, status=status) for status in State),
        RecordQuery(now=now),
        RecordQuery(now=now, unsettled=True),
        RecordQuery(now=now, everything=True),
        RecordQuery(now=now, until=now + timedelta(days=30)),
        RecordQuery(now=now, status=State.GIVEN, until=now + timedelta(days=30)),
    ]
    for one in wanted:
        found = [[state.record_id for _, state in store.page(one, 0, 100)] for store in stores]
        every = stores[1].page(RecordQuery(now=now, everything=True), 0, 100)
        expected = [state.record_id for _, state in every if one.admits(state)]
        assert found == [expected, expected], one


def test_pages_follow_each_other(stores: list[Any]) -> None:
    wanted = RecordQuery(now=BEGIN, everything=True)
    for store in stores:
        seen, after = [], 0
        while page := store.page(wanted, after, 3):
            seen += [state.record_id for _, state in page]
            after = page[-1][0]
        assert seen == [f"r{number}" for number in range(14)]
        assert store.first("r1") == 2
        assert store.first("nobody") is None


# ledgers that have no projection yet


def older(url: str) -> None:
    """Make a ledger as the version before the projection made it."""
    from alembic import command
    from alembic.config import Config

    from tavus_consent.ledger import database

    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).touch(0o600)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in rows(12):
            names = ", ".join(row._fields)
            values = ", ".join(f":{name}" for name in row._fields)
            connection.execute(sa.text(f"INSERT INTO tavus_consent_events ({names}) VALUES ({values})"), row._asdict())
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).chmod(0o600)


def test_an_older_ledger_gets_its_projection_when_it_is_opened(url: str, opened: Opener) -> None:
    older(url)
    ledger = opened(url)
    assert list(ledger.store.export_lines()) == lines(12)
    assert len(ledger.store.page(RecordQuery(now=BEGIN, everything=True), 0, 100)) == 5
    assert_equal_to_the_fold(ledger)


def test_an_older_ledger_with_an_event_that_cannot_be_read_is_opened(url: str, opened: Opener) -> None:
    older(url)
    attack(url, "UPDATE tavus_consent_events SET payload = '{' WHERE seq = 1")
    ledger = opened(url)
    assert_equal_to_the_fold(ledger)
    state = ledger.store.state("r1")
    assert state is not None
    assert "event 1 cannot be read" in str(state.problem)


def test_a_projection_of_an_older_fold_is_made_anew(url: str, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = opened(url)
    write(ledger.store, *GIVEN)
    attack(url, "DELETE FROM tavus_consent_records")
    ledger.close()
    monkeypatch.setattr("tavus_consent.ledger.store.FOLD", 1000)
    assert_equal_to_the_fold(opened(url))


def test_a_projection_of_a_newer_fold_is_not_touched(url: str, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tavus_consent.ledger.store.FOLD", 1000)
        opened(url).close()
    with pytest.raises(LedgerUnavailable, match="newer version"):
        opened(url)
