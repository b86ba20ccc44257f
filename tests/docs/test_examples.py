"""The programs in examples/ run unchanged against the served fake."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tavus_consent.testing import FakeTavus, Fault

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def test_every_example_is_run_here() -> None:
    names = {path.name for path in EXAMPLES.glob("*.py")}
    assert names == {"create_personal.py", "async_client.py", "callback_server.py"}


def test_create_personal(fake: FakeTavus) -> None:
    code, out = run("create_personal.py")
    (replica_id,) = fake.replicas
    assert code == 0
    assert out.startswith("These words must be heard in the consent video:\n\nI, Rio Alvarez, am")
    assert out.endswith(f"{replica_id} is ready: completed\n")


@pytest.mark.parametrize(
    ("trouble", "code", "text"),
    [
        ("training", 3, "Converting a slower one does not help."),
        # The clock of the fake runs so fast that a busy machine may date the replica outside of the search window.
        ("connection", 5, "The outcome is unknown. Candidates: ("),
        ("refusal", 1, "Failed: POST /v2/replicas: 402 Payment Required"),
    ],
)
def test_create_personal_takes_every_end(fake: FakeTavus, trouble: str, code: int, text: str) -> None:
    match trouble:
        case "training":
            fake.fail_training("video_fps")
        case "connection":
            fake.inject(Fault(drop=True, after_work=True), operation="createReplica")
        case "refusal":
            fake.inject(Fault(status=402), operation="createReplica")
    ended = run("create_personal.py", "Rio Alvarez")
    assert ended[0] == code
    assert text in ended[1]


def test_async_client(fake: FakeTavus) -> None:
    fake.fail_training("video_fps")
    code, out = run("async_client.py")
    assert code == 0
    assert out.count("is ready") == 2
    assert len(fake.replicas) == 3


def test_callback_server(fake: FakeTavus) -> None:
    code, out = run("callback_server.py")
    assert code == 0
    assert out.endswith("the callback says ready, Tavus says completed\n")
