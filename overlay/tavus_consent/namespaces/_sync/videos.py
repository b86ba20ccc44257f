# Derived from ../_async/videos.py by scripts/derive_sync.py, do not edit.
"""``tavus.videos``: the generated methods, and waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tavus_api.api import videos as generated
from tavus_consent._frames import hides_locals
from tavus_consent.gate.context import Context
from tavus_consent.namespaces.processing import VIDEO_POLL, VIDEO_WAIT, video_is_ready, video_late
from tavus_consent.namespaces.waiting import Waiter

from .waiting import wait

if TYPE_CHECKING:
    from tavus_api.models import Video


@hides_locals
class Videos(generated.Videos):
    """``tavus.videos``."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.caller)
        self._context = context

    def wait(
        self,
        video_id: str,
        *,
        timeout: float = VIDEO_WAIT,
        poll_interval: float = VIDEO_POLL,
        on_progress: Callable[[Video], object] | None = None,
    ) -> Video:
        """Wait until a video is ready.

        Args:
            video_id: For example ``1e30440cf9``.
            timeout: Seconds after which to stop waiting.
            poll_interval: Seconds between two polls, plus or minus 10 %.
            on_progress: Called with the video after each poll.

        Returns:
            The finished video, with its links.

        Raises:
            ProcessingFailed: It failed or was deleted; has the documented error type and advice.
            ProcessingTimeout: It took longer than ``timeout``; has the last state. The work continues at Tavus.
            CallError: Tavus refused the request. Temporary failures are retried.
        """
        waiter = Waiter["Video"](
            self._context, timeout, poll_interval, is_ready=video_is_ready, late=video_late, subject=f"video:{video_id}"
        )
        return wait(lambda: self.get(video_id), waiter, on_progress)
