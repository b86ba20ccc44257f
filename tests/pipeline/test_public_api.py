"""Comparison of the public API with its snapshot: breaks, and their declaration in the changelog."""

from __future__ import annotations

from pathlib import Path

import pytest
from public_api import HEAD, SNAPSHOT, breaks, declared, describe, is_declared, main

OLD = f"""{HEAD}
# package tavus_consent

class Tavus:
    base_url: str
    def close(self) -> None: ...
    def with_options(self, *, timeout: float | None = None) -> Tavus: ...

class Kind(StrEnum):
    A = 'a'
def requirement_for(kind: str, /, *, consent: str | None = None) -> Requirement: ...

# package tavus_consent.testing
def serve(host: str, port: int = 8080) -> None: ...

# package tavus

class replicas:
    def list(self) -> Pager[Replica]: ...
"""

BREAKS = {
    "a removed method": ("    def close(self) -> None: ...\n", "", "Tavus.close"),
    "a removed attribute": ("    base_url: str\n", "", "Tavus.base_url"),
    "a removed function": ("def serve(host: str, port: int = 8080) -> None: ...\n", "", "testing.serve"),
    "a renamed parameter": ("timeout: float", "seconds: float", "Tavus.with_options"),
    "a removed parameter": ("*, timeout: float | None = None", "", "Tavus.with_options"),
    "a new required parameter": ("host: str,", "host: str, key: str,", "testing.serve"),
    "a parameter that becomes required": ("port: int = 8080", "port: int", "testing.serve"),
    "another default": ("8080", "9090", "testing.serve"),
    "parameters in another order": ("host: str, port: int = 8080", "port: int, host: str", "testing.serve"),
    "a keyword instead of a position": ("(host: str,", "(*, host: str,", "testing.serve"),
    "another word of an enumeration": ("A = 'a'", "A = 'b'", "Kind.A"),
    "a function that must be awaited": ("def serve", "async def serve", "testing.serve"),
    "a method that must be awaited": ("def close", "async def close", "Tavus.close"),
    "a class that becomes a function": ("class Kind(StrEnum):\n    A = 'a'\n", "def Kind() -> str: ...\n", "Kind"),
    "a lost base": ("Kind(StrEnum)", "Kind", "Kind"),
    "a removed package": ("# package tavus_consent.testing\n", "\n", "testing"),
    "a removed method of a namespace": ("def list(self) -> Pager[Replica]: ...", "pass", "replicas.list"),
}
NO_BREAKS = {
    "nothing": ("", ""),
    "an added method": ("    base_url: str\n", "    base_url: str\n    def ping(self) -> None: ...\n"),
    "an added function": ("# package tavus\n", "def wait() -> None: ...\n# package tavus\n"),
    "an optional parameter": ("port: int = 8080", "port: int = 8080, *, log: bool = False"),
    "a required parameter that becomes optional": ("host: str", "host: str = 'localhost'"),
    "another type": ("base_url: str", "base_url: URL"),
}


def changed(what: tuple[str, ...]) -> str:
    assert what[0] in OLD
    return OLD.replace(what[0], what[1], 1)


@pytest.mark.parametrize("what", BREAKS.values(), ids=BREAKS)
def test_a_break_names_the_object(what: tuple[str, str, str]) -> None:
    paths = {path.removeprefix("tavus_consent.").removeprefix("tavus.") for path, _ in breaks(OLD, changed(what))}
    assert paths == {what[2]}


@pytest.mark.parametrize("what", NO_BREAKS.values(), ids=NO_BREAKS)
def test_what_is_no_break(what: tuple[str, str]) -> None:
    assert [*breaks(OLD, changed(what))] == []


def changelog(body: str) -> str:
    return f"# Changelog\n\n## [Unreleased] - 0.2.0\n\n{body}\n\n## 0.1.0\n\n### Removed\n\n- `Tavus.old` is gone.\n"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("### Removed\n\n- `Tavus.close`.", {"Tavus.close"}),
        ("### Changed\n\n- `serve(host)` takes a key.", {"serve"}),
        ("### Added\n\n- `Tavus.ping`, and\n  `Tavus.close` was removed.", {"Tavus.ping", "Tavus.close"}),
        ("### Added\n\n- `Kind` was renamed `Sort`.\n- `Tavus.ping`", {"Kind", "Sort"}),
        ("### Added\n\n- `Tavus.close` closes faster.", set()),
        ("### Changed\n\nThe end of `Tavus.close`.", set()),
    ],
)
def test_an_item_of_the_top_section_declares(body: str, names: set[str]) -> None:
    assert declared(changelog(body)) == names


def test_a_changelog_without_sections_declares_nothing() -> None:
    assert declared("# Changelog\n") == set()


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("tavus_consent.Tavus.close", "tavus_consent.Tavus.close", True),
        ("tavus_consent.Tavus.close", "Tavus.close", True),
        ("tavus_consent.Tavus.close", "Tavus", False),
        ("tavus_consent.Tavus.close", "close", False),
        ("tavus_consent.testing.serve", "serve", True),
        ("tavus_consent.testing.serve", "testing.serve", False),
        ("tavus.replicas.list", "replicas.list", True),
        ("tavus.replicas.list", "tavus.replicas.list", True),
    ],
)
def test_a_name_means_an_object_from_its_class_on(path: str, name: str, known: bool) -> None:
    assert is_declared(path, {name}) is known


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / SNAPSHOT).write_text(OLD, "utf-8")
    (tmp_path / "CHANGELOG.md").write_text(changelog(""), "utf-8")
    return tmp_path


REMOVED = OLD.replace("    def close(self) -> None: ...\n", "")
ADDED = OLD + "    def ping(self) -> None: ...\n"


def test_a_break_that_is_not_declared_fails(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("--check", "--update"):
        assert main([flag], root, REMOVED) == 1
        said = capsys.readouterr().err
        assert "not declared: tavus_consent.Tavus.close: Public object was removed" in said
        assert "CHANGELOG.md" in said
    assert (root / SNAPSHOT).read_text("utf-8") == OLD
    assert main([], root, REMOVED) == 0


def test_a_declared_break_passes_and_can_be_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "CHANGELOG.md").write_text(changelog("### Removed\n\n- `Tavus.close`: leave the `with` block."), "utf-8")
    assert main(["--check"], root, REMOVED) == 0
    assert "\ndeclared: tavus_consent.Tavus.close" in "\n" + capsys.readouterr().err
    assert main(["--update"], root, REMOVED) == 0
    assert (root / SNAPSHOT).read_text("utf-8") == REMOVED


def test_an_addition_passes_and_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], root, ADDED) == 0
    assert capsys.readouterr().err == "added: tavus.replicas.ping\n"


def test_a_snapshot_that_is_not_current_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--current"], root, OLD) == 0
    assert main(["--current"], root, ADDED) == 1
    assert SNAPSHOT in capsys.readouterr().err


def test_the_first_snapshot_is_written(root: Path) -> None:
    (root / SNAPSHOT).unlink()
    assert main(["--update"], root, OLD) == 0
    assert (root / SNAPSHOT).read_text("utf-8") == OLD


def test_the_snapshot_of_this_project_is_current_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--current"]), capsys.readouterr().err) == (0, "")
    text = describe()
    for line in (
        "class Tavus:",
        "class ConsentRequired(ConsentError):",
        "    replica_id: str",
        "    GIVEN = 'given'",
        "    async def __aenter__(self) -> Self: ...",
        "class replicas:",
    ):
        assert f"{line}\n" in text
    assert "<" not in text
    compile(text, SNAPSHOT, "exec")
