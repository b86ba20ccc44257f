"""Generated namespaces on our transport: requests, results, paging, patches, waiting, imports."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_api.models import Conversation, GuardrailAnswer, Video
from tavus_api.types import Paging


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


def asked(client: Any) -> list[str]:
    return [f"{request.method} {request.url.raw_path.decode()}" for request in client.requests]


# calls


def test_a_create_sends_what_was_given_and_nothing_else(make_client: Any) -> None:
    client = make_client(replies({"conversation_id": "c1", "status": "active"}))
    made = client(
        lambda t: t.conversations.create(persona_id="p1", test_mode=True, properties={"max_call_duration": 60})
    )
    assert sent(client) == {"persona_id": "p1", "test_mode": True, "properties": {"max_call_duration": 60}}
    assert (made.conversation_id, made.status) == ("c1", "active")


def test_an_operation_without_an_answer_gives_none(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(200)))
    assert client(lambda t: t.conversations.end("c1")) is None
    assert asked(client) == ["POST /v2/conversations/c1/end"]


def test_query_parameters_are_sent_as_the_api_writes_them(make_client: Any) -> None:
    client = make_client(replies({"conversation_id": "c1"}))
    client(lambda t: t.conversations.get("c1", verbose=True))
    assert asked(client) == ["GET /v2/conversations/c1?verbose=true"]


@pytest.mark.parametrize("value", ["", " ", "a/b", "..", "a?b", "ä", "a\nb", None])
def test_an_id_that_would_change_the_path_is_refused(make_client: Any, value: Any) -> None:
    client = make_client(replies({}))
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda t: t.videos.delete(value))
    assert (caught.value.field, client.requests) == ("video_id", [])


def test_a_delete_that_is_repeated_and_finds_nothing_has_worked(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadError("lost"), httpx.Response(404, json={"message": "Not found"})))
    assert client(lambda t: t.documents.delete("d1")) is None


def test_a_delete_that_finds_nothing_at_once_says_so(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(404, json={"message": "Document not found"})))
    with pytest.raises(tc.NotFoundError, match="Document not found"):
        client(lambda t: t.documents.delete("d1"))


def test_a_lost_create_is_not_repeated_and_says_so_in_general_words(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadError("lost")))
    with pytest.raises(tc.OutcomeUnknownError) as caught:
        client(lambda t: t.conversations.create(persona_id="p1"))
    assert len(client.requests) == 1
    assert "replica" not in str(caught.value)


def test_an_optional_body_is_left_out_when_nothing_is_given(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(202, json={"document_id": "d1"})))
    client(lambda t: t.documents.recrawl("d1"))
    assert client.requests[0].content == b""


def test_namespaces_obey_the_options_of_their_client(make_client: Any) -> None:
    client = make_client(replies({"video_id": "v1"}))
    client(lambda t: t.with_options(timeout=3, headers={"x-team": "a"}).videos.get("v1"))
    assert (client.timeouts[0]["read"], client.requests[0].headers["x-team"]) == (3, "a")


# results


def test_a_result_has_none_for_what_was_not_said_and_keeps_the_unknown(make_client: Any) -> None:
    client = make_client(replies({"video_id": "v1", "status": "brand-new-word", "data": None, "mood": {"a": [1]}}))
    video = client(lambda t: t.videos.get("v1"))
    assert (video.status, video.data, video.download_url, video.extra) == (
        "brand-new-word",
        None,
        None,
        {"mood": {"a": [1]}},
    )


def test_dates_are_aware_and_in_utc_whatever_their_format() -> None:
    texts = [
        "2024-01-24T07:14:03Z",
        "2024-01-24 07:14:03",
        "Wed, 24 Jan 2024 07:14:03 GMT",
        "2024-01-24T09:14:03+02:00",
    ]
    assert {Video.from_json({"video_id": "v1", "created_at": text}).created_at for text in texts} == {
        datetime(2024, 1, 24, 7, 14, 3, tzinfo=UTC)
    }


@pytest.mark.parametrize("text", ["soon", 5, "0001-01-01T00:00:00+14:00", ""])
def test_a_date_that_cannot_be_read_is_kept_as_it_came(text: Any) -> None:
    data = {"video_id": "v1", "created_at": text}
    video = Video.from_json(data)
    assert (video.created_at, video.extra, video.to_dict()) == (None, {"created_at": text}, data)


def test_a_member_of_another_form_is_kept_as_it_came() -> None:
    assert Video.from_json({"video_id": "v1", "data": "x"}).extra == {"data": "x"}


def test_to_dict_gives_back_what_came() -> None:
    data = {"conversation_id": "c1", "created_at": "2024-01-24T07:14:03+00:00", "new": [1], "events": [{"x": 1}]}
    assert json.loads(json.dumps(Conversation.from_json(data).to_dict())) == data


@pytest.mark.parametrize(
    "link", ["https://a.example/s3cret", "https%3A%2F%2Fa.example%2Fs3cret", "https:\\/\\/a.example/s3cret"]
)
def test_a_link_is_not_in_the_repr_however_a_server_wrote_it(link: str) -> None:
    assert "s3cret" not in repr(Video.from_json({"video_id": "v1", "status_details": f"cannot get {link}"}))


def test_what_looks_like_a_key_is_shown_as_an_id_only() -> None:
    key = "0123456789abcdef0123456789abcdef"
    video = Video.from_json({"video_id": key, "status_details": f"no such key: {key}."})
    assert repr(video) == f"Video(video_id='{key}', status_details='no such key: [redacted].')"


def test_a_link_in_the_repr_takes_no_quote_with_it() -> None:
    link = "https://bucket.example/v.mp4?X-Amz-Signature=s3cret"
    video = Video.from_json({"video_id": "v1", "video_name": "It's", "download_url": link, "status": f"at {link}"})
    shown = repr(video)
    assert "download_url='[link]'" in shown
    assert "status='at [link]'" in shown
    assert ast.parse(shown, mode="eval")


def test_an_id_of_an_object_within_is_shown() -> None:
    key = "abcdefghij0123456789"
    answer = GuardrailAnswer.from_json({"data": {"uuid": key, "guardrail_prompt": f"never say {key}"}})
    assert f"uuid='{key}'" in repr(answer)
    assert "never say [redacted]" in repr(answer)


def test_no_link_and_no_secret_is_in_the_repr() -> None:
    video = Video.from_json(
        {"video_id": "v1", "download_url": "https://a.example/v?sig=s3cret", "status_details": "at https://u:s3cret@a"}
    )
    assert "s3cret" not in repr(video)
    assert "video_id='v1'" in repr(video)


def test_a_result_is_frozen_and_survives_pickling() -> None:
    video = Video.from_json({"video_id": "v1", "data": {"script": "Hi"}, "new": 1})
    assert pickle.loads(pickle.dumps(video)) == video
    with pytest.raises(AttributeError):
        video.video_id = "v2"  # type: ignore[misc]


def test_what_is_in_an_envelope_is_taken_out_of_it(make_client: Any) -> None:
    client = make_client(replies({"data": [{"persona_id": "p1", "persona_name": "Eva"}]}))
    assert client(lambda t: t.personas.get("p1")).persona_name == "Eva"


def test_an_envelope_that_is_missing_is_not_missed(make_client: Any) -> None:
    client = make_client(replies({"persona_id": "p1", "persona_name": "Eva"}))
    assert client(lambda t: t.personas.get("p1")).persona_name == "Eva"


def test_an_empty_envelope_is_an_answer_that_cannot_be_used(make_client: Any) -> None:
    client = make_client(replies({"data": []}))
    with pytest.raises(tc.InvalidAnswerError, match="data is empty"):
        client(lambda t: t.personas.get("p1"))


def test_an_answer_with_neither_an_envelope_nor_an_item_cannot_be_used(make_client: Any) -> None:
    client = make_client(replies({"message": "Hi"}))
    with pytest.raises(tc.InvalidAnswerError, match="persona_id is missing"):
        client(lambda t: t.personas.get("p1"))


def test_an_envelope_of_one_object_is_taken_off(make_client: Any) -> None:
    client = make_client(replies({"data": {"objectives_id": "o1"}}))
    assert "objectives_id" in client(lambda t: t.objectives.get("o1")).to_dict()


# lists


def pages(
    items: list[Any], *, first: int, size: int = 10, total: bool = True
) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        limit = int(query.get("limit", size))
        start = (int(query["page"]) - first) * limit
        count = {"total_count": len(items)} if total else {}
        return httpx.Response(200, json={"data": items[start : start + limit], **count})

    return handle


@pytest.mark.parametrize(
    ("namespace", "key", "first"), [("videos", "video_id", 0), ("conversations", "conversation_id", 1)]
)
@pytest.mark.parametrize("total", [True, False])
def test_a_list_gives_every_item_once_whatever_its_first_page(
    make_client: Any, namespace: str, key: str, first: int, total: bool
) -> None:
    client = make_client(pages([{key: f"x{n}"} for n in range(5)], first=first, total=total))
    found = client(lambda t: getattr(t, namespace).list(page_size=2))
    assert [getattr(one, key) for one in found] == [f"x{n}" for n in range(5)]
    assert [request.url.params["page"] for request in client.requests] == [str(first + n) for n in range(3)]


def test_a_list_without_page_size_asks_for_the_documented_one(make_client: Any) -> None:
    client = make_client(pages([], first=0))
    client(lambda t: t.videos.list())
    assert client.requests[0].url.params["limit"] == "10"


def test_pages_show_how_many_there_are(make_client: Any) -> None:
    client = make_client(pages([{"video_id": "a"}, {"video_id": "b"}], first=0))
    shown = client(lambda t: t.videos.list(page_size=1).pages())
    assert [(page.number, page.total_count, len(page.items)) for page in shown] == [(0, 2, 1), (1, 2, 1)]


def test_a_server_that_repeats_itself_does_not_keep_a_list_going(make_client: Any) -> None:
    client = make_client(replies({"data": [{"video_id": "a"}], "total_count": 99}))
    assert len(client(lambda t: t.videos.list(page_size=1))) == 1
    assert len(client.requests) == 3


def test_items_without_an_id_are_told_apart_by_all_they_say(make_client: Any) -> None:
    client = make_client(replies({"data": [{"voice_name": "a"}, {"voice_name": "b"}], "total_count": 99}))
    assert len(client(lambda t: t.voices.list(page_size=2))) == 2
    assert len(client.requests) == 3


def test_a_page_of_no_items_is_refused(make_client: Any) -> None:
    client = make_client(replies({}))
    with pytest.raises(tc.InvalidRequestError):
        client(lambda t: t.videos.list(page_size=0))


def test_a_list_of_nothing_ends(make_client: Any) -> None:
    client = make_client(replies({}))
    assert client(lambda t: t.videos.list()) == []


def listed(t: Any, paging: Paging) -> Any:
    """The videos of a client, paged in some way."""
    from tavus_api.api.videos import list_videos

    def sync(number: int, _: Any) -> Any:
        return list_videos.sync_detailed(client=t.raw, page=number if paging.numbered else None)

    async def other(number: int, _: Any) -> Any:
        return await list_videos.asyncio_detailed(client=t.raw, page=number if paging.numbered else None)

    fetch = sync if isinstance(t, tc.Tavus) else other
    return t.raw.pages(fetch, lambda page: page.data, paging, None, list_videos._get_kwargs())


def test_items_whose_key_says_nothing_are_told_apart_by_all_they_say(make_client: Any) -> None:
    client = make_client(replies({"data": [{"video_id": "a"}, {"video_id": "b"}], "total_count": 2}))
    assert len(client(lambda t: listed(t, Paging(first=0, total="total_count", key="video_name")))) == 2


def test_a_list_that_has_one_page_asks_once(make_client: Any) -> None:
    client = make_client(replies({"data": [{"video_id": "a"}], "total_count": 5}))
    paging = Paging(numbered=False, size=None)
    assert [video.video_id for video in client(lambda t: listed(t, paging))] == ["a"]
    assert asked(client) == ["GET /v2/videos"]


def test_a_list_whose_page_size_nobody_knows_ends_with_an_empty_page(make_client: Any) -> None:
    client = make_client(replies({"data": [{"video_id": "a"}]}, {"data": [{"video_id": "b"}]}, {"data": []}))
    assert len(client(lambda t: listed(t, Paging(first=0, size=None, key="video_id")))) == 2
    assert asked(client) == [f"GET /v2/videos?page={number}" for number in range(3)]


# patches


def test_a_patch_is_sent_as_it_is(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(200)))
    operations = [{"op": "replace", "path": "/system_prompt", "value": "Hi"}]
    assert client(lambda t: t.personas.patch("p1", operations=operations)) is True
    assert (asked(client), sent(client)) == (["PATCH /v2/personas/p1"], operations)


def test_changes_become_a_patch_of_what_is_there(make_client: Any) -> None:
    there = {"persona_id": "p1", "system_prompt": "Hi", "layers": {"llm": {"model": "a", "speed": 1}}}
    client = make_client(replies({"data": [there]}, httpx.Response(200)))
    changes = {"system_prompt": "Ho", "layers": {"llm": {"model": "b", "speed": None}}, "greeting": "Hey"}
    assert client(lambda t: t.personas.patch("p1", changes=changes)) is True
    assert sent(client, 1) == [
        {"op": "replace", "path": "/system_prompt", "value": "Ho"},
        {"op": "replace", "path": "/layers/llm/model", "value": "b"},
        {"op": "remove", "path": "/layers/llm/speed"},
        {"op": "add", "path": "/greeting", "value": "Hey"},
    ]


def test_changes_that_change_nothing_are_not_sent(make_client: Any) -> None:
    client = make_client(replies({"data": [{"persona_id": "p1", "system_prompt": "Hi"}]}))
    assert client(lambda t: t.personas.patch("p1", changes={"system_prompt": "Hi"})) is False
    assert asked(client) == ["GET /v2/personas/p1"]


@pytest.mark.parametrize("namespace", ["personas", "pals", "objectives", "guardrails", "pronunciation_dictionaries"])
def test_304_says_that_nothing_changed_and_is_no_error(make_client: Any, namespace: str) -> None:
    client = make_client(replies(httpx.Response(304)))
    operations = [{"op": "test", "path": "/a", "value": 1}]
    assert not client(lambda t: getattr(t, namespace).patch("x1", operations=operations))


def test_304_where_nobody_spoke_of_it_is_an_error(make_client: Any) -> None:
    client = make_client(replies(httpx.Response(304)))
    with pytest.raises(tc.RedirectError):
        client(lambda t: t.videos.get("v1"))


def test_the_raw_function_reads_304_too(kind: str, make_client: Any) -> None:
    from tavus_api.api.personas import patch_persona

    client = make_client(replies(httpx.Response(304)))
    call = patch_persona.sync_detailed if kind == "sync" else patch_persona.asyncio_detailed
    assert client(lambda t: call("p1", client=t.raw, body=[])).status_code == 304


@pytest.mark.parametrize("given", [{}, {"operations": [], "changes": {}}])
def test_a_patch_needs_either_operations_or_changes(make_client: Any, given: Any) -> None:
    client = make_client(replies({}))
    with pytest.raises(tc.InvalidRequestError):
        client(lambda t: t.personas.patch("p1", **given))
    assert client.requests == []


def test_changes_of_a_deployment_do_not_overwrite_those_of_others(make_client: Any) -> None:
    there = httpx.Response(200, json={"deployment_id": "d1", "name": "a"}, headers={"ETag": '"7"'})
    client = make_client(replies(there, {"deployment_id": "d1", "name": "b"}))
    assert client(lambda t: t.deployments.patch("d1", changes={"name": "b"})).name == "b"
    assert client.requests[1].headers["if-match"] == '"7"'


# waiting


def test_wait_gives_the_video_once_it_is_ready(make_client: Any) -> None:
    states = [{"video_id": "v1", "status": word} for word in ("queued", "generating", "ready")]
    client = make_client(replies(*states))
    seen: list[Any] = []
    video = client(lambda t: t.videos.wait("v1", on_progress=lambda one: seen.append(one.status)))
    assert (video.status, seen) == ("ready", ["queued", "generating", "ready"])
    assert 18 <= client.clock.monotonic() <= 22


def failed_video(make_client: Any, **more: Any) -> tc.ProcessingFailed:
    client = make_client(replies({"video_id": "v1", "status": "error", **more}))
    with pytest.raises(tc.ProcessingFailed) as caught:
        client(lambda t: t.videos.wait("v1"))
    return caught.value


def test_a_failed_video_has_type_sentence_and_advice(make_client: Any) -> None:
    sentence = "There was an issue generating your video. The audio file provided is not a .wav"
    error = failed_video(make_client, status_details=sentence)
    assert error.error_type is not None
    assert (error.error_type.name, error.error_message, error.result.video_id) == ("audio_file_type", sentence, "v1")
    assert ".wav" in error.advice


def test_the_sentence_that_says_more_counts(make_client: Any) -> None:
    general = "An error occurred while generating this request. Please check your inputs or try your request again."
    exact = "Request has failed as the script violates community guidelines."
    error = failed_video(make_client, status_details=general, error_details=exact)
    assert error.error_type is not None
    assert error.error_type.name == "script_community_guidelines"


@pytest.mark.parametrize("more", [{}, {"status_details": "Something new"}])
def test_an_undocumented_failure_keeps_its_sentence(make_client: Any, more: Any) -> None:
    error = failed_video(make_client, **more)
    assert (error.error_type, error.error_message) == (None, more.get("status_details"))


def test_a_video_that_was_deleted_is_not_waited_for(make_client: Any) -> None:
    client = make_client(replies({"video_id": "v1", "status": "deleted"}))
    with pytest.raises(tc.ProcessingFailed, match="deleted"):
        client(lambda t: t.videos.wait("v1"))


def test_waiting_for_a_video_ends_at_its_deadline(make_client: Any) -> None:
    client = make_client(replies({"video_id": "v1", "status": "queued"}))
    with pytest.raises(tc.ProcessingTimeout, match="queued") as caught:
        client(lambda t: t.videos.wait("v1", timeout=60))
    assert (caught.value.result.video_id, client.clock.monotonic()) == ("v1", 60)
    assert pickle.loads(pickle.dumps(caught.value)).result == caught.value.result


def test_wait_gives_the_document_once_it_is_ready(make_client: Any) -> None:
    client = make_client(
        replies(*({"document_id": "d1", "status": word} for word in ("started", "processing", "ready")))
    )
    assert client(lambda t: t.documents.wait("d1")).status == "ready"


@pytest.mark.parametrize("sentence", ["Cannot read it", None])
def test_a_failed_document_has_its_sentence(make_client: Any, sentence: str | None) -> None:
    client = make_client(replies({"document_id": "d1", "status": "error", "error_message": sentence}))
    with pytest.raises(tc.ProcessingFailed) as caught:
        client(lambda t: t.documents.wait("d1"))
    assert (caught.value.error_message, caught.value.result.document_id) == (sentence, "d1")


def test_waiting_for_a_document_ends_at_its_deadline(make_client: Any) -> None:
    client = make_client(replies({"document_id": "d1", "status": "processing"}))
    with pytest.raises(tc.ProcessingTimeout, match="processing"):
        client(lambda t: t.documents.wait("d1", timeout=60))


# imports


def loaded(use: str) -> set[str]:
    code = (
        "import sys, httpx, tavus_consent as tc; "
        "t = tc.Tavus('k', transport=httpx.MockTransport(lambda _: httpx.Response(200, json={'replica_id': 'r1'}))); "
        f"{use}; print(*[m for m in sys.modules if m.startswith('tavus_api.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_client_loads_no_operation_and_no_model() -> None:
    assert loaded("pass") == {"tavus_api.api", "tavus_api.errors"}


def test_replicas_load_nothing_of_another_tag() -> None:
    found = loaded("t.replicas.get('r1'), list(t.replicas.list())")
    homes = ("tavus_api.api.replicas", "tavus_api.models")
    assert {name for name in found if not name.startswith(homes)} == {
        f"tavus_api.{name}" for name in ("_frames", "api", "errors", "types")
    }
    models = {"face", "replica", "replica_page"}
    assert {name for name in found if name.startswith("tavus_api.models.")} == {f"tavus_api.models.{m}" for m in models}


def test_a_namespace_loads_no_operation_and_no_model() -> None:
    found = loaded("t.tools")
    assert {name for name in found if name.startswith(("tavus_api.api.", "tavus_api.models"))} == {
        "tavus_api.api.tools"
    }
