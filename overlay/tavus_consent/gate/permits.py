"""The decision before a create: the speaker, the permission to send, and the event that records the outcome."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve, field, frozen

from tavus_consent._redaction import hide
from tavus_consent.consent._blinds import FOUND_BY
from tavus_consent.consent.address import address
from tavus_consent.consent.attestation import Attestation
from tavus_consent.consent.events import EventType
from tavus_consent.consent.fold import fold
from tavus_consent.consent.persons import NOBODY, Mark, Person, Recording
from tavus_consent.consent.policy import ConsentPolicy
from tavus_consent.consent.record import ConsentRecord, ConsentTerms, ConsentVideo
from tavus_consent.consent.spoken import SpokenConsent
from tavus_consent.consent.states import TRAINING, Evidence, RecordState, State
from tavus_consent.consent.verdict import Verdict
from tavus_consent.errors import ConsentRequired, EvidenceChanged, LedgerConflict

from .entries import attempt_of, attempted, recorded, requested
from .once import ARGUMENTS, Once, OnceKeys, open_create
from .openness import Openness, clock_of
from .protection import Protection, person_of
from .record_log import Entry, RecordLog, recording_in

if TYPE_CHECKING:
    from tavus_consent.consent.matching import Place
    from tavus_consent.ledger.memory import Batch
    from tavus_consent.preflight.speech import Hearing


@frozen(kw_only=True)
class Create:
    """A request that is about to be sent.

    Attributes:
        noun: ``replica``, ``face`` or ``voice``.
        name: The requested name of the likeness.
        deadline: Seconds after which the create is abandoned.
        recording_url: Link to the training video or audio, which the statement may open.
        training_url: Link to the training material: the video, the audio or the image.
        checked: The results of the preflight, if there was one.
        once: The key of the create, if it has one.
        despite_open: Send it even if an earlier create of the same likeness is open.
        difference: The server's clock minus the one of this machine, if an answer showed it already.
    """

    noun: str
    name: str | None
    deadline: float
    recording_url: str | None = field(repr=hide)
    training_url: str = field(repr=hide)
    checked: Checked | None = None
    once: Once | None = None
    despite_open: bool = False
    difference: timedelta | None = None

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of the recording, if a preflight read the whole file."""
        return None if self.checked is None else self.checked.sha256

    @property
    def trained_sha256(self) -> str | None:
        """The SHA-256 of the training video, if a preflight read the whole file."""
        found = {} if self.checked is None else self.checked.codes["media"].get("train", {})
        sha256: str | None = found.get("sha256")
        return sha256


@frozen
class Speaker:
    """The person whose statement is checked, and the recording of it.

    Attributes:
        consent: The person and the recording.
        spoken_as: Spellings of how the name sounds.
        evidence: The recording of the record, or ``None`` if there is no record yet.
        is_reviewed: True if a named person has listened, so that speech recognition is not needed.
    """

    consent: SpokenConsent
    spoken_as: tuple[str, ...] = field(default=(), repr=hide)
    evidence: Evidence | None = None
    is_reviewed: bool = False


@frozen
class Checked:
    """The results of a preflight that the ledger stores.

    Attributes:
        codes: The findings, without links and spoken words.
        fingerprints: Fingerprints of the media that were read, as JSON, for the vault.
        heard: The result of the speech check, if there was one.
        sha256: SHA-256 of the recording, if the whole file was read.
    """

    codes: Mapping[str, Any]
    fingerprints: bytes = field(repr=False)
    heard: Hearing | None
    sha256: str | None


class Permit(NamedTuple):
    """Permission to send a create once. With a ledger, the intent to send it is already on disk.

    Attributes:
        record_id: The id of the record.
        intent_id: The id of the create.
        batch: The deferred writes, if records are kept in memory.
    """

    record_id: str
    intent_id: str
    batch: Batch | None = None


