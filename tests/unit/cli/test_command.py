"""The command as a whole: usage, help, exit codes, secrets, and the commands that need no account."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tavus_consent import errors
from tavus_consent.cli import main
from tavus_consent.cli._failures import MEANINGS, Exit
from tavus_consent.testing import FakeTavus, Fault

from .conftest import TRAIN, Cli

Answers = Callable[[Callable[[httpx.Request], Any]], None]


# usage


def test_help_names_every_command(cli: Cli) -> None:
    out = cli("--help").out
    for name in ("completion", "consents", "demo", "doctor", "explain", "ledger", "mock", "replicas", "statement"):
        assert f" {name} " in out


def test_help_has_every_exit_code(cli: Cli) -> None:
    out = cli().out
    assert all(f"{code}  {MEANINGS[code]}" in out for code in Exit)


@pytest.mark.parametrize("command", ["create", "get", "list", "rename", "delete", "wait"])
def test_help_teaches_by_example(cli: Cli, command: str) -> None:
    ended = cli("replicas", command, "--help")
    assert ended.code == 0
    assert f"    tavus-consent replicas {command}" in ended.out


def test_version(cli: Cli) -> None:
    from tavus_consent import __version__

    assert cli("--version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("replicas", "gte", "r1"), 'unknown command "gte". Did you mean "get"?'),
        (("replicas", "get"), "requires an argument"),
        (("replicas", "get", "r1", "r2"), "more arguments than this command takes"),
        (("replicas", "list", "--replica-type", "mine"), 'Choose from: "user", "system"'),
        (("replicas", "wait", "r1", "--timeout", "soon"), "a time looks like 90s, 30m, 8h or 365d"),
        (("demo", "--seconds", "0"), "Must be > 0"),
        (("replicas", "get", "r1", "--api-key", "k-0123456789"), "the API key must not be an argument"),
        (("replicas", "get", "r1", "--api-key=k-0123456789"), "the API key must not be an argument"),
        (("replicas", "get", "r1", "--jsn"), "Did you mean --json?"),
    ],
)
def test_wrong_usage_is_explained(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "--help" in ended.err
    assert "k-0123456789" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("Rio Alvarez",),
        ("replicas", "get", "r1", "Rio Alvarez"),
        ("replicas", "wait", "r1", "--timeout", "https://b.example/x?sig=s3cr3t"),
        ("replicas", "list", "--replica-type=https://b.example/x?sig=s3cr3t"),
        ("replicas", "list", "--replca-type=https://b.example/x?sig=s3cr3t"),
        ("demo", "--seconds", "Rio Alvarez"),
        ("demo", "--seconds=Rio Alvarez"),
    ],
)
def test_a_complaint_about_usage_repeats_no_name_and_no_link(cli: Cli, arguments: tuple[str, ...]) -> None:
    ended = cli(*arguments)
    assert ended.code == 2
    assert "s3cr3t" not in ended.err
    assert "Rio Alvarez" not in ended.err


def test_the_command_reads_the_command_line_of_its_process(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    monkeypatch.setattr(sys, "argv", ["tavus-consent", "nonsense"])
    assert main() == 2


# errors


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=500), 1),
        (Fault(status=403), 1),
        (Fault(status=200, body="<html>"), 1),
        (Fault(drop=True), 1),
    ],
)
def test_what_goes_wrong_at_tavus_is_one_line_or_two(cli: Cli, fake: FakeTavus, fault: Fault, code: int) -> None:
    fake.inject(fault, times=3)
    ended = cli("replicas", "get", "r90bbd427f71")
    assert (ended.code, ended.out) == (code, "")
    assert 1 <= len(ended.err.splitlines()) <= 2
    assert "Traceback" not in ended.err


def test_no_connection_leads_to_the_doctor(cli: Cli, fake: FakeTavus) -> None:
    fake.inject(Fault(drop=True), times=3)
    assert "tavus-consent doctor" in cli("replicas", "get", "r1").err


def test_a_wrong_key_names_the_options_for_it(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    ended = cli("replicas", "list")
    assert ended.code == 1
    assert "(--api-key-file or TAVUS_API_KEY)" in ended.err


def test_debug_shows_the_traceback(cli: Cli, fake: FakeTavus) -> None:
    err = cli("replicas", "get", "r0", "--debug").err
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("error: ")


def test_a_traceback_has_no_secrets(cli: Cli, answers: Answers) -> None:
    def fail(request: httpx.Request) -> None:
        raise RuntimeError(f"{request.headers['x-api-key']} https://b.example/t.mp4?sig=s3cr3t")

    answers(fail)
    ended = cli("replicas", "get", "r0", "--debug")
    assert ended.code == 1
    assert "b.example" in ended.err
    assert "s3cr3t" not in ended.err
    assert "fake-key" not in ended.err


def test_a_fault_of_the_command_itself_says_so(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_consent.cli._flags.Tavus", None)
    ended = cli("replicas", "list")
    assert ended.code == 1
    assert ended.err == "error: this is a bug in tavus-consent (TypeError). --debug shows where; please report it.\n"


def test_every_error_has_a_code_that_help_explains() -> None:
    from tavus_consent.cli._failures import exit_code

    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.TavusError)]
    assert {exit_code(cls.__new__(cls)) for cls in classes} <= set(MEANINGS)


def test_other_warnings_are_left_alone(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*_: object, **__: object) -> None:
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    monkeypatch.setattr("tavus_consent.namespaces._sync.replicas.Replicas.get", get)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "old" not in cli("replicas", "get", "r1").err


# the key


def test_the_key_can_be_in_a_file(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TAVUS_API_KEY")
    path = tmp_path / "key"
    path.write_text("fake-key\n")
    assert cli("replicas", "list", "--api-key-file", str(path)).code == 0


def test_no_key(cli: Cli) -> None:
    ended = cli("replicas", "list")
    assert ended.code == 2
    assert ended.err == "error: no API key: set TAVUS_API_KEY, or pass --api-key-file FILE\n"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_holds_no_key(cli: Cli, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    ended = cli("replicas", "list", "--api-key-file", str(path))
    assert ended.code == 2
    assert "cannot read the API key from" in ended.err


# statement


def test_the_statement_is_one_line_with_the_name(cli: Cli) -> None:
    ended = cli("statement", "Rio Alvarez")
    assert ended.out.startswith("I, Rio Alvarez, am currently speaking and consent Tavus to create")
    assert ended.out.count("\n") == 1
    assert "does not establish" in ended.err


def test_the_statement_for_programs(cli: Cli) -> None:
    document = cli("statement", "Rio", "Alvarez", "--json").json
    assert document["statement"].startswith("I, Rio Alvarez, am")
    assert (document["template_id"], document["version"], document["language"]) == ("tavus-ai-clone-consent", 1, "en")


def test_a_name_that_cannot_be_is_refused_without_repeating_it(cli: Cli) -> None:
    ended = cli("statement", "Rio2 Alvarez")
    assert (ended.code, ended.out) == (2, "")
    assert "has a digit" in ended.err
    assert "Alvarez" not in ended.err


# explain


def test_explain_shows_what_would_be_sent_and_sends_nothing(cli: Cli, fake: FakeTavus) -> None:
    link = f"{TRAIN}?X-Amz-Signature=s3cr3t"
    ended = cli("explain", "--train-video-url", link, "--full-name", "Rio Alvarez", "--replica-name", "Rio")
    assert ended.code == 0
    assert ended.out.startswith("POST https://tavusapi.com/v2/replicas\nx-api-key: [redacted]\n")
    assert '"train_video_url": "https://bucket.example/train.mp4?[redacted]"' in ended.out
    assert "the --train-video-url video must contain these words" in ended.out
    assert "Nothing was sent." in ended.err
    assert "s3cr3t" not in ended.out + ended.err
    assert "Alvarez" not in ended.out + ended.err
    assert fake.requests == []


def test_explain_for_programs(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_BASE_URL", "http://127.0.0.1:8080")
    consent = ("--full-name", "Rio Alvarez", "--consent-video-url", "https://bucket.example/consent.mp4")
    document = cli("explain", "--train-video-url", TRAIN, *consent, "--json").json
    assert document["base_url"] + document["path"] == "http://127.0.0.1:8080/v2/replicas"
    assert document["statement_in"] == "consent_video"
    assert document["statement"].startswith("I, [FULL NAME], am")
    assert document["sent"] is False


def test_explain_of_a_replica_that_shows_nobody(cli: Cli) -> None:
    ended = cli("explain", "--train-video-url", TRAIN, "--non-human", "--attestation", "A fox", "--attested-by", "us")
    assert "no real person" in ended.out
    assert "FULL NAME" not in ended.out


def test_explain_refuses_what_create_refuses(cli: Cli) -> None:
    assert cli("explain", "--train-video-url", TRAIN).code == 2
    assert cli("explain", "--train-video-url", TRAIN, "--non-human").code == 2


# completion


@pytest.mark.parametrize(("group", "start", "whole"), [("replicas", "re", "rename"), ("ledger", "rec", "reconcile")])
def test_the_completion_script_completes(cli: Cli, tmp_path: Path, group: str, start: str, whole: str) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(cli("completion", "bash").out)
    words = f"COMP_WORDS=(tavus-consent {group} {start}); COMP_CWORD=2"
    ask = f'source {script}; {words}; _tavus_consent; echo "${{COMPREPLY[@]}}"'
    assert subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout == f"{whole}\n"


# the extra, and the rest of the world


@pytest.mark.parametrize("missing", ["cyclopts", "rich"])
def test_without_the_extra_one_line_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_the_command(monkeypatch)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [name for name in sys.modules if name.startswith(f"{missing}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["demo"]) == 2
    assert capsys.readouterr().err == (
        "error: the command tavus-consent needs the extra 'cli': pip install 'tavus-consent[cli]'\n"
    )


def test_another_missing_module_is_not_blamed_on_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_command(monkeypatch)
    monkeypatch.setitem(sys.modules, "tavus_consent.cli._app", None)
    with pytest.raises(ModuleNotFoundError):
        main(["demo"])


def forget_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("tavus_consent.cli.")]:
        monkeypatch.delitem(sys.modules, name)


def test_without_a_terminal_there_are_no_colours(cli: Cli, fake: FakeTavus) -> None:
    assert "\x1b" not in cli("replicas", "list").out + cli("replicas", "get", "r0").err


def test_no_color_leaves_the_words(cli: Cli, fake: FakeTavus, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[32m" in cli("replicas", "get", "r90bbd427f71").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in cli("replicas", "get", "r90bbd427f71").out


def test_a_reader_that_leaves_is_no_drama() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        command = [sys.executable, "-c", "import sys; from tavus_consent.cli import main; sys.exit(main())"]
        ended = subprocess.run([*command, "statement", "Rio Alvarez", "--json"], stdout=pipe, stderr=subprocess.PIPE)
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr


def test_a_name_beyond_the_encoding_of_stdout_is_printed_as_far_as_possible() -> None:
    command = [sys.executable, "-c", "import sys; from tavus_consent.cli import main; sys.exit(main())"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([*command, "statement", "Zoë Alvarez"], capture_output=True, env=environment)
    assert ended.stdout.startswith(b"I, Zoe Alvarez, am currently speaking")
    assert ended.stderr.endswith(b"Some letters cannot be shown in ascii. To show them, set PYTHONIOENCODING=utf-8\n")


FULL = Path("/dev/full")
COMMAND = [sys.executable, "-c", "import sys; from tavus_consent.cli import main; sys.exit(main())"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Łukasz Żak", b"Lukasz Zak"),
        ("Ørjan Đurić", b"\xd8rjan Duric"),
        ("José Müller", "José Müller".encode("latin-1")),
        ("李 小龍", b"? ??"),
    ],
)
def test_what_latin_1_cannot_hold_is_shown_by_the_nearest_letter(name: str, shown: bytes) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    ended = subprocess.run([*COMMAND, "statement", name], capture_output=True, env=environment)
    assert ended.stdout.startswith(b"I, " + shown + b", am currently speaking")
    assert b"\\u" not in ended.stdout + ended.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
@pytest.mark.parametrize(
    "arguments", [("statement", "Rio Alvarez"), ("statement", "Rio Alvarez", "--json"), ("--help",), ("--version",)]
)
def test_a_full_disk_is_said_in_one_line(arguments: tuple[str, ...]) -> None:
    with FULL.open("wb") as full:
        ended = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if b"does not establish" not in line]
    assert lines == [b"error: cannot write to stdout: No space left on device"]


def test_a_closed_stdout_is_refused_before_anything_is_done() -> None:
    ended = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *COMMAND, "statement", "Rio Alvarez"], capture_output=True)
    assert ended.returncode == 2
    assert ended.stderr == b"error: stdout is closed, so the result could not be shown. Nothing was done.\n"


@pytest.mark.parametrize("arguments", [("statement", "Rio Alvarez"), ("nonsense",), ("statement", "R2", "--debug")])
def test_a_closed_stderr_changes_nothing_else(arguments: tuple[str, ...]) -> None:
    usual = subprocess.run([*COMMAND, *arguments], capture_output=True)
    ended = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *COMMAND, *arguments], capture_output=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (usual.returncode, usual.stdout, b"")


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
def test_a_stderr_that_takes_nothing_ends_the_command_without_a_traceback() -> None:
    with FULL.open("wb") as full:
        ended = subprocess.run([*COMMAND, "nonsense"], stdout=subprocess.PIPE, stderr=full)
    assert (ended.returncode, ended.stdout) == (1, b"")


INTERRUPTED = """
import sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from tavus_consent.cli import main
sys.exit(main(["statement", "Rio Alvarez"]))
"""


@pytest.mark.parametrize("module", ["tavus_consent.cli._run", "cyclopts", "rich.console", "httpx", "attrs"])
@pytest.mark.parametrize("closed", [False, True])
def test_an_interrupt_while_modules_are_imported_prints_no_traceback(module: str, closed: bool) -> None:
    redirect = '"$@" 2>&-' if closed else '"$@"'
    command = ["sh", "-c", redirect, "sh", sys.executable, "-c", INTERRUPTED, module]
    ended = subprocess.run(command, capture_output=True)
    said = b"" if closed else b"error: interrupted\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", said)


def test_debug_shows_control_sequences_as_escapes(cli: Cli, answers: Answers) -> None:
    def fail(_: httpx.Request) -> None:
        raise RuntimeError("\x1b]0;title\x07\x1b[2J \x9b31m \u202e\r")

    answers(fail)
    err = cli("replicas", "get", "r0", "--debug").err
    assert r"\x1b]0;title\x07\x1b[2J \x9b31m \u202e\r" in err
    assert all(c.isprintable() or c == "\n" for c in err)


def test_output_that_is_no_file_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["statement", "Rio Alvarez"]) == 0
    assert out.getvalue().startswith("I, Rio Alvarez")
