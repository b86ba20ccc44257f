"""The receipt for the person: the vocabulary's mandatory fields, and an understandable text."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import attrs
import jsonschema_rs
import pytest
from tests.rows import each_row

from tavus_consent import BiometricNotice, ConsentNotice, ConsentRecord, InvalidRequestError
from tavus_consent.consent import LIMITS, STATEMENT, ConsentTerms, State, match_statement
from tavus_consent.consent.events import EventDraft, format_time
from tavus_consent.consent.fold import fold
from tavus_consent.ledger import Controller, EventType, Party, Receipt
from tavus_consent.ledger._receipt_texts import TEXTS
from tavus_consent.ledger.parties import NOT_STATED
from tavus_consent.ledger.receipt import LANGUAGES, STATUSES

NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)
END = NOW + timedelta(days=365)
SHAPE = json.loads((files("tavus_consent.ledger") / "receipt.schema.json").read_text("utf-8"))
NAME = "Siobhán O'Connor"
TERMS = ConsentTerms.until(
    now=NOW,
    valid_for=END - NOW,
    full_name=NAME,
    intended_uses=["onboarding videos", "support\nvideos\u202e"],
    notice_url="https://app.example/privacy",
    biometric_notice=BiometricNotice(derived="a model of your face", kept="three years"),
    adult=True,
)
CONTROLLER = Controller(
    name="Example GmbH",
    address="Example Street 1, Berlin",
    contact="privacy@app.example",
    jurisdiction="DE",
    storage_locations=["Frankfurt"],
    retention="until the consent ends, and three years beyond",
    withdraw_at="https://app.example/withdraw",
    processor=Party(name="Tavus", address="Example Avenue 2", contact="https://processor.example"),
)


def event(type_: str, at: datetime = NOW, **payload: Any) -> EventDraft:
    return EventDraft(type=type_, at=at, record_id="rec", subject_ref="sub", actor="hr", payload=payload)


REQUESTED = event("requested", expires_at=format_time(END))
RECORDED = event("recorded", where="consent_video", sha256="a" * 64)
CODES = match_statement(STATEMENT.render(NAME), NAME).codes()
CHECKED = event("verification", **CODES, source="heard", sha256="a" * 64)
GIVEN = (REQUESTED, RECORDED, CHECKED, event("given", basis="verified"), event("bound", replica_id="r1"))
GONE = (event("withdrawing"), event("withdrawing", gone="r1"))


def receipt(*events: EventDraft, now: datetime = NOW, terms: ConsentTerms | None = TERMS, **other: Any) -> Receipt:
    events = events or GIVEN
    return Receipt(
        **{
            "receipt_id": "0b5f1a52-2f5e-4f35-b9be-25a8a4cdc1a5",
            "created_at": now,
            "record": ConsentRecord(state=fold(events, now=now), terms=terms),
            "events": events,
            "controller": CONTROLLER,
            "ledger_size": 12,
            "ledger_head": "c" * 64,
        }
        | other
    )


# JSON-LD


def record(one: Receipt) -> dict[str, Any]:
    found: dict[str, Any] = one.jsonld()["dpv:hasRecordOfActivity"]
    return found


LIVES = {
    "requested": (REQUESTED,),
    "given": GIVEN,
    "refused": (REQUESTED, event("refused")),
    "lapsed": (REQUESTED, event("lapsed")),
    "withdrawn": (*GIVEN, *GONE, event("withdrawn")),
    "invalidated": (*GIVEN, event("invalidated")),
}


@pytest.mark.parametrize("life", LIVES)
def test_a_receipt_has_the_shape_of_the_guide(life: str) -> None:
    jsonschema_rs.Draft202012Validator(SHAPE).validate(json.loads(json.dumps(receipt(*LIVES[life]).jsonld())))


def mandatory(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field that the shape requires, by its path."""
    schema = SHAPE["$defs"][schema["$ref"].rpartition("/")[2]] | schema if "$ref" in schema else schema
    for name in schema.get("required", ()):
        yield (*path, name)
    for name, inner in schema.get("properties", {}).items():
        yield from mandatory(inner, (*path, name))


