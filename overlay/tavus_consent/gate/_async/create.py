"""The steps of a create: consent, request body, media checks, permit, one request, outcome."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from tavus_consent import errors
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.consent.events import EventType
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.inspection import Mode, Subject, check_mode
from tavus_consent.gate.likeness import LikenessKind, Training
from tavus_consent.results import Replica

from .inspection import inspect_create

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.permits import Create, Permit, Speaker

R = TypeVar("R", bound=Replica)
logger: Final = logging.getLogger("tavus_consent")


async def create(
    context: AsyncContext,
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
    consent = await _record(context, given) if isinstance(given, str) else given
    speaker = None
    if isinstance(consent, ConsentRecord):
        speaker = await _speaker(context, consent, training, preflight)
        body = training.body(context.clock, context.server, consent=speaker.consent)
    elif isinstance(consent, Attestation):
        body = training.body(context.clock, context.server, attestation=consent)
    else:
        body = training.body(context.clock, context.server, consent=consent)
        speaker = Speaker(consent)
    checked = None
    if preflight != "off":
        record = consent if isinstance(consent, ConsentRecord) else None
        checked = await inspect_create(context, preflight, Subject.of_body(body, speaker), record)
    intent = Create(
        noun=kind.noun,
        name=body.get(f"{kind.noun}_name"),
        deadline=context.deadline,
        train_video_url=training.train_video_url,
        training_url=body.get("train_video_url") or body["train_image_url"],
        checked=checked,
    )
    permit = await _permit(context, consent, intent)
    try:
        made = kind.read(await kind.endpoint("create").asyncio_detailed(client=context.admitted, body=body))
    except errors.OutcomeUnknownError as error:  # also after a success with an unusable body
        error.replica_name = intent.name
        await _settle(context, permit, EventType.OUTCOME_UNKNOWN)
        raise
    except errors.TavusError:
        await _settle(context, permit, EventType.FAILED)
        raise
    await _settle(context, permit, EventType.SUBMITTED, made.replica_id)
    return made


async def _record(context: AsyncContext, record_id: str) -> ConsentRecord:
    creates = (await context.registry()).creates
    return await context.run(creates.record, record_id)


async def _speaker(context: AsyncContext, record: ConsentRecord, training: Training, preflight: Mode) -> Speaker:
    """Return the speaker of a record.

    A preflight may still fulfill the policy's requirements beyond the fixed rules.
    """
    creates = (await context.registry()).creates
    return await context.run(creates.speaker, record, training.train_video_url, will_listen=preflight != "off")


async def _permit(
    context: AsyncContext, consent: SpokenConsent | ConsentRecord | Attestation, intent: Create
) -> Permit:
    """Pass the gate. A record requires reading all its events; other consent is new, and may be written later."""
    creates = (await context.registry()).creates
    if isinstance(consent, (SpokenConsent, Attestation)):
        return await context.run_quick(creates.gate, consent, intent)
    return await context.run(creates.gate, consent, intent)


async def _settle(context: AsyncContext, permit: Permit, outcome: EventType, made: str | None = None) -> None:
    """Record the outcome. A failing ledger must not hide it: the intent then stays open, to be looked up."""
    try:
        creates = (await context.registry()).creates
        if permit.batch is None:
            await context.run(creates.settle, permit, outcome, made)
        else:
            await context.run_quick(creates.settle, permit, outcome, made)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of create %s (%s) could not be written to the ledger (%s): call consents.reconcile()",
            permit.intent_id,
            outcome,
            type(error).__name__,
        )
