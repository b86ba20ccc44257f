"""What ``tavus.replicas`` and ``tavus.faces`` do, whatever it is called. Sync and async stand next to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, TypeVar

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent.gate.create import creating
from tavus_consent.gate.inspection import Mode, inspecting
from tavus_consent.gate.likeness import Era, check_unknown, is_ready, late, missing, newest_first, was_created
from tavus_consent.gate.steps import run, run_async
from tavus_consent.paging import AsyncPager, Pager
from tavus_consent.results import Replica

from .waiting import Waiter, wait, wait_async

if TYPE_CHECKING:
    from tavus_api.types import Paging, Response
    from tavus_consent.client import AsyncTavus, Tavus
    from tavus_consent.consent import Attestation, SpokenConsent
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.consent.transcriber import Transcriber
    from tavus_consent.preflight.check import Progress
    from tavus_consent.preflight.findings import PreflightReport

R = TypeVar("R", bound=Replica)

# The first page and the default size of these lists are not documented; other clients begin at 1 and ask for 50 to
# 1,000 items.
PAGE_SIZE: Final = 100
DEFAULT_WAIT: Final = 8 * 3600.0
"""Seconds. Tavus's guides give 3 to 6 hours for a training."""
POLL_INTERVAL: Final = 30.0


def _paging() -> Paging:
    from tavus_api.types import Paging

    return Paging(first=1, total="total_count", key="replica_id")


