"""What goes into the fake and what comes out of it: plain values, so that no HTTP library is needed to test it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

_JSON: Final = MappingProxyType({"content-type": "application/json"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@frozen
class FakeRequest:
    """One HTTP request.

    Attributes:
        method: HTTP method, upper case.
        path: Path as it is on the wire, percent-encoded, without the query.
        query: Query as it is on the wire, without ``?``.
        headers: Header values by lower-case name. Not in the ``repr``: one of them is the key.
        body: The body. Not in the ``repr``: it can hold presigned links.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default=_NOTHING, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """The body, parsed.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body)


@frozen
class FakeResponse:
    """One HTTP answer, and what happens to it on its way.

    Attributes:
        status: HTTP status.
        headers: Header values by lower-case name; ``content-length`` is for whoever sends the answer.
        body: The whole body.
        delay: Seconds until the answer leaves.
        dropped: The connection breaks instead of an answer.
        keep: How many bytes of the body still arrive before the connection breaks, or ``None`` for all.
    """

    status: int
    headers: Mapping[str, str] = _NOTHING
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    dropped: bool = False
    keep: int | None = None

    @property
    def announced(self) -> int:
        """The ``content-length`` to send: more than what arrives, when the body is cut."""
        return len(self.body) if self.keep is None else max(len(self.body), self.keep + 1)

    def json(self) -> Any:
        """The body, parsed.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body)


def answer(status: int, value: Any) -> FakeResponse:
    """An answer with a JSON body."""
    return FakeResponse(status, _JSON, json.dumps(value, separators=(",", ":")).encode())
