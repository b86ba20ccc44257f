"""A child process reads untrusted files: the reports are the same, and its failures do not affect the parent."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tavus_consent import InvalidRequestError, PreflightOptions
from tavus_consent.preflight import Budget, Isolation, PreflightReport, Reach, Whisper, isolation, preflight, process
from tavus_consent.preflight.process import environment
from tavus_consent.preflight.speech import as_wav
from tavus_consent.preflight.wire import MEDIA, SPEECH
from tavus_consent.testing import FakeTavus

from .children import descriptors, lying, pids
from .conftest import FASTSTART, FRAGMENTED, HD, check, finding
from .servers import public, serving
from .speech import NAME, Canned

Made = Callable[..., Isolation]


@pytest.fixture(scope="module")
def shared() -> Iterator[Isolation]:
    with Isolation() as made:
        yield made


@pytest.fixture
def make() -> Iterator[Made]:
    """Make isolations that end with the test."""
    made: list[Isolation] = []

    def one(**roles: Any) -> Isolation:
        made.append(Isolation(**roles))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def small(video: Any) -> bytes:
    content: bytes = video(FASTSTART, size=HD, seconds=3)
    return content


def ask(content: bytes, where: Any, **options: Any) -> PreflightReport:
    """Check a consent video and listen to it."""
    return check(content, "consent", **({"full_name": NAME, "speech": Canned(), "isolation": where} | options))


def child_of(where: Isolation, content: bytes) -> int:
    """The process that an isolation uses now."""
    found: list[int] = []
    ask(content, where, progress=on("reading_sound", lambda: found.extend(pids() - before)))
    [pid] = found
    return pid


before = pids()


def on(doing: str, act: Callable[[], object]) -> Callable[[Any], None]:
    """Do something when a check comes so far: the child then waits, or decodes."""
    return lambda step: act() if step.doing == doing else None


@pytest.fixture(autouse=True)
def _others(shared: Isolation) -> None:
    """Children that were there before the test."""
    global before
    before = pids()


# the same reports

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "faststart": {"options": FASTSTART},
    "fragmented": {"options": FRAGMENTED},
    "mov": {"format": "mov"},
    "matroska": {"format": "matroska"},
    "mp3": {"audio": "libmp3lame"},
    "pcm": {"format": "mov", "audio": "pcm_s16le"},
    "no sound": {"audio": None},
    "no picture": {"video": None},
    "hevc": {"video": "libx265", "size": (320, 180)},
    "vp9": {"video": "libvpx-vp9", "format": "webm", "audio": "libopus", "size": (320, 180)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_the_same_in_a_child(video: Any, shared: Isolation, kind: str) -> None:
    wanted = {"size": HD, "seconds": 3} | KINDS[kind]
    content = video(wanted.pop("options", None), **wanted)
    inside, outside = Canned(), Canned()
    reports = [ask(content, shared, speech=inside), ask(content, "none", speech=outside)]
    assert reports[0].findings == reports[1].findings
    assert inside.given == outside.given
    assert [one.spent["consent"].bytes for one in reports] == [reports[0].spent["consent"].bytes] * 2


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 64, b"<html>", b"\x00\x00\x00\x18ftypisom", b"ftyp" * 5000], ids=["", "0", "<", "f", "F"]
)
def test_what_is_no_video_is_the_same_in_a_child(shared: Isolation, content: bytes) -> None:
    assert ask(content, shared).findings == ask(content, "none").findings


@pytest.mark.parametrize("left", [900, 20_000])
def test_a_file_that_is_cut_off_is_the_same_in_a_child(video: Any, shared: Isolation, left: int) -> None:
    content = video(FASTSTART, size=HD, seconds=3)[:left]
    assert ask(content, shared).findings == ask(content, "none").findings


@pytest.mark.parametrize("layout", [{}, FASTSTART, FRAGMENTED], ids=str)
def test_a_link_costs_the_same_from_a_child(video: Any, shared: Isolation, layout: dict[str, str]) -> None:
    costs = []
    for where in (shared, "none"):
        with serving(video(layout, size=HD, seconds=40)) as server:
            reach = Reach(private_hosts=frozenset([server.host]))
            ask_link = {"full_name": NAME, "speech": Canned(), "reach": reach, "isolation": where}
            report = preflight(consent_video=server.url, **ask_link)  # type: ignore[arg-type]
            costs.append((report.findings, len(server.requests), server.sent))
    assert costs[0] == costs[1]


def test_a_budget_holds_for_a_child(video: Any, shared: Isolation) -> None:
    report = ask(video(FRAGMENTED, size=HD, seconds=40), shared, budget=Budget(bytes=60_000))
    assert finding(report, "download_link").measured == "budget"
    assert report.spent["consent"].bytes <= 60_000


def test_a_failure_to_read_leaves_the_child_as_it_is(small: bytes, make: Made) -> None:
    where = make()

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if size and self.tell():
                raise OSError("the disk is gone")
            return super().read(size)

    pid = child_of(where, small)
    with pytest.raises(OSError, match="disk"):
        preflight(consent_video=Failing(small + bytes(20_000)), isolation=where)
    assert child_of(where, small) == pid


def test_the_report_says_how_the_file_was_read(small: bytes, shared: Isolation) -> None:
    assert ask(small, shared).isolation.endswith("with limits on memory, CPU time and time.")
    assert "without limits" in ask(small, "none").to_dict()["isolation"]
    assert preflight(train_video="https://drive.google.com/file/d/1").isolation == ""


def test_there_is_no_other_isolation(small: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="isolation: 'process', 'none'"):
        ask(small, "container")
    with pytest.raises(ValueError, match="isolation"):
        PreflightOptions(isolation="container")  # type: ignore[arg-type]


# what the child has


def test_the_child_has_no_secrets_and_nothing_open(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "s3cret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    found: dict[str, Any] = {}

    def look() -> None:
        [pid] = pids() - before
        proc = Path(f"/proc/{pid}")
        found["environment"] = (proc / "environ").read_bytes()
        found["command"] = (proc / "cmdline").read_bytes()
        found["open"] = descriptors(pid)
        found["limits"] = {
            line[:25].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()
        }

    secret = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        ask(small, make(), progress=on("reading_sound", look))
    finally:
        os.close(secret)
    assert b"s3cret" not in found["environment"] + found["command"]
    assert b"\x00-I\x00" in found["command"]
    assert {target.partition(":")[0] for target in found["open"].values()} == {"pipe", "/dev/null"}
    assert sum(target.startswith("pipe:") for target in found["open"].values()) == 2
    limits = {name: found["limits"][f"Max {name}"] for name in ("address space", "core file size", "open files")}
    assert limits == {"address space": str(512 * 1024**2), "core file size": "0", "open files": "0"}


def test_variables_are_chosen_by_name() -> None:
    outer = {"LANG": "C", "TAVUS_API_KEY": "x", "HOME": "/root", "PYTHONPATH": "/evil", "_PYI_ARCHIVE_FILE": "a"}
    assert environment(outer).keys() - {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"} == {
        "LANG",
        "_PYI_ARCHIVE_FILE",
    }


def test_a_transcriber_of_yours_listens_in_this_process(small: bytes, shared: Isolation) -> None:
    where: list[int] = []

    class Mine(Canned):
        def transcribe(self, recording: Any) -> Any:
            where.append(os.getpid())
            return super().transcribe(recording)

    ask(small, shared, speech=Mine())
    assert where == [os.getpid()]


@pytest.mark.heavy
def test_whisper_listens_in_the_child(small: bytes, shared: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_consent.preflight.transcribing.transcribe_here", None)
    monkeypatch.setattr("tavus_consent.preflight.speech.transcribe_here", None)
    assert ask(small, shared, speech="auto").hearing is not None


@pytest.mark.heavy
def test_whisper_by_itself_has_a_child(tmp_path: Path) -> None:
    recording = tmp_path / "a.wav"
    recording.write_bytes(as_wav(bytes(3200)))
    assert list(Whisper().transcribe(recording)) == list(Whisper(isolation="none").transcribe(recording)) == []


# what becomes of it


@pytest.mark.parametrize(
    ("sent", "reason"), [(signal.SIGSEGV, "crashed"), (signal.SIGABRT, "crashed"), (signal.SIGKILL, "killed")]
)
def test_the_end_of_the_child_is_a_finding(small: bytes, make: Made, sent: int, reason: str) -> None:
    where = make()
    first = child_of(where, small)
    report = ask(small, where, progress=on("reading_sound", lambda: os.kill(first, sent)))
    found = [one for one in report.problems if one.code == "video_processing"]
    assert [(one.severity, one.measured) for one in found] == [("unknown", reason)]
    assert report.hearing is None
    assert "The content of the consent video" in " ".join(report.not_checked)
    assert child_of(where, small) != first
    assert ask(small, where).hearing is not None


def test_a_child_that_died_while_nobody_looked_is_replaced(small: bytes, make: Made) -> None:
    where = make()
    pid = child_of(where, small)
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ask(small, where).hearing is not None


def test_memory_is_limited(small: bytes, make: Made) -> None:
    where = make(media=evolve(MEDIA, memory=64 * 1024**2))
    found = [one for one in ask(small, where).problems if one.code == "video_processing"]
    # libraries of C answer to a lack of memory in their own ways
    assert [one.measured for one in found] in (["memory"], ["crashed"])


@pytest.mark.heavy
def test_cpu_time_is_limited(make: Made, small: bytes) -> None:
    where = make(speech=evolve(SPEECH, cpu_seconds=0))
    report = ask(small, where, speech="auto")
    found = [one for one in report.problems if one.code == "video_processing"]
    assert [one.measured for one in found] == ["cpu_time"]
    assert 'isolation="none"' in found[0].fix
    assert finding(report, "consent_phrase_mismatch").severity == "unknown"


def test_time_is_limited(small: bytes, make: Made) -> None:
    where = make(media=evolve(MEDIA, seconds=0.3))
    pid = child_of(where, small)
    report = ask(small, where, progress=on("reading_sound", lambda: os.kill(pid, signal.SIGSTOP)))
    assert "time" in {one.measured for one in report.problems if one.code == "video_processing"}


def test_a_check_that_is_stopped_ends_the_child(small: bytes, make: Made) -> None:
    where, stop = make(), threading.Event()
    pid = child_of(where, small)

    def halt() -> None:
        os.kill(pid, signal.SIGSTOP)
        stop.set()

    report = ask(small, where, stop=stop, progress=on("reading_sound", halt))
    assert "stopped" in {one.measured for one in report.problems}
    assert pid not in pids()


@pytest.mark.heavy
def test_listening_can_be_stopped(make: Made, small: bytes) -> None:
    where, stop = make(), threading.Event()
    report = ask(small, where, stop=stop, speech="auto", progress=on("listening", stop.set))
    assert "stopped" in {one.measured for one in report.problems}
    assert report.hearing is None


def test_what_progress_raises_is_raised(small: bytes, make: Made) -> None:
    where = make()

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(small, where, progress=on("reading_sound", fail))
    assert pids() == before


@pytest.mark.heavy
def test_a_recognizer_that_fails_is_unknown(make: Made, small: bytes, tmp_path: Path) -> None:
    for name in ("model.bin", "tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes(b"x")
    report = ask(small, make(), speech=Whisper(tmp_path))
    found = finding(report, "consent_phrase_mismatch")
    assert found.severity == "unknown"
    assert found.message.startswith("The recognizer failed (")
    with pytest.raises(InvalidRequestError, match="Whisper failed") as caught:
        Whisper(tmp_path).transcribe(as_wav(bytes(3200)))
    assert caught.value.reason == "recognizer_failed"


@pytest.mark.heavy
def test_whisper_by_itself_says_why_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda: lying("send(READY, b'[]'); receive(); os.abort()"))
    with pytest.raises(InvalidRequestError, match="The process that listened crashed") as caught:
        Whisper().transcribe(as_wav(bytes(3200)))
    assert caught.value.reason == "crashed"


# children that lie: a file may have taken one over

LIES = {
    "no frame": "os.write(1, b'hello there')",
    "another kind": "send(99, b'')",
    "a frame without end": "os.write(1, struct.pack('>BI', READ, 2**32 - 1))",
    "an end": "",
    "no JSON": "send(READ, b'{')",
    "deep JSON": "send(READ, b'[' * 500_000)",
    "too much": f"say(READ, [0, {2**40}])",
    "a negative place": "say(READ, [-5, 5])",
    "no numbers": "say(READ, ['0', True])",
    "ranges in disorder": "say(READ_RANGES, [[5, 9], [0, 3]])",
    "ranges that are none": "say(READ_RANGES, [[5, 4]])",
    "ranges behind the end": f"say(READ_RANGES, [[0, {2**50}]])",
    "no facts": "send(DONE)",
    "facts twice": "say(FACTS, GOOD); say(FACTS, GOOD)",
    "facts of another form": "say(FACTS, [])",
    "facts with more": "say(FACTS, GOOD | {'more': 1})",
    "damage in words of its own": "say(FACTS, GOOD | {'damage': 'visit evil.example'})",
    "a long brand": "say(FACTS, GOOD | {'brand': 'isom, really'})",
    "a format that is none": "say(FACTS, GOOD | {'format': 'visit evil.example'})",
    "open, perhaps": "say(FACTS, GOOD | {'is_open': 'yes'})",
    "a track that is none": "say(FACTS, GOOD | {'video': 7})",
    "a codec in words": "say(FACTS, GOOD | {'video': TRACK | {'codec': 'visit evil.example'}})",
    "no end of seconds": "say(FACTS, GOOD | {'video': TRACK | {'seconds': float('inf')}})",
    "seconds in words": "say(FACTS, GOOD | {'video': TRACK | {'fps': 'many'}})",
    "a picture without end": f"say(FACTS, GOOD | {{'video': TRACK | {{'width': {2**40}}}}})",
    "a size in words": "say(FACTS, GOOD | {'video': TRACK | {'height': True}})",
    "too much sound": "say(FACTS, GOOD); send(DONE, bytes(2_000_000))",
    "a reason of its own": "send(FAILED, b'visit evil.example')",
    "words": "say(FACTS, GOOD); say(READY, [])",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_child_is_not_believed(small: bytes, make: Made, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda: lying(f"send(READY, b'[]'); receive(); receive(); {LIES[lie]}"))
    report = ask(small, make())
    assert [one.measured for one in report.problems if one.code == "video_processing"] == ["crashed"]
    assert "evil" not in report.to_json()


@pytest.mark.heavy
@pytest.mark.parametrize("lie", ["[[1, 2, 3]]", "[['a', 'b', 1, None]]", "{}", "[['a', 1, 2, 3]] * 10_001"])
def test_what_a_child_heard_is_not_believed(
    small: bytes, make: Made, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = make()
    child_of(where, small)
    monkeypatch.setattr(
        process, "command", lambda: lying(f"send(READY, b'[]'); receive(); receive(); say(DONE, {lie})")
    )
    report = ask(small, where, speech="auto")
    assert [one.measured for one in report.problems if one.code == "video_processing"] == ["crashed"]


@pytest.mark.heavy
def test_another_answer_than_words_is_not_believed(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    where = make()
    child_of(where, small)
    monkeypatch.setattr(process, "command", lambda: lying("send(READY, b'[]'); receive(); receive(); say(FACTS, GOOD)"))
    report = ask(small, where, speech="auto")
    assert [one.measured for one in report.problems if one.code == "video_processing"] == ["crashed"]


def test_a_child_that_does_not_stop_lying_is_ended(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "send(READY, b'[]'); receive(); receive(); send(99); time.sleep(600)"
    monkeypatch.setattr(process, "command", lambda: lying(code))
    assert "crashed" in {one.measured for one in ask(small, make()).problems}
    assert pids() == before


def test_a_child_without_memory_is_not_asked_again(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "send(READY, b'[]'); receive(); receive(); send(FAILED, b'memory'); time.sleep(600)"
    monkeypatch.setattr(process, "command", lambda: lying(code))
    assert "memory" in {one.measured for one in ask(small, make()).problems}
    assert pids() == before


@pytest.mark.parametrize("lie", ["send(READY, b'{}')", "send(DONE, b'[]')"])
def test_a_child_that_does_not_greet_is_none(
    small: bytes, make: Made, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "command", lambda: lying(lie))
    assert "not_started" in {one.measured for one in ask(small, make()).problems}


@pytest.mark.heavy
def test_words_come_from_the_child(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    where = make()
    child_of(where, small)
    code = "send(READY, b'[]'); receive(); receive(); say(DONE, [['hello', 0, 0.5, None]])"
    monkeypatch.setattr(process, "command", lambda: lying(code))
    hearing = ask(small, where, speech="auto").hearing
    assert hearing is not None
    assert hearing.transcript.text == "hello"


# platforms and programs


@pytest.mark.parametrize(
    ("enforced", "said"),
    [
        ("[]", "does not limit its memory and CPU time, only its time."),
        ('["cpu_time"]', "does not limit its memory, only its time."),
    ],
)
def test_the_report_says_which_limits_are_missing(
    small: bytes, make: Made, enforced: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"send(READY, b'{enforced}'); receive(); receive(); say(FACTS, GOOD); send(DONE)"
    monkeypatch.setattr(process, "command", lambda: lying(code))
    assert ask(small, make()).isolation.endswith(said)


@pytest.mark.parametrize(
    "executable",
    [None, "", "/no/such/python", "/bin/false", "/bin/cat"],
    ids=["none", "empty", "missing", "false", "cat"],
)
def test_without_python_there_is_no_child(
    small: bytes, make: Made, executable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    report = ask(small, make())
    found = [one for one in report.problems if one.code == "video_processing"]
    assert [(one.severity, one.measured) for one in found] == [("unknown", "not_started")]
    assert report.isolation == ""
    assert 'isolation="none"' in found[0].fix


def test_a_frozen_program_that_has_no_entry_is_not_run_again(
    small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(process, "HAS_ENTRY", threading.Event())
    assert "not_started" in {one.measured for one in ask(small, make()).problems}


def test_a_frozen_program_is_its_own_child(
    small: bytes, make: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\n"
        "from tavus_consent.preflight import freeze_support\n"
        "freeze_support()\n"
        "raise SystemExit('the program ran again')\n"
    )
    program.chmod(0o700)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(process, "HAS_ENTRY", entry := threading.Event())
    monkeypatch.setattr(isolation, "HAS_ENTRY", entry)
    isolation.freeze_support()
    assert ask(small, make()).hearing is not None


def test_a_program_is_not_run_again(small: bytes, tmp_path: Path) -> None:
    """A module without a guard for ``__main__``, which multiprocessing would run a second time."""
    (tmp_path / "a.mp4").write_bytes(small)
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\nfrom tavus_consent.preflight import preflight\n"
        "print('here'); print(preflight(train_video=Path('a.mp4')).isolation)\n"
    )
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "here"
    assert len(done.stdout.splitlines()) == 2
    assert "in a child process" in done.stdout


def test_a_package_that_only_the_parent_finds_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(process.__file__).resolve().parents[2]
    monkeypatch.setattr(sys, "path", ["", *(one for one in sys.path if Path(one) != home)])
    assert process.command()[-1] == str(home)
    assert "" not in process.command()


# how many, and how long


def test_one_child_serves_many_checks(small: bytes, make: Made) -> None:
    where = make()
    assert len({child_of(where, small) for _ in range(4)}) == 1
    assert len(pids() - before) == 1


def test_checks_at_the_same_time_do_not_wait_for_each_other(video: Any, small: bytes, make: Made) -> None:
    where, begun, go = make(), threading.Event(), threading.Event()

    def wait(_handler: Any, start: int, _end: int) -> bool:
        if start:  # the index, which the child asks for
            begun.set()
            go.wait(60)
        return False

    with serving(video(size=HD, seconds=40)) as server:
        server.behave = wait
        options: dict[str, Any] = {"reach": Reach(private_hosts=frozenset([server.host])), "isolation": where}
        waiting = threading.Thread(target=lambda: preflight(train_video=server.url, **options))
        waiting.start()
        assert begun.wait(60)
        assert ask(small, where).hearing is not None
        go.set()
        waiting.join()
    assert len(pids() - before) == 1


@pytest.mark.heavy
def test_a_check_waits_for_its_turn_as_long_as_somebody_waits_for_it(make: Made, small: bytes) -> None:
    where, inside, stop = make(), threading.Event(), threading.Event()
    second: list[PreflightReport] = []

    def listen() -> None:
        inside.wait(60)
        second.append(ask(small, where, speech="auto", stop=stop, progress=on("listening", late)))

    def late() -> None:
        threading.Timer(0.2, stop.set).start()

    thread = threading.Thread(target=listen)
    thread.start()
    with where._crews["speech"].lent(lambda: None):  # as a long recording does
        inside.set()
        thread.join()
    assert "stopped" in {one.measured for one in second[0].problems}


def test_nothing_is_left_of_a_closed_one(small: bytes) -> None:
    where = Isolation()
    ask(small, where)
    where.close()
    where.close()
    assert pids() == before
    assert ask(small, where).hearing is not None  # for itself
    assert pids() == before


def test_closing_ends_a_check_that_runs(small: bytes, make: Made) -> None:
    where = make()
    report = ask(small, where, progress=on("reading_sound", where.close))
    assert report.isolation
    assert pids() == before


def test_a_child_that_does_not_end_is_ended(small: bytes, make: Made) -> None:
    where = make()
    pid = child_of(where, small)
    os.kill(pid, signal.SIGSTOP)
    where.close()
    assert pid not in pids()


@pytest.mark.parametrize("mode", ["process", "none"])
def test_a_client_has_one_child_and_ends_it(video: Any, small: bytes, mode: Any) -> None:
    seen: set[int] = set()
    with public(video(), "files.example") as (_, reach):
        options = PreflightOptions(reach=reach, transcriber=Canned(), isolation=mode)
        with FakeTavus().client(preflight_options=options) as tavus:
            for model in ("phoenix-3", "phoenix-4"):
                link = "https://files.example/train.mp4"
                other = tavus.with_options(timeout=5)
                other.replicas.preflight(train_video_url=link, model_name=model)
                other.close()
                seen |= pids() - before
    assert len(seen) == (1 if mode == "process" else 0)
    assert pids() == before


async def test_an_async_client_has_one_child_and_ends_it(video: Any, shared: Isolation) -> None:
    seen: set[int] = set()
    with public(video(), "files.example") as (_, reach):
        options = PreflightOptions(reach=reach, transcriber=Canned())
        async with FakeTavus().async_client(preflight_options=options) as tavus:
            for _ in range(2):
                await tavus.replicas.preflight(train_video_url="https://files.example/train.mp4")
                seen |= pids() - before
    assert len(seen) == 1
    assert pids() == before


def test_what_another_process_started_is_let_go(small: bytes, make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    where = make()
    pid = child_of(where, small)
    with monkeypatch.context() as patch:
        patch.setattr(isolation.os, "getpid", lambda: 1)
        assert ask(small, where).hearing is not None
        where.close()
    os.waitpid(pid, 0)  # nobody else would: here it is ours after all
    assert pids() == before


def test_a_forked_process_starts_its_own(small: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(small)
    code = (
        "import gc, os, sys\n"
        "from pathlib import Path\n"
        "from tavus_consent.preflight import Isolation, preflight\n"
        "where = Isolation()\n"
        "say = lambda: preflight(train_video=Path('a.mp4'), isolation=where).isolation\n"
        "first = say()\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    ok = say() == first; where.close(); gc.collect(); os._exit(0 if ok else 1)\n"
        "ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
        "assert say() == first\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    where.close(); gc.collect(); os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "assert say() == first\n"
        "where.close()\n"
        "sys.exit(ended)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
