"""``demo``, ``mock`` and ``doctor``: the commands that run a demo, serve the fake, and check the setup."""

from __future__ import annotations

import importlib
import logging
import re
import signal
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from tavus_consent import issue_callback
from tavus_consent.cli._demo import Callbacks, listening
from tavus_consent.testing import FakeTavus

from .conftest import Cli, Ended

Answers = Callable[[Callable[[httpx.Request], Any]], None]


# demo


@pytest.fixture(scope="module")
def demo() -> Ended:
    """The demo, as it is run by ``make demo``, but for its speed."""
    ended = subprocess.run([*COMMAND, "demo", "--seconds", "0.2"], capture_output=True, text=True, timeout=600)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


COMMAND = [sys.executable, "-m", "tavus_consent"]


def test_the_demo_ends_well(demo: Ended) -> None:
    assert demo.code == 0, demo.err


def test_the_module_can_be_read_without_running_the_command() -> None:
    assert callable(importlib.import_module("tavus_consent.__main__").main)


def test_the_demo_prints_the_statement_and_its_limits(demo: Ended) -> None:
    assert "I, Rio Alvarez, am currently speaking" in demo.out
    assert "does not establish that consent is legally valid" in demo.out


def test_the_demo_shows_progress(demo: Ended) -> None:
    assert demo.err.splitlines()[-1].endswith("completed 100/100")


def test_the_demo_receives_the_callback_and_prints_the_replica(demo: Ended) -> None:
    (replica_id,) = set(re.findall(r"\br[0-9a-f]{11}\b", demo.out))
    assert re.search(rf"ReplicaReady\(.*status='ready', .*replica_id='{replica_id}'", demo.out)
    assert re.search(rf"Replica +{replica_id}\s+Name +Rio\s+Status +completed", demo.out)


def test_the_code_that_the_demo_shows_is_python(demo: Ended) -> None:
    blocks = re.findall(r"^\d\. .*\n\n((?:    .*\n)+)", demo.out, re.MULTILINE)
    assert len(blocks) == 6
    for block in blocks:
        compile("if True:\n" + block, "<demo>", "exec")


def test_the_demo_prints_no_secret(demo: Ended) -> None:
    assert "tavus_token=" not in demo.out + demo.err


def test_the_demo_runs_in_this_process_too(cli: Cli, terminal: None) -> None:
    ended = cli("demo", "--seconds", "0.05")
    assert ended.code == 0
    assert "100%" in ended.err


# its listener


@pytest.fixture
def called() -> Any:
    with listening() as callbacks:
        yield callbacks


def test_a_callback_with_the_secret_is_let_in(called: Callbacks) -> None:
    called.issued = issue_callback(called.url)
    assert httpx.post(called.issued.url, json={"replica_id": "r1", "status": "ready"}).status_code == 204
    assert called.received.get_nowait().replica_id == "r1"


def test_a_stranger_is_not_let_in(called: Callbacks) -> None:
    called.issued = issue_callback(called.url)
    assert httpx.post(called.url, json={"replica_id": "r1", "status": "ready"}).status_code == 403
    assert called.received.empty()


def test_nobody_is_let_in_before_the_address_is_issued(called: Callbacks) -> None:
    assert httpx.post(f"{called.url}?tavus_token=", json={}).status_code == 403


def test_nonsense_is_refused(called: Callbacks) -> None:
    called.issued = issue_callback(called.url)
    assert httpx.post(called.issued.url, content=b"nonsense").status_code == 400


# mock


def test_mock_says_how_to_use_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {}

    def serve(fake: FakeTavus, *, on_ready: Callable[[str], None], **options: Any) -> None:
        said.update(options)
        on_ready("http://127.0.0.1:9")

    monkeypatch.setattr("tavus_consent.testing.serve", serve)
    out = cli("mock", "--port", "9", "--speed", "3600").out
    speeds = {"speed": 3600.0, "conversation_speed": 1.0}
    assert said == {"host": "127.0.0.1", "port": 9, **speeds, "allow_hosts": (), "allow_origins": ()}
    assert "export TAVUS_BASE_URL=http://127.0.0.1:9 TAVUS_API_KEY=fake-key" in out
    assert "A training of 4h takes 4s." in out
    assert "ends when you advance the clock" in cli("mock", "--speed", "0").out
    assert "takes 2m." in cli("mock", "--speed", "120").out


