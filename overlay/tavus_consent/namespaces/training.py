"""The states of replicas and faces in training: ready, a preview, failed or late. Pure."""

from __future__ import annotations

from typing import Literal, TypeVar

from attrs import evolve

from tavus_consent import errors
from tavus_consent._arguments import check_choice
from tavus_consent._redaction import redact_text
from tavus_consent.results import TWO_STAGE_MODELS, Face, Replica
from tavus_consent.training_errors import classify_training_error

R = TypeVar("R", bound=Replica)
Stage = Literal["tuned", "preview"]


def check_stage(until: Stage) -> None:
    """Refuse a stage that does not exist."""
    check_choice(until, "until", choices=("tuned", "preview"))


def is_reached(replica: Replica, until: Stage) -> bool:
    """Return True if a replica has reached a stage. A model of one stage reaches both together.

    Raises:
        TrainingFailed: Training failed.
    """
    if until == "preview" and replica.is_preview:
        return True
    if replica.is_failed:
        raise training_failed(replica)
    return replica.is_ready


def late(replica: Replica, timeout: float) -> errors.TrainingTimeout:
    """Return the error for a replica that has not reached the stage in time."""
    name = f"{type(replica).__name__.lower()} {replica.replica_id}"
    after = f"after {timeout:g} s; training continues at Tavus"
    if replica.is_preview:
        message = f"{name} is still a preview {after}. until='preview' returns the watermarked preview."
    else:
        message = f"{name} is still training ({replica.status}, {replica.training_progress}) {after}"
    return errors.TrainingTimeout(message, replica)


def training_failed(replica: Replica) -> errors.TrainingFailed:
    """Return the error for a failed training: with type and advice if the sentence is documented."""
    kind = classify_training_error(replica.error_message)
    advice = kind.advice if kind else "The sentence is not documented; ask Tavus's support and quote the replica id."
    said = f" ({kind.name})" if kind else ""
    reason = redact_text(replica.error_message or "no reason given")
    stage, rest = ("finetuning", " The watermarked preview stays.") if replica.is_preview else ("training", "")
    message = f"{stage} of {replica.replica_id} failed{said}: {reason}{rest} {advice}"
    return errors.TrainingFailed(message, replica, error_type=kind, advice=advice)


def lacks_stage(replica: Replica) -> bool:
    """Return True if only the face of the same id can say whether a replica is finetuned.

    Tavus documents the second stage in the answers about faces, not in those about replicas.
    """
    return replica.is_ready and replica.model_name in TWO_STAGE_MODELS and "finetune_status" not in replica.extra


def with_stage(replica: R, face: Face) -> R:
    """Return a replica with the second stage of its face."""
    return evolve(replica, extra={**replica.extra, "finetune_status": face.finetune_status})
