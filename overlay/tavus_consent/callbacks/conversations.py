"""The events of conversations, and of what happens in them, as immutable values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from tavus_consent._frames import hides_locals

from .base import CallbackEvent, hidden

if TYPE_CHECKING:
    from tavus_api.models import Conversation


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
    properties: Mapping[str, Any] = hidden(factory=dict)
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
    arguments: Mapping[str, Any] = hidden(factory=dict)


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
    output_variables: Mapping[str, Any] = hidden(factory=dict)


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
