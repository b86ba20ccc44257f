"""Tavus's own command-line client against the served fake: an independent reading of the same documents.

It has a separate environment, because it is not a dependency of ours. The first test that needs it installs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tavus_consent.testing import FakeTavus

pytestmark = pytest.mark.heavy

VERSION = "0.11.0"
ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv" / "tavus-cli"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")

#: Runs commands in one process, since each start of it takes a second. What the commands lack is reached by the client
#: library in the same package.
WORKER = """
import asyncio, json, os, sys
from typer.testing import CliRunner
from tavus_mcp.cli.main import app
from tavus_mcp.sdk.client.http import TavusClient

async def call(resource, method, *arguments):
    async with TavusClient.from_env() as client:
        return json.dumps(await getattr(getattr(client, resource), method)(*arguments))

for line in sys.stdin:
    job = json.loads(line)
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    if job["command"]:
        result = CliRunner().invoke(app, job["command"])
        answer = result.exit_code, result.output + repr(result.exception or "")[2:]
    else:
        answer = 0, asyncio.run(call(*job["call"]))
    print(json.dumps(answer), flush=True)
"""

Run = Callable[..., str]
Parsed = Callable[..., Any]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    _install()
    home = {"HOME": str(tmp_path_factory.mktemp("home")), "PATH": os.environ["PATH"], "COLUMNS": "300", "NO_COLOR": "1"}
    with subprocess.Popen(
        [BIN / "python", "-c", WORKER], env=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()  # type: ignore[union-attr]


def _install() -> None:
    uv = str(Path(sys.executable).parent / "uv")
    steps = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "install", "--quiet", "--python", str(BIN / "python"), f"tavus-cli=={VERSION}"],
    ]
    for step in steps if not (BIN / "tavus").exists() else ():
        subprocess.run(step, check=True, timeout=600)


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus()


@pytest.fixture
def do(worker: subprocess.Popen[str], fake: FakeTavus, tmp_path: Path) -> Iterator[Run]:
    with fake.serve() as url:
        variables = {"TAVUS_PUBLIC_API_BASE_URL": f"{url}/v2", "TAVUS_API_KEY": fake.api_key}

        def send(**job: object) -> str:
            assert worker.stdin
            assert worker.stdout
            command = {"environment": variables, "folder": str(tmp_path), "command": (), **job}
            worker.stdin.write(json.dumps(command) + "\n")
            worker.stdin.flush()
            code, output = json.loads(worker.stdout.readline())
            assert code == 0, f"{job}: {output}\n{fake.requests[-1:]}"
            return str(output)

        yield send


@pytest.fixture
def cli(do: Run) -> Parsed:
    """Runs a command; what it prints, parsed."""
    return lambda *arguments: json.loads(do(command=arguments))


@pytest.fixture
def library(do: Run) -> Parsed:
    """Calls a method of the client library."""
    return lambda *call: json.loads(do(call=call))


def test_its_self_test_passes(do: Run) -> None:
    assert "Network check passed." in do(command=["doctor"])


def test_faces(cli: Parsed, library: Parsed) -> None:
    face = library("faces", "create", {"face_name": "Rio", "train_video_url": "https://media.example/train.mp4"})
    face_id = face["face_id"]

    assert face["status"] == "started"
    assert face_id in [each["face_id"] for each in cli("face", "list", "--json")["data"]]
    assert library("faces", "get", face_id)["face_name"] == "Rio"
    library("faces", "delete", face_id)
    assert face_id not in [each["face_id"] for each in cli("face", "list", "--json")["data"]]


def test_stock_faces(cli: Parsed) -> None:
    assert "r90bbd427f71" in [face["face_id"] for face in cli("face", "list", "--stock", "--json")["data"]]


def test_pals(cli: Parsed) -> None:
    pal_id = cli("pal", "create", "--name", "Sam", "--system-prompt", "Be kind.", "--face-id", "r90bbd427f71")["pal_id"]

    assert pal_id in [pal["pal_id"] for pal in cli("pal", "list", "--json")["data"]]
    cli("pal", "patch", pal_id, "--path", "/pal_name", "--value", "Samira")
    pal = cli("pal", "get", pal_id)
    assert (pal["pal_name"], pal["system_prompt"], pal["default_face_id"]) == ("Samira", "Be kind.", "r90bbd427f71")
    assert cli("pal", "delete", pal_id) is None
    assert pal_id not in [pal["pal_id"] for pal in cli("pal", "list", "--json")["data"]]


def test_tools_and_skills_of_a_pal(cli: Parsed, tmp_path: Path) -> None:
    pal_id = cli("quickstart", "--system-prompt", "Be kind.")["pal"]["pal_id"]
    (tmp_path / "tool.json").write_text(json.dumps({"name": "lookup", "description": "Looks it up."}))
    tool_id = cli("tool", "create", "--file", "tool.json")["tool_id"]

    cli("pal", "tools", "attach", pal_id, tool_id)
    cli("pal", "skills", "attach", pal_id, "presentation")

    assert tool_id in json.dumps(cli("pal", "tools", "list", pal_id))
    assert "presentation" in cli("pal", "skills", "list", pal_id)
    cli("pal", "tools", "detach", pal_id, tool_id)
    cli("pal", "skills", "detach", pal_id, "presentation")
    assert tool_id not in json.dumps(cli("pal", "tools", "list", pal_id))
    assert cli("pal", "skills", "list", pal_id) == {}


def test_conversations(cli: Parsed, library: Parsed) -> None:
    conversation = cli("conversation", "create", "--face-id", "r90bbd427f71", "--name", "Talk")
    conversation_id = conversation["conversation_id"]

    assert (conversation["status"], conversation["conversation_url"][:8]) == ("active", "https://")
    assert conversation_id in [each["conversation_id"] for each in library("conversations", "list")["data"]]
    cli("conversation", "end", conversation_id)
    assert library("conversations", "get", conversation_id)["status"] == "ended"
    library("conversations", "delete", conversation_id)
    assert library("conversations", "list")["data"] == []


def test_documents(cli: Parsed, library: Parsed, fake: FakeTavus) -> None:
    created = cli("document", "create", "--url", "https://media.example/notes.pdf", "--name", "Notes", "--tag", "a")
    document_id = created["document_id"]

    fake.advance(minutes=10)

    assert (created["status"], cli("document", "get", document_id)["status"]) == ("started", "ready")
    assert [each["document_id"] for each in cli("document", "list", "--tag", "a", "--json")["data"]] == [document_id]
    library("documents", "delete", document_id)
    assert cli("document", "list", "--json")["data"] == []


def test_objectives(cli: Parsed, tmp_path: Path) -> None:
    steps = {"name": "intake", "data": [{"objective_name": "ask_name", "objective_prompt": "Ask for the name."}]}
    (tmp_path / "steps.json").write_text(json.dumps(steps))
    change = [{"op": "replace", "path": "/data/0/objective_prompt", "value": "Ask."}]
    (tmp_path / "change.json").write_text(json.dumps(change))

    objectives_id = cli("objective", "create", "--file", "steps.json")["objectives_id"]

    assert objectives_id in [each["objectives_id"] for each in cli("objective", "list", "--json")["data"]]
    cli("objective", "patch", objectives_id, "--file", "change.json")
    assert cli("objective", "get", objectives_id)["data"]["objective_prompt"] == "Ask."
    cli("objective", "delete", objectives_id)
    assert cli("objective", "list", "--json")["data"] == []


def test_guardrails(cli: Parsed) -> None:
    created = cli("guardrail", "create", "--name", "no_prices", "--prompt", "Never name a price.", "--tag", "sales")
    guardrail_id = created["uuid"]

    assert [each["uuid"] for each in cli("guardrail", "list", "--tags", "sales", "--json")["data"]] == [guardrail_id]
    cli("guardrail", "patch", guardrail_id, "--prompt", "Never.")
    assert cli("guardrail", "get", guardrail_id)["guardrail_prompt"] == "Never."
    cli("guardrail", "delete", guardrail_id)
    assert cli("guardrail", "list", "--json")["data"] == []


def test_pronunciation_dictionaries(cli: Parsed, tmp_path: Path) -> None:
    rules = {"name": "names", "rules": [{"text": "Rio", "pronunciation": "REE-oh", "type": "alias"}]}
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    (tmp_path / "change.json").write_text(json.dumps({"name": "cities"}))

    dictionary_id = cli("pronunciation-dictionary", "create", "--file", "rules.json")["pronunciation_dictionary_id"]

    cli("pronunciation-dictionary", "patch", dictionary_id, "--file", "change.json")
    assert cli("pronunciation-dictionary", "get", dictionary_id)["name"] == "cities"
    cli("pronunciation-dictionary", "delete", dictionary_id)
    assert cli("pronunciation-dictionary", "list", "--json")["data"] == []


def test_deployments(cli: Parsed) -> None:
    arguments = ("--pal-id", "pcb7a34da5fe", "--channel", "widget", "--shared-memory", "--any-origin")

    deployment_id = cli("deployment", "create", *arguments)["deployment_id"]

    assert cli("deployment", "get", deployment_id)["status"] == "active"
    assert [each["deployment_id"] for each in cli("deployment", "list", "--json")["data"]] == [deployment_id]
