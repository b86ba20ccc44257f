"""Records of consent in memory and in a file: their life cycle, every error of the ledger, the bytes on disk."""

from __future__ import annotations

import base64
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import Ledger, open_ledger
from tavus_consent.testing import FakeClock

from .callbacks import drive_callbacks
from .hostile import Reply

if TYPE_CHECKING:
    from .driving import Drive

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OTHER_BYTES = b"not what was recorded"


def drive_records(drive: Drive, options: dict[str, Any]) -> None:
    """Both clients, both ways to keep records."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAVUS_CONSENT_KEY", KEY)
        for kind in (tc.Tavus, tc.AsyncTavus):
            for url in (None, f"sqlite:///{folder}/{kind.__name__}.db"):
                clock = FakeClock(options["clock"].now())
                given = {**options, "clock": clock, "timeout": 20, "ledger": url}
                tavus: Any = kind(drive.c.key, base_url=drive.server.url, **given)
                _life(drive, tavus, clock)
                drive_callbacks(drive, tavus, clock)
                drive._ended(tavus.close())
        _search(drive, Path(folder))
        _errors(drive, f"sqlite:///{folder}/Tavus.db", patch)


def _life(drive: Drive, tavus: Any, clock: FakeClock) -> None:
    c = drive.c
    recording = tc.ConsentVideo(c.consent_url, sha256="0" * 64)
    drive.use("ConsentVideo", lambda: recording)
    drive.use("ConsentPolicy", lambda: tc.ConsentPolicy(requires="verified"))
    drive.use("Tavus.consents", lambda: tavus.consents)
    said = f"I, {c.full_name}, say no. {c.train_url}"
    notice, biometric = tc.ConsentNotice("We make a replica."), tc.BiometricNotice(derived="a model", kept="a year")
    drive.use("ConsentNotice", lambda: notice)
    drive.use("BiometricNotice", lambda: biometric)

    def run(name: str, call: Any, *, meant: bool = False) -> Any:
        return drive.run(f"Consents.{name}", tavus, call, "a record", meant=meant)

    def ask(t: Any, **more: Any) -> Any:
        terms = {
            "attested_by": c.attested_by,
            "notice_url": c.train_url,
            **ASKED,
        }
        who = {"full_name": c.full_name, "spoken_as": [c.full_name], "reference": c.attested_by}
        shown = {"notice": notice, "biometric_notice": biometric}
        return t.consents.request(**who, **terms, **shown, **{"after_withdrawal": True, **more})

    drive.server.reply = Reply("good", body=drive.good("completed"))
    record = run("request", ask)
    drive.use("ConsentRecord", lambda: record)
    for name, call in {
        "get": lambda t: t.consents.get(record),
        "add_evidence": lambda t: t.consents.add_evidence(record, recording),
        # what was said is theirs to see
        "verify": lambda t: t.consents.verify(record, transcript=said),
        "attempts": lambda t: t.consents.attempts(record),
    }.items():
        run(name, call, meant=name in ("verify", "attempts"))
    run("verify", lambda t: t.consents.verify(record, transcript=said, recording=OTHER_BYTES))
    run("review", lambda t: t.consents.review(record, reviewer=c.attested_by, reason=said))
    run("create", lambda t: t.replicas.create_personal(train_video_url=c.train_url, consent=record))

    # The drawn links may expire at any time; this person's have no end.
    again = {"full_name": "Rio Alvarez", "attested_by": c.attested_by, **ASKED}
    other = run("request", lambda t: t.consents.request(**again))
    plain = tc.ConsentVideo("https://bucket.example/rio/consent.mp4")
    run("add_evidence", lambda t: t.consents.add_evidence(other, plain))
    for name in ("Rio", c.another("rio", c.train_url)):  # the second one has other arguments
        links = {"train_video_url": "https://bucket.example/rio/train.mp4"}
        given = {**links, "consent": other, "replica_name": name, "once": c.attested_by}
        run("create", lambda t, given=given: t.replicas.create_personal(**given))

    short = run("request", lambda t: ask(t, valid_for=timedelta(days=1)))
    run("add_evidence", lambda t: t.consents.add_evidence(short, tc.ConsentVideo(c.another("2", c.consent_url))))
    run("receipt", lambda t: t.consents.receipt(short, controller=CONTROLLER), meant=True)  # it goes to the person
    clock.advance(hours=48)
    run("create", lambda t: t.replicas.create_personal(train_video_url=c.train_url, consent=short))
    run("refuse", lambda t: t.consents.refuse(run("request", ask)))
    run("request", lambda t: ask(t, after_withdrawal=False))  # who refused is not asked again
    run("renew", lambda t: t.consents.renew(record))
    run("renew", lambda t: t.consents.renew(record, valid_for=c.full_name))
    run("find", lambda t: t.consents.find(full_name=c.full_name))
    run("find", lambda t: t.consents.find(reference=c.attested_by))
    run("for_replica", lambda t: t.consents.for_replica("r1"))
    run("list", lambda t: t.consents.list(search=c.full_name))
    run("erase_person", lambda t: t.consents.erase_person(full_name=c.full_name))
    run("invalidate", lambda t: t.consents.invalidate(short, reason=said))

    bound = run("request", ask)
    run("add_evidence", lambda t: t.consents.add_evidence(bound, tc.ConsentVideo(c.another("3", c.consent_url))))
    run("create", lambda t: t.faces.create_personal(train_video_url=c.train_url, consent=bound))
    drive.server.reply = Reply("away", 500, body=c.everything.encode())
    for _ in range(2):  # the outcome of the first one is unknown
        given = {"train_video_url": c.train_url, "consent": bound, "replica_name": "Open"}
        run("create", lambda t, given=given: t.replicas.create_personal(**given))
    run("sweep", lambda t: t.consents.sweep(dry_run=True))
    run("withdraw", lambda t: t.consents.withdraw(bound, requested_by="subject", reason=said))
    run("sweep", lambda t: t.consents.sweep())
    run("outputs", lambda t: t.consents.outputs(bound))
    run("create", lambda t: t.replicas.create_personal(train_video_url=c.train_url, consent=bound))
    run("resume_withdrawals", lambda t: t.consents.resume_withdrawals())
    drive.server.reply = Reply("gone", 400, body=b'{"error": "Invalid replica_id"}')
    run("resume_withdrawals", lambda t: t.consents.resume_withdrawals())
    run("withdraw", lambda t: t.consents.withdraw(other, requested_by="subject", reason=said))
    run("request", lambda t: t.consents.request(**again))
    for name in ("reconcile", "list"):
        run(name, lambda t, name=name: getattr(t.consents, name)())
    for by in (c.attested_by, ""):
        drive.run("Tavus.without_gate", tavus, lambda t, by=by: _opened(t, reason=said, by=by), "a record")
    run("erase", lambda t: t.consents.erase(short))
    run("get", lambda t: t.consents.get(short))
    ledger = run("ledger", lambda t: t.consents.ledger)
    if ledger is not None and short is not None:
        drive.use("the vault of an erased person", lambda: ledger.vault.items(short.state.subject_ref))


def _opened(tavus: Any, **why: str) -> Any:
    """Open the gate and close it again."""

    async def opened() -> None:
        async with tavus.without_gate(**why):
            pass

    if isinstance(tavus, tc.AsyncTavus):
        return opened()
    with tavus.without_gate(**why):
        return None


def _search(drive: Drive, folder: Path) -> None:
    """Check that all data on disk is encrypted, with and without SQLite's log file."""
    for path in folder.iterdir():
        drive.doors.search(f"the file {path.suffix}", "at rest", path.read_bytes().decode("latin-1"))


