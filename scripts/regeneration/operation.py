"""One operation for the templates: its arguments, its request, and its results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from .kinds import STEP, Kinds, is_nullable, raw, single
from .problems import RegenerationError
from .prose import docstring, paragraphs, sentence
from .python_names import free, method_name, namespace_name
from .schemas import CONSENT_KEY, NOT_DONE_KEY

# Names that methods and functions of operations use for something else.
_TAKEN: Final = frozenset({"self", "client", "page_size", "operations", "changes", "on_progress", "body", "extra"})
_PAGING: Final = {"first": 1, "page": "page", "limit": "limit", "size": 10, "items": "data", "total": "total_count"}
_SEPARATORS: Final = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_CHANGES: Final = (
    "The members to change, instead of operations: None removes a member, a mapping changes its members. "
    "The method reads the object first, and derives the patch from it."
)
_EXTRA: Final = (
    "Further members of the request, for fields that are newer than this package. The method refuses a member that "
    "has an argument of its own."
)
_PROGRESS: Final = "Called with the bytes sent so far, and the bytes in all if known."


class Argument(NamedTuple):
    """An argument of a method, and of the function of its operation.

    Attributes:
        name: The name on the wire.
        python: The name in Python.
        place: ``path``, ``query``, ``header``, ``cookie``, or ``body`` for a member of the body.
        kind: The type.
        doc: A line that describes it.
        required: True if the argument is required.
        nullable: True if None is sent as null, so that the default is ``...``.
        check: The kind of JSON that the value must be, see ``CHECKS`` in ``types``.
        sent: The expression for the value in a query.
    """

    name: str
    python: str
    place: str
    kind: str
    doc: str
    required: bool
    nullable: bool = False
    check: str = ""
    sent: str = ""

    @property
    def may_be_null(self) -> bool:
        """True if None is a valid value."""
        return self.kind.endswith("| None")

    @property
    def written(self) -> str:
        """The argument in a signature."""
        if self.required:
            return f"{self.python}: {self.kind}"
        if self.nullable:
            return f"{self.python}: {self.kind} | EllipsisType = ..."
        return f"{self.python}: {_optional(self.kind)} = None"


def _optional(kind: str) -> str:
    return kind if kind == "Any" or kind.endswith("| None") else f"{kind} | None"


class Operation:
    """The data that the templates need about one operation.

    Args:
        kinds: The lookup of Python types.
        path: Path template.
        verb: HTTP method in lower case.
        operation: The operation in the specification.
        parameters: The parameters in the specification, with references resolved.
        endpoint: The operation as the generator parsed it.
    """

    def __init__(
        self,
        kinds: Kinds,
        path: str,
        verb: str,
        operation: dict[str, Any],
        parameters: Sequence[dict[str, Any]],
        endpoint: Any,
    ) -> None:
        self._kinds, self._parameters, self._endpoint = kinds, parameters, endpoint
        self.path, self.verb, self.operation = path, verb, operation
        self.identifier: str = operation["operationId"]
        self.module = str(endpoint.name)
        self.namespace = namespace_name(operation)
        self.method = method_name(verb, path, operation, self.namespace)
        self.retry: str = operation.get("x-retry", "if-not-sent")
        self.not_done: list[int] = operation.get(NOT_DONE_KEY, [])
        self.consent: str = operation.get(CONSENT_KEY, "")
        self.current: Operation | None = None
        self.body: Any = endpoint.bodies[0] if endpoint.bodies else None
        self.is_json_patch = verb == "patch" and self.body is not None and kinds.is_json_patch(self.body.prop)
        self._read_answers()
        self.paging = self._paging()
        self._taken = set(_TAKEN)
        self.arguments = sorted(
            self._wire_arguments(), key=lambda one: ("path", "query", "header", "cookie").index(one.place)
        )
        self.fields = list(self._fields())

    def _refuse(self, cause: str, remedy: str) -> NoReturn:
        raise RegenerationError(STEP, f"openapi/tavus.yaml, {self.verb} {self.path}", cause, remedy)

    # arguments

    def _wire_arguments(self) -> Iterator[Argument]:
        by_name = {(one["in"], one["name"]): one for one in self._parameters}
        for place, prop in self._endpoint.iter_all_parameters():
            name, one = str(raw(prop.name)), by_name.get((str(place.value), str(raw(prop.name))), {})
            kind = self._kinds.sent(prop)
            python = str(prop.python_name)
            python = free(python if python not in self._taken else f"{python}_{place.value}", self._taken)
            sent = self._in_query(one, single(prop), python) if place.value == "query" else python
            yield Argument(
                name,
                python,
                str(place.value),
                kind.removesuffix(" | None"),
                sentence(one.get("description")) or self._kinds.describe(prop),
                prop.required or place.value == "path",
                check=self._check(prop, place.value) if sent == python else "",
                sent=sent,
            )

    def _check(self, prop: Any, place: str) -> str:
        kind = self._kinds.checked(prop).removesuffix("?")
        return kind if place != "path" or kind == "whole" else ""  # ids have a separate check

    def _in_query(self, parameter: dict[str, Any], prop: Any, python: str) -> str:
        """Return the expression for the value of a query parameter."""
        style, kind = parameter.get("style", "form"), type(prop).__name__
        explode = parameter.get("explode", style == "form")
        if kind == "ModelProperty":
            return f"_deep({parameter['name']!r}, {python})"
        if kind == "ListProperty" and not explode:
            return f"_joined({_SEPARATORS[style]!r}, {python})"
        return python

    def _fields(self) -> Iterator[Argument]:
        """Yield the members of the body, each as an argument of the method."""
        if self.body is None or self.is_json_patch or not self._kinds.is_class(self.body.prop):
            return
        schema = self.body.prop.data.properties or {}
        for prop in self._kinds.members(self.body.prop):
            if getattr(schema.get(prop.name), "model_extra", None) and schema[prop.name].model_extra.get("readOnly"):
                continue
            python = str(prop.python_name)
            is_left_out = is_nullable(prop) and not prop.required
            yield Argument(
                str(raw(prop.name)),
                free(python if python not in self._taken else f"{python}_body", self._taken),
                "body",
                self._kinds.sent(prop),
                f"{self._kinds.describe(prop)}{' None is sent as null.' if is_left_out else ''}".strip(),
                prop.required,
                nullable=is_left_out,
                check=self._kinds.checked(prop),
            )

    @property
    def read_props(self) -> list[Any]:
        """The properties of the answers."""
        return [self._unwrapped(one) for one in self.props] if self.inside else self.props

    @property
    def sent_props(self) -> list[Any]:
        """The properties of the request."""
        found = [prop for _, prop in self._endpoint.iter_all_parameters()]
        return found + ([self.body.prop] if self.body and not self.is_json_patch else [])

    @property
    def uploads(self) -> bool:
        """True if the operation sends files."""
        return any("Upload" in one.kind for one in self.fields)

    @property
    def body_kind(self) -> str:
        """The type of the body."""
        kind = self._kinds.body(self.body.prop)
        return kind if self.body.prop.required else _optional(kind)

    @property
    def media_type(self) -> str:
        """The media type of the body, or an empty string."""
        return str(raw(self.body.content_type)) if self.body else ""

    @property
    def body_argument(self) -> str:
        """The keyword of ``request`` that takes the body."""
        return {"json": "json", "data": "data", "files": "form", "content": "content"}[str(self.body.body_type.value)]

    @property
    def checks(self) -> dict[str, str]:
        """The kind of JSON that each argument must be, by the argument's name on the wire."""
        found = {one.name: one.check for one in (*self.arguments, *self.fields) if one.check}
        return found | {one.name: "joined" for one in self.arguments if one.sent.startswith("_joined(")}

    def at(self, *places: str) -> list[Argument]:
        """Return the arguments in the given places."""
        return [one for one in self.arguments if one.place in places]

    @property
    def url(self) -> str:
        """The expression for the path: quoted literals, and each argument as one segment."""
        names = {one.name: one.python for one in self.at("path")}
        parts = re.split(r"\{([^{}]*)\}", self.path)
        made = (f"_segment({names[part]})" if n % 2 else repr(part) for n, part in enumerate(parts) if n % 2 or part)
        return " + ".join(made)

    # results

    def _read_answers(self) -> None:
        good = [one for one in self._endpoint.responses.patterns if 200 <= one.status_code.range[0] < 300]
        full = [one for one in good if one.source["attribute"] != "None"]
        self.props = [one.prop for one in full]
        codes = (one.status_code.range for one in self._endpoint.responses.patterns)
        self.empty = sorted({one.status_code.range[0] for one in good if one not in full and full})
        self.empty += [304] if (304, 304) in codes else []
        self.form = self.accept = ""
        self.inside: str | None = None
        self.reads: list[tuple[int, str, str]] = []  # first status, type, expression
        if not full:
            self.kind, self.same, self.is_open = "None", {}, False
            return
        forms = {"response.json()": "json", "response.text": "text", "response.content": "bytes"}
        self.form = forms[full[0].source["attribute"]]
        # The parser took the first media type, and JSON comes first.
        asked = {next(iter(raw(name) for name in one.data.content)): one for one in full}
        self.accept = "" if [*asked] == ["application/json"] else ", ".join(asked)
        if self.form == "json" and len(full) == 1:
            self.inside = self._envelope(full[0].prop)
        for one in full:
            self.reads.append((one.status_code.range[0], *self._answer(one.prop)))
        kinds = list(dict.fromkeys(kind for _, kind, _ in self.reads))
        self.kind = "Any" if "Any" in kinds else " | ".join([*kinds, *(["None"] if self.empty else [])])
        self.is_open = "Any" in kinds
        self.same = self._identifiers(full[0].prop) if len(kinds) == 1 else {}

    def _answer(self, prop: Any) -> tuple[str, str]:
        if self.form != "json":
            return ("str" if self.form == "text" else "bytes"), "data"
        data = "data"
        if self.inside is not None:
            data, prop = f"_inside(data, {self.inside!r})", self._unwrapped(prop)
        kind, reader = self._kinds.read(prop)
        if kind == "Any":
            return kind, data
        if is_nullable(prop):
            return kind, f"None if {data} is None else _read({reader}, {data})"
        if reader.startswith("one("):
            return kind, f"{kind.removesuffix(' | None')}.from_json({data})"
        return kind, f"_read({reader}, {data})"

    def _envelope(self, prop: Any) -> str | None:
        """Return the only member of an envelope (``{"data": {...}}``, ``{"data": [{...}]}``), or ``None``."""
        if self.verb != "get" or not self.path.endswith("}") or not self._kinds.is_class(prop):
            return None
        members = self._kinds.members(prop)
        if [raw(one.name) for one in members] != ["data"]:
            return None
        return "data" if type(self._unwrapped(prop)).__name__ == "ModelProperty" else None

    def _unwrapped(self, prop: Any) -> Any:
        found = single(self._kinds.member(prop, "data"))
        return single(found.inner_property) if type(found).__name__ == "ListProperty" else found

    def _identifiers(self, prop: Any) -> dict[str, str]:
        """Return the attributes of the answer that must equal arguments of the path, by argument name."""
        prop = self._unwrapped(prop) if self.inside else single(prop)
        if self.retry != "safe" or self.form != "json" or not self._kinds.is_class(prop):
            return {}
        rows = [row for row in self._kinds.rows(prop) if row.required and row.kind == "str"]
        names = re.findall(r"\{([^{}]*)\}", self.path)
        return {n: row.python for n in names for row in rows if row.name == n or row.name.endswith(f"_{n}")}

    # lists

    def _paging(self) -> dict[str, Any] | None:
        query = {one["name"]: one.get("schema", {}) for one in self._parameters if one["in"] == "query"}
        given = self.operation.get("x-paging")
        prop = self.props[0] if self.props else None
        paging: dict[str, Any] = {"key": None, **_PAGING}
        if isinstance(given, dict):
            paging |= given
        else:
            data = single(self._kinds.member(prop, "data")) if prop is not None else None
            if self.verb != "get" or not {"page", "limit"} <= query.keys() or type(data).__name__ != "ListProperty":
                return None
            first, size = query["page"].get("default", 1), query["limit"].get("default", 10)
            paging |= {"first": first if first in (0, 1) else 1, "size": size if isinstance(size, int) else 10}
        return paging | {key: paging[key] if paging[key] in query else None for key in ("page", "limit")}

    def items(self) -> tuple[str, str, Any]:
        """Return the expression for the items of a page, their type, and their property.

        If the last member on the path to the items is present, it must be readable: see ``Kinds``.
        """
        assert self.paging is not None  # noqa: S101 - asked for lists only
        prop, way = self.props[0], "_page"
        for part in (self.paging["items"] or "").split(".") if self.paging["items"] else ():
            owner, prop = single(prop), self._kinds.member(prop, part)
            if prop is None:
                self._refuse(f"the answer has no {part!r} to page through", "correct x-paging in openapi/overlays")
            row = next(row for row in self._kinds.rows(owner) if row.name == part)
            way = f"{way}.{row.python}" if way == "_page" else _reached(way, row.python)
        prop = single(prop)
        if type(prop).__name__ != "ListProperty":
            self._refuse("what it pages through is no list", "correct x-paging in openapi/overlays")
        return way, self._kinds.read(prop.inner_property)[0], prop.inner_property

    def paged_members(self) -> Iterator[tuple[str, str]]:
        """Yield the classes and members on the path to the items of a page."""
        prop = self.props[0] if self.props else None
        for part in ((self.paging or {}).get("items") or "").split("."):
            prop = single(prop)
            if part and self._kinds.is_class(prop):
                yield str(prop.class_info.name), part
                prop = self._kinds.member(prop, part)

    def find_key(self, group: Sequence[Operation]) -> str | None:
        """Return the attribute that identifies an item: the last argument of ``GET /things/{thing_id}``."""
        assert self.paging is not None  # noqa: S101 - asked for lists only
        item = single(self.items()[2])
        rows = {row.name: row.python for row in self._kinds.rows(item)} if self._kinds.is_class(item) else {}
        if self.paging["key"]:
            return str(rows.get(self.paging["key"], self.paging["key"]))
        for other in group:
            name = other.path.rpartition("/")[2].strip("{}")
            if other.path.endswith("}") and other.path.startswith(self.path) and name in rows:
                return str(rows[name])
        return None

    # the method

    @property
    def method_arguments(self) -> tuple[list[Argument], list[Argument]]:
        """The positional and the keyword arguments of the method. Required arguments come first."""
        first = self.at("path")
        paging = self.paging or {}
        rest = self.at("query", "header", "cookie")
        if self.paging is not None:
            rest = [one for one in rest if one.place != "query" or one.name not in (paging["page"], paging["limit"])]
        if self.has_raw_body:
            doc = self._kinds.describe(self.body.prop) or "The request body."
            rest.append(Argument("", "body", "body", self._kinds.sent(self.body.prop), doc, self.body.prop.required))
        rest += self.fields
        if self.method == "rename":  # its required members are positional arguments
            first, rest = (
                first + [one for one in rest if one.place == "body" and one.required],
                [one for one in rest if one.place != "body" or not one.required],
            )
        return first, sorted(rest, key=lambda one: not one.required)

    @property
    def has_raw_body(self) -> bool:
        """True if the body is one argument."""
        return self.body is not None and not self.fields and not self.is_json_patch

    def document(self, refusals: dict[str, str]) -> str:
        """Return the docstring of the method.

        Args:
            refusals: The descriptions of the error answers, by status.
        """
        order = {one.python: number for number, one in enumerate((*self.arguments, *self.fields))}
        first, rest = self.method_arguments
        arguments = sorted([*first, *rest], key=lambda one: order.get(one.python, len(order)))
        notes = [(one.python, one.doc) for one in arguments]
        text = paragraphs(self.operation.get("summary") or self.identifier, self.operation.get("description"))
        if self.operation.get("deprecated"):
            text += "\n\nDeprecated by Tavus."
        text += f"\n\n``{self.verb.upper()} {self.path}``"
        returns = ""
        if self.paging is not None and self.paging["limit"] is not None:
            usual = f", {self.paging['size']} by default" if self.paging["size"] else ""
            notes.append(("page_size", f"How many items to ask for at a time{usual}."))
        if self.is_json_patch:
            notes.append(("operations", "The patch (RFC 6902)."))
            notes += [("changes", _CHANGES)] if self.current else []
            no_answer = self.kind == "None"
            returns = "True if anything changed." if no_answer else "The answer, or ``None`` when nothing changed."
        notes += [("extra", _EXTRA)] if self.fields else []
        notes += [("on_progress", _PROGRESS)] if self.uploads else []
        known = "; ".join(f"{code}: {note}" if note else code for code, note in sorted(refusals.items()))
        raises = f"Tavus refused ({known}), or could not be reached." if known else "It failed."
        sections = {
            "Args": notes,
            "Returns": [(returns, "")] if returns else [],
            "Raises": [("CallError", raises)],
        }
        return docstring(text, sections, 8)

    @property
    def title(self) -> str:
        """The docstring of the functions."""
        return docstring(sentence(self.operation.get("summary") or self.identifier), {}, 4)


def _reached(way: str, name: str) -> str:
    """Return the expression for a member of an object that may be missing."""
    made, _, condition = way.partition(" if ")
    reached = f"{made} is not None"
    known = condition.removesuffix(" else None")
    return f"{made}.{name} if {f'{known} and ' if known else ''}{reached} else None"
