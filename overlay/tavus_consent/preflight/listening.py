"""The check of the statement: choose a recognizer, run it on the sound of a video, and report the finding."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from tavus_consent.consent.matching import match_statement
from tavus_consent.consent.transcriber import Transcript, Word
from tavus_consent.consent.verdict import Verdict

from .facts import RATE
from .failures import Severity, Unreadable, of_recognizer
from .findings import Finding, Media, finding_of
from .isolation import RecognizerFailed
from .speech import Hearing, Whisper, as_wav, default_transcriber

if TYPE_CHECKING:
    from tavus_consent.consent.matching import Place
    from tavus_consent.consent.transcriber import Transcriber

    from .here import Reader

_SEVERITIES: Final[dict[Verdict, Severity]] = {
    Verdict.PASS: "info",
    Verdict.REVIEW: "warning",
    Verdict.MISMATCH: "error",
    Verdict.UNUSABLE: "unknown",
}
NO_SPEECH: Final = "The statement was not checked: this needs the extra 'speech' (pip install 'tavus-consent[speech]')."


def choose(
    speech: Transcriber | Literal["auto"] | None, names: Sequence[str], can_read: bool
) -> tuple[Transcriber | None, str]:
    """Return the recognizer and an empty string, or ``None`` and the reason why no recognizer listens."""
    if not can_read:
        return None, ""
    if speech is None or not names:
        why = "no recognizer was requested" if speech is None else "no name was given"
        return None, f"The statement was not checked: {why}."
    engine = default_transcriber() if speech == "auto" else speech
    return engine, "" if engine is not None else NO_SPEECH


def listen(
    media: Media,
    sound: bytes | None,
    engine: Transcriber,
    names: Sequence[str],
    *,
    reader: Reader,
    stop: threading.Event,
) -> tuple[Hearing | None, tuple[Finding, ...]]:
    """Transcribe the sound with the engine, and judge the words.

    Args:
        media: The video that has the statement.
        sound: The sound of the video as PCM, or ``None`` if it could not be read.
        engine: The recognizer. This package's Whisper runs in the reader; any other recognizer runs in this process.
        names: The full name, and other spellings of it.
        reader: The reader of files.
        stop: An event that ends the transcription, if the reader supports this.
    """

    def finding(severity: Severity, message: str, fix: str = "", measured: Any = None) -> Finding:
        return Finding(
            code="consent_phrase_mismatch",
            severity=severity,
            media=media,
            message=message,
            fix=fix,
            measured=measured,
            required="PASS",
        )

    if sound is None:
        return None, (finding("unknown", "The statement could not be checked: no sound could be read."),)
    try:
        result = _result(engine, as_wav(sound), reader, stop)
    except Unreadable as error:
        return None, (finding_of(of_recognizer(error), media), finding("unknown", "The statement was not checked."))
    except RecognizerFailed as error:
        return None, (finding("unknown", _failed(str(error))),)
    except Exception as error:  # the engine may be the caller's code
        return None, (finding("unknown", _failed(type(error).__name__)),)
    transcript = Transcript.of_result(result, engine)
    where: Place = "consent_video" if media == "consent" else "training_video"
    hearing = Hearing(
        match=match_statement(transcript, names[0], spoken_as=names[1:], where=where),
        transcript=transcript,
        seconds=round(len(sound) / 2 / RATE, 3),
    )
    verdict = hearing.match.verdict
    if verdict is Verdict.PASS:
        message = "Words that match the statement were heard, and a name that sounds like the one given."
        return hearing, (finding("info", message, measured=str(verdict)),)
    fix = "Record the statement again, word for word and with the full name, or ask a person to listen to it."
    return hearing, (finding(_SEVERITIES[verdict], " ".join(hearing.match.reasons), fix, str(verdict)),)


def _result(
    engine: Transcriber, recording: bytes, reader: Reader, stop: threading.Event
) -> Sequence[Word] | Transcript | str:
    if type(engine) is Whisper:
        return reader.transcribe(engine.model, recording, stop)
    heard = engine.transcribe(recording)
    # A generator may also fail while it runs, so consume it here.
    return heard if isinstance(heard, (str, Transcript)) else tuple(heard)


def _failed(kind: str) -> str:
    return f"The recognizer failed ({kind}), so the statement was not checked."
