"""Callbacks: a secret address, and a body that is a hint."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tavus_consent import InvalidLinkError, InvalidRequestError, issue_callback, parse_callback, verify_callback

ISSUED = issue_callback("https://app.example/webhook", make_token=lambda: "tok-en_1")


# Reading


def test_a_ready_callback_is_read() -> None:
    callback = parse_callback(b'{"replica_id": "r783537ef5", "status": "ready"}')
    assert (
        callback.replica_id,
        callback.status,
        callback.error_message,
        callback.extra,
    ) == ("r783537ef5", "ready", None, {})


def test_an_error_callback_keeps_the_sentence() -> None:
    callback = parse_callback('{"replica_id": "r783537ef5", "status": "error", "error_message": "Too short."}')
    assert callback.error_message == "Too short."


@pytest.mark.parametrize(
    ("status", "is_ready", "is_failed"),
    [("ready", True, False), ("completed", True, False), ("error", False, True), ("tuning", False, False)],
)
def test_the_words_mean_what_they_mean_in_results(status: str, is_ready: bool, is_failed: bool) -> None:
    callback = parse_callback(json.dumps({"replica_id": "r1", "status": status}))
    assert (is_ready, is_failed) == (callback.is_ready, callback.is_failed)


def test_a_face_id_is_a_replica_id() -> None:
    callback = parse_callback('{"face_id": "r1", "status": "ready"}')
    assert (callback.replica_id, callback.extra) == ("r1", {})


def test_unknown_members_are_kept() -> None:
    callback = parse_callback('{"replica_id": "r1", "face_id": "r2", "status": "ready", "new": null}')
    assert callback.extra == {"face_id": "r2", "new": None}


def test_an_error_message_that_is_no_text_is_kept_aside() -> None:
    callback = parse_callback('{"replica_id": "r1", "status": "error", "error_message": {"code": 7}}')
    assert (callback.error_message, callback.extra) == (None, {"error_message": {"code": 7}})


def test_a_byte_order_mark_is_no_garbage() -> None:
    assert parse_callback(b'\xef\xbb\xbf{"replica_id": "r1", "status": "ready"}').replica_id == "r1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        ("s3cr3t", "not_json"),
        (b'{"replica_id": "r1", "status": "s3cr3t",}', "not_json"),
        (b'{"replica_id": "r1", "status": "s3cr3t"', "not_json"),
        (b"\xff\xfes3cr3t", "not_json"),
        ("\ud800s3cr3t", "not_json"),
        ("[" * 60_000, "not_json"),
        ("1" * 60_000, "not_json"),
        ('"s3cr3t"', "not_object"),
        ('[{"replica_id": "r1"}]', "not_object"),
        ("null", "not_object"),
        ("{}", "replica_id"),
        ('{"status": "s3cr3t"}', "replica_id"),
        ('{"replica_id": null, "face_id": "r1", "status": "ready"}', "replica_id"),
        ('{"replica_id": 7, "status": "ready"}', "replica_id"),
        ('{"replica_id": "", "status": "ready"}', "replica_id"),
        ('{"replica_id": "../s3cr3t", "status": "ready"}', "replica_id"),
        ('{"replica_id": "r1\\n", "status": "ready"}', "replica_id"),
        ('{"replica_id": "r1"}', "status"),
        ('{"replica_id": "r1", "status": null}', "status"),
        ('{"replica_id": "r1", "status": ""}', "status"),
        ('{"replica_id": "r1", "status": ["s3cr3t"]}', "status"),
    ],
)
def test_garbage_is_a_typed_error(body: bytes | str, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_callback(body)
    assert (reason, "body") == (caught.value.reason, caught.value.field)
    assert "s3cr3t" not in str(caught.value)


def body_of(size: int) -> str:
    return '{"replica_id": "r1", "status": "ready", "x": "%s"}' % ("é" * ((size - 48) // 2)) + " " * (size % 2)


def test_a_body_of_64_kib_is_read() -> None:
    body = body_of(65536)
    assert len(body.encode()) == 65536
    assert parse_callback(body).is_ready


def test_a_larger_body_is_not_read() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_callback(body_of(65537))
    assert caught.value.reason == "too_large"


def test_repr_shows_no_link_and_no_unknown_member() -> None:
    callback = parse_callback(
        '{"replica_id": "r1", "status": "error", "error_message": "see https://a.example/s3cr3t", "x": "s3cr3t"}'
    )
    assert "s3cr3t" not in repr(callback)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200)
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("replica_id", "face_id", "status", "error_message", "x"), json_values)
    ).map(json.dumps)
)
def test_any_body_is_a_callback_or_an_error_of_ours(body: bytes | str) -> None:
    try:
        callback = parse_callback(body)
    except InvalidRequestError:
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]+", callback.replica_id)


# Issuing


@pytest.mark.parametrize(
    ("url", "issued"),
    [
        ("https://app.example/webhook", "https://app.example/webhook?tavus_token=tok-en_1"),
        ("https://app.example", "https://app.example?tavus_token=tok-en_1"),
        ("https://app.example/w?a=1%202&b", "https://app.example/w?a=1%202&b&tavus_token=tok-en_1"),
        ("https://app.example/w#top", "https://app.example/w?tavus_token=tok-en_1#top"),
        ("http://127.0.0.1:8080/w", "http://127.0.0.1:8080/w?tavus_token=tok-en_1"),
    ],
)
def test_the_secret_joins_the_address(url: str, issued: str) -> None:
    assert issued == issue_callback(url, make_token=lambda: "tok-en_1").url


def test_only_the_hash_of_the_secret_is_to_be_stored() -> None:
    assert hashlib.sha256(b"tok-en_1").hexdigest() == ISSUED.token_sha256


def test_a_secret_has_256_bits_and_is_new_each_time() -> None:
    urls = [issue_callback("https://app.example/webhook").url for _ in range(2)]
    first, second = (parse_qs(urlsplit(url).query)["tavus_token"][0] for url in urls)
    assert (len(first), first != second) == (43, True)  # 43 characters of base64 hold 256 bits


def test_repr_hides_the_secret_and_its_hash() -> None:
    assert repr(ISSUED) == "IssuedCallback(url=https://app.example/[redacted]?[redacted])"


def test_an_address_that_cannot_work_is_refused() -> None:
    with pytest.raises(InvalidLinkError) as caught:
        issue_callback("http://app.example/webhook")
    assert (caught.value.field, caught.value.reason) == ("callback_url", "scheme")


@pytest.mark.parametrize("query", ["tavus_token=x", "tavus_token=", "a=1&tavus_token=x", "tavus%5Ftoken=x"])
def test_an_address_with_a_secret_already_is_refused(query: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        issue_callback(f"https://app.example/webhook?{query}")
    assert caught.value.reason == "has_token"


# Verifying


@pytest.mark.parametrize(
    "called",
    [
        ISSUED.url,
        "/webhook?tavus_token=tok-en_1",
        "/webhook?a=1&tavus_token=tok-en_1#top",
        "?tavus_token=tok-en_1",
        "/webhook?tavus_token=tok-en_1&a=" + "a" * (16 * 1024 - 32),
        "tok-en_1",
    ],
)
def test_the_issued_address_is_known_again(called: str) -> None:
    assert verify_callback(called, ISSUED.token_sha256) is True


@pytest.mark.parametrize(
    "called",
    [
        None,
        "",
        "tok-en_2",
        "tök",
        "\ud800",
        "https://app.example/webhook",
        "https://app.example/webhook?",
        "https://app.example/webhook?tavus_token=",
        "https://app.example/webhook?tavus_token=TOK-EN_1",
        "https://app.example/webhook?token=tok-en_1",
        "https://app.example/webhook?tavus_token=tok-en_1&tavus_token=tok-en_1",
        "https://app.example/webhook?tavus_token=x&tavus_token=tok-en_1",
        "https://app.example/webhook#?tavus_token=tok-en_2",
        "/webhook?tavus_token=tok-en_1&a=" + "a" * (16 * 1024 - 31),
    ],
)
def test_any_other_address_is_not(called: str | None) -> None:
    assert verify_callback(called, ISSUED.token_sha256) is False


@pytest.mark.parametrize("stored", ["", "0" * 64, "é", "\ud800", ISSUED.token_sha256[:-1]])
def test_a_wrong_hash_matches_nothing(stored: Any) -> None:
    assert verify_callback("tok-en_1", stored) is False


def test_an_empty_secret_matches_no_empty_hash() -> None:
    assert verify_callback("", "") is False


@given(st.text(max_size=50))
def test_any_other_text_is_refused(text: str) -> None:
    assert verify_callback(text, ISSUED.token_sha256) is (text == "tok-en_1")
