"""Namespaces and results: a typed method for every operation, sync and async, and a typed class for every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from .methods import Method
from .operation import Endpoint, endpoints
from .problems import RegenerationError
from .python_names import namespace_class
from .python_types import Reader, Schemas, Writer, docstring, sentence

STEP: Final = "namespaces"
# Written by hand in the overlay: there the consent gate stands before every create.
HAND_WRITTEN: Final = frozenset({"faces", "replicas"})

_FIXED: Final = Path(__file__).with_name("fixed")
# Neither package may import the other's, so the raw client gets a copy.
_FRAMES: Final = Path(__file__).parents[2] / "overlay" / "tavus_consent" / "_frames.py"
_SHARED: Final = "shared"


def namespace_modules(document: dict[str, Any]) -> dict[str, str]:
    """The sources of ``namespaces`` and ``results``, by their path in the package.

    Raises:
        RegenerationError: Two operations of a namespace have one method name.
    """
    schemas = Schemas(document)
    groups: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints(document):
        if endpoint.namespace not in HAND_WRITTEN:
            groups[endpoint.namespace].append(endpoint)
    classes = {f"{kind}{namespace_class(one)}" for one in groups for kind in ("", "Async")}
    results = Reader(schemas, classes | _BASE_NAMES)
    sources: dict[str, str] = {}
    used: dict[str, set[str]] = {}
    for namespace, group in groups.items():
        _check_unique(namespace, group)
        module = _Module(schemas, results, namespace, group)
        sources[f"namespaces/{namespace}.py"] = module.source
        used[namespace] = module.results
    homes = _homes(results, used)
    for namespace in groups:
        name = f"namespaces/{namespace}.py"
        sources[name] = sources[name].replace(_IMPORTS, _result_imports(homes, used[namespace], ".."), 1)
    sources |= _result_modules(results, homes)
    sources["_frames.py"] = _FRAMES.read_text("utf-8")
    sources["namespaces/_base.py"] = (_FIXED / "namespaces.py").read_text("utf-8")
    sources["results/_base.py"] = (_FIXED / "results.py").read_text("utf-8")
    sources["namespaces/__init__.py"] = _mixins(document, groups)
    sources["results/__init__.py"] = _lazy(
        "What operations give", {"Result": "_base", **{n: _module(h) for n, h in homes.items()}}
    )
    # Not the generator's own: that would import the whole raw client for every namespace.
    sources["__init__.py"] = _lazy("The Tavus API, generated", {"AuthenticatedClient": "client", "Client": "client"})
    return sources


def _check_unique(namespace: str, group: Iterable[Endpoint]) -> None:
    seen: dict[str, Endpoint] = {}
    for endpoint in group:
        other = seen.setdefault(endpoint.method, endpoint)
        if other is not endpoint:
            raise RegenerationError(
                STEP,
                f"openapi/tavus.yaml, {other.verb} {other.path} and {endpoint.verb} {endpoint.path}",
                f"both would be {namespace}.{endpoint.method}",
                "give one of them an x-method in an overlay",
            )


# Stands in a module until it is known in which module each result class is.
_IMPORTS: Final = "# imports of results\n"


class _Module:
    """One namespace."""

    def __init__(self, schemas: Schemas, results: Reader, namespace: str, group: list[Endpoint]) -> None:
        self._schemas, self._reader, self._group = schemas, results, group
        self._class = namespace_class(namespace)
        self.results: set[str] = set()
        self._writer = Writer(schemas)
        bodies = {kind: "".join(self._method(one, kind == "Async") for one in group) for kind in ("", "Async")}
        doc = docstring(f"Operations of ``{namespace}``.", {}, 0)
        classes = "".join(
            f"@hides_locals\nclass {kind}{self._class}:\n"
            f'    """``{namespace}`` of {"an async" if kind else "a sync"} client."""\n\n'
            f"    def __init__(self, caller: {kind}Caller) -> None:\n        self._caller = caller\n\n"
            f"{bodies[kind]}\n\n"
            for kind in ("", "Async")
        )
        params = "".join(f"{one}\n\n" for one in self._writer.classes)
        self.source = f"{doc}\n\n{_HEAD}{_IMPORTS}\n\n{params}{classes}"

    def _method(self, endpoint: Endpoint, is_async: bool) -> str:
        return Method(self._schemas, self._writer, self._reader, self.results, endpoint, self._group, is_async).source


_HEAD: Final = """from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any, Literal, Required, TypedDict

