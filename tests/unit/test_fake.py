"""FakeTavus as a client sees it: its responses, and the states of replicas over time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import httpx
import pytest
from jsonschema_rs import Draft202012Validator

from tavus_consent import ConfigurationError
from tavus_consent.testing import Callback, FakeTavus, FakeTransport, FakeWarning

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRAIN = {"train_video_url": "https://media.example/train.mp4"}
HOOK = "https://app.example/hook?token=secret"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=NOON)


@pytest.fixture
def http(fake: FakeTavus) -> Iterator[httpx.Client]:
    headers = {"x-api-key": "fake-key"}
    with httpx.Client(transport=FakeTransport(fake), base_url="https://tavus.example", headers=headers) as client:
        yield client


def create(http: httpx.Client, **fields: object) -> str:
    answer = http.post("/v2/replicas", json={**TRAIN, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["replica_id"])


def read(http: httpx.Client, replica_id: str, **query: Any) -> dict[str, object]:
    answer = http.get(f"/v2/replicas/{replica_id}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(http: httpx.Client, **query: Any) -> list[str]:
    return [item["replica_id"] for item in http.get("/v2/replicas", params=query).json()["data"]]


# Creating and reading


def test_a_create_answers_the_id_and_that_training_started(http: httpx.Client) -> None:
    answer = http.post("/v2/replicas", json=TRAIN)

    assert (answer.status_code, sorted(answer.json()), answer.json()["status"]) == (
        200,
        ["replica_id", "status"],
        "started",
    )


@pytest.mark.parametrize("path", ["/v2/replicas", "/v2/replicas/none", "/none"])
def test_answers_have_the_date_of_the_fake(fake: FakeTavus, http: httpx.Client, path: str) -> None:
    before = http.get(path).headers["date"]
    fake.advance(hours=1)

    assert [before, http.get(path).headers["date"]] == [
        "Mon, 04 May 2026 12:00:00 GMT",
        "Mon, 04 May 2026 13:00:00 GMT",
    ]


def test_ids_have_the_form_of_tavus(http: httpx.Client) -> None:
    replica_id = create(http)

    assert (replica_id[0], len(replica_id[1:]), int(replica_id[1:], 16) >= 0) == ("r", 11, True)


def test_ids_depend_on_the_seed_alone(http: httpx.Client) -> None:
    def first_id(fake: FakeTavus) -> str:
        with fake.client() as tavus:
            return tavus.replicas.create_non_human(
                train_video_url=TRAIN["train_video_url"], attestation="a drawing", attested_by="me"
            ).replica_id

    assert first_id(FakeTavus()) == create(http)
    assert first_id(FakeTavus(seed=1)) != create(http)


def test_a_new_replica_shows_what_it_was_created_with(http: httpx.Client) -> None:
    replica_id = create(http, replica_name="Rio", model_name="phoenix-3")

    assert read(http, replica_id) == {
        "replica_id": replica_id,
        "replica_name": "Rio",
        "thumbnail_video_url": None,
        "training_progress": "0/100",
        "status": "started",
        "created_at": "2026-05-04T12:00:00.000Z",
        "updated_at": "2026-05-04T12:00:00.000Z",
        "error_message": None,
        "model_name": "phoenix-3",
    }


def test_the_default_model_is_phoenix_4(http: httpx.Client) -> None:
    assert read(http, create(http))["model_name"] == "phoenix-4"


def test_verbose_adds_the_type(http: httpx.Client) -> None:
    assert read(http, create(http), verbose="true")["replica_type"] == "user"


@pytest.mark.parametrize("key", [None, "", "other"])
def test_without_the_key_everything_is_401(http: httpx.Client, key: str | None) -> None:
    del http.headers["x-api-key"]
    answer = http.get("/v2/replicas", headers={} if key is None else {"x-api-key": key})

    assert (answer.status_code, answer.json()) == (401, {"message": "Invalid access token"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v2/replicas/r0", None),
        ("GET", "/v2/replicas/r%2F0", None),
        ("DELETE", "/v2/replicas/r0", None),
        ("PATCH", "/v2/replicas/r0/name", {"replica_name": "x"}),
        ("DELETE", "/v2/replicas/r90bbd427f71", None),
        ("PATCH", "/v2/replicas/r90bbd427f71/name", {"replica_name": "x"}),
    ],
    ids=["get", "encoded", "delete", "rename", "delete stock", "rename stock"],
)
def test_an_id_that_is_not_yours_is_400(http: httpx.Client, method: str, path: str, body: object) -> None:
    answer = http.request(method, path, json=body)

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid replica_id"})


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({}, "train_video_url"),
        ({"train_video_url": 1}, "train_video_url"),
        ({"train_video_url": None}, "train_video_url"),
        ({"train_video_url": "train.mp4"}, "train_video_url"),
        ({"train_video_url": "mailto:me@app.example"}, "train_video_url"),
        ({**TRAIN, "callback_url": "nowhere"}, "callback_url"),
        ({**TRAIN, "properties": {"background_green_screen": "yes"}}, "properties"),
        ([], "request body"),
        ({"train_video_url": "https://\ud800"}, "request body"),
    ],
)
def test_a_body_that_the_specification_forbids_is_400(http: httpx.Client, body: object, what: str) -> None:
    answer = http.post("/v2/replicas", content=json.dumps(body), headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()) == (400, {"error": f"Invalid {what}"})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"train_video_url": NaN}', b"[" * 100_000])
def test_a_body_that_is_not_json_is_400(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/v2/replicas", content=body, headers={"content-type": "application/json; charset=utf-8"})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid JSON"})


def test_a_body_of_another_type_is_400(http: httpx.Client) -> None:
    answer = http.post("/v2/replicas", data=TRAIN)

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid content type"})


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("limit=0", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=1", "limit"),
        ("page=-1", "page"),
        ("verbose=perhaps", "verbose"),
        ("replica_type=stock", "replica_type"),
    ],
)
def test_a_query_that_the_specification_forbids_is_400(http: httpx.Client, query: str, what: str) -> None:
    answer = http.get(f"/v2/replicas?{query}")

    assert (answer.status_code, answer.json()) == (400, {"error": f"Invalid {what}"})


def test_what_the_specification_does_not_know_is_no_error(http: httpx.Client) -> None:
    with pytest.warns(FakeWarning, match="colour"):
        assert read(http, create(http, colour="blue"), colour="blue")["status"] == "started"


@pytest.mark.parametrize("path", ["/", "/v2", "/v2/", "/v2/replicas//", "/v2/replicas/r0/names", "/v1/replicas"])
def test_an_unknown_path_is_404(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/v2/replicas", "GET, POST"), ("/v2/replicas/r0", "DELETE, GET"), ("/v2/replicas/r/name", "PATCH")],
)
def test_an_unsupported_method_is_405(http: httpx.Client, path: str, allow: str) -> None:
    answer = http.put(path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


def test_answers_keep_to_the_specification(http: httpx.Client) -> None:
    document = json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes())
    schemas = {"components": document["components"]}

    def check(answer: httpx.Response, path: str) -> None:
        described = document["paths"][path][answer.request.method.lower()]["responses"][str(answer.status_code)]
        schema = described["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, **schemas}).validate(answer.json())

    created = http.post("/v2/replicas", json=TRAIN)
    check(created, "/v2/replicas")
    check(http.get("/v2/replicas?verbose=true"), "/v2/replicas")
    check(http.get(f"/v2/replicas/{created.json()['replica_id']}"), "/v2/replicas/{replica_id}")
    check(http.get("/v2/replicas/r0"), "/v2/replicas/{replica_id}")
    check(http.get("/v2/replicas", headers={"x-api-key": ""}), "/v2/replicas")


# Training


@pytest.mark.parametrize(("minutes", "progress"), [(1, "0/100"), (60, "25/100"), (239, "99/100")])
def test_progress_follows_the_clock(fake: FakeTavus, http: httpx.Client, minutes: int, progress: str) -> None:
    replica_id = create(http)

    fake.advance(minutes=minutes)

    replica = read(http, replica_id)
    assert (replica["status"], replica["training_progress"]) == ("started", progress)


def test_training_completes_after_its_time(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http)

    fake.advance(hours=5)

    replica = read(http, replica_id)
    assert replica["thumbnail_video_url"] == f"https://media.tavus.example/{replica_id}.mp4"
    assert (replica["status"], replica["training_progress"], replica["updated_at"], replica["error_message"]) == (
        "completed",
        "100/100",
        "2026-05-04T16:00:00.000Z",
        None,
    )


def test_the_training_time_can_be_chosen() -> None:
    fake = FakeTavus(training_time=timedelta())
    with fake.client() as tavus:
        replica = tavus.replicas.create_non_human(
            train_video_url=TRAIN["train_video_url"], attestation="a drawing", attested_by="me"
        )

        assert tavus.replicas.get(replica.replica_id).is_ready


def test_a_negative_training_time_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="training_time"):
        FakeTavus(training_time=timedelta(seconds=-1))


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="aware"):
        FakeTavus(now=datetime(2026, 1, 1))


def test_the_next_training_fails_with_the_documented_sentence(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail_training("video_fps")
    failing, fine = create(http), create(http)

    fake.advance(hours=4)

    assert "frame rate of at least 25fps" in str(read(http, failing)["error_message"])
    assert [read(http, each)["status"] for each in (failing, fine)] == ["error", "completed"]


def test_a_training_under_way_can_fail_with_any_sentence(fake: FakeTavus, http: httpx.Client) -> None:
    fine, failing = create(http), create(http)
    fake.fail_training("The dog ate it.", replica_id=failing)

    fake.advance(hours=4)

    assert [read(http, each)["error_message"] for each in (fine, failing)] == [None, "The dog ate it."]


def test_an_unknown_training_error_is_refused(fake: FakeTavus) -> None:
    with pytest.raises(ConfigurationError, match=r"'video_fsp' is not a documented training error; .*video_fps"):
        fake.fail_training("video_fsp")


def test_only_a_training_under_way_can_fail(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http)
    fake.advance(hours=4)

    for each in (replica_id, "r0"):
        with pytest.raises(ConfigurationError, match="is training"):
            fake.fail_training("video_fps", replica_id=each)


# Callbacks


def test_a_callback_says_ready(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http, callback_url=HOOK)
    assert fake.callbacks == []

    fake.advance(hours=4)

    (callback,) = fake.callbacks
    assert (callback.url, callback.body, callback.at, callback.delivery) == (
        HOOK,
        {"replica_id": replica_id, "status": "ready"},
        NOON + timedelta(hours=4),
        None,
    )


def test_a_callback_says_why_training_failed(fake: FakeTavus, http: httpx.Client) -> None:
    fake.fail_training("Too dark.")
    replica_id = create(http, callback_url=HOOK)

    fake.advance(hours=4)

    assert fake.callbacks[0].body == {"replica_id": replica_id, "status": "error", "error_message": "Too dark."}


def test_callbacks_fire_in_the_order_of_their_times(fake: FakeTavus, http: httpx.Client) -> None:
    late = create(http, callback_url=HOOK)
    fake.training_time = timedelta(hours=1)
    early = create(http, callback_url=HOOK)

    fake.advance(hours=4)

    assert [callback.body["replica_id"] for callback in fake.callbacks] == [early, late]


def test_without_a_callback_url_nothing_is_called(fake: FakeTavus, http: httpx.Client) -> None:
    create(http)

    fake.advance(hours=4)

    assert fake.callbacks == []


def test_a_deleted_replica_calls_nobody(fake: FakeTavus, http: httpx.Client) -> None:
    http.delete(f"/v2/replicas/{create(http, callback_url=HOOK)}")

    fake.advance(hours=4)

    assert fake.callbacks == []


def test_a_listener_gets_each_callback_once_and_may_use_the_fake(fake: FakeTavus, http: httpx.Client) -> None:
    seen = []

    @fake.on_callback
    def listener(callback: Callback) -> None:
        seen.append(read(http, callback.body["replica_id"])["status"])

    create(http, callback_url=HOOK)
    fake.clock.sleep(5 * 3600)
    listed(http)
    listed(http)

    assert seen == ["completed"]


# Lists


def test_a_list_has_the_newest_first_and_stock_last(fake: FakeTavus, http: httpx.Client) -> None:
    first, second = create(http), create(http)

    answer = http.get("/v2/replicas").json()

    assert [item["replica_id"] for item in answer["data"]] == [second, first, "r51ab1e00002", "r90bbd427f71"]
    assert answer["total_count"] == 4


def test_a_list_shows_less_than_a_get(http: httpx.Client) -> None:
    replica_id = create(http)

    (item,) = http.get("/v2/replicas?replica_type=user").json()["data"]

    assert read(http, replica_id).keys() - item.keys() == {"updated_at", "error_message"}


def test_pages_share_out_the_list(http: httpx.Client) -> None:
    ids = [create(http) for _ in range(5)][::-1]

    pages = [listed(http, replica_type="user", limit=2, page=page) for page in (1, 2, 3, 4)]

    assert pages == [ids[:2], ids[2:4], ids[4:], []]


def test_page_0_is_the_first_page(http: httpx.Client) -> None:
    assert listed(http, page=0) == listed(http, page=1) == listed(http)


def test_a_page_has_10_items_unless_told_otherwise(http: httpx.Client) -> None:
    for _ in range(11):
        create(http)

    assert [len(listed(http)), len(listed(http, limit=10**30))] == [10, 13]


def test_filters_narrow_the_list_and_its_count(http: httpx.Client) -> None:
    old, new = create(http, model_name="phoenix-3"), create(http)

    assert listed(http, replica_type="user") == [new, old]
    assert listed(http, replica_type="system") == ["r51ab1e00002", "r90bbd427f71"]
    assert listed(http, model_name="phoenix-3") == [old, "r51ab1e00002"]
    assert listed(http, replica_ids=f"{old}, r0,r90bbd427f71") == [old, "r90bbd427f71"]
    assert listed(http, replica_ids=old, model_name="phoenix-4") == []
    assert http.get("/v2/replicas?model_name=phoenix-3").json()["total_count"] == 2


def test_verbose_adds_the_type_to_a_list(http: httpx.Client) -> None:
    items = http.get("/v2/replicas?verbose=true").json()["data"]

    assert [item["replica_type"] for item in items] == ["system", "system"]


# Renaming and deleting


def test_a_rename_changes_the_name_and_the_date(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http, replica_name="Rio")
    fake.advance(hours=1)

    answer = http.patch(f"/v2/replicas/{replica_id}/name", json={"replica_name": "Rio 2"})

    replica = read(http, replica_id)
    assert (answer.status_code, answer.content, replica["replica_name"], replica["updated_at"]) == (
        200,
        b"",
        "Rio 2",
        "2026-05-04T13:00:00.000Z",
    )


@pytest.mark.parametrize("query", ["", "?hard=true"])
def test_a_deleted_replica_is_unknown(http: httpx.Client, query: str) -> None:
    replica_id = create(http)

    answer = http.delete(f"/v2/replicas/{replica_id}{query}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert http.get(f"/v2/replicas/{replica_id}").status_code == 400
    assert replica_id not in listed(http)


# What a test sees


def test_replicas_are_yours_with_all_fields_and_the_request(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http, consent_video_url="https://media.example/consent.mp4")
    fake.advance(hours=1)

    ((seen_id, replica),) = fake.replicas.items()

    assert (seen_id, replica["training_progress"], replica["replica_type"], replica["request"]) == (
        replica_id,
        "25/100",
        "user",
        {**TRAIN, "consent_video_url": "https://media.example/consent.mp4"},
    )


def test_changing_what_it_shows_changes_nothing(fake: FakeTavus, http: httpx.Client) -> None:
    replica_id = create(http)

    fake.replicas[replica_id]["status"] = "mine"
    fake.replicas[replica_id]["request"].clear()

    assert (fake.replicas[replica_id]["status"], fake.replicas[replica_id]["request"]) == ("started", TRAIN)


def test_requests_are_logged_without_the_key(fake: FakeTavus, http: httpx.Client) -> None:
    with pytest.warns(FakeWarning, match=r"\?x: not in the specification"):
        http.post("/v2/replicas?x=1", json=TRAIN)
    http.get("/nowhere")

    first, second = fake.requests
    assert (first.method, first.path, first.query, first.json()) == ("POST", "/v2/replicas", "x=1", TRAIN)
    assert [(each.operation, each.status) for each in (first, second)] == [("createReplica", 200), (None, 404)]
    assert "x-api-key" not in first.headers


def test_nothing_secret_is_in_a_repr(fake: FakeTavus, http: httpx.Client) -> None:
    create(http, callback_url=HOOK)
    fake.advance(hours=4)

    shown = repr((fake, fake.requests, fake.callbacks))

    assert "FakeTavus at 2026-05-04T16:00:00+00:00, 1 replicas" in shown
    assert [secret for secret in ("fake-key", "train.mp4", "token=secret") if secret in shown] == []


def test_a_reset_forgets_everything_but_the_time(fake: FakeTavus, http: httpx.Client) -> None:
    first = create(http, callback_url=HOOK)
    fake.advance(hours=4)
    fake.fail_training("video_fps")

    fake.reset()

    assert (fake.replicas, fake.callbacks, fake.requests, fake.now) == ({}, [], [], NOON + timedelta(hours=4))
    assert create(http) == first
    fake.advance(hours=4)
    assert read(http, first)["status"] == "completed"
