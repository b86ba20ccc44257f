"""Tavus's own command-line client, running beside a served fake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tavus_consent.testing import FakeTavus

from .outside import Outside, running

#: What the commands lack is reached by the client library in the same package. Building all commands, or reading the
#: certificates that no call needs here, would take longer than a call.
WORKER = """
import asyncio, functools
import httpx, typer
from click.testing import CliRunner
from tavus_mcp.cli.main import app
from tavus_mcp.sdk.client.http import TavusClient

COMMAND = typer.main.get_command(app)
httpx.AsyncClient.__init__ = functools.partialmethod(httpx.AsyncClient.__init__, verify=False)

async def call_library(resource, method, *arguments):
    async with TavusClient.from_env() as client:
        return await getattr(getattr(client, resource), method)(*arguments)

def names(command, path):
    inner = getattr(command, "commands", None)
    if inner is None:
        return [" ".join(path)]
    return [found for name, one in inner.items() for found in names(one, [*path, name])]

def handle(folder, command=(), call=()):
    os.chdir(folder)
    if call:
        return asyncio.run(call_library(*call))
    if not command:
        return names(COMMAND, [])
    result = CliRunner().invoke(COMMAND, command)
    ended = isinstance(result.exception, (SystemExit, type(None)))
    return [result.exit_code, result.output + ("" if ended else repr(result.exception))]
"""

Run = Callable[..., str]
Parsed = Callable[..., Any]
Write = Callable[[object], str]
Test = Callable[..., None]

STOCK_FACE = "r90bbd427f71"
STOCK_PAL = "pcb7a34da5fe"

#: the commands that the tests below declare, and the test that runs each
DECLARED: dict[str, str] = {}


def runs(*commands: str) -> Callable[[Test], Test]:
    """Declare the commands that a test runs. The fixture checks that it does."""

    def note(test: Test) -> Test:
        for command in commands:
            assert DECLARED.setdefault(command, test.__name__) == test.__name__
        return test

    return note


@pytest.fixture(scope="module")
def tavus_cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with running("tavus-cli", WORKER, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


@pytest.fixture
def do(tavus_cli: Outside, fake: FakeTavus, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a command and returns what it prints; ``code`` is the exit code that it must have."""
    wanted = {command for command, test in DECLARED.items() if test == request.function.__name__}
    ran = set()
    with fake.serve() as url:
        tavus_cli.environment = {
            "TAVUS_PUBLIC_API_BASE_URL": f"{url}/v2",
            "TAVUS_PORTAL_API_BASE_URL": f"{url}/portal",
            "TAVUS_API_KEY": fake.api_key,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

        def run(*command: str, code: int = 0) -> str:
            ran.update(name for name in wanted if list(command[: len(name.split())]) == name.split())
            ended, output = tavus_cli(folder=str(tmp_path), command=command)
            assert ended == code, f"{command}: {output}\n{fake.requests[-1:]}"
            return str(output)

        yield run
    assert ran == wanted
    assert {(seen.operation, seen.warnings) for seen in fake.requests if seen.warnings} == set()


@pytest.fixture
def cli(do: Run) -> Parsed:
    """Runs a command; what it prints, parsed."""
    return lambda *command: json.loads(do(*command))


@pytest.fixture
def library(do: Run, tavus_cli: Outside, tmp_path: Path) -> Parsed:
    """Calls a method of the client library."""
    return lambda *call: tavus_cli(folder=str(tmp_path), call=call)


@pytest.fixture
def my_pal(cli: Parsed) -> str:
    return str(cli("quickstart", "--system-prompt", "Be kind.")["pal"]["pal_id"])


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Writes a file and returns its name."""

    def write(content: object) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps(content))
        return path.name

    return write


def ids(page: Any, name: str) -> list[str]:
    return [item[name] for item in page["data"]]
