"""Certificates over real sockets: trusted ones, and the advice for an untrusted one."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

import tavus_consent as tc

from .conftest import Connection, every


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def at(url: str) -> dict[str, Any]:
    return {"base_url": url, "max_retries": 0}


@pytest.fixture
def authority(make_server: Any) -> tuple[trustme.CA, Any]:
    """An authority of a company's own, and a server with its certificate."""
    found, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.issue_cert("127.0.0.1").configure_cert(context)
    return found, make_server(every(Connection.reply), context=context)


def test_the_error_for_an_unknown_authority_says_how_to_trust_it(
    make_client: Any, authority: tuple[trustme.CA, Any]
) -> None:
    with pytest.raises(tc.ConnectionFailedError, match="pass verify=, or set SSL_CERT_FILE to a file"):
        make_client(**at(authority[1].url))(get)


@pytest.mark.parametrize("way", ["path", "context", "SSL_CERT_FILE"])
def test_an_authority_that_is_trusted(
    make_client: Any, authority: tuple[trustme.CA, Any], way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    authority[0].cert_pem.write_to_path(str(bundle))
    verify: Any = None
    if way == "SSL_CERT_FILE":
        monkeypatch.setenv(way, str(bundle))
    else:
        verify = bundle if way == "path" else ssl.create_default_context(cafile=bundle)
    client = make_client(**at(authority[1].url), verify=verify)
    assert client(get).replica_id == "r1"


def test_a_certificate_of_another_host_gets_no_hint(make_client: Any, make_server: Any, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = make_server(every(Connection.reply), context=context)
    client = make_client(**at(server.url), verify=tmp_path / "ca.pem")
    with pytest.raises(tc.ConnectionFailedError, match="IP address mismatch") as caught:
        client(get)
    assert "verify=" not in str(caught.value)
