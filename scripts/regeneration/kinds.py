"""The Python types of the generator's properties in requests and in answers, and the readers of answers."""

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
# For each property class of the generator: the type and the kind of JSON in a request, the type in an answer, and the
# reader.
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
# mypy does not know PEP 728, with which a TypedDict could say that it takes further keys.
_OPEN: Final = "Mapping[str, Any]"
_UNKNOWN: Final = ("Any", "", "Any", "plain")
_LITERALS: Final = {"str": ("str", "text"), "int": ("whole", "whole"), "bool": ("bool", "flag")}
# Attributes that every result has.
_TAKEN: Final = frozenset({"extra", "from_json", "to_dict"})


class Row(NamedTuple):
    """One attribute of an answer, or one key of a request."""

    name: str
    python: str
    kind: str
    reader: str
    doc: str
    required: bool = False
    paged: bool = False

    @property
    def note(self) -> tuple[str, str]:
        """The attribute's entry in a docstring."""
        return self.python, self.doc

    @property
    def unhashable(self) -> bool:
        """True if the value may be unhashable."""
        return "Mapping" in self.kind or "Any" in self.kind


class Discriminator(NamedTuple):
    """A discriminator: the member that identifies the schema, and the plain name of the schema for each value."""

    member: str
    words: Mapping[str, str]


def discriminators(slots: Iterable[Slot]) -> dict[frozenset[str], Discriminator]:
    """Return every discriminator of a document, by the plain names of the schemas that it distinguishes."""
    found = {}
    for slot in slots:
        told = slot.schema.get("discriminator") if isinstance(slot.schema, dict) else None
        if isinstance(told, dict) and told.get("mapping"):
            words = {word: plain(target.rpartition("/")[2]) for word, target in told["mapping"].items()}
            found[frozenset(words.values())] = Discriminator(told["propertyName"], words)
    return found


def raw(value: Any) -> Any:
    """Return the value inside the generator's wrapper for untrusted text."""
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
    """Return the property without null if that leaves one choice, or else the property itself."""
    choices = _choices(prop)
    return choices[0] if len(choices) == 1 else prop


def is_nullable(prop: Any) -> bool:
    """Return whether a property allows null."""
    return _type(prop) == "NoneProperty" or (_type(prop) == "UnionProperty" and len(_choices(prop)) < len(_inner(prop)))


