"""Servers that load an application once and fork: a client created before the fork works in every worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from tavus_consent.testing import FakeTavus

pytestmark = pytest.mark.heavy

WEB = """
import os
import tavus_consent as tc

tavus = tc.Tavus("fake-key", ledger="sqlite:///consent.db")
main = os.getpid()

def app(environ, start_response):
    try:
        replica = tavus.replicas.create_non_human(
            train_video_url="https://media.example/fox.mp4", attestation="a fox", despite_open=True, attested_by="me"
        )
        found = f"{tavus.replicas.get(replica.replica_id).status} {os.getpid() != main} {os.getpid()}"
    except tc.TavusError as error:
        found = repr(error)
    start_response("200 OK", [("content-type", "text/plain"), ("connection", "close")])
    return [found.encode()]
"""

WORK = """
import os
import celery
from celery.signals import worker_ready
import tavus_consent as tc

app = celery.Celery("work", broker="memory://")
app.conf.worker_hijack_root_logger = False
tavus = tc.Tavus("fake-key", ledger="sqlite:///consent.db")
main = os.getpid()

@app.task
def create():
    try:
        replica = tavus.replicas.create_non_human(
            train_video_url="https://media.example/fox.mp4", attestation="a fox", despite_open=True, attested_by="me"
        )
        found = f"{tavus.replicas.get(replica.replica_id).status} {os.getpid() != main}"
    except tc.TavusError as error:
        found = repr(error)
    os.write(1, f"found: {found}\\n".encode())

@worker_ready.connect
def begin(**_):
    for _ in range(4):
        create.delay()
"""


@pytest.fixture
def fake() -> Iterator[tuple[FakeTavus, str]]:
    fake = FakeTavus()
    with fake.serve() as url:
        yield fake, url


Start = Callable[..., AbstractContextManager["subprocess.Popen[str]"]]


@pytest.fixture
def start(tmp_path: Path, fake: tuple[FakeTavus, str]) -> Start:
    """Start a server in a folder that holds its application; it ends with the test."""

    @contextmanager
    def started(application: str, *command: str) -> Iterator[subprocess.Popen[str]]:
        (tmp_path / "application.py").write_text(application)
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            env={**os.environ, "TAVUS_BASE_URL": fake[1], "PYTHONPATH": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = threading.Timer(120, process.kill)  # nothing here waits for ever
        watch.start()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
            watch.cancel()

    return started


def lines_with(process: subprocess.Popen[str], text: str, count: int) -> list[str]:
    """The next so many lines that hold a text; fewer if the process ends before."""
    found: list[str] = []
    assert process.stdout is not None
    seen = ""
    while len(found) < count and (line := process.stdout.readline()):
        seen += line
        if text in line:
            found.append(line.rpartition(text)[2].strip())
    assert len(found) == count, seen
    return found


def test_gunicorn_with_preload(start: Start, fake: tuple[FakeTavus, str], tmp_path: Path) -> None:
    import gunicorn  # noqa: F401 - this test fails where it is not installed

    socket = tmp_path / "http.sock"
    options = ["--preload", "--workers", "2", "--bind", f"unix:{socket}", "application:app"]
    with start(WEB, "gunicorn", *options) as process:
        lines_with(process, "Booting worker with pid", 2)
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=60) as client:
            found = [client.get("http://application/").text.split() for _ in range(8)]
    assert [one[:2] for one in found] == [["started", "True"]] * 8
    assert len(fake[0].replicas) == 8


def test_celery_with_prefork(start: Start, fake: tuple[FakeTavus, str]) -> None:
    import celery  # noqa: F401 - this test fails where it is not installed

    options = ["-A", "application", "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "ERROR"]
    with start(WORK, "celery", *options) as process:
        found = lines_with(process, "found: ", 4)
    assert found == ["started True"] * 4
    assert len(fake[0].replicas) == 4
