"""The steps in order: a pure function from the input files to the output files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import yaml
from openapi_spec_validator import validate

from . import overlays
from .generator import generate
from .merge import merge, renew
from .plain import load_mapping
from .problems import RegenerationError
from .reading import Source, parse_source
from .schemas import name_schemas, operations

RETRY = ("safe", "if-not-sent")
_TOOLS = ("oas-patch", "openapi-python-client", "openapi-spec-validator", "pyyaml", "ruff")
_OURS = ("openapi/operations/", "openapi/overlays/")


class Result(NamedTuple):
    """What a regeneration gives.

    Attributes:
        files: Every file that the pipeline owns, by path from the root.
        notes: What a maintainer should know, a line each.
    """

    files: dict[str, bytes]
    notes: list[str]


def run(inputs: Mapping[str, bytes], new: Sequence[Source]) -> Result:
    """Build the specification, generate the raw client, and describe both in the lock.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.

    Raises:
        RegenerationError: A step failed.
    """
    old = {
        name.removeprefix("openapi/upstream/"): parse_source(data, name)
        for name, data in inputs.items()
        if name.startswith("openapi/upstream/")
    }
    upstream, notes = renew(old, new)
    ours = [
        Source(name, data, load_mapping(data, name), None)
        for name, data in inputs.items()
        if name.startswith("openapi/operations/")
    ]
    document, merge_notes = merge(list(upstream.values()), ours)
    notes += merge_notes
    for name, data in inputs.items():
        if name.startswith("openapi/overlays/"):
            document, overlay_notes = overlays.apply(document, load_mapping(data, name), name)
            notes += overlay_notes
    name_schemas(document)
    _check(document)

    config = inputs.get("openapi/generator.yaml")
    if config is None:
        raise RegenerationError("generate", "openapi/generator.yaml", "it is missing", "restore it")
    kept = {f"openapi/upstream/{name}": source.data for name, source in upstream.items()}
    described = {name: data for name, data in inputs.items() if name.startswith(_OURS)}
    read = {**kept, **described, "openapi/generator.yaml": config}
    made = {"openapi/tavus.yaml": _as_yaml(document)}
    made |= {f"generated/tavus_api/{name}": data for name, data in generate(document, config).items()}
    return Result({**kept, **made, "openapi/lock.toml": _lock(read, made)}, notes)


def _check(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if operation.get("x-retry") not in RETRY:
            raise RegenerationError(
                "validate",
                f"openapi/tavus.yaml, {method} {path}",
                f"x-retry is {operation.get('x-retry')!r}",
                f"add an action to openapi/overlays that says {' or '.join(RETRY)}",
            )
    try:
        validate(document)
    except Exception as error:  # besides its own errors, those of the libraries that resolve references get out
        place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
        raise RegenerationError(
            "validate",
            f"openapi/tavus.yaml, {place or '/'}",
            f"{type(error).__name__}: {str(error).strip().splitlines()[0]}",
            "mend the specification with an action in openapi/overlays",
        ) from None


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C dumper is optional
    def ignore_aliases(self, data: Any) -> bool:
        """Write everything where it belongs: anchors make diffs hard to read."""
        return True


def _text(dumper: _Dumper, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _as_yaml(document: dict[str, Any]) -> bytes:
    head = "# Built by scripts/regenerate.py from upstream, operations and overlays, do not edit.\n"
    body: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return (head + body).encode()


def _lock(read: Mapping[str, bytes], made: Mapping[str, bytes]) -> bytes:
    lines = ["# The last regeneration; written by scripts/regenerate.py, do not edit.", "", "[versions]"]
    lines += [f'{tool} = "{version(tool)}"' for tool in _TOOLS]
    for table, files in (("inputs", read), ("outputs", made)):
        lines += ["", f"[{table}]"]
        lines += [f'"{name}" = "{hashlib.sha256(files[name]).hexdigest()}"' for name in sorted(files)]
    return "\n".join([*lines, ""]).encode()
