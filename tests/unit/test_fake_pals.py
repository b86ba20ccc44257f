"""PALs of FakeTavus, and their tools and skills."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

STOCK_PAL = "pcb7a34da5fe"
STOCK_TOOL = "t51ab1e000001"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


@pytest.fixture
def pal(http: httpx.Client) -> str:
    """The path of a PAL."""
    return f"pals/{http.post('pals', json={'default_face_id': 'r90bbd427f71', 'pal_name': 'Sam'}).json()['pal_id']}"


def test_publishing_says_what_is_live(http: httpx.Client, pal: str) -> None:
    published = http.post(f"{pal}/publish").json()

    assert {name: published[name] for name in ("status", "name", "prompt")} == {
        "status": "success",
        "name": "Sam",
        "prompt": "",
    }


@pytest.mark.parametrize(("name", "available"), [("sam", False), ("ria", True)])
def test_a_name_in_meetings_is_taken_once(http: httpx.Client, pal: str, name: str, available: bool) -> None:
    http.patch(pal, json=[{"op": "add", "path": "/layers", "value": {"conferencing": {"username": "sam"}}}])

    answer = http.get("pals/check-username", params={"username": name}).json()

    assert answer == {"available": available, "reason": None if available else "taken"}


# Tools


def test_tools_are_attached_once_and_detached(http: httpx.Client, pal: str) -> None:
    for _ in range(2):
        attached = http.post(f"{pal}/tools", json={"tool_ids": [STOCK_TOOL]}).json()
    detached = http.delete(f"{pal}/tools/{STOCK_TOOL}")

    assert [tool["tool_id"] for tool in attached["data"]] == [STOCK_TOOL]
    assert (detached.status_code, http.get(f"{pal}/tools").json()["data"]) == (204, [])


def test_a_pal_that_was_patched_without_tools_can_still_be_given_some(http: httpx.Client, pal: str) -> None:
    changed = http.patch(pal, json=[{"op": "replace", "path": "/pal_name", "value": "Samira"}])

    assert (changed.status_code, http.get(f"{pal}/tools").json()["data"]) == (200, [])
    assert http.delete(f"{pal}/tools/{STOCK_TOOL}").status_code == 400
    attached = http.post(f"{pal}/tools", json={"tool_ids": [STOCK_TOOL]}).json()
    assert [tool["tool_id"] for tool in attached["data"]] == [STOCK_TOOL]


def test_a_deleted_tool_is_no_longer_listed(http: httpx.Client, pal: str) -> None:
    tool_id = http.post("tools", json={"name": "look", "description": "Looks."}).json()["tool_id"]
    http.post(f"{pal}/tools", json={"tool_ids": [tool_id]})

    http.delete(f"tools/{tool_id}")

    assert http.get(f"{pal}/tools").json() == {"data": [], "total_count": 0}


def test_a_tool_that_is_not_attached_cannot_be_detached(http: httpx.Client, pal: str) -> None:
    answer = http.delete(f"{pal}/tools/{STOCK_TOOL}")

    assert (answer.status_code, answer.json()) == (400, {"error": "Bad Request. Tool not attached to this PAL"})


def test_only_tools_that_there_are_can_be_attached(http: httpx.Client, pal: str) -> None:
    answer = http.post(f"{pal}/tools", json={"tool_ids": ["t0"]})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid tool_ids"})


def test_a_pal_has_50_tools_at_most(http: httpx.Client, pal: str) -> None:
    body = {"name": "look", "description": "Looks."}
    tools = [http.post("tools", json=body).json()["tool_id"] for _ in range(50)]
    http.post(f"{pal}/tools", json={"tool_ids": tools})

    assert http.post(f"{pal}/tools", json={"tool_ids": [STOCK_TOOL]}).status_code == 400


@pytest.mark.parametrize("path", [f"pals/{STOCK_PAL}/tools", "pals/p0/tools"])
def test_only_your_own_pals_can_be_given_tools(http: httpx.Client, path: str) -> None:
    answer = http.post(path, json={"tool_ids": [STOCK_TOOL]})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid pal_id"})


# Skills


def test_there_are_the_skills_that_tavus_offers(http: httpx.Client) -> None:
    skills = [skill["skill_id"] for skill in http.get("skills").json()["data"]]

    assert skills == ["internet_search", "presentation", "magic_canvas", "memory"]
    assert http.get("skills/presentation").json()["skill_id"] == "presentation"


def test_an_unknown_skill_is_404(http: httpx.Client) -> None:
    answer = http.get("skills/juggling")

    assert (answer.status_code, answer.json()) == (404, {"error": "Unknown skill 'juggling'"})


@pytest.mark.parametrize("body", [{"slides": 3}, {"config": {"slides": 3}}])
def test_a_skill_is_attached_with_its_configuration(http: httpx.Client, pal: str, body: dict[str, object]) -> None:
    http.put(f"{pal}/skills/presentation", json=body)

    assert http.get(f"{pal}/skills/presentation").json() == {"skill_id": "presentation", "config": {"slides": 3}}


def test_a_skill_needs_no_configuration(http: httpx.Client, pal: str) -> None:
    assert http.put(f"{pal}/skills/presentation").json()["config"] == {}


def test_a_skill_is_changed_and_detached(http: httpx.Client, pal: str) -> None:
    http.put(f"{pal}/skills/presentation", json={"slides": 3, "voice": "on"})

    changed = http.patch(f"{pal}/skills/presentation", json={"slides": 4}).json()
    detached = http.delete(f"{pal}/skills/presentation")

    assert (changed["config"], detached.status_code) == ({"slides": 4, "voice": "on"}, 204)
    assert http.get(f"{pal}/skills").json() == {}


def test_all_skills_can_be_replaced(http: httpx.Client, pal: str) -> None:
    http.put(f"{pal}/skills/presentation")

    replaced = http.put(f"{pal}/skills", json={"skills": {"internet_search": {}}})

    assert list(replaced.json()) == ["internet_search"]


def test_only_skills_that_there_are_can_be_given(http: httpx.Client, pal: str) -> None:
    answer = http.put(f"{pal}/skills", json={"skills": {"juggling": {}}})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid skills"})


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_skill_that_is_not_attached_is_404(http: httpx.Client, pal: str, method: str) -> None:
    answer = http.request(method, f"{pal}/skills/presentation", json={} if method == "PATCH" else None)

    assert (answer.status_code, answer.json()) == (404, {"error": "Skill 'presentation' is not attached to this PAL"})


def test_a_pal_keeps_all_that_tavus_client_sends(http: httpx.Client) -> None:
    given = {
        "default_face_id": "r90bbd427f71",
        "pipeline_mode": "speech-to-speech",
        "greeting": "Hello!",
        "context": "A museum.",
        "memories": ["Likes tea"],
        "tool_ids": [STOCK_TOOL],
        "is_template": True,
        "layers": {"transport": {"transport_type": "livekit"}, "conversational_flow": {"sleep_phrase": "Bye"}},
    }
    pal_id = http.post("pals", json=given).json()["pal_id"]

    pal = http.get(f"pals/{pal_id}").json()
    assert {name: pal[name] for name in given} == given
