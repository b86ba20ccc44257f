"""The one error of the pipeline."""

from __future__ import annotations

from typing import NoReturn

from .markdown import visible


class RegenerationError(Exception):
    """A step failed; the tree is as it was.

    Args:
        step: What was being done, e.g. ``"overlay"``.
        place: The file, and the place in it, where the cause is.
        cause: What is wrong.
        remedy: What a maintainer should do about it.
    """

    def __init__(self, step: str, place: str, cause: str, remedy: str) -> None:
        super().__init__(f"{step}: {place}: {cause}")
        self.step = step
        self.place = place
        self.cause = cause
        self.remedy = remedy

    def report(self) -> str:
        """The text for the terminal."""
        parts = {"step": self.step, "file": self.place, "cause": self.cause, "to do": self.remedy}
        # What others wrote is in it: nothing of that may steer the terminal.
        lines = ("\n".join(map(visible, text.split("\n"))) for text in parts.values())
        return "\n".join(f"{name + ':':<8}{text}" for name, text in zip(parts, lines, strict=True))


def fail(problem: RegenerationError) -> NoReturn:
    """Tolerate nothing."""
    raise problem
