"""The ends of consents: refusal, invalidation, withdrawal, erasure, and the nightly work."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tavus_consent._frames import hides_locals
from tavus_consent.consent.record import SOON
from tavus_consent.gate._async.sweep import sweep
from tavus_consent.gate._async.withdrawal import reconcile, resume, withdraw

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.consent.sweep import SweepReport
    from tavus_consent.consent.withdrawal import Reconciliation, WithdrawalReport
    from tavus_consent.gate.context import AsyncContext
    from tavus_consent.ledger.protocols import Erasure


@hides_locals
class AsyncEndings:
    """The methods of ``tavus.consents`` that end consents."""

    _context: AsyncContext

    async def refuse(self, record: ConsentRecord | str, *, actor: str | None = None) -> ConsentRecord:
        """Record that the person refused.

        Args:
            record: The record, or its id.
            actor: The account or role that acts; by default the one of the client.

        Raises:
            IllegalTransition: Consent was already given; use :meth:`withdraw`.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.refuse, record)

    async def invalidate(self, record: ConsentRecord | str, *, reason: str, actor: str | None = None) -> ConsentRecord:
        """Declare a record void, such as one for the wrong person. It can no longer train a replica.

        Args:
            record: The record, or its id.
            reason: The reason.
            actor: The account or role that acts; by default the one of the client.

        Raises:
            IllegalTransition: The person was erased.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.invalidate, record, reason=reason)

    async def withdraw(
        self,
        record: ConsentRecord | str,
        *,
        requested_by: Literal["subject", "controller"],
        reason: str | None = None,
        videos: Sequence[str] = (),
        memory: bool = False,
        actor: str | None = None,
    ) -> WithdrawalReport:
        """Withdraw a consent, then delete everything made with it, as far as Tavus allows.

        It deletes replicas and faces with their assets, their voices, videos, lipsyncs and replacements. It ends and
        deletes conversations, and stops deployments. ``remaining`` lists what others must see to: speech, PALs that
        name the likeness, requests whose outcome is unknown, and videos for which Tavus names no replica.

        The withdrawal takes effect immediately, even if later steps fail; :meth:`resume_withdrawals` retries failed
        steps. If the record renews others, they are withdrawn, too: ``renewed`` lists them.

        Args:
            record: The record, or its id.
            requested_by: ``"subject"`` or ``"controller"``.
            reason: The reason, if one was given.
            videos: Ids of videos that are known to be made from it.
            memory: Also delete the memory stores of its conversations: what PALs remember of the participants. Pass it
                before the withdrawal is complete.
            actor: The account or role that acts; by default the one of the client.

        Returns:
            The report: what is deleted, what remains, and who must act.

        Raises:
            IllegalTransition: There is nothing to withdraw.
            ConfigurationError: There is no client; nothing was written.
        """
        return await withdraw(
            self._context.acting(actor),
            record,
            requested_by=requested_by,
            reason=reason,
            videos=videos,
            memory=memory,
        )

    async def resume_withdrawals(self) -> builtins.list[WithdrawalReport]:
        """Continue every withdrawal that is not complete, and return a report of each."""
        return await resume(self._context)

    async def sweep(self, *, within: timedelta = SOON, dry_run: bool = False, actor: str | None = None) -> SweepReport:
        """Do what is due: a job for every night. You can repeat and interrupt it.

        It looks up creates without a recorded outcome and resumes withdrawals. With
        ``ConsentPolicy(on_expiry="delete")`` it withdraws expired consents that still have a likeness. It erases
        records whose retention has ended: the ``retention`` of their request, counted from the end of the consent.

        Args:
            within: Also list the records whose consent expires within this time.
            dry_run: Only say what would be done, as far as the ledger knows. Nothing is written or sent.
            actor: The account or role that acts; by default the one of the client.

        Returns:
            The report. It is ``complete`` if nothing is left to do.

        Raises:
            ConfigurationError: There is no client.
        """
        return await sweep(self._context.acting(actor), within=within, dry_run=dry_run)

    async def erase(self, record: ConsentRecord | str, *, actor: str | None = None) -> Erasure:
        """Erase a person, so that nobody can read their name, transcripts and links. The chain still verifies.

        Args:
            record: The record, or its id.
            actor: The account or role that acts; by default the one of the client.

        Returns:
            The number of deleted items, and where bytes may remain.

        Raises:
            IllegalTransition: Something has to be deleted first: withdraw, then erase.
            ErasureIncomplete: Everything is deleted, but old bytes are still in a file. Erase again.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.erase, record)

    async def erase_person(
        self, *, reference: str | None = None, full_name: str | None = None, actor: str | None = None
    ) -> builtins.list[Erasure]:
        """Erase all records of a person, or none of them. Pass the reference or the name.

        Afterwards it no longer finds any record. The recordings still cannot be used for another person.

        Args:
            reference: Your own id of the person.
            full_name: The person's name.
            actor: The account or role that acts; by default the one of the client.

        Returns:
            The erasure of each record.

        Raises:
            InvalidRequestError: There is no such person, or several have this name.
            IllegalTransition: Something has to be deleted first: withdraw, then erase.
            ErasureIncomplete: All data of a record is deleted, but old bytes are still in a file. Erase again.
        """
        registry = await self._context.acting(actor).registry()
        return await self._context.run(registry.erase_person, reference=reference, full_name=full_name)

    async def reconcile(self, *, decided: Mapping[str, str | None] | None = None) -> builtins.list[Reconciliation]:
        """Look up every create without a recorded outcome. This creates nothing.

        Args:
            decided: Your own findings about ``unknown`` ones: the replica by ``intent_id``, or None if it made none.

        Returns:
            The outcome of each. An ``unknown`` one names candidates; one that is ``waiting`` may be under way.

        Raises:
            InvalidRequestError: A decision is not possible.
            CallError: Tavus refused, or could not be reached.
        """
        return await reconcile(self._context, decided=decided)
