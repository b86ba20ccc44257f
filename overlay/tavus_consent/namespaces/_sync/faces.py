# Derived from ../_async/faces.py by scripts/derive_sync.py, do not edit.
"""``tavus.faces``: what Tavus calls replicas since mid 2026. The same objects, and the same consent gate.

A face can also be trained from an image. Tavus asks for no spoken statement then, but an image can show a real person
just as well: here, too, there is no default, a real person consents on video, and for anything else somebody vouches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Literal

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.gate._sync.likenesses import PAGE_SIZE
from tavus_consent.gate.likeness import FACES, Training, patch_body
from tavus_consent.namespaces.waiting import POLL_INTERVAL, TRAINING_WAIT
from tavus_consent.paging import Pager
from tavus_consent.results import Face

from .likenesses import Likenesses

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord


@notes_caller("create_personal", "create_non_human")
@hides_locals
class Faces(Likenesses[Face]):
    """``tavus.faces``.

    Each method that asks Tavus raises :class:`~tavus_consent.CallError` if Tavus refuses or cannot be reached. Tavus
    answers an id that it does not know with 400: that is :class:`~tavus_consent.BadRequestError`.
    """

    _kind = FACES

    def create_personal(
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
    ) -> Face:
        """Train a face of a real person who has spoken the consent statement on video.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            train_image_url: Or to an image of one adult, with a voice for it.
            consent: Who consents, and the video in which they say so. Without a ``video_url`` the statement must open
                the training video; an image cannot hold it, so that a ``video_url`` is needed. Or the record of their
                consent, or its id.
            face_name: A name for it.
            model_name: For example ``phoenix-4`` (Tavus's default) or ``phoenix-4.5``.
            voice_name: A stock voice, for an image.
            default_voice_id: Or a voice of yours, for an image.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the face a green background.
            auto_fix_training_image: Let Tavus repair the image.
            preflight: Look at the videos first. ``"warn"`` warns of what may fail and goes on; ``"require"`` refuses
                unless they are shown to be as Tavus asks. See :meth:`preflight`.

        Returns:
            The face as Tavus answered: its id and first status. Training takes hours: see :meth:`wait`.

        Raises:
            InvalidRequestError: Refused before anything was sent (``InvalidLinkError``, ``ConsentError`` ...).
            PreflightFailed: ``preflight="require"`` was not met; has the report. Nothing was sent.
            EvidenceChanged: A video changed while it was checked. Nothing was sent.
            MissingExtraError: ``preflight="require"`` needs the extra ``preflight``.
            OutcomeUnknownError: It may or may not have been created; it was not repeated. See :meth:`find_created`.
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
        )
        return self._create(consent, training, preflight)

    def create_non_human(
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
    ) -> Face:
        """Train a face that is no real person's. There is no consent; somebody vouches for that instead.

        Args:
            train_video_url: Direct https link to the training video. Sign it for 48 hours: Tavus asks for 24.
            train_image_url: Or to an image, with a voice for it.
            attestation: Why no real person is shown.
            attested_by: Who says so.
            face_name: A name for it.
            model_name: For example ``phoenix-4`` (Tavus's default) or ``phoenix-4.5``.
            voice_name: A stock voice, for an image.
            default_voice_id: Or a voice of yours, for an image.
            callback_url: Where Tavus reports the end of training.
            background_green_screen: Give the face a green background.
            auto_fix_training_image: Let Tavus repair the image.
            preflight: Look at the video first. ``"warn"`` warns of what may fail and goes on; ``"require"`` refuses
                unless it is shown to be as Tavus asks. See :meth:`preflight`.

        Returns:
            The face as Tavus answered: its id and first status.

        Raises:
            InvalidRequestError: Refused before anything was sent.
            PreflightFailed: ``preflight="require"`` was not met; has the report. Nothing was sent.
            EvidenceChanged: The video changed while it was checked. Nothing was sent.
            MissingExtraError: ``preflight="require"`` needs the extra ``preflight``.
            OutcomeUnknownError: It may or may not have been created; it was not repeated. See :meth:`find_created`.
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
        )
        vouched = Attestation(statement=attestation, attested_by=attested_by)
        return self._create(vouched, training, preflight)

    def get(self, face_id: str, *, verbose: bool | None = None) -> Face:
        """Read one face.

        Args:
            face_id: For example ``rf4e9d9790f0``; ids of replicas are ids of faces.
            verbose: Ask for ``face_type`` too.
        """
        return self._calls.get(face_id, verbose)

    def list(
        self,
        *,
        face_type: Literal["user", "system"] | None = None,
        face_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        sort: str | None = None,
        verbose: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Pager[Face]:
        """List faces. Iterate over the result, or over its ``.pages()``; pages are fetched as they are needed.

        Args:
            face_type: ``user`` for your own, ``system`` for stock faces.
            face_ids: Only these.
            model_name: Only those trained with this model.
            sort: For example ``recommended``.
            verbose: Ask for ``face_type`` too.
            page_size: How many to ask for at a time.

        Raises:
            InvalidRequestError: An argument cannot be meant; nothing was sent.
            CallError: While iterating: Tavus refused, or could not be reached.
        """
        return self._calls.list(FACES.filters(face_type, face_ids, model_name, verbose, sort), page_size)

    def rename(self, face_id: str, face_name: str) -> None:
        """Give a face another name."""
        self._calls.rename(face_id, face_name)

    def patch(
        self, face_id: str, *, face_name: str | None = None, default_voice_id: str | EllipsisType | None = ...
    ) -> Face:
        """Change a face.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            face_name: Another name.
            default_voice_id: Another voice; None takes it away.

        Raises:
            InvalidRequestError: Nothing to change was given; nothing was sent.
            CallError: Tavus refused, or could not be reached.
        """
        body = patch_body(face_name, default_voice_id)
        endpoint = FACES.endpoint("update")
        return FACES.read(endpoint.sync_detailed(face_id, client=self._context.caller, body=body))

    def delete(self, face_id: str, *, hard: bool | None = None) -> None:
        """Delete a face.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            hard: Also delete its assets, such as the training footage. Cannot be undone; conversations stay.
        """
        self._calls.delete(face_id, hard)

    def wait(
        self,
        face_id: str,
        *,
        timeout: float = TRAINING_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Face], object] | None = None,
    ) -> Face:
        """Wait until training ends.

        Args:
            face_id: For example ``rf4e9d9790f0``.
            timeout: Seconds after which to give up waiting.
            poll_interval: Seconds between two looks, give or take 10 %.
            on_progress: Called with the face after each look.

        Returns:
            The trained face. One of phoenix-4.5 is then tuned further: see ``finetune_status``.

        Raises:
            TrainingFailed: Training failed; has the documented error type and advice.
            TrainingTimeout: It took longer than ``timeout``; has the last face. Training goes on at Tavus.
            CallError: Tavus refused to be asked. Failures that can pass are waited out.
        """
        return self._wait(face_id, timeout, poll_interval, on_progress)

    def find_created(self, error: errors.OutcomeUnknownError) -> tuple[Face, ...]:
        """Look for the face that a create of unknown outcome may have made, by its name and time.

        Args:
            error: What the create raised.

        Returns:
            Your faces of that name that began within the time of the call (five minutes either way, since clocks
            differ), newest first. Empty: it was most probably not created; look again after a minute before you repeat.
        """
        return self._find_created(error)
