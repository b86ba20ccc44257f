"""One rule for every command that cannot be undone: ``--yes``, a confirmation at a terminal, or an error."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.asked import TERMS
from tests.rows import each_row

from tavus_consent.testing import FakeTavus

from .conftest import TRAIN, Cli

NAME = "Rio Alvarez"


@pytest.fixture
def record(cli: Cli, account: None) -> str:
    """A consent that is given, and the replica that was made from it."""
    record = str(cli("consents", "request", "--full-name", NAME, *TERMS, "--json").json["record_id"])
    video = ("--video-url", "https://bucket.example/consent.mp4", "--sha256", "ab" * 32)
    assert cli("consents", "add-evidence", record, *video).code == 0
    assert cli("replicas", "create", "--consent", record, "--train-video-url", TRAIN).code == 0
    return record


@pytest.fixture
def asked(cli: Cli, account: None) -> str:
    """A consent that is asked for."""
    return str(cli("consents", "request", "--full-name", NAME, *TERMS, "--json").json["record_id"])


COMMANDS: dict[str, tuple[str, ...]] = {
    "replicas delete": ("replicas", "delete", "REPLICA"),
    "replicas delete --hard": ("replicas", "delete", "REPLICA", "--hard"),
    "consents withdraw": ("consents", "withdraw", "RECORD", "--requested-by", "subject"),
    "consents invalidate": ("consents", "invalidate", "RECORD", "--reason", "wrong person"),
    "consents refuse": ("consents", "refuse", "ASKED"),
    "consents erase": ("consents", "erase", "ASKED"),
    "ledger rotate-key": ("ledger", "rotate-key"),
}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest, fake: FakeTavus, record: str, asked: str) -> tuple[str, ...]:
    """A command that cannot be undone, on things that are there."""
    (replica,) = fake.replicas
    names = {"REPLICA": replica, "RECORD": record, "ASKED": asked}
    return tuple(names.get(word, word) for word in COMMANDS[request.param])


@pytest.fixture
def state(cli: Cli, fake: FakeTavus) -> Callable[[], object]:
    """All that such a command could change."""
    return lambda: (dict(fake.replicas), cli("ledger", "export").out)


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_where_nobody_can_be_asked_it_is_refused(
    cli: Cli, command: tuple[str, ...], state: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state()
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    ended = cli(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith("This cannot be undone. Nothing was done. Pass --yes to confirm.\n")
    assert len(ended.err.splitlines()) == 1
    assert state() == before


@each_row("answer", ["no\n", "y\n", "\n", ""])
def test_any_answer_but_yes_does_nothing(
    cli: Cli, command: tuple[str, ...], state: Callable[[], object], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    before = state()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    ended = cli(*command)
    assert (ended.code, ended.out) == (2, "")
    assert "Type yes to continue." in ended.err
    assert ended.err.endswith("error: the answer was not yes. Nothing was done.\n")
    assert state() == before


def test_after_yes_it_is_done(cli: Cli, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    ended = cli(*command)
    assert (ended.code, "Type yes to continue." in ended.err) == (0, True)


@pytest.mark.parametrize("answer", [" YES \n", "yes"])
def test_yes_may_be_written_in_other_ways(cli: Cli, asked: str, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert cli("consents", "refuse", asked).code == 0


def test_with_the_option_nobody_is_asked(cli: Cli, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    ended = cli(*command, "--yes")
    assert (ended.code, "Type yes" in ended.err) == (0, False)


@pytest.mark.parametrize("closed", [False, True])
def test_without_stdin_nobody_can_be_asked(cli: Cli, asked: str, monkeypatch: pytest.MonkeyPatch, closed: bool) -> None:
    stdin = io.StringIO()
    stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin if closed else None)
    assert cli("consents", "erase", asked).code == 2


def test_a_withdrawal_that_goes_on_does_not_ask_again(
    cli: Cli, fake: FakeTavus, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli("consents", "withdraw", "--resume").code == 0


def test_a_question_at_a_real_terminal(tmp_path: Path) -> None:
    import os
    import pty
    import subprocess

    main, side = pty.openpty()
    command = [sys.executable, "-c", "import sys; from tavus_consent.cli import main; sys.exit(main())"]
    environment = {**os.environ, "TAVUS_CONSENT_LEDGER": f"sqlite:///{tmp_path}/consent.db"}
    os.write(main, b"no\n")
    ended = subprocess.run(
        [*command, "consents", "erase", "6f1c0a52d9b14e0c8a7d3b2e5f607182"],
        stdin=side,
        capture_output=True,
        env=environment,
    )
    os.close(main)
    os.close(side)
    assert (ended.returncode, b"the answer was not yes" in ended.stderr) == (2, True)
