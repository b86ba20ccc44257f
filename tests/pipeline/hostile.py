"""Specifications that attack a code generator: payloads for every text, and names for every place of a name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

# Whoever runs one of these leaves a file behind.
MARKER = "pwned-marker"
RUN = f"__import__('pathlib').Path('{MARKER}').touch()"

FRAGMENTS = (
    f'"""\n{RUN}\n"""',
    f"'''\n{RUN}\n'''",
    f'\\"""\n{RUN}\n#',
    f'"\n{RUN}\n"',
    f"'; {RUN}; '",
    f'")\n{RUN}\n("',
    f'"] = {RUN}\nx["',
    f"\n\n{RUN}\n\n",
    f"\r\n    {RUN}\r\n",
    f"{{{RUN}}}",
    f"{{{{ {RUN} }}}}",
    f"{{% set x = {RUN} %}}",
    "{{ self.__init__.__globals__ }}",
    "{% raw %}",
    "{# not a comment #}",
    f"{{x!r:{{{RUN}}}}}",
    f"%({RUN})s",
    f"$({RUN})",
    f"`touch {MARKER}`",
    f"; touch {MARKER};",
    f"*/ {RUN} /*",
    f"# -*- coding: utf-7 -*-\n{RUN}",
    f"\f{RUN}"[1:],
    "\\",
    "\\\\\\",
    '"',
    "'",
    '""',
    '"""',
    "\\N{LATIN SMALL LETTER A}",
    "\\u0022\\u0022\\u0022",
    "\\x22",
    "\\777",
    "\\U",
    "\t\n",
    " ",
    "🔥",
    "а",  # not the Latin letter
    "ﬁ",
    "é",
    "\u200b",
    "x" * 200,
    "\\" * 120,
    '"' * 120,
    "</script>",
    "%00",
    "None",
    "*",
)

# What is told by its place only, and would change what a reader sees.
INVISIBLE = ("\u2028", "\u2029", "\x00", "\x1b", "\x85", "\v", "\f", "\u202e", "\u2066", "\ud800")

NAMES = (
    *("__init__", "__class__", "__import__", "__builtins__", "__main__", "_", "__", "-", ".", "..", "...", " ", ""),
    *("../x", "../../x", "/etc/passwd", "a/b", "a\\b", ".hidden", "x.py", "%2e%2e%2fx", "~", "C:x", "CON", "nul"),
    *("class", "def", "None", "True", "async", "await", "match", "lambda", "import", "self", "cls", "type", "print"),
    *("str", "dict", "list", "open", "eval", "exec", "object", "Exception", "property", "id", "super", "isinstance"),
    *("types", "client", "errors", "models", "api", "operations", "json", "httpx", "os", "sys", "datetime", "http"),
    *("UNSET", "Unset", "Any", "T", "Response", "HTTPStatus", "cast", "quote", "File", "Client", "Mapping", "TypeVar"),
    *("Enum", "StrEnum", "TYPE_CHECKING", "annotations", "UUID", "attrs", "_attrs_define", "_attrs_field", "define"),
    *("body", "url", "params", "headers", "cookies", "kwargs", "_kwargs", "response", "parsed", "data", "src_dict"),
    *("to_dict", "from_dict", "additional_properties", "additional_keys", "field_dict", "d", "prop_dict", "sync"),
    *(
        "asyncio",
        "sync_detailed",
        "_get_kwargs",
        "value",
        "name",
        "mro",
        "0",
        "1abc",
        "a b",
        "a-b",
        "a.b",
        "$ref",
        "@type",
    ),
    *(
        "a" * 90,
        "a" * 101,
        "a" * 5000,
        "🔥",
        "сreate",
        "ﬁle",
        "ａ",
        "é",
        "a\nb",
        "a\tb",
        'a"b',
        "a'b",
        "a`b",
        "a{b}",
        "a]b",
    ),
    *(
        "{{ 7*7 }}",
        "{% x %}",
        "a#b",
        "a;b",
        "a,b",
        "a=b",
        "a(b)",
        f'a"] = {RUN} #',
        f"a'+{RUN}+'",
        "\u202ex",
        "x\u2028y",
    ),
)


def texts(seed: int) -> Iterator[str]:
    """An endless row of payloads: fragments, one or several together."""
    source = random.Random(seed)
    while True:
        yield "".join(source.choices(FRAGMENTS, k=source.choice((1, 1, 2, 3))))


