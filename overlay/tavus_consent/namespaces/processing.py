"""The states of videos, documents and voices: ready, failed or late. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from tavus_consent import errors
from tavus_consent._redaction import redact_text
from tavus_consent.gate.deletion import replica_of
from tavus_consent.results import FAILED_WORDS, READY_WORDS
from tavus_consent.training_errors import classify_training_error
from tavus_consent.video_errors import VIDEO_ERRORS

if TYPE_CHECKING:
    from tavus_api.models import Document, Video, Voice
    from tavus_consent.gate.candidates import Fit

VIDEO_WAIT: Final = 3600.0
"""Seconds. Tavus needs minutes for a minute of video; a replica that is still training delays it by hours."""
VIDEO_POLL: Final = 10.0
DOCUMENT_WAIT: Final = 1800.0
"""Seconds. Tavus gives no time; a crawl of a hundred pages takes minutes."""
DOCUMENT_POLL: Final = 5.0
VOICE_WAIT: Final = 1800.0
"""Seconds. Tavus says that a voice is ready within minutes."""
VOICE_POLL: Final = 5.0

# A video that is deleted during the wait will never be ready.
_FAILED_WORDS: Final = frozenset({"error", "deleted"})
_DOCUMENT_ADVICE: Final = (
    "Check that the link downloads without a login, that the file is under 50 MB and of a kind that Tavus reads, and "
    "that the text is English."
)
_VOICE_ADVICE: Final = (
    "Check that the link downloads without a login, and that one person speaks in the recording, without noise or "
    "music. The sentences of voices are not documented; otherwise ask Tavus's support and quote the voice id."
)


def video_is_ready(video: Video) -> bool:
    """Return True if a video can be downloaded; raise an error if it failed."""
    if video.status in _FAILED_WORDS:
        raise video_failed(video)
    return video.status in READY_WORDS


def video_failed(video: Video) -> errors.ProcessingFailed:
    """Return the error for a failed video: with type and advice if the sentence is documented."""
    said = [text for text in (video.status_details, video.error_details) if isinstance(text, str) and text]
    found = [(text, kind) for text in said if (kind := classify_training_error(text, VIDEO_ERRORS))]
    # "An error occurred" is the least specific sentence.
    sentence, kind = min(found, key=lambda one: one[1].name == "video_error", default=(said[0] if said else None, None))
    advice = kind.advice if kind else "The sentence is not documented; ask Tavus's support and quote the video id."
    name = f" ({kind.name})" if kind else ""
    message = redact_text(f"video {video.video_id} failed{name}: {sentence or video.status} {advice}")
    return errors.ProcessingFailed(message, video, error_type=kind, error_message=sentence, advice=advice)


def created_by(
    fits: Iterable[tuple[Video, Fit | None]], replica_id: str, video_name: str | None, script: str | None
) -> tuple[str | None, tuple[str, ...]]:
    """Return the video that a create of unknown outcome surely made, or ``None``, and those that it may have made.

    Args:
        fits: Videos, each with how well its time fits.
        replica_id: The replica of the create.
        video_name: The name that the create asked for.
        script: The text that the create asked for.
    """
    found = []
    for video, fit in fits:
        replica, said = replica_of(video), video.data and video.data.script
        is_named = video_name is None or video.video_name == video_name
        is_other = replica not in (None, replica_id) or (said and script and said != script)
        if fit is not None and is_named and not is_other:
            is_sure = fit == "likely" and video.created_at is not None and bool(video_name or (replica and said))
            found.append((video.video_id, is_sure))
    sure = found[0][0] if len(found) == 1 and found[0][1] else None
    return sure, tuple(video_id for video_id, _ in found)


def video_late(video: Video, timeout: float) -> errors.ProcessingTimeout:
    """Return the error for a video that is not ready in time."""
    return errors.ProcessingTimeout(
        f"video {video.video_id} is not ready ({video.status}) after {timeout:g} s; the work continues at Tavus", video
    )


def document_is_ready(document: Document) -> bool:
    """Return True if a document can be used; raise an error if it failed."""
    if document.status in FAILED_WORDS:
        sentence = document.error_message or None
        message = redact_text(
            f"document {document.document_id} failed: {sentence or 'no reason given'} {_DOCUMENT_ADVICE}"
        )
        raise errors.ProcessingFailed(
            message, document, error_type=None, error_message=sentence, advice=_DOCUMENT_ADVICE
        )
    return document.status in READY_WORDS


def document_late(document: Document, timeout: float) -> errors.ProcessingTimeout:
    """Return the error for a document that is not ready in time."""
    return errors.ProcessingTimeout(
        f"document {document.document_id} is not ready ({document.status}) after {timeout:g} s; the work continues at "
        "Tavus",
        document,
    )


def voice_is_ready(voice: Voice) -> bool:
    """Return True if a voice can be used; raise an error if it failed."""
    if voice.status in FAILED_WORDS:
        sentence = voice.error_message or None
        message = redact_text(f"voice {voice.voice_id} failed: {sentence or 'no reason given'} {_VOICE_ADVICE}")
        raise errors.ProcessingFailed(message, voice, error_type=None, error_message=sentence, advice=_VOICE_ADVICE)
    return voice.status in READY_WORDS


def voice_late(voice: Voice, timeout: float) -> errors.ProcessingTimeout:
    """Return the error for a voice that is not ready in time."""
    return errors.ProcessingTimeout(
        f"voice {voice.voice_id} is not ready ({voice.status}) after {timeout:g} s; the work continues at Tavus", voice
    )
