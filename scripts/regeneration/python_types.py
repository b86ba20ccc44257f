"""Schemas as Python types: what is sent as annotations and ``TypedDict``, what is read as result classes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final, NamedTuple

from .answers import DATE_KEY, KNOWN_KEY
from .python_names import class_name, free, identifier

_SIMPLE: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_MAX_DEPTH: Final = 32


class Member(NamedTuple):
    """A member of an object schema."""

    name: str
    schema: dict[str, Any]
    required: bool


class Schemas:
    """Looks schemas up in a document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._kept: list[Any] = []
        self._known: dict[int, tuple[dict[str, Any], str | None, bool]] = {}

    def resolve(self, schema: Any) -> tuple[dict[str, Any], str | None]:
        """Follow references.

        Returns:
            The schema, and the name of the last component on the way to it.
        """
        name: str | None = None
        for _ in range(_MAX_DEPTH):
            if not isinstance(schema, dict) or "$ref" not in schema:
                break
            parts = [part.replace("~1", "/").replace("~0", "~") for part in schema["$ref"].split("/")[1:]]
            schema, name = self._document, parts[-1]
            for part in parts:
                schema = schema[part]
        return (schema if isinstance(schema, dict) and "$ref" not in schema else {}), name

    def flat(self, schema: Any) -> tuple[dict[str, Any], str | None, bool]:
        """One schema without references, choices and null.

        A choice of objects becomes one object that has the members of all, and requires what all require; any other
        choice becomes a schema that says nothing.

        Returns:
            The schema, the name of its component, and whether null is a value, too.
        """
        # The same schema gives the same object: by that a class is found again.
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = self._flat(schema, 0)
            self._kept.append(schema)
        return known

    def _flat(self, schema: Any, depth: int) -> tuple[dict[str, Any], str | None, bool]:
        schema, name = self.resolve(schema)
        if depth > _MAX_DEPTH:
            return {}, None, False
        null = False
        for key in ("allOf", "anyOf", "oneOf"):
            if key not in schema:
                continue
            parts = [self._flat(part, depth + 1) for part in schema[key]]
            real = [part for part in parts if part[0].get("type") != "null"]
            null = null or (key != "allOf" and (len(real) < len(parts) or any(part[2] for part in real)))
            around = {k: v for k, v in schema.items() if k != key}
            if len(real) == 1 and "properties" not in around:
                merged, inner, _ = real[0]
                schema, name = {**merged, **around}, name or inner
            elif real and all("properties" in part[0] for part in real):
                schema = _union([around, *(part[0] for part in real)], every=key == "allOf")
            else:
                schema = {k: v for k, v in around.items() if k in ("description", "deprecated")}
        kind = schema.get("type")
        if isinstance(kind, list):
            real_kinds = [one for one in kind if one != "null"]
            null = null or "null" in kind
            schema = {**schema, "type": real_kinds[0] if len(real_kinds) == 1 else real_kinds}
        return schema, name, null

    def members(self, schema: Mapping[str, Any]) -> list[Member]:
        """The members of an object, in the order of the document."""
        required = set(schema.get("required", ()))
        return [
            Member(name, value if isinstance(value, dict) else {}, name in required)
            for name, value in schema.get("properties", {}).items()
        ]


def _union(parts: Sequence[Mapping[str, Any]], *, every: bool) -> dict[str, Any]:
    around, *choices = parts
    merged: dict[str, Any] = {"type": "object", **around}
    properties: dict[str, Any] = {}
    for part in (around, *choices):
        for name, value in part.get("properties", {}).items():
            properties.setdefault(name, value)
    merged["properties"] = properties
    required = [set(choice.get("required", ())) for choice in choices]
    joined = set.union(*required) if every else set.intersection(*required)
    merged["required"] = sorted(joined | set(around.get("required", ())))
    return merged


def is_object(schema: Mapping[str, Any]) -> bool:
    """Whether a flat schema is an object whose members are known."""
    return bool(schema.get("properties")) and schema.get("type", "object") == "object"


