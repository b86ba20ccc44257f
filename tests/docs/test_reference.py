"""docs/reference matches the code, and its examples run on a fake whose clock advances without waiting."""

from __future__ import annotations

import re
import sys

import pytest

import tavus_consent
from tavus_consent.testing import FakeTavus

from .tables import PROJECT

sys.path.insert(0, str(PROJECT / "scripts"))

from list_reference import FOLDER, main, namespaces  # scripts/ is no package of the project


def test_the_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """If not: python scripts/list_reference.py."""
    assert (main(["--check"]), capsys.readouterr().err) == (0, "")


def test_every_namespace_has_an_example() -> None:
    assert {path.stem for path in (PROJECT / FOLDER / "examples").glob("*.py")} == set(namespaces())


@pytest.mark.parametrize("name", namespaces())
def test_the_example_runs(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(tavus_consent, "Tavus", FakeTavus().client)
    path = PROJECT / FOLDER / "examples" / f"{name}.py"
    exec(compile(path.read_text("utf-8"), str(path), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_links_lead_somewhere() -> None:
    for page in (PROJECT / FOLDER).glob("*.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
