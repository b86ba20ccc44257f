"""Arguments for the transport of requests and the trusted certificates."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest
import trustme

import tavus_consent as tc
from tavus_consent.preflight import Reach

KEY = "key-for-tests"


def ok(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"replica_id": "r1"})


@pytest.fixture(params=[tc.Tavus, tc.AsyncTavus])
def cls(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def _certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


# As those of two other libraries.
Session = type("Session", (), {"__module__": "requests.sessions"})
ClientSession = type("ClientSession", (), {"__module__": "aiohttp.client"})


def refusal(cls: Any, **arguments: Any) -> str:
    with pytest.raises(tc.ConfigurationError) as caught:
        cls(KEY, **arguments)
    return str(caught.value)


# http_client= and transport=


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (Session(), "requests.Session"),
        (ClientSession(), "aiohttp.ClientSession"),
        (httpx.Client, "the class httpx.Client"),
        (tc.Tavus(KEY, ledger=None), "tavus_consent.Tavus"),
        ("http://proxy.example", "str"),
        (False, "bool"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,  # no addresses: processes compare ids
)
def test_a_client_of_another_library_is_refused(cls: Any, given: Any, name: str) -> None:
    wanted = {tc.Tavus: "httpx.Client", tc.AsyncTavus: "httpx.AsyncClient"}[cls]
    said = refusal(cls, http_client=given)
    assert said.startswith(f"http_client= takes an {wanted} of your own, not {name}. Give your proxies, ")


@pytest.mark.parametrize(
    ("cls", "given", "text"),
    [
        (tc.Tavus, httpx.AsyncClient(), "Tavus takes an httpx.Client. With an httpx.AsyncClient, use AsyncTavus"),
        (tc.AsyncTavus, httpx.Client(), "AsyncTavus takes an httpx.AsyncClient. With an httpx.Client, use Tavus"),
    ],
)
def test_a_client_for_the_other_kind_names_the_other_class(cls: Any, given: Any, text: str) -> None:
    assert refusal(cls, http_client=given) == f"http_client=: {text}"


@pytest.mark.parametrize(
    ("cls", "other", "getter"),
    [(tc.Tavus, tc.Tavus, "get_httpx_client"), (tc.AsyncTavus, tc.AsyncTavus, "get_async_httpx_client")],
)
def test_the_client_of_a_client_is_refused(cls: Any, other: Any, getter: str) -> None:
    inner = getattr(other(KEY, ledger=None).raw, getter)()
    assert "of your own, not tavus_consent." in refusal(cls, http_client=inner)


def test_a_closed_http_client_is_refused() -> None:
    own = httpx.Client()
    own.close()
    assert refusal(tc.Tavus, http_client=own) == "http_client= is closed. Make a new httpx.Client"


@pytest.mark.parametrize(
    ("cls", "given", "text"),
    [
        (
            tc.Tavus,
            httpx.AsyncHTTPTransport(),
            "Tavus takes an httpx.BaseTransport, not httpx.AsyncHTTPTransport. With this one, use AsyncTavus",
        ),
        (
            tc.AsyncTavus,
            httpx.HTTPTransport(),
            "AsyncTavus takes an httpx.AsyncBaseTransport, not httpx.HTTPTransport. With this one, use Tavus",
        ),
        (tc.Tavus, Session(), "Tavus takes an httpx.BaseTransport, not requests.Session"),
        (tc.Tavus, httpx.MockTransport, "Tavus takes an httpx.BaseTransport, not the class httpx.MockTransport"),
    ],
)
def test_what_is_no_transport_of_this_client_is_refused(cls: Any, given: Any, text: str) -> None:
    assert refusal(cls, transport=given) == f"transport=: {text}"


def test_a_transport_may_be_of_any_class() -> None:
    class Own:
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return ok(request)

        def close(self) -> None:
            pass

    with tc.Tavus(KEY, transport=Own(), ledger=None) as tavus:  # type: ignore[arg-type]
        assert tavus.replicas.get("r1").replica_id == "r1"


# verify=


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def unverifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def any_host() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


@pytest.mark.parametrize("base_url", ["https://tavusapi.com", "http://localhost:1"])
@pytest.mark.parametrize("verify", [False, True, 0, "", b"ca.pem", "-----BEGIN CERTIFICATE-----\nabc"], ids=repr)
def test_verifying_cannot_be_turned_off(cls: Any, verify: Any, base_url: str) -> None:
    said = refusal(cls, verify=verify, base_url=base_url)
    assert said.startswith("verify= takes an ssl.SSLContext or the path of a CA bundle.")


@pytest.mark.parametrize("verify", [unverifying(), any_host(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)])
def test_a_context_that_verifies_nothing_is_refused(cls: Any, verify: ssl.SSLContext) -> None:
    said = refusal(cls, verify=verify)
    assert "does not verify" in said
    assert "ssl.create_default_context()" in said


@pytest.mark.parametrize("way", ["transport", "http_client"])
def test_verify_belongs_to_the_connections_of_this_client(cls: Any, way: str, bundle: Path) -> None:
    own: Any = httpx.Client if cls is tc.Tavus else httpx.AsyncClient
    given = httpx.MockTransport(ok) if way == "transport" else own(transport=httpx.MockTransport(ok))
    assert "give verify= to your own client or transport" in refusal(cls, verify=str(bundle), **{way: given})


def test_verify_goes_with_a_proxy(cls: Any, bundle: Path) -> None:
    assert cls(KEY, verify=bundle, proxy="http://proxy.example", ledger=None).base_url == "https://tavusapi.com"


@pytest.fixture(params=["verify=", "SSL_CERT_FILE"])
def refused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, cls: Any) -> Any:
    """Why a file of certificates cannot be used, whichever way it is named."""

    def name_it(path: str) -> str:
        if request.param == "verify=":
            said = refusal(cls, verify=path)
        else:
            monkeypatch.setenv(request.param, path)
            said = refusal(cls)
        assert said.startswith(f"{request.param} names certificates that cannot be used: ")
        assert said.endswith(f": {path}")
        return said

    return name_it


def test_a_file_that_is_not_there(refused: Any, tmp_path: Path) -> None:
    assert "No such file" in refused(str(tmp_path / "none.pem"))


def test_a_folder_is_no_file(refused: Any, tmp_path: Path) -> None:
    assert "directory" in refused(str(tmp_path))


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_without_certificates(refused: Any, tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content)
    assert "no certificate in PEM form" in refused(str(path))


def test_a_path_with_a_zero(cls: Any) -> None:
    assert "a path cannot have such characters" in refusal(cls, verify="a\0b")


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_of_certificates_that_is_not_there_or_empty(
    cls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: bool
) -> None:
    folder = tmp_path / "certs"
    if made:
        folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    said = refusal(cls)
    assert said.startswith("SSL_CERT_DIR names certificates that cannot be used: the folder does not exist")
    assert said.endswith(str(folder))


def test_a_folder_of_certificates_that_cannot_be_read(
    cls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert "Permission denied" in refusal(cls)


def test_of_several_folders_one_is_enough(
    cls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}:{bundle.parent}")
    assert cls(KEY, ledger=None).base_url == "https://tavusapi.com"


def test_the_file_wins_over_the_folder(cls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert cls(KEY, ledger=None).base_url == "https://tavusapi.com"


def test_the_argument_wins_over_the_environment(cls: Any, monkeypatch: pytest.MonkeyPatch, bundle: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    assert cls(KEY, verify=bundle, ledger=None).base_url == "https://tavusapi.com"


def test_a_client_that_speaks_no_tls_needs_no_certificates(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    assert cls(KEY, base_url="http://localhost:1", ledger=None).base_url == "http://localhost:1"


def test_links_are_read_with_the_same_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    from tavus_consent.preflight import net

    net._default_tls.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    with pytest.raises(tc.ConfigurationError, match=r"SSL_CERT_FILE names .*: /none\.pem"):
        Reach()
