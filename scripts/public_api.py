"""Compare the public API with its snapshot, ``docs/public_api.txt``, and fail on an undeclared break.

::

    python scripts/public_api.py              print what changed since the snapshot
    python scripts/public_api.py --check      the same; exit 1 if a break is not declared (make lint)
    python scripts/public_api.py --update     write the snapshot; exit 1 if a break is not declared
    python scripts/public_api.py --current    exit 1 if the snapshot does not match the code (make check)

The public API consists of the names that the six packages below list in ``__all__``, and of the hand-written
namespaces of a client. The snapshot is a stub that griffe reads. Breaks are: a removed name, base, package or
parameter; a new required parameter; another default or order; another value of an enumeration; a function that becomes
async. An addition is not a break. The script does not compare types: a reviewer reads them in the diff of the snapshot.

An item in the top section of CHANGELOG.md declares a break. It names the object in backticks, starting with its class,
with or without its package: `Tavus.close`, `replicas.create_personal`, `tavus_consent.Tavus.close`. It is under
"### Changed" or "### Removed", or contains one of the words "changed", "removed" and "renamed".
"""

from __future__ import annotations

import argparse
import enum
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import griffe
from list_reference import namespaces

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = "docs/public_api.txt"
PACKAGES = (
    "tavus_consent",
    "tavus_consent.callbacks",
    "tavus_consent.consent",
    "tavus_consent.ledger",
    "tavus_consent.preflight",
    "tavus_consent.testing",
)
ROOTS = ("tavus_consent", "tavus_api")  # models of tavus_api are bases of public classes
HEAD = """\
# The public API, written by scripts/public_api.py --update; do not edit. `make lint` compares the code with it.
# Each part is a stub of one package; "tavus" holds the namespaces of a client that are written by hand.
"""
# Methods that callers use through syntax.
_SYNTAX = {"__init__", "__call__", "__enter__", "__exit__", "__aenter__", "__aexit__"}
_SYNTAX |= {"__iter__", "__aiter__", "__len__", "__getitem__"}
_WIDTH = 100
_DECLARES = re.compile(r"\b(changed|removed|renamed)\b", re.IGNORECASE)


def describe() -> str:
    """Return the text of the snapshot."""
    loader = griffe.GriffeLoader(allow_inspection=False)
    for package in ROOTS:
        loader.load(package)
    loader.resolve_aliases()
    written: dict[int, str] = {}
    parts = [HEAD]
    for package in PACKAGES:
        module = importlib.import_module(package)
        static = loader.modules_collection[package]
        parts.append(f"\n# package {package}\n")
        for name in sorted(module.__all__):
            value = getattr(module, name)
            home = written.setdefault(id(value), f"{package}.{name}")
            if home != f"{package}.{name}" and not isinstance(value, str):
                parts.append(f"{name} = {home}\n")
            elif inspect.isclass(value):
                parts += _class(name, value, loader)
            elif callable(value):
                parts.append(_function(name, value))
            else:
                parts.append(f"{name}: {_type(static[name], value)}\n")
    parts.append("\n# package tavus\n")
    for name, cls in sorted(namespaces().items()):
        if cls.__module__.startswith("tavus_consent.") and id(cls) not in written:
            parts += _class(name, cls, loader, ROOTS[:1])
    return "".join(parts)


def _class(name: str, cls: type, loader: griffe.GriffeLoader, roots: Sequence[str] = ROOTS) -> Iterator[str]:
    bases = [base.__name__ for base in cls.__bases__ if _is_base(base)]
    yield f"\nclass {name}({', '.join(bases)}):\n" if bases else f"\nclass {name}:\n"
    owners = [one for one in reversed(cls.__mro__) if one.__module__.partition(".")[0] in roots]
    lines: dict[str, str] = {}
    for owner in owners:
        lines |= _attributes(cls, owner, loader)
        lines |= _methods(owner)
    if roots is not ROOTS:  # the client creates its namespaces
        lines.pop("__init__", None)
    yield from (lines[key] for key in sorted(lines, key=lambda key: (" def " in lines[key], key in _SYNTAX, key)))
    if not lines:
        yield "    pass\n"


