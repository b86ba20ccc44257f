"""Finds the operation of a request.

Everything comes from the OpenAPI document that ships with the generated package. It is read once per process; the parts
of one operation are compiled on first use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import unquote

from attrs import define, field, frozen

from tavus_consent import MissingExtraError

from ._operations import FakeOperation
from ._schemas import ROOT

METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@frozen
class RouteMatch:
    """The match of a path."""

    #: operations by method, upper case
    operations: Mapping[str, FakeOperation]
    #: values of the path's parameters, in their order
    ids: tuple[str, ...]


@define
class _Node:
    fixed: dict[str, _Node] = field(factory=dict)
    variable: _Node | None = None
    operations: dict[str, FakeOperation] = field(factory=dict)


class Router:
    """The operations of an OpenAPI 3.1 document.

    Raises:
        MissingExtraError: jsonschema-rs is not installed.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        try:
            import jsonpatch  # noqa: F401  # of the same extra, used later for patches
            from jsonschema_rs import Registry
        except ImportError:
            raise MissingExtraError("testing", "the fake of Tavus") from None
        registry = Registry([(ROOT, document)])
        self.operations: dict[str, FakeOperation] = {}
        self._root = _Node()
        for path, item in document["paths"].items():
            node = self._root
            names = []
            for segment in path[1:].split("/"):
                if segment.startswith("{"):
                    names.append(segment[1:-1])
                    node.variable = node = node.variable or _Node()
                else:
                    node = node.fixed.setdefault(segment, _Node())
            for method in (key for key in item if key in METHODS):
                definition = item[method]
                operation = FakeOperation(
                    operation_id=definition["operationId"],
                    method=method.upper(),
                    path=path,
                    path_names=tuple(names),
                    keyed=bool(definition.get("security", document.get("security"))),
                    definition=definition,
                    document=document,
                    registry=registry,
                )
                self.operations[operation.operation_id] = node.operations[operation.method] = operation

    def find(self, path: str) -> RouteMatch | None:
        """Find a path as sent; ``None`` if the API has no such path.

        A trailing slash is ignored, because Tavus's own client sends one to some collections.
        """
        node = self._root
        ids: tuple[str, ...] = ()
        for segment in path[1:].removesuffix("/").split("/"):
            following = node.fixed.get(segment)
            if following is None:
                following = node.variable
                if following is None or not segment:
                    return None
                ids = (*ids, unquote(segment))
            node = following
        return RouteMatch(node.operations, ids) if node.operations else None


@cache
def shipped_router() -> Router:
    """Return the router of the document that ships with the generated package."""
    return Router(json.loads(resources.files("tavus_api").joinpath("openapi.json").read_bytes()))
