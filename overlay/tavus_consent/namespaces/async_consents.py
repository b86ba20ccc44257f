"""``tavus.consents`` of the async client: the same as :mod:`.consents`, and says the same."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from tavus_consent._frames import hides_locals
from tavus_consent._loop import in_thread
from tavus_consent.gate.offline import Alone, close, just, with_tavus
from tavus_consent.gate.opening import DEFAULT
from tavus_consent.gate.steps import run_async
from tavus_consent.gate.withdrawal import reconciling, resuming, withdrawing

from .consents import YEAR, Consents

if TYPE_CHECKING:
    from tavus_consent._clock import Clock
    from tavus_consent.client import AsyncTavus
    from tavus_consent.consent.policy import ConsentPolicy
    from tavus_consent.consent.record import Attempt, ConsentRecord, ConsentVideo
    from tavus_consent.consent.states import State
    from tavus_consent.consent.transcriber import Transcriber, Transcript
    from tavus_consent.consent.withdrawal import Reconciliation, WithdrawalReport
    from tavus_consent.ledger import Ledger
    from tavus_consent.ledger.event_store import Erasure
    from tavus_consent.ledger.receipt import Controller, Receipt


@hides_locals
class AsyncConsents:
    """Records of consent: ``tavus.consents`` of :class:`AsyncTavus`, or on their own, without an API key.

    Everything happens in worker threads but the calls to Tavus. Takes what :class:`Consents` takes.
    """

    def __init__(
        self,
        ledger: str | Ledger | None = DEFAULT,
        *,
        consent_policy: ConsentPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._client: AsyncTavus | Alone = Alone(ledger, consent_policy, clock)

    @classmethod
    def _of(cls, client: AsyncTavus) -> Self:
        made = cls.__new__(cls)
        made._client = client
        return made

    async def close(self) -> None:
        await in_thread(partial(close, self._client))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def ledger(self) -> Ledger | None:
        return self._client._shared.keeper.ledger(opened=True)

    async def request(
        self,
        *,
        full_name: str,
        as_borne: bool = False,
        spoken_as: Sequence[str] = (),
        intended_uses: Sequence[str] = (),
        valid_for: timedelta = YEAR,
        notice_url: str | None = None,
        adult: bool | None = None,
        attested_by: str | None = None,
        reference: str | None = None,
        after_withdrawal: bool = False,
    ) -> ConsentRecord:
        return await run_async(
            self._client,
            just(
                lambda it: it.request(
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
            ),
        )

    async def get(self, record: ConsentRecord | str) -> ConsentRecord:
        return await run_async(self._client, just(lambda it: it.get(record)))

    async def find(
        self, *, reference: str | None = None, full_name: str | None = None, replica_id: str | None = None
    ) -> builtins.list[ConsentRecord]:
        return await run_async(
            self._client,
            just(lambda it: it.find(reference=reference, full_name=full_name, replica_id=replica_id)),
        )

    async def for_replica(self, replica_id: str) -> ConsentRecord | None:
        return await run_async(self._client, just(lambda it: it.for_replica(replica_id)))

    async def list(
        self,
        *,
        expiring_within: timedelta | None = None,
        status: State | str | None = None,
        limit: int | None = None,
        after: ConsentRecord | str | None = None,
        search: str | None = None,
    ) -> builtins.list[ConsentRecord]:
        return await run_async(
            self._client,
            just(
                lambda it: it.records(
                    expiring_within=expiring_within, status=status, limit=limit, after=after, search=search
                )
            ),
        )

    async def add_evidence(self, record: ConsentRecord | str, recording: ConsentVideo) -> ConsentRecord:
        return await run_async(self._client, just(lambda it: it.add_evidence(record, recording)))

    async def verify(
        self,
        record: ConsentRecord | str,
        *,
        transcript: str | Transcript | None = None,
        engine: str | None = None,
        transcriber: Transcriber | None = None,
        recording: Path | bytes | None = None,
    ) -> Attempt:
        return await run_async(
            self._client,
            just(
                lambda it: it.verify(
                    record, transcript=transcript, engine=engine, transcriber=transcriber, recording=recording
                )
            ),
        )

    async def attempts(self, record: ConsentRecord | str) -> builtins.list[Attempt]:
        return await run_async(self._client, just(lambda it: it.attempts(record)))

    async def review(self, record: ConsentRecord | str, *, reviewer: str, reason: str) -> ConsentRecord:
        return await run_async(self._client, just(lambda it: it.review(record, reviewer=reviewer, reason=reason)))

    async def refuse(self, record: ConsentRecord | str) -> ConsentRecord:
        return await run_async(self._client, just(lambda it: it.refuse(record)))

    async def invalidate(self, record: ConsentRecord | str, *, reason: str) -> ConsentRecord:
        return await run_async(self._client, just(lambda it: it.invalidate(record, reason=reason)))

    async def receipt(
        self, record: ConsentRecord | str, *, controller: Controller | None = None, language: str = "en"
    ) -> Receipt:
        return await run_async(
            self._client, just(lambda it: it.receipt(record, controller=controller, language=language))
        )

    async def withdraw(
        self,
        record: ConsentRecord | str,
        *,
        requested_by: Literal["subject", "controller"],
        reason: str | None = None,
        videos: Sequence[str] = (),
    ) -> WithdrawalReport:
        return await run_async(
            with_tavus(self._client), withdrawing(record, requested_by=requested_by, reason=reason, videos=videos)
        )

    async def resume_withdrawals(self) -> builtins.list[WithdrawalReport]:
        return await run_async(with_tavus(self._client), resuming())

    async def erase(self, record: ConsentRecord | str) -> Erasure:
        return await run_async(self._client, just(lambda it: it.erase(record)))

    async def erase_person(
        self, *, reference: str | None = None, full_name: str | None = None
    ) -> builtins.list[Erasure]:
        return await run_async(self._client, just(lambda it: it.erase_person(reference=reference, full_name=full_name)))

    async def reconcile(self, *, decided: Mapping[str, str | None] | None = None) -> builtins.list[Reconciliation]:
        return await run_async(with_tavus(self._client), reconciling(decided=decided))


# The async methods do the same, so they say the same.
for _name, _method in vars(AsyncConsents).items():
    if not _name.startswith("_"):
        _method.__doc__ = getattr(Consents, _name).__doc__
