"""Make one small change to the code at a time and check that a test fails: ``make mutants``.

mutmut generates the changes. This script runs the tests, because mutmut's own runner only changes function bodies. Half
of the decisions in these files are in tables, defaults and class bodies. Each mutant is a file in a scratch copy. A
fork of this process tests it, so that pytest and the libraries are imported once.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import libcst
import pytest
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("overlay", "generated", "openapi", "tests", "pyproject.toml")
PACKAGE = "overlay/tavus_consent"

# The files to change, and the tests that must fail; the tests of the file itself come first.
_CONSENT = ("requirement", "spoken", "statement", "names", "exports", "errors", "parity", "replicas")
TESTS = {
    "http/retry.py": ("retries", "answers", "errors", "client", "replicas"),
    "http/answers.py": ("retries", "answers", "errors", "client", "replicas"),
    "_call_errors.py": ("errors", "retries", "answers", "exports"),
    "errors.py": ("errors", "retries", "answers", "exports", "results", "replicas"),
    "consent/__init__.py": _CONSENT,
    "consent/_alignment.py": ("matching",),
    "consent/_words.py": ("words", "matching"),
    "consent/attestation.py": _CONSENT,
    "consent/events.py": ("events", "states"),
    "consent/fold.py": ("states",),
    "consent/matching.py": ("matching",),
    "consent/names.py": ("names", "name_scripts"),
    "consent/policy.py": ("policy",),
    "consent/requirement.py": _CONSENT,
    "consent/spoken.py": _CONSENT,
    "consent/statement.py": _CONSENT,
    "consent/states.py": ("states",),
    "consent/thresholds.py": ("matching",),
}
# Modules to import before the forks: none that is changed, and none that imports a changed module.
WARM = ("attrs", "fontTools.unicodedata", "httpx", "hypothesis.strategies", "tavus_api", "yaml")
# Leave out an unneeded plugin, and two tests that take seconds; other writing systems test the same.
_SLOW = ("test_all_characters_of_a_script_go_together", "test_no_letter_of_a_script_goes_with_another_script")
PYTEST = (
    *("-x", "-qq", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--hypothesis-seed=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *(f"--deselect=tests/unit/test_name_scripts.py::{test}[{script}]" for test in _SLOW for script in ("Hang", "Hani")),
)
MAX_MEMORY = 4 * 1024**3


class Mutant(NamedTuple):
    """A change: the whole changed file, and the diff."""

    code: str
    diff: str


def mutants(path: str, code: str) -> Iterator[Mutant]:
    """Yield every change of mutmut, also in tables and defaults, except changes of sentences or without an effect."""
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    module = libcst.MetadataWrapper(libcst.parse_module(code)).visit(visitor)
    seen = {ast.dump(ast.parse(code))}
    for mutation in visitor.mutations:
        changed = deep_replace(module, mutation.original_node, mutation.mutated_node).code
        meaning = ast.dump(ast.parse(changed))
        if meaning not in seen and not is_sentence(mutation.original_node):
            seen.add(meaning)
            lines = difflib.unified_diff(code.splitlines(), changed.splitlines(), path, path, n=0, lineterm="")
            yield Mutant(changed, "\n".join(list(lines)[2:]))


def is_sentence(node: libcst.CSTNode) -> bool:
    """Return True for a string of several words. Raw strings are patterns, so they do not count."""
    return isinstance(node, libcst.SimpleString) and not node.prefix and bool(re.search(r"\w\W? \w+\W? \w", node.value))


def run_tests(tests: list[str], seconds: float, *, quiet: bool = True) -> str:
    """Run tests in a child and return ``"survived"``, ``"killed"`` or ``"timeout"``."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 70  # any error here means that the change was noticed
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
            if quiet:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
            status = int(pytest.main([*PYTEST, *tests]))
        except Exception:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout"
    return "killed" if os.waitstatus_to_exitcode(status) else "survived"


def main() -> int:
    """Try all mutants; print the counts and the mutants that survive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", help=f"files below {PACKAGE} (default: all of {', '.join(TESTS)})")
    wanted = parser.parse_args().files or list(TESTS)
    os.nice(10)
    with TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if Path(ROOT, name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder, name))
        os.chdir(folder)
        sys.path[:0] = [str(Path(folder, "overlay")), str(Path(folder, "generated"))]
        for name in WARM:
            importlib.import_module(name)
        totals: Counter[str] = Counter()
        for name in wanted:
            counts = try_all(name)
            print(f"{name}: {sum(counts.values())} mutants: {describe(counts)}", flush=True)
            totals += counts
    print(f"all: {sum(totals.values())} mutants: {describe(totals)}")
    return 0


def try_all(name: str) -> Counter[str]:
    """Try the mutants of one file."""
    path = Path(PACKAGE, name)
    tests = [f"tests/unit/test_{test}.py" for test in TESTS[name]]
    begun = time.monotonic()
    sys.dont_write_bytecode = False
    if run_tests(tests, 600, quiet=False) != "survived":
        sys.exit(f"the tests of {name} fail without any change: pytest {' '.join(tests)}")
    # The run has compiled everything for the next runs. But Python confuses mutants of the same second and size.
    sys.dont_write_bytecode = True
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()
    seconds = 10 + 5 * (time.monotonic() - begun)
    code = path.read_text(encoding="utf-8")
    counts: Counter[str] = Counter()
    for mutant in mutants(str(path), code):
        path.write_text(mutant.code, encoding="utf-8")
        outcome = run_tests(tests, seconds)
        if outcome == "survived":
            print(f"survived: {path}\n{mutant.diff}\n", flush=True)
        counts[outcome] += 1
    path.write_text(code, encoding="utf-8")
    return counts


def describe(counts: Counter[str]) -> str:
    """Return the counts in words."""
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
