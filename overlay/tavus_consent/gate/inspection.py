"""The subject of a preflight before a create, and the consequences of its report. The steps are in ``_async``.

Warnings, errors and ledger entries from here contain neither links nor names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import evolve, field, frozen

from tavus_consent import errors
from tavus_consent._warnings import warn_caller
from tavus_consent.preflight.findings import PreflightFailed

if TYPE_CHECKING:
    import threading

    from tavus_consent.consent.transcriber import Transcriber
    from tavus_consent.preflight.findings import Media, PreflightReport

    from .context import ContextParts
    from .permits import Checked, Speaker

Mode = Literal["off", "warn", "require"]
MODES: Final = ("off", "warn", "require")
NO_IMAGE: Final = "The training image was not checked: a preflight only reads videos."


class PreflightWarning(UserWarning):
    """A preflight found a possible failure, or could not check; the create continues."""


@frozen(kw_only=True)
class Subject:
    """The media of a create, and the person who speaks in them.

    Attributes:
        media: The links.
        model: The model whose rules apply.
        speaker: The person who says the statement, if any.
        has_image: True if the training medium is an image.
    """

    media: dict[Media, str] = field(repr=False)
    model: str | None
    speaker: Speaker | None
    has_image: bool = False

    @classmethod
    def of(cls, train_video_url: str | None, speaker: Speaker | None, model: str | None) -> Subject:
        """Return the subject of the given links."""
        given: dict[Media, str | None] = {
            "train": train_video_url,
            "consent": speaker.consent.video_url if speaker else None,
        }
        return cls(media={name: link for name, link in given.items() if link is not None}, model=model, speaker=speaker)

    @classmethod
    def of_body(cls, body: Mapping[str, Any], speaker: Speaker | None) -> Subject:
        """Return the subject of a create's request body."""
        found = cls.of(body.get("train_video_url"), speaker, body.get("model_name"))
        return evolve(found, has_image="train_image_url" in body)

    @property
    def stated_in(self) -> Media:
        """The video that contains the statement."""
        return "consent" if "consent" in self.media else "train"


def check_mode(mode: object) -> None:
    """Refuse an invalid or impossible mode.

    Raises:
        InvalidRequestError: The mode is unknown.
        MissingExtraError: Proof is required, but the extra is missing.
    """
    if mode not in MODES:
        raise errors.InvalidRequestError("preflight: pass 'off', 'warn' or 'require'", field="preflight")
    if mode == "require":
        from tavus_consent.preflight.check import is_installed

        if not is_installed():
            raise errors.MissingExtraError("preflight", 'preflight="require"')


def heard_whole(context: ContextParts, subject: Subject) -> tuple[Media, ...]:
    """Return the recording, if a transcript only counts together with the hash of the recording."""
    listens = subject.speaker is not None and not subject.speaker.is_reviewed
    return (subject.stated_in,) if context.opener.needs_hash and listens else ()


def hash_of(context: ContextParts, subject: Subject, mode: Mode) -> tuple[Media, ...]:
    """Return the files that a create reads completely. A record with a hash requires exactly these bytes."""
    held = subject.speaker and subject.speaker.evidence and subject.speaker.evidence.sha256
    return (subject.stated_in,) if held and mode == "require" else heard_whole(context, subject)


def arguments(context: ContextParts, subject: Subject, speech: Transcriber | Literal["auto"] | None) -> dict[str, Any]:
    """Return the arguments of a preflight."""
    speaker, options = subject.speaker, context.media.options
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
        "isolation": context.media.isolation(),
        "clock": context.clock,
    }


def check_media(stop: threading.Event, /, **given: Any) -> PreflightReport:
    """Run a preflight."""
    from tavus_consent.preflight.check import preflight

    return preflight(**given, stop=stop)


def confirm_media(_stop: threading.Event, /, link: str, before: Any, media: Media, context: ContextParts) -> None:
    """Refuse a medium that changed since it was checked.

    Raises:
        EvidenceChanged: It changed.
    """
    from tavus_consent.preflight.check import confirm

    options = context.media.options
    confirm(link, before, media=media, budget=options.budget, reach=options.reach, clock=context.clock)


def with_image(report: PreflightReport, subject: Subject) -> PreflightReport:
    """Return a report that says that an image was not checked, if there is one."""
    if not subject.has_image:
        return report
    return evolve(report, not_checked=(NO_IMAGE, *report.not_checked), incomplete=(NO_IMAGE, *report.incomplete))


def judge_report(report: PreflightReport, mode: Mode) -> None:
    """Warn about possible failures, or refuse without proof.

    Raises:
        PreflightFailed: Proof is required, and the report is not proof.
    """
    if mode != "require":
        for text in _warnings(report):
            warn_caller(text, PreflightWarning)
        return
    wrong = report.unproven
    if wrong:
        first = wrong[0]
        said = " ".join(f"{one.media} video, {one.code}: {one.message} {one.fix}".strip() for one in wrong)
        raise PreflightFailed(
            f"nothing was sent, because the preflight did not pass: {said}",
            report=report,
            field=f"{first.media}_video_url",
            reason=first.code,
        )


def judge_image(mode: Mode) -> None:
    """Report that a preflight cannot check the training medium, because it is an image.

    Raises:
        InvalidRequestError: Proof is required.
    """
    if mode == "require":
        raise errors.InvalidRequestError(f"preflight: {NO_IMAGE} Omit preflight=.", field="preflight")
    warn_caller(NO_IMAGE, PreflightWarning)


def _warnings(report: PreflightReport) -> Iterator[str]:
    from tavus_consent.preflight.check import NO_AV

    if NO_AV in report.not_checked:
        yield NO_AV
    for one in report.problems:
        # Every create already warns about problems of the link itself.
        if (one.code, one.severity) != ("download_link", "warning"):
            yield f"{one.media}_video_url: {one.code}: {one.message} {one.fix}".strip()


def sha256_of(report: PreflightReport, subject: Subject) -> str | None:
    """Return the SHA-256 of the recording, if it was read completely."""
    fingerprint = report.fingerprints.get(subject.stated_in)
    return None if fingerprint is None else fingerprint.sha256


def kept(report: PreflightReport, mode: Mode, subject: Subject) -> Checked:
    """Return the part of a preflight that the ledger stores."""
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
    return Checked(codes, json.dumps(fingerprints, sort_keys=True).encode(), report.hearing, sha256_of(report, subject))
