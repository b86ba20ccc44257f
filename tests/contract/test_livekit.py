"""LiveKit's plugin for Tavus against the served fake: it creates PALs and conversations, and repeats requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tavus_consent.testing import FakeTavus, Fault

from .outside import Outside, OutsideError, on_page, running

pytestmark = pytest.mark.heavy

#: A room needs LiveKit's servers: a stand-in takes what the session does with it. The requests to Tavus are real.
WORKER = """
import asyncio
from unittest.mock import MagicMock, patch
import aiohttp
from livekit.agents import APIConnectOptions
from livekit.plugins.tavus import avatar
from livekit.plugins.tavus.api import TavusAPI

ONCE_MORE = APIConnectOptions(max_retry=1, retry_interval=0)

async def call(method, options, **arguments):
    async with aiohttp.ClientSession() as session:
        api = TavusAPI(conn_options=ONCE_MORE, session=session, **options)
        return await getattr(api, method)(**arguments)

async def start(page):
    async with aiohttp.ClientSession() as session:
        with (
            patch.object(avatar.utils.http_context, "http_session", lambda: session),
            patch.object(avatar, "get_job_context", lambda: MagicMock(local_participant_identity="agent")),
            patch.object(avatar, "DataStreamAudioOutput", MagicMock()),
        ):
            scope = {}
            exec(page, scope)
            shown = scope["avatar"]
            room = MagicMock()
            room.name = "room-1"
            room.isconnected.return_value = False
            keys = {"livekit_api_key": "key", "livekit_api_secret": "s" * 32}
            await shown.start(MagicMock(), room, livekit_url="wss://livekit.example", **keys)
            return shown.conversation_id

def handle(method, options, arguments):
    return asyncio.run(start(options) if method == "start" else call(method, options, **arguments))
"""

FACE = "r90bbd427f71"
PAL = "pcb7a34da5fe"


class LiveKit:
    """The plugin, pointed at a fake as an application does it."""

    def __init__(self, client: Outside, url: str, fake: FakeTavus) -> None:
        self._client = client
        self._url = url
        self.options = {"api_url": f"{url}/v2", "api_key": fake.api_key}

    def __call__(self, method: str, **arguments: Any) -> Any:
        return self._client(method=method, options=self.options, arguments=arguments)

    def start(self) -> Any:
        """Start an avatar session as on the page, and return the id of its conversation."""
        return self._client(method="start", options=on_page("AvatarSession", self._url), arguments={})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with running("livekit", WORKER, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(stock="all")


@pytest.fixture
def livekit(client: Outside, fake: FakeTavus) -> Iterator[LiveKit]:
    with fake.serve() as url:
        yield LiveKit(client, url, fake)


def test_an_avatar_session_starts_a_conversation_in_its_room(livekit: LiveKit, fake: FakeTavus) -> None:
    conversation_id = livekit.start()

    made = fake.objects("conversation")[conversation_id]
    # the defaults of the plugin
    assert (made["status"], made["replica_id"], made["persona_id"]) == ("active", "r4067604db72", "pb87e71797da")
    assert made["conversation_name"].startswith("lk_conversation_")
    assert made["properties"]["livekit_ws_url"] == "wss://livekit.example"
    assert made["properties"]["livekit_room_token"].count(".") == 2


@pytest.mark.parametrize("names", [("face_id", "pal_id"), ("replica_id", "persona_id")])
def test_older_and_newer_names_start_the_same_conversation(
    livekit: LiveKit, fake: FakeTavus, names: tuple[str, str]
) -> None:
    conversation_id = livekit("create_conversation", **dict(zip(names, (FACE, PAL), strict=True)))
    made = fake.objects("conversation")[conversation_id]
    assert (made["replica_id"], made["persona_id"]) == (FACE, PAL)


def test_more_members_are_sent_as_they_are(livekit: LiveKit, fake: FakeTavus) -> None:
    more = {"conversation_name": "Talk", "custom_greeting": "Hello.", "properties": {"max_call_duration": 60}}
    conversation_id = livekit("create_conversation", face_id=FACE, pal_id=PAL, extra_payload=more)
    made = fake.objects("conversation")[conversation_id]
    assert {name: made[name] for name in more} == more


def test_a_pal_for_livekit_speaks_what_the_agent_says(livekit: LiveKit, fake: FakeTavus) -> None:
    pal_id = livekit("create_pal", name="Echo", default_face_id=FACE)

    made = fake.objects("persona")[pal_id]
    assert (made["persona_name"], made["pipeline_mode"], made["default_replica_id"]) == ("Echo", "echo", FACE)
    assert made["layers"] == {"transport": {"transport_type": "livekit"}}
    conversation_id = livekit("create_conversation", pal_id=pal_id)
    assert fake.objects("conversation")[conversation_id]["persona_id"] == pal_id


def test_a_persona_for_livekit_is_the_older_name(livekit: LiveKit, fake: FakeTavus) -> None:
    persona_id = livekit("create_persona", extra_payload={"default_replica_id": FACE})
    made = fake.objects("persona")[persona_id]
    assert (made["persona_name"][:11], made["default_replica_id"]) == ("lk_persona_", FACE)
    assert made["layers"] == {"transport": {"transport_type": "livekit"}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"face_id": "r0", "pal_id": PAL}, {"error": "Invalid replica_id"}),
        ({"face_id": FACE, "pal_id": "p0"}, {"error": "Invalid persona_id"}),
    ],
)
def test_an_unknown_id_is_refused_at_once(
    livekit: LiveKit, fake: FakeTavus, arguments: dict[str, str], said: dict[str, str]
) -> None:
    with pytest.raises(OutsideError) as caught:
        livekit("create_conversation", **arguments)
    facts = caught.value.facts
    assert (facts["error"], facts["status_code"], json.loads(facts["body"])) == ("APIStatusError", 400, said)
    assert len(fake.requests) == 1


def test_a_wrong_key_is_refused_at_once(livekit: LiveKit, fake: FakeTavus) -> None:
    livekit.options["api_key"] = "wrong"
    with pytest.raises(OutsideError) as caught:
        livekit("create_pal", default_face_id=FACE)
    assert (caught.value.facts["error"], caught.value.facts["status_code"]) == ("APIStatusError", 401)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(status=429), Fault(drop=True)])
def test_it_repeats_a_request_that_failed_for_now(livekit: LiveKit, fake: FakeTavus, fault: Fault) -> None:
    fake.inject(fault)
    conversation_id = livekit("create_conversation", face_id=FACE, pal_id=PAL)
    assert list(fake.objects("conversation")) == [conversation_id]
    assert len(fake.requests) == 2


def test_a_lost_answer_makes_it_start_two_conversations(livekit: LiveKit, fake: FakeTavus) -> None:
    # Tavus has no idempotency key, so an application sees this against Tavus as well.
    fake.inject(Fault(drop=True, after_work=True))
    conversation_id = livekit("create_conversation", face_id=FACE, pal_id=PAL)
    assert list(fake.objects("conversation"))[1:] == [conversation_id]
