"""A preflight before a create: what it refuses, what it warns of, what the ledger keeps of it."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.asked import ASKED

import tavus_consent as tc
from tavus_consent import ConsentPolicy, ConsentVideo, PreflightOptions, SpokenConsent
from tavus_consent.preflight import Budget, Reach
from tavus_consent.testing import FakeTavus, FakeTransport

from .servers import FileServer, Handler, public
from .speech import NAME, STATEMENT, Canned

MISHEARD = STATEMENT.replace("Tavus", "us")
REFUSED = STATEMENT.replace("consent", "do not consent")
TRAIN, CONSENT = "https://files.example/train.mp4", "https://files.example/consent.mp4?sig=s3cret"
SPOKEN = SpokenConsent(NAME, CONSENT)


@pytest.fixture
def reached(video: Any) -> Iterator[tuple[FileServer, Reach]]:
    with public(video(), "files.example") as both:
        yield both


@pytest.fixture
def server(reached: tuple[FileServer, Reach]) -> FileServer:
    return reached[0]


@pytest.fixture
def reach(reached: tuple[FileServer, Reach]) -> Reach:
    return reached[1]


@pytest.fixture
def slow(server: FileServer, video: Any) -> FileServer:
    """A video of too few frames."""
    server.content = video(fps=24)
    return server


class Studio:
    """A client of one kind on a fake Tavus, and a server that has both videos."""

    def __init__(self, make_client: Callable[..., Any], reach: Reach, **options: Any) -> None:
        self.fake = FakeTavus()
        self.engine = options.pop("engine", None) or Canned()
        # Few requests: ranges of the sound are merged, which takes less time here. What a child process reads
        # differently is for test_isolation.py, so most tests go without one.
        budget, isolation = Budget(requests=15), options.pop("isolation", "none")
        checks = PreflightOptions(transcriber=self.engine, reach=reach, budget=budget, isolation=isolation)
        given = {"transport": FakeTransport(self.fake), "clock": self.fake.clock, "preflight_options": checks}
        self.client = make_client(**{"api_key": self.fake.api_key, **given, **options})

    def __call__(self, use: Callable[[Any], Any]) -> Any:
        return self.client(use)

    def create(self, consent: Any = None, mode: Any = "require", **changes: Any) -> Any:
        given = {"train_video_url": TRAIN, "consent": consent or SPOKEN, "preflight": mode, **changes}
        return self(lambda t: t.replicas.create_personal(**given))

    def recorded(self, **recording: Any) -> tc.ConsentRecord:
        record = self(lambda t: t.consents.request(full_name=NAME, spoken_as=("Rio Alvares",), **ASKED))
        where = ConsentVideo(CONSENT, **recording)
        made: tc.ConsentRecord = self(lambda t: t.consents.add_evidence(record, where))
        return made

    def events(self, record: tc.ConsentRecord | None = None) -> list[Any]:
        record = record or self(lambda t: t.consents.list())[0]
        return list(self.client.tavus._registry()._log.store.events(record.record_id))

    def types(self, record: tc.ConsentRecord | None = None) -> list[str]:
        return [str(event.type) for event in self.events(record)]

    def preflight(self, **given: Any) -> tc.PreflightReport:
        report: tc.PreflightReport = self(lambda t: t.replicas.preflight(**given))
        return report


@pytest.fixture
def studio(make_client: Callable[..., Any], reach: Reach) -> Studio:
    return Studio(make_client, reach)


@pytest.fixture
def open_studio(make_client: Callable[..., Any], reach: Reach) -> Callable[..., Studio]:
    return lambda **options: Studio(make_client, reach, **options)


def no_require(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra was not installed."""
    monkeypatch.setattr("tavus_consent.preflight.check.find_spec", lambda name: None)


# preflight()


def test_a_preflight_reads_the_videos_and_asks_nothing_of_tavus(studio: Studio) -> None:
    report = studio.preflight(train_video_url=TRAIN, consent=SPOKEN)
    assert (report.ok, report.unproven, set(report.fingerprints)) == (True, (), {"train", "consent"})
    assert report.hearing is not None
    assert studio.fake.requests == []


