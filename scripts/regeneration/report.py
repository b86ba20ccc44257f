"""What a change of the specification means, as Markdown for a pull request."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

from . import wording
from .changes import Change, compare
from .effects import Effect, effects
from .generator import generate
from .markdown import code, codes
from .pipeline import TOOLS, Specification, collect, generator_config, specify
from .plain import load_mapping
from .problems import RegenerationError
from .reading import Source
from .shapes import Place

_PACKAGE = "generated/tavus_api/"
_SPECIFICATION = "openapi/tavus.yaml"
_LOCK = "openapi/lock.toml"
_EFFECTS_SHOWN = 4


class Report(NamedTuple):
    """The report, and what a program wants to know of it.

    Attributes:
        markdown: The text.
        breaking: Who relies on the committed version has to change something.
        problems: What keeps the new version from being built.
    """

    markdown: str
    breaking: bool
    problems: list[RegenerationError]


class _Line(NamedTuple):
    change: Change
    effects: list[Effect]

    @property
    def breaking(self) -> bool:
        return self.change.breaking or any(effect.kind == "breaking" for effect in self.effects)

    @property
    def is_operation(self) -> bool:
        return _is_operation(self.change)


class _Statement(NamedTuple):
    text: str
    breaking: bool


def report(committed: Mapping[str, bytes], new: Sequence[Source]) -> Report:
    """Compare the committed tree with what its inputs, and new upstream, give now. Nothing is written.

    Args:
        committed: The files below ``openapi`` and ``generated``, by path from the root.
        new: New upstream, in the order given.

    Raises:
        RegenerationError: There is nothing to compare with, or the specification cannot be built.
    """
    if _SPECIFICATION not in committed:
        remedy = "restore it, or run scripts/regenerate.py without --report first"
        raise RegenerationError("compare", _SPECIFICATION, "there is none to compare with", remedy)
    inputs = {name: data for name, data in committed.items() if name.startswith("openapi/")}
    before = load_mapping(inputs[_SPECIFICATION], _SPECIFICATION)
    problems: list[RegenerationError] = []
    after = specify(inputs, new, problems.append)
    changes = compare(before, after.document)
    found = _effects(committed, inputs, after, problems)
    lines, others = _joined(changes, found)
    statement = _statement(after.statements)
    hidden = _hidden(inputs, new, after, changes)

    breaking = (
        any(line.breaking for line in lines)
        or any(effect.kind != "more" for effect in others)
        or (statement is not None and statement.breaking)
    )
    parts = [
        *_head(lines, others, statement, breaking),
        *_problems(problems),
        *([f"## Consent statement\n\n{statement.text}"] if statement else []),
        *_groups(lines),
        *_others(others),
        *_hidden_part(hidden),
        *_provenance(committed, inputs, after),
    ]
    return Report("\n\n".join(parts) + "\n", breaking, problems)


# -- what is found


def _effects(
    committed: Mapping[str, bytes],
    inputs: Mapping[str, bytes],
    after: Specification,
    problems: list[RegenerationError],
) -> list[Effect]:
    try:
        package = generate(after.document, generator_config(inputs))
    except RegenerationError as error:
        problems.append(error)
        return []
    old = {name.removeprefix(_PACKAGE): data for name, data in committed.items() if name.startswith(_PACKAGE)}
    return effects(old, package)


def _joined(changes: list[Change], found: list[Effect]) -> tuple[list[_Line], list[Effect]]:
    """Give every effect to the changes that explain it; the rest stands on its own."""
    lines = [_Line(change, []) for change in changes]
    others = []
    for effect in found:
        exact = [line for line in lines if (effect.owner, effect.member) in line.change.python]
        whole = [line for line in lines if (effect.owner, "") in line.change.python]
        # The models of an operation that has come, gone or another name begin with its name.
        named = [
            line
            for line in lines
            if line.is_operation and any(effect.owner.startswith(owner) for owner, _ in line.change.python)
        ]
        for line in exact or whole or named:
            line.effects.append(effect)
        if not (exact or whole or named):
            others.append(effect)
    return lines, others


def _is_operation(change: Change) -> bool:
    return bool(change.where) and change.where[0][1] is None


def _statement(found: list[wording.Wording]) -> _Statement | None:
    template = wording.current()
    if not found:
        return _Statement(
            "- Not breaking. The wording is gone: no text of upstream quotes the statement. "
            f"Version {template.version} (last seen on {template.as_of}) stays, and the build goes on; "
            "look for the page that has it now.",
            False,
        )
    if wording.another(found) is None:
        return None
    was = f"- **Breaking.** Upstream asks for other words than version {template.version} of the template.\n"
    words = "".join(f"  - new, in {code(item.where)}: {code(item.text, 2000)}\n" for item in found)
    ours = f"  - ours: {code(template.text, 2000)}\n"
    return _Statement(f"{was}{ours}{words}  - People who read the old words may have to be recorded again.", True)


def _hidden(
    inputs: Mapping[str, bytes], new: Sequence[Source], after: Specification, changes: list[Change]
) -> list[Change]:
    """What upstream changed, and an overlay document makes look as before."""
    try:
        upstream = compare(collect(inputs, [])[0], after.merged) if new else []
    except (AttributeError, KeyError, TypeError, ValueError):
        return []  # before the overlays mend it, upstream may be of any form
    told = {key for change in changes for key in _keys(change)}
    return [change for change in upstream if not _keys(change) & told]


def _keys(change: Change) -> set[tuple[Any, ...]]:
    return {(change.kind, change.text, where) for where in change.where}


# -- what is said


def _head(lines: list[_Line], others: list[Effect], statement: _Statement | None, breaking: bool) -> Iterator[str]:
    counts = {
        "operations": [line.breaking for line in lines if line.is_operation],
        "fields": [line.breaking for line in lines if line.change.where and not line.is_operation],
        "the document": [line.breaking for line in lines if not line.change.where],
        "consent statement": [statement.breaking] if statement else [],
        "Python only": [effect.kind != "more" for effect in others if effect.kind != "more"],
    }
    total = sum(map(len, counts.values()))
    verdict = "breaking" if breaking else "not breaking" if total else "nothing changes"
    yield f"# What the specification changes: {verdict}"
    yield suggested_version(breaking, any(line.change.kind == "added" for line in lines), total > 0)
    if total:
        rows = [
            f"| {what} | {sum(verdicts)} | {len(verdicts) - sum(verdicts)} |"
            for what, verdicts in counts.items()
            if verdicts
        ]
        yield "\n".join(["| | breaking | not breaking |", "| --- | ---: | ---: |", *rows])


def suggested_version(breaking: bool, added: bool, changed: bool) -> str:
    """The next version by semantic versioning, and why; before 1.0 a break raises the minor version.

    Args:
        breaking: Something breaks.
        added: Something is new.
        changed: There is any difference at all.
    """
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
    if problems:
        lines = [
            f"- {problem.step}, {code(problem.place, 400)}: {code(problem.cause, 1200)}. "
            f"To do: {code(problem.remedy, 400)}"
            for problem in problems
        ]
        yield "\n".join(["**The build fails until this is mended:**", "", *lines])


def _groups(lines: list[_Line]) -> Iterator[str]:
    """What breaks first, new operations last."""
    groups: dict[str, list[_Line]] = {}
    for line in lines:
        names = list(dict.fromkeys(name for name, _ in line.change.where))
        if line.is_operation and line.change.kind == "added":
            title = "New operations"
        else:
            title = "The document" if not names else code(names[0]) if len(names) == 1 else "Several operations"
        groups.setdefault(title, []).append(line)

    def order(group: tuple[str, list[_Line]]) -> tuple[bool, bool]:
        return not any(line.breaking for line in group[1]), group[0] == "New operations"

    for title, members in sorted(groups.items(), key=order):
        members.sort(key=lambda line: not line.breaking)
        yield "\n".join([f"## {title}", "", *(_line(line.change, line.breaking, line.effects) for line in members)])


def _line(change: Change, breaking: bool, found: Sequence[Effect] = ()) -> str:
    mark = "**Breaking.**" if breaking else "Not breaking."
    said = ": ".join(filter(None, (change.kind, change.text)))
    why = f" ({change.why})" if change.why else ""
    # The models that come and go with an operation are counted only.
    models = [effect for effect in found if effect.text.startswith("`models.")] if _is_operation(change) else []
    python = [effect.text for effect in found if effect not in models]
    if len(python) > _EFFECTS_SHOWN:
        python[_EFFECTS_SHOWN:] = [f"and {len(python) - _EFFECTS_SHOWN} more"]
    if models:
        gone, come = (sum(effect.kind == kind for effect in models) for kind in ("breaking", "more"))
        python += [
            f"models {said}: {count}" for count, said in ((gone, "that are gone"), (come, "that are new")) if count
        ]
    return f"- {mark} {_where(change)}{said}{why}" + (f"\n  - Python: {'; '.join(python)}" if python else "")


def _where(change: Change) -> str:
    names = list(dict.fromkeys(name for name, _ in change.where))
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


def _others(others: list[Effect]) -> Iterator[str]:
    lines = [f"- **Breaking.** {effect.text}" for effect in others if effect.kind != "more"]
    more = sum(effect.kind == "more" for effect in others)
    lines += [f"- Not breaking. {more} new names, such as models of the new operations."] if more else []
    if lines:
        yield "\n".join(["## Python API, beyond the lines above", "", *lines])


def _hidden_part(hidden: list[Change]) -> Iterator[str]:
    if hidden:
        text = (
            "Upstream says this too; `openapi/overlays` makes the specification say what it said before. Not counted."
        )
        lines = [f"{_line(change, change.breaking)} ({codes(dict(change.where))})" for change in hidden]
        yield "\n".join(["## Hidden by overlays", "", text, "", *lines])


def _provenance(committed: Mapping[str, bytes], inputs: Mapping[str, bytes], after: Specification) -> Iterator[str]:
    lock = tomllib.loads(inputs[_LOCK].decode()) if _LOCK in inputs else {}
    old = {n.removeprefix("openapi/upstream/"): d for n, d in inputs.items() if n.startswith("openapi/upstream/")}
    new = {name: source.data for name, source in after.upstream.items()}
    lines = [
        f"- upstream {code(name)}: {_digest(old.get(name))} → {_digest(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    stated = lock.get("inputs", {})
    ours = {
        name: data for name, data in inputs.items() if name.startswith(("openapi/operations/", "openapi/overlays/"))
    }
    lines += [f"- edited since: {code(name)}" for name, data in ours.items() if stated.get(name) != _sha256(data)]
    locked = lock.get("versions", {})
    lines += [
        f"- {tool}: {code(locked.get(tool, 'none'))} → {code(version(tool))}"
        for tool in TOOLS
        if locked.get(tool) != version(tool)
    ]
    wrong = [name for name, digest in lock.get("outputs", {}).items() if _sha256(committed.get(name)) != digest]
    lines += [f"- the committed tree is not what its lock says: {codes(wrong)}"] if wrong else []
    if after.statements and _statement(after.statements) is None:
        lines.append(f"- consent statement: version {wording.current().version}, word for word")
    yield "\n".join(
        ["## Where this comes from", "", f"- compared with {code(_LOCK)} {_digest(inputs.get(_LOCK))}", *lines]
    )


def _digest(data: bytes | None) -> str:
    return "none" if data is None else code(_sha256(data)[:12])


def _sha256(data: bytes | None) -> str:
    return hashlib.sha256(data or b"").hexdigest()
