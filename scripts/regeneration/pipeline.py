"""The steps in order: a pure function from the input files to the output files."""

from __future__ import annotations

import copy
import hashlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, NamedTuple, NoReturn

import yaml
from openapi_spec_validator import validate

from . import names, overlays, wording
from .answers import open_answers
from .generator import generate
from .merge import merge, renew
from .plain import load_mapping
from .problems import RegenerationError, fail
from .reading import Source, parse_source, prose
from .schemas import name_schemas, operations
from .shapes import shapes

RETRY = ("safe", "if-not-sent")
VALIDATION_SECONDS = 60.0
_AGAIN = 0.5  # seconds; more than it takes to leave the body
TOOLS = ("oas-patch", "openapi-python-client", "openapi-spec-validator", "pyyaml", "ruff")
_OURS = ("openapi/operations/", "openapi/overlays/", "openapi/differences.yaml")


class Result(NamedTuple):
    """What a regeneration gives.

    Attributes:
        files: Every file that the pipeline owns, by path from the root.
        notes: What a maintainer should know, a line each.
    """

    files: dict[str, bytes]
    notes: list[str]


class Specification(NamedTuple):
    """What the inputs say, before anything is generated.

    Attributes:
        document: The built specification.
        merged: The same before the overlay documents.
        statements: The wordings of the consent statement that upstream has.
        upstream: The sources to keep, by file name.
        notes: What a maintainer should know, a line each.
    """

    document: dict[str, Any]
    merged: dict[str, Any]
    statements: list[wording.Wording]
    upstream: dict[str, Source]
    notes: list[str]


def run(inputs: Mapping[str, bytes], new: Sequence[Source]) -> Result:
    """Build the specification, generate the raw client, and describe both in the lock.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.

    Raises:
        RegenerationError: A step failed.
    """
    specification = specify(inputs, new)
    config = generator_config(inputs)
    kept = {f"openapi/upstream/{name}": source.data for name, source in specification.upstream.items()}
    described = {name: data for name, data in inputs.items() if name.startswith(_OURS)}
    read = {**kept, **described, "openapi/generator.yaml": config}
    made = {"openapi/tavus.yaml": _as_yaml(specification.document)}
    made |= {f"generated/tavus_api/{name}": data for name, data in generate(specification.document, config).items()}
    return Result({**kept, **made, "openapi/lock.toml": _lock(read, made)}, specification.notes)


def specify(
    inputs: Mapping[str, bytes], new: Sequence[Source], tolerate: Callable[[RegenerationError], None] = fail
) -> Specification:
    """Build the specification.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.
        tolerate: Takes what must be mended before anything is generated, yet does not keep the specification from
            being built: overlay actions that have become stale, and another wording of the consent statement.

    Raises:
        RegenerationError: A step failed.
    """
    merged, upstream, notes = collect(inputs, new)
    document = copy.deepcopy(merged)
    pages = ((f"openapi/upstream/{name}", prose(source)) for name, source in upstream.items())
    statements = wording.find([*pages, *wording.texts(merged)])
    notes += wording.check(statements, tolerate)
    for name, data in inputs.items():
        if name.startswith("openapi/overlays/"):
            document, overlay_notes = overlays.apply(document, load_mapping(data, name), name, tolerate)
            notes += overlay_notes
    name_schemas(document)
    open_answers(document)
    check(document)
    return Specification(document, merged, statements, upstream, notes)


def collect(inputs: Mapping[str, bytes], new: Sequence[Source]) -> tuple[dict[str, Any], dict[str, Source], list[str]]:
    """Merge what upstream says and what we add: the specification before the overlay documents.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.

    Returns:
        The document, the upstream sources to keep by file name, and what a maintainer should know.

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
    return document, upstream, notes + merge_notes


def generator_config(inputs: Mapping[str, bytes]) -> bytes:
    """The configuration of the generator.

    Raises:
        RegenerationError: There is none.
    """
    config = inputs.get("openapi/generator.yaml")
    if config is None:
        raise RegenerationError("generate", "openapi/generator.yaml", "it is missing", "restore it")
    return config


def check(document: dict[str, Any]) -> None:
    """Refuse a built specification that is not valid, names things as nobody should, or is a trap for its readers.

    Raises:
        RegenerationError: Says what to mend.
    """
    for path, method, operation in operations(document):
        if operation.get("x-retry") not in RETRY:
            raise RegenerationError(
                "validate",
                f"openapi/tavus.yaml, {method} {path}",
                f"x-retry is {operation.get('x-retry')!r}",
                f"add an action to openapi/overlays that says {' or '.join(RETRY)}",
            )
    remedy = "mend the specification with an action in openapi/overlays"
    late = f"it takes longer than {VALIDATION_SECONDS:g} seconds: a pattern or a chain of references is a trap"
    try:
        with _deadline(RegenerationError("validate", "openapi/tavus.yaml", late, remedy)):
            validate(document)
    except RegenerationError:
        raise
    except Exception as error:  # besides its own errors, those of the libraries that resolve references get out
        place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
        said = next(iter(str(error).strip().splitlines()), "")
        raise RegenerationError(
            "validate", f"openapi/tavus.yaml, {place or '/'}", f"{type(error).__name__}: {said}", remedy
        ) from None
    names.check(document)
    shapes(document)  # what the report and the table walk through has an end


@contextmanager
def _deadline(error: RegenerationError) -> Iterator[None]:
    """Raise an error when the body takes too long, also within a regular expression.

    Again and again: the libraries swallow exceptions in some places, and one that is swallowed would never come back.
    """

    def stop(*_: object) -> NoReturn:
        raise error

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, VALIDATION_SECONDS, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
    lines += [f'{tool} = "{version(tool)}"' for tool in TOOLS]
    for table, files in (("inputs", read), ("outputs", made)):
        lines += ["", f"[{table}]"]
        lines += [f'"{name}" = "{hashlib.sha256(files[name]).hexdigest()}"' for name in sorted(files)]
    return "\n".join([*lines, ""]).encode()
