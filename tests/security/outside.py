"""Calls of the command line and the fake."""

from __future__ import annotations

import io
import json
import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.effort import QUICK

import tavus_consent as tc
from tavus_consent import cli, testing
from tavus_consent._clock import SystemClock
from tavus_consent.cli._app import app

from .arguments import bad_names
from .canaries import Canaries
from .driving import NOW, Drive
from .hostile import Reply, any_writing

GROUPS = {"replicas", "voices", "consents", "ledger", "callbacks"}


def commands() -> set[str]:
    """Every command that there is."""
    names = {name for name in app if not name.startswith("-")} - GROUPS
    return {f"cli {name}" for name in names} | {
        f"cli {group} {name}" for group in GROUPS for name in app[group] if not name.startswith("-")
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
voices get v1
voices list --json
voices delete v1 --yes
voices wait v1 --timeout 0s --debug
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
voices {}
voices create --voice-name Rio --audio-url {}
voices create --full-name {} --audio-url {} --voice-name {}
voices get {}
voices delete {}
doctor --api-key-file={}
mock --port {}
mock --port={}
mock --port 99999 --host {}
demo --seconds={}
demo --seconds {}
consents {}
consents request {}
consents request --full-name Rio --intended-use Support --adult --notice-url {}
consents request --full-name Rio --intended-use Support --adult --valid-for {}
consents request --full-name Rio --intended-use Support --adult --notice {}
consents request --full-name Rio --intended-use Support --adult --notice-version {}
consents request --full-name Rio --intended-use Support --adult --retention {}
consents renew {}
consents list --status {}
consents list --ledger {}
consents show {}
consents add-evidence {} --video-url {}
consents add-evidence r --video-url=http:{}
consents verify r --transcript {}
consents verify r --recording {}
consents refuse {}
consents invalidate {} --reason {}
consents receipt r --controller {}
consents withdraw --requested-by {}
consents erase {} --yes
ledger {}
ledger verify --expect-head {}
ledger import {}
ledger disclose {}
ledger disclose r --checkpoint {}
ledger reconcile --decide {}
ledger report --html no/such/folder/{}
callbacks show {}
callbacks list --status {}
"""

# A record in the place of {}; none of these shows whom it is about.
RECORD_LINES = """
consents add-evidence {} --video-url LINK
consents review {} --reviewer WHO --reason WHO
consents renew {}
consents list
consents list --json
consents find --full-name {}
ledger verify
ledger verify --json
ledger export
ledger import no-such-file
ledger checkpoint
ledger disclose {}
ledger reconcile
ledger rotate-key
ledger report --html report.html
callbacks list
callbacks list --json
callbacks show 1
callbacks retry 1
callbacks purge --yes --dead
callbacks listen --port 70000
replicas create --consent {} --train-video-url LINK --debug
consents sweep --dry-run --json
consents sweep --yes
consents withdraw {} --requested-by subject --reason WHO --debug
consents withdraw --resume --json
consents refuse {}
consents invalidate {} --reason WHO --debug
consents erase {} --yes
consents list --ledger postgresql://u:PASSWORD@127.0.0.1/x
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
        voice = ["--audio-url" if word == "--train-video-url" else word for word in order]
        yield ["voices", "create", *voice, "--voice-name", "Rio", "--debug"]
    yield from map(str.split, GOOD_LINES.strip().splitlines())


def bad_lines(c: Canaries, rng: random.Random) -> Iterator[list[str]]:
    """Command lines with secrets in the wrong places."""
    for line in BAD_LINES.strip().splitlines():
        for secret in rng.sample([c.key, c.train_url, c.issued_url, c.full_name], 1 if QUICK else 2):
            yield [word.replace("{}", secret) for word in line.split()]
    for name in bad_names(c):
        yield ["statement", name]
        yield ["replicas", "create", "--debug", "--full-name", name, "--train-video-url", c.train_url]


def record_lines(drive: Drive) -> Iterator[list[str]]:
    """Begin a record and show it, as the few commands do that are about one person; then all others."""
    c = drive.c

    def about_the_person(*line: str) -> str:
        with redirect_stdout(io.StringIO()) as out:  # it is meant to be there, and nowhere else
            drive.use(f"cli {line[0]} {line[1]}", lambda: cli.main(line), "about one person")
        return out.getvalue()

    terms = (
        "--intended-use",
        "support",
        "--adult",
        "--attested-by",
        c.attested_by,
        "--notice-url",
        c.plain_link("train"),
        "--json",
    )
    record = json.loads(about_the_person("consents", "request", "--full-name", c.full_name, *terms))["record_id"]
    places = {"{}": record, "LINK": c.plain_link("consent"), "WHO": c.attested_by}
    for line in RECORD_LINES.strip().splitlines():
        words = [places.get(word, word.replace("PASSWORD", c.proxy_password)) for word in line.split()]
        if words[:2] == ["consents", "review"]:
            Path("heard.txt").write_text(f"Hello, I am {c.full_name}.", "utf-8")
            drive.doors.forget("files")
            about_the_person("consents", "verify", record, "--transcript", "heard.txt")
            about_the_person("consents", "show", record, "--debug")
            about_the_person("consents", "receipt", record)
        if words[:2] == ["consents", "renew"]:
            about_the_person(*words)
        else:
            yield words


def drive_command_line(drive: Drive) -> None:
    """Every command, on a server that works and on some that do not."""
    c = drive.c

    def run(line: list[str], situation: str) -> None:
        name = " ".join(["cli", *line[: 2 if line[0] in GROUPS else 1]])
        known = name in commands()
        drive.use(name if known else "cli", lambda: cli.main(line), situation)

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.chdir(folder)
        patch.setenv("TAVUS_API_KEY", c.key)
        patch.setenv("TAVUS_BASE_URL", drive.server.url)
        patch.setattr(SystemClock, "sleep", lambda *_: None)
        patch.setattr(secrets, "token_urlsafe", lambda *_: c.issued_token)
        patch.setattr(testing, "serve", lambda *_, on_ready, **__: on_ready(drive.server.url))
        patch.setenv("TAVUS_CONSENT_LEDGER", "sqlite:///consent.db")
        for line in bad_lines(c, drive.rng):
            run(line, "wrong")
        for reply in (any_writing(drive.rng, "echo 500", 500), Reply("good", body=drive.good("completed"))):
            drive.server.reply = reply
            for line in record_lines(drive):
                run(line, reply.name)
        for reply in (
            *(any_writing(drive.rng, f"echo {status}", status) for status in (200, 302, 400, 401, 500)),
            *(Reply(f"good, {status}", body=drive.good(status)) for status in ("completed", "started", "error")),
            Reply("reset", end="reset"),
            Reply("no HTTP", end="garbage"),
        ):
            drive.server.reply = reply
            for line in good_lines(c):
                if reply.name == "good, completed" or drive.rng.random() < (0.2 if QUICK else 0.4):
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


def _odd_request(fake: testing.FakeTavus, c: Canaries) -> httpx.Response:
    """Send what the specification does not have, so that the fake warns and explains."""
    # Not with a client of httpx, which would log the URL itself.
    body = {"train_video_url": c.everything, c.train_url: c.key, "colour": c.full_name}
    url, headers = f"https://tavus.example/v2/replicas?{c.issued_token}", {"x-api-key": c.key}
    return testing.FakeTransport(fake).handle_request(httpx.Request("POST", url, json=body, headers=headers))


def drive_fake(drive: Drive) -> None:
    """The fake, in process and served; its callbacks hold a secret."""
    c = drive.c
    spoken = tc.SpokenConsent(c.full_name, c.plain_link("consent"))
    fake = drive.use("testing.FakeTavus", lambda: testing.FakeTavus(api_key=c.key, now=NOW))
    drive.use("testing.Dialect", lambda: testing.Dialect(first_page=0))
    fake.add("replica", id=c.issued_token, replica_name=c.full_name)
    drive.use("testing.FakeTavus", lambda: fake, "with an object")
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
        "testing.Dialect": [testing.Dialect()],
        "testing.FakeRequest": fake.requests,
        "testing.Callback": fake.callbacks,
        "testing.Callbacks": [repr(fake.callbacks)],
        "testing.FakeResponse": [fake.handle(fake.requests[0])],
        "testing.FakeClock": [fake.clock],
        "testing.FakeWarning": [_odd_request(fake, c)],
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
