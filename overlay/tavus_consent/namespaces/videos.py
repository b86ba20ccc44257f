"""``tavus.videos``: what is generated, and waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from tavus_api.api import videos as generated
from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import redact_text
from tavus_consent.results import READY_WORDS
from tavus_consent.training_errors import classify
from tavus_consent.video_errors import VIDEO_ERRORS

from .waiting import Waiter, wait, wait_async

if TYPE_CHECKING:
    from tavus_api.models import Video
    from tavus_consent.client import AsyncTavus, Tavus

# A video that was deleted while one waits is never going to be ready.
_FAILED_WORDS: Final = frozenset({"error", "deleted"})
DEFAULT_WAIT: Final = 3600.0
"""Seconds. Tavus gives minutes for a minute of video; a replica that still trains makes a video wait for hours."""
POLL_INTERVAL: Final = 10.0


def is_ready(video: Video) -> bool:
    """Whether a video can be downloaded; raises when it never will be."""
    if video.status in _FAILED_WORDS:
        raise video_failed(video)
    return video.status in READY_WORDS


def video_failed(video: Video) -> errors.ProcessingFailed:
    """The error for a video that failed: type and advice when the sentence is documented."""
    said = [text for text in (video.status_details, video.error_details) if isinstance(text, str) and text]
    found = [(text, kind) for text in said if (kind := classify(text, VIDEO_ERRORS))]
    # "An error occurred" says the least of all sentences.
    sentence, kind = min(found, key=lambda one: one[1].name == "video_error", default=(said[0] if said else None, None))
    advice = kind.advice if kind else "The sentence is not documented; ask Tavus's support, and quote the video id."
    name = f" ({kind.name})" if kind else ""
    message = redact_text(f"video {video.video_id} failed{name}: {sentence or video.status} {advice}")
    return errors.ProcessingFailed(message, video, error_type=kind, error_message=sentence, advice=advice)


def late(video: Video, timeout: float) -> errors.ProcessingTimeout:
    """The error for a video that is not ready in time."""
    return errors.ProcessingTimeout(
        f"video {video.video_id} is not ready ({video.status}) after {timeout:g} s; the work goes on at Tavus", video
    )


@hides_locals
class Videos(generated.Videos):
    """``tavus.videos``."""

    def __init__(self, client: Tavus) -> None:
        super().__init__(client._make_caller())
        self._client = client

    def wait(
        self,
        video_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Video], object] | None = None,
    ) -> Video:
        """Wait until a video is made.

        Args:
            video_id: For example ``1e30440cf9``.
            timeout: Seconds after which to give up waiting.
            poll_interval: Seconds between two looks, give or take 10 %.
            on_progress: Called with the video after each look.

        Returns:
            The finished video, with its links.

        Raises:
            ProcessingFailed: It failed or was deleted; has the documented error type and advice.
            ProcessingTimeout: It took longer than ``timeout``; has the last state. The work goes on at Tavus.
            CallError: Tavus refused to be asked. Failures that can pass are waited out.
        """
        waiter = Waiter["Video"](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return wait(lambda: self.get(video_id), waiter, on_progress)


@hides_locals
class AsyncVideos(generated.AsyncVideos):
    """``tavus.videos`` of :class:`AsyncTavus`."""

    def __init__(self, client: AsyncTavus) -> None:
        super().__init__(client._make_caller())
        self._client = client

    async def wait(
        self,
        video_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Video], object] | Callable[[Video], Awaitable[object]] | None = None,
    ) -> Video:
        waiter = Waiter["Video"](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return await wait_async(lambda: self.get(video_id), waiter, on_progress)


AsyncVideos.wait.__doc__ = Videos.wait.__doc__
