"""The table that ``make bench`` prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table."""

    what: str
    ours: str
    against: str
    theirs: str
    ratio: float | None
    goal: str


def show(rows: list[Row]) -> None:
    head = Row("what", "ours", "compared to", "theirs", None, "to reach")
    cells = [
        [row.what, row.ours, row.against, row.theirs, "ratio" if row is head else _ratio(row.ratio), row.goal]
        for row in (head, *rows)
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
