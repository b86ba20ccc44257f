"""Exit codes and error messages of the command. Pure."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from tavus_consent import (
    ConfigurationError,
    ConsentError,
    ErasureIncomplete,
    InvalidRequestError,
    LedgerBroken,
    NoAnswerError,
    OutcomeUnknownError,
    ProcessingFailed,
    ProcessingTimeout,
    TavusError,
    TrainingFailed,
    TrainingTimeout,
)


class Exit(IntEnum):
    """Exit codes. They are a promise to scripts: a number never changes its meaning."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    TRAINING_FAILED = 3
    STILL_TRAINING = 4
    OUTCOME_UNKNOWN = 5
    NOT_SOUND = 6
    UNFINISHED = 7
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.DONE: "Done.",
    Exit.FAILED: "Tavus or the ledger refused or could not be reached.",
    Exit.REFUSED: "Wrong usage, or refused locally: nothing was sent.",
    Exit.TRAINING_FAILED: "The training of the replica, or the cloning of the voice, failed.",
    Exit.STILL_TRAINING: "Timed out waiting; training continues at Tavus.",
    Exit.OUTCOME_UNKNOWN: "A create may or may not have happened: check before you repeat it.",
    Exit.NOT_SOUND: "A check of the ledger, of a statement, or of a video did not pass.",
    Exit.UNFINISHED: "Unfinished: a deletion, a lookup, an erasure or a check is open.",
    Exit.INTERRUPTED: "Interrupted (Ctrl-C).",
}

# The first matching class decides.
_CODES: Final[tuple[tuple[type[BaseException], Exit], ...]] = (
    (OutcomeUnknownError, Exit.OUTCOME_UNKNOWN),
    (TrainingFailed, Exit.TRAINING_FAILED),
    (TrainingTimeout, Exit.STILL_TRAINING),
    (ProcessingFailed, Exit.TRAINING_FAILED),
    (ProcessingTimeout, Exit.STILL_TRAINING),
    (LedgerBroken, Exit.NOT_SOUND),
    (ErasureIncomplete, Exit.UNFINISHED),
    (InvalidRequestError, Exit.REFUSED),
    (ConfigurationError, Exit.REFUSED),
    (KeyboardInterrupt, Exit.INTERRUPTED),
)

# The library names arguments and methods; the command line shows options and commands instead.
_OPTIONS: Final = {
    "actor:": "--actor:",
    "api_key=": "--api-key-file",
    "as_borne=True": "--as-borne",
    "attested_by": "--attested-by",
    "audio_url": "--audio-url",
    "callback_url": "--callback-url",
    "consent_video_url": "--consent-video-url",
    "consents.add_evidence": "tavus-consent consents add-evidence",
    "consents.invalidate": "tavus-consent consents invalidate",
    "consents.reconcile()": "tavus-consent ledger reconcile",
    "consents.request(after_withdrawal=True)": "tavus-consent consents request --after-withdrawal",
    "consents.request": "tavus-consent consents request",
    "consents.verify": "tavus-consent consents verify",
    "consents.withdraw(videos=...)": "tavus-consent consents withdraw --video",
    "despite_open=True": "--despite-open",
    "description:": "--description:",
    "engine:": "--engine:",
    "intended_uses": "--intended-use",
    "model_name": "--model-name",
    "notice_url": "--notice-url",
    "once=": "--once",
    'preflight="require"': "--preflight require",
    "pass verify=, or set": "set",
    "poll_interval": "--poll-interval",
    "reason:": "--reason:",
    "reference=": "--reference",
    "replica_name": "--replica-name",
    "retention:": "--retention:",
    "spoken_as": "--spoken-as",
    "train_video_url": "--train-video-url",
    "valid_for": "--valid-for",
    "video_url": "--video-url",
    "voice_name": "--voice-name",
}
_ARGUMENT: Final = re.compile(rf"(?<![\w'\"/{{-])(?:{'|'.join(map(re.escape, _OPTIONS))})(?![\w'\"])")

LOOK: Final = "tavus-consent replicas list --replica-type user"
LOOK_FOR_VOICES: Final = "tavus-consent voices list"


def exit_code(error: BaseException) -> Exit:
    """Return the exit code for an error."""
    return next((code for cls, code in _CODES if isinstance(error, cls)), Exit.FAILED)


def in_words(error: BaseException) -> list[str]:
    """Return lines that say what happened and what to do."""
    return [_what(error), *_advice(error), *getattr(error, "__notes__", ())]


def as_options(text: str) -> str:
    """Return a message of the library, with argument names replaced by options."""
    return _ARGUMENT.sub(lambda match: _OPTIONS[match[0]], text)


def _what(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OutcomeUnknownError):
        cause = str(error.__cause__).rstrip(".")
        is_voice = error.path.endswith("/voices")
        noun, twice = ("voice", "clone a second voice") if is_voice else ("replica", "train a second, paid replica")
        return (
            f"it is unknown whether the {noun} was created: {cause}. The create was not retried: a retry could {twice}."
        )
    if isinstance(error, (TrainingFailed, ProcessingFailed)):
        # The message ends with the advice, which is shown on a line of its own.
        return str(error).removesuffix(error.advice).rstrip()
    if isinstance(error, TavusError):
        return as_options(str(error))
    return f"this is a bug in tavus-consent ({type(error).__name__}). --debug shows where; please report it."


def _advice(error: BaseException) -> list[str]:
    if isinstance(error, OutcomeUnknownError) and error.path.endswith("/voices"):
        return [f"Check before you repeat the create: {LOOK_FOR_VOICES}"]
    if isinstance(error, (TrainingFailed, ProcessingFailed)):
        return [error.advice]
    if isinstance(error, ProcessingTimeout):
        return [f"To keep waiting: tavus-consent voices wait {error.result.voice_id}"]
    if isinstance(error, TrainingTimeout):
        return [f"To keep waiting: tavus-consent replicas wait {error.replica.replica_id}"]
    if isinstance(error, NoAnswerError):
        return ["To diagnose: tavus-consent doctor"]
    if isinstance(error, ConsentError) and error.reason == "kind_not_said":
        return ['Pass --full-name "Full Name" for a real person, or --non-human with --attestation and --attested-by.']
    attestation = isinstance(error, InvalidRequestError) and error.field in ("statement", "attested_by")
    if attestation and "attestation" in str(error):
        return ['Pass --attestation "Why no real person is shown" --attested-by "Who attests this"']
    return []
