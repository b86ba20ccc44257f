"""Requirements that a record must meet before a replica is trained."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tavus_consent import (
    ConfigurationError,
    ConsentContradiction,
    ConsentError,
    ConsentExpired,
    ConsentMismatch,
    ConsentPolicy,
    ConsentRecord,
    ConsentRequired,
    ConsentWithdrawn,
    EvidenceChanged,
)
from tavus_consent.consent import ConsentTerms, State
from tavus_consent.consent.events import EventDraft, format_time
from tavus_consent.consent.fold import fold

NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)
END = NOW + timedelta(days=365)
HASH, OTHER_HASH = "a" * 64, "b" * 64
RECORDED, VERIFIED = ConsentPolicy(), ConsentPolicy(requires="verified")
TRANSCRIBED = ConsentPolicy(requires="transcribed")


def event(text: str) -> EventDraft:
    """``given:basis=recorded`` is an event with a payload."""
    type_, _, words = text.partition(":")
    payload: dict[str, Any] = dict(word.split("=") for word in words.split())
    if type_ == "requested":
        payload["expires_at"] = format_time(END)
    if type_ == "recorded":
        payload = {"where": "consent_video", "sha256": HASH} | payload
    return EventDraft(type=type_, at=NOW, record_id="rec", subject_ref="sub", actor="hr", payload=payload)


def record(events: Iterable[str], **terms: Any) -> ConsentRecord:
    asked = ConsentTerms.until(now=NOW, valid_for=END - NOW, full_name="Rio Alvarez", **terms)
    return ConsentRecord(state=fold(map(event, events), now=NOW), terms=asked)


ASKED = ("requested",)
HEARD = ("requested", "recorded")
GIVEN = (*HEARD, "given:basis=recorded")
PASSED = f"verification:verdict=PASS source=heard sha256={HASH}"
UNREAD = "verification:verdict=PASS source=heard engine=canned"
WRITTEN = "verification:verdict=PASS source=supplied engine=whisper-large-v3"
TYPED = "verification:verdict=PASS source=supplied engine=text"
DENIED = "verification:verdict=MISMATCH source=supplied engine=text"
LIFT = "given:basis=reviewed reviewer=hmac:01 reason=hmac:02"


@pytest.mark.parametrize(
    ("events", "recorded", "transcribed", "verified"),
    [
        (HEARD, "recorded", "not_transcribed", "not_verified"),
        ((*HEARD, PASSED), "verified", "verified", "verified"),
        ((*HEARD, UNREAD), "transcribed", "transcribed", "not_verified"),
        ((*HEARD, WRITTEN), "transcribed", "transcribed", "not_verified"),
        ((*HEARD, WRITTEN, PASSED), "verified", "verified", "verified"),
        ((*HEARD, TYPED), "review", "review", "review"),
        ((*HEARD, TYPED, WRITTEN), "transcribed", "transcribed", "not_verified"),
        ((*HEARD, DENIED, PASSED), "mismatch", "mismatch", "mismatch"),
        ((*HEARD, PASSED, DENIED), "mismatch", "mismatch", "mismatch"),
        ((*HEARD, WRITTEN, "given:basis=transcribed"), None, None, "not_verified"),
        ((*HEARD, WRITTEN, "given:basis=transcribed", PASSED), None, None, "verified"),
        ((*HEARD, TYPED, LIFT), None, None, None),
        (GIVEN, None, "not_transcribed", "not_verified"),
        ((*GIVEN, WRITTEN), None, "transcribed", "not_verified"),
    ],
)
def test_what_each_policy_takes(
    events: tuple[str, ...], recorded: str | None, transcribed: str | None, verified: str | None
) -> None:
    policies = {RECORDED: recorded, TRANSCRIBED: transcribed, VERIFIED: verified}
    assert [outcome(policy, record(events)) for policy in policies] == list(policies.values())


@pytest.mark.parametrize(
    ("events", "recorded", "verified"),
    [
        (HEARD, "recorded", "not_verified"),
        ((*HEARD, "verification:verdict=UNUSABLE"), "recorded", "not_verified"),
        ((*HEARD, PASSED), "verified", "verified"),
        ((*HEARD, "verification:verdict=REVIEW"), "review", "review"),
        ((*HEARD, "verification:verdict=MISMATCH"), "mismatch", "mismatch"),
        ((*HEARD, "review"), "review", "review"),
        ((*HEARD, "review", LIFT), None, None),
        (GIVEN, None, "not_verified"),
        ((*GIVEN, PASSED), None, "verified"),
        ((*GIVEN, PASSED, "given:basis=verified"), None, None),
        ((*GIVEN, "verification:verdict=REVIEW"), "review", "review"),
        ((*GIVEN, "verification:verdict=REVIEW", LIFT), None, None),
        ((*GIVEN, "verification:verdict=MISMATCH"), "mismatch", "mismatch"),
        ((), "none", "none"),
        (ASKED, "requested", "requested"),
        ((*ASKED, "refused"), "refused", "refused"),
        ((*ASKED, "lapsed"), "lapsed", "lapsed"),
        ((*GIVEN, "invalidated"), "invalidated", "invalidated"),
        ((*ASKED, "erased"), "erased", "erased"),
        (("attestation",), "attested", "attested"),
        ((*GIVEN, "withdrawing"), "withdrawn", "withdrawn"),
        ((*GIVEN, "withdrawing", "withdrawn"), "withdrawn", "withdrawn"),
        ((*GIVEN, "withdrawing", "invalidated"), "withdrawn", "withdrawn"),
        ((*GIVEN, "withdrawing", "withdrawn", "erased"), "withdrawn", "withdrawn"),
    ],
)
def test_what_each_policy_makes_of_a_record(
    events: tuple[str, ...], recorded: str | None, verified: str | None
) -> None:
    """Either the basis of the event that is to be written first, or the reason of the refusal."""
    assert (outcome(RECORDED, record(events)), outcome(VERIFIED, record(events))) == (recorded, verified)


def outcome(policy: ConsentPolicy, one: ConsentRecord, **found: Any) -> str | None:
    try:
        return policy.admit(one, **{"now": NOW} | found)
    except ConsentError as error:
        return error.reason


def test_what_the_policy_names_as_basis_can_be_written() -> None:
    one = record(HEARD)
    basis = RECORDED.admit(one, now=NOW)
    assert fold([event(f"given:basis={basis}")], now=NOW, start=one.state).state is State.GIVEN


@pytest.mark.parametrize(
    ("events", "error"),
    [
        (ASKED, ConsentRequired),
        (("attestation",), ConsentContradiction),
        ((*GIVEN, "withdrawing"), ConsentWithdrawn),
        ((*GIVEN, "verification:verdict=MISMATCH"), ConsentMismatch),
        ((*HEARD, "review"), ConsentMismatch),
    ],
)
def test_each_refusal_has_its_type(events: tuple[str, ...], error: type[ConsentError]) -> None:
    with pytest.raises(ConsentError) as caught:
        RECORDED.admit(record(events), now=NOW)
    assert (type(caught.value), caught.value.field) == (error, "consent")


@pytest.mark.parametrize("events", [HEARD, GIVEN])
def test_consent_ends(events: tuple[str, ...]) -> None:
    with pytest.raises(ConsentExpired) as caught:
        RECORDED.admit(record(events), now=END)
    assert caught.value.reason == "expired"


@pytest.mark.parametrize(
    ("policy", "events", "found"),
    [
        (VERIFIED, HEARD, {}),
        (RECORDED, ASKED, {}),
        (RECORDED, ("attestation",), {}),
        (RECORDED, (*GIVEN, "withdrawing"), {}),
        (RECORDED, (*GIVEN, "verification:verdict=MISMATCH"), {}),
        (RECORDED, (*HEARD, "review"), {}),
        (RECORDED, GIVEN, {"now": END}),
        (RECORDED, GIVEN, {"found_sha256": OTHER_HASH}),
    ],
)
def test_each_refusal_is_a_sentence_about_the_consent(
    policy: ConsentPolicy, events: tuple[str, ...], found: dict[str, Any]
) -> None:
    with pytest.raises(ConsentError, match=r"^[A-Z].{20,}\.$") as caught:
        policy.admit(record(events), **{"now": NOW} | found)
    assert caught.value.field == "consent"


@pytest.mark.parametrize("events", [HEARD, GIVEN])
def test_consent_holds_to_its_last_moment(events: tuple[str, ...]) -> None:
    assert outcome(RECORDED, record(events), now=END - timedelta(microseconds=1)) in (None, "recorded")


@pytest.mark.parametrize(("found", "reason"), [(None, None), (HASH, None), (OTHER_HASH, "changed")])
def test_the_recording_must_be_the_one_that_was_checked(found: str | None, reason: str | None) -> None:
    assert outcome(RECORDED, record(GIVEN), found_sha256=found) == reason


def test_a_recording_that_nobody_read_cannot_be_compared() -> None:
    unread = ("requested", "recorded:sha256=", "given:basis=recorded")
    assert outcome(RECORDED, record(unread), found_sha256=OTHER_HASH) is None


def test_another_recording_is_changed_evidence() -> None:
    with pytest.raises(EvidenceChanged):
        RECORDED.admit(record(GIVEN), now=NOW, found_sha256=OTHER_HASH)


@pytest.mark.parametrize(("adult", "reason"), [(True, None), (None, None), (False, "minor")])
def test_the_consent_of_a_minor_is_not_enough(adult: bool | None, reason: str | None) -> None:
    assert outcome(RECORDED, record(GIVEN, adult=adult)) == reason


def test_that_somebody_is_not_of_age_is_said() -> None:
    with pytest.raises(ConsentRequired, match="under age"):
        RECORDED.admit(record(GIVEN, adult=False), now=NOW)


def test_a_record_without_its_terms_is_judged_by_its_events() -> None:
    assert outcome(RECORDED, ConsentRecord(state=record(GIVEN).state)) is None


def notice(one: ConsentRecord, now: datetime) -> str | None:
    assert now == NOW
    return None if one.terms and one.terms.notice_url else "The privacy notice is missing."


def test_rules_of_ones_own_are_asked() -> None:
    policy = ConsentPolicy(rules=[notice])
    assert outcome(policy, record(GIVEN, notice_url="https://app.example/privacy")) is None


def test_what_a_rule_of_ones_own_misses_is_said() -> None:
    with pytest.raises(ConsentRequired, match=r"The privacy notice is missing\.") as caught:
        ConsentPolicy(rules=[notice]).admit(record(GIVEN), now=NOW)
    assert (caught.value.reason, caught.value.field) == ("rule", "consent")


def test_policies_of_the_same_rules_are_equal() -> None:
    assert ConsentPolicy(rules=[notice]) == ConsentPolicy(rules=(notice,))


def test_a_policy_that_does_not_exist_is_refused() -> None:
    word: Any = "hoped"
    with pytest.raises(ConfigurationError):
        ConsentPolicy(requires=word)
