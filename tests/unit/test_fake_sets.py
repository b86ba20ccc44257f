"""Sets of objectives and guardrails in FakeTavus: all their parts are kept, and the SDK reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tavus_consent.testing import Dialect, FakeTavus, FakeTransport

KINDS = {
    "objectives": ("objective_name", "objective_prompt"),
    "guardrails": ("guardrail_name", "guardrail_prompt"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


def client(fake: FakeTavus) -> httpx.Client:
    headers = {"x-api-key": "fake-key"}
    return httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    with client(fake) as http:
        yield http


def make(http: httpx.Client, kind: str, *names: str) -> str:
    name, prompt = KINDS[kind]
    parts: list[dict[str, Any]] = [{name: each, prompt: f"{each}?"} for each in names]
    parts[0]["callback_url"] = "https://app.example/hook"
    answer = http.post(kind, json={"name": "intake", "data": parts})
    assert answer.status_code == 200, answer.text
    return str(answer.json()[f"{kind}_id"])


@every_kind
def test_a_set_with_one_part_is_an_object(http: httpx.Client, kind: str) -> None:
    made = http.get(f"{kind}/{make(http, kind, 'one')}").json()["data"]

    assert (made[KINDS[kind][0]], "data" in made) == ("one", False)


@every_kind
def test_a_set_with_several_parts_is_a_list(http: httpx.Client, kind: str) -> None:
    made = make(http, kind, "one", "two")

    parts = http.get(f"{kind}/{made}").json()["data"]

    assert [(part[KINDS[kind][0]], part[f"{kind}_id"], "callback_url" in part) for part in parts] == [
        ("one", made, True),
        ("two", made, False),
    ]


@every_kind
def test_a_list_of_sets_has_their_parts(http: httpx.Client, kind: str) -> None:
    make(http, kind, "one", "two")
    make(http, kind, "three")

    listed = http.get(kind).json()["data"]

    assert [[part[KINDS[kind][0]] for part in each.get("data", [each])] for each in listed] == [
        ["three"],
        ["one", "two"],
    ]


@every_kind
def test_every_part_can_be_patched(http: httpx.Client, kind: str) -> None:
    made = make(http, kind, "one", "two")
    prompt = KINDS[kind][1]

    answer = http.patch(f"{kind}/{made}", json=[{"op": "replace", "path": f"/data/1/{prompt}", "value": "Why?"}])

    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert [part[prompt] for part in http.get(f"{kind}/{made}").json()["data"]] == ["one?", "Why?"]


@every_kind
@pytest.mark.parametrize("envelope", ["data", "flat"])
@pytest.mark.parametrize("names", [("one",), ("one", "two")])
def test_the_sdk_reads_all_parts(
    make_client: Callable[..., Any], kind: str, envelope: Any, names: tuple[str, ...]
) -> None:
    fake = FakeTavus(dialect=Dialect(envelope=envelope))
    with client(fake) as http:
        made = make(http, kind, *names)
    tavus = make_client(transport=FakeTransport(fake), api_key="fake-key")

    answer = tavus(lambda t: getattr(t, kind).get(made))

    # An answer about guardrails wraps the older sets, and not the newer single guardrails.
    found = answer if kind == "objectives" or answer.data is None else answer.data
    parts = found.data if len(names) > 1 else (found,)
    assert [getattr(part, KINDS[kind][0]) for part in parts] == list(names)
    assert getattr(found, KINDS[kind][0]) == "one"


def test_the_sdk_reads_a_set_beside_its_own_members(make_client: Callable[..., Any]) -> None:
    body = {"objectives_id": "o1", "name": "intake", "data": [{"objective_name": "one"}, {"objective_name": "two"}]}
    tavus = make_client(lambda _: httpx.Response(200, json=body))

    found = tavus(lambda t: t.objectives.get("o1"))

    assert (found.objectives_id, found.objective_name, [part.objective_name for part in found.data]) == (
        "o1",
        "one",
        ["one", "two"],
    )


# Examples of the documentation


def test_the_documented_patch_of_guardrails_is_answered(http: httpx.Client) -> None:
    made = make(http, "guardrails", "one")
    change = [{"op": "replace", "path": "/data/0/guardrails_prompt", "value": "Never."}]

    assert http.patch(f"guardrails/{made}", json=change).status_code == 200
    assert http.get(f"guardrails/{made}").json()["data"]["guardrail_prompt"] == "Never."


@pytest.mark.parametrize(
    ("path", "value", "stored"),
    [
        ("/layers/tts/tts_emotion_control", "true", True),
        ("/layers/tts/tts_emotion_control", "false", False),
        ("/context", "A bank", "A bank"),
    ],
)
def test_the_documented_patches_of_a_persona_are_answered(
    fake: FakeTavus, http: httpx.Client, path: str, value: str, stored: object
) -> None:
    made = http.post("personas", json={"layers": {"tts": {"tts_engine": "cartesia"}}}).json()["persona_id"]

    answer = http.patch(f"personas/{made}", json=[{"op": "add", "path": path, "value": value}])

    assert answer.status_code == 200, answer.headers["x-fake-reason"]
    found: Any = fake.objects("persona")[made]
    for step in path[1:].split("/"):
        found = found[step]
    assert found is stored or found == stored


def test_the_registered_type_of_a_patch_is_accepted(http: httpx.Client) -> None:
    made = http.post("personas", json={"persona_name": "Sam"}).json()["persona_id"]
    headers = {"content-type": "application/json-patch+json"}
    change = b'[{"op": "replace", "path": "/persona_name", "value": "Samira"}]'

    assert http.patch(f"personas/{made}", content=change, headers=headers).status_code == 200
    assert http.post("personas", content=b"{}", headers=headers).status_code == 400
    assert http.get(f"personas/{made}").json()["data"][0]["persona_name"] == "Samira"