def test_mock_says_who_may_use_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {}
    monkeypatch.setattr("tavus_consent.testing.serve", lambda fake, **options: said.update(options))
    cli("mock", "--allow-host", "fake", "--allow-host", "b.example", "--allow-origin", "http://localhost:5173")
    assert (said["allow_hosts"], said["allow_origins"]) == (("fake", "b.example"), ("http://localhost:5173",))


def test_mock_shows_each_request_and_why_it_was_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(fake: FakeTavus, **_: Any) -> None:
        with fake.serve() as url:
            options: dict[str, Any] = {"headers": {"x-api-key": "fake-key"}, "trust_env": False}
            httpx.get(f"{url}/v2/replicas/none?token=secret", **options)
            httpx.post(f"{url}/v2/personas", json={"persona_nam": "Sam"}, **options)

    monkeypatch.setattr("tavus_consent.testing.serve", serve)
    lines = [re.sub(r"\d+ ms", "n ms", line) for line in cli("mock").err.splitlines()]
    assert lines == [
        "GET /v2/replicas/none 400 n ms: path: no object has this replica_id, or it is not yours",
        "warning: GET /v2/replicas/none ?token: not in the specification",
        "POST /v2/personas 200 n ms",
        "warning: POST /v2/personas /persona_nam: not in the specification; did you mean persona_name?",
    ]
    assert not logging.getLogger("tavus_consent.testing").handlers


def test_mock_has_the_objects_of_a_file(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes: list[FakeTavus] = []
    monkeypatch.setattr("tavus_consent.testing.serve", lambda fake, **_: fakes.append(fake))
    seed = tmp_path / "seed.json"
    seed.write_text('{"replica": [{"id": "r1"}, {"id": "r2"}], "pal": [{"id": "p1", "kind": "x"}]}', "utf-8")

    assert cli("mock", "--seed", str(seed), "--stock", "all").code == 0

    (fake,) = fakes
    assert (list(fake.replicas), list(fake.objects("persona"))) == (["r1", "r2"], ["p1"])
    with fake.client() as tavus:
        assert tavus.personas.get("pipecat0").persona_name == "Persona of pipecat"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not a JSON file"),
        ('{"replica": {"id": "r1"}}', "must be lists of objects by kind"),
        ("[]", "must be lists of objects by kind"),
        ('{"replica": ["r1"]}', "each replica must be an object"),
        ('{"horse": [{}]}', "kind must be one of"),
        (None, "No such file"),
    ],
)
def test_mock_refuses_a_file_that_is_no_seed(cli: Cli, tmp_path: Path, content: str | None, words: str) -> None:
    seed = tmp_path / "seed.json"
    if content is not None:
        seed.write_text(content, "utf-8")

    ended = cli("mock", "--seed", str(seed))

    assert (ended.code, words in ended.err) == (2, True), ended.err


