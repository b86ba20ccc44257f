"""The common part of ``tavus.replicas`` and ``tavus.faces``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.gate._async.create import create
from tavus_consent.gate._async.inspection import inspect
from tavus_consent.gate._async.likenesses import AsyncLikenessCalls
from tavus_consent.gate.candidates import CallTime
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.likeness import (
    LikenessKind,
    Training,
    candidates,
    missing,
)
from tavus_consent.gate.reconciliation import CreatedLikeness
from tavus_consent.namespaces.training import Stage, check_stage, is_reached, late
from tavus_consent.namespaces.waiting import Waiter
from tavus_consent.results import Candidates, Replica

from .waiting import wait

if TYPE_CHECKING:
    from tavus_consent.consent import Attestation, SpokenConsent
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.consent.transcriber import Transcriber
    from tavus_consent.gate.inspection import Mode
    from tavus_consent.preflight.check import Progress
    from tavus_consent.preflight.findings import PreflightReport

R = TypeVar("R", bound=Replica)


@notes_caller("preflight")
@hides_locals
class AsyncLikenesses(Generic[R]):
    """Creates, reads, lists, renames, deletes and waits for likenesses of one kind."""

    _kind: ClassVar[LikenessKind[Any]]

    def __init__(self, context: AsyncContext) -> None:
        self._context = context
        self._calls: AsyncLikenessCalls[R] = AsyncLikenessCalls(context, self._kind)

    if TYPE_CHECKING:
        pass  # type checkers would otherwise accept every attribute
    else:

        def __getattr__(self, name: str) -> Any:
            raise missing(self._kind, type(self), name)

    async def _create(
        self,
        consent: SpokenConsent | ConsentRecord | Attestation | str,
        training: Training,
        preflight: Mode,
        once: str | None,
        despite_open: bool,
    ) -> R:
        made: R = await create(
            self._context,
            self._kind,
            training,
            consent,
            preflight=preflight,
            once=once,
            despite_open=despite_open,
        )
        return made

    async def preflight(
        self,
        *,
        train_video_url: str | None = None,
        consent: SpokenConsent | ConsentRecord | str | None = None,
        model_name: str | None = None,
        speech: Transcriber | Literal["auto"] | None = "auto",
        hash: bool = False,
        progress: Progress | None = None,
    ) -> PreflightReport:
        """Check the videos before a create, to find problems in seconds instead of hours.

        Reads only parts of the files, and sends no request to Tavus. For local files use
        :func:`tavus_consent.preflight.preflight`.

        Args:
            train_video_url: Link to the training video.
            consent: The person who consents, and the video of their statement; without a ``video_url`` it is the
                training video. For a ``ConsentRecord``, or the id of one, the words heard are stored there as an
                attempt.
            model_name: The model whose rules apply; by default Tavus's default.
            speech: The recognizer. ``"auto"`` is the client's transcriber, or Whisper on this machine if the extra
                ``speech`` is installed; ``None`` skips speech.
            hash: Also read each file completely, for its SHA-256.
            progress: Called at every step; by :class:`AsyncTavus` from another thread.

        Returns:
            The report: ``ok``, ``findings``, ``not_checked``. Without the extra ``preflight`` the files are not read;
            the report says so, and is not ``ok``.

        Raises:
            InvalidRequestError: There is nothing to check, or a value is malformed.
            ConsentError: The record may not be used.
            ConfigurationError: The model for ``speech="auto"`` is not the expected one.
        """
        return await inspect(
            self._context,
            consent,
            train_video_url=train_video_url,
            model=model_name,
            speech=speech,
            hash=hash,
            progress=progress,
        )

    async def _wait(
        self,
        likeness_id: str,
        until: Stage,
        timeout: float,
        poll_interval: float,
        on_progress: Callable[[R], object] | None,
    ) -> R:
        check_stage(until)
        waiter = Waiter[R](
            self._context,
            timeout,
            poll_interval,
            is_ready=partial(is_reached, until=until),
            late=late,
            subject=f"replica:{likeness_id}",
        )
        return await wait(lambda: self._look(likeness_id), waiter, on_progress)

    async def _look(self, likeness_id: str) -> R:
        return await self._calls.get(likeness_id)

    async def _find_created(self, error: errors.OutcomeUnknownError | ConsentRecord | str) -> Candidates[R]:
        if isinstance(error, errors.OutcomeUnknownError):
            time = CallTime(error.started_at, error.ended_at, error.clock_difference)
            name = error.replica_name
            own = await self._context.items(self._calls.list_own())
            guess = self._context.server_clock.difference
            named = [one for one in own if name is None or one.replica_name == name]
            return candidates((one, time.fit(one.created_at, guess)) for one in named)

        reconciliation = (await self._context.registry()).reconciliation
        opened = await self._context.run(reconciliation.sought, error)
        own = await self._context.items(self._calls.list_own())
        made = [CreatedLikeness(one.replica_id, one.replica_name, one.created_at) for one in own]
        guess = self._context.server_clock.difference
        found = await self._context.run(reconciliation.candidates, opened, made, guess)
        fits = {it.replica_id: fit for it, fit in found}
        return candidates((one, fits.get(one.replica_id)) for one in own)
