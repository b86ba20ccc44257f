"""From several sources to one specification, and from old upstream files to new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .normalise import normalise
from .problems import RegenerationError
from .reading import Source, file_name
from .schemas import METHODS, NAME_KEY, RETRY_KEY, operations, schema_slots

STEP = "merge"


def merge(upstream: Sequence[Source], ours: Sequence[Source]) -> tuple[dict[str, Any], list[str]]:
    """Build one document of all sources.

    Where two give the same operation, a docs page wins over a whole document (it is kept only while it is the newer of
    the two, see :func:`renew`), and any upstream wins over an operation described by us. Everything else that two
    sources say differently is a clash.

    Args:
        upstream: What Tavus publishes.
        ours: Operations described in our words.

    Returns:
        The document, and a line for each operation of ``ours`` that upstream gives.

    Raises:
        RegenerationError: Two sources clash; both are named.
    """
    pages = [source for source in upstream if source.operation is not None]
    wholes = [source for source in upstream if source.operation is None]
    merger = _Merger()
    for rank, sources in enumerate((pages, wholes, ours)):
        for source in sources:
            merger.add(source, rank)
    merger.check_identifiers()
    return merger.document, [
        f"{name}: {operation_id} is left out, {winner} gives it" for name, operation_id, winner in merger.hidden
    ]


class _Merger:
    def __init__(self) -> None:
        self.document: dict[str, Any] = {}
        self.hidden: list[tuple[str, str, str]] = []
        self._owners: dict[str, tuple[str, int]] = {}

    def add(self, source: Source, rank: int) -> None:
        """Add what no source of a lower rank has given."""
        document = normalise(source.document, source.name)
        if rank < 2:
            _check_marks(document, source.name)
        for key in ("openapi", "info"):
            self.document.setdefault(key, document.get(key))
        for key in ("servers", "security"):
            if key in document:
                self._put(self.document, key, document[key], source.name, key)
        tags = self.document.setdefault("tags", [])
        tags += [tag for tag in document.get("tags", []) if tag not in tags]
        self._add_paths(document, source.name, rank)
        for kind, entries in document.get("components", {}).items():
            if kind.startswith("x-"):
                continue
            into = self.document.setdefault("components", {}).setdefault(kind, {})
            for name, value in entries.items():
                self._put(into, name, value, source.name, f"components/{kind}/{name}")

    def _add_paths(self, document: dict[str, Any], name: str, rank: int) -> None:
        for path, item in document.get("paths", {}).items():
            into = self.document.setdefault("paths", {}).setdefault(path, {})
            for key, value in item.items():
                place = f"{key} {path}"
                if key not in METHODS:
                    self._put(into, key, value, name, place)
                elif key not in into:
                    into[key] = value
                    self._owners[place] = (name, rank)
                elif self._owners[place][1] == rank:
                    raise _clash(place, self._owners[place][0], name)
                elif rank == 2:
                    self.hidden.append((name, value.get("operationId", place), self._owners[place][0]))

    def _put(self, into: dict[str, Any], key: str, value: Any, name: str, place: str) -> None:
        if key not in into:
            into[key] = value
            self._owners[place] = (name, -1)
        elif into[key] != value:
            raise _clash(place, self._owners[place][0], name)

    def check_identifiers(self) -> None:
        """Every operation has an operationId, and no two have the same."""
        places: dict[str, str] = {}
        for path, method, operation in operations(self.document):
            place = f"{method} {path}"
            owner = self._owners[place][0]
            identifier = operation.get("operationId")
            if not isinstance(identifier, str):
                raise RegenerationError(
                    STEP, owner, f"{place} has no operationId", "add one where the operation is described"
                )
            if identifier in places:
                other = places[identifier]
                raise _clash(f"operationId {identifier} ({other} and {place})", self._owners[other][0], owner)
            places[identifier] = place


def _check_marks(document: dict[str, Any], name: str) -> None:
    """Upstream does not decide what may be sent again, nor what our classes are called."""
    marked = [f"{method} {path}" for path, method, operation in operations(document) if RETRY_KEY in operation]
    marked += [s.where for s in schema_slots(document) if isinstance(s.schema, dict) and NAME_KEY in s.schema]
    if marked:
        cause = f"it says {RETRY_KEY} or {NAME_KEY} itself, in {marked[0]}"
        raise RegenerationError(STEP, name, cause, "those are ours: take another name for them, in every overlay")


def _clash(what: str, first: str, second: str) -> RegenerationError:
    return RegenerationError(
        STEP,
        f"{first} and {second}",
        f"both give {what}, and differently",
        "remove it from one of the two, or rename it",
    )


def renew(old: dict[str, Source], new: Sequence[Source]) -> tuple[dict[str, Source], list[str]]:
    """Decide which files ``openapi/upstream`` holds once new upstream has come.

    A page replaces the page of its operation, under the old name. A whole document replaces every whole document that
    shares an operation with it and every page whose operation it holds: what is newer wins.

    Args:
        old: The files as they are, by file name.
        new: What ``--source`` gave.

    Returns:
        The files as they shall be, and a line for each that goes or changes.

    Raises:
        RegenerationError: The file name of a new source is taken by a file that it does not replace.
    """
    files = dict(old)
    notes: list[str] = []
    came_from: dict[str, str] = {}
    for source in new:
        held = _held(source)
        name = file_name(source)
        for known, other in old.items():
            if known in files and known not in came_from and _replaces(source, held, other):
                del files[known]
                if source.operation is not None:
                    name = known
                notes.append(f"upstream/{known}: replaced by {source.name}")
        if name in files:
            raise RegenerationError(
                STEP,
                f"{source.name} and {came_from.get(name, f'upstream/{name}')}",
                f"both would be upstream/{name}",
                "rename the file that you give",
            )
        files[name] = source
        came_from[name] = source.name
    return dict(sorted(files.items())), notes


def _held(source: Source) -> set[tuple[str, str]]:
    paths = source.document.get("paths")
    if not isinstance(paths, dict):
        raise RegenerationError(STEP, source.name, "it has no paths", "give a whole OpenAPI document, or a docs page")
    return {
        (method, path) for path, item in paths.items() if isinstance(item, dict) for method in item if method in METHODS
    }


def _replaces(source: Source, held: set[tuple[str, str]], other: Source) -> bool:
    if other.operation is not None:
        return other.operation in held
    return source.operation is None and bool(held & _held(other))
