"""Types of the tables of providers. The tables are ``_link_storage`` and the like; ``_link_match`` reads them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

LinkVerdict = Literal["accept", "warn", "refuse"]

ANY_HOST: Final = "*"
"""As a host of a provider: software that people run under their own names, known by its paths."""


class LinkRule(NamedTuple):
    """One form of a provider's links.

    Attributes:
        verdict: ``accept`` gives the file, ``refuse`` never does, ``warn`` may not.
        example: A link of this form. Tests hold the rule to it, and the documentation shows it.
        path: A regular expression that the whole path matches, in lower case. Without one the rule covers every path.
            A rule that refuses without any condition only warns if the path ends like a video.
        host: A regular expression that the whole host matches, or an empty string for all hosts of the provider.
        query: Conditions on the query, all of which must hold: ``"name"``, ``"name=value"``, alternatives with ``|``,
            and ``!`` in front for the opposite. A parameter without a value counts as missing.
        code: A stable word for programs.
        problem: What is wrong, as the rest of a sentence that starts with the link.
        fix: What to do; the provider's by default.
    """

    verdict: LinkVerdict
    example: str
    path: str = ""
    host: str = ""
    query: tuple[str, ...] = ()
    code: str = ""
    problem: str = ""
    fix: str = ""


class Provider(NamedTuple):
    """A service and the forms of its links. The first rule that fits decides; if none fits, the link passes.

    Attributes:
        name: The name for people.
        hosts: ``"loom.com"`` also means ``www.`` and ``m.`` of it, ``"*.box.com"`` also every other subdomain,
            ``"="`` in front only this very host. The provider with the most specific host is asked first.
        rules: The forms.
        fix: What to do with a link that is refused.
        source: Where this was learned.
        as_of: When, as in ``2026-11``.
    """

    name: str
    hosts: tuple[str, ...]
    rules: tuple[LinkRule, ...]
    fix: str
    source: str
    as_of: str = "2026-11"
