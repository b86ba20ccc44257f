"""Upstream is untrusted: its code does nothing at import, or the script rejects it.

The corpus is in ``hostile.py``. A separate check (:func:`objections`) inspects the generated code. A process imports
it, and would leave a file behind if a payload ran."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import random
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from regeneration import inert, names, pipeline, tree
from regeneration.generator import generate, render
from regeneration.markdown import code
from regeneration.problems import RegenerationError
from regeneration.reading import Source, parse_source
from regeneration.wording import find

from . import hostile
from .conftest import PROJECT

# Two seeds that never change, and one that nobody has tried yet; pytest prints the seed of a test that fails. The names
# stay the same from run to run, so that several processes can share the tests.
SEEDS = (1, 2, secrets.randbits(32))
each_seed = pytest.mark.parametrize("seed", SEEDS, ids=["first", "second", "fresh"])


def checked(document: dict[str, Any]) -> dict[str, str]:
    """Process a document like the pipeline, without the formatting."""
    pipeline.check(document)
    sources = render(document)
    inert.check(sources)
    return sources


def objections(source: str) -> Iterator[str]:
    """Yield everything that a module does besides defining names, and any payload outside a string."""
    module = ast.parse(source)
    bodies = [module.body, *(node.body for node in ast.walk(module) if isinstance(node, ast.ClassDef))]
    definitions = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for statement in (statement for body in bodies for statement in body):
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Assign() | ast.AnnAssign():
                pass
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
                yield from (ast.unparse(node) for node in body if not isinstance(node, ast.ImportFrom))
            case _ if not isinstance(statement, definitions):
                yield ast.unparse(statement)
    for node in ast.walk(module):
        if getattr(node, "id", getattr(node, "attr", "")) in ("__import__", "Path", "touch"):
            yield ast.unparse(node)


IMPORT_ALL = """
import importlib, pathlib, sys
sys.path.insert(0, sys.argv[1])
count = 0
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    importlib.import_module(".".join(path.relative_to(sys.argv[1]).with_suffix("").parts).removesuffix(".__init__"))
    count += 1
