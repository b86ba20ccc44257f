"""Faults between a client and a service, for the fake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from attrs import evolve, field, frozen
from attrs.validators import instance_of, optional

from tavus_consent import ConfigurationError

from ._messages import FakeResponse

_MAX_DELAY: Final = 86_400.0
_INJECTED: Final = "a fault that the test injected"
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@frozen(kw_only=True)
class Fault:
    """A fault of one request. Its options can be combined.

    ::

        Fault(status=503)                                   # the work is not done, the answer is an error
        Fault(status=502, body="<h1>Bad Gateway</h1>", after_work=True)  # the work is done, the answer is an error
        Fault(status=429, retry_after=2)                    # a rate limit
        Fault(delay=60)                                     # the work is done, the answer comes late
        Fault(drop=True), Fault(drop=True, after_work=True) # the connection breaks before, or after, the work
        Fault(truncate=10)                                  # the work is done, only 10 bytes of the body arrive

    Attributes:
        status: Answer with this status, 200-599, instead of the real one.
        body: With ``status``: text (sent as HTML), bytes, or any JSON value. The default is ``{"message": ...}`` with
            the name of the status.
        headers: With ``status``: more headers. Control characters are refused.
        retry_after: With ``status``: seconds, or an HTTP date, for the header ``Retry-After``.
        delay: Seconds until the answer is sent, at most 86,400. In process they pass on the fake's clock, over HTTP in
            real time.
        drop: Break the connection instead of answering.
        truncate: Break the connection after this number of body bytes.
        after_work: With ``status`` or ``drop``: carry out the request first.

    Raises:
        ConfigurationError: No option is given, or a value is out of range or cannot be sent.
        TypeError: ``status`` or ``truncate`` is not an integer.
    """

    status: int | None = field(default=None, validator=optional(instance_of(int)))
    body: Any = None
    headers: Mapping[str, str] = field(factory=dict)
    retry_after: float | str | None = None
    delay: float = 0
    drop: bool = False
    truncate: int | None = field(default=None, validator=optional(instance_of(int)))
    after_work: bool = False

    def __attrs_post_init__(self) -> None:
        if self.status is None and not self.delay and not self.drop and self.truncate is None:
            raise ConfigurationError("a Fault needs one of: status, delay, drop, truncate")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ConfigurationError(f"status must be from 200 to 599, not {self.status}")
        if not 0 <= self.delay <= _MAX_DELAY:
            raise ConfigurationError(f"delay must be from 0 to {_MAX_DELAY:.0f} seconds, not {self.delay}")
        if self.truncate is not None and self.truncate < 0:
            raise ConfigurationError(f"truncate must be 0 bytes or more, not {self.truncate}")
        if not isinstance(self.headers, Mapping):
            raise ConfigurationError("headers must be a mapping of names to values")
        for name, value in {**self.headers, "retry-after": self.retry_after}.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name) or not _VALUE.fullmatch(str(value)):
                raise ConfigurationError(f"the header {name!r} has characters that are not allowed in headers")
        try:
            self._content()
        except (TypeError, ValueError, RecursionError):
            raise ConfigurationError("body must be text, bytes, or a JSON value") from None

    def apply(self, work: Callable[[], FakeResponse]) -> FakeResponse:
        """Answer a request that ``work`` would carry out."""
        if self.drop or self.status is not None:
            if self.after_work:
                work()
            response = self._replacement()
        else:
            response = work()
        return evolve(response, delay=self.delay, keep=self.truncate)

    def _replacement(self) -> FakeResponse:
        if self.drop or self.status is None:
            return FakeResponse(0, dropped=True, reason=_INJECTED)
        kind, body = self._content()
        headers = {"content-type": kind}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        headers.update((name.lower(), str(value)) for name, value in self.headers.items())
        return FakeResponse(self.status, headers, body, reason=_INJECTED)

    def _content(self) -> tuple[str, bytes]:
        """Return content type and body of the answer that replaces the real one."""
        body = self.body
        if body is None and self.status in (204, 304):
            body = b""
        elif body is None:
            known = self.status in HTTPStatus.__members__.values()
            body = {"message": HTTPStatus(self.status).phrase if self.status and known else "Unknown error"}
        if isinstance(body, bytes):
            return "application/octet-stream", body
        if isinstance(body, str):
            return "text/html; charset=utf-8", body.encode()
        return "application/json", json.dumps(body).encode()
