"""The receipt for the person: the statement, the parties, the uses, the expiry, and how to withdraw. Pure.

As JSON-LD it is a ``dpv:ConsentReceipt`` around a ``dpv:ConsentRecord``, with every mandatory field of a W3C guide. The
guide comes from the Data Privacy Vocabularies and Controls Community Group and applies ISO/IEC TS 27560:2023
(https://w3id.org/dpv/guides/consent-27560, final report of 2024-08-01). The prefix ``tc`` holds the data without a term
in that vocabulary: the statement, the checks, the replicas, the ledger.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

from attrs import field, fields, frozen

from tavus_consent._arguments import check_list, check_str, check_type, valid
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import hide
from tavus_consent.consent.checks import Check, check_of, is_named, judged, source_of
from tavus_consent.consent.events import EventDraft, EventType, format_time
from tavus_consent.consent.matching import SOUND_ALIKE
from tavus_consent.consent.record import ConsentRecord, ConsentTerms
from tavus_consent.consent.statement import LIMITS, STATEMENT
from tavus_consent.consent.states import State
from tavus_consent.errors import InvalidRequestError

from ._receipt_texts import TEXTS, Texts

LANGUAGES: Final = tuple(TEXTS)
NOT_STATED: Final = "not stated"
_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560"
_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "tc": "urn:tavus-consent:terms:",
}
# The person speaks the statement, and it covers nothing else: the guide's "explicitly expressed".
_CONSENT_TYPE: Final = "dpv:ExplicitlyExpressedConsent"
_SUBJECT: Final = "dpv:DataSubject"
_CONTROLLER: Final = "urn:tavus-consent:controller"
_PROCESSOR: Final = "urn:tavus-consent:processor"
_SPOKEN: Final = frozenset({EventType.RECORDED, EventType.GIVEN})
_UNPRINTABLE: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
STATUSES: Final[Mapping[EventType, str]] = {
    EventType.REQUESTED: "dpv:ConsentRequested",
    EventType.RECORDED: "dpv:ConsentRequested",
    EventType.REVIEW: "dpv:ConsentRequested",
    EventType.GIVEN: "dpv:ConsentGiven",
    EventType.REFUSED: "dpv:ConsentRefused",
    EventType.LAPSED: "dpv:ConsentRequestDeferred",  # no decision was made
    EventType.EXPIRED: "dpv:ConsentExpired",
    EventType.WITHDRAWING: "dpv:ConsentWithdrawn",
    EventType.WITHDRAWN: "dpv:ConsentWithdrawn",
    EventType.INVALIDATED: "dpv:ConsentInvalidated",
}
"""The vocabulary's term for each event that changes the consent."""
_BY_THE_PERSON: Final = frozenset({EventType.RECORDED, EventType.GIVEN, EventType.REFUSED})


_OPTIONAL: Final[Any] = field(default=None, validator=valid(check_str, optional=True))
_OPTIONAL_HIDDEN: Final[Any] = field(default=None, validator=valid(check_str, optional=True), repr=hide)


