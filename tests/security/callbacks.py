"""Callbacks with secrets in their addresses and bodies: received, stored, refused, handled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import tavus_consent as tc
from tavus_consent.testing import FakeClock

from .hostile import Reply

if TYPE_CHECKING:
    from .driving import Drive


def drive_callbacks(drive: Drive, tavus: Any, clock: FakeClock) -> None:
    """Every method, with a callback for every result."""
    c = drive.c
    said = {"replica_id": "r1", "status": "ready", "error_message": f"Cannot load {c.train_url}", "x": c.key}
    body = json.dumps(said).encode()
    drive.use("Tavus.callbacks", lambda: tavus.callbacks)
    app = drive.run("callbacks.app", tavus, lambda t: t.callbacks.app("https://app.example/hooks"), "made")
    drive.use("callbacks.app", lambda: tavus.callbacks.app(c.issued_url), "refused")
    drive.server.reply = Reply("good", body=drive.good("completed"))
    early = drive.run("url", tavus, lambda t: app.url(job="42"), "issued", meant=True)  # that is its use

    def receive(url: str, given: bytes, situation: str, **more: Any) -> Any:
        def call(t: Any) -> Any:
            return t.callbacks.receive(path=url, body=given, **more)

        return drive.run("callbacks.receive", tavus, call, situation)

    receive(early, body, "early")
    receive(c.issued_url, body, "unknown")
    receive(early, b"[" + body, "no JSON")
    receive(early, body, "signed", secret=c.key, signature=c.issued_token)
    clock.advance(minutes=2)
    drive.run("callbacks.pending", tavus, lambda t: t.callbacks.pending(), "due")
    receive(early, body, "repeated")
    for given in ({"conversation_id": "x1", "event_type": "system.shutdown", "properties": said}, {"x": said}):
        url = drive.run("url", tavus, lambda t: app.url(), "issued", meant=True)
        clock.advance(minutes=2)
        receive(url, json.dumps(given).encode(), "another kind")
    url = drive.run("url", tavus, lambda t: app.url(), "issued", meant=True)
    receive(url, body, "early, and not delivered")
    drive.server.reply = Reply("refused", status=500, body=c.everything.encode())
    clock.advance(minutes=2)
    drive.run("callbacks.pending", tavus, lambda t: t.callbacks.pending(), "failing")
    drive.use("CallbackRefused", lambda: tc.CallbackRefused)
