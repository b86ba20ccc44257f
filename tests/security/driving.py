"""Calls of every public function, with success and with every error, and a secret in every argument."""

from __future__ import annotations

import asyncio
import inspect
import json
import random
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.asked import ASKED
from tests.effort import QUICK

import tavus_consent as tc
from tavus_consent import AsyncPager, Pager, consent, training_errors
from tavus_consent.preflight import links
from tavus_consent.testing import FakeClock

from . import namespaces
from .arguments import bad_callbacks, bad_calls, bad_links, bad_names, bad_options, unknown_callbacks
from .canaries import Canaries
from .doors import Doors, chain
from .hostile import Hostile, Reply, any_writing
from .records import drive_records

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATUSES = (300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 431, 451)
STATUSES += (500, 501, 502, 503, 504, 520, 521, 524, 529, 599, 600, 999)
# One for each class of error; ``quick`` draws a few of the others.
CLASSES = (300, 400, 401, 402, 403, 404, 409, 418, 422, 429, 500)

# How many generated functions get each reply.
SAMPLE = 10


class Drive:
    """One drive through everything, with one set of canaries.

    Attributes:
        driven: The public names that were used.
        raised: The classes of all errors that came out.
    """

    def __init__(self, planted: Canaries, doors: Doors, server: Hostile, rng: random.Random) -> None:
        self.c = planted
        self.doors = doors
        self.server = server
        self.rng = rng
        self.driven: set[str] = set()
        self.raised: set[type[BaseException]] = set()
        self.issued = tc.issue_callback(planted.callback_url, make_token=lambda: planted.issued_token)
        self.spoken = tc.SpokenConsent(planted.full_name, planted.consent_url)
        self._runner = asyncio.Runner()
        self._runner.get_loop().slow_callback_duration = 0.0

    def close(self) -> None:
        self._runner.close()

    def use(self, name: str, make: Callable[[], Any], situation: str = "", *, meant: bool = False) -> Any:
        """Do one thing and search what comes of it; ``meant``: what it gives is meant to hold a secret."""
        self.driven.add(name)
        label = f"{name} {situation}"
        try:
            value = make()
        except (tc.TavusError, TypeError) as error:
            self.raised |= {type(one) for one in chain(error)}
            self.doors.look(label, error)
            return None
        things = value if isinstance(value, (list, tuple)) else (value,)
        self.driven |= {type(one).__name__ for one in things}
        self.doors.look(label, *(() if meant else things))
        return value

    def run(self, name: str, tavus: Any, call: Callable[[Any], Any], situation: str, *, meant: bool = False) -> Any:
        """Make a call of either client to its end."""
        return self.use(name, lambda: self._ended(call(tavus)), f"{type(tavus).__name__}, {situation}", meant=meant)

    def _ended(self, made: Any) -> Any:
        self.driven.add(type(made).__name__)
        if isinstance(made, Pager):
            return [*made.pages(), *made]
        if isinstance(made, AsyncPager):
            return self._runner.run(_collected(made))
        return self._runner.run(_awaited(made)) if inspect.isawaitable(made) else made

    # Calls

    def everything(self) -> None:
        """All of it."""
        self.values()
        self.refusals()
        options: dict[str, Any] = {
            "headers": {"x-team-token": self.c.header},
            "clock": FakeClock(NOW, speed=1.0),
            "timeout": tc.Timeout(connect=1.0, total=0.05, deadline=0.05),
            "limits": tc.Limits(max_answer_bytes=200_000),
            "max_retries": 1,
        }
        clients = [kind(self.c.key, base_url=self.server.url, **options) for kind in (tc.Tavus, tc.AsyncTavus)]
        for tavus in clients:
            self.client(tavus)
        for reply in self.replies():
            self.server.reply = reply
            # Sync and async decide the same, as tests/fuzz shows: one of them will do for an echo.
            for tavus in [self.rng.choice(clients)] if QUICK or reply.name.startswith("echo") else clients:
                self.reply_to_all(tavus, reply)
        for tavus in clients:
            self.run("Consents.close", tavus, lambda tavus: tavus.consents.close(), "")
            self.run("Tavus.close", tavus, lambda tavus: tavus.close(), "")
            for name, call in self.some_of_all():
                self.run(name, tavus, call, "closed")
        self.other_ways(options)
        drive_records(self, options)

    def reply_to_all(self, tavus: Any, reply: Reply) -> None:
        """Get one reply to everything that can be asked."""
        patient = tavus.with_options(timeout=tc.Timeout(total=20.0, deadline=20.0))
        debug = self.rng.random() < 0.25  # asyncio then logs what it does; it takes its time
        for name, call in self.some_of_all():
            is_json = name.startswith("tavus_api") or name in namespaces.GIVES_JSON
            self._runner.get_loop().set_debug(debug and not is_json)  # it also logs what it gets
            with tavus.record_calls() as calls:
                # What generated functions give, and methods that give plain JSON, is what Tavus answered, as it is.
                meant = is_json and (reply.status < 300 or reply.status == 304)
                self.run(name, tavus if reply.end == "stall" else patient, call, str(reply), meant=meant)
            self.use("Tavus.record_calls", lambda calls=calls: calls, str(reply))

    def replies(self) -> Iterator[Reply]:
        rng = self.rng
        for status in (200, 201, 299, *({*CLASSES, *rng.sample(STATUSES, 4)} if QUICK else STATUSES)):
            yield any_writing(rng, f"echo {status}", status)
        for status in ("completed", "error", "started"):
            yield Reply(f"good, {status}", body=self.good(status))
            yield Reply(f"good, {status}, alone", body=self.good(status, in_list=False))
        yield Reply(
            "mistyped", body=json.dumps({"replica_id": [self.c.everything], "data": self.c.everything}).encode()
        )
        yield Reply("half an answer", body=self.good("completed"), end="close", part=0.99)
        yield Reply("nothing", body=b"", end="close", part=0.0)
        yield Reply("reset", end="reset")
        yield Reply("no HTTP", end="garbage")
        yield Reply("slow headers", end="stall", part=0.0)
        yield Reply("slow body", body=self.good("completed"), end="stall", part=0.99)
        yield Reply("too large", 500, body=self.c.everything.encode() * 500)

    def good(self, status: str, *, in_list: bool = True) -> bytes:
        """An answer that is right for every operation; what Tavus says of a replica can hold links."""
        replica = {
            **namespaces.required(),
            "replica_id": "r1",
            "status": status,
            "created_at": NOW.isoformat(),
            "thumbnail_video_url": self.c.train_url,
            "download_url": self.c.train_url,
            "api_key": self.c.body_key,
            "error_message": f"Could not load {self.c.train_url}, then {self.c.consent_url}.",
            "more": {"url": self.c.train_url, "token": self.c.body_key},
        }
        return json.dumps({**replica, "data": [replica], "total_count": 1} if in_list else replica).encode()

    def functions(self) -> dict[str, Callable[[Any], Any]]:
        """Every function that sends something, by name."""
        c = self.c
        more = {"replica_name": "Rio", "callback_url": self.issued.url}
        voice = {"voice_name": "Rio", "description": f"See {c.train_url}", "callback_url": self.issued.url}
        who = {"attestation": f"A fox, says {c.attested_by}", "attested_by": c.attested_by}
        named: dict[str, Callable[[Any], Any]] = {
            "replicas.create_personal": lambda t: t.replicas.create_personal(
                train_video_url=c.train_url, consent=self.spoken, **more
            ),
            "replicas.create_non_human": lambda t: t.replicas.create_non_human(
                train_video_url=c.another("fox", c.train_url), **who, **more
            ),
            "replicas.get": lambda t: t.replicas.get("r1", verbose=True),
            "replicas.list": lambda t: t.replicas.list(replica_ids=["r1"], page_size=1),
            "replicas.rename": lambda t: t.replicas.rename("r1", "Rio"),
            "replicas.delete": lambda t: t.replicas.delete("r1", hard=True),
            "replicas.wait": lambda t: t.replicas.wait("r1", timeout=0),
            "replicas.find_created": lambda t: t.replicas.find_created(unknown_outcome()),
            "voices.create_personal": lambda t: t.voices.create_personal(
                audio_url=c.train_url, consent=self.spoken, **voice
            ),
            "voices.create_non_human": lambda t: t.voices.create_non_human(
                audio_url=c.another("fox", c.train_url), **who, **voice
            ),
        }
        return named | namespaces.waits()

    def faces(self) -> dict[str, Callable[[Any], Any]]:
        """The same under the newer name."""
        c = self.c
        faces = {"face_name": "Rio", "callback_url": self.issued.url}
        who = {"attestation": f"A fox, says {c.attested_by}", "attested_by": c.attested_by}
        return {
            "faces.create_personal": lambda t: t.faces.create_personal(
                train_video_url=c.train_url, consent=self.spoken, **faces
            ),
            "faces.create_non_human": lambda t: t.faces.create_non_human(
                train_image_url=c.another("fox", c.train_url), **who, **faces
            ),
            "faces.get": lambda t: t.faces.get("r1", verbose=True),
            "faces.list": lambda t: t.faces.list(face_ids=["r1"], page_size=1),
            "faces.rename": lambda t: t.faces.rename("r1", "Rio"),
            "faces.patch": lambda t: t.faces.patch("r1", face_name="Rio"),
            "faces.delete": lambda t: t.faces.delete("r1", hard=True),
            "faces.wait": lambda t: t.faces.wait("r1", timeout=0),
            "faces.find_created": lambda t: t.faces.find_created(unknown_outcome()),
        }

    def some_of_all(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """Drive the hand-written functions and some of the generated ones; over several runs, all of them."""
        generated = [*self.faces().items(), *namespaces.calls(self.c), *namespaces.raw_calls(self.c)]
        missing = [one for one in generated if one[0] not in self.driven]
        new = SAMPLE - 2 if QUICK else SAMPLE // 2
        chosen = [*self.rng.sample(missing, min(len(missing), new)), *self.rng.sample(generated, SAMPLE - new)]
        return [*self.functions().items(), *chosen]

    def client(self, tavus: Any) -> None:
        """Show a client in every form."""
        names = (*namespaces.NAMES, "raw", "base_url", "clock", "rng", "closed", "with_options", "record_calls")
        for name in names:
            self.use(f"Tavus.{name}", lambda name=name: getattr(tavus, name), "shown", meant=name in ("clock", "rng"))
        self.doors.look("a client", tavus, tavus.with_options(timeout=3))
        http = tavus.raw.get_httpx_client() if isinstance(tavus, tc.Tavus) else tavus.raw.get_async_httpx_client()
        self.doors.look("its HTTP client", http, repr(tavus._settings))

    def other_ways(self, options: dict[str, Any]) -> None:
        """No server, the wrong server, a proxy, and a client of the caller's own."""
        c = self.c
        self.server.reply = Reply("echo", 407, "JSON", "HTML")
        proxy = self.server.url.replace("://", f"://me:{c.proxy_password}@")

        def stumble(request: httpx.Request) -> httpx.Response:
            raise httpx.ReadTimeout(f"reading {request.headers} {request.content!r}", request=request)

        def unknown_host(host: str, *_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        ways: dict[str, dict[str, Any]] = {
            "refused": {"base_url": "http://127.0.0.1:9"},
            "no such host": {"base_url": "https://tavus.invalid"},
            "no TLS": {"base_url": self.server.url.replace("http:", "https:")},
            "proxy": {"base_url": "http://127.0.0.1:9", "proxy": proxy},
            "tunnel": {"base_url": "https://127.0.0.1:9", "proxy": proxy},
            "transport": {"transport": httpx.MockTransport(stumble)},
        }
        for way, given in ways.items():
            self.server.reply = self.server.reply._replace(end="speaks first" if way == "no TLS" else "")
            with pytest.MonkeyPatch.context() as patch:
                if way == "no such host":
                    patch.setattr(socket, "getaddrinfo", unknown_host)
                for kind in (tc.Tavus, tc.AsyncTavus):
                    tavus = kind(c.key, **{**options, "timeout": 5, "max_retries": 0}, **given)  # type: ignore[arg-type]
                    for name, call in self.some_of_all():
                        self.run(name, tavus, call, way)
                    self._ended(tavus.close())
        for reply in (any_writing(self.rng, "own client", 302), any_writing(self.rng, "own client", 500)):
            self.server.reply = reply
            with httpx.Client() as http:
                own = tc.Tavus(c.key, base_url=self.server.url, http_client=http, **options)
                for name, call in self.some_of_all():
                    self.run(name, own, call, "own client")

    # What needs no server

    def values(self) -> None:
        """Objects that hold secrets on purpose, and functions that judge them."""
        c, spoken = self.c, self.spoken
        self.use("SpokenConsent", lambda: spoken)
        self.use("consent.SpokenConsent", lambda: spoken)
        self.use("issue_callback", lambda: self.issued)
        self.use("verify_callback", lambda: tc.verify_callback(c.issued_url, self.issued.token_sha256))
        self.use("verify_callback", lambda: tc.verify_callback(c.issued_url, "0" * 64))
        said = {
            "replica_id": "r1",
            "status": "error",
            "error_message": f"Cannot load {c.train_url}",
            "url": c.train_url,
        }
        self.use("parse_callback", lambda: repr(tc.parse_callback(json.dumps(said))))
        for unknown in unknown_callbacks(c):
            self.use("parse_callback", lambda body=unknown: repr(tc.parse_callback(body)))
        self.use("ReplicaCallback", lambda: repr(tc.ReplicaCallback(replica_id="r1", status="s", extra=said)))
        self.use("Replica", lambda: repr(tc.Replica(replica_id="r1", thumbnail_video_url=c.train_url, extra=said)))
        self.use("Face", lambda: repr(tc.Face(replica_id="r1", thumbnail_video_url=c.train_url, extra=said)))
        for name, given in (
            ("personal", c.consent_url),
            ("non_human", c.consent_url),
            ("personal", None),
            (None, None),
        ):
            urls = {"train_video_url": c.train_url, "consent_video_url": given}
            for label in ("requirement_for", "Requirement", "consent.requirement_for", "consent.Requirement"):
                self.use(label, lambda name=name, urls=urls: tc.requirement_for(kind=name, **urls))  # type: ignore[arg-type]
            self.use("requirement_for", lambda name=name, urls=urls: tc.requirement_for(kind=name, **urls).check())  # type: ignore[arg-type]
        who = f"{c.attested_by} of the studio"
        self.use("consent.Attestation", lambda: repr(consent.Attestation("A fox", who)))
        self.use("consent.check_full_name", lambda: consent.check_full_name(c.full_name), meant=True)

        self.use("consent.StatementTemplate", lambda: consent.STATEMENT.render(c.full_name), meant=True)
        sentence = f"Cannot load {c.train_url}"
        self.use("training_errors.classify_training_error", lambda: training_errors.classify_training_error(sentence))
        self.use("classify_training_error", lambda: tc.classify_training_error(sentence))
        made = training_errors.make_type("x", "Advice", ("A sentence.", "sentence"))
        self.use("training_errors.make_type", lambda: made)
        self.heard()
        for purpose in ("media", "callback"):
            for url in (
                c.train_url,
                c.consent_url,
                c.issued_url,
                f"{c.train_url}#x",
                c.train_url.replace(".mp4", ".mov"),
            ):
                self.use(
                    "links.check_link",
                    lambda url=url, purpose=purpose: links.check_link(url, field="f", now=NOW, purpose=purpose),  # type: ignore[arg-type]
                )
        for name, value in {"Timeout": tc.Timeout(), "Limits": tc.Limits(), "__version__": tc.__version__}.items():
            self.use(name, lambda value=value: value)
        for warning in (tc.LinkWarning, tc.ConsentWarning, tc.DuplicateWarning, tc.ReceiptWarning):
            self.use(warning.__name__, lambda warning=warning: warning)

    def heard(self) -> None:
        """Show a transcript of a person, and its comparison with the statement."""
        c = self.c
        heard = consent.Transcript.of_text(f"I, {c.full_name}, say no. {c.train_url}", engine="whisper-tiny.en")
        self.use("consent.Transcript", lambda: heard)
        self.use("consent.Word", lambda: consent.Word(c.full_name, 0.0, 0.5))
        self.use("consent.match_statement", lambda: consent.match_statement(heard, c.full_name))
        dates = {"requested_at": NOW, "expires_at": NOW + timedelta(days=365)}
        terms = consent.ConsentTerms(full_name=c.full_name, attested_by=c.attested_by, notice_url=c.train_url, **dates)
        self.use("consent.ConsentTerms", lambda: terms)
        ids = {"record_id": "a" * 32, "intent_id": "b" * 32}
        self.use("consent.Reconciliation", lambda: consent.Reconciliation(outcome="absent", **ids))
        with tc.Consents(ledger=None) as alone:
            record = alone.request(full_name=c.full_name, attested_by=c.attested_by, **ASKED)
            self.use("consent.WithdrawalReport", lambda: consent.WithdrawalReport(record=record))
            self.use("consent.SweepReport", lambda: consent.SweepReport(expiring=(record,)))
        self.use("consent.MadeOutput", lambda: consent.MadeOutput("video", "v1", deleted=True))
        for kind in (consent.State, consent.Verdict, consent.Transcriber):
            self.use(f"consent.{kind.__name__}", lambda kind=kind: kind)

    def refusals(self) -> None:
        """Arguments that cannot be meant."""
        c = self.c
        for kind in (tc.Tavus, tc.AsyncTavus):
            for given in bad_options(c):
                self.use(
                    kind.__name__, lambda kind=kind, given=given: kind(**{"api_key": c.key, **given}), str(list(given))
                )  # type: ignore[arg-type]
            tavus: Any = kind(c.key, transport=httpx.MockTransport(lambda _: httpx.Response(500)), clock=FakeClock(NOW))
            for name, call in bad_calls(c):
                self.run(name, tavus, call, "refused")
        for url in bad_links(c):
            for purpose in ("media", "callback"):
                self.use(
                    "links.check_link",
                    lambda url=url, purpose=purpose: links.check_link(url, field="f", now=NOW, purpose=purpose),  # type: ignore[arg-type]
                    "refused",
                )
            self.use("issue_callback", lambda url=url: tc.issue_callback(url), "refused", meant=True)
            self.use("links.split_link", lambda url=url: links.split_link(url, field="f"), "refused", meant=True)
        self.use("issue_callback", lambda: tc.issue_callback(c.issued_url), "refused")
        for name in bad_names(c):
            self.use("SpokenConsent", lambda name=name: tc.SpokenConsent(name, c.train_url), "refused")
            self.use("consent.check_full_name", lambda name=name: consent.check_full_name(name), "refused")
            self.use("consent.StatementTemplate", lambda name=name: consent.STATEMENT.render(name), "refused")
            self.use("consent.match_statement", lambda name=name: consent.match_statement("", name), "refused")
        for given in (
            (c.attested_by, ""),
            ("", c.attested_by),
            (c.attested_by * 200, c.attested_by),
            ("x", c.attested_by * 9),
        ):
            self.use("consent.Attestation", lambda given=given: consent.Attestation(*given), "refused")
        for body in bad_callbacks(c):
            self.use("parse_callback", lambda body=body: tc.parse_callback(body), "refused")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "uvicorn", None)
            patch.delitem(sys.modules, "tavus_consent.testing.server", raising=False)
            patch.delitem(vars(tc.testing), "serve", raising=False)  # an earlier use of the name
            self.use("testing.serve", lambda: tc.testing.serve, "without uvicorn")  # type: ignore[attr-defined]


def unknown_outcome() -> tc.OutcomeUnknownError:
    return tc.OutcomeUnknownError(
        "x",
        method="POST",
        path="/v2/replicas",
        attempts=1,
        started_at=NOW,
        ended_at=NOW + timedelta(hours=1),
        cause=tc.RequestTimeoutError("x", method="POST", path="/v2/replicas"),
    )


async def _awaited(value: Any) -> Any:
    return await value


async def _collected(pager: AsyncPager[Any]) -> list[Any]:
    return [*[page async for page in pager.pages()], *[item async for item in pager]]
