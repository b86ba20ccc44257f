"""Canaries: unique secret values inside realistic data."""

from __future__ import annotations

import string
from typing import NamedTuple

from hypothesis import strategies as st

from tavus_consent.callbacks._query import TOKEN_PARAMETER

TOKENS = st.text(string.ascii_letters + string.digits, min_size=24, max_size=40)
NAMES = st.text(string.ascii_lowercase, min_size=16, max_size=24).map(str.capitalize)

# Signs that a key or a link may hold, and that are written in another way in JSON, HTML, a URL or a shell.
IN_KEYS = st.sampled_from(["", "-", "_", ".", "+", "/", "=", "&", "<", "'", '"', "\\", "%2F", ";"])
IN_LINKS = st.sampled_from(
    ["", "'", "(1)", "%27", "%20", "%22", "&", ";", "$", "*", "+", "[1]", "{1}", "|", "`", "^", "~"]
)


class Canaries(NamedTuple):
    """The planted secrets, and the pieces of them to search for."""

    key: str
    full_name: str
    attested_by: str
    train_url: str
    consent_url: str
    #: an address for callbacks with a secret in its path; ``issued_token`` is the one that ``issue_callback`` adds
    callback_url: str
    issued_token: str
    #: a header of the caller's own, such as a gateway's token
    header: str
    proxy_password: str
    #: a key of somebody else's service, within a body
    body_key: str
    pieces: dict[str, str]

    @property
    def issued_url(self) -> str:
        """The callback address with its token."""
        return f"{self.callback_url}?{TOKEN_PARAMETER}={self.issued_token}"

    def another(self, name: str, url: str) -> str:
        """The same link to another file: one recording serves one person, and shows a person or none."""
        head, _, query = url.partition("?")
        return f"{head.removesuffix('.mp4')}-{name}.mp4?{query}"

    def plain_link(self, name: str) -> str:
        """A link that nobody refuses, at any time."""
        return (
            f"https://bucket.example/{self.pieces[f'{name}: path']}/{name}.mp4?sig={self.pieces[f'{name}: signature']}"
        )

    @property
    def everything(self) -> str:
        """All that a server may know and repeat, also when the request did not hold it."""
        known = (self.key, self.train_url, self.consent_url, self.callback_url, self.issued_url)
        return " ; ".join(known)


@st.composite
def canaries(draw: st.DrawFn) -> Canaries:
    pieces: dict[str, str] = {}

    def piece(name: str, kind: st.SearchStrategy[str] = TOKENS) -> str:
        pieces[name] = draw(kind.filter(lambda text: text not in pieces.values()))
        return pieces[name]

    def link(name: str) -> str:
        path = f"https://bucket.example/{piece(f'{name}: path')}/it{draw(IN_LINKS)}s/{name}.mp4"
        signed = draw(st.sampled_from(["S3", "Azure", "other"]))
        if signed == "S3":
            return (
                f"{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={piece(f'{name}: credential')}%2F20260301"
                "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260301T110000Z&X-Amz-Expires=172800"
                f"&X-Amz-SignedHeaders=host&X-Amz-Signature={piece(f'{name}: signature')}"
            )
        signature = f"{piece(f'{name}: signature')}%2B{piece(f'{name}: its second half')}%3D"
        if signed == "Azure":
            return f"{path}?se=2026-03-05T00%3A00%3A00Z&sp=r&sv=2024-11-04&sr=b&sig={signature}"
        return f"{path}?token={draw(IN_LINKS)}{signature}#{piece(f'{name}: fragment')}"

    return Canaries(
        key=piece("key") + draw(IN_KEYS) + piece("key: its second half"),
        full_name=f"{piece('first name', NAMES)} {piece('last name', NAMES)}",
        attested_by=f"{piece('first name of who attests', NAMES)} {piece('last name of who attests', NAMES)}",
        train_url=link("train"),
        consent_url=link("consent"),
        callback_url=f"https://app.example/hooks/{piece('callback: path')}",
        issued_token=piece("callback: token"),
        header=piece("header") + draw(st.sampled_from(["", "+", "/", "="])),
        proxy_password=piece("proxy password"),
        body_key=piece("key in a body") + draw(st.sampled_from(["", "+", "/", "="])) + piece("its second half"),
        pieces=pieces,
    )
