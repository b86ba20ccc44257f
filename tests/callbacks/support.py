"""A client on a server of objects that a test changes, and its application for callbacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

from tavus_consent.callbacks import CallbackEvent

BASE = "https://app.example/tavus"


class Post:
    """Somebody who receives callbacks, and the server that they come from."""

    def __init__(
        self, make_client: Callable[..., Any], ledger: Any = None, *, clock: Any = ..., **options: Any
    ) -> None:
        #: what the server answers, by path: JSON, a status, or an error
        self.objects: dict[str, Any] = {}
        given = {} if clock is ... else {"clock": clock}
        self.client = make_client(self._answer, ledger=ledger, max_retries=0, **given)
        self.kind = self.client.kind
        self.clock = self.client.clock
        self.app = self.client(lambda t: t.callbacks.app(BASE, **options))
        self.events: list[CallbackEvent] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        found = self.objects.get(request.url.path, 404)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found) if isinstance(found, int) else httpx.Response(200, json=found)

    @property
    def asked(self) -> list[str]:
        """The paths of all requests that only read."""
        return [request.url.path for request in self.client.requests if request.method == "GET"]

    def __call__(self, use: Callable[[Any], Any]) -> Any:
        return self.client(use)

    def url(self, **options: Any) -> str:
        url: str = self.client(lambda _: self.app.url(**options))
        return url

    def replica(self, **options: Any) -> str:
        """Create the replica r1, and return the address of its callbacks."""
        url = self.url(**options)
        self.objects["/v2/replicas"] = {"replica_id": "r1", "status": "started"}
        self(
            lambda t: t.replicas.create_non_human(
                train_video_url="https://b.example/fox.mp4", attestation="A fox", attested_by="studio", callback_url=url
            )
        )
        return url

    def conversation(self, **options: Any) -> str:
        """Create the conversation c1, and return the address of its callbacks."""
        url = self.url(**options)
        self.objects["/v2/conversations"] = {"conversation_id": "c1", "status": "active"}
        self(lambda t: t.conversations.create(replica_id="r1", callback_url=url))
        return url

    def receive(self, url: str, body: Any, **options: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self(lambda t: t.callbacks.receive(path=url, body=raw, **options))

    def pending(self) -> Any:
        return self(lambda t: t.callbacks.pending())

    def note(self, *kinds: type[CallbackEvent]) -> None:
        """Handle events of these classes by keeping them."""
        self.app.on(*(kinds or (CallbackEvent,)))(self.events.append)

    def send(self, url: str, body: Any, *, wait: bool = True, **options: Any) -> int:
        """Send a callback to the mounted application, and wait until nothing is left to do, or deliver nothing."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        status: int = self(lambda _: post(self.app, url.removeprefix("https://app.example"), raw, wait=wait, **options))
        return status


async def post(
    app: Any,
    path: str,
    body: bytes,
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    pieces: int = 1,
    wait: bool = True,
    alone: bool = True,
) -> int:
    """Send one request to an ASGI application, and return the status of the answer."""
    size = -(-len(body) // pieces) or 1
    parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        messages.append(dict(message))

    given = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    await app({"type": "http", "method": method, "path": path, "headers": given}, receive, send)
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    while alone and (others := asyncio.all_tasks() - {asyncio.current_task()}):
        for task in others if not wait else ():
            task.cancel()  # it has not begun
        await asyncio.gather(*others, return_exceptions=not wait)
    return int(messages[0]["status"])