class Creates:
    """The gate that decides about creates.

    Args:
        log: The log of all records.
        policy: The requirements for a record.

    Attributes:
        keys: The keys of creates.
        openness: Open creates, and likenesses that live.
    """

    def __init__(self, log: RecordLog, policy: ConsentPolicy) -> None:
        self._log, self._policy = log, policy
        self._protection = Protection(log)
        self.keys, self.openness = OnceKeys(log), Openness(log)

    def record(self, record_id: str) -> ConsentRecord:
        """Return the record with this id, for a create."""
        state = self._log.state(record_id)
        if state.state is State.NONE:
            raise ConsentRequired(
                "There is no consent record with this id. Pass a SpokenConsent, a ConsentRecord or a record's id.",
                field="consent",
                reason="none",
            )
        return self._log.record(state)

    def speaker(self, record: ConsentRecord, recording_url: str | None, *, will_listen: bool) -> Speaker:
        """Return the speaker and the recording of a record that may be used now.

        Args:
            record: The record.
            recording_url: Link to the training video or audio.
            will_listen: True if a preflight comes first. It may meet the policy's requirements, so only the default
                policy applies now.

        Raises:
            ConsentError: The record must not be used, for the reason in the message.
        """
        policy = ConsentPolicy() if will_listen else self._policy
        # A record with an unreadable event must not be used for training, so this reads strictly.
        events = list(self._log.store.events(record.record_id))
        state = self._log.state(record.record_id)
        self._admit(state, self._log.clock.now(), recording_url, policy)
        terms, link = self._log.terms(state.subject_ref), self._log.link(state, recording_in(events))
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
        """Decide whether a create may be sent, and record the intent to send it.

        Raises:
            ConsentError: It must not be sent. For a :class:`SpokenConsent`, nothing was written.
        """
        intent_id = uuid.uuid4().hex
        training = self._protection.recording(create.training_url, create.trained_sha256)
        if isinstance(consent, ConsentRecord):
            state = self._log.state(consent.record_id)
            mine = self._protection.check_create(state, training)
            if not create.despite_open:
                self.openness.check(state, create.noun, create.name)
            self.openness.check_living(state, create.noun, self._policy, warn=True)
            self._intend(consent.record_id, intent_id, consent, create, training.marks("training", mine))
            return Permit(consent.record_id, intent_id)
        if not create.despite_open:
            self.openness.check_recording(training, create.noun, create.name)
        record_id = self.keys.new_record_id(create.once)
        mine = NOBODY
        marks: list[Mark] = []
        if isinstance(consent, SpokenConsent):
            recording = _recording(consent, create)
            if self._policy != ConsentPolicy():  # the default admits every recording that is unchecked or has passed
                self._foresee(consent, recording, create)
            stated = self._protection.recording(recording.url, recording.sha256)
            person = Person.of(consent.full_name, consent.reference)
            mine = self._log.index.person(person)
            self._protection.check_new(person, mine, (stated, training))
            begin = partial(_of_spoken, consent, recording, create, stated)
            marks += person.marks(record_id)
            marks += stated.marks("recording", mine, record_id)
        else:
            self._protection.check_non_human(training)
            begin = partial(_attested, consent)
        marks += training.marks("training", mine, record_id)
        # The garbage collector visits every object that waits to be written, so keep few and small ones.
        intend = partial(_intend_by_record, self._policy, record_id, intent_id, consent, create, training, mine)
        write = partial(_begin, record_id, create.once, begin, intend)
        return Permit(record_id, intent_id, self._log.later(write, marks=marks))

    def _intend(
        self,
        record_id: str,
        intent_id: str,
        consent: SpokenConsent | ConsentRecord | Attestation,
        create: Create,
        marks: Sequence[Mark],
    ) -> None:
        """Record the intent to send a create, if the record allows it."""

        def step(state: RecordState, at: datetime) -> Entry:
            if not create.despite_open:
                self.openness.check(state, create.noun, create.name)
            if create.once is not None:
                self.keys.check_free(create.once)
            self.openness.check_living(state, create.noun, self._policy)
            basis = None
            if not isinstance(consent, Attestation):
                basis = self._admit(state, at, create.recording_url, self._policy, create.sha256)
            if basis is not None:
                return Entry(EventType.GIVEN, {"basis": basis})
            name = self._log.name_ref(state.subject_ref, create.name)
            codes: dict[str, Any] = {"intent": intent_id, "noun": create.noun, "name": name}
            codes |= {"deadline": create.deadline, FOUND_BY: marks[0].value, **clock_of(create.difference)}
            private: dict[str, tuple[str, bytes]] = {}
            if create.checked is not None:
                codes["preflight"] = create.checked.codes
                private = {"fingerprints": ("fingerprints", create.checked.fingerprints)}
            if create.once is None:
                return Entry(EventType.SUBMIT_INTENT, codes, private, marks=marks)
            named = {ARGUMENTS: create.once.arguments}
            event_id = self.keys.event_id(create.once)
            return Entry(EventType.SUBMIT_INTENT, codes, private, named=named, marks=marks, event_id=event_id)

        while all(one.intent_id != intent_id for one in self._log.write(record_id, step).intents):
            pass  # this round wrote that consent was given, and the next one writes the intent

    def _foresee(self, consent: SpokenConsent, recording: ConsentVideo, create: Create) -> None:
        """Check a record against the policy before it is written, so that a refused one is never written."""
        at, record_id = self._log.clock.now(), uuid.uuid4().hex
        entries = _of_spoken(consent, recording, create, self._protection.recording(recording.url, None), at)
        drafts = [entry.draft(at, record_id, record_id) for entry in entries]
        self._policy.admit(ConsentRecord(state=fold(drafts, now=at), terms=_terms(consent, at)), now=at)

    def settle(
        self, permit: Permit, outcome: EventType, made: Mapping[str, str] | None = None, clock: timedelta | None = None
    ) -> None:
        """Record the outcome of a create.

        Args:
            permit: The permit of the create.
            outcome: ``submitted``, ``failed`` or ``outcome_unknown``.
            made: The ``replica_id`` or ``voice_id`` of the likeness that it made, if it made one.
            clock: The server's clock minus the one of this machine, if an answer showed it.
        """
        write = partial(_settle, permit, outcome, made or {}, clock_of(clock))
        if permit.batch is None:
            write(self._log)
        else:
            self._log.later(write, permit.batch)

    def _admit(
        self,
        state: RecordState,
        at: datetime,
        recording_url: str | None,
        policy: ConsentPolicy,
        found_sha256: str | None = None,
    ) -> str | None:
        # Lists tolerate terms that cannot be opened. This must not, because the person may be a minor.
        record = ConsentRecord(state=state, terms=self._log.terms(state.subject_ref))
        basis = policy.admit(record, now=at, found_sha256=found_sha256)
        if state.evidence is not None and state.evidence.where in TRAINING:
            link = self._log.link(state, recording_in(self._log.events(state.record_id)))
            if address(link or "") != address(recording_url or ""):
                medium = state.evidence.where.removeprefix("training_")
                raise EvidenceChanged(
                    f"The statement opens another training {medium}. Train with that one, or make a new record.",
                    field="audio_url" if medium == "audio" else "train_video_url",
                    reason=f"other_training_{medium}",
                )
        return basis


