"""The gate at use: what the ledger knows of a likeness decides whether it may be shown or speak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import httpx
import pytest
from tests.asked import CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo
from tavus_consent.ledger import open_ledger
from tavus_consent.testing import Fault

from .conftest import OpenDesk
from .support import LINK, SPOKEN, Desk

STOCK = "r90bbd427f71"
PERSONA = {"persona_name": "Sam", "system_prompt": "You are Sam."}
WHY = {"reason": "The contract is on paper.", "by": "dpo@app.example"}


def video(desk: Desk, replica_id: str, **options: Any) -> Any:
    return desk(lambda t: t.videos.create(replica_id=replica_id, script="Hello", **options))


def conversation(desk: Desk, **options: Any) -> Any:
    return desk(lambda t: t.conversations.create(**options))


def short(desk: Desk) -> tuple[Any, str]:
    """A record that ends in a day, and its replica."""
    record = desk.recorded(valid_for=timedelta(days=1), intended_uses=["onboarding"], adult=True)
    return record, desk.create(record).replica_id


def ended(desk: Desk) -> tuple[Any, str]:
    record, replica_id = short(desk)
    desk.fake.advance(hours=25)
    return record, replica_id


def after(desk: Desk, record: Any, start: int) -> list[tuple[str, Any]]:
    """The events of uses after a number of events, without their ids."""
    return [
        (str(one.type), {name: value for name, value in one.payload.items() if name != "use"})
        for one in desk.events(record)[start:]
    ]


def begun(desk: Desk) -> int:
    return len(desk.sent())


# a renewal


def renewed(desk: Desk, record: Any, *, recorded: bool = True, **terms: Any) -> Any:
    new = desk(lambda t: t.consents.renew(record, **terms))
    return desk.bring(new, ConsentVideo("https://b.example/again.mp4")) if recorded else new


def test_a_likeness_of_expired_consent_may_be_used_with_its_renewal(desk: Desk) -> None:
    record, replica_id = ended(desk)
    new = renewed(desk, record)
    made = video(desk, replica_id).video_id
    (found,) = desk(lambda t: t.consents.find(video_id=made))
    assert (found.record_id, found.status, found.replicas) == (new.record_id, "given", (replica_id,))


def test_the_renewal_gets_the_likeness_once(desk: Desk) -> None:
    record, replica_id = ended(desk)
    new = renewed(desk, record)
    for _ in range(2):
        video(desk, replica_id)
    assert desk.types(new) == ["requested", "recorded", "given", "bound", *("use_intent", "used") * 2]


def test_the_renewal_of_a_renewal_counts_too(desk: Desk) -> None:
    record, replica_id = ended(desk)
    second = renewed(desk, record, valid_for=timedelta(days=1))
    video(desk, replica_id)
    desk.fake.advance(hours=25)
    third = desk.bring(desk(lambda t: t.consents.renew(second)), ConsentVideo("https://b.example/third.mp4"))
    made = video(desk, replica_id).video_id
    assert [one.record_id for one in desk(lambda t: t.consents.find(video_id=made))] == [third.record_id]


def test_a_renewal_without_a_recording_changes_nothing(desk: Desk) -> None:
    record, replica_id = ended(desk)
    renewed(desk, record, recorded=False)
    with pytest.raises(tc.ConsentExpired):
        video(desk, replica_id)


def test_a_renewal_replaces_the_warning(open_desk: OpenDesk, url: str) -> None:
    desk = open_desk(url, consent_policy=ConsentPolicy(after_expiry="warn"))
    record, replica_id = ended(desk)
    renewed(desk, record)
    assert video(desk, replica_id).video_id


def test_a_voice_may_be_used_with_the_renewal(desk: Desk) -> None:
    record = desk.recorded(valid_for=timedelta(days=1))
    voice_id = desk(
        lambda t: t.voices.create_personal(audio_url="https://b.example/a.mp3", consent=record, voice_name="Sio")
    ).voice_id
    desk.fake.advance(hours=25)
    new = renewed(desk, record)
    desk(lambda t: t.personas.create(layers={"tts": {"voice_id": voice_id}}, **PERSONA))
    assert desk.get(new).state.voices == (voice_id,)


def speak(desk: Desk, voice_id: str) -> Any:
    """Make a persona that speaks with a voice."""
    return desk(lambda t: t.personas.create(layers={"tts": {"voice_id": voice_id}}, **PERSONA))


# every use of one's likeness


USES: dict[str, Callable[[Any, str], Any]] = {
    "video": lambda t, replica: t.videos.create(replica_id=replica, script="Hello"),
    "conversation": lambda t, replica: t.conversations.create(replica_id=replica),
    "conversation of a face": lambda t, replica: t.conversations.create(face_id=replica, pal_id="p1"),
    "speech": lambda t, replica: t.speech.create(replica_id=replica, script="Hello"),
    "persona": lambda t, replica: t.personas.create(default_replica_id=replica, **PERSONA),
    "PAL": lambda t, replica: t.pals.create(default_face_id=replica, pal_name="Sam", system_prompt="You are Sam."),
    "patch": lambda t, replica: t.personas.patch(
        "p1", operations=[{"op": "replace", "path": "/default_replica_id", "value": replica}]
    ),
}


@pytest.mark.parametrize("use", USES)
def test_no_likeness_is_used_after_its_consent_expired(desk: Desk, use: str) -> None:
    _, replica_id = ended(desk)
    before = begun(desk)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: USES[use](t, replica_id))
    assert [one for one in desk.sent()[before:] if not str(one).startswith("get")] == []


@pytest.mark.parametrize("use", USES)
def test_no_likeness_is_used_after_a_withdrawal(desk: Desk, use: str) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    desk.fake.inject(Fault(status=403), operation="deleteReplica")  # Tavus still has it
    desk.withdraw(record)
    with pytest.raises(tc.ConsentWithdrawn) as caught:
        desk(lambda t: USES[use](t, replica_id))
    assert caught.value.reason == "withdrawn"


def test_no_likeness_is_used_after_its_record_was_declared_void(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    desk(lambda t: t.consents.invalidate(record, reason="The wrong person"))
    with pytest.raises(tc.ConsentWithdrawn) as caught:
        video(desk, replica_id)
    assert caught.value.reason == "invalidated"


def test_no_likeness_is_used_while_a_doubt_is_open(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    desk.hear(record, SPOKEN.replace("consent", "do not consent"))
    with pytest.raises(tc.ConsentMismatch):
        video(desk, replica_id)


def test_what_a_use_made_is_in_the_ledger(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    start = len(desk.events(record))
    made = video(desk, replica_id).video_id
    assert after(desk, record, start) == [
        ("use_intent", {"operation": "generateVideo", "likeness": replica_id}),
        ("used", {"outcome": "made", "kind": "video", "object_id": made}),
    ]


@pytest.mark.parametrize(("fault", "outcome"), [(Fault(status=400), "failed"), (Fault(drop=True), "unknown")])
def test_what_came_of_a_use_that_failed_is_in_the_ledger(desk: Desk, fault: Fault, outcome: str) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    start = len(desk.events(record))
    desk.fake.inject(fault, operation="generateVideo")
    with pytest.raises(tc.TavusError):
        video(desk, replica_id)
    assert after(desk, record, start)[-1] == ("used", {"outcome": outcome})


def test_the_record_is_found_by_what_was_made(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    video_id = video(desk, replica_id).video_id
    conversation_id = conversation(desk, replica_id=replica_id).conversation_id
    of_video = desk(lambda t: t.consents.find(video_id=video_id))
    of_conversation = desk(lambda t: t.consents.find(conversation_id=conversation_id))
    assert [one.record_id for one in (*of_video, *of_conversation)] == [record.record_id] * 2
    assert desk(lambda t: t.consents.find(video_id="v0")) == []


def test_another_process_asks_the_same_ledger(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    _, replica_id = ended(desk)
    with pytest.raises(tc.ConsentExpired):
        video(desk.reopened(), replica_id)


def mascot(desk: Desk) -> str:
    made = desk(
        lambda t: t.replicas.create_non_human(
            train_video_url="https://bucket.example/mascot.mp4",
            attestation="A drawn mascot that our studio animated.",
            attested_by="qa@app.example",
        )
    )
    return str(made.replica_id)


def test_a_likeness_of_an_attestation_may_be_used(desk: Desk) -> None:
    made = video(desk, mascot(desk)).video_id
    assert len(desk(lambda t: t.consents.find(video_id=made))) == 1


# personas, PALs and deployments name likenesses themselves


def test_the_default_replica_of_a_persona_counts(desk: Desk) -> None:
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    desk.fake.advance(hours=25)
    with pytest.raises(tc.ConsentExpired):
        conversation(desk, persona_id=persona_id)


def test_a_replica_that_is_named_replaces_the_default_one(desk: Desk) -> None:
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    desk.fake.advance(hours=25)
    assert conversation(desk, persona_id=persona_id, replica_id=STOCK).conversation_id


def test_a_persona_is_looked_up_once_in_five_minutes(desk: Desk) -> None:
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    before = begun(desk)
    for _ in range(2):
        conversation(desk, persona_id=persona_id)
    assert desk.sent()[before:] == ["getPersona", "createConversation", "createConversation"]
    desk.fake.advance(seconds=301)
    conversation(desk, persona_id=persona_id)
    assert desk.sent()[before + 3 :] == ["getPersona", "createConversation"]


def test_a_persona_that_was_changed_is_looked_up_again(desk: Desk) -> None:
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    conversation(desk, persona_id=persona_id)
    desk(lambda t: t.personas.patch(persona_id, operations=[{"op": "remove", "path": "/default_replica_id"}]))
    before = begun(desk)
    with pytest.raises(tc.BadRequestError):
        conversation(desk, persona_id=persona_id)
    assert desk.sent()[before:] == ["getPersona", "createConversation"]


def test_a_deployment_shows_the_face_of_its_pal(desk: Desk) -> None:
    _, replica_id = short(desk)
    pal = desk(lambda t: t.pals.create(default_face_id=replica_id, pal_name="Sam", system_prompt="You are Sam."))
    deployment = desk(lambda t: t.deployments.create(pal_id=pal.pal_id, channel="widget"))
    desk.fake.advance(hours=25)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.deployments.start(deployment.deployment_id))


def test_a_deployment_that_shows_another_pal_is_looked_up_again(desk: Desk) -> None:
    _, replica_id = short(desk)
    pals = [
        desk(lambda t, face=face: t.pals.create(default_face_id=face, pal_name="Sam", system_prompt="You are Sam."))
        for face in (STOCK, replica_id)
    ]
    deployment = desk(lambda t: t.deployments.create(pal_id=pals[0].pal_id, channel="widget"))
    desk.fake.advance(hours=23, minutes=59)
    desk(lambda t: t.deployments.start(deployment.deployment_id))
    steps = [{"op": "replace", "path": "/default_face_id", "value": replica_id}]
    desk(lambda t: t.pals.patch(pals[0].pal_id, operations=steps))
    desk.fake.advance(minutes=2)  # less than a lookup is remembered
    start = begun(desk)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.deployments.start(deployment.deployment_id))
    assert [one for one in desk.sent()[start:] if not str(one).startswith("get")] == []


def test_a_lookup_that_failed_is_made_again(url: str, open_desk: OpenDesk) -> None:
    desk = open_desk(url)
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    desk.fake.advance(hours=25)
    desk.fake.inject(Fault(status=400), operation="getPersona")
    desk.fake.inject(Fault(status=400), operation="createConversation")
    with pytest.raises(tc.BadRequestError):
        conversation(desk, persona_id=persona_id)
    with pytest.raises(tc.ConsentExpired):
        conversation(desk, persona_id=persona_id)


def test_a_persona_that_does_not_exist_is_refused_by_tavus(desk: Desk) -> None:
    short(desk)
    with pytest.raises(tc.CallError):
        conversation(desk, persona_id="p0")


def test_a_client_whose_ledger_knows_no_likeness_makes_no_extra_request(desk: Desk) -> None:
    persona_id = desk(lambda t: t.personas.create(**PERSONA)).persona_id
    conversation(desk, persona_id=persona_id, replica_id=STOCK)
    assert desk.sent() == ["createPersona", "createConversation"]


# what a request names


def test_every_likeness_that_a_patch_selects_counts(desk: Desk) -> None:
    _, first = short(desk)
    second = desk.create(desk.recorded("Rio Alvarez")).replica_id
    persona_id = desk(lambda t: t.personas.create(**PERSONA)).persona_id
    desk.fake.advance(hours=25)
    steps = [{"op": "replace", "path": "/default_replica_id", "value": one} for one in (second, first)]
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.personas.patch(persona_id, operations=steps))


def test_a_patch_that_selects_nothing_needs_no_consent(desk: Desk) -> None:
    _, replica_id = short(desk)
    persona_id = desk(lambda t: t.personas.create(default_replica_id=replica_id, **PERSONA)).persona_id
    desk.fake.advance(hours=25)
    steps = [{"op": "replace", "path": "/persona_name", "value": "Max"}]
    assert desk(lambda t: t.personas.patch(persona_id, operations=steps))


def test_a_voice_of_another_service_is_no_likeness_here(strict_desk: Desk) -> None:
    layers = {"tts": {"tts_engine": "cartesia", "api_key": "k", "external_voice_id": "v-1"}}
    assert strict_desk(lambda t: t.personas.create(layers=layers, **PERSONA)).persona_id


def test_a_record_that_ends_between_the_decision_and_the_request_stops_it(
    url: str, open_desk: OpenDesk, make_client: Any
) -> None:
    desk = open_desk(url)
    lasting = desk.create(desk.recorded("Rio Alvarez")).replica_id
    record, ending = short(desk)
    start = len(desk.events(record))
    clock = Jumping(desk.fake.clock, after=4)
    client = make_client(lambda _: httpx.Response(200, json={}), ledger=url, clock=clock)
    steps = [{"op": "replace", "path": "/default_replica_id", "value": one} for one in (lasting, ending)]
    with pytest.raises(tc.ConsentExpired):
        client(lambda t: t.personas.patch("p1", operations=steps))
    of_lasting = desk(lambda t: t.consents.find(replica_id=lasting))[0]
    assert (client.requests, after(desk, record, start)) == ([], [])
    assert after(desk, of_lasting, 0)[-1] == ("used", {"outcome": "failed"})


class Jumping:
    """A clock that jumps by two days after it was asked for the date a few times."""

    def __init__(self, clock: Any, *, after: int) -> None:
        self._clock, self._left = clock, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)

    def now(self) -> Any:
        self._left -= 1
        return self._clock.now() + timedelta(days=2 if self._left < 0 else 0)


# the policy


@pytest.fixture
def declaring_desk(open_desk: OpenDesk, url: str) -> Desk:
    return open_desk(url, consent_policy=ConsentPolicy(purposes="declared"))


def test_the_policy_can_ask_for_the_purpose(declaring_desk: Desk) -> None:
    _, replica_id = short(declaring_desk)
    with pytest.raises(tc.ConsentRequired) as caught:
        video(declaring_desk, replica_id)
    assert (caught.value.field, caught.value.reason) == ("use", "missing")


def test_only_an_intended_use_is_a_purpose(declaring_desk: Desk) -> None:
    _, replica_id = short(declaring_desk)
    with pytest.raises(tc.ConsentRequired) as caught:
        video(declaring_desk, replica_id, use="advertising")
    assert (caught.value.field, caught.value.reason) == ("use", "undeclared")


def test_an_intended_use_goes_on_and_stays_out_of_the_chain(declaring_desk: Desk) -> None:
    record, replica_id = short(declaring_desk)
    assert video(declaring_desk, replica_id, use="onboarding").video_id
    ledger = declaring_desk.client.tavus.consents.ledger
    assert "onboarding" not in "".join(ledger.store.export_lines())
    assert (declaring_desk.types(record)[-2:], ledger.verify().ok) == (["use_intent", "used"], True)


def test_the_purpose_is_never_sent(declaring_desk: Desk) -> None:
    _, replica_id = short(declaring_desk)
    made = video(declaring_desk, replica_id, use="onboarding")
    assert "use" not in declaring_desk.fake.objects("video")[made.video_id]["request"]


def test_a_mascot_needs_no_purpose(declaring_desk: Desk) -> None:
    assert video(declaring_desk, mascot(declaring_desk)).video_id


def test_the_policy_can_turn_expiry_into_a_warning(open_desk: OpenDesk, url: str, kind: str) -> None:
    desk = open_desk(url, consent_policy=ConsentPolicy(after_expiry="warn"))
    _, replica_id = ended(desk)

    async def use(tavus: Any) -> Any:
        return await tavus.videos.create(replica_id=replica_id, script="Hello")

    with pytest.warns(tc.ConsentWarning, match="has expired") as caught:
        made = video(desk, replica_id) if kind == "sync" else desk(use)
    assert made.video_id
    assert caught[0].filename == __file__


def test_a_likeness_that_the_ledger_does_not_know_may_be_used(desk: Desk) -> None:
    short(desk)
    other = desk.reopened() if desk.url is None else desk
    assert video(other, STOCK).video_id


@pytest.fixture
def strict_desk(open_desk: OpenDesk, url: str) -> Desk:
    return open_desk(url, consent_policy=ConsentPolicy(unknown="refuse"))


def elsewhere(desk: Desk) -> str:
    """A replica of the account that was made without this SDK's ledger."""
    spoken = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
    return str(desk.elsewhere().create(spoken, train_video_url="https://b.example/t.mp4").replica_id)