print(count)
"""


def assert_harmless(packages: dict[str, dict[str, str]], folder: Path) -> None:
    """Neither a look at the code nor importing all of it finds a payload that ran."""
    modules = {f"{package}/{name}": text for package, sources in packages.items() for name, text in sources.items()}
    ours = {name: source for name, source in modules.items() if name.partition("/")[2] in inert.FIXED}
    found = ((name, text) for name in modules.keys() - ours.keys() for text in objections(modules[name]))
    assert list(found) == []
    for name, source in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, str(folder)]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{len(modules)}\n", "")
    assert list(folder.rglob(hostile.MARKER)) == []


# -- texts


def test_the_check_of_these_tests_sees_a_payload() -> None:
    assert [*objections(hostile.RUN)] != []
    assert [*objections(f"def f():\n    return {hostile.RUN}")] != []
    assert [*objections(f"x = {hostile.RUN!r}")] == []


def test_the_modules_that_are_not_looked_at_hold_no_word_of_upstreams() -> None:
    payloads = hostile.texts(SEEDS[0])
    some, none = render(hostile.with_texts(lambda: next(payloads), 1)), render(hostile.document())
    assert {name: some[name] for name in inert.FIXED} == {name: none[name] for name in inert.FIXED}


@each_seed
def test_payloads_in_every_text_stay_text(seed: int, tmp_path: Path) -> None:
    payloads = hostile.texts(seed)
    document = hostile.with_texts(lambda: next(payloads), 5)
    assert_harmless({"package": checked(document)}, tmp_path)


def test_payloads_stay_text_when_ruff_has_rewritten_the_code(tmp_path: Path) -> None:
    payloads = hostile.texts(SEEDS[0])
    document = hostile.with_texts(lambda: next(payloads), 3)
    files = generate(document, (PROJECT / "openapi" / "generator.yaml").read_bytes())
    assert_harmless({"package": {n: data.decode() for n, data in files.items() if n.endswith(".py")}}, tmp_path)


@pytest.mark.parametrize("character", hostile.INVISIBLE[:-1])
@pytest.mark.parametrize("place", ["description", "examples", "enum", "x-other"])
def test_what_changes_what_a_reader_sees_is_refused(character: str, place: str) -> None:
    text = f"a{character}b"
    schema = {"type": "string", place: [text] if place in ("examples", "enum") else text}
    document = hostile.document(hostile.operation("o", responses=hostile.answer(schema)))
    with pytest.raises(RegenerationError, match=f"U\\+{ord(character):04X}"):
        names.check(document)


@pytest.mark.parametrize("data", [b'{"a": "\\ud800"}', b'{"\\ud800": 1}'])
def test_half_a_character_is_not_read(data: bytes) -> None:
    with pytest.raises(RegenerationError):
        parse_source(data, "some.json")


@each_seed
def test_payloads_in_a_report_stay_on_one_line_of_a_code_span(seed: int) -> None:
    payloads = hostile.texts(seed)
    for text in (next(payloads) for _ in range(500)):
        span = code(text)
        fence = span[: len(span) - len(span.lstrip("`"))]
        assert (span.isprintable(), fence in span[len(fence) : -len(fence)]) == (True, False)


@pytest.mark.parametrize("text", ["[" * 100_000, '"' * 100_000, "> " * 50_000, "\n" * 100_000, "_I, [" * 20_000])
def test_texts_that_are_traps_for_patterns_are_read_in_time(text: str) -> None:
    assert find([("somewhere", text)]) == []


def test_a_page_of_many_open_fences_is_refused_at_once() -> None:
    with pytest.raises(RegenerationError, match="more than one operation"):
        parse_source(b"````yaml post /a\n" * 200_000, "page.md")


# -- names

# These pass as names, and are refused once it is seen what the generator makes of them.
REFUSED_LATER = {
    "component": frozenset({"a b"}),
    "path": frozenset({"a{b}"}),
    "path parameter": frozenset({"x.py", "a.b"}),
    "tag": frozenset({"Any", "Mapping", "Response", "response"}),
}
# Here every name is tried in each run; elsewhere a third of them, by the seed.
IDENTIFIERS = frozenset({"operationId", "component", "property"})
# Here names that differ in what no identifier keeps are one name.
ONE_SPACE = frozenset({"operationId", "component", "title of a component"})


def allowed(place: str) -> list[str]:
    """The names that are not refused before anything is generated."""
    passed = []
    for name in hostile.NAMES:
        with contextlib.suppress(RegenerationError):
            names.check(hostile.PLACES[place]([name]))
            passed.append(name)
    return [name for name in passed if name not in REFUSED_LATER.get(place, ())]


def distinct(every: list[str]) -> list[str]:
    # What a generator changes in a name: case, and what stands between words.
    return list({re.sub(r"[^a-z0-9]", "", name.lower()): name for name in every}.values())


@pytest.mark.parametrize("seed", SEEDS[-1:], ids=["fresh"])
def test_names_in_every_place_define_harmless_names(seed: int, tmp_path: Path) -> None:
    packages = {}
    for number, (place, build) in enumerate(hostile.PLACES.items()):
        if place != "status":
            every = allowed(place)
            if place not in IDENTIFIERS:
                every = every[seed % 3 :: 3]
            packages[f"p{number}"] = checked(build(distinct(every) if place in ONE_SPACE else every))
    assert_harmless(packages, tmp_path)


@pytest.mark.parametrize("place", ["operationId", "tag", "component"])
@pytest.mark.parametrize(
    "name",
    ["__init__", "_", "", " ", ".", "..", "../x", "../../x", "/etc/passwd", "a/b", "a\\b", ".hidden", "0", "🔥",
     "сreate", "ﬁle", "a\nb", 'a"b', "a'b", "{{ 7*7 }}", "a" * 101],
)  # fmt: skip
def test_what_would_be_no_module_is_refused(place: str, name: str) -> None:
    with pytest.raises(RegenerationError, match="cannot be used"):
        names.check(hostile.PLACES[place]([name]))


@pytest.mark.parametrize("place", ["property", "query", "header", "title", "path parameter"])
@pytest.mark.parametrize("name", ["", " ", "_", "0", "🔥", "сreate", "ﬁle", "a\nb", "\u202ex", "a" * 101])
def test_what_would_be_no_identifier_is_refused(place: str, name: str) -> None:
    with pytest.raises(RegenerationError, match="cannot be used"):
        names.check(hostile.PLACES[place]([name]))


@pytest.mark.parametrize(
    "path", ["/../x", "/a/..", "//evil.example/x", "/a?b", "/a#b", "/a b", "/a\\b", "/é", "/" + "a" * 500]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    document = {**hostile.document(), "paths": {path: {"get": hostile.operation("o")}}}
    with pytest.raises(RegenerationError, match="cannot be used"):
        names.check(document)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("path parameter", "x.py"),
        ("component", "a b"),
    ],
)
def test_a_name_that_takes_the_place_of_another_is_refused(place: str, name: str) -> None:
    with pytest.raises(RegenerationError):
        checked(hostile.PLACES[place]([name]))


@pytest.mark.parametrize("name", ["__init__", "../x", "two hundred", "20", "2000", "🔥"])
def test_a_status_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(RegenerationError):
        pipeline.check(hostile.PLACES["status"]([name]))


# -- documents


def linked(count: int, schema: Any) -> dict[str, Any]:
    """A chain of schemas, each of which holds the next one twice."""
    schemas = {f"A{n}": schema({"$ref": hostile.reference(f"A{n + 1}")}) for n in range(count)}
    body = hostile.answer({"$ref": hostile.reference("A0")})
    components = {"schemas": {**schemas, f"A{count}": {"type": "object"}}}
    return hostile.document(hostile.operation("o", responses=body), components=components)


TRAPS = {
    "references that multiply": linked(40, lambda ref: {"type": "object", "properties": {"x": ref, "y": ref}}),
    "parts that multiply": linked(40, lambda ref: {"allOf": [ref, ref]}),
    "choices that multiply": linked(40, lambda ref: {"anyOf": [ref, ref]}),
    "a reference to itself": hostile.document(
        components={"schemas": {"A": {"$ref": hostile.reference("A")}}},
    ),
    "a pattern that never ends": hostile.document(
        hostile.operation(
            "o", responses=hostile.answer({"type": "string", "pattern": "^(a+)+$", "default": "a" * 40 + "!"})
        )
    ),
    "a reference to nowhere": hostile.document(
        hostile.operation("o", responses=hostile.answer({"$ref": "#/components/schemas/B"}))
    ),
}


@pytest.mark.parametrize("document", TRAPS.values(), ids=TRAPS.keys())
def test_a_document_that_is_a_trap_is_refused_in_time(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "VALIDATION_SECONDS", 1.0)
    with pytest.raises(RegenerationError) as caught:
        pipeline.check(document)
    assert caught.value.step == "validate"


def test_a_deadline_that_a_library_swallows_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(_: object) -> None:
        with contextlib.suppress(RegenerationError):
            while True:
                pass
        while True:
            pass

    monkeypatch.setattr(pipeline, "VALIDATION_SECONDS", 0.01)
    monkeypatch.setattr(pipeline, "validate", stubborn)
    with pytest.raises(RegenerationError, match="takes longer"):
        pipeline.check(hostile.document())


@pytest.mark.parametrize("key", ["$id", "$schema", "$dynamicRef", "$anchor"])
def test_what_changes_where_a_reference_leads_is_refused(key: str) -> None:
    document = hostile.document(
        hostile.operation("o", responses=hostile.answer({key: "https://evil.example/x", "$ref": "#/components"}))
    )
    with pytest.raises(RegenerationError, match=f"it uses \\{key}"):
        pipeline.collect({}, [parse_source(json.dumps(document).encode(), "new.json")])


@pytest.mark.parametrize("mark", ["x-retry", "x-schema-name"])
def test_upstream_does_not_decide_what_is_ours(mark: str) -> None:
    schema = {"type": "object", **({mark: "Replica"} if mark == "x-schema-name" else {})}
    operation = hostile.operation("o", responses=hostile.answer(schema))
    document = hostile.document()
    document["paths"] = {"/a": {"post": {**operation, **({mark: "safe"} if mark == "x-retry" else {})}}}
    with pytest.raises(RegenerationError, match="itself, in "):
        pipeline.collect({}, [parse_source(json.dumps(document).encode(), "new.json")])


JUNK: tuple[Any, ...] = (
    *(
        None,
        5,
        -1.5,
        True,
        "",
        "x",
        "\\",
        [],
        {},
        [None],
        "/v2/replicas",
        {"$ref": "#/components/schemas/A"},
        {"$ref": 5},
    ),
    *(
        {"type": "array"},
        {"type": 5},
        {"allOf": 5},
        {"enum": 3},
        {"required": True},
        {"properties": []},
        {"items": [1]},
    ),
)
KEYS = ("$ref", "type", "properties", "allOf", "required", "get", "parameters", "tags", "x-retry")


def broken(document: dict[str, Any], source: random.Random) -> dict[str, Any]:
    """A copy in which up to three values are gone, or are something else."""
    document = json.loads(json.dumps(document))
    for _ in range(source.choice((1, 1, 2, 3))):
        holder, key = source.choice(list(places(document)))
        chance = source.random()
        if chance < 0.2:
            del holder[key]
        elif chance < 0.35 and isinstance(holder, dict):
            holder[source.choice(KEYS)] = source.choice(JUNK)
        else:
            holder[key] = source.choice(JUNK)
    return document


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield node, key
        yield from places(value)


@each_seed
def test_a_broken_document_is_refused_or_read_and_never_more(seed: int) -> None:
    """No other error than the one that says what to do gets out."""
    inputs = tree.read(PROJECT, "openapi")
    page = parse_source(inputs.pop("openapi/upstream/create-replica.md"), "page.md").document
    source = random.Random(seed)
    for _ in range(4):
        document = broken(page, source)
        with contextlib.suppress(RegenerationError):
            new = Source("new.json", json.dumps(document).encode(), document, None)
            pipeline.specify(inputs, [new], tolerate=lambda problem: None)
