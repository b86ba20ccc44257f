"""The report about a change of the specification, as Markdown for a pull request."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

from . import baseline, consent, wording
from .changes import Change, compare
from .effects import Method, effects, methods, renamed
from .generator import generate
from .markdown import code, codes
from .pipeline import TOOLS, Options, Specification, generator_config, specify
from .plain import load_mapping
from .problems import RegenerationError, together
from .reading import Source, parse_source
from .schemas import operations
from .shapes import Place, shapes

MAX_CHARACTERS = 60_000
_PACKAGE = "generated/tavus_api/"
_SPECIFICATION = "openapi/tavus.yaml"
_UPSTREAM = "openapi/upstream/"
_LOCK = "openapi/lock.toml"
_SHOWN = 4
_MAX_PROBLEMS = 20_000
# If one of these steps fails, there is no specification for the generator.
_BEFORE_GENERATING = frozenset({"merge", "names", "normalise", "read", "tools", "validate"})
_OPERATION = re.compile(r"`([A-Z]+) (/[^`]*)`")


class Report(NamedTuple):
    """The report, and its facts for programs.

    Attributes:
        markdown: The text, shortened if it is too long for a pull request.
        details: The whole text.
        breaking: True if users of the committed version have to change something.
        problems: The problems that prevent building the new version.
        suggested: The next version by semantic versioning.
        changelog: A line for each change of an operation, and for each breaking change.
    """

    markdown: str
    details: str
    breaking: bool
    problems: list[RegenerationError]
    suggested: str
    changelog: list[str]


class _Line(NamedTuple):
    """One change, and the lines below it.

    Attributes:
        change: The change.
        is_new: True if the change is new in upstream.
        notes: The consequences of the change.
    """

    change: Change
    is_new: bool
    notes: list[str]

    @property
    def breaking(self) -> bool:
        return self.change.breaking


def report(committed: Mapping[str, bytes], new: Sequence[Source], options: Options | None = None) -> Report:
    """Report the changes in new upstream and in our specification. Write no files.

    Compare new upstream with old upstream: a whole document with the baseline, and a page with the previous page.
    Compare the built specification with the committed one.

    Args:
        committed: The files below ``openapi`` and ``generated``, by path from the root.
        new: New upstream, in the order given.
        options: Options for adding new upstream.

    Raises:
        RegenerationError: There is no committed specification to compare with.
    """
    if _SPECIFICATION not in committed:
        remedy = "restore it, or run scripts/regenerate.py without --report first"
        raise RegenerationError("compare", _SPECIFICATION, "there is none to compare with", remedy)
    inputs = {name: data for name, data in committed.items() if name.startswith("openapi/")}
    before = load_mapping(inputs[_SPECIFICATION], _SPECIFICATION)
    problems: list[RegenerationError] = []
    upstream = _of_upstream(inputs, new, problems) if new else None
    after: Specification | None = None
    try:
        after = specify(inputs, new, problems.append, options)
    except RegenerationError as error:
        problems.append(error)
    problems = list(together(problems).problems) if problems else []
    # A specification that is invalid or built from clashing sources does not show the result.
    sound = None if after is None or any(one.step in _BEFORE_GENERATING for one in problems) else after.document
    built = compare(before, sound) if sound is not None else []
    package = [*_package(committed, inputs, sound, problems)]

    said = set(_keys(built))
    told = set(_keys(upstream or ()))
    hidden = [change for change in upstream or () if sound is not None and _is_hidden(change, said)]
    lines = [(change, True) for change in upstream or () if change not in hidden]
    lines += [(change, upstream is None) for change in built if not told & set(_keys([change]))]
    told_of = {name for change, _ in lines if change.is_operation for name, _ in change.where}
    lines += [(one, upstream is None) for one in renamed(methods(before), methods(sound or before), told_of)]
    notes = _Notes(before, sound or before, upstream is not None)
    told_lines = [_Line(change, is_new, [*notes.of(change, is_new)]) for change, is_new in lines]
    statement = _statement(after.statements, _had_statement(inputs, before)) if after is not None else None
    breaking = any(line.breaking for line in told_lines) or (statement is not None and statement.breaking)
    added = any(change.kind == "added" for change, _ in lines)
    verdict = suggested_version(breaking, added, bool(lines or statement))
    then = (re.findall(r"\*\*(.*?)\*\*", verdict) or [version("tavus-consent")])[0]
    parts = [
        *_head(told_lines, statement, breaking, verdict),
        *_same(inputs, new, upstream),
        *_problems(problems),
        *([f"## Consent statement\n\n{statement.text}"] if statement else []),
        *_groups(told_lines),
        *package,
        *_undecided(sound),
        *_notes(after.notes if after is not None else ()),
        *_hidden_part(hidden),
    ]
    last = [*_provenance(committed, inputs, after)]
    whole = "\n\n".join([*parts, *last]) + "\n"
    changelog = [_entry(line) for line in told_lines if line.breaking or line.change.is_operation]
    return Report(_shortened(parts, last, whole), whole, breaking, problems, then, changelog)


# -- findings


def _of_upstream(
    inputs: Mapping[str, bytes], new: Sequence[Source], problems: list[RegenerationError]
) -> list[Change] | None:
    try:
        held = [parse_source(data, name) for name, data in inputs.items() if name.startswith(_UPSTREAM)]
        return baseline.changes(baseline.read(inputs), held, new)
    except RegenerationError as error:
        problems.append(error)
    except (AttributeError, KeyError, TypeError, ValueError):
        pass  # the problems already describe the malformed part
    return None


def _package(
    committed: Mapping[str, bytes],
    inputs: Mapping[str, bytes],
    built: dict[str, Any] | None,
    problems: list[RegenerationError],
) -> Iterator[str]:
    """Generate the raw client to find problems of the generator, and report unexpected differences."""
    if built is None or any(problem.step == "carry" for problem in problems):
        return  # the generator would report the same problem again
    try:
        package = generate(built, generator_config(inputs))
    except RegenerationError as error:
        problems.append(error)
        return
    old = {name.removeprefix(_PACKAGE): data for name, data in committed.items() if name.startswith(_PACKAGE)}
    differing = [name for name in old.keys() | package.keys() if old.get(name) != package.get(name)]
    same = load_mapping(inputs[_SPECIFICATION], _SPECIFICATION) == built
    if differing and same:
        text = f"{len(differing)} files of `generated/` differ, although the specification says the same."
        yield f"## The raw client\n\n{text} Tools or scripts have changed: look at `--check`."


def _keys(changes: Sequence[Change]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        yield from ((change.kind, change.text, where) for where in change.where or ("the document",))


def _is_hidden(change: Change, said: set[tuple[Any, ...]]) -> bool:
    """Return whether an overlay document undoes a change of upstream."""
    return bool(change.where) and not change.is_operation and not set(_keys([change])) & said


class _Notes:
    """The consequences of changes for Python code, for consent, and for the maintainer."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any], has_upstream: bool) -> None:
        self._old: dict[str, Method] = methods(before)
        self._new: dict[str, Method] = methods(after)
        self._classes = {**consent.classes(before), **consent.classes(after)}
        self._has_upstream = has_upstream
        self._shapes = shapes(after)
        self._paths = {str(one.get("operationId")): path for path, _, one in operations(before)}

    def of(self, change: Change, is_new: bool) -> Iterator[str]:
        """Yield the lines below a change."""
        name = change.where[0][0] if change.where else ""
        places = _OPERATION.findall(change.text) if change.is_operation else []
        stays = change.kind == "removed" and change.is_operation and name in self._new and self._has_upstream
        if stays and places:
            yield f"Python: {code(str(self._new[name]))} is gone at Tavus; our method stays, and its calls fail"
            yield f"To do: `--drop '{' '.join(places[0])}'` takes it out of our files"
        else:
            python = effects(change, self._old, self._new) if change.where else []
            if len(python) > _SHOWN:
                python[_SHOWN:] = [f"and {len(python) - _SHOWN} more"]
            if python:
                yield f"Python: {'; '.join(python)}"
        if change.kind == "moved" and self._has_upstream and len(places) > 1:
            yield f"To do: `--move {places[0][1]}={places[1][1]}` takes our files along"
        place = change.where[0][1] if change.where else None
        if change.kind == "renamed" and place is not None and place.part == "path" and self._has_upstream:
            old = self._paths.get(name, "")
            new = old.replace(f"{{{change.was}}}", f"{{{place.steps[0]}}}")
            if new != old:
                yield f"To do: `--move {old}={new}` takes our files along"
        meaning = consent.meaning(change, self._classes, self._shapes) if change.where else ""
        yield from (f"Consent: {meaning}",) if meaning else ()
        if not is_new:
            yield "Upstream: nothing new; only our specification changes"


