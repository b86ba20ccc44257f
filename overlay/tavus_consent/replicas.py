"""``tavus.replicas``: create with consent, wait, list, rename, delete. Sync and async stand next to each other.

Every decision is a function or a class that both share; what is left of a method is the call itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from tavus_api.api.replicas import (
    create_replica,
    delete_replica,
    get_replica,
    list_replicas,
    rename_replica,
)
from tavus_api.models import CreateReplicaRequest, RenameReplicaRequest
from tavus_api.types import UNSET

from . import errors
from ._replica_rules import (
    Waiter,
    already_gone,
    answer_data,
    answer_page,
    check_id,
    check_text,
    create_body,
    list_arguments,
    newest_first,
    replica_key,
    was_created,
)
from .consent import Attestation, SpokenConsent
from .paging import AsyncPager, Page, Pager
from .results import Replica, replica_from_json

if TYPE_CHECKING:
    from .client import AsyncTavus, Tavus

# The first page and the default size of this list are not documented; other clients begin at 1 and ask for 50 to 1,000.
FIRST_PAGE: Final = 1
PAGE_SIZE: Final = 100
DEFAULT_WAIT: Final = 8 * 3600.0
"""Seconds. Tavus's guides give 3 to 6 hours for a training."""
POLL_INTERVAL: Final = 30.0


