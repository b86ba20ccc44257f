"""Serve the fake and let schemathesis try to break it, with schemathesis.toml: ``make fuzz``.

Runs of a few hundred cases, each against a fresh fake and with the next seed, until there were enough: one long run
draws fewer cases a second the longer it gets, and hardly more chains of requests.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tavus_consent.testing import FakeRequest, FakeResponse, FakeTavus

ROOT = Path(__file__).resolve().parents[1]
SPEC = "generated/tavus_api/openapi.json"
PHASES = ("examples", "coverage", "fuzzing", "stateful")


class HurriedTavus(FakeTavus):
    """A fake on which every request takes 20 minutes: all states occur, and a seed gives the same run again."""

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Let time pass, then answer."""
        self.advance(minutes=20)
        return super().handle(request)


def run(seed: int, examples: int, url: str) -> tuple[dict[str, Any], str]:
    """One run of schemathesis; its report and what it printed."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run", SPEC, "--url", url, "--checks", "all"]
        command += ["--seed", str(seed), "--max-examples", str(examples)]
        command += ["--report", "json", "--report-json-path", str(report)]
        # Tracing the fuzzer would only slow it down.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        environment["PYTHONHASHSEED"] = "0"  # the order of sets decides what is drawn
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return json.loads(report.read_bytes()) if report.exists() else {}, done.stdout


def problems(report: dict[str, Any]) -> list[str]:
    """What is wrong with a run; a run that tested too little counts, too."""
    if not report:
        return ["schemathesis did not finish"]
    found = [] if report["exit_code"] == 0 and report["complete"] else ["schemathesis found something"]
    found += [f"phase {name}: {report['phases'][name]['status']}" for name in PHASES if not _passed(report, name)]
    if report["operations"]["tested"] != report["operations"]["total"]:
        found.append("not every operation was tested")
    found += [
        f"{operation}: no valid request was accepted"
        for operation, phases in report["valid_rates"].items()
        if not any(rate["accepted"] for rate in phases.values())
    ]
    return found


def _passed(report: dict[str, Any], phase: str) -> bool:
    return bool(report["phases"][phase]["status"] == "success")


def main() -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(description="Fuzz the fake.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the default is another each time")
    parser.add_argument("--examples", type=int, default=100, help="per operation and run")
    parser.add_argument("--cases", type=int, default=1, help="run until there were so many")
    options = parser.parse_args()
    seed, cases = options.seed, 0
    while cases < options.cases:
        fake = HurriedTavus()
        for _ in range(20):
            fake.fail_training("video_fps")
        with fake.serve() as url:
            report, output = run(seed, options.examples, url)
        found = problems(report)
        if found:
            print(output, *found, sep="\n")
            print(f"FAILED. Again: python scripts/fuzz.py --seed {seed} --examples {options.examples}")
            return 1
        generated = report["test_cases"]["generated"]
        phases = ", ".join(f"{name} {report['phases'][name]['status']}" for name in PHASES)
        print(f"seed {seed}: {generated} cases; {phases}", flush=True)
        cases += generated
        seed += 1
    print(f"{cases} cases ran, first seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
