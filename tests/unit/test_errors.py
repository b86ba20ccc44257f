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
from tavus_consent.training_errors import TRAINING_ERRORS


def classes() -> dict[str, type[BaseException]]:
    found = {name: getattr(tc, name) for name in tc.__all__} | vars(errors)
    return {name: cls for name, cls in found.items() if inspect.isclass(cls) and issubclass(cls, tc.TavusError)}


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
    tc.IllegalTransition("withdrawn", state="withdrawn", event="given"),
    tc.LedgerBroken("event 3 was changed", seq=3),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: tc.TavusError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("error", EXAMPLES[3:7], ids=lambda error: type(error).__name__)
def test_a_call_error_names_method_and_path(error: tc.TavusError) -> None:
    assert str(error).startswith("POST /v2/replicas")


@pytest.mark.parametrize("error", EXAMPLES[3:7], ids=lambda error: type(error).__name__)
def test_only_several_attempts_are_worth_a_word(error: tc.CallError) -> None:
    assert ("after" in str(error)) == (error.attempts > 1)


def test_one_attempt_is_what_an_error_tells_of_by_default() -> None:
    assert [error.attempts for error in EXAMPLES if isinstance(error, tc.CallError)] == [3, 1, 1, 1]


def test_a_missing_extra_says_what_to_install() -> None:
    assert str(tc.MissingExtraError("cli", "the command")) == (
        "the command needs the extra 'cli': pip install 'tavus-consent[cli]'"
    )


def test_a_missing_extra_is_named_for_programs() -> None:
    error = tc.MissingExtraError("cli", "the command")
    assert (error.extra, error.feature) == ("cli", "the command")


def test_a_refusal_names_argument_and_reason() -> None:
    error = tc.InvalidLinkError("expired", field="train_video_url", reason="expired")
    assert (str(error), error.field, error.reason) == ("expired", "train_video_url", "expired")


def test_a_refusal_of_a_combination_names_no_argument() -> None:
    error = tc.InvalidRequestError("these do not go together")
    assert (error.field, error.reason) == (None, "invalid")


def test_without_an_answer_there_is_nothing_of_one() -> None:
    error = tc.ConnectionFailedError("refused", **WHERE)
    assert (error.status, error.retry_after) == (None, None)


def test_an_answer_that_says_nothing_more_leaves_the_rest_empty() -> None:
    error = tc.NotFoundError("404", status=404, **WHERE)
    rest = (error.headers, error.body, error.detail, error.request_id, error.retry_after)
    assert rest == ({}, None, None, None, None)


def test_the_headers_of_an_error_are_its_own() -> None:
    headers = {"a": "b"}
    error = tc.NotFoundError("404", status=404, headers=headers, **WHERE)
    headers["a"] = "changed"
    assert error.headers == {"a": "b"}


def test_failed_training_keeps_type_sentence_advice_and_replica() -> None:
    kind = TRAINING_ERRORS["video_fps"]
    error = tc.TrainingFailed("failed", REPLICA, error_type=kind, advice="ask")
    assert (error.error_type, error.error_message, error.advice, error.replica) == (kind, "oops", "ask", REPLICA)


def test_training_that_takes_too_long_keeps_the_replica() -> None:
    error = tc.TrainingTimeout("slow", REPLICA)
    assert (str(error), error.replica) == ("slow", REPLICA)


def unknown(cause: tc.CallError) -> tc.OutcomeUnknownError:
    then = datetime(2026, 3, 1, tzinfo=UTC)
    return tc.OutcomeUnknownError("unknown", attempts=2, started_at=then, ended_at=then, cause=cause, **WHERE)


def test_an_unknown_outcome_without_an_answer_has_nothing_of_one() -> None:
    error = unknown(tc.ConnectionFailedError("reset", **WHERE))
    rest = (error.status, error.retry_after, error.body, error.headers, error.request_id, error.replica_name)
    assert rest == (None, None, None, {}, None, None)


def test_an_unknown_outcome_keeps_everything_of_the_answer() -> None:
    cause = tc.ServerStatusError("503", status=503, request_id="q1", retry_after=3.0, **WHERE)
    error = unknown(cause)
    assert (error.status, error.request_id, error.retry_after) == (503, "q1", 3.0)


def test_what_was_unknown_keeps_the_answer() -> None:
    error = EXAMPLES[6]
    assert isinstance(error, tc.OutcomeUnknownError)
    assert (error.status, error.body, error.headers) == (404, {"a": 1}, {"a": "b"})