def is_date(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether a member of an answer is a date: the specification says so, or it is text and named ``..._at``."""
    if schema.get("type") != "string":
        return False
    return DATE_KEY in schema or schema.get("format") == "date-time" or name.endswith("_at")


class Writer:
    """Types of what is sent, for one namespace."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._taken: set[str] = set()
        self._names: dict[int | str, str] = {}
        self.classes: list[str] = []

    def annotation(self, schema: Any, hint: str, *, form: bool = False) -> str:
        """The type of an argument.

        Args:
            schema: Its schema.
            hint: A name for a class, if one is needed.
            form: Whether it is a field of a multipart form, where a binary string is a file.
        """
        flat, component, null = self._schemas.flat(schema)
        return self._of(flat, component, hint, form) + (" | None" if null else "")

    def _of(self, flat: Mapping[str, Any], component: str | None, hint: str, form: bool) -> str:
        words = flat.get("enum", [flat["const"]] if "const" in flat else ())
        words = [word for word in words if word is not None]
        if words and all(isinstance(word, (str, int)) for word in words):
            return f"Literal[{', '.join(repr(word) for word in words)}]"
        kind = flat.get("type")
        if form and kind == "string" and (flat.get("format") == "binary" or "contentMediaType" in flat):
            return "Upload"
        if isinstance(kind, list):
            return (
                " | ".join(dict.fromkeys(self._of({**flat, "type": one}, component, hint, form) for one in kind))
                or "Any"
            )
        if kind in _SIMPLE:
            return _SIMPLE[kind]
        if kind == "array":
            items = flat.get("items", {})
            return f"Sequence[{self.annotation(items, f'{hint}Item', form=form)}]"
        if is_object(flat):
            return self._typed_dict(flat, component, hint)
        if kind == "object":
            others = flat.get("additionalProperties")
            inner = self.annotation(others, f"{hint}Value") if isinstance(others, dict) and others else "Any"
            return f"Mapping[str, {inner}]"
        return "Any"

    def _typed_dict(self, schema: Mapping[str, Any], component: str | None, hint: str) -> str:
        key = component or id(schema["properties"])
        if key in self._names:
            return self._names[key]
        name = free(f"{class_name(component or hint).removesuffix('Param')}Param", self._taken)
        self._names[key] = name
        rows, notes = [], []
        for member in self._schemas.members(schema):
            flat, _, _ = self._schemas.flat(member.schema)
            kind = self.annotation(member.schema, f"{name.removesuffix('Param')}{class_name(member.name)}")
            rows.append((member.name, f"Required[{kind}]" if member.required else kind))
            notes.append((member.name, describe(flat)))
        doc = docstring(sentence(schema.get("description")) or "What is sent.", {"Keys": notes}, 4)
        if all(key.isidentifier() and identifier(key) == key and not key.startswith("_") for key, _ in rows):
            body = "".join(f"    {key}: {kind}\n" for key, kind in rows)
            self.classes.append(f"class {name}(TypedDict, total=False):\n{doc}\n{body}")
        else:  # keys that are no names of Python
            body = "".join(f"    {key!r}: {kind!r},\n" for key, kind in rows)
            self.classes.append(f"{name} = TypedDict({name!r}, {{\n{body}}}, total=False)\n{textwrap.dedent(doc)}")
        return name


class Reader:
    """Result classes, and how they are read."""

    def __init__(self, schemas: Schemas, reserved: Set[str]) -> None:
        self._schemas = schemas
        self._reserved = reserved
        self._taken: set[str] = set()
        self._names: dict[int | str, str] = {}
        self.sources: dict[str, str] = {}
        self.uses: dict[str, set[str]] = {}

    def read(self, schema: Any, hint: str, name: str = "") -> tuple[str, str, set[str]]:
        """How a value of an answer is read.

        Returns:
            Its type, the expression that makes a reader, and the classes in both.
        """
        flat, component, null = self._schemas.flat(schema)
        kind, reader, classes = self._of(flat, component, hint, name)
        return (kind if kind == "Any" or not null else f"{kind} | None"), reader, classes

    def _of(self, flat: Mapping[str, Any], component: str | None, hint: str, name: str) -> tuple[str, str, set[str]]:
        kind = flat.get("type")
        if is_date(name, flat):
            return "datetime", "date", set()
        if isinstance(kind, list):
            if all(one in _SIMPLE for one in kind):
                return " | ".join(_SIMPLE[one] for one in kind), "plain", set()
            return "Any", "plain", set()
        if kind in _SIMPLE:
            return _SIMPLE[kind], "plain", set()
        if kind == "array":
            inner, reader, classes = self.read(flat.get("items", {}), f"{hint}Item")
            return f"tuple[{inner}, ...]", f"many({reader})", classes
        if is_object(flat):
            made = self._class(flat, component, hint)
            return made, f"one(lambda: {made})", {made}
        if kind == "object":
            others = flat.get("additionalProperties")
            if isinstance(others, dict) and others:
                inner, reader, classes = self.read(others, f"{hint}Value")
                return f"Mapping[str, {inner}]", f"each({reader})", classes
            return "Mapping[str, Any]", "plain", set()
        return "Any", "plain", set()

    def _class(self, schema: Mapping[str, Any], component: str | None, hint: str) -> str:
        key = component or id(schema["properties"])
        if key in self._names:
            return self._names[key]
        name = class_name(component or hint)
        name = free(f"{name}Result" if name in self._reserved or name.endswith("Param") else name, self._taken)
        self._names[key] = name
        self.uses[name] = set()
        taken = {"extra", "from_json", "to_dict", "hash"}
        required, optional, rows, notes = [], [], [], []
        for member in self._schemas.members(schema):
            attribute = free(identifier(member.name), taken)
            kind, reader, classes = self.read(member.schema, f"{name}{class_name(member.name)}", member.name)
            self.uses[name] |= classes
            flat, _, null = self._schemas.flat(member.schema)
            unhashable = "Mapping" in kind or "Any" in kind
            if member.required and not null and reader == "plain" and kind != "Any":
                required.append(f"    {attribute}: {kind}\n")
            else:
                kind = kind if kind == "Any" or kind.endswith("| None") else f"{kind} | None"
                default = "field(default=None, hash=False)" if unhashable else "None"
                optional.append(f"    {attribute}: {kind} = {default}\n")
            rows.append(f"        {member.name!r}: ({attribute!r}, {reader}),\n")
            notes.append((attribute, describe(flat)))
        notes.append(("extra", "Members that this version does not know, and those that it could not read."))
        doc = docstring(sentence(schema.get("description")) or "What an operation gives.", {"Attributes": notes}, 4)
        self.sources[name] = (
            f"@frozen(kw_only=True, repr=False)\nclass {name}(Result):\n{doc}\n"
            f"    _members: ClassVar[Mapping[str, tuple[str, Reader]]] = {{\n{''.join(rows)}    }}\n\n"
            f"{''.join(required)}{''.join(optional)}"
        )
        return name


def describe(schema: Mapping[str, Any]) -> str:
    """A line on a value: its description, and the words that are known for it if the description has none of them."""
    text = sentence(schema.get("description"))
    words = [str(word) for word in schema.get("enum", schema.get(KNOWN_KEY, ())) if word is not None]
    if words and not any(word in text for word in words):
        text = f"{text} One of {', '.join(f'`{word}`' for word in words)}.".strip()
    return text


def prose(summary: Any, description: Any) -> str:
    """Summary and description as paragraphs, each in one line."""
    paragraphs = [summary, *(description.split("\n\n") if isinstance(description, str) else ())]
    return "\n\n".join(dict.fromkeys(line for line in map(sentence, paragraphs) if line))


def sentence(text: Any) -> str:
    """A text in one line, which ends as a sentence."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split()) if isinstance(text, str) else ""
    return line if not line or line[-1] in ".!?:" else f"{line}."


def docstring(text: str, sections: Mapping[str, Sequence[tuple[str, str]]], indent: int) -> str:
    """A docstring in Google's style, safe whatever the texts hold."""
    pad = " " * indent
    paragraphs = [part for part in text.split("\n\n") if part]
    lines: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        lines += ([""] if number else []) + _wrapped(paragraph, 110 - indent, "")
    for title, rows in sections.items():
        if rows:
            lines += ["", f"{title}:"]
            for name, note in rows:
                lines += _wrapped(f"{name}: {note}" if note else name, 106 - indent, "    ", "        ")
    body = "\n".join(f"{pad}{line}" if line else "" for line in lines).lstrip()
    body = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", body)
    body = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    end = f"\n{pad}" if len(lines) > 1 else ""
    return f'{pad}"""{body}{end}"""'


def _wrapped(text: str, width: int, first: str, rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [first]
