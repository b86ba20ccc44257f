"""Overlay documents: each action does something, or the build fails."""

from __future__ import annotations

from typing import Any

import pytest
from regeneration import overlays
from regeneration.problems import RegenerationError


def document() -> dict[str, Any]:
    return {"paths": {"/a": {"get": {"tags": ["A"]}}, "/b": {"get": {"tags": ["B"]}}}}


def applied(*actions: dict[str, Any]) -> dict[str, Any]:
    actions = tuple({"description": "why", **action} for action in actions)
    return overlays.apply(document(), {"overlay": "1.0.0", "actions": list(actions)}, "some.yaml")[0]


def refusal(*actions: dict[str, Any], **overlay: Any) -> RegenerationError:
    with pytest.raises(RegenerationError) as caught:
        overlays.apply(document(), {"overlay": "1.0.0", "actions": list(actions), **overlay}, "some.yaml")
    return caught.value


def test_an_update_is_merged_into_every_match() -> None:
    paths = applied({"target": "$.paths.*.get", "update": {"x-retry": "safe"}})["paths"]
    assert [paths[path]["get"] for path in paths] == [
        {"tags": ["A"], "x-retry": "safe"},
        {"tags": ["B"], "x-retry": "safe"},
    ]


def test_what_an_update_put_into_two_places_can_be_changed_in_one() -> None:
    paths = applied(
        {"target": "$.paths.*.get", "update": {"responses": {"200": {}}}},
        {"target": "$.paths['/a'].get.responses", "update": {"204": {}}},
    )["paths"]
    assert list(paths["/b"]["get"]["responses"]) == ["200"]


def test_a_removal_removes() -> None:
    assert list(applied({"target": "$.paths['/a']", "remove": True})["paths"]) == ["/b"]


def test_each_alternative_of_a_target_is_changed() -> None:
    paths = applied({"target": "$.paths['/a','/b'].get", "update": {"x": 1}})["paths"]
    assert [paths[path]["get"]["x"] for path in paths] == [1, 1]


def test_an_alternative_that_matches_nothing_is_not_hidden_by_its_neighbours() -> None:
    action = {"target": "$.paths['/a','/c'].get", "description": "why", "update": {"x": 1}}
    assert str(refusal(action)) == "overlay: some.yaml, action 0, $.paths['/c'].get: the action matches nothing"


@pytest.mark.parametrize(
    ("action", "cause"),
    [
        ({"target": "$.paths['/c']", "update": {"x": 1}}, "the action matches nothing"),
        ({"target": "$.paths['/a'].get", "update": {}}, "the action changes nothing"),
        ({"target": "$.paths['/a']", "update": {"get": {"tags": []}}}, "the action changes nothing"),
        ({"target": "$.paths[", "update": {"x": 1}}, "is not a JSONPath"),
        ({"target": "$", "remove": True}, "the action cannot be applied"),
        ({"target": "$.paths", "update": {"x": 1}, "copy": "$.info"}, "a key that is not known: copy"),
        ({"target": "$.paths"}, "either an update or remove"),
        ({"target": "$.paths", "remove": False}, "either an update or remove"),
        ({"target": "$.paths", "remove": True, "update": {}}, "either an update or remove"),
        ({"target": "$.paths", "update": {"x": 1}, "description": " "}, "says why"),
        ({"target": "$.paths", "update": {"x": 1}, "x-when": 1}, "x-when is not a JSONPath"),
        ({"update": {"x": 1}}, "no target"),
    ],
)
def test_an_action_that_cannot_work_fails_the_build(action: dict[str, Any], cause: str) -> None:
    assert (
        cause
        in refusal(
            {"target": "$.paths['/a']", "description": "why", "update": {"x": 1}}, {"description": "why", **action}
        ).cause
    )


def test_the_failing_action_is_named_by_file_index_and_target() -> None:
    first = {"target": "$.paths['/a']", "description": "why", "update": {"x": 1}}
    second = {"target": "$.paths['/c']", "description": "why", "update": {"x": 1}}
    assert refusal(first, second).place == "some.yaml, action 1, $.paths['/c']"


@pytest.mark.parametrize("overlay", [{"overlay": "1.1.0"}, {"actions": []}, {"actions": None}])
def test_a_document_that_is_no_overlay_is_refused(overlay: dict[str, Any]) -> None:
    assert refusal(**overlay).place == "some.yaml"


def test_an_action_is_left_out_only_where_the_part_that_it_names_is_absent() -> None:
    action = {"target": "$.paths['/c'].get", "x-when": "$.paths['/c']", "description": "why", "update": {"x": 1}}
    result, notes = overlays.apply(document(), {"overlay": "1.0.0", "actions": [action]}, "some.yaml")
    assert (result, notes) == (
        document(),
        ["some.yaml: 1 actions left out, there is no $.paths['/c']"],
    )


def test_an_action_whose_part_is_there_must_match() -> None:
    action = {"target": "$.paths['/a'].post", "x-when": "$.paths['/a']", "description": "why", "update": {"x": 1}}
    assert refusal(action).cause == "the action matches nothing"