def _errors(drive: Drive, url: str, patch: pytest.MonkeyPatch) -> None:
    c = drive.c
    with open_ledger(url, busy_timeout=0.01) as ledger:
        drive.use("a ledger", lambda: ledger)
        event = next(iter(ledger.store.events()))
        late = EventDraft(
            type="refused", at=event.at, record_id=event.record_id, subject_ref=event.subject_ref, actor="subject"
        )
        drive.use("a conflict", lambda: ledger.store.append(late, expect_state_version=99))
        drive.use("a text in the chain", lambda: evolve(late, payload={"name": c.full_name}))
        _erase_beside_a_reader(drive, ledger, url, event.subject_ref)
        patch.setenv("TAVUS_CONSENT_KEY", c.key)
        with open_ledger(url) as other:
            drive.use("a key that is none", lambda: other.vault.put("s", "name", c.full_name.encode()))
        _damage(url)
        drive.use("a damaged ledger", lambda: [*ledger.store.events()])
    drive.use("no ledger", lambda: open_ledger(f"postgresql://me:{c.proxy_password}@127.0.0.1:9/consent"))
    drive.use("no ledger", lambda: open_ledger(f"mysql://me:{c.proxy_password}@127.0.0.1:9/consent"))


def _erase_beside_a_reader(drive: Drive, ledger: Ledger, url: str, subject_ref: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tavus_consent_items").fetchone()
        drive.use("an erasure beside a reader", lambda: ledger.vault.erase(subject_ref))


def _damage(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        triggers = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE tavus_consent_events SET payload = '{' WHERE seq = 1")
        file.commit()
