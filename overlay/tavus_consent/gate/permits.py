"""The one gate before every create, what came of it, and creates of which nobody wrote how they ended."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from attrs import field, frozen

from tavus_consent._redaction import hide
from tavus_consent.consent._blinds import FOUND_BY
from tavus_consent.consent.address import address
from tavus_consent.consent.attestation import Attestation
from tavus_consent.consent.events import Event, EventDraft, EventType, format_time
from tavus_consent.consent.persons import NOBODY, Mark, Person, Recording
from tavus_consent.consent.policy import ConsentPolicy
from tavus_consent.consent.record import VALID_FOR, Attempt, ConsentRecord, ConsentTerms, ConsentVideo
from tavus_consent.consent.spoken import SpokenConsent
from tavus_consent.consent.states import CLOCK_SKEW, Evidence, Intent, RecordState, State, fold
from tavus_consent.consent.verdict import Verdict
from tavus_consent.consent.withdrawal import Outcome, Reconciliation
from tavus_consent.errors import ConsentRequired, EvidenceChanged, InvalidRequestError
from tavus_consent.ledger.event_store import Wanted

from .protection import Protection, person_of
from .record_log import Book, Entry

if TYPE_CHECKING:
    from tavus_consent.ledger.memory import Batch
    from tavus_consent.preflight.speech import Hearing

SETTLES: Final = timedelta(minutes=1)
"""How long after its deadline a create may still come to light in Tavus's list."""


@frozen(kw_only=True)
class Create:
    """A request that is about to be sent.

    Attributes:
        noun: ``replica`` or ``face``.
        name: The name that it asks for.
        deadline: Seconds after which it is given up.
        train_video_url: Link to the training video.
        training_url: Link to what is trained with: the video or the image.
        checked: What a preflight found, if there was one.
    """

    noun: str
    name: str | None
    deadline: float
    train_video_url: str | None = field(repr=hide)
    training_url: str = field(repr=hide)
    checked: Checked | None = None

    @property
    def sha256(self) -> str | None:
        """Of the recording, if a preflight read it whole."""
        return None if self.checked is None else self.checked.sha256

    @property
    def trained_sha256(self) -> str | None:
        """Of the training video, if a preflight read it whole."""
        found = {} if self.checked is None else self.checked.codes["media"].get("train", {})
        sha256: str | None = found.get("sha256")
        return sha256


@frozen
class Speaker:
    """Whose statement is listened to, and in which recording.

    Attributes:
        consent: Who speaks, and where.
        spoken_as: How the name sounds.
        evidence: The recording of the record; ``None`` when there is no record yet.
        is_reviewed: A named person has listened, so that no recogniser has to.
    """

    consent: SpokenConsent
    spoken_as: tuple[str, ...] = field(default=(), repr=hide)
    evidence: Evidence | None = None
    is_reviewed: bool = False


@frozen
class Checked:
    """What a preflight leaves in the ledger.

    Attributes:
        codes: Its findings, without links and words.
        fingerprints: Of what was read, as JSON, for the vault.
        heard: What was heard of the statement, if somebody listened.
        sha256: Of the recording, if it was read whole.
    """

    codes: Mapping[str, Any]
    fingerprints: bytes = field(repr=False)
    heard: Hearing | None
    sha256: str | None


class Permit(NamedTuple):
    """The gate is passed, and the intent is on the disk if there is one: the request may be sent, once.

    Attributes:
        record_id: The record.
        intent_id: The create.
        batch: What was not written yet, since nobody keeps it.
    """

    record_id: str
    intent_id: str
    batch: Batch | None = None


class Made(NamedTuple):
    """Of a replica at Tavus what a lookup needs."""

    replica_id: str
    name: str | None
    created_at: datetime | None


