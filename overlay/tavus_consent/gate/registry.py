"""The registry of consent records, in a ledger or in memory. It never calls Tavus.

The records show what was said and checked. They do not prove that consent is legally valid, that people are who they
claim to be, or that a recording is live.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tavus_consent._arguments import check_actor, check_count, check_id, check_text, check_type
from tavus_consent._clock import Clock
from tavus_consent._warnings import LinkWarning, ReceiptWarning, warn_caller
from tavus_consent.consent.events import Event, EventType
from tavus_consent.consent.outputs import MadeOutput, outputs_in
from tavus_consent.consent.persons import name_key
from tavus_consent.consent.policy import ConsentPolicy
from tavus_consent.consent.record import MAX_TEXT, VALID_FOR, ConsentRecord, ConsentTerms, ConsentVideo, Review
from tavus_consent.consent.states import State
from tavus_consent.errors import IllegalTransition, InvalidRequestError
from tavus_consent.ledger.parties import NOT_STATED, Controller
from tavus_consent.ledger.protocols import Erasure, LedgerLike, RecordQuery
from tavus_consent.ledger.receipt import Receipt

from .attempts import Attempts
from .entries import recorded, requested
from .keyed_calls import KeyedCalls
from .permits import Creates
from .protection import Protection, person_of
from .reconciliation import UnsettledCreates
from .record_log import PAGE, SUBJECT, Entry, RecordLog, id_of
from .sweeping import Sweeps
from .trainings import Trainings
from .uses import Uses
from .withdrawal_log import Withdrawals

if TYPE_CHECKING:
    from tavus_consent.preflight.links import Purpose

LIKENESS_IDS: Final = ("replica_id", "face_id", "voice_id")
"""The arguments that name a likeness. Other ids name what was made with one."""
_RENEWABLE: Final = frozenset({State.GIVEN, State.EXPIRED})


class Registry:
    """A registry of consent records. Safe to share between threads if its store is.

    Args:
        keeping: The store: a :class:`~tavus_consent.ledger.Ledger` or :class:`~tavus_consent.ledger.memory.Memory`.
        clock: The source of the events' timestamps.
        policy: The requirements for a record before a replica is trained.
        actor: The account or role that acts, for the events.

    Attributes:
        creates: The gate before every create.
        reconciliation: Creates without a recorded outcome.
        attempts: Checks of the spoken statement.
        keyed_calls: Calls with a key that make no likeness.
        withdrawals: The steps of withdrawals.
        sweeps: What is due.
        uses: The gate before every use.
        trainings: The ends of trainings.
    """

    def __init__(
        self, keeping: LedgerLike, *, clock: Clock, policy: ConsentPolicy | None = None, actor: str | None = None
    ) -> None:
        self._clock, self._policy = clock, policy or ConsentPolicy()
        self._log = RecordLog(keeping, clock, actor)
        self.creates = Creates(self._log, self._policy)
        self.withdrawals = Withdrawals(self._log)
        self.reconciliation = UnsettledCreates(self._log)
        self.attempts = Attempts(self._log)
        self.keyed_calls = KeyedCalls(self._log)
        self.sweeps = Sweeps(self._log, self._policy)
        self.uses = Uses(self._log, policy or ConsentPolicy())
        self.trainings = Trainings(self._log)
        self._protection = Protection(self._log)

    def acting(self, actor: str | None) -> Registry:
        """Return this registry for another actor; ``None`` keeps the actor.

        Raises:
            InvalidRequestError: The actor may be the name of a person.
        """
        if check_actor(actor) is None:
            return self
        return Registry(self._log.keeping, clock=self._clock, policy=self._policy, actor=actor)

    def request(self, *, after_withdrawal: bool = False, **terms: Any) -> ConsentRecord:
        """Begin a record and return it. The terms are the arguments of :meth:`ConsentTerms.until`."""
        check_type(after_withdrawal, "after_withdrawal", bool, "True or False")
        asked = ConsentTerms.until(now=self._log.clock.now(), **terms)
        self._policy.check_terms(asked)
        self._protection.check_request(person_of(asked), after_withdrawal=after_withdrawal)
        return self._begin(asked)

    def renew(self, record: ConsentRecord | str, *, valid_for: timedelta = VALID_FOR) -> ConsentRecord:
        """Begin a record with the terms of another one, and return it."""
        old = self._log.known(record)
        terms = self._log.terms(old.subject_ref)
        if terms is None or old.is_attestation:
            raise InvalidRequestError("the record has no person whose consent could be renewed", field="record")
        self._protection.check_request(person_of(terms), after_withdrawal=False)
        if old.state not in _RENEWABLE:
            raise IllegalTransition(
                f"the consent record is {old.state!s}, so there is no consent to renew; begin a new record with "
                "consents.request",
                state=str(old.state),
                event=str(EventType.REQUESTED),
                reason="not_given",
            )
        asked = terms._renewed(now=self._log.clock.now(), valid_for=valid_for)
        try:
            self._policy.check_terms(asked)
        except InvalidRequestError as error:
            message = f"{error.field}: the record does not state it, so it cannot be renewed. Use consents.request."
            raise InvalidRequestError(message, field=error.field, reason="missing") from None
        return self._begin(asked, renews=old.record_id)

    def _begin(self, terms: ConsentTerms, renews: str | None = None) -> ConsentRecord:
        state = self._log.begin(uuid.uuid4().hex, uuid.uuid4().hex, requested(terms, renews))
        return ConsentRecord(state=state, terms=terms)

    def get(self, record: ConsentRecord | str) -> ConsentRecord:
        """Return the current version of a record."""
        return self._log.record(self._log.known(record))

    def records(
        self,
        *,
        expiring_within: timedelta | None = None,
        status: State | str | None = None,
        limit: int | None = None,
        after: ConsentRecord | str | None = None,
        search: str | None = None,
    ) -> list[ConsentRecord]:
        """Return records in the order in which they began."""
        if search is not None:
            check_text(search, "search")
        if status is not None and not (isinstance(status, str) and status in set(State)):
            raise InvalidRequestError(f"status: one of {', '.join(State)}", field="status")
        if limit is not None:
            check_count(limit, "limit")
        if expiring_within is not None:
            check_type(expiring_within, "expiring_within", timedelta, "a timedelta")
        now = self._log.clock.now()
        until = None if expiring_within is None else now + expiring_within
        wanted = RecordQuery(now=now, status=None if status is None else State(status), until=until)
        first = None if after is None else self._log.store.first(id_of(after))
        if after is not None and first is None:
            raise InvalidRequestError("after: there is no such consent record", field="after", reason="unknown")
        size = PAGE if limit is None or search is not None else min(limit, PAGE)
        found = self._read(wanted, first or 0, size)
        return list(islice(found if search is None else filter(partial(_is_found, search), found), limit))

    def _read(self, wanted: RecordQuery, after: int, size: int) -> Iterator[ConsentRecord]:
        while page := self._log.store.page(wanted, after, size):
            yield from self._log.all([state.at(wanted.now) for _, state in page])
            if len(page) < size:
                return
            after = page[-1][0]

    def find(
        self, *, reference: str | None = None, full_name: str | None = None, **ids: str | None
    ) -> list[ConsentRecord]:
        """Return the records of a person, or those that an object came of. The ids are named as Tavus names them."""
        given = {name: value for name, value in ids.items() if value is not None}
        if sum(value is not None for value in (reference, full_name)) + len(given) != 1:
            names = ", ".join(("reference", "full_name", *ids))
            raise InvalidRequestError(f"give one of {names}", field="reference")
        if given:
            ((name, object_id),) = given.items()
            check_id(object_id, name)
            if name in LIKENESS_IDS:
                found = self._log.store.of_replica(object_id)
            else:
                found = self._log.store.of_output(name.removesuffix("_id"), object_id)
        else:
            found = self._protection.find(reference=reference, full_name=full_name)
        now = self._log.clock.now()
        return self._log.all([state.at(now) for state in self._log.store.states(found)])

    def for_replica(self, replica_id: str) -> ConsentRecord | None:
        """Return the record on which a replica is based, or ``None``."""
        return next(iter(self.find(replica_id=replica_id)), None)

    def outputs(self, record: ConsentRecord | str) -> list[MadeOutput]:
        """Return what was made with the likenesses of a record."""
        state = self._log.known(record)
        return outputs_in(self._log.events(state.record_id), state.likenesses)

    def whole(self) -> list[tuple[ConsentRecord, list[Event]]]:
        """Return all records, including attestations, each with its readable events. Keys of videos show no person."""
        events: dict[str, list[Event]] = {}
        for event in self._log.store.readable():
            events.setdefault(event.record_id, []).append(event)
        wanted = RecordQuery(now=self._log.clock.now(), everything=True)
        shown = (one for one in self._read(wanted, 0, PAGE) if one.status is not State.KEYED)
        return [(record, events.get(record.record_id, [])) for record in shown]

    def add_evidence(self, record: ConsentRecord | str, recording: ConsentVideo) -> ConsentRecord:
        """Add the recording of the statement, or a newer link to it."""
        check_type(recording, "recording", ConsentVideo, "a ConsentVideo")
        doubts = _check_link(recording, self._log.clock.now())
        state = self._log.known(record)
        known_by = self._protection.recording(recording.url, recording.sha256)
        entry = recorded(recording, known_by, self._protection.person_of(state))
        self._log.check(state, entry)
        self._protection.check_evidence(state, known_by)
        added = self._write(record, entry)
        for doubt in doubts:
            warn_caller(doubt, LinkWarning)
        return added

    def review(self, record: ConsentRecord | str, *, reviewer: str, reason: str) -> ConsentRecord:
        """Clear a doubtful recording, as a named person with a reason."""
        said = Review(reviewer, reason)
        private = {"reviewer": ("review", said.reviewer.encode()), "reason": ("review", said.reason.encode())}
        return self._write(record, Entry(EventType.GIVEN, {"basis": "reviewed"}, private))

    def refuse(self, record: ConsentRecord | str) -> ConsentRecord:
        """Record that the person refused."""
        return self._write(record, Entry(EventType.REFUSED, actor=SUBJECT))

    def invalidate(self, record: ConsentRecord | str, *, reason: str) -> ConsentRecord:
        """Declare a record void."""
        if not isinstance(reason, str) or not 1 <= len(reason.strip()) <= MAX_TEXT:
            raise InvalidRequestError(f"reason: say in 1 to {MAX_TEXT} characters why it is void", field="reason")
        private = {"reason": ("invalidation", reason.strip().encode())}
        return self._write(record, Entry(EventType.INVALIDATED, private=private))

    def receipt(
        self, record: ConsentRecord | str, *, controller: Controller | None = None, language: str = "en"
    ) -> Receipt:
        """Return a receipt of the current state, and record that it was issued."""
        if controller is not None:
            check_type(controller, "controller", Controller, "a Controller")
        events = self._log.events(id_of(record))
        state = self._log.known(record)
        terms = self._log.terms(state.subject_ref)
        head = self._log.store.head()
        receipt = Receipt(
            receipt_id=str(uuid.uuid4()),
            created_at=self._log.clock.now(),
            record=ConsentRecord(state=state, terms=terms),
            events=events,
            controller=controller or Controller(name=(terms and terms.attested_by) or NOT_STATED),
            ledger_size=None if head is None else head.size,
            ledger_head=None if head is None else head.hash,
            language=language,
        )
        self._write(record, Entry(EventType.RECEIPT_ISSUED, receipt.codes()))
        if receipt.missing:
            warn_caller(
                f"the receipt does not state {', '.join(receipt.missing)}, which ISO/IEC TS 27560 requires. "
                "State them with controller=Controller(...), and the purposes with the request.",
                ReceiptWarning,
            )
        return receipt

    def erase(self, record: ConsentRecord | str) -> Erasure:
        """Destroy the person's key and all data encrypted with it, then record the erasure."""
        state = self._log.known(record)
        if state.state is not State.ERASED:
            self._log.check(state, Entry(EventType.ERASED))
        self._log.index.ensure()
        self._log.index.forget(state.record_id)
        erasure = self._log.vault.erase(state.subject_ref)
        self._log.write(state.record_id, lambda now, _: None if now.state is State.ERASED else Entry(EventType.ERASED))
        return erasure

    def erase_person(self, *, reference: str | None = None, full_name: str | None = None) -> list[Erasure]:
        """Erase all records of a person. If one of them cannot be erased, erase none."""
        found = self.find(reference=reference, full_name=full_name)
        if not found:
            raise InvalidRequestError("there is no record of this person", field="person", reason="unknown")
        references = {one.terms.reference for one in found if one.terms and one.terms.reference}
        if len(references) > 1:
            raise InvalidRequestError(
                "several persons with different references have this name: give the reference of one of them",
                field="full_name",
                reason="namesakes",
            )
        for one in found:
            try:
                self._log.check(one.state, Entry(EventType.ERASED))
            except IllegalTransition as error:
                message = f"record {one.record_id}: {error}. Nobody was erased."
                raise IllegalTransition(message, state=error.state, event=error.event, reason=error.reason) from None
        return [self.erase(one) for one in found]

    def _write(self, record: ConsentRecord | str, entry: Entry) -> ConsentRecord:
        state = self._log.known(record)
        return self._log.record(self._log.write(state.record_id, lambda *_: entry))


def _check_link(recording: ConsentVideo, now: datetime) -> list[str]:
    """Refuse a link that no create could use, and return the warnings for any other link."""
    # Imported here, because only this function needs the rules.
    from tavus_consent.preflight.links import check_link

    purpose: Purpose = "audio" if recording.where == "training_audio" else "media"
    found = check_link(recording.url, field="video_url", now=now, purpose=purpose)
    return [f"{one.field}: {one.message} {one.fix}" for one in found]


def _is_found(search: str, record: ConsentRecord) -> bool:
    """Return whether a text occurs in the name, reference, id or replicas of a record."""
    terms, plain = record.terms, name_key(search)
    names = [] if terms is None else [name_key(terms.full_name)]
    texts = [record.record_id, *record.state.likenesses, *([terms.reference] if terms and terms.reference else [])]
    return (plain != "" and any(plain in name for name in names)) or any(search in text for text in texts)
