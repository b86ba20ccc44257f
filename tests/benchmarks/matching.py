"""``python -m tests.benchmarks.matching``: verdicts of the matcher on the corpora. It asserts nothing.

We wrote these lines ourselves, and chose some thresholds and rules with their help, so the numbers do not measure
accuracy. Real recordings have other errors."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tavus_consent.consent import STATEMENT, Verdict, match_statement
from tavus_consent.consent.statement import NAME_SLOT
from tavus_consent.consent.thresholds import THRESHOLDS, Thresholds

CORPORA = Path(__file__).parents[1] / "corpora"


def corpus(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPORA / f"{name}.jsonl").read_text("utf-8").splitlines()]


def corpus_id() -> str:
    """Return the name of the lines that a calibration is measured on: it changes with any of them."""
    files = [CORPORA / f"{name}.jsonl" for name in ("right_statements", "changed_statements", "relatives")]
    return "text-" + hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def counted(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(verdicts)
    return "  ".join(f"{verdict} {counts[verdict]:>5}" for verdict in Verdict)


def judge(name: str, heard: str, spoken_as: Iterable[str], thresholds: Thresholds) -> Verdict:
    said = STATEMENT.text.replace(NAME_SLOT, heard)
    return match_statement(said, name, spoken_as=tuple(spoken_as), thresholds=thresholds).verdict


def names(thresholds: Thresholds) -> None:
    misheard = corpus("misheard_names")
    spoken = {one["name"]: one.get("spoken_as", ()) for one in misheard}
    right = counted(judge(one["name"], one["heard"], spoken[one["name"]], thresholds) for one in misheard)
    unaided = counted(judge(one["name"], one["heard"], (), thresholds) for one in misheard)
    wrong = counted(
        judge(name, other, spoken[name], thresholds) for name in spoken for other in spoken if other != name
    )
    alike = counted(judge(one["name"], one["heard"], (), thresholds) for one in corpus("similar_names"))
    print(f"calibration {thresholds.engine!r} on {corpus_id()}")
    print(f"  misheard names, with spoken_as     {right}")
    print(f"  misheard names, without            {unaided}")
    print(f"  every name said for every other    {wrong}")
    print(f"  somebody else's, sounding alike    {alike}   (sound cannot tell all of these apart)")
    relatives = counted(judge(one["name"], one["heard"], (), thresholds) for one in corpus("relatives"))
    print(f"  a relative or colleague            {relatives}")
    for kind in ("right", "changed"):
        verdicts = (
            match_statement(
                one["say"], one["name"], where=one.get("where", "consent_video"), thresholds=thresholds
            ).verdict
            for one in corpus(f"{kind}_statements")
        )
        print(f"  {kind + ' statements':<34} {counted(verdicts)}")


def statements() -> None:
    wanted: Counter[str] = Counter()
    got: Counter[str] = Counter()
    for one in corpus("statements"):
        match = match_statement(
            one["say"],
            one["name"],
            spoken_as=one.get("spoken_as", ()),
            where=one.get("where", "consent_video"),
            thresholds=None if "engine" not in one else THRESHOLDS[-1],
        )
        wanted[one["expect"]] += 1
        got[one["expect"]] += match.verdict == one["expect"]
    print("statements, honest and adversarial: verdicts as expected")
    for expect, count in wanted.items():
        print(f"  {expect:<9} {got[expect]:>3} of {count}")


def cost() -> None:
    script = " Today I will show you what our team made since the beginning of this year."
    print("time for one match (median of 21), by length of the transcript")
    for repeats in (0, 20, 200):
        said = STATEMENT.text.replace(NAME_SLOT, "Rio Alvarez") + script * repeats
        times = []
        for _ in range(21):
            begin = time.perf_counter()
            match_statement(said, "Rio Alvarez")
            times.append(time.perf_counter() - begin)
        print(f"  {len(said.split()):>5} words  {statistics.median(times) * 1e3:8.1f} ms")


def main() -> None:
    """All of it, as text."""
    for calibration in THRESHOLDS:
        names(calibration)
    statements()
    cost()


if __name__ == "__main__":
    main()
