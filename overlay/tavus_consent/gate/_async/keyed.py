"""A call that is made once: with the key of an earlier call it returns what that made."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from tavus_consent import errors
from tavus_consent.gate.candidates import CallTime
from tavus_consent.gate.context import AsyncContext

if TYPE_CHECKING:
    from tavus_consent.gate.keyed_calls import OpenCall
    from tavus_consent.gate.once import Once

T = TypeVar("T")
logger: Final = logging.getLogger("tavus_consent")
Look = Callable[[CallTime], Awaitable[tuple[str | None, tuple[str, ...]]]]
"""Looks for what a call of unknown outcome made: what it surely is, and what it may be."""


async def make_once(
    context: AsyncContext,
    once: Once,
    operation: str,
    send: Callable[[], Awaitable[T]],
    read: Callable[[str], Awaitable[T]],
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
    keyed = (await context.registry()).keyed_calls
    context.need_ledger()
    earlier = await context.run(keyed.earlier, once)
    if earlier.open is not None:
        await _look_up(context, earlier.open, look)
        earlier = await context.run(keyed.earlier, once)
    if earlier.object_id is not None:
        return await read(earlier.object_id)
    difference = context.server_clock.difference
    record_id = await context.run(keyed.begin, once.at(earlier.number), operation, context.deadline, difference)
    try:
        made = await send()
    except errors.OutcomeUnknownError:
        await _settle(context, record_id, "unknown")
        raise
    except errors.TavusError:
        await _settle(context, record_id, "failed")
        raise
    except GeneratorExit:  # a coroutine that is thrown away cannot wait for anything
        raise
    except BaseException:  # canceled or interrupted: the request may have been sent
        await _settle(context, record_id, "unknown")
        raise
    await _settle(context, record_id, "made", id_of(made))
    return made


async def _look_up(context: AsyncContext, one: OpenCall, look: Look) -> None:
    """Find the outcome of an earlier call, and record it.

    Raises:
        OpenCreate: It is not known.
    """
    if one.is_live:
        raise one.refusal(one.settles_at)
    found, candidates = await look(one.time)
    if found is None and candidates:
        raise one.refusal(None, candidates)
    if found is None and context.clock.now() < one.settles_at:
        raise one.refusal(one.settles_at)
    await _settle(context, one.record_id, "failed" if found is None else "made", found)


async def _settle(context: AsyncContext, record_id: str, outcome: str, object_id: str | None = None) -> None:
    """Record the outcome. If the ledger fails, the call stays open, to be looked up."""
    keyed = (await context.registry()).keyed_calls
    difference = context.server_clock.difference if outcome == "unknown" else None
    try:
        await context.run_through(keyed.settle, record_id, outcome, object_id, difference)
    except errors.TavusError as error:
        logger.warning(
            "the outcome of the call with a key, record %s (%s), could not be written to the ledger (%s)",
            record_id,
            outcome,
            type(error).__name__,
        )
