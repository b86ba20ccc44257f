"""From changes to a JSON Patch: a library applies the patch, with the result that RFC 7396 defines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from jsonpatch import apply_patch

from tavus_consent.http.patches import patch_for

NAMES = st.sampled_from(["a", "b", "a/b", "~", "~1", ""])
LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3))
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)


def merge(target: Any, patch: Any) -> Any:
    """The algorithm of RFC 7396, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge(target.get(name), value)
    return target


def typed(value: Any) -> Any:
    """In JSON 1 and true differ."""
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else (type(value).__name__, value)


@given(OBJECTS, OBJECTS)
def test_the_patch_does_what_the_changes_say(current: Any, changes: Any) -> None:
    assert typed(apply_patch(current, patch_for(current, changes))) == typed(merge(current, changes))


@given(OBJECTS, OBJECTS)
def test_what_is_so_already_is_not_changed_again(current: Any, changes: Any) -> None:
    assert patch_for(merge(current, changes), changes) == []


@pytest.mark.parametrize("current", [None, [], "text"])
def test_where_nothing_is_everything_is_added(current: Any) -> None:
    assert patch_for(current, {"a": 1}) == [{"op": "add", "path": "/a", "value": 1}]


def test_a_list_is_replaced_as_a_whole_and_a_tuple_counts_as_one() -> None:
    assert patch_for({"a": [1, 2]}, {"a": (1, 2)}) == []
    assert patch_for({"a": [1, 2]}, {"a": [1, 3]}) == [{"op": "replace", "path": "/a", "value": [1, 3]}]


def test_one_and_true_differ_within_lists_and_objects_too() -> None:
    assert patch_for({"a": [{"b": 1}]}, {"a": [{"b": True}]}) == [
        {"op": "replace", "path": "/a", "value": [{"b": True}]}
    ]
    assert patch_for({"a": [{"b": 1}]}, {"a": [{"b": 1}]}) == []
