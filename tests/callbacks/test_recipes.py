"""The recipes in examples/callbacks, each with its framework: signup, training, callback, receipt."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.urls import clear_url_caches

import tavus_consent
from tavus_consent.testing import FakeTavus

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "callbacks"
PERSON = {
    "full_name": "Rio Alvarez",
    "consent_video": "https://bucket.example/consent.mp4",
    "train_video": "https://bucket.example/train.mp4",
}
LIMITS = "does not establish that consent is legally valid"


@pytest.fixture
def fake() -> FakeTavus:
    return FakeTavus(now=datetime(2026, 3, 1, 12, tzinfo=UTC))


Load = Callable[[str], ModuleType]


@pytest.fixture
def load(fake: FakeTavus, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a recipe whose clients call the fake."""
    monkeypatch.setattr(tavus_consent, "Tavus", lambda **more: fake.client(ledger=url, **more))
    monkeypatch.setattr(tavus_consent, "AsyncTavus", lambda **more: fake.async_client(ledger=url, **more))

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    yield load
    clear_url_caches()  # of Django, which remembers the views of a module by its name


def test_every_recipe_is_run_here() -> None:
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert names == {"fastapi_app", "starlette_app", "flask_app", "django_app", "celery_app"}


@pytest.mark.parametrize("failure", [False, True])
@pytest.mark.parametrize("name", ["fastapi_app", "starlette_app"])
async def test_asgi(name: str, failure: bool, load: Load, fake: FakeTavus, capsys: pytest.CaptureFixture[str]) -> None:
    module = load(name)
    if failure:
        fake.fail_training("video_fps")
    transport = httpx.ASGITransport(app=module.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.example") as browser, module.tavus:
        signed = await browser.post("/signup", json=PERSON)
        assert signed.json() == {"replica_id": next(iter(fake.replicas))}
        fake.advance(hours=4)
        sent = fake.callbacks.send(lambda path, body: browser.post(path, content=body), times=2)
        assert [(await answer).status_code for answer in sent] == [200, 200]
        unknown = await browser.post("/tavus/x", content=b"{}")
        assert unknown.status_code == 404
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others)
    ended(capsys.readouterr().out, failure)


def ended(out: str, failure: bool) -> None:
    """Check that one event was handled."""
    assert out.count(" failed: There was an issue") == failure
    assert (LIMITS in out) is not failure


def wsgi(app: Any, path: str, body: bytes) -> tuple[str, bytes]:
    """Send one request to a WSGI application, close its answer as a server does, and return it."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "app.example",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    answer = app(environ, lambda status, headers, *_: statuses.append(status))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return statuses[0][:3], content


def drive(module: ModuleType, fake: FakeTavus) -> None:
    status, signed = wsgi(module.app, "/signup", json.dumps(PERSON).encode())
    assert (status, json.loads(signed)) == ("200", {"replica_id": next(iter(fake.replicas))})
    fake.advance(hours=4)
    sent = fake.callbacks.send(lambda path, body: wsgi(module.app, path, body), times=2)
    assert [status for status, _ in sent] == ["200", "200"]
    assert wsgi(module.app, "/tavus/x", b"{}")[0] == "404"


@pytest.mark.parametrize("failure", [False, True])
@pytest.mark.parametrize("name", ["flask_app", "django_app"])
def test_wsgi(name: str, failure: bool, load: Load, fake: FakeTavus, capsys: pytest.CaptureFixture[str]) -> None:
    module = load(name)
    if failure:
        fake.fail_training("video_fps")
    with module.tavus:
        drive(module, fake)
    ended(capsys.readouterr().out, failure)


def test_the_view_of_django_refuses_what_is_no_json(load: Load) -> None:
    module = load("django_app")
    with module.tavus:
        path = module.callbacks.url().removeprefix("https://app.example")
        assert wsgi(module.app, path, b"x")[0] == "400"


@pytest.mark.heavy
@pytest.mark.parametrize("failure", [False, True])
def test_celery(failure: bool, load: Load, fake: FakeTavus, capsys: pytest.CaptureFixture[str]) -> None:
    module = load("celery_app")
    if failure:
        fake.fail_training("video_fps")
    with module.tavus:
        drive(module, fake)
        assert capsys.readouterr().out == ""  # the web server handles nothing
        assert module.deliver.apply().get() == 2
    ended(capsys.readouterr().out, failure)
