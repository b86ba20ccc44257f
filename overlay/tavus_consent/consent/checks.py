"""The combined result of the checks of a recording, and the policies that it fulfills. Pure, and the only such place.

A recognizer that listened to the recording has *heard* it. A text that a caller passed in was *supplied*: it can count
against a recording, but it never verifies one by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final, Literal

from .verdict import Verdict

AttemptSource = Literal["heard", "supplied"]
Requires = Literal["recorded", "transcribed", "verified"]

UNNAMED: Final = "text"
"""The engine of a text without a named engine."""
_NOBODY: Final = ("", "none", UNNAMED)
REQUIREMENTS: Final[tuple[Requires, ...]] = ("recorded", "transcribed", "verified")
"""The requirements of a policy, from weak to strong."""
BASES: Final = (*REQUIREMENTS, "reviewed")
"""The reasons for which consent counts as given. A named person who listened counts as much as a recognizer."""
_RANK: Final = {"recorded": 0, "transcribed": 1, "verified": 2, "reviewed": 2}


class Check(StrEnum):
    """The result of one check of a recording."""

    MISMATCH = "mismatch"
    """Other words were said. Only another recording can resolve this."""
    DOUBT = "doubt"
    """A named person has to listen."""
    UNHEARD = "unheard"
    """A supplied text matches, but its engine was not named."""
    UNUSABLE = "unusable"
    TRANSCRIBED = "transcribed"
    """The text of a named engine matches, but the SHA-256 of the bytes that it heard is unknown here."""
    VERIFIED = "verified"
    """A recognizer listened to the bytes whose SHA-256 is stored, and the words match."""
    LIFTED = "lifted"
    """A named person listened and gave a reason."""


_OPEN: Final = frozenset({Check.DOUBT, Check.UNHEARD, Check.UNUSABLE})
_SETTLES_UNHEARD: Final = frozenset({Check.TRANSCRIBED, Check.VERIFIED, Check.LIFTED})


def is_named(engine: object) -> bool:
    """Return True if a transcript names the engine that wrote it."""
    return isinstance(engine, str) and engine not in _NOBODY


def source_of(codes: Mapping[str, Any]) -> AttemptSource:
    """Return the source of the words of a check, from its codes in the ledger.

    Events of early releases have no source. For these, an engine and the hash of its input show that it listened.
    """
    said = codes.get("source", "heard" if codes.get("sha256") and codes.get("engine") not in _NOBODY else "supplied")
    return "heard" if said == "heard" else "supplied"


def check_of(codes: Mapping[str, Any]) -> Check:
    """Return the result of a check, from its codes in the ledger."""
    verdict = codes.get("verdict")
    if verdict == Verdict.PASS:
        if source_of(codes) == "heard":
            return Check.VERIFIED if codes.get("sha256") else Check.TRANSCRIBED
        return Check.TRANSCRIBED if "source" in codes and is_named(codes.get("engine")) else Check.UNHEARD
    if verdict == Verdict.REVIEW:
        parts = codes.get("parts")
        doubts = {name for name, one in parts.items() if one != Verdict.PASS} if isinstance(parts, Mapping) else set()
        return Check.UNHEARD if doubts == {"source"} else Check.DOUBT
    return Check.MISMATCH if verdict == Verdict.MISMATCH else Check.UNUSABLE


def judged(codes: Mapping[str, Any]) -> Verdict:
    """Return the effective verdict of a check, from its codes in the ledger. A supplied text is REVIEW at best."""
    return Verdict.REVIEW if check_of(codes) is Check.UNHEARD else Verdict(codes["verdict"])


def is_doubtful(checks: Collection[Check]) -> bool:
    """Return True if a named person has to listen before the recording counts."""
    return Check.DOUBT in checks or (Check.UNHEARD in checks and _SETTLES_UNHEARD.isdisjoint(checks))


def verdict_of(checks: Collection[Check]) -> Verdict | None:
    """Return the combined verdict of all checks of one recording; ``None`` without checks.

    Their order does not matter.
    """
    if Check.MISMATCH in checks:
        return Verdict.MISMATCH
    if is_doubtful(checks):
        return Verdict.REVIEW
    if Check.VERIFIED in checks or Check.TRANSCRIBED in checks:
        return Verdict.PASS
    if Check.LIFTED in checks:
        return Verdict.REVIEW
    return Verdict.UNUSABLE if checks else None


def lifted(checks: Collection[Check]) -> frozenset[Check]:
    """Return the checks of a recording after a named person listened to it."""
    return frozenset(checks) - _OPEN | {Check.LIFTED}


def basis_of(checks: Collection[Check]) -> Requires:
    """Return the strongest basis that the checks of a recording give, if none counts against it."""
    if Check.VERIFIED in checks:
        return "verified"
    return "transcribed" if Check.TRANSCRIBED in checks else "recorded"


def fulfils(basis: str | None, requires: str) -> bool:
    """Return True if consent given on a basis is enough for a policy.

    Every basis fulfills ``recorded``. The text of a named engine, or a stronger basis, fulfills ``transcribed``. Only a
    recognizer or a named person who listened fulfills ``verified``.
    """
    return basis is not None and _RANK[basis] >= _RANK[requires]
