# Derived from ../_async/create.py by scripts/derive_sync.py, do not edit.
"""The steps of a create: consent, request body, media checks, permit, one request, outcome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import asdict

from tavus_consent import errors
from tavus_consent._arguments import check_flag
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.consent.events import EventType
from tavus_consent.gate.context import Context
from tavus_consent.gate.inspection import Mode, Subject, check_mode
from tavus_consent.gate.likeness import LikenessKind, Training

from .inspection import inspect_create

if TYPE_CHECKING:
    from tavus_api.types import Result
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.once import Once
    from tavus_consent.gate.permits import Create, Permit, Speaker

R = TypeVar("R", bound="Result")
logger: Final = logging.getLogger("tavus_consent")


def create(
    context: Context,
    kind: LikenessKind[R],
    training: Training,
    given: SpokenConsent | ConsentRecord | Attestation | str,
    *,
    preflight: Mode,
    once: str | None = None,
    despite_open: bool = False,
) -> R:
    """Train a likeness, if its consent or attestation allows it.

    Args:
        context: The context of the client.
        kind: The kind of likeness.
        training: The arguments of the create.
        given: The consent or the attestation; text is the id of a record.
        preflight: The mode of the preflight.
        once: A key; a call with the key of an earlier create returns what that made.
        despite_open: Send it even if an earlier create of the same likeness is open.
    """
    from tavus_consent.consent.record import ConsentRecord
    from tavus_consent.gate.permits import Create, Speaker

    check_mode(preflight)
    check_flag(despite_open, "despite_open")
    key = None
    if once is not None:
        from tavus_consent.gate.once import once_of

        key, made = _earlier(context, kind, once_of(once, kind.noun, asdict(training), given), despite_open)
        if made is not None:
            return made
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
        recording_url=training.recording_url,
        training_url=training.material_url,
        checked=checked,
        once=key,
        despite_open=despite_open,
        difference=context.server_clock.difference,
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
    except GeneratorExit:  # a coroutine that is thrown away cannot wait for anything
        raise
    except BaseException:  # canceled or interrupted: the request may have been sent
        _settle(context, permit, EventType.OUTCOME_UNKNOWN)
        raise
    _settle(context, permit, EventType.SUBMITTED, {kind.id_name: getattr(made, kind.id_name)})
    return made


def _earlier(context: Context, kind: LikenessKind[R], once: Once, despite_open: bool) -> tuple[Once, R | None]:
    """Return what an earlier create with the key made; otherwise the key for the next one.

    Raises:
        ConfigurationError: There is no ledger that outlives the process.
        OnceConflict: The key belongs to another create.
        OpenCreate: An earlier create is open, and a lookup did not find what it made.
    """
    from .withdrawal import reconcile

    creates = context.registry().creates
    context.need_ledger()
    earlier = context.run(creates.keys.earlier, once)
    if earlier.intent is not None and not despite_open:
        lookups = {one.intent_id: one for one in reconcile(context, earlier.record_id)}
        earlier = context.run(creates.keys.earlier, once)
        if earlier.intent is not None:
            looked_up = lookups.get(earlier.intent.intent_id)
            candidates = looked_up.candidates if looked_up else ()
            raise context.run(creates.openness.refusal, earlier.record_id, earlier.intent, candidates)
    if earlier.likeness_id is None:
        return once.at(earlier.number), None
    found = kind.endpoint("get").sync_detailed(earlier.likeness_id, client=context.caller)
    return once, kind.read(found)


def _record(context: Context, record_id: str) -> ConsentRecord:
    creates = context.registry().creates
    return context.run(creates.record, record_id)


def _speaker(context: Context, record: ConsentRecord, training: Training, preflight: Mode) -> Speaker:
    """Return the speaker of a record.

    A preflight may still fulfill the policy's requirements beyond the fixed rules.
    """
    creates = context.registry().creates
    return context.run(creates.speaker, record, training.recording_url, will_listen=preflight != "off")


def _permit(context: Context, consent: SpokenConsent | ConsentRecord | Attestation, intent: Create) -> Permit:
    """Pass the gate. A record requires reading all its events; other consent is new, and may be written later."""
    creates = context.registry().creates
    if isinstance(consent, (SpokenConsent, Attestation)):
        return context.run_quick(creates.gate, consent, intent)
    return context.run(creates.gate, consent, intent)


def _settle(context: Context, permit: Permit, outcome: EventType, made: Mapping[str, str] | None = None) -> None:
    """Record the outcome. A failing ledger must not hide it: the intent then stays open, to be looked up."""
    try:
        creates = context.registry().creates
        clock = context.server_clock.difference if outcome is EventType.OUTCOME_UNKNOWN else None
        if permit.batch is None:
            context.run_through(creates.settle, permit, outcome, made, clock)
        else:
            context.run_quick(creates.settle, permit, outcome, made, clock)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of create %s (%s) could not be written to the ledger (%s): call consents.reconcile()",
            permit.intent_id,
            outcome,
            type(error).__name__,
        )
