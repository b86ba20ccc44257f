"""Compare the verdicts on links with those that a file of cases expects.

::

    python -m tests.benchmarks.links tests/corpora/links.jsonl

A case has ``url``, ``purpose``, ``expected`` and ``why``. ``expected`` is ``accept``, ``warn`` or ``refuse``, each with
an optional code, and alternatives divided by ``|``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import check_link

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
"""The clock of all cases."""


class Verdict(NamedTuple):
    """The verdict on a link: ``accept``, ``warn`` or ``refuse``, and the codes."""

    kind: str
    codes: tuple[str, ...] = ()

    def meets(self, expected: str) -> bool:
        """Return True if it is one of the alternatives that a case expects."""
        for one in expected.split("|"):
            kind, _, code = one.partition(":")
            if kind == self.kind and (not code or code in self.codes):
                return True
        return False

    def __str__(self) -> str:
        return f"{self.kind}:{','.join(self.codes)}" if self.codes else self.kind


def judge(url: str, purpose: Any) -> Verdict:
    """Check a link as a create does."""
    try:
        found = check_link(url, field="train_video_url", now=NOW, purpose=purpose)
    except InvalidLinkError as error:
        return Verdict("refuse", (str(error.reason),))
    return Verdict("warn", tuple(one.code for one in found)) if found else Verdict("accept")


def read(file: Path) -> Iterator[dict[str, str]]:
    """The cases of a file."""
    for line in file.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def main(files: list[str]) -> None:
    """Print every wrong verdict, and how many there are of each kind."""
    table: Counter[tuple[str, str]] = Counter()
    total = wrong = false_refusals = acceptable = 0
    for case in (one for file in files for one in read(Path(file))):
        verdict = judge(case["url"], case["purpose"])
        kinds = {one.partition(":")[0] for one in case["expected"].split("|")}
        total += 1
        table["/".join(sorted(kinds)), verdict.kind] += 1
        acceptable += "refuse" not in kinds
        false_refusals += verdict.kind == "refuse" and "refuse" not in kinds
        if not verdict.meets(case["expected"]):
            wrong += 1
            print(f"{case['expected']:28} {verdict!s:24} {case['url'][:150]}  ({case['why'][:70]})")
    print()
    for (expected, got), number in sorted(table.items()):
        print(f"{number:4} expected {expected:20} got {got}")
    print(f"{total} links, {wrong} wrong verdicts, {false_refusals} of {acceptable} usable links refused")


if __name__ == "__main__":
    main(sys.argv[1:])
