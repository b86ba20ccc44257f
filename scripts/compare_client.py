"""Compare ``openapi/tavus.yaml`` with Tavus's own client (``tavus-cli``), which is a second source of the same API.

::

    python scripts/compare_client.py [--python PATH] [--all]

The script starts the Python that has the client, calls every method of the client with placeholders, and notes the
requests instead of sending them. It compares their paths, query parameters and members, and the members and values of
the client's models, with ours. A difference needs an entry under ``client`` in ``openapi/differences.yaml``. The exit
code is 1 if a difference has no reason, or if an entry is out of date. Without the client, the script says so and does
nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from compare_spec import REASONS, Difference, read_reasons
from regeneration import tree
from regeneration.plain import load_mapping
from regeneration.problems import RegenerationError
from regeneration.schemas import operations, resolve

ROOT = Path(__file__).resolve().parents[1]
# Where the tests of Tavus's client install it, see tests/contract.
INSTALLED: Final = (".venv/tavus-cli", ".venv/outside/tavus-cli-*")

# Models that no method sends as a whole, and the place in our specification that has their members.
PLACES: Final[Mapping[str, str]] = {
    "DeploymentLimits": "POST /v2/deployments body limits",
    "GuardrailListParams": "GET /v2/guardrails query",
    "GuardrailUpdate": "POST /v2/guardrails body",
    "JSONPatchOperation": "PATCH /v2/pals/{} body []",
    "ObjectivesListParams": "GET /v2/objectives query",
    "PalPatchModel": "POST /v2/pals body",
    "PronunciationDictionaryUpdate": "POST /v2/pronunciation-dictionaries body",
    "ToolListParams": "GET /v2/tools query",
}

# Runs with the Python of the client, and imports nothing of this project.
PROBE: Final = """
import asyncio, inspect, json, pkgutil
from importlib import import_module
import httpx
from pydantic import BaseModel
from tavus_mcp.sdk import schemas
from tavus_mcp.sdk.client.http import TavusClient

made, failed, models, used = [], {}, {}, []
PAYLOAD, PATCH = {"name": "x"}, [{"op": "replace", "path": "/pal_name", "value": "x"}]

for info in pkgutil.iter_modules(schemas.__path__):
    module = import_module(f"{schemas.__name__}.{info.name}")
    for name, one in inspect.getmembers(module, inspect.isclass):
        if issubclass(one, BaseModel) and one.__module__ == module.__name__ and name[0] != "_":
            models[name] = one.model_json_schema()

# The models refuse placeholders, so they are made without validation. The one that is dumped is the one that is sent.
dump = BaseModel.model_dump

def dumped(self, **options):
    used.append(type(self).__name__)
    return dump(self, **options)

BaseModel.model_dump = dumped
BaseModel.model_validate = classmethod(lambda cls, value, **_: cls.model_construct(**value))

def placeholder(name, annotation):
    for word, value in (
        ("list[dict", PATCH), ("list[str]", ["x"]), ("dict", PAYLOAD), ("str", "PLACE"), ("bool", True), ("int", 1)
    ):
        if word in annotation:
            return value
    return PAYLOAD

def note(request):
    body = json.loads(request.content) if request.content else None
    sent = sorted(body) if isinstance(body, dict) and body != PAYLOAD else []
    path = request.url.path.rstrip("/").replace("PLACE", "{}")
    model = used[-1] if used and isinstance(body, dict) else ""
    query = sorted(request.url.params)
    made.append({"request": f"{request.method} {path}", "query": query, "body": sent, "model": model})
    return httpx.Response(200, json={"data": [], "total_count": 0})

async def main():
    async with TavusClient.from_env() as client:
        noting = httpx.AsyncClient(transport=httpx.MockTransport(note), base_url="https://tavus.example/v2")
        client._client = client._portal_client = noting
        resources = {name: one for name, one in vars(client).items() if hasattr(one, "client")}
        for name, resource in resources.items():
            for verb, method in inspect.getmembers(resource, inspect.iscoroutinefunction):
                arguments = inspect.signature(method).parameters.values()
                given = {
                    one.name: placeholder(one.name, str(one.annotation))
                    for one in arguments
                    if one.kind is not one.VAR_KEYWORD
                }
                used.clear()
                try:
                    await method(**given)
                except Exception as error:
                    failed[f"{name}.{verb}"] = f"{type(error).__name__}: {error}"

