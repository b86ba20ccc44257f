"""The survey of a record's likenesses at Tavus, recorded before they are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from attrs import Factory, define

from tavus_api.api.conversations import AsyncConversations
from tavus_api.api.deployments import AsyncDeployments
from tavus_api.api.memory_stores import AsyncMemoryStores
from tavus_api.api.pals import AsyncPals
from tavus_api.api.personas import AsyncPersonas
from tavus_api.api.videos import AsyncVideos
from tavus_api.api.voices import AsyncVoices
from tavus_consent import errors
from tavus_consent.consent.outputs import Output
from tavus_consent.consent.withdrawal import Remaining
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.deletion import (
    DEFAULT_VOICE,
    LOST_VOICE,
    UNREAD_MEMORY,
    is_unknown,
    names,
    replica_of,
    unassigned,
    unlisted,
    unread,
)
from tavus_consent.gate.likeness import FACES
from tavus_consent.gate.withdrawal_log import MEMORY, OutstandingDeletions, Withdrawals

from .likenesses import PAGE_SIZE, AsyncLikenessCalls

if TYPE_CHECKING:
    from tavus_api.client import AsyncPager
    from tavus_api.models import Pal
    from tavus_consent.results import Face

T = TypeVar("T")


@define
class Seen:
    """The results of a survey.

    Attributes:
        found: Objects at Tavus that show a likeness.
        gone: Outputs of the ledger that are no longer at Tavus.
        read: Replicas whose voices were read.
        ended: Conversations that have ended.
        moved: PALs and personas of the ledger that no longer name a likeness.
        pals: The account's PALs.
        remaining: Lists and voices that could not be read.
    """

    found: list[Output] = Factory(list)
    gone: list[Output] = Factory(list)
    read: list[str] = Factory(list)
    ended: set[str] = Factory(set)
    moved: set[Output] = Factory(set)
    pals: list[Pal] = Factory(list)
    remaining: list[Remaining] = Factory(list)

    @property
    def unlisted(self) -> str | None:
        """The first list that has to be read again before the likenesses count as gone."""
        return next((one.kind for one in self.remaining if not one.id and one.who == "sdk"), None)


class AsyncSurvey:
    """Looks for everything that shows the likenesses of a record.

    Args:
        context: The context.
        withdrawals: The steps of withdrawals.
        left: What the ledger knows to be left.
    """

    def __init__(self, context: AsyncContext, withdrawals: Withdrawals, left: OutstandingDeletions) -> None:
        self._context, self._withdrawals, self._left = context, withdrawals, left
        self._record_id = left.record.record_id
        self._likenesses = set(left.record.state.likenesses)
        self._seen = Seen()

    async def run(self) -> Seen:
        """Read the voices and lists, and record what shows a likeness."""
        seen, left = self._seen, self._left
        for replica_id in left.unread:
            await self._read_voices(replica_id)
        if left.replicas:
            await self._videos()
            await self._conversations()
        await self._pals()
        found = [one for one in dict.fromkeys(seen.found) if one not in left.known]
        if found or seen.gone or seen.read:
            await self._context.run(
                self._withdrawals.note, self._record_id, found=found, gone=seen.gone, read=seen.read
            )
        return seen

    async def _read_voices(self, replica_id: str) -> None:
        faces: AsyncLikenessCalls[Face] = AsyncLikenessCalls(self._context, FACES)
        try:
            face = await faces.get(replica_id)
        except errors.CallError as error:
            if not is_unknown(error):
                self._seen.remaining.append(unread(replica_id, error))
                return
            self._seen.found.append(Output(LOST_VOICE, replica_id))
        else:
            if face.original_voice_id:
                await self._context.run(self._withdrawals.bind, self._record_id, "voice_id", face.original_voice_id)
                self._likenesses.add(face.original_voice_id)
            if face.default_voice_id and face.default_voice_id != face.original_voice_id:
                await self._default_voice(face.default_voice_id)
            if face.is_training:  # it may still get a voice, if the deletion fails
                return
        self._seen.read.append(replica_id)

    async def _default_voice(self, voice_id: str) -> None:
        """Note a voice that was chosen for a replica, unless it is a stock voice or the ledger knows whose it is."""
        if await self._context.run(self._withdrawals.is_bound, voice_id):
            return
        try:
            voice_type = (await AsyncVoices(self._context.caller).get(voice_id)).voice_type
        except errors.CallError:
            voice_type = None
        if voice_type != "system":
            self._seen.found.append(Output(DEFAULT_VOICE, voice_id))

    async def _videos(self) -> None:
        videos = await self._items("videos", AsyncVideos(self._context.caller).list(page_size=PAGE_SIZE))
        unknown = []
        for video in videos:
            output, replica = Output("video", str(video.video_id)), replica_of(video)
            if replica in self._left.replicas:
                self._seen.found.append(output)
            elif replica is None and video.status != "deleted" and output not in self._left.known:
                unknown.append(output)
        count = await self._context.run(self._withdrawals.count_unknown, unknown)
        self._seen.remaining += unassigned(count)

    async def _conversations(self) -> None:
        pager = AsyncConversations(self._context.caller).list(page_size=PAGE_SIZE)
        listed = await self._items("conversations", pager)
        pals = set()
        for one in listed:
            output = Output("conversation", str(one.conversation_id))
            if output in self._left.outputs or (one.face_id or one.replica_id) in self._left.replicas:
                self._seen.found.append(output)
                pals.add(one.pal_id or one.persona_id)
                if one.status == "ended":
                    self._seen.ended.add(output.object_id)
        known = {one.object_id for one in self._left.by_hand if one.kind == UNREAD_MEMORY}
        for pal_id in sorted({*filter(None, pals), *known}):
            await self._memory_stores(pal_id, was_unread=pal_id in known)

    async def _memory_stores(self, pal_id: str, *, was_unread: bool) -> None:
        """Note the memory stores of a PAL that talked with a likeness. Unread ones do not stop a withdrawal."""
        unlisted_pal = Output(UNREAD_MEMORY, pal_id)
        try:
            stores = await self._context.items(AsyncMemoryStores(self._context.caller).list(pal_id=pal_id))
        except errors.CallError:
            self._seen.found.append(unlisted_pal)
        else:
            self._seen.found += [Output(MEMORY, str(store.memory_store_id)) for store in stores]
            if was_unread:
                self._seen.gone.append(unlisted_pal)

    async def _pals(self) -> None:
        pals = await self._items("pals", AsyncPals(self._context.caller).list(page_size=PAGE_SIZE))
        self._seen.pals = pals
        known = [one for one in self._left.by_hand if one.kind in ("pal", "persona")]
        naming = {str(pal.pal_id) for pal in pals if names(pal, self._likenesses)}
        ids = {one.object_id for one in known}
        self._seen.found += [Output("pal", pal_id) for pal_id in sorted(naming - ids)]
        if naming:
            shown = await self._items("deployments", AsyncDeployments(self._context.caller).list(page_size=PAGE_SIZE))
            self._seen.found += [Output("deployment", str(one.deployment_id)) for one in shown if one.pal_id in naming]
        for one in known:
            if one.object_id not in naming:
                await self._look(one)

    async def _look(self, output: Output) -> None:
        """Look at a PAL or persona of the ledger that names no likeness."""
        caller = self._context.caller
        try:
            if output.kind == "pal":
                await AsyncPals(caller).get(output.object_id)
            else:
                await AsyncPersonas(caller).get(output.object_id)
        except errors.CallError as error:
            if is_unknown(error):
                self._seen.gone.append(output)
        else:
            self._seen.moved.add(output)

    async def _items(self, kind: str, pager: AsyncPager[T]) -> list[T]:
        """Return all items of a list. If it cannot be read, note that and return none."""
        try:
            return await self._context.items(pager)
        except errors.CallError as error:
            self._seen.remaining.append(unlisted(kind, error))
            return []