@each_row("path", list(mandatory(SHAPE)), ids="/".join)
def test_no_mandatory_field_can_be_left_out(path: tuple[str, ...]) -> None:
    """The shape would notice: it is not satisfied by anything."""
    data = copy.deepcopy(receipt().jsonld())
    place = data
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    assert not jsonschema_rs.Draft202012Validator(SHAPE).is_valid(data)


@pytest.mark.parametrize(
    ("life", "statuses"),
    [
        ("requested", ["dpv:ConsentRequested"]),
        ("given", ["dpv:ConsentRequested", "dpv:ConsentRequested", "dpv:ConsentGiven"]),
        ("refused", ["dpv:ConsentRequested", "dpv:ConsentRefused"]),
        ("lapsed", ["dpv:ConsentRequested", "dpv:ConsentRequestDeferred"]),
        (
            "withdrawn",
            ["dpv:ConsentRequested"] * 2 + ["dpv:ConsentGiven", "dpv:ConsentWithdrawn", "dpv:ConsentWithdrawn"],
        ),
        (
            "invalidated",
            ["dpv:ConsentRequested", "dpv:ConsentRequested", "dpv:ConsentGiven", "dpv:ConsentInvalidated"],
        ),
    ],
)
def test_each_state_has_its_word(life: str, statuses: list[str]) -> None:
    assert [one["@type"][0] for one in record(receipt(*LIVES[life]))["dpv:hasConsentStatus"]] == statuses


def test_every_word_is_known_to_the_shape() -> None:
    assert set(STATUSES.values()) <= set(SHAPE["$defs"]["status"]["enum"])


def last_status(one: Receipt) -> dict[str, Any]:
    found: dict[str, Any] = record(one)["dpv:hasConsentStatus"][-1]
    return found


def test_consent_that_ended_says_so_without_an_event() -> None:
    ended = last_status(receipt(now=END))
    assert (ended["@type"][0], ended["dpv:isIndicatedAtTime"]) == ("dpv:ConsentExpired", format_time(END))


def test_consent_that_ended_says_so_once() -> None:
    ended = receipt(*GIVEN, event("expired", END), now=END)
    types = [one["tc:event"] for one in record(ended)["dpv:hasConsentStatus"]]
    assert types.count("expired") == 1


@pytest.mark.parametrize(
    ("events", "by"),
    [
        (GIVEN, "dpv:DataSubject"),
        ((*GIVEN, event("withdrawing")), "dpv:DataSubject"),
        ((*GIVEN, event("withdrawing", requested_by="controller")), "urn:tavus-consent:controller"),
        ((REQUESTED,), "urn:tavus-consent:controller"),
    ],
)
def test_it_is_said_who_acted(events: tuple[EventDraft, ...], by: str) -> None:
    assert last_status(receipt(*events))["dpv:isIndicatedBy"] == {"@id": by}


def test_parties_have_their_roles() -> None:
    one = record(receipt())
    assert (one["dpv:hasDataSubject"]["schema:name"], one["dpv:hasDataController"]["schema:name"]) == (
        NAME,
        "Example GmbH",
    )
    assert one["dpv:hasDataProcessor"]["schema:name"] == "Tavus"


def test_the_statement_is_quoted_whole() -> None:
    assert record(receipt())["tc:statement"]["rdf:value"] == STATEMENT.render(NAME)


def test_every_check_is_shown_with_its_limits() -> None:
    one = record(receipt())
    (check,) = one["tc:check"]
    assert (check["tc:verdict"], check["tc:name_score"], check["tc:engine"]) == ("PASS", 1.0, "text")
    assert one["tc:limits"][0] == LIMITS


def test_replicas_are_shown_with_what_became_of_them() -> None:
    assert record(receipt(*GIVEN, *GONE))["tc:replica"] == [{"dct:identifier": "r1", "tc:deleted": True}]


def test_the_hashes_of_statement_and_recording_are_shown() -> None:
    one = record(receipt())
    statement = hashlib.sha256(STATEMENT.render(NAME).encode()).hexdigest()
    assert one["tc:statement"]["tc:sha256"] == statement
    assert one["tc:recording"] == [
        {"dct:date": format_time(NOW), "tc:where": "consent_video", "tc:sha256": "a" * 64},
    ]
    text = receipt().text()
    assert f"SHA-256 {statement}\nThe recording of it: SHA-256 {'a' * 64}\n" in text


