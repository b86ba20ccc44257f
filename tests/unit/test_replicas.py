"""``tavus.replicas``: requests, rejected arguments, waiting, paging."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.rows import each_row

import tavus_consent as tc
from tavus_api.models import CreateReplicaRequestParam

TRAIN = "https://bucket.example/train.mp4"
CONSENT = "https://bucket.example/consent.mp4"
RIO = tc.SpokenConsent(full_name="Rio Alvarez", video_url=CONSENT)
CREATED = httpx.Response(200, json={"replica_id": "rf4e9d9790f0", "status": "started"})


def replies(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return handle


def sent(client: Any, index: int = 0) -> Any:
    return json.loads(client.requests[index].content)


# create


def test_a_personal_create_sends_only_what_the_specification_has(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, callback_url=TRAIN))
    assert sent(client).keys() <= CreateReplicaRequestParam.__annotations__.keys()


def test_a_personal_create_sends_what_was_given(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    replica = client(
        lambda tavus: tavus.replicas.create_personal(
            train_video_url=TRAIN,
            consent=RIO,
            replica_name="Rio",
            model_name="phoenix-4",
            callback_url="https://app.example/webhook",
            background_green_screen=False,
        )
    )
    assert sent(client) == {
        "train_video_url": TRAIN,
        "consent_video_url": CONSENT,
        "replica_name": "Rio",
        "model_name": "phoenix-4",
        "callback_url": "https://app.example/webhook",
        "properties": {"background_green_screen": False},
    }
    assert (replica.replica_id, replica.status, replica.is_training) == ("rf4e9d9790f0", "started", True)


HERE = "http://localhost:3000/hook"


def test_tavus_cannot_call_this_machine() -> None:
    with tc.Tavus("k") as tavus, pytest.raises(tc.InvalidLinkError, match="callback_url is on this machine") as caught:
        tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, callback_url=HERE)
    assert (caught.value.field, caught.value.reason) == ("callback_url", "not_public")


async def test_tavus_cannot_call_this_machine_either_when_awaited() -> None:
    async with tc.AsyncTavus("k") as tavus:
        with pytest.raises(tc.InvalidLinkError, match="callback_url is on this machine"):
            await tavus.faces.create_personal(train_video_url=TRAIN, consent=RIO, callback_url=HERE)


def test_a_fake_may_call_this_machine(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.LinkWarning, match="Tavus cannot reach localhost"):
        client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, callback_url=HERE))
    assert sent(client)["callback_url"] == HERE


def test_a_server_on_this_machine_can_call_this_machine_without_a_warning() -> None:
    with tc.Tavus("k", base_url="http://127.0.0.1:9", max_retries=0) as tavus, pytest.raises(tc.CallError):
        tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, callback_url=HERE)


def test_a_server_on_this_machine_can_call_no_private_network() -> None:
    with (
        tc.Tavus("k", base_url="http://127.0.0.1:9", max_retries=0) as tavus,
        pytest.warns(tc.LinkWarning, match=r"Tavus cannot reach 10\.0\.0\.5"),
        pytest.raises(tc.CallError),
    ):
        tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, callback_url="https://10.0.0.5/hook")


@pytest.mark.parametrize("url", ["https://bucket.example/a%2fb.MP4?q=%7E", "https://b\u00fccher.example/\u00fc.mp4#a"])
@pytest.mark.filterwarnings("ignore::tavus_consent.LinkWarning")
def test_a_link_is_sent_as_it_was_given(make_client: Any, url: str) -> None:
    client = make_client(replies(CREATED))
    client(lambda tavus: tavus.replicas.create_personal(train_video_url=url, consent=RIO))
    assert sent(client)["train_video_url"] == url


def test_what_was_not_given_is_not_sent(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO))
    assert sent(client) == {"train_video_url": TRAIN, "consent_video_url": CONSENT}


def test_a_statement_in_the_training_video_needs_no_consent_video_and_gives_notice(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    spoken = tc.SpokenConsent(full_name="Rio Alvarez")
    with pytest.warns(tc.ConsentWarning):
        client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=spoken))
    assert sent(client) == {"train_video_url": TRAIN}


def test_a_non_human_create_sends_no_consent(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    client(
        lambda tavus: tavus.replicas.create_non_human(
            train_video_url=TRAIN,
            attestation="A cartoon fox that our studio drew",
            attested_by="studio@app.example",
            background_green_screen=True,
        )
    )
    assert sent(client) == {"train_video_url": TRAIN, "properties": {"background_green_screen": True}}


@pytest.mark.parametrize("consent", [None, "yes", {"full_name": "Rio Alvarez"}])
def test_a_personal_create_without_consent_is_refused(make_client: Any, consent: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.ConsentRequired):
        client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=consent))
    assert client.requests == []


@pytest.mark.parametrize("gap", ["attestation", "attested_by"])
def test_a_non_human_create_without_attestation_is_refused(make_client: Any, gap: str) -> None:
    client = make_client(replies(CREATED))
    given = {"attestation": "A fox", "attested_by": "studio@app.example", gap: " "}
    with pytest.raises(tc.InvalidRequestError):
        client(lambda tavus: tavus.replicas.create_non_human(train_video_url=TRAIN, **given))
    assert client.requests == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("train_video_url", "http://bucket.example/train.mp4"),
        ("train_video_url", "https://www.youtube.com/watch?v=abc"),
        ("train_video_url", ""),
        ("callback_url", "ftp://app.example"),
        ("replica_name", ""),
        ("replica_name", "two\nlines"),
        ("replica_name", "x" * 201),
        ("model_name", " phoenix-4"),
    ],
)
def test_a_create_that_cannot_work_is_refused(make_client: Any, field: str, value: str) -> None:
    client = make_client(replies(CREATED))
    given = {"train_video_url": TRAIN, "consent": RIO, field: value}
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda tavus: tavus.replicas.create_personal(**given))
    assert (caught.value.field, client.requests) == (field, [])


def test_a_doubtful_link_warns_and_is_sent(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    url = "https://bucket.example/train.mov"
    with pytest.warns(tc.LinkWarning, match="train_video_url"):
        client(lambda tavus: tavus.replicas.create_personal(train_video_url=url, consent=RIO))
    assert sent(client)["train_video_url"] == url


def test_the_warning_points_at_the_caller() -> None:
    transport = httpx.MockTransport(replies(CREATED))
    with tc.Tavus("k", transport=transport) as tavus, pytest.warns(tc.LinkWarning) as caught:
        tavus.replicas.create_personal(train_video_url="https://bucket.example/train.mov", consent=RIO)
    assert caught[0].filename == __file__


# ids


@pytest.mark.parametrize("verb", ["get", "delete", "wait", "rename"])
@each_row("bad", ["", " ", ".", "..", "a/b", "a?b", "a b", "a%2Fb", "ä", "a\n", "x" * 201, None, 5])
def test_an_id_that_would_change_the_path_is_refused(make_client: Any, verb: str, bad: Any) -> None:
    client = make_client(replies({}))
    more = ["name"] if verb == "rename" else []
    with pytest.raises(tc.InvalidRequestError):
        client(lambda tavus: getattr(tavus.replicas, verb)(bad, *more))
    assert client.requests == []


# get, rename, delete


@pytest.mark.parametrize(("verbose", "query"), [(None, {}), (True, {"verbose": "true"}), (False, {"verbose": "false"})])
def test_get_asks_for_one(make_client: Any, verbose: bool | None, query: dict[str, str]) -> None:
    client = make_client(replies({"replica_id": "r1"}))
    client(lambda tavus: tavus.replicas.get("r1", verbose=verbose))
    assert (client.requests[0].url.path, dict(client.requests[0].url.params)) == ("/v2/replicas/r1", query)


def test_rename_sends_the_name(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(200)))
    client(lambda tavus: tavus.replicas.rename("r1", "Rio 2"))
    request = client.requests[0]
    assert (request.method, request.url.path, sent(client)) == (
        "PATCH",
        "/v2/replicas/r1/name",
        {"replica_name": "Rio 2"},
    )


def test_rename_to_nothing_is_refused(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(200)))
    with pytest.raises(tc.InvalidRequestError, match="replica_name is empty"):
        client(lambda tavus: tavus.replicas.rename("r1", ""))


@pytest.mark.parametrize(("hard", "query"), [(None, {}), (True, {"hard": "true"})])
def test_delete_asks_for_hard_only_when_told(make_client: Any, hard: bool | None, query: dict[str, str]) -> None:
    client = make_client(replies(httpx.Response(204)))
    client(lambda tavus: tavus.replicas.delete("r1", hard=hard))
    assert (client.requests[0].method, dict(client.requests[0].url.params)) == ("DELETE", query)


def test_delete_of_an_unknown_id_is_an_error(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(400, json={"error": "Invalid replica_id"})))
    with pytest.raises(tc.BadRequestError):
        client(lambda tavus: tavus.replicas.delete("r1"))


@pytest.mark.parametrize("status", [400, 404])
def test_delete_whose_first_answer_was_lost_counts_as_done(make_client: Any, status: int) -> None:
    client = make_client(replies(httpx.ReadError("reset"), httpx.Response(status)))
    assert client(lambda tavus: tavus.replicas.delete("r1")) is None


def test_delete_that_is_forbidden_on_the_second_try_is_an_error(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadError("reset"), httpx.Response(403)))
    with pytest.raises(tc.PermissionDeniedError):
        client(lambda tavus: tavus.replicas.delete("r1"))


# list


def page(*ids: str, total: int | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"data": [{"replica_id": one} for one in ids]}
    return body if total is None else {**body, "total_count": total}


def listed(client: Any, **arguments: Any) -> list[str]:
    return [replica.replica_id for replica in client(lambda tavus: tavus.replicas.list(**arguments))]


@pytest.mark.parametrize(
    "pages",
    [
        [page("a", "b", total=3), page("c", total=3)],
        [page("a", "b"), page("c")],
        [page("a", "b"), page("c", "d"), page()],
        [page("a", "b", total=3), page("b", "c", total=3)],
        [page("a", total=3), page("b", total=3), page("c", total=3)],
    ],
    ids=["counted", "short", "empty", "moved", "fewer than asked for"],
)
def test_list_goes_on_to_the_end(make_client: Any, pages: list[Any]) -> None:
    client = make_client(replies(*pages))
    assert listed(client, page_size=2) == sorted({r["replica_id"] for p in pages for r in p["data"]})
    assert [request.url.params["page"] for request in client.requests] == [str(n + 1) for n in range(len(pages))]


def test_list_ends_when_the_server_repeats_itself(make_client: Any) -> None:
    client = make_client(replies(page("a", "b", total=99)))
    assert listed(client, page_size=2) == ["a", "b"]
    assert len(client.requests) == 3


def test_list_ends_on_an_empty_page_whatever_the_count_says(make_client: Any) -> None:
    client = make_client(replies(page("a", "b", total=99), page(total=99)))
    assert listed(client, page_size=2) == ["a", "b"]


def test_list_stops_at_the_count_without_asking_once_more(make_client: Any) -> None:
    client = make_client(replies(page("a", "b", total=2)))
    assert listed(client, page_size=2) == ["a", "b"]
    assert len(client.requests) == 1


def test_list_sends_its_filters(make_client: Any) -> None:
    client = make_client(replies(page()))
    listed(client, replica_type="user", replica_ids=["r1", "r2"], model_name="phoenix-4", verbose=True, page_size=7)
    assert dict(client.requests[0].url.params) == {
        "limit": "7",
        "page": "1",
        "replica_type": "user",
        "replica_ids": "r1,r2",
        "model_name": "phoenix-4",
        "verbose": "true",
    }


def test_one_id_may_be_given_as_a_string(make_client: Any) -> None:
    client = make_client(replies(page()))
    listed(client, replica_ids="r1")
    assert client.requests[0].url.params["replica_ids"] == "r1"


@pytest.mark.parametrize("wrong", [{"replica_type": "mine"}, {"page_size": 0}, {"replica_ids": ["a,b", "/"]}])
def test_list_refuses_what_cannot_be_meant(make_client: Any, wrong: dict[str, Any]) -> None:
    client = make_client(replies(page()))
    with pytest.raises(tc.InvalidRequestError):
        listed(client, **wrong)


def test_list_fetches_nothing_before_it_is_used(make_client: Any) -> None:
    client = make_client(replies(page("a")))
    client.tavus.replicas.list()
    assert client.requests == []


def test_pages_show_number_and_total(make_client: Any) -> None:
    client = make_client(replies(page("a", "b", total=3), page("c", total=3)))
    pages = client(lambda tavus: tavus.replicas.list(page_size=2).pages())
    assert [(one.number, one.total_count, len(one.items)) for one in pages] == [(1, 3, 2), (2, 3, 1)]


# wait


def state(status: str, progress: str = "0/100", **more: Any) -> dict[str, Any]:
    return {"replica_id": "r1", "status": status, "training_progress": progress, **more}


@pytest.mark.parametrize("word", ["completed", "ready"])
def test_wait_returns_the_trained_replica(make_client: Any, word: str) -> None:
    client = make_client(replies(state("started"), state("fresh-word", "50/100"), state(word, "100/100")))
    replica = client(lambda tavus: tavus.replicas.wait("r1"))
    assert (replica.status, replica.is_ready, len(client.requests)) == (word, True, 3)


def test_wait_tells_of_each_look(make_client: Any) -> None:
    client = make_client(replies(state("started"), state("started", "50/100"), state("completed", "100/100")))
    seen: list[float | None] = []
    client(lambda tavus: tavus.replicas.wait("r1", on_progress=lambda replica: seen.append(replica.progress)))
    assert seen == [0.0, 0.5, 1.0]


async def test_the_async_wait_awaits_its_callback() -> None:
    seen: list[str] = []

    async def note(replica: tc.Replica) -> None:
        seen.append(replica.replica_id)

    async with tc.AsyncTavus("k", transport=httpx.MockTransport(replies(state("ready")))) as tavus:
        await tavus.replicas.wait("r1", on_progress=note)
    assert seen == ["r1"]


def test_wait_looks_every_poll_interval_give_or_take_a_tenth(make_client: Any) -> None:
    client = make_client(replies(*[state("started")] * 100, state("ready")))
    client(lambda tavus: tavus.replicas.wait("r1", poll_interval=60))
    assert client.clock.monotonic() == pytest.approx(6000, rel=0.05)
    assert client.clock.monotonic() != 6000


def test_failed_training_has_type_sentence_and_advice(make_client: Any) -> None:
    sentence = (
        "There was an issue processing your training video. The video provided does not meet the minimum frame rate "
        "requirement for a training video. Please ensure your training video has a frame rate of at least 25fps"
    )
    client = make_client(replies(state("error", error_message=sentence)))
    with pytest.raises(tc.TrainingFailed, match="video_fps") as caught:
        client(lambda tavus: tavus.replicas.wait("r1"))
    error = caught.value
    assert error.error_type is not None
    assert (error.error_type.name, error.error_message, error.replica.replica_id) == ("video_fps", sentence, "r1")
    assert "25" in error.advice


@pytest.mark.parametrize("sentence", ["Something new went wrong", None])
def test_an_undocumented_failure_keeps_its_sentence(make_client: Any, sentence: str | None) -> None:
    client = make_client(replies(state("error", error_message=sentence)))
    with pytest.raises(tc.TrainingFailed, match=sentence or "no reason given") as caught:
        client(lambda tavus: tavus.replicas.wait("r1"))
    assert (caught.value.error_type, caught.value.error_message) == (None, sentence)


def test_wait_gives_up_at_its_deadline_with_the_last_replica(make_client: Any) -> None:
    client = make_client(replies(state("started", "40/100")))
    with pytest.raises(tc.TrainingTimeout, match="40/100") as caught:
        client(lambda tavus: tavus.replicas.wait("r1", timeout=600))
    assert (caught.value.replica.progress, client.clock.monotonic()) == (0.4, 600)


def test_wait_with_no_time_looks_once(make_client: Any) -> None:
    client = make_client(replies(state("started")))
    with pytest.raises(tc.TrainingTimeout):
        client(lambda tavus: tavus.replicas.wait("r1", timeout=0))
    assert len(client.requests) == 1


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.Response(502), httpx.Response(429, headers={"Retry-After": "99"})]
)
def test_wait_outlives_a_bad_minute(make_client: Any, fault: Any) -> None:
    client = make_client(replies(state("started"), *[fault] * 9, state("ready")))
    assert client(lambda tavus: tavus.replicas.wait("r1")).is_ready


def test_wait_does_not_outlive_its_deadline_on_faults(make_client: Any) -> None:
    client = make_client(replies(state("started"), httpx.ConnectError("refused")))
    with pytest.raises(tc.TrainingTimeout):
        client(lambda tavus: tavus.replicas.wait("r1", timeout=600))


def test_wait_that_never_saw_the_replica_raises_what_was_in_the_way(make_client: Any) -> None:
    client = make_client(replies(httpx.ConnectError("refused")))
    with pytest.raises(tc.ConnectionFailedError):
        client(lambda tavus: tavus.replicas.wait("r1", timeout=600))


@pytest.mark.parametrize("status", [400, 401])
def test_wait_ends_on_what_time_cannot_mend(make_client: Any, status: int) -> None:
    client = make_client(replies(state("started"), httpx.Response(status)))
    with pytest.raises(tc.ClientStatusError):
        client(lambda tavus: tavus.replicas.wait("r1"))


@pytest.mark.parametrize("wrong", [{"timeout": -1}, {"timeout": float("inf")}, {"poll_interval": 0}])
def test_wait_refuses_times_that_are_none(make_client: Any, wrong: dict[str, float]) -> None:
    client = make_client(replies(state("ready")))
    with pytest.raises(tc.InvalidRequestError):
        client(lambda tavus: tavus.replicas.wait("r1", **wrong))


# after a create of unknown outcome


def lost_create(client: Any, **more: Any) -> tc.OutcomeUnknownError:
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=RIO, **more))
    return caught.value


def test_the_lost_replica_is_found_by_name_and_time(make_client: Any) -> None:
    client = make_client(lambda request: answer(request))
    now = client.clock.now()
    data = [
        {"replica_id": "other", "replica_name": "Eva", "created_at": now.isoformat()},
        {"replica_id": "old", "replica_name": "Rio", "created_at": (now - timedelta(hours=1)).isoformat()},
        {"replica_id": "later", "replica_name": "Rio", "created_at": (now + timedelta(hours=1)).isoformat()},
        {"replica_id": "undated", "replica_name": "Rio"},
        {"replica_id": "found", "replica_name": "Rio", "created_at": (now + timedelta(seconds=2)).isoformat()},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadTimeout("slow")
        return httpx.Response(200, json={"data": data, "total_count": len(data)})

    error = lost_create(client, replica_name="Rio")
    found = client(lambda tavus: tavus.replicas.find_created(error))
    assert [replica.replica_id for replica in found.likely] == ["found", "undated"]
    assert [replica.replica_id for replica in found.doubtful] == ["later", "old"]
    assert found == (*found.likely, *found.doubtful)
    assert client.requests[-1].url.params["replica_type"] == "user"


def test_a_nameless_create_is_looked_up_by_time(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadTimeout("slow"), page("a")))
    error = lost_create(client)
    assert [r.replica_id for r in client(lambda tavus: tavus.replicas.find_created(error))] == ["a"]


def test_a_lost_non_human_create_knows_its_name(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadTimeout("slow")))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(
            lambda tavus: tavus.replicas.create_non_human(
                train_video_url=TRAIN, attestation="A fox", attested_by="me@app.example", replica_name="Fox"
            )
        )
    assert caught.value.replica_name == "Fox"


def test_the_error_knows_when_the_call_was_made(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadTimeout("slow")))
    start = client.clock.now()
    error = lost_create(client)
    assert error.started_at == start <= error.ended_at


@pytest.mark.parametrize("namespace", ["replicas", "faces"])
def test_a_create_without_a_kind_says_which_two_there_are_and_why(make_client: Any, namespace: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(AttributeError) as caught:
        client(lambda tavus: getattr(tavus, namespace).create(train_video_url="https://bucket.example/t.mp4"))
    for part in (f"tavus.{namespace}.create_personal", f"tavus.{namespace}.create_non_human", "consent"):
        assert part in str(caught.value)


@pytest.mark.parametrize("namespace", ["replicas", "faces"])
def test_another_attribute_is_missing_as_usual(make_client: Any, namespace: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(AttributeError, match="has no attribute 'creat'"):
        client(lambda tavus: getattr(tavus, namespace).creat)
    assert not client(lambda tavus: hasattr(getattr(tavus, namespace), "create"))
