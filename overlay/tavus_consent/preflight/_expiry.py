"""Read the start and the end of a link's validity from the link itself. Pure. ``_expiry_rules`` has the forms."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from ._expiry_rules import ExpiryForm

Span = tuple[datetime | None, datetime]
"""The start and the end of the validity of a link; the start is ``None`` if the link does not give one."""

_JWT: Final = re.compile(r"ey[\w-]{4,}\.(ey[\w-]{2,})\.[\w-]*", re.ASCII)
# Akamai's form of a token, which other services adopted: exp=1796126400~acl=/*~hmac=...
_FIELDS: Final = re.compile(r"(?:^|[~,:])(st|exp|expires)=([0-9]{9,11})(?=[~,:]|$)", re.IGNORECASE | re.ASCII)
_FAR: Final = datetime.max.replace(tzinfo=UTC)


class Validity(NamedTuple):
    """The validity that a link states.

    Attributes:
        scheme: The name of the signing scheme, for people.
        starts: The start, or ``None`` if the link does not give one.
        ends: The end, or ``None`` if it cannot be parsed.
    """

    scheme: str
    starts: datetime | None
    ends: datetime | None


def read_validity(host: str, path: str, query: Mapping[str, str]) -> Validity | None:
    """Read the validity of a link. If the link has several ends, the earliest counts.

    Returns:
        The validity, or ``None`` if the link does not state it.
    """
    given = {**_in_path(path), **query} if "=" in path else query
    found = [*_of_clocks(host, given), *_of_tokens(path, given)] if given or "/ey" in path else []
    found += _of_hosts(host, path)
    return min(found, key=lambda one: one.ends or _FAR) if found else None


def _in_path(path: str) -> Mapping[str, str]:
    """Return the parameters in the path, as in ``/bcdn_token=abc&expires=1796126400/video.mp4``."""
    pairs = (pair for part in path.split("/") if "=" in part for pair in parse_qsl(part))
    return {name.lower(): value for name, value in pairs}


def _of_clocks(host: str, given: Mapping[str, str]) -> Iterator[Validity]:
    by_mark = _clocks_by_mark()
    rows = sorted({row for name in given for row in by_mark.get(name, ())}) if given else ()
    for _, clock in rows:
        if clock.beside and given.keys().isdisjoint(clock.beside):
            continue
        if clock.hosts and not f".{host.rstrip('.')}".endswith(tuple(f".{one}" for one in clock.hosts)):
            continue
        try:
            starts, ends = READERS[clock.reader](given, clock.names)
        # RecursionError: a policy with many nested brackets; the others: any value of an unexpected form
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            if clock.is_certain:
                yield Validity(clock.scheme, None, None)
                return
            continue
        yield Validity(clock.scheme, starts, ends)
        return  # later rows are more general


@lru_cache(maxsize=1)
def _clocks_by_mark() -> Mapping[str, tuple[tuple[int, ExpiryForm], ...]]:
    from ._expiry_rules import CLOCKS

    table: dict[str, tuple[tuple[int, ExpiryForm], ...]] = {}
    for row in enumerate(CLOCKS):
        for name in row[1].marks:
            table[name] = (*table.get(name, ()), row)
    return table


def _of_tokens(path: str, given: Mapping[str, str]) -> Iterator[Validity]:
    for text in (*given.values(), *path.split("/")):
        token = _JWT.fullmatch(text) if text.startswith("ey") else None
        if token:
            with_claims = _claims(token[1])
            if with_claims is not None:
                yield Validity("JSON Web Token", *with_claims)
        elif "~" in text:
            fields = {name.lower(): value for name, value in _FIELDS.findall(unquote(text))}
            ends = fields.get("exp") or fields.get("expires")
            if ends:
                starts = fields.get("st")
                yield Validity("token with exp", _epoch(starts) if starts else None, _epoch(ends))


def _claims(payload: str) -> Span | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if claims.get("exp") is None:
            return None
        return (None if claims.get("nbf") is None else _moment(claims["nbf"])), _moment(claims["exp"])
    except (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError):
        return None  # another kind of token, or a malformed one


@lru_cache(maxsize=1)
def _paths() -> Sequence[tuple[str, str, str]]:
    from ._expiry_rules import PATHS

    return PATHS


def _of_hosts(host: str, path: str) -> Iterator[Validity]:
    for domain, pattern, scheme in _paths():
        if host.endswith(domain):
            found = re.match(pattern, path)
            if found:
                yield Validity(scheme, None, _moment(found[1]))


def _span(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read a start like 20261128T120000Z and a duration in seconds, or the Unix seconds of the end, as OSS2 has."""
    start, seconds = names
    lasts = _seconds(given[seconds])
    if start not in given and lasts > 1_000_000_000:
        return None, _epoch(given[seconds])
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", given[start]):
        raise ValueError
    starts = datetime.fromisoformat(given[start])
    return starts, starts + timedelta(seconds=lasts)


