"""``make bench``: the costs of the SDK, each number next to its baseline, measured in one run.

It asserts nothing. Ratios are medians over rounds that alternate between the two sides.
"""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

import tavus_consent as tc
from tavus_consent import Replica

from . import hearing, matching, preflight
from .callbacks import callback_rows
from .fake import many_rows
from .ledger import ledger_rows
from .servers import constant_server, requests_per_second
from .table import Row, show
from .uses import use_rows

ROOT = Path(__file__).resolve().parents[2]
FULL_SPEC = ROOT.parent / "shared" / "specs" / "tavus-openapi-2026-05-23.yaml"
TRAIN, CONSENT = "https://bucket.example/train.mp4", "https://bucket.example/consent.mp4"
BODY = {"train_video_url": TRAIN, "consent_video_url": CONSENT, "replica_name": "Rio", "model_name": "phoenix-4"}
FRESH = httpx.Limits(max_connections=100, max_keepalive_connections=0)
"""The client opens a connection for each create, so what it is compared to does as well."""
READ = "rf4e9d9790f0"
SPOKEN = tc.SpokenConsent(full_name="Rio Alvarez", video_url=CONSENT)

ANSWERING = (
    "import httpx; answering = httpx.MockTransport("
    "lambda _: httpx.Response(200, json={'replica_id': 'r1', 'status': 'ready'}))"
)


