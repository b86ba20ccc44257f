"""List the differences between ``openapi/tavus.yaml`` and a whole specification, for the operations that both have.

::

    python scripts/compare_spec.py PATH [--as-of 2026-05-23] [--all] [--baseline]

The script compares paths, parameters, fields at any depth, types, required fields, and status codes. A difference needs
one of these reasons: an overlay document that makes it (each action says why), a source of the operation that is newer
than the given specification (``x-as-of``), or an entry of ``openapi/differences.yaml``. The exit code is 1 if a
difference has no reason, or if the given specification has an operation that ours lacks. If every difference has a
reason, ``--baseline`` stores the names and types of the given specification as the baseline. The next upstream is
compared with this baseline.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from regeneration import baseline, overlays, pipeline, tree
from regeneration.normalise import normalise
from regeneration.plain import load_mapping
from regeneration.problems import RegenerationError
from regeneration.reading import parse_source
from regeneration.schemas import operations
from regeneration.shapes import Field, Shape, shapes

ROOT = Path(__file__).resolve().parents[1]
REASONS = "openapi/differences.yaml"
_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}")


class Difference(NamedTuple):
    """A difference between the two specifications.

    Attributes:
        operation: Method and path.
        place: The place in the operation, e.g. ``body properties.language``; empty for the operation itself.
        what: The difference, seen from our side.
    """

    operation: str
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.operation} {self.place}: {self.what}".replace(" :", ":")


class Reason(NamedTuple):
    """A place of an entry of ``openapi/differences.yaml``, with wildcards, and the reason for the difference."""

    where: str
    what: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Return True if this is the reason for the difference."""
        where = f"{difference.operation} {difference.place}".strip()
        return _matches(where, self.where) and _matches(difference.what, self.what)


