"""Output: results on stdout, everything else on stderr. Secrets are removed here."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from attrs import field, frozen
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tavus_consent import Replica
from tavus_consent._redaction import redact_json, redact_text
from tavus_consent.training_errors import classify_training_error

# Without a terminal, output is not fitted to a width, because programs read lines.
_WIDE: Final = 1000
_GAP: Final = 2
_FOLDED: Final = 12


@frozen(kw_only=True)
class Screen:
    """The output of a command.

    Attributes:
        json: Results are one JSON document instead of text for people.
        secrets: Values that must never be shown.
    """

    json: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def clean(self, text: str) -> str:
        """Return a text that is safe to show: one line, without secrets and terminal control characters."""
        line = " ".join(redact_text(text, self.secrets).split())
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)

    def redact(self, data: Any) -> Any:
        """Return JSON without secrets."""
        return redact_json(data, self.secrets)

    def plain(self, text: str) -> None:
        """Write a line to stdout, unchanged."""
        sys.stdout.write(f"{text}\n")

    def data(self, text: str) -> None:
        """Write to stdout for a program: UTF-8, independent of the terminal's encoding."""
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:  # not a real stream: it only takes text
            self.plain(text)
        else:
            sys.stdout.flush()
            binary.write(f"{text}\n".encode())

    def result(self, data: Any, *parts: RenderableType) -> None:
        """Show the result: the data to programs, the parts to people."""
        if self.json:
            # ASCII, so that it survives any encoding of stdout
            self.plain(json.dumps(self.redact(data), indent=2))
        else:
            self.say(*parts)

    def say(self, *parts: RenderableType) -> None:
        """Write a message for people to stdout."""
        _print(_console(), *parts)

    def note(self, text: str, *, style: str = "dim") -> None:
        """Write a message for people to stderr that is not the result."""
        _print(_console(stderr=True), Text(self.clean(text), style=style))

    @contextmanager
    def shows_log(self, name: str) -> Iterator[None]:
        """Write the log records of a logger to stderr, from INFO on, for the length of a ``with`` block."""
        logger, handler, level = logging.getLogger(name), _Notes(self), logging.getLogger(name).level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)

    def complain(self, kind: str, lines: Iterable[str], *, style: str = "bold red") -> None:
        """Report a problem; its kind precedes the first line."""
        console = _console(stderr=True)
        for number, line in enumerate(lines):
            _print(console, Text.assemble(*(() if number else [(f"{kind}: ", style)]), self.clean(line)))

    def trace(self, error: BaseException) -> None:
        """Show the traceback of an error, without secrets; control characters are escaped."""
        text = redact_text("".join(traceback.format_exception(error)), self.secrets)
        escaped = (c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
        if sys.stderr is not None:
            sys.stderr.write("".join(escaped))

    def cell(self, text: str | None, *, style: str = "") -> Text:
        """Return a text for a table cell."""
        return Text(self.clean(text or ""), style=style)

    def replica_table(self, replicas: Iterable[Replica]) -> Listing:
        """Return a table with one replica per line."""
        rows = []
        for one in replicas:
            created = f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else ""
            name, status = self.cell(one.replica_name), self._status(one)
            rows.append((self.cell(one.replica_id), name, status, self.cell(one.model_name), self.cell(created)))
        # On a narrow terminal the name column shrinks.
        return Listing(("Replica", "Name", "Status", "Model", "Created (UTC)"), rows, folds={"Name"})

    def replica_card(self, replica: Replica) -> Table:
        """Return one replica, one property per line."""
        advice = classify_training_error(replica.error_message)
        created, updated = (
            f"{date:%Y-%m-%d %H:%M:%S} UTC" if date else None for date in (replica.created_at, replica.updated_at)
        )
        return self.card(
            ("Replica", replica.replica_id),
            ("Name", replica.replica_name),
            ("Status", self._status(replica)),
            ("Model", replica.model_name),
            ("Type", replica.replica_type),
            ("Created", created),
            ("Updated", updated),
            ("Preview", replica.thumbnail_video_url),
            ("Error", replica.error_message),
            ("Advice", advice.advice if advice else None),
        )

    def card(self, *rows: tuple[str, str | Text | None]) -> Table:
        """Return names and values; rows without a value are left out."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        for name, value in rows:
            if value:
                table.add_row(name, value if isinstance(value, Text) else self.cell(value))
        return table

    def _status(self, replica: Replica) -> Text:
        style = "green" if replica.is_ready else "red" if replica.is_failed else "yellow"
        # Progress is only useful while it changes.
        changes = replica.is_training and not replica.is_preview and replica.training_progress
        progress = f" {replica.training_progress}" if changes else ""
        return self.cell(f"{_state(replica)}{progress}", style=style)

    @contextmanager
    def progress(self) -> Iterator[Callable[[Replica], None]]:
        """Show the progress of a training on stderr: a bar on a terminal, otherwise a line now and then."""
        console = _console(stderr=True)
        if not console.is_terminal:
            yield _Lines(self)
            return
        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
        with Progress(*columns, console=console) as bar:
            # Hidden until there is progress: the first request may be refused.
            task = bar.add_task("", visible=False)

            def move(replica: Replica) -> None:
                share = 1.0 if replica.is_ready else replica.progress
                description = self.clean(f"{replica.replica_id} {_state(replica)}")
                total = None if share is None else 1.0
                bar.update(task, visible=True, description=description, total=total, completed=share or 0.0)

            yield move


class Listing:
    """Rows under titles. If the terminal is too narrow, each row becomes a block of lines.

    Args:
        titles: The titles of the columns.
        rows: The cells.
        folds: Titles of columns whose cells may wrap.
    """

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[Text]], folds: Collection[str]) -> None:
        self._titles = titles
        self._rows = rows
        self._folds = folds

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = [self._least(number) for number in range(len(self._titles))]
        if sum(widths) + _GAP * len(widths) > options.max_width:
            for number, row in enumerate(self._rows):
                if number:
                    yield Text()
                yield self._block(row)
            return
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
        for title, width in zip(self._titles, widths, strict=True):
            table.add_column(title, min_width=width, no_wrap=title not in self._folds, overflow="fold")
        for row in self._rows:
            table.add_row(*row)
        yield table

    def _least(self, number: int) -> int:
        """Return the minimum width of a column."""
        title = self._titles[number]
        if title in self._folds:
            return max(_FOLDED, cell_len(title))
        return max(cell_len(text) for text in (title, *(row[number].plain for row in self._rows)))

    def _block(self, row: Sequence[Text]) -> Table:
        block = Table.grid(padding=(0, _GAP))
        block.add_column(style="dim", no_wrap=True)
        for title, cell in zip(self._titles, row, strict=True):
            if cell:
                block.add_row(title, cell)
        return block


def _state(replica: Replica) -> str:
    """Return the status of a replica, in Tavus's words; with a note if it is a preview."""
    return f"{replica.status or ''}{' (preview)' if replica.is_preview else ''}"


class _Lines:
    """Progress for a log: a line for each change of status and each tenth of the way."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._last: object = None

    def __call__(self, replica: Replica) -> None:
        share = replica.progress
        now = (_state(replica), None if share is None else int(share * 10))
        if now != self._last:
            self._last = now
            words = (replica.replica_id, _state(replica), replica.training_progress)
            self._screen.note(" ".join(word for word in words if word))


def _console(*, stderr: bool = False) -> Console:
    # Text from others must not become markup, colored numbers, or emoji.
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def _print(console: Console, *parts: RenderableType) -> None:
    for part in parts:
        # soft_wrap keeps long lines whole
        whole = isinstance(part, Text) and part.no_wrap
        console.print(part, soft_wrap=bool(whole) or (not console.is_terminal and isinstance(part, (str, Text))))


class _Notes(logging.Handler):
    """Shows log records as notes, and warnings more clearly."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        with suppress(OSError):  # nothing reads stderr any more
            if record.levelno >= logging.WARNING:
                self._screen.complain("warning", [record.getMessage()], style="yellow")
            else:
                self._screen.note(record.getMessage())
