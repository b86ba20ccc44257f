"""Redaction of URLs and texts."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tavus_consent._redaction import redact_json, redact_text, redact_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://b.s3.amazonaws.com/a/b/train.mp4?X-Amz-Signature=abc",
            "https://b.s3.amazonaws.com/.../train.mp4?[redacted]",
        ),
        ("https://b.example/train.MP4", "https://b.example/train.MP4"),
        ("https://b.example/hook/s3crettoken", "https://b.example/[redacted]"),
        ("https://b.example/s3cret#frag", "https://b.example/[redacted]?[redacted]"),
        ("https://b.example/", "https://b.example"),
        ("https://b.example", "https://b.example"),
        ("https://b.example?token=x", "https://b.example?[redacted]"),
        ("https://user:pw@b.example:8443/a.mp4", "https://b.example:8443/a.mp4"),
        ("http://[::1]:80/x/a.mp4", "http://[::1]:80/.../a.mp4"),
        ("no url", "[redacted]"),
        ("https://bad host/a.mp4", "[redacted]"),
        ("ht tp://b.example/a.mp4", "[redacted]"),
        ("", "[redacted]"),
        ("https://user:pa/ss@b.example/a.mp4", "[redacted]"),
    ],
)
def test_a_url_shows_where_it_points_only(url: str, shown: str) -> None:
    assert redact_url(url) == shown


@given(secret=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=12, max_size=40))
def test_nothing_of_query_fragment_userinfo_or_path_token_is_shown(secret: str) -> None:
    secret = f"q{secret}z"
    url = f"https://{secret}:{secret}@host.example/{secret}/{secret}?a={secret}#{secret}"
    assert secret not in redact_url(url)


def test_urls_in_a_text_are_cut_down() -> None:
    text = 'Invalid url "https://b.example/x/t.mp4?sig=s3cret", try again'
    assert redact_text(text) == 'Invalid url "https://b.example/.../t.mp4?[redacted]", try again'


def test_known_secrets_in_a_text_are_replaced() -> None:
    assert redact_text("key k-123 is wrong", ["k-123", ""]) == "key [redacted] is wrong"


def test_a_secret_of_one_letter_does_not_eat_the_text() -> None:
    assert redact_text("key k-123 is wrong", ["k"]) == "key k-123 is wrong"


def test_json_is_redacted_at_every_depth() -> None:
    value = {"key-1": ["key-1", {"a": "see https://b.example/?t=key-2"}], "n": 5}
    assert redact_json(value, ["key-1"]) == {
        "[redacted]": ["[redacted]", {"a": "see https://b.example?[redacted]"}],
        "n": 5,
    }


@pytest.mark.parametrize("sign", ["'", ")", ";", "\\", "}", "`"])
def test_a_sign_within_a_url_does_not_end_it(sign: str) -> None:
    assert "s3cret" not in redact_text(f"see https://b.example/a{sign}b?token=s3cret now")
