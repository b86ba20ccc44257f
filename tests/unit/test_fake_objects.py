"""Every kind of object in FakeTavus: created, read, listed, changed, deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, NamedTuple

import httpx
import pytest
from jsonschema_rs import Draft202012Validator

from tavus_consent import ConfigurationError
from tavus_consent.testing import FakeTavus, FakeTransport

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STOCK = "r90bbd427f71"
STOCK_PAL = "pcb7a34da5fe"
LINK = "https://media.example/file.mp4"
HOOK = "https://app.example/hook"
RULE = {"text": "Rio", "pronunciation": "REE-oh", "type": "alias"}


class Kind(NamedTuple):
    """A kind of object: how to create one, and the error if there is none."""

    path: str
    body: dict[str, Any]
    id_field: str
    id_form: str
    missing: tuple[int, dict[str, str]]


def invalid(name: str) -> tuple[int, dict[str, str]]:
    return 400, {"error": f"Invalid {name}"}


KINDS = {
    "face": Kind("faces", {"train_video_url": LINK}, "face_id", "r[0-9a-f]{11}", invalid("face_id")),
    "video": Kind("videos", {"replica_id": STOCK, "script": "Hi"}, "video_id", "[0-9a-f]{10}", invalid("video_id")),
    "conversation": Kind(
        "conversations",
        {"replica_id": STOCK},
        "conversation_id",
        "c[0-9a-f]{16}",
        invalid("conversation_id"),
    ),
    "persona": Kind("personas", {"system_prompt": "Hi"}, "persona_id", "p[0-9a-f]{11}", invalid("persona_id")),
    "pal": Kind("pals", {"default_face_id": STOCK}, "pal_id", "p[0-9a-f]{11}", invalid("pal_id")),
    "tool": Kind(
        "tools",
        {"name": "look", "description": "Looks."},
        "tool_id",
        "t[0-9a-f]{12}",
        (404, {"error": "Tool not found"}),
    ),
    "document": Kind(
        "documents",
        {"document_url": LINK},
        "document_id",
        "d8-[0-9a-f]{12}",
        (404, {"message": "Document not found"}),
    ),
    "objectives": Kind(
        "objectives",
        {"data": [{"objective_name": "ask", "objective_prompt": "Ask."}]},
        "objectives_id",
        "o[0-9a-f]{11}",
        (404, {"error": "Objective not found"}),
    ),
    "guardrails": Kind(
        "guardrails",
        {"data": [{"guardrail_name": "no", "guardrail_prompt": "Never."}]},
        "guardrails_id",
        "g[0-9a-f]{11}",
        (404, {"error": "Guardrails not found"}),
    ),
    "dictionary": Kind(
        "pronunciation-dictionaries",
        {"name": "names", "rules": [RULE]},
        "pronunciation_dictionary_id",
        "pd_[0-9a-f]{15}",
        (404, {"message": "Pronunciation dictionary not found"}),
    ),
    "deployment": Kind(
        "deployments",
        {"pal_id": STOCK_PAL, "channel": "widget"},
        "deployment_id",
        "d[0-9a-f]{16}",
        (404, {"error": "Deployment not found"}),
    ),
    "transcription": Kind(
        "transcriptions",
        {"file_url": LINK, "callback_url": HOOK},
        "transcription_id",
        "t[0-9a-f]{12}",
        invalid("transcription_id"),
    ),
    "replacement": Kind(
        "replacements",
        {"original_video_url": LINK, "new_transcript": "Hi"},
        "replacement_id",
        "w[0-9a-f]{12}",
        invalid("replacement_id"),
    ),
    "lipsync": Kind(
        "lipsync",
        {"original_video_url": LINK, "source_audio_url": LINK},
        "lipsync_id",
        "l[0-9a-f]{12}",
        invalid("lipsync_id"),
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as client:
        yield client


def make(http: httpx.Client, kind: Kind, **more: object) -> str:
    answer = http.post(kind.path, json={**kind.body, **more})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()[kind.id_field])


def ids(http: httpx.Client, kind: Kind, **query: Any) -> list[str]:
    field = {"faces": "face_id"}.get(kind.path, kind.id_field)
    return [item[field] for item in http.get(kind.path, params={"limit": 100, **query}).json()["data"]]


def pal(http: httpx.Client, **fields: object) -> str:
    return make(http, KINDS["pal"], **fields)


# All kinds


@every_kind
def test_ids_have_the_form_of_tavus(http: httpx.Client, kind: Kind) -> None:
    assert re.fullmatch(kind.id_form, make(http, kind))


@every_kind
def test_what_is_created_can_be_read(http: httpx.Client, kind: Kind) -> None:
    made = make(http, kind)

    assert http.get(f"{kind.path}/{made}").status_code == 200


@every_kind
def test_what_is_created_is_listed(http: httpx.Client, kind: Kind) -> None:
    made = make(http, kind)

    assert made in ids(http, kind)


@every_kind
def test_what_is_deleted_is_gone(http: httpx.Client, kind: Kind) -> None:
    made = make(http, kind)

    assert http.delete(f"{kind.path}/{made}").status_code in (200, 204)

    answer = http.get(f"{kind.path}/{made}")
    assert (answer.status_code, answer.json()) == kind.missing
    assert made not in ids(http, kind)


@every_kind
def test_pages_follow_one_another_from_the_documented_first(http: httpx.Client, kind: Kind) -> None:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    first = document["paths"][f"/v2/{kind.path}"]["get"]["x-paging"]["first"]
    made = {make(http, kind) for _ in range(3)}

    pages = [ids(http, kind, limit=2, page=first + number) for number in range(4)]

    seen = [each for page in pages for each in page]
    assert made <= set(seen)
    assert len(seen) == len(set(seen)) == http.get(kind.path).json()["total_count"]


@every_kind
def test_answers_keep_to_the_specification(http: httpx.Client, kind: Kind) -> None:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    made = make(http, kind)

    for url, suffix in ((kind.path, ""), (f"{kind.path}/{made}", "/{")):
        path = next(path for path in document["paths"] if f"{path}/".startswith(f"/v2/{kind.path}/") and suffix in path)
        operation = document["paths"][path]["get"]
        has_more = any(parameter.get("name") == "verbose" for parameter in operation.get("parameters", ()))
        answer = http.get(url, params={"verbose": "true"} if has_more else {})
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())


@every_kind
def test_a_test_sees_what_there_is(fake: FakeTavus, http: httpx.Client, kind: Kind) -> None:
    made = make(http, kind)

    nouns = {"face": "replica", "pal": "persona"}
    noun = kind.id_field.removesuffix("_id")
    assert fake.objects(nouns.get(noun, noun))[made]["request"] == kind.body


def test_there_are_only_the_kinds_that_there_are(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match=r"kind must be one of replica, .*, not 'horse'"):
        fake.objects("horse")


def test_some_lists_say_their_page_and_limit(http: httpx.Client) -> None:
    answers = [http.get("voices"), http.get("documents", params={"page": 3, "limit": 7})]

    assert [(answer.json()["page"], answer.json()["limit"]) for answer in answers] == [(1, 10), (3, 7)]


@pytest.mark.parametrize(("sort", "order"), [("ascending", [0, 1]), ("desc", [1, 0])])
def test_lists_are_sorted_as_asked(http: httpx.Client, sort: str, order: list[int]) -> None:
    made = [make(http, KINDS["document"]) for _ in range(2)]

    assert ids(http, KINDS["document"], sort=sort) == [made[index] for index in order]


def test_a_slash_at_the_end_does_not_matter(http: httpx.Client) -> None:
    answer = http.post("guardrails/", json=KINDS["guardrails"].body)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("kind", "query", "count"),
    [
        ("document", {"status": "started"}, 1),
        ("document", {"status": "ready"}, 0),
        ("document", {"name_or_uuid": "D8-"}, 1),
        ("document", {"tags": "a,b"}, 1),
        ("document", {"tags": "c"}, 0),
        ("conversation", {"status": "active"}, 1),
        ("guardrails", {"legacy": "true"}, 1),
        ("guardrails", {"legacy": "false"}, 0),
        ("guardrails", {"name_or_uuid": "g", "type": "all"}, 1),
        ("guardrails", {"type": "system"}, 0),
        ("persona", {"persona_type": "user"}, 1),
        ("tool", {}, 1),
        ("tool", {"type": "system"}, 1),
        ("tool", {"type": "all"}, 2),
    ],
)
def test_filters_narrow_the_list(http: httpx.Client, kind: str, query: dict[str, str], count: int) -> None:
    make(http, KINDS[kind], **({"tags": ["a"]} if kind in ("document", "guardrails") else {}))

    assert len(ids(http, KINDS[kind], **query)) == count


# Two names of the same objects


def test_a_face_is_a_replica(http: httpx.Client) -> None:
    face_id = make(http, KINDS["face"], face_name="Rio")

    http.patch(f"replicas/{face_id}/name", json={"replica_name": "Ria"})

    face = http.get(f"faces/{face_id}", params={"verbose": "true"}).json()
    assert (face["face_name"], face["face_type"]) == ("Ria", "user")
    assert http.get(f"replicas/{face_id}").json()["replica_name"] == "Ria"


def test_a_persona_is_a_pal(http: httpx.Client) -> None:
    persona_id = make(http, KINDS["persona"], persona_name="Sam", default_replica_id=STOCK)

    pal = http.get(f"pals/{persona_id}").json()

    assert (pal["pal_id"], pal["pal_name"], pal["default_face_id"]) == (persona_id, "Sam", STOCK)
    assert persona_id in ids(http, KINDS["pal"], pal_type="user")


def test_old_answers_stand_in_data_and_new_ones_do_not(http: httpx.Client) -> None:
    pal_id = pal(http)

    old, new = http.get(f"personas/{pal_id}").json(), http.get(f"pals/{pal_id}").json()

    assert (list(old), old["data"][0]["persona_id"], new["pal_id"]) == (["data"], pal_id, pal_id)


def test_a_patch_can_use_the_names_of_the_other_era(http: httpx.Client) -> None:
    pal_id = pal(http)

    http.patch(f"pals/{pal_id}", json=[{"op": "add", "path": "/persona_name", "value": "Sam"}])

    assert http.get(f"pals/{pal_id}").json()["pal_name"] == "Sam"


# Faces


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Either train_video_url or train_image_url must be provided."),
        (
            {"train_video_url": LINK, "train_image_url": LINK},
            "Either train_video_url or train_image_url must be provided.",
        ),
        ({"train_image_url": LINK}, "Invalid voice_name"),
    ],
)
def test_a_face_is_trained_from_a_video_or_from_a_photo_with_a_voice(
    http: httpx.Client, body: dict[str, str], said: str
) -> None:
    answer = http.post("faces", json=body)

    assert (answer.status_code, answer.json()) == (400, {"error": said})


def test_a_face_is_changed_by_a_merge(http: httpx.Client) -> None:
    face_id = make(http, KINDS["face"], face_name="Rio", default_voice_id="v1")

    answer = http.patch(f"faces/{face_id}", json={"default_voice_id": None})

    face = answer.json()
    assert (face["face_name"], face["default_voice_id"]) == ("Rio", None)


# Names and plain changes


def test_a_video_can_be_renamed(http: httpx.Client) -> None:
    video_id = make(http, KINDS["video"])

    assert http.patch(f"videos/{video_id}/name", json={"video_name": "Ad"}).status_code == 200

    assert http.get(f"videos/{video_id}").json()["video_name"] == "Ad"


def test_a_document_is_changed_by_a_merge(http: httpx.Client) -> None:
    document_id = make(http, KINDS["document"], document_name="Notes")

    document = http.patch(f"documents/{document_id}", json={"tags": ["a"]}).json()

    assert (document["document_name"], document["tags"]) == ("Notes", ["a"])


def test_secrets_of_a_tool_are_masked(http: httpx.Client) -> None:
    auth = {"type": "bearer", "token": "secret"}
    tool_id = make(http, KINDS["tool"], delivery={"api": {"url": "https://app.example", "auth": auth}})

    shown = http.patch(f"tools/{tool_id}", json={"description": "Sees."}).json()

    assert shown["delivery"]["api"]["auth"] == {"type": "bearer", "token": "********"}
    assert "secret" not in http.get("tools").text


# Objectives, guardrails, dictionaries


def test_objectives_stand_in_data(http: httpx.Client) -> None:
    objectives_id = make(http, KINDS["objectives"])

    assert http.get(f"objectives/{objectives_id}").json()["data"]["objective_prompt"] == "Ask."


def test_a_single_guardrail_stands_at_the_top(http: httpx.Client) -> None:
    body = {"guardrail_name": "no_prices", "guardrail_prompt": "Never.", "tags": ["sales"]}
    guardrail_id = http.post("guardrails", json=body).json()["uuid"]

    guardrail = http.get(f"guardrails/{guardrail_id}").json()

    assert (guardrail["guardrail_name"], "data" in guardrail) == ("no_prices", False)
    assert len(ids(http, KINDS["guardrails"], legacy="false", tags="sales")) == 1


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("objectives", {"data": []}, {"message": "objective_name is required"}),
        ("guardrails", {}, {"message": "guardrail_name is required"}),
        (
            "pronunciation-dictionaries",
            {"name": "names", "rules": [RULE, RULE]},
            {"error": "Invalid request: duplicate text values in rules"},
        ),
        ("personas", {"default_replica_id": "r0"}, {"error": "Invalid replica_uuid"}),
        ("deployments", {"pal_id": "p0", "channel": "widget"}, {"error": "Invalid pal_id"}),
        ("videos", {"replica_id": "r0", "script": "Hi"}, {"error": "Invalid replica_id"}),
        ("videos", {"replica_id": STOCK}, {"error": "Exactly one of script and audio_url must be provided."}),
        ("speech", {"replica_id": "r0", "script": "Hi"}, {"error": "Invalid replica_id"}),
    ],
)
def test_what_does_not_make_sense_is_400(
    http: httpx.Client, path: str, body: dict[str, Any], said: dict[str, str]
) -> None:
    answer = http.post(path, json=body)

    assert (answer.status_code, answer.json()) == (400, said)


def test_a_dictionary_is_created_with_201_and_counts_its_rules(http: httpx.Client) -> None:
    answer = http.post("pronunciation-dictionaries", json=KINDS["dictionary"].body)

    assert (answer.status_code, answer.json()["rules_count"]) == (201, 1)


# What completes by itself


@pytest.mark.parametrize(
    ("kind", "field"), [("transcription", "text"), ("lipsync", "video_url"), ("replacement", "status")]
)
def test_older_work_completes(fake: FakeTavus, http: httpx.Client, kind: str, field: str) -> None:
    made = make(http, KINDS[kind], callback_url=HOOK)
    before = http.get(f"{KINDS[kind].path}/{made}").json()

    fake.advance(minutes=10)

    after = http.get(f"{KINDS[kind].path}/{made}").json()
    assert (before["status"], after["status"], bool(after[field])) == ("started", "completed", True)
    assert fake.callbacks[0].body == {KINDS[kind].id_field: made, "status": "completed"}


def test_speech_completes(fake: FakeTavus, http: httpx.Client) -> None:
    http.post("speech", json={"replica_id": STOCK, "script": "Hi"})

    fake.advance(minutes=10)

    assert http.get("speech").json()["data"][0]["speech_file_url"].endswith(".wav")


def test_a_voice_is_completed_in_minutes_and_says_so(fake: FakeTavus, http: httpx.Client) -> None:
    body = {"voice_name": "Carl", "audio_url": LINK, "callback_url": HOOK}
    voice_id = http.post("voices", json=body).json()["voice_id"]

    fake.advance(minutes=10)

    assert http.get(f"voices/{voice_id}").json()["status"] == "completed"
    (callback,) = fake.callbacks
    assert (callback.body["event_type"], callback.body["message_type"], callback.body["webhook_url"]) == (
        "application.voice_status_changed",
        "application",
        HOOK,
    )
    assert callback.body["properties"] == {
        "voice_id": voice_id,
        "voice_name": "Carl",
        "status": "completed",
        "error_message": None,
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["anna", "ben", "Carl"]),
        ({"sort": "desc"}, ["Carl", "ben", "anna"]),
        ({"search": "AN"}, ["anna"]),
        ({"tag": "Calm"}, ["ben"]),
    ],
)
def test_voices_are_sorted_by_name_and_can_be_searched(
    http: httpx.Client, query: dict[str, str], names: list[str]
) -> None:
    http.post("voices", json={"voice_name": "Carl", "audio_url": LINK})

    voices = http.get("voices", params=query).json()["data"]

    assert [voice["voice_name"] for voice in voices] == names


def test_voices_stay_sorted_while_they_change(http: httpx.Client) -> None:
    def names() -> list[str]:
        return [voice["voice_name"] for voice in http.get("voices").json()["data"]]

    before = names()
    made = [
        http.post("voices", json={"voice_name": name, "audio_url": LINK}).json()["voice_id"] for name in ("Zoe", "amy")
    ]
    created = names()
    http.patch(f"voices/{made[0]}", json={"voice_name": "Bea"})
    renamed = names()
    http.delete(f"voices/{made[1]}")

    assert (before, created, renamed, names()) == (
        ["anna", "ben"],
        ["amy", "anna", "ben", "Zoe"],
        ["amy", "anna", "Bea", "ben"],
        ["anna", "Bea", "ben"],
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"replica_type": "user"}, ["r3", "r2", "r1"]),
        ({"replica_type": "user", "limit": 2}, ["r3", "r2"]),
        ({"replica_type": "user", "limit": 2, "page": 2}, ["r1"]),
        ({"replica_type": "user", "page": 9}, []),
        ({"replica_type": "system"}, ["s2", "s1"]),
        ({"replica_type": "system", "limit": 1, "page": 2}, ["s1"]),
        ({"replica_type": "system", "model_name": "phoenix-4"}, ["s2", "s1"]),
    ],
)
def test_lists_of_your_own_and_of_stock(query: dict[str, Any], expected: list[str]) -> None:
    fake = FakeTavus(stock={"replica": [{"id": "s1"}, {"id": "s2"}]})
    for number in (1, 2, 3):
        fake.add("replica", id=f"r{number}")
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as http:
        answer = http.get("replicas", params=query).json()

    assert [each["replica_id"] for each in answer["data"]] == expected
    assert answer["total_count"] == (3 if query["replica_type"] == "user" else 2)


@pytest.mark.parametrize(
    ("sort", "owner", "expected"), [("ascending", "user", ["d1", "d2"]), ("ascending", "system", ["s1"])]
)
def test_a_filter_by_owner_keeps_the_order(sort: str, owner: str, expected: list[str]) -> None:
    fake = FakeTavus(stock={"face": [{"id": "s1"}]})
    fake.add("face", id="d1")
    fake.add("face", id="d2")
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example/v2/", headers=headers) as http:
        answer = http.get("faces", params={"face_type": owner, "sort": sort})

    assert [each["face_id"] for each in answer.json()["data"]] == expected


def test_work_on_anything_can_fail(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail("voice", "Too noisy.")
    voice_id = http.post("voices", json={"voice_name": "Carl", "audio_url": LINK}).json()["voice_id"]

    fake.advance(minutes=10)

    voice = http.get(f"voices/{voice_id}").json()
    assert (voice["status"], voice["error_message"]) == ("error", "Too noisy.")


def test_what_is_not_worked_on_cannot_fail(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match="persona"):
        fake.fail("persona", "Too moody.")


def test_what_is_done_cannot_fail(fake: FakeTavus, http: httpx.Client) -> None:
    made = make(http, KINDS["lipsync"])
    fake.advance(minutes=10)

    with pytest.raises(ConfigurationError, match=f"no lipsync '{made}' is in progress"):
        fake.fail("lipsync", "Too late.", id=made)


def test_stock_is_not_among_your_objects(fake: FakeTavus, http: httpx.Client) -> None:
    pal_id = pal(http)

    assert list(fake.objects("persona")) == [pal_id]


def test_the_time_that_passes_is_seen(fake: FakeTavus, http: httpx.Client) -> None:
    made = make(http, KINDS["document"])

    fake.advance(minutes=2)

    document = http.get(f"documents/{made}").json()
    assert (document["status"], document["progress"]) == ("processing", 40)
    assert fake.now == NOON + timedelta(minutes=2)
