"""A way to raise every class of error with secrets in all arguments, for tests of error reports."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.asked import ASKED, CONTROLLER
from tests.ungated import ungated

import tavus_consent as tc
from tavus_api.api.personas import create_persona
from tavus_api.models import Persona
from tavus_consent import issue_callback
from tavus_consent.consent import STATEMENT
from tavus_consent.consent.events import EventDraft
from tavus_consent.ledger import open_ledger

from .hostile import Hostile, Reply

KEY = "k3yCanary7QmXv2pR9tLw"
SIGNATURE = "s1gCanary4HjKd8sWq2Zx"
TOKEN = "t0kCanary9PlMn3bVc6Ty"
NAME = "Zinnia Quillfeather"
LLM_KEY = "llmCanary5RtGh1uJk8Nb"
PASSWORD = "pwdCanary2WsEd6rFv9Tg"
HEADER = "hdrCanary8YhUj4iKo1Lp"
SECRETS = (KEY, SIGNATURE, TOKEN, "Zinnia", "Quillfeather", LLM_KEY, PASSWORD, HEADER)

TRAIN = f"https://bucket.example/train.mp4?sig={SIGNATURE}"
CONSENT = f"https://bucket.example/consent.mp4?sig={SIGNATURE}"
DATABASE = f"postgresql://me:{PASSWORD}@127.0.0.1:9/consent"
PERSONA: dict[str, Any] = {
    "persona_name": "Guide",
    "system_prompt": f"See {TRAIN}",
    "layers": {"llm": {"model": "own", "base_url": "https://llm.example", "api_key": LLM_KEY}},
}
FOX = {"attestation": f"A fox, says {NAME}", "attested_by": NAME}


class World:
    """Clients of one kind, a hostile server, and a folder."""

    def __init__(self, make: Callable[..., Any], patch: pytest.MonkeyPatch, folder: Path, server: Hostile) -> None:
        self._make, self.patch, self.folder, self.server = make, patch, folder, server
        self.is_sync = False

    def client(self, handler: Any = None, **options: Any) -> Any:
        given = {"api_key": KEY, "headers": {"x-team": HEADER}, "max_retries": 0, **options}
        client = self._make(handler, **given)
        self.is_sync = client.kind == "sync"
        return client

    def answering(self, status: int, json: Any = None, **options: Any) -> Any:
        said = {"error": f"no {KEY} {TRAIN}"} if json is None else json
        return self.client(lambda _: httpx.Response(status, json=said), **options)

    def replying(self, reply: Reply, **options: Any) -> Any:
        self.server.reply = reply
        return self.client(base_url=self.server.url, **options)

    def create(self, client: Any, consent: Any = None, **given: Any) -> Any:
        callback = issue_callback("https://app.example/hook", make_token=lambda: TOKEN).url
        given = {"train_video_url": TRAIN, "callback_url": callback, "replica_name": "Z", **given}
        consent = consent or tc.SpokenConsent(NAME, CONSENT)
        return client(lambda t: t.replicas.create_personal(consent=consent, **given))

    def record(self, client: Any, *, sha256: str | None = None, **terms: Any) -> tc.ConsentRecord:
        recording = tc.ConsentVideo(CONSENT, sha256=sha256)
        record = client(
            lambda t: t.consents.request(full_name=NAME, spoken_as=[NAME], attested_by=NAME, **{**ASKED, **terms})
        )
        made: tc.ConsentRecord = client(lambda t: t.consents.add_evidence(record, recording))
        return made

    @property
    def ledger(self) -> str:
        return f"sqlite:///{self.folder}/consent.db"


Failure = Callable[[World], Any]
FAILURES: dict[str, tuple[type[BaseException], Failure]] = {}


def leads_to(kind: type[BaseException]) -> Callable[[Failure], Failure]:
    def note(failure: Failure) -> Failure:
        FAILURES[failure.__name__] = kind, failure
        return failure

    return note


# Refused before anything is sent


@leads_to(tc.ConfigurationError)
def a_key_with_a_blank(w: World) -> None:
    w.client(api_key=f"{KEY} {KEY}")


@leads_to(tc.ConfigurationError)
def a_proxy_with_a_password(w: World) -> None:
    w.client(proxy=f"ftp://me:{PASSWORD}@proxy.example")


@leads_to(tc.ConfigurationError)
def a_header_with_a_line_feed(w: World) -> None:
    w.client(lambda _: httpx.Response(200)).tavus.with_options(headers={"a": f"{HEADER}\n"})


@leads_to(tc.ClientClosedError)
def a_closed_client(w: World) -> None:
    client = w.answering(200)
    client.close()
    client._runner = asyncio.Runner()
    w.create(client)


@leads_to(tc.MissingExtraError)
def a_missing_extra(w: World) -> None:
    w.patch.setattr("tavus_consent.preflight.check.find_spec", lambda _: None)
    w.create(w.answering(200), preflight="require")


@leads_to(tc.InvalidRequestError)
def a_name_of_two_lines(w: World) -> None:
    w.create(w.answering(200), replica_name=f"{TRAIN}\n")


@leads_to(tc.InvalidRequestError)
def no_json(w: World) -> None:
    w.answering(200)(lambda t: t.personas.create(**{**PERSONA, "document_ids": [{LLM_KEY}]}))


@leads_to(tc.InvalidRequestError)
def a_callback_that_is_none(w: World) -> None:
    tc.parse_callback(f'["{TRAIN}"]')


@leads_to(tc.CallbackRefused)
def a_callback_to_an_unknown_address(w: World) -> None:
    body = f'{{"replica_id": "{TRAIN}"}}'.encode()
    w.answering(200)(lambda t: t.callbacks.receive(path=f"/hook/{TOKEN}", body=body))


@leads_to(tc.InvalidNameError)
def a_name_that_is_none(w: World) -> None:
    tc.SpokenConsent(f"{NAME} 2", CONSENT)


@leads_to(tc.InvalidNameError)
def a_name_that_is_none_in_a_request(w: World) -> None:
    w.client()(lambda t: t.consents.request(full_name=f"{NAME} 2", attested_by=NAME, **ASKED))


@leads_to(tc.InvalidLinkError)
def a_link_with_a_blank(w: World) -> None:
    w.create(w.answering(200), train_video_url=f"{TRAIN} ")


@leads_to(tc.PreflightFailed)
def a_video_that_cannot_be_read(w: World) -> None:
    def nowhere(*_: Any, **__: Any) -> Any:
        raise OSError("no such host")

    w.patch.setattr("socket.getaddrinfo", nowhere)
    w.create(w.answering(200), preflight="require")


# What consent does not allow


@leads_to(tc.ConsentError)
def nobody_said_who_is_shown(w: World) -> None:
    tc.requirement_for(kind="personal", train_video_url=None, consent_video_url=CONSENT).check()


@leads_to(tc.ConsentContradiction)
def a_fox_that_consents(w: World) -> None:
    tc.requirement_for(kind="non_human", train_video_url=TRAIN, consent_video_url=CONSENT).check()


@leads_to(tc.ConsentRequired)
def no_recording_yet(w: World) -> None:
    client = w.answering(200)
    record = client(lambda t: t.consents.request(full_name=NAME, **ASKED))
    w.create(client, record)


@leads_to(tc.ConsentExpired)
def consent_that_ended(w: World) -> None:
    client = w.answering(200)
    record = w.record(client, valid_for=timedelta(days=1))
    client.clock.advance(hours=48)
    w.create(client, record)


@leads_to(tc.ConsentWithdrawn)
def consent_that_was_withdrawn(w: World) -> None:
    client = w.answering(200)
    record = w.record(client)
    client(lambda t: t.consents.withdraw(record, requested_by="subject", reason=NAME))
    w.create(client, record)


@leads_to(tc.ConsentMismatch)
def another_statement(w: World) -> None:
    client = w.answering(200, consent_policy=tc.ConsentPolicy(requires="verified"))
    record = w.record(client)
    client(lambda t: t.consents.verify(record, transcript=STATEMENT.render("Rio Alvarez")))
    w.create(client, record)


@leads_to(tc.EvidenceChanged)
def another_recording(w: World) -> None:
    client = w.answering(200)
    record = w.record(client, sha256="0" * 64)
    client(lambda t: t.consents.verify(record, transcript=NAME, recording=NAME.encode()))


@leads_to(tc.OpenCreate)
def a_create_that_may_have_happened(w: World) -> None:
    client = w.answering(500)
    record = w.record(client)
    with pytest.raises(tc.OutcomeUnknownError):
        w.create(client, record)
    w.create(client, record)


@leads_to(tc.OnceConflict)
def a_key_of_another_create(w: World) -> None:
    client = w.answering(200, {"replica_id": "r1", "status": "started"}, ledger=w.ledger)
    w.create(client, once=f"job of {NAME}")
    w.create(client, once=f"job of {NAME}", replica_name="another")


@leads_to(tc.IllegalTransition)
def no_doubt_to_lift(w: World) -> None:
    client = w.answering(200)
    record = w.record(client)
    client(lambda t: t.consents.review(record, reviewer=NAME, reason=f"I know {NAME}"))


# What Tavus answers


def _status(status: int, kind: type[BaseException]) -> None:
    def answer(w: World) -> None:
        w.create(w.answering(status))

    FAILURES[f"status_{status}"] = kind, answer


for _code, _kind in {
    301: tc.RedirectError,
    400: tc.BadRequestError,
    401: tc.AuthenticationError,
    402: tc.PaymentRequiredError,
    403: tc.PermissionDeniedError,
    404: tc.NotFoundError,
    405: tc.ClientStatusError,
    409: tc.ConflictError,
    422: tc.UnprocessableError,
    429: tc.RateLimitError,
    500: tc.OutcomeUnknownError,
}.items():
    _status(_code, _kind)


@leads_to(tc.InvalidAnswerError)
def an_answer_of_another_shape(w: World) -> None:
    w.answering(200, {"replica_id": [TRAIN]})(lambda t: t.replicas.get("r1"))


@leads_to(tc.InvalidRequestError)
def an_id_with_a_slash(w: World) -> None:
    w.answering(200)(lambda t: t.replicas.get(TRAIN))


@leads_to(tc.ServerStatusError)
def a_list_that_fails(w: World) -> None:
    w.answering(500)(lambda t: t.personas.list())


@leads_to(tc.ServerStatusError)
def a_list_of_replicas_that_fails(w: World) -> None:
    w.answering(500)(lambda t: t.replicas.list(replica_ids=["r1"]))


@leads_to(tc.OutcomeUnknownError)
def a_persona(w: World) -> None:
    w.answering(500)(lambda t: t.personas.create(**PERSONA))


@leads_to(tc.BadRequestError)
def a_patch(w: World) -> None:
    operations: Any = [{"op": "add", "path": "/layers/llm/api_key", "value": LLM_KEY}]
    w.answering(400)(lambda t: t.personas.patch("p1", operations=operations))


@leads_to(tc.BadRequestError)
def a_face_of_nobody(w: World) -> None:
    w.answering(400)(
        lambda t: t.faces.create_non_human(train_image_url=TRAIN.replace("mp4", "png"), voice_name="anna", **FOX)
    )


@leads_to(tc.BadRequestError)
def a_document(w: World) -> None:
    w.answering(400)(lambda t: t.documents.create(document_url=TRAIN, callback_url=TRAIN, document_name=NAME))


@leads_to(tc.OutcomeUnknownError)
def a_generated_function(w: World) -> None:
    client = w.answering(500)
    call: Any = create_persona.sync_detailed if w.is_sync else create_persona.asyncio_detailed
    client(lambda t: call(client=t.raw, body=PERSONA))


@leads_to(tc.InvalidRequestError)
def a_generated_function_with_a_wrong_argument(w: World) -> None:
    client = w.answering(200)
    call: Any = create_persona.sync_detailed if w.is_sync else create_persona.asyncio_detailed
    client(lambda t: call(client=t.raw, body={**PERSONA, "persona_name": [NAME]}))


@leads_to(tc.BadRequestError)
def a_request_of_ones_own(w: World) -> None:
    client = w.answering(400)
    given: dict[str, Any] = {"json": PERSONA, "params": {"sig": SIGNATURE}, "headers": {"a": HEADER}}
    client(ungated(lambda t: _http(w, t).request("POST", "/v2/personas", **given)))


def _http(w: World, tavus: Any) -> Any:
    return tavus.raw.get_httpx_client() if w.is_sync else tavus.raw.get_async_httpx_client()


# What becomes of the connection: frames of httpx, httpcore, h11 and ssl


@leads_to(tc.ConnectionFailedError)
def nobody_listens(w: World) -> None:
    w.create(w.client(base_url="http://127.0.0.1:9"))


@leads_to(tc.ConnectionFailedError)
def no_tls(w: World) -> None:
    w.server.reply = Reply("no TLS", end="speaks first")
    w.create(w.client(base_url=w.server.url.replace("http:", "https:")))


@leads_to(tc.ConnectionFailedError)
def a_proxy_that_is_not_there(w: World) -> None:
    w.create(w.client(base_url="http://127.0.0.1:9", proxy=f"http://me:{PASSWORD}@127.0.0.1:9"))


@leads_to(tc.OutcomeUnknownError)
def a_connection_that_breaks(w: World) -> None:
    w.create(w.replying(Reply("reset", end="reset")))


@leads_to(tc.OutcomeUnknownError)
def no_http(w: World) -> None:
    w.create(w.replying(Reply("no HTTP", end="garbage")))


@leads_to(tc.RequestTimeoutError)
def an_answer_that_does_not_come(w: World) -> None:
    client = w.replying(Reply("stall", end="stall", part=0.0), timeout=tc.Timeout(5, 0.05, 5))
    client(lambda t: t.replicas.get("r1"))


# The ledger


@leads_to(tc.LedgerUnavailable)
def a_database_that_is_not_there(w: World) -> None:
    w.create(w.answering(200, ledger=DATABASE))


@leads_to(tc.VaultKeyError)
def a_key_of_the_vault_that_is_none(w: World) -> None:
    w.patch.setenv("TAVUS_CONSENT_KEY", KEY)
    w.create(w.answering(200, ledger=w.ledger))


@leads_to(tc.SubjectErased)
def somebody_who_was_erased(w: World) -> None:
    with open_ledger(w.ledger) as ledger:
        ledger.vault.put("subject", "name", NAME.encode())
        ledger.vault.erase("subject")
        ledger.vault.put("subject", "name", NAME.encode())


@leads_to(tc.LedgerConflict)
def two_who_write(w: World) -> None:
    client = w.answering(200, ledger=w.ledger)
    w.record(client)
    with open_ledger(w.ledger) as ledger:
        event = next(iter(ledger.store.events()))
        draft = EventDraft(
            type="refused", at=event.at, record_id=event.record_id, subject_ref=event.subject_ref, actor="subject"
        )
        ledger.store.append(draft, expect_state_version=99)


@leads_to(tc.InvalidRequestError)
def a_name_in_the_chain(w: World) -> None:
    draft: Any = {"type": "refused", "record_id": "r", "subject_ref": "s", "actor": "subject"}
    EventDraft(**draft, at=w.client().clock.now(), payload={"name": NAME})


@leads_to(tc.LedgerBroken)
def a_damaged_ledger(w: World) -> None:
    client = w.answering(200, ledger=w.ledger)
    record = w.record(client)
    with closing(sqlite3.connect(w.folder / "consent.db")) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE tavus_consent_events SET payload = '{'")
        file.commit()
    w.create(client, record)


@leads_to(tc.ErasureIncomplete)
def an_erasure_beside_a_reader(w: World) -> None:
    with open_ledger(w.ledger, busy_timeout=0.01) as ledger:
        ledger.vault.put("subject", "name", NAME.encode())
        with closing(sqlite3.connect(w.folder / "consent.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM tavus_consent_items").fetchone()
            ledger.vault.erase("subject")


# Waiting


def _waiting(name: str, kind: type[BaseException], status: str, namespace: str) -> None:
    said = {
        "status": status,
        "error_message": f"Cannot load {TRAIN}",
        "download_url": TRAIN,
        "created_at": "2026-01-01",
    }
    answer = {**said, "replica_id": "r1", "video_id": "r1", "video_name": NAME, "document_id": "r1"}

    def waits(w: World) -> None:
        w.answering(200, answer)(lambda t: getattr(t, namespace).wait("r1", timeout=0))

    FAILURES[name] = kind, waits


_waiting("a_training_that_failed", tc.TrainingFailed, "error", "replicas")
_waiting("a_training_that_takes_long", tc.TrainingTimeout, "started", "replicas")
_waiting("a_video_that_failed", tc.ProcessingFailed, "error", "videos")
_waiting("a_video_that_takes_long", tc.ProcessingTimeout, "generating", "videos")


# What nobody expects


@leads_to(ZeroDivisionError)
def a_bug_in_a_hook(w: World) -> None:
    said = {"replica_id": "r1", "status": "started", "thumbnail_video_url": TRAIN}
    w.answering(200, said)(lambda t: t.replicas.wait("r1", on_progress=lambda _: 1 // 0))


@leads_to(ZeroDivisionError)
def a_bug_of_ours(w: World) -> None:
    client = w.answering(200)
    for code in ("_sync", "_async"):
        w.patch.setattr(f"tavus_consent.http.{code}.calls.conversation", lambda *_: 1 // 0)
    w.create(client)


@leads_to(ZeroDivisionError)
def a_bug_in_a_rule(w: World) -> None:
    policy = tc.ConsentPolicy(rules=(lambda *_: bool(1 // 0),))
    w.create(w.answering(200, consent_policy=policy))


def _interrupted(kind: type[BaseException]) -> None:
    def stop(w: World) -> None:
        def transport(_: httpx.Request) -> httpx.Response:
            raise kind

        w.create(w.client(transport))

    FAILURES[f"stopped_by_{kind.__name__}"] = kind, stop


for _one in (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
    _interrupted(_one)


# Values that somebody may have in their variables


def values() -> dict[str, Any]:
    """Objects that hold secrets on purpose: no report may look into them."""
    said = {"thumbnail_video_url": TRAIN, "error_message": f"Cannot load {TRAIN}"}
    tavus = tc.Tavus(KEY, ledger=None, headers={"x-team": HEADER})
    record = tavus.consents.request(full_name=NAME, spoken_as=[NAME], attested_by=NAME, **ASKED)
    record = tavus.consents.add_evidence(record, tc.ConsentVideo(CONSENT))
    attempt = tavus.consents.verify(record, transcript=f"I, {NAME}")
    return {
        "spoken": tc.SpokenConsent(NAME, CONSENT),
        "video": tc.ConsentVideo(CONSENT),
        "record": record,
        "terms": record.terms,
        "attempt": attempt,
        "transcript": attempt.transcript,
        "match": attempt.match,
        "callback": issue_callback("https://app.example/hook", make_token=lambda: TOKEN),
        "told": tc.ReplicaCallback(replica_id="r1", status="error", error_message=f"Cannot load {TRAIN}", extra=said),
        "replica": tc.Replica(replica_id="r1", extra=said, **said),
        "face": tc.Face(replica_id="r1", extra=said, **said),
        "persona": Persona.from_json({"persona_id": "p1", **PERSONA, "extra_url": TRAIN}),
        "tavus": tavus,
        "settings": tavus._settings,
        "raw": tavus.raw,
        "receipt": tavus.consents.receipt(record, controller=CONTROLLER),
    }
