"""The one way to a create: the gate, one request, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tavus_consent import errors
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.consent.events import EventType
from tavus_consent.results import Replica

from .inspection import Mode, Setup, check_mode, checking
from .likeness import Era
from .steps import Steps, local, remote

if TYPE_CHECKING:
    from tavus_consent.consent.record import ConsentRecord

    from .permits import Permit

R = TypeVar("R", bound=Replica)
logger: Final = logging.getLogger("tavus_consent")


def creating(
    era: Era[R],
    given: SpokenConsent | ConsentRecord | Attestation | str,
    body_for: Callable[..., dict[str, Any]],
    *,
    send: Callable[[Mapping[str, Any]], Any],
    deadline: float,
    train_video_url: str | None,
    preflight: Mode,
    setup: Callable[[], Setup],
) -> Steps[R]:
    """The steps of a create.

    Args:
        era: What is created.
        given: The consent or the attestation that it rests on; text is the id of a record.
        body_for: Makes what is sent, from ``consent=`` or ``attestation=``; refuses what cannot work.
        send: Sends it, once.
        deadline: Seconds after which the request is given up.
        train_video_url: Link to the training video.
        preflight: Whether to look at the media first.
        setup: How.
    """
    from tavus_consent.consent.record import ConsentRecord

    from .permits import Create, Speaker

    check_mode(preflight)
    speaker, checked = None, None
    consent = (yield from recorded(given)) if isinstance(given, str) else given
    record = consent if isinstance(consent, ConsentRecord) else None
    if isinstance(consent, Attestation):
        body = body_for(attestation=consent)
    elif not isinstance(consent, ConsentRecord):
        body, speaker = body_for(consent=consent), Speaker(consent)
    elif preflight == "off":
        body = body_for(consent=(yield from local(lambda it: it.creates.spoken(consent, train_video_url))))
    else:
        speaker = yield from local(lambda it: it.creates.speaker(consent, train_video_url))
        body = body_for(consent=speaker.consent)
    if preflight != "off":
        checked = yield from checking(setup(), preflight, speaker, record, body)
    name = body.get(f"{era.noun}_name")
    create = Create(
        noun=era.noun,
        name=name,
        deadline=deadline,
        train_video_url=train_video_url,
        training_url=body.get("train_video_url") or body["train_image_url"],
        checked=checked,
    )
    # Of a record all events are read; anything else is new, and written when somebody looks, or by a thread.
    permit = yield from local(lambda it: it.creates.gate(consent, create), is_quick=record is None)
    try:
        made = era.read((yield from remote(lambda _: send(body))))
    except errors.OutcomeUnknownError as error:  # also a success whose body cannot be used
        error.replica_name = name
        yield from _note(permit, EventType.OUTCOME_UNKNOWN)
        raise
    except errors.TavusError:
        yield from _note(permit, EventType.FAILED)
        raise
    yield from _note(permit, EventType.SUBMITTED, made.replica_id)
    return made


def recorded(record_id: str) -> Steps[ConsentRecord]:
    """Read the record that a create rests on."""
    found: ConsentRecord = yield from local(lambda it: it.creates.record(record_id))
    return found


def _note(permit: Permit, outcome: EventType, replica_id: str | None = None) -> Steps[None]:
    """Write down what came of it. A ledger that fails now must not hide it: the intent stays open, to be looked up."""
    try:
        yield from local(lambda it: it.creates.settle(permit, outcome, replica_id), is_quick=permit.batch is not None)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of create %s (%s) could not be written to the ledger (%s): call consents.reconcile()",
            permit.intent_id,
            outcome,
            type(error).__name__,
        )
