# Derived from ../_async/create.py by scripts/derive_sync.py, do not edit.
"""The steps of a create: consent, request body, media checks, permit, one request, outcome."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from tavus_consent import errors
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.consent.events import EventType
from tavus_consent.gate.context import Context
from tavus_consent.gate.inspection import Mode, Subject, check_mode
from tavus_consent.gate.likeness import LikenessKind, Training
from tavus_consent.results import Replica

from .inspection import inspect_create

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.permits import Create, Permit, Speaker

R = TypeVar("R", bound=Replica)
logger: Final = logging.getLogger("tavus_consent")


def create(
    context: Context,
    kind: LikenessKind[R],
    training: Training,
    given: SpokenConsent | ConsentRecord | Attestation | str,
    *,
    preflight: Mode,
) -> R:
    """Train a likeness, if its consent or attestation allows it.

    Args:
        context: The context of the client.
        kind: The kind of likeness.
        training: The arguments of the create.
        given: The consent or the attestation; text is the id of a record.
        preflight: The mode of the preflight.
    """
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.permits import Create, Speaker

    check_mode(preflight)
    consent = _record(context, given) if isinstance(given, str) else given
    speaker = None
    if isinstance(consent, ConsentRecord):
        speaker = _speaker(context, consent, training, preflight)
        body = training.body(context.clock, context.server, consent=speaker.consent)
    elif isinstance(consent, Attestation):
        body = training.body(context.clock, context.server, attestation=consent)
    else:
        body = training.body(context.clock, context.server, consent=consent)
        speaker = Speaker(consent)
    checked = None
    if preflight != "off":
        record = consent if isinstance(consent, ConsentRecord) else None
        checked = inspect_create(context, preflight, Subject.of_body(body, speaker), record)
    intent = Create(
        noun=kind.noun,
        name=body.get(f"{kind.noun}_name"),
        deadline=context.deadline,
        train_video_url=training.train_video_url,
        training_url=body.get("train_video_url") or body["train_image_url"],
        checked=checked,
    )
    permit = _permit(context, consent, intent)
    try:
        made = kind.read(kind.endpoint("create").sync_detailed(client=context.admitted, body=body))
    except errors.OutcomeUnknownError as error:  # also after a success with an unusable body
        error.replica_name = intent.name
        _settle(context, permit, EventType.OUTCOME_UNKNOWN)
        raise
    except errors.TavusError:
        _settle(context, permit, EventType.FAILED)
        raise
    _settle(context, permit, EventType.SUBMITTED, made.replica_id)
    return made


def _record(context: Context, record_id: str) -> ConsentRecord:
    creates = context.registry().creates
    return context.run(creates.record, record_id)


def _speaker(context: Context, record: ConsentRecord, training: Training, preflight: Mode) -> Speaker:
    """Return the speaker of a record.

    A preflight may still fulfill the policy's requirements beyond the fixed rules.
    """
    creates = context.registry().creates
    return context.run(creates.speaker, record, training.train_video_url, will_listen=preflight != "off")


def _permit(context: Context, consent: SpokenConsent | ConsentRecord | Attestation, intent: Create) -> Permit:
    """Pass the gate. A record requires reading all its events; other consent is new, and may be written later."""
    creates = context.registry().creates
    if isinstance(consent, (SpokenConsent, Attestation)):
        return context.run_quick(creates.gate, consent, intent)
    return context.run(creates.gate, consent, intent)


def _settle(context: Context, permit: Permit, outcome: EventType, made: str | None = None) -> None:
    """Record the outcome. A failing ledger must not hide it: the intent then stays open, to be looked up."""
    try:
        creates = context.registry().creates
        if permit.batch is None:
            context.run(creates.settle, permit, outcome, made)
        else:
            context.run_quick(creates.settle, permit, outcome, made)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of create %s (%s) could not be written to the ledger (%s): call consents.reconcile()",
            permit.intent_id,
            outcome,
            type(error).__name__,
        )
