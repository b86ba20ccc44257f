"""Requirements of a create request: the table, and the attestation."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tavus_consent import ConsentContradiction, ConsentError, ConsentRequired, InvalidRequestError
from tavus_consent.consent import Attestation, Requirement, requirement_for

TRAIN = "https://bucket.example/train.mp4"
CONSENT = "https://bucket.example/consent.mp4"
IMAGE = "https://bucket.example/rio.png"
AUDIO = "https://bucket.example/rio.wav"


def ask(kind: Any, train: str | None, consent: str | None) -> Requirement:
    return requirement_for(kind=kind, train_video_url=train, consent_video_url=consent)


@pytest.mark.parametrize(
    ("kind", "train", "consent", "statement_in", "attestation_required"),
    [
        ("personal", TRAIN, CONSENT, "consent_video", False),
        ("personal", TRAIN, TRAIN, "consent_video", False),
        ("personal", TRAIN, None, "training_video", False),
        ("personal", TRAIN, " ", "training_video", False),
        ("non_human", TRAIN, None, None, True),
        ("non_human", TRAIN, "", None, True),
    ],
)
def test_what_an_acceptable_request_needs(
    kind: str, train: str, consent: str | None, statement_in: str | None, attestation_required: bool
) -> None:
    requirement = ask(kind, train, consent)
    requirement.check()
    assert (kind, statement_in, attestation_required) == (
        requirement.kind,
        requirement.statement_in,
        requirement.attestation_required,
    )


@pytest.mark.parametrize(
    ("kind", "train", "consent", "error", "reason"),
    [
        ("personal", None, None, ConsentError, "no_training_video"),
        ("personal", None, CONSENT, ConsentError, "no_training_video"),
        ("personal", "  ", CONSENT, ConsentError, "no_training_video"),
        ("non_human", None, None, ConsentError, "no_training_video"),
        ("non_human", TRAIN, CONSENT, ConsentContradiction, "non_human_with_consent"),
        ("non_human", None, CONSENT, ConsentContradiction, "non_human_with_consent"),
        (None, TRAIN, CONSENT, ConsentRequired, "kind_not_said"),
        (None, TRAIN, None, ConsentRequired, "kind_not_said"),
        (None, None, None, ConsentRequired, "kind_not_said"),
        ("human", TRAIN, CONSENT, ConsentRequired, "kind_not_said"),
    ],
)
def test_what_is_refused(
    kind: str | None, train: str | None, consent: str | None, error: type[ConsentError], reason: str
) -> None:
    with pytest.raises(ConsentError) as caught:
        ask(kind, train, consent).check()
    assert (error, reason) == (type(caught.value), caught.value.reason)


@pytest.mark.parametrize(
    ("kind", "train", "consent"),
    [("personal", None, CONSENT), ("non_human", None, None), ("non_human", TRAIN, CONSENT), (None, TRAIN, CONSENT)],
)
def test_a_refused_request_keeps_its_kind(kind: str | None, train: str | None, consent: str | None) -> None:
    assert ask(kind, train, consent).kind == kind


@pytest.mark.parametrize(
    ("kind", "train", "consent", "field", "advice"),
    [
        (None, TRAIN, CONSENT, "kind", "create_personal(...) for a real person"),
        (None, TRAIN, CONSENT, "kind", "create_non_human(...) for anything else"),
        ("non_human", TRAIN, CONSENT, "consent_video_url", "omit the consent video"),
        ("personal", None, CONSENT, "train_video_url", "Pass train_video_url"),
    ],
)
def test_a_refusal_names_the_argument_and_says_what_to_do(
    kind: str | None, train: str | None, consent: str, field: str, advice: str
) -> None:
    with pytest.raises(ConsentError, match=re.escape(advice)) as caught:
        ask(kind, train, consent).check()
    assert caught.value.field == field


def of_voice(kind: str, audio: str, consent: str | None, **more: str) -> Requirement:
    links: dict[str, Any] = {"train_video_url": None, "audio_url": audio, "consent_video_url": consent, **more}
    return requirement_for(kind=kind, **links)


@pytest.mark.parametrize(
    ("kind", "consent", "statement_in", "is_attested", "notice"),
    [
        ("personal", CONSENT, "consent_video", False, None),
        ("personal", None, "training_audio", False, "must open the audio recording"),
        ("personal", AUDIO, "consent_video", False, "are the same link"),
        ("non_human", None, None, True, None),
    ],
)
def test_what_a_voice_needs(
    kind: str, consent: str | None, statement_in: str | None, is_attested: bool, notice: str | None
) -> None:
    needed = of_voice(kind, AUDIO, consent)
    assert (needed.kind, needed.statement_in, needed.attestation_required) == (kind, statement_in, is_attested)
    assert [notice in one for one in needed.notices] == ([] if notice is None else [True])
    needed.check()


@pytest.mark.parametrize("kind", ["personal", "non_human"])
@pytest.mark.parametrize(
    ("audio", "more", "reason"),
    [
        ("", {}, "no_audio"),
        ("  ", {}, "no_audio"),
        (AUDIO, {"train_video_url": TRAIN}, "audio_and_more"),
        (AUDIO, {"train_image_url": IMAGE}, "audio_and_more"),
    ],
)
def test_what_is_refused_of_a_voice(kind: str, audio: str, more: dict[str, str], reason: str) -> None:
    needed = of_voice(kind, audio, None, **more)
    assert needed.kind == kind
    with pytest.raises(ConsentError, match="Pass audio_url, and no training video or image") as caught:
        needed.check()
    assert (caught.value.field, caught.value.reason) == ("audio_url", reason)


def test_a_consent_video_of_a_voice_of_nobody_is_a_contradiction() -> None:
    refusal = of_voice("non_human", AUDIO, CONSENT).refusal
    assert (type(refusal), refusal and refusal.reason) == (ConsentContradiction, "non_human_with_consent")


def of_image(kind: str, train: str | None, consent: str | None) -> Requirement:
    return requirement_for(kind=kind, train_video_url=train, consent_video_url=consent, train_image_url=IMAGE)


@pytest.mark.parametrize(
    ("kind", "consent", "expected"),
    [
        ("personal", CONSENT, ("personal", "consent_video", False, None)),
        ("non_human", None, ("non_human", None, True, None)),
    ],
)
def test_what_an_image_needs(kind: str, consent: str | None, expected: tuple[Any, ...]) -> None:
    requirement = of_image(kind, None, consent)
    found = (requirement.kind, requirement.statement_in, requirement.attestation_required, requirement.refusal)
    assert found == expected


def test_an_image_of_a_person_is_noticed() -> None:
    (notice,) = of_image("personal", None, CONSENT).notices
    assert "no statement" in notice


@pytest.mark.parametrize(
    ("kind", "train", "consent", "field", "reason", "advice"),
    [
        ("personal", None, None, "consent", "image_without_consent_video", "a video in which the person says it"),
        ("personal", TRAIN, CONSENT, "train_image_url", "video_and_image", "Omit one of them"),
        ("non_human", TRAIN, None, "train_image_url", "video_and_image", "Omit one of them"),
    ],
)
def test_what_is_refused_of_an_image(
    kind: str, train: str | None, consent: str | None, field: str, reason: str, advice: str
) -> None:
    requirement = of_image(kind, train, consent)
    assert requirement.kind == kind
    with pytest.raises(ConsentError, match=advice) as caught:
        requirement.check()
    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_what_is_no_text_is_left_to_the_check_of_links() -> None:
    not_text: Any = 7
    assert ask("personal", not_text, not_text).refusal is None


@pytest.mark.parametrize("kind", ["personal", "non_human", None])
def test_a_refused_request_asks_for_nothing_else(kind: str | None) -> None:
    refused = ask(kind, None, None)
    assert (refused.statement_in, refused.attestation_required, refused.notices) == (None, False, ())


def test_without_a_consent_video_a_notice_tells_that_page_and_schema_differ() -> None:
    (notice,) = ask("personal", TRAIN, None).notices
    assert "must open the training video" in notice
    assert "schema does not" in notice


def test_one_video_for_both_is_noticed() -> None:
    (notice,) = ask("personal", TRAIN, TRAIN).notices
    assert "are the same link" in notice


@pytest.mark.parametrize(("kind", "consent"), [("personal", CONSENT), ("non_human", None)])
def test_a_plain_request_has_no_notices(kind: str, consent: str | None) -> None:
    assert ask(kind, TRAIN, consent).notices == ()


def test_an_attestation_is_trimmed() -> None:
    assert Attestation(" A cartoon fox ", "\tstudio@app.example\n") == Attestation(
        "A cartoon fox", "studio@app.example"
    )


@pytest.mark.parametrize(
    ("statement", "attested_by", "field", "reason"),
    [
        ("", "studio@app.example", "statement", "missing"),
        ("  \n", "studio@app.example", "statement", "missing"),
        (None, "studio@app.example", "statement", "missing"),
        ("A cartoon fox", " ", "attested_by", "missing"),
        ("A cartoon fox", 7, "attested_by", "missing"),
        ("x" * 2001, "studio@app.example", "statement", "too_long"),
        ("A cartoon fox", "x" * 201, "attested_by", "too_long"),
    ],
)
def test_an_attestation_needs_a_statement_and_an_author(
    statement: Any, attested_by: Any, field: str, reason: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Attestation(statement, attested_by)
    assert (field, reason) == (caught.value.field, caught.value.reason)


@pytest.mark.parametrize(
    ("statement", "attested_by", "said"),
    [
        ("", "studio@app.example", "statement is empty or not text"),
        ("A cartoon fox", "", "attested_by is empty or not text"),
        ("x" * 2001, "studio@app.example", "statement of the attestation has more than 2,000 characters"),
        ("A cartoon fox", "x" * 201, "attested_by of the attestation has more than 200 characters"),
    ],
)
def test_a_bad_attestation_is_told_what_is_wrong(statement: str, attested_by: str, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        Attestation(statement, attested_by)


def test_the_longest_attestation_passes() -> None:
    attestation = Attestation(" " + "x" * 2000, "y" * 200)
    assert (len(attestation.statement), len(attestation.attested_by)) == (2000, 200)


def test_an_attestation_shows_nothing() -> None:
    assert repr(Attestation("A fox", "me")) == "Attestation(statement=[redacted], attested_by=[redacted])"
