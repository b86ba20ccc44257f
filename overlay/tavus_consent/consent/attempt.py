"""One check of the spoken statement: its result, and its form in the vault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve, frozen

from tavus_consent._frames import hides_locals

from .checks import UNNAMED, AttemptSource, Check, check_of, source_of
from .events import format_time, parse_time
from .matching import Match
from .part import Part
from .transcriber import Transcript, Word
from .verdict import Verdict, worst


@hides_locals
@frozen(kw_only=True)
class Attempt:
    """One check of the statement. Every attempt is stored, regardless of its result.

    Attributes:
        attempt_id: Its id.
        at: When it was made.
        match: The result.
        transcript: The transcript, heard or supplied, or ``None``.
        source: ``"heard"``: a recognizer listened to the recording. ``"supplied"``: a caller passed in the text.
    """

    attempt_id: str
    at: datetime
    match: Match
    transcript: Transcript | None = None
    source: AttemptSource = "supplied"

    @classmethod
    def of_text(cls, *, attempt_id: str, at: datetime, match: Match, transcript: Transcript | None) -> Attempt:
        """Return the check of a supplied text: REVIEW at best, unless its engine is named."""
        if transcript is not None and transcript.engine == UNNAMED:
            match = _unheard(match)
        return cls(attempt_id=attempt_id, at=at, match=match, transcript=transcript)

    @property
    def verdict(self) -> Verdict:
        """The worst of its parts."""
        return self.match.verdict

    @property
    def name_score(self) -> float | None:
        """Similarity of the heard name to the expected name, from 0 to 1."""
        return self.match.name_score

    @property
    def diff(self) -> str:
        """The statement and the transcript, word by word. Contains personal data."""
        return str(self.match.diff)

    def codes(self, *, sha256: str | None = None) -> dict[str, Any]:
        """Return the part of the attempt that may be written to the ledger.

        Args:
            sha256: The SHA-256 of the recording that was heard, if it is known.
        """
        known = {"source": self.source, **({"sha256": sha256} if sha256 else {})}
        return {"attempt": self.attempt_id, **self.match.codes(), **known}

    def to_json(self) -> bytes:
        """Return the transcript and its differences, for the vault."""
        data = {
            "attempt": self.attempt_id,
            "at": format_time(self.at),
            "transcript": self.transcript.text if self.transcript else None,
            "heard_name": self.match.heard_name,
            "diff": self.diff,
            "reasons": list(self.match.reasons),
            "match": asdict(self.match),
            "heard": asdict(self.transcript) if self.transcript else None,
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes, codes: Mapping[str, Any]) -> Attempt:
        """Read the output of :meth:`to_json`.

        Args:
            data: The bytes from the vault.
            codes: The attempt's codes in the ledger.
        """
        known = json.loads(data)
        heard = known["heard"]
        if heard is not None:
            heard = Transcript(**{**heard, "words": tuple(Word(**word) for word in heard["words"])})
        return cls(
            attempt_id=known["attempt"],
            at=parse_time(known["at"]),
            match=_counting(Match.from_dict(known["match"]), codes),
            transcript=heard,
            source=source_of(codes),
        )

    @classmethod
    def from_codes(cls, at: datetime, codes: Mapping[str, Any]) -> Attempt:
        """Return an attempt from its codes in the ledger alone, after the person was erased."""
        match = Match(
            verdict=Verdict(codes["verdict"]),
            parts=tuple(Part(name, Verdict(verdict)) for name, verdict in codes["parts"].items()),
            **{name: codes[name] for name in ("engine", "thresholds", "wording", "words_error", "name_score")},
            engine_version=codes.get("engine_version"),  # newer than the others
            model_sha256=codes.get("model_sha256"),
        )
        return cls(attempt_id=codes["attempt"], at=at, match=_counting(match, codes), source=source_of(codes))


def _unheard(match: Match) -> Match:
    doubt = Part("source", Verdict.REVIEW, "The text was supplied; the recording was not transcribed.")
    parts = (*match.parts, doubt)
    return evolve(match, verdict=worst(part.verdict for part in parts), parts=parts)


def _counting(match: Match, codes: Mapping[str, Any]) -> Match:
    """Return a match as it counts now, because early releases treated supplied texts as heard."""
    return _unheard(match) if match.verdict is Verdict.PASS and check_of(codes) is Check.UNHEARD else match
