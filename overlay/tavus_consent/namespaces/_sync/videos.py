# Derived from ../_async/videos.py by scripts/derive_sync.py, do not edit.
"""``tavus.videos``: the generated methods, a create that happens once, and waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tavus_api.api import videos as generated
from tavus_consent._arguments import check_text
from tavus_consent._frames import hides_locals
from tavus_consent.gate.context import Context
from tavus_consent.namespaces.processing import VIDEO_POLL, VIDEO_WAIT, created_by, video_is_ready, video_late
from tavus_consent.namespaces.waiting import Waiter

from .waiting import wait

if TYPE_CHECKING:
    from tavus_api.models import CreatedVideo, Video
    from tavus_api.models.video_properties import VideoPropertiesParam
    from tavus_consent.gate.candidates import CallTime


@hides_locals
class Videos(generated.Videos):
    """``tavus.videos``."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.caller)
        self._context = context

    def create(
        self,
        *,
        replica_id: str,
        video_name: str | None = None,
        background_url: str | None = None,
        background_source_url: str | None = None,
        callback_url: str | None = None,
        fast: bool | None = None,
        transparent_background: bool | None = None,
        watermark_image_url: str | None = None,
        properties: VideoPropertiesParam | Mapping[str, Any] | None = None,
        script: str | None = None,
        audio_url: str | None = None,
        extra: Mapping[str, Any] | None = None,
        use: str | None = None,
        once: str | None = None,
    ) -> CreatedVideo:
        """Create a video.

        Create a video in which a replica speaks a text or an audio file. The response comes immediately; the video is
        ready minutes later. Exactly one of ``script`` and ``audio_url`` is required.

        ``POST /v2/videos``

        Args:
            replica_id: The replica that speaks.
            video_name: Display name.
            background_url: Web page to show as the background.
            background_source_url: Video file to show as the background.
            callback_url: URL that receives a POST request on completion or failure.
            fast: If true, the video has no background, thumbnails or stream, and is ready sooner.
            transparent_background: If true, the result is a .webm file with a transparent background; requires
                ``fast``.
            watermark_image_url: Direct link to a PNG or JPEG to place over the video.
            properties: Further settings of the video.
            script: Text to speak. Exactly one of ``script`` and ``audio_url`` is required.
            audio_url: Direct link to a .wav or .mp3 file to use as speech. Exactly one of ``script`` and ``audio_url``
                is required.
            extra: Further members of the request, for fields that are newer than this package. The method refuses a
                member that has an argument of its own.
            use: The purpose, for the consent gate: one of the ``intended_uses`` of the record. It is never sent.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger. It is never sent.

        Raises:
            ConsentError: The consent behind a likeness does not allow this use; nothing was sent.
            OnceConflict: The key belongs to a create with other arguments. Nothing was sent.
            OpenCreate: It is not known what an earlier create with the key made. Nothing was sent.
            CallError: Tavus refused (400: An argument is invalid), or could not be reached.
        """
        given: dict[str, Any] = {
            "replica_id": replica_id,
            "video_name": video_name,
            "background_url": background_url,
            "background_source_url": background_source_url,
            "callback_url": callback_url,
            "fast": fast,
            "transparent_background": transparent_background,
            "watermark_image_url": watermark_image_url,
            "properties": properties,
            "script": script,
            "audio_url": audio_url,
            "extra": extra,
            "use": use,
        }
        send = partial(generated.Videos.create, self, **given)
        if once is None:
            return send()
        # Most videos have no key, and need none of this.
        from tavus_consent.gate._sync.keyed import make_once
        from tavus_consent.gate.once import Once, canonical

        key = Once(check_text(once, "once"), canonical(given), scope="video")
        look = partial(self._look, replica_id, video_name, script)
        return make_once(self._context, key, "generateVideo", send, self._created, look, lambda one: one.video_id)

    def _look(
        self, replica_id: str, video_name: str | None, script: str | None, time: CallTime
    ) -> tuple[str | None, tuple[str, ...]]:
        own = self._context.items(self.list())
        guess = self._context.server_clock.difference
        fits = [(one, time.fit(one.created_at, guess)) for one in own]
        return created_by(fits, replica_id, video_name, script)

    def _created(self, video_id: str) -> CreatedVideo:
        from tavus_api.models import CreatedVideo

        video = (self.get(video_id)).to_dict()
        return CreatedVideo.from_json({name: one for name, one in video.items() if name in CreatedVideo._members})

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
            poll_interval: Seconds between two polls, plus or minus 10 %. It is ten times as long while a callback is
                expected, and the callback ends the pause.
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
