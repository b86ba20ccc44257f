"""Match a link against the tables of providers. Pure. Only this module interprets the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ._link_rules import ANY_HOST, LinkRule, LinkVerdict, Provider

_MEDIA_NAME: Final = re.compile(r".*\.(?:mp4|m4v|mov|webm)")


class LinkMatch(NamedTuple):
    """The rule that matches a link.

    Attributes:
        provider: The service.
        rule: The form.
        verdict: The verdict of the rule about this link.
    """

    provider: Provider
    rule: LinkRule
    verdict: LinkVerdict

    @property
    def code(self) -> str:
        """A stable word for programs."""
        return self.rule.code or ("share_page" if self.verdict == "refuse" else "may_be_a_page")

    @property
    def problem(self) -> str:
        """The problem, as the rest of a sentence that starts with the link."""
        return self.rule.problem or f"leads to a page of {self.provider.name}, not to the video file"

    @property
    def fix(self) -> str:
        """The advice to the caller."""
        return self.rule.fix or self.provider.fix


def find(host: str, path: str, query: Mapping[str, str]) -> LinkMatch | None:
    """Find the rule that matches a link.

    Args:
        host: The host, in lower case.
        path: The path, not decoded.
        query: The decoded parameters, with names in lower case.
    """
    path = path.lower() or "/"
    if "//" in path:
        path = re.sub("/{2,}", "/", path)
    rules = _rules_of(host)
    if rules.is_any_path is not None and not rules.is_any_path(path):
        return None
    for provider, rule, is_path in rules.rows:
        if (is_path is None or is_path(path)) and all(_holds(term, query) for term in rule.query):
            is_broad = rule.verdict == "refuse" and not (rule.path or rule.host or rule.query)
            return LinkMatch(provider, rule, "warn" if is_broad and _MEDIA_NAME.fullmatch(path) else rule.verdict)
    return None


def _holds(term: str, query: Mapping[str, str]) -> bool:
    wanted = not term.startswith("!")
    return wanted is any(_has(one, query) for one in term.removeprefix("!").split("|"))


def _has(condition: str, query: Mapping[str, str]) -> bool:
    name, _, value = condition.partition("=")
    given = query.get(name, "")
    return given.lower() == value if value else bool(given)


class _Rules(NamedTuple):
    """The rules for a host, with matchers of their paths, and with the most specific provider first.

    Attributes:
        rows: The rules.
        is_any_path: The matcher of the paths that any rule covers; ``None`` if a rule covers every path.
    """

    rows: tuple[tuple[Provider, LinkRule, Callable[[str], Any] | None], ...]
    is_any_path: Callable[[str], Any] | None


@lru_cache(maxsize=64)
def _rules_of(host: str) -> _Rules:
    host = host.rstrip(".")
    rows = tuple(
        (provider, rule, re.compile(rule.path).fullmatch if rule.path else None)
        for provider in _providers_of(host)
        for rule in provider.rules
        if not rule.host or re.fullmatch(rule.host, host)
    )
    paths = [rule.path for _, rule, _ in rows]
    # Most hosts have no rule of their own. So one combined pattern replaces a match for each kind of software.
    return _Rules(rows, re.compile("|".join(f"(?:{one})" for one in paths)).fullmatch if all(paths) else None)


def _providers_of(host: str) -> Iterator[Provider]:
    table = _table()
    labels = host.split(".")
    yield from table.get(f"={host}", ())
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        if start == 0 or (start == 1 and labels[0] in ("www", "m")):
            yield from table.get(name, ())
        yield from table.get(f"*.{name}", ())
    yield from table[ANY_HOST]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[Provider, ...]]:
    table: dict[str, tuple[Provider, ...]] = {}
    for provider in providers():
        for host in provider.hosts:
            table[host] = (*table.get(host, ()), provider)
    return table


def providers() -> Iterable[Provider]:
    """Return all providers, in the order of the documentation."""
    # The tables are imported with the first check, because most programs that import this package check no link.
    from ._link_apps import APPS
    from ._link_delivery import DELIVERY
    from ._link_drives import DRIVES
    from ._link_pages import PAGES
    from ._link_sites import SITES
    from ._link_storage import STORAGE

    return (*STORAGE, *DELIVERY, *DRIVES, *PAGES, *SITES, *APPS)
