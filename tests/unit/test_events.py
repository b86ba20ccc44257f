"""Events: their valid content, and the round trip to the store."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_consent import InvalidRequestError
from tavus_consent.consent.events import EventDraft, format_time, parse_time
from tavus_consent.ledger import Event, EventType

AT = datetime(2026, 5, 23, 12, 0, 0, 7, tzinfo=UTC)


def draft(**other: Any) -> EventDraft:
    return EventDraft(
        **{"type": "requested", "at": AT, "record_id": "rec_1", "subject_ref": "sub_1", "actor": "hr@app.example"}
        | other
    )


def event(**other: Any) -> Event:
    return Event(**attrs.asdict(draft(), recurse=False) | {"seq": 1, "prev": "0" * 64, "hash": "a" * 64} | other)


def test_an_event_is_plain_json() -> None:
    payload = {"verdict": "PASS", "score": 0.875, "name": "hmac:00ff", "ids": ["r1", None, True, 3], "deep": {"a": {}}}
    assert json.loads(json.dumps(event(payload=payload, event_id="e1").to_dict())) == {
        "seq": 1,
        "event_id": "e1",
        "type": "requested",
        "at": "2026-05-23T12:00:00.000007Z",
        "record_id": "rec_1",
        "subject_ref": "sub_1",
        "actor": "hr@app.example",
        "payload": payload,
        "prev": "0" * 64,
        "hash": "a" * 64,
    }


def test_a_draft_has_no_place_in_the_chain() -> None:
    assert not {"seq", "prev", "hash"} & draft().to_dict().keys()


def test_an_event_comes_back_as_it_went() -> None:
    one = event(payload={"ids": ["r1", {"a": 1}]})
    assert Event.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_every_draft_draws_an_id() -> None:
    assert draft().event_id != draft().event_id


@pytest.mark.parametrize("type_", EventType)
def test_a_draft_takes_every_known_type(type_: EventType) -> None:
    assert draft(type=str(type_)).type == type_


def test_an_event_of_a_newer_version_is_kept() -> None:
    """The chain must be verified whatever it holds."""
    assert Event.from_dict(event().to_dict() | {"type": "renewed"}).type == "renewed"


@pytest.mark.parametrize(
    ("other", "field", "reason"),
    [
        ({"type": "renewed"}, "type", "unknown"),
        ({"at": datetime(2026, 5, 23)}, "at", "naive"),
        ({"at": "2026-05-23"}, "at", "naive"),
        ({"record_id": ""}, "record_id", "form"),
        ({"record_id": "a b"}, "record_id", "form"),
        ({"subject_ref": "Rio Alvarez"}, "subject_ref", "form"),
        ({"event_id": 7}, "event_id", "form"),
        ({"actor": " "}, "actor", "form"),
        ({"actor": None}, "actor", "form"),
        ({"actor": "x" * 201}, "actor", "form"),
        ({"actor": "a\nb"}, "actor", "form"),
        ({"payload": ["a"]}, "payload", "form"),
        ({"payload": {"Key": 1}}, "payload", "key"),
        ({"payload": {1: 1}}, "payload", "key"),
        ({"payload": {"a": [{"B": 1}]}}, "payload", "key"),
        ({"payload": {"name": "Rio Alvarez"}}, "payload", "text"),
        ({"payload": {"name": "Müller"}}, "payload", "text"),
        ({"payload": {"link": "https://bucket.example/a.mp4"}}, "payload", "text"),
        ({"payload": {"said": "x" * 201}}, "payload", "text"),
        ({"payload": {"lone": "\ud800"}}, "payload", "text"),
        ({"payload": {"a": float("nan")}}, "payload", "value"),
        ({"payload": {"a": float("inf")}}, "payload", "value"),
        ({"payload": {"a": 2**53}}, "payload", "value"),
        ({"payload": {"a": AT}}, "payload", "value"),
        ({"payload": {"a": [[[[[[1]]]]]]}}, "payload", "deep"),
    ],
)
def test_what_does_not_belong_into_an_event_is_refused(other: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        draft(**other)
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert re.fullmatch(rf"the event's {field} (?:is|has|holds) .{{6,}}", str(caught.value))


@pytest.mark.parametrize(
    "other",
    [
        {"actor": "x" * 200},
        {"payload": {"a": 2**53 - 1, "b": 1 - 2**53, "c": 2.0**53 - 1}},
        {"payload": {"a": [[[[1]]]]}},
        {"payload": {"a": {"b": {"c": {"d": {"e": 1}}}}}},
        {"payload": {"said": "x" * 200}},
    ],
)
def test_what_is_just_allowed_stays_as_it_is(other: dict[str, Any]) -> None:
    assert {name: draft(**other).to_dict()[name] for name in other} == other


def test_a_draft_in_its_place_is_the_event() -> None:
    one = draft(payload={"ids": ["r1", {"a": 1}]}, event_id="e1")
    there = one.placed(seq=3, prev="0" * 64, hash="a" * 64)
    assert there == event(payload=one.payload, event_id="e1", seq=3)


def test_the_time_of_an_event_is_one_of_utc() -> None:
    assert draft(at=AT.astimezone(timezone(timedelta(hours=9)))).at.tzinfo is UTC


def test_the_repr_shows_the_payload_as_json_would() -> None:
    assert "payload={'verdict': 'PASS'}" in repr(draft(payload={"verdict": "PASS"}))


def test_a_refusal_does_not_repeat_what_it_refuses() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        draft(payload={"name": "Rio Alvarez"})
    assert "Rio" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"type": "Not A Word"}, "type", "form"),
        ({"type": None}, "type", "form"),
        ({"seq": 0}, "seq", "form"),
        ({"seq": "1"}, "seq", "form"),
        ({"seq": True}, "seq", "form"),
        ({"payload": None}, "payload", "form"),
        ({"more": 1}, "event", "fields"),
        ({"at": "2026-05-23T12:00:00Z"}, "at", "time"),
        ({"at": "2026-02-30T12:00:00.000000Z"}, "at", "time"),
    ],
)
def test_a_damaged_row_is_no_event(change: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Event.from_dict(event().to_dict() | change)
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert re.fullmatch(rf"the event's {field} (?:is|does) .{{6,}}", str(caught.value))


@pytest.mark.parametrize("missing", ["at", "hash", "payload", "event_id"])
def test_a_row_with_a_field_missing_is_no_event(missing: str) -> None:
    data = event().to_dict()
    del data[missing]
    with pytest.raises(InvalidRequestError):
        Event.from_dict(data)


def test_the_payload_cannot_change_under_its_hash() -> None:
    mine: dict[str, Any] = {"ids": ["r1"]}
    one = draft(payload=mine)
    mine["ids"].append("r2")
    assert one.to_dict()["payload"] == {"ids": ["r1"]}
    with pytest.raises(TypeError):
        one.payload["ids"] = ()  # type: ignore[index]


def test_times_are_kept_in_utc() -> None:
    there = datetime(2026, 5, 23, 14, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    assert draft(at=there).to_dict()["at"] == "2026-05-23T12:00:00.000007Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_has_one_spelling(at: datetime) -> None:
    assert parse_time(format_time(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-23T12:00:00Z",
        "2026-05-23T12:00:00.000007+00:00",
        "2026-05-23 12:00:00.000007Z",
        "2026-02-30T12:00:00.000007Z",
        "٢٠٢٦-05-23T12:00:00.000007Z",
        "",
        None,
    ],
)
def test_another_spelling_of_a_time_is_refused(text: Any) -> None:
    with pytest.raises(InvalidRequestError):
        parse_time(text)
