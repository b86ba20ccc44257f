"""Conversion of the arguments of a call to a checked request, with the client's headers and base URL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import httpx
from attrs import define, field

from tavus_api.errors import InvalidArgument
from tavus_consent import errors
from tavus_consent._arguments import check_id, check_query, check_text, refusal
from tavus_consent._redaction import redact_text

from .answers import Call
from .headers import header_problem
from .lifeline import Lifeline

if TYPE_CHECKING:
    from .settings import Settings


@define(eq=False)
class Prepared:
    """A request, and the facts about it that :mod:`.retry` needs."""

    request: httpx.Request = field(repr=False)
    call: Call
    use: str | None = field(default=None, repr=False)


class Preparer:
    """A converter of the arguments of ``request`` to a :class:`Prepared`."""

    def __init__(self, settings: Settings, lifeline: Lifeline) -> None:
        self.settings = settings
        self.lifeline = lifeline
        host = httpx.URL(settings.base_url).netloc
        self._headers = [(b"host", host), *settings.headers]
        self._places: dict[str, tuple[httpx.URL, str]] = {}

    def place(self, target: str, params: Any) -> tuple[httpx.URL, str]:
        """Return the URL for a path and query, and the path with secrets redacted."""
        found = None if params else self._places.get(target)
        if found is not None:
            return found
        url: httpx.URL | None = None
        with suppress(httpx.InvalidURL):
            url = httpx.URL(self.settings.base_url + target, **({"params": params} if params else {}))
        if url is None:  # not raised above, because the suppressed error may contain part of the path
            raise errors.InvalidRequestError("no URL can be made of this path", field="url")
        place = url, redact_text(url.path, self.settings.secrets)
        if not params and len(self._places) < 64:
            self._places[target] = place
        return place

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse a request with an argument that its operation does not take."""
        from tavus_api.types import refused

        extensions = request["extensions"]
        checks = extensions["operation"].checks
        for name, value in extensions.get("path", {}).items():
            check_id(str(value) if checks.get(name) == "whole" and type(value) is int else value, name)
        for place in ("params", "json", "form"):
            given = request.get(place)
            found = refused(checks, given) if isinstance(given, Mapping) else None
            if found is not None:
                raise refusal(*found, request[place][found[0]])
        check_query(request.get("params", {}))

    def prepare(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        json: Any = None,
        params: Any = None,
        headers: Any = None,
        content: Any = None,
        extensions: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> Prepared:
        """Build the request and its call, with the retry rule of the specification.

        Raises:
            ClientClosedError: The client was closed, or the process was forked.
            InvalidRequestError: The body or a header cannot be sent, or the URL leads to another host.
        """
        self.lifeline.check()
        target = str(url)
        if not target.startswith("/"):
            raise errors.InvalidRequestError(
                "give a path that begins with '/': this client sends its API key to its base URL only", field="url"
            )
        method = method.upper()
        if others:
            others = {name: value for name, value in others.items() if value is not None}
            for name in ("timeout", "auth", "follow_redirects", "cookies"):
                if not isinstance(others.pop(name, httpx.USE_CLIENT_DEFAULT), type(httpx.USE_CLIENT_DEFAULT)):
                    raise errors.InvalidRequestError(f"use tavus.with_options() instead of {name}=", field=name)
        known = extensions if isinstance(extensions, Mapping) else {}
        operation = known.get("operation")
        if extensions and operation is None:
            raise errors.InvalidRequestError("use tavus.with_options() instead of extensions=", field="extensions")
        full, shown = self.place(target, check_query(params) if isinstance(params, Mapping) else params)
        merged = self._headers.copy()
        if json is not None:
            content = _encode_json(json)
        problem: str | None = None
        request: httpx.Request | None = None
        try:
            own = (b"host", b"x-api-key")
            given = [pair for pair in httpx.Headers(headers).raw if pair[0].lower() not in own] if headers else []
            problem = next(filter(None, (header_problem(*pair) for pair in given)), None)
            if given:  # the headers of a call replace those of the client, such as "accept"
                said = {name.lower() for name, _ in given}
                merged = [pair for pair in merged if pair[0].lower() not in said] + given
            if json is not None:  # httpx would determine the length and read the body again
                if not any(pair[0].lower() == b"content-type" for pair in given):
                    merged.append((b"content-type", b"application/json"))
                merged.append((b"content-length", b"%d" % len(content)))
                others["stream"] = httpx.ByteStream(content)
                content = None
            request = httpx.Request(method, full, headers=merged, content=content, **others)
        except InvalidArgument as unusable:
            reason = str(getattr(unusable, "reason", "type"))
            raise errors.InvalidRequestError(str(unusable), field=unusable.field, reason=reason) from None
        except (TypeError, ValueError):
            pass  # not raised here, because the error may contain the header or the content
        if problem is not None:
            raise errors.InvalidRequestError(problem, field="headers")
        if request is None:
            raise errors.InvalidRequestError("a header, the content or another argument cannot be sent over HTTP")
        retry = operation.retry if operation else "safe" if method in ("GET", "HEAD", "OPTIONS") else "if-not-sent"
        call = Call(
            method,
            shown,
            "safe" if retry == "safe" else "if-not-sent",
            operation,
            self.settings.timeout,
            self.settings.max_retries,
            self.settings.secrets,
            json,
            known.get("path", {}),
        )
        request.extensions = dict(known)
        use = known.get("use")
        if use is not None:
            check_text(use, "use")
        return Prepared(request, call, use)


_encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _encode_json(value: Any) -> bytes:
    try:
        return _encoded(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = type(error).__name__
    # Not raised above, because the caught error may contain the body.
    raise errors.InvalidRequestError(f"the request body cannot be written as JSON: {problem}")
