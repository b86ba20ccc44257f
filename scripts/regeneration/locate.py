"""The origin of a place of the built specification in the input files: file, line and JSON pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import yaml

from .plain import compose
from .problems import RegenerationError
from .reading import yaml_text
from .schemas import METHODS

BUILT = "openapi/tavus.yaml"


class Origins:
    """The input files, and a map from each part of the specification to its file.

    Args:
        files: All input files, by name.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._read: dict[str, _File] = {}
        self.grafted: dict[str, str] = {}  # by operation: the file from which fields of it were taken
        self.owners: dict[str, str] = {}  # by "post /v2/replicas" or "components/schemas/Replica": its file
        self.duplicates: set[str] = set()  # operationIds that two sources use
        self.moved: dict[str, str] = {}  # by component that an overlay named: the original place of its schema

    def note(self, problem: RegenerationError, document: dict[str, Any]) -> RegenerationError:
        """Add the origin of a problem's place to the problem, if it is known."""
        if problem.origin:
            return problem
        file, _, rest = problem.place.partition(", ")
        if file == BUILT and rest:
            steps = steps_of(document, rest)
            problem.origin = self._of_graft(steps, document) or self._of_built(steps)
        elif file in self._files:
            problem.origin = self.at(file, self._file(file).steps(rest))
        return problem

    def has(self, file: str) -> bool:
        """Return whether the input has this file."""
        return file in self._files

    def at(self, file: str, steps: Sequence[str]) -> str:
        """Return file, line and JSON pointer of the innermost of these steps that exists in the file."""
        line, found = self._file(file).line(steps)
        return f"{file}, line {line}, {pointer(found)}"

    def of_component(self, file: str, place: str) -> str:
        """Return file, line and JSON pointer of a part such as ``components/schemas/Replica``."""
        verb, _, path = place.partition(" ")
        return self.at(file, ["paths", path, verb] if verb in METHODS else place.split("/"))

    def _of_built(self, steps: Sequence[str]) -> str:
        if len(steps) > 2 and steps[0] == "components":
            moved = self.moved.get(steps[2]) or self.moved.get(steps[2].removesuffix("Answer"))
            if moved is not None and steps[1] == "schemas":
                return self._of_moved(moved, steps[3:])
            name = "/".join(steps[:3])
            owner = self.owners.get(name) or self.owners.get(name.removesuffix("Answer"), "")
            inner = [*steps[:2], steps[2] if name in self.owners else steps[2].removesuffix("Answer"), *steps[3:]]
            return self.at(owner, inner) if owner in self._files else ""
        if len(steps) > 2 and steps[0] == "paths":
            owner = self.owners.get(f"{steps[2]} {steps[1]}", "")
            return self.at(owner, steps) if owner in self._files else ""
        owner = self.owners.get(steps[0], "") if steps else ""
        return self.at(owner, steps) if owner in self._files else ""

    def _of_graft(self, steps: Sequence[str], value: Any) -> str:
        """Return the origin of a place in a grafted operation, if the file has the same value there."""
        file = self.grafted.get(" ".join(reversed(steps[1:3])), "")
        if len(steps) < 4 or file not in self._files or len(self._file(file).line(steps)[1]) < len(steps):
            return ""
        for step in steps:
            value = value[int(step) if isinstance(value, list) else step]
        return self.at(file, steps) if self._file(file).says(steps, value) else ""

    def _of_moved(self, where: str, rest: Sequence[str]) -> str:
        for name, owner in self.owners.items():
            verb, _, path = name.partition(" ")
            start = f"paths/{path}/{verb}/"
            if path and where.startswith(start) and owner in self._files:
                return self.at(owner, ["paths", path, verb, *where.removeprefix(start).split("/"), *rest])
        return ""

    def _file(self, name: str) -> _File:
        if name not in self._read:
            self._read[name] = _File(self._files[name])
        return self._read[name]


class _File:
    """One input file, for the lookup of lines."""

    def __init__(self, data: bytes) -> None:
        self._text, self._before = yaml_text(data)

    @cached_property
    def _root(self) -> Any:
        try:
            return compose(self._text)
        except (yaml.YAMLError, RecursionError, ValueError):
            return None

    def line(self, steps: Sequence[str]) -> tuple[int, list[str]]:
        """Return the line of a place, and those of its steps that exist."""
        node, mark, found = self._root, getattr(self._root, "start_mark", None), []
        for step in steps:
            key, node = children(node).get(step, (None, None))
            if node is None:
                break
            mark = key.start_mark
            found.append(step)
        return self._before + (mark.line if mark else 0) + 1, found

    def says(self, steps: Sequence[str], value: Any) -> bool:
        """Return whether an existing place may hold the given value."""
        node = self._root
        for step in steps:
            node = children(node)[step][1]
        return not isinstance(node, yaml.ScalarNode) or node.value == str(value)

    def steps(self, text: str) -> list[str]:
        """Parse a place in the notation of messages: a pointer, ``action 3``, or ``post /v2/replicas``."""
        word, _, rest = text.partition(", ")[0].partition(" ")
        if word == "action" and rest.isdigit():
            return ["actions", rest]
        return steps_of(self._root, text)


def children(node: Any) -> dict[str, tuple[Any, Any]]:
    """Return the key and value of each member of a mapping, by name. For a list, return each item as both."""
    if isinstance(node, yaml.MappingNode):
        return {str(getattr(key, "value", "")): (key, value) for key, value in reversed(node.value)}
    if isinstance(node, dict):
        return {key: (key, value) for key, value in node.items()}
    items = node.value if isinstance(node, yaml.SequenceNode) else node if isinstance(node, list) else ()
    return {str(number): (item, item) for number, item in enumerate(items)}


def steps_of(node: Any, text: str) -> list[str]:
    """Parse ``paths//v2/replicas/post`` or ``post /v2/replicas`` as steps through a document or its nodes."""
    verb, _, rest = text.partition(" ")
    if verb in METHODS:
        return ["paths", rest.partition(", ")[0], verb]
    found = []
    text = text.lstrip("/")
    while text:
        # Take the longest name that the text begins with, because a path contains slashes.
        known = children(node)
        fitting = (name for name in known if name and (text == name or text.startswith(f"{name}/")))
        name = max(fitting, key=len, default=None)
        if name is None:
            break
        found.append(name)
        node = known[name][1]
        text = text[len(name) :].removeprefix("/")
    return found


def pointer(steps: Sequence[str]) -> str:
    """Return steps as a JSON pointer."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps) or "/"