def paired(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Medians of both sides and of their ratio; the sides take turns so that a busy machine hits both."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


# start


def process_seconds(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - begin


def start_rows() -> Iterator[Row]:
    empty = min(process_seconds("pass") for _ in range(9))
    for what, mine, other, goal in (
        ("import", "import tavus_consent", "import httpx", "0.25 or less"),
        (
            "first client ready",
            "import tavus_consent; tavus_consent.Tavus('key')",
            "import httpx; httpx.Client()",
            "1.3 or less",
        ),
        (
            "first replica read",
            f"{ANSWERING}; import tavus_consent; tavus_consent.Tavus('key', transport=answering).replicas.get('r1')",
            f"{ANSWERING}; httpx.Client(transport=answering).get('https://b.example/r1').json()",
            "1.15 or less",
        ),
    ):
        ours, theirs, ratio = paired(
            lambda m=mine: process_seconds(m) - empty, lambda o=other: process_seconds(o) - empty, 9
        )
        shown = "the same with httpx" if ANSWERING in other else other
        yield Row(what, f"{ours * 1e3:.1f} ms", shown, f"{theirs * 1e3:.1f} ms", ratio, goal)
    code = "import time, tavus_consent; tavus_consent.Tavus('key'); begin = time.perf_counter();"
    code += "import tavus_api.api.personas; print(time.perf_counter() - begin)"
    found = [
        float(subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True).stdout)
        for _ in range(9)
    ]
    yield Row("import of a namespace", f"{statistics.median(found) * 1e3:.1f} ms", "-", "-", None, "7 ms or less")


def size_rows() -> Iterator[Row]:
    """Measure the generated code that reading a replica loads, and the size of the package on disk."""
    loaded = (
        f"{ANSWERING}; import sys, tavus_consent; tavus_consent.Tavus('key', transport=answering).replicas.get('r1');"
        "parts = ('tavus_api.models.', 'tavus_api.api.');"
        "print(sum(name.startswith(parts) for name in sys.modules))"
    )
    modules = subprocess.run(
        [sys.executable, "-c", loaded], check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout
    sources = [path for folder in ("overlay", "generated") for path in (ROOT / folder).rglob("*") if path.is_file()]
    sources = [path for path in sources if "__pycache__" not in path.parts]
    every = sum(path.suffix == ".py" for path in sources if "generated" in path.parts)
    yield Row("generated modules for a replica", modules.strip(), "all there are", str(every), None, "0 of other tags")
    megabytes = sum(path.stat().st_size for path in sources) / 1e6
    yield Row("size of the package", f"{megabytes:.1f} MB", "-", "-", None, "3 MB or less")


# calls


def micros(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us"


def cpu_per_call(call: Callable[[], Any], count: int) -> float:
    begin = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - begin) / count


def sync_rows(url: str) -> Iterator[Row]:
    bare = httpx.Client(base_url=url, headers={"x-api-key": "key"}, limits=FRESH)
    tavus = tc.Tavus("key", base_url=url, ledger=None)

    def ours() -> Any:
        return tavus.replicas.create_personal(
            train_video_url=TRAIN, consent=SPOKEN, replica_name="Rio", model_name="phoenix-4"
        )

    def theirs() -> Any:
        return bare.post("/v2/replicas", json=BODY).json()

    for call in (ours, theirs):
        cpu_per_call(call, 100)
    mine, other, ratio = paired(lambda: cpu_per_call(ours, 150), lambda: cpu_per_call(theirs, 150), 15)
    yield Row(
        "CPU per create, sync", f"{mine * 1e6:.0f} us", "httpx.Client", f"{other * 1e6:.0f} us", ratio, "1.05 or less"
    )
    kept = httpx.Client(base_url=url, headers={"x-api-key": "key"})
    for call in (get := lambda: tavus.replicas.get(READ), bare_get := lambda: kept.get(f"/v2/replicas/{READ}").json()):
        cpu_per_call(call, 100)
    mine, other, ratio = paired(lambda: cpu_per_call(get, 150), lambda: cpu_per_call(bare_get, 150), 15)
    yield Row("CPU per get, sync", micros(mine), "httpx.Client", micros(other), ratio, "0.95 or less")
    kept.close()
    try:
        import openai
    except ImportError:
        yield Row("CPU per create, sync", "-", "openai-python", "not installed", None, "")
        return
    sdk = openai.OpenAI(api_key="key", base_url=url, http_client=openai.DefaultHttpxClient(limits=FRESH))

    def anchor() -> Any:
        return sdk.post("/v2/replicas", body=BODY, cast_to=object)

    cpu_per_call(anchor, 100)
    mine, other, ratio = paired(lambda: cpu_per_call(anchor, 150), lambda: cpu_per_call(theirs, 150), 9)
    yield Row(
        "  openai-python, the same",
        f"{mine * 1e6:.0f} us",
        "httpx.Client",
        f"{other * 1e6:.0f} us",
        ratio,
        "(was 1.76)",
    )
    bare.close()
    tavus.close()
    sdk.close()


def async_rows(url: str) -> Iterator[Row]:
    async def measure() -> tuple[float, float, float]:
        async with (
            httpx.AsyncClient(base_url=url, headers={"x-api-key": "key"}, limits=FRESH) as bare,
            tc.AsyncTavus("key", base_url=url, ledger=None) as tavus,
        ):

            async def ours() -> None:
                await tavus.replicas.create_personal(
                    train_video_url=TRAIN, consent=SPOKEN, replica_name="Rio", model_name="phoenix-4"
                )

            async def theirs() -> None:
                (await bare.post("/v2/replicas", json=BODY)).json()

            async def cpu(call: Callable[[], Awaitable[None]], rounds: int) -> float:
                begin = time.process_time()
                for _ in range(rounds):
                    await asyncio.gather(*(call() for _ in range(100)))
                return (time.process_time() - begin) / rounds / 100

            await cpu(ours, 2)
            await cpu(theirs, 2)
            pairs = [(await cpu(ours, 3), await cpu(theirs, 3)) for _ in range(9)]
            return (
                statistics.median(a for a, _ in pairs),
                statistics.median(b for _, b in pairs),
                statistics.median(a / b for a, b in pairs),
            )

    mine, other, ratio = asyncio.run(measure())
    what = "CPU per create, async, 100 at once"
    yield Row(what, micros(mine), "httpx.AsyncClient", micros(other), ratio, "0.5 or less")


# the fake


@contextmanager
def served(command: list[str], port: int, *, cwd: Path) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} did not start")
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def fake_rows() -> Iterator[Row]:
    body = json.dumps(BODY).encode()
    head = "POST /v2/replicas HTTP/1.1\r\nhost: localhost\r\nx-api-key: fake-key\r\ncontent-type: application/json\r\n"
    request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    port = free_port()
    command = str(Path(sys.executable).with_name("tavus-consent"))
    with served([command, "mock", "--port", str(port)], port, cwd=ROOT):
        ours = requests_per_second("127.0.0.1", port, request)
    what = "fake server, creates per second"
    prism = install_prism()
    if prism is None:
        yield Row(what, f"{ours:,.0f}", "Prism", "node is not here", None, "3 or more")
        return
    port = free_port()
    spec = ROOT / "openapi" / "tavus.yaml"
    with served([str(prism), "mock", "-p", str(port), "-h", "127.0.0.1", str(spec)], port, cwd=ROOT):
        theirs = requests_per_second("127.0.0.1", port, request)
    yield Row(what, f"{ours:,.0f}", "Prism (stateless)", f"{theirs:,.0f}", ours / theirs, "3 or more")


def install_prism() -> Path | None:
    """Prism from npm, kept between runs in an ignored folder; ``None`` without node."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    home = ROOT / ".venv" / "prism"
    command = home / "node_modules" / ".bin" / "prism"
    if not command.exists():
        home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--silent", "--no-save", "--prefix", str(home), "@stoplight/prism-cli@5"], check=False
        )
        if done.returncode or not command.exists():
            return None
    return command


# regeneration


def regeneration_rows() -> Iterator[Row]:
    what = "regeneration, 54 operations"
    if not FULL_SPEC.exists():
        yield Row(what, "-", "the generator alone", "the spec is not here", None, "3 or less")
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)

        def ours() -> float:
            target = out / f"tree-{time.monotonic_ns()}"
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, "scripts/regenerate.py", "--source", str(FULL_SPEC), "--output", str(target)],
                cwd=ROOT,
                check=True,
                capture_output=True,
            )
            return time.perf_counter() - begin

        ours()
        built = next(out.glob("tree-*/openapi/tavus.yaml"))

        def theirs() -> float:
            begin = time.perf_counter()
            command = Path(sys.executable).with_name("openapi-python-client")
            subprocess.run(
                [
                    command,
                    "generate",
                    "--path",
                    built,
                    "--meta",
                    "none",
                    "--overwrite",
                    "--output-path",
                    out / "alone",
                    "--config",
                    ROOT / "openapi" / "generator.yaml",
                ],
                cwd=out,
                check=True,
                capture_output=True,
            )
            return time.perf_counter() - begin

        mine, other, ratio = paired(ours, theirs, 3)
    yield Row(what, f"{mine:.1f} s", "the generator alone", f"{other:.1f} s", ratio, "3 or less")


# memory


def memory_rows() -> Iterator[Row]:
    one = {
        "replica_id": "r90bbd427f71",
        "replica_name": "My Replica",
        "thumbnail_video_url": "https://cdn.example/thumbnails/r90bbd427f71.mp4",
        "training_progress": "100/100",
        "status": "completed",
        "created_at": "2024-01-24T07:14:03.327Z",
        "updated_at": "2024-01-24T07:14:03.327Z",
        "error_message": None,
        "replica_type": "user",
        "model_name": "phoenix-4",
    }
    text = json.dumps([{**one, "replica_id": f"r{number:011x}"} for number in range(1000)])

    def held(decode: Callable[[], Any]) -> float:
        gc.collect()
        tracemalloc.start()
        kept = decode()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(kept) == 1000
        return float(size)

    ours = held(lambda: [Replica.from_json(item) for item in json.loads(text)])
    theirs = held(lambda: json.loads(text))
    sizes = f"{ours / 1e3:.0f} kB", "plain dicts", f"{theirs / 1e3:.0f} kB"
    yield Row("memory of 1,000 replicas", *sizes, ours / theirs, "0.9 or less")


def main() -> None:
    rows: list[Row] = []
    rows += start_rows()
    rows += size_rows()
    with constant_server() as url:
        rows += sync_rows(url)
        rows += async_rows(url)
    rows += memory_rows()
    rows += regeneration_rows()
    rows += fake_rows()
    rows += ledger_rows()
    rows += use_rows()
    rows += callback_rows()
    rows += many_rows(50_000)[0]
    show(rows)
    print()
    matching.main()
    print()
    preflight.main()
    print()
    hearing.main()


if __name__ == "__main__":
    main()
