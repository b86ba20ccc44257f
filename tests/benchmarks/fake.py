"""The fake with many objects: the memory of a replica, and the time of a list's first page.

::

    python -m tests.benchmarks.fake [--count 200000]

It fails if a replica costs more than 2,000 bytes, or if a first page takes more than 5 ms.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import Iterator

from tavus_consent.testing import FakeRequest, FakeTavus

from .table import Row, show

MOST_BYTES = 2000
MOST_MS = 5.0
LISTS = (
    "/v2/replicas",
    "/v2/replicas?replica_type=user",
    "/v2/replicas?limit=100&verbose=true",
    "/v2/faces",
    "/v2/voices",
    "/__fake__/state",
)
HEADERS = {"x-api-key": "fake-key", "content-type": "application/json"}
VIDEO = {"train_video_url": "https://bucket.example/train.mp4"}
PHOTO = {"train_image_url": "https://bucket.example/photo.jpg", "voice_name": "anna"}
LOG_LENGTH = 10_000


def fill(fake: FakeTavus, count: int, body: dict[str, str] = VIDEO) -> None:
    """Train replicas."""
    for number in range(count):
        sent = json.dumps({**body, "face_name": f"Rio {number}"}).encode()
        assert fake.handle(FakeRequest("POST", "/v2/faces", "", HEADERS, sent)).status == 200


def bytes_each(count: int, body: dict[str, str]) -> tuple[float, float]:
    """Return the bytes of a replica in training and of a trained one, without the log of requests."""
    fake = FakeTavus()
    fill(fake, LOG_LENGTH, body)
    fake.advance(hours=5)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    fill(fake, count, body)
    training = tracemalloc.get_traced_memory()[0] - before
    fake.advance(hours=5)
    trained = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return training / count, trained / count


def first_pages(count: int) -> Iterator[tuple[str, float]]:
    """Yield the median milliseconds of first pages, from the request to the answer."""
    fake = FakeTavus()
    fill(fake, count)
    fake.advance(hours=5)
    for url in LISTS:
        path, _, query = url.partition("?")
        times = []
        for _ in range(21):
            begin = time.perf_counter()
            if path.startswith("/__fake__"):
                fake.page_of("replica", 0, 100)
            else:
                assert fake.handle(FakeRequest("GET", path, query, HEADERS)).status == 200
            times.append((time.perf_counter() - begin) * 1000)
        yield url, statistics.median(times)


def many_rows(count: int) -> tuple[list[Row], bool]:
    """Return the rows of the table, and whether a number misses its goal."""
    training, trained = bytes_each(min(count, 20_000), PHOTO)
    voiced = bytes_each(min(count, 20_000), VIDEO)[1]
    pages = list(first_pages(count))
    goal = f"{MOST_BYTES} or less"
    rows = [
        Row("bytes of a replica in training, in the fake", f"{training:.0f}", "-", "-", None, goal),
        Row("bytes of a trained replica", f"{trained:.0f}", "-", "-", None, goal),
        Row("bytes of the voice that its training made", f"{voiced - trained:.0f}", "-", "-", None, goal),
        *(Row(f"first page of {url}", f"{ms:.2f} ms", f"{count} replicas", "-", None, "5 ms") for url, ms in pages),
    ]
    return rows, any(ms > MOST_MS for _, ms in pages) or max(training, trained, voiced - trained) > MOST_BYTES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=200_000)
    rows, misses = many_rows(parser.parse_args().count)
    show(rows)
    raise SystemExit(int(misses))


if __name__ == "__main__":
    main()