def _places(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(check_str(one, "storage_locations") for one in check_list(value, "storage_locations"))


@hides_locals
@frozen(kw_only=True)
class Party:
    """A party that processes the person's data.

    ISO/IEC TS 27560 requires name, address and contact of each party. The receipt marks a missing value as "not
    stated".

    Attributes:
        name: Their name.
        address: Postal address.
        contact: How a person reaches them: an e-mail address, a link, a telephone number.
    """

    name: str = field(validator=valid(check_str), repr=hide)
    address: str | None = _OPTIONAL_HIDDEN
    contact: str | None = _OPTIONAL_HIDDEN


@hides_locals
@frozen(kw_only=True)
class Controller(Party):
    """The controller: the party that asks for the consent and is responsible for the data.

    Attributes:
        jurisdiction: Their jurisdiction, such as ``"DE"``.
        storage_locations: The places where the recordings and the ledger are stored.
        retention: The retention period, in a sentence.
        withdraw_at: Where and how to withdraw consent: a link, an address.
        notice_url: The privacy notice for records without their own.
        processor: The party that creates the replica; Tavus by default.
    """

    jurisdiction: str | None = _OPTIONAL
    storage_locations: tuple[str, ...] = field(default=(), converter=_places)
    retention: str | None = _OPTIONAL
    withdraw_at: str | None = _OPTIONAL
    notice_url: str | None = _OPTIONAL
    processor: Party = field(default=Party(name="Tavus"), validator=valid(check_type, types=Party, takes="a Party"))


def _events(events: Iterable[EventDraft]) -> tuple[EventDraft, ...]:
    return tuple(events)


@hides_locals
@frozen(kw_only=True)
class Receipt:
    """A receipt as of one moment.

    Args:
        receipt_id: Its id, a UUID.
        created_at: The time of writing, with a time zone.
        record: The record.
        events: Every event of the record.
        controller: The controller.
        ledger_size: The number of events in the whole ledger, or ``None`` without a ledger.
        ledger_head: The hash of the last event.
        language: The language of :meth:`text`: ``en``, ``de``, ``es`` or ``fr``.

    Raises:
        InvalidRequestError: The language is unknown, or no person can get the receipt: the person was erased, or no
            real person is shown.
    """

    receipt_id: str
    created_at: datetime
    record: ConsentRecord
    events: tuple[EventDraft, ...] = field(converter=_events, repr=False)
    controller: Controller
    ledger_size: int | None = None
    ledger_head: str | None = None
    language: str = field(default="en")

    @language.validator
    def _check_language(self, _attribute: object, value: str) -> None:
        if not isinstance(value, str) or value not in TEXTS:
            raise InvalidRequestError(f"language: one of {', '.join(LANGUAGES)}", field="language")

    def __attrs_post_init__(self) -> None:
        if self.record.terms is None or self.record.status is State.ATTESTED:
            raise InvalidRequestError("the record has no person who could get a receipt", field="record")

    @property
    def missing(self) -> tuple[str, ...]:
        """The mandatory fields of ISO/IEC TS 27560 that the controller did not state, as arguments of this package."""
        mine = [
            one.name for one in fields(Controller) if one.name != "processor" and not getattr(self.controller, one.name)
        ]
        theirs = [f"processor.{one.name}" for one in fields(Party) if not getattr(self.controller.processor, one.name)]
        return tuple(name for name in (*mine, *theirs) if name != "notice_url" or not self._notice)

    @property
    def _terms(self) -> ConsentTerms:
        return cast("ConsentTerms", self.record.terms)  # checked when the receipt was created

    @property
    def _notice(self) -> str | None:
        return self._terms.notice_url or self.controller.notice_url

    @property
    def _end(self) -> datetime:
        return self.record.state.expires_at or self._terms.expires_at

    def codes(self) -> dict[str, Any]:
        """Return the part of the receipt that may be written to the ledger."""
        return {"receipt": self.receipt_id, "size": self.ledger_size, "head": self.ledger_head}

    def jsonld(self) -> dict[str, Any]:
        """Return the receipt as JSON-LD. It contains the person's name and is meant for them."""
        return {
            "@context": dict(_CONTEXT),
            "@id": f"urn:uuid:{self.receipt_id}",
            "@type": "dpv:ConsentReceipt",
            "dpv:hasIdentifier": self.receipt_id,
            "dct:conformsTo": f"{_SCHEMA}#receipt",
            "dct:created": format_time(self.created_at),
            "dct:publisher": {"@id": _CONTROLLER},
            "dct:audience": _SUBJECT,
            "dct:description": LIMITS,
            "dpv:hasRecordOfActivity": self._record(),
        }

    def _record(self) -> dict[str, Any]:
        controller = self.controller
        state = self.record.state
        return {
            "@id": f"urn:tavus-consent:record:{state.record_id}",
            "@type": "dpv:ConsentRecord",
            "dct:identifier": state.record_id,
            "dct:conformsTo": f"{_SCHEMA}#record",
            "dpv:hasDataSubject": {
                "@id": f"urn:tavus-consent:subject:{state.subject_ref}",
                "@type": _SUBJECT,
                "dct:identifier": state.subject_ref,
                "schema:name": self._terms.full_name,
            },
            "dpv:hasDataController": _party(controller, _CONTROLLER, "dpv:DataController"),
            "dpv:hasDataProcessor": _party(controller.processor, _PROCESSOR, "dpv:DataProcessor"),
            "dpv:hasJurisdiction": controller.jurisdiction or NOT_STATED,
            "dpv:hasProcess": self._process(),
            "dpv:hasNotice": {
                "@type": "dpv:ConsentNotice",
                "schema:url": self._notice or NOT_STATED,
                "dct:language": STATEMENT.language,
            },
            "dpv:hasConsentControl": {
                "@type": "dpv:WithdrawConsent",
                "dpv:isExercisedAt": controller.withdraw_at or NOT_STATED,
            },
            "dpv:hasConsentStatus": list(self._statuses()),
            "tc:statement": {
                "dct:identifier": self._terms.template_id,
                "tc:version": self._terms.template_version,
                "dct:language": STATEMENT.language,
                "rdf:value": self.record.statement,
            },
            "tc:check": list(self._checks()),
            "tc:limits": [LIMITS, SOUND_ALIKE],
            "tc:replica": [{"dct:identifier": one, "tc:deleted": one in state.removed} for one in state.replicas],
            "tc:ledger": {"tc:size": self.ledger_size, "tc:head": self.ledger_head},
        }

    def _process(self) -> dict[str, Any]:
        controller = self.controller
        purposes = self._terms.intended_uses or (TEXTS["en"].no_uses,)
        return {
            "@type": "dpv:Process",
            "dpv:hasPurpose": [{"@type": "dpv:Purpose", "dct:description": use} for use in purposes],
            "dpv:hasLegalBasis": _CONSENT_TYPE,
            "dpv:hasPersonalData": [
                {"@type": "dpv:PersonalData", "dct:title": title, "dpv:hasDataSource": _SUBJECT}
                for title in ("Name", "Video of face and body", "Recording of the voice")
            ],
            "dpv:hasRecipient": [{"@id": _CONTROLLER}, {"@id": _PROCESSOR}],
            "dpv:hasStorageCondition": [
                {"@type": "dpv:StorageLocation", "dpv:hasLocation": list(controller.storage_locations) or [NOT_STATED]},
                {
                    "@type": "dpv:StorageDuration",
                    "dpv:hasDuration": {
                        "@type": "dpv:UntilEventDuration",
                        "rdf:value": controller.retention or NOT_STATED,
                    },
                },
            ],
        }

    def _statuses(self) -> Iterator[dict[str, Any]]:
        withdrawn = False
        seen: set[str] = set()
        for event in self.events:
            if event.type not in STATUSES or (withdrawn and event.type == EventType.WITHDRAWING):
                continue  # a withdrawal has several events but one status
            withdrawn = withdrawn or event.type == EventType.WITHDRAWING
            seen.add(event.type)
            by_person = event.type in _BY_THE_PERSON or (
                event.type == EventType.WITHDRAWING and event.payload.get("requested_by", "subject") == "subject"
            )
            yield self._status(event.type, event.at, _SUBJECT if by_person else _CONTROLLER)
        if self.record.status is State.EXPIRED and EventType.EXPIRED not in seen:
            yield self._status(EventType.EXPIRED, self._end, _CONTROLLER)
        if self.record.state.is_suspended:
            yield self._status(EventType.REVIEW, self.created_at, _CONTROLLER)

    def _status(self, type_: str, at: datetime, by: str) -> dict[str, Any]:
        return {
            "@type": [STATUSES[EventType(type_)], _CONSENT_TYPE],
            "dpv:isIndicatedBy": {"@id": by},
            "dpv:isIndicatedAtTime": format_time(at),
            "dpv:hasIndicationMethod": "statement spoken on video" if type_ in _SPOKEN else "entry in the ledger",
            "dpv:hasDuration": {"@type": "dpv:UntilTimeDuration", "rdf:value": format_time(self._end)},
            "tc:event": str(type_),
        }

    def _checks(self) -> Iterator[dict[str, Any]]:
        for event in self.events:
            if event.type == EventType.VERIFICATION:
                known = ("engine", "wording", "words_error", "name_score")
                yield {
                    "dct:date": format_time(event.at),
                    "tc:source": source_of(event.payload),
                    "tc:verdict": str(judged(event.payload)),
                    "tc:check": str(check_of(event.payload)),
                    **{f"tc:{name}": event.payload[name] for name in known if event.payload.get(name) is not None},
                }

    def text(self, language: str | None = None) -> str:
        """Return the receipt as plain text for the person.

        Args:
            language: A language other than the receipt's own. The statement itself is always in English.

        Raises:
            InvalidRequestError: The language is not available.
        """
        language = self.language if language is None else language
        self._check_language(None, language)
        return "\n".join(self._lines(TEXTS[language])) + "\n"

    def _lines(self, words: Texts) -> Iterator[str]:
        controller, state = self.controller, self.record.state
        unknown = words.not_stated
        yield words.title.upper()
        yield words.number.format(receipt=self.receipt_id, at=_day(self.created_at), record=state.record_id)
        yield from _block(words.said, [f'"{self.record.statement}"'], bullet="")
        yield words.said_in.format(template=self._terms.template_id, version=self._terms.template_version)
        since, withdrawn = (_day(at) if at else "-" for at in (state.given_at, state.withdrawn_at))
        standing = words.states[str(state.state)].format(at=since, withdrawn=withdrawn)
        yield from _block(words.standing, [standing], bullet="")
        where = ", ".join(controller.storage_locations) or unknown
        yield from _block(
            words.parties,
            [
                f"{words.subject}: {self._terms.full_name}",
                f"{words.controller}: {_address(controller, words)}",
                f"{words.processor}: {_address(controller.processor, words)}",
                f"{words.notice}: {self._notice or unknown}",
                words.kept.format(where=where, retention=controller.retention or unknown),
            ],
        )
        yield from _block(words.uses, self._terms.intended_uses or [words.no_uses])
        yield words.uses_given
        yield from _block(words.until, [words.until_is.format(at=_day(self._end))], bullet="")
        yield from _block(
            words.withdraw, [words.withdraw_is.format(where=controller.withdraw_at or unknown)], bullet=""
        )
        replicas = [f"{one} ({words.gone})" if one in state.removed else one for one in state.replicas]
        yield from _block(words.replicas, replicas or [words.no_replicas])
        yield from _block(words.checks, [self._check(one, words) for one in self._checks()] or [words.no_checks])
        proof = words.no_ledger
        if self.ledger_head is not None:
            proof = words.proof_is.format(size=self.ledger_size, hash=self.ledger_head)
        yield from _block(words.proof, [proof], bullet="")
        yield from _block(words.limits, [words.limits_are, words.sound_alike])

    @staticmethod
    def _check(check: Mapping[str, Any], words: Texts) -> str:
        verdict, engine = check["tc:verdict"], check.get("tc:engine")
        if check["tc:source"] == "heard":
            said, source = words.verdicts[verdict], words.heard.format(engine=engine or "-")
        else:
            said = words.supplied["UNHEARD" if check["tc:check"] == Check.UNHEARD else verdict]
            source = words.written.format(engine=engine) if is_named(engine) else words.typed
            source = "-" if engine == "none" else source  # there was no text either
        line = words.check.format(at=check["dct:date"][:10], verdict=f"{verdict} - {said}", source=source)
        score = check.get("tc:name_score")
        return line if score is None else f"{line}, {words.name_score.format(score=f'{score:.2f}')}"


def _party(party: Party, identifier: str, role: str) -> dict[str, Any]:
    return {
        "@id": identifier,
        "@type": role,
        "dct:identifier": identifier,
        "schema:name": party.name,
        "schema:address": {"@type": "schema:PostalAddress", "schema:streetAddress": party.address or NOT_STATED},
        "schema:contactPoint": {"@type": "schema:ContactPoint", "schema:description": party.contact or NOT_STATED},
    }


def _address(party: Party, words: Texts) -> str:
    name = words.not_stated if party.name == NOT_STATED else party.name
    return ", ".join((name, party.address or words.no_address, party.contact or words.no_contact))


def _day(at: datetime) -> str:
    return format_time(at)[:16].replace("T", " ") + " UTC"


def _block(title: str, lines: Iterable[str], bullet: str = "- ") -> Iterator[str]:
    yield ""
    yield title
    for line in lines:
        yield _line(f"{bullet}{line}")


def _line(text: str) -> str:
    """Return the text as one line, without characters that break lines or change the text direction."""
    plain = "".join(" " if unicodedata.category(one) in _UNPRINTABLE else one for one in text)
    return " ".join(plain.split())
