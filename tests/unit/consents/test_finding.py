"""Persons are found by reference, name or replica, and erased as a whole. Methods accept the id of a record."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, strategies as st

import tavus_consent as tc
from tavus_consent import ConsentVideo, SpokenConsent
from tavus_consent.consent.persons import Mark, Person, name_key
from tavus_consent.ledger import vault
from tavus_consent.ledger.protocols import RecordQuery

from .conftest import OpenDesk
from .support import LINK, NAME, NOW, TRAIN, Desk


def ids(records: list[tc.ConsentRecord]) -> list[str]:
    return [one.record_id for one in records]


# find


def test_a_person_is_found_by_reference_and_by_name(desk: Desk) -> None:
    first = desk.request(reference="employee-4711")
    second = desk.request("SIOBHAN OCONNOR")
    desk.request("Rio Alvarez", reference="employee-4712")
    assert ids(desk(lambda t: t.consents.find(reference="employee-4711"))) == ids([first])
    assert ids(desk(lambda t: t.consents.find(full_name=NAME))) == ids([first, second])
    assert desk(lambda t: t.consents.find(full_name="Ada Okafor")) == []


@given(st.from_regex(r"[A-Za-z]+( [A-Za-z]+){0,3}", fullmatch=True), st.sampled_from(["\u0301", ".", "-", " "]))
def test_a_plain_name_is_the_same_however_it_is_written(name: str, sign: str) -> None:
    assert name_key(name) == name_key(name + sign) == name_key(name.swapcase())


def test_a_record_is_found_by_what_came_of_it(desk: Desk) -> None:
    record = desk.recorded()
    replica = desk.create(record)
    assert ids(desk(lambda t: t.consents.find(replica_id=replica.replica_id))) == ids([record])
    assert desk(lambda t: t.consents.for_replica(replica.replica_id)).record_id == record.record_id
    assert desk(lambda t: t.consents.for_replica("r0")) is None


@pytest.mark.parametrize("given", [{}, {"reference": "a", "full_name": "b"}, {"reference": " "}, {"replica_id": "a/b"}])
def test_what_to_find_is_one_thing(memory_desk: Desk, given: dict[str, str]) -> None:
    with pytest.raises(tc.InvalidRequestError):
        memory_desk(lambda t: t.consents.find(**given))


def test_records_are_searched(desk: Desk) -> None:
    record = desk.recorded(reference="employee-4711")
    replica = desk.create(record)
    desk.request("Rio Alvarez")
    for text in ("siobhan", "O’Connor", "4711", record.record_id[:8], replica.replica_id):
        assert ids(desk(lambda t, text=text: t.consents.list(search=text, limit=5))) == ids([record])
    assert desk(lambda t: t.consents.list(search="-")) == [desk.get(record)]  # only the reference has one
    with pytest.raises(tc.InvalidRequestError):
        desk(lambda t: t.consents.list(search=""))


def test_an_erased_record_is_searched_too(desk: Desk) -> None:
    record = desk.recorded()
    desk(lambda t: t.consents.erase(record))
    assert ids(desk(lambda t: t.consents.list(search=record.record_id))) == ids([record])


# erase


def test_a_person_is_erased_with_all_records(desk: Desk) -> None:
    first = desk.recorded(reference="employee-4711")
    second = desk.request("Siobhán Kelly", reference="employee-4711")
    other = desk.request("Rio Alvarez")
    assert len(desk(lambda t: t.consents.erase_person(reference="employee-4711"))) == 2
    assert [desk.get(one).status for one in (first, second, other)] == ["erased", "erased", "requested"]
    for by in ({"reference": "employee-4711"}, {"full_name": NAME}, {"full_name": "Siobhán Kelly"}):
        assert desk(lambda t, by=by: t.consents.find(**by)) == []


def test_a_person_is_erased_by_name(desk: Desk) -> None:
    records = [desk.request(reference="employee-4711"), desk.request()]
    desk(lambda t: t.consents.erase_person(full_name=NAME))
    assert [desk.get(one).status for one in records] == ["erased", "erased"]


def test_namesakes_are_not_erased_together(desk: Desk) -> None:
    desk.request(reference="employee-1")
    desk.request(reference="employee-2")
    with pytest.raises(tc.InvalidRequestError) as caught:
        desk(lambda t: t.consents.erase_person(full_name=NAME))
    assert caught.value.reason == "namesakes"


def test_nobody_is_erased_by_half(desk: Desk) -> None:
    first = desk.request()
    second = desk.bring(desk.request(), ConsentVideo(LINK))
    desk.create(second)
    with pytest.raises(tc.IllegalTransition) as caught:
        desk(lambda t: t.consents.erase_person(full_name=NAME))
    assert second.record_id in str(caught.value)
    assert desk.get(first).status == "requested"


def test_who_is_not_there_cannot_be_erased(desk: Desk) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        desk(lambda t: t.consents.erase_person(reference="employee-4711"))
    assert caught.value.reason == "unknown"


# by id


@pytest.mark.parametrize("noun", ["replicas", "faces"])
def test_a_create_takes_the_id_of_a_record(desk: Desk, noun: str) -> None:
    record = desk.recorded()
    made = desk(lambda t: getattr(t, noun).create_personal(train_video_url=TRAIN, consent=record.record_id))
    assert desk.get(record).replicas == (made.replica_id,)


def test_an_id_that_nobody_knows_is_refused(desk: Desk) -> None:
    with pytest.raises(tc.ConsentRequired) as caught:
        desk.create("6f1c0a52")
    assert (caught.value.reason, desk.sent()) == ("none", [])
    with pytest.raises(tc.ConsentRequired):
        desk(lambda t: t.replicas.preflight(train_video_url=TRAIN, consent="6f1c0a52"))


def test_spoken_consent_becomes_a_record_of_the_person(desk: Desk) -> None:
    replica = desk.create(SpokenConsent(NAME, LINK, reference="employee-4711"))
    (record,) = desk(lambda t: t.consents.find(reference="employee-4711"))
    assert (record.replicas, record.terms.reference) == ((replica.replica_id,), "employee-4711")


# what it costs


def test_a_thousand_earlier_records_are_not_read(
    url: str, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(url)
    desk.create(SpokenConsent(NAME, LINK))
    registry = desk.client.tavus._registry()
    index, database = registry._log.index, registry._log.store._database
    seen = {"statements": 0, "rows": 0, "opened": 0}

    def statement(*_: Any) -> None:
        seen["statements"] += 1

    def opened(*given: Any) -> Any:
        seen["opened"] += 1
        return open_(*given)

    def against(*given: Any, **named: Any) -> Any:
        found = ask(*given, **named)
        seen["rows"] += sum(map(len, found))
        return found

    open_, ask = vault.opened, type(index).against
    monkeypatch.setattr(vault, "opened", opened)
    monkeypatch.setattr(type(index), "against", against)
    sa.event.listen(database._engine, "before_cursor_execute", statement)

    def cost() -> dict[str, int]:
        before = dict(seen)
        desk.request()
        desk.create(SpokenConsent(NAME, LINK))
        return {name: seen[name] - before[name] for name in seen}

    cost()
    few = cost()
    person = Person.of(NAME, None)
    states = registry._log.states(RecordQuery(now=NOW))
    recording = registry._protection.recording_of(next(states))[0]
    training = registry._protection.recording(TRAIN, None)
    marks = [*person.marks(), *recording.marks("recording", person), *training.marks("training", person)]
    more = [Mark(*mark)._replace(record_id=f"r{number}") for number in range(1000) for mark in marks]
    index.add(index.rows(more))
    assert cost() == few
    assert few["rows"] == 0
