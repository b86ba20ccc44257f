"""The steps in order: a pure function from the input files to the output files."""

from __future__ import annotations

import copy
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from openapi_spec_validator import OpenAPIV31SpecValidator

from . import baseline, carry, consent, names, needs, old_pages, overlays, wording
from .answers import open_answers
from .generator import generate
from .locate import Origins
from .merge import RENAMES, Merger, renew
from .normalise import references
from .plain import Dumper, load_mapping
from .problems import RegenerationError, each, fail, together
from .reading import Source, held, parse_source, prose
from .schemas import NOT_DONE_KEY, RETRY_KEY, name_schemas, operations, resolve, schema_slots, unlink
from .shapes import Place, shapes

RETRY = ("safe", "if-not-sent")
VALIDATION_SECONDS = 60.0
_AGAIN = 0.5  # seconds; more than it takes to leave the body
TOOLS = ("oas-patch", "openapi-python-client", "openapi-spec-validator", "pyyaml", "ruff")
# Files that people write, and that --drop, --move and --rename-components edit.
_EDITED = ("openapi/operations/", "openapi/overlays/", "openapi/baseline/")
_OURS = (*_EDITED, "openapi/templates/", "openapi/differences.yaml", needs.TABLE)
_INNER = frozenset(
    {"openapi", "info", "servers", "paths", "components", "security", "tags", "webhooks", "externalDocs"}
)


class Options(NamedTuple):
    """Options for adding new upstream.

    Attributes:
        wishes: The operations to drop and to move.
        rename_components: True to rename each upstream component whose name is already used for something else.
        etag: The entity tag of the whole document from the server.
    """

    wishes: old_pages.Wishes = old_pages.Wishes()
    rename_components: bool = False
    etag: str = ""


class Result(NamedTuple):
    """The result of a regeneration.

    Attributes:
        files: All files that the pipeline owns, by path from the root.
        notes: Notes for the maintainer, one line each.
    """

    files: dict[str, bytes]
    notes: list[str]


class Specification(NamedTuple):
    """The specification that is built from the inputs, before anything is generated.

    Attributes:
        document: The specification.
        upstream: The sources to keep, by file name.
        notes: Notes for the maintainer, one line each.
        inputs: The new input files.
        origins: The origin of each part of the specification.
        statements: The wordings of the consent statement in upstream.
    """

    document: dict[str, Any]
    upstream: dict[str, Source]
    notes: list[str]
    inputs: dict[str, bytes]
    origins: Origins
    statements: Sequence[wording.Wording] = ()


def run(inputs: Mapping[str, bytes], new: Sequence[Source], options: Options | None = None) -> Result:
    """Build the specification, generate the raw client, and describe both in the lock.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.
        options: Options for adding new upstream.

    Raises:
        RegenerationError: A step failed. The error lists all problems.
    """
    specification = specify_all(inputs, new, options)
    now = specification.inputs
    config = generator_config(now)
    kept = {f"openapi/upstream/{name}": source.data for name, source in specification.upstream.items()}
    described = {name: data for name, data in now.items() if name.startswith(_OURS)}
    read = {**kept, **described, "openapi/generator.yaml": config}
    made = {"openapi/tavus.yaml": _as_yaml(specification.document)}
    made |= {f"generated/tavus_api/{name}": data for name, data in generate(specification.document, config).items()}
    edited: dict[str, bytes] = {}
    for folder in _EDITED:
        before, after = ({n: d for n, d in files.items() if n.startswith(folder)} for files in (inputs, now))
        edited |= after if after != before else {}
    return Result({**kept, **edited, **made, "openapi/lock.toml": _lock(read, made)}, specification.notes)


def specify_all(inputs: Mapping[str, bytes], new: Sequence[Source], options: Options | None = None) -> Specification:
    """Build the specification, or raise one error that lists all problems."""
    problems = _missing_tools()
    try:
        specification = specify(inputs, new, problems.append, options)
    except RegenerationError as error:
        raise together([*problems, error]) from None
    if problems:
        raise together(problems)
    return specification


def _missing_tools() -> list[RegenerationError]:
    found = []
    for tool in TOOLS:
        try:
            version(tool)
        except PackageNotFoundError:
            cause = f"{tool} is not installed in this environment"
            found.append(RegenerationError("tools", tool, cause, "run make setup"))
    folder = str(Path(sys.executable).parent)
    if shutil.which("ruff", path=os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])) is None:
        found.append(RegenerationError("tools", "ruff", "there is no program of this name", "run make setup"))
    return found


