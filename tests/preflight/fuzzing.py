"""``python -m tests.preflight.fuzzing``: check damaged files in children, and watch this process while it does.

The files are made by another process, since making them takes memory.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tavus_consent.preflight import Budget, Isolation, PreflightReport, preflight

from .mutants import mutated
from .speech import NAME, Canned

MAX_PEAK = 150 * 1024**2
_BYTES = 4_000_000
_CODES = ("video_processing", "audio_processing", "download_link")
_SMALL: dict[str, Any] = {"size": (320, 180), "seconds": 3}
FILES: dict[str, dict[str, Any]] = {
    "plain": {},
    "faststart": {"options": {"movflags": "faststart"}},
    "fragmented": {"options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}},
    "mp3": {"audio": "libmp3lame"},
    "mov": {"format": "mov", "audio": "pcm_s16le"},
    "matroska": {"format": "matroska"},
}


def peak() -> int:
    """The most memory that this process had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says counts the process that started this one, too
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def make_files(folder: Path) -> None:
    from .media import make_video

    for name, wanted in FILES.items():
        make_video(folder / name, **_SMALL | wanted)


def one(content: bytes, isolation: Isolation, chance: random.Random) -> PreflightReport:
    """Check one damaged file, and the report."""
    report = preflight(
        consent_video=io.BytesIO(mutated(content, chance)),
        full_name=NAME,
        speech=Canned(),
        budget=Budget(bytes=_BYTES, seconds=60),
        isolation=isolation,
    )
    assert report.findings
    assert report.spent["consent"].bytes <= _BYTES
    report.to_json(words=True)
    return report


def fuzz(files: list[bytes], seed: int, cases: range) -> Counter[str]:
    """Check one damaged file after the other in reused children; how often each problem was found."""
    found: Counter[str] = Counter()
    with Isolation() as isolation:
        for number in cases:
            try:
                report = one(files[number % len(files)], isolation, random.Random(f"{seed}/{number}"))
            except BaseException:
                print(f"FAILED: case {number}. Again: python -m tests.preflight.fuzzing --seed {seed} --only {number}")
                raise
            found.update({f"{each.code}: {each.measured}" for each in report.problems if each.code in _CODES})
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the default is another each time")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--only", type=int, help="one case of a seed")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_files(options.make)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.preflight.fuzzing", "--make", folder]
        subprocess.run(command, check=True)
        files = [Path(folder, name).read_bytes() for name in FILES]
    print(f"seed {options.seed}", flush=True)
    workers = os.cpu_count() or 1
    parts = [range(at, options.cases, workers) for at in range(workers)]
    if options.only is not None:
        parts = [range(options.only, options.only + 1)]
    begin = time.monotonic()
    with ThreadPoolExecutor(len(parts)) as threads:
        found = sum(threads.map(lambda part: fuzz(files, options.seed, part), parts), Counter[str]())
    most = peak()
    print(f"{sum(map(len, parts)):,} damaged files in {time.monotonic() - begin:.0f} s, peak {most / 1024**2:.0f} MiB")
    print(*(f"{count:>7,}  {reason}" for reason, count in found.most_common()), sep="\n")
    return int(most > MAX_PEAK)


if __name__ == "__main__":
    sys.exit(main())