class Kinds:
    """A lookup of the types and readers of properties.

    Args:
        models: The models of the generator.
        paged: For each class, the members that lead to the items of a page.
        told: The discriminators, by the names of the schemas of the choice.
        orders: The values of enums in the order of the document, which the generator loses.
    """

    def __init__(
        self,
        models: Iterable[ModelProperty],
        paged: Mapping[str, set[str]],
        told: Mapping[frozenset[str], Discriminator],
        orders: Mapping[frozenset[Any], list[Any]],
    ) -> None:
        self._told = told
        self._models = {model.class_info.name: model for model in models}
        self.paged = paged
        self._orders = orders

    def members(self, prop: ModelProperty) -> list[Any]:
        """Return the members of an object, in the order of the document."""
        model = self._models[prop.class_info.name]
        found = [*(model.required_properties or ()), *(model.optional_properties or ())]
        order = {raw(name): number for number, name in enumerate(model.data.properties or ())}
        return sorted(found, key=lambda one: order.get(raw(one.name), len(order)))

    def member(self, prop: Any, name: str) -> Any:
        """Return a member of an object, or ``None``."""
        prop = single(prop)
        members = self.members(prop) if isinstance(prop, ModelProperty) else []
        return next((one for one in members if raw(one.name) == name), None)

    def _others(self, prop: ModelProperty) -> Any:
        return self._models[prop.class_info.name].additional_properties

    def is_class(self, prop: Any) -> bool:
        """Return whether a property becomes a class, which is an object with known members."""
        return isinstance(prop, ModelProperty) and bool(self.members(prop))

    def is_json_patch(self, prop: Any) -> bool:
        """Return whether a property is an array of JSON Patch operations."""
        if _type(prop) != "ListProperty" or not isinstance(prop.inner_property, ModelProperty):
            return False
        return {"op", "path"} <= {raw(one.name) for one in self.members(prop.inner_property)}

    def reach(self, props: Iterable[Any]) -> set[str]:
        """Return the classes that the properties refer to, directly or indirectly."""
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

    def body(self, prop: Any) -> str:
        """Return the type of a whole body."""
        return param_name(prop.class_info.name) if self.is_class(prop) else self.sent(prop)

    def sent(self, prop: Any) -> str:
        """Return the type of an argument. An object with known members may have others too."""
        match _type(prop):
            case "ListProperty":
                item = "PatchOperation" if self.is_json_patch(prop) else self.sent(prop.inner_property)
                return f"Sequence[{item}]"
            case "UnionProperty":
                made = [self.sent(one) for one in _choices(prop)]
                bare = [kind.removesuffix(f" | {_OPEN}") for kind in made]
                kinds = list(dict.fromkeys([*bare, *([_OPEN] if bare != made else [])]))
                return "Any" if "Any" in kinds else " | ".join([*kinds, *(["None"] if is_nullable(prop) else [])])
            case "LiteralEnumProperty" | "EnumProperty" | "ConstProperty":
                return f"Literal[{', '.join(map(repr, self.words(prop)))}]"
            case "ModelProperty" if self.is_class(prop):
                return f"{param_name(prop.class_info.name)} | {_OPEN}"
            case "ModelProperty":
                others = self._others(prop)
                return f"Mapping[str, {self.sent(others) if others else 'Any'}]"
        return _SIMPLE.get(_type(prop), _UNKNOWN)[0]

    def words(self, prop: Any) -> list[Any]:
        """Return the values of an enum or a constant, in the order of the document if it is known."""
        if _type(prop) == "ConstProperty":
            return [raw(prop.value.raw_value)]
        values = prop.values if isinstance(prop.values, (set, list)) else prop.values.values()
        words = [raw(one) for one in values]
        return self._orders.get(frozenset(words)) or sorted(words, key=str)

    def checked(self, prop: Any) -> str:
        """Return the kind of JSON that an argument must be (see ``CHECKS`` in ``types``), or an empty string if any."""
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
        """Return the keys of a request's class."""
        return [
            Row(raw(one.name), raw(one.name), self.sent(one), "", self.describe(one), one.required)
            for one in self.members(model)
        ]

    def has_plain_keys(self, model: ModelProperty) -> bool:
        """Return whether every key is a valid attribute name that hides no other name of the class."""
        names = [raw(one.name) for one in self.members(model)]
        return all(
            name.isidentifier() and identifier(name) == name and not keyword.iskeyword(name) and name[0] != "_"
            for name in names
        )

    def describe(self, prop: Any) -> str:
        """Return a line that describes a value."""
        one = single(prop)
        words = self.words(one) if _type(one) in ("LiteralEnumProperty", "EnumProperty") else ()
        return described(raw(prop.description) or raw(one.description), words)

    # what is read

    def read(self, prop: Any) -> tuple[str, str]:
        """Return the type of a value in an answer, and the expression that reads it."""
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
        """Return the attributes of an answer's class."""
        taken = set(_TAKEN)
        name = str(model.class_info.name)
        found = []
        for prop in self.members(model):
            kind, reader = self.read(prop)
            if kind.removesuffix(" | None") == "str" and str(raw(prop.name)).endswith("_at"):
                kind, reader = kind.replace("str", "datetime"), "date"
            required = prop.required and kind != "Any" and not is_nullable(prop)
            if required and reader == "str":
                reader = "word"  # a blank id is invalid
            elif not required and kind != "Any" and not kind.endswith(" | None"):
                kind = f"{kind} | None"
            paged = not required and raw(prop.name) in self.paged.get(name, ())
            attribute = free(str(prop.python_name), taken)
            found.append(Row(raw(prop.name), attribute, kind, reader, self.describe(prop), required, paged))
        return found

    # imports

    def imports(self, text: str, prefix: str) -> list[str]:
        """Return the imports of the classes that a piece of source names, one for each module."""
        words = _words_of_code(text)
        lines = []
        for name, model in self._models.items():
            names = [one for one in dict.fromkeys((name, param_name(name))) if one in words]
            if names:
                lines.append(f"from {prefix}models.{model.class_info.module_name} import {', '.join(names)}")
        return sorted(lines)


def param_name(name: str) -> str:
    """Return the name of a request's class, from the class name of the generator."""
    return f"{name.removesuffix('Param')}Param"


def needed(text: str, module: str, *names: str) -> str:
    """Return an import of the given names that a piece of source uses. Ruff removes no unused ones in ``__init__``.

    A leading underscore prevents a clash with an argument: ``_send`` becomes ``send as _send``.
    """
    words = _words_of_code(text)
    used = [name if name[0] != "_" else f"{name[1:]} as {name}" for name in names if name in words]
    return f"from {module} import {', '.join(used)}" if used else ""


def _words_of_code(text: str) -> set[str]:
    """Return the words of a piece of source. Omit docstrings, because their words may equal class names by chance."""
    return set(re.findall(r"\w+", re.sub(r'"""(?s:.*?)"""', "", text)))


def plain(name: str) -> str:
    """Return a normalized name that is the same for a component and the class that the generator makes of it."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("result")