class Creates:
    """Decides about creates.

    Args:
        book: All records.
        policy: What a record must have reached.
    """

    def __init__(self, book: Book, policy: ConsentPolicy) -> None:
        self._book, self._policy = book, policy
        self._protection = Protection(book)

    def record(self, record_id: str) -> ConsentRecord:
        """The record that a create rests on, by its id.

        Raises:
            ConsentRequired: There is none.
        """
        state = self._book.state(record_id)
        if state.state is State.NONE:
            raise ConsentRequired(
                "There is no consent record with this id. Pass a SpokenConsent, a ConsentRecord or a record's id.",
                field="consent",
                reason="none",
            )
        return self._book.record(state)

    def speaker(self, record: ConsentRecord, train_video_url: str | None, *, will_listen: bool) -> Speaker:
        """Return who speaks and where, by a record that may be used now.

        Args:
            record: The record.
            train_video_url: Link to the training video.
            will_listen: A preflight comes first. What the policy asks for beyond the rules that always hold may come
                of that.

        Raises:
            ConsentError: The record may not be used; says why.
        """
        policy = ConsentPolicy() if will_listen else self._policy
        # A record with an event that cannot be read trains nothing, so this reads strictly.
        events = list(self._book.store.events(record.record_id))
        state = self._book.state(record.record_id)
        self._admit(state, self._book.clock.now(), train_video_url, policy)
        terms, link = self._book.terms(state.subject_ref), self._link(state, events)
        if terms is None or link is None or state.evidence is None:
            raise ConsentRequired(
                "The ledger has the events of this consent, but not the name and the link that belong to it.",
                field="consent",
                reason="no_vault",
            )
        video_url = link if state.evidence.where == "consent_video" else None
        consent = SpokenConsent._of_record(terms.full_name, video_url, as_borne=terms.as_borne)
        return Speaker(consent, terms.spoken_as, state.evidence, is_reviewed=state.lifted)

    def gate(self, consent: SpokenConsent | ConsentRecord | Attestation, create: Create) -> Permit:
        """Decide whether a create may be sent, and write that it will be.

        Raises:
            ConsentError: It may not; nothing was written for a :class:`SpokenConsent`.
        """
        intent_id = uuid.uuid4().hex
        training = self._protection.recording(create.training_url, create.trained_sha256)
        if isinstance(consent, ConsentRecord):
            state = self._book.state(consent.record_id)
            trained = training.marks("training", self._protection.check_create(state, training))
            self._intend(consent.record_id, intent_id, consent, create, trained)
            return Permit(consent.record_id, intent_id)
        record_id = uuid.uuid4().hex
        mine = NOBODY
        known: tuple[Mark, ...] = ()
        if isinstance(consent, SpokenConsent):
            recording = _recording(consent, create)
            if self._policy != ConsentPolicy():  # which admits every recording that nobody has heard or that passed
                self._foresee(consent, recording, create)
            stated = self._protection.recording(recording.url, recording.sha256)
            person = Person.of(consent.full_name, consent.reference)
            mine = self._book.index.person(person)
            self._protection.check_new(person, mine, (stated, training))
            begin = partial(_of_spoken, consent, recording, create, stated)
            known = (*person.marks(), *stated.marks("recording", mine))
        else:
            self._protection.check_non_human(training)
            begin = partial(_of_attestation, consent)
        trained = training.marks("training", mine)

        def write(book: Book) -> None:
            entries = begin(book.clock.now())
            book.begin(record_id, uuid.uuid4().hex, entries[0])
            for entry in entries[1:]:
                book.write(record_id, lambda *_, entry=entry: entry)
            Creates(book, self._policy)._intend(record_id, intent_id, consent, create, trained)

        marks = [mark._replace(record_id=record_id) for mark in (*known, *trained)]
        return Permit(record_id, intent_id, self._book.later(write, marks=marks))

    def _intend(
        self,
        record_id: str,
        intent_id: str,
        consent: SpokenConsent | ConsentRecord | Attestation,
        create: Create,
        marks: Sequence[Mark],
    ) -> None:
        """Write that a create will be sent, if the record allows it."""

        def step(state: RecordState, at: datetime) -> Entry:
            basis = None
            if not isinstance(consent, Attestation):
                found = create.sha256
                basis = self._admit(state, at, create.train_video_url, self._policy, found)
            if basis is not None:
                return Entry(EventType.GIVEN, {"basis": basis})
            name = None if create.name is None else self._book.vault.reference(state.subject_ref, _bytes(create.name))
            codes = {"intent": intent_id, "noun": create.noun, "name": name, "deadline": create.deadline}
            codes[FOUND_BY] = marks[0].value
            if create.checked is None:
                return Entry(EventType.SUBMIT_INTENT, codes, marks=marks)
            private = {"fingerprints": ("fingerprints", create.checked.fingerprints)}
            return Entry(EventType.SUBMIT_INTENT, {**codes, "preflight": create.checked.codes}, private, marks=marks)

        while all(one.intent_id != intent_id for one in self._book.write(record_id, step).intents):
            pass  # consent was given; next comes the intent

    def _foresee(self, consent: SpokenConsent, recording: ConsentVideo, create: Create) -> None:
        """Hold a record that is not written yet against the policy: if it is not enough, nothing will be written."""
        at, record_id = self._book.clock.now(), uuid.uuid4().hex
        drafts = [
            EventDraft(
                type=entry.type,
                at=at,
                record_id=record_id,
                subject_ref=record_id,
                actor=entry.actor,
                payload=entry.codes,
            )
            for entry in _of_spoken(consent, recording, create, self._protection.recording(recording.url, None), at)
        ]
        self._policy.admit(ConsentRecord(state=fold(drafts, now=at), terms=_terms(consent, at)), now=at)

    def settle(self, permit: Permit, outcome: EventType, replica_id: str | None = None) -> None:
        """Write what came of a create.

        Args:
            permit: What the gate gave.
            outcome: ``submitted``, ``failed`` or ``outcome_unknown``.
            replica_id: What was made.
        """
        write = partial(_settle, permit=permit, outcome=outcome, replica_id=replica_id)
        if permit.batch is None:
            write(self._book)
        else:
            self._book.later(write, permit.batch)

    def unsettled(self, record_id: str | None = None) -> list[Reconciliation]:
        """Creates of which it is not known what became; nothing was looked up."""
        return [
            one.result("waiting" if one.is_live(self._book.clock.now()) else "unknown") for one in self._open(record_id)
        ]

    def reconcile(
        self, made: Sequence[Made], *, record_id: str | None = None, decided: Mapping[str, str | None] | None = None
    ) -> list[Reconciliation]:
        """Find out what became of creates, and write it down.

        Args:
            made: The replicas that Tavus has.
            record_id: Of one record only.
            decided: What a person found out, by intent: the replica, or ``None`` when it made none.

        Raises:
            InvalidRequestError: What was decided cannot be: no such create is open, or the replica is another's.
        """
        now, answers = self._book.clock.now(), decided or {}
        opened = self._open()
        _check_decided(answers, {one.intent_id for one in opened}, self._is_bound)
        candidates = {
            one.intent_id: [it for it in made if self._can_be(one, it) and not self._is_bound(it.replica_id)]
            for one in opened
        }
        claims = Counter(it.replica_id for found in candidates.values() for it in found)
        results = []
        for one in opened:
            if record_id in (None, one.record_id):
                found = candidates[one.intent_id]
                if one.intent_id in answers:
                    result = one.decided(answers[one.intent_id])
                else:
                    result = one.judge(found, sole=all(claims[it.replica_id] == 1 for it in found), now=now)
                results.append(self._settled(result))
        return results

    def _settled(self, result: Reconciliation) -> Reconciliation:
        if result.outcome not in ("found", "absent"):
            return result
        found = {} if result.replica_id is None else {"replica_id": result.replica_id}

        def step(state: RecordState, _: datetime) -> Entry | None:
            settled = any(one.intent_id == result.intent_id and one.is_settled for one in state.intents)
            return None if settled else Entry(EventType.RECONCILED, {"intent": result.intent_id, **found})

        self._book.write(result.record_id, step)
        return result

    def _open(self, record_id: str | None = None) -> list[_OpenCreate]:
        wanted = Wanted(now=self._book.clock.now(), unsettled=True)
        states = self._book.states(wanted) if record_id is None else [self._book.state(record_id)]
        return [
            _OpenCreate(state.record_id, state.subject_ref, one, sent)
            for state in states
            for one, sent in self._sent(state)
        ]

    def _sent(self, state: RecordState) -> Iterator[tuple[Intent, Mapping[str, Any]]]:
        """The creates of a record of which it is not known how they ended, each with what was written of it."""
        if state.unsettled:
            events = [one for one in self._book.events(state.record_id) if one.type == EventType.SUBMIT_INTENT]
            sent = {str(one.payload.get("intent")): one.payload for one in events}
            yield from ((one, sent.get(one.intent_id, {})) for one in state.unsettled)

    def _is_bound(self, replica_id: str) -> bool:
        return bool(self._book.store.of_replica(replica_id))

    def _can_be(self, one: _OpenCreate, made: Made) -> bool:
        if made.created_at is not None and not one.began <= made.created_at <= one.ended:
            return False
        if one.name is None:
            return True
        name = _bytes(made.name or "")
        return self._book.vault.reference(one.subject_ref, name) == one.name

    def _admit(
        self,
        state: RecordState,
        at: datetime,
        train_video_url: str | None,
        policy: ConsentPolicy,
        found_sha256: str | None = None,
    ) -> str | None:
        # Not as a list reads it: who cannot be opened may be a minor.
        record = ConsentRecord(state=state, terms=self._book.terms(state.subject_ref))
        basis = policy.admit(record, now=at, found_sha256=found_sha256)
        if state.evidence is not None and state.evidence.where == "training_video":
            link = self._link(state, self._book.events(state.record_id))
            if address(link or "") != address(train_video_url or ""):
                raise EvidenceChanged(
                    "The statement was recorded in another training video. Train with that one, or make a new record.",
                    field="train_video_url",
                    reason="other_training_video",
                )
        return basis

    def _link(self, state: RecordState, events: Iterable[Event]) -> str | None:
        refs = [one.payload.get("link") for one in events if one.type == EventType.RECORDED]
        link = self._book.private(state.subject_ref, "link").get(str(refs[-1])) if refs else None
        return None if link is None else link.decode()


