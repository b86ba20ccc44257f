"""Tavus's published examples against the fake: what was sent is shown, and what was changed has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tavus_consent.testing import FakeTavus, FakeTransport

from .published import CHANGES, CREATES, RULED_OUT, Published


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A client in process: a member that the fake does not know is a warning, and so an error."""
    fake = FakeTavus(stock="all")
    headers = {"x-api-key": fake.api_key}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2", headers=headers) as client:
        yield client


def name(case: Published) -> str:
    return f"{case.path}: {case.page}: {json.dumps(case.body)[:40]}"


def created(http: httpx.Client, path: str, body: Any) -> str:
    """Send a create and return the path of the new object."""
    answer = http.post(path, json=body)
    assert answer.is_success, answer.text
    found = answer.json()
    names = ("conversation_id", "pronunciation_dictionary_id", "objectives_id", "video_id", "document_id", "uuid")
    names += ("guardrails_id", "persona_id", "replica_id", "face_id")
    return f"{path.rstrip('/')}/{next(found[name] for name in names if name in found)}"


def shown(http: httpx.Client, path: str) -> dict[str, Any]:
    """Return what a GET shows; the first item if it comes in an envelope."""
    found = http.get(path).json()
    inner = found.get("data")
    if isinstance(inner, list) and inner:
        return {**found, **inner[0]}
    return {**found, **inner} if isinstance(inner, dict) else found


@pytest.mark.parametrize("case", CREATES, ids=name)
def test_a_published_create_is_shown_as_it_was_sent(http: httpx.Client, case: Published) -> None:
    sent = case.body["data"][0] if "data" in case.body else case.body

    found = shown(http, created(http, case.path, case.body))

    wanted = {name: value for name, value in sent.items() if name not in case.hides}
    expected = {_shown_as(case.path, name): value for name, value in wanted.items()} | case.shows
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("case", RULED_OUT, ids=name)
def test_what_the_given_page_rules_out_is_refused_with_its_sentence(http: httpx.Client, case: Published) -> None:
    answer = http.post(case.path, json=case.body)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid train_video_url"})


@pytest.mark.parametrize("case", CHANGES, ids=name)
def test_a_published_change_changes_what_it_says(http: httpx.Client, case: Published) -> None:
    path = created(http, case.path.partition("/{}")[0], case.before)
    before = shown(http, path)

    answer = http.patch(f"{path}{case.path.partition('{}')[2]}", json=case.body)

    assert answer.status_code == 200, answer.text
    after = shown(http, path)
    expected = case.shows or (case.body if isinstance(case.body, dict) else {})
    assert {name: after.get(name) for name in expected} == expected
    if not expected:  # the change removes a member
        removed = case.body[0]["path"].rpartition("/")[2]
        assert removed in before
        assert not after.get(removed)


def _shown_as(path: str, name: str) -> str:
    """Return the older name, which answers about conversations have."""
    return "replica_id" if (path, name) == ("/conversations", "face_id") else name
