"""The documented training errors are recognized by their sentences."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from tests.rows import each_row

from tavus_consent import TrainingErrorType, classify_training_error
from tavus_consent.training_errors import TRAINING_ERRORS

ROWS = [
    (kind.name, message, phrase)
    for kind in TRAINING_ERRORS.values()
    for message, phrase in zip(kind.messages, kind.phrases, strict=True)
]
sentences = each_row(("name", "message"), [row[:2] for row in ROWS])


def name_of(sentence: str | None) -> str | None:
    kind = classify_training_error(sentence)
    return kind and kind.name


def test_there_are_26_types_for_27_sentences() -> None:
    assert (len(TRAINING_ERRORS), len(ROWS), len({message for _, message, _ in ROWS})) == (26, 27, 27)


def test_the_types_are_found_by_name() -> None:
    assert [name for name, kind in TRAINING_ERRORS.items() if name != kind.name] == []


@pytest.mark.parametrize("kind", TRAINING_ERRORS.values(), ids=TRAINING_ERRORS)
def test_advice_is_one_to_three_sentences_of_our_own(kind: TrainingErrorType) -> None:
    assert 1 <= kind.advice.count(". ") + 1 <= 3
    assert kind.advice.endswith(".")
    assert not any(sentence in message for message in kind.messages for sentence in kind.advice.split(". "))


@sentences
def test_each_sentence_is_of_its_own_type(name: str, message: str) -> None:
    assert name == name_of(message)


def plain(text: str) -> str:
    """Words in lower case, without punctuation."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


@pytest.mark.parametrize(("message", "phrase"), [row[1:] for row in ROWS])
def test_a_phrase_is_in_its_own_sentence_only(message: str, phrase: str) -> None:
    assert [message] == [other for _, other, _ in ROWS if f" {phrase} " in f" {plain(other)} "]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(str.upper, id="upper case"),
        pytest.param(str.lower, id="lower case"),
        pytest.param(lambda text: f"  {text}\n", id="blanks around"),
        pytest.param(lambda text: text.replace(" ", " \n\t"), id="blanks between"),
        pytest.param(lambda text: text.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(lambda text: text.rstrip("."), id="no full stop"),
        pytest.param(lambda text: f"{text}...!", id="more punctuation"),
        pytest.param(lambda text: text.replace("'", "’"), id="curly apostrophe"),
        pytest.param(lambda text: re.sub(r"(\S+@tavus.io)", r"[\1](mailto:\1)", text), id="mail link"),
        pytest.param(lambda text: f"**{text}**", id="bold"),
        pytest.param(lambda text: f"Training failed: {text} (r783537ef5)", id="words around"),
    ],
)
@sentences
def test_form_makes_no_difference(name: str, message: str, change: Callable[[str], str]) -> None:
    assert name == name_of(change(message))


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("The video provided is not a .mp4 file.", "video_format"),
        ("The video provided is not encoded using h.264!", "video_codec"),
        (
            "There was an error processing your training video file. Please check your video format and make sure it "
            "is not damaged and can be played correctly.",
            "video_processing",
        ),
        ("Your consent phrase does not match our requirements", "consent_phrase_mismatch"),
    ],
)
def test_a_sentence_in_other_words_is_known_by_its_phrase(sentence: str, name: str) -> None:
    assert name == name_of(sentence)


def test_of_two_sentences_the_more_specific_counts() -> None:
    both = TRAINING_ERRORS["quality_issue_detected"].messages + TRAINING_ERRORS["poor_lighting"].messages
    assert name_of(" ".join(both)) == name_of(" ".join(reversed(both))) == "poor_lighting"


@pytest.mark.parametrize(
    "sentence",
    [
        None,
        "",
        "   ",
        "Something else went wrong.",
        "There was an issue processing your training video.",
        "There was a quality issue with your replica.",
        # what Tavus says of a generated video, not of training
        "There was an issue generating your video. The audio file exceeds the maximum file size of 750MB.",
        "There was an issue generating your video. The audio file provided is not a .wav",
        "Request has failed as the script violates community guidelines.",
        "prelighting changes detectedly",
    ],
)
def test_anything_else_is_not_documented(sentence: str | None) -> None:
    assert classify_training_error(sentence) is None


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert name_of(text) in {None, *TRAINING_ERRORS}