class _OpenCreate:
    """A create of which nobody wrote how it ended."""

    def __init__(self, record_id: str, subject_ref: str, intent: Intent, sent: Mapping[str, Any]) -> None:
        self.record_id, self.subject_ref, self.intent_id = record_id, subject_ref, intent.intent_id
        self.name: str | None = sent.get("name")
        deadline = sent.get("deadline")
        self._given_up = intent.at + timedelta(seconds=deadline if isinstance(deadline, (int, float)) else 0)
        self._is_over = intent.status == "unknown"
        self.began, self.ended = intent.at - CLOCK_SKEW, self._given_up + CLOCK_SKEW

    def is_live(self, now: datetime) -> bool:
        """Whether a process may still be at it."""
        return not self._is_over and now < self._given_up

    def judge(self, candidates: list[Made], *, sole: bool, now: datetime) -> Reconciliation:
        """What became of it, as far as a list tells.

        A replica that is bound will be deleted when the consent is withdrawn. So it has to be the only one, under the
        name that was asked for, within the time of the call, and for no other create.
        """
        if self.is_live(now):
            return self.result("waiting")
        if not candidates:
            return self.result("waiting" if now < self._given_up + SETTLES else "absent")
        if len(candidates) == 1 and sole and self.name is not None and candidates[0].created_at is not None:
            return self.result("found", replica_id=candidates[0].replica_id)
        return self.result("unknown", candidates=tuple(it.replica_id for it in candidates))

    def decided(self, replica_id: str | None) -> Reconciliation:
        """What became of it, as a person found out."""
        return self.result("absent" if replica_id is None else "found", replica_id=replica_id)

    def result(self, outcome: Outcome, **found: Any) -> Reconciliation:
        """What is told of it."""
        return Reconciliation(record_id=self.record_id, intent_id=self.intent_id, outcome=outcome, **found)


