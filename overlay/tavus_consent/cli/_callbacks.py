"""``tavus-consent callbacks``: the callbacks that are stored in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from tavus_consent import ConfigurationError

from ._flags import ACCOUNT, KEPT, LENGTH, OUTPUT, SURE, SWITCH, Account, Kept, Output, Sure, clock

if TYPE_CHECKING:
    from tavus_consent.callbacks import CallbackQueue, Delivery

callbacks = App(
    name="callbacks",
    help="List, retry and delete the callbacks that are stored in the ledger. Only listen needs an account.",
    help_epilogue="",
)
Number = Annotated[int, Parameter(help="Number of the callback.")]


@callbacks.command(name="list")
def list_(
    *,
    status: Literal["waiting", "delivered", "dead"] | None = None,
    limit: int = 100,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """List stored callbacks, the oldest first.

    For example:

        tavus-consent callbacks list --status dead

    Args:
        status: Only callbacks that wait, were delivered, or are dead letters.
        limit: At most this many.
    """
    with _queue(kept) as queue:
        found = queue.list(status, limit=limit)
    screen = flags.screen
    screen.result(
        [_plain(one) for one in found],
        *(screen.clean(f"{one.id}: {one.status}, {one.queue}, {one.outcome or 'not tried yet'}") for one in found),
    )
    if not found:
        screen.note("There are no such callbacks.")


@callbacks.command
def show(number: Number, /, *, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Show one callback and what its body claims, without links, names and texts.

    For example:

        tavus-consent callbacks show 7
    """
    with _queue(kept) as queue:
        one, event = queue.get(number), queue.event(number)
    screen = flags.screen
    claim = None if event is None else repr(event)
    screen.result(
        {**_plain(one), "claim": claim},
        screen.card(
            ("Callback", str(one.id)),
            ("Status", one.status),
            ("About", one.queue),
            ("Received", f"{one.received_at:%Y-%m-%d %H:%M} UTC"),
            ("Due", f"{one.due_at:%Y-%m-%d %H:%M} UTC" if one.status == "waiting" else None),
            ("Failed", f"{one.attempts} times" if one.attempts else None),
            ("Outcome", one.outcome),
            ("Claims", claim),
        ),
    )


@callbacks.command
def retry(number: Number, /, *, kept: Kept = KEPT, flags: Output = OUTPUT) -> None:
    """Make a dead letter, or a callback that waits, due now. The application delivers it.

    For example:

        tavus-consent callbacks retry 7
    """
    with _queue(kept) as queue:
        one = queue.retry(number)
    flags.screen.result(_plain(one), f"Callback {one.id} is due now.")


@callbacks.command
def purge(
    *,
    older_than: Annotated[timedelta, LENGTH] = timedelta(days=30),
    dead: Annotated[bool, SWITCH] = False,
    sure: Sure = SURE,
    kept: Kept = KEPT,
    flags: Output = OUTPUT,
) -> None:
    """Delete delivered callbacks, and addresses that have expired. Cannot be undone, so this asks first.

    For example:

        tavus-consent callbacks purge --older-than 30d --yes

    Args:
        older_than: Delete what was received, or has expired, longer ago than this.
        dead: Also delete dead letters.
    """
    sure.check(flags.screen, "This deletes stored callbacks.")
    with _queue(kept) as queue:
        count = queue.purge(older_than=older_than, dead=dead)
    flags.screen.result({"deleted": count}, f"{count} callbacks were deleted.")


@callbacks.command
def listen(
    *,
    port: int = 8080,
    times: Annotated[int | None, Parameter(metavar="NUMBER")] = None,
    flags: Account = ACCOUNT,
) -> None:
    """Receive callbacks on this machine, and print their events, until Ctrl-C.

    Tavus cannot call this machine. Use it with the fake: run "tavus-consent mock" elsewhere, set TAVUS_BASE_URL to its
    address, and pass the printed address as callback_url. For example:

        tavus-consent callbacks listen --port 9000

    Args:
        port: The port on 127.0.0.1.
        times: End after this many requests.
    """
    from wsgiref import simple_server

    from tavus_consent.callbacks import CallbackEvent

    class Silent(simple_server.WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the path is a secret."""

    with flags.open(ledger=None) as (tavus, screen):
        app = tavus.callbacks.app(f"http://127.0.0.1:{port}")

        @app.on(CallbackEvent)
        def show_event(event: CallbackEvent) -> None:
            screen.data(screen.clean(json.dumps({"event": type(event).__name__}) if flags.json else repr(event)))

        try:
            server = simple_server.make_server("127.0.0.1", port, app.wsgi, handler_class=Silent)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on port {port}: {error.strerror}") from None
        with server:
            screen.data(app.url(kind="any"))  # it is of use on this machine only
            left = times
            while left is None or left > 0:
                server.handle_request()
                left = None if left is None else left - 1


@contextmanager
def _queue(kept: Kept) -> Iterator[CallbackQueue]:
    from tavus_consent.callbacks import CallbackQueue

    with kept.open() as (_, ledger):
        yield CallbackQueue(ledger, clock=clock())


def _plain(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": one.status,
        "about": one.queue,
        "received_at": one.received_at.isoformat(),
        "due_at": one.due_at.isoformat(),
        "attempts": one.attempts,
        "outcome": one.outcome,
    }
