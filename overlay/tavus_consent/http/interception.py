"""Support for test tools and tracers, so that they see every attempt even though it bypasses ``httpx.Client.send``.

pytest-httpx, VCR and OpenTelemetry replace ``handle_request`` of httpx's transports. The SDK's transports inherit it,
so these tools work as they are. Sentry and others replace ``send`` of httpx's clients. An attempt goes through ``send``
if a tool replaced it. Otherwise it goes straight to its transport, because ``send`` costs time and adds nothing.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import FunctionType
from typing import Any, Final

import httpx

from .given import AsyncClientAsTransport, ClientAsTransport

_TRANSPORT: Final = "tavus_consent.transport"


def is_original(cls: type, name: str) -> bool:
    """Return whether a method is the library's own, and false if that is uncertain."""
    found = getattr(cls, name, None)
    if type(found) is not FunctionType:
        return False
    return str(found.__globals__.get("__name__")).partition(".")[0] == cls.__module__.partition(".")[0]


def _is_watched(client: type[httpx.Client | httpx.AsyncClient]) -> bool:
    return not (is_original(client, "send") and is_original(client, "_transport_for_url"))


def _is_traced(transport: type, name: str) -> bool:
    """Return whether a tracer wrapped a method. Its wrapper is an object, whereas a mock is a function."""
    found = getattr(transport, name)
    return type(found) is not FunctionType and hasattr(found, "__wrapped__")


class QuietURL(httpx.URL):
    """A URL whose text omits the query. Tracers record the text, and a query may name a person."""

    def __str__(self) -> str:
        return super().__str__().partition("?")[0]


def exchange(client: httpx.Client, transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """Send a request through a transport, so that tools that watch the client see it."""
    watched = _is_watched(httpx.Client)
    if watched or _is_traced(httpx.HTTPTransport, "handle_request"):
        request.url = QuietURL(request.url)
    if not watched or isinstance(transport, ClientAsTransport):  # the tools watch ``send`` of the caller's client, too
        return transport.handle_request(request)
    request.extensions[_TRANSPORT] = transport
    return httpx.Client.send(client, request, stream=True)


async def exchange_async(
    client: httpx.AsyncClient, transport: httpx.AsyncBaseTransport, request: httpx.Request
) -> httpx.Response:
    """Send a request through an async transport, so that tools that watch the client see it."""
    watched = _is_watched(httpx.AsyncClient)
    if watched or _is_traced(httpx.AsyncHTTPTransport, "handle_async_request"):
        request.url = QuietURL(request.url)
    if not watched or isinstance(transport, AsyncClientAsTransport):
        return await transport.handle_async_request(request)
    request.extensions[_TRANSPORT] = transport
    return await httpx.AsyncClient.send(client, request, stream=True)


class Borrowed(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The transport of a watched client. It delegates to the transport of the attempt and restores the full URL."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the transport of the attempt."""
        if not _is_traced(httpx.HTTPTransport, "handle_request"):
            request.url = httpx.URL(request.url)
        transport: httpx.BaseTransport = request.extensions[_TRANSPORT]
        return transport.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the async transport of the attempt."""
        if not _is_traced(httpx.AsyncHTTPTransport, "handle_async_request"):
            request.url = httpx.URL(request.url)
        transport: httpx.AsyncBaseTransport = request.extensions[_TRANSPORT]
        return await transport.handle_async_request(request)


class Plain:
    """A mixin for httpx clients that disables redirects."""

    def _build_redirect_request(self, request: httpx.Request, _: httpx.Response) -> httpx.Request:
        return request  # httpx would parse the target of the redirect, and lose the answer if the target is invalid


def plain() -> dict[str, Any]:
    """Return the options of an httpx client without cookies and environment settings."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return {"transport": Borrowed(), "cookies": no_cookies, "trust_env": False}
