"""Updates of our own files after upstream dropped or moved an operation: ``--drop`` and ``--move``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from .locate import children
from .plain import compose, load_mapping
from .problems import RegenerationError
from .reading import parse_source
from .schemas import METHODS

STEP = "drop and move"
_OPERATIONS = "openapi/operations/"
_OVERLAYS = "openapi/overlays/"
_UPSTREAM = "openapi/upstream/"
_TARGET = re.compile(r"^\$\.paths\[((?:'[^']*'(?:\s*,\s*)?)+)\](?:\.([a-z]+))?")


class Wishes(NamedTuple):
    """A maintainer's instructions for operations that upstream dropped or moved.

    Attributes:
        drop: Operations, such as ``DELETE /v2/things/{thing_id}``, or paths, to remove from our files.
        move: The old paths and the new ones.
    """

    drop: Sequence[str] = ()
    move: Sequence[tuple[str, str]] = ()


def apply(inputs: Mapping[str, bytes], wishes: Wishes) -> dict[str, bytes]:
    """Return the input files without dropped operations and with the new paths of moved ones.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        wishes: The operations to drop and to move.

    Raises:
        RegenerationError: None of the files has a named operation.
    """
    files = dict(inputs)
    for drop in wishes.drop:
        method, path = _operation(drop)
        _edit(files, f"--drop {drop}", method, path, partial(_dropped, method, path))
    for old, new in wishes.move:
        _edit(files, f"--move {old}={new}", "", old, partial(_moved, old, new))
    return files


def _edit(files: dict[str, bytes], what: str, method: str, path: str, edited: Callable[[str, bytes], bytes]) -> None:
    before = dict(files)
    for name, data in before.items():
        if name.startswith(_UPSTREAM) and _page_is_of(data, name, method, path):
            del files[name]
        elif name.startswith((_OPERATIONS, _OVERLAYS)):
            files[name] = edited(name, data)
            is_overlay = name.startswith(_OVERLAYS) and files[name] != data
            if is_overlay and not load_mapping(files[name], name).get("actions"):
                del files[name]
    if before == files:
        remedy = "leave it out, or correct the path"
        raise RegenerationError(STEP, what, "neither upstream, operations nor overlays have it", remedy)


def _dropped(method: str, path: str, name: str, data: bytes) -> bytes:
    if name.startswith(_OVERLAYS):
        return _without_actions(data, method, path)
    rest = _without(data, _described(data, method, path))
    return re.sub(rb"^paths:\s*$(?!\n )", b"paths: {}", rest, flags=re.MULTILINE)


def _moved(old: str, new: str, name: str, data: bytes) -> bytes:
    if name.startswith(_OVERLAYS):
        return data.decode().replace(f"'{old}'", f"'{new}'").encode()
    key = re.compile(rf"^(  ['\"]?){re.escape(old)}(?=['\"]?:)", re.MULTILINE)
    return key.sub(lambda found: f"{found[1]}{new}", data.decode()).encode()


def _operation(drop: str) -> tuple[str, str]:
    """Return method and path. The method is empty if ``drop`` is a whole path."""
    method, _, path = drop.rpartition(" ")
    if not path.startswith("/") or (method and method.lower() not in METHODS):
        remedy = "write it as 'DELETE /v2/things/{thing_id}', or as the path alone"
        raise RegenerationError(STEP, f"--drop {drop}", "it is no operation", remedy)
    return method.lower(), path


def _page_is_of(data: bytes, name: str, method: str, path: str) -> bool:
    operation = parse_source(data, name).operation
    return operation is not None and operation[1] == path and method in ("", operation[0])


def _described(data: bytes, method: str, path: str) -> Iterator[Any]:
    """Yield the nodes of the operations, or of the whole path, in a file of ``openapi/operations``."""
    paths = children(children(compose(data.decode())).get("paths", (None, None))[1])
    described = {name: pair for name, pair in children(paths.get(path, (None, None))[1]).items() if name in METHODS}
    wanted = [pair for name, pair in described.items() if method in ("", name)]
    yield from [paths[path]] if wanted and len(wanted) == len(described) else reversed(wanted)


def _without(data: bytes, nodes: Iterator[Any]) -> bytes:
    """Return the text without the lines of the given entries. The other lines do not change."""
    lines = data.decode().splitlines(keepends=True)
    for key, value in reversed(list(nodes)):
        # The end mark of a block is at the beginning of the next entry.
        end = value.end_mark.line + (value.end_mark.column > 0 and bool(value.flow_style))
        del lines[key.start_mark.line : max(end, key.start_mark.line + 1)]
    return "".join(lines).encode()


def _without_actions(data: bytes, method: str, path: str) -> bytes:
    """Return an overlay document without the actions on an operation or path."""
    actions = children(children(compose(data.decode())).get("actions", (None, None))[1])
    lines = data.decode().splitlines(keepends=True)
    for _, action in reversed(actions.values()):
        _, target = children(action).get("target", (None, None))
        found = _TARGET.match(target.value) if target is not None else None
        if found is None or method not in ("", found[2]):
            continue
        paths = re.findall(r"'([^']*)'", found[1])
        if path in paths and len(paths) > 1:
            rest = ",".join(f"'{one}'" for one in paths if one != path)
            first, last = target.start_mark.line, target.end_mark.line
            lines[first : last + 1] = ["".join(lines[first : last + 1]).replace(found[1], rest)]
        elif path in paths:
            del lines[action.start_mark.line : max(action.end_mark.line, action.start_mark.line + 1)]
    return "".join(lines).encode()