from .._frames import hides_locals
from ..results._base import date, each, many, one, plain
from ._base import AsyncCaller, AsyncPager, Caller, Pager, Paging, PatchOperation, Progress, Upload, commas, file, files
from ._base import given, given_or_null
"""
# Names that the modules use: no class may have one of them.
_BASE_NAMES: Final = frozenset(
    {"Any", "AsyncCaller", "AsyncPager", "Caller", "ClassVar", "EllipsisType", "Literal", "Mapping", "Pager", "Paging"}
    | {"PatchOperation", "Progress", "Reader", "Required", "Result", "Sequence", "TypedDict", "Upload"}
)


def _homes(results: Reader, used: dict[str, set[str]]) -> dict[str, str]:
    """The module of each result class: that of its namespace, or the shared one when several have it."""
    homes: dict[str, set[str]] = defaultdict(set)
    for namespace, names in used.items():
        waiting, seen = list(names), set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                homes[name].add(namespace)
                waiting += results.uses[name]
    return {name: next(iter(places)) if len(places) == 1 else _SHARED for name, places in sorted(homes.items())}


def _result_imports(homes: dict[str, str], names: Iterable[str], up: str) -> str:
    modules: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        modules[homes[name]].append(name)
    prefix = ".." if up == ".." else "."
    package = f"{prefix}results." if up == ".." else prefix
    return "".join(
        f"from {package}{_module(home)} import {', '.join(found)}\n" for home, found in sorted(modules.items())
    )


def _module(home: str) -> str:
    """A namespace called ``shared`` must not meet the module of that name."""
    return "_shared" if home == _SHARED else home


def _result_modules(results: Reader, homes: dict[str, str]) -> dict[str, str]:
    modules: dict[str, list[str]] = defaultdict(list)
    for name in results.sources:
        if name in homes:
            modules[homes[name]].append(name)
    made: dict[str, str] = {}
    for home, names in modules.items():
        others = {other for name in names for other in results.uses[name] if homes[other] != home}
        made[f"results/{_module(home)}.py"] = (
            '"""What operations give."""\n\nfrom __future__ import annotations\n\n'
            "from collections.abc import Mapping\nfrom datetime import datetime\nfrom typing import Any, ClassVar\n\n"
            "from attrs import field, frozen\n\nfrom ._base import Reader, Result, date, each, many, one, plain\n"
            f"{_result_imports(homes, others, '.')}\n\n" + "\n\n".join(results.sources[name] for name in names)
        )
    return made


def _mixins(document: dict[str, Any], groups: dict[str, list[Endpoint]]) -> str:
    tags = {tag.get("name"): sentence(tag.get("description")) for tag in document.get("tags", ())}
    imports, sync, other = "", "", ""
    for namespace, group in groups.items():
        name = namespace_class(namespace)
        methods = ", ".join(sorted(f"``{one.method}``" for one in group))
        tag = (group[0].operation.get("tags") or [""])[0]
        doc = docstring(f"{tags.get(tag, '')} {methods}.".strip(), {}, 8)
        imports += f"    from .{namespace} import {name}, Async{name}\n"
        for kind in ("", "Async"):
            made = (
                f"    @cached_property\n    def {namespace}(self) -> {kind}{name}:\n{doc}\n"
                f"        from .{namespace} import {kind}{name}\n\n        return {kind}{name}(self._make_caller())\n\n"
            )
            sync, other = (sync + made, other) if not kind else (sync, other + made)
    doc = '"""The namespaces of a client; each is imported when it is first used."""'
    return (
        f"{doc}\n\nfrom __future__ import annotations\n\nfrom functools import cached_property\n"
        f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
        f"    from ._base import AsyncCaller, Caller\n{imports}\n\n"
        'class SyncNamespaces:\n    """What a sync client inherits."""\n\n'
        '    def _make_caller(self) -> Caller:\n        """What carries out the calls."""\n'
        f"        raise NotImplementedError\n\n{sync}\n\n"
        'class AsyncNamespaces:\n    """What an async client inherits."""\n\n'
        '    def _make_caller(self) -> AsyncCaller:\n        """What carries out the calls."""\n'
        f"        raise NotImplementedError\n\n{other}"
    )


def _lazy(title: str, homes: dict[str, str]) -> str:
    """A package that imports each of its names when it is first used."""
    modules: dict[str, list[str]] = defaultdict(list)
    for name, home in homes.items():
        modules[home].append(name)
    imports = "".join(f"    from .{home} import {', '.join(names)}\n" for home, names in sorted(modules.items()))
    rows = "".join(f"    {name!r}: {home!r},\n" for name, home in sorted(homes.items()))
    listed = "".join(f"    {name!r},\n" for name in sorted(homes))
    return (
        f'"""{title}; each class is imported when it is first used."""\n\n'
        "from __future__ import annotations\n\nfrom importlib import import_module\n"
        f"from typing import TYPE_CHECKING, Any\n\nif TYPE_CHECKING:\n{imports}\n"
        f"_HOMES = {{\n{rows}}}\n\n__all__ = (\n{listed})\n\n\n"
        "def __getattr__(name: str) -> Any:\n"
        '    if name not in _HOMES:\n        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")\n'
        '    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)\n'
        "    globals()[name] = value\n    return value\n"
    )
