"""Matching of the statement: one typical case each; the corpora have more."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from hypothesis import given, strategies as st
from tests.benchmarks import voices
from tests.rows import each_row

from tavus_consent import InvalidNameError, InvalidRequestError
from tavus_consent.consent import STATEMENT, Match, Transcript, Verdict, Word, match_statement
from tavus_consent.consent.events import EventDraft
from tavus_consent.consent.matching import WORDINGS
from tavus_consent.consent.thresholds import (
    STRICT,
    THRESHOLDS,
    WHISPER,
    ScoreLimits,
    Thresholds,
    measurement_of,
    thresholds_for,
)

NAME = "Rio Alvarez"
SAID = STATEMENT.render(NAME)


def corpus(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parents[1] / "corpora" / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


STATEMENTS = corpus("statements")
CHANGED = corpus("changed_statements")
RIGHT = corpus("right_statements")
RELATIVES = corpus("relatives")


@each_row("one", STATEMENTS, ids=lambda one: one["why"], by=lambda one: one["expect"])
def test_a_statement_of_the_corpus(one: dict[str, Any]) -> None:
    match = match_statement(
        Transcript.of_text(one["say"], engine=one.get("engine", "text")),
        one["name"],
        spoken_as=one.get("spoken_as", ()),
        where=one.get("where", "consent_video"),
    )
    assert match.verdict == one["expect"], f"{match.reasons} {match.diff}"


def group(one: dict[str, Any]) -> str:
    """Return what a case is about; those that change single words have no group of their own."""
    name, colon, _ = one["why"].partition(":")
    return name if colon else "words"


@pytest.mark.exhaustive
@pytest.mark.parametrize("thresholds", THRESHOLDS, ids=lambda one: one.engine)
@each_row("one", CHANGED, ids=lambda one: one["why"], by=group)
def test_a_changed_statement_does_not_pass(one: dict[str, Any], thresholds: Thresholds) -> None:
    where = one.get("where", "consent_video")
    assert match_statement(one["say"], one["name"], where=where, thresholds=thresholds).verdict is not Verdict.PASS


@pytest.mark.exhaustive
@pytest.mark.parametrize("thresholds", THRESHOLDS, ids=lambda one: one.engine)
@each_row("one", RIGHT, ids=lambda one: one["why"] + one["name"], by=group)
def test_a_right_statement_is_no_mismatch(one: dict[str, Any], thresholds: Thresholds) -> None:
    where = one.get("where", "consent_video")
    match = match_statement(one["say"], one["name"], where=where, thresholds=thresholds)
    assert match.verdict in (Verdict.PASS, Verdict.REVIEW), match.reasons


def test_as_many_other_words_are_no_statement() -> None:
    assert match_statement("banana " * 60, NAME).verdict is Verdict.MISMATCH


def passed(cases: Sequence[dict[str, Any]], thresholds: Thresholds) -> float:
    """The share of cases that passes."""
    verdicts = [
        match_statement(
            one["say"] if "say" in one else STATEMENT.text.replace("[FULL NAME]", one["heard"]),
            one["name"],
            where=one.get("where", "consent_video"),
            spoken_as=one.get("spoken_as", ()),
            thresholds=thresholds,
        ).verdict
        for one in cases
    ]
    return verdicts.count(Verdict.PASS) / len(verdicts)


@pytest.mark.exhaustive
@pytest.mark.parametrize("thresholds", THRESHOLDS, ids=lambda one: one.engine)
@pytest.mark.parametrize(
    ("begins", "least"),
    [("exact", 0.99), ("no punctuation", 0.99), ("harmless", 0.8), ("heard", 0.8), ("talk", 0.6)],
)
def test_most_right_statements_need_no_listener(begins: str, least: float, thresholds: Thresholds) -> None:
    assert passed([one for one in RIGHT if one["why"].startswith(begins)], thresholds) >= least


@pytest.mark.exhaustive
@pytest.mark.parametrize("thresholds", THRESHOLDS, ids=lambda one: one.engine)
def test_few_relatives_pass(thresholds: Thresholds) -> None:
    assert passed(RELATIVES, thresholds) <= 0.15


@pytest.mark.exhaustive
@pytest.mark.parametrize("thresholds", THRESHOLDS, ids=lambda one: one.engine)
def test_most_misheard_names_pass_with_a_spelling(thresholds: Thresholds) -> None:
    assert passed(corpus("misheard_names"), thresholds) >= 0.65


PARTS = {
    *("usable", "retraction", "words", "negation", "person", "wording", "company", "name", "position"),
    *("before", "after"),
}


@each_row("one", STATEMENTS, ids=lambda one: one["why"], by=lambda one: one["expect"])
def test_every_part_that_did_not_pass_says_why_in_a_sentence(one: dict[str, Any]) -> None:
    heard = Transcript.of_text(one["say"], engine=one.get("engine", "text"))
    for part in match_statement(heard, one["name"], where=one.get("where", "consent_video")).parts:
        assert part.name in PARTS
        assert re.fullmatch(r"|[A-Z0-9].*\.", part.note)
        assert bool(part.note) is (part.verdict is not Verdict.PASS)


def parts(match: Match) -> dict[str, Verdict]:
    """The parts that did not pass."""
    return {part.name: part.verdict for part in match.parts if part.verdict is not Verdict.PASS}


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        (SAID.replace("and consent", "and do not consent"), {"negation": "MISMATCH", "wording": "REVIEW"}),
        (SAID.replace("like me.", "unlike me."), {"negation": "MISMATCH", "wording": "REVIEW"}),
        (SAID.replace(NAME, "Mario Rossi"), {"name": "MISMATCH"}),
        (SAID.replace(NAME, "Mario Alvarez"), {"name": "REVIEW"}),
        (SAID.replace(NAME, "the mother of Rio Alvarez"), {"name": "MISMATCH"}),
        (SAID.replace("Tavus", "HeyGen"), {"company": "MISMATCH"}),
        (SAID.replace("Tavus", "nobody"), {"company": "MISMATCH"}),
        (SAID.replace("Tavus", "my boss"), {"company": "MISMATCH"}),
        (SAID.replace("like me.", "like him."), {"person": "MISMATCH", "wording": "REVIEW"}),
        (SAID.replace("of me", "of Tom Baker"), {"person": "MISMATCH", "wording": "REVIEW"}),
        (SAID.replace("of me", "of my face"), {"person": "REVIEW", "wording": "REVIEW"}),
        (SAID.replace("and consent", "and agree"), {"wording": "REVIEW"}),
        (SAID.replace("and video", ""), {"wording": "REVIEW"}),
        (SAID.replace("can be", "can only be"), {"wording": "REVIEW"}),
        (SAID + " I do not consent to that.", {"retraction": "MISMATCH", "after": "MISMATCH"}),
        (SAID + " Only for a year.", {"after": "REVIEW"}),
        (SAID + " I am fifteen.", {"after": "REVIEW"}),
        (f"I, {NAME}, am currently speaking and. {SAID}", {}),
        ("He told me to say it. " + SAID, {"before": "REVIEW"}),
        (SAID.partition("I understand")[0], {"words": "MISMATCH", "wording": "REVIEW"}),
    ],
)
def test_the_part_that_is_wrong_is_named(said: str, failed: dict[str, str]) -> None:
    assert parts(match_statement(said, NAME)) == failed


def test_whole_sentence_likeness_would_not_do() -> None:
    """The reason for the parts: the wrong name costs none of the fixed words."""
    match = match_statement(SAID.replace(NAME, "Mario Rossi"), NAME)
    assert (match.words_error, match.verdict) == (0.0, Verdict.MISMATCH)


@pytest.mark.parametrize("wording", WORDINGS)
def test_both_wordings_are_accepted_and_named(wording: str) -> None:
    match = match_statement(WORDINGS[wording].replace("[FULL NAME]", NAME), NAME)
    assert (match.verdict, match.wording) == (Verdict.PASS, wording)


def test_the_first_wording_is_the_template() -> None:
    assert WORDINGS["consent_tavus"] == STATEMENT.text


def test_no_recogniser_never_means_pass() -> None:
    match = match_statement(None, NAME)
    assert (match.verdict, match.reasons) == (
        Verdict.UNUSABLE,
        ("There was no recognizer, so the recording was not transcribed.",),
    )
    assert (match.engine, match.thresholds, match.wording, match.starts_at) == ("none", "none", None, None)
    assert match.codes()["parts"] == {"usable": "UNUSABLE"}


def test_what_is_too_short_is_told_with_its_engine() -> None:
    match = match_statement(Transcript.of_text("I, Rio Alvarez", engine="whisper-tiny.en"), NAME)
    assert (match.engine, match.thresholds, match.verdict) == ("whisper-tiny.en", "whisper", Verdict.UNUSABLE)
    assert (match.wording, match.words_error, match.name_score) == (None, None, None)
    assert (match.heard_name, str(match.diff), match.words_before) == ("", "", 0)


# what people read


def test_the_difference_is_shown_word_by_word() -> None:
    said = "Well, " + SAID.replace("am currently", "are").replace("consent Tavus", "so consent have us") + " Thank you."
    shown = str(match_statement(said, NAME).diff)
    assert shown.startswith(
        "(1 word) I <Rio Alvarez> [-am-]{+are+} [-currently-] speaking and {+so+} consent [-Tavus-]{+have us+} to"
    )
    assert shown.endswith("sound like me (2 words)")


def test_what_was_not_heard_is_marked() -> None:
    shown = str(match_statement(SAID.replace(f"{NAME}, ", "").replace("Tavus ", ""), NAME).diff)
    assert shown.startswith("I <?> am currently speaking and consent [-Tavus-] to create")


def test_a_last_word_that_was_changed_is_not_called_missing() -> None:
    assert str(match_statement(SAID[:-3] + "him", NAME).diff).endswith("sound like [-me-]{+him+}")


def test_a_denial_is_shown_as_words_too_many() -> None:
    shown = str(match_statement(SAID.replace("and consent", "and do not consent"), NAME).diff)
    assert "speaking and {+do+} {+not+} consent Tavus to create" in shown


def test_the_name_is_shown_as_it_was_heard() -> None:
    assert match_statement(SAID.replace(NAME, "REO Alvares"), NAME).heard_name == "REO Alvares"


def test_nothing_that_was_said_is_in_the_repr() -> None:
    match = match_statement("Rumpelstilz! " + SAID.replace(NAME, "Mario Rossi"), NAME)
    assert not any(word in repr(match) for word in ("Rumpelstilz", "Mario", "Alvarez"))


def test_the_reasons_hold_no_name() -> None:
    reasons = match_statement(SAID.replace(NAME, "Mario Rossi").replace("Tavus", "HeyGen"), NAME).reasons
    assert not any(word in " ".join(reasons) for word in ("Mario", "Rossi", "Rio", "Alvarez"))


def test_its_codes_may_stand_in_the_ledger() -> None:
    match = match_statement(Transcript.of_text(SAID, engine="Whisper tiny/en (1)"), NAME)
    draft = EventDraft(
        type="verification",
        at=datetime(2026, 5, 23, tzinfo=UTC),
        record_id="r",
        subject_ref="s",
        actor="hr",
        payload=match.codes(),
    )
    assert draft.to_dict()["payload"]["engine"] == "Whisper-tiny-en-1-"


def test_the_codes_say_how_it_was_judged() -> None:
    codes = match_statement(SAID, NAME).codes()
    assert {name: value for name, value in codes.items() if name != "parts"} == {
        "verdict": "PASS",
        "engine": "text",
        "thresholds": "text",
        "wording": "consent_tavus",
        "words_error": 0.0,
        "name_score": 1.0,
    }


def test_a_long_name_of_an_engine_is_cut_in_the_codes() -> None:
    match = match_statement(Transcript.of_text(SAID, engine="e" * 300), NAME)
    assert len(match.codes()["engine"]) == 100


def test_a_match_can_be_kept_as_json_and_read_again() -> None:
    match = match_statement(SAID.replace("Tavus", "us"), NAME)
    assert Match.from_dict(json.loads(json.dumps(asdict(match)))) == match


def test_the_parts_are_among_the_codes() -> None:
    assert match_statement(SAID.replace(NAME, "Mario Rossi"), NAME).codes()["parts"]["name"] == "MISMATCH"


# names


def test_three_spellings_are_not_too_many() -> None:
    assert match_statement(SAID, NAME, spoken_as=["Ree Oh", "Rio", "Reo Alvarez"]).verdict is Verdict.PASS


def test_too_many_spellings_are_refused() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        match_statement(SAID, NAME, spoken_as=["A B"] * 4)
    assert caught.value.field == "spoken_as"


def test_a_spelling_is_a_name_like_any_other() -> None:
    with pytest.raises(InvalidNameError):
        match_statement(SAID, NAME, spoken_as=["[FULL NAME]"])


def test_a_name_in_another_script_is_left_to_somebody() -> None:
    (reason,) = match_statement(SAID.replace(NAME, "Lee Shao Long"), "李小龙").reasons
    assert "spoken_as" in reason


def test_a_name_whose_words_were_parted_elsewhere_is_the_same() -> None:
    said = SAID.replace(NAME, "Kahu Rangi Terangi")
    assert match_statement(said, "Kahurangi Te Rangi").verdict is Verdict.PASS


# times


def spoken(text: str, *, begin: float = 0.0, pace: float = 0.3) -> Transcript:
    """The text with a word every ``pace`` seconds."""
    words = [Word(one, begin + pace * n, begin + pace * (n + 1)) for n, one in enumerate(text.split())]
    return Transcript.of_words(words, engine="whisper-tiny.en")


@pytest.mark.parametrize(
    ("transcript", "verdict"),
    [
        (spoken(SAID, begin=10.0), "PASS"),
        (spoken(SAID, begin=10.1), "REVIEW"),
        (spoken(SAID, begin=2.0, pace=0.8), "PASS"),
        (spoken(SAID, begin=11.9, pace=0.8), "PASS"),
        (Transcript.of_text("word " * 15 + SAID, engine="whisper"), "PASS"),
        (Transcript.of_text("word " * 16 + SAID, engine="whisper"), "REVIEW"),
    ],
    ids=["in_time", "late", "slow", "slow_and_later", "few_words_before", "many_words_before"],
)
def test_a_training_video_begins_with_the_statement(transcript: Transcript, verdict: str) -> None:
    assert match_statement(transcript, NAME, where="training_video").verdict == verdict


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(" Today I show you our harvest.", "PASS"), (" for one year only. Today I show you our harvest.", "REVIEW")],
)
def test_in_a_training_video_the_rest_of_the_sentence_counts(behind: str, verdict: str) -> None:
    said = Transcript.of_text(SAID.removesuffix(".") * (verdict == "REVIEW") + SAID * (verdict == "PASS") + behind)
    assert match_statement(said, NAME, where="training_video").verdict == verdict


def test_a_consent_video_may_begin_otherwise() -> None:
    assert match_statement(spoken(SAID, begin=60.0), NAME).verdict is Verdict.PASS


def test_it_is_known_when_the_statement_starts() -> None:
    match = match_statement(spoken("Well, hello. " + SAID, begin=1.0, pace=0.5), NAME)
    assert (match.starts_at, match.words_before) == (2.0, 2)


def test_less_than_eight_seconds_of_speech_cannot_be_it() -> None:
    match = match_statement(spoken(SAID, pace=7.9 / len(SAID.split())), NAME)
    assert (match.verdict, parts(match)) == (Verdict.UNUSABLE, {"usable": "UNUSABLE"})


@pytest.mark.parametrize(("count", "verdict"), [(14, "UNUSABLE"), (15, "MISMATCH")])
def test_fewer_than_fifteen_words_cannot_be_it(count: int, verdict: str) -> None:
    assert match_statement("word " * count, NAME).verdict == verdict


def test_long_pauses_are_no_speech() -> None:
    words = [Word(one, 3.0 * n, 3.0 * n + 0.1) for n, one in enumerate(SAID.split())]
    assert match_statement(Transcript.of_words(words, engine="whisper"), NAME).verdict is Verdict.UNUSABLE


def test_short_pauses_belong_to_speech() -> None:
    words = [Word(one, 0.9 * n, 0.9 * n + 0.1) for n, one in enumerate(SAID.split())]
    assert match_statement(Transcript.of_words(words, engine="whisper"), NAME).verdict is Verdict.PASS


# thresholds


@pytest.mark.parametrize(
    ("engine", "used"), [("whisper-tiny.en", WHISPER), ("Whisper base", WHISPER), ("vosk", STRICT)]
)
def test_the_engine_chooses_the_thresholds(engine: str, used: Thresholds) -> None:
    assert thresholds_for(engine) is used


def test_thresholds_can_be_given() -> None:
    said = SAID.replace(NAME, "Leo Alvarez")
    assert match_statement(said, NAME, thresholds=WHISPER).thresholds == "whisper"


def test_every_calibration_says_what_it_rests_on() -> None:
    assert all(len(one.source) > 20 for one in THRESHOLDS)


def test_what_was_measured_names_a_corpus_that_can_be_made_again() -> None:
    assert {one.corpus for one in WHISPER.measured} == {voices.corpus_id()}
    assert {one.voices for one in WHISPER.measured} == {len(voices.VOICES)}


def test_what_was_measured_is_found_by_the_model() -> None:
    (first, *_) = WHISPER.measured
    assert measurement_of(first.model_sha256) is first
    assert (measurement_of("0" * 64), measurement_of(None)) == (None, None)


@pytest.mark.parametrize(
    ("value", "error", "score"),
    [(0.2, "PASS", "MISMATCH"), (0.3, "REVIEW", "MISMATCH"), (0.4, "REVIEW", "REVIEW"), (0.5, "MISMATCH", "PASS")],
)
def test_limits_hold_at_their_bounds(value: float, error: str, score: str) -> None:
    assert (ScoreLimits(0.2, 0.4).of_error(value), ScoreLimits(0.5, 0.4).of_score(value)) == (error, score)


def test_light_words_weigh_less_where_the_engine_drops_them() -> None:
    said = SAID.replace(" an ", " ").replace(" of ", " ").replace(" that ", " ")
    heard = [match_statement(said, NAME, thresholds=one).words_error or 0.0 for one in (WHISPER, STRICT)]
    assert heard[0] < heard[1]


# whatever is heard


WORDS = st.sampled_from(
    ["not", "I", "am", "consent", "Tavus", "he", "Rio", "Alvarez", "HeyGen", "no", "me", "\u202e", "…"]
)


@given(st.lists(WORDS | st.text(max_size=8), max_size=60))
def test_whatever_is_heard_has_a_verdict_and_only_the_statement_passes(words: Sequence[str]) -> None:
    match = match_statement(" ".join(words), NAME)
    assert match.verdict is not Verdict.PASS
    assert str(match.diff).isprintable()


@given(st.integers(0, 40), st.sampled_from(["not", "never", "refuse", "withdraw"]))
def test_a_denial_anywhere_in_the_statement_never_passes(place: int, word: str) -> None:
    words = SAID.split()
    words.insert(place + 1, word)
    assert match_statement(" ".join(words), NAME).verdict is not Verdict.PASS


@pytest.mark.parametrize("correction", ["I mean", "sorry", "um, rather"])
def test_a_slip_that_is_corrected_needs_a_listener(correction: str) -> None:
    said = SAID.replace("and consent", f"and do not {correction} consent")
    assert match_statement(said, NAME).verdict is Verdict.REVIEW


def test_a_person_in_the_place_of_the_company_is_not_it_however_alike() -> None:
    said = Transcript.of_text(SAID.replace("Tavus", "themselves"), engine="whisper")
    assert parts(match_statement(said, NAME))["company"] == "MISMATCH"


@pytest.mark.exhaustive
def test_a_word_too_many_is_not_explained() -> None:
    passing = sum(
        match_statement(" ".join([*words[:place], word, *words[place:]]), NAME).verdict is Verdict.PASS
        for words in [SAID.split()]
        for place in range(3, len(words))
        for word in ("blue", "paper", "invoice", "harvest", "window", "seldom", "politics", "tomorrow")
    )
    assert passing == 0


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("give my consent to", "PASS"),
        ("my consent", "REVIEW"),  # how Whisper base wrote "might consent"
        ("my consent have", "REVIEW"),
        ("take my consent from", "REVIEW"),
    ],
)
def test_a_consent_of_mine_counts_where_it_is_given(said: str, verdict: str) -> None:
    match = match_statement(SAID.replace("consent Tavus", f"{said} Tavus", 1), NAME)
    assert str(match.verdict) == verdict
