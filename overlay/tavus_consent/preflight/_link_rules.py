"""Types of the tables of providers. The tables are in ``_link_storage`` and similar; ``_link_match`` reads them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

LinkVerdict = Literal["accept", "warn", "refuse"]

ANY_HOST: Final = "*"
"""The host of a provider whose software people run on their own hosts. Its paths identify it."""


class LinkRule(NamedTuple):
    """One form of a provider's links.

    Attributes:
        verdict: ``accept`` if such a link gives the file, ``refuse`` if it never does, ``warn`` if it might not.
        example: A link of this form. Tests check the rule against it, and the documentation shows it.
        path: A regular expression that the whole path matches, in lower case. If empty, the rule covers every path.
            A ``refuse`` rule without any condition only warns if the path ends like a video.
        host: A regular expression that the whole host matches. If empty, the rule covers all hosts of the provider.
        query: Conditions on the query, all of which must hold: ``"name"`` or ``"name=value"``. ``|`` separates
            alternatives, and a leading ``!`` negates. A parameter without a value counts as missing.
        code: A stable word for programs.
        problem: The problem, as the rest of a sentence that starts with the link.
        fix: The advice; by default, the advice of the provider.
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
    """A service and the forms of its links. The first rule that matches decides; if none matches, the link passes.

    Attributes:
        name: The name to show to people.
        hosts: The hosts. ``"loom.com"`` includes its ``www.`` and ``m.`` subdomains; ``"*.box.com"`` includes every
            subdomain; a leading ``"="`` means exactly this host. The provider with the most specific host comes first.
        rules: The forms.
        fix: The advice if a link is refused.
        source: The source of these rules.
        as_of: The month in which the source was read, as in ``2026-11``.
    """

    name: str
    hosts: tuple[str, ...]
    rules: tuple[LinkRule, ...]
    fix: str
    source: str
    as_of: str = "2026-11"
