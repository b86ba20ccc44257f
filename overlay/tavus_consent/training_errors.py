"""The documented training errors, recognized by the sentence that Tavus sends.

Tavus sends a sentence in ``error_message`` and no type. The types and sentences are those of its page "Errors and
Status Details" (as of February 2026: 27 rows, 26 types). A sentence is recognized by a unique phrase, so that small
changes of its wording around that phrase do no harm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen


@frozen(kw_only=True)
class TrainingErrorType:
    """One documented type of training error.

    Attributes:
        name: Tavus's name for it, for example ``video_fps``.
        messages: The sentences of the page, quoted exactly.
        advice: The advice for the caller, in our words.
        phrases: The unique words of each sentence, in lower case and without punctuation.
    """

    name: str
    messages: tuple[str, ...]
    advice: str
    phrases: tuple[str, ...] = field(repr=False)


def classify_training_error(
    sentence: str | None, kinds: Mapping[str, TrainingErrorType] | None = None
) -> TrainingErrorType | None:
    """Find the documented type of an error.

    Case, white space, punctuation and Markdown links in the sentence are ignored.

    Args:
        sentence: The ``error_message`` of a replica or a callback.
        kinds: The types to search; by default those of trainings. For videos see :mod:`.video_errors`.

    Returns:
        The type, or ``None`` if the sentence is not documented.
    """
    said = f" {_words(sentence or '')} "
    found = [
        (len(phrase), kind)
        for kind in (kinds or TRAINING_ERRORS).values()
        for phrase in kind.phrases
        if f" {phrase} " in said
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def make_type(name: str, advice: str, *rows: tuple[str, str]) -> TrainingErrorType:
    """Return one type; each row is a sentence and the unique part of it."""
    messages = tuple(message for message, _ in rows)
    return TrainingErrorType(
        name=name, messages=messages, advice=advice, phrases=tuple(_words(part) for _, part in rows)
    )


_TYPES: Final = (
    make_type(
        "download_link",
        "Provide a link that downloads the file without a login or an intermediate page, and sign it for 48 hours.",
        (
            "There was an issue downloading your video file. Please ensure that the link you provided "
            "is correct and try "
            "again",
            "issue downloading your video file",
        ),
    ),
    make_type(
        "file_size",
        "Reduce the file to under 750 MB, for example with a lower bit rate.",
        (
            "The video file you provided exceeds the maximum file size allowed. Please ensure that the "
            "video is less than "
            "750MB and try again.",
            "exceeds the maximum file size allowed",
        ),
    ),
    make_type(
        "video_format",
        "Convert the training and the consent video to .mp4; renaming the file is not enough.",
        (
            "There was an issue processing your training video. The video provided is not a .mp4 file. "
            "Please ensure that "
            "the training video is a .mp4 file encoded using h.264",
            "video provided is not a .mp4 file",
        ),
    ),
    make_type(
        "video_codec",
        "Encode the training and the consent video with H.264; HEVC, VP9 and AV1 are not accepted.",
        (
            "There was an issue processing your training video. The video provided is not encoded using h.264. Please "
            "ensure that the training video is a .mp4 file encoded using h.264",
            "video provided is not encoded using h.264",
        ),
    ),
    make_type(
        "video_codec_and_format",
        "Convert the training and the consent video to .mp4 with H.264.",
        (
            "There was an issue processing your training video. Please ensure that the training video is a .mp4 file "
            "encoded using h.264",
            "issue processing your training video. Please ensure that the training video is a .mp4 file",
        ),
    ),
    make_type(
        "video_duration",
        "Record at least 1 minute; 1.5 to 2 minutes are best.",
        (
            "There was an issue processing your training video. The video provided does not meet the minimum duration "
            "requirement for training",
            "does not meet the minimum duration requirement for training",
        ),
    ),
    make_type(
        "video_fps",
        "Record the training and the consent video with 25 frames per second or more. Converting a slower one does not "
        "help.",
        (
            "There was an issue processing your training video. The video provided does not meet the "
            "minimum frame rate "
            "requirement for a training video. Please ensure your training video has a frame rate of at least 25fps",
            "does not meet the minimum frame rate requirement",
        ),
    ),
    make_type(
        "consent_phrase_mismatch",
        "Record the consent statement again, word for word and with the full name, and create a new replica with it.",
        (
            "There was an issue processing your training file: Your consent phrase does not match our "
            "requirements. Please "
            "follow our specified format closely",
            "your consent phrase does not match our requirements",
        ),
    ),
    make_type(
        "face_or_obstruction_detected",
        "Record again with one face alone, in view and uncovered in every frame.",
        (
            "There was an issue processing your training file: More than one face detected or "
            "obstructions present. Please "
            "ensure only your face is visible and clear",
            "more than one face detected or obstructions present",
        ),
    ),
    make_type(
        "lighting_change_detected",
        "Record again under constant light: no window, screen or lamp that changes.",
        (
            "There was an issue processing your training file: Lighting changes detected. Ensure your "
            "face is evenly lit "
            "throughout the video",
            "lighting changes detected",
        ),
    ),
    make_type(
        "background_noise_detected",
        "Record again in a quiet room with one voice and no music.",
        (
            "There was an issue processing your training file: Background noise or other voices "
            "detected. Please record in "
            "a quiet environment with only your voice",
            "background noise or other voices detected",
        ),
    ),
    make_type(
        "video_editing_detected",
        "Record in one take and send it uncut, without effects or overlays.",
        (
            "There was an issue processing your training file: Video appears edited or contains cuts. Please submit an "
            "unedited, continuous video",
            "video appears edited or contains cuts",
        ),
    ),
    make_type(
        "community_guidelines_violation",
        "Read Tavus's community guidelines and record another video; ask Tavus's support if you do not see why.",
        (
            "There was an issue processing your training file: Video violates Community Guidelines. Please review our "
            "guidelines and resubmit your video",
            "video violates community guidelines",
        ),
    ),
    make_type(
        "video_processing",
        "If the face was not found: record it larger in the frame, and uncovered. If the file "
        "could not be read: play it to "
        "the end, then export it again as .mp4 with H.264.",
        (
            "There was an error processing your training video. Face not detected because it appeared too small in the "
            "frame or it was occluded. Please edit or record a new video and ensure your face is clearly visible and "
            "occupies a larger portion of the frame.",
            "face not detected because it appeared too small in the frame",
        ),
        (
            "There was an error processing your training video file. Please check your video format "
            "and make sure it not "
            "damaged and could be played correctly.",
            "error processing your training video file",
        ),
    ),
    make_type(
        "excessive_movement_detected",
        "Record again, sitting still in the middle of the frame, with the camera on a stand and no overlay on the "
        "picture.",
        (
            "There was an issue processing your training file: Excessive movement detected. Please "
            "ensure you are sitting "
            "still and centered in the frame",
            "excessive movement detected",
        ),
    ),
    make_type(
        "audio_processing",
        "Check that the video has a sound track that plays, and export it again with AAC. A long replica name, or one "
        "with special characters, can also cause this.",
        (
            "There was an error processing the audio in the provided training video file.",
            "error processing the audio in the provided training video",
        ),
    ),
    make_type(
        "quality_issue_detected",
        "Record in 1080p or more (under 720p fails). If it already is, ask Tavus's support and quote the replica id.",
        (
            "Quality issue detected. For details and assistance, please reach out to Tavus support via "
            "developer-support@tavus.io",
            "quality issue detected",
        ),
    ),
    make_type(
        "hands_obstructing_face",
        "Record again, or trim that part at the start or end, with the hands away from the face.",
        (
            "There was a quality issue with your replica. The user's hand obstructed the face during recording. Please "
            "edit your video or record a new training video and keep hands away from the face.",
            "hand obstructed the face during recording",
        ),
    ),
    make_type(
        "second_person_detected",
        "Record again with no one else in the picture; posters, screens and mirrors also count.",
        (
            "There was a quality issue with your replica. A second person or face was detected in the "
            "frame. Please edit "
            "your video or record a new video with no one else in the background.",
            "second person or face was detected in the frame",
        ),
    ),
    make_type(
        "improper_distance",
        "Record again with head and shoulders in the middle, where the face takes up about a quarter of the frame.",
        (
            "There was a quality issue with your replica. The user was either too close to or too far from the camera. "
            "Please review our documentation on proper framing and distance before editing your video "
            "or recording a new "
            "video.",
            "too close to or too far from the camera",
        ),
    ),
    make_type(
        "inconsistent_distance",
        "Record again, staying in one spot from beginning to end.",
        (
            "There was a quality issue with your replica. The user's distance from the camera changed during the "
            "recording. Please edit or record a new training video and remain at a consistent distance from the camera "
            "for the entire video.",
            "distance from the camera changed during the recording",
        ),
    ),
    make_type(
        "face_turned_away",
        "Record again, facing the camera all the time, even while silent.",
        (
            "There was a quality issue with your replica.  User's face turned away from the camera. "
            "Please edit or record "
            "a new video and ensure you are facing directly toward the camera for the entire duration.",
            "face turned away from the camera",
        ),
    ),
    make_type(
        "improper_camera_angle",
        "Record again with the camera at eye level.",
        (
            "There was a quality issue with your replica. The camera angle was either too low or too "
            "high. Please record a "
            "new video with the camera angle at eye level.",
            "camera angle was either too low or too high",
        ),
    ),
    make_type(
        "poor_lighting",
        "Record again with soft light from the front and no hard shadows on the face.",
        (
            "There was a quality issue with your replica. The user's face was not clearly visible due "
            "to poor lighting or "
            "heavy shadows. Please edit or record a new video with even lighting on your face, avoiding shadows or dim "
            "environments.",
            "face was not clearly visible due to poor lighting",
        ),
    ),
    make_type(
        "teeth_not_visible",
        "Record again with more light on the mouth, and begin with a wide smile that shows both rows of teeth.",
        (
            "There was a quality issue with your replica. The top and bottom teeth were not clearly visible during "
            "recording, either due to poor lighting or obstruction. Please edit your video or record a "
            "new training video "
            "with better lighting and ensure your teeth are fully visible.",
            "top and bottom teeth were not clearly visible",
        ),
    ),
    make_type(
        "other_quality_issue",
        "Tavus does not say which: ask its support and quote the replica id.",
        (
            "Quality issue was detected. For details and assistance, please reach out to Tavus support via "
            "support@tavus.io",
            "quality issue was detected",
        ),
    ),
)

TRAINING_ERRORS: Final[Mapping[str, TrainingErrorType]] = MappingProxyType({kind.name: kind for kind in _TYPES})
"""The documented types, by name."""
