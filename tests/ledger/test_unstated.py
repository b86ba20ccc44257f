"""A ledger of a release whose terms had no notice text, no biometric notice and no retention.

``november.sql`` is a dump of such a ledger, with its vault, its index and its projection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.asked import ASKED, CONTROLLER

import tavus_consent as tc
from tavus_consent import ConsentRecord, ConsentVideo, Tavus
from tavus_consent.ledger import open_ledger
from tavus_consent.testing import FakeTavus

from .support import ENVIRON, KEY

DUMP = (Path(__file__).parent / "november.sql").read_text("utf-8")
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
STATUSES = {
    "Siobhán O'Connor": "given",
    "Rio Alvarez": "given",
    "Ada Okafor": "given",
    "Wei Li": "withdrawn",
    "Marcus Bell": "requested",
    "Aoife Byrne": "refused",
}


@pytest.fixture
def november(tmp_path: Path) -> str:
    """The ledger as that release left it."""
    path = tmp_path / "november.db"
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(DUMP)
    return f"sqlite:///{path}"


@pytest.fixture
def tavus(november: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tavus]:
    monkeypatch.setenv("TAVUS_CONSENT_KEY", KEY)
    with FakeTavus(now=NOW).client(ledger=november) as client:
        yield client


def of(tavus: Tavus, name: str) -> ConsentRecord:
    (found,) = tavus.consents.find(full_name=name)
    return found


def test_it_is_migrated_and_verifies(november: str) -> None:
    with open_ledger(november, environ=ENVIRON) as ledger:
        found = ledger.verify()
    assert (found.ok, found.problems, found.head.size) == (True, (), DUMP.count('INTO "tavus_consent_events"'))


def test_its_records_are_read(tavus: Tavus) -> None:
    records = tavus.consents.list()
    assert {record.terms.full_name: record.status for record in records if record.terms} == STATUSES
    assert [record.problem for record in records] == [None] * len(STATUSES)
    assert of(tavus, "Siobhán O'Connor") == tavus.consents.find(reference="employee-1")[0]


@pytest.mark.parametrize("name", STATUSES)
def test_what_it_did_not_record_is_not_stated(tavus: Tavus, name: str) -> None:
    record = of(tavus, name)
    assert record.terms is not None
    assert (record.terms.notice, record.terms.biometric_notice, record.terms.retention) == (None, None, None)
    assert (record.renews, record.keep_until) == (None, None)


def test_what_it_did_record_is_kept(tavus: Tavus) -> None:
    terms = of(tavus, "Siobhán O'Connor").terms
    assert terms is not None
    assert (terms.intended_uses, terms.adult) == (("onboarding videos",), True)
    assert (terms.notice_url, terms.attested_by) == ("https://app.example/privacy", "hr@app.example")


def test_a_receipt_says_what_is_not_stated(tavus: Tavus) -> None:
    with pytest.warns(tc.ReceiptWarning, match="intended_uses"):
        receipt = tavus.consents.receipt(of(tavus, "Rio Alvarez"), controller=CONTROLLER)
    assert receipt.missing == ("intended_uses",)
    for line in ("Of age: not stated", "Derived from the recordings: not stated", "Not stated: no uses"):
        assert line in receipt.text()


def test_its_consent_still_trains(tavus: Tavus) -> None:
    record = of(tavus, "Rio Alvarez")
    with pytest.warns(tc.DuplicateWarning):
        tavus.replicas.create_personal(train_video_url="https://bucket.example/2/train.mp4", consent=record)
    assert len(tavus.consents.get(record).replicas) == 2


def test_its_consent_is_renewed_if_the_terms_suffice(tavus: Tavus) -> None:
    renewed = tavus.consents.renew(of(tavus, "Siobhán O'Connor"), valid_for=timedelta(days=30))
    with pytest.raises(tc.ConsentRequired, match="needs a new recording"):
        tavus.consents.add_evidence(renewed, ConsentVideo("https://bucket.example/new.mp4", sha256="01" * 32))
    with pytest.raises(tc.InvalidRequestError) as caught:
        tavus.consents.renew(of(tavus, "Rio Alvarez"))
    assert caught.value.field == "intended_uses"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Wei Li", tc.ConsentWithdrawn), ("Marcus Bell", tc.ConsentRequired), ("Aoife Byrne", tc.ConsentRequired)],
)
def test_who_said_no_stays_protected(tavus: Tavus, name: str, kind: Any) -> None:
    with pytest.raises(kind):
        tavus.consents.request(full_name=name, **ASKED)
    with pytest.raises(kind):
        tavus.consents.renew(of(tavus, name))


def test_it_verifies_after_this_release_wrote_to_it(tavus: Tavus) -> None:
    tavus.consents.request(full_name="Rio Alvarez 3rd", as_borne=True, **ASKED, notice="A notice.", actor="hr-portal")
    tavus.consents.erase(of(tavus, "Wei Li"))
    ledger = tavus.consents.ledger
    assert ledger is not None
    assert (ledger.verify().ok, ledger.verify().problems) == (True, ())
