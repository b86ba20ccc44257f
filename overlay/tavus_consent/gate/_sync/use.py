# Derived from ../_async/use.py by scripts/derive_sync.py, do not edit.
"""The steps of a use: what does the request name, may it be sent, what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from tavus_consent import errors
from tavus_consent._arguments import check_text
from tavus_consent._warnings import ConsentWarning, warn_caller
from tavus_consent.gate.context import Context
from tavus_consent.gate.naming import (
    LIKENESSES,
    LOOKED_UP,
    FaceVoices,
    Named,
    deleted_in,
    made_in,
    named_in,
    vars_of,
    voices_of,
)
from tavus_consent.gate.uses import Asked, Bypass, Use, check_operation

if TYPE_CHECKING:
    from tavus_consent.gate.lookups import Lookups
    from tavus_consent.results import Face

logger: Final = logging.getLogger("tavus_consent")
_OPEN: Final[ContextVar[tuple[Bypass, ...]]] = ContextVar("tavus_consent_open_gates", default=())


@frozen
class Admitted:
    """An admitted request.

    Attributes:
        asked: The request.
        use: The use that was recorded, if it concerns a record.
        lost: The voices of the replica that the request deletes, if they could be read.
    """

    asked: Asked
    use: Use | None = None
    lost: FaceVoices | None = None


class UseGate:
    """The guard of a client: it asks the ledger about every request that shows or makes a likeness.

    Args:
        context: The context whose calls no guard sees.
        lookups: What was looked up lately.
    """

    def __init__(self, context: Context, lookups: Lookups) -> None:
        self._context, self._lookups = context, lookups

    def admit(self, call: Asked, use: str | None) -> Admitted:
        """Decide about a request.

        Raises:
            ConsentError: It must not be sent.
        """
        bypass = self._bypass()
        operation = call.operation
        if bypass is None:
            check_operation(call)
        if operation is not None and operation.consent == "none":
            return Admitted(call, lost=self._lost(call))
        named = named_in(call.method, call.place, call.body)
        if self._is_needed():
            named = self._with_owners(self._with_defaults(named))
        elif bypass is None:
            return Admitted(call)
        registry = self._context.registry()
        foreign = []
        if bypass is None and registry.uses.refuses_unknown:
            unknown = self._context.run_quick(registry.uses.unknown, named)
            foreign = [one[1] for one in unknown if not self._is_stock(*one)]
        name = operation.identifier if operation is not None else f"{call.method}:{call.path}"
        admitted = self._context.run_quick(registry.uses.admit, name, named, use=use, bypass=bypass, foreign=foreign)
        for warning in admitted.warnings if admitted is not None else ():
            warn_caller(warning, ConsentWarning)
        return Admitted(call, admitted)

    def settle(self, admitted: Admitted, outcome: Any) -> None:
        """Record what came of a request. A failing ledger must not hide it: the use then stays open."""
        asked = admitted.asked
        failed = isinstance(outcome, BaseException)
        try:
            if asked.method == "DELETE":
                if not failed and self._may_know_anything:
                    self._deleted(asked, admitted.lost)
            elif admitted.use is not None:
                status = "made"
                if failed:
                    status = "unknown" if isinstance(outcome, errors.OutcomeUnknownError) else "failed"
                made = None if failed else made_in(outcome, asked.place)
                registry = self._context.registry()
                self._context.run_quick(registry.uses.settle, admitted.use, status, made)
        except errors.TavusError as error:
            logger.warning(
                "what %s made could not be written to the ledger (%s); the use stays open there",
                asked.path,
                type(error).__name__,
            )
        if any(f"{kind}_id" in asked.place for kind in LOOKED_UP):
            self._lookups.clear()  # others may have been found through the object that was changed

    def _deleted(self, asked: Asked, lost: FaceVoices | None) -> None:
        deleted = deleted_in(asked.operation.path if asked.operation is not None else "", asked.place)
        if deleted is not None:
            registry = self._context.registry()
            self._context.run_quick(registry.uses.deleted, *deleted, lost)

    def _lost(self, asked: Asked) -> FaceVoices | None:
        """Read the voices of a replica that is about to be deleted: afterwards nothing names them.

        A failure does not stop the deletion. The voice is then looked for after a withdrawal.
        """
        if asked.method != "DELETE" or asked.operation is None or not self._may_know_anything:
            return None
        kind, object_id = deleted_in(asked.operation.path, asked.place) or ("", "")
        if kind not in ("replica", "face"):
            return None
        with suppress(errors.TavusError):
            registry = self._context.registry()
            if self._context.run_quick(registry.uses.loses_voice, object_id):
                return voices_of(self._read("face", object_id) or {})
        return None

    @contextmanager
    def opened(self, reason: str, by: str) -> Iterator[None]:
        """Open the gate for a block, and write that to the ledger."""
        check_text(reason, "reason")
        check_text(by, "by")
        registry = self._context.registry()
        bypass = self._context.run_quick(registry.uses.bypass, self._context.opener, reason=reason, by=by)
        token = _OPEN.set((*_OPEN.get(), bypass))
        try:
            yield
        finally:
            _OPEN.reset(token)

    def _bypass(self) -> Bypass | None:
        return next((one for one in reversed(_OPEN.get()) if one.owner is self._context.opener), None)

    @property
    def _may_know_anything(self) -> bool:
        """False if nothing is kept, and nothing was created yet."""
        return self._context.opener.is_open or not self._context.opener.is_instant

    def _is_needed(self) -> bool:
        """Return False if the ledger knows no likeness, so that nothing has to be looked up."""
        if not self._may_know_anything:
            return False
        registry = self._context.registry()
        return registry.uses.is_needed or self._context.run_quick(registry.uses.look)

    def _with_defaults(self, named: Named) -> Named:
        """Add the likenesses of the personas, PALs and deployments that a request names."""
        found = dict.fromkeys(named.likenesses)
        for kind, object_id in named.objects:
            for one in self._lookup(kind, object_id):
                if one[0] == "voice" or not named.has_face:
                    found[one] = None
        return evolve(named, likenesses=tuple(found))

    def _with_owners(self, named: Named) -> Named:
        """Replace each voice that the ledger does not know by the face whose training made it, if there is one."""
        voices = [one for one in named.likenesses if one[0] == "voice"]
        if not voices:
            return named
        registry = self._context.registry()
        unknown = self._context.run_quick(registry.uses.unknown, evolve(named, likenesses=tuple(voices)))
        owners = self._owners() if unknown else {}
        found = (("face", owners[one[1]]) if one in unknown and one[1] in owners else one for one in named.likenesses)
        return evolve(named, likenesses=tuple(dict.fromkeys(found)))

    def _owners(self) -> dict[str, str]:
        """Return the faces of the account by the voices that their trainings made."""
        from tavus_consent.gate.likeness import FACES  # the models are not needed before

        from .likenesses import LikenessCalls

        now, lookups = self._context.clock.monotonic(), self._lookups
        known = lookups.get(("faces", ""), now)
        if known is None:
            calls: LikenessCalls[Face] = LikenessCalls(self._context, FACES)
            faces = self._context.items(calls.list_own())
            known = tuple((one.original_voice_id, one.face_id) for one in faces if one.original_voice_id)
            lookups.put(("faces", ""), known, now)
        return dict(known)

    def _lookup(self, kind: str, object_id: str) -> tuple[tuple[str, str], ...]:
        """Return the likenesses of a persona, a PAL or a deployment. Tavus refuses the use of one that is unknown."""
        now, lookups = self._context.clock.monotonic(), self._lookups
        known = lookups.get((kind, object_id), now)
        if known is not None:
            return known
        read = self._read(kind, object_id)
        if read is None:
            return ()
        there = named_in("GET", {}, read)
        found = list(there.likenesses)
        for other in there.objects:
            if other != (kind, object_id) and kind == "deployment":
                found += self._lookup(*other)
        lookups.put((kind, object_id), tuple(found), now)
        return tuple(found)

    def _is_stock(self, kind: str, object_id: str) -> bool:
        """Return True if a likeness is Tavus's own: it says so, or it is a voice that is not the account's."""
        now, lookups = self._context.clock.monotonic(), self._lookups
        known = lookups.get((kind, object_id), now)
        if known is None:
            there = self._read(kind, object_id)
            types = {(there or {}).get(f"{one}_type") for one in LIKENESSES}
            is_stock = "system" in types or (kind == "voice" and there is None)
            known = (("stock", object_id),) if is_stock else ()
            lookups.put((kind, object_id), known, now)
        return bool(known)

    def _read(self, kind: str, object_id: str) -> dict[str, Any] | None:
        """Return an object of Tavus, or ``None`` if Tavus refuses the id."""
        from importlib import import_module

        endpoint = import_module(f"tavus_api.api.{kind}s.get_{kind}")
        extra = {"verbose": True} if kind == "replica" else {}
        try:
            answer = endpoint.sync_detailed(object_id, client=self._context.admitted, **extra)
        except (errors.NotFoundError, errors.BadRequestError):
            return None
        return dict(vars_of(answer.parsed))