def _begin(
    record_id: str,
    once: Once | None,
    begin: Callable[[datetime], list[Entry]],
    intend: Callable[[RecordLog], None],
    log: RecordLog,
) -> None:
    """Write a record that was not requested through the registry, and the intent to send its create.

    An earlier process with the same key may have begun the record, and ended before the intent.

    Raises:
        OpenCreate: Another process with the same key began it at this moment.
    """
    first, *others = begin(log.clock.now())
    if once is None:
        log.begin(record_id, uuid.uuid4().hex, first)
    elif not OnceKeys(log).is_begun(record_id, once):
        try:
            log.begin(record_id, uuid.uuid4().hex, evolve(first, named={ARGUMENTS: once.arguments}))
        except LedgerConflict:
            raise open_create(record_id) from None
    elif log.state(record_id).evidence is not None:
        others = []
    for entry in others:
        log.write(record_id, lambda *_, entry=entry: entry)
    intend(log)


def _intend_by_record(
    policy: ConsentPolicy,
    record_id: str,
    intent_id: str,
    consent: SpokenConsent | Attestation,
    create: Create,
    training: Recording,
    mine: str,
    log: RecordLog,
) -> None:
    """Record the intent to send a create."""
    Creates(log, policy)._intend(record_id, intent_id, consent, create, training.marks("training", mine))


def _recording(consent: SpokenConsent, create: Create) -> ConsentVideo:
    """Return the video that contains the statement."""
    if consent.video_url is None:
        where: Place = "training_audio" if create.noun == "voice" else "training_video"
        return ConsentVideo(str(create.recording_url), create.sha256, where=where)
    return ConsentVideo(consent.video_url, create.sha256)


def _terms(consent: SpokenConsent, at: datetime) -> ConsentTerms:
    return ConsentTerms.until(
        now=at, full_name=consent.full_name, as_borne=consent.as_borne, reference=consent.reference
    )


def _of_spoken(
    consent: SpokenConsent, recording: ConsentVideo, create: Create, stated: Recording, at: datetime
) -> list[Entry]:
    """Return the first entries of a consent record that was not requested through the registry."""
    terms, checked = _terms(consent, at), create.checked
    entries = [requested(terms), recorded(recording, stated, person_of(terms))]
    # Without an earlier record, the speech check is only advice. Its failure must not block a create that the caller
    # sends in spite of it.
    if checked is not None and checked.heard is not None and checked.heard.match.verdict is Verdict.PASS:
        entries.append(attempted(attempt_of(checked.heard, at), checked.sha256))
    return entries


def _attested(attestation: Attestation, _: datetime) -> list[Entry]:
    private = {
        "statement": ("attestation", attestation.statement.encode()),
        "attested_by": ("attested_by", attestation.attested_by.encode()),
    }
    return [Entry(EventType.ATTESTATION, private=private)]


def _settle(
    permit: Permit, outcome: EventType, made: Mapping[str, str], clock: Mapping[str, int], log: RecordLog
) -> None:
    def step(state: RecordState, _: datetime) -> Entry | None:
        intent = next(one for one in state.intents if one.intent_id == permit.intent_id)
        if not intent.is_settled:
            return Entry(outcome, {"intent": permit.intent_id, **clock, **made})
        if not set(made.values()) - set(state.likenesses):
            return None
        # A reconciliation ran too early and settled the create as absent.
        return Entry(EventType.BOUND, {"intent": permit.intent_id, **made})

    log.write(permit.record_id, step)
