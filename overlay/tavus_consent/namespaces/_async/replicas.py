"""``tavus.replicas``: create with consent, wait, list, rename, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.gate._async.likenesses import PAGE_SIZE, AsyncLikenessCalls
from tavus_consent.gate.likeness import FACES, REPLICAS, Training
from tavus_consent.namespaces.training import lacks_stage, with_stage
from tavus_consent.namespaces.waiting import POLL_INTERVAL, TRAINING_WAIT
from tavus_consent.paging import AsyncPager
from tavus_consent.results import Candidates, Face, Replica

from .likenesses import AsyncLikenesses

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord


@notes_caller("create_personal", "create_non_human")
@hides_locals
class AsyncReplicas(AsyncLikenesses[Replica]):
    """``tavus.replicas``.

    Each method that asks Tavus raises :class:`~tavus_consent.CallError` if Tavus refuses or cannot be reached. Tavus
    answers an id that it does not know with 400: that is :class:`~tavus_consent.BadRequestError`.
    """

    _kind = REPLICAS

    async def create_personal(
        self,
        *,
        train_video_url: str,
        consent: SpokenConsent | ConsentRecord | str,
        replica_name: str | None = None,
        model_name: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
        preflight: Literal["off", "warn", "require"] = "off",
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Replica:
        """Train a replica of a real person who has spoken the consent statement on video.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            consent: The person who consents, and the video of their statement. Without a ``video_url`` the statement
                must open the training video. Alternatively, the record of their consent, or its id.
            replica_name: A name for it.
            model_name: ``phoenix-4`` (Tavus's default) or ``phoenix-3``.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the replica a green background.
            preflight: Check the videos first. ``"warn"`` warns about possible failures and continues; ``"require"``
                refuses videos unless the check shows that they meet Tavus's requirements. See :meth:`preflight`.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The replica as Tavus answered: its id and first status. Training takes hours: see :meth:`wait`.

        Warns:
            DuplicateWarning: The consent already has a likeness that lives.

        Raises:
            InvalidRequestError: Refused before anything was sent (``InvalidLinkError``, ``ConsentError`` ...).
            PreflightFailed: ``preflight="require"`` was not met; has the report. Nothing was sent.
            EvidenceChanged: A video changed during the check. Nothing was sent.
            MissingExtraError: ``preflight="require"`` needs the extra ``preflight``.
            OpenCreate: An earlier create of it has an unknown outcome. Nothing was sent.
            OnceConflict: The key belongs to a create with other arguments. Nothing was sent.
            OutcomeUnknownError: It may or may not have been created, and was not retried. See :meth:`find_created`.
            CallError: Tavus refused, or could not be reached.
        """
        training = Training(
            kind="personal",
            links={"train_video_url": train_video_url, "callback_url": callback_url},
            texts={"replica_name": replica_name, "model_name": model_name},
            background_green_screen=background_green_screen,
            extra=extra,
        )
        return await self._create(consent, training, preflight, once, despite_open)

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
        preflight: Literal["off", "warn", "require"] = "off",
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Replica:
        """Train a replica that shows no real person. It needs an attestation instead of consent.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            attestation: Why no real person is shown.
            attested_by: Who attests this.
            replica_name: A name for it.
            model_name: ``phoenix-4`` (Tavus's default) or ``phoenix-3``.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the replica a green background.
            preflight: Check the video first. ``"warn"`` warns about possible failures and continues; ``"require"``
                refuses the video unless the check shows that it meets Tavus's requirements. See :meth:`preflight`.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The replica as Tavus answered: its id and first status.

        Raises:
            InvalidRequestError: Refused before anything was sent.
            PreflightFailed: ``preflight="require"`` was not met; has the report. Nothing was sent.
            EvidenceChanged: The video changed during the check. Nothing was sent.
            MissingExtraError: ``preflight="require"`` needs the extra ``preflight``.
            OpenCreate: An earlier create of it has an unknown outcome. Nothing was sent.
            OnceConflict: The key belongs to a create with other arguments. Nothing was sent.
            OutcomeUnknownError: It may or may not have been created, and was not retried. See :meth:`find_created`.
            CallError: Tavus refused, or could not be reached.
        """
        training = Training(
            kind="non_human",
            links={"train_video_url": train_video_url, "callback_url": callback_url},
            texts={"replica_name": replica_name, "model_name": model_name},
            background_green_screen=background_green_screen,
            extra=extra,
        )
        vouched = Attestation(statement=attestation, attested_by=attested_by)
        return await self._create(vouched, training, preflight, once, despite_open)

    async def get(self, replica_id: str, *, verbose: bool | None = None) -> Replica:
        """Read one replica.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            verbose: Also request ``replica_type``.
        """
        return await self._calls.get(replica_id, verbose)

    def list(
        self,
        *,
        replica_type: Literal["user", "system"] | None = None,
        replica_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        verbose: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncPager[Replica]:
        """List replicas. Iterate over the result, or over its ``.pages()``; pages are fetched as they are needed.

        Args:
            replica_type: ``user`` for your own, ``system`` for stock replicas.
            replica_ids: Only these.
            model_name: Only replicas trained with this model.
            verbose: Also request ``replica_type``.
            page_size: The number of items per request.

        Raises:
            InvalidRequestError: An argument is invalid; nothing was sent.
            CallError: While iterating: Tavus refused, or could not be reached.
        """
        filters = REPLICAS.filters(replica_type, replica_ids, model_name, verbose)
        return self._calls.list(filters, page_size)

    async def rename(self, replica_id: str, replica_name: str) -> None:
        """Rename a replica."""
        await self._calls.rename(replica_id, replica_name)

    async def delete(self, replica_id: str, *, hard: bool | None = None) -> None:
        """Delete a replica.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            hard: Also delete its assets, such as the training footage. Cannot be undone; conversations stay.
        """
        await self._calls.delete(replica_id, hard)

    async def wait(
        self,
        replica_id: str,
        *,
        until: Literal["tuned", "preview"] = "tuned",
        timeout: float = TRAINING_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Replica], object] | None = None,
    ) -> Replica:
        """Wait until training ends.

        Args:
            replica_id: For example ``rf4e9d9790f0``.
            until: ``"tuned"`` waits for the finished replica. A model such as phoenix-4.5 gives a watermarked preview
                after minutes, hours before: ``"preview"`` returns it. Other models have no preview.
            timeout: Seconds after which to stop waiting.
            poll_interval: Seconds between two polls, plus or minus 10 %. It is ten times as long while a callback is
                expected, and the callback ends the pause.
            on_progress: Called with the replica after each poll.

        Returns:
            The trained replica. With ``until="preview"`` look at ``is_preview``.

        Raises:
            TrainingFailed: Training failed; has the documented error type and advice. If only finetuning failed, the
                replica is still a preview.
            TrainingTimeout: It took longer than ``timeout``; has the last replica. Training continues at Tavus.
            CallError: Tavus refused the request. Temporary failures are retried.
        """
        return await self._wait(replica_id, until, timeout, poll_interval, on_progress)

    async def _look(self, likeness_id: str) -> Replica:
        replica = await self._calls.get(likeness_id)
        if not lacks_stage(replica):
            return replica
        faces: AsyncLikenessCalls[Face] = AsyncLikenessCalls(self._context, FACES)
        return with_stage(replica, await faces.get(likeness_id))

    async def find_created(self, error: errors.OutcomeUnknownError | ConsentRecord | str) -> Candidates[Replica]:
        """Look for the replica that a create of unknown outcome may have made, by its name and time.

        It allows for the difference between your clock and Tavus's, as the dates of Tavus's answers show it.

        Args:
            error: The error of the create. Alternatively, the record with the open create, or its id: for a create
                that was canceled, or whose process ended.

        Returns:
            Your replicas of that name that were created during the call, newest first. Then the ``doubtful`` ones:
            their time fits only if the clocks differ by more. If empty, it was most probably not created; look again
            after a minute before you repeat it.

        Raises:
            InvalidRequestError: No create of the record is open.
        """
        return await self._find_created(error)