def test_mock_refuses_what_is_no_origin(cli: Cli) -> None:
    ended = cli("mock", "--allow-origin", "*")
    assert (ended.code, ended.err.startswith("error: cannot allow the origin '*'")) == (2, True)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_mock_serves_until_it_is_told_to_end(sign: signal.Signals) -> None:
    with subprocess.Popen([*COMMAND, "mock", "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        environment = next(line for line in process.stdout if "export" in line)
        url = environment.split("TAVUS_BASE_URL=")[1].split()[0]
        answer = httpx.get(f"{url}/v2/replicas", headers={"x-api-key": "fake-key"})
        process.send_signal(sign)
        assert (answer.status_code, process.wait(timeout=30)) == (200, 0)


def test_mock_on_an_address_that_cannot_be_used(cli: Cli) -> None:
    ended = cli("mock", "--port", "99999")
    assert ended.code == 2
    assert ended.err.startswith("error: cannot listen on port 99999")


# doctor


def findings(ended: Ended) -> dict[str, tuple[bool | None, str]]:
    return {one["name"]: (one["well"], one["text"]) for one in ended.json["findings"]}


def test_the_doctor_finds_everything_well(cli: Cli, fake: FakeTavus) -> None:
    fake.advance(seconds=(datetime.now(UTC) - fake.now).total_seconds())
    ended = cli("doctor")
    assert ended.code == 0
    assert "FAILED" not in ended.out
    assert "answered 200 in" in ended.out
    assert "https://tavusapi.com (the default)" in ended.out
    assert "fake-key" not in ended.out


def test_the_doctor_sends_one_request(cli: Cli, fake: FakeTavus) -> None:
    cli("doctor")
    assert [request.operation for request in fake.requests] == ["listReplicas"]


def test_the_doctor_finds_no_key_and_a_bad_base_url(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_BASE_URL", "http://tavus.example")
    ended = cli("doctor", "--json")
    found = findings(ended)
    assert (ended.code, ended.json["well"]) == (1, False)
    assert found["API key"][0] is found["Base URL"][0] is False
    assert "Tavus" not in found


def test_the_doctor_says_how_to_trust_an_authority_without_arguments(cli: Cli, answers: Answers) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        error = ssl.SSLCertVerificationError("self-signed certificate in certificate chain")
        error.verify_code = 19
        raise httpx.ConnectError(str(error)) from error

    answers(refuse)
    text = findings(cli("doctor", "--json"))["Tavus"][1]
    assert "authority signed it, set SSL_CERT_FILE to a file with that authority's certificate" in text


def test_the_doctor_finds_a_wrong_key(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    ended = cli("doctor", "--json")
    well, text = findings(ended)["Tavus"]
    assert (ended.code, well) == (1, False)
    assert "401" in text


@pytest.mark.parametrize(
    ("ahead", "well", "text"),
    [(timedelta(), True, " s "), (timedelta(hours=-1), False, "ahead of"), (timedelta(hours=1), False, "behind")],
)
def test_the_doctor_compares_clocks(cli: Cli, answers: Answers, ahead: timedelta, well: bool, text: str) -> None:
    date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
    answers(lambda _: httpx.Response(200, json={"data": []}, headers={"date": date}))
    found = findings(cli("doctor", "--json"))["Clock"]
    assert found[0] is well
    assert text in found[1]


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_the_doctor_bears_a_date_that_means_nothing(cli: Cli, answers: Answers, date: str) -> None:
    answers(lambda _: httpx.Response(200, json={"data": []}, headers={"date": date}))
    ended = cli("doctor", "--json")
    assert (ended.code, "Clock" in findings(ended)) == (0, False)


def test_the_doctor_names_extras_that_are_missing(cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tavus_consent.cli._extras.distribution", lambda name: distribution("no-such" if name == "uvicorn" else name)
    )
    found = findings(cli("doctor", "--json"))
    assert found["Extra mock"] == (None, "missing: pip install 'tavus-consent[mock]'")
    assert found["Extra cli"][0] is True


def test_the_doctor_knows_every_extra(cli: Cli, fake: FakeTavus) -> None:
    with Path("pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    shown = {name.removeprefix("Extra ") for name in findings(cli("doctor", "--json")) if name.startswith("Extra ")}
    assert shown == set(extras)


def test_the_doctor_says_that_it_cannot_know_the_extras(
    cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tavus_consent.cli._extras.distribution", lambda _: distribution("no-such"))
    found = findings(cli("doctor", "--json"))
    assert found["Extras"] == (None, "unknown: the package has no metadata")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://gateway.example/v2/", "TAVUS_BASE_URL without its /v2, which every path begins with"),
        ("https://gateway.example/", "TAVUS_BASE_URL"),
    ],
)
def test_the_doctor_says_what_it_takes_off_the_base_url(
    cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch, given: str, shown: str
) -> None:
    monkeypatch.setenv("TAVUS_BASE_URL", given)
    assert findings(cli("doctor", "--json"))["Base URL"] == (True, f"https://gateway.example ({shown})")


def test_the_doctor_finds_certificates_that_are_not_there(
    cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/none/ca.pem")
    ended = cli("doctor", "--json")
    text = "SSL_CERT_FILE names certificates that cannot be used: No such file or directory: /none/ca.pem"
    assert (ended.code, findings(ended)["Certificates"]) == (1, (False, text))
    assert fake.requests == []


@pytest.mark.parametrize("named", [True, False])
def test_the_doctor_names_the_certificates(
    cli: Cli, fake: FakeTavus, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if named:
        monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    text = f"SSL_CERT_FILE={certifi.where()}" if named else "certifi (the default)"
    assert findings(cli("doctor", "--json"))["Certificates"] == (True, text)
