"""Invalid signatures, and tokens with an expiry."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import check_link

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SOON = int((NOW + timedelta(hours=1)).timestamp())
LATE = int((NOW + timedelta(hours=48)).timestamp())
S3 = "https://rio.s3.us-east-1.amazonaws.com/train.mp4"
OWN = "https://s3.rio.example/b/train.mp4"
OSS = "https://b.oss-cn-hangzhou.aliyuncs.com/a.mp4"
AZURE = "https://rio.blob.core.windows.net/c/train.mp4"
V4 = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIA%2F20261128%2Fus-east-1%2Fs3%2Faws4_request",
    "X-Amz-Date": "20261128T110000Z",
    "X-Amz-Expires": "604800",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "ab" * 32,
}


def verdict(url: str) -> str:
    try:
        found = check_link(url, field="train_video_url", now=NOW)
    except InvalidLinkError as error:
        return f"refuse:{error.reason}"
    return ",".join(one.code for one in found)


def signed(base: str, /, leave_out: str = "", joined: str = "&", **changed: str) -> str:
    query = {**V4, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return f"{base}?{joined.join(f'{name}={value}' for name, value in query.items() if name != leave_out)}"


def jwt(payload: Any) -> str:
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return f"eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(text).decode().rstrip('=')}.abc"


@pytest.mark.parametrize("name", V4)
def test_a_part_that_is_missing_is_refused_where_it_is_checked(name: str) -> None:
    assert verdict(signed(S3, leave_out=name)) == "refuse:signature_incomplete"


def test_a_signature_that_is_missing_is_doubtful_elsewhere() -> None:
    assert verdict(signed(OWN, leave_out="X-Amz-Signature")) == "signature_incomplete"


def test_another_part_that_is_missing_passes_elsewhere() -> None:
    assert verdict(signed(OWN, leave_out="X-Amz-SignedHeaders")) == ""


def test_a_signature_that_is_cut_off_is_refused() -> None:
    assert verdict(signed(S3, X_Amz_Signature="abab")) == "refuse:signature_incomplete"


@pytest.mark.parametrize("joined", ["&amp;", "&#38;", "&#038;", "&#x26;", "%26"])
def test_a_link_as_html_is_refused(joined: str) -> None:
    assert verdict(signed(S3, joined=joined)) == "refuse:escaped"


def test_html_without_a_signature_is_doubtful() -> None:
    assert verdict("https://rio.example/get?id=1&amp;quality=hd") == "escaped"


def test_a_question_mark_that_is_encoded_is_refused() -> None:
    assert verdict(signed(S3).replace("?", "%3F")) == "refuse:escaped"


@pytest.mark.parametrize("headers", ["content-type%3Bhost", "host;x-amz-acl", "host%3Bx-amz-meta-name"])
def test_headers_that_a_download_does_not_send_are_refused(headers: str) -> None:
    assert verdict(signed(OWN, X_Amz_SignedHeaders=headers)) == "refuse:signed_headers"


@pytest.mark.parametrize("headers", ["host", "host%3Brange", "accept-encoding;host;user-agent"])
def test_headers_that_a_download_sends_pass(headers: str) -> None:
    assert verdict(signed(OWN, X_Amz_SignedHeaders=headers)) == ""


@pytest.mark.parametrize("more", [{"x_id": "PutObject"}, {"uploadId": "abc"}, {"x_amz_acl": "private"}])
def test_a_link_for_an_upload_is_refused(more: dict[str, str]) -> None:
    assert verdict(signed(S3, **more)) == "refuse:upload_link"


def test_a_link_for_a_download_passes() -> None:
    assert verdict(signed(S3, x_id="GetObject")) == ""


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (S3, "refuse:expiry_too_long"),
        ("https://a.r2.cloudflarestorage.com/b/train.mp4", "refuse:expiry_too_long"),
        ("https://s3.wasabisys.com/b/train.mp4", ""),
        (OWN, ""),
    ],
)
def test_seven_days_are_the_most_on_some_hosts(base: str, said: str) -> None:
    assert verdict(signed(base, X_Amz_Expires="604801")) == said


def test_seconds_that_are_none_are_doubtful() -> None:
    assert verdict(signed(S3, X_Amz_Expires="9" * 30)) == "expiry_unreadable"


def test_a_credential_that_was_encoded_twice_is_refused() -> None:
    assert verdict(signed(OWN, X_Amz_Credential="AKIA%252F20261128")) == "refuse:encoded_twice"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sv=1&sp=r&se=2026-12-05&sig=a", ""),
        ("sv=1&si=readers&sig=a", ""),
        ("sv=1&sp=cw&se=2026-12-05&sig=a", "refuse:upload_link"),
        ("sv=1&sig=a", "refuse:signature_incomplete"),
        ("sp=r&se=2026-12-05&sig=a", ""),
        ("sv=1&sp=r", "signature_incomplete"),
        ("sv=1&ss=b&srt=sc&sp=r&se=2026-12-05&sig=a", "refuse:signature_scope"),
        ("sv=1&ss=fq&srt=o&sp=r&se=2026-12-05&sig=a", "refuse:signature_scope"),
        ("sv=1&sp=r&se=2026-12-05&sig=a&sip=1.2.3.4", "bound_to_address"),
        ("sv=1&sp=r&se=2026-12-05&skt=2026-11-20&ske=2026-11-28&sig=a", "refuse:expired"),
        ("sv=1&sp=r&se=2026-12-05&skt=2026-11-30&ske=2026-12-28&sig=a", "refuse:not_yet_valid"),
    ],
)
def test_a_sas_may_read_a_blob_or_is_refused(query: str, said: str) -> None:
    assert verdict(f"{AZURE}?{query}") == said


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"AWS:SourceIp": "192.0.2.0/24"}, "bound_to_address"),
        ({"AWS:SourceIp": "0.0.0.0/0"}, ""),
        ({}, ""),
    ],
)
def test_a_policy_for_some_addresses_is_doubtful(limit: Any, said: str) -> None:
    statement = {"Condition": {"DateLessThan": {"AWS:EpochTime": LATE}, "IpAddress": limit}}
    policy = base64.b64encode(json.dumps({"Statement": [statement]}).encode()).decode()
    policy = policy.replace("+", "-").replace("=", "_").replace("/", "~")
    assert verdict(f"https://d1.cloudfront.net/a.mp4?Policy={policy}&Signature=a&Key-Pair-Id=K") == said


def test_a_policy_that_cannot_be_read_is_doubtful_once() -> None:
    assert verdict("https://d1.cloudfront.net/a.mp4?Policy=abc&Signature=a&Key-Pair-Id=K") == "expiry_unreadable"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"exp": LATE}, ""),
        ({"exp": LATE * 1000}, ""),
        ({"exp": LATE + 0.5}, ""),
        ({"exp": SOON}, "expires_soon"),
        ({"exp": SOON - 7200}, "refuse:expired"),
        ({"exp": LATE, "nbf": SOON}, "refuse:not_yet_valid"),
        ({"sub": "rio"}, ""),
        ({"exp": "soon"}, ""),
        ([], ""),
        (b"\xff\xfe", ""),
        (b"[" * 2_000, ""),
    ],
    ids=lambda one: str(one)[:20],
)
def test_a_json_web_token_says_when_it_ends(payload: Any, said: str) -> None:
    assert verdict(f"https://rio.example/files/7?token={jwt(payload)}") == said


def test_a_json_web_token_in_the_path_is_read() -> None:
    assert verdict(f"https://a.cloudflarestream.com/{jwt({'exp': SOON})}/downloads/default.mp4") == "expires_soon"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (f"exp={SOON}~acl=/*~hmac=a", "expires_soon"),
        (f"st={SOON}~exp={LATE}~acl=/*~hmac=a", "refuse:not_yet_valid"),
        (f"st={SOON - 7200}~exp={LATE}~acl=/*~hmac=a", ""),
        ("acl=/*~hmac=a", ""),
        ("a~b", ""),
    ],
)
def test_a_token_of_akamai_says_when_it_ends(token: str, said: str) -> None:
    assert verdict(f"https://rio.example/a.mp4?hdnts={token}") == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{OSS}?x-oss-signature-version=OSS2&x-oss-expires={SOON}&x-oss-signature=a", "expires_soon"),
        (f"{OSS}?x-oss-signature-version=OSS4&x-oss-expires=60&x-oss-signature=a", "expiry_unreadable"),
        ("https://cdn.discordapp.com/attachments/1/2/a.mp4?ex=never&hm=a", ""),
        (f"https://v5.airtableusercontent.com/v3/u/1/1/{SOON}000/a/b", "expires_soon"),
        ("https://v5.airtableusercontent.com/v3/u/1/1/a/b", ""),
        (f"https://cdn.rio.example/bcdn_token=a&expires={SOON}&token_path=%2F/a.mp4", "expires_soon"),
        ("https://filestack.example/a?policy=eyJleHBpcnkiOjI1MzM4MTk2NDQxNX0=&signature=a", ""),
        (f"https://rio.example/a.mp4?expires={SOON}.5&token=a", "expires_soon"),
        ("https://rio.example/a.mp4?expires=20261128&token=a", ""),
    ],
)
def test_other_ways_to_write_an_end_are_read(url: str, said: str) -> None:
    assert verdict(url) == said


@pytest.mark.parametrize(
    ("ending", "said"),
    [("train.png", ""), ("train.webp", "image_format"), ("train", ""), ("train.mp4", "image_format")],
)
def test_a_picture_has_the_ending_of_one(ending: str, said: str) -> None:
    found = check_link(f"https://rio.example/{ending}", field="train_image_url", now=NOW, purpose="image")
    assert ",".join(one.code for one in found) == said