def test_faces_have_the_same_preflight(studio: Studio) -> None:
    report = studio(lambda t: t.faces.preflight(train_video_url=TRAIN, consent=SPOKEN))
    assert report.ok


FOX = {"attestation": "A fox that our studio drew", "attested_by": "me@app.example"}


@pytest.mark.parametrize("namespace", ["replicas", "faces"])
def test_what_shows_nobody_is_held_to_the_same(studio: Studio, slow: FileServer, namespace: str) -> None:
    with pytest.raises(tc.PreflightFailed, match="24 frames per second"):
        studio(lambda t: getattr(t, namespace).create_non_human(train_video_url=TRAIN, **FOX, preflight="require"))
    assert studio.fake.requests == []


def test_what_was_found_of_a_video_of_nobody_is_kept(studio: Studio) -> None:
    studio(lambda t: t.replicas.create_non_human(train_video_url=TRAIN, **FOX, preflight="require"))
    (record,) = studio(lambda t: t.consents.list(status="attested"))
    kept = studio.events(record)[1].payload["preflight"]
    assert (kept["mode"], set(kept["media"]), kept["heard"], studio.engine.given) == ("require", {"train"}, None, [])


def image_of_nobody(studio: Studio, mode: Any) -> Any:
    link = "https://bucket.example/fox.png"
    return studio(lambda t: t.faces.create_non_human(train_image_url=link, voice_name="anna", **FOX, preflight=mode))


def test_an_image_of_nobody_proves_nothing(studio: Studio) -> None:
    with pytest.raises(tc.InvalidRequestError, match="a preflight only reads videos"):
        image_of_nobody(studio, "require")
    assert studio.fake.requests == []


def test_an_image_of_nobody_goes_on_with_a_warning(studio: Studio) -> None:
    with pytest.warns(tc.PreflightWarning, match="a preflight only reads videos"):
        assert image_of_nobody(studio, "warn").face_id


@pytest.mark.parametrize("kind", ["sync"])
def test_the_warning_about_an_image_points_at_the_caller(studio: Studio) -> None:
    with pytest.warns(tc.PreflightWarning) as warned:
        image_of_nobody(studio, "warn")
    assert warned[0].filename == __file__


def test_a_preflight_needs_no_consent(studio: Studio) -> None:
    report = studio.preflight(train_video_url=TRAIN)
    assert (report.ok, report.hearing, set(report.fingerprints)) == (True, None, {"train"})


def test_nobody_listens_unless_somebody_is_to(studio: Studio) -> None:
    report = studio.preflight(train_video_url=TRAIN, consent=SPOKEN, speech=None)
    assert (report.hearing, studio.engine.given) == (None, [])


def test_another_engine_can_listen(studio: Studio) -> None:
    other = Canned(REFUSED)
    report = studio.preflight(train_video_url=TRAIN, consent=SPOKEN, speech=other)
    assert (report.ok, len(other.given), studio.engine.given) == (False, 1, [])


def test_the_rules_are_those_of_the_model(studio: Studio) -> None:
    report = studio.preflight(train_video_url=TRAIN, model_name="phoenix-3")
    assert report.model == "phoenix-3"


def test_the_hash_of_the_file_is_read_when_it_is_asked_for(studio: Studio, server: FileServer) -> None:
    steps: list[Any] = []
    report = studio.preflight(train_video_url=TRAIN, hash=True, progress=steps.append)
    assert report.fingerprints["train"].sha256 == hashlib.sha256(server.content).hexdigest()
    assert {step.doing for step in steps} == {"opening", "looking", "hashing"}


def test_whoever_consents_is_said_by_a_class(studio: Studio) -> None:
    with pytest.raises(tc.InvalidRequestError, match="a ConsentRecord or a record's id"):
        studio.preflight(train_video_url=TRAIN, consent=NAME)


def test_what_is_heard_of_a_record_is_kept_as_an_attempt(studio: Studio) -> None:
    record = studio.recorded()
    studio.preflight(train_video_url=TRAIN, consent=record)
    (attempt,) = studio(lambda t: t.consents.attempts(record))
    assert (attempt.verdict, attempt.match.engine, attempt.transcript.text) == ("PASS", "canned-1", STATEMENT)


