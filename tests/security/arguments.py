"""Invalid arguments, one for every reason to reject them, each with a secret in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx

import tavus_consent as tc

from .canaries import Canaries


def bad_options(c: Canaries) -> Iterator[dict[str, Any]]:
    """Options of a client that cannot work."""
    yield from (
        {"api_key": ""},
        {"api_key": f"{c.key} {c.key}"},
        {"api_key": f"{c.key}\u00e9"},
        {"api_key": f"{c.key}\n"},
    )
    for url in (
        "http://{}.example",
        "https://me:{}@h.example",
        "https://h.example/?k={}",
        "https://h.example#{}",
        "ftp://{}",
    ):
        yield {"base_url": url.format(c.key)}
    yield from (
        {"base_url": f"https://[{c.key}]"},
        {"base_url": f"https://[{c.key}/{c.key}]"},
        {"base_url": f"https://h.example:{c.key}"},
        {"base_url": c.train_url},
    )
    yield from (
        {"headers": {"x-api-key": c.key}},
        {"headers": {f"a {c.header}": "b"}},
        {"headers": {"a": f"{c.header}\n"}},
    )
    yield from ({"timeout": -1}, {"max_retries": -1}, {"limits": tc.Limits(max_connections=0)})
    yield from (
        {"proxy": f"ftp://me:{c.proxy_password}@p"},
        {"proxy": f"http://me:{c.proxy_password}@p:{c.proxy_password}"},
    )
    yield {
        "proxy": f"http://me:{c.proxy_password}@p",
        "transport": httpx.MockTransport(lambda _: httpx.Response(200)),
    }


def bad_calls(c: Canaries) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Calls with arguments that cannot be meant."""
    spoken = tc.SpokenConsent(c.full_name, c.consent_url)
    for field in ("train_video_url", "callback_url", "video_url"):
        for url in bad_links(c):
            consenting = tc.SpokenConsent(c.full_name, url if field == "video_url" else c.consent_url)
            given: dict[str, Any] = {"train_video_url": c.train_url, field: url, "consent": consenting}
            given.pop("video_url", None)
            yield "replicas.create_personal", lambda t, given=given: t.replicas.create_personal(**given)
    urls = {"train_video_url": c.train_url}
    yield "replicas.create_personal", lambda t: t.replicas.create_personal(**urls, consent=c.full_name)
    yield "replicas.create_personal", lambda t: t.replicas.create_personal(train_video_url="", consent=spoken)
    for name in (f"{c.train_url}\n", f" {c.train_url}", c.train_url * 9, ""):
        yield (
            "replicas.create_personal",
            lambda t, name=name: t.replicas.create_personal(**urls, consent=spoken, replica_name=name),
        )
        yield "replicas.rename", lambda t, name=name: t.replicas.rename("r1", name)
    yield (
        "replicas.create_non_human",
        lambda t: t.replicas.create_non_human(**urls, attestation="", attested_by=c.attested_by),
    )
    for one in (c.train_url, c.issued_url, f"{c.key}/x", f"{c.key}\u00e9", f"{c.key}?x"):
        yield "replicas.get", lambda t, one=one: t.replicas.get(one)
        yield "replicas.delete", lambda t, one=one: t.replicas.delete(one)
        yield "replicas.wait", lambda t, one=one: t.replicas.wait(one)
        yield "replicas.list", lambda t, one=one: t.replicas.list(replica_ids=[one])
        yield "replicas.list", lambda t, one=one: t.replicas.list(replica_type=one)
    yield "replicas.wait", lambda t: t.replicas.wait("r1", timeout=-1)
    for method, url, more in (
        ("GET", c.train_url, {}),
        ("GET", f"/v2/{c.key}\x00", {}),
        ("POST", "/v2/replicas", {"json": {"train_video_url": f"{c.train_url}\ud800"}}),
        ("POST", "/v2/replicas", {"json": {"train_video_url": {c.train_url}}}),
        ("POST", "/v2/replicas", {"headers": {"a": f"{c.header}\u20ac"}}),
        ("POST", "/v2/replicas", {"content": {c.train_url}}),
        ("GET", "/v2/replicas", {"auth": ("me", c.key)}),
    ):
        yield "Tavus.raw", lambda t, method=method, url=url, more=more: _http(t).request(method, url, **more)
    yield "Tavus.raw", lambda t: _http(t).send(httpx.Request("POST", c.train_url, headers={"x-api-key": "x"}))


def bad_links(c: Canaries) -> Iterator[str]:
    """A link for every reason to refuse one."""
    secret = c.train_url.partition("?")[2]
    yield from (
        f"{c.train_url} ",
        f"{c.train_url}\n",
        f"{c.train_url}\\",
        c.train_url * 200,
        f"//b.example/{secret}",
        secret,
    )
    yield f"https://me:{c.issued_token}@b.example/{secret}"
    yield f"https://me:{c.issued_token}@\u2105.example/{secret}"
    yield f"https://[{c.issued_token}]/{secret}"
    yield f"https://b.example:{c.issued_token}/{secret}"
    yield f"https://b.example:99999/{secret}"
    yield f"https://{c.issued_token}_.{c.issued_token * 3}.example/{secret}"
    yield f"http://b.example/{c.issued_token}.mp4?{secret}"
    yield f"https://www.dropbox.com/s/{c.issued_token}/t.mp4?{secret}"
    yield f"https://drive.google.com/file/d/{c.issued_token}/view"
    yield f"https://b.example/t.mp4?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-Signature={c.issued_token}&{secret}"
    yield f"https://b.example/t.mp4?X-Amz-Date=20990101T000000Z&X-Amz-Expires=60&X-Amz-Signature={c.issued_token}"
    yield f"https://b.example/t.mp4?se={c.issued_token}&sig={c.issued_token}"


def bad_names(c: Canaries) -> Iterator[str]:
    """A name for every reason to refuse one."""
    name = c.full_name
    yield from (f"{name}\n", f"{name} 2", f"[{name}]", f"{name}!", f"{name} \u0301x", f"{name} -", f"{name} R\u0456o")
    yield from (f"{name} never", f"my name {name}", name * 9, f"{name} a b c d e f g", f"{name}\ud800", f"{name}\u200b")


def bad_callbacks(c: Canaries) -> Iterator[bytes | str]:
    """A body for every reason to refuse one."""
    yield from (c.everything, c.everything.encode() + b"\xff", f'["{c.key}"]')
    yield from (
        c.everything * 200,
        f"{c.everything}\ud800",
        "[" * 5000 + c.key,
    )


def unknown_callbacks(c: Canaries) -> Iterator[str]:
    """A body of an unknown form, with a secret in each place."""
    yield f'{{"replica_id": "{c.key}/", "x": 1}}'
    yield f'{{"replica_id": "r1", "x": "{c.key}"}}'
    yield f'{{"conversation_id": "c1", "event_type": "x", "properties": {{"x": "{c.key}"}}}}'
    yield f'{{"video_id": "v1", "status": "ready", "download_url": "{c.train_url}"}}'


def _http(tavus: Any) -> Any:
    return tavus.raw.get_httpx_client() if isinstance(tavus, tc.Tavus) else tavus.raw.get_async_httpx_client()