def test_the_policy_can_refuse_a_likeness_that_the_ledger_does_not_know(strict_desk: Desk) -> None:
    replica_id = elsewhere(strict_desk)
    with pytest.raises(tc.ConsentRequired) as caught:
        video(strict_desk, replica_id)
    assert caught.value.reason == "unknown_likeness"


def test_stock_likenesses_may_be_used_under_every_policy(strict_desk: Desk) -> None:
    before = begun(strict_desk)
    for _ in range(2):
        video(strict_desk, STOCK)
    assert strict_desk.sent()[before:] == ["getReplica", "generateVideo", "generateVideo"]


def test_the_policy_can_refuse_media_of_somebody_unknown(strict_desk: Desk) -> None:
    with pytest.raises(tc.ConsentRequired) as caught:
        lipsync(strict_desk, "https://b.example/v.mp4")
    assert caught.value.reason == "unknown_likeness"


def test_a_recording_of_a_withdrawn_person_serves_no_use(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    desk.create(tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4"), train_video_url="https://b.example/t.mp4")
    desk.withdraw(record)
    with pytest.raises(tc.ConsentWithdrawn):
        lipsync(desk, LINK)


def lipsync(desk: Desk, video_url: str) -> Any:
    audio_url = "https://b.example/a.mp3"
    return desk(lambda t: t.lipsync.create(original_video_url=video_url, source_audio_url=audio_url))


@pytest.mark.parametrize(
    "values", [{"after_expiry": "ignore"}, {"unknown": "maybe"}, {"purposes": None}], ids=lambda one: next(iter(one))
)
def test_a_policy_refuses_other_values(values: dict[str, Any]) -> None:
    with pytest.raises(tc.ConfigurationError, match=next(iter(values))):
        ConsentPolicy(**values)


# paths around the gate


@pytest.mark.parametrize("name", ["replicas.create_replica", "faces.create_face", "voices.create_voice"])
def test_a_raw_create_is_refused_with_the_method_to_use(desk: Desk, kind: str, name: str) -> None:
    with pytest.raises(tc.ConsentRequired, match=rf"tavus\.{name.partition('.')[0]}\.create_personal"):
        raw(desk, kind, name, body={"voice_name": "Rio", "audio_url": "https://b.example/a.mp3"})
    assert desk.sent() == []


def test_a_raw_use_is_decided_like_its_method(desk: Desk, kind: str) -> None:
    _, replica_id = ended(desk)
    with pytest.raises(tc.ConsentExpired):
        raw(desk, kind, "videos.generate_video", body={"replica_id": replica_id, "script": "Hello"})


def test_options_of_a_call_change_nothing_about_the_gate(desk: Desk) -> None:
    _, replica_id = ended(desk)
    with pytest.raises(tc.ConsentExpired):
        desk(lambda t: t.with_options(max_retries=0).videos.create(replica_id=replica_id, script="Hello"))


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_request_without_an_operation_is_refused(desk: Desk, kind: str, method: str) -> None:
    with pytest.raises(tc.ConsentRequired, match="no operation of the specification") as caught:
        desk(lambda t: client_of(t, kind).request(method, "/v2/avatars", json={"train_video_url": "https://b.example"}))
    assert (caught.value.reason, desk.sent()) == ("unknown_operation", [])


def client_of(tavus: Any, kind: str) -> Any:
    return tavus.raw.get_httpx_client() if kind == "sync" else tavus.raw.get_async_httpx_client()


def raw(desk: Desk, kind: str, name: str, **arguments: Any) -> Any:
    module = import_module(f"tavus_api.api.{name}")
    function = module.sync_detailed if kind == "sync" else module.asyncio_detailed
    return desk(lambda t: function(client=t.raw, **arguments))


def without_gate(desk: Any, kind: str, use: Callable[[Any], Any], **why: str) -> Any:
    def through(tavus: Any) -> Any:
        with tavus.without_gate(**{**WHY, **why}):
            return use(tavus)

    async def through_async(tavus: Any) -> Any:
        async with tavus.without_gate(**{**WHY, **why}):
            return await use(tavus)

    return desk(through if kind == "sync" else through_async)


def test_the_gate_can_be_opened_for_a_use(desk: Desk, kind: str) -> None:
    record, replica_id = ended(desk)
    made = without_gate(desk, kind, lambda t: t.videos.create(replica_id=replica_id, script="Hello"))
    assert [one.record_id for one in desk(lambda t: t.consents.find(video_id=made.video_id))] == [record.record_id]
    assert "bypass" in desk.events(record)[-2].payload


def test_a_use_of_an_erased_person_with_an_open_gate_is_recorded_there(desk: Desk, kind: str) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    desk.withdraw(record)
    desk(lambda t: t.consents.erase(record))
    steps = [{"op": "replace", "path": "/default_replica_id", "value": replica_id}]
    persona_id = desk(lambda t: t.personas.create(**PERSONA)).persona_id
    with pytest.raises(tc.CallError):  # Tavus no longer has it
        without_gate(desk, kind, lambda t: t.personas.patch(persona_id, operations=steps))
    (bypass,) = desk(lambda t: t.consents.list(status="bypassed"))
    assert after(desk, bypass, 1)[-1] == ("used", {"outcome": "failed"})


def test_a_create_with_an_open_gate_is_listed_in_a_record_of_its_own(desk: Desk, kind: str) -> None:
    module = import_module("tavus_api.api.replicas.create_replica")
    function = module.sync_detailed if kind == "sync" else module.asyncio_detailed
    body = {"train_video_url": "https://b.example/t.mp4"}
    made = without_gate(desk, kind, lambda t: function(client=t.raw, body=body))
    (record,) = desk(lambda t: t.consents.list(status="bypassed"))
    assert desk.types(record) == ["bypassed", "use_intent", "used"]
    assert desk.events(record)[-1].payload["object_id"] == made.parsed.replica_id


@pytest.mark.parametrize("said", [[], {"avatar_id": "a1"}, {"video_id": 7}])
def test_an_answer_that_names_nothing_is_recorded_too(
    make_client: Any, kind: str, said: Any, url: str, open_desk: OpenDesk
) -> None:
    desk = open_desk(url)
    client = make_client(lambda _: httpx.Response(200, json=said), ledger=url)
    without_gate(client, kind, lambda t: client_of(t, kind).request("POST", "/v2/avatars", json=None))
    (record,) = desk(lambda t: t.consents.list(status="bypassed"))
    assert after(desk, record, 2) == [("used", {"outcome": "made"})]


def test_the_gate_closes_after_the_block(desk: Desk, kind: str) -> None:
    _, replica_id = ended(desk)
    without_gate(desk, kind, lambda t: t.videos.create(replica_id=replica_id, script="Hello"))
    with pytest.raises(tc.ConsentExpired):
        video(desk, replica_id)


def test_the_gate_of_another_client_stays_closed(desk: Desk, kind: str) -> None:
    _, replica_id = ended(desk)
    other = desk.elsewhere()

    def use(tavus: Any) -> Any:
        with tavus.without_gate(**WHY):
            return video(desk, replica_id)

    async def use_async(tavus: Any) -> Any:
        async with tavus.without_gate(**WHY):
            return await desk.client.tavus.videos.create(replica_id=replica_id, script="Hello")

    with pytest.raises(tc.ConsentExpired):
        other(use if kind == "sync" else use_async)


@pytest.mark.parametrize("missing", ["reason", "by"])
def test_the_gate_opens_only_with_a_reason_and_a_name(desk: Desk, kind: str, missing: str) -> None:
    with pytest.raises(tc.InvalidRequestError) as caught:
        without_gate(desk, kind, lambda t: t.videos.list(), **{missing: ""})
    assert caught.value.field == missing


def test_who_opened_the_gate_is_not_in_the_chain(url: str, open_desk: OpenDesk, kind: str) -> None:
    desk = open_desk(url)
    without_gate(desk, kind, lambda t: t.videos.create(replica_id=STOCK, script="Hello"))
    store = desk.client.tavus.consents.ledger.store
    lines = "\n".join(store.export_lines())
    assert [word for word in ("paper", "dpo@app") if word in lines] == []
    assert desk.client.tavus.consents.ledger.verify().ok


# voices that a training made


def test_the_voice_of_a_training_needs_the_consent_of_its_face(desk: Desk) -> None:
    short(desk)
    desk.fake.advance(hours=5)
    voice_id = next(iter(desk.fake.objects("voice")))
    speak(desk, voice_id)
    desk.fake.advance(hours=25)
    with pytest.raises(tc.ConsentExpired):
        speak(desk, voice_id)


def test_what_the_voice_of_a_training_was_used_for_is_in_the_record_of_its_face(desk: Desk) -> None:
    record, _ = short(desk)
    desk.fake.advance(hours=5)
    speak(desk, next(iter(desk.fake.objects("voice"))))
    assert [one.kind for one in desk(lambda t: t.consents.outputs(record))] == ["persona"]


def test_the_faces_are_read_once_in_five_minutes(desk: Desk) -> None:
    short(desk)
    before = begun(desk)
    for _ in range(2):
        speak(desk, "s1a2b3")
    assert desk.sent()[before:] == ["listFaces", "createPersona", "createPersona"]


def test_a_voice_that_the_ledger_knows_needs_no_look_at_the_faces(desk: Desk) -> None:
    record = desk.recorded()
    voice_id = desk(
        lambda t: t.voices.create_personal(audio_url="https://b.example/a.mp3", consent=record, voice_name="Sio")
    ).voice_id
    before = begun(desk)
    speak(desk, voice_id)
    assert desk.sent()[before:] == ["createPersona"]


# deletions


def test_a_deleted_replica_is_called_that(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    desk(lambda t: t.replicas.delete(replica_id))
    assert desk.get(record).state.removed == {replica_id}
    assert f"- {replica_id} (deleted)\n" in desk(lambda t: t.consents.receipt(record, controller=CONTROLLER)).text()


def test_a_deleted_face_is_called_that(desk: Desk) -> None:
    record = desk.recorded()
    face = desk(
        lambda t: t.faces.create_personal(train_video_url="https://b.example/t.mp4", consent=record, face_name="Sio")
    )
    desk(lambda t: t.faces.delete(face.face_id))
    assert desk.get(record).state.removed == {face.face_id}


def test_a_deletion_is_written_once(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    for _ in range(2):
        desk(lambda t: t.replicas.delete(replica_id)) if replica_id in desk.fake.replicas else None
    assert desk.types(record).count("deleted") == 1


def test_a_deletion_of_something_else_is_not_written(desk: Desk) -> None:
    record = desk.recorded()
    desk.create(record)
    made = desk(lambda t: t.personas.create(**PERSONA))
    desk(lambda t: t.personas.delete(made.persona_id))
    tool = desk(lambda t: t.tools.create(name="look_up", description="Looks up a word."))
    desk(lambda t: t.tools.delete(tool.tool_id))
    assert "deleted" not in desk.types(record)


def test_a_tool_that_is_detached_deletes_no_pal(desk: Desk) -> None:
    record = desk.recorded()
    replica_id = desk.create(record).replica_id
    pal = desk(lambda t: t.pals.create(default_face_id=replica_id, pal_name="Sam", system_prompt="You are Sam."))
    tool = desk(lambda t: t.tools.create(name="look_up", description="Looks up a word."))
    desk(lambda t: t.pal_tools.attach(pal.pal_id, tool_ids=[tool.tool_id]))
    desk(lambda t: t.pal_tools.detach(pal.pal_id, tool.tool_id))
    assert "deleted" not in desk.types(record)


# a ledger that fails afterwards hides nothing


def test_what_was_made_is_returned_even_if_the_ledger_fails_then(
    url: str, open_desk: OpenDesk, make_client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(url)
    replica_id = desk.create(desk.recorded()).replica_id
    with open_ledger(url) as ledger:

        def answer(request: httpx.Request) -> httpx.Response:
            ledger.close()
            return httpx.Response(200, json={"video_id": "v1", "status": "queued"})

        client = make_client(answer, ledger=ledger)
        assert client(lambda t: t.videos.create(replica_id=replica_id, script="Hello")).video_id == "v1"
    assert "stays open" in caplog.text


def test_a_replica_is_deleted_even_if_the_ledger_cannot_be_read(url: str, make_client: Any) -> None:
    with open_ledger(url) as ledger:
        client = make_client(lambda _: httpx.Response(204), ledger=ledger)
        ledger.close()
        client(lambda t: t.replicas.delete("r1"))
    assert [request.method for request in client.requests] == ["DELETE"]
