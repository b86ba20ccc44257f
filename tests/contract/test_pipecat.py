"""Pipecat's transport for Tavus against the served fake: conversations, and the name of a persona."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tavus_consent.testing import Dialect, FakeTavus, Fault

from .outside import Outside, OutsideError, on_page, running

pytestmark = pytest.mark.heavy

WORKER = """
import asyncio
import aiohttp
from unittest.mock import MagicMock
from pipecat.clocks.system_clock import SystemClock
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.transports.tavus.transport import TavusApi, TavusCallbacks, TavusTransportClient
from pipecat.utils.asyncio.task_manager import TaskManager, TaskManagerParams

async def nothing(*given):
    pass

async def call(key, method, *arguments):
    async with aiohttp.ClientSession() as session:
        return await getattr(TavusApi(key, session), method)(*arguments)

async def session(key, **arguments):
    callbacks = TavusCallbacks(on_joined=nothing, on_participant_joined=nothing, on_participant_left=nothing)
    async with aiohttp.ClientSession() as session:
        client = TavusTransportClient(bot_name="Bot", callbacks=callbacks, api_key=key, session=session, **arguments)
        tasks = TaskManager()
        tasks.setup(TaskManagerParams(loop=asyncio.get_running_loop()))
        await client.setup(FrameProcessorSetup(clock=SystemClock(), task_manager=tasks, pipeline_worker=MagicMock()))
        conversation_id = client.conversation_id
        await client.cleanup()
        return conversation_id

def handle(page, key, method, arguments):
    exec(page, {})
    if method == "session":
        return asyncio.run(session(key, **arguments))
    return asyncio.run(call(key, method, *arguments))
"""

REPLICA = "r90bbd427f71"
PERSONA = "pcb7a34da5fe"


class Pipecat:
    """The transport, pointed at a fake as an application does it."""

    def __init__(self, client: Outside, url: str, fake: FakeTavus) -> None:
        self._client = client
        self._url = url
        self.key = fake.api_key

    def __call__(self, method: str, *arguments: Any, **named: Any) -> Any:
        return self._client(
            page=on_page("TavusApi.BASE_URL", self._url), key=self.key, method=method, arguments=named or arguments
        )


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with running("pipecat", WORKER, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture
def dialect() -> Dialect:
    return Dialect()


@pytest.fixture
def fake(dialect: Dialect) -> FakeTavus:
    return FakeTavus(stock="all", dialect=dialect)


@pytest.fixture
def pipecat(client: Outside, fake: FakeTavus) -> Iterator[Pipecat]:
    with fake.serve() as url:
        yield Pipecat(client, url, fake)


@pytest.mark.parametrize("persona_id", [PERSONA, "pipecat0"])
def test_a_conversation_begins_and_ends(pipecat: Pipecat, fake: FakeTavus, persona_id: str) -> None:
    made = pipecat("create_conversation", REPLICA, persona_id)
    kept = fake.objects("conversation")[made["conversation_id"]]
    assert (kept["status"], kept["replica_id"], kept["persona_id"]) == ("active", REPLICA, persona_id)
    assert made["conversation_url"].startswith("https://")

    assert pipecat("end_conversation", made["conversation_id"]) is None
    assert fake.objects("conversation")[made["conversation_id"]]["status"] == "ended"


def test_a_session_of_the_transport_is_one_conversation(pipecat: Pipecat, fake: FakeTavus) -> None:
    conversation_id = pipecat("session", replica_id=REPLICA)
    assert [(one["conversation_id"], one["status"]) for one in fake.objects("conversation").values()] == [
        (conversation_id, "ended")
    ]


def test_the_documented_envelope_of_a_persona_is_not_what_it_reads(pipecat: Pipecat) -> None:
    with pytest.raises(OutsideError) as caught:
        pipecat("get_persona_name", PERSONA)
    assert (caught.value.facts["error"], caught.value.facts["message"]) == ("KeyError", "'persona_name'")


@pytest.mark.parametrize("dialect", [Dialect(envelope="flat")])
def test_it_reads_a_persona_without_an_envelope(pipecat: Pipecat) -> None:
    assert pipecat("get_persona_name", "pipecat0") == "Persona of pipecat"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("create_conversation", ("r0", PERSONA)),
        ("create_conversation", (REPLICA, "p0")),
        ("end_conversation", ("c0",)),
        ("get_persona_name", ("p0",)),
    ],
)
def test_an_unknown_id_is_refused(pipecat: Pipecat, fake: FakeTavus, method: str, arguments: tuple[str, ...]) -> None:
    with pytest.raises(OutsideError) as caught:
        pipecat(method, *arguments)
    assert (caught.value.facts["error"], caught.value.facts["status"]) == ("ClientResponseError", 400)
    assert fake.objects("conversation") == {}


def test_a_wrong_key_is_refused(pipecat: Pipecat) -> None:
    pipecat.key = "wrong"
    with pytest.raises(OutsideError) as caught:
        pipecat("create_conversation", REPLICA, PERSONA)
    assert (caught.value.facts["error"], caught.value.facts["status"]) == ("ClientResponseError", 401)


def test_it_repeats_nothing(pipecat: Pipecat, fake: FakeTavus) -> None:
    fake.inject(Fault(status=503))
    with pytest.raises(OutsideError) as caught:
        pipecat("create_conversation", REPLICA, PERSONA)
    assert caught.value.facts["status"] == 503
    assert (len(fake.requests), fake.objects("conversation")) == (1, {})