def test_a_recording_that_was_not_read_has_no_hash() -> None:
    unread = receipt(REQUESTED, event("recorded", where="consent_video"))
    assert record(unread)["tc:recording"][0]["tc:sha256"] == NOT_STATED
    assert "The recording of it: SHA-256 not stated\n" in unread.text()


def test_without_a_recording_none_is_shown() -> None:
    asked = receipt(REQUESTED)
    assert record(asked)["tc:recording"] == []
    assert "The recording of it" not in asked.text()


@pytest.mark.parametrize(("adult", "shown"), [(True, "yes"), (False, "no"), (None, "not stated")])
def test_the_age_is_shown_as_stated(adult: bool | None, shown: str) -> None:
    one = receipt(terms=attrs.evolve(TERMS, adult=adult))
    assert record(one)["dpv:hasDataSubject"]["tc:adult"] == (NOT_STATED if adult is None else adult)
    assert f"- Of age: {shown}\n" in one.text()


def personal_data(one: Receipt) -> dict[str, Any]:
    (biometric,) = (
        data for data in record(one)["dpv:hasProcess"]["dpv:hasPersonalData"] if "pd:Biometric" in data["@type"]
    )
    found: dict[str, Any] = biometric
    return found


def test_biometric_data_have_their_category() -> None:
    one = receipt()
    assert one.jsonld()["@context"]["pd"] == "https://w3id.org/dpv/pd#"
    kinds = [data["@type"] for data in record(one)["dpv:hasProcess"]["dpv:hasPersonalData"]]
    assert kinds[0] == ["dpv:PersonalData", "pd:Name"]
    assert personal_data(one)["dct:description"] == "a model of your face"
    assert "- Derived from the recordings: a model of your face\n- How long that is stored: three years\n" in one.text()


def test_biometric_data_that_nobody_told_of_are_not_stated() -> None:
    one = receipt(terms=attrs.evolve(TERMS, biometric_notice=None))
    (stored,) = personal_data(one)["dpv:hasStorageCondition"]
    assert (personal_data(one)["dct:description"], stored["dpv:hasDuration"]["rdf:value"]) == (NOT_STATED, NOT_STATED)
    jsonschema_rs.Draft202012Validator(SHAPE).validate(one.jsonld())


def test_the_rights_say_where_they_are_exercised() -> None:
    rights = {one["dct:identifier"]: one["dpv:isExercisedAt"] for one in record(receipt())["dpv:hasRight"]}
    assert rights == {
        "withdraw": "https://app.example/withdraw",
        **dict.fromkeys(("access", "correct", "erase", "complain"), "privacy@app.example"),
    }
    bare = record(receipt(controller=Controller(name="Example GmbH")))["dpv:hasRight"]
    assert {one["dpv:isExercisedAt"] for one in bare} == {NOT_STATED}


def test_the_notice_is_shown_with_version_and_hash() -> None:
    notice = ConsentNotice("First line.\nSecond\u202e line.", version="3", language="de")
    one = receipt(terms=attrs.evolve(TERMS, notice=notice))
    told = record(one)["dpv:hasNotice"]
    assert (told["tc:version"], told["tc:sha256"], told["dct:language"]) == ("3", notice.sha256, "de")
    assert told["rdf:value"] == notice.text
    assert f"- Privacy notice: https://app.example/privacy, version 3, SHA-256 {notice.sha256}\n" in one.text()
    assert one.text().endswith("The privacy notice that you were shown\nFirst line.\nSecond line.\n")
    jsonschema_rs.Draft202012Validator(SHAPE).validate(one.jsonld())


def test_a_notice_without_version_or_address_says_so() -> None:
    notice = ConsentNotice("A notice.")
    one = receipt(
        terms=attrs.evolve(TERMS, notice=notice, notice_url=None), controller=attrs.evolve(CONTROLLER, notice_url=None)
    )
    assert record(one)["dpv:hasNotice"]["tc:version"] == record(one)["dpv:hasNotice"]["schema:url"] == NOT_STATED
    assert f"- Privacy notice: version not stated, SHA-256 {notice.sha256}\n" in one.text()
    assert one.missing == ()