def specify(
    inputs: Mapping[str, bytes],
    new: Sequence[Source],
    tolerate: Callable[[RegenerationError], None] = fail,
    options: Options | None = None,
) -> Specification:
    """Build the specification; see :func:`run`.

    Args:
        inputs: The files below ``openapi``, by path from the root.
        new: New upstream, in the order given.
        tolerate: A function that receives each problem that must be fixed before anything is generated, but does not
            prevent building the specification.
        options: Options for adding new upstream.
    """
    collected = collect(inputs, new, tolerate, options)
    _, upstream, notes, now, origins, _ = collected
    document = copy.deepcopy(collected.document)  # a copy, because the sources are used again

    def note(problem: RegenerationError) -> None:
        told = problem.cause.startswith("DuplicateOperationID") and any(
            f"'{identifier}'" in problem.cause for identifier in origins.duplicates
        )
        if not told:
            tolerate(origins.note(problem, document))

    pages = ((f"openapi/upstream/{name}", prose(source)) for name, source in upstream.items())
    statements = wording.find([*pages, *wording.texts(document)])
    notes = notes + wording.check(statements, note)
    for name, overlay in _loaded(now, "openapi/overlays/", note):
        try:
            document, overlay_notes = overlays.apply(document, overlay, name, note)
            notes = notes + overlay_notes
        except RegenerationError as problem:
            note(problem)
    origins.moved.update(name_schemas(document, note))
    open_answers(document)
    try:
        is_valid = check(document, note)
    except RegenerationError as error:
        raise origins.note(error, document) from None
    if is_valid:
        notes = [*notes, *unlink(document)]
        for need in needs.problems(document, now):
            note(need)
    return collected._replace(document=document, statements=statements, notes=notes)


def _loaded(
    inputs: Mapping[str, bytes], folder: str, tolerate: Callable[[RegenerationError], None]
) -> list[tuple[str, dict[str, Any]]]:
    names_ = [name for name in inputs if name.startswith(folder)]
    return each(lambda name: (name, load_mapping(inputs[name], name)), names_, tolerate)


def collect(
    inputs: Mapping[str, bytes],
    new: Sequence[Source],
    tolerate: Callable[[RegenerationError], None] = fail,
    options: Options | None = None,
) -> Specification:
    """Merge upstream and our descriptions into the specification before overlays. See :func:`specify`."""
    options = options or Options()
    now = old_pages.apply(inputs, options.wishes)
    names_ = [name for name in now if name.startswith("openapi/upstream/")]
    sources = each(lambda name: parse_source(now[name], name), names_, tolerate)
    upstream, notes = renew({source.name.removeprefix("openapi/upstream/"): source for source in sources}, new)
    given = _loaded(now, "openapi/operations/", tolerate)
    ours = [Source(name, now[name], document, None) for name, document in given]
    texts = {source.name: source.data for source in (*upstream.values(), *ours)}
    origins = Origins({**now, **texts})

    def note(problem: RegenerationError) -> None:
        tolerate(origins.note(problem, {}))

    before = baseline.read(now)
    wholes = [source for source in upstream.values() if source.operation is None]
    described = {f"{verb} {path}" for source in ours for verb, path in held(source.document)}
    kept: dict[str, Sequence[Place]] = {}
    if before is not None:
        for source in wholes:
            still = baseline.still_described(before, baseline.skeleton(baseline.normalised(source)))
            kept |= {place: fields for place, fields in still.items() if place in described}
    if kept:
        notes.append(f"{len(kept)} operations: upstream says what the baseline has, openapi/operations describes them")
    files = {source.name: file for file, source in upstream.items()}
    renames = baseline.renames(now)
    known = {source.name: renames.get(files[source.name], {}) for source in wholes}
    merger = Merger(kept, known, options.rename_components, origins, note)
    merger.add_all(list(upstream.values()), ours)
    if options.rename_components and merger.renames:
        by_file = {files[name]: given for name, given in merger.renames.items()}
        now[RENAMES] = yaml.safe_dump(by_file, sort_keys=True).encode()
    for source in new:
        if source.operation is None:
            others = [whole for whole in wholes if whole is not source]
            made = baseline.of_source(source, before, etag=options.etag, others=others)
            now[baseline.BASELINE] = made.to_bytes()
    return Specification(merger.document, upstream, notes + merger.notes, now, origins)


def generator_config(inputs: Mapping[str, bytes]) -> bytes:
    """Return the configuration of the generator."""
    config = inputs.get("openapi/generator.yaml")
    if config is None:
        raise RegenerationError("generate", "openapi/generator.yaml", "it is missing", "restore it")
    return config


