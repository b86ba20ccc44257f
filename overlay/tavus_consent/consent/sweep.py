"""The report of a sweep. Pure."""

from __future__ import annotations

from attrs import frozen

from tavus_consent._frames import hides_locals

from .record import ConsentRecord
from .withdrawal import Reconciliation, Remaining, WithdrawalReport


@hides_locals
@frozen(kw_only=True)
class SweepReport:
    """The results of a sweep, or its plan.

    Attributes:
        dry_run: True if the sweep only looked at the ledger.
        reconciled: The creates without a recorded outcome.
        resumed: The withdrawals that were under way.
        expired: The withdrawals of expired consents, with ``ConsentPolicy(on_expiry="delete")``.
        erased: The ids of records that were erased, because their retention has ended.
        blocked: Records whose retention has ended, and that cannot be erased yet.
        expiring: Records whose consent expires soon.
    """

    dry_run: bool = False
    reconciled: tuple[Reconciliation, ...] = ()
    resumed: tuple[WithdrawalReport, ...] = ()
    expired: tuple[WithdrawalReport, ...] = ()
    erased: tuple[str, ...] = ()
    blocked: tuple[Remaining, ...] = ()
    expiring: tuple[ConsentRecord, ...] = ()

    @property
    def complete(self) -> bool:
        """True if nothing is left to do but the tasks that complete withdrawals leave to others."""
        is_open = any(one.outcome in ("waiting", "unknown") for one in self.reconciled)
        withdrawn = all(one.complete for one in (*self.resumed, *self.expired))
        return withdrawn and not is_open and not self.blocked and not (self.dry_run and self.erased)
