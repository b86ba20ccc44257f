"""The preflight of a client: what of a create is looked at, and what follows from what was found.

Steps that both clients take. Links and names go in; what comes out for warnings, errors and the ledger holds neither.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import evolve, field, frozen

from tavus_consent import errors
from tavus_consent.consent import SpokenConsent

from .steps import Steps, local, work

if TYPE_CHECKING:
    from tavus_consent._clock import Clock
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.consent.transcriber import Transcriber
    from tavus_consent.preflight.check import Progress
    from tavus_consent.preflight.findings import Media, PreflightReport
    from tavus_consent.preflight.isolation import Isolation
    from tavus_consent.preflight.options import PreflightOptions

    from .permits import Checked, Speaker

Mode = Literal["off", "warn", "require"]
MODES: Final = ("off", "warn", "require")
# The line of the caller, beyond _warn, checking, creating, run, _create, the create itself and its wrapper.
_CALLER: Final = 8
_NO_IMAGE: Final = "The training image was not looked at: a preflight reads videos."


class PreflightWarning(UserWarning):
    """A preflight found something that may fail, or could not look; the create goes on."""


@frozen(kw_only=True)
class Setup:
    """What of a client a preflight needs.

    Attributes:
        options: How it checks media.
        isolation: Where it reads them.
        clock: Time.
        needs_hash: What was heard counts only if the SHA-256 of the recording is known: the policy says so.
    """

    options: PreflightOptions
    isolation: Isolation | Literal["none"]
    clock: Clock
    needs_hash: bool = False


@frozen(kw_only=True)
class Subject:
    """What is looked at.

    Attributes:
        media: The links.
        model: The model whose rules count.
        speaker: Who says the statement, if somebody does.
        has_image: The training medium is an image.
    """

    media: dict[Media, str] = field(repr=False)
    model: str | None
    speaker: Speaker | None
    has_image: bool = False

    @property
    def stated_in(self) -> Media:
        """The video in which the statement is."""
        return "consent" if "consent" in self.media else "train"


def check_mode(mode: object) -> None:
    """Refuse what cannot be done.

    Raises:
        InvalidRequestError: There is no such mode.
        MissingExtraError: Proof is required, and nothing can be read.
    """
    if mode not in MODES:
        raise errors.InvalidRequestError("preflight: 'off', 'warn' or 'require'", field="preflight")
    if mode == "require":
        from tavus_consent.preflight.check import is_installed

        if not is_installed():
            raise errors.MissingExtraError("preflight", 'preflight="require"')


def inspecting(
    setup: Setup,
    consent: SpokenConsent | ConsentRecord | str | None,
    *,
    train_video_url: str | None,
    model: str | None,
    speech: Transcriber | Literal["auto"] | None,
    hash: bool,
    progress: Progress | None,
) -> Steps[PreflightReport]:
    """The steps of ``preflight()``. What is heard of a record is kept as an attempt, as every check of it is."""
    from tavus_consent.consent.record import ConsentRecord

    from .permits import Speaker

    speaker = None
    if isinstance(consent, str):
        record_id = consent
        consent = yield from local(lambda it: it.creates.record(record_id))
    if isinstance(consent, ConsentRecord):
        record = consent
        speaker = yield from local(lambda it: it.creates.speaker(record, train_video_url))
    elif isinstance(consent, SpokenConsent):
        speaker = Speaker(consent)
    elif consent is not None:
        raise errors.InvalidRequestError("consent= takes a SpokenConsent or a ConsentRecord", field="consent")
    subject = Subject(
        media=_media(train_video_url, speaker.consent.video_url if speaker else None), model=model, speaker=speaker
    )
    whole = hash or (_heard_whole(setup, subject) if speech is not None else ())
    return (yield from _looking(setup, subject, consent, speech=speech, hash=whole, progress=progress))


def checking(
    setup: Setup,
    mode: Mode,
    speaker: Speaker | None,
    record: ConsentRecord | None,
    body: dict[str, Any],
) -> Steps[Checked | None]:
    """The preflight of a create, which gives what the ledger keeps of it; ``None`` when there is nothing to look at.

    Raises:
        InvalidRequestError: Proof is required, and there is no video.
        PreflightFailed: Proof is required, and this is none.
        EvidenceChanged: A medium changed since it was looked at a moment ago.
    """
    subject = Subject(
        media=_media(body.get("train_video_url"), speaker.consent.video_url if speaker else None),
        model=body.get("model_name"),
        speaker=speaker,
        has_image="train_image_url" in body,
    )
    if not subject.media:
        if mode == "require":
            raise errors.InvalidRequestError(f"preflight: {_NO_IMAGE} Leave it off.", field="preflight")
        warnings.warn(_NO_IMAGE, PreflightWarning, stacklevel=_CALLER - 1)
        return None
    # Whoever knows the hash of the recording wants these bytes and no others, and only the whole file has it.
    held = speaker and speaker.evidence and speaker.evidence.sha256
    hash_of = (subject.stated_in,) if held and mode == "require" else _heard_whole(setup, subject)
    report = yield from _looking(setup, subject, record, speech="auto", hash=hash_of, progress=None)
    if mode == "require":
        _require(report)
    else:
        _warn(report)
    for media, before in report.fingerprints.items():
        yield from work(partial(_confirm, setup, subject.media[media], before, media))
    return _kept(report, mode, subject)


def _heard_whole(setup: Setup, subject: Subject) -> tuple[Media, ...]:
    """The recording, if what is heard of it counts only together with its hash."""
    listens = subject.speaker is not None and not subject.speaker.is_reviewed
    return (subject.stated_in,) if setup.needs_hash and listens else ()


def _media(train: str | None, consent: str | None) -> dict[Media, str]:
    given: dict[Media, str | None] = {"train": train, "consent": consent}
    return {media: link for media, link in given.items() if link is not None}


def _looking(
    setup: Setup,
    subject: Subject,
    consent: object,
    *,
    speech: Transcriber | Literal["auto"] | None,
    hash: bool | Collection[Media],
    progress: Progress | None,
) -> Steps[PreflightReport]:
    from tavus_consent.consent.record import ConsentRecord

    arguments = _arguments(setup, subject, speech)
    report = yield from work(partial(_preflight, **arguments, hash=hash, progress=progress))
    if subject.has_image:
        report = evolve(
            report, not_checked=(_NO_IMAGE, *report.not_checked), incomplete=(_NO_IMAGE, *report.incomplete)
        )
    if isinstance(consent, ConsentRecord) and subject.speaker is not None and subject.speaker.evidence is not None:
        evidence, sha256 = subject.speaker.evidence, _sha256(report, subject)
        record = consent
        yield from local(lambda it: it.checked(record, evidence, heard=report.hearing, sha256=sha256))
    return report


def _arguments(setup: Setup, subject: Subject, speech: Transcriber | Literal["auto"] | None) -> dict[str, Any]:
    speaker, options = subject.speaker, setup.options
    if speech == "auto":
        speech = options.transcriber or "auto"
    return {
        "train_video": subject.media.get("train"),
        "consent_video": subject.media.get("consent"),
        "full_name": speaker and speaker.consent.full_name,
        "spoken_as": speaker.spoken_as if speaker else (),
        "model": subject.model,
        "speech": None if speaker and speaker.is_reviewed else speech,
        "budget": options.budget,
        "reach": options.reach,
        "isolation": setup.isolation,
        "clock": setup.clock,
    }


def _preflight(stop: threading.Event, **arguments: Any) -> PreflightReport:
    from tavus_consent.preflight.check import preflight

    return preflight(**arguments, stop=stop)


def _confirm(setup: Setup, link: str, before: Any, media: Media, _stop: threading.Event) -> None:
    from tavus_consent.preflight.check import confirm

    confirm(link, before, media=media, budget=setup.options.budget, reach=setup.options.reach, clock=setup.clock)


def _require(report: PreflightReport) -> None:
    wrong = report.unproven
    if wrong:
        first = wrong[0]
        said = " ".join(f"{one.media} video, {one.code}: {one.message} {one.fix}".strip() for one in wrong)
        raise errors.PreflightFailed(
            f"nothing was sent, since the preflight was not passed: {said}",
            report=report,
            field=f"{first.media}_video_url",
            reason=first.code,
        )


def _warn(report: PreflightReport) -> None:
    for text in _warnings(report):
        warnings.warn(text, PreflightWarning, stacklevel=_CALLER)


def _warnings(report: PreflightReport) -> Iterator[str]:
    from tavus_consent.preflight.check import NO_AV

    if NO_AV in report.not_checked:
        yield NO_AV
    for one in report.problems:
        # What a link shows by itself every create warns of.
        if (one.code, one.severity) != ("download_link", "warning"):
            yield f"{one.media}_video_url: {one.code}: {one.message} {one.fix}".strip()


def _sha256(report: PreflightReport, subject: Subject) -> str | None:
    fingerprint = report.fingerprints.get(subject.stated_in)
    return None if fingerprint is None else fingerprint.sha256


def _kept(report: PreflightReport, mode: Mode, subject: Subject) -> Checked:
    from .permits import Checked

    codes = {
        "mode": mode,
        "model": report.model,
        "rules_as_of": report.rules_as_of,
        "problems": [{"media": one.media, "code": one.code, "severity": one.severity} for one in report.problems],
        "media": {
            media: {"size": one.size, "sha256": one.sha256, "fingerprint": one.digest}
            for media, one in report.fingerprints.items()
        },
        "heard": report.hearing and report.hearing.match.codes(),
    }
    fingerprints = {media: one.to_dict() for media, one in report.fingerprints.items()}
    return Checked(codes, json.dumps(fingerprints, sort_keys=True).encode(), report.hearing, _sha256(report, subject))
