"""Shared helpers of the tests of ``tavus.consents``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.asked import ASKED

from tavus_consent import ConsentRecord, ConsentVideo
from tavus_consent.consent import STATEMENT, Attempt, Transcript, Word
from tavus_consent.testing import FakeTavus, FakeTransport

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAME = "Siobhán O'Connor"
SPOKEN = STATEMENT.render(NAME)
TRAIN = "https://bucket.example/train.mp4"
LINK = "https://bucket.example/consent.mp4"
SHA = "ab" * 32


class Listener:
    """A recognizer that hears the statement, or what it is told to hear, one word in half a second."""

    engine = "whisper-tiny.en"

    def __init__(self, said: str = SPOKEN) -> None:
        self.said = said
        self.heard: list[object] = []

    def transcribe(self, recording: object) -> list[Word]:
        self.heard.append(recording)
        return [Word(word, at / 2, at / 2 + 0.5) for at, word in enumerate(self.said.split())]


def of(name: str, link: str) -> str:
    """A person's own link: one recording serves one person."""
    if name.casefold() == NAME.casefold():
        return link
    folder, _, file = link.rpartition("/")
    return f"{folder}/{name.replace(' ', '-')}/{file}"


class Desk:
    """Somebody at work: a client, the fake that it talks to, and shorthands for what is done all the time."""

    def __init__(self, make_client: Callable[..., Any], ledger: str | None, **options: Any) -> None:
        self._make_client, self.url = make_client, ledger
        self.fake = options.pop("fake", None) or FakeTavus(now=NOW)
        self.client = make_client(
            **{
                "api_key": self.fake.api_key,
                "clock": self.fake.clock,
                "transport": FakeTransport(self.fake),
                "ledger": ledger,
                **options,
            },
        )

    def __call__(self, use: Callable[[Any], Any]) -> Any:
        return self.client(use)

    def request(self, name: str = NAME, **terms: Any) -> ConsentRecord:
        record: ConsentRecord = self(lambda t: t.consents.request(full_name=name, **{**ASKED, **terms}))
        return record

    def recorded(self, name: str = NAME, *, sha256: str | None = None, **terms: Any) -> ConsentRecord:
        record = self.request(name, **terms)
        return self.bring(record, ConsentVideo(of(name, LINK), sha256=sha256))

    def bring(self, record: ConsentRecord, recording: ConsentVideo) -> ConsentRecord:
        brought: ConsentRecord = self(lambda t: t.consents.add_evidence(record, recording))
        return brought

    def hear(self, record: ConsentRecord, said: str = SPOKEN, *, film: bytes = b"film") -> Attempt:
        """Let a recognizer listen to the recording."""
        made: Attempt = self(lambda t: t.consents.verify(record, transcriber=Listener(said), recording=film))
        return made

    def supply(self, record: ConsentRecord, said: str | Transcript = SPOKEN, **given: Any) -> Attempt:
        """Bring a text."""
        made: Attempt = self(lambda t: t.consents.verify(record, transcript=said, **given))
        return made

    def get(self, record: ConsentRecord | str) -> ConsentRecord:
        found: ConsentRecord = self(lambda t: t.consents.get(record))
        return found

    def create(self, consent: Any, **changes: Any) -> Any:
        terms = consent.terms if isinstance(consent, ConsentRecord) else consent
        train = of(getattr(terms, "full_name", NAME), TRAIN)
        given = {"train_video_url": train, "replica_name": "Siobhan", **changes}
        return self(lambda t: t.replicas.create_personal(consent=consent, **given))

    def withdraw(self, record: ConsentRecord | str, **changes: Any) -> Any:
        return self(lambda t: t.consents.withdraw(record, **{"requested_by": "subject", **changes}))

    def sent(self) -> list[str | None]:
        """The requests that Tavus has seen."""
        return [one.operation for one in self.fake.requests]

    def events(self, record: ConsentRecord) -> list[Any]:
        """Return the events of a record. Only these tests read them in memory."""
        return list(self.client.tavus._registry()._log.store.events(record.record_id))

    def types(self, record: ConsentRecord) -> list[str]:
        return [str(event.type) for event in self.events(record)]

    def elsewhere(self) -> Desk:
        """Another application with the same account, whose records are its own."""
        return Desk(self._make_client, None, fake=self.fake)

    def reopened(self, **options: Any) -> Desk:
        """Another process, as far as a ledger can tell, at the same Tavus."""
        return Desk(self._make_client, self.url, fake=self.fake, **options)
