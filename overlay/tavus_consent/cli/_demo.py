"""``tavus-consent demo``: the life of a replica on this machine, over real HTTP, with the code of each step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from tavus_consent import Replica, ReplicaCallback, Tavus, issue_callback, parse_callback, verify_callback
from tavus_consent.callbacks import CallbackEvent
from tavus_consent.callbacks._query import IssuedCallback
from tavus_consent.callbacks.reading import MAX_BODY
from tavus_consent.consent import LIMITS, SpokenConsent
from tavus_consent.testing import FakeTavus

from ._screen import Screen

# Seconds to wait for the callback after the training has ended.
_PATIENCE: Final = 10.0

# The steps. The demo shows their code without the "def" and "return" lines, and runs the same code.


def _consent() -> SpokenConsent:
    consent = SpokenConsent(
        full_name="Rio Alvarez",
        video_url="https://bucket.example/consent.mp4",
    )
    return consent  # noqa: RET504 - this line is not shown


def _address(listener_url: str) -> IssuedCallback:
    issued = issue_callback(listener_url)
    return issued  # noqa: RET504 - this line is not shown


def _create(tavus: Tavus, consent: SpokenConsent, issued: IssuedCallback) -> Replica:
    replica = tavus.replicas.create_personal(
        train_video_url="https://bucket.example/train.mp4",
        consent=consent,
        replica_name="Rio",
        callback_url=issued.url,
    )
    return replica  # noqa: RET504 - this line is not shown


def _wait(tavus: Tavus, replica: Replica, show: Callable[[Replica], None]) -> Replica:
    replica = tavus.replicas.wait(
        replica.replica_id,
        poll_interval=0.1,
        on_progress=show,
    )
    return replica  # noqa: RET504 - this line is not shown


def _receive(url: str, read_body: Callable[[], bytes], issued: IssuedCallback) -> CallbackEvent:
    if not verify_callback(url, issued.token_sha256):
        raise PermissionError("a stranger called")
    callback = parse_callback(read_body())
    return callback  # noqa: RET504 - this line is not shown


def _confirm(tavus: Tavus, callback: ReplicaCallback) -> Replica:
    replica = tavus.replicas.get(callback.replica_id)
    return replica  # noqa: RET504 - this line is not shown


def run_demo(screen: Screen, seconds: float) -> None:
    """Show the life of a replica while it happens.

    Args:
        screen: The screen to write to.
        seconds: Duration of the training in real time.
    """
    fake = FakeTavus()
    hours = fake.training_time.total_seconds() / 3600
    speed = hours * 3600 / seconds
    with fake.serve(speed=speed) as url, Tavus(fake.api_key, base_url=url) as tavus, listening() as callbacks:
        screen.say(
            f"A fake Tavus is running at {url}; its clock runs {speed:,.0f} times as fast as yours. "
            "Nothing leaves this machine."
        )
        _step(screen, 1, "The person who consents, and the statement that they read aloud on video", _consent)
        consent = _consent()
        _show(screen, Text(consent.statement, style="green"))
        _show(screen, Text(LIMITS, style="dim"))
        _step(screen, 2, "An address for Tavus's callback, with a secret in it", _address)
        callbacks.issued = _address(callbacks.url)
        _step(screen, 3, "The SDK checks everything first; then it sends one request, and never retries it", _create)
        replica = _create(tavus, consent, callbacks.issued)
        _show(screen, screen.replica_card(replica))
        _step(screen, 4, f"Training takes {hours:g} hours, here {seconds:g} seconds", _wait)
        with screen.progress() as show:
            _wait(tavus, replica, show)
        _step(screen, 5, "The callback: without the secret it is not read", _receive)
        callback = callbacks.received.get(timeout=_PATIENCE)
        _show(screen, screen.cell(repr(callback)))
        _step(screen, 6, "A callback is only a hint; ask Tavus to confirm it", _confirm)
        assert isinstance(callback, ReplicaCallback)  # noqa: S101 - the create was for a replica
        _show(screen, screen.replica_card(_confirm(tavus, callback)))
        screen.say("", "Next: tavus-consent mock, to try your own code against this fake.")


def _step(screen: Screen, number: int, title: str, step: Callable[..., Any]) -> None:
    lines = inspect.getsource(step).splitlines()[1:-1]
    code = Syntax("", "python", theme="ansi_dark").highlight("\n".join(lines))
    code.rstrip()
    screen.say("", Text(f"{number}. {title}", style="bold"), "", code)


def _show(screen: Screen, thing: RenderableType) -> None:
    screen.say("", Padding(thing, (0, 0, 0, 4), expand=False))


class Callbacks:
    """A listener for callbacks.

    Attributes:
        url: The address it listens on.
        issued: The address with its secret; until it is set, every callback is refused.
        received: The callbacks that were accepted.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.issued = IssuedCallback(url, "")
        self.received: SimpleQueue[CallbackEvent] = SimpleQueue()


@contextmanager
def listening() -> Iterator[Callbacks]:
    """Listen for callbacks on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = 204
            try:
                callbacks.received.put(_receive(self.path, self._read, callbacks.issued))
            except PermissionError:
                status = 403
            except ValueError:
                status = 400
            self.send_response(status)
            self.end_headers()

        def _read(self) -> bytes:
            return self.rfile.read(min(int(self.headers.get("content-length", "0")), MAX_BODY + 1))

        def log_message(self, *_: object) -> None:
            """Write no log, because it would contain the secret of the address."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        callbacks = Callbacks(f"http://127.0.0.1:{server.server_port}/tavus")
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield callbacks
        finally:
            server.shutdown()
            thread.join()
