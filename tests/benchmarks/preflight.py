"""``python -m tests.benchmarks.preflight``: whom a preflight takes, and what it reads. Nothing here is asserted."""

from __future__ import annotations

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

from tavus_consent.preflight import PreflightReport, Reach, preflight
from tavus_consent.preflight.speech import default_transcriber

from .corpus import FOLDER, Clip, build, read

ENDS = ("taken", "doubtful", "refused", "unknown")


def ended(clip: Clip, report: PreflightReport) -> str:
    """What ``preflight="require"`` makes of it: taken, or why not."""
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
    for clip in clips:
        if clip.name is None or engine is not None:
            given: dict[str, Any] = {f"{clip.media}_video": FOLDER / clip.file}
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


def ours(server: FileServer, sound: bool) -> None:
    engine = Silent() if sound else None
    reach = Reach(private_hosts=frozenset([server.host]))
    preflight(train_video=server.url, full_name="Rio Alvarez", speech=engine, reach=reach)


def theirs(server: FileServer, sound: bool) -> None:
    with av.open(server.url) as container:
        if sound:
            container.streams.video[0].discard = Discard.all
            for packet in container.demux(container.streams.audio[0]):
                if packet.pts is None or packet.pts * packet.time_base > 30:
                    break


def reading() -> None:
    print(f"\n{'reading 115 MB, 30 ms a request':<52}{'requests':>10}{'kB':>12}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for layout in ("", "faststart"):
            path = Path(folder) / "large.mp4"
            make_video(path, filler=35_000, options={"movflags": layout} if layout else {})
            for sound in (False, True):
                for who, read_it in (("ours", ours), ("FFmpeg's http", theirs)):
                    with serving(path, delay=0.03) as server:
                        server.behave = stream(server)
                        begin = time.perf_counter()
                        read_it(server, sound)
                        seconds = time.perf_counter() - begin
                    what = f"{'+ 30 s of sound' if sound else 'metadata'}, index at the {'front' if layout else 'end'}"
                    print(f"{what:<38}{who:<14}{len(server.requests):>10,}{server.sent / 1e3:>12,.1f}{seconds:>10.2f}")


def main() -> None:
    confusion()
    reading()


if __name__ == "__main__":
    main()
