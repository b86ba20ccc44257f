"""The requirements of a create request, decided before it is sent. Pure."""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

from tavus_consent._frames import hides_locals
from tavus_consent.errors import ConsentContradiction, ConsentError, ConsentRequired

LikenessType = Literal["personal", "non_human"]

_IN_TRAINING_VIDEO: Final = (
    "Without a consent video, the statement must open the training video. Tavus's page lists consent_video_url as "
    "required for a personal replica, while its schema does not require it."
)
_IN_TRAINING_AUDIO: Final = (
    "Without a consent video, the statement must open the audio recording. Tavus does not check it: only your record "
    "of the consent says that the person spoke it."
)
_SAME_AUDIO: Final = "The consent video and audio_url are the same link, so the statement must open that recording."
_SAME_VIDEO: Final = "consent_video_url and train_video_url are the same link, so the statement must open that video."
_IMAGE: Final = (
    "Tavus requires no statement when a face is trained from an image. The image still shows a real person, so "
    "their consent video is sent with it."
)


@frozen(kw_only=True)
class Requirement:
    """The requirements of one create request.

    Attributes:
        kind: ``"personal"`` (a real person), ``"non_human"``, or ``None`` if the caller did not say.
        statement_in: The recording in which the statement must be heard, or ``None`` if none is needed.
        attestation_required: True if an attestation must say why no real person is shown.
        notices: Notices for the caller, a sentence or two each.
        refusal: The error if the request must not be sent, or ``None``.
    """

    kind: LikenessType | None
    statement_in: Literal["consent_video", "training_video", "training_audio"] | None = None
    attestation_required: bool = False
    notices: tuple[str, ...] = ()
    refusal: ConsentError | None = None

    def check(self) -> None:
        """Raise the refusal, if there is one.

        Raises:
            ConsentError: The request must not be sent; the message says what to do.
        """
        if self.refusal is not None:
            raise self.refusal


@hides_locals
def requirement_for(
    *,
    kind: LikenessType | None,
    train_video_url: str | None,
    consent_video_url: str | None,
    train_image_url: str | None = None,
    audio_url: str | None = None,
) -> Requirement:
    """Return the requirements of a create request, by the kind of likeness and the recordings it names.

    ``kind`` has no default: the caller states whether a real person is shown. A blank URL counts as none.

    Args:
        kind: ``"personal"`` or ``"non_human"``; any other value counts as not stated.
        train_video_url: Link to the training video.
        consent_video_url: Link to the recording of the statement.
        train_image_url: Link to the image that a face is trained from, instead of a training video.
        audio_url: Link to the audio that a voice is cloned from. Tavus takes no consent video for a voice, so only you
            check and keep it.

    Returns:
        The requirement; ``requirement.check()`` raises an error if the request must not be sent.
    """
    training, consent, image = (
        bool(str(url or "").strip()) for url in (train_video_url, consent_video_url, train_image_url)
    )
    if kind not in ("personal", "non_human"):
        refusal: ConsentError = ConsentRequired(
            "Say which kind of replica this is: create_personal(...) for a real person, with their spoken consent, or "
            "create_non_human(...) for anything else, with an attestation.",
            field="kind",
            reason="kind_not_said",
        )
        return Requirement(kind=None, refusal=refusal)
    if kind == "non_human" and consent:
        refusal = ConsentContradiction(
            "No person can consent for a non-human replica, but a consent video is given. Use create_personal(...) "
            "for a real person, or omit the consent video.",
            field="consent_video_url",
            reason="non_human_with_consent",
        )
        return Requirement(kind=kind, refusal=refusal)
    if audio_url is not None:
        return _of_voice(kind, audio_url, consent_video_url if consent else None, has_more=training or image)
    if training and image:
        refusal = ConsentError(
            "A face is trained from either a video or an image. Omit one of them.",
            field="train_image_url",
            reason="video_and_image",
        )
        return Requirement(kind=kind, refusal=refusal)
    if image and kind == "personal" and not consent:
        refusal = ConsentRequired(
            "An image cannot contain the statement. Pass SpokenConsent(full_name, video_url=...) with a video in which "
            "the person says it.",
            field="consent",
            reason="image_without_consent_video",
        )
        return Requirement(kind=kind, refusal=refusal)
    if image and kind == "personal":
        return Requirement(kind=kind, statement_in="consent_video", notices=(_IMAGE,))
    if not training and not image:
        refusal = ConsentError(
            "There is no training video. Pass train_video_url: a consent video alone trains nothing.",
            field="train_video_url",
            reason="no_training_video",
        )
        return Requirement(kind=kind, refusal=refusal)
    if kind == "non_human":
        return Requirement(kind=kind, attestation_required=True)
    if not consent:
        return Requirement(kind=kind, statement_in="training_video", notices=(_IN_TRAINING_VIDEO,))
    notices = (_SAME_VIDEO,) if train_video_url == consent_video_url else ()
    return Requirement(kind=kind, statement_in="consent_video", notices=notices)


def _of_voice(kind: LikenessType, audio_url: str, consent_video_url: str | None, *, has_more: bool) -> Requirement:
    """Return the requirements of a create of a voice, without the refusals that all kinds of likeness share."""
    if has_more or not str(audio_url).strip():
        refusal = ConsentError(
            "A voice is cloned from one audio recording. Pass audio_url, and no training video or image.",
            field="audio_url",
            reason="audio_and_more" if has_more else "no_audio",
        )
        return Requirement(kind=kind, refusal=refusal)
    if kind == "non_human":
        return Requirement(kind=kind, attestation_required=True)
    if consent_video_url is None:
        return Requirement(kind=kind, statement_in="training_audio", notices=(_IN_TRAINING_AUDIO,))
    notices = (_SAME_AUDIO,) if audio_url == consent_video_url else ()
    return Requirement(kind=kind, statement_in="consent_video", notices=notices)
