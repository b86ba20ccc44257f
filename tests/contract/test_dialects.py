"""The SDK against every way in which Tavus may answer: one set of cases, on the fake in each of its dialects."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import Dialect, FakeTavus, FakeTransport

Call = Callable[[Callable[[Any], Any]], Any]

FOX = {
    "train_video_url": "https://media.example/fox.mp4",
    "attestation": "A fox that we drew",
    "attested_by": "studio@app.example",
}
STOCK = "r90bbd427f71"
LINK = "https://media.example/file.mp4"
DIALECTS = [
    Dialect(envelope=envelope, delete_status=status, first_page=first)  # type: ignore[arg-type]  # products of literals
    for envelope, status, first in product(("data", "flat"), (None, 200, 204), (None, 0, 1))
]


@pytest.mark.parametrize("wrong", [{"envelope": "list"}, {"delete_status": 202}, {"first_page": 2}])
def test_there_are_only_the_dialects_that_somebody_speaks(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Dialect(**wrong)


@pytest.fixture(params=DIALECTS, ids=lambda one: f"{one.envelope}-{one.delete_status}-{one.first_page}")
def fake(request: pytest.FixtureRequest) -> FakeTavus:
    return FakeTavus(dialect=request.param, stock={"replica": [{"id": STOCK}], "persona": [], "voice": []})


@pytest.fixture
def tavus(fake: FakeTavus, make_client: Callable[..., Any]) -> Call:
    made: Call = make_client(transport=FakeTransport(fake), api_key=fake.api_key, clock=fake.clock)
    return made


def test_replicas(fake: FakeTavus, tavus: Call) -> None:
    made = tavus(lambda t: t.replicas.create_non_human(**FOX)).replica_id
    assert tavus(lambda t: t.replicas.wait(made)).is_ready
    tavus(lambda t: t.replicas.rename(made, "Fox"))
    assert tavus(lambda t: t.replicas.get(made)).replica_name == "Fox"
    tavus(lambda t: t.replicas.delete(made))
    assert fake.replicas == {}


def test_faces(fake: FakeTavus, tavus: Call) -> None:
    made = tavus(lambda t: t.faces.create_non_human(**FOX)).face_id
    tavus(lambda t: t.faces.patch(made, face_name="Fox"))
    assert tavus(lambda t: t.faces.get(made)).face_name == "Fox"
    tavus(lambda t: t.faces.delete(made))
    assert fake.replicas == {}


def test_videos(fake: FakeTavus, tavus: Call) -> None:
    made = tavus(lambda t: t.videos.create(replica_id=STOCK, script="Hi")).video_id
    tavus(lambda t: t.videos.rename(made, video_name="Hello"))
    assert tavus(lambda t: t.videos.get(made)).video_name == "Hello"
    tavus(lambda t: t.videos.delete(made))
    assert fake.objects("video") == {}


@pytest.mark.parametrize(
    ("kind", "namespace", "body", "name"),
    [
        ("persona", "personas", {"persona_name": "Sam", "system_prompt": "Hi"}, "persona_name"),
        ("persona", "pals", {"pal_name": "Sam", "default_face_id": STOCK}, "pal_name"),
        ("pronunciation_dictionary", "pronunciation_dictionaries", {"name": "Sam", "rules": []}, "name"),
    ],
)
def test_objects_that_are_patched(
    fake: FakeTavus, tavus: Call, kind: str, namespace: str, body: dict[str, Any], name: str
) -> None:
    answer = tavus(lambda t: getattr(t, namespace).create(**body))
    made = next(value for field, value in answer.to_dict().items() if field.endswith("_id"))
    assert getattr(tavus(lambda t: getattr(t, namespace).get(made)), name) == "Sam"
    tavus(lambda t: getattr(t, namespace).patch(made, changes={name: "Samira"}))
    assert getattr(tavus(lambda t: getattr(t, namespace).get(made)), name) == "Samira"
    tavus(lambda t: getattr(t, namespace).delete(made))
    assert fake.objects(kind) == {}


@pytest.mark.parametrize("names", [("one",), ("one", "two")])
@pytest.mark.parametrize(("namespace", "noun"), [("objectives", "objective"), ("guardrails", "guardrail")])
def test_sets(fake: FakeTavus, tavus: Call, namespace: str, noun: str, names: tuple[str, ...]) -> None:
    parts = [{f"{noun}_name": each, f"{noun}_prompt": "Why?"} for each in names]
    made = tavus(lambda t: getattr(t, namespace).create(name="intake", data=parts)).to_dict()[f"{namespace}_id"]

    answer = tavus(lambda t: getattr(t, namespace).get(made))
    found = answer.data if noun == "guardrail" and answer.data is not None else answer
    assert [getattr(part, f"{noun}_name") for part in (found.data or [found])] == list(names)
    tavus(lambda t: getattr(t, namespace).delete(made))
    assert fake.objects(namespace) == {}


LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "replicas": ("replica", {}),
    "faces": ("face", {}),
    "videos": ("video", {}),
    "personas": ("persona", {}),
    "pals": ("pal", {}),
    "conversations": ("conversation", {}),
    "documents": ("document", {"document_url": LINK}),
    "objectives": ("objectives", {"objective_name": "one"}),
    "tools": ("tool", {}),
    "deployments": ("deployment", {}),
    "pronunciation_dictionaries": ("pronunciation_dictionary", {}),
}


@pytest.mark.parametrize("number", [1, 10, 11, 25])
@pytest.mark.parametrize("namespace", LISTS)
@pytest.mark.parametrize("fake", [Dialect(first_page=first) for first in (None, 0, 1)], indirect=True, ids=str)
def test_lists_are_complete(fake: FakeTavus, tavus: Call, namespace: str, number: int) -> None:
    kind, fields = LISTS[namespace]
    for index in range(number):
        fake.add(kind, id=f"x{index}", **fields)

    listed = [item.to_dict() for item in tavus(lambda t: getattr(t, namespace).list())]

    found = [value for item in listed for value in item.values() if isinstance(value, str) and value.startswith("x")]
    assert sorted(found) == sorted(f"x{index}" for index in range(number))
