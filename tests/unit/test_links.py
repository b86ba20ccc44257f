"""Offline checks of a link: form, scheme, host, and doubtful cases."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st
from tests.rows import each_row

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import LinkFinding, check_link
from tavus_consent.preflight._expiry_rules import CLOCKS
from tavus_consent.preflight._link_match import providers
from tavus_consent.preflight._signatures import SCHEMES
from tavus_consent.preflight.links import split_link

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "s3cr3t"


def check(url: Any, purpose: Literal["media", "callback"] = "media") -> tuple[LinkFinding, ...]:
    return check_link(url, field="train_video_url", now=NOW, purpose=purpose)


def codes(url: str, purpose: Literal["media", "callback"] = "media") -> list[str]:
    return [finding.code for finding in check(url, purpose)]


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.example/train.mp4",
        "HTTPS://BUCKET.EXAMPLE/TRAIN.MP4",
        "https://bucket.example:8443/train.mp4",
        "https://bucket.example:/train.mp4",
        "https://bucket.example./train.mp4",
        "https://bucket.example/a%20b.mp4?version=3",
        "https://bucket.example/download?id=7",
        "https://my_bucket.s3.us-east-1.amazonaws.com/train.mp4",
        "https://xn--bcher-kva.example/train.mp4",
        "https://8.8.8.8/train.mp4",
        "https://[2001:4860:4860::8888]:443/train.mp4",
        "https://bucket.example",
        "https://bucket.example/" + "a" * (8192 - 23),
        "https://" + "a." * 126 + "a/train.mp4",  # 253 characters
    ],
)
def test_a_direct_link_passes_without_findings(url: str) -> None:
    assert check(url) == ()


@pytest.mark.parametrize("purpose", ["media", "callback"])
@each_row(
    ("url", "reason"),
    [
        (None, "not_text"),
        (b"https://bucket.example/train.mp4", "not_text"),
        ("https://bucket.example/" + "a" * (8193 - 23), "too_long"),
        (" https://bucket.example/train.mp4", "characters"),
        ("https://bucket.example/train.mp4\n", "characters"),
        ("https://bucket.example/my train.mp4", "characters"),
        ("https://bucket.example/\ttrain.mp4", "characters"),
        ("https://bucket.example/\u00a0train.mp4", "characters"),
        ("https://bucket.example/\u202etrain.mp4", "characters"),
        ("https://bucket.example/\x00train.mp4", "characters"),
        ("https://bucket.example/\ud800train.mp4", "characters"),
        ("https://bucket.example\\train.mp4", "characters"),
        ("https://[::1/train.mp4", "malformed"),
        ("https://bucket.example\u2100/train.mp4", "malformed"),  # becomes a/c in normal form KC
        ("", "not_absolute"),
        ("train.mp4", "not_absolute"),
        ("/videos/train.mp4", "not_absolute"),
        ("bucket.example/train.mp4", "not_absolute"),
        ("//bucket.example/train.mp4", "not_absolute"),
        ("https:/bucket.example/train.mp4", "not_absolute"),
        ("https:///train.mp4", "not_absolute"),
        ("file:///videos/train.mp4", "not_absolute"),
        ("https://rio:password@bucket.example/train.mp4", "userinfo"),
        ("https://rio@bucket.example/train.mp4", "userinfo"),
        ("https://@bucket.example/train.mp4", "userinfo"),
        ("https://:443/train.mp4", "host"),
        ("https://rio:pass/word@bucket.example/train.mp4", "host"),
        ("https://bucket..example/train.mp4", "host"),
        ("https://./train.mp4", "host"),
        ("https://-bucket.example/train.mp4", "host"),
        ("https://bucket-.example/train.mp4", "host"),
        ("https://" + "a" * 64 + ".example/train.mp4", "host"),
        ("https://" + "a." * 126 + "aa/train.mp4", "host"),  # 254 characters
        ("https://" + "aö田." * 60 + "example/train.mp4", "host"),  # 247, and many more in ASCII
        ("https://b%75cket.example/train.mp4", "host"),
        ("https://bucket,example/train.mp4", "host"),
        ("https://b\u00fccher..example/train.mp4", "host"),
        ("https://xn--a-\u00e9.example/train.mp4", "host"),
        ("https://xn--999999999.example/train.mp4", "host"),
        ("https://127.1/train.mp4", "host"),
        ("https://0x7f000001/train.mp4", "host"),
        ("https://2130706433/train.mp4", "host"),
        ("https://1.2.3.256/train.mp4", "host"),
        ("https://[::1]bucket.example/train.mp4", "host"),
        ("https://[fe80::1%25eth0]/train.mp4", "host"),
        ("https://bucket.example:0/train.mp4", "port"),
        ("https://bucket.example:65536/train.mp4", "port"),
        ("http://bucket.example/train.mp4", "scheme"),
        ("http://10.0.0.7/train.mp4", "scheme"),
        ("http://localhost.example/train.mp4", "scheme"),
        ("s3://bucket/train.mp4", "scheme"),
        ("ftp://bucket.example/train.mp4", "scheme"),
        ("javascript://bucket.example/%0aalert(1)", "scheme"),
    ],
    by=lambda _, reason: reason,
)
def test_what_cannot_work_is_refused(url: Any, reason: str, purpose: Literal["media", "callback"]) -> None:
    with pytest.raises(InvalidLinkError) as caught:
        check(url, purpose)
    assert reason == caught.value.reason


def test_the_refusal_names_the_argument() -> None:
    with pytest.raises(InvalidLinkError, match=r"^train_video_url is not https") as caught:
        check("http://bucket.example/train.mp4")
    assert caught.value.field == "train_video_url"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/train.mp4",
        "http://fake.localhost/train.mp4",
        "http://127.0.0.1/train.mp4",
        "http://[::1]:8080/train.mp4",
    ],
)
def test_http_on_loopback_passes_with_a_finding(url: str) -> None:
    assert codes(url) == ["not_public"]


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.7",
        "192.168.1.2",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[fd00::1]",
        "[::ffff:10.0.0.7]",
        "intranet",
        "printer.local",
        "db.internal",
        "nas.home.arpa",
        "localhost.",
        "nas.lan",
        "wiki.corp",
        "nas.home",
        "portal.intranet",
        "vault.private",
        "abcdefghijklmnop.onion",
        "files.test",
        "fritz.box",
        "app.lvh.me",
        "10.0.0.5.nip.io",
        "app-192-168-1-2.sslip.io",
        "168.63.129.16",
        "[2002:a00:1::]",
        "[64:ff9b::808:808]",
    ],
)
def test_hosts_that_only_we_can_reach_are_found(host: str) -> None:
    assert codes(f"https://{host}/train.mp4") == ["not_public"]


@pytest.mark.parametrize(
    "host", ["lan.example", "fritz.box.example", "8.8.8.8.nip.io", "999.1.1.1.nip.io", "app.nip.io", "corp.com"]
)
def test_hosts_that_only_look_private_pass(host: str) -> None:
    assert check(f"https://{host}/train.mp4") == ()


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("b\u00fccher\u3002example", "xn--bcher-kva.example"),
        ("i\u2764.ws", "xn--i-7iq.ws"),
    ],
)
def test_a_host_is_written_as_dns_has_it(host: str, written: str) -> None:
    assert split_link(f"https://{host}/train.mp4", field="f").hostname == written


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://bucket.example/train.mov", "video_format"),
        ("https://bucket.example/TRAIN.MKV?x=1", "video_format"),
        ("https://bucket.example/train%2Ewebm", "video_format"),
        ("https://bucket.example/train.mp4#t=10", "fragment"),
        ("https://bucket.example/take#2.mp4", "fragment"),
        ("https://bucket.example/train.mp4#", "fragment"),
        ("https://bucket.example/Üben.mp4", "not_ascii"),
        ("https://bücher.example/train.mp4", "not_ascii"),
    ],
)
def test_what_is_doubtful_is_found(url: str, code: str) -> None:
    assert codes(url) == [code]


@pytest.mark.parametrize("url", ["https://bucket.example/a.mov/train.mp4", "https://bucket.example/movies"])
def test_other_endings_inside_a_path_are_no_endings(url: str) -> None:
    assert check(url) == ()


def test_a_finding_says_what_where_and_what_to_do() -> None:
    (finding,) = check(f"https://bucket.example/{SECRET}/train.mov?token={SECRET}")
    assert finding == LinkFinding(
        code="video_format",
        field="train_video_url",
        message=(
            "https://bucket.example/.../train.mov?[redacted] ends in .mov; Tavus's errors page only names .mp4; its "
            "newer guides also name .webm."
        ),
        fix="Convert it to .mp4 with H.264 and AAC. If it is one already, rename it.",
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/hook.mov?token=1",
        "https://app.example/hook?X-Amz-Date=never",
        "https://www.youtube.com/hook",
    ],
)
def test_a_callback_is_no_download(url: str) -> None:
    assert check(url, "callback") == ()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://localhost/hook", "not_public"),
        ("http://localhost:3000/hook", "not_public"),
        ("https://10.0.0.7/hook", "not_public"),
        ("https://app.internal/hook", "not_public"),
        ("https://app.example/#/hook", "fragment"),
        ("https://b\u00fccher.example/hook", "not_ascii"),
    ],
)
def test_a_callback_that_may_never_come_is_found(url: str, code: str) -> None:
    (finding,) = check(url, "callback")
    assert finding.code == code
    assert "file" not in finding.fix


@pytest.mark.parametrize("url", ["http://app.example/hook", "https://rio:pw@app.example/hook"])
def test_the_advice_for_a_callback_speaks_of_callbacks(url: str) -> None:
    with pytest.raises(InvalidLinkError) as caught:
        check(url, "callback")
    assert "presigned" not in str(caught.value)
    assert "callback" in str(caught.value)


def test_a_finding_is_told_once() -> None:
    query = (
        "Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJJcEFkZHJlc3MiOnsiQVdTOlNvdXJjZUlwIjoiMTAuMC4wLjEvMzIifX19XX0_"
    )
    found = codes(f"https://d1.cloudfront.net/a.mp4?{query}&Signature=abc&Key-Pair-Id=K1&sv=1&sig=a&sp=r&sip=1.2.3.4")
    assert found.count("bound_to_address") == 1


@pytest.mark.parametrize(
    "url",
    [
        f"http://bucket.example/{SECRET}.mp4?sig={SECRET}",
        f"https://{SECRET}:x@bucket.example/",
        f"https://rio:{SECRET}/x@bucket.example/",
        f"https://bucket.example:0/?{SECRET}",
        f"https://bucket example/?{SECRET}",
        f"/{SECRET}",
        f"https://drive.google.com/file/d/{SECRET}/view",
        f"https://bucket.example/{SECRET}?Expires=1700000000&Signature={SECRET}",
        f"https://bucket.example/x?X-Amz-Date=20260401T000000Z&X-Amz-Expires=60&X-Amz-Signature={SECRET}",
    ],
)
def test_no_refusal_tells_a_secret(url: str) -> None:
    with pytest.raises(InvalidLinkError) as caught:
        check(url)
    assert SECRET not in str(caught.value)


PARAMETERS = sorted(
    {name for clock in CLOCKS for name in (*clock.marks, *clock.beside, *clock.names)}
    | {name for scheme in SCHEMES for name in (*scheme.marks, *scheme.needs, *scheme.upload, *scheme.half_marks)}
    | {"sip", "srt", "ss", "si", "x-id", "rlkey", "dl", "alt", "comp"}
)
HOSTS = sorted({host.lstrip("*=.") or "bucket.example" for one in providers() for host in one.hosts})
VALUES = st.text(string.printable, max_size=20) | st.sampled_from(
    [
        "1796126400",
        "1796126400000",
        "20261128T110000Z",
        "604800",
        "r",
        "host",
        "6b0eb6c0",
        "3_2_a_b_0_20261201120000_",
        "{}",
    ]
)
LINKS = (
    st.text(max_size=60)
    | st.text(alphabet="ab.:/?#[]@%&=\\ \u00e9\u202e0x1-_", max_size=40).map("https://".__add__)
    | st.builds(
        lambda host, path, query: f"https://{host}/{path}?{urlencode(query)}",
        st.sampled_from(HOSTS),
        st.text(alphabet="abs/%~=.&-1", max_size=20),
        st.dictionaries(st.sampled_from(PARAMETERS), VALUES, max_size=8),
    )
)


@given(LINKS, st.sampled_from(["media", "image", "audio", "callback"]))
def test_any_text_is_a_link_or_an_error_of_ours(text: str, purpose: Any) -> None:
    try:
        findings = check(text, purpose)
    except InvalidLinkError:
        return
    assert all(finding.message and finding.fix for finding in findings)


@given(st.sampled_from(HOSTS), st.dictionaries(st.sampled_from(PARAMETERS), st.just(SECRET * 3), max_size=6))
def test_no_message_holds_path_or_query(host: str, query: dict[str, str]) -> None:
    try:
        texts = [finding.message for finding in check(f"https://{host}/{SECRET}/{SECRET}?{urlencode(query)}")]
    except InvalidLinkError as error:
        texts = [str(error)]
    assert not any(SECRET in text for text in texts)
