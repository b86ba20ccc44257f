"""From when until when a presigned link works, read from the link itself. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

_Reader = Callable[[Mapping[str, str]], tuple[datetime | None, datetime]]

# AWS and Google both refuse a signature that is to last longer than this.
_LONGEST_SIGNATURE: Final = timedelta(days=7)


@frozen
class Validity:
    """What a presigned link says about its time.

    Attributes:
        scheme: Who signs in this way, for people.
        starts: The link works from here, or ``None`` when it does not say.
        ends: The link works until here, or ``None`` when what it says cannot be read.
        is_temporary: It was signed with credentials that end on their own, perhaps before ``ends``.
    """

    scheme: str
    starts: datetime | None
    ends: datetime | None
    is_temporary: bool = False


def read_validity(query: Mapping[str, str]) -> Validity | None:
    """The validity of a presigned link.

    Args:
        query: The decoded parameters of the link, names in lower case.

    Returns:
        The validity, or ``None`` when the link is not presigned in a way that is known.
    """
    for scheme, marks, read in _SCHEMES if query else ():
        if any(mark <= query.keys() for mark in marks):
            try:
                starts, ends = read(query)
            # RecursionError: a policy of many nested brackets; the others: anything that is not what it should be
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
                return Validity(scheme, None, None)
            return Validity(scheme, starts, ends, is_temporary="x-amz-security-token" in query)
    return None


def _signature_v4(prefix: str) -> _Reader:
    def read(query: Mapping[str, str]) -> tuple[datetime, datetime]:
        starts = datetime.strptime(query[f"{prefix}date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts = timedelta(seconds=_seconds(query[f"{prefix}expires"]))
        if lasts > _LONGEST_SIGNATURE:
            raise ValueError
        return starts, starts + lasts

    return read


def _cloudfront_policy(query: Mapping[str, str]) -> tuple[datetime | None, datetime]:
    # CloudFront writes - _ ~ for + = / of base64
    text = base64.b64decode(query["policy"].replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)
    condition = json.loads(text)["Statement"][0]["Condition"]
    starts = condition.get("DateGreaterThan")
    return (
        None if starts is None else _epoch(starts["AWS:EpochTime"]),
        _epoch(condition["DateLessThan"]["AWS:EpochTime"]),
    )


def _azure(query: Mapping[str, str]) -> tuple[datetime | None, datetime]:
    return (_iso(query["st"]) if "st" in query else None), _iso(query["se"])


def _expires(query: Mapping[str, str]) -> tuple[None, datetime]:
    return None, _epoch(query["expires"])


def _seconds(value: object) -> int:
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,11}", text):  # eleven: milliseconds, a usual mistake, have thirteen
        raise ValueError
    return int(text)


def _epoch(value: object) -> datetime:
    return datetime.fromtimestamp(_seconds(value), UTC)


def _iso(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


# The parameters by which a scheme is known: any one of the sets. The first scheme that fits is taken; the last covers
# everyone who signs with a moment in Unix seconds, among them AWS and Google before V4, and CloudFront.
_SCHEMES: Final[tuple[tuple[str, tuple[Set[str], ...], _Reader], ...]] = (
    ("AWS Signature Version 4", ({"x-amz-date"}, {"x-amz-expires"}, {"x-amz-signature"}), _signature_v4("x-amz-")),
    ("Google V4 signature", ({"x-goog-date"}, {"x-goog-expires"}, {"x-goog-signature"}), _signature_v4("x-goog-")),
    ("CloudFront policy", ({"policy", "key-pair-id"}, {"policy", "signature"}), _cloudfront_policy),
    ("Azure shared access signature", ({"se", "sig"},), _azure),
    (
        "signature with Expires",
        tuple({"expires", mark} for mark in ("signature", "key-pair-id", "awsaccesskeyid", "googleaccessid")),
        _expires,
    ),
)
