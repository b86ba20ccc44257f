"""Words in the matcher: normal form, spelling, sound; and the forms of a transcript."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_consent import InvalidRequestError
from tavus_consent.consent import Transcript, Word
from tavus_consent.consent._words import is_latin, letters, similarity, sound, tokens


def plain(text: str, keep: str = "") -> str:
    return " ".join(token.text for token in tokens(Transcript.of_text(text).words, keep=frozenset(keep.split())))


@pytest.mark.parametrize(
    ("said", "compared"),
    [
        ("I CONSENT.", "i consent"),
        ("ｃｏｎｓｅｎｔ", "consent"),
        ("an A.I. clone", "an ai clone"),
        ("an A. I. clone", "an ai clone"),
        ("an a i clone", "an ai clone"),
        ("Lisa A, I am", "lisa a i am"),
        ("a I am", "a i am"),
        ("I'm", "i am"),
        ("I\u2019m", "i am"),
        ("don't dont CAN'T won't", "do not do not cannot will not"),
        ("um so uh I", "so i"),
        ("O'Connor", "o'connor"),
        ("Anna-Maria", "anna maria"),
        ("... ?! --", ""),
    ],
)
def test_words_are_compared_in_one_form(said: str, compared: str) -> None:
    assert plain(said) == compared


def test_a_name_is_no_filler() -> None:
    assert plain("uh Er Wei", keep="er wei") == "er wei"


def test_a_word_knows_where_it_comes_from() -> None:
    assert [(token.text, token.shown, token.word) for token in tokens(Transcript.of_text("So, I'm Rio.").words)] == [
        ("so", "So", 0),
        ("i", "I'm", 1),
        ("am", "", 1),
        ("rio", "Rio", 2),
    ]


def common(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for character in one:
        before = row[:]
        for place, wanted in enumerate(other, start=1):
            row[place] = before[place - 1] + 1 if character == wanted else max(before[place], row[place - 1])
    return row[-1]


@given(st.text(alphabet="abcé", max_size=12), st.text(alphabet="abcé", max_size=12))
def test_the_similarity_is_that_of_the_longest_common_subsequence(one: str, other: str) -> None:
    length = len(one) + len(other)
    expected = 2 * common(one, other) / length if one and other else 0.0
    assert similarity(one, other) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Siobhán O'Connor", "siobhanoconnor"),
        ("Małgorzata Weiß", "malgorzataweiss"),
        ("Søren Kjærgaard", "sorenkjaergaard"),
        ("Nguyễn Thị", "nguyenthi"),
        ("李 小龙", "李小龙"),
        ("J. R. R. Tolkien", "jrrtolkien"),
    ],
)
def test_letters_are_without_marks_case_and_signs(name: str, bare: str) -> None:
    assert letters(name) == bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siobhan", "Shivan"),
        ("Philip", "Filip"),
        ("Xavier", "Ksavier"),
        ("Mueller", "Muller"),
        ("Clark", "Klark"),
        ("Noah", "Noa"),
        ("Чехов", "Чехов"),
    ],
)
def test_what_sounds_alike_has_one_skeleton(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_what_sounds_otherwise_has_another_skeleton() -> None:
    assert sound("Rio Alvarez") != sound("Mario Rossi")


@pytest.mark.parametrize(
    ("name", "latin"), [("Zoë Brontë", True), ("Łukasz", True), ("李小龙", False), ("Rio Мир", False)]
)
def test_latin_letters_are_told_from_others(name: str, latin: bool) -> None:
    assert is_latin(name) is latin


def test_a_transcript_shows_no_word_in_its_repr() -> None:
    transcript = Transcript.of_words([Word("Rio", 0.0, 0.5)], engine="whisper-tiny.en")
    assert "Rio" not in repr(transcript) + repr(transcript.words[0])


def test_a_transcript_gives_its_text() -> None:
    assert Transcript.of_words([Word(" I,", 0.0, 0.2), Word(" Rio", 0.3, 0.5)], engine="x").text == "I, Rio"


def test_a_transcript_is_made_of_text() -> None:
    not_text: Any = b"I consent"
    with pytest.raises(InvalidRequestError) as caught:
        Transcript.of_text(not_text)
    assert caught.value.field == "transcript"


class Engine:
    """A recognizer that says as much of itself as a test wants."""

    def __init__(self, **members: Any) -> None:
        vars(self).update({"engine": "other-1"} | members)

    def transcribe(self, _recording: Any) -> Any:
        raise NotImplementedError


TIMED = Word("Rio", 0.5, 1.0, 0.9)


def test_a_result_carries_the_evidence_of_its_engine() -> None:
    engine = Engine(engine_version="kit 2.1", model_sha256="AB" * 32)
    heard = Transcript.of_result([TIMED], engine)
    assert heard == Transcript((TIMED,), True, "other-1", "kit 2.1", "ab" * 32)


def test_an_engine_may_say_nothing_of_itself_but_its_name() -> None:
    assert Transcript.of_result([TIMED], Engine()) == Transcript((TIMED,), True, "other-1", None, None)


def test_what_a_result_says_of_its_engine_comes_first() -> None:
    result = Transcript((TIMED,), engine="other-2", engine_version="kit 3")
    heard = Transcript.of_result(result, Engine(engine_version="kit 2", model_sha256="ab" * 32))
    assert (heard.engine, heard.engine_version, heard.model_sha256) == ("other-2", "kit 3", "ab" * 32)


@pytest.mark.parametrize("result", ["I Rio", Transcript.of_text("I Rio"), [Word("I", 0, 0), Word("Rio", 0, 0)]])
def test_a_result_without_times_is_known_as_such(result: Any) -> None:
    heard = Transcript.of_result(result, Engine())
    assert (heard.text, heard.timed, heard.engine) == ("I Rio", False, "other-1")


@pytest.mark.parametrize(
    ("members", "result", "field"),
    [
        ({"engine": None}, [TIMED], "transcriber"),
        ({"engine": " "}, "I", "transcriber"),
        ({}, ["I"], "transcriber"),
        ({"model_sha256": "ab"}, [TIMED], "model_sha256"),
        ({"model_sha256": 7}, [TIMED], "model_sha256"),
        ({"engine_version": 7}, [TIMED], "engine_version"),
        ({"engine_version": "v" * 101}, [TIMED], "engine_version"),
    ],
)
def test_a_result_that_is_not_of_its_form_is_refused(members: Any, result: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Transcript.of_result(result, Engine(**members))
    assert caught.value.field == field
