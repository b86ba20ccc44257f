"""``tavus-consent consents``: the recording of the statement and its checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tavus_consent import ConsentVideo
from tavus_consent.consent import LIMITS, Verdict
from tavus_consent.preflight.speech import default_transcriber

from ._failures import Exit
from ._flags import ACTING, FILE, OUTPUT, TEXT, WHO, Acting, Output, Record
from ._records import check, check_card, stands
from ._streams import read_text


def add_evidence(
    record: Record,
    /,
    *,
    video_url: Annotated[str, Parameter(metavar="URL")],
    sha256: Annotated[str | None, Parameter(metavar="HEX")] = None,
    where: Literal["consent_video", "training_video", "training_audio"] = "consent_video",
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    r"""Add the recording of the statement to a record, or a new link to the same recording.

    For example:

        tavus-consent consents add-evidence 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --video-url https://bucket.example/consent.mp4

    Args:
        video_url: Direct link to the recording.
        sha256: SHA-256 of its bytes, which detects later changes.
        where: The recording that contains the statement: a video of its own, or the training video or audio.
    """
    with kept.open() as (records, _):
        found = records.add_evidence(record, ConsentVideo(video_url, sha256=sha256, where=where))
    stands(flags.screen, found, f"{found.record_id} has a recording. Its status is {found.status}.")


def verify(
    record: Record,
    /,
    *,
    transcript: Annotated[str | None, Parameter(metavar="FILE", allow_leading_hyphen=True)] = None,
    engine: Annotated[str | None, Parameter(metavar="NAME")] = None,
    recording: Annotated[Path | None, FILE] = None,
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> Exit:
    r"""Compare the words in the recording with the statement, and store the attempt. Exit code 6 unless it passed.

    With the extra speech, Whisper listens to --recording. A transcript that you supply instead is doubtful at best,
    unless you name the engine that wrote it. For example:

        tavus-consent consents verify 6f1c0a52d9b14e0c8a7d3b2e5f607182 --recording consent.mp4
        tavus-consent consents verify 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --transcript heard.txt --engine whisper-large-v3

    Args:
        transcript: File with the words that were said; - reads them from stdin.
        engine: The speech recognizer that wrote the transcript.
        recording: The recording itself. Its SHA-256 is compared with that of the record.
    """
    heard = None if transcript is None else read_text(transcript, "--transcript")
    with kept.open() as (records, _):
        attempt = records.verify(
            record,
            transcript=heard,
            engine=engine,
            transcriber=default_transcriber() if heard is None and recording is not None else None,
            recording=recording,
        )
    screen = flags.screen
    screen.result(check(attempt), check_card(screen, attempt))
    if attempt.verdict is Verdict.REVIEW:
        screen.note(f"A named person can lift this doubt: tavus-consent consents review {record} --help")
    screen.note(LIMITS)
    return Exit.DONE if attempt.verdict is Verdict.PASS else Exit.NOT_SOUND


def review(
    record: Record,
    /,
    *,
    reviewer: Annotated[str, WHO],
    reason: Annotated[str, TEXT],
    kept: Acting = ACTING,
    flags: Output = OUTPUT,
) -> None:
    r"""Lift a doubt: a named person has checked the recording and gives the reason.

    For example:

        tavus-consent consents review 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --reviewer dpo@app.example --reason "The name is clear on the recording"

    Args:
        reviewer: Who checked the recording.
        reason: Why it is the statement.
    """
    with kept.open() as (records, _):
        found = records.review(record, reviewer=reviewer, reason=reason)
    stands(flags.screen, found, f"The doubt is lifted. {found.record_id} is {found.status}.")
