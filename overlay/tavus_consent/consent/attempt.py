"""One check of the spoken statement: what it came to, and how it goes to the vault and comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve, frozen

from tavus_consent._frames import hides_locals

from .checks import UNNAMED, Check, Source, check_of, source_of
from .events import format_time, parse_time
from .matching import Match
from .part import Part
from .transcriber import Transcript, Word
from .verdict import Verdict, worst


@hides_locals
@frozen(kw_only=True)
class Attempt:
    """One check of the statement. All of them are kept, whatever they came to.

    Attributes:
        attempt_id: Its id.
        at: When it was made.
        match: What came of it.
        transcript: What was heard or supplied, or ``None``.
        source: ``"heard"``: a recognizer listened to the recording. ``"supplied"``: somebody typed or brought the text.
    """

    attempt_id: str
    at: datetime
    match: Match
    transcript: Transcript | None = None
    source: Source = "supplied"

    @classmethod
    def of_text(cls, *, attempt_id: str, at: datetime, match: Match, transcript: Transcript | None) -> Attempt:
        """A check of a text that was supplied: REVIEW at best, unless it is said which engine wrote it."""
        if transcript is not None and transcript.engine == UNNAMED:
            match = _unheard(match)
        return cls(attempt_id=attempt_id, at=at, match=match, transcript=transcript)

    @property
    def verdict(self) -> Verdict:
        """The worst of its parts."""
        return self.match.verdict

    @property
    def name_score(self) -> float | None:
        """Likeness of the name heard to the name expected, from 0 to 1."""
        return self.match.name_score

    @property
    def diff(self) -> str:
        """The statement and what was heard, word by word. Holds personal data."""
        return str(self.match.diff)

    def codes(self, *, sha256: str | None = None) -> dict[str, Any]:
        """Return the part of the receipt that may be written to the ledger.

        Args:
            sha256: Of the recording that was heard, when it is known.
        """
        known = {"source": self.source, **({"sha256": sha256} if sha256 else {})}
        return {"attempt": self.attempt_id, **self.match.codes(), **known}

    def to_json(self) -> bytes:
        """For the vault: what was heard, and how it differs."""
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
        """Read what :meth:`to_json` gave.

        Args:
            data: From the vault.
            codes: What the ledger has of it.
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
        """What the ledger alone knows of an attempt, once the person was erased."""
        match = Match(
            verdict=Verdict(codes["verdict"]),
            parts=tuple(Part(name, Verdict(verdict)) for name, verdict in codes["parts"].items()),
            **{name: codes[name] for name in ("engine", "thresholds", "wording", "words_error", "name_score")},
            engine_version=codes.get("engine_version"),  # newer than the others
            model_sha256=codes.get("model_sha256"),
        )
        return cls(attempt_id=codes["attempt"], at=at, match=_counting(match, codes), source=source_of(codes))


def _unheard(match: Match) -> Match:
    doubt = Part("source", Verdict.REVIEW, "The text was supplied, so nobody listened to the recording.")
    parts = (*match.parts, doubt)
    return evolve(match, verdict=worst(part.verdict for part in parts), parts=parts)


def _counting(match: Match, codes: Mapping[str, Any]) -> Match:
    """A match as it counts: early releases took a supplied text for a hearing."""
    return _unheard(match) if match.verdict is Verdict.PASS and check_of(codes) is Check.UNHEARD else match
