"""The parts of receiving and delivering that sync and async code share. Pure, except for handlers."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve, frozen

from tavus_consent import errors
from tavus_consent._arguments import check_str
from tavus_consent._loop import in_thread

from . import events as e
from .addresses import GRACE, hash_token, token_of
from .believing import ASK_AGAIN, Asked, admits, subject_of
from .mailbox import EARLY, Address, Delivery, Mailbox
from .reading import parse_object, read_json

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
Handler = Callable[[Any], object]

LEASE: Final = timedelta(minutes=5)
"""How long others leave a claimed callback alone. After a crash, it is delivered again then."""
BACKOFF: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0)
"""Seconds after which a failed delivery is repeated. After the last one, it is a dead letter."""
BATCH: Final = 1
BATCH_ASYNC: Final = 64

logger: Final = logging.getLogger("tavus_consent")


@frozen(kw_only=True)
class Claim:
    """A callback that came to a known address.

    Attributes:
        address: The address.
        event: The event of the body.
        body: The body.
        is_face: True if the body uses the newer name, so that Tavus is asked for a face.
    """

    address: Address
    event: e.CallbackEvent
    body: bytes
    is_face: bool

    def delivery(self, now: datetime, *, early: bool = False) -> Delivery:
        """Return the callback to store."""
        return Delivery(
            address=self.address.token_sha256,
            queue=subject_of(self.event) or f"address:{self.address.token_sha256}",
            received_at=now,
            due_at=self.address.issued_at + GRACE if early else now,
            outcome=EARLY if early else None,
            body=self.body,
        )


def find_address(mailbox: Mailbox, path: str, now: datetime) -> Address:
    """Return the address of a path. A malformed, an unknown and an expired one take the same time.

    Raises:
        CallbackRefused: The address is unknown or has expired.
    """
    found = mailbox.address(hash_token(token_of(check_str(path, "path"))), now)
    if found is None:
        raise refused("came to an address that is unknown or expired")
    return found


def read_claim(address: Address, body: bytes) -> Claim:
    """Return the claim of a body.

    Raises:
        InvalidRequestError: The body is too large, or not a JSON object.
        CallbackRefused: It is about another object than the one that the address was issued for.
    """
    data = read_json(body)
    event = parse_object(data, "tool" if address.kind == "tool" else None)
    if not admits(address, event):
        raise refused("is about another object than the one of its address")
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
    is_face = "face_id" in data or "finetune_status" in data or (address.subject or "").startswith("face:")
    return Claim(address=address, event=event, body=raw, is_face=is_face)


def check_signature(body: bytes, signature: str | None, secret: str | None) -> None:
    """Refuse a body without the right signature, if there is a secret to check it with.

    Raises:
        CallbackRefused: The signature is missing or wrong.
    """
    if secret is None:
        return
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = (signature or "").strip().lower().removeprefix("sha256=")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise refused("has no valid signature")


def refused(problem: str) -> errors.CallbackRefused:
    """Return the refusal of a callback. It quotes neither the path nor the body."""
    return errors.CallbackRefused(f"The callback {problem}. Answer 404.", field="path", reason="unknown_address")


def again(delivery: Delivery, asked: Asked, now: datetime, *, is_known: bool) -> Delivery | None:
    """Return the callback to ask again about later, or ``None`` if it is to be delivered or dropped now.

    The same word reports a preview and the end of the tuning. So a repeated preview may be the second report.
    """
    second = is_known and isinstance(asked.event, e.ReplicaPreview)
    if not (asked.lags or second) or delivery.asked >= len(ASK_AGAIN):
        return None
    due = now + timedelta(seconds=ASK_AGAIN[delivery.asked])
    return evolve(delivery, asked=delivery.asked + 1, due_at=due, outcome="asked")


def failed(delivery: Delivery, error: BaseException, now: datetime) -> Delivery:
    """Return a callback whose delivery failed: to be repeated later, or a dead letter."""
    name, attempts = type(error).__name__, delivery.attempts + 1
    if attempts > len(BACKOFF):
        logger.error("callback %d is given up after %d attempts (%s)", delivery.id, attempts, name)
        return evolve(delivery, status="dead", attempts=attempts, outcome=name)
    due = now + timedelta(seconds=BACKOFF[attempts - 1])
    return evolve(delivery, attempts=attempts, due_at=due, outcome=name)


def call(handler: Handler, event: e.CallbackEvent, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Call a handler from a thread. A coroutine runs on the application's loop, or on one of its own."""
    import asyncio

    made = handler(event)
    if inspect.isawaitable(made):
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(_awaited(made), loop).result()
        else:
            asyncio.run(_awaited(made))


async def call_async(handler: Handler, event: e.CallbackEvent, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Call a handler from the event loop. A sync handler runs in a worker thread."""
    if inspect.iscoroutinefunction(handler):
        await handler(event)
        return
    made = await in_thread(lambda: handler(event))
    if inspect.isawaitable(made):
        await made


def each(do: Callable[[T], object], items: Iterable[T]) -> None:
    """Do something with each item, one after the other."""
    for item in items:
        do(item)


async def each_async(do: Callable[[T], Coroutine[Any, Any, object]], items: Iterable[T]) -> None:
    """Do something with all items at once."""
    import asyncio

    await asyncio.gather(*(do(item) for item in items))


async def _awaited(made: Awaitable[T]) -> T:
    return await made
