"""The consent statement is found in every form of quotation, and compared with the templates of the overlay."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from regeneration import wording
from regeneration.problems import RegenerationError, fail
from regeneration.reading import read_source

from tavus_consent.consent import STATEMENT, StatementTemplate, statement

from .conftest import PROJECT, SHARED

WORDS = STATEMENT.text
FOLDED = WORDS.replace(" and video", "\nand video").replace("I provide.", "I\u00a0provide. ")


def found(text: str) -> list[str]:
    return [item.text for item in wording.find([("somewhere", text)])]


@pytest.mark.parametrize(
    "text",
    [
        f"Say this:\n\n> {WORDS}\n\nLearn more [here](/x).",
        f"Say this:\n> {FOLDED}",
        "> " + FOLDED.replace("\n", "\n> "),
        f"> **{WORDS}**",
        "> _" + WORDS.replace("[FULL NAME]", "\\[FULL NAME\\]") + "_",
        f'The person says: "{WORDS}" Nothing else.',
        f"The person says “{WORDS}”.",
        f"```\n{WORDS}\n```",
        f"The person says: {WORDS} The video must be loud enough.",
        "> " + WORDS.replace("consent Tavus", "consent\u200b Tavus"),
        "> " + WORDS.replace("I understand", "I&nbsp;understand"),
        *(
            "> " + WORDS.replace("[FULL NAME]", slot)
            for slot in ("[full name]", "[YOUR FULL NAME]", "((your name))", "{name}", "{{ full_name }}", "<Full Name>")
        ),
    ],
)
def test_the_same_words_are_the_same_whatever_is_around_them(text: str) -> None:
    assert found(text) == [WORDS]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> I, [FULL NAME], consent to a clone.", "I, [FULL NAME], consent to a clone."),
        ("> " + WORDS.replace("consent Tavus", "give consent to Tavus"), WORDS.replace("consent", "give consent to")),
        (f"> {WORDS} I also agree to be sold.", f"{WORDS} I also agree to be sold."),
        (f"Say: {WORDS} I agree to more. It must be loud.", f"{WORDS} I agree to more."),
        ('Say "I agree that Tavus makes a replica of me."', "I agree that Tavus makes a replica of me."),
        ("My name is [NAME] and I allow this.", "My name is [FULL NAME] and I allow this."),
    ],
)
def test_other_words_are_other_words(text: str, words: str) -> None:
    assert found(text) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The person consents to the replica.",
        "See the consent statement.",
        'A user may say "I consent to being recorded" at any time.',
        "> Replicas of Tavus need consent.",
        "`my-bucket` and `my video`: agree on Tavus",
    ],
)
def test_what_is_about_consent_is_no_statement(text: str) -> None:
    assert found(text) == []


def test_every_description_and_summary_is_a_place_to_look() -> None:
    document = {"paths": {"/a": {"post": {"summary": f"> {WORDS}"}}}, "x": [{"description": "other"}]}
    assert list(wording.texts(document)) == [("/paths//a/post", f"> {WORDS}"), ("/x/0", "other")]


def test_the_hash_is_that_of_the_words() -> None:
    (item,) = wording.find([("somewhere", f"> {WORDS}")])
    assert item.sha256 == STATEMENT.sha256


@pytest.mark.parametrize(
    "source",
    [
        PROJECT / "openapi" / "upstream" / "create-replica.md",
        pytest.param(
            SHARED / "specs" / "tavus-openapi-2026-05-23.yaml",
            marks=pytest.mark.skipif(not SHARED.exists(), reason="the whole API is not part of the project"),
        ),
    ],
    ids=["page", "whole"],
)
def test_what_tavus_published_has_the_words_of_the_template(source: object) -> None:
    texts = wording.texts(read_source(str(source)).document)
    assert [item.sha256 for item in wording.find(texts)] == [STATEMENT.sha256]


# -- what follows from it


def words(*texts: str) -> list[wording.Wording]:
    return wording.find(("somewhere", f"> {text}") for text in texts)


OTHER = WORDS.replace("consent Tavus", "allow Tavus")


def test_the_words_of_the_template_pass() -> None:
    assert wording.check(words(WORDS), fail) == []


@pytest.mark.parametrize("texts", [(OTHER,), (WORDS, OTHER)])
def test_other_words_fail_until_there_is_a_new_version(texts: tuple[str, ...]) -> None:
    with pytest.raises(RegenerationError) as caught:
        wording.check(words(*texts), fail)
    digest = hashlib.sha256(OTHER.encode()).hexdigest()
    assert (
        caught.value.step,
        OTHER in caught.value.cause,
        f"version {STATEMENT.version + 1}" in caught.value.remedy,
    ) == (
        "consent",
        True,
        True,
    )
    assert digest in caught.value.remedy


def second_version(monkeypatch: pytest.MonkeyPatch) -> None:
    version = StatementTemplate(
        template_id=STATEMENT.template_id,
        version=STATEMENT.version + 1,
        language="en",
        text=OTHER,
        sha256=hashlib.sha256(OTHER.encode()).hexdigest(),
        source="somewhere",
        as_of=date(2027, 1, 1),
    )
    monkeypatch.setattr(statement, "STATEMENT_1", STATEMENT, raising=False)
    monkeypatch.setattr(statement, "STATEMENT", version)


@pytest.mark.parametrize("texts", [(OTHER,), (WORDS, OTHER)])
def test_a_new_version_of_the_template_lets_the_build_go_on(
    monkeypatch: pytest.MonkeyPatch, texts: tuple[str, ...]
) -> None:
    second_version(monkeypatch)
    assert wording.check(words(*texts), fail) == []


def test_words_of_an_old_version_only_fail() -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        second_version(monkeypatch)
        with pytest.raises(RegenerationError):
            wording.check(words(WORDS), fail)


def test_a_text_without_the_statement_is_told_and_passes() -> None:
    (note,) = wording.check([], fail)
    assert "no longer quotes the statement" in note
