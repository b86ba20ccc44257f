"""Table tests: one test for each kind of row, which names every row that fails.

``@each_row`` takes what ``pytest.mark.parametrize`` takes. pytest spends several milliseconds on each test, far more
than most rows take, so use it where a table has many rows that fail for the same reason. The rows of one test share its
fixtures: do not use it where a row changes something that the next row sees.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

Test = Callable[..., Any]
Failure = (Exception, pytest.fail.Exception)
SHOWN = 300
"""How many characters of an error its line has; the errors themselves follow the lines."""


def each_row(
    names: str | tuple[str, ...],
    values: Iterable[Any],
    *,
    by: Callable[..., object] | None = None,
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Test], Test]:
    """Run a test function with every row of a table.

    Args:
        names: The arguments that a row gives.
        values: The rows: tuples, or single values if there is one name, or ``pytest.param``.
        by: Takes a row's arguments and returns its kind. Each kind is a test of its own; without it there is one test.
        ids: Names rows in the report. Their arguments do so by default.
    """
    wanted = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    given = list(values)
    names_of_rows = [None] * len(given) if ids is None or callable(ids) else list(ids)
    table = [_row(wanted, row, name or ids) for row, name in zip(given, names_of_rows, strict=True)]
    kinds: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in table:
        kinds.setdefault("" if by is None else str(by(*row[1].values())), []).append(row)
    assert kinds, "there are no rows"

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run(kind_of_row: str, **fixtures: Any) -> None:
            failed: list[tuple[str, BaseException]] = []
            for name, arguments in kinds[kind_of_row]:
                try:
                    test(**arguments, **fixtures)
                except Failure as error:
                    failed.append((name, error))
            if failed:
                lines = [f"{name}: {type(error).__name__}: {error}"[:SHOWN] for name, error in failed]
                said = f"{len(failed)} of {len(kinds[kind_of_row])} rows failed:\n" + "\n".join(lines)
                raise BaseExceptionGroup(said, [error for _, error in failed])

        assert not inspect.iscoroutinefunction(test), "rows are not awaited"
        signature = inspect.signature(test)
        others = [one for name, one in signature.parameters.items() if name not in wanted]
        first = inspect.Parameter("kind_of_row", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        run.__signature__ = signature.replace(parameters=[first, *others])  # type: ignore[attr-defined]  # pytest reads it
        return pytest.mark.parametrize("kind_of_row", list(kinds), ids=[kind or "rows" for kind in kinds])(run)

    return decorate


def _row(wanted: tuple[str, ...], row: Any, name: object) -> tuple[str, dict[str, Any]]:
    """Return a row's name and its arguments."""
    if hasattr(row, "values") and hasattr(row, "marks"):  # a pytest.param
        assert not row.marks, "a row has no marks of its own"
        name, row = row.id or name, row.values if len(wanted) > 1 else row.values[0]
    arguments = dict(zip(wanted, row if len(wanted) > 1 else (row,), strict=True))
    if callable(name):
        name = "-".join(str(name(one)) for one in arguments.values())
    return str(name or ", ".join(f"{one!r}" for one in arguments.values())), arguments
