"""Discovery of every method of every generated namespace, so that no test needs to list them."""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import tavus_consent as tc
from tavus_api import client, models, types as api_types
from tavus_api.api import SyncNamespaces

from .spec import OPERATIONS, members_of

Make = Callable[[str, Any], Any]


class Method(NamedTuple):
    """A method that asks Tavus something."""

    namespace: str
    name: str
    #: what it asks for
    operation: str
    #: parameters with their types, ``self`` left out; those without a default first
    needed: dict[str, Any]
    others: dict[str, Any]
    #: how it was heard to ask: ``call``, ``pages`` or ``patch``
    way: str
    #: the member of an answer that it gives, or that holds the items of a list
    inside: str | None
    #: the member that tells one item of a list from the others
    key: str | None
    #: names of what goes into the path or the query
    in_url: frozenset[str]

    @property
    def label(self) -> str:
        """For example ``videos.get``."""
        return f"{self.namespace}.{self.name}"

    def call(self, tavus: Any, arguments: Mapping[str, Any]) -> Any:
        """Make the call with a client."""
        return getattr(getattr(tavus, self.namespace), self.name)(**arguments)


class _Heard(Exception):
    """The request of a method."""


class _Listener:
    """In the place of what carries out calls, and of what sends."""

    def get_httpx_client(self) -> _Listener:
        return self

    def check_request(self, request: Any) -> None:
        """Check nothing."""

    def request(self, **given: Any) -> Any:
        raise _Heard("call", given, None, None)

    def body(self, members: Any, nullable: Any, extra: Any) -> Any:
        return api_types.sendable(members, nullable)

    def pages(self, fetch: Any, items: Any, paging: Any, page_size: Any, request: Any) -> Any:
        raise _Heard("pages", request, items(_Probe()), paging.key)

    def patch(self, read: Any, change: Any, operations: Any, changes: Any, inside: Any) -> Any:
        try:
            change([], None)
        except _Heard as heard:
            raise _Heard("patch", *heard.args[1:]) from None


class _Probe:
    """Gives the name of the member that is taken."""

    def __getattr__(self, name: str) -> str:
        return name


# What annotations name that are imported for type checkers only.
NAMES = {name: getattr(models, name) for name in models.__all__}
NAMES |= {name: getattr(module, name) for module in (client, api_types, typing) for name in vars(module)}


def value_of(hint: Any, name: str, make: Make) -> Any:
    """Something of a type; ``make(name, hint)`` makes texts and what may be anything."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return value_of(next(one for one in arguments if one not in (type(None), types.EllipsisType)), name, make)
    if origin is typing.Required:
        return value_of(arguments[0], name, make)
    if origin is Literal:
        return arguments[0]
    if origin is Sequence:
        return [value_of(arguments[0], name, make)]
    if origin is Mapping:
        return make(name, hint)
    if typing.is_typeddict(hint):
        return {one: value_of(kind, one, make) for one, kind in typing.get_type_hints(hint, localns=NAMES).items()}
    if hint in (bool, int, float):
        return hint(1)
    assert hint in (str, Any), f"teach value_of() this type: {hint}"
    return make(name, hint)


def plain(name: str, hint: Any) -> Any:
    """Nothing special."""
    return "x1" if hint in (str, Any) else {"x1": "x2"}


def arguments_of(method: Method, make: Make = plain, *, everything: bool = False) -> dict[str, Any]:
    """Return the required arguments and the operations of a patch, or all arguments with one kind of change."""
    hints = {**method.needed, **(method.others if everything else {})}
    hints.pop("changes", None)
    if method.way == "patch":
        hints["operations"] = method.others["operations"]
    return {name: value_of(hint, name, make) for name, hint in hints.items()}


def _methods() -> Iterator[Method]:
    for namespace, attribute in vars(SyncNamespaces).items():
        if not isinstance(attribute, cached_property):
            continue
        module = importlib.import_module(f"tavus_api.api.{namespace}")
        made = getattr(module, inspect.get_annotations(attribute.func)["return"])(_Listener())
        for name, function in inspect.getmembers(type(made), inspect.isfunction):
            if not name.startswith("_"):
                yield _heard(namespace, name, made, function)


def _heard(namespace: str, name: str, made: Any, function: Any) -> Method:
    hints = typing.get_type_hints(inspect.unwrap(function), localns=NAMES)
    needed, others = {}, {}
    for one in [*inspect.signature(function).parameters.values()][1:]:
        (needed if one.default is one.empty else others)[one.name] = hints[one.name]
    try:
        getattr(made, name)(**{one: value_of(hint, one, plain) for one, hint in (needed | others).items()})
    except _Heard as heard:
        way, request, inside, key = heard.args
    operation = request["extensions"]["operation"]
    if way == "call" and operation.method == "GET" and operation.path.endswith("}"):
        inside = "data" if list(members_of(OPERATIONS[operation.identifier].answer or {})) == ["data"] else None
    parts = (request["extensions"].get("path", {}), request.get("params", {}), request.get("headers", {}))
    in_url = frozenset(one for part in parts for one in part)
    return Method(namespace, name, operation.identifier, needed, others, way, inside, key, in_url)


METHODS = tuple(_methods())

_CLIENT = tc.Tavus("key-for-tests")
# Namespaces of generated methods that have a ``wait`` on top, which asks what ``get`` asks.
WAITING = tuple(
    one.namespace for one in METHODS if one.name == "get" and hasattr(getattr(_CLIENT, one.namespace), "wait")
)


def public_methods() -> set[str]:
    """Every method of every namespace that asks Tavus something first of all, for example ``videos.wait``."""
    namespaces = [name for name in dir(tc.Tavus) if isinstance(getattr(tc.Tavus, name), cached_property)]
    return {
        f"{namespace}.{name}"
        for namespace in namespaces
        if namespace not in ("raw", "consents") and not namespace.startswith("_")
        for name, _ in inspect.getmembers(type(getattr(_CLIENT, namespace)), inspect.isfunction)
        if not name.startswith("_")
    }