def test_a_doubt_about_a_record_waits_for_a_person(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(MISHEARD))
    record = studio.recorded()
    studio.preflight(train_video_url=TRAIN, consent=record)
    assert studio(lambda t: t.consents.get(record)).status == "review"


def test_a_hash_becomes_that_of_the_recording(studio: Studio, server: FileServer) -> None:
    record = studio.recorded()
    studio.preflight(consent=record, hash=True, speech=None)
    kept = studio(lambda t: t.consents.get(record))
    assert kept.state.evidence.sha256 == hashlib.sha256(server.content).hexdigest()
    assert studio.types(record) == ["requested", "recorded", "recorded"]


def test_an_attempt_says_which_bytes_were_heard(studio: Studio, server: FileServer) -> None:
    record = studio.recorded()
    studio.preflight(consent=record, hash=True)
    assert studio.events(record)[-1].payload["sha256"] == hashlib.sha256(server.content).hexdigest()


def test_a_record_that_is_withdrawn_is_not_checked(studio: Studio, server: FileServer) -> None:
    record = studio.recorded()
    studio(lambda t: t.consents.withdraw(record, requested_by="subject"))
    with pytest.raises(tc.ConsentWithdrawn):
        studio.preflight(consent=record)
    assert server.requests == []


# preflight="off"


def test_without_a_preflight_nothing_is_read(studio: Studio, server: FileServer) -> None:
    replica = studio(lambda t: t.replicas.create_personal(train_video_url=TRAIN, consent=SPOKEN))
    assert (bool(replica.replica_id), server.requests) == (True, [])
    assert "preflight" not in studio.events()[-2].payload


@pytest.mark.parametrize("mode", ["on", True, None])
def test_there_are_three_modes(studio: Studio, mode: Any) -> None:
    with pytest.raises(tc.InvalidRequestError, match="'off', 'warn' or 'require'") as raised:
        studio.create(mode=mode)
    assert (raised.value.field, studio.fake.requests) == ("preflight", [])


# preflight="require"


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_media_that_pass_are_sent(open_studio: Callable[..., Studio], isolation: str) -> None:
    studio = open_studio(isolation=isolation)
    replica = studio.create()
    assert studio.fake.replicas[replica.replica_id]["request"]["train_video_url"] == TRAIN


def test_faces_are_held_to_the_same(studio: Studio, slow: FileServer) -> None:
    with pytest.raises(tc.PreflightFailed):
        studio(lambda t: t.faces.create_personal(train_video_url=TRAIN, consent=SPOKEN, preflight="require"))
    assert studio.fake.requests == []


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_media_that_fail_are_not_sent(open_studio: Callable[..., Studio], slow: FileServer, isolation: str) -> None:
    studio = open_studio(isolation=isolation)
    with pytest.raises(tc.PreflightFailed, match="24 frames per second") as raised:
        studio.create()
    error = raised.value
    assert (error.reason, error.field, error.report.ok) == ("video_fps", "train_video_url", False)
    assert studio.fake.requests == []
    assert studio(lambda t: t.consents.list()) == []


def test_no_link_is_in_what_is_said(studio: Studio, slow: FileServer) -> None:
    with pytest.raises(tc.PreflightFailed) as raised:
        studio.create()
    said = f"{raised.value} {raised.value!r} {raised.value.report!r} {raised.value.report.to_json()}"
    assert "s3cret" not in said
    assert NAME not in said


def refuse_access(handler: Handler, _start: int, _end: int) -> bool:
    handler.reply(503, b"", {})
    return True


def test_what_is_not_known_is_no_proof(studio: Studio, server: FileServer) -> None:
    server.behave = refuse_access
    with pytest.raises(tc.PreflightFailed) as raised:
        studio.create()
    assert (raised.value.report.ok, raised.value.reason) == (False, "download_link")


@pytest.mark.parametrize("heard", [REFUSED, MISHEARD, "hello there"])
def test_a_statement_that_was_not_heard_is_no_proof(open_studio: Callable[..., Studio], heard: str) -> None:
    studio = open_studio(engine=Canned(heard))
    with pytest.raises(tc.PreflightFailed) as raised:
        studio.create()
    assert (raised.value.reason, raised.value.field) == ("consent_phrase_mismatch", "consent_video_url")


