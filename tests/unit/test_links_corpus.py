"""Links as people use them, and what the tables say of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from tests.benchmarks.links import NOW, judge, read
from tests.rows import each_row

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import check_link
from tavus_consent.preflight._expiry import READERS, read_validity
from tavus_consent.preflight._expiry_rules import CLOCKS, ExpiryForm
from tavus_consent.preflight._link_match import LinkMatch, find, providers
from tavus_consent.preflight._link_rules import ANY_HOST, LinkRule, Provider
from tavus_consent.preflight._signatures import SCHEMES
from tavus_consent.preflight.links import split_link

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
CASES = [case for name in ("links.jsonl", "links_more.jsonl") for case in read(CORPORA / name)]
RULES = [(provider, rule) for provider in providers() for rule in provider.rules]
SECRET = "s3cr3t"


def match(url: str) -> LinkMatch | None:
    parts = split_link(url, field="f")
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    return find(parts.hostname or "", parts.path, {name.lower(): value for name, _, value in pairs})


@each_row("case", CASES, ids=lambda case: case["url"][:90], by=lambda case: f"{case['purpose']} {case['expected']}")
def test_a_link_gets_the_verdict_that_is_expected(case: dict[str, str]) -> None:
    assert judge(case["url"], case["purpose"]).meets(case["expected"]), case["why"]


@each_row(("provider", "rule"), RULES, ids=[rule.example[:90] for _, rule in RULES], by=lambda _, rule: rule.verdict)
def test_every_rule_decides_on_its_example(provider: Provider, rule: LinkRule) -> None:
    found = match(rule.example)
    assert found is not None
    assert (found.provider, found.rule, found.verdict) == (provider, rule, rule.verdict)


@each_row("provider", list(providers()), ids=lambda provider: provider.name)
def test_every_provider_says_where_it_was_learned_and_what_to_do(provider: Provider) -> None:
    assert provider.source
    assert re.fullmatch(r"20[0-9]{2}-[01][0-9]", provider.as_of)
    assert all(rule.verdict == "accept" or rule.fix or provider.fix for rule in provider.rules)


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: clock.scheme)
def test_every_clock_reads_its_example(clock: ExpiryForm) -> None:
    assert clock.reader in READERS
    parts = split_link(clock.example, field="f")
    query = {name.lower(): value for name, value in parse_qsl(parts.query)}
    validity = read_validity(parts.hostname or "", parts.path, query)
    assert validity is not None
    assert (validity.scheme, validity.ends) == (clock.scheme, datetime(2026, 12, 1, 12, tzinfo=UTC))


def test_every_scheme_says_where_it_was_learned() -> None:
    assert all(scheme.source and scheme.signature in scheme.needs for scheme in SCHEMES)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.b.loom.com/share/abc", None),
        ("https://www.loom.com/share/abc", "Loom"),
        ("https://m.facebook.com/rio", "Facebook"),
        ("https://a.b.box.com/s/abc", "Box"),
        ("https://box.com/s/abc", "Box"),
        ("https://docs.google.com/file/d/1", "Google Drive"),
        ("https://a.docs.google.com/file/d/1", None),
    ],
)
def test_a_host_means_what_it_says(url: str, name: str | None) -> None:
    found = match(url)
    assert (found and found.provider.name) == name


def test_software_of_ones_own_is_asked_last() -> None:
    found = match("https://gitlab.com/rio/v/-/blob/main/train.mp4")
    assert found is not None
    assert found.verdict == "refuse"
    assert ANY_HOST in found.provider.hosts


@pytest.mark.parametrize("url", ["https://www.tiktok.com/a/train.mp4", "https://streamable.com/abc.mp4"])
def test_a_site_that_has_no_files_only_warns_of_what_looks_like_one(url: str) -> None:
    assert str(judge(url, "media")) == "warn:may_be_a_page"


@each_row(
    "case",
    [case for case in CASES if "?" in case["url"]],
    ids=lambda case: case["url"][:90],
    by=lambda case: case["purpose"],
)
def test_no_message_quotes_the_query(case: dict[str, str]) -> None:
    url = case["url"] + f"&x={SECRET}" if "#" not in case["url"] else case["url"]
    quoted = [value for value in re.findall(r"=([^&=#]{12,})", url) if "." not in value]
    for text in told(url, case["purpose"]):
        assert SECRET not in text
        assert not any(value in text for value in quoted)


def told(url: str, purpose: Any) -> list[str]:
    try:
        found = check_link(url, field="train_video_url", now=NOW, purpose=purpose)
    except InvalidLinkError as error:
        return [str(error)]
    return [text for one in found for text in (one.message, one.fix)]
