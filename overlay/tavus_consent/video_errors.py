"""The documented video errors, recognized by the sentence that Tavus sends in ``status_details``.

From its page "Errors and Status Details" (as of February 2026: 8 rows).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .training_errors import TrainingErrorType, make_type

_TYPES: Final = (
    make_type(
        "video_error",
        "Check script, audio and background, and create the video again; if it fails again, ask Tavus's support and "
        "quote the video id.",
        (
            "An error occurred while generating this request. Please check your inputs or try your request again",
            "an error occurred while generating this request",
        ),
    ),
    make_type(
        "replica_in_error_state",
        "The replica failed to train; tavus.replicas.get shows the reason. Use another replica.",
        (
            "Request Failed: The replica {} is currently in an 'error' state and cannot process requests. For details "
            "on the cause of the error and how to resolve it, please review the specific information provided for this "
            "replica.",
            "is currently in an 'error' state and cannot process requests",
        ),
    ),
    make_type(
        "audio_file_max_size",
        "Reduce the audio file to under 750 MB.",
        (
            "There was an issue generating your video. The audio file exceeds the maximum file size of 750MB.",
            "audio file exceeds the maximum file size",
        ),
    ),
    make_type(
        "audio_file_type",
        "Send a .wav file: the errors page names no other format, although the page of the request also names .mp3.",
        (
            "There was an issue generating your video. The audio file provided is not a .wav",
            "audio file provided is not a .wav",
        ),
    ),
    make_type(
        "audio_file_min_duration",
        "Send audio of 3 seconds or more.",
        (
            "There was an issue generating your video. The duration of the audio file does not reach the minimum "
            "duration requirement of 3 seconds.",
            "audio file does not reach the minimum duration",
        ),
    ),
    make_type(
        "audio_file_max_duration",
        "Send audio of 10 minutes or less.",
        (
            "There was an issue generating your video. The duration of the audio file exceeds the maximum duration of "
            "10 minutes.",
            "audio file exceeds the maximum duration",
        ),
    ),
    make_type(
        "audio_file_download_link",
        "Provide a link that downloads the audio file without a login or an intermediate page.",
        (
            "There was an issue generating your video. We were unable to download your audio file. Please ensure that "
            "the link you provided is correct and try again.",
            "unable to download your audio file",
        ),
    ),
    make_type(
        "script_community_guidelines",
        "Write another script: this one breaks Tavus's community guidelines.",
        (
            "Request has failed as the script violates community guidelines.",
            "script violates community guidelines",
        ),
    ),
)

VIDEO_ERRORS: Final[Mapping[str, TrainingErrorType]] = MappingProxyType({kind.name: kind for kind in _TYPES})
"""The documented types, by name."""