class Replicas:
    """``tavus.replicas``."""

    def __init__(self, client: Tavus) -> None:
        self._client = client

    def create_personal(
        self,
        *,
        train_video_url: str,
        consent: SpokenConsent,
        replica_name: str | None = None,
        model_name: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
    ) -> Replica:
        """Train a replica of a real person who has spoken the consent statement on video.

        Args:
            train_video_url: Direct https link to the training video, valid for 24 hours or more.
            consent: Who consents, and the video in which they say so; without a ``video_url`` the statement must open
                the training video.
            replica_name: A name for it.
            model_name: ``phoenix-4`` (Tavus's default) or ``phoenix-3``.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the replica a green background.

        Returns:
            The replica as Tavus answered: its id and first status. Training takes hours: see :meth:`wait`.

        Raises:
            InvalidRequestError: Refused before anything was sent (``InvalidLinkError``, ``ConsentError`` ...).
            OutcomeUnknownError: It may or may not have been created; it was not repeated. See :meth:`find_created`.
            CallError: Tavus refused, or could not be reached.
        """
        if not isinstance(consent, SpokenConsent):
            raise errors.ConsentRequired("consent= takes a SpokenConsent", field="consent", reason="missing")
        body = create_body(
            self._client.clock,
            kind="personal",
            train_video_url=train_video_url,
            consent=consent,
            replica_name=replica_name,
            model_name=model_name,
            callback_url=callback_url,
            background_green_screen=background_green_screen,
        )
        return self._create(body)

    def create_non_human(
        self,
        *,
        train_video_url: str,
        attestation: str,
        attested_by: str,
        replica_name: str | None = None,
        model_name: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
    ) -> Replica:
        """Train a replica that shows no real person. There is no consent; somebody vouches for that instead.

        Args:
            train_video_url: Direct https link to the training video, valid for 24 hours or more.
            attestation: Why no real person is shown.
            attested_by: Who says so.
            replica_name: A name for it.
            model_name: ``phoenix-4`` (Tavus's default) or ``phoenix-3``.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the replica a green background.

        Returns:
            The replica as Tavus answered: its id and first status.

        Raises:
            InvalidRequestError: Refused before anything was sent.
            OutcomeUnknownError: It may or may not have been created; it was not repeated. See :meth:`find_created`.
            CallError: Tavus refused, or could not be reached.
        """
        Attestation(statement=attestation, attested_by=attested_by)
        body = create_body(
            self._client.clock,
            kind="non_human",
            train_video_url=train_video_url,
            consent=None,
            replica_name=replica_name,
            model_name=model_name,
            callback_url=callback_url,
            background_green_screen=background_green_screen,
        )
        return self._create(body)

    def _create(self, body: CreateReplicaRequest) -> Replica:
        try:
            return replica_from_json(answer_data(create_replica.sync_detailed(client=self._client.raw, body=body)))
        except errors.OutcomeUnknownError as error:
            error.replica_name = body.replica_name or None
            raise

    def get(self, replica_id: str, *, verbose: bool | None = None) -> Replica:
        """Read one replica.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            verbose: Ask for ``replica_type`` too.

        Raises:
            BadRequestError: Tavus's answer to an id that it does not know.
            CallError: Tavus refused, or could not be reached.
        """
        verbose_or_unset = UNSET if verbose is None else verbose
        response = get_replica.sync_detailed(check_id(replica_id), client=self._client.raw, verbose=verbose_or_unset)
        return replica_from_json(answer_data(response))

    def list(
        self,
        *,
        replica_type: Literal["user", "system"] | None = None,
        replica_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        verbose: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Pager[Replica]:
        """List replicas. Iterate over the result, or over its ``.pages()``; pages are fetched as they are needed.

        Args:
            replica_type: ``user`` for your own, ``system`` for stock replicas.
            replica_ids: Only these.
            model_name: Only those trained with this model.
            verbose: Ask for ``replica_type`` too.
            page_size: How many to ask for at a time.

        Raises:
            InvalidRequestError: An argument cannot be meant; nothing was sent.
            CallError: While iterating: Tavus refused, or could not be reached.
        """
        arguments = list_arguments(replica_type, replica_ids, model_name, verbose, page_size)

        def fetch(number: int) -> Page[Replica]:
            response = list_replicas.sync_detailed(client=self._client.raw, page=number, **arguments)
            return answer_page(response, number)

        return Pager(fetch, first=FIRST_PAGE, size=page_size, key=replica_key)

    def rename(self, replica_id: str, replica_name: str) -> None:
        """Give a replica another name.

        Raises:
            BadRequestError: Tavus's answer to an id that it does not know.
            CallError: Tavus refused, or could not be reached.
        """
        body = RenameReplicaRequest(replica_name=check_text(replica_name, "replica_name"))
        rename_replica.sync_detailed(check_id(replica_id), client=self._client.raw, body=body)

    def delete(self, replica_id: str, *, hard: bool | None = None) -> None:
        """Delete a replica.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            hard: Also delete its assets, such as the training footage. Cannot be undone; conversations stay.

        Raises:
            BadRequestError: Tavus's answer to an id that it does not know.
            CallError: Tavus refused, or could not be reached.
        """
        hard_or_unset = UNSET if hard is None else hard
        try:
            delete_replica.sync_detailed(check_id(replica_id), client=self._client.raw, hard=hard_or_unset)
        except errors.ClientStatusError as error:
            if not already_gone(error):
                raise

    def wait(
        self,
        replica_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Replica], object] | None = None,
    ) -> Replica:
        """Wait until training ends.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            timeout: Seconds after which to give up waiting.
            poll_interval: Seconds between two looks, give or take 10 %.
            on_progress: Called with the replica after each look.

        Returns:
            The trained replica.

        Raises:
            TrainingFailed: Training failed; has the documented error type and advice.
            TrainingTimeout: It took longer than ``timeout``; has the last replica. Training goes on at Tavus.
            CallError: Tavus refused to be asked. Failures that can pass are waited out.
        """
        waiter = Waiter(self._client.clock, self._client.rng, timeout, poll_interval)
        while True:
            try:
                replica = self.get(replica_id)
            except errors.CallError as error:
                self._client.clock.sleep(waiter.after_error(error))
                continue
            if on_progress is not None:
                on_progress(replica)
            pause = waiter.after(replica)
            if pause is None:
                return replica
            self._client.clock.sleep(pause)

    def find_created(self, error: errors.OutcomeUnknownError) -> tuple[Replica, ...]:
        """Look for the replica that a create of unknown outcome may have made, by its name and time.

        Args:
            error: What the create raised.

        Returns:
            Your replicas of that name that began within the time of the call (five minutes either way, since clocks
            differ), newest first. Empty: it was most probably not created; look again after a minute before you repeat.

        Raises:
            CallError: Tavus refused, or could not be reached.
        """
        found = [replica for replica in self.list(replica_type="user") if was_created(replica, error)]
        return newest_first(found)


