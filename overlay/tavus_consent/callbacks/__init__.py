"""Callbacks: the typed events that Tavus reports, their addresses, and their delivery.

Everything starts at a client: ``tavus.callbacks.receive(...)``, or ``tavus.callbacks.app(...)``. The classes of events
are for ``match`` and for ``@callbacks.on(...)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tavus_consent._lazy import lazy

if TYPE_CHECKING:
    from .addresses import CallbackLogFilter
    from .events import (
        CallbackEvent,
        CanvasInteraction,
        ConversationCallback,
        ConversationEnded,
        DocumentCallback,
        DocumentFailed,
        DocumentReady,
        GuardrailTriggered,
        ObjectiveCompleted,
        OutputCallback,
        PerceptionAnalyzed,
        RecordingCopyFailed,
        RecordingReady,
        ReplicaCallback,
        ReplicaFailed,
        ReplicaJoined,
        ReplicaPreview,
        ReplicaReady,
        ReplicaTuned,
        ShutdownReason,
        ToolCalled,
        TranscriptReady,
        UnconfirmedEvent,
        UnknownEvent,
        VideoCallback,
        VideoFailed,
        VideoReady,
        VoiceCallback,
        VoiceFailed,
        VoiceReady,
    )
    from .mailbox import Delivery
    from .queue import CallbackQueue
    from .reading import parse_callback

_HOMES = {
    "addresses": ["CallbackLogFilter"],
    "mailbox": ["Delivery"],
    "queue": ["CallbackQueue"],
    "reading": ["parse_callback"],
}

__all__ = [
    "CallbackEvent",
    "CallbackLogFilter",
    "CallbackQueue",
    "CanvasInteraction",
    "ConversationCallback",
    "ConversationEnded",
    "Delivery",
    "DocumentCallback",
    "DocumentFailed",
    "DocumentReady",
    "GuardrailTriggered",
    "ObjectiveCompleted",
    "OutputCallback",
    "PerceptionAnalyzed",
    "RecordingCopyFailed",
    "RecordingReady",
    "ReplicaCallback",
    "ReplicaFailed",
    "ReplicaJoined",
    "ReplicaPreview",
    "ReplicaReady",
    "ReplicaTuned",
    "ShutdownReason",
    "ToolCalled",
    "TranscriptReady",
    "UnconfirmedEvent",
    "UnknownEvent",
    "VideoCallback",
    "VideoFailed",
    "VideoReady",
    "VoiceCallback",
    "VoiceFailed",
    "VoiceReady",
    "parse_callback",
]

__getattr__, __dir__ = lazy(__name__, {"events": __all__, **_HOMES})
