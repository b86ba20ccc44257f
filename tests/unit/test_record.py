"""The record of a consent: its valid content, what it hides, and the round trip through the vault."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tavus_consent import (
    BiometricNotice,
    ConsentNotice,
    ConsentRecord,
    ConsentVideo,
    InvalidNameError,
    InvalidRequestError,
)
from tavus_consent.consent import STATEMENT, Attempt, ConsentTerms, State, Transcript, Verdict, match_statement
from tavus_consent.consent.events import EventDraft, format_time
from tavus_consent.consent.fold import fold
from tavus_consent.consent.record import Review

NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
LINK = "https://bucket.example/consent.mp4?signature=secret"


def terms(**other: Any) -> ConsentTerms:
    given: dict[str, Any] = {
        "full_name": "Siobhán O'Connor",
        "spoken_as": ["shivawn o connor"],
        "intended_uses": ["onboarding videos for new customers"],
        "valid_for": YEAR,
        "notice_url": "https://app.example/privacy",
        "adult": True,
        "attested_by": "hr@app.example",
    }
    return ConsentTerms.until(now=NOW, **given | other)


def test_the_terms_end_after_the_time_they_are_valid_for() -> None:
    assert terms().expires_at == NOW + YEAR


def test_the_statement_is_the_persons_own() -> None:
    assert terms().statement == STATEMENT.render("Siobhán O'Connor")


def test_the_vault_gives_the_terms_back() -> None:
    assert ConsentTerms.from_json(terms().to_json()) == terms()


def test_nothing_but_name_and_end_is_needed() -> None:
    bare = ConsentTerms.until(now=NOW, full_name="Rio Alvarez", valid_for=YEAR)
    assert (bare.spoken_as, bare.intended_uses, bare.notice_url, bare.adult, bare.attested_by) == (
        (),
        (),
        None,
        None,
        None,
    )


def test_one_text_is_one_use_and_one_spelling() -> None:
    one = terms(intended_uses=" onboarding ", spoken_as="shivon")
    assert (one.intended_uses, one.spoken_as) == (("onboarding",), ("shivon",))


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"full_name": "[FULL NAME]"}, "full_name"),
        ({"spoken_as": ["not"]}, "spoken_as"),
        ({"spoken_as": ["A B"] * 4}, "spoken_as"),
        ({"intended_uses": [""]}, "intended_uses"),
        ({"intended_uses": ["x" * 501]}, "intended_uses"),
        ({"intended_uses": ["x"] * 21}, "intended_uses"),
        ({"intended_uses": [None]}, "intended_uses"),
        ({"valid_for": timedelta()}, "valid_for"),
        ({"valid_for": -YEAR}, "valid_for"),
        ({"valid_for": timedelta.max}, "valid_for"),
        ({"valid_for": 365}, "valid_for"),
        ({"notice_url": "http://app.example/privacy"}, "notice_url"),
        ({"notice_url": 7}, "notice_url"),
        ({"attested_by": " "}, "attested_by"),
        ({"attested_by": "x" * 501}, "attested_by"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(other: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        terms(**other)
    assert caught.value.field == field


def test_a_spelling_that_is_no_name_is_an_error_of_names() -> None:
    with pytest.raises(InvalidNameError):
        terms(spoken_as=["Rio 2"])


def test_the_longest_time_passes() -> None:
    assert terms(valid_for=timedelta(days=3653)).expires_at.year == 2036


def test_a_repr_shows_neither_name_nor_link() -> None:
    shown = repr((terms(), ConsentVideo(LINK), ConsentVideo(LINK, sha256="a" * 64), Review("Ada", "her voice")))
    assert not any(secret in shown for secret in ("Siobhán", "shivawn", "hr@", "bucket", "Ada", "voice"))


def test_what_is_read_was_checked_when_it_was_given() -> None:
    """A record stays readable when the rules about names change."""
    kept = terms().to_json().replace("Siobhán".encode(), b"Never 7")
    assert ConsentTerms.from_json(kept).full_name == "Never 7 O'Connor"
    assert "I, Never 7 O'Connor, am" in ConsentTerms.from_json(kept).statement


def test_terms_of_early_releases_say_nothing_of_who_bears_the_name() -> None:
    kept = json.loads(terms().to_json())
    del kept["as_borne"]
    assert ConsentTerms.from_json(json.dumps(kept).encode()) == terms()


def test_the_vault_gives_full_terms_back() -> None:
    full = terms(
        notice=ConsentNotice("We make a replica.", version="3", language="de"),
        biometric_notice=BiometricNotice(derived="a model", kept="a year"),
        retention=timedelta(days=90),
    )
    assert ConsentTerms.from_json(full.to_json()) == full


def test_terms_of_early_releases_state_no_notice_and_no_retention() -> None:
    kept = json.loads(terms().to_json())
    for name in ("notice", "biometric_notice", "retention"):
        del kept[name]
    assert ConsentTerms.from_json(json.dumps(kept).encode()) == terms()


# the recording


def test_a_hash_is_kept_in_lower_case() -> None:
    assert ConsentVideo(LINK, sha256="AB" * 32).codes() == {"where": "consent_video", "sha256": "ab" * 32}


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"url": "ftp://bucket.example/a.mp4"}, "url"),
        ({"url": "https://bucket.example/a b.mp4"}, "url"),
        ({"url": "https://[bucket.example/a.mp4"}, "url"),
        ({"sha256": "a" * 63}, "sha256"),
        ({"sha256": 7}, "sha256"),
        ({"where": "attic"}, "where"),
    ],
)
def test_a_recording_that_cannot_be_one_is_refused(other: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        ConsentVideo(**{"url": LINK} | other)
    assert caught.value.field == field


# the checks


def attempt(said: str | None) -> Attempt:
    transcript = None if said is None else Transcript.of_text(said)
    match = match_statement(transcript, "Rio Alvarez")
    return Attempt(attempt_id="a1", at=NOW, match=match, transcript=transcript)


def test_an_attempt_tells_how_it_went() -> None:
    one = attempt(STATEMENT.render("Mario Rossi"))
    assert (one.verdict, one.name_score) == (Verdict.MISMATCH, one.match.name_score)
    assert one.diff.startswith("I <Mario Rossi> am currently")


def test_what_was_heard_goes_to_the_vault() -> None:
    kept = json.loads(attempt(STATEMENT.render("Mario Rossi")).to_json())
    assert (kept["heard_name"], kept["reasons"], kept["attempt"]) == (
        "Mario Rossi",
        ["The name was heard differently."],
        "a1",
    )
    assert kept["transcript"].startswith("I, Mario Rossi")


def test_an_attempt_that_heard_nothing_is_kept_too() -> None:
    kept = json.loads(attempt(None).to_json())
    assert (kept["transcript"], kept["diff"]) == (None, "")


@pytest.mark.parametrize("sha256", [None, "a" * 64])
def test_its_codes_make_an_event(sha256: str | None) -> None:
    codes = attempt(STATEMENT.render("Rio Alvarez")).codes(sha256=sha256)
    draft = EventDraft(type="verification", at=NOW, record_id="r", subject_ref="s", actor="hr", payload=codes)
    payload = draft.to_dict()["payload"]
    assert (payload["verdict"], payload["attempt"], payload.get("sha256")) == ("PASS", "a1", sha256)


@pytest.mark.parametrize(("reviewer", "reason", "field"), [("", "her voice", "reviewer"), ("Ada", "  ", "reason")])
def test_a_doubt_is_lifted_by_somebody_for_a_reason(reviewer: str, reason: str, field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Review(reviewer, reason)
    assert caught.value.field == field


# the whole


def record(**other: Any) -> ConsentRecord:
    def event(type_: str, **payload: Any) -> EventDraft:
        return EventDraft(type=type_, at=NOW, record_id="r", subject_ref="s", actor="hr", payload=payload)

    events = [
        event("requested", expires_at=format_time(NOW + YEAR)),
        event("recorded", where="consent_video"),
        event("given", basis="recorded"),
        event("bound", replica_id="r1"),
    ]
    return ConsentRecord(**{"state": fold(events, now=NOW), "terms": terms()} | other)


def test_a_record_shows_what_its_parts_know() -> None:
    one = record()
    assert (one.record_id, one.status, one.expires_at, one.replicas, one.statement) == (
        "r",
        State.GIVEN,
        NOW + YEAR,
        ("r1",),
        terms().statement,
    )


def test_a_record_ages() -> None:
    assert record().at(NOW + YEAR).status is State.EXPIRED


def test_who_was_erased_has_no_statement() -> None:
    with pytest.raises(InvalidRequestError, match="erased"):
        _ = record(terms=None).statement


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://B.example:443/a%20b.mp4?id=2&sig=3", "b.example/a b.mp4"),
        ("https://b.example:8443/a.mp4?versionId=2&sig=3", "b.example:8443/a.mp4?versionId=2"),
        ("https://b.example/download?sig=3&id=2", "b.example/download?id=2"),
        ("https://b.example:99999/a.mp4?sig=3", "https://b.example:99999/a.mp4"),
    ],
)
def test_the_address_of_a_recording_stays_when_its_link_is_signed_anew(url: str, address: str) -> None:
    assert ConsentVideo(url).address == address
