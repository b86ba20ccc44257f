"""The statement beside the transcript, word by word, for people."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from ._alignment import COMPANY, PERSON, Alignment, EditKind
from ._words import Token, letters


@frozen
class Difference:
    """One place of the statement.

    Attributes:
        operation: ``same``, ``missing``, ``extra``, ``changed`` or ``slot`` (the person's name).
        expected: The statement's word; empty for an extra word and for the person's name.
        heard: The word heard there; empty if none was.
    """

    operation: EditKind
    expected: str
    heard: str

    def __str__(self) -> str:
        if self.operation == "slot":
            return f"<{self.heard or '?'}>"
        if self.operation == "same":
            return self.heard
        return (f"[-{self.expected}-]" if self.expected else "") + (f"{{+{self.heard}+}}" if self.heard else "")


@frozen
class WordDiff:
    """The whole comparison. As text: ``[-missing-]``, ``{+extra+}``, ``<the name that was heard>``.

    Attributes:
        words: Every place of the statement, in its order.
        before: The number of words heard before the statement.
        after: The number of words heard after it.
    """

    words: tuple[Difference, ...] = field(default=(), repr=False)
    before: int = 0
    after: int = 0

    def __str__(self) -> str:
        around = [
            f"({count} {'word' if count == 1 else 'words'})" if count else "" for count in (self.before, self.after)
        ]
        return " ".join(filter(None, (around[0], *map(str, self.words), around[1])))


def diff(found: Alignment, expected: Sequence[Token], heard: Sequence[Token]) -> WordDiff:
    """Compare the statement and the transcript side by side."""
    words: list[Difference] = []
    for step in found.steps:
        word = found.expected[step.place]
        said = " ".join(token.shown or token.text for token in heard[slice(*step.heard)])
        if step.operation == "slot" and word == COMPANY:
            operation: EditKind = "same" if letters(said) == "tavus" else "changed" if said else "missing"
            words.append(Difference(operation, "Tavus", said))
        elif word == PERSON and step.operation == "slot":
            words.append(Difference("slot", "", said))
        else:
            words.append(
                Difference(step.operation, "" if step.operation == "extra" else expected[step.place].shown, said)
            )
    return WordDiff(tuple(words), found.window[0], len(heard) - found.window[1])
