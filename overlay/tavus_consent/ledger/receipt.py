"""The receipt for the person: the statement, the parties, the uses, the expiry, and how to withdraw. Pure.

As JSON-LD it is a ``dpv:ConsentReceipt`` around a ``dpv:ConsentRecord``, with every mandatory field of a W3C guide. The
guide comes from the Data Privacy Vocabularies and Controls Community Group and applies ISO/IEC TS 27560:2023
(https://w3id.org/dpv/guides/consent-27560, final report of 2024-08-01). The prefix ``tc`` holds the data without a term
in that vocabulary: the statement, the checks, the replicas, the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import field, fields, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.consent.checks import Check, check_of, is_named, judged, source_of
from tavus_consent.consent.events import EventDraft, EventType, format_time
from tavus_consent.consent.matching import SOUND_ALIKE
from tavus_consent.consent.record import ConsentRecord, ConsentTerms
from tavus_consent.consent.statement import LIMITS, STATEMENT
from tavus_consent.consent.states import State
from tavus_consent.errors import InvalidRequestError

from ._receipt_made import made_jsonld, made_lines
from ._receipt_parts import (
    SUBJECT,
    address,
    block,
    day,
    hash_line,
    kept,
    notice,
    notice_line,
    party,
    personal_data,
    recordings,
    rights,
)
from ._receipt_texts import TEXTS
from ._receipt_words import Texts
from .parties import NOT_STATED, Controller, Party, not_stated

LANGUAGES: Final = tuple(TEXTS)
_SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560"
_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "pd": "https://w3id.org/dpv/pd#",
    "schema": "https://schema.org/",
    "tc": "urn:tavus-consent:terms:",
}
# The person speaks the statement, and it covers nothing else: the guide's "explicitly expressed".
_CONSENT_TYPE: Final = "dpv:ExplicitlyExpressedConsent"
_CONTROLLER: Final = "urn:tavus-consent:controller"
_PROCESSOR: Final = "urn:tavus-consent:processor"
_SPOKEN: Final = frozenset({EventType.RECORDED, EventType.GIVEN})
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
        """The mandatory fields of ISO/IEC TS 27560 that were not stated, as arguments of this package."""
        mine = not_stated(self.controller, (one.name for one in fields(Controller) if one.name != "processor"))
        theirs = not_stated(self.controller.processor, (one.name for one in fields(Party)))
        of_request = () if self._terms.intended_uses else ("intended_uses",)
        names = (*mine, *(f"processor.{name}" for name in theirs), *of_request)
        stated = {
            "notice_url": self._notice_url is not None or self._terms.notice is not None,
            "retention": self._terms.retention is not None,
        }
        return tuple(name for name in names if not stated.get(name))

    @property
    def _terms(self) -> ConsentTerms:
        return cast("ConsentTerms", self.record.terms)  # checked when the receipt was created

    @property
    def _notice_url(self) -> str | None:
        """The address of the privacy notice; ``None`` if it is not stated."""
        return self._terms.notice_url or self.controller.notice_url

    @property
    def _statement_sha256(self) -> str:
        return hashlib.sha256(self.record.statement.encode()).hexdigest()

    @property
    def _end(self) -> datetime:
        return self.record.state.expires_at or self._terms.expires_at

    def _retention(self, words: Texts) -> str | None:
        """Return how long the evidence is kept; ``None`` if it is not stated."""
        if self._terms.retention is None:
            return self.controller.retention
        return words.retention_is.format(days=f"{self._terms.retention / timedelta(days=1):g}")

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
            "dct:audience": SUBJECT,
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
                "@type": SUBJECT,
                "dct:identifier": state.subject_ref,
                "schema:name": self._terms.full_name,
                "tc:adult": NOT_STATED if self._terms.adult is None else self._terms.adult,
            },
            "dpv:hasDataController": party(controller, _CONTROLLER, "dpv:DataController"),
            "dpv:hasDataProcessor": party(controller.processor, _PROCESSOR, "dpv:DataProcessor"),
            "dpv:hasJurisdiction": controller.jurisdiction or NOT_STATED,
            "dpv:hasProcess": self._process(),
            "dpv:hasNotice": notice(self._terms, self._notice_url),
            "dpv:hasConsentControl": {
                "@type": "dpv:WithdrawConsent",
                "dpv:isExercisedAt": controller.withdraw_at or NOT_STATED,
            },
            "dpv:hasRight": list(rights(controller, TEXTS["en"])),
            "dpv:hasConsentStatus": list(self._statuses()),
            "tc:statement": {
                "dct:identifier": self._terms.template_id,
                "tc:version": self._terms.template_version,
                "dct:language": STATEMENT.language,
                "rdf:value": self.record.statement,
                "tc:sha256": self._statement_sha256,
            },
            "tc:recording": recordings(state.evidence),
            "tc:check": list(self._checks()),
            "tc:limits": [LIMITS, SOUND_ALIKE],
            **made_jsonld(state, self.events),
            "tc:renews": [f"urn:tavus-consent:record:{state.renews}"] if state.renews else [],
            "tc:ledger": {"tc:size": self.ledger_size, "tc:head": self.ledger_head},
        }

    def _process(self) -> dict[str, Any]:
        controller = self.controller
        purposes = self._terms.intended_uses or (TEXTS["en"].no_uses,)
        return {
            "@type": "dpv:Process",
            "dpv:hasPurpose": [{"@type": "dpv:Purpose", "dct:description": use} for use in purposes],
            "dpv:hasLegalBasis": _CONSENT_TYPE,
            "dpv:hasPersonalData": list(personal_data(self._terms)),
            "dpv:hasRecipient": [{"@id": _CONTROLLER}, {"@id": _PROCESSOR}],
            "dpv:hasStorageCondition": [
                {"@type": "dpv:StorageLocation", "dpv:hasLocation": list(controller.storage_locations) or [NOT_STATED]},
                kept(self._retention(TEXTS["en"])),
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
            yield self._status(event.type, event.at, SUBJECT if by_person else _CONTROLLER)
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
        controller, state, terms = self.controller, self.record.state, self._terms
        unknown = words.not_stated
        yield words.title.upper()
        yield words.number.format(receipt=self.receipt_id, at=day(self.created_at), record=state.record_id)
        yield from block(words.said, [f'"{self.record.statement}"'], bullet="")
        yield words.said_in.format(template=terms.template_id, version=terms.template_version)
        yield f"SHA-256 {self._statement_sha256}"
        if state.evidence is not None:
            yield f"{words.recording}: {hash_line(state.evidence.sha256, words)}"
        since, withdrawn = (day(at) if at else "-" for at in (state.given_at, state.withdrawn_at))
        standing = [words.states[str(state.state)].format(at=since, withdrawn=withdrawn)]
        if state.renews is not None:
            standing.append(words.renews.format(record=state.renews))
        yield from block(words.standing, standing, bullet="")
        where = ", ".join(controller.storage_locations) or unknown
        yield from block(
            words.parties,
            [
                f"{words.subject}: {terms.full_name}",
                f"{words.age}: {unknown if terms.adult is None else words.ages[str(terms.adult)]}",
                f"{words.controller}: {address(controller, words)}",
                f"{words.processor}: {address(controller.processor, words)}",
                f"{words.notice}: {notice_line(terms, self._notice_url, words)}",
                words.kept.format(where=where, retention=self._retention(words) or unknown),
            ],
        )
        yield from block(words.uses, terms.intended_uses or [words.no_uses])
        yield words.uses_given
        told = terms.biometric_notice
        derived = words.derived.format(derived=told.derived if told else unknown)
        yield from block(words.biometric, [derived, words.derived_kept.format(kept=told.kept if told else unknown)])
        yield from block(words.until, [words.until_is.format(at=day(self._end))], bullet="")
        yield from block(words.withdraw, [words.withdraw_is.format(where=controller.withdraw_at or unknown)], bullet="")
        yield from block(words.rights, words.rights_are.values())
        yield words.rights_depend
        made = made_lines(state, self.events, words)
        yield from block(words.replicas, made or [words.no_replicas])
        yield from block(words.checks, [self._check(one, words) for one in self._checks()] or [words.no_checks])
        proof = words.no_ledger
        if self.ledger_head is not None:
            proof = words.proof_is.format(size=self.ledger_size, hash=self.ledger_head)
        yield from block(words.proof, [proof], bullet="")
        yield from block(words.limits, [words.limits_are, words.sound_alike])
        if terms.notice is not None:
            yield from block(words.notice_text, terms.notice.text.splitlines(), bullet="")

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