def test_a_notice_that_was_not_stored_has_no_hash() -> None:
    told = record(receipt())["dpv:hasNotice"]
    assert (told["tc:version"], told["tc:sha256"], "rdf:value" in told) == (NOT_STATED, NOT_STATED, False)


def test_the_retention_of_the_record_counts() -> None:
    one = receipt(
        terms=attrs.evolve(TERMS, retention=timedelta(days=90)), controller=attrs.evolve(CONTROLLER, retention=None)
    )
    assert one.missing == ()
    stored = record(one)["dpv:hasProcess"]["dpv:hasStorageCondition"][1]
    assert stored["dpv:hasDuration"]["rdf:value"] == "90 days after the consent has ended"
    assert "Retention period: 90 days after the consent has ended\n" in one.text()
    assert "Speicherdauer: 90 Tage nach dem Ende der Einwilligung\n" in one.text("de")


def test_a_renewal_says_so() -> None:
    one = receipt(event("requested", expires_at=format_time(END), renews="rec-1"))
    assert record(one)["tc:renews"] == ["urn:tavus-consent:record:rec-1"]
    assert "This consent renews the one of record rec-1.\n" in one.text()


def test_the_ledger_can_be_held_to_it() -> None:
    assert record(receipt())["tc:ledger"] == {"tc:size": 12, "tc:head": "c" * 64}


# what the controller did not say


def test_a_controller_who_says_everything_misses_nothing() -> None:
    assert receipt().missing == ()


def test_what_was_not_stated_is_named() -> None:
    bare = receipt(controller=Controller(name="Example GmbH"), terms=attrs.evolve(TERMS, notice_url=None))
    assert bare.missing == (
        "address",
        "contact",
        "jurisdiction",
        "storage_locations",
        "retention",
        "withdraw_at",
        "notice_url",
        "processor.address",
        "processor.contact",
    )


def test_a_controller_without_a_name_misses_it() -> None:
    nameless = attrs.evolve(CONTROLLER, name=NOT_STATED, processor=attrs.evolve(CONTROLLER.processor, name=NOT_STATED))
    assert receipt(controller=nameless).missing == ("name", "processor.name")


def test_what_was_not_stated_is_called_that() -> None:
    bare = receipt(controller=Controller(name="Example GmbH"))
    jsonschema_rs.Draft202012Validator(SHAPE).validate(bare.jsonld())
    assert record(bare)["dpv:hasConsentControl"]["dpv:isExercisedAt"] == NOT_STATED


def test_the_controllers_notice_serves_where_the_record_has_none() -> None:
    terms = attrs.evolve(TERMS, notice_url=None, intended_uses=())
    one = receipt(terms=terms, controller=attrs.evolve(CONTROLLER, notice_url="https://app.example/all"))
    assert record(one)["dpv:hasNotice"]["schema:url"] == "https://app.example/all"
    assert "notice_url" not in one.missing


def test_without_uses_the_statement_is_the_purpose() -> None:
    one = receipt(terms=attrs.evolve(TERMS, intended_uses=()))
    (purpose,) = record(one)["dpv:hasProcess"]["dpv:hasPurpose"]
    assert "beyond those in the statement" in purpose["dct:description"]
    assert "Not stated: no uses were named" in one.text()
    assert one.missing == ("intended_uses",)


# nobody to give it to


@pytest.mark.parametrize("events", [(event("attestation"),), (REQUESTED, event("erased"))])
def test_without_a_person_there_is_no_receipt(events: tuple[EventDraft, ...]) -> None:
    with pytest.raises(InvalidRequestError, match="no person"):
        receipt(*events, terms=None if len(events) == 2 else TERMS)


