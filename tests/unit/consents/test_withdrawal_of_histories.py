"""Whatever was done with a likeness, its withdrawal deletes or names: random histories of 200 operations."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from attrs import define, field
from hypothesis import Phase, given, settings, strategies as st
from tests.effort import scaled

import tavus_consent as tc
from tavus_consent.testing import FakeTavus, Fault

STOCK, STOCK_VOICE = "r90bbd427f71", "v51ab1e000001"
STEPS = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@define
class History:
    """A client at work, and what it has seen itself: what was made, and of which record."""

    fake: FakeTavus = field(factory=FakeTavus)
    tavus: Any = field(init=False)
    console: Any = field(init=False)
    replicas: dict[str, str] = field(factory=dict)  # each with its record
    pals: dict[str, str | None] = field(factory=dict)  # each with the record of its face
    deployments: dict[str, str] = field(factory=dict)  # each with its PAL
    made: dict[str, str] = field(factory=dict)  # everything that came of a record
    deletable: dict[str, str] = field(factory=dict)  # each with its namespace
    lost: Counter[str] = field(factory=Counter)  # uses of unknown outcome, by record
    refuses: bool = False  # while it is true, every third request fails

    def __attrs_post_init__(self) -> None:
        self.tavus, self.console = self.fake.client(), self.fake.client()
        handle, count = self.fake.handle, iter(range(10**9))

        def moody(request: Any) -> Any:
            if self.refuses and next(count) % 3 == 2:
                return Fault(status=403).apply(lambda: handle(request))
            return handle(request)

        self.fake.handle = moody  # type: ignore[method-assign]

    def use(self, record: str | None, kind: str, namespace: str, make: Callable[[], Any], at: int) -> str | None:
        """Use a likeness. Now and then the answer is lost, before or after the work."""
        handle = self.fake.handle
        if at % 9 == 0:
            fault = Fault(status=502, after_work=at % 2 == 0)
            self.fake.handle = lambda request: (  # type: ignore[method-assign]
                fault.apply(lambda: handle(request)) if request.method == "POST" else handle(request)
            )
        try:
            made = str(getattr(make(), f"{kind}_id"))
        except tc.OutcomeUnknownError:
            if record is not None:
                self.lost[record] += 1
            return None
        except (tc.ConsentError, tc.CallError):
            return None
        finally:
            self.fake.handle = handle  # type: ignore[method-assign]
        if record is not None:
            self.made[made] = record
        if namespace != "speech":
            self.deletable[made] = namespace
        return made

    def replica(self, at: int) -> tuple[str, str] | None:
        return list(self.replicas.items())[at % len(self.replicas)] if self.replicas else None

    # steps

    def create(self, at: int) -> None:
        """Train a replica of a new person, or another one of the same."""
        if at % 3 and self.replicas:
            record = list(self.replicas.values())[at % len(self.replicas)]
            folder = record
        else:
            count = len(self.replicas)
            name = f"Rio B{LETTERS[count // 26 % 26]}{LETTERS[count % 26]}"
            asked = self.tavus.consents.request(full_name=name, adult=True, intended_uses=["onboarding"])
            record = folder = asked.record_id
            video = tc.ConsentVideo(f"https://bucket.example/{folder}/consent.mp4")
            self.tavus.consents.add_evidence(record, video)
        train = f"https://bucket.example/{folder}/train.mp4"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", tc.DuplicateWarning)
                made = self.tavus.replicas.create_personal(train_video_url=train, consent=record)
        except tc.ConsentError:
            return
        self.replicas[made.replica_id] = record

    def clone(self, at: int) -> None:
        """Clone the voice of a person, and let a PAL speak with it."""
        if found := self.replica(at):
            given = {"audio_url": f"https://bucket.example/{found[1]}/voice.wav", "voice_name": "Rio"}
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", tc.DuplicateWarning)
                    voice = self.tavus.voices.create_personal(consent=found[1], **given).voice_id
            except tc.ConsentError:
                return
            self.made[voice] = found[1]
            speaks = {"pal_name": "Sam", "system_prompt": "Hi.", "layers": {"tts": {"voice_id": voice}}}
            make = lambda: self.tavus.pals.create(default_face_id=STOCK, **speaks)  # noqa: E731
            self.use(found[1], "pal", "pals", make, at)

    def advance(self, at: int) -> None:
        self.fake.advance(hours=at % 7)

    def video(self, at: int) -> None:
        if found := self.replica(at):
            name = {"video_name": "Welcome"} if at % 2 else {}
            self.use(
                found[1],
                "video",
                "videos",
                lambda: self.tavus.videos.create(replica_id=found[0], script="Hello", **name),
                at,
            )

    def speech(self, at: int) -> None:
        if found := self.replica(at):
            make = lambda: self.tavus.speech.create(replica_id=found[0], script="Hello")  # noqa: E731
            self.use(found[1], "speech", "speech", make, at)

    def conversation(self, at: int) -> None:
        if found := self.replica(at):
            make = lambda: self.tavus.conversations.create(replica_id=found[0])  # noqa: E731
            self.use(found[1], "conversation", "conversations", make, at)

    def pal(self, at: int) -> None:
        found = self.replica(at)
        face, record = found or (STOCK, None)
        given: dict[str, Any] = {"pal_name": "Sam", "system_prompt": "You are Sam.", "default_face_id": face}
        if made := self.use(record, "pal", "pals", lambda: self.tavus.pals.create(**given), at):
            self.pals[made] = record

    def persona(self, at: int) -> None:
        if found := self.replica(at):
            given = {"persona_name": "Sam", "system_prompt": "Hi.", "default_replica_id": found[0]}
            self.use(found[1], "persona", "personas", lambda: self.tavus.personas.create(**given), at)

    def move(self, at: int) -> None:
        """Give a PAL the stock face."""
        if self.pals:
            pal = list(self.pals)[at % len(self.pals)]
            with suppress(tc.CallError):  # it may be deleted
                self.tavus.pals.patch(pal, changes={"default_face_id": STOCK})
                self.pals[pal] = None

    def talk(self, at: int) -> None:
        """Talk with a PAL, whose memory of the participant is kept."""
        if self.pals:
            pal, record = list(self.pals.items())[at % len(self.pals)]
            tags = {"participant_tags": [f"user_{at % 3}"]} if at % 2 else {}
            make = lambda: self.tavus.conversations.create(pal_id=pal, **tags)  # noqa: E731
            self.use(record, "conversation", "conversations", make, at)

    def deploy(self, at: int) -> None:
        if self.pals:
            pal, record = list(self.pals.items())[at % len(self.pals)]
            make = lambda: self.tavus.deployments.create(pal_id=pal, channel="widget")  # noqa: E731
            if made := self.use(record, "deployment", "deployments", make, at):
                self.deployments[made] = pal

    def visit(self, at: int) -> None:
        if self.deployments:
            page, pal = list(self.deployments.items())[at % len(self.deployments)]
            if page not in self.fake.objects("deployment"):  # deleted: nothing says whose face it showed
                return
            self.fake.advance(minutes=6)  # what was looked up for the gate is forgotten by then
            make = lambda: self.tavus.deployments.start(page)  # noqa: E731
            self.use(self.pals.get(pal), "conversation", "conversations", make, at)

    def delete(self, at: int) -> None:
        if self.deletable:
            made, namespace = list(self.deletable.items())[at % len(self.deletable)]
            del self.deletable[made]
            self.pals.pop(made, None)
            with suppress(tc.CallError):  # a withdrawal may have deleted it
                getattr(self.tavus, namespace).delete(made)

    def delete_replica(self, at: int) -> None:
        if (found := self.replica(at)) and at % 4 == 0 and found[0] in self.fake.replicas:
            self.tavus.replicas.delete(found[0])

    def elsewhere(self, at: int) -> None:
        """Do something in the console, of which the ledger knows nothing."""
        found = self.replica(at)
        if found is None or found[0] not in self.fake.replicas:
            return
        if at % 3 == 0:
            self.console.conversations.create(replica_id=found[0])
        elif at % 3 == 1:
            self.console.faces.patch(found[0], default_voice_id=STOCK_VOICE)
        else:
            self.console.videos.create(replica_id=found[0], script="Hello")

    def bypass(self, at: int) -> None:
        with self.tavus.without_gate(reason="The contract is on paper.", by="dpo@app.example"):
            made = self.tavus.videos.create(replica_id=STOCK, script="Hello", video_name="Welcome").video_id
        self.made[made] = self.tavus.consents.find(video_id=made)[0].record_id

    def withdraw(self, at: int) -> None:
        """Withdraw one of the records, while many requests fail."""
        if (found := self.replica(at)) and at % 5 == 0:
            self.refuses = True
            self.tavus.consents.withdraw(found[1], requested_by="subject")
            self.refuses = False


OPERATIONS = [
    *("create", "create", "video", "video", "video", "speech", "conversation", "conversation", "pal", "persona"),
    *(
        "move",
        "talk",
        "talk",
        "deploy",
        "visit",
        "delete",
        "delete_replica",
        "elsewhere",
        "bypass",
        "withdraw",
        "clone",
    ),
    *("advance", "advance"),
]
HISTORIES = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 1000)), min_size=STEPS, max_size=STEPS)


def told(report: Any) -> set[str]:
    """Return every id that a report names."""
    lists = ["deleted", "voices", "videos", "conversations", "deployments", "lipsyncs", "replacements", "memory_stores"]
    return {one for name in lists for one in getattr(report, name)} | {one.id for one in report.remaining}


# Making a failing history shorter would take minutes.
@settings(max_examples=scaled(20), deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(HISTORIES)
def test_nothing_that_a_client_made_is_missing_from_the_report(steps: list[tuple[str, int]]) -> None:
    history = History()
    for name, at in steps:
        getattr(history, name)(at)
    fake, consents = history.fake, history.tavus.consents
    consents.resume_withdrawals()
    for record in dict.fromkeys((*history.replicas.values(), *history.made.values())):
        report = consents.withdraw(record, requested_by="controller")
        known = told(report)
        mine = {made for made, of in history.made.items() if of == record}
        personas = fake.objects("persona")
        assert {one for one in mine - known if not one.startswith("p") or one in personas} == set()
        assert sum(one.kind == "use" for one in report.remaining) == history.lost[record]
        replicas = {one for one, of in history.replicas.items() if of == record}
        assert set(report.deleted) == replicas
        assert report.complete or {one.kind for one in report.remaining if one.id in report.record.state.voices} == {
            "voice"
        }
        assert replicas.isdisjoint(fake.replicas)
        talks = [one for one in fake.objects("conversation").values() if one["replica_id"] in replicas]
        assert talks == []
        voices = {it.get("replica_id") for it in fake.objects("voice").values()} & replicas
        assert voices <= {one.id for one in report.remaining if one.kind == "voices"}
        shown = {one: it["status"] for one, it in fake.objects("deployment").items() if one in mine}
        assert set(shown.values()) <= {"inactive"}
        assert mine.isdisjoint(fake.objects("video"))
        naming = {one for one, it in personas.items() if it.get("default_replica_id") in replicas}
        assert naming <= known
    for pal in fake.objects("persona"):  # they keep the voices that they speak with
        history.console.pals.delete(pal)
    assert all(one.complete for one in consents.resume_withdrawals())
    assert all(voice.get("replica_id") for voice in fake.objects("voice").values())  # all that were cloned are gone