class AsyncReplicas:
    """``tavus.replicas`` of :class:`AsyncTavus`."""

    def __init__(self, client: AsyncTavus) -> None:
        self._client = client

    async def create_personal(
        self,
        *,
        train_video_url: str,
        consent: SpokenConsent,
        replica_name: str | None = None,
        model_name: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
    ) -> Replica:
        if not isinstance(consent, SpokenConsent):
            raise errors.ConsentRequired("consent= takes a SpokenConsent", field="consent", reason="missing")
        body = create_body(
            self._client.clock,
            kind="personal",
            train_video_url=train_video_url,
            consent=consent,
            replica_name=replica_name,
            model_name=model_name,
            callback_url=callback_url,
            background_green_screen=background_green_screen,
        )
        return await self._create(body)

    async def create_non_human(
        self,
        *,
        train_video_url: str,
        attestation: str,
        attested_by: str,
        replica_name: str | None = None,
        model_name: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
    ) -> Replica:
        Attestation(statement=attestation, attested_by=attested_by)
        body = create_body(
            self._client.clock,
            kind="non_human",
            train_video_url=train_video_url,
            consent=None,
            replica_name=replica_name,
            model_name=model_name,
            callback_url=callback_url,
            background_green_screen=background_green_screen,
        )
        return await self._create(body)

    async def _create(self, body: CreateReplicaRequest) -> Replica:
        try:
            return replica_from_json(
                answer_data(await create_replica.asyncio_detailed(client=self._client.raw, body=body))
            )
        except errors.OutcomeUnknownError as error:
            error.replica_name = body.replica_name or None
            raise

    async def get(self, replica_id: str, *, verbose: bool | None = None) -> Replica:
        verbose_or_unset = UNSET if verbose is None else verbose
        response = await get_replica.asyncio_detailed(
            check_id(replica_id), client=self._client.raw, verbose=verbose_or_unset
        )
        return replica_from_json(answer_data(response))

    def list(
        self,
        *,
        replica_type: Literal["user", "system"] | None = None,
        replica_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        verbose: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncPager[Replica]:
        arguments = list_arguments(replica_type, replica_ids, model_name, verbose, page_size)

        async def fetch(number: int) -> Page[Replica]:
            response = await list_replicas.asyncio_detailed(client=self._client.raw, page=number, **arguments)
            return answer_page(response, number)

        return AsyncPager(fetch, first=FIRST_PAGE, size=page_size, key=replica_key)

    async def rename(self, replica_id: str, replica_name: str) -> None:
        body = RenameReplicaRequest(replica_name=check_text(replica_name, "replica_name"))
        await rename_replica.asyncio_detailed(check_id(replica_id), client=self._client.raw, body=body)

    async def delete(self, replica_id: str, *, hard: bool | None = None) -> None:
        hard_or_unset = UNSET if hard is None else hard
        try:
            await delete_replica.asyncio_detailed(check_id(replica_id), client=self._client.raw, hard=hard_or_unset)
        except errors.ClientStatusError as error:
            if not already_gone(error):
                raise

    async def wait(
        self,
        replica_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Replica], object] | Callable[[Replica], Awaitable[object]] | None = None,
    ) -> Replica:
        waiter = Waiter(self._client.clock, self._client.rng, timeout, poll_interval)
        while True:
            try:
                replica = await self.get(replica_id)
            except errors.CallError as error:
                await self._client.clock.sleep_async(waiter.after_error(error))
                continue
            if on_progress is not None:
                told = on_progress(replica)
                if inspect.isawaitable(told):
                    await told
            pause = waiter.after(replica)
            if pause is None:
                return replica
            await self._client.clock.sleep_async(pause)

    async def find_created(self, error: errors.OutcomeUnknownError) -> tuple[Replica, ...]:
        found = [replica async for replica in self.list(replica_type="user") if was_created(replica, error)]
        return newest_first(found)


# The async methods do the same, so they say the same.
for _name, _method in vars(AsyncReplicas).items():
    if not _name.startswith("_"):
        _method.__doc__ = getattr(Replicas, _name).__doc__
