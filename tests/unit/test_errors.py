"""The exception tree: as drawn, catchable by standard types, and able to travel."""

from __future__ import annotations

import inspect
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent import errors


def classes() -> dict[str, type[BaseException]]:
    return {name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and issubclass(cls, tc.TavusError)}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: dict[str, str | None] = {}
    stack: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ([│ ├└─]*)([A-Z]\w+)", line)
        if match:
            while stack and stack[-1][0] >= len(match[1]):
                stack.pop()
            drawn[match[2]] = stack[-1][1] if stack else None
            stack.append((len(match[1]), match[2]))
    real = {name: (cls.__mro__[1].__name__ if name != "TavusError" else None) for name, cls in classes().items()}
    assert drawn == real


def test_every_error_is_exported() -> None:
    assert set(classes()) <= set(tc.__all__)


@pytest.mark.parametrize(
    ("cls", "standard"),
    [
        (tc.ConfigurationError, ValueError),
        (tc.InvalidRequestError, ValueError),
        (tc.MissingExtraError, ImportError),
        (tc.ConnectionFailedError, ConnectionError),
        (tc.RequestTimeoutError, TimeoutError),
        (tc.TrainingTimeout, TimeoutError),
    ],
)
def test_standard_types_catch_ours(cls: type, standard: type) -> None:
    assert issubclass(cls, standard)


REPLICA = tc.Replica(replica_id="r1", status="error", error_message="oops")
WHERE: dict[str, Any] = {"method": "POST", "path": "/v2/replicas"}
NOT_FOUND = tc.NotFoundError("404", status=404, body={"a": 1}, headers={"a": "b"}, **WHERE)
EXAMPLES = [
    tc.ConfigurationError("no key"),
    tc.MissingExtraError("cli", "the command"),
    tc.InvalidLinkError("expired", field="train_video_url", reason="expired"),
    tc.ConnectionFailedError("refused", attempts=3, **WHERE),
    tc.RequestTimeoutError("slow", **WHERE),
    NOT_FOUND,
    tc.OutcomeUnknownError(
        "unknown", attempts=1, started_at=datetime.now(UTC), ended_at=datetime.now(UTC), cause=NOT_FOUND, **WHERE
    ),
    tc.TrainingFailed("failed", REPLICA, error_type=None, advice="ask"),
    tc.TrainingTimeout("slow", REPLICA),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: tc.TavusError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("error", EXAMPLES[3:7], ids=lambda error: type(error).__name__)
def test_a_call_error_names_method_and_path(error: tc.TavusError) -> None:
    assert str(error).startswith("POST /v2/replicas")


def test_a_missing_extra_says_what_to_install() -> None:
    assert "pip install 'tavus-consent[cli]'" in str(tc.MissingExtraError("cli", "the command"))


def test_what_was_unknown_keeps_the_answer() -> None:
    error = EXAMPLES[6]
    assert isinstance(error, tc.OutcomeUnknownError)
    assert (error.status, error.body, error.headers) == (404, {"a": 1}, {"a": "b"})
