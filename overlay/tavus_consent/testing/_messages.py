"""The requests and answers of the fake: plain values, so that its tests need no HTTP library."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

_JSON: Final = MappingProxyType({"content-type": "application/json"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MAX_DEPTH: Final = 100
_MAX_REASON: Final = 500


def read_json(text: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Parse untrusted JSON.

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
    """Return True if a JSON value has more than 100 levels of arrays and objects."""
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [one for one in level if isinstance(one, (dict, list))]
        if not level:
            return False
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return True


def in_header(text: str) -> str:
    """Return a text so that a header can hold it."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text[:_MAX_REASON])


@frozen
class FakeRequest:
    """One HTTP request.

    Attributes:
        method: HTTP method, upper case.
        path: Path as sent, percent-encoded, without the query.
        query: Query as sent, without ``?``.
        headers: Header values by lower-case name. Not in the ``repr``, because one of them is the key.
        body: The body. Not in the ``repr``, because it can contain presigned links.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default=_NOTHING, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """Return the parsed body.

        Raises:
            ValueError: The body is not JSON, or nested too deeply.
        """
        return read_json(self.body)


@frozen
class FakeResponse:
    """One HTTP answer, and its faults in transit.

    Attributes:
        status: HTTP status.
        headers: Header values by lower-case name; the sender adds ``content-length``.
        body: The whole body.
        delay: Seconds until the answer is sent.
        dropped: The connection breaks instead of an answer.
        keep: The number of body bytes that arrive before the connection breaks, or ``None`` for all.
        reason: Why the fake refused the request; also in the header ``x-fake-reason``. ``None`` if it did not.
        warnings: What the fake accepted although the specification does not have it.
    """

    status: int
    headers: Mapping[str, str] = _NOTHING
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    dropped: bool = False
    keep: int | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def announced(self) -> int:
        """The ``content-length`` to send. For a truncated body it exceeds the bytes that arrive."""
        return len(self.body) if self.keep is None else max(len(self.body), self.keep + 1)

    def json(self) -> Any:
        """Return the parsed body.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body)


def answer(status: int, value: Any) -> FakeResponse:
    """Return an answer with a JSON body."""
    return FakeResponse(status, _JSON, json.dumps(value, separators=(",", ":")).encode())
