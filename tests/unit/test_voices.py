"""``tavus.voices``: the consent gate before a voice is cloned, and waiting for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import tavus_consent as tc

AUDIO = "https://bucket.example/rio.wav"
CONSENT = "https://bucket.example/consent.mp4"
RIO = tc.SpokenConsent("Rio Alvarez", CONSENT)
CREATED = {"voice_id": "v0a1b2c3d4e5f", "voice_name": "Rio", "status": "started"}
VOUCHED = {"attestation": "A synthesizer that our studio built", "attested_by": "studio@app.example"}


def replies(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return handle


def sent(client: Any) -> Any:
    return json.loads(client.requests[0].content)


def personal(client: Any, **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "consent": RIO, "voice_name": "Rio", **changes}
    return client(lambda t: t.voices.create_personal(**given))


def non_human(client: Any, **changes: Any) -> Any:
    given = {"audio_url": AUDIO, "voice_name": "Hum", **VOUCHED, **changes}
    return client(lambda t: t.voices.create_non_human(**given))


# create


def test_a_personal_create_sends_what_was_given_and_no_consent_video(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    voice = personal(client, description="For our courses.\nIn English.", callback_url="https://app.example/hook")
    assert client.requests[0].url.path == "/v2/voices"
    assert sent(client) == {
        "audio_url": AUDIO,
        "voice_name": "Rio",
        "description": "For our courses.\nIn English.",
        "callback_url": "https://app.example/hook",
    }
    assert (voice.voice_id, voice.status) == ("v0a1b2c3d4e5f", "started")


def test_a_statement_that_opens_the_audio_gives_notice(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.ConsentWarning, match="must open the audio recording. Tavus does not check it"):
        personal(client, consent=tc.SpokenConsent("Rio Alvarez"))
    assert sent(client) == {"audio_url": AUDIO, "voice_name": "Rio"}


def test_a_recording_that_is_both_gives_notice(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.ConsentWarning, match="are the same link"):
        personal(client, audio_url=CONSENT)


def test_a_non_human_create_sends_no_attestation(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    non_human(client)
    assert sent(client) == {"audio_url": AUDIO, "voice_name": "Hum"}


@pytest.mark.parametrize("consent", [None, "a record that nobody knows", {"full_name": "Rio Alvarez"}])
def test_a_personal_create_without_consent_is_refused(make_client: Any, consent: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.ConsentRequired):
        personal(client, consent=consent)
    assert client.requests == []


@pytest.mark.parametrize("gap", ["attestation", "attested_by"])
def test_a_non_human_create_without_attestation_is_refused(make_client: Any, gap: str) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidRequestError):
        non_human(client, **{gap: " "})
    assert client.requests == []


@pytest.mark.parametrize("create", [personal, non_human])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audio_url", "http://bucket.example/rio.wav"),
        ("audio_url", "https://www.youtube.com/watch?v=abc"),
        ("audio_url", ""),
        ("audio_url", " "),
        ("callback_url", "ftp://app.example"),
        ("voice_name", ""),
        ("voice_name", None),
        ("voice_name", "two\nlines"),
        ("description", ""),
        ("description", "x" * 1001),
        ("description", 5),
    ],
)
def test_a_create_that_cannot_work_is_refused(make_client: Any, create: Any, field: str, value: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidRequestError) as caught:
        create(client, **{field: value})
    assert (caught.value.field, client.requests) == (field, [])


def test_the_consent_video_is_checked_although_tavus_does_not_get_it(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.InvalidLinkError) as caught:
        personal(client, consent=tc.SpokenConsent("Rio Alvarez", "https://www.youtube.com/watch?v=abc"))
    assert (caught.value.field, client.requests) == ("consent_video_url", [])


@pytest.mark.parametrize("ending", ["mp3", "WAV", "m4a", "flac", "ogg", "oga", "webm", "mp4", "mov"])
def test_the_kinds_of_audio_that_tavus_names_pass(make_client: Any, ending: str) -> None:
    personal(make_client(replies(CREATED)), audio_url=f"https://bucket.example/rio.{ending}")


@pytest.mark.parametrize("ending", ["avi", "aac", "zip"])
def test_another_kind_of_audio_warns_and_is_sent(make_client: Any, ending: str) -> None:
    client = make_client(replies(CREATED))
    with pytest.warns(tc.LinkWarning, match=rf"audio_url: .* ends in \.{ending}; Tavus's page names \.mp3"):
        personal(client, audio_url=f"https://bucket.example/rio.{ending}")
    assert len(client.requests) == 1


def test_a_create_of_unknown_outcome_says_where_to_look(make_client: Any) -> None:
    client = make_client(replies(httpx.ReadError("reset")))
    with pytest.raises(tc.OutcomeUnknownError, match=r"a second voice. Look for it in tavus.voices.list\(\)"):
        personal(client)
    assert len(client.requests) == 1


def test_an_answer_without_an_id_is_of_unknown_outcome(make_client: Any) -> None:
    with pytest.raises(tc.OutcomeUnknownError):
        personal(make_client(replies({"status": "started"})))


def test_there_is_no_create_without_the_gate(make_client: Any) -> None:
    voices = make_client(replies(CREATED)).tavus.voices
    with pytest.raises(AttributeError, match=r"no tavus.voices.create\(\), because a voice of a real person") as caught:
        voices.create  # noqa: B018
    assert "create_non_human(attestation=..., attested_by=...) if no real person speaks" in str(caught.value)
    with pytest.raises(AttributeError, match="has no attribute 'clone'"):
        voices.clone  # noqa: B018


def test_the_warning_points_at_the_caller() -> None:
    transport = httpx.MockTransport(replies(CREATED))
    with tc.Tavus("k", transport=transport) as tavus, pytest.warns(tc.LinkWarning) as caught:
        tavus.voices.create_personal(audio_url="https://bucket.example/rio.aac", consent=RIO, voice_name="Rio")
    assert caught[0].filename == __file__


# get, list, wait


def test_a_voice_and_the_list_are_read(make_client: Any) -> None:
    client = make_client(replies(CREATED, {"data": [{"voice_name": "anna"}], "total_count": 1}))
    assert client(lambda t: t.voices.get("v0a1b2c3d4e5f")).status == "started"
    assert [one.voice_name for one in client(lambda t: t.voices.list(search="a"))] == ["anna"]


@pytest.mark.parametrize("word", ["completed", "ready"])
def test_wait_returns_the_finished_voice(make_client: Any, word: str) -> None:
    client = make_client(replies(CREATED, CREATED, {**CREATED, "status": word}))
    told: list[str] = []
    voice = client(lambda t: t.voices.wait("v0a1b2c3d4e5f", on_progress=lambda one: told.append(one.status)))
    assert (voice.status, told) == (word, ["started", "started", word])
    assert len(client.requests) == 3


@pytest.mark.parametrize("said", ["Too noisy: https://bucket.example/rio.wav?sig=secret", None, ""])
def test_wait_raises_if_the_voice_failed(make_client: Any, said: str | None) -> None:
    client = make_client(replies({**CREATED, "status": "error", "error_message": said}))
    with pytest.raises(tc.ProcessingFailed, match="voice v0a1b2c3d4e5f failed: ") as caught:
        client(lambda t: t.voices.wait("v0a1b2c3d4e5f"))
    error = caught.value
    assert (error.result.voice_id, error.error_type) == ("v0a1b2c3d4e5f", None)
    assert "one person speaks" in error.advice
    assert "secret" not in f"{error} {error.error_message}"
    assert ("no reason given" in str(error)) == (not said)


def test_wait_gives_up_in_the_end(make_client: Any) -> None:
    client = make_client(replies(CREATED))
    with pytest.raises(tc.ProcessingTimeout, match=r"not ready \(started\) after 20 s") as caught:
        client(lambda t: t.voices.wait("v0a1b2c3d4e5f", timeout=20))
    assert caught.value.result.status == "started"