def _recording(consent: SpokenConsent, create: Create) -> ConsentVideo:
    """The video that the statement is in.

    Raises:
        InvalidRequestError: Its link cannot be kept.
    """
    sha256 = create.sha256
    if consent.video_url is None:
        return ConsentVideo(str(create.train_video_url), sha256, where="training_video")
    return ConsentVideo(consent.video_url, sha256)


def _terms(consent: SpokenConsent, at: datetime) -> ConsentTerms:
    return ConsentTerms.until(
        now=at,
        valid_for=VALID_FOR,
        full_name=consent.full_name,
        as_borne=consent.as_borne,
        reference=consent.reference,
    )


def _of_spoken(
    consent: SpokenConsent, recording: ConsentVideo, create: Create, stated: Recording, at: datetime
) -> list[Entry]:
    """How the record of a consent begins that nobody asked for through the registry."""
    terms, checked = _terms(consent, at), create.checked
    entries = [requested(terms), recorded(recording, stated, person_of(terms))]
    # Without a record what was heard is advice: who goes on in spite of it does not refuse himself.
    if checked is not None and checked.heard is not None and checked.heard.match.verdict is Verdict.PASS:
        entries.append(attempted(attempt_of(checked.heard, at), checked.sha256))
    return entries


def _of_attestation(attestation: Attestation, _: datetime) -> list[Entry]:
    private = {
        "statement": ("attestation", _bytes(attestation.statement)),
        "attested_by": ("attested_by", _bytes(attestation.attested_by)),
    }
    return [Entry(EventType.ATTESTATION, private=private)]