def test_a_small_consent_video_is_fine(open_studio: Callable[..., Studio], server: FileServer, video: Any) -> None:
    large, small = video(), video(size=(640, 360))

    def by_path(handler: Handler, start: int, end: int) -> bool:
        handler.owner.content = large if "train" in handler.path else small
        handler.give(start, min(end, len(handler.owner.content)))
        return True

    studio = open_studio()
    server.behave, server.etag = by_path, None
    report = studio.preflight(consent=SPOKEN)
    assert [(one.code, one.severity) for one in report.problems if one.measured != "not_public"] == [
        ("quality_issue_detected", "unknown")
    ]
    assert report.unproven == ()


def test_without_the_extra_nothing_can_be_proven(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    no_require(monkeypatch)
    with pytest.raises(tc.MissingExtraError, match=r"tavus-consent\[preflight\]"):
        studio.create()
    assert studio.fake.requests == []


def test_the_order_is_look_then_compare_then_send(studio: Studio, server: FileServer) -> None:
    studio.create()
    paths = [path.partition("?")[0] for _, path, _ in server.requests]
    assert paths[0] == "/train.mp4"
    assert paths[-1] == "/consent.mp4"
    assert paths.index("/consent.mp4") < len(paths) - 1 - paths[::-1].index("/train.mp4")


class Swapping:
    """The video becomes another one while somebody listens."""

    engine = "swapping-1"

    def __init__(self, server: FileServer, content: bytes) -> None:
        self._server, self._content = server, content

    def transcribe(self, recording: Any) -> Any:
        self._server.content, self._server.etag = self._content, '"v2"'
        return Canned().words


@pytest.mark.parametrize("mode", ["warn", "require"])
def test_a_video_that_changes_meanwhile_is_not_sent(
    open_studio: Callable[..., Studio], server: FileServer, video: Any, mode: str
) -> None:
    studio = open_studio(engine=Swapping(server, video(seconds=99)))
    with pytest.raises(tc.EvidenceChanged):
        studio.create(mode=mode)
    assert studio.fake.requests == []


def test_the_statement_may_open_the_training_video(studio: Studio) -> None:
    with pytest.warns(tc.ConsentWarning):
        studio.create(SpokenConsent(NAME))
    assert studio.events()[1].payload["where"] == "training_video"
    assert len(studio.engine.given) == 1


def test_an_image_is_not_looked_at_and_that_is_said(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(REFUSED))
    with pytest.warns(tc.ConsentWarning), pytest.raises(tc.PreflightFailed) as raised:
        studio(
            lambda t: t.faces.create_personal(
                train_image_url="https://bucket.example/me.png",
                consent=SPOKEN,
                voice_name="anna",
                preflight="require",
            )
        )
    report = raised.value.report
    assert "training image was not checked" in report.not_checked[0]
    assert report.not_checked[0] in report.incomplete
    assert not report.ok
    assert set(report.fingerprints) == {"consent"}


# preflight="warn"


def test_media_that_pass_do_not_warn(studio: Studio, recwarn: pytest.WarningsRecorder) -> None:
    studio.create(mode="warn")
    assert [one for one in recwarn if one.category is tc.PreflightWarning] == []


def test_media_that_fail_warn_and_are_sent(studio: Studio, slow: FileServer) -> None:
    with pytest.warns(tc.PreflightWarning, match="24 frames") as caught:
        studio.create(mode="warn")
    warned = [one for one in caught if one.category is tc.PreflightWarning]
    assert {str(one.message).split(":")[0] for one in warned} == {"train_video_url", "consent_video_url"}
    assert not any("s3cret" in str(one.message) for one in warned)
    assert len(studio.fake.replicas) == 1


def test_what_a_link_shows_is_said_once(studio: Studio) -> None:
    begun = studio.fake.now.strftime("%Y%m%dT%H%M%SZ")
    signed = f"{TRAIN}?X-Amz-Date={begun}&X-Amz-Expires=7200&X-Amz-Signature=ab"
    with pytest.warns(tc.LinkWarning) as caught:
        studio.create(mode="warn", train_video_url=signed)
    assert {one.category for one in caught} == {tc.LinkWarning}


@pytest.mark.parametrize("kind", ["sync"])
def test_the_warning_points_at_the_caller(studio: Studio, slow: FileServer) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        studio.client.tavus.replicas.create_personal(train_video_url=TRAIN, consent=SPOKEN, preflight="warn")
    assert {one.filename for one in caught} == {__file__}


def test_a_mismatch_of_a_spoken_consent_is_advice(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(REFUSED))
    with pytest.warns(tc.PreflightWarning, match="consent_phrase_mismatch"):
        studio.create(mode="warn")
    assert studio.types() == ["requested", "recorded", "given", "submit_intent", "submitted"]
    (problem,) = studio.events()[3].payload["preflight"]["problems"][:1]
    assert dict(problem) == {"media": "consent", "code": "consent_phrase_mismatch", "severity": "error"}


def test_a_mismatch_of_a_record_always_refuses(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(REFUSED))
    record = studio.recorded()
    with pytest.warns(tc.PreflightWarning), pytest.raises(tc.ConsentMismatch):
        studio.create(record, mode="warn")
    assert studio.fake.requests == []


def test_without_the_extra_it_warns_of_that(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    no_require(monkeypatch)
    with pytest.warns(tc.PreflightWarning, match=r"tavus-consent\[preflight\]") as caught:
        studio.create(mode="warn")
    assert len([one for one in caught if one.category is tc.PreflightWarning]) == 1
    assert len(studio.fake.replicas) == 1


# what is kept


def test_the_ledger_has_the_report_without_links_and_words(studio: Studio, server: FileServer) -> None:
    studio.create()
    intent = next(one for one in studio.events() if one.type == "submit_intent")
    kept = intent.to_dict()["payload"]["preflight"] if hasattr(intent, "to_dict") else intent.payload["preflight"]
    assert (kept["mode"], kept["model"], kept["heard"]["verdict"]) == ("require", "phoenix-4", "PASS")
    assert kept["media"]["train"]["size"] == len(server.content)
    text = json.dumps(kept)
    assert "mp4" not in text.replace(".mp4", "mp4")
    assert NAME not in text


def test_the_vault_has_the_fingerprints(studio: Studio) -> None:
    studio.create()
    log = studio.client.tavus._registry()._log
    (kept,) = log.private(studio.events()[0].subject_ref, "fingerprints").values()
    assert set(json.loads(kept)) == {"train", "consent"}


def test_what_was_heard_verifies_a_spoken_consent(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(consent_policy=ConsentPolicy(requires="verified"))
    with pytest.raises(tc.ConsentRequired):
        studio.create(mode="off")
    studio.create()
    assert studio.types() == ["requested", "recorded", "verification", "given", "submit_intent", "submitted"]


@pytest.mark.parametrize("mode", ["warn", "require"])
def test_what_was_heard_verifies_a_record(open_studio: Callable[..., Studio], server: FileServer, mode: Any) -> None:
    """Its bytes are read whole, since only what was heard of known bytes verifies."""
    studio = open_studio(consent_policy=ConsentPolicy(requires="verified"))
    record = studio.recorded()
    studio.create(record, mode)
    types = ["requested", "recorded", "recorded", "verification", "given", "submit_intent", "submitted"]
    heard = studio.events(record)[3].payload
    assert (studio.types(record), heard["source"]) == (types, "heard")
    assert heard["sha256"] == hashlib.sha256(server.content).hexdigest()


def test_a_preflight_of_a_record_verifies_it(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(consent_policy=ConsentPolicy(requires="verified"))
    record = studio.recorded()
    studio.preflight(consent=record)
    studio.create(record, "off")
    assert studio(lambda t: t.consents.get(record)).state.basis == "verified"


def test_what_was_heard_without_a_hash_is_transcribed(studio: Studio) -> None:
    record = studio.recorded()
    studio.preflight(consent=record)
    studio.create(record, "off")
    (attempt,) = studio(lambda t: t.consents.attempts(record))
    assert (attempt.source, studio(lambda t: t.consents.get(record)).state.basis) == ("heard", "transcribed")


def test_nobody_reads_a_recording_whole_that_nobody_listens_to(
    open_studio: Callable[..., Studio], server: FileServer
) -> None:
    studio = open_studio(consent_policy=ConsentPolicy(requires="verified"))
    record = studio.recorded()
    studio.preflight(consent=record, speech=None)
    assert studio.types(record) == ["requested", "recorded"]


def test_a_record_that_does_not_pass_keeps_the_attempt(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(REFUSED))
    record = studio.recorded()
    with pytest.raises(tc.PreflightFailed):
        studio.create(record)
    assert studio.types(record) == ["requested", "recorded", "verification"]


def test_what_a_person_has_listened_to_no_recogniser_judges_again(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio(engine=Canned(MISHEARD))
    record = studio.recorded()
    studio.preflight(consent=record)
    studio(lambda t: t.consents.review(record, reviewer="hr@app.example", reason="Heard it."))
    studio.create(record)
    assert len(studio.engine.given) == 1


def test_a_recording_whose_bytes_are_known_is_read_whole(studio: Studio, server: FileServer) -> None:
    record = studio.recorded(sha256=hashlib.sha256(server.content).hexdigest())
    studio.create(record)
    kept = next(one for one in studio.events(record) if one.type == "submit_intent").payload["preflight"]["media"]
    assert (kept["consent"]["sha256"], kept["train"]["sha256"]) == (hashlib.sha256(server.content).hexdigest(), None)


def test_a_recording_with_other_bytes_is_not_sent(studio: Studio) -> None:
    record = studio.recorded(sha256="ab" * 32)
    with pytest.raises(tc.EvidenceChanged):
        studio.create(record)
    assert studio.fake.requests == []


class Adding(Canned):
    """Another recording is added while somebody listens."""

    studio: Studio
    record: tc.ConsentRecord

    def transcribe(self, recording: Any) -> Any:
        registry = self.studio.client.tavus._registry()
        registry.add_evidence(self.record, ConsentVideo("https://bucket.example/new.mp4", sha256="ab" * 32))
        return super().transcribe(recording)


def test_a_recording_that_is_replaced_meanwhile_is_not_judged(open_studio: Callable[..., Studio]) -> None:
    engine = Adding()
    studio = open_studio(engine=engine)
    engine.studio, engine.record = studio, studio.recorded()
    with pytest.raises(tc.EvidenceChanged, match="Another recording"):
        studio.preflight(consent=engine.record)


# asyncio


async def test_a_preflight_leaves_the_loop_free(reach: Reach) -> None:
    seen: list[threading.Thread] = []

    class Watching(Canned):
        def transcribe(self, recording: Any) -> Any:
            seen.append(threading.current_thread())
            return super().transcribe(recording)

    fake = FakeTavus()
    async with fake.async_client(preflight_options=PreflightOptions(reach=reach, transcriber=Watching())) as tavus:
        await tavus.replicas.preflight(consent=SPOKEN)
    assert seen != [threading.main_thread()]


async def test_a_cancelled_preflight_stops_reading(server: FileServer, reach: Reach) -> None:
    import asyncio

    started, go = threading.Event(), threading.Event()

    def wait(handler: Handler, _start: int, _end: int) -> bool:
        started.set()
        go.wait(10)
        return False

    server.behave = wait
    fake = FakeTavus()
    async with fake.async_client(preflight_options=PreflightOptions(reach=reach)) as tavus:
        task = asyncio.create_task(tavus.replicas.preflight(train_video_url=TRAIN))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    go.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(server.requests) == 1


def test_a_failure_can_go_to_another_process(studio: Studio, slow: FileServer) -> None:
    import pickle

    with pytest.raises(tc.PreflightFailed) as raised:
        studio.create(SpokenConsent(NAME, CONSENT))
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.report.findings) == (str(raised.value), raised.value.report.findings)


def test_the_package_does_not_read_files_before_it_is_asked() -> None:
    import subprocess

    code = "import sys, tavus_consent.client, tavus_consent.namespaces._sync.replicas; print('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
