"""The bars against a person or a recording, checked before a record, a recording or a create is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tavus_consent._arguments import check_str, check_text
from tavus_consent.consent._blinds import FOUND_BY
from tavus_consent.consent.persons import (
    NOBODY,
    UNKNOWN,
    Found,
    Person,
    Recording,
    check_non_human,
    check_person,
    check_personal,
    check_serves,
    name_key,
)
from tavus_consent.consent.record import ConsentTerms
from tavus_consent.consent.states import RecordState
from tavus_consent.errors import ConsentRequired

from .record_log import RecordLog, recording_in


class Protection:
    """Checks the bars in the index.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def find(self, *, reference: str | None, full_name: str | None) -> list[str]:
        """Return the records of a person, by reference or by name, oldest first."""
        self._log.index.ensure()
        if reference is not None:
            return self._log.index.find("reference", check_text(reference, "reference"))
        return self._log.index.find("name", name_key(check_str(full_name, "full_name")))

    def check_request(self, person: Person, *, after_withdrawal: bool) -> None:
        """Refuse a new record of a person who said no.

        Raises:
            ConsentError: A bar applies; the message names it.
        """
        of_person, _ = self._against(person, (), mine=UNKNOWN)
        check_person(of_person, after_withdrawal=after_withdrawal)

    def check_evidence(self, state: RecordState, recording: Recording) -> None:
        """Refuse a recording that can no longer be used.

        Raises:
            ConsentError: A bar applies; the message names it.
        """
        self._check_is_new(state, (recording,))
        _, found = self._against(None, (recording,), mine=UNKNOWN, without=state.record_id)
        if found:
            mine = self._log.index.person(self.person_of(state))
            held = self._log.index.held(state.record_id, (recording,))
            check_personal(found, person=mine, held=held, only_bars=True)

    def check_new(self, person: Person, mine: str, recordings: Sequence[Recording]) -> None:
        """Refuse a create with a consent that has no record yet.

        Args:
            person: The person who consents.
            mine: Their blinded identity.
            recordings: The recordings of the statement and for training.

        Raises:
            ConsentError: A bar applies; the message names it.
        """
        of_person, of_recordings = self._against(person, recordings, mine=mine)
        check_person(of_person)
        check_personal(of_recordings, person=mine, held={})

    def check_create(self, state: RecordState, training: Recording | None) -> str:
        """Refuse a create with a record, if a bar applies to its person or one of its recordings.

        Without a training recording, it is checked whether the record can take over a likeness.

        Returns:
            The blinded identity of the record's person.

        Raises:
            ConsentError: A bar applies; the message names it.
        """
        spoken = self.recording_of(state)
        self._check_is_new(state, spoken)
        person, recordings = self.person_of(state), (*spoken, training) if training else spoken
        mine, known = self._log.index.person(person), person if isinstance(person, Person) else None
        of_person, of_recordings = self._against(known, recordings, mine=mine, without=state.record_id)
        if of_person:
            check_person(of_person, began=self._log.store.first(state.record_id))
        if of_recordings:
            held = self._log.index.held(state.record_id, recordings)
            check_personal(of_recordings, person=mine, held=held)
        return mine

    def check_non_human(self, training: Recording) -> None:
        """Refuse to train a recording as non-human if it shows a person.

        Raises:
            ConsentError: A record shows a person; the message names it.
        """
        check_non_human(self._against(None, (training,), mine=NOBODY)[1])

    def renewals(self, states: Iterable[RecordState]) -> list[RecordState]:
        """Return the records that renew some records, at any distance, newest first."""
        now, chain = self._log.clock.now(), {state.record_id for state in states}
        known = [self._log.terms(state.subject_ref) for state in states]  # nothing for records of no person
        people = [self.find(reference=one.reference, full_name=one.full_name) for one in known if one is not None]
        found = [record_id for records in people for record_id in records]
        renewing = []
        for state in self._log.store.states(list(dict.fromkeys(found))):  # oldest first, so a chain is followed
            if state.renews in chain and state.record_id not in chain:
                chain.add(state.record_id)
                renewing.append(state.at(now))
        return renewing[::-1]

    def check_use(self, url: str) -> None:
        """Refuse to use the video or audio at a link if its person said no.

        Raises:
            ConsentError: A bar applies; the message names it.
        """
        check_serves(self._against(None, (self.recording(url, None),), mine=UNKNOWN)[1])

    def person_of(self, state: RecordState) -> Person | str:
        """Return the person of a record, as far as the vault knows."""
        terms = self._log.terms(state.subject_ref)
        return UNKNOWN if terms is None else person_of(terms)

    def recording(self, url: str, sha256: str | None) -> Recording:
        """Return the recording at a link."""
        return Recording(self._log.index.link(url), sha256)

    def recording_of(self, state: RecordState) -> tuple[Recording, ...]:
        """Return the recording of a record's statement; nothing if its link is no longer known."""
        last = recording_in(self._log.events(state.record_id))
        known = last.get(FOUND_BY)
        if known is None:  # written by an early release
            link = self._log.link(state, last)
            known = link and self._log.index.link(link)
        return (Recording(known, last.get("sha256")),) if known else ()

    def _check_is_new(self, state: RecordState, recordings: Sequence[Recording]) -> None:
        """Refuse to renew a consent with a recording that an earlier record has."""
        for earlier in self._log.line(state):
            self._log.index.ensure()
            if self._log.index.held(earlier.record_id, recordings):
                raise ConsentRequired(
                    f"This recording belongs to record {earlier.record_id}, which this one renews. A renewal needs a "
                    "new recording of the statement.",
                    field="consent",
                    reason="recording_renewed",
                )

    def _against(
        self, person: Person | None, recordings: Sequence[Recording], *, mine: str, without: str | None = None
    ) -> tuple[list[Found], list[Found]]:
        self._log.index.ensure()
        return self._log.index.against(person, recordings, mine=mine, without=without)


def person_of(terms: ConsentTerms) -> Person:
    """Return the person of the terms."""
    return Person.of(terms.full_name, terms.reference)