def document(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A valid document; operation n is ``POST /n``."""
    paths = {
        f"/{number}": {"post": {"x-retry": "safe", "x-method": f"do_{number}", **operation}}
        for number, operation in enumerate(operations)
    }
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def operation(identifier: str, **more: Any) -> dict[str, Any]:
    """An operation that sends and answers nothing."""
    return {"operationId": identifier, "responses": {"200": {"description": ""}}, **more}


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    """The responses of an operation."""
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}, **more}}


def with_texts(text: Callable[[], str], count: int) -> dict[str, Any]:
    """A document with a payload in every text of every operation."""

    def schema(**more: Any) -> dict[str, Any]:
        described = {"description": text(), "examples": [text(), {text(): text()}], "externalDocs": {"url": text()}}
        return {**described, "x-other": {text(): text()}, **more}

    def one(number: int) -> dict[str, Any]:
        properties = {
            "plain": schema(type="string"),
            "defaulted": schema(type="string", default=text()),
            "chosen": schema(type="string", enum=[ascii_only(text()) + str(n) for n in range(3)]),
            "fixed": schema(const=text()),
            "formatted": schema(type="string", format=text()),
            "nested": schema(type="object", properties={"deep": schema(type="string")}),
            "many": schema(type="array", items=schema(type="string")),
            "either": schema(anyOf=[schema(type="string"), schema(type="integer")]),
            "other": schema(type="object", additionalProperties=schema(type="string")),
        }
        parameters = [
            {"in": place, "name": f"p-{place}", "description": text(), "schema": schema(type="string", default=text())}
            for place in ("query", "header")
        ]
        return operation(
            f"operation{number}",
            **{"x-method": f"do_{number}"},
            summary=text(),
            description=text(),
            tags=["Tag"],
            externalDocs={"url": text(), "description": text()},
            parameters=parameters,
            requestBody={
                "description": text(),
                "required": True,
                "content": {
                    "application/json": {
                        "schema": schema(type="object", properties=properties),
                        "examples": {"one": {"summary": text(), "description": text(), "value": text()}},
                    }
                },
            },
            responses={
                **answer(schema(type="object", properties=properties), description=text()),
                "400": {"description": text(), "content": {"text/plain": {"schema": schema(type="string")}}},
            },
            **{"x-code": text()},
        )

    return document(
        *(one(number) for number in range(count)),
        info={"title": text(), "description": text(), "version": text(), "contact": {"name": text()}},
        tags=[{"name": "Tag", "description": text()}],
        servers=[{"url": "https://api.example", "description": text()}],
        components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k", "description": text()}}},
    )


def _each(one: Callable[[str], dict[str, Any]]) -> Callable[[list[str]], dict[str, Any]]:
    """The document in which operation n holds name n."""
    return lambda names: document(*(operation(f"o{n}", **one(name)) for n, name in enumerate(names)))


def _paths(path: Callable[[int, str], str], **more: Callable[[str], Any]) -> Callable[[list[str]], dict[str, Any]]:
    def build(names: list[str]) -> dict[str, Any]:
        operations = (
            operation(
                f"o{n}",
                **{"x-retry": "safe", "x-method": f"do_{n}"},
                **{key: value(name) for key, value in more.items()},
            )
            for n, name in enumerate(names)
        )
        paths = {path(n, name): {"get": one} for n, (name, one) in enumerate(zip(names, operations, strict=True))}
        return {**document(), "paths": paths}

    return build


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _parameter(place: str) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"parameters": [{"in": place, "name": name, "schema": {"type": "string"}}]}


def _query(**schema: Any) -> dict[str, Any]:
    return {"parameters": [{"in": "query", "name": "q", "schema": {"type": "string", **schema}}]}


def _media(name: str) -> dict[str, Any]:
    return {f"application/json; profile={name}": {"schema": {"type": "string"}}}


def _components(schema: Callable[[str], dict[str, Any]], name: Callable[[str, int], str]) -> Any:
    def build(names: list[str]) -> dict[str, Any]:
        called = [name(one, n) for n, one in enumerate(names)]
        answers = (answer({"$ref": reference(one)}) for one in called)
        schemas = {key: schema(one) for key, one in zip(called, names, strict=True)}
        operations = (operation(f"o{n}", responses=responses) for n, responses in enumerate(answers))
        return document(*operations, components={"schemas": schemas})

    return build


# For every place of a name: the document in which each name of a list stands there once.
PLACES: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "operationId": lambda names: document(*map(operation, names)),
    "tag": _each(lambda name: {"tags": [name]}),
    "path": _paths(lambda n, name: f"/{n}/{name}"),
    "path parameter": _paths(
        lambda n, name: f"/{n}/{{{name}}}",
        parameters=lambda name: [{"in": "path", "name": name, "required": True, "schema": {"type": "string"}}],
    ),
    "component": _components(lambda _: {"type": "object"}, lambda name, _: name),
    "title of a component": _components(lambda name: {"type": "object", "title": name}, lambda _, n: f"c{n}"),
    "title": _each(lambda name: {"responses": answer({"title": name, "type": "object"})}),
    "property": _each(lambda name: {"responses": answer(_object(**{name: {"type": "string"}}))}),
    "model": _each(lambda name: {"responses": answer(_object(**{name: _object(a={})}))}),
    "query": _each(_parameter("query")),
    "header": _each(_parameter("header")),
    "enum": _each(lambda name: {"responses": answer(_object(a={"type": "string", "enum": [name]}))}),
    "const": _each(lambda name: {"responses": answer(_object(a={"const": name}))}),
    "default": _each(lambda name: _query(default=name)),
    "default of an enum": _each(lambda name: _query(default=name, enum=["x", name])),
    "format": _each(lambda name: {"responses": answer({"type": "string", "format": name})}),
    "status": _each(lambda name: {"responses": {"200": {"description": ""}, name: {"description": ""}}}),
    "media type": _each(lambda name: {"responses": {"200": {"description": "", "content": _media(name)}}}),
    "media type of a body": _each(lambda name: {"requestBody": {"content": _media(name)}}),
    "header of an answer": _each(
        lambda name: {"responses": {"200": {"description": "", "headers": {name: {"schema": {"type": "string"}}}}}}
    ),
}


def ascii_only(text: str) -> str:
    """Without the letters of which no identifier may be made."""
    return text.encode("ascii", "ignore").decode()


def reference(name: str) -> str:
    """The ``$ref`` of a component."""
    return "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")
