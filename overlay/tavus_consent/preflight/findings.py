"""The report of a preflight: findings with Tavus's own error names, the cost, and the limits."""

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
    "A preflight reads a part of the files and compares them with Tavus's pages. It does not guarantee that "
    "Tavus accepts them: Tavus downloads them again and checks more."
)
NEVER_CHECKED: Final = (
    "Face, light, framing, distance and movement were not checked.",
    "Noise, cuts and a second person were not checked.",
)
_ORDER: Final[Mapping[str, int]] = {"error": 0, "warning": 1, "unknown": 2, "info": 3}


@frozen(kw_only=True)
class Finding:
    """The result of one check.

    Attributes:
        code: Tavus's name of the training error that the finding would cause, for example ``video_fps``.
        severity: ``error``: Tavus's pages say that this fails. ``warning``: it may fail or reduce the quality.
            ``unknown``: the check has no result. ``info``: the check passed.
        media: ``train`` or ``consent``.
        message: The result as a sentence, without a link or a name.
        fix: The advice; empty if there is nothing to do.
        measured: The measured value, or a stable word for programs.
        required: The value that the rules require, or ``None``.
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
    """The report of a preflight.

    Attributes:
        model: The model whose rules were used.
        rules_as_of: The date of these rules, as in ``2026-05-01``.
        findings: The results of all checks, the most severe first.
        not_checked: Sentences about checks that did not run.
        incomplete: The sentences of ``not_checked`` about requested checks.
        fingerprints: A fingerprint of each medium that was read, which shows later if it has changed.
        spent: The cost of reading each medium.
        hearing: The words that were heard and their match, or ``None`` if no recognizer listened.
        limits: The limits of the report, as sentences.
        isolation: A sentence about the process and the limits of reading; empty if no file was read.
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
        """True if every requested check ran and passed; warnings do not count."""
        return not self.unproven and not self.incomplete

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that need attention: all except ``info``."""
        return tuple(one for one in self.findings if one.severity != "info")

    @property
    def unproven(self) -> tuple[Finding, ...]:
        """The findings that ``preflight="require"`` rejects: errors, unknown results, and a doubtful statement.

        The resolution of a consent video may stay unknown, because no page of Tavus requires one.
        """
        return tuple(
            one
            for one in self.findings
            if one.severity == "error"
            or (one.severity == "unknown" and (one.code != "quality_issue_detected" or one.required is not None))
            or (one.severity == "warning" and one.code == "consent_phrase_mismatch")
        )

    def to_json(self, *, words: bool = False) -> str:
        """Return the report as JSON.

        Args:
            words: True to include the words that were heard, which are personal data.
        """
        return json.dumps(self.to_dict(words=words), ensure_ascii=False, indent=2)

    def to_dict(self, *, words: bool = False) -> dict[str, Any]:
        """Return the report as JSON values. The arguments are those of :meth:`to_json`."""
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
    """A preflight with ``preflight="require"`` did not prove that the media pass. Nothing was sent.

    Attributes:
        report: The report of the preflight; its ``unproven`` has the reasons. If a recognizer listened, the report
            also has the spoken words.
        reason: Tavus's name of the first training error that the media would cause, such as ``video_fps``.
    """

    def __init__(self, message: str, *, report: PreflightReport, field: str | None, reason: str) -> None:
        self.report = report
        super().__init__(message, field=field, reason=reason)


def finding_of(error: Unreadable, media: Media) -> Finding:
    """Return the finding for a failure of reading."""
    return Finding(
        code=error.code,
        severity=error.severity,
        media=media,
        message=str(error),
        fix=error.fix,
        measured=error.reason,
    )


def arrange(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by severity, the most severe first, and put those of the training video first within each.

    Tavus has a single error for a file with both a wrong format and a wrong codec, so such findings are merged.
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