def _settle(book: Book, *, permit: Permit, outcome: EventType, replica_id: str | None) -> None:
    def step(state: RecordState, _: datetime) -> Entry | None:
        intent = next(one for one in state.intents if one.intent_id == permit.intent_id)
        if not intent.is_settled:
            made = {} if replica_id is None else {"replica_id": replica_id}
            return Entry(outcome, {"intent": permit.intent_id, **made})
        if replica_id is None or replica_id in state.replicas:
            return None
        # Somebody looked too early and took it for absent.
        return Entry(EventType.BOUND, {"replica_id": replica_id})

    book.write(permit.record_id, step)


def requested(terms: ConsentTerms) -> Entry:
    """The event that begins a record."""
    return Entry(
        EventType.REQUESTED,
        {"expires_at": format_time(terms.expires_at)},
        {"terms": ("terms", terms.to_json())},
        marks=person_of(terms).marks(is_minor=terms.adult is False),
    )


def recorded(recording: ConsentVideo, known_by: Recording, person: Person | str) -> Entry:
    """The event that brings a recording.

    Args:
        recording: The recording.
        known_by: What it is known by.
        person: Whose it is.
    """
    return Entry(
        EventType.RECORDED,
        {**recording.codes(), FOUND_BY: known_by.link},
        {"link": ("link", _bytes(recording.url))},
        named={"recording": _bytes(recording.address)},
        marks=known_by.marks("recording", person),
    )


def attempt_of(heard: Hearing, at: datetime) -> Attempt:
    """What a preflight heard, as a check of the statement."""
    return Attempt(attempt_id=uuid.uuid4().hex, at=at, match=heard.match, transcript=heard.transcript, source="heard")


def attempted(attempt: Attempt, sha256: str | None) -> Entry:
    """The event that keeps a check of the statement."""
    return Entry(EventType.VERIFICATION, attempt.codes(sha256=sha256), {"heard": ("attempt", attempt.to_json())})


def _check_decided(decided: Mapping[str, str | None], opened: set[str], is_bound: Callable[[str], bool]) -> None:
    if unknown := set(decided) - opened:
        raise InvalidRequestError(f"no create {min(unknown)} is open", field="decided", reason="unknown")
    chosen = [replica for replica in decided.values() if replica is not None]
    if len(set(chosen)) < len(chosen) or any(map(is_bound, chosen)):
        raise InvalidRequestError("a replica came of one create only", field="decided", reason="bound")


def _bytes(text: str) -> bytes:
    return text.encode()
