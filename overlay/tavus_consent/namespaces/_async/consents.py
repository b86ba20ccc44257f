"""``tavus.consents``: consent records, their checks, receipts, withdrawal and erasure.

The registry makes every decision (:mod:`tavus_consent.gate.registry`). The order of calls to Tavus is in
:mod:`tavus_consent.gate._async.withdrawal`. Records say what was said and checked. They do not establish that consent
is legally valid, that the person is who they claim, or that a recording is live.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tavus_consent._clock import SystemClock
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent.record import VALID_FOR
from tavus_consent.gate.context import AsyncContext, without_client
from tavus_consent.gate.opening import DEFAULT

from .endings import AsyncEndings

if TYPE_CHECKING:
    from tavus_consent._clock import Clock
    from tavus_consent.consent.attempt import Attempt
    from tavus_consent.consent.notice import BiometricNotice, ConsentNotice
    from tavus_consent.consent.outputs import MadeOutput
    from tavus_consent.consent.policy import ConsentPolicy
    from tavus_consent.consent.record import ConsentRecord, ConsentVideo
    from tavus_consent.consent.states import State
    from tavus_consent.consent.transcriber import Transcriber, Transcript
    from tavus_consent.ledger import Ledger
    from tavus_consent.ledger.parties import Controller
    from tavus_consent.ledger.receipt import Receipt


@notes_caller("request", "renew", "add_evidence", "receipt")
@hides_locals
class AsyncConsents(AsyncEndings):
    """Consent records: ``tavus.consents``, or on their own, without an API key.

    Without a client, every method works except those that delete or look up replicas at Tavus::

        async with AsyncConsents(ledger="sqlite:///consent.db") as consents:
            record = await consents.request(full_name="Rio Alvarez", intended_uses=["onboarding"], adult=True)
            print(record.statement)

    Where a method takes a ``record``, pass a :class:`~tavus_consent.ConsentRecord` or its id.

    Args:
        ledger: The ledger of the records, as :class:`~tavus_consent.Tavus` takes it.
        consent_policy: The policy that a record must fulfill before a replica is trained.
        clock: The clock that dates events, for tests.
        actor: The account or role that acts, such as ``"billing-service"``; every event stores it. Never the name of a
            person, because an erasure does not remove it.

    Raises:
        ConfigurationError: An argument is invalid.
    """

    def __init__(
        self,
        ledger: str | Ledger | None = DEFAULT,
        *,
        consent_policy: ConsentPolicy | None = None,
        clock: Clock | None = None,
        actor: str | None = None,
    ) -> None:
        self._context = AsyncContext(**without_client(ledger, consent_policy, clock or SystemClock(), actor))

    @classmethod
    def _of(cls, context: AsyncContext) -> Self:
        made = cls.__new__(cls)
        made._context = context
        return made

    async def close(self) -> None:
        """Close the ledger if this object opened it. A client closes its own ledger; then this method does nothing."""
        if self._context.owns_ledger:
            await self._context.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def ledger(self) -> Ledger | None:
        """The ledger; ``None`` if records are only kept in memory.

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
        notice: ConsentNotice | str | None = None,
        notice_url: str | None = None,
        biometric_notice: BiometricNotice | None = None,
        retention: timedelta | None = None,
        adult: bool | None = None,
        attested_by: str | None = None,
        reference: str | None = None,
        after_withdrawal: bool = False,
        actor: str | None = None,
    ) -> ConsentRecord:
        """Ask a person for consent: begin a record, with the ``statement`` that they read aloud.

        A person who withdrew, refused or is under age gets no other record. The client knows a person by their
        ``reference``, or by their name if there is none.

        Args:
            full_name: The person's name, as they say it.
            as_borne: You state that the person bears this name. It may then have more than 8 words or 100 characters,
                and a suffix such as ", Jr." or "3rd".
            spoken_as: Up to three spellings of its pronunciation, for recognizers.
            intended_uses: The uses of the replica, as the person was told; stored as given. At least one, unless the
                policy says ``purposes="optional"``.
            valid_for: How long the consent is valid; up to ten years.
            notice: The privacy notice that the person was shown: its text, or a :class:`~tavus_consent.ConsentNotice`
                with its version. The vault stores the text, the chain its hash.
            notice_url: The address of the notice.
            biometric_notice: What the person was told about their biometric data.
            retention: How long the evidence is kept after the end of the consent. The record shows the date as
                ``keep_until``.
            adult: True attests that the person is of age. With False no replica is trained. It has to be stated, unless
                the policy says ``adult="optional"``.
            attested_by: Who attests this and asked for the consent: a name or an address.
            reference: Your own id of the person, such as ``"employee-4711"``. It distinguishes people with the same
                name.
            after_withdrawal: The person withdrew or refused before and has changed their mind. They record the
                statement again: their earlier recordings can no longer be used.
            actor: The account or role that acts; by default the one of the client.

        Raises:
            InvalidRequestError: A value is missing or malformed.
            ConsentError: The person said no before, or is under age; the message names the record.
            LedgerError: The ledger cannot be used.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(
            registry.request,
            full_name=full_name,
            as_borne=as_borne,
            spoken_as=spoken_as,
            intended_uses=intended_uses,
            valid_for=valid_for,
            notice=notice,
            notice_url=notice_url,
            biometric_notice=biometric_notice,
            retention=retention,
            adult=adult,
            attested_by=attested_by,
            reference=reference,
            after_withdrawal=after_withdrawal,
        )

    async def renew(
        self, record: ConsentRecord | str, *, valid_for: timedelta = VALID_FOR, actor: str | None = None
    ) -> ConsentRecord:
        """Ask a person to renew their consent: begin a record with the same terms and new dates.

        The person records the statement again; the earlier recordings cannot serve. The earlier record stays as it is.

        Args:
            record: The record to renew, or its id. Its consent was given, and may have expired.
            valid_for: How long the new consent is valid; up to ten years.
            actor: The account or role that acts; by default the one of the client.

        Returns:
            The new record. Its ``renews`` is the id of the earlier one.

        Raises:
            InvalidRequestError: The earlier record lacks terms that the policy requires, or the person was erased.
            ConsentError: The person said no, or is under age; the message names the record.
            IllegalTransition: There is no given consent to renew.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.renew, record, valid_for=valid_for)

    async def get(self, record: ConsentRecord | str) -> ConsentRecord:
        """Read a record as it stands now.

        Raises:
            InvalidRequestError: There is no such record.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.get, record)

    async def find(
        self,
        *,
        reference: str | None = None,
        full_name: str | None = None,
        replica_id: str | None = None,
        voice_id: str | None = None,
        video_id: str | None = None,
        conversation_id: str | None = None,
    ) -> builtins.list[ConsentRecord]:
        """Find all records of a person, or those that an object came of, oldest first. Give one argument.

        Args:
            reference: Your own id of the person.
            full_name: The person's name. Differences of case, accents and hyphens are ignored.
            replica_id: Id of a replica or face.
            voice_id: Id of a voice.
            video_id: Id of a video that was made through this SDK.
            conversation_id: Id of a conversation that was begun through this SDK.

        Raises:
            InvalidRequestError: Not exactly one of them was given.
            VaultKeyError: The key of the ledger is missing; it is needed to find persons.
        """
        registry = await self._context.registry()
        return await self._context.run(
            registry.find,
            reference=reference,
            full_name=full_name,
            replica_id=replica_id,
            voice_id=voice_id,
            video_id=video_id,
            conversation_id=conversation_id,
        )

    async def for_replica(self, replica_id: str) -> ConsentRecord | None:
        """Read the record that a replica or face was created from; ``None`` if the ledger has none."""
        registry = await self._context.registry()
        return await self._context.run(registry.for_replica, replica_id)

    async def outputs(self, record: ConsentRecord | str) -> builtins.list[MadeOutput]:
        """List what was made with the likenesses of a record through this SDK, and what of it is deleted.

        Raises:
            InvalidRequestError: There is no such record.
        """
        registry = await self._context.registry()
        return await self._context.run(registry.outputs, record)

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
            expiring_within: Only records whose consent is pending or given, and expires within this time.
            status: Only records with this status, such as ``"given"``. Attestations show no person, so they are only
                listed if you ask for their status, such as ``"attested"``.
            limit: The maximum number of records, for paging. By default all.
            after: Only records after this one: the last one of the previous page.
            search: Only records with this text in the name, the reference, the id, or the id of a replica. It decrypts
                the personal data of all records, which is slow.

        Raises:
            InvalidRequestError: The status or the record does not exist.
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
            IllegalTransition: The record cannot take a recording. Once consent is given, another recording needs
                another record.
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
        """Compare a recording or a transcript with the statement, and store the attempt.

        Without words, the verdict is ``UNUSABLE``. A transcriber hears the recording. A transcript is supplied: it is
        at best ``REVIEW``, or it may pass if its engine is named, and it never fulfills
        ``ConsentPolicy(requires="verified")``. A ``MISMATCH`` of either kind stays with the recording, regardless of
        later attempts.

        Args:
            record: The record, or its id.
            transcriber: Who listens, see :class:`~tavus_consent.consent.Transcriber`.
            recording: The file or its bytes, as input of the transcriber. Its SHA-256 is compared with the record's.
            transcript: The complete transcript from another source.
            engine: The speech recognizer that wrote the transcript, such as ``"whisper-large-v3"``.

        Returns:
            The attempt: ``verdict``, ``source``, ``name_score``, ``diff``. Use :meth:`review` to lift a doubt
            (``REVIEW``).

        Raises:
            EvidenceChanged: The file is not the recording of this record.
            IllegalTransition: There is no recording yet, or the record has ended.
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

    async def review(
        self, record: ConsentRecord | str, *, reviewer: str, reason: str, actor: str | None = None
    ) -> ConsentRecord:
        """Lift a doubt: a named person has checked the recording and gives the reason.

        Args:
            record: The record, or its id.
            reviewer: Who checked the recording: a name or an address.
            reason: The reason.
            actor: The account or role that acts; by default the one of the client.

        Raises:
            IllegalTransition: There is no doubt to lift. A mismatch cannot be lifted.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.review, record, reviewer=reviewer, reason=reason)

    async def receipt(
        self,
        record: ConsentRecord | str,
        *,
        controller: Controller | None = None,
        language: str = "en",
        actor: str | None = None,
    ) -> Receipt:
        """Create a receipt for the person, with size and head of the ledger. The ledger records that it was issued.

        Args:
            record: The record, or its id.
            controller: The controller to show on the receipt; by default only the name of who asked for the consent.
            language: The language of ``receipt.text()``: ``en``, ``de``, ``es`` or ``fr``.
            actor: The account or role that acts; by default the one of the client.

        Warns:
            ReceiptWarning: Mandatory fields of ISO/IEC TS 27560 are not stated; ``receipt.missing`` lists them.

        Raises:
            InvalidRequestError: No person can get a receipt.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.receipt, record, controller=controller, language=language)
