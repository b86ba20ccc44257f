"""The one way to a create: the gate, one request, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from . import errors
from ._replica_rules import Era
from ._steps import Steps, local, remote
from .consent import Attestation, SpokenConsent
from .consent.events import EventType
from .results import Replica

if TYPE_CHECKING:
    from .consent._creates import Permit
    from .consent.record import ConsentRecord

R = TypeVar("R", bound=Replica)
logger: Final = logging.getLogger("tavus_consent")


def creating(
    era: Era[R],
    consent: SpokenConsent | ConsentRecord | Attestation,
    body_for: Callable[..., dict[str, Any]],
    *,
    send: Callable[[Mapping[str, Any]], Any],
    deadline: float,
    train_video_url: str | None,
) -> Steps[R]:
    """The steps of a create.

    Args:
        era: What is created.
        consent: On what it rests.
        body_for: Makes what is sent, from ``consent=`` or ``attestation=``; refuses what cannot work.
        send: Sends it, once.
        deadline: Seconds after which the request is given up.
        train_video_url: Link to the training video.
    """
    from .consent._creates import Create
    from .consent.record import ConsentRecord

    if isinstance(consent, Attestation):
        body = body_for(attestation=consent)
    elif isinstance(consent, ConsentRecord):
        record = consent
        body = body_for(consent=(yield from local(lambda it: it.creates.spoken(record, train_video_url))))
    else:
        body = body_for(consent=consent)
    name = body.get(f"{era.noun}_name")
    create = Create(noun=era.noun, name=name, deadline=deadline, train_video_url=train_video_url)
    permit = yield from local(lambda it: it.creates.gate(consent, create))
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


def _note(permit: Permit, outcome: EventType, replica_id: str | None = None) -> Steps[None]:
    """Write down what came of it. A ledger that fails now must not hide it: the intent stays open, to be looked up."""
    try:
        yield from local(lambda it: it.creates.settle(permit, outcome, replica_id))
    except errors.TavusError as error:
        logger.warning(
            "the outcome of create %s (%s) could not be written to the ledger (%s): call consents.reconcile()",
            permit.intent_id,
            outcome,
            type(error).__name__,
        )
