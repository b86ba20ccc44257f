"""What all results have in common: made of JSON, turned back into JSON, shown without secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, Self

from attrs import field, frozen

Reader = Callable[[Any], Any]


class Unreadable(ValueError):
    """A value is not of the form that the specification gives; it is kept as it came."""


@frozen(kw_only=True, repr=False)
class Result:
    """What an operation gives.

    Attributes:
        extra: Every member that this version does not know, and those that it could not read.
    """

    _members: ClassVar[Mapping[str, tuple[str, Reader]]] = {}

    extra: Mapping[str, Any] = field(factory=dict, hash=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Make one of a JSON object. A null counts as an absent member."""
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in data.items():
            member = cls._members.get(name)
            if member is None:
                extra[name] = value
            elif value is not None:
                try:
                    known[member[0]] = member[1](value)
                except Unreadable:
                    extra[name] = value
        return cls(**known, extra=extra)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data: dates in ISO 8601, absent members left out, unknown members included."""
        known = {name: getattr(self, attribute) for name, (attribute, _) in self._members.items()}
        return {**self.extra, **{name: _data(value) for name, value in known.items() if value is not None}}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={text}' for name, text in self.__rich_repr__())})"

    def __rich_repr__(self) -> Iterator[tuple[str, _Text]]:
        # Rich would read the attributes past __repr__.
        for attribute, _ in self._members.values():
            value = getattr(self, attribute)
            if value is not None:
                yield attribute, _Text(_shown(attribute, value))


class _Text(str):
    """A text that is shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def plain(value: Any) -> Any:
    """Read a value that stays as it is."""
    return value


def date(value: Any) -> datetime:
    """Read a date in any format that the API uses; without a zone it is UTC.

    ``2024-01-24T07:14:03.327Z``, ``2024-08-28 15:27:40.824457`` and ``Mon, 14 Jul 2025 09:14:24 GMT``.
    """
    try:
        read = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        try:
            read = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError, AttributeError):
            raise Unreadable from None
    try:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable from None


def one(cls: Callable[[], type[Result]]) -> Reader:
    """Read an object of a class, which may be defined later."""

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unreadable
        return cls().from_json(value)

    return read


def many(item: Reader) -> Reader:
    """Read a list."""

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise Unreadable
        return tuple(item(one) if one is not None else None for one in value)

    return read


def each(item: Reader) -> Reader:
    """Read an object whose members all are of one kind."""

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unreadable
        return {name: item(one) if one is not None else None for name, one in value.items()}

    return read


def _data(value: Any) -> Any:
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _data(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_data(item) for item in value]
    return value


# Presigned links, callback addresses and keys let whoever reads them act.
# Servers quote what they were sent: "://" may also be written as in JSON, HTML or a URL.
_LINK: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}"
    r"(?::|\\+u003a|%(?:25)*3a|&#(?:x3a|58);)(?:\\*/|\\+u002f|%(?:25)*2f|&#(?:x2f|47);){2}"
    r"""[^\s"<>]+""",
    re.IGNORECASE,
)
# Words are shorter. Keys and tokens look like this, and so do ids, which are shown where they belong.
_KEY: Final = re.compile(r"[A-Za-z0-9]{20,}")
_IS_ID: Final = re.compile(r"(?:^|_)(?:id|ids|uuid)$")
_SECRET: Final = re.compile(r"password|secret|token|api[_-]?key|credential|authorization", re.IGNORECASE)


def _shown(name: str, value: Any) -> str:
    if _SECRET.search(name) and not isinstance(value, (bool, int, float)):
        return "'[redacted]'"
    if isinstance(value, Mapping):
        members = (f"{_shown('', key)}: {_shown(str(key), item)}" for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(_shown(name, item) for item in value)})"
    if not isinstance(value, str):
        return repr(value)
    # Before the quotes are put around it: a link ends where its text does.
    text = _LINK.sub("[link]", value)
    return repr(text if _IS_ID.search(name) else _KEY.sub("[redacted]", text))
