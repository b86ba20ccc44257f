"""One method of a namespace: its arguments, what it sends, and what it gives."""

from __future__ import annotations

from typing import Any

from .operation import Endpoint, items_schema
from .python_names import class_name, free, identifier
from .python_types import Reader, Schemas, Writer, describe, docstring, prose, sentence


class Method:
    """One method: its arguments, what it sends, and what it gives."""

    def __init__(
        self,
        schemas: Schemas,
        writer: Writer,
        reader: Reader,
        results: set[str],
        endpoint: Endpoint,
        group: list[Endpoint],
        is_async: bool,
    ) -> None:
        self._schemas, self._writer, self._reader, self._results = schemas, writer, reader, results
        self._endpoint, self._group, self._is_async = endpoint, group, is_async
        self._taken = {"self", "page_size", "operations", "changes", "on_progress", "body"}
        self._first: list[str] = []
        self._required: list[str] = []
        self._optional: list[str] = []
        self._notes: list[tuple[str, str]] = []
        self._sent: dict[str, list[str]] = {"path": [], "query": [], "headers": [], "body": [], "nullable": []}
        self._hint = class_name(endpoint.identifier)
        self._parameters()
        content = self._content()
        arguments = [repr(endpoint.identifier), *self._places(), *content]
        if endpoint.paging is not None:
            self.source = self._list(arguments)
        elif endpoint.is_json_patch:
            self.source = self._patch()
        else:
            self.source = self._call(arguments)

    # arguments

    def _parameters(self) -> None:
        paging = self._endpoint.paging or {}
        order = {"path": 0, "query": 1, "header": 2}
        # The order in the path is the order of the arguments.
        path = self._endpoint.path
        for one in sorted(
            self._endpoint.parameters,
            key=lambda p: (order.get(p["in"], 3), path.find(f"{{{p['name']}}}") if p["in"] == "path" else 0),
        ):
            if one["in"] not in order or (
                one["in"] == "query" and one["name"] in (paging.get("page"), paging.get("limit"))
            ):
                continue
            schema = one.get("schema", {})
            flat, _, _ = self._schemas.flat(schema)
            name = self._name(one["name"], one["in"])
            note = sentence(one.get("description")) or describe(flat)
            kind = self._writer.annotation(schema, f"{self._hint}{class_name(one['name'])}")
            if one["in"] == "path":
                self._first.append(f"{name}: {kind.removesuffix(' | None')}")
                self._sent["path"].append(f"{one['name']!r}: {name if kind == 'str' else f'str({name})'}")
            else:
                self._argument(name, kind, bool(one.get("required")), nullable=False)
                value = f"commas({name})" if flat.get("type") == "array" and one.get("explode") is False else name
                place = "query" if one["in"] == "query" else "headers"
                self._sent[place].append(f"{one['name']!r}: {value}")
            self._notes.append((name, note))

    def _content(self) -> list[str]:
        body = self._endpoint.body
        if body is None or self._endpoint.is_json_patch:
            return []
        if not body.get("properties"):
            flat, _, null = self._schemas.flat(body)
            kind = self._writer.annotation(body, f"{self._hint}Body")
            self._argument("body", kind, self._endpoint.body_required, nullable=False)
            self._notes.append(("body", describe(flat) or "What is sent."))
            return ["body=body"]
        form = (self._endpoint.media_type or "").lower().startswith("multipart/")
        uploads = False
        for member in self._schemas.members(body):
            flat, _, null = self._schemas.flat(member.schema)
            if flat.get("readOnly"):
                continue
            name = self._name(member.name, "body")
            kind = self._writer.annotation(member.schema, f"{self._hint}{class_name(member.name)}", form=form)
            uploads = uploads or "Upload" in kind
            nullable = null and not member.required
            if self._endpoint.method == "rename" and member.required:
                self._first.append(f"{name}: {kind}")
            else:
                self._argument(name, kind, member.required, nullable=nullable)
            value = f"{'files' if kind.startswith('Sequence') else 'file'}({name})" if "Upload" in kind else name
            self._sent["nullable" if null else "body"].append(f"{member.name!r}: {value}")
            note = describe(flat)
            self._notes.append((name, f"{note} None is sent as null.".strip() if nullable else note))
        parts = []
        if self._sent["body"]:
            parts.append(f"given({{{', '.join(self._sent['body'])}}})")
        if self._sent["nullable"]:
            parts.append(f"given_or_null({{{', '.join(self._sent['nullable'])}}})")
        empty = "" if self._endpoint.body_required else " or None"
        content = [f"body=({' | '.join(parts)}){empty}"] if parts else []
        if uploads:
            self._optional.append("on_progress: Progress | None = None")
            self._notes.append(("on_progress", "Called with the bytes sent so far, and the bytes in all if known."))
            content.append("on_progress=on_progress")
        return content

    def _name(self, name: str, place: str) -> str:
        made = identifier(name)
        return free(made if made not in self._taken else f"{made}_{place}", self._taken)

    def _argument(self, name: str, kind: str, required: bool, *, nullable: bool) -> None:
        if required:
            self._required.append(f"{name}: {kind}")
        elif nullable:
            self._optional.append(f"{name}: {kind} | EllipsisType = ...")
        else:
            kind = kind if kind.endswith("| None") or kind == "Any" else f"{kind} | None"
            self._optional.append(f"{name}: {kind} = None")

    def _places(self) -> list[str]:
        path, query, headers = (self._sent[place] for place in ("path", "query", "headers"))
        return [
            *([f"path={{{', '.join(path)}}}"] if path else []),
            *([f"query=given({{{', '.join(query)}}})"] if query else []),
            *([f"headers=given({{{', '.join(headers)}}})"] if headers else []),
        ]

    # what comes of it

    def _call(self, arguments: list[str]) -> str:
        answer = self._endpoint.answer
        if answer.inside:
            arguments.append(f"inside={answer.inside!r}")
        call = f"{'await ' if self._is_async else ''}self._caller.call({', '.join(arguments)})"
        if answer.schema is None:
            return self._written(
                f"{'await ' if self._is_async else ''}self._caller.call({', '.join(arguments)})", "None"
            )
        kind, reader = self._read(answer.schema, "Result")
        if reader == "plain":
            return self._written(f"answer: {kind} = {call}\n        return answer", kind)
        if self._endpoint.unchanged and not kind.endswith("| None"):
            kind = f"{kind} | None"
        made = kind.removesuffix(" | None")
        expression = f"{made}.from_json(answer)" if reader == f"one(lambda: {made})" else f"{reader}(answer)"
        if kind != made:
            expression = f"{expression} if answer is not None else None"
        if kind == made and expression.startswith(made):
            return self._written(f"return {made}.from_json({call})", kind)
        return self._written(f"answer = {call}\n        made: {kind} = {expression}\n        return made", kind)

    def _list(self, arguments: list[str]) -> str:
        paging = self._endpoint.paging
        assert paging is not None  # noqa: S101 - asked by the caller
        schema = items_schema(self._schemas, self._endpoint)
        kind, reader = self._read(schema, "Item")
        key = paging.get("key") or self._key(schema)
        fields = ("first", "page", "limit", "size", "items", "total")
        made = ", ".join([*(f"{field}={paging[field]!r}" for field in fields), f"key={key!r}"])
        read = f"{kind}.from_json" if reader == f"one(lambda: {kind})" else reader
        arguments[1:1] = [f"Paging({made})", read]
        if paging["limit"] is not None:
            size = paging["size"]
            self._optional.append("page_size: int | None = None")
            usual = f", {size} if nobody says" if size else ""
            self._notes.append(("page_size", f"How many items to ask for at a time{usual}."))
            arguments.append("page_size=page_size")
        pager = f"{'Async' if self._is_async else ''}Pager[{kind}]"
        return self._written(f"return self._caller.pages({', '.join(arguments)})", pager, is_async=False)

    def _key(self, schema: Any) -> str | None:
        """The member by which the item is read alone: the parameter at the end of ``GET /things/{thing_id}``."""
        members = self._schemas.flat(schema)[0].get("properties", {})
        for other in self._group:
            name = other.path.rpartition("/")[2].strip("{}")
            if other.path.endswith("}") and other.path.startswith(self._endpoint.path) and name in members:
                return name
        return None

    def _patch(self) -> str:
        self._optional += ["operations: Sequence[PatchOperation] | None = None"]
        self._notes.append(("operations", "The patch (RFC 6902)."))
        current = next((one for one in self._group if one.path == self._endpoint.path and one.verb == "get"), None)
        arguments = [repr(self._endpoint.identifier), *self._places(), "operations=operations"]
        if current is None:
            arguments.append("changes=None")
        else:
            self._optional += ["changes: Mapping[str, Any] | None = None"]
            note = "Or the members to change, from which the patch is made: None removes a member, a mapping changes"
            self._notes.append(("changes", f"{note} what is in it. It is read first, to know what is there."))
            arguments += ["changes=changes", f"current={current.identifier!r}"]
            if current.answer.inside:
                arguments.append(f"inside={current.answer.inside!r}")
            if any(one["in"] == "header" and one["name"].lower() == "if-match" for one in self._endpoint.parameters):
                arguments.append("etag=True")
        call = f"{'await ' if self._is_async else ''}self._caller.patch({', '.join(arguments)})"
        if self._endpoint.answer.schema is None:
            note = "Whether anything changed."
            return self._written(f"changed, _ = {call}\n        return changed", "bool", returns=note)
        kind, reader = self._read(self._endpoint.answer.schema, "Result")
        made = kind.removesuffix(" | None")
        expression = f"{made}.from_json(answer)" if reader == f"one(lambda: {made})" else f"{reader}(answer)"
        kind = made if made == "Any" else f"{made} | None"
        body = (
            f"changed, answer = {call}\n        made: {kind} = {expression} if changed else None\n        return made"
        )
        return self._written(body, kind, returns="The answer, or ``None`` when nothing changed.")

    def _read(self, schema: Any, suffix: str) -> tuple[str, str]:
        kind, reader, classes = self._reader.read(schema, f"{self._hint}{suffix}")
        self._results |= classes
        return kind, reader

    def _written(self, body: str, kind: str, *, is_async: bool | None = None, returns: str = "") -> str:
        keyword = "async def" if (self._is_async if is_async is None else is_async) else "def"
        rest = [*self._required, *self._optional]
        arguments = ", ".join(["self", *self._first, *(["*", *rest] if rest else [])])
        operation = self._endpoint.operation
        text = prose(operation.get("summary") or self._endpoint.identifier, operation.get("description"))
        if operation.get("deprecated"):
            text += "\n\nDeprecated by Tavus."
        text += f"\n\n``{self._endpoint.verb.upper()} {self._endpoint.path}``"
        refusals = {
            code: sentence(self._schemas.resolve(answer)[0].get("description")).rstrip(".")
            for code, answer in sorted(operation["responses"].items())
            if code.startswith("4") and code not in ("401", "429")
        }
        known = "; ".join(f"{code}: {note}" if note else code for code, note in refusals.items())
        sections = {
            "Args": self._notes,
            "Returns": [(returns, "")] if returns else [],
            "Raises": [("CallError", f"Tavus refused ({known}), or could not be reached." if known else "It failed.")],
        }
        doc = docstring(text, sections, 8)
        return f"    {keyword} {self._endpoint.method}({arguments}) -> {kind}:\n{doc}\n        {body}\n\n"
