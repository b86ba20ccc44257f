"""What a preflight says: findings with Tavus's own error names, and what it cost and could not say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import asdict, evolve, field, frozen

from tavus_consent.errors import InvalidRequestError

from .failures import Severity, Unreadable

if TYPE_CHECKING:
    from .evidence import Fingerprint
    from .metering import Spent
    from .speech import Hearing

Media = Literal["train", "consent"]

LIMITS: Final = (
    "A preflight reads a part of the files and holds them against what Tavus's pages say. It does not promise that "
    "Tavus accepts them: Tavus downloads them anew and looks at more."
)
NEVER_CHECKED: Final = (
    "Face, light, framing, distance and movement were not looked at.",
    "Noise, cuts and a second person were not looked for.",
)
_ORDER: Final[Mapping[str, int]] = {"error": 0, "warning": 1, "unknown": 2, "info": 3}


@frozen(kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        code: Tavus's name of the training error that it would lead to, for example ``video_fps``.
        severity: ``error``: Tavus's pages say that this fails. ``warning``: it may fail or come out worse.
            ``unknown``: nothing can be said. ``info``: this is as it should be.
        media: ``train`` or ``consent``.
        message: What was found, without a link or a name.
        fix: What to do about it; empty where nothing has to be done.
        measured: The value that was found, or a stable word for programs.
        required: The value that the rules ask for, or ``None``.
    """

    code: str
    severity: Severity
    media: Media
    message: str
    fix: str = ""
    measured: Any = None
    required: Any = None


@frozen(kw_only=True)
class PreflightReport:
    """What a preflight found.

    Attributes:
        model: The model whose rules were used.
        rules_as_of: The date of these rules, as in ``2026-05-01``.
        findings: Everything that was looked at, the worst first.
        not_checked: What was not looked at, in sentences.
        incomplete: Those of ``not_checked`` that were asked for.
        fingerprints: What was read of each medium, to tell later whether it is still the same.
        spent: What reading each medium cost.
        hearing: What was heard of the consent statement, or ``None`` when nobody listened.
        limits: What the report does not say.
        isolation: Where the files were read and under which limits, as a sentence; empty if none was read.
    """

    model: str
    rules_as_of: str
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    incomplete: tuple[str, ...] = ()
    fingerprints: Mapping[Media, Fingerprint] = field(factory=dict)
    spent: Mapping[Media, Spent] = field(factory=dict)
    hearing: Hearing | None = None
    limits: str = LIMITS
    isolation: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for was checked, and passed; warnings do not count."""
        return not self.unproven and not self.incomplete

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that somebody has to read: all but ``info``."""
        return tuple(one for one in self.findings if one.severity != "info")

    @property
    def unproven(self) -> tuple[Finding, ...]:
        """What keeps ``preflight="require"`` from being met: errors, what is unknown, and a doubtful statement.

        A consent video's resolution may stay unknown: no page of Tavus asks for any.
        """
        return tuple(
            one
            for one in self.findings
            if one.severity == "error"
            or (one.severity == "unknown" and (one.code != "quality_issue_detected" or one.required is not None))
            or (one.severity == "warning" and one.code == "consent_phrase_mismatch")
        )

    def to_json(self, *, words: bool = False) -> str:
        """The report as JSON.

        Args:
            words: Also what was heard, word by word; that is personal data.
        """
        return json.dumps(self.to_dict(words=words), ensure_ascii=False, indent=2)

    def to_dict(self, *, words: bool = False) -> dict[str, Any]:
        """The report as values of JSON; takes what :meth:`to_json` takes."""
        return {
            "ok": self.ok,
            "model": self.model,
            "rules_as_of": self.rules_as_of,
            "findings": [asdict(one) for one in self.findings],
            "not_checked": list(self.not_checked),
            "incomplete": list(self.incomplete),
            "fingerprints": {media: one.to_dict() for media, one in self.fingerprints.items()},
            "spent": {media: asdict(one) for media, one in self.spent.items()},
            "hearing": self.hearing and self.hearing.to_dict(words=words),
            "limits": self.limits,
            "isolation": self.isolation,
        }


class PreflightFailed(InvalidRequestError):
    """``preflight="require"`` was not met: the media would fail, or could not be shown to pass. Nothing was sent.

    Attributes:
        report: What the preflight found; its ``unproven`` is why. Where somebody listened it holds what was said.
        reason: Tavus's name of the first training error that it would lead to, such as ``video_fps``.
    """

    def __init__(self, message: str, *, report: PreflightReport, field: str | None, reason: str) -> None:
        self.report = report
        super().__init__(message, field=field, reason=reason)


def finding_of(error: Unreadable, media: Media) -> Finding:
    """Return why reading went no further, for a report."""
    return Finding(
        code=error.code,
        severity=error.severity,
        media=media,
        message=str(error),
        fix=error.fix,
        measured=error.reason,
    )


def arrange(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first, of each kind those of the training video first.

    A file that is wrong in both format and codec has one error of Tavus's for the two.
    """
    found = list(findings)
    for media in ("train", "consent"):
        wrong = [one for one in found if one.media == media and one.severity == "error"]
        both = [one for one in wrong if one.code in _FORMAT_AND_CODEC]
        if {one.code for one in both} == _FORMAT_AND_CODEC:
            found = [one for one in found if one not in both]
            found.append(
                evolve(
                    both[0],
                    code="video_codec_and_format",
                    message=" ".join(one.message for one in both),
                    fix=both[-1].fix,
                    measured=tuple(one.measured for one in both),
                    required=tuple(one.required for one in both),
                )
            )
    return tuple(sorted(found, key=lambda one: (_ORDER[one.severity], one.media != "train")))


_FORMAT_AND_CODEC: Final = {"video_format", "video_codec"}
