"""The one error of the pipeline."""

from __future__ import annotations


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
        return f"step:   {self.step}\nfile:   {self.place}\ncause:  {self.cause}\nto do:  {self.remedy}"
