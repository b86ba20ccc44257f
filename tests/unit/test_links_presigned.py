"""The remaining time of presigned links, read from the link."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import LinkFinding, check_link

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def check(query: str, now: datetime = NOW) -> tuple[LinkFinding, ...]:
    return check_link(f"https://bucket.example/consent.mp4?{query}", field="consent_video_url", now=now)


def codes(query: str) -> list[str]:
    return [finding.code for finding in check(query)]


def v4(vendor: str, ends: datetime, lasts: timedelta = 7 * 24 * HOUR) -> str:
    signed = (ends - lasts).strftime("%Y%m%dT%H%M%SZ")
    return f"X-{vendor}-Date={signed}&X-{vendor}-Expires={lasts.total_seconds():.0f}&X-{vendor}-Signature=abc"


def policy(condition: Any) -> str:
    text = json.dumps({"Statement": [{"Resource": "*", "Condition": condition}]}).encode()
    encoded = base64.b64encode(text).decode().replace("+", "-").replace("=", "_").replace("/", "~")
    return f"Policy={encoded}&Signature=abc&Key-Pair-Id=K1"


def cloudfront_policy(ends: datetime) -> str:
    return policy({"DateLessThan": {"AWS:EpochTime": int(ends.timestamp())}})


def iso(moment: datetime) -> str:
    return quote(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


SIGNERS = {
    "AWS V4": lambda ends: v4("Amz", ends),
    "AWS V4 in lower case": lambda ends: v4("amz", ends).lower().replace("t", "T").replace("z&", "Z&"),
    "AWS V2": lambda ends: f"AWSAccessKeyId=A&Signature=abc&Expires={ends.timestamp():.0f}",
    "Google V4": lambda ends: v4("Goog", ends),
    "Google V2": lambda ends: f"GoogleAccessId=a%40b&Signature=abc&Expires={ends.timestamp():.0f}",
    "Azure": lambda ends: f"sv=2024-11-04&sr=b&sp=r&sig=abc&se={iso(ends)}",
    "CloudFront": lambda ends: f"Expires={ends.timestamp():.0f}&Signature=abc&Key-Pair-Id=K1",
    "CloudFront policy": cloudfront_policy,
}
every_signer = pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)


@every_signer
def test_a_link_of_24_hours_passes(sign: Any) -> None:
    assert check(sign(NOW + 24 * HOUR)) == ()


@every_signer
def test_a_link_of_less_is_found(sign: Any) -> None:
    assert codes(sign(NOW + 24 * HOUR - timedelta(minutes=15, seconds=1))) == ["expires_soon"]


@every_signer
def test_an_expired_link_is_refused(sign: Any) -> None:
    with pytest.raises(InvalidLinkError, match="has expired") as caught:
        check(sign(NOW))
    assert caught.value.reason == "expired"


@pytest.mark.parametrize(("minutes", "shown"), [(0, "0 h 0 min"), (200, "3 h 20 min"), (1200, "20 h 0 min")])
def test_the_finding_tells_the_time_left(minutes: int, shown: str) -> None:
    (finding,) = check(v4("Amz", NOW + timedelta(minutes=minutes, seconds=59)))
    assert finding.message == f"https://bucket.example/consent.mp4?[redacted] expires in {shown}."


NOT_YET = {
    "AWS V4": lambda starts: v4("Amz", starts + 48 * HOUR, 48 * HOUR),
    "Google V4": lambda starts: v4("Goog", starts + 48 * HOUR, 48 * HOUR),
    "Azure": lambda starts: f"sig=abc&st={iso(starts)}&se={iso(starts + 48 * HOUR)}",
    "CloudFront policy": lambda starts: policy(
        {
            "DateGreaterThan": {"AWS:EpochTime": int(starts.timestamp())},
            "DateLessThan": {"AWS:EpochTime": int(starts.timestamp()) + 172_800},
        }
    ),
}
every_start = pytest.mark.parametrize("sign", NOT_YET.values(), ids=NOT_YET)


@every_start
def test_a_link_that_is_not_valid_yet_is_refused(sign: Any) -> None:
    with pytest.raises(InvalidLinkError) as caught:
        check(sign(NOW + timedelta(minutes=16)))
    assert caught.value.reason == "not_yet_valid"


@every_start
def test_clocks_may_differ_by_a_quarter_of_an_hour(sign: Any) -> None:
    assert check(sign(NOW + timedelta(minutes=15))) == ()


@pytest.mark.parametrize(
    "expiry",
    [
        "2026-03-08",
        "2026-03-08T10:00Z",
        "2026-03-08T10:00:00Z",
        "2026-03-08T10:00:00.1234567Z",
        "2026-03-08T10:00:00",
        quote("2026-03-08T10:00:00+02:00"),
    ],
)
def test_all_of_azures_dates_are_read(expiry: str) -> None:
    assert check(f"se={expiry}&sig=abc") == ()


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date=2026-03-01&X-Amz-Expires=3600&X-Amz-Signature=abc",
        "X-Amz-Date=20260301T120000Z&X-Amz-Expires=soon&X-Amz-Signature=abc",
        "X-Amz-Date=99991231T235959Z&X-Amz-Expires=604800",
        "X-Amz-Date=20260301T120000Z",
        "X-Amz-Expires=3600",
        "X-Amz-Signature=abc",
        "X-Goog-Date=&X-Goog-Expires=",
        "Expires=1772366400000&Signature=abc&AWSAccessKeyId=A",  # milliseconds
        "Expires=-1&Signature=abc",
        "Expires=Sunday&AWSAccessKeyId=A&Signature=abc",
        "Expires=" + "9" * 5000 + "&Signature=abc",
        "se=tomorrow&sig=abc",
        "se=0001-01-01T00%3A00%2B23%3A00&sig=abc",
        "se=2026-03-08&st=now&sig=abc",
        "Policy=%25%25&Signature=abc",
        "Policy=abc&Signature=abc",
        "Policy=" + base64.b64encode(b"[" * 5000).decode().replace("=", "_") + "&Signature=abc",
        "Policy=" + base64.b64encode(b"null").decode().replace("=", "_") + "&Signature=abc",
        "Policy=" + base64.b64encode(b'{"Statement": []}').decode().replace("=", "_") + "&Signature=abc",
        policy([]),
        policy({}),
        policy({"DateLessThan": 1}),
        policy({"DateLessThan": {"AWS:EpochTime": True}}),
        policy({"DateLessThan": {"AWS:EpochTime": 1e300}}),
    ],
)
def test_an_expiry_that_cannot_be_read_is_found(query: str) -> None:
    assert codes(query) == ["expiry_unreadable"]


def test_temporary_credentials_are_found() -> None:
    """Such a link ends with its session, often within an hour, though it says seven days."""
    query = v4("Amz", NOW + 48 * HOUR) + "&X-Amz-Security-Token=abc"
    assert codes(query) == ["temporary_credentials"]


@pytest.mark.parametrize("query", ["Expires=1", "se=2020-01-01", "Signature=abc", "Policy=abc", "sig=abc"])
def test_parameters_that_only_look_like_a_signature_mean_nothing(query: str) -> None:
    assert check(query) == ()
