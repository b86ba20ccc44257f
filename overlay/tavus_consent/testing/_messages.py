"""What goes into the fake and what comes out of it: plain values, so that no HTTP library is needed to test it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

_JSON: Final = MappingProxyType({"content-type": "application/json"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MAX_DEPTH: Final = 100


def read_json(text: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Parse JSON from a stranger.

    Raises:
        ValueError: It is not JSON, or nested so deeply that other code would fail on it.
    """
    try:
        value = json.loads(text, parse_constant=parse_constant)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if is_too_deep(value):
        raise ValueError("the JSON is nested too deeply")
    return value


def is_too_deep(value: Any) -> bool:
    """Return whether a JSON value has more than 100 levels of arrays and objects."""
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [one for one in level if isinstance(one, (dict, list))]
        if not level:
            return False
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return True


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
            ValueError: The body is not JSON, or nested too deeply.
        """
        return read_json(self.body)


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
