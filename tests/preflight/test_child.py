"""What runs in the child process, run here: the protocol, and the limits on every kind of platform."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from attrs import asdict, evolve

from tavus_consent.consent import Word
from tavus_consent.preflight import child, isolation
from tavus_consent.preflight.facts import Facts
from tavus_consent.preflight.reading import BLOCK
from tavus_consent.preflight.wire import MEDIA, SPEECH, Channel, MessageKind, ProtocolError, Role, parsed

from .conftest import FASTSTART, FRAGMENTED, HD

INFINITY = -1
VIDEO = b"\x00\x00\x00\x18ftypisom" + bytes(12) + b"\x00\x80\x00\x00mdat" + bytes(BLOCK - 32)


class Resource:
    """As the module of that name, for a process that may be ruined."""

    RLIM_INFINITY = INFINITY
    RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_AS, RLIMIT_CPU = "core", "file size", "files", "memory", "cpu"
    RUSAGE_SELF = 0

    def __init__(self, *, hard: int = INFINITY, refuses: str = "") -> None:
        self.hard = hard
        self.refuses = refuses
        self.set: dict[str, tuple[int, int]] = {}

    def getrlimit(self, _name: str) -> tuple[int, int]:
        return self.hard, self.hard

    def setrlimit(self, name: str, limits: tuple[int, int]) -> None:
        if name == self.refuses:
            raise ValueError
        self.set[name] = limits

    def getrusage(self, _who: int) -> Any:
        class Used:
            ru_utime, ru_stime = 4.2, 1.1

        return Used


def limits(resource: Any = None) -> child.ProcessLimits:
    return child.ProcessLimits(resource)


def pipe() -> tuple[BinaryIO, BinaryIO]:
    reader, writer = os.pipe()
    return cast("BinaryIO", os.fdopen(reader, "rb", buffering=0)), cast(
        "BinaryIO", os.fdopen(writer, "wb", buffering=0)
    )


@contextmanager
def serving(role: Role, limits: child.ProcessLimits) -> Iterator[Channel]:
    """A child in a thread, and the way to it."""
    (down, to_child), (from_child, up) = pipe(), pipe()

    def work() -> None:
        with down, up:
            child.serve(Channel(down, up, most=2**32), limits)

    def quietly() -> None:
        try:
            work()
        except ProtocolError:
            ended.set()

    ended = threading.Event()
    thread = threading.Thread(target=quietly)
    thread.start()
    try:
        with to_child, from_child:
            channel = Channel(from_child, to_child, most=2**22)
            channel.send_json(MessageKind.BEGIN, asdict(role))
            yield channel
    finally:
        thread.join()


def ask(channel: Channel, content: bytes, *, listen: bool = True, left: int = 1000) -> list[tuple[MessageKind, bytes]]:
    """Let it look at a file: what it says, without what it asks."""
    channel.send_json(MessageKind.INSPECT, {"size": len(content), "listen": listen})
    channel.send(MessageKind.DATA, content[:BLOCK])
    said = []
    while True:
        kind, body = channel.receive()
        if kind is MessageKind.READ:
            at, length = parsed(body)
            channel.send(MessageKind.DATA, content[at : at + length])
        elif kind is MessageKind.READ_RANGES:
            assert len(parsed(body)) <= left
            channel.send(MessageKind.DATA, b"".join(content[start:end] for start, end in parsed(body)))
        elif kind is MessageKind.LEFT_REQUESTS:
            channel.send_json(MessageKind.DATA, left)
        else:
            said.append((kind, body))
            if kind is not MessageKind.FACTS:
                return said


@pytest.mark.parametrize("layout", [{}, FASTSTART, FRAGMENTED], ids=str)
def test_a_file_is_looked_at_and_listened_to(video: Any, layout: dict[str, str]) -> None:
    with serving(MEDIA, limits()) as channel:
        assert channel.receive() == (MessageKind.READY, b"[]")
        for listen in (True, False):
            (kind, facts), (last, sound) = ask(channel, video(layout, size=HD, seconds=3), listen=listen)
            assert (kind, last) == (MessageKind.FACTS, MessageKind.DONE)
            assert Facts.from_dict(json.loads(facts)).is_open
            assert len(sound) > 90_000 if listen else not sound


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content.replace(b"mvhd", b"cmov", 1), b"too_much"),
        (lambda content: content[: content.index(b"stsz") + 14], b"damaged"),
        (lambda content: content.replace(b"mdat", b"mdat" + b"\xff" * 64), b"undecodable"),
    ],
)
def test_a_failure_is_named(video: Any, change: Callable[[bytes], bytes], reason: bytes) -> None:
    content = change(video(FASTSTART, size=HD, seconds=3))
    if reason == b"undecodable":
        at = content.index(b"mdat")
        content = content[: at + 4] + b"\xff" * (len(content) - at - 4)
    with serving(MEDIA, limits()) as channel:
        channel.receive()
        assert ask(channel, content)[-1] == (MessageKind.FAILED, reason)
        assert ask(channel, content)[-1] == (MessageKind.FAILED, reason)  # and it goes on


def test_few_requests_are_enough(video: Any) -> None:
    content = video(size=HD, seconds=3)
    with serving(MEDIA, limits()) as channel:
        channel.receive()
        assert ask(channel, content, left=12)[-1] == ask(channel, content)[-1]


def test_a_parent_that_cannot_read_ends_the_job(video: Any) -> None:
    with serving(MEDIA, limits()) as channel:
        channel.receive()
        channel.send_json(MessageKind.INSPECT, {"size": 10_000_000, "listen": False})
        channel.send(MessageKind.DATA, VIDEO)
        assert channel.receive()[0] is MessageKind.READ
        channel.send(MessageKind.STOP)
        assert channel.receive() == (MessageKind.FAILED, b"cut")
        assert ask(channel, video(FASTSTART, size=HD, seconds=3))[-1][0] is MessageKind.DONE


def test_a_parent_that_hangs_up_ends_the_child() -> None:
    with serving(MEDIA, limits()) as channel:
        channel.receive()
        channel.send_json(MessageKind.INSPECT, {"size": 10_000_000, "listen": False})
        channel.send(MessageKind.DATA, VIDEO)
        channel.receive()


@pytest.mark.parametrize("where", ["job", "pipe"])
def test_a_child_without_memory_says_so_and_ends(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise MemoryError

    with serving(MEDIA, limits()) as channel:
        channel.receive()
        if where == "job":
            monkeypatch.setitem(child._JOBS, MessageKind.INSPECT, fail)
        else:
            monkeypatch.setattr(child, "_answer", fail)
        channel.send_json(MessageKind.INSPECT, {})
        assert channel.receive() == (MessageKind.FAILED, b"memory")
        with pytest.raises(ProtocolError):
            channel.receive()


def test_memory_that_ffmpeg_did_not_get_is_named(video: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import av

    content = video(FASTSTART, size=HD, seconds=3)

    def fail(*_: Any, **__: Any) -> Any:
        raise av.error.MemoryError(12, "Cannot allocate memory")

    for name in ("open", "AudioResampler", "Packet"):
        with monkeypatch.context() as patch, serving(MEDIA, limits()) as channel:
            channel.receive()
            patch.setattr(av, name, fail)
            assert ask(channel, content)[-1] == (MessageKind.FAILED, b"memory")


def test_one_bad_packet_is_a_click(video: Any) -> None:
    content = bytearray(video(FASTSTART, size=HD, seconds=3))
    with serving(MEDIA, limits()) as channel:
        channel.receive()
        whole = ask(channel, bytes(content))[-1]
        content[-400:] = b"\xff" * 400
        damaged = ask(channel, bytes(content))[-1]
    assert whole[0] is damaged[0] is MessageKind.DONE
    assert 0 < len(damaged[1]) < len(whole[1])


@pytest.mark.parametrize("by", ["bytes", "path"])
def test_whisper_gets_a_recording(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def hear(model: Path, recording: Any) -> list[Word]:
        given.append((model, recording))
        return [Word("I", 0.0, 0.5, None)]

    monkeypatch.setattr("tavus_consent.preflight.transcribing.transcribe_here", hear)
    with serving(SPEECH, limits()) as channel:
        channel.receive()
        path = str(tmp_path / "a.wav") if by == "path" else None
        channel.send_json(MessageKind.TRANSCRIBE, {"model": str(tmp_path), "path": path})
        channel.send(MessageKind.DATA, b"" if path else b"RIFF")
        assert channel.receive() == (MessageKind.DONE, b'[["I", 0.0, 0.5, null]]')
    assert given == [(tmp_path, Path(path) if path else b"RIFF")]


def test_a_recognizer_that_fails_is_named_by_its_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("secret path")

    monkeypatch.setattr("tavus_consent.preflight.transcribing.transcribe_here", fail)
    with serving(SPEECH, limits()) as channel:
        channel.receive()
        channel.send_json(MessageKind.TRANSCRIBE, {"model": str(tmp_path), "path": None})
        channel.send(MessageKind.DATA, b"RIFF")
        assert channel.receive() == (MessageKind.FAILED, b"error RuntimeError")


# limits


@pytest.mark.parametrize("role", [MEDIA, SPEECH])
def test_limits_hold_from_the_beginning(role: Role) -> None:
    resource = Resource()
    with serving(role, limits(resource)) as channel:
        assert json.loads(channel.receive()[1]) == ["memory", "cpu_time"]
    forbidden = {"core": (0, 0), "file size": (0, 0)} | ({"files": (0, 0)} if role is MEDIA else {})
    cpu = 6 + role.cpu_seconds
    assert resource.set == forbidden | {"memory": (role.memory,) * 2, "cpu": (cpu, INFINITY)}


def test_limits_of_the_parent_stay() -> None:
    resource = Resource(hard=7)
    limits(resource).begin(evolve(MEDIA, memory=1000, cpu_seconds=100))
    assert resource.set["memory"] == (7, 7)
    assert resource.set["cpu"] == (7, 7)


@pytest.mark.parametrize(("refuses", "left"), [("memory", ["cpu_time"]), ("cpu", ["memory"])])
def test_a_limit_that_cannot_be_set_is_not_claimed(refuses: str, left: list[str]) -> None:
    made = limits(Resource(refuses=refuses))
    made.begin(MEDIA)
    assert made.enforced == left


def test_macos_does_not_limit_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    made = limits(Resource())
    made.begin(MEDIA)
    assert made.enforced == ["cpu_time"]


def test_windows_limits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    made = limits(child._resource())
    made.begin(MEDIA)
    assert (made.enforced, made.allow_cpu(1)) == ([], False)


def test_linux_has_limits() -> None:
    assert child._resource() is sys.modules["resource"]


# the entry


@pytest.fixture
def as_child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], object]], bytes]]:
    """Run something as the child would be run, with a pipe for 0 and 1; what it wrote."""
    monkeypatch.setattr(child, "_resource", lambda: None)
    handler = signal.getsignal(signal.SIGINT)

    def run(act: Callable[[], object]) -> bytes:
        (down, to_child), (from_child, up) = pipe(), pipe()
        with down, to_child, from_child, up:
            Channel(down, to_child, most=0).send_json(MessageKind.BEGIN, asdict(MEDIA))
            to_child.close()
            kept = os.dup(0), os.dup(1)
            os.dup2(down.fileno(), 0)
            os.dup2(up.fileno(), 1)
            try:
                act()
                os.write(1, b"printed")
            finally:
                for number, old in enumerate(kept):
                    os.dup2(old, number)
                    os.close(old)
            up.close()
            return from_child.read()

    yield run
    signal.signal(signal.SIGINT, handler)


def test_the_child_talks_over_its_pipe_and_prints_nothing(as_child: Callable[..., bytes]) -> None:
    assert as_child(child.main) == bytes([MessageKind.READY, 0, 0, 0, 2]) + b"[]"
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_frozen_program_becomes_the_child(as_child: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["program", "--tavus-consent-child"])

    def start() -> None:
        with pytest.raises(SystemExit) as ended:
            isolation.freeze_support()
        assert ended.value.code == 0

    assert as_child(start).endswith(b"[]")


@pytest.mark.parametrize("arguments", [[], ["preflight"], ["--tavus-consent-child", "more"]])
def test_any_other_program_goes_on(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["program", *arguments])
    monkeypatch.setattr(isolation, "HAS_ENTRY", noted := threading.Event())
    isolation.freeze_support()
    assert noted.is_set()


def test_the_command_has_the_entry_when_it_is_frozen(
    as_child: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tavus_consent.cli import main

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["tavus-consent", "--tavus-consent-child"])

    def start() -> None:
        with pytest.raises(SystemExit):
            main()

    assert as_child(start).endswith(b"[]")


def test_a_channel_that_is_closed_is_a_protocol_error() -> None:
    reader, writer = pipe()
    channel = Channel(reader, writer, most=10)
    reader.close()
    writer.close()
    with pytest.raises(ProtocolError):
        channel.send(MessageKind.DATA)
    with pytest.raises(ProtocolError):
        channel.receive()
