"""The consent statement is quoted exactly, and has a slot for a name."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from tavus_consent import InvalidNameError
from tavus_consent.consent import LIMITS, STATEMENT

UPSTREAM = Path(__file__).parents[2] / "openapi" / "upstream" / "create-replica.md"


def quoted_statements() -> list[str]:
    """The block quotes of the given page's description, its YAML folding undone."""
    (block,) = re.findall(r"^````yaml.*?\n(.*?)^````", UPSTREAM.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    description = yaml.safe_load(block)["paths"]["/v2/replicas"]["post"]["description"]
    return re.findall(r"^> (.*)$", description, re.MULTILINE)


def test_the_text_is_that_of_the_given_page() -> None:
    """A new wording upstream needs a new version of the template: this fails until there is one."""
    assert [STATEMENT.text] == quoted_statements()


def test_the_hash_is_that_of_the_text() -> None:
    assert hashlib.sha256(STATEMENT.text.encode()).hexdigest() == STATEMENT.sha256


def test_the_template_says_what_it_is() -> None:
    assert (STATEMENT.template_id, STATEMENT.version, STATEMENT.language) == ("tavus-ai-clone-consent", 1, "en")


def test_the_template_says_where_and_when_it_was_seen() -> None:
    page = "https://docs.tavus.io/api-reference/phoenix-replica-model/create-replica"
    assert (STATEMENT.source, STATEMENT.as_of) == (page, date(2026, 5, 23))


def test_render_puts_the_name_in_the_only_slot() -> None:
    assert STATEMENT.text.replace("[FULL NAME]", "Rio Alvarez") == STATEMENT.render("Rio Alvarez")


def test_render_leaves_no_bracket() -> None:
    assert re.search(r"[\[\]]", STATEMENT.render("Rio Alvarez")) is None


def test_render_refuses_a_name_that_would_change_the_sentence() -> None:
    with pytest.raises(InvalidNameError):
        STATEMENT.render("Rio Alvarez, who does not")


def test_the_limits_are_said_in_full() -> None:
    assert all(word in LIMITS for word in ("legally valid", "who they claim", "the recording is live"))
