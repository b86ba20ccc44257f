"""Calls of every method of every namespace, found automatically, with a secret in every possible argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.fuzz.methods import METHODS, WAITING, Method, arguments_of, public_methods
from tests.fuzz.spec import OPERATIONS, Operation, members_of, resolve

import tavus_consent as tc
from tavus_consent._redaction import is_secret

from .canaries import Canaries

Call = Callable[[Any], Any]

NAMES = sorted({name.partition(".")[0] for name in public_methods()})
# What they give is JSON as Tavus sent it: the specification does not say what is in it.
GIVES_JSON = {one.label for one in METHODS if not members_of(OPERATIONS[one.operation].answer or {})}


def required() -> dict[str, Any]:
    """The ids that any answer, or an item of a list, has to hold: those that the calls ask for."""
    found: dict[str, Any] = {}
    for operation in OPERATIONS.values():
        members = members_of(operation.answer or {})
        items = resolve(members.get("data", {})).get("items", {})
        for schema in filter(None, (operation.answer, items)):
            names = resolve(schema).get("required", ())
            found |= {name: "r1" if name in ("replica_id", "face_id") else "x1" for name in names if name != "data"}
    return found


def plant(c: Canaries, method: Method) -> Callable[[str, Any], Any]:
    """Makes the arguments of a method: links where there are links, keys where there are keys, and links in texts."""

    def make(name: str, hint: Any) -> Any:
        if name in method.in_url or name.endswith(("_id", "_ids")):
            return "x1"
        if isinstance(hint, type) or hint is Any:
            if name == "path":
                return "/layers/llm/api_key"
            if is_secret(name) or name == "value":
                return c.body_key
            return c.train_url if "url" in name or "link" in name else f"Look at {c.train_url} and speak"
        return {"url": c.train_url, "Authorization": f"Bearer {c.body_key}", "deep": [{"api_key": c.body_key}]}

    return make


def calls(c: Canaries) -> Iterator[tuple[str, Call]]:
    """Every way to call every generated method."""
    for method in METHODS:
        make = plant(c, method)
        for everything in (False, True):
            yield method.label, _call(method, arguments_of(method, make, everything=everything))
        if method.way == "patch":
            needed = {name: value for name, value in arguments_of(method, make).items() if name != "operations"}
            changes = {"name": c.train_url, "layers": {"tts": {"api_key": c.body_key}}}
            yield method.label, _call(method, {**needed, "changes": changes})


def waits() -> dict[str, Call]:
    """The ``wait`` on top of some."""
    return {f"{one}.wait": lambda t, one=one: getattr(t, one).wait("x1", timeout=0) for one in WAITING}


def _call(method: Method, arguments: Mapping[str, Any]) -> Call:
    return lambda t: method.call(t, arguments)


def raw_calls(c: Canaries) -> Iterator[tuple[str, Call]]:
    """Every generated function, by its name."""
    for operation in OPERATIONS.values():
        yield f"{operation.module.__name__}.sync_detailed", _raw_call(operation, c)


def _raw_call(operation: Operation, c: Canaries) -> Call:
    given = dict(operation.arguments)
    body = given.get("body")
    if isinstance(body, dict):  # a secret that no schema knows
        given["body"] = {**body, "more_url": c.train_url, "more_token": c.body_key}

    def call(t: Any) -> Any:
        function = operation.module.sync_detailed if isinstance(t, tc.Tavus) else operation.module.asyncio_detailed
        return function(client=t.raw, **given)

    return call
