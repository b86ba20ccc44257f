"""A fake served over HTTP, and the environment that directs programs to it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpcore
import httpx
import pytest
import trustme
from tests.preflight.media import make_video
from tests.preflight.servers import FileServer, public
from tests.preflight.speech import Canned

from tavus_consent.preflight import listening, net
from tavus_consent.testing import FakeTavus
from tavus_consent.testing.server import running


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[FakeTavus, str]]:
    """A fake in which every training is over at once, and its base URL."""
    fake = FakeTavus(training_time=timedelta(0))
    with running(fake, speed=1) as url:
        yield fake, url


@pytest.fixture
def fake(served: tuple[FakeTavus, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTavus:
    """The fake, empty, and named by the environment, with a default ledger of its own."""
    fake, url = served
    fake.reset()
    monkeypatch.setenv("TAVUS_BASE_URL", url)
    monkeypatch.setenv("TAVUS_API_KEY", fake.api_key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return fake


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FileServer, Path]]:
    """A server of videos that train, and the certificate to trust."""
    folder = tmp_path_factory.mktemp("bucket")
    make_video(folder / "train.mp4", seconds=100)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    with public(folder / "train.mp4", "bucket.example", authority=authority) as (server, _):
        yield server, folder


@pytest.fixture
def media(bucket: tuple[FileServer, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand-ins for what a preflight reaches: hosts, files, and services that listen."""
    server, folder = bucket
    found, connect = socket.getaddrinfo, httpcore.SyncBackend.connect_tcp
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        if host == "minio.internal":
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return [address] if str(host).endswith(".example") else found(host, *more, **named)

    def connected(backend: Any, host: str, port: int, *more: Any, **named: Any) -> Any:
        there = ("127.0.0.1", server.port) if host == "93.184.215.14" else (host, port)
        return connect(backend, *there, *more, **named)

    words = [SimpleNamespace(word=one.text, start=one.start, end=one.end) for one in Canned().words]
    heard = [{"word": one.word, "start": one.start, "end": one.end, "confidence": 0.9} for one in words]
    answer = {"results": {"channels": [{"alternatives": [{"words": heard}]}]}}
    made = SimpleNamespace(create=lambda **_: SimpleNamespace(words=words))
    service = SimpleNamespace(audio=SimpleNamespace(transcriptions=made))

    def post(url: str, **_: Any) -> httpx.Response:
        return httpx.Response(200, json=answer, request=httpx.Request("POST", url))

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connected)
    monkeypatch.setattr(httpx, "post", post)
    monkeypatch.setattr(listening, "default_transcriber", Canned)
    monkeypatch.setitem(sys.modules, "openai", SimpleNamespace(OpenAI=lambda: service))  # type: ignore[arg-type]
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    net._default_tls.cache_clear()
    (tmp_path / "train.mp4").symlink_to(folder / "train.mp4")
    monkeypatch.chdir(tmp_path)
    yield
    net._default_tls.cache_clear()