def _had_statement(inputs: Mapping[str, bytes], before: dict[str, Any]) -> bool:
    held = ((name, data.decode("utf-8", "replace")) for name, data in inputs.items() if name.startswith(_UPSTREAM))
    pages = (pair for pair in held if pair[0].endswith(".md"))
    return bool(wording.find([*wording.texts(before), *pages]))


def _statement(found: Sequence[wording.Wording], had: bool) -> Change | None:
    template = wording.current()
    if not found:
        if not had:
            return None
        text = (
            "- Not breaking. The wording is gone: no text of upstream quotes the statement. "
            f"Version {template.version} (last seen on {template.as_of}) stays, and the build goes on; "
            "look for the page that has it now."
        )
        return Change("wording", text, False)
    if wording.another(found) is None:
        return None
    was = f"- **Breaking.** Upstream asks for other words than version {template.version} of the template.\n"
    words = "".join(f"  - new, in {code(item.where)}: {code(item.text, 2000)}\n" for item in found)
    ours = f"  - ours: {code(template.text, 2000)}\n"
    return Change(
        "wording", f"{was}{ours}{words}  - People who read the old words may have to be recorded again.", True
    )


# -- text


def _head(lines: list[_Line], statement: Change | None, breaking: bool, version_line: str) -> Iterator[str]:
    new = [line for line in lines if line.is_new]
    counts = {
        "operations": [line.breaking for line in new if line.change.is_operation],
        "fields": [line.breaking for line in new if line.change.where and not line.change.is_operation],
        "the document": [line.breaking for line in new if not line.change.where],
        "consent statement": [statement.breaking] if statement else [],
        "our specification only": [line.breaking for line in lines if not line.is_new],
    }
    total = sum(map(len, counts.values()))
    verdict = "breaking" if breaking else "not breaking" if total else "nothing changes"
    yield f"# What the specification changes: {verdict}"
    yield version_line
    if total:
        rows = [
            f"| {what} | {sum(verdicts)} | {len(verdicts) - sum(verdicts)} |"
            for what, verdicts in counts.items()
            if verdicts
        ]
        yield "\n".join(["| | breaking | not breaking |", "| --- | ---: | ---: |", *rows])


