"""The events that Tavus's callbacks report, as immutable values. Pure.

Every class takes what a body may say; :mod:`.reading` decides which class a body is. An event that is ``confirmed`` has
the state that Tavus returned when it was asked. Any other event only has the claim of a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import show_text
from tavus_consent.results import FAILED_WORDS, READY_WORDS, Replica
from tavus_consent.training_errors import TrainingErrorType, classify_training_error
from tavus_consent.video_errors import VIDEO_ERRORS

if TYPE_CHECKING:
    from tavus_api.models import Conversation, Document, Video, Voice


def _show_text(value: str | None) -> str:
    return repr(value and show_text(value))


def _hidden(**options: Any) -> Any:
    """Return a field for texts of people, links and anything unknown: never shown."""
    return field(repr=False, hash=False, **options)


class ShutdownReason(StrEnum):
    """The documented reasons for the end of a conversation."""

    MAX_CALL_DURATION = "max_call_duration"
    PARTICIPANT_LEFT = "participant_left_timeout"
    PARTICIPANT_ABSENT = "participant_absent_timeout"
    MEETING_ENDED = "bot_could_not_join_meeting_it_was_probably_ended"
    ROOM_DELETED = "daily_room_has_been_deleted"
    STARTUP_FAILED = "exception_encountered_during_conversation_startup"
    ENDED_BY_REQUEST = "end_conversation_endpoint_hit"
    INTERNAL_ERROR = "internal error occurred at step"


@hides_locals
@frozen(kw_only=True)
class CallbackEvent:
    """Any event of a callback.

    Attributes:
        job: The ``job`` of the address that the callback came to.
        confirmed: True if the event has the state that Tavus returned when it was asked. Objectives, guardrails, tools
            and unknown bodies can never be confirmed, because no operation returns them.
        extra: Every other member of the body.
    """

    job: str | None = None
    confirmed: bool = False
    extra: Mapping[str, Any] = _hidden(factory=dict)


@hides_locals
@frozen(kw_only=True)
class _StatusEvent(CallbackEvent):
    status: str
    error_message: str | None = field(default=None, repr=_show_text)

    @property
    def is_ready(self) -> bool:
        """True if the object is usable."""
        return self.status in READY_WORDS

    @property
    def is_failed(self) -> bool:
        """True if the work failed."""
        return self.status in FAILED_WORDS


@hides_locals
@frozen(kw_only=True)
class ReplicaCallback(_StatusEvent):
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
        return self.status in READY_WORDS and not self.is_ready and not self.is_failed


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
class VideoCallback(_StatusEvent):
    """A callback about a video that is neither ready nor failed, and the base of those that are.

    Attributes:
        video_id: The video.
        status: Tavus's word, unchanged.
        error_message: Tavus's sentence, which callbacks about videos call ``status_details``.
        download_url: The link to the video.
        video: The video as Tavus returned it; ``None`` unless the event is confirmed.
    """

    video_id: str
    download_url: str | None = _hidden(default=None)
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
class DocumentCallback(_StatusEvent):
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
class VoiceCallback(_StatusEvent):
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
class OutputCallback(_StatusEvent):
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
class ConversationCallback(CallbackEvent):
    """An event of a conversation, and the base of those with a class of their own.

    Attributes:
        conversation_id: The conversation.
        event_type: Tavus's word, for example ``system.replica_joined``.
        timestamp: When it happened, aware; ``None`` if the body has no readable date.
        properties: The properties of the event.
        conversation: The conversation as Tavus returned it; ``None`` unless the event is confirmed.
    """

    conversation_id: str
    event_type: str
    timestamp: datetime | None = None
    properties: Mapping[str, Any] = _hidden(factory=dict)
    conversation: Conversation | None = field(default=None, repr=False)

    def _text(self, *names: str) -> str | None:
        """Return the first property of these names that is a text."""
        return next((text for name in names if isinstance(text := self.properties.get(name), str)), None)

    @property
    def replica_id(self) -> str | None:
        """The replica of the conversation."""
        return self._text("replica_id", "face_id")


@hides_locals
@frozen(kw_only=True)
class ReplicaJoined(ConversationCallback):
    """The replica is in the room."""


@hides_locals
@frozen(kw_only=True)
class ConversationEnded(ConversationCallback):
    """The end of a conversation."""

    @property
    def reason(self) -> str | None:
        """Tavus's reason, unchanged."""
        return self._text("shutdown_reason", "reason")

    @property
    def shutdown(self) -> ShutdownReason | None:
        """The documented reason; ``None`` for any other text."""
        said = self.reason or ""
        return next((one for one in ShutdownReason if said == one or said.startswith(f"{one} ")), None)


@hides_locals
@frozen(kw_only=True)
class TranscriptReady(ConversationCallback):
    """The transcript of a conversation."""

    @property
    def transcript(self) -> tuple[Mapping[str, Any], ...]:
        """The turns, each with ``role`` and ``content``."""
        said = self.properties.get("transcript")
        return tuple(turn for turn in said if isinstance(turn, Mapping)) if isinstance(said, (list, tuple)) else ()


@hides_locals
@frozen(kw_only=True)
class RecordingReady(ConversationCallback):
    """The recording of a conversation is in your storage."""

    @property
    def bucket_name(self) -> str | None:
        """The bucket."""
        return self._text("bucket_name")

    @property
    def s3_key(self) -> str | None:
        """The key within the bucket."""
        return self._text("s3_key")

    @property
    def duration(self) -> float | None:
        """Its length in seconds."""
        said = self.properties.get("duration")
        return float(said) if isinstance(said, (int, float)) and not isinstance(said, bool) else None


@hides_locals
@frozen(kw_only=True)
class RecordingCopyFailed(ConversationCallback):
    """The recording of a conversation could not be copied to your storage."""


@hides_locals
@frozen(kw_only=True)
class PerceptionAnalyzed(ConversationCallback):
    """The analysis of what a replica saw during a conversation."""

    @property
    def analysis(self) -> str | None:
        """The analysis, as text."""
        return self._text("analysis")


@hides_locals
@frozen(kw_only=True)
class CanvasInteraction(ConversationCallback):
    """An action of a participant on a canvas."""


@hides_locals
@frozen(kw_only=True)
class ToolCalled(CallbackEvent):
    """A call of a tool.

    Attributes:
        name: The tool; ``None`` if the body is made by the tool's own template.
        conversation_id: The conversation, if the body names it.
        arguments: The arguments, or the whole body.
    """

    name: str | None = None
    conversation_id: str | None = None
    arguments: Mapping[str, Any] = _hidden(factory=dict)


@hides_locals
@frozen(kw_only=True)
class ObjectiveCompleted(CallbackEvent):
    """A completed objective of a conversation.

    Attributes:
        conversation_id: The conversation, if the body names it.
        objective_name: The objective.
        objective_status: Tavus's word.
        output_variables: The collected values.
    """

    objective_name: str
    conversation_id: str | None = None
    objective_status: str | None = None
    output_variables: Mapping[str, Any] = _hidden(factory=dict)


@hides_locals
@frozen(kw_only=True)
class GuardrailTriggered(CallbackEvent):
    """A guardrail that was triggered in a conversation.

    Attributes:
        conversation_id: The conversation, if the body names it.
        guardrail_name: The guardrail.
    """

    guardrail_name: str
    conversation_id: str | None = None


@hides_locals
@frozen(kw_only=True)
class UnknownEvent(CallbackEvent):
    """A body of an unknown form.

    Attributes:
        body: The body as it came.
    """

    body: Mapping[str, Any] = _hidden(factory=dict)


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
