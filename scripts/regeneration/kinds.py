"""What a property of the generator is in Python: its type when it is sent, its type when it is read, and its reader."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from openapi_python_client.parser.properties import ModelProperty

from .prose import described
from .python_names import free, identifier
from .schemas import Slot

STEP: Final = "generate"
# By the generator's class of property: the type when it is sent, the kind of JSON that it is then, the type when it is
# read, and its reader.
_SIMPLE: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "StringProperty": ("str", "text", "str", "str"),
    "UuidProperty": ("str", "text", "str", "str"),
    "DateProperty": ("str", "text", "str", "str"),
    "DateTimeProperty": ("str", "text", "datetime", "date"),
    "IntProperty": ("int", "whole", "int", "whole"),
    "FloatProperty": ("float", "number", "float", "number"),
    "BooleanProperty": ("bool", "flag", "bool", "bool"),
    "FileProperty": ("Upload", "file", "str", "str"),
    "NoneProperty": ("None", "", "None", "plain"),
}
_UNKNOWN: Final = ("Any", "", "Any", "plain")
_LITERALS: Final = {"str": ("str", "text"), "int": ("whole", "whole"), "bool": ("bool", "flag")}
# Attributes that every result has.
_TAKEN: Final = frozenset({"extra", "from_json", "to_dict"})


class Row(NamedTuple):
    """One attribute of an answer, or one key of what is sent."""

    name: str
    python: str
    kind: str
    reader: str
    doc: str
    required: bool = False
    paged: bool = False

    @property
    def note(self) -> tuple[str, str]:
        """Its line in a docstring."""
        return self.python, self.doc

    @property
    def unhashable(self) -> bool:
        """Whether the value may have no hash."""
        return "Mapping" in self.kind or "Any" in self.kind


class ReportedRecord(NamedTuple):
    """How a choice says which of its schemas it is: a member, and the plain name of the schema of each word."""

    member: str
    words: Mapping[str, str]


def discriminators(slots: Iterable[Slot]) -> dict[frozenset[str], ReportedRecord]:
    """Every discriminator of a document, by the plain names of the schemas that it tells apart."""
    found = {}
    for slot in slots:
        told = slot.schema.get("discriminator") if isinstance(slot.schema, dict) else None
        if isinstance(told, dict) and told.get("mapping"):
            words = {word: plain(target.rpartition("/")[2]) for word, target in told["mapping"].items()}
            found[frozenset(words.values())] = ReportedRecord(told["propertyName"], words)
    return found


def raw(value: Any) -> Any:
    """The value of what the generator holds as untrusted."""
    return value.get_untrusted_value() if hasattr(value, "get_untrusted_value") else value


def _type(prop: Any) -> str:
    return type(prop).__name__


def _inner(prop: Any) -> list[Any]:
    match _type(prop):
        case "ListProperty":
            return [prop.inner_property]
        case "UnionProperty":
            return list(prop.inner_properties)
    return []


def _choices(prop: Any) -> list[Any]:
    return [one for one in _inner(prop) if _type(one) != "NoneProperty"] if _type(prop) == "UnionProperty" else [prop]


def single(prop: Any) -> Any:
    """The property without null, if nothing else is left to choose."""
    choices = _choices(prop)
    return choices[0] if len(choices) == 1 else prop


def is_nullable(prop: Any) -> bool:
    """Whether null is a value."""
    return _type(prop) == "NoneProperty" or (_type(prop) == "UnionProperty" and len(_choices(prop)) < len(_inner(prop)))


class Kinds:
    """Looks properties up and says what they are.

    Args:
        models: The models of the generator.
        paged: For a class, the members that lead to the items of a page.
        told: By the names of the schemas of a choice, how it says which of them it is.
        orders: The words of enumerations in the order of the document, which the generator loses.
    """

    def __init__(
        self,
        models: Iterable[ModelProperty],
        paged: Mapping[str, set[str]],
        told: Mapping[frozenset[str], ReportedRecord],
        orders: Mapping[frozenset[Any], list[Any]],
    ) -> None:
        self._told = told
        self._models = {model.class_info.name: model for model in models}
        self.paged = paged
        self._orders = orders

    def members(self, prop: ModelProperty) -> list[Any]:
        """The members of an object, in the order of the document."""
        model = self._models[prop.class_info.name]
        found = [*(model.required_properties or ()), *(model.optional_properties or ())]
        order = {raw(name): number for number, name in enumerate(model.data.properties or ())}
        return sorted(found, key=lambda one: order.get(raw(one.name), len(order)))

    def member(self, prop: Any, name: str) -> Any:
        """A member of an object, or None."""
        prop = single(prop)
        members = self.members(prop) if isinstance(prop, ModelProperty) else []
        return next((one for one in members if raw(one.name) == name), None)

    def _others(self, prop: ModelProperty) -> Any:
        return self._models[prop.class_info.name].additional_properties

    def is_class(self, prop: Any) -> bool:
        """Whether a class is made of it: an object whose members are known."""
        return isinstance(prop, ModelProperty) and bool(self.members(prop))

    def is_json_patch(self, prop: Any) -> bool:
        """Whether it is an array of the operations of a JSON Patch."""
        if _type(prop) != "ListProperty" or not isinstance(prop.inner_property, ModelProperty):
            return False
        return {"op", "path"} <= {raw(one.name) for one in self.members(prop.inner_property)}

    def reach(self, props: Iterable[Any]) -> set[str]:
        """The classes that properties lead to."""
        seen: set[str] = set()
        found: set[str] = set()
        waiting = list(props)
        while waiting:
            prop = waiting.pop()
            waiting += _inner(prop)
            if isinstance(prop, ModelProperty) and prop.class_info.name not in seen:
                seen.add(prop.class_info.name)
                if self.is_class(prop):
                    found.add(prop.class_info.name)
                waiting += self.members(prop)
                others = self._others(prop)
                waiting += [others] if others else []
        return found

    # what is sent

    def sent(self, prop: Any) -> str:
        """The type of an argument."""
        match _type(prop):
            case "ListProperty":
                item = "PatchOperation" if self.is_json_patch(prop) else self.sent(prop.inner_property)
                return f"Sequence[{item}]"
            case "UnionProperty":
                kinds = list(dict.fromkeys(self.sent(one) for one in _choices(prop)))
                return "Any" if "Any" in kinds else " | ".join([*kinds, *(["None"] if is_nullable(prop) else [])])
            case "LiteralEnumProperty" | "EnumProperty" | "ConstProperty":
                return f"Literal[{', '.join(map(repr, self.words(prop)))}]"
            case "ModelProperty" if self.is_class(prop):
                return param_name(prop.class_info.name)
            case "ModelProperty":
                others = self._others(prop)
                return f"Mapping[str, {self.sent(others) if others else 'Any'}]"
        return _SIMPLE.get(_type(prop), _UNKNOWN)[0]

    def words(self, prop: Any) -> list[Any]:
        """The values that an enumeration or a constant allows, in the order of the document if it is known."""
        if _type(prop) == "ConstProperty":
            return [raw(prop.value.raw_value)]
        values = prop.values if isinstance(prop.values, (set, list)) else prop.values.values()
        words = [raw(one) for one in values]
        return self._orders.get(frozenset(words)) or sorted(words, key=str)

    def checked(self, prop: Any) -> str:
        """The kind of JSON that an argument must be, see ``CHECKS`` in ``types``; empty if anything can be."""
        choices = {self._checked(one) for one in _choices(prop)}
        kind = choices.pop() if len(choices) == 1 else ""
        return f"{kind}?" if kind and is_nullable(prop) else kind

    def _checked(self, prop: Any) -> str:
        match _type(prop):
            case "ListProperty":
                return "files" if _type(prop.inner_property) == "FileProperty" else "list"
            case "ModelProperty":
                return "object"
            case "LiteralEnumProperty" | "EnumProperty" | "ConstProperty":
                kinds = {type(one).__name__ for one in self.words(prop)}
                return _LITERALS.get(kinds.pop(), ("", ""))[1] if len(kinds) == 1 else ""
        return _SIMPLE.get(_type(prop), _UNKNOWN)[1]

    def keys(self, model: ModelProperty) -> list[Row]:
        """The keys of a class of what is sent."""
        return [
            Row(raw(one.name), raw(one.name), self.sent(one), "", self.describe(one), one.required)
            for one in self.members(model)
        ]

    def has_plain_keys(self, model: ModelProperty) -> bool:
        """Whether every key can be written as an attribute, and hides no name that the class uses."""
        names = [raw(one.name) for one in self.members(model)]
        return all(
            name.isidentifier() and identifier(name) == name and not keyword.iskeyword(name) and name[0] != "_"
            for name in names
        )

    def describe(self, prop: Any) -> str:
        """A line on a value."""
        one = single(prop)
        words = self.words(one) if _type(one) in ("LiteralEnumProperty", "EnumProperty") else ()
        return described(raw(prop.description) or raw(one.description), words)

    # what is read

    def read(self, prop: Any) -> tuple[str, str]:
        """The type of a value of an answer, and the expression that reads it."""
        match _type(prop):
            case "ListProperty":
                kind, reader = self._read_part(prop.inner_property)
                return f"tuple[{kind}, ...]", f"many({reader})"
            case "UnionProperty":
                return self._read_choice(prop)
            case "LiteralEnumProperty" | "EnumProperty" | "ConstProperty":
                kinds = {type(one).__name__ for one in self.words(prop)}
                kind = kinds.pop() if len(kinds) == 1 else ""
                return (kind, _LITERALS[kind][0]) if kind in _LITERALS else ("Any", "plain")
            case "ModelProperty" if self.is_class(prop):
                return str(prop.class_info.name), f"one({str(prop.class_info.name)!r})"
            case "ModelProperty":
                others = self._others(prop)
                kind, reader = self._read_part(others) if others else ("Any", "plain")
                return f"Mapping[str, {kind}]", f"each({reader})"
        return _SIMPLE.get(_type(prop), _UNKNOWN)[2:]

    def _read_part(self, prop: Any) -> tuple[str, str]:
        kind, reader = self.read(prop)
        return kind, f"maybe({reader})" if is_nullable(prop) and reader != "plain" else reader

    def _read_choice(self, prop: Any) -> tuple[str, str]:
        made = [self.read(one) for one in _choices(prop)]
        kinds = list(dict.fromkeys(kind for kind, _ in made))
        readers = list(dict.fromkeys(reader for _, reader in made))
        if "Any" in kinds or not made:
            return "Any", "plain"
        if is_nullable(prop):
            kinds.append("None")
        names = {plain(one.class_info.name): str(one.class_info.name) for one in _choices(prop) if self.is_class(one)}
        told = self._told.get(frozenset(names)) if len(names) == len(made) else None
        if told is not None:
            rows = ", ".join(f"{word!r}: one({names[name]!r})" for word, name in told.words.items())
            return " | ".join(kinds), f"choose({told.member!r}, {{{rows}}})"
        return " | ".join(kinds), readers[0] if len(readers) == 1 else f"choice({', '.join(readers)})"

    def rows(self, model: ModelProperty) -> list[Row]:
        """The attributes of a class of an answer."""
        taken = set(_TAKEN)
        name = str(model.class_info.name)
        found = []
        for prop in self.members(model):
            kind, reader = self.read(prop)
            if kind.removesuffix(" | None") == "str" and str(raw(prop.name)).endswith("_at"):
                kind, reader = kind.replace("str", "datetime"), "date"
            required = prop.required and kind != "Any" and not is_nullable(prop)
            if required and reader == "str":
                reader = "word"  # an id that is blank names nothing
            elif not required and kind != "Any" and not kind.endswith(" | None"):
                kind = f"{kind} | None"
            paged = not required and raw(prop.name) in self.paged.get(name, ())
            attribute = free(str(prop.python_name), taken)
            found.append(Row(raw(prop.name), attribute, kind, reader, self.describe(prop), required, paged))
        return found

    # imports

    def imports(self, text: str, prefix: str) -> list[str]:
        """The imports of the classes that a piece of source names, one for each module."""
        words = _words_of_code(text)
        lines = []
        for name, model in self._models.items():
            names = [one for one in dict.fromkeys((name, param_name(name))) if one in words]
            if names:
                lines.append(f"from {prefix}models.{model.class_info.module_name} import {', '.join(names)}")
        return sorted(lines)


def param_name(name: str) -> str:
    """The class of what is sent, by the class of the generator."""
    return f"{name.removesuffix('Param')}Param"


def needed(text: str, module: str, *names: str) -> str:
    """An import of those of the names that a piece of source uses; ruff removes none from an ``__init__``.

    A name with a leading underscore is one that no argument can have: ``_send`` is imported as that.
    """
    words = _words_of_code(text)
    used = [name if name[0] != "_" else f"{name[1:]} as {name}" for name in names if name in words]
    return f"from {module} import {', '.join(used)}" if used else ""


def _words_of_code(text: str) -> set[str]:
    """The words of a piece of source, those of its docstrings left out: they may be names of classes by chance."""
    return set(re.findall(r"\w+", re.sub(r'"""(?s:.*?)"""', "", text)))


def plain(name: str) -> str:
    """A name by which a component is known again after the generator made a class of it."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("result")
