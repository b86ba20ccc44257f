"""``x-not-done``: the statuses with which Tavus says that a request had no effect."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from regeneration import pipeline
from regeneration.problems import RegenerationError

from . import small

ANSWERS = {"responses": {"502": {"description": "Not done."}, "429": {"description": "Too many."}}}


def specified(retry: str, not_done: Any) -> dict[str, Any]:
    """The operation that creates things, with what an overlay adds."""
    update = {"x-retry": retry, "x-not-done": not_done, **ANSWERS}
    overlay = {"overlay": "1.0.0", "actions": [small.action("$.paths['/v2/things'].post", **update)]}
    files = {**small.inputs(), "openapi/overlays/90.yaml": yaml.safe_dump(overlay).encode()}
    made: dict[str, Any] = pipeline.specify(files, []).document["paths"]["/v2/things"]["post"]
    return made


@pytest.mark.parametrize("given", [[], [502]])
def test_server_errors_of_an_operation_can_be_listed(given: list[int]) -> None:
    assert specified("if-not-sent", given)["x-not-done"] == given


@pytest.mark.parametrize(
    ("retry", "given"),
    [
        ("safe", [502]),
        ("if-not-sent", [429]),
        ("if-not-sent", [503]),
        ("if-not-sent", ["502"]),
        ("if-not-sent", 502),
    ],
)
def test_nothing_else_can(retry: str, given: Any) -> None:
    with pytest.raises(RegenerationError) as caught:
        specified(retry, given)
    assert (caught.value.step, caught.value.cause) == ("validate", f"x-not-done is {given!r}")
