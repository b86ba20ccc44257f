"""``tavus.faces``: Tavus's name for replicas since mid 2026. The same objects, and the same consent gate.

A face can also be trained from an image. Tavus then requires no spoken statement, but an image can also show a real
person. So the same rules apply, without a default: a real person consents on video, and everything else needs an
attestation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.gate._async.likenesses import PAGE_SIZE
from tavus_consent.gate.likeness import FACES, Training, patch_body
from tavus_consent.namespaces.waiting import POLL_INTERVAL, TRAINING_WAIT
from tavus_consent.paging import AsyncPager
from tavus_consent.results import Candidates, Face

from .likenesses import AsyncLikenesses

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord


@notes_caller("create_personal", "create_non_human")
@hides_locals
class AsyncFaces(AsyncLikenesses[Face]):
    """``tavus.faces``.

    Each method that asks Tavus raises :class:`~tavus_consent.CallError` if Tavus refuses or cannot be reached. Tavus
    answers an id that it does not know with 400: that is :class:`~tavus_consent.BadRequestError`.
    """

    _kind = FACES

    async def create_personal(
        self,
        *,
        train_video_url: str | None = None,
        train_image_url: str | None = None,
        consent: SpokenConsent | ConsentRecord | str,
        face_name: str | None = None,
        model_name: str | None = None,
        voice_name: str | None = None,
        default_voice_id: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
        auto_fix_training_image: bool | None = None,
        preflight: Literal["off", "warn", "require"] = "off",
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Face:
        """Train a face of a real person who has spoken the consent statement on video.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            train_image_url: Alternatively, a link to an image of one adult; it needs a voice.
            consent: The person who consents, and the video of their statement. Without a ``video_url`` the statement
                must open the training video; an image cannot contain it, so it needs a ``video_url``. Alternatively,
                the record of their consent, or its id.
            face_name: A name for it.
            model_name: For example ``phoenix-4`` (Tavus's default) or ``phoenix-4.5``.
            voice_name: A stock voice, for an image.
            default_voice_id: Alternatively, one of your voices, for an image.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the face a green background.
            auto_fix_training_image: Let Tavus repair the image.
            preflight: Check the videos first. ``"warn"`` warns about possible failures and continues; ``"require"``
                refuses videos unless the check shows that they meet Tavus's requirements. See :meth:`preflight`.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The face as Tavus answered: its id and first status. Training takes hours: see :meth:`wait`.

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
            links={
                "train_video_url": train_video_url,
                "train_image_url": train_image_url,
                "callback_url": callback_url,
            },
            texts={
                "face_name": face_name,
                "model_name": model_name,
                "voice_name": voice_name,
                "default_voice_id": default_voice_id,
            },
            background_green_screen=background_green_screen,
            auto_fix_training_image=auto_fix_training_image,
            extra=extra,
        )
        return await self._create(consent, training, preflight, once, despite_open)

    async def create_non_human(
        self,
        *,
        train_video_url: str | None = None,
        train_image_url: str | None = None,
        attestation: str,
        attested_by: str,
        face_name: str | None = None,
        model_name: str | None = None,
        voice_name: str | None = None,
        default_voice_id: str | None = None,
        callback_url: str | None = None,
        background_green_screen: bool | None = None,
        auto_fix_training_image: bool | None = None,
        preflight: Literal["off", "warn", "require"] = "off",
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Face:
        """Train a face that shows no real person. It needs an attestation instead of consent.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            train_image_url: Alternatively, a link to an image; it needs a voice.
            attestation: Why no real person is shown.
            attested_by: Who attests this.
            face_name: A name for it.
            model_name: For example ``phoenix-4`` (Tavus's default) or ``phoenix-4.5``.
            voice_name: A stock voice, for an image.
            default_voice_id: Alternatively, one of your voices, for an image.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the face a green background.
            auto_fix_training_image: Let Tavus repair the image.
            preflight: Check the video first. ``"warn"`` warns about possible failures and continues; ``"require"``
                refuses the video unless the check shows that it meets Tavus's requirements. See :meth:`preflight`.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The face as Tavus answered: its id and first status.

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
            links={
                "train_video_url": train_video_url,
                "train_image_url": train_image_url,
                "callback_url": callback_url,
            },
            texts={
                "face_name": face_name,
                "model_name": model_name,
                "voice_name": voice_name,
                "default_voice_id": default_voice_id,
            },
            background_green_screen=background_green_screen,
            auto_fix_training_image=auto_fix_training_image,
            extra=extra,
        )
        vouched = Attestation(statement=attestation, attested_by=attested_by)
        return await self._create(vouched, training, preflight, once, despite_open)

    async def get(self, face_id: str, *, verbose: bool | None = None) -> Face:
        """Read one face.

        Args:
            face_id: For example ``rf4e9d9790f0``; ids of replicas are ids of faces.
            verbose: Also request ``face_type``.
        """
        return await self._calls.get(face_id, verbose)

    def list(
        self,
        *,
        face_type: Literal["user", "system"] | None = None,
        face_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        sort: str | None = None,
        verbose: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncPager[Face]:
        """List faces. Iterate over the result, or over its ``.pages()``; pages are fetched as they are needed.

        Args:
            face_type: ``user`` for your own, ``system`` for stock faces.
            face_ids: Only these.
            model_name: Only faces trained with this model.
            sort: For example ``recommended``.
            verbose: Also request ``face_type``.
            page_size: The number of items per request.

        Raises:
            InvalidRequestError: An argument is invalid; nothing was sent.
            CallError: While iterating: Tavus refused, or could not be reached.
        """
        return self._calls.list(FACES.filters(face_type, face_ids, model_name, verbose, sort), page_size)

    async def rename(self, face_id: str, face_name: str) -> None:
        """Rename a face."""
        await self._calls.rename(face_id, face_name)

    async def patch(
        self,
        face_id: str,
        *,
        face_name: str | None = None,
        default_voice_id: str | EllipsisType | None = ...,
        use: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Face:
        """Change a face.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            face_name: A new name.
            default_voice_id: A new voice; None removes it.
            use: The purpose of the new voice: one of the ``intended_uses`` of its record. It is never sent.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own is refused.

        Raises:
            InvalidRequestError: No change was given; nothing was sent.
            ConsentError: The consent behind the voice does not allow this use; nothing was sent.
            CallError: Tavus refused, or could not be reached.
        """
        body = patch_body(face_name, default_voice_id, extra)
        endpoint = FACES.endpoint("update")
        return FACES.read(await endpoint.asyncio_detailed(face_id, client=self._context.caller, body=body, use=use))

    async def delete(self, face_id: str, *, hard: bool | None = None) -> None:
        """Delete a face.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            hard: Also delete its assets, such as the training footage. Cannot be undone; conversations stay.
        """
        await self._calls.delete(face_id, hard)

    async def wait(
        self,
        face_id: str,
        *,
        until: Literal["tuned", "preview"] = "tuned",
        timeout: float = TRAINING_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Face], object] | None = None,
    ) -> Face:
        """Wait until training ends.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            until: ``"tuned"`` waits for the finished face. A model such as phoenix-4.5 gives a watermarked preview
                after minutes, hours before: ``"preview"`` returns it. Other models have no preview.
            timeout: Seconds after which to stop waiting.
            poll_interval: Seconds between two polls, plus or minus 10 %. It is ten times as long while a callback is
                expected, and the callback ends the pause.
            on_progress: Called with the face after each poll.

        Returns:
            The trained face. With ``until="preview"`` look at ``is_preview``.

        Raises:
            TrainingFailed: Training failed; has the documented error type and advice. If only finetuning failed, the
                face is still a preview.
            TrainingTimeout: It took longer than ``timeout``; has the last face. Training continues at Tavus.
            CallError: Tavus refused the request. Temporary failures are retried.
        """
        return await self._wait(face_id, until, timeout, poll_interval, on_progress)

    async def find_created(self, error: errors.OutcomeUnknownError | ConsentRecord | str) -> Candidates[Face]:
        """Look for the face that a create of unknown outcome may have made, by its name and time.

        It allows for the difference between your clock and Tavus's, as the dates of Tavus's answers show it.

        Args:
            error: The error of the create. Alternatively, the record with the open create, or its id: for a create
                that was canceled, or whose process ended.

        Returns:
            Your faces of that name that were created during the call, newest first. Then the ``doubtful`` ones:
            their time fits only if the clocks differ by more. If empty, it was most probably not created; look again
            after a minute before you repeat it.

        Raises:
            InvalidRequestError: No create of the record is open.
        """
        return await self._find_created(error)
