"""Effects of a specification change on code, described with the names of methods, arguments and results."""

from __future__ import annotations

from typing import Any

import pytest
from regeneration.changes import compare
from regeneration.effects import effects, methods, renamed

from .small import TEXT, document, operation


def told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = methods(old), methods(new)
    return [text for change in compare(old, new) for text in effects(change, before, after)]


def changed(place: str, **values: Any) -> dict[str, Any]:
    """The document with other members of one operation."""
    new = document()
    verb, _, path = place.partition(" ")
    new["paths"][path][verb] |= values
    return new


def sending(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    made = operation("createThing", sends=members)
    made["requestBody"]["content"]["application/json"]["schema"]["required"] = list(required)
    return changed("post /v2/things", **made)


def answering(**members: Any) -> dict[str, Any]:
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": members}}}}
    return changed("get /v2/things/{thing_id}", responses={"200": answer})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (sending(a=TEXT), sending(), "argument `a` of `things.create` is gone"),
        (sending(), sending(a=TEXT), "argument `a` of `things.create` is new"),
        (sending(a=TEXT), sending(("a",), a=TEXT), "argument `a` of `things.create` became required"),
        (sending(("a",), a=TEXT), sending(a=TEXT), "argument `a` of `things.create` became optional"),
        (sending(a=TEXT), sending(a={"type": "integer"}), "argument `a` of `things.create` has another type"),
        (
            sending(some_name=TEXT),
            sending(some_names=TEXT),
            "argument `some_name` of `things.create` is `some_names` now",
        ),
        (sending(class_=TEXT), sending(), "argument `class_` of `things.create` is gone"),
        (answering(a=TEXT), answering(), "`a` of what `things.get` gives is gone"),
        (answering(), answering(a=TEXT), "`a` of what `things.get` gives is new"),
    ],
)
def test_arguments_and_results_are_named_as_they_are_called(
    old: dict[str, Any], new: dict[str, Any], said: str
) -> None:
    assert told(old, new) == [said]


def test_what_is_within_an_argument_is_told_of_the_argument() -> None:
    old, new = (sending(layers={"type": "object", "properties": inner}) for inner in ({"a": TEXT}, {}))
    assert told(old, new) == ["what the argument `layers` of `things.create` takes has changed"]


def without(place: str) -> dict[str, Any]:
    new = document()
    verb, _, path = place.partition(" ")
    del new["paths"][path][verb]
    return new


def test_a_removed_method_is_named_as_a_method() -> None:
    said = told(document(), without("post /v2/things/{thing_id}/recrawl"))
    assert said == ["`things.recrawl` is gone, and `api.things.recrawl_thing`"]


def test_another_tag_is_another_namespace() -> None:
    said = told(document(), changed("get /v2/things", tags=["Others"]))
    assert said == ["`things.list` is `others.list` now", "`api.things.list_things` is `api.others.list_things` now"]


def test_a_name_that_an_overlay_gives_counts() -> None:
    old = methods(document())
    new = methods(changed("post /v2/things/{thing_id}/recrawl", **{"x-method": "read_again"}))
    (change,) = renamed(old, new, ())
    assert effects(change, old, new) == ["`things.recrawl` is `things.read_again` now"]
    assert renamed(old, new, ["recrawlThing"]) == []


def creating(**members: Any) -> dict[str, Any]:
    made = document()
    made["paths"] = {"/v2/voices": {"post": operation("createVoice", sends=members, tag="Voices")}}
    made["paths"]["/v2/voices"]["post"]["x-consent"] = "create"
    return made


def test_a_create_of_a_likeness_is_written_by_hand() -> None:
    said = told(creating(a=TEXT), creating(a=TEXT, b=TEXT))
    assert said == ["argument `b` of the creates of `voices` (written by hand) is new"]


def test_a_new_create_of_a_likeness_has_no_method() -> None:
    old = document()
    old["paths"] = {"/v2/voices": {"get": operation("listVoices", tag="Voices")}}
    new = creating()
    new["paths"]["/v2/voices"]["get"] = operation("listVoices", tag="Voices")
    assert told(old, new) == ["`api.voices.create_voice` is new, without a method: a create is written by hand"]


def test_a_new_operation_of_a_namespace_that_is_written_by_hand_has_no_method() -> None:
    new = document()
    new["paths"]["/v2/replicas"] = {"get": operation("listReplicas", tag="Replicas")}
    assert told(document(), new) == [
        "`api.replicas.list_replicas` is new, without a method: `replicas` is written by hand",
        "the namespace `replicas` is new",
    ]


def test_many_methods_are_counted() -> None:
    def shared(**members: Any) -> dict[str, Any]:
        new = document()
        new["components"] = {"schemas": {"Shared": {"type": "object", "properties": members}}}
        for item in new["paths"].values():
            for one in item.values():
                one["responses"]["200"]["content"]["application/json"]["schema"] = {
                    "$ref": "#/components/schemas/Shared"
                }
        return new

    assert told(shared(), shared(a=TEXT)) == ["`Shared.a`, which 5 methods take or give, has changed"]
