"""``tavus.consents``: records of consent, their checks, receipts, withdrawal and erasure.

Every decision is the registry's (:mod:`tavus_consent.gate.registry`). The order of calls to Tavus is in
:mod:`tavus_consent.gate._async.withdrawal`. What is kept records what was said and checked; it does not establish that
consent is legally valid, that the person is who they claim, or that a recording is live.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from tavus_consent._clock import SystemClock
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent.record import VALID_FOR
from tavus_consent.gate._async.withdrawal import reconcile, resume, withdraw
from tavus_consent.gate.context import AsyncContext, without_client
from tavus_consent.gate.opening import DEFAULT

if TYPE_CHECKING:
    from tavus_consent._clock import Clock
    from tavus_consent.consent.attempt import Attempt
    from tavus_consent.consent.policy import ConsentPolicy
    from tavus_consent.consent.record import ConsentRecord, ConsentVideo
    from tavus_consent.consent.states import State
    from tavus_consent.consent.transcriber import Transcriber, Transcript
    from tavus_consent.consent.withdrawal import Reconciliation, WithdrawalReport
    from tavus_consent.ledger import Ledger
    from tavus_consent.ledger.event_store import Erasure
    from tavus_consent.ledger.receipt import Controller, Receipt


@notes_caller("request", "add_evidence")
@hides_locals
class AsyncConsents:
    """Records of consent: ``tavus.consents``, or on their own, without an API key.

    Without a client, everything works that does not delete or look up at Tavus::

        async with AsyncConsents(ledger="sqlite:///consent.db") as consents:
            print((await consents.request(full_name="Rio Alvarez")).statement)

    Where a method takes a ``record``, pass a :class:`~tavus_consent.ConsentRecord` or its id.

    Args:
        ledger: Where records are kept, as :class:`~tavus_consent.Tavus` takes it.
        consent_policy: What a record must have reached before a replica is trained.
        clock: What dates events, for tests.

    Raises:
        ConfigurationError: An argument is something else.
    """

    def __init__(
        self,
        ledger: str | Ledger | None = DEFAULT,
        *,
        consent_policy: ConsentPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._context = AsyncContext(**without_client(ledger, consent_policy, clock or SystemClock()))

    @classmethod
    def _of(cls, context: AsyncContext) -> Self:
        made = cls.__new__(cls)
        made._context = context
        return made

    async def close(self) -> None:
        """Close the ledger if it was opened here. A client closes its own: there this does nothing."""
        if self._context.owns_ledger:
            await self._context.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def ledger(self) -> Ledger | None:
        """The ledger; ``None`` when nothing is kept beyond this process.

        Raises:
            ConfigurationError: The async client has not opened it yet, which may wait for a disk: await any call first.
        """
        return self._context.ledger

    async def request(
        self,
        *,
        full_name: str,
        as_borne: bool = False,
        spoken_as: Sequence[str] = (),
        intended_uses: Sequence[str] = (),
        valid_for: timedelta = VALID_FOR,
        notice_url: str | None = None,
        adult: bool | None = None,
        attested_by: str | None = None,
        reference: str | None = None,
        after_withdrawal: bool = False,
    ) -> ConsentRecord:
        """Ask a person for consent: begin a record, with the ``statement`` that they read aloud.

        A person who withdrew, refused or is under age gets no other record. The client knows a person by their
        ``reference``, or by their name if there is none.

        Args:
            full_name: The person's name, as they say it.
            as_borne: You state that the person bears this name. Then it may have more than 8 words or 100 characters,
                and a suffix such as ", Jr." or "3rd".
            spoken_as: Up to three spellings of how it sounds, for recognisers.
            intended_uses: What the replica is for, as it was told to the person; kept as given.
            valid_for: How long the consent holds; up to ten years.
            notice_url: The privacy notice that the person was shown.
            adult: Whether somebody vouches that the person is of age. With False no replica is trained.
            attested_by: Who says so, and asked for the consent: a name or an address.
            reference: Your own id of the person, such as ``"employee-4711"``. It tells namesakes apart.
            after_withdrawal: The person withdrew or refused before and has changed their mind. They record the
                statement anew: their earlier recordings serve nothing any more.

        Raises:
            InvalidRequestError: A value is missing or not of its form.
            ConsentError: The person said no before, or is under age; the message says by which record.
            LedgerError: The ledger cannot be used.
        """
        registry = await self._context.registry()
        return await self._context.run(
            registry.request,
            full_name=full_name,
            as_borne=as_borne,
            spoken_as=spoken_as,
            intended_uses=intended_uses,
            valid_for=valid_for,
            notice_url=notice_url,
            adult=adult,
            attested_by=attested_by,
            reference=reference,
            after_withdrawal=after_withdrawal,
        )

    async def get(self, record: ConsentRecord | str) -> ConsentRecord:
        """Read a record as it stands now.

        Raises:
            InvalidRequestError: There is no such record.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.get, record)

    async def find(
        self, *, reference: str | None = None, full_name: str | None = None, replica_id: str | None = None
    ) -> builtins.list[ConsentRecord]:
        """Find all records of a person, or those that a replica came of, oldest first. Give one of the three.

        Args:
            reference: Your own id of the person.
            full_name: The person's name, however it is written: case, accents and hyphens do not count.
            replica_id: Id of a replica or face.

        Raises:
            InvalidRequestError: Not exactly one of them was given.
            VaultKeyError: Persons can be found only with the key of the ledger.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.find, reference=reference, full_name=full_name, replica_id=replica_id)

    async def for_replica(self, replica_id: str) -> ConsentRecord | None:
        """Read the record that a replica or face came of; ``None`` if the ledger has none."""
        registry = await self._context.registry()
        return await self._context.run(registry.for_replica, replica_id)

    async def list(
        self,
        *,
        expiring_within: timedelta | None = None,
        status: State | str | None = None,
        limit: int | None = None,
        after: ConsentRecord | str | None = None,
        search: str | None = None,
    ) -> builtins.list[ConsentRecord]:
        """List records, oldest first. If the events of one cannot be read, it is ``unsound``; its ``problem`` says why.

        Args:
            expiring_within: Only those whose consent is asked for or given, and ends within this time.
            status: Only those that stand here, such as ``"given"``. Records that somebody vouched for show no person;
                they are listed only where their status is asked for, such as ``"attested"``.
            limit: At most so many: a page. All of them unless it is given.
            after: Only those that began after this one: the last of the page before.
            search: Only those with this text in the name, the reference, the id, or the id of a replica. It opens the
                personal data of all records, so it takes its time.

        Raises:
            InvalidRequestError: There is no such status, or no such record.
        """
        registry = await self._context.registry()
        return await self._context.run(
            registry.records, expiring_within=expiring_within, status=status, limit=limit, after=after, search=search
        )

    async def add_evidence(self, record: ConsentRecord | str, recording: ConsentVideo) -> ConsentRecord:
        """Add the recording of the statement, or a fresh link to the same recording.

        Args:
            record: The record, or its id.
            recording: Its link, which is checked as for a create. With the SHA-256, the record notices a change.

        Warns:
            LinkWarning: The link may not work for Tavus.

        Raises:
            InvalidLinkError: The link cannot work, such as the page of a file on Google Drive.
            IllegalTransition: The record has no use for it; once consent is given, another recording is another record.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.add_evidence, record, recording)

    async def verify(
        self,
        record: ConsentRecord | str,
        *,
        transcript: str | Transcript | None = None,
        engine: str | None = None,
        transcriber: Transcriber | None = None,
        recording: Path | bytes | None = None,
    ) -> Attempt:
        """Compare what was said with the statement. Every attempt is kept; without any words it is ``UNUSABLE``.

        A transcriber hears the recording. A transcript is supplied: it is ``REVIEW`` at best, or it may pass where its
        engine is named, and it never fulfils ``ConsentPolicy(requires="verified")``. A ``MISMATCH`` of either kind
        stays with the recording, whatever is heard later.

        Args:
            record: The record, or its id.
            transcriber: Who listens, see :class:`~tavus_consent.consent.Transcriber`.
            recording: The file or its bytes: what the transcriber hears. Its SHA-256 is held against the record's.
            transcript: Or what was said, whole, as you know it from elsewhere.
            engine: The speech recognizer that wrote the transcript, such as ``"whisper-large-v3"``.

        Returns:
            The attempt: ``verdict``, ``source``, ``name_score``, ``diff``. A doubtful one (``REVIEW``) is lifted by
            :meth:`review`.

        Raises:
            EvidenceChanged: The file is not the recording of this record.
            IllegalTransition: There is no recording yet, or the record is at its end.
        """
        registry = await self._context.registry()
        return await self._context.run(
            registry.attempts.verify,
            record,
            transcript=transcript,
            engine=engine,
            transcriber=transcriber,
            recording=recording,
        )

    async def attempts(self, record: ConsentRecord | str) -> builtins.list[Attempt]:
        """List every attempt of a record, in order; without words and names once the person was erased."""
        registry = await self._context.registry()
        return await self._context.run(registry.attempts.of, record)

    async def review(self, record: ConsentRecord | str, *, reviewer: str, reason: str) -> ConsentRecord:
        """Lift a doubt: a named person has looked at the recording and says why it is the statement.

        Args:
            record: The record, or its id.
            reviewer: Who looked: a name or an address.
            reason: Why.

        Raises:
            IllegalTransition: There is no doubt to lift. A mismatch cannot be lifted.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.review, record, reviewer=reviewer, reason=reason)

    async def refuse(self, record: ConsentRecord | str) -> ConsentRecord:
        """Write down that the person said no.

        Raises:
            IllegalTransition: Consent was given before: that is a withdrawal.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.refuse, record)

    async def invalidate(self, record: ConsentRecord | str, *, reason: str) -> ConsentRecord:
        """Declare a record void, such as one that was made for the wrong person. It trains nothing any more.

        Args:
            record: The record, or its id.
            reason: Why.

        Raises:
            IllegalTransition: The person was erased.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.invalidate, record, reason=reason)

    async def receipt(
        self, record: ConsentRecord | str, *, controller: Controller | None = None, language: str = "en"
    ) -> Receipt:
        """Make a receipt for the person, with the size and the head of the ledger; that it was issued is kept.

        Args:
            record: The record, or its id.
            controller: You, as the receipt shows you; by default no more than who asked for the consent.
            language: Of ``receipt.text()``: ``en``, ``de``, ``es`` or ``fr``.

        Raises:
            InvalidRequestError: There is nobody who could get one.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.receipt, record, controller=controller, language=language)

    async def withdraw(
        self,
        record: ConsentRecord | str,
        *,
        requested_by: Literal["subject", "controller"],
        reason: str | None = None,
        videos: Sequence[str] = (),
    ) -> WithdrawalReport:
        """Withdraw a consent, then delete what came of it: replicas with their assets, and videos made from them.

        It is withdrawn from the first moment, whatever fails afterwards; what failed is tried again by
        :meth:`resume_withdrawals`. Tavus does not always say from which replica a video was made: such videos are in
        ``remaining``.

        Args:
            record: The record, or its id.
            requested_by: ``"subject"`` or ``"controller"``.
            reason: Why, if somebody said so.
            videos: Ids of videos that are known to be made from it.

        Returns:
            What is gone, what remains, and who must act.

        Raises:
            IllegalTransition: There is nothing that could be withdrawn.
            ConfigurationError: There is no client; nothing was written.
        """
        return await withdraw(self._context, record, requested_by=requested_by, reason=reason, videos=videos)

    async def resume_withdrawals(self) -> builtins.list[WithdrawalReport]:
        """Continue every withdrawal that is not complete, and return a report of each."""
        return await resume(self._context)

    async def erase(self, record: ConsentRecord | str) -> Erasure:
        """Erase a person, so that nobody can read their name, transcripts and links. The chain still verifies.

        Returns:
            What was reached, and where bytes may remain.

        Raises:
            IllegalTransition: Something is left that has to go first: withdraw, then erase.
            ErasureIncomplete: All is deleted, but old bytes are still in a file. Erase again.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.erase, record)

    async def erase_person(
        self, *, reference: str | None = None, full_name: str | None = None
    ) -> builtins.list[Erasure]:
        """Erase all records of a person, or none of them. Give the reference or the name.

        Afterwards nobody can be found by it. The recordings still serve nobody else.

        Args:
            reference: Your own id of the person.
            full_name: The person's name.

        Returns:
            What was reached, for each record.

        Raises:
            InvalidRequestError: There is no such person, or several have this name.
            IllegalTransition: Something is left that has to go first: withdraw, then erase.
            ErasureIncomplete: All of a record is deleted, but old bytes are still in a file. Erase again.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.erase_person, reference=reference, full_name=full_name)

    async def reconcile(self, *, decided: Mapping[str, str | None] | None = None) -> builtins.list[Reconciliation]:
        """Look up every create without a recorded outcome. This creates nothing.

        Args:
            decided: Your own findings about ``unknown`` ones: the replica by ``intent_id``, or None if it made none.

        Returns:
            The outcome of each. An ``unknown`` one names candidates; one that is ``waiting`` may be under way.

        Raises:
            InvalidRequestError: What was decided cannot be.
            CallError: Tavus refused, or could not be reached.
        """
        return await reconcile(self._context, decided=decided)
