"""Events that more than one step of the gate writes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from tavus_consent.consent._blinds import FOUND_BY
from tavus_consent.consent.attempt import Attempt
from tavus_consent.consent.events import EventType
from tavus_consent.consent.persons import Person, Recording
from tavus_consent.consent.record import ConsentTerms, ConsentVideo

from .protection import person_of
from .record_log import Entry

if TYPE_CHECKING:
    from tavus_consent.preflight.speech import Hearing


def requested(terms: ConsentTerms, renews: str | None = None) -> Entry:
    """Return the event that begins a record, perhaps one that renews another."""
    return Entry(
        EventType.REQUESTED,
        terms.codes() if renews is None else {**terms.codes(), "renews": renews},
        {"terms": ("terms", terms.to_json())},
        marks=person_of(terms).marks(is_minor=terms.adult is False),
    )


def recorded(recording: ConsentVideo, known_by: Recording, person: Person | str) -> Entry:
    """Return the event that adds a recording of a person."""
    return Entry(
        EventType.RECORDED,
        {**recording.codes(), FOUND_BY: known_by.link},
        {"link": ("link", recording.url.encode())},
        named={"recording": recording.address.encode()},
        marks=known_by.marks("recording", person),
    )


def attempt_of(heard: Hearing, at: datetime) -> Attempt:
    """Return the words that a preflight heard as an attempt."""
    return Attempt(attempt_id=uuid.uuid4().hex, at=at, match=heard.match, transcript=heard.transcript, source="heard")


def attempted(attempt: Attempt, sha256: str | None) -> Entry:
    """Return the event that stores an attempt."""
    return Entry(EventType.VERIFICATION, attempt.codes(sha256=sha256), {"heard": ("attempt", attempt.to_json())})
