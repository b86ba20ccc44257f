"""After an erasure by the client, no data of the person remains in the file, its log or its free pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.asked import ASKED, CONTROLLER

from tavus_consent import ConsentVideo
from tavus_consent.consent import STATEMENT
from tavus_consent.ledger import Ledger
from tavus_consent.testing import FakeTavus

from .support import KEY
from .test_erasure import found_in, pieces, spellings, stored

NAME = "Siobhán Ní Shúilleabháin-O'Connor"
LINK = "https://bucket.example/consent-9f3a.mp4?token=5e2c7d-91"
HEARD = STATEMENT.render("Shivon Nee Hooliwan O'Connor")
SECRETS = (
    NAME,
    LINK,
    HEARD,
    "Shivon Nee Hooliwan O'Connor",
    "hr@app.example",
    "It is her voice; I was there.",
    "I regret it.",
)
PLAIN = {spelling for text in SECRETS for spelling in spellings(text)}


def test_no_byte_of_a_person_is_left_who_was_erased(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_CONSENT_KEY", KEY)
    fake = FakeTavus()
    with fake.client(ledger=sqlite_url) as tavus:
        for number in range(3):
            tavus.consents.request(full_name="Rio Alvarez", intended_uses=[f"use {number}"], adult=True)
        record = tavus.consents.request(
            full_name=NAME, spoken_as=["Shivon Nee Hooliwan O'Connor"], attested_by="hr@app.example", **ASKED
        )
        tavus.consents.add_evidence(record, ConsentVideo(LINK))
        attempt = tavus.consents.verify(record, transcript=HEARD.replace("O'Connor", "O'Brian"))
        assert attempt.verdict == "REVIEW"
        tavus.consents.review(record, reviewer="hr@app.example", reason="It is her voice; I was there.")
        tavus.consents.verify(record, transcript=HEARD)
        tavus.consents.receipt(record, controller=CONTROLLER)
        tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=record, replica_name=NAME)
        tavus.consents.withdraw(record, requested_by="subject", reason="I regret it.")
        ledger = tavus.consents.ledger
        assert isinstance(ledger, Ledger)
        assert found_in(tmp_path, PLAIN) == []
        sealed = pieces(stored(sqlite_url, record.state.subject_ref))
        assert {needle for _, needle in found_in(tmp_path, sealed)} == sealed  # the search can find
        tavus.consents.erase(record)
        assert found_in(tmp_path, PLAIN | sealed) == []
        assert ledger.store.verify().ok
        assert tavus.consents.get(record).status == "erased"
