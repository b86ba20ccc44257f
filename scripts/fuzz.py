"""Serve the fake and let schemathesis try to break it, with schemathesis.toml: ``make fuzz``.

The script repeats runs of a few hundred cases until there are enough cases. Each run uses a new fake and the next seed.
A single long run would slow down over time and produce hardly more chains of requests.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tavus_consent.testing import FakeRequest, FakeResponse, FakeTavus
from tavus_consent.testing._routes import shipped_router

LONG = {"participant_absent_timeout": 80_000, "max_call_duration": 80_000}
ROOT = Path(__file__).resolve().parents[1]
SPEC = "generated/tavus_api/openapi.json"
PHASES = ("examples", "coverage", "fuzzing", "stateful")


class HurriedTavus(FakeTavus):
    """A fake on which every request takes five seconds, so that all states occur and a seed reproduces a run."""

    def __init__(self) -> None:
        super().__init__(training_time=timedelta(minutes=5))
        for kind, error in (("replica", "video_fps"), ("video", "video_error"), ("document", "file_empty")):
            for _ in range(5):
                self.fail(kind, error)
        # Objects named in schemathesis.toml, because long chains are rarely drawn. Some of the PALs will be deleted.
        pals = [self._create("POST", "pals", default_face_id="r90bbd427f71")["pal_id"] for _ in range(6)]
        for pal_id in pals:
            self._create("POST", f"pals/{pal_id}/tools", tool_ids=["t51ab1e000001"])
            self._create("PUT", f"pals/{pal_id}/skills/presentation")
        self._create("POST", "pronunciation-dictionaries", name="names")
        self._create("POST", "conversations", face_id="r90bbd427f71", properties=LONG)
        self._create("POST", "deployments", pal_id="pcb7a34da5fe", channel="widget")
        self._create("POST", "documents", document_url="https://media.example/", crawl={"depth": 1})
        pinned = ["Prefers concise answers"]
        self._create("POST", "memory-stores", pal_id="pcb7a34da5fe", participant_tag="anna", pinned_memories=pinned)

    def _create(self, method: str, path: str, **body: object) -> dict[str, Any]:
        headers = {"x-api-key": self.api_key, "content-type": "application/json"}
        answer = super().handle(FakeRequest(method, f"/v2/{path}", "", headers, json.dumps(body).encode()))
        created: dict[str, Any] = answer.json()
        return created

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Advance the clock, then answer."""
        self.advance(seconds=5)
        return super().handle(request)


def run(seed: int, examples: int, phases: Sequence[str], url: str) -> tuple[dict[str, Any], str]:
    """Run schemathesis once; return its report and its output."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run", SPEC, "--url", url]
        command += ["--seed", str(seed), "--max-examples", str(examples), "--phases", ",".join(phases)]
        command += ["--report", "json", "--report-json-path", str(report)]
        # Tracing would only slow down the fuzzer.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        environment["PYTHONHASHSEED"] = "0"  # the order of sets affects the drawn cases
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return json.loads(report.read_bytes()) if report.exists() else {}, done.stdout


def problems(report: dict[str, Any], phases: Sequence[str]) -> list[str]:
    """Return the problems of a run, including too few tested operations."""
    if not report:
        return ["schemathesis did not finish"]
    found = [] if report["exit_code"] == 0 and report["complete"] else ["schemathesis found something"]
    found += [f"phase {name}: {report['phases'][name]['status']}" for name in phases if not _passed(report, name)]
    if report["operations"]["tested"] != report["operations"]["total"]:
        found.append("not every operation was tested")
    return found


def _passed(report: dict[str, Any], phase: str) -> bool:
    return bool(report["phases"][phase]["status"] == "success")


def main() -> int:
    """Run the command and return the exit status."""
    parser = argparse.ArgumentParser(description="Fuzz the fake.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: a different one each time")
    parser.add_argument("--examples", type=int, default=40, help="per operation and run")
    parser.add_argument("--phases", type=lambda given: given.split(","), default=PHASES, help="separated by commas")
    parser.add_argument("--cases", type=int, default=1, help="run until this many cases")
    options = parser.parse_args()
    seed, cases = options.seed, 0
    never_accepted = set(shipped_router().operations)
    while cases < options.cases:
        fake = HurriedTavus()
        with fake.serve() as url:
            report, output = run(seed, options.examples, options.phases, url)
        found = problems(report, options.phases)
        if found:
            print(output, *found, sep="\n")
            print(f"FAILED. Again: python scripts/fuzz.py --seed {seed} --examples {options.examples}")
            return 1
        generated = report["test_cases"]["generated"]
        phases = ", ".join(f"{name} {report['phases'][name]['status']}" for name in options.phases)
        print(f"seed {seed}: {generated} cases; {phases}", flush=True)
        never_accepted -= {request.operation for request in fake.requests if request.status and request.status < 400}
        cases += generated
        seed += 1
    print(
        f"{cases} cases ran, first seed {options.seed}; never accepted: {', '.join(sorted(never_accepted)) or 'none'}"
    )
    # Chains of three requests are rare, so short runs do not contain all of them.
    return int(len(never_accepted) > (0 if cases >= 10_000 else 15))


if __name__ == "__main__":
    sys.exit(main())
