"""Finds a statement in a transcript: its words in their order, with a slot for each name. Pure.

The alignment is semi-global: words before and after the statement cost nothing. A slot takes any words, so that an
unknown name does not count as wrong words. Other modules judge whether it is the right name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from attrs import frozen

from ._words import similarity

PERSON: Final = "[person]"
COMPANY: Final = "[company]"
# The maximum number of words in a slot: eight words of a name, and engines that split a word in two.
SLOTS: Final[Mapping[str, int]] = {PERSON: 14, COMPANY: 3}
MAX_HEARD: Final = 3000
"""The maximum number of words to search, twenty minutes of speech. The statement belongs at the beginning."""
_IN_SLOT: Final = 0.01  # a small cost, so that a slot takes no more words than it needs
_EMPTY: Final = {PERSON: 0.5}  # so that "I, Rio, I'm currently" does not match a statement without a name
_ANCHOR: Final = {
    "consent": 3.0
}  # so that "do not consent Tavus" is found as two words too many, not as a strange name
_STRANGE: Final = 0.4
_MISSING: Final = 0.05  # so that extra words do not match as another start of the statement

EditKind = Literal["same", "missing", "extra", "changed", "slot"]


@frozen
class AlignmentStep:
    """One step of the alignment.

    Attributes:
        operation: ``same``, ``missing``, ``extra``, ``changed``, or ``slot``.
        place: Index in the statement; for an extra word, the index of the word before it.
        heard: Indices of the words heard, from the first to one past the last.
    """

    operation: EditKind
    place: int
    heard: tuple[int, int]


@frozen
class Alignment:
    """The position of the statement in the transcript, and how it aligns.

    Attributes:
        expected: The words and slots of the statement.
        steps: The steps from the first word of the statement to the last.
        window: Indices of the words heard, from the first to one past the last.
        cost: The total cost of all differences.
    """

    expected: tuple[str, ...]
    steps: tuple[AlignmentStep, ...]
    window: tuple[int, int]
    cost: float

    def slot(self, name: str) -> tuple[int, int]:
        """Return the indices of the words heard in a slot."""
        return next(step.heard for step in self.steps if self.expected[step.place] == name and step.operation == "slot")

    def error(self, begin: int, end: int, weights: Mapping[str, float]) -> float:
        """Return the weighted share of some words of the statement that were heard differently; 0 is perfect.

        Args:
            begin: Index of the first word.
            end: One past the index of the last.
            weights: Weights other than 1, by word. An extra word weighs 1.
        """
        total = sum(_weight(word, weights) for word in self.expected[begin:end])
        wrong = sum(
            1.0 if step.operation == "extra" else _weight(self.expected[step.place], weights)
            for step in self.steps
            if begin <= step.place < end and step.operation in ("missing", "extra", "changed")
        )
        return wrong / total


def _weight(word: str, weights: Mapping[str, float]) -> float:
    return 0.0 if word in SLOTS else weights.get(word, 1.0)


def align(expected: Sequence[str], heard: Sequence[str], weights: Mapping[str, float]) -> Alignment:
    """Find the best place for the statement; the first of equally good places.

    Args:
        expected: Words of the statement in normal form, with slots.
        heard: Words heard in normal form, at most :data:`MAX_HEARD`.
        weights: Weights other than 1, by word.
    """
    # rows[i][j]: least cost of the first i words of the statement, ending after the first j words heard
    rows: list[list[float]] = [[0.0] * (len(heard) + 1)]
    came: list[list[tuple[EditKind, int]]] = [[("same", 0)] * (len(heard) + 1)]
    for place, word in enumerate(expected):
        if word in SLOTS:
            costs, ways = _slot_row(rows[-1], word)
        else:
            beside = PERSON in expected[max(0, place - 1) : place + 2]
            costs, ways = _word_row(rows[-1], word, heard, weights, beside)
        rows.append(costs)
        came.append(ways)
    end = min(range(len(heard) + 1), key=rows[-1].__getitem__)
    while end < len(heard) and rows[-1][end + 1] == rows[-1][end]:  # a last word that was changed, not omitted
        end += 1
    steps: list[AlignmentStep] = []
    place, at = len(expected), end
    while place:
        operation, taken = came[place][at]
        steps.append(AlignmentStep(operation, place - 1, (at - taken, at)))
        at -= taken
        place -= operation != "extra"
    return Alignment(tuple(expected), tuple(reversed(steps)), (at, end), rows[-1][end])


def _slot_row(above: list[float], slot: str) -> tuple[list[float], list[tuple[EditKind, int]]]:
    costs: list[float] = []
    ways: list[tuple[EditKind, int]] = []
    for at in range(len(above)):
        cost, taken = min(
            (above[at - taken] + (taken * _IN_SLOT or _EMPTY.get(slot, 0.0)), taken)
            for taken in range(min(SLOTS[slot], at) + 1)
        )
        costs.append(cost)
        ways.append(("slot", taken))
    return costs, ways


def _word_row(
    above: list[float], word: str, heard: Sequence[str], weights: Mapping[str, float], beside_name: bool
) -> tuple[list[float], list[tuple[EditKind, int]]]:
    weight = _ANCHOR.get(word, _weight(word, weights))
    costs: list[float] = [above[0] + weight + _MISSING]
    ways: list[tuple[EditKind, int]] = [("missing", 0)]
    for at, one in enumerate(heard, start=1):
        # Beside a name, an omitted word must not match a word of the name.
        strange = _STRANGE if beside_name and similarity(word, one) < _STRANGE else 0.0
        best: tuple[float, EditKind, int] = (
            (above[at - 1], "same", 1) if one == word else (above[at - 1] + weight + strange, "changed", 1)
        )
        if above[at] + weight + _MISSING < best[0]:
            best = (above[at] + weight + _MISSING, "missing", 0)
        if costs[-1] + 1.0 < best[0]:
            best = (costs[-1] + 1.0, "extra", 1)
        costs.append(best[0])
        ways.append((best[1], best[2]))
    return costs, ways
