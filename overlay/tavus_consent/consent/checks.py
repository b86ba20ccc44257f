"""What the checks of one recording amount to, and which policy that fulfils. Pure, and the only place that says so.

A recognizer that listened to the recording has *heard* it. A text that somebody typed or brought was *supplied*: it can
speak against a recording, and by itself it never verifies one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final, Literal

from .verdict import Verdict

Source = Literal["heard", "supplied"]
Requires = Literal["recorded", "transcribed", "verified"]

UNNAMED: Final = "text"
"""The engine of a text of which nobody said who wrote it down."""
_NOBODY: Final = ("", "none", UNNAMED)
REQUIREMENTS: Final[tuple[Requires, ...]] = ("recorded", "transcribed", "verified")
"""What a policy can ask for, from weak to strong."""
BASES: Final = (*REQUIREMENTS, "reviewed")
"""Why consent counts as given. A named person who listened counts as much as a recognizer."""
_RANK: Final = {"recorded": 0, "transcribed": 1, "verified": 2, "reviewed": 2}


class Check(StrEnum):
    """What one check says about a recording."""

    MISMATCH = "mismatch"
    """Something else was said. Nothing takes that back: only another recording helps."""
    DOUBT = "doubt"
    """A named person has to listen."""
    UNHEARD = "unheard"
    """A supplied text matches, and nobody said which engine wrote it."""
    UNUSABLE = "unusable"
    TRANSCRIBED = "transcribed"
    """It matches in the words of a named engine, and the bytes that the engine heard are not known here."""
    VERIFIED = "verified"
    """A recognizer listened to the bytes whose SHA-256 is kept, and it matches."""
    LIFTED = "lifted"
    """A named person listened and gave a reason."""


_OPEN: Final = frozenset({Check.DOUBT, Check.UNHEARD, Check.UNUSABLE})
_SETTLES_UNHEARD: Final = frozenset({Check.TRANSCRIBED, Check.VERIFIED, Check.LIFTED})


def is_named(engine: object) -> bool:
    """Whether a transcript says which engine wrote it."""
    return isinstance(engine, str) and engine not in _NOBODY


def source_of(codes: Mapping[str, Any]) -> Source:
    """Where the words of a check came from, by what the ledger has of it.

    Events of early releases do not say. There, an engine and the hash of what it heard show that it listened.
    """
    said = codes.get("source", "heard" if codes.get("sha256") and codes.get("engine") not in _NOBODY else "supplied")
    return "heard" if said == "heard" else "supplied"


def check_of(codes: Mapping[str, Any]) -> Check:
    """What a check says, by what the ledger has of it."""
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
    """The verdict of a check as it counts, by what the ledger has of it: a supplied text is REVIEW at best."""
    return Verdict.REVIEW if check_of(codes) is Check.UNHEARD else Verdict(codes["verdict"])


def is_doubtful(checks: Collection[Check]) -> bool:
    """Whether a named person has to listen before the recording counts."""
    return Check.DOUBT in checks or (Check.UNHEARD in checks and _SETTLES_UNHEARD.isdisjoint(checks))


def verdict_of(checks: Collection[Check]) -> Verdict | None:
    """What all checks of one recording come to; ``None`` where there was none. Their order does not matter."""
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
    """The checks of a recording after a named person listened to it."""
    return frozenset(checks) - _OPEN | {Check.LIFTED}


def basis_of(checks: Collection[Check]) -> Requires:
    """The strongest basis that the checks of a recording give, where nothing speaks against it."""
    if Check.VERIFIED in checks:
        return "verified"
    return "transcribed" if Check.TRANSCRIBED in checks else "recorded"


def fulfils(basis: str | None, requires: str) -> bool:
    """Whether consent that was given on a basis is enough for a policy.

    From weak to strong: ``recorded`` is fulfilled by every basis, ``transcribed`` by a named engine's text or better,
    ``verified`` only by a recognizer that listened or a named person who did.
    """
    return basis is not None and _RANK[basis] >= _RANK[requires]
