"""Typed results: states, dates, progress, and that nothing is lost."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from types import MemberDescriptorType

import pytest
from attrs import fields

import tavus_consent as tc
from tavus_api import models
from tavus_consent.results import parse_date


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("started", "training"),
        ("training", "training"),
        ("processing", "training"),
        ("queued-for-something-new", "training"),
        (None, "training"),
        ("completed", "ready"),
        ("ready", "ready"),
        ("error", "failed"),
    ],
)
def test_every_status_word_is_one_of_three_states(status: str | None, expected: str) -> None:
    replica = tc.Replica(replica_id="r1", status=status)
    states = {"training": replica.is_training, "ready": replica.is_ready, "failed": replica.is_failed}
    assert [name for name, holds in states.items() if holds] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-24T07:14:03.327Z", datetime(2024, 1, 24, 7, 14, 3, 327000, tzinfo=UTC)),
        ("Mon, 14 Jul 2025 09:14:24 GMT", datetime(2025, 7, 14, 9, 14, 24, tzinfo=UTC)),
        ("2024-08-28 15:27:40.824457", datetime(2024, 8, 28, 15, 27, 40, 824457, tzinfo=UTC)),
        ("2025-07-11T06:45:47.472000Z", datetime(2025, 7, 11, 6, 45, 47, 472000, tzinfo=UTC)),
        ("2025-07-11T06:45:47+02:00", datetime(2025, 7, 11, 4, 45, 47, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("Mon, 14 Jul 2025 99:99:99 GMT", None),
    ],
)
def test_every_date_format_of_tavus_is_read(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


def test_dates_are_in_utc() -> None:
    date = parse_date("2025-07-11T06:45:47+02:00")
    assert date is not None
    assert date.utcoffset() == timedelta(0)


def test_a_date_that_cannot_be_read_is_kept_as_it_came() -> None:
    replica = tc.Replica.from_json({"replica_id": "r1", "created_at": "soon"})
    assert (replica.created_at, replica.extra) == (None, {"created_at": "soon"})


@pytest.mark.parametrize(
    ("text", "progress"),
    [("0/100", 0.0), ("40/100", 0.4), (" 1 / 4 ", 0.25), ("120/100", 1.0), ("5/0", None), ("half", None), (None, None)],
)
def test_progress_is_a_number(text: str | None, progress: float | None) -> None:
    assert tc.Replica(replica_id="r1", training_progress=text).progress == progress


def test_to_dict_gives_back_what_came() -> None:
    data = {"replica_id": "r1", "status": "started", "created_at": "2024-01-24T07:14:03+00:00", "new": [1]}
    assert json.loads(json.dumps(tc.Replica.from_json(data).to_dict())) == data


def test_a_null_date_is_none() -> None:
    assert tc.Replica.from_json({"replica_id": "r1", "created_at": None}).created_at is None


def test_a_presigned_thumbnail_is_not_in_the_repr() -> None:
    replica = tc.Replica(replica_id="r1", thumbnail_video_url="https://cdn.example/a/t.mp4?sig=s3cret")
    assert "s3cret" not in repr(replica)
    assert "thumbnail_video_url='[link]'" in repr(replica)


def test_what_looks_like_a_key_is_shown_as_an_id_only() -> None:
    key = "0123456789abcdef0123456789abcdef"
    shown = repr(tc.Replica(replica_id=key, error_message=f"no such key: {key}."))
    assert shown == f"Replica(replica_id='{key}', error_message='no such key: [redacted].')"


def test_a_link_in_the_error_message_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(tc.Replica(replica_id="r1", error_message="cannot get https://a.example/x?t=s3cret"))


def test_a_replica_does_not_change() -> None:
    with pytest.raises(AttributeError):
        tc.Replica(replica_id="r1").status = "ready"  # type: ignore[misc]


def test_equal_replicas_are_equal() -> None:
    assert tc.Replica(replica_id="r1", status="started") == tc.Replica(replica_id="r1", status="started")


def test_a_replica_can_be_in_a_set() -> None:
    one = tc.Replica.from_json({"replica_id": "r1", "new": [1]})
    assert len({one, one}) == 1


def test_a_replica_survives_pickling() -> None:
    replica = tc.Replica.from_json({"replica_id": "r1", "created_at": "2024-01-24T07:14:03Z", "new": [1]})
    assert pickle.loads(pickle.dumps(replica)) == replica


def test_a_plain_replica_survives_pickling() -> None:
    replica = tc.Replica(replica_id="r1", created_at=datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    assert pickle.loads(pickle.dumps(replica)) == replica


def test_a_face_has_every_member_that_the_specification_gives_it() -> None:
    for name in models.Face._members:
        assert isinstance(getattr(tc.Face, name), (property, MemberDescriptorType))
    assert {name for name, _ in tc.Face._members.values()} == {one.name for one in fields(tc.Face)} - {"extra"}


def test_a_face_is_shown_by_its_newer_names() -> None:
    assert repr(tc.Face(replica_id="r1", replica_name="Rio")) == "Face(face_id='r1', face_name='Rio')"


def test_a_face_is_read_and_written_by_its_newer_names() -> None:
    data = {"face_id": "r1", "face_name": "Rio", "finetune_status": "training", "new": 1}
    face = tc.Face.from_json(data)
    assert (face.replica_id, face.face_name, face.finetune_status, face.extra) == ("r1", "Rio", "training", {"new": 1})
    assert face.to_dict() == data