def _matches(text: str, pattern: str) -> bool:
    """Return True if the text matches the pattern. ``*`` matches any text, and brackets match literally."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """List the differences between two documents of OpenAPI 3.1.

    Operations that only we have do not count. If only one side has a place, its members are not listed.
    """
    mine = {(shape.method, shape.path): shape for shape in shapes(ours).values()}
    found: list[Difference] = []
    for shape in shapes(theirs).values():
        operation = f"{shape.method} {shape.path}"
        if (shape.method, shape.path) not in mine:
            found.append(Difference(operation, "", "missing"))
        else:
            fields = (_plain(one) for one in (shape, mine[shape.method, shape.path]))
            found += [Difference(operation, *rest) for rest in _fields(*fields)]
    return found


def _plain(shape: Shape) -> dict[tuple[str, ...], Field]:
    """Return every place of an operation as a tuple. For a response, ignore whether null is allowed."""
    made = {}
    for place, field in shape.fields.items():
        read = place.direction == "response"
        start = ("response", place.part) if read else (place.part,)
        made[*start, *place.steps] = field._replace(types=field.types - {"null"}, required=True) if read else field
    return made


def _fields(
    theirs: Mapping[tuple[str, ...], Field], ours: Mapping[tuple[str, ...], Field]
) -> Iterator[tuple[str, str]]:
    for place in [*theirs, *(place for place in ours if place not in theirs)]:
        one, other = theirs.get(place), ours.get(place)
        label = _label(place)
        if one is None or other is None:
            if (place[:-1] in theirs) == (place[:-1] in ours):
                yield label, "only in ours" if one is None else "missing"
            continue
        if one.types != other.types:
            yield label, f"{_types(other)}, theirs {_types(one)}"
        if one.required != other.required:
            yield label, "required, theirs optional" if other.required else "optional, theirs required"


def _types(field: Field) -> str:
    return " or ".join(sorted(field.types)) or "any value"


def _label(place: tuple[str, ...]) -> str:
    head, *steps = place
    return f"{head} {'.'.join(steps)}".replace(".[]", "[]").strip()


def explained(theirs: dict[str, Any], inputs: Mapping[str, bytes], as_of: str) -> Iterator[tuple[Difference, str]]:
    """Yield every difference with its reason, which is empty if there is none.

    An entry of ``openapi/differences.yaml`` takes precedence over an overlay, and an overlay over a newer source.

    Args:
        theirs: The other specification, normalized.
        inputs: The files below ``openapi``, by path from the root.
        as_of: The publication date of the other specification; empty if it is unknown.
    """
    ours = load_mapping(inputs["openapi/tavus.yaml"], "openapi/tavus.yaml")
    made_by = _by_overlay(theirs, inputs)
    dates = {
        f"{method.upper()} {path}": operation.get("x-as-of", "")
        for path, item in ours["paths"].items()
        for method, operation in item.items()
    }
    reasons = read_reasons(inputs)
    for difference in differences(theirs, ours):
        newest = max(_DATE.findall(dates.get(difference.operation, "")), default="")
        given = next((reason.reason for reason in reasons if reason.covers(difference)), "")
        if given:
            yield difference, given
        elif difference in made_by:
            yield difference, made_by[difference]
        elif as_of and newest > as_of:
            yield difference, f"our source is of {newest}"
        else:
            yield difference, ""


def _by_overlay(theirs: dict[str, Any], inputs: Mapping[str, bytes]) -> dict[Difference, str]:
    """Return the overlay document for each difference that an overlay creates."""
    document = pipeline.collect(inputs, []).document
    known = set(differences(theirs, document))
    made: dict[Difference, str] = {}
    for name, data in inputs.items():
        if name.startswith("openapi/overlays/"):
            document, _ = overlays.apply(document, load_mapping(data, name), name)
            for difference in differences(theirs, document):
                if difference not in known:
                    made[difference] = name
                    known.add(difference)
    return made


def read_reasons(inputs: Mapping[str, bytes], part: str = "differences") -> list[Reason]:
    """Return the entries of a part of ``openapi/differences.yaml``.

    Raises:
        RegenerationError: An entry lacks a part.
    """
    if REASONS not in inputs:
        return []
    entries = load_mapping(inputs[REASONS], REASONS).get(part, [])
    try:
        return [
            Reason(where, entry.get("what", "*"), entry["reason"].strip())
            for entry in entries
            for where in ([entry["where"]] if isinstance(entry["where"], str) else entry["where"])
        ]
    except (AttributeError, KeyError, TypeError):
        raise RegenerationError(
            "read", REASONS, "an entry lacks where or reason", "add both, as in the other entries"
        ) from None


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``openapi``.

    Returns:
        0 if every difference has a reason, else 1.
    """
    parser = argparse.ArgumentParser(description="List where openapi/tavus.yaml differs from a complete specification.")
    parser.add_argument("path", type=Path, metavar="PATH", help="the complete specification")
    parser.add_argument("--as-of", default="", metavar="DATE", help="its date; default: the date in its name")
    parser.add_argument("--all", action="store_true", help="also list differences that have a reason")
    parser.add_argument(
        "--baseline", action="store_true", help="store it as the baseline if every difference has a reason"
    )
    options = parser.parse_args(arguments)
    try:
        theirs = normalise(load_mapping(options.path.read_bytes(), str(options.path)), str(options.path))
        as_of = options.as_of or max(re.findall(r"\d{4}-\d{2}-\d{2}", options.path.name), default="")
        inputs = tree.read(root, "openapi")
        found = list(explained(theirs, inputs, as_of))
    except RegenerationError as error:
        print(error.report(), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{options.path}: {error.strerror or error}", file=sys.stderr)
        return 1
    for difference, reason in found:
        if not reason or options.all:
            print(f"{difference}  [{reason or 'NO REASON'}]")
    for entry in read_reasons(inputs):
        if not any(entry.covers(difference) for difference, _ in found):
            print(f"{REASONS}: nothing is different at {entry.where}, {entry.what}", file=sys.stderr)
    missing = sum(not reason for _, reason in found)
    print(f"{len(found)} differences, {missing} without a reason.")
    if options.baseline and not missing:
        _keep(root, inputs, options.path)
        print(f"{baseline.BASELINE} is that of {options.path.name}: run make regenerate.")
    return 1 if missing else 0


def _keep(root: Path, inputs: Mapping[str, bytes], path: Path) -> None:
    """Write the baseline. The operations in openapi/operations count as described."""
    files = (load_mapping(data, name) for name, data in inputs.items() if name.startswith("openapi/operations/"))
    described = [f"{verb} {place}" for document in files for place, verb, _ in operations(document)]
    made = baseline.of_source(parse_source(path.read_bytes(), str(path)), baseline.read(inputs), described)
    (root / baseline.BASELINE).parent.mkdir(exist_ok=True)
    (root / baseline.BASELINE).write_bytes(made.to_bytes())


if __name__ == "__main__":
    sys.exit(main())
