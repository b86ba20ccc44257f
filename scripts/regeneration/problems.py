"""The error of the pipeline, and functions that combine several errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeVar

from .markdown import visible

# The length that fits a terminal and a pull request. Anything longer belongs in a file.
MAX_REPORT = 3_900
_MAX_PART = {"file": 500, "from": 500, "cause": 1_500, "to do": 500}

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


class RegenerationError(Exception):
    """The failure of a step. The files of the repository are unchanged.

    Args:
        step: The step, such as ``"overlay"``.
        place: The file and the place in it that caused the error.
        cause: The problem.
        remedy: The action that a maintainer should take.
    """

    def __init__(self, step: str, place: str, cause: str, remedy: str) -> None:
        super().__init__(f"{step}: {place}: {cause}")
        self.step = step
        self.place = place
        self.cause = cause
        self.remedy = remedy
        self.origin = ""  # file, line and JSON pointer, once known
        self.problems: Sequence[RegenerationError] = [self]  # the individual problems

    def report(self, limit: int | None = MAX_REPORT) -> str:
        """Return the text for the terminal, up to a length, or the whole text if ``limit`` is ``None``."""
        return listed(self.problems, limit)


def listed(problems: Sequence[RegenerationError], limit: int | None = MAX_REPORT) -> str:
    """Return the texts of the problems that fit, and the number of the others."""
    texts = [_text(problem, limit is not None) for problem in problems]
    shown: list[str] = []
    left = (limit or 0) - 100
    for text in texts:
        left -= len(text) + 2
        if limit is not None and shown and left < 0:
            return "\n\n".join([*shown, f"and {len(texts) - len(shown)} more problems"])
        shown.append(text)
    return "\n\n".join(shown)


def _text(problem: RegenerationError, cut: bool) -> str:
    parts = {"step": problem.step, "file": problem.place, "from": problem.origin, "cause": problem.cause}
    parts["to do"] = problem.remedy
    lines = []
    for name, text in parts.items():
        # The text may contain foreign control characters, which must not reach the terminal.
        written = "\n".join(map(visible, text.split("\n")))
        most = _MAX_PART.get(name, len(written)) if cut else len(written)
        if written:
            lines.append(f"{name + ':':<8}{written[:most]}{'…' if len(written) > most else ''}")
    return "\n".join(lines)


def fail(problem: RegenerationError) -> NoReturn:
    """Raise the problem instead of tolerating it."""
    raise problem


def together(problems: Iterable[RegenerationError]) -> RegenerationError:
    """Return one error for all problems, without duplicates."""
    every = {(one.step, one.place, one.cause): one for problem in problems for one in problem.problems}
    known = list(every.values())
    if len(known) == 1:
        return known[0]
    first = known[0]
    error = RegenerationError(first.step, first.place, first.cause, first.remedy)
    error.args, error.problems = ("; ".join(map(str, known)),), known
    return error


def each(
    call: Callable[[_Given], _Made], values: Iterable[_Given], tolerate: Callable[[RegenerationError], None]
) -> list[_Made]:
    """Call a function with every value and return its results. Pass its errors to ``tolerate``."""
    made = []
    for value in values:
        try:
            made.append(call(value))
        except RegenerationError as problem:
            tolerate(problem)
    return made
