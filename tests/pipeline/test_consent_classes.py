"""Every operation has a consent class; it is required for operations that handle media of a person."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from regeneration import consent, pipeline
from regeneration.problems import RegenerationError
from regeneration.report import report
from regeneration.shapes import Place

from . import small
from .conftest import PROJECT
from .small import TEXT, document, operation, source

BUILT: dict[str, Any] = yaml.load(
    (PROJECT / "openapi" / "tavus.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
CLASSES = {f"{verb} {path}": one["x-consent"] for path, item in BUILT["paths"].items() for verb, one in item.items()}


def test_every_operation_has_a_class() -> None:
    assert set(CLASSES.values()) == set(consent.CLASSES)


@pytest.mark.parametrize("path", ["/v2/replicas", "/v2/faces", "/v2/voices"])
def test_what_makes_a_likeness_or_a_voice_is_a_create(path: str) -> None:
    assert CLASSES[f"post {path}"] == "create"


@pytest.mark.parametrize(
    "place",
    [
        *("post /v2/videos", "post /v2/conversations", "post /v2/speech", "post /v2/lipsync", "post /v2/replacements"),
        *("post /v2/deployments", "post /v2/personas", "post /v2/pals", "patch /v2/personas/{persona_id}"),
        *("post /v2/deployments/{deployment_id}/start", "patch /v2/pals/{pal_id}", "patch /v2/faces/{face_id}"),
    ],
)
def test_what_shows_or_speaks_as_one_is_a_use(place: str) -> None:
    assert CLASSES[place] == "use"


def test_what_reads_or_deletes_is_neither() -> None:
    assert {value for place, value in CLASSES.items() if place.startswith(("get ", "delete "))} == {"none"}


@pytest.mark.parametrize(
    "name",
    [
        *("train_video_url", "consent_video_url", "train_image_url", "audio_url", "source_audio_url", "videoUrl"),
        *("replica_id", "face_id", "default_voice_id", "voiceId", "replica_ids", "persona_id", "voice_sample_file"),
        *("image_base64", "photo_urls", "recording_url"),
    ],
)
def test_media_of_a_person_and_ids_of_a_likeness_are_known_by_their_names(name: str) -> None:
    assert consent.is_of_a_person(Place("request", "body", ("layers", name, "[]")))


@pytest.mark.parametrize(
    "name", ["callback_url", "document_url", "conversation_id", "name", "video_name", "voice", "background_url", "tags"]
)
def test_other_members_are_not(name: str) -> None:
    assert not consent.is_of_a_person(Place("request", "body", (name,)))


def test_an_upload_of_a_video_is_media_of_a_person() -> None:
    assert consent.is_of_a_person(Place("request", "body as video/mp4", ()))


def test_what_comes_back_is_not_asked() -> None:
    assert not consent.is_of_a_person(Place("response", "200", ("replica_id",)))


def with_operation(made: dict[str, Any], path: str = "/v3/avatars") -> Any:
    new = document()
    new["paths"][path] = {"post": made}
    return source(new)


def test_an_operation_that_takes_media_of_a_person_needs_a_class() -> None:
    made = operation("createAvatar", sends={"options": {"type": "object", "properties": {"train_video_url": TEXT}}})
    with pytest.raises(RegenerationError) as caught:
        pipeline.specify(small.inputs(), [with_operation(made)])
    assert (caught.value.step, caught.value.cause) == (
        "consent",
        "it has no x-consent, and its request has options.train_video_url",
    )
    assert caught.value.origin.endswith("/paths/~1v3~1avatars/post")


def test_an_operation_that_takes_none_may_wait_for_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    small.without_generator(monkeypatch)
    files = small.inputs()
    said = report({**files, **pipeline.run(files, []).files}, [with_operation(operation("createTag"), "/v2/tags")])
    assert said.problems == []
    assert "Consent: no `x-consent`; decide it" in said.markdown
    assert "## Without a consent class\n\n`createTag`" in said.markdown


def test_a_class_that_does_not_exist_is_refused() -> None:
    overlay = small.action("$.paths['/v2/things'].get", **{"x-consent": "maybe"})
    files = {
        **small.inputs(),
        "openapi/overlays/90.yaml": yaml.safe_dump({"overlay": "1.0.0", "actions": [overlay]}).encode(),
    }
    with pytest.raises(RegenerationError, match="x-consent is 'maybe'"):
        pipeline.specify(files, [])


def test_upstream_does_not_decide_it() -> None:
    made = {**operation("createTag"), "x-consent": "none"}
    with pytest.raises(RegenerationError, match="itself, in post /v2/tags"):
        pipeline.specify(small.inputs(), [with_operation(made, "/v2/tags")])


def test_a_new_member_for_media_of_a_person_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    small.without_generator(monkeypatch)
    files = small.inputs()
    new = document()
    new["paths"]["/v2/things"]["post"] = operation("createThing", sends={"name": TEXT, "train_image_url": TEXT})
    said = report({**files, **pipeline.run(files, []).files}, [source(new)])
    line = "Consent: media of a person that the gate has not seen before; check `createThing`"
    assert line in said.markdown
