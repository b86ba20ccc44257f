"""What a new raw client does to code written for the old one; found by griffe, which reads and never imports."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import griffe

from .markdown import code
from .shapes import plain_name

PACKAGE = "tavus_api"


class Effect(NamedTuple):
    """One difference between two packages.

    Attributes:
        owner: Class, or module of a function, see :func:`~.shapes.plain_name`; empty when it is neither.
        member: Attribute or parameter of it, likewise; empty for the whole.
        kind: ``"breaking"``, ``"depends"`` (it breaks code that sends such a value or code that reads it, so the
            specification decides), or ``"more"`` (code for the old package goes on working).
        text: Markdown.
    """

    owner: str
    member: str
    kind: str
    text: str


def effects(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Effect]:
    """Compare two versions of the generated package.

    Args:
        old: The files of the package, by their path in it.
        new: Likewise.
    """
    if old == new:  # reading one takes seconds
        return []
    with tempfile.TemporaryDirectory(prefix="tavus-report-") as folder:
        before, after = (_load(files, Path(folder, name)) for name, files in (("old", old), ("new", new)))
        found = [effect for breakage in _breakages(before, after) for effect in _broken(breakage)]
        found += [effect for breakage in _breakages(after, before) for effect in _gained(breakage)]
        found += _retyped(before, after)
    return sorted(dict.fromkeys(found))


def _load(files: Mapping[str, bytes], folder: Path) -> griffe.Module:
    for name, data in files.items():
        path = folder / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False)
    package = loader.load(PACKAGE, try_relative_path=False)
    assert isinstance(package, griffe.Module)  # noqa: S101  # the name is that of a package
    for class_ in _models(package):
        _add_constructor(class_)
    return package


def _models(package: griffe.Module) -> Iterator[griffe.Class]:
    models = package.members.get("models")
    for module in models.modules.values() if isinstance(models, griffe.Module) else ():
        yield from (member for member in module.classes.values() if not member.is_alias)


def _add_constructor(class_: griffe.Class) -> None:
    """The constructor that attrs writes. Keywords only: where a field stands in a model is upstream's whim."""
    if not any(decorator.callable_path.startswith("attrs.") for decorator in class_.decorators):
        return
    self = griffe.Parameter("self", kind=griffe.ParameterKind.positional_only)
    fields = (
        griffe.Parameter(name, annotation=field.annotation, kind=griffe.ParameterKind.keyword_only, default=field.value)
        for name, field in class_.attributes.items()
        if "instance-attribute" in field.labels and name != "additional_properties"
    )
    class_.set_member("__init__", griffe.Function("__init__", parameters=griffe.Parameters(self, *fields)))


def _breakages(old: griffe.Module, new: griffe.Module) -> Iterator[griffe.Breakage]:
    for breakage in griffe.find_breaking_changes(old, new):
        # A name of models/__init__ is told where it is defined; a field of a model, as an argument of its constructor.
        is_field = breakage.kind is griffe.BreakageKind.OBJECT_REMOVED and _is_field(breakage.obj)
        if not (breakage.obj.is_alias or is_field):
            yield breakage


def _is_field(member: griffe.Object | griffe.Alias) -> bool:
    parent = member.parent
    return member.is_attribute and parent is not None and parent.is_class and "__init__" in parent.members


_BROKEN = {
    griffe.BreakageKind.OBJECT_REMOVED: "is gone",
    griffe.BreakageKind.PARAMETER_REMOVED: "is gone",
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: "is new and required",
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: "became required",
}
_REQUIRED = frozenset({griffe.BreakageKind.PARAMETER_ADDED_REQUIRED, griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED})


def _broken(breakage: griffe.Breakage) -> Iterator[Effect]:
    said = _BROKEN.get(breakage.kind, breakage.kind.value[:1].lower() + breakage.kind.value[1:])
    # Nobody but the generated code constructs what is an answer.
    kind = "depends" if breakage.kind in _REQUIRED and breakage.obj.name == "__init__" else "breaking"
    for subject in _parts(breakage.obj):
        yield _effect(subject, _parameter(breakage), kind, said)


def _gained(breakage: griffe.Breakage) -> Iterator[Effect]:
    """What a comparison the other way round means."""
    if breakage.kind is griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED:
        said = f"became optional, {code(str(breakage.old_value.annotation))}"
    elif breakage.kind is griffe.BreakageKind.OBJECT_REMOVED or (
        breakage.kind is griffe.BreakageKind.PARAMETER_REMOVED and not breakage.old_value.required
    ):
        said = "is new"
    else:
        return
    for subject in _parts(breakage.obj):
        yield _effect(subject, _parameter(breakage), "more", said)


def _parts(subject: griffe.Object | griffe.Alias) -> list[griffe.Object | griffe.Alias]:
    """A folder of operations is told operation by operation; a module of ``models`` by its class."""
    modules = [member for member in subject.modules.values() if not member.is_alias] if subject.is_module else []
    if modules:
        return [*modules]
    models = (member for member in subject.classes.values() if subject.is_module and not member.is_alias)
    return [next(models, subject)]


def _parameter(breakage: griffe.Breakage) -> str:
    values = (value for value in (breakage.old_value, breakage.new_value) if isinstance(value, griffe.Parameter))
    return next((value.name for value in values), "")


def _effect(subject: griffe.Object | griffe.Alias, parameter: str, kind: str, said: str) -> Effect:
    """Say it of a class, a module or an attribute; the four functions of an operation's module say it once."""
    parent = subject.parent
    if subject.is_function and parent is not None:
        subject = parent
    name = code(_dotted(subject))
    if subject.is_attribute and parent is not None and parent.is_class:
        return Effect(plain_name(parent.name), plain_name(subject.name), kind, f"{name} {said}")
    text = f"parameter {code(parameter)} of {name} {said}" if parameter else f"{name} {said}"
    return Effect(plain_name(subject.name), plain_name(parameter), kind, text)


def _dotted(subject: griffe.Object | griffe.Alias) -> str:
    """``models.Replica`` for what ``models/__init__`` gives, else the path in the package."""
    parts = subject.path.removeprefix(f"{PACKAGE}.").split(".")
    if parts[0] == "models" and len(parts) > 2:
        del parts[1]
    return ".".join(parts)


def _retyped(old: griffe.Module, new: griffe.Module) -> Iterator[Effect]:
    """Griffe does not compare annotations yet."""
    theirs = {function.path: function for function in _functions(new)}
    for function in _functions(old):
        other = theirs.get(function.path)
        if other is None:
            continue
        if function.name == "sync" and _names(function.returns) != _names(other.returns):
            yield _effect(
                function, "", "depends", f"answers {code(str(function.returns))} → {code(str(other.returns))}"
            )
        for parameter in function.parameters:
            name, before = parameter.name, parameter.annotation
            after = other.parameters[name].annotation if name in other.parameters else before
            if _names(before) != _names(after):
                yield _effect(function, name, "depends", f"is {code(str(before))} → {code(str(after))}")


def _names(annotation: object) -> list[str]:
    """What an annotation is made of, but for the order, and for what makes it optional: that is told already."""
    return sorted(set(re.findall(r"\w+", str(annotation))) - {"Unset"})


def _functions(package: griffe.Module) -> Iterator[griffe.Function]:
    for class_ in _models(package):
        if "__init__" in class_.members:
            yield class_.functions["__init__"]
    api = package.members.get("api")
    for tag in api.modules.values() if isinstance(api, griffe.Module) else ():
        for module in tag.modules.values():
            yield from (member for name, member in module.functions.items() if not name.startswith("_"))
