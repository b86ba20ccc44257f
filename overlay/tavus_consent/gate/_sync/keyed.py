# Derived from ../_async/keyed.py by scripts/derive_sync.py, do not edit.
"""A call that is made once: with the key of an earlier call it returns what that made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from tavus_consent import errors
from tavus_consent.gate.candidates import CallTime
from tavus_consent.gate.context import Context

if TYPE_CHECKING:
    from tavus_consent.gate.keyed_calls import OpenCall
    from tavus_consent.gate.once import Once

T = TypeVar("T")
logger: Final = logging.getLogger("tavus_consent")
Look = Callable[[CallTime], tuple[str | None, tuple[str, ...]]]
"""Looks for what a call of unknown outcome made: what it surely is, and what it may be."""


def make_once(
    context: Context,
    once: Once,
    operation: str,
    send: Callable[[], T],
    read: Callable[[str], T],
    look: Look,
    id_of: Callable[[T], str],
) -> T:
    """Make a call, unless an earlier one with the same key made something.

    Args:
        context: The context of the client.
        once: The key, with the arguments of the call.
        operation: The operation.
        send: Makes the call.
        read: Reads what an earlier call made.
        look: Looks for what an earlier call made.
        id_of: Returns the id of what a call made.

    Raises:
        ConfigurationError: There is no ledger that outlives the process.
        OnceConflict: The key belongs to another call.
        OpenCreate: It is not known what an earlier call made.
    """
    keyed = context.registry().keyed_calls
    context.need_ledger()
    earlier = context.run(keyed.earlier, once)
    if earlier.open is not None:
        _look_up(context, earlier.open, look)
        earlier = context.run(keyed.earlier, once)
    if earlier.object_id is not None:
        return read(earlier.object_id)
    difference = context.server_clock.difference
    record_id = context.run(keyed.begin, once.at(earlier.number), operation, context.deadline, difference)
    try:
        made = send()
    except errors.OutcomeUnknownError:
        _settle(context, record_id, "unknown")
        raise
    except errors.TavusError:
        _settle(context, record_id, "failed")
        raise
    except GeneratorExit:  # a coroutine that is thrown away cannot wait for anything
        raise
    except BaseException:  # canceled or interrupted: the request may have been sent
        _settle(context, record_id, "unknown")
        raise
    _settle(context, record_id, "made", id_of(made))
    return made


def _look_up(context: Context, one: OpenCall, look: Look) -> None:
    """Find the outcome of an earlier call, and record it.

    Raises:
        OpenCreate: It is not known.
    """
    if one.is_live:
        raise one.refusal(one.settles_at)
    found, candidates = look(one.time)
    if found is None and candidates:
        raise one.refusal(None, candidates)
    if found is None and context.clock.now() < one.settles_at:
        raise one.refusal(one.settles_at)
    _settle(context, one.record_id, "failed" if found is None else "made", found)


def _settle(context: Context, record_id: str, outcome: str, object_id: str | None = None) -> None:
    """Record the outcome. If the ledger fails, the call stays open, to be looked up."""
    keyed = context.registry().keyed_calls
    difference = context.server_clock.difference if outcome == "unknown" else None
    try:
        context.run_through(keyed.settle, record_id, outcome, object_id, difference)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of the call with a key, record %s (%s), could not be written to the ledger (%s)",
            record_id,
            outcome,
            type(error).__name__,
        )
