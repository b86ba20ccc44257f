"""Drives what is around the clients: the command line, and the fake."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent import cli, testing
from tavus_consent._clock import SystemClock
from tavus_consent.cli._app import app
from tavus_consent.testing import server as served

from .arguments import bad_names
from .canaries import Canaries
from .driving import NOW, Drive
from .hostile import Reply, any_writing


def commands() -> set[str]:
    """Every command that there is."""
    groups = {"replicas"}
    names = {name for name in app if not name.startswith("-")} - groups
    return {f"cli {name}" for name in names} | {
        f"cli replicas {name}" for name in app["replicas"] if not name.startswith("-")
    }


GOOD_LINES = """
replicas get r1
replicas get r1 --json
replicas list
replicas list --json
replicas rename r1 Rio
replicas delete r1 --hard
replicas wait r1 --timeout 0s
replicas wait r1 --timeout 0s --json --debug
doctor
doctor --json
"""

# A secret in the place of {}.
BAD_LINES = """
{}
replicas {}
completion {}
explain {}
replicas create --train-video-uri {}
replicas create --train-video-uri={}
replicas create --full-name Rio --train-video-url {}
replicas get {}
replicas get r1 {}
replicas list --replica-type {}
replicas list --replica-type={}
replicas list --json {}
replicas list --api-key {}
replicas list --api-key={}
replicas list --api-key-file {}
replicas wait r1 --timeout {}
replicas wait r1 --timeout={}
doctor --api-key-file={}
mock --port {}
mock --port={}
mock --port 99999 --host {}
demo --seconds={}
demo --seconds {}
"""


def good_lines(c: Canaries) -> Iterator[list[str]]:
    """Command lines that can work."""
    train, spoken = map(c.plain_link, ("train", "consent"))
    person = ["--full-name", c.full_name, "--train-video-url", train, "--consent-video-url", spoken]
    nobody = ["--non-human", "--attestation", c.attested_by, "--attested-by", c.attested_by, "--train-video-url", train]
    for order in (person, [*person, "--callback-url", c.issued_url], nobody):
        yield ["explain", *order]
        yield ["explain", *order, "--json"]
        yield ["replicas", "create", *order, "--debug"]
        yield ["replicas", "create", *order, "--wait", "--timeout", "0s", "--json"]
    yield from map(str.split, GOOD_LINES.strip().splitlines())


def bad_lines(c: Canaries, rng: random.Random) -> Iterator[list[str]]:
    """Command lines with secrets in the wrong places."""
    for line in BAD_LINES.strip().splitlines():
        for secret in rng.sample([c.key, c.train_url, c.issued_url, c.full_name], 2):
            yield [word.replace("{}", secret) for word in line.split()]
    for name in bad_names(c):
        yield ["statement", name]
        yield ["replicas", "create", "--debug", "--full-name", name, "--train-video-url", c.train_url]


def drive_command_line(drive: Drive) -> None:
    """Every command, on a server that works and on some that do not."""
    c = drive.c

    def run(line: list[str], situation: str) -> None:
        name = " ".join(["cli", *line[: 2 if line[0] == "replicas" else 1]])
        known = name in commands()
        drive.use(name if known else "cli", lambda: cli.main(line), situation)

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.chdir(folder)
        patch.setenv("TAVUS_API_KEY", c.key)
        patch.setenv("TAVUS_BASE_URL", drive.server.url)
        patch.setattr(SystemClock, "sleep", lambda *_: None)
        patch.setattr(secrets, "token_urlsafe", lambda *_: c.issued_token)
        patch.setattr(served, "serve", lambda *_, on_ready, **__: on_ready(drive.server.url))
        for line in bad_lines(c, drive.rng):
            run(line, "wrong")
        for reply in (
            *(any_writing(drive.rng, f"echo {status}", status) for status in (200, 302, 400, 401, 500)),
            *(Reply(f"good, {status}", body=drive.good(status)) for status in ("completed", "started", "error")),
            Reply("reset", end="reset"),
            Reply("no HTTP", end="garbage"),
        ):
            drive.server.reply = reply
            for line in good_lines(c):
                if reply.name == "good, completed" or drive.rng.random() < 0.4:
                    run(line, reply.name)
        key_file = Path(folder) / "key"
        key_file.write_text(c.key)
        drive.doors.forget("files")
        patch.delenv("TAVUS_API_KEY")
        drive.server.reply = any_writing(drive.rng, "echo 403", 403)
        run(["replicas", "list", "--api-key-file", str(key_file), "--debug"], "key from a file")
        for line in (
            ["demo", "--seconds", "0.2"],
            ["mock", "--port", "0"],
            ["completion", "bash"],
            ["--help"],
            ["--version"],
        ):
            run(line, "")
        # The one command that is there to show a name: on stdout, and nowhere else.
        cli.main(["statement", c.full_name])
        drive.doors.forget("stdout")
        drive.use("cli statement", lambda: None)


def drive_fake(drive: Drive) -> None:
    """The fake, in process and served; its callbacks hold a secret."""
    c = drive.c
    spoken = tc.SpokenConsent(c.full_name, c.plain_link("consent"))
    fake = drive.use("testing.FakeTavus", lambda: testing.FakeTavus(api_key=c.key, now=NOW))
    for fault in ({}, {"status": 500, "body": c.everything}, {"drop": True, "after_work": True}, {"truncate": 3}):
        drive.use("testing.Fault", lambda fault=fault: fake.inject(testing.Fault(**fault)))
        with closing(fake.client()) as tavus:
            drive.use(
                "testing.FakeTransport",
                lambda tavus=tavus: tavus.replicas.create_personal(
                    train_video_url=c.plain_link("train"), consent=spoken, callback_url=drive.issued.url
                ),
            )
        fake.advance(hours=5)
    for name, things in {
        "testing.LoggedRequest": fake.requests,
        "testing.FakeRequest": fake.requests,
        "testing.Callback": fake.callbacks,
        "testing.FakeResponse": [fake.handle(fake.requests[0])],
        "testing.FakeClock": [fake.clock],
    }.items():
        assert things
        drive.use(name, lambda things=things: [repr(thing) for thing in things])
    drive.server.reply = Reply("a callback", body=b"")
    with fake.serve() as url, tc.Tavus(c.key, base_url=url, clock=fake.clock) as tavus:
        address = tc.issue_callback(f"{drive.server.url}/hook", make_token=lambda: c.issued_token)
        more: dict[str, Any] = {"train_video_url": c.plain_link("train"), "callback_url": address.url}
        replica = tavus.replicas.create_non_human(attestation="A fox", attested_by=c.attested_by, **more)
        while drive.server.seen.acquire(blocking=False):
            pass
        fake.fail_training("video_fps", replica_id=replica.replica_id)
        fake.advance(hours=5)
        assert drive.server.seen.acquire(timeout=30)
        httpx.post(f"{url}/__fake__/faults", json={"status": c.train_url})
    drive.use("testing.serve", lambda: None, "callbacks")