# text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_says_everything_a_person_asks(language: str) -> None:
    text = receipt().text(language)
    expected = [
        STATEMENT.render(NAME),
        "Example GmbH, Example Street 1, Berlin, privacy@app.example",
        "Tavus, Example Avenue 2",
        "https://app.example/privacy",
        "- onboarding videos\n",
        "2027-05-23 12:00 UTC",
        "https://app.example/withdraw",
        "- r1\n",
        "PASS",
        "1.00",
        "12",
        "c" * 64,
        f"{TEXTS[language].age}: {TEXTS[language].ages['True']}\n",
        *TEXTS[language].rights_are.values(),
        "a model of your face",
        TEXTS[language].limits_are,
        TEXTS[language].sound_alike,
    ]
    assert [one for one in expected if one not in text] == []


def test_the_english_limits_are_the_ones_of_the_package() -> None:
    assert LIMITS in receipt().text("en")


def test_the_languages_are_these() -> None:
    assert LANGUAGES == ("en", "de", "es", "fr")


def test_another_language_is_refused() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        receipt().text("it")
    assert caught.value.field == "language"


def flat(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in attrs.asdict(TEXTS[language]).items():
        inner = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}.{key}": text for key, text in inner.items()}
    return found


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_translation_has_the_same_places_to_fill(language: str) -> None:
    def places(text: str) -> list[str]:
        return sorted(word.partition("}")[0] for word in text.split("{")[1:])

    english, other = flat("en"), flat(language)
    assert {name: places(text) for name, text in other.items()} == {
        name: places(text) for name, text in english.items()
    }


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_nothing_was_left_untranslated(language: str) -> None:
    assert [name for name, text in flat(language).items() if text == flat("en")[name]] in ([], ["check."])


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_value_that_is_not_stated_is_said_in_the_language_of_the_text(language: str) -> None:
    """A record that names no one who asked gets a controller whose name is :data:`NOT_STATED`."""
    nameless = Controller(name=NOT_STATED, processor=Party(name=NOT_STATED))
    text = receipt(controller=nameless, terms=attrs.evolve(TERMS, notice_url=None)).text(language)
    words = TEXTS[language]
    assert NOT_STATED not in text
    for title in (words.controller, words.processor):
        assert f"{title}: {words.not_stated}, {words.no_address}, {words.no_contact}\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_sentence(language: str) -> None:
    without = {State.NONE, State.ERASED, State.ATTESTED, State.BYPASSED, State.KEYED, State.UNSOUND}
    assert set(TEXTS[language].states) == {str(state) for state in State if state not in without}


@pytest.mark.parametrize("life", LIVES)
def test_every_state_can_be_written(life: str) -> None:
    assert TEXTS["en"].states[life].partition("{")[0] in receipt(*LIVES[life]).text()


def test_a_deleted_replica_is_called_that() -> None:
    assert "- r1 (deleted)\n" in receipt(*GIVEN, *GONE).text()


def test_without_checks_and_ledger_the_text_says_so() -> None:
    text = receipt(REQUESTED, ledger_size=None, ledger_head=None).text()
    assert "No speech recognizer has checked the recording." in text
    assert "No ledger was kept." in text
    assert "None yet." in text


def test_consent_that_counts_no_more_is_asked_for_again() -> None:
    """A text that was supplied counted as heard in early releases."""
    supplied = event("verification", **CODES)
    one = receipt(REQUESTED, RECORDED, supplied, event("given", basis="verified"), event("bound", replica_id="r1"))
    statuses = [status["@type"][0] for status in record(one)["dpv:hasConsentStatus"]]
    assert statuses[-2:] == ["dpv:ConsentGiven", "dpv:ConsentRequested"]
    assert "a person has to review it first" in one.text()


def test_a_check_without_a_score_has_none() -> None:
    unheard = event("verification", **match_statement(None, NAME).codes())
    assert (
        "UNUSABLE - the recording was not transcribed, and no usable text was supplied (-)\n"
        in receipt(REQUESTED, RECORDED, unheard).text()
    )


def test_what_users_write_stays_in_its_line() -> None:
    assert "- support videos\n" in receipt().text()


def test_its_codes_may_stand_in_the_ledger() -> None:
    issued = event("receipt_issued", **receipt().codes())
    assert issued.type == EventType.RECEIPT_ISSUED
    assert issued.to_dict()["payload"]["size"] == 12