@hides_locals
class Trained(Generic[R]):
    """Calls of a sync client."""

    _era: ClassVar[Era[Any]]

    def __init__(self, client: Tavus) -> None:
        self._client = client
        self._caller = client._make_caller()

    if TYPE_CHECKING:
        pass  # type checkers would take every name for an attribute
    else:

        def __getattr__(self, name: str) -> Any:
            raise missing(self._era, type(self), name)

    def _create(
        self,
        consent: SpokenConsent | ConsentRecord | Attestation | str,
        body_for: Callable[..., dict[str, Any]],
        train_video_url: str | None,
        preflight: Mode,
    ) -> R:
        steps = creating(
            self._era,
            consent,
            partial(body_for, server=self._client._server),
            send=lambda body: self._era.endpoint("create").sync_detailed(client=self._caller, body=body),
            deadline=self._client._settings.timeout.deadline,
            train_video_url=train_video_url,
            preflight=preflight,
            setup=self._client._make_setup,
        )
        made: R = run(self._client, steps)
        return made

    def preflight(
        self,
        *,
        train_video_url: str | None = None,
        consent: SpokenConsent | ConsentRecord | str | None = None,
        model_name: str | None = None,
        speech: Transcriber | Literal["auto"] | None = "auto",
        hash: bool = False,
        progress: Progress | None = None,
    ) -> PreflightReport:
        """Learn in seconds what would fail after hours: look at the videos before a create, reading almost nothing.

        Tavus gets no request. Local files are checked by :func:`tavus_consent.preflight.preflight`.

        Args:
            train_video_url: Link to the training video.
            consent: Who consents, and the video in which they say so; without a ``video_url`` it is the training video.
                What is heard of a ``ConsentRecord``, or of the record with this id, is kept there as an attempt.
            model_name: The model whose rules count; Tavus's default without it.
            speech: Who listens to the statement: ``"auto"`` is the client's transcriber, or Whisper on this machine
                where the extra ``speech`` is installed; ``None`` is nobody.
            hash: Also read each file whole, for its SHA-256.
            progress: Called at every step; by :class:`AsyncTavus` from another thread.

        Returns:
            What was found: ``ok``, ``findings``, ``not_checked``. Without the extra ``preflight`` the files are not
            read; the report says so, and is not ``ok``.

        Raises:
            InvalidRequestError: Nothing was given to check, or a value is not of its form.
            ConsentError: The record may not be used.
            ConfigurationError: The model for ``speech="auto"`` is not the one it should be.
        """
        steps = inspecting(
            self._client._make_setup(),
            consent,
            train_video_url=train_video_url,
            model=model_name,
            speech=speech,
            hash=hash,
            progress=progress,
        )
        report: PreflightReport = run(self._client, steps)
        return report

    def _get(self, thing_id: str, verbose: bool | None) -> R:
        answer = self._era.endpoint("get").sync_detailed(thing_id, client=self._caller, verbose=verbose)
        made: R = self._era.read(answer)
        return made

    def _list(self, filters: Mapping[str, Any], page_size: int) -> Pager[R]:
        endpoint = self._era.endpoint("list")

        def fetch(number: int, size: int | None) -> Response[Any]:
            answer: Response[Any] = endpoint.sync_detailed(client=self._caller, **filters, page=number, limit=size)
            return answer

        request = endpoint._get_kwargs(**filters)
        return self._caller.pages(fetch, self._era.items, _paging(), page_size, request)

    def _rename(self, thing_id: str, name: str) -> None:
        self._era.endpoint("rename").sync_detailed(thing_id, client=self._caller, body=self._era.rename(name))

    def _delete(self, thing_id: str, hard: bool | None) -> None:
        self._era.endpoint("delete").sync_detailed(thing_id, client=self._caller, hard=hard)

    def _wait(
        self, thing_id: str, timeout: float, poll_interval: float, on_progress: Callable[[R], object] | None
    ) -> R:
        waiter = Waiter[R](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return wait(lambda: self._get(thing_id, None), waiter, on_progress)

    def _find_created(self, error: errors.OutcomeUnknownError) -> tuple[R, ...]:
        check_unknown(error)
        mine = self._list({f"{self._era.noun}_type": "user"}, PAGE_SIZE)
        return newest_first([one for one in mine if was_created(one, error)])


@hides_locals
class AsyncTrained(Generic[R]):
    """Calls of an async client."""

    _era: ClassVar[Era[Any]]

    def __init__(self, client: AsyncTavus) -> None:
        self._client = client
        self._caller = client._make_caller()

    if TYPE_CHECKING:
        pass  # type checkers would take every name for an attribute
    else:

        def __getattr__(self, name: str) -> Any:
            raise missing(self._era, type(self), name)

    async def _create(
        self,
        consent: SpokenConsent | ConsentRecord | Attestation | str,
        body_for: Callable[..., dict[str, Any]],
        train_video_url: str | None,
        preflight: Mode,
    ) -> R:
        steps = creating(
            self._era,
            consent,
            partial(body_for, server=self._client._server),
            send=lambda body: self._era.endpoint("create").asyncio_detailed(client=self._caller, body=body),
            deadline=self._client._settings.timeout.deadline,
            train_video_url=train_video_url,
            preflight=preflight,
            setup=self._client._make_setup,
        )
        made: R = await run_async(self._client, steps)
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
        steps = inspecting(
            self._client._make_setup(),
            consent,
            train_video_url=train_video_url,
            model=model_name,
            speech=speech,
            hash=hash,
            progress=progress,
        )
        report: PreflightReport = await run_async(self._client, steps)
        return report

    async def _get(self, thing_id: str, verbose: bool | None) -> R:
        answer = await self._era.endpoint("get").asyncio_detailed(thing_id, client=self._caller, verbose=verbose)
        made: R = self._era.read(answer)
        return made

    def _list(self, filters: Mapping[str, Any], page_size: int) -> AsyncPager[R]:
        endpoint = self._era.endpoint("list")

        async def fetch(number: int, size: int | None) -> Response[Any]:
            answer: Response[Any] = await endpoint.asyncio_detailed(
                client=self._caller, **filters, page=number, limit=size
            )
            return answer

        request = endpoint._get_kwargs(**filters)
        return self._caller.pages(fetch, self._era.items, _paging(), page_size, request)

    async def _rename(self, thing_id: str, name: str) -> None:
        await self._era.endpoint("rename").asyncio_detailed(thing_id, client=self._caller, body=self._era.rename(name))

    async def _delete(self, thing_id: str, hard: bool | None) -> None:
        await self._era.endpoint("delete").asyncio_detailed(thing_id, client=self._caller, hard=hard)

    async def _wait(
        self,
        thing_id: str,
        timeout: float,
        poll_interval: float,
        on_progress: Callable[[R], object] | Callable[[R], Awaitable[object]] | None,
    ) -> R:
        waiter = Waiter[R](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return await wait_async(lambda: self._get(thing_id, None), waiter, on_progress)

    async def _find_created(self, error: errors.OutcomeUnknownError) -> tuple[R, ...]:
        check_unknown(error)
        mine = self._list({f"{self._era.noun}_type": "user"}, PAGE_SIZE)
        return newest_first([one async for one in mine if was_created(one, error)])


AsyncTrained.preflight.__doc__ = Trained.preflight.__doc__