def _same(inputs: Mapping[str, bytes], new: Sequence[Source], upstream: list[Change] | None) -> Iterator[str]:
    known = baseline.read(inputs)
    wholes = [source for source in new if source.operation is None]
    if known is None or not wholes:
        return
    if {_sha256(source.data) for source in wholes} == {known.sha256}:
        yield f"Upstream is the document of the baseline, byte for byte (SHA-256 {_digest(wholes[0].data)})."
    elif upstream == []:
        yield "Upstream has other bytes than the document of the baseline, and says the same apart from prose."


def _undecided(built: dict[str, Any] | None) -> Iterator[str]:
    if built is not None:
        known = consent.classes(built)
        names = [name for name in methods(built) if name not in known]
        if names:
            yield f"## Without a consent class\n\n{codes(names)}: say `create`, `use` or `none` in `{consent.OVERLAY}`."


def _notes(notes: Sequence[str]) -> Iterator[str]:
    """Yield the notes about fields taken from upstream and links left out."""
    notes = [note for note in notes if note.startswith(("fields: ", "links: "))]
    if notes:
        yield "\n".join(["## Notes", "", *(f"- {code(note, 400)}" for note in notes)])


def _shortened(parts: list[str], last: list[str], whole: str) -> str:
    """Return the report up to the maximum length, and count the changes that only the details have."""
    if len(whole) < MAX_CHARACTERS:
        return whole
    end = "\n\n".join(last)
    left = MAX_CHARACTERS - len(end) - 200
    shown: list[str] = []
    lines = "\n\n".join(parts).split("\n")
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        shown.append(line)
    rest = [line for line in lines[len(shown) :] if line.startswith("- ")]
    breaking = sum(line.startswith("- **Breaking.**") for line in rest)
    more = f"**And {len(rest)} more changes, {breaking} of them breaking: see the file with the details.**"
    return "\n".join([*shown, "", more, "", end, ""])


def _entry(line: _Line) -> str:
    """Return a line for the changelog, with the change but without its consequences."""
    mark = "**Breaking.** " if line.breaking else ""
    said = ": ".join(filter(None, (line.change.kind, line.change.text)))
    names = codes(line.change.names)
    place = next((code(place.label()) for _, place in line.change.where if place is not None and place.steps), "")
    return f"- {mark}{' '.join(filter(None, (names, place, said)))}."


def suggested_version(breaking: bool, added: bool, changed: bool) -> str:
    """Return the next version by semantic versioning, and the reason. Before 1.0, a break raises the minor version."""
    now = version("tavus-consent")
    major, minor, patch = (int(part) for part in now.split(".")[:3])
    if not changed:
        return f"Suggested version: {now}, as it is."
    if breaking:
        then = f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
        why = (
            "breaks who relies on it: a new major version" if major else "breaks; before 1.0 that is the minor version"
        )
    elif added:
        then = f"{major}.{minor + 1}.0" if major else f"0.{minor}.{patch + 1}"
        why = "adds only: a new minor version" if major else "adds only; before 1.0 that is the patch version"
    else:
        then, why = f"{major}.{minor}.{patch + 1}", "neither breaks nor adds: a new patch version"
    return f"Suggested version: {now} → **{then}** ({why})."