def check(document: dict[str, Any], tolerate: Callable[[RegenerationError], None] = fail) -> bool:
    """Report problems of a built specification: invalid parts, bad names, and parts that hang a validator.

    Args:
        document: The built specification.
        tolerate: A function that receives each problem.

    Returns:
        True if the document is valid OpenAPI 3.1, so that it can be traversed.

    Raises:
        RegenerationError: Validation takes too long.
    """
    for path, method, operation in operations(document):
        if operation.get(RETRY_KEY) not in RETRY:
            cause = f"{RETRY_KEY} is {operation.get(RETRY_KEY)!r}"
            remedy = f"add an action to openapi/overlays that says {' or '.join(RETRY)}"
            tolerate(RegenerationError("validate", f"openapi/tavus.yaml, {method} {path}", cause, remedy))
        if not _is_refused_undone(operation):
            cause = f"{NOT_DONE_KEY} is {operation[NOT_DONE_KEY]!r}"
            remedy = f"list error statuses above 499 of an operation whose {RETRY_KEY} is if-not-sent"
            tolerate(RegenerationError("validate", f"openapi/tavus.yaml, {method} {path}", cause, remedy))
    late = f"it takes longer than {VALIDATION_SECONDS:g} seconds: a pattern or a chain of references is a trap"
    with _deadline(RegenerationError("validate", "openapi/tavus.yaml", late, _MEND)):
        invalid = list(validate(document))
    for problem in invalid:
        tolerate(problem)
    try:
        names.check(document, tolerate)
    except (AttributeError, KeyError, TypeError, ValueError):
        if not invalid:
            raise
    if not invalid:
        described = shapes(document)  # also proves that the number of fields is limited
        for problem in (*consent.problems(document, described), *carry.problems(document)):
            tolerate(problem)
    return not invalid


def _is_refused_undone(operation: dict[str, Any]) -> bool:
    """Return whether ``x-not-done`` is absent, or lists server errors that the operation documents."""
    listed = operation.get(NOT_DONE_KEY, [])
    if not isinstance(listed, list) or (listed and operation.get(RETRY_KEY) != "if-not-sent"):
        return False
    return all(isinstance(one, int) and one >= 500 and str(one) in operation["responses"] for one in listed)


_METASCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA)
_MEND = "mend the specification with an action in openapi/overlays"


def validate(document: dict[str, Any]) -> Iterator[RegenerationError]:
    """Yield the parts of a document that are not valid OpenAPI 3.1, each with its place."""
    dangling = []
    for reference, where in references(document):
        try:
            resolve(document, {"$ref": reference})
        except (KeyError, TypeError, IndexError, AttributeError):
            dangling.append(reference)
            cause = f"{reference[:200]} refers to nothing"
            yield RegenerationError("validate", f"openapi/tavus.yaml, {where.removeprefix('/')}", cause, _MEND)
    if dangling:  # the validator would stop at the first dangling reference
        document = _without(document, dangling)
    try:
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            place = "/".join(_place(document, error)) or "/"
            said = next(iter(str(error.message).strip().splitlines()), "")
            cause = f"{type(error).__name__}: {said}"
            yield RegenerationError("validate", f"openapi/tavus.yaml, {place}", cause, _MEND)
        yield from _invalid_bodies(document)
    except RegenerationError:
        raise
    except Exception as error:  # errors of the libraries that resolve references also escape the validator
        said = next(iter(str(error).strip().splitlines()), "")
        cause = f"{type(error).__name__}: {said[:300]}"
        yield RegenerationError("validate", "openapi/tavus.yaml, /", cause, _MEND)


def _without(node: Any, dangling: Collection[str]) -> Any:
    """Return a copy without dangling references."""
    if isinstance(node, list):
        return [_without(item, dangling) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without(value, dangling) for key, value in node.items() if key != "$ref" or value not in dangling}


def _invalid_bodies(document: dict[str, Any]) -> Iterator[RegenerationError]:
    """Yield invalid schemas in request bodies, which the validator does not check."""
    for path, method, operation in operations(document):
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            for error in _METASCHEMA.iter_errors(media.get("schema", {})):
                steps = ("paths", path, method, "requestBody", "content", kind, "schema", *error.absolute_path)
                place = "/".join(map(str, steps))
                yield RegenerationError("validate", f"openapi/tavus.yaml, {place}", error.message, _MEND)


def _place(document: dict[str, Any], error: Any) -> list[str]:
    """Return the full steps to the place of an error. The validator gives only the steps within a schema."""
    steps = [str(step) for step in error.absolute_path]
    for slot in schema_slots(document) if steps and steps[0] not in _INNER else ():
        node = slot.schema
        try:
            for step in error.absolute_path:
                node = node[step]
        except (IndexError, KeyError, TypeError):
            continue
        if node == error.instance:
            return [*slot.where.split("/"), *steps]
    return steps


@contextmanager
def _deadline(error: RegenerationError) -> Iterator[None]:
    """Raise an error if the body takes too long, even within a regular expression.

    Raise it repeatedly, because the libraries swallow exceptions in some places.
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


class _Dumper(Dumper):
    """A dumper that writes multiline strings as blocks."""


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
