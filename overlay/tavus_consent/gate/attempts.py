"""Attempts: every check of the spoken statement of a record, by a transcriber, a transcript or a preflight."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from attrs import evolve

from tavus_consent._arguments import check_type
from tavus_consent.consent._blinds import FOUND_BY
from tavus_consent.consent.attempt import Attempt
from tavus_consent.consent.checks import is_named
from tavus_consent.consent.events import EventType
from tavus_consent.consent.matching import Place, match_statement
from tavus_consent.consent.record import ConsentRecord
from tavus_consent.consent.states import Evidence, RecordState
from tavus_consent.consent.transcriber import Transcriber, Transcript
from tavus_consent.consent.verdict import Verdict
from tavus_consent.errors import EvidenceChanged, InvalidRequestError

from .entries import attempt_of, attempted
from .protection import Protection
from .record_log import Entry, RecordLog, recording_in

if TYPE_CHECKING:
    from tavus_consent.preflight.speech import Hearing

MAX_ENGINE: Final = 100


class Attempts:
    """Checks the statement in recordings, and stores every attempt.

    Args:
        log: All records.
    """

    def __init__(self, log: RecordLog) -> None:
        self._log = log
        self._protection = Protection(log)

    def verify(
        self,
        record: ConsentRecord | str,
        *,
        transcript: str | Transcript | None = None,
        engine: str | None = None,
        transcriber: Transcriber | None = None,
        recording: Path | bytes | None = None,
    ) -> Attempt:
        """Compare a recording or a transcript with the statement, and store the attempt."""
        if transcript is not None and transcriber is not None:
            raise InvalidRequestError("pass a transcript or a transcriber, not both", field="transcript")
        if transcriber is not None and recording is None:
            raise InvalidRequestError("recording: pass the input of the transcriber", field="recording")
        if transcript is not None:
            transcript = _supplied(transcript, engine)
        elif engine is not None:
            raise InvalidRequestError("engine: pass it with the transcript that it wrote", field="engine")
        state = self._log.known(record)
        self._log.check(state, Entry(EventType.VERIFICATION, {"verdict": str(Verdict.UNUSABLE)}))
        terms = self._log.terms(state.subject_ref)
        if terms is None:
            raise InvalidRequestError("the name of this record is not in the vault", field="record", reason="no_vault")
        digest = None if recording is None else _sha256(recording)
        evidence = self._evidence(state, digest)
        if transcriber is not None and recording is not None:
            transcript = Transcript.of_result(transcriber.transcribe(recording), transcriber)
        match = match_statement(
            transcript, terms.full_name, spoken_as=terms.spoken_as, where=cast("Place", evidence.where)
        )
        make = Attempt.of_text if transcriber is None else partial(Attempt, source="heard")
        attempt = make(attempt_id=uuid.uuid4().hex, at=self._log.clock.now(), match=match, transcript=transcript)
        return self._keep(state, evidence, attempt, evidence.sha256 if digest else None)

    def keep(
        self, record: ConsentRecord | str, evidence: Evidence, *, heard: Hearing | None, sha256: str | None
    ) -> None:
        """Store the result of a preflight for the recording of a record, as it was at the start of the preflight.

        Raises:
            EvidenceChanged: It is not, or no longer, the recording of this record.
        """
        state = self._log.known(record)
        _same(evidence, state)
        evidence = self._evidence(state, sha256)
        if heard is not None:
            attempt = attempt_of(heard, self._log.clock.now())
            self._keep(state, evidence, attempt, evidence.sha256 if sha256 else None)

    def _keep(self, state: RecordState, evidence: Evidence, attempt: Attempt, sha256: str | None) -> Attempt:
        def step(current: RecordState, _: datetime) -> Entry:
            _same(evidence, current)
            return attempted(attempt, sha256)

        self._log.write(state.record_id, step)
        return attempt

    def of(self, record: ConsentRecord | str) -> list[Attempt]:
        """List every attempt, in order; without words and names once the person is erased."""
        state = self._log.known(record)
        kept = self._log.private(state.subject_ref, "attempt")
        checks = [event for event in self._log.events(state.record_id) if event.type == EventType.VERIFICATION]
        return [
            Attempt.from_json(kept[event.payload["heard"]], event.payload)
            if event.payload["heard"] in kept
            else Attempt.from_codes(event.at, event.payload)
            for event in checks
        ]

    def _evidence(self, state: RecordState, digest: str | None) -> Evidence:
        """Return the recording to check. When its bytes are first read, the record stores their hash."""
        evidence = cast("Evidence", state.evidence)  # checked before: without one no check is possible
        if digest is None or digest == evidence.sha256:
            return evidence
        if evidence.sha256 is not None:
            raise EvidenceChanged(
                "The file is not the recording of this record: its SHA-256 differs.",
                field="recording",
                reason="changed",
            )
        recordings, person = self._protection.recording_of(state), self._protection.person_of(state)

        def step(current: RecordState, _: datetime) -> Entry:
            _same(evidence, current)
            last = recording_in(self._log.events(state.record_id))
            kept = {name: last[name] for name in ("link", "recording", FOUND_BY) if name in last}
            codes = {"where": evidence.where, "sha256": digest, **kept}
            marks = [mark for one in recordings for mark in evolve(one, sha256=digest).marks("recording", person)]
            return Entry(EventType.RECORDED, codes, marks=marks)

        return cast("Evidence", self._log.write(state.record_id, step).evidence)


def _supplied(transcript: str | Transcript, engine: str | None) -> Transcript:
    """Return a supplied text as a transcript, with its engine if the caller names one."""
    if isinstance(transcript, str):
        transcript = Transcript.of_text(transcript)
    check_type(transcript, "transcript", Transcript, "a text or a Transcript")
    if engine is None:
        return transcript
    if not (is_named(engine) and engine.isprintable() and engine.strip() and len(engine) <= MAX_ENGINE):
        raise InvalidRequestError(
            f"engine: name the engine of the transcript in 1 to {MAX_ENGINE} characters, such as 'whisper-large-v3'",
            field="engine",
        )
    return evolve(transcript, engine=engine.strip())


def _same(evidence: Evidence, state: RecordState) -> None:
    if state.evidence != evidence:
        raise EvidenceChanged(
            "Another recording was added while this one was checked. Check it again.", field="record", reason="changed"
        )


def _sha256(recording: Path | bytes) -> str:
    if isinstance(recording, bytes):
        return hashlib.sha256(recording).hexdigest()
    try:
        with Path(recording).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, TypeError) as error:
        raise InvalidRequestError(
            f"recording: the file cannot be read ({type(error).__name__})", field="recording", reason="unreadable"
        ) from None