def _iso_span(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read alternating starts and ends in ISO 8601. At least one end must exist; the narrowest span counts."""
    starts = [_iso(given[name]) for name in names[::2] if name in given]
    return max(starts, default=None), min(_iso(given[name]) for name in names[1::2] if name in given)


def _seconds_only(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Unix seconds."""
    return None, _epoch(given[names[0]])


def _any_moment(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Unix seconds, Unix milliseconds or ISO 8601. Other values are invalid."""
    return None, _moment(next(given[name] for name in names if name in given))


def _hexadecimal(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Unix seconds in hexadecimal."""
    text = given[names[0]]
    if not re.fullmatch(r"[0-9a-fA-F]{8}", text):
        raise ValueError
    return None, datetime.fromtimestamp(int(text, 16), UTC)


def _pair(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read ``start;end`` in Unix seconds. If there are several, the narrowest span counts."""
    spans = [given[name].split(";") for name in names if name in given]
    return max(_epoch(start) for start, _ in spans), min(_epoch(end) for _, end in spans)


def _after_comma(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read ``hash,end`` with Unix seconds."""
    return None, _moment(given[names[0]].rpartition(",")[2])


def _before_underscore(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Fastly's ``<end>_<hash>``."""
    found = re.fullmatch(r"([0-9]{10})_(?:0x)?[0-9a-f]{16,}", given[names[0]])
    if found is None:
        raise ValueError
    return None, _epoch(found[1])


def _underscores(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Backblaze's ``3_<start>_<bucket>_<hash>_<n>_<end>_<n>_dnld``."""
    fields = given[names[0]].split("_")
    return None, datetime.strptime(fields[5], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _slashes(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read Baidu's ``bce-auth-v1/<key>/<start>/<seconds>/...``."""
    fields = given[names[0]].split("/")
    starts = _iso(fields[2])
    return starts, starts + timedelta(seconds=_seconds(fields[3]))


def _policy(given: Mapping[str, str], names: Sequence[str]) -> Span:
    """Read a policy of CloudFront or Filestack, which is JSON in base64."""
    policy = _decoded(given[names[0]])
    if "Statement" not in policy:
        return None, _epoch(policy["expiry"])
    condition = policy["Statement"][0]["Condition"]
    starts = condition.get("DateGreaterThan")
    return (
        None if starts is None else _epoch(starts["AWS:EpochTime"]),
        _epoch(condition["DateLessThan"]["AWS:EpochTime"]),
    )


def _decoded(policy: str) -> Any:
    # CloudFront replaces the characters +=/ of base64 by -_~. A plain + in a query decodes to a space.
    text = policy.replace("-", "+").replace("_", "=").replace("~", "/").replace(" ", "+")
    return json.loads(base64.b64decode(text, validate=True))


def policy_addresses(policy: str) -> list[str]:
    """Return the network addresses to which a CloudFront policy is limited, or an empty list if it is malformed."""
    try:
        statements = _decoded(policy)["Statement"]
        limits = [one["Condition"].get("IpAddress", {}).get("AWS:SourceIp") for one in statements]
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return []
    return [str(one) for one in limits if one]


READERS: Final[Mapping[str, Callable[[Mapping[str, str], Sequence[str]], Span]]] = {
    "span": _span,
    "iso span": _iso_span,
    "seconds": _seconds_only,
    "moment": _any_moment,
    "hexadecimal": _hexadecimal,
    "pair": _pair,
    "after comma": _after_comma,
    "before underscore": _before_underscore,
    "underscores": _underscores,
    "slashes": _slashes,
    "policy": _policy,
}


def _seconds(value: object) -> int:
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,12}", text):  # thirteen digits are milliseconds, a common mistake
        raise ValueError
    return int(text)


def _epoch(value: object) -> datetime:
    seconds = _seconds(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds < 250_000_000_000 else _FAR


def _moment(value: object) -> datetime:
    text = str(value)
    if re.fullmatch(r"[0-9]{13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if re.fullmatch(r"[0-9]{9,12}", text):
        return _epoch(text)
    if re.fullmatch(r"[0-9]{9,10}\.[0-9]+", text):
        return datetime.fromtimestamp(float(text), UTC)
    return _iso(text)


def _iso(text: str) -> datetime:
    if not re.match(r"[0-9]{4}-", text):  # 20261128 may be a number of seconds or a date
        raise ValueError
    date = datetime.fromisoformat(text)
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
