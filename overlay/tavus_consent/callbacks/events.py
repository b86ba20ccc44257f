"""The events that Tavus's callbacks report, as immutable values. Pure.

Every class takes what a body may say; :mod:`.reading` decides which class a body is. An event that is ``confirmed`` has
the state that Tavus returned when it was asked. Any other event only has the claim of a body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent.results import READY_WORDS, Replica
from tavus_consent.training_errors import TrainingErrorType, classify_training_error
from tavus_consent.video_errors import VIDEO_ERRORS

from .base import CallbackEvent as CallbackEvent, StatusEvent as StatusEvent, hidden
from .conversations import (
    CanvasInteraction as CanvasInteraction,
    ConversationCallback as ConversationCallback,
    ConversationEnded as ConversationEnded,
    GuardrailTriggered as GuardrailTriggered,
    ObjectiveCompleted as ObjectiveCompleted,
    PerceptionAnalyzed as PerceptionAnalyzed,
    RecordingCopyFailed as RecordingCopyFailed,
    RecordingReady as RecordingReady,
    ReplicaJoined as ReplicaJoined,
    ShutdownReason as ShutdownReason,
    ToolCalled as ToolCalled,
    TranscriptReady as TranscriptReady,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tavus_api.models import Document, Video, Voice


@hides_locals
@frozen(kw_only=True)
class ReplicaCallback(StatusEvent):
    """A callback about a replica or a face that is neither ready nor failed, and the base of those that are.

    Attributes:
        replica_id: The replica; also read from ``face_id``, its newer name.
        status: Tavus's word, unchanged: ``ready`` or ``error`` are documented. Use ``is_ready`` and ``is_failed``.
        error_message: Why training failed; see :func:`tavus_consent.classify_training_error`.
        finetune_status: Second stage of phoenix-4.5: ``training``, ``completed`` or ``errored``.
        replica: The replica as Tavus returned it; ``None`` unless the event is confirmed.
    """

    replica_id: str
    finetune_status: str | None = None
    replica: Replica | None = field(default=None, repr=False)

    @property
    def is_ready(self) -> bool:
        """True if the replica is usable without restriction. A preview of phoenix-4.5 is not."""
        return self.status in READY_WORDS and self.finetune_status in (None, "completed")

    @property
    def is_preview(self) -> bool:
        """True if only the watermarked preview of phoenix-4.5 is usable."""
        return self.status in READY_WORDS and not self.is_ready


@hides_locals
@frozen(kw_only=True)
class ReplicaReady(ReplicaCallback):
    """The end of a training: the replica is usable without restriction."""


@hides_locals
@frozen(kw_only=True)
class ReplicaTuned(ReplicaReady):
    """The end of the second stage of phoenix-4.5: the replica is usable without restriction."""


@hides_locals
@frozen(kw_only=True)
class ReplicaPreview(ReplicaCallback):
    """The end of the first stage of phoenix-4.5: only a watermarked preview is usable."""

    @property
    def is_ready(self) -> bool:
        """False: the second stage is not over."""
        return False


@hides_locals
@frozen(kw_only=True)
class ReplicaFailed(ReplicaCallback):
    """The failure of a training."""

    @property
    def is_ready(self) -> bool:
        """False."""
        return False

    @property
    def is_failed(self) -> bool:
        """True."""
        return True

    @property
    def stage(self) -> Literal["training", "tuning"]:
        """The stage that failed. After a failed ``tuning``, the preview stays usable."""
        return "tuning" if self.status in READY_WORDS else "training"

    @property
    def error_type(self) -> TrainingErrorType | None:
        """The documented type of the error, with advice; ``None`` if the sentence is not documented."""
        return classify_training_error(self.error_message)


@hides_locals
@frozen(kw_only=True)
class VideoCallback(StatusEvent):
    """A callback about a video that is neither ready nor failed, and the base of those that are.

    Attributes:
        video_id: The video.
        status: Tavus's word, unchanged.
        error_message: Tavus's sentence, which callbacks about videos call ``status_details``.
        download_url: The link to the video.
        video: The video as Tavus returned it; ``None`` unless the event is confirmed.
    """

    video_id: str
    download_url: str | None = hidden(default=None)
    video: Video | None = field(default=None, repr=False)


@hides_locals
@frozen(kw_only=True)
class VideoReady(VideoCallback):
    """A finished video."""


@hides_locals
@frozen(kw_only=True)
class VideoFailed(VideoCallback):
    """A video that could not be made."""

    @property
    def error_type(self) -> TrainingErrorType | None:
        """The documented type of the error, with advice; ``None`` if the sentence is not documented."""
        return classify_training_error(self.error_message, VIDEO_ERRORS)


@hides_locals
@frozen(kw_only=True)
class DocumentCallback(StatusEvent):
    """A callback about a document that is neither ready nor failed, and the base of those that are.

    Attributes:
        document_id: The document.
        status: Tavus's word, unchanged.
        error_message: Tavus's sentence.
        document: The document as Tavus returned it; ``None`` unless the event is confirmed.
    """

    document_id: str
    document: Document | None = field(default=None, repr=False)


@hides_locals
@frozen(kw_only=True)
class DocumentReady(DocumentCallback):
    """A document that conversations can use."""


@hides_locals
@frozen(kw_only=True)
class DocumentFailed(DocumentCallback):
    """A document that Tavus could not read."""


@hides_locals
@frozen(kw_only=True)
class VoiceCallback(StatusEvent):
    """A callback about a voice that is neither ready nor failed, and the base of those that are.

    Attributes:
        voice_id: The voice.
        status: Tavus's word, unchanged.
        error_message: Tavus's sentence.
        voice: The voice as Tavus returned it; ``None`` unless the event is confirmed.
    """

    voice_id: str
    voice: Voice | None = field(default=None, repr=False)


@hides_locals
@frozen(kw_only=True)
class VoiceReady(VoiceCallback):
    """A voice that can be used."""


@hides_locals
@frozen(kw_only=True)
class VoiceFailed(VoiceCallback):
    """A voice that could not be cloned."""


@hides_locals
@frozen(kw_only=True)
class OutputCallback(StatusEvent):
    """A callback about other work. Tavus documents no body for these; an id and a status are expected.

    Attributes:
        kind: ``speech``, ``lipsync``, ``replacement`` or ``transcription``.
        object_id: Its id.
        status: Tavus's word, unchanged.
        error_message: Tavus's sentence.
        output: The object as Tavus returned it; ``None`` unless the event is confirmed.
    """

    kind: str
    object_id: str
    output: Any = field(default=None, repr=False, hash=False)


@hides_locals
@frozen(kw_only=True)
class UnknownEvent(CallbackEvent):
    """A body of an unknown form.

    Attributes:
        body: The body as it came.
    """

    body: Mapping[str, Any] = hidden(factory=dict)


@hides_locals
@frozen(kw_only=True)
class UnconfirmedEvent(CallbackEvent):
    """A claim that Tavus's answer does not show, or not yet. Do not act on it alone.

    Attributes:
        claim: The event of the body.
        found: The object as Tavus returned it; ``None`` if Tavus does not know it.
    """

    claim: CallbackEvent
    found: Any = field(default=None, repr=False, hash=False)
