"""``python -m tests.benchmarks.preflight``: acceptance rates and bytes read of a preflight. It asserts nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from av.stream import Discard
from tests.preflight.media import make_video
from tests.preflight.servers import FileServer, Handler, serving

from tavus_consent.preflight import Isolation, PreflightReport, Reach, preflight
from tavus_consent.preflight.speech import default_transcriber

from .corpus import FOLDER, Clip, build, read

ENDS = ("taken", "doubtful", "refused", "unknown")


def ended(clip: Clip, report: PreflightReport) -> str:
    """Return the result of ``preflight="require"``: taken, or the reason why not."""
    if clip.name is not None:
        (found,) = [one for one in report.findings if one.code == "consent_phrase_mismatch"]
        return {"info": "taken", "warning": "doubtful", "error": "refused", "unknown": "unknown"}[found.severity]
    severities = {one.severity for one in report.unproven}
    return "refused" if "error" in severities else "unknown" if severities else "taken"


def confusion() -> None:
    clips = read() if (FOLDER / "clips.jsonl").exists() else build()
    engine = default_transcriber()
    if engine is None:
        print("nobody listens: the extra speech is not installed")
    counts: dict[tuple[str, bool], Counter[str]] = {}
    with Isolation() as isolation:
        for clip in clips:
            if clip.name is None or engine is not None:
                given: dict[str, Any] = {f"{clip.media}_video": FOLDER / clip.file, "isolation": isolation}
                report = preflight(**given, full_name=clip.name, speech=engine if clip.name else None)
                counts.setdefault((clip.kind, clip.right), Counter())[ended(clip, report)] += 1
    print(f"{'kind of clip':<32}{'should be':<12}" + "".join(f"{end:>10}" for end in ENDS))
    for (kind, right), count in counts.items():
        print(f"{kind:<32}{'taken' if right else 'not taken':<12}" + "".join(f"{count[end]:>10}" for end in ENDS))


def stream(server: FileServer) -> Callable[[Handler, int, int], bool]:
    """Answer piece by piece, and count what the other side took."""

    def behave(handler: Handler, _start: int, _end: int) -> bool:
        asked = handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")
        start, end = int(asked[0]), min(int(asked[1] or server.size - 1) + 1, server.size)
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{server.size}")
        handler.send_header("Content-Length", str(end - start))
        handler.end_headers()
        for at in range(start, end, 65536):
            handler.wfile.write(server.part(at, min(at + 65536, end)))
            with server.lock:
                server.sent += min(65536, end - at)
        return True

    server.etag = None
    return behave


class Silent:
    """Hears nothing: only the reading is measured."""

    engine = "silent"

    def transcribe(self, _recording: Any) -> list[Any]:
        return []


def ours(server: FileServer, sound: bool, isolation: Isolation) -> None:
    engine = Silent() if sound else None
    reach = Reach(private_hosts=frozenset([server.host]))
    preflight(train_video=server.url, full_name="Rio Alvarez", speech=engine, reach=reach, isolation=isolation)


def theirs(server: FileServer, sound: bool, _isolation: Isolation) -> None:
    with av.open(server.url) as container:
        if sound:
            container.streams.video[0].discard = Discard.all
            for packet in container.demux(container.streams.audio[0]):
                if packet.pts is None or packet.pts * packet.time_base > 30:
                    break


def reading() -> None:
    print(f"\n{'reading 115 MB, 30 ms a request':<52}{'requests':>10}{'kB':>12}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as folder, Isolation() as isolation:
        for layout in ("", "faststart"):
            path = Path(folder) / "large.mp4"
            make_video(path, filler=41_000, options={"movflags": layout} if layout else {})
            for sound in (False, True):
                for who, read_it in (("ours", ours), ("FFmpeg's http", theirs)):
                    with serving(path, delay=0.03) as server:
                        server.behave = stream(server)
                        begin = time.perf_counter()
                        read_it(server, sound, isolation)
                        seconds = time.perf_counter() - begin
                    what = f"{'+ 60 s of sound' if sound else 'metadata'}, index at the {'front' if layout else 'end'}"
                    print(f"{what:<38}{who:<14}{len(server.requests):>10,}{server.sent / 1e3:>12,.1f}{seconds:>10.2f}")


FIRST = (
    "import sys, time; from pathlib import Path; from tavus_consent.preflight import preflight;"
    "begin = time.perf_counter(); preflight(train_video=Path(sys.argv[1]), isolation=sys.argv[2]);"
    "print(time.perf_counter() - begin)"
)


def isolating() -> None:
    print(f"\n{'a check of a local file, ms':<52}{'child':>10}{'here':>12}{'more':>10}  to reach")
    with tempfile.TemporaryDirectory() as folder, Isolation() as isolation:
        path = Path(folder) / "small.mp4"
        make_video(path, seconds=100)

        def cold(where: str) -> float:
            command = [sys.executable, "-c", FIRST, str(path), where]
            return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

        def warm(where: Any) -> float:
            begin = time.perf_counter()
            preflight(train_video=path, isolation=where)
            return time.perf_counter() - begin

        warm(isolation), warm("none")
        for what, measure, child, rounds, goal in (
            ("cold: the first one of a process", cold, "process", 15, 150),
            ("warm: the next one of a client", warm, isolation, 200, 5),
        ):
            pairs = [(measure(child), measure("none")) for _ in range(rounds)]
            ours, theirs = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
            more = 1000 * statistics.median(one - other for one, other in pairs)
            print(f"{what:<52}{ours:>10.1f}{theirs:>12.1f}{more:>10.1f}  {goal} or less")


def main() -> None:
    confusion()
    reading()
    isolating()


if __name__ == "__main__":
    main()
