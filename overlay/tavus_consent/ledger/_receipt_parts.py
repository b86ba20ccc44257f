"""The parts of a receipt, as JSON-LD and as lines of text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from tavus_consent.consent.events import format_time
from tavus_consent.consent.record import ConsentTerms
from tavus_consent.consent.statement import STATEMENT
from tavus_consent.consent.states import Evidence

from ._receipt_words import Texts
from .parties import NOT_STATED, Controller, Party

SUBJECT: Final = "dpv:DataSubject"
_UNPRINTABLE: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def party(party: Party, identifier: str, role: str) -> dict[str, Any]:
    """Return a party."""
    return {
        "@id": identifier,
        "@type": role,
        "dct:identifier": identifier,
        "schema:name": party.name,
        "schema:address": {"@type": "schema:PostalAddress", "schema:streetAddress": party.address or NOT_STATED},
        "schema:contactPoint": {"@type": "schema:ContactPoint", "schema:description": party.contact or NOT_STATED},
    }


def notice(terms: ConsentTerms, url: str | None) -> dict[str, Any]:
    """Return the privacy notice that the person was shown."""
    shown = terms.notice
    return {
        "@type": "dpv:ConsentNotice",
        "schema:url": url or NOT_STATED,
        "dct:language": STATEMENT.language if shown is None else shown.language,
        "tc:version": (shown and shown.version) or NOT_STATED,
        "tc:sha256": NOT_STATED if shown is None else shown.sha256,
        **({} if shown is None else {"rdf:value": shown.text}),
    }


def recordings(evidence: Evidence | None) -> list[dict[str, Any]]:
    """Return the recording of the statement, if there is one."""
    if evidence is None:
        return []
    sha256 = evidence.sha256 or NOT_STATED
    return [{"dct:date": format_time(evidence.at), "tc:where": evidence.where, "tc:sha256": sha256}]


def personal_data(terms: ConsentTerms) -> Iterator[dict[str, Any]]:
    """Yield the personal data, by category."""
    told = terms.biometric_notice
    for title, *category in (("Name", "pd:Name"), ("Video of face and body",), ("Recording of the voice",)):
        yield {"@type": ["dpv:PersonalData", *category], "dct:title": title, "dpv:hasDataSource": SUBJECT}
    yield {
        "@type": ["dpv:PersonalData", "pd:Biometric"],
        "dct:title": "Biometric data derived from the recordings",
        "dct:description": told.derived if told else NOT_STATED,
        "dpv:hasStorageCondition": [kept(told.kept if told else None)],
    }


def kept(how_long: str | None) -> dict[str, Any]:
    """Return for how long data are stored."""
    return {
        "@type": "dpv:StorageDuration",
        "dpv:hasDuration": {"@type": "dpv:UntilEventDuration", "rdf:value": how_long or NOT_STATED},
    }


def rights(controller: Controller, words: Texts) -> Iterator[dict[str, Any]]:
    """Yield the rights of the person, and where they are exercised."""
    for name, right in words.rights_are.items():
        where = controller.withdraw_at if name == "withdraw" else controller.contact
        yield {
            "@type": ["dpv:DataSubjectRight", "dpv:ActiveRight"],
            "dct:identifier": name,
            "dct:description": right,
            "dpv:isExercisedAt": where or NOT_STATED,
        }


# The text


def hash_line(sha256: str | None, words: Texts) -> str:
    """Return a hash, or that it is not stated."""
    return f"SHA-256 {sha256 or words.not_stated}"


def notice_line(terms: ConsentTerms, url: str | None, words: Texts) -> str:
    """Return what is known of the privacy notice, in one line."""
    known = [] if url is None else [url]
    if terms.notice is not None:
        known.append(words.version.format(version=terms.notice.version or words.not_stated))
        known.append(hash_line(terms.notice.sha256, words))
    return ", ".join(known) or words.not_stated


def address(party: Party, words: Texts) -> str:
    """Return name, address and contact of a party."""
    name = words.not_stated if party.name == NOT_STATED else party.name
    return ", ".join((name, party.address or words.no_address, party.contact or words.no_contact))


def day(at: datetime) -> str:
    """Return a time to the minute."""
    return format_time(at)[:16].replace("T", " ") + " UTC"


def block(title: str, lines: Iterable[str], bullet: str = "- ") -> Iterator[str]:
    """Yield a title and its lines."""
    yield ""
    yield title
    for line in lines:
        yield _line(f"{bullet}{line}")


def _line(text: str) -> str:
    """Return the text as one line, without characters that break lines or change the text direction."""
    plain = "".join(" " if unicodedata.category(one) in _UNPRINTABLE else one for one in text)
    return " ".join(plain.split())