def _is_base(base: type) -> bool:
    """Return True for a base that is part of the API: a public class, or one of the standard library."""
    if base.__module__ in ("builtins", "enum"):
        return base is not object
    modules = [importlib.import_module(package) for package in PACKAGES]
    return any(base.__name__ in module.__all__ and getattr(module, base.__name__) is base for module in modules)


def _attributes(cls: type, owner: type, loader: griffe.GriffeLoader) -> Iterator[tuple[str, str]]:
    """Yield the fields, properties and variables, including those that ``__init__`` sets."""
    static = loader.modules_collection[f"{owner.__module__}.{owner.__qualname__}"]
    for name, member in static.members.items():
        if name[0] == "_" or not member.is_attribute:
            continue
        value = inspect.getattr_static(cls, name, None)
        if isinstance(value, enum.Enum):
            yield name, f"    {name} = {value.value!r}\n"
        else:
            yield name, f"    {name}: {_type(member, value)}\n"


def _is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Return True for a coroutine function, even if a decorator wraps it, in every version of Python."""
    return inspect.iscoroutinefunction(inspect.unwrap(function))


def _type(member: Any, value: Any) -> str:
    if member.annotation is not None and str(member.annotation) != "Final":
        return str(member.annotation)
    init = member.parent.members.get("__init__")
    # ``self.field = field`` has the type of the parameter.
    given = init and {one.name: one.annotation for one in init.parameters}.get(str(member.value))
    if given is not None:
        return str(given)
    return "Any" if value is None or inspect.isdatadescriptor(value) else type(value).__name__


def _methods(owner: type) -> Iterator[tuple[str, str]]:
    for name, member in vars(owner).items():
        shown = "__init__" if name == "__new__" and issubclass(owner, tuple) else name
        if shown not in _SYNTAX and name[0] == "_":
            continue
        kind = {classmethod: "    @classmethod\n", staticmethod: "    @staticmethod\n"}.get(type(member), "")
        function = getattr(member, "__func__", member)
        if inspect.isfunction(function):
            yield shown, ("" if shown == "__init__" else kind) + _function(shown, function, "    ")


def _function(name: str, function: Any, indent: str = "") -> str:
    signature = inspect.signature(function)
    rows: list[str] = []
    kinds = inspect.Parameter
    before = None
    for one in signature.parameters.values():
        if before is kinds.POSITIONAL_ONLY and one.kind is not before:
            rows.append("/")
        if one.kind is kinds.KEYWORD_ONLY and before not in (kinds.KEYWORD_ONLY, kinds.VAR_POSITIONAL):
            rows.append("*")
        star = "*" if one.kind is kinds.VAR_POSITIONAL else "**" if one.kind is kinds.VAR_KEYWORD else ""
        note = "" if one.annotation is one.empty else f": {_text(one.annotation)}"
        default = "" if one.default is one.empty else f"{' = ' if note else '='}{_default(one.default)}"
        name_of_it = "self" if one.name == "_cls" else one.name  # of a named tuple
        rows.append(f"{star}{name_of_it}{note}{default}")
        before = one.kind
    returns = "" if signature.return_annotation is signature.empty else f" -> {_text(signature.return_annotation)}"
    start = f"{indent}{'async ' if _is_coroutine_function(function) else ''}def {name}("
    line = f"{start}{', '.join(rows)}){returns}: ...\n"
    if len(line) <= _WIDTH:
        return line
    return f"{start}\n" + "".join(f"{indent}    {row},\n" for row in rows) + f"{indent}){returns}: ...\n"


def _text(annotation: Any) -> str:
    """Return an annotation as source text; attrs sometimes leaves an object instead."""
    annotation = getattr(annotation, "__forward_arg__", annotation)
    if isinstance(annotation, str):
        return annotation
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _default(value: Any) -> str:
    """Return a default that reads the same on every machine."""
    return repr(value) if isinstance(value, (str, bytes, int, float, tuple, type(None))) else "..."


def breaks(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the object and the change, for each change that can break a caller."""
    before, after = _modules(old), _modules(new)
    for package, module in before.items():
        if package not in after:
            yield package, f"{package}: package was removed"
            continue
        for found in griffe.find_breaking_changes(module, after[package]):
            path = found.obj.path
            yield path, f"{path}: {found.kind.value} ({_shown(found.old_value)} -> {_shown(found.new_value)})"
        for name, member in module.members.items():
            other = after[package].members.get(name)
            if other is not None and other.kind is member.kind:
                yield from _unseen(member, other)


