# Derived from ../_async/inspection.py by scripts/derive_sync.py, do not edit.
"""The preflight of a client, on its own or before a create."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from tavus_consent import errors
from tavus_consent.consent import SpokenConsent
from tavus_consent.gate.context import Context
from tavus_consent.gate.inspection import (
    Mode,
    Subject,
    arguments,
    check_media,
    confirm_media,
    hash_of,
    heard_whole,
    judge_image,
    judge_report,
    kept,
    sha256_of,
    with_image,
)

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.consent.transcriber import Transcriber
    from tavus_consent.gate.permits import Checked
    from tavus_consent.preflight.check import Progress
    from tavus_consent.preflight.findings import Media, PreflightReport


def inspect(
    context: Context,
    consent: SpokenConsent | ConsentRecord | str | None,
    *,
    train_video_url: str | None,
    model: str | None,
    speech: Transcriber | Literal["auto"] | None,
    hash: bool,
    progress: Progress | None,
) -> PreflightReport:
    """Run ``preflight()``. The words heard for a record are stored as an attempt, like every check of it."""
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.permits import Speaker

    speaker = None
    record = None
    if isinstance(consent, str):
        creates = context.registry().creates
        record = context.run(creates.record, consent)
    elif isinstance(consent, ConsentRecord):
        record = consent
    elif isinstance(consent, SpokenConsent):
        speaker = Speaker(consent)
    elif consent is not None:
        raise errors.InvalidRequestError("consent= takes a SpokenConsent or a ConsentRecord", field="consent")
    if record is not None:
        creates = context.registry().creates
        speaker = context.run(creates.speaker, record, train_video_url, will_listen=True)
    subject = Subject.of(train_video_url, speaker, model)
    whole = hash or (heard_whole(context, subject) if speech is not None else ())
    return _look(context, subject, record, speech=speech, hash=whole, progress=progress)


def inspect_create(context: Context, mode: Mode, subject: Subject, record: ConsentRecord | None) -> Checked | None:
    """Run the preflight of a create and return the part for the ledger, if there is anything to check.

    Raises:
        InvalidRequestError: Proof is required, and there is no video.
        PreflightFailed: Proof is required, and the report is not proof.
        EvidenceChanged: A medium changed since it was checked.
    """
    if not subject.media:
        judge_image(mode)
        return None
    report = _look(context, subject, record, speech="auto", hash=hash_of(context, subject, mode), progress=None)
    judge_report(report, mode)
    for media, before in report.fingerprints.items():
        context.work(confirm_media, subject.media[media], before, media, context)
    return kept(report, mode, subject)


def _look(
    context: Context,
    subject: Subject,
    record: ConsentRecord | None,
    *,
    speech: Transcriber | Literal["auto"] | None,
    hash: bool | Collection[Media],
    progress: Progress | None,
) -> PreflightReport:
    given = arguments(context, subject, speech)
    report = with_image(context.work(check_media, **given, hash=hash, progress=progress), subject)
    if record is not None and subject.speaker is not None and subject.speaker.evidence is not None:
        evidence, sha256 = subject.speaker.evidence, sha256_of(report, subject)
        registry = context.registry()
        context.run(registry.attempts.keep, record, evidence, heard=report.hearing, sha256=sha256)
    return report
