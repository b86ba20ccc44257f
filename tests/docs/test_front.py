"""README.md fits its first screen; the pages and forms for contributors name what exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from .tables import PROJECT

README = (PROJECT / "README.md").read_text("utf-8").splitlines()
GITHUB = PROJECT / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def test_the_readme_is_short() -> None:
    assert len(README) <= 120


def test_the_first_screen_has_what_a_newcomer_needs() -> None:
    screen = README[:40]
    assert [line for line in screen if len(line) > 80] == []
    text = "\n".join(screen)
    wanted = ["SDK", "pip install", "python -m tavus_consent demo", "FakeTavus()", "make demo", "make test", "(#"]
    found = [text.find(part) for part in wanted]
    assert found == sorted(found)
    assert found[0] > 0


def test_the_program_on_the_first_screen_has_ten_lines() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", "\n".join(README[:40]), re.MULTILINE | re.DOTALL)
    assert [len(block.splitlines()) for block in blocks] == [10]


def test_every_address_is_in_one_file() -> None:
    contacts = tomllib.loads((GITHUB / "contacts.toml").read_text("utf-8"))
    assert set(contacts) == {"security", "conduct", "repository"}
    for page, key in (("SECURITY.md", "security"), ("CODE_OF_CONDUCT.md", "conduct")):
        text = (PROJECT / page).read_text("utf-8")
        assert f"the address `{key}` in [.github/contacts.toml]" in text
        assert "@" not in text


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_has_labeled_fields(form: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(form.read_text("utf-8"))
    assert set(content) == {"name", "description", "body"}
    fields = [part for part in content["body"] if part["type"] != "markdown"]
    names = [part["id"] for part in fields]
    assert len(set(names)) == len(names) > 0
    assert all(part["type"] in {"dropdown", "input", "textarea"} and part["attributes"]["label"] for part in fields)
    assert any(part.get("validations", {}).get("required") for part in fields)
