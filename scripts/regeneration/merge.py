"""Merging of several sources into one specification, and replacement of old upstream files by new ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from .graft import graft
from .locate import Origins
from .normalise import normalise
from .problems import RegenerationError, fail
from .reading import Source, file_name, held
from .schemas import CONSENT_KEY, METHODS, NAME_KEY, NOT_DONE_KEY, RETRY_KEY, operations, schema_slots
from .shapes import Place

STEP = "merge"
RENAMES = "openapi/baseline/renames.yaml"
_PREFIX = "#/components/"


class Merger:
    """A builder of one document from all sources.

    If two sources have the same operation, a docs page wins over a whole document, and upstream wins over our own
    description. A docs page is kept only while it is the newer of the two (see :func:`renew`). Any other difference
    between two sources is a clash, and the first source wins.

    Args:
        ours: Operations, such as ``post /v2/replicas``, whose description is ours, except for the listed fields.
        renames: The renamed components of each file: kind and old name, and the new name.
        rename: True to rename every upstream component that clashes.
        origins: The record of the file that each part comes from.
        tolerate: A function that receives each problem.
    """

    def __init__(
        self,
        ours: Mapping[str, Sequence[Place]] | None = None,
        renames: Mapping[str, Mapping[str, str]] | None = None,
        rename: bool = False,
        origins: Origins | None = None,
        tolerate: Callable[[RegenerationError], None] = fail,
    ) -> None:
        self.document: dict[str, Any] = {}
        self.notes: list[str] = []
        self.renames: dict[str, dict[str, str]] = {}
        self._ours, self._decided, self._rename_all = ours or {}, renames or {}, rename
        self._origins = origins or Origins({})
        self._tolerate = tolerate
        self._owners: dict[str, tuple[str, int]] = {}
        self._given: dict[str, dict[str, Any]] = {}
        self._theirs: dict[str, tuple[dict[str, Any], str]] = {}

    def add_all(self, upstream: Sequence[Source], ours: Sequence[Source]) -> None:
        """Add the documents from Tavus, and our own descriptions of operations."""
        pages = [source for source in upstream if source.operation is not None]
        wholes = [source for source in upstream if source.operation is None]
        self._given = {name: value for source in ours for name, value in _components(source.document)}
        for rank, sources in enumerate((pages, wholes, ours)):
            for source in sources:
                try:
                    self._add(source, rank)
                except RegenerationError as problem:
                    self._tolerate(problem)
        for place, (theirs, name) in self._theirs.items():
            self._take_over(place, theirs, name)
        self._check_identifiers()
        self._origins.owners.update({name: owner for name, (owner, _) in self._owners.items()})

    def _add(self, source: Source, rank: int) -> None:
        """Add the parts that no source of a lower rank has."""
        document = normalise(source.document, source.name, self._tolerate)
        if rank < 2:
            _check_marks(document, source.name)
            self._rename(document, source.name)
        for key in ("openapi", "info"):
            self.document.setdefault(key, document.get(key))
            self._owners.setdefault(key, (source.name, rank))
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
                elif rank == 1 and place in self._ours:
                    self._theirs[place] = (value, name)
                elif key not in into:
                    into[key] = value
                    self._owners[place] = (name, rank)
                elif self._owners[place][1] == rank:
                    self._clash(place, name)
                elif rank == 2:
                    identifier, winner = value.get("operationId", place), self._owners[place][0]
                    self.notes.append(f"{name}: {identifier} is left out, {winner} gives it")
            if not into:
                del self.document["paths"][path]

    def _take_over(self, place: str, theirs: dict[str, Any], name: str) -> None:
        """Copy the fields that upstream changed into our description, or replace it if one of them does not fit."""
        verb, _, path = place.partition(" ")
        item, owner, fields = self.document["paths"][path], self._owners[place], self._ours[place]
        if owner[1] == 2 and not all(graft(self.document, item[verb], theirs, field) for field in fields):
            item[verb], self._owners[place] = theirs, (name, 1)
            self.notes.append(f"{owner[0]}: {place} is left out, {name} gives it")
        elif owner[1] == 2 and fields:
            changed = ", ".join(f"{field.part} {field.label()}".strip() for field in fields)
            self.notes.append(f"fields: {owner[0]}: {place} is ours, but for what {name} has changed: {changed}")
            self._origins.grafted[place] = name

    def _put(self, into: dict[str, Any], key: str, value: Any, name: str, place: str) -> None:
        if key not in into:
            into[key] = value
            self._owners[place] = (name, -1)
        elif into[key] != value:
            self._clash(place, name)

    def _rename(self, document: dict[str, Any], name: str) -> None:
        """Rename upstream components whose names our descriptions use for something else."""
        renames = dict(self._decided.get(name, {}))
        if self._rename_all:
            taken = {**self._given, **dict(_components(self.document))}
            clashing = {place for place, value in _components(document) if taken.get(place, value) != value}
            taken |= dict(_components(document))
            for place in sorted(clashing - renames.keys()):
                renames[place] = _free(
                    place, taken.keys() | {f"{p.rpartition('/')[0]}/{n}" for p, n in renames.items()}
                )
        for place, new in renames.items():
            kind, _, old = place.partition("/")
            entries = document.get("components", {}).get(kind, {})
            if old in entries:
                document["components"][kind] = {new if key == old else key: value for key, value in entries.items()}
        references = {_PREFIX + place: f"{_PREFIX}{place.partition('/')[0]}/{new}" for place, new in renames.items()}
        _refer(document, references)
        if renames:
            self.renames[name] = renames

    def _clash(self, what: str, name: str, places: Sequence[str] = ()) -> None:
        """Report a part that two sources define differently.

        Args:
            what: The part.
            name: The second source. The first one is the part's owner.
            places: The place in each source, if it differs.
        """
        first, second = places or (what, what)
        owner = self._owners[first][0]
        remedy = "remove it from one of the two, or rename it"
        if what.startswith("components/"):
            known = dict(_components(self.document))
            remedy += f"; --rename-components calls upstream's {_free(what.removeprefix('components/'), known)}"
        elif places:
            remedy += "; --drop and --move take an old page or description out of the way"
        problem = RegenerationError(STEP, f"{owner} and {name}", f"both give {what}, and differently", remedy)
        problem.origin = "; ".join(filter(None, (self._origin(owner, first), self._origin(name, second))))
        self._tolerate(problem)

    def _origin(self, file: str, place: str) -> str:
        return self._origins.of_component(file, place) if self._origins.has(file) else ""

    def _check_identifiers(self) -> None:
        """Report operations without an operationId or with a duplicate one."""
        places: dict[str, str] = {}
        for path, method, operation in operations(self.document):
            place = f"{method} {path}"
            owner = self._owners[place][0]
            identifier = operation.get("operationId")
            if not isinstance(identifier, str):
                remedy = "add one where the operation is described"
                problem = RegenerationError(STEP, owner, f"{place} has no operationId", remedy)
                problem.origin = self._origin(owner, place)
                self._tolerate(problem)
                continue
            if identifier in places:
                self._origins.duplicates.add(identifier)
                other = places[identifier]
                self._clash(f"operationId {identifier} ({other} and {place})", owner, (other, place))
            places.setdefault(identifier, place)


def _components(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    kinds = document.get("components")
    for kind, entries in kinds.items() if isinstance(kinds, dict) else ():
        for name, value in entries.items() if isinstance(entries, dict) else ():
            yield f"{kind}/{name}", value


def _free(place: str, taken: Collection[str]) -> str:
    """Return an unused name for an upstream component."""
    kind, _, name = place.partition("/")
    new = f"Upstream{name[:1].upper()}{name[1:]}"
    while f"{kind}/{new}" in taken:
        new += "_"
    return new


def _refer(node: Any, references: Mapping[str, str]) -> None:
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _refer(value, references)
    # Discriminators refer to components in the values of a mapping.
    for key, value in list(node.items()) if isinstance(node, dict) else ():
        old = next((old for old in references if value == old or str(value).startswith(f"{old}/")), None)
        if old is not None and isinstance(value, str):
            node[key] = references[old] + value.removeprefix(old)


def _check_marks(document: dict[str, Any], name: str) -> None:
    """Refuse upstream documents with our own keys for retries, consent or class names."""
    ours = (RETRY_KEY, NOT_DONE_KEY, CONSENT_KEY)
    marked = [f"{verb} {path}" for path, verb, operation in operations(document) if operation.keys() & set(ours)]
    marked += [s.where for s in schema_slots(document) if isinstance(s.schema, dict) and NAME_KEY in s.schema]
    if marked:
        cause = f"it says {', '.join(ours)} or {NAME_KEY} itself, in {marked[0]}"
        raise RegenerationError(STEP, name, cause, "those are ours: take another name for them, in every overlay")


def renew(old: dict[str, Source], new: Sequence[Source]) -> tuple[dict[str, Source], list[str]]:
    """Return the files of ``openapi/upstream`` after new upstream is added.

    A page replaces the page of its operation and keeps the old name. A whole document replaces every whole document
    that shares an operation with it, and every page whose operation it contains. The newer source wins.

    Args:
        old: The current files, by file name.
        new: The sources from ``--source``.

    Returns:
        The new files, and a line for each file that was replaced.

    Raises:
        RegenerationError: The file name of a new source belongs to a file that it does not replace.
    """
    files = dict(old)
    notes: list[str] = []
    came_from: dict[str, str] = {}
    for source in new:
        own = _held(source)
        name = file_name(source)
        for known, other in old.items():
            if known in files and known not in came_from and _replaces(source, own, other):
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
    if not isinstance(source.document.get("paths"), dict):
        raise RegenerationError(STEP, source.name, "it has no paths", "give a whole OpenAPI document, or a docs page")
    return set(held(source.document))


def _replaces(source: Source, own: set[tuple[str, str]], other: Source) -> bool:
    if other.operation is not None:
        return other.operation in own
    return source.operation is None and bool(own & _held(other))