def _problems(problems: list[RegenerationError]) -> Iterator[str]:
    left = _MAX_PROBLEMS
    lines: list[str] = []
    for problem in problems:
        origin = f" (from {code(problem.origin, 400)})" if problem.origin else ""
        text = (
            f"- {problem.step}, {code(problem.place, 400)}{origin}: {code(problem.cause, 1200)}. "
            f"To do: {code(problem.remedy, 400)}"
        )
        left -= len(text)
        if left < 0:
            lines.append(f"- and {len(problems) - len(lines)} more")
            break
        lines.append(text)
    if lines:
        yield "\n".join(["**The build fails until this is mended:**", "", *lines])


def _groups(lines: list[_Line]) -> Iterator[str]:
    """Yield the groups of changes, breaking ones first and new operations last."""
    groups: dict[str, list[_Line]] = {}
    for line in lines:
        names = line.change.names
        if line.change.is_operation and line.change.kind == "added":
            title = "New operations"
        else:
            title = "The document" if not names else code(names[0]) if len(names) == 1 else "Several operations"
        groups.setdefault(title, []).append(line)

    def order(group: tuple[str, list[_Line]]) -> tuple[bool, bool]:
        return not any(line.breaking for line in group[1]), group[0] == "New operations"

    for title, members in sorted(groups.items(), key=order):
        members.sort(key=lambda line: not line.breaking)
        yield "\n".join([f"## {title}", "", *(_line(line.change, line.notes) for line in members)])


def _line(change: Change, notes: Sequence[str] = ()) -> str:
    mark = "**Breaking.**" if change.breaking else "Not breaking."
    said = ": ".join(filter(None, (change.kind, change.text)))
    why = f" ({change.why})" if change.why else ""
    return "".join([f"- {mark} {_where(change)}{said}{why}", *(f"\n  - {note}" for note in notes)])


def _where(change: Change) -> str:
    names = change.names
    places = [place for _, place in change.where if place is not None]
    if not names:
        return ""
    if not places:
        return f"{code(names[0])} "
    if len(names) > 1:
        return f"{code(Place('', '', change.component).label())} in {codes(names)} "
    label = places[0].label()
    return f"{', '.join(dict.fromkeys(map(_place, places)))} {f'{code(label)} ' if label else ''}"


def _place(place: Place) -> str:
    if place.direction == "response":
        return f"answer {code(place.part)}"
    return f"request {place.part}" if place.part.isalpha() else f"request {code(place.part)}"


def _hidden_part(hidden: list[Change]) -> Iterator[str]:
    if hidden:
        text = (
            "Upstream says this too; `openapi/overlays` makes the specification say what it said before. Not counted."
        )
        lines = [f"{_line(change)} ({codes(dict(change.where))})" for change in hidden]
        yield "\n".join(["## Hidden by overlays", "", text, "", *lines])


def _provenance(
    committed: Mapping[str, bytes], inputs: Mapping[str, bytes], after: Specification | None
) -> Iterator[str]:
    lock = tomllib.loads(inputs[_LOCK].decode()) if _LOCK in inputs else {}
    old = {name.removeprefix(_UPSTREAM): data for name, data in inputs.items() if name.startswith(_UPSTREAM)}
    new = {name: source.data for name, source in after.upstream.items()} if after is not None else old
    lines = [
        f"- upstream {code(name)}: {_digest(old.get(name))} → {_digest(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    stated = lock.get("inputs", {})
    ours = [name for name in inputs if name.startswith(("openapi/operations/", "openapi/overlays/"))]
    lines += [f"- edited since: {code(name)}" for name in ours if stated.get(name) != _sha256(inputs[name])]
    locked = lock.get("versions", {})
    lines += [
        f"- {tool}: {code(locked.get(tool, 'none'))} → {code(version(tool))}"
        for tool in TOOLS
        if locked.get(tool) != version(tool)
    ]
    wrong = [name for name, digest in lock.get("outputs", {}).items() if _sha256(committed.get(name)) != digest]
    lines += [f"- the committed tree is not what its lock says: {codes(wrong)}"] if wrong else []
    if after is not None and after.statements and wording.another(after.statements) is None:
        lines.append(f"- consent statement: version {wording.current().version}, word for word")
    yield "\n".join(
        ["## Where this comes from", "", f"- compared with {code(_LOCK)} {_digest(inputs.get(_LOCK))}", *lines]
    )


def _digest(data: bytes | None) -> str:
    return "none" if data is None else code(_sha256(data)[:12])


def _sha256(data: bytes | None) -> str:
    return hashlib.sha256(data or b"").hexdigest()