def _unseen(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the changes that griffe does not detect: values of enumerations, and functions that become async."""
    if old.is_function and ("async" in old.labels) != ("async" in new.labels):
        yield old.path, f"{old.path}: {'await' if 'async' in new.labels else 'do not await'} its result"
    for name, member in old.members.items() if old.is_class else ():
        other = new.members.get(name)
        if other is None or other.kind is not member.kind:
            continue
        if member.is_attribute and str(member.value) != str(other.value):
            yield member.path, f"{member.path}: Attribute value was changed ({member.value} -> {other.value})"
        yield from _unseen(member, other)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(getattr(value, "name", value))


def _modules(text: str) -> dict[str, griffe.Module]:
    """Return each part of a snapshot as griffe reads it."""
    parts = re.split(r"^# package (\S+)$", text, flags=re.MULTILINE)[1:]
    return {name: griffe.visit(name, Path(SNAPSHOT), code) for name, code in zip(parts[::2], parts[1::2], strict=True)}


def additions(old: str, new: str) -> list[str]:
    """Return the names of packages, classes, functions and members that the old snapshot lacks."""
    return sorted(_names(new) - _names(old))


def _names(text: str) -> set[str]:
    found = set()
    for package, module in _modules(text).items():
        for name, member in module.members.items():
            found |= {f"{package}.{name}", *(f"{package}.{name}.{inner}" for inner in member.members)}
    return found


def declared(changelog: str) -> set[str]:
    """Return the names that the top section of a changelog declares as changed, removed or renamed."""
    top = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:2]
    found: set[str] = set()
    for part in re.split(r"^### ", "".join(top), flags=re.MULTILINE):
        heading, _, body = part.partition("\n")
        for item in re.split(r"^- ", body, flags=re.MULTILINE)[1:]:
            if heading.strip() in ("Changed", "Removed") or _DECLARES.search(item):
                found |= set(re.findall(r"`([\w.]+)[^`]*`", item))
    return found


def is_declared(path: str, names: Iterable[str]) -> bool:
    """Return True if one of the names means the object: its path, with or without its package."""
    package = max((one for one in (*PACKAGES, "tavus") if f"{path}.".startswith(f"{one}.")), key=len, default="")
    return not {path, path.removeprefix(f"{package}.")}.isdisjoint(names)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT, new: str | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Compare the public API with its snapshot.")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--check", action="store_true", help="exit 1 if a break is not declared in CHANGELOG.md")
    group.add_argument("--current", action="store_true", help="exit 1 if the snapshot does not match the code")
    group.add_argument("--update", action="store_true", help="write the snapshot, unless a break is not declared")
    given = parser.parse_args(arguments)
    file = root / SNAPSHOT
    old = file.read_text("utf-8") if file.exists() else HEAD
    new = describe() if new is None else new
    if given.current:
        if old != new:
            print(f"{SNAPSHOT} is not current. Run scripts/public_api.py --update.", file=sys.stderr)
        return int(old != new)
    names = declared((root / "CHANGELOG.md").read_text("utf-8"))
    undeclared = False
    for path, said in breaks(old, new):
        known = is_declared(path, names)
        undeclared |= not known
        print(f"{'declared' if known else 'not declared'}: {said}", file=sys.stderr)
    for name in additions(old, new):
        print(f"added: {name}", file=sys.stderr)
    if undeclared:
        print(
            "The public API breaks. Keep the old name or argument, or declare the break: in the top section of "
            "CHANGELOG.md, name the object in backticks and say that it is changed, removed or renamed.",
            file=sys.stderr,
        )
    elif given.update:
        file.write_text(new, "utf-8")
    return int(undeclared and (given.check or given.update))


if __name__ == "__main__":
    sys.exit(main())
