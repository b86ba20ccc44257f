"""Validation of the arguments that decide how requests are sent, when a client is made. Pure."""

from __future__ import annotations

import httpx

from tavus_consent import errors
from tavus_consent._arguments import check_type


def check_ways(proxy: object, transport: object, http_client: object, verify: object, *, is_async: bool) -> None:
    """Refuse arguments that contradict each other, or that this client cannot use.

    Raises:
        ConfigurationError: More than one of them is given, or one is of another library or for the other client.
    """
    if sum(way is not None for way in (proxy, transport, http_client)) > 1:
        raise errors.ConfigurationError("give one of proxy=, transport= and http_client=")
    if verify is not None and (transport is not None or http_client is not None):
        raise errors.ConfigurationError(
            "give verify= to your own client or transport: with transport= or http_client=, it makes the connections"
        )
    if proxy is not None:
        takes = "a URL or an httpx.Proxy"
        check_type(proxy, "proxy", (str, httpx.URL, httpx.Proxy), takes, kind=errors.ConfigurationError)
    if http_client is not None:
        _check_client(http_client, is_async)
    if transport is not None:
        _check_transport(transport, is_async)


def _check_client(given: object, is_async: bool) -> None:
    wanted, other = (httpx.AsyncClient, httpx.Client) if is_async else (httpx.Client, httpx.AsyncClient)
    owner, twin = _owner_and_twin(is_async)
    if isinstance(given, other):
        raise errors.ConfigurationError(
            f"http_client=: {owner} takes an httpx.{wanted.__name__}. With an httpx.{other.__name__}, use {twin}"
        )
    if not isinstance(given, wanted) or type(given).__module__.startswith("tavus_consent."):
        raise errors.ConfigurationError(
            f"http_client= takes an httpx.{wanted.__name__} of your own, not {_name(given)}. Give your proxies, "
            f"certificates and headers to an httpx.{wanted.__name__}, or leave http_client= out"
        )
    if given.is_closed:
        raise errors.ConfigurationError(f"http_client= is closed. Make a new httpx.{wanted.__name__}")


def _check_transport(given: object, is_async: bool) -> None:
    wanted, other = ("handle_request", "handle_async_request")[:: -1 if is_async else 1]
    # Check the methods and not the class, because a test's replacement for a transport often has no base class.
    if isinstance(given, type) or not callable(getattr(given, wanted, None)):
        owner, twin = _owner_and_twin(is_async)
        base = "httpx.AsyncBaseTransport" if is_async else "httpx.BaseTransport"
        is_other = not isinstance(given, type) and callable(getattr(given, other, None))
        remedy = f". With this one, use {twin}" if is_other else ""
        raise errors.ConfigurationError(f"transport=: {owner} takes an {base}, not {_name(given)}{remedy}")


def _owner_and_twin(is_async: bool) -> tuple[str, str]:
    return ("AsyncTavus", "Tavus") if is_async else ("Tavus", "AsyncTavus")


def _name(given: object) -> str:
    """Return the name of an object's class with its library, such as ``requests.Session``. Mark classes as such."""
    kind = given if isinstance(given, type) else type(given)
    name = f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}".removeprefix("builtins.")
    return f"the class {name}" if isinstance(given, type) else name
