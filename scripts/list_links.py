"""Write ``docs/links.md``, the list of working forms of links, from the tables of ``tavus_consent.preflight``.

::

    python scripts/list_links.py            write it
    python scripts/list_links.py --check    write nothing; exit 1 if it is not current
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tavus_consent.preflight._expiry_rules import CLOCKS, PATHS, ExpiryForm
from tavus_consent.preflight._link_apps import APPS
from tavus_consent.preflight._link_delivery import DELIVERY
from tavus_consent.preflight._link_drives import DRIVES
from tavus_consent.preflight._link_pages import PAGES
from tavus_consent.preflight._link_rules import ANY_HOST, LinkRule, Provider
from tavus_consent.preflight._link_sites import SITES
from tavus_consent.preflight._link_storage import STORAGE
from tavus_consent.preflight._signatures import SCHEMES, Scheme

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/links.md"

_VERDICTS = {"accept": "works", "warn": "**may not work**", "refuse": "**refused**"}

_HEAD = """# Which link works, by provider

Built by `scripts/list_links.py` from the tables in `overlay/tavus_consent/preflight`; do not edit.

Tavus downloads your videos itself, hours after the request. The client checks each link offline, before it sends
anything. It raises `InvalidLinkError` if a link cannot work, and warns with `LinkWarning` if it might fail. Links of
other providers pass.

**The short version:** use a public https link to the file, or a presigned GET link that is valid for 48 hours. A link
that you signed for 24 hours just before the request is accepted, too.

## Every link

| Link | Verdict |
| --- | --- |
| not absolute, or `http`, `s3`, `gs`, `ftp` | **refused**; `http` only passes for this machine |
| a user name or a password in the link | **refused** |
| a space, a line break, an invisible character, a backslash | **refused** |
| a host that cannot exist, a port out of range, more than 8,192 characters | **refused** |
| a private address, or a name such as `nas.lan`, `minio`, `app.internal` | **may not work**: Tavus cannot reach it |
| non-ASCII characters | **may not work**: encode them |
| a fragment (`#...`) | **may not work**: it never reaches the server |
| an ending other than `.mp4` | **may not work** |

For a `callback_url`, the client checks only its form, its host and its fragment. `http://localhost` passes if the
server is a fake. With Tavus itself, it is refused, because Tavus cannot call your machine.

## Providers

The first matching row applies.
"""

_SIGNATURES = """
## Signatures

The client refuses a link with one of these signatures if it was signed for an upload, copied from HTML (`&amp;`),
encoded twice, or needs headers that a download does not send. It also refuses the link if a part of the signature is
missing and the host is known to check it.

| Scheme | Required | Maximum | Source | As of |
| --- | --- | --- | --- | --- |
"""

_EXPIRY = """
## Expiry

The client reads the expiry of a link from these parameters. It refuses an expired link, and warns if less than 24 hours
are left. It recognizes JSON Web Tokens (`exp`, `nbf`) and tokens such as `exp=1796126400~acl=/*~hmac=...` anywhere in
the link.

| Scheme | Parameters | Source | As of |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page for the current tables."""
    return "".join(
        (
            _HEAD,
            *_group("Storage and delivery", (*STORAGE, *DELIVERY)),
            *_group("File sharing and code", (*DRIVES, *PAGES)),
            *_group("Video sites, social networks and others", (*SITES, *APPS)),
            _SIGNATURES,
            *map(_scheme, SCHEMES),
            _EXPIRY,
            *map(_clock, CLOCKS),
            *(
                f"| {scheme} | in the path, `{domain}` | addresses in public code | 2026-11 |\n"
                for domain, _, scheme in PATHS
            ),
        )
    )


def _group(title: str, providers: Iterable[Provider]) -> Iterator[str]:
    yield f"\n### {title}\n\n| Provider | For example | Verdict | What to do | Source | As of |\n"
    yield "| --- | --- | --- | --- | --- | --- |\n"
    for provider in sorted(providers, key=lambda one: one.name.lower().removeprefix("the ")):
        yield from (_row(provider, rule) for rule in provider.rules)


def _row(provider: Provider, rule: LinkRule) -> str:
    verdict = _VERDICTS[rule.verdict]
    if rule.problem and rule.verdict != "accept":
        verdict += f": {rule.problem}"
    name = provider.name[0].upper() + provider.name[1:]
    if ANY_HOST in provider.hosts:
        name += " (any host)"
    fix = "" if rule.verdict == "accept" else rule.fix or provider.fix
    return _line(name, f"`{rule.example}`", verdict, fix, provider.source, provider.as_of)


def _scheme(scheme: Scheme) -> str:
    longest = f"7 days on {', '.join(scheme.week_hosts)}" if scheme.week_hosts else ""
    return _line(scheme.name, _code(scheme.needs), longest, scheme.source, scheme.as_of)


def _clock(clock: ExpiryForm) -> str:
    return _line(clock.scheme, _code(clock.names), clock.source, clock.as_of)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program.
        root: The folder that contains ``docs``.

    Returns:
        0 if the page is current, 1 if ``--check`` found that it is not.
    """
    parser = argparse.ArgumentParser(description=f"Write {PAGE} from the tables of the preflight.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not current")
    options = parser.parse_args(arguments)
    file, text = root / PAGE, page()
    if options.check:
        current = file.exists() and file.read_text("utf-8") == text
        if not current:
            print(f"{PAGE} is not current: run scripts/list_links.py.", file=sys.stderr)
        return 0 if current else 1
    file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