asyncio.run(main())
print(json.dumps({"requests": made, "failed": failed, "models": models}))
"""


def installed(root: Path = ROOT) -> Path | None:
    """Return the Python that has Tavus's client, or ``None`` if no test has installed it."""
    folder = "Scripts" if os.name == "nt" else "bin"
    found = (path / folder / "python" for pattern in INSTALLED for path in sorted(root.glob(pattern)))
    return next((path for path in found if path.exists() and _has_client(path)), None)


def _has_client(python: Path) -> bool:
    """Return whether a Python has the whole client. A test may be installing it."""
    return (
        subprocess.run([str(python), "-c", "import tavus_mcp.cli.main"], capture_output=True, check=False).returncode
        == 0
    )


def facts(python: Path) -> dict[str, Any]:
    """Return what the client sends: ``requests``, calls that ``failed``, and the JSON Schemas of its ``models``."""
    variables = {"PATH": os.environ["PATH"], "TAVUS_API_KEY": "none"}
    with TemporaryDirectory() as home:  # the client would read a key from the present folder
        done = subprocess.run(
            [str(python), "-c", PROBE],
            capture_output=True,
            text=True,
            check=False,
            cwd=home,
            env={**variables, "HOME": home},
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RegenerationError("compare", str(python), last, "install tavus-cli again, or adapt the probe to it")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def differences(theirs: Mapping[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """List the differences between the client and our specification, seen from our side.

    Args:
        theirs: What the client sends, from :func:`facts`.
        ours: Our specification.
    """
    mine = {
        f"{verb.upper()} {re.sub('{[^}]*}', '{}', path)}": Operation(ours, one) for path, verb, one in operations(ours)
    }
    found = [Difference(f"method {call}", "", "cannot be called") for call in theirs["failed"]]
    compared: set[str] = set()
    for request in theirs["requests"]:
        name, operation = request["request"], mine.get(request["request"])
        if operation is None:
            found.append(Difference(name, "", "missing"))
            continue
        found += [Difference(name, f"query {one}", "missing") for one in request["query"] if one not in operation.query]
        model = request["model"]
        if model:
            found += _model(name, "body", theirs["models"][model], operation.body(""))
            compared.add(model)
        else:
            known = operation.body("") or {}
            found += [Difference(name, f"body {one}", "missing") for one in request["body"] if one not in known]
    nested = {name for schema in theirs["models"].values() for name in schema.get("$defs", ())}
    for model, schema in theirs["models"].items():
        if model in PLACES:
            method, path, place, *where = PLACES[model].split(" ")
            operation = mine.get(f"{method} {path}")
            if operation is None:
                found.append(Difference(f"{method} {path}", "", "missing"))
                continue
            there = operation.query if place == "query" else operation.body("".join(where))
            found += _model(f"{method} {path}", " ".join([place, *where]), schema, there)
        elif model not in compared | nested:
            found.append(Difference(f"model {model}", "", "not compared"))
    return list(dict.fromkeys(found))


Members = dict[str, frozenset[str]]
"""The allowed values of each member at any depth, by its path such as ``data[].name``; none if any is allowed."""


class Operation:
    """An operation of our specification."""

    def __init__(self, document: dict[str, Any], operation: Mapping[str, Any]) -> None:
        self._document = document
        self._operation = operation

    @property
    def query(self) -> Members:
        """The query parameters."""
        given = (resolve(self._document, one) for one in self._operation.get("parameters", ()))
        named = {one["name"]: one.get("schema", {}) for one in given if one["in"] == "query"}
        return dict(_members(self._document, {"properties": named}))

    def body(self, where: str) -> Members | None:
        """Return the members of the body, or of a member of it; ``None`` if they may have any name."""
        content = resolve(self._document, self._operation.get("requestBody", {})).get("content", {})
        media: dict[str, Any] = next(iter(content.values()), {})
        every = dict(_members(self._document, media.get("schema", {})))
        start = f"{where}." if where else ""
        return {path.removeprefix(start): words for path, words in every.items() if path.startswith(start)} or None


def _model(operation: str, place: str, schema: dict[str, Any], ours: Members | None) -> Iterator[Difference]:
    """Yield the differences of the members at one place. Within an object of any members, there are none."""
    if ours is None:
        return
    theirs = dict(_members(schema, schema))
    for path in [*theirs, *(path for path in ours if path not in theirs)]:
        parent = re.sub(r"(\.|^)[^.]*$", "", path).removesuffix("[]")
        label = f"{place} {path}"
        if path not in theirs or path not in ours:
            if not parent or (_has_members(parent, theirs) and _has_members(parent, ours)):
                yield Difference(operation, label, "missing" if path in theirs else "only in ours")
            continue
        for words, more in ((theirs[path], ours[path]), (ours[path], theirs[path])):
            left = sorted(words - more) if more else []
            if left:
                whose = "missing" if words is theirs[path] else "only in ours"
                yield Difference(operation, label, f"{whose}: {', '.join(left)}")


def _has_members(path: str, members: Members) -> bool:
    return any(one.startswith((f"{path}.", f"{path}[].")) for one in members)


def _members(
    document: dict[str, Any], schema: Any, path: str = "", depth: int = 0
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield every named member below a schema, with its allowed values. Choices count as one."""
    inner: dict[str, list[Any]] = {}
    for branch in _branches(document, schema):
        for name, member in branch.get("properties", {}).items():
            inner.setdefault(f"{path}.{name}" if path else name, []).append(member)
        if "items" in branch:
            inner.setdefault(f"{path}[]", []).append(branch["items"])
    for place, schemas in inner.items() if depth < 12 else ():
        if not place.endswith("[]"):
            yield place, frozenset(str(word) for one in schemas for word in _words(document, one))
        for one in schemas:
            yield from _members(document, one, place, depth + 1)


def _branches(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = resolve(document, schema)
    if isinstance(schema, dict):
        yield schema
        for key in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(key, ()):
                yield from _branches(document, branch)


def _words(document: dict[str, Any], schema: Any) -> Iterator[Any]:
    for branch in _branches(document, schema):
        yield from (word for word in branch.get("enum", ()) if word is not None)
        if "const" in branch:
            yield branch["const"]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``openapi``.

    Returns:
        0 if every difference has a reason, or if the client is not installed; else 1.
    """
    parser = argparse.ArgumentParser(description="Compare openapi/tavus.yaml with Tavus's own client.")
    parser.add_argument("--python", type=Path, help="the Python that has tavus-cli")
    parser.add_argument("--all", action="store_true", help="also list differences that have a reason")
    options = parser.parse_args(arguments)
    python = options.python or installed()
    if python is None:
        print("Skipped: tavus-cli is not installed. The tests in tests/contract install it.")
        return 0
    try:
        inputs = tree.read(root, "openapi")
        ours = load_mapping(inputs["openapi/tavus.yaml"], "openapi/tavus.yaml")
        found = differences(facts(python), ours)
        reasons = read_reasons(inputs, "client")
    except RegenerationError as error:
        print(error.report(), file=sys.stderr)
        return 1
    explained = {one: next((entry.reason for entry in reasons if entry.covers(one)), "") for one in found}
    for difference, reason in explained.items():
        if not reason or options.all:
            print(f"{difference}  [{reason or 'NO REASON'}]")
    stale = [entry for entry in reasons if not any(entry.covers(one) for one in found)]
    for entry in stale:
        print(f"{REASONS}, client: nothing is different at {entry.where}, {entry.what}", file=sys.stderr)
    missing = sum(not reason for reason in explained.values())
    print(f"{len(found)} differences, {missing} without a reason.")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
