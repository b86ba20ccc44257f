"""No error report of Sentry, Rich or the standard library with its locals shows a secret."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import tavus_consent as tc

from .doors import chain
from .failures import FAILURES, KEY, PERSONA, SECRETS, World, values
from .hostile import Hostile, Reply
from .reports import REPORTS, reports
from .test_secrets import public_errors


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with closing(Hostile("")) as hostile:
        yield hostile


@pytest.fixture
def world(make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Hostile) -> World:
    return World(make_client, monkeypatch, tmp_path, server)


def raised(world: World, name: str) -> BaseException:
    kind, failure = FAILURES[name]
    with pytest.raises(kind) as caught:
        failure(world)
    return caught.value


def found(text: str) -> dict[str, str]:
    """The secrets in a text, with the words around each."""
    places = {secret: text.find(secret) for secret in SECRETS}
    return {secret: text[max(0, at - 200) : at + 60] for secret, at in places.items() if at >= 0}


@pytest.mark.parametrize("name", FAILURES)
def test_no_report_of_an_error_shows_a_secret(world: World, name: str) -> None:
    error = raised(world, name)
    assert {report: found(text) for report, text in reports(error) if found(text)} == {}


def test_every_class_of_error_is_reported() -> None:
    assert public_errors() - {kind for kind, _ in FAILURES.values()} == set()


async def test_no_report_of_a_cancelled_call_shows_a_secret(server: Hostile) -> None:
    server.reply = Reply("stall", end="stall", part=0.0)
    async with tc.AsyncTavus(KEY, base_url=server.url, ledger=None) as tavus:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.2):
                await tavus.personas.create(**PERSONA)
    assert {type(one) for one in chain(caught.value)} == {TimeoutError, asyncio.CancelledError}
    assert {report: found(text) for report, text in reports(caught.value) if found(text)} == {}


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_would_show_a_secret_that_is_there(report: str) -> None:
    """Otherwise nothing above would mean anything. The frames of a library are measured, too."""
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(SECRETS[0])
    assert found(REPORTS[report](caught.value)).keys() == {SECRETS[0]}


def test_the_line_of_the_call_and_the_chain_of_causes_stay(world: World) -> None:
    error = raised(world, "a_connection_that_breaks")
    kinds = [type(one).__name__ for one in chain(error)]
    assert kinds[:2] == ["OutcomeUnknownError", "ConnectionFailedError"]
    assert {"ReadError", "ConnectionResetError"} <= set(kinds)
    names = [frame.f_code.co_name for frame in frames(error)]
    assert names.index("a_connection_that_breaks") < names.index("create_personal") < names.index("request")


def test_the_variables_of_the_callers_own_frames_stay(world: World) -> None:
    [own] = [frame for frame in frames(raised(world, "status_400")) if frame.f_code.co_qualname == "World.create"]
    assert SECRETS[1] in str(own.f_locals["given"])


def frames(error: BaseException) -> Iterator[Any]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


@pytest.mark.parametrize("name", values())
@pytest.mark.parametrize("report", REPORTS)
def test_no_report_looks_into_a_value(report: str, name: str) -> None:
    """Those that a caller has in variables of their own."""
    value = values()[name]
    code = compile("def own(value):\n    raise ValueError('no')\n", "application.py", "exec")
    space: dict[str, Any] = {}
    exec(code, space)
    with pytest.raises(ValueError) as caught:
        space["own"](value)
    text = REPORTS[report](caught.value)
    assert "value" in text
    assert found(text) == {}


PROGRAM = """
import asyncio, atexit, json
import httpx, sentry_sdk
import tavus_consent as tc
from tests.security import failures as f
from tests.security.reports import Collecting

transport = Collecting()
sentry_sdk.init("https://public@tracker.example/1", transport=transport)
atexit.register(lambda: print(json.dumps(transport.events, ensure_ascii=False)))
options = {"transport": httpx.MockTransport(lambda _: httpx.Response(500, text=f.TRAIN)), "ledger": None}


def main():
    tc.Tavus(f.KEY, **options).replicas.create_personal(
        train_video_url=f.TRAIN, consent=tc.SpokenConsent(f.NAME, f.CONSENT)
    )


async def main_async():
    await tc.AsyncTavus(f.KEY, **options).replicas.create_personal(
        train_video_url=f.TRAIN, consent=tc.SpokenConsent(f.NAME, f.CONSENT)
    )


try:
    asyncio.run(main_async())
except tc.TavusError:
    sentry_sdk.capture_exception()
main()
"""


def test_sentry_as_it_is_by_default_shows_no_secret_of_an_error_caught_or_not() -> None:
    """In a process of its own, since Sentry changes many libraries for good."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=root, timeout=120, check=False
    )
    events = [one for one in json.loads(done.stdout) if "exception" in one]
    stacks = [event["exception"]["values"][-1]["stacktrace"]["frames"] for event in events]
    names = [[frame["function"] for frame in stack] for stack in stacks]
    for own, found_there in zip(("main_async", "main"), names, strict=True):
        assert found_there.index(own) < found_there.index("create_personal")
    assert found(done.stdout) == {}
