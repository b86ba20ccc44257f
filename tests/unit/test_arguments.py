"""Arguments of the wrong type: a typed error that names the argument, before anything is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.asked import ASKED
from tests.rows import each_row

import tavus_consent as tc
from tavus_consent import ConsentVideo
from tavus_consent.ledger import Controller, Party, open_ledger
from tavus_consent.preflight import Budget, Reach, preflight

TRAIN = "https://bucket.example/train.mp4"
CONSENT = "https://bucket.example/consent.mp4"


class Odd:
    """An object that no argument accepts."""


SECONDS = ("8h", "30", True, float("nan"), float("inf"), -1, [1], timedelta(seconds=3), Odd())
COUNTS = ("10", 1.5, True, float("nan"), -1, [1], b"1", Odd())
TEXTS = (5, 1.5, True, b"x", ["x"], Odd())
FLAGS = ("yes", "false", 1, 0.0, [], Odd())
LISTS = (5, True, b"x", {"a": 1}, [5], [None], Odd())
LENGTHS = ("8h", 5, True, Odd())
FUNCTIONS = (5, "x", Odd())
OTHERS = (5, True, b"x", [1], Odd())

# By how a type is written, the first that fits.
KINDS: dict[str, tuple[Any, ...]] = {
    "Callable": FUNCTIONS,
    "Progress": FUNCTIONS,
    "Transcriber": OTHERS,
    "ConsentNotice": TEXTS,
    "BiometricNotice": OTHERS,
    "ConsentRecord": OTHERS,
    "ConsentVideo": OTHERS,
    "SpokenConsent": OTHERS,
    "Controller": OTHERS,
    "Party": OTHERS,
    "Error": OTHERS,
    "Options": OTHERS,
    "Budget": OTHERS,
    "Reach": OTHERS,
    "Clock": OTHERS,
    "Ledger": OTHERS,
    "Policy": OTHERS,
    "Path": OTHERS,
    "PropertiesParam": (*OTHERS, "x"),
    "Mapping[str, Any]": (*OTHERS, "x", {1: 2}),
    "Mapping": (*OTHERS, "x", {1: 2}, {"x": 5}),
    "Iterable": LISTS,
    "Sequence": LISTS,
    "tuple": LISTS,
    "frozenset": LISTS,
    "timedelta": LENGTHS,
    "bool": FLAGS,
    "float": SECONDS,
    "int": COUNTS,
    "str": TEXTS,
    "Literal": TEXTS,
}
GOOD: dict[str, Any] = {
    "train_video_url": TRAIN,
    "consent": tc.SpokenConsent("Rio Alvarez", CONSENT),
    "attestation": "A fox",
    "attested_by": "me",
    "full_name": "Rio Alvarez",
    "requested_by": "subject",
    "reason": "So",
    "reviewer": "me",
    "recording": ConsentVideo(CONSENT),
    "replica_id": "r1",
    "face_id": "r1",
    "video_id": "v1",
    "document_id": "d1",
    "replica_name": "Rio",
    "face_name": "Rio",
    "record": "6f1c0a52d9b14e0c8a7d3b2e5f607182",
}
NAMESPACES = ("replicas", "faces", "videos", "documents", "consents")


def bad(annotation: object) -> tuple[Any, ...]:
    return next(values for name, values in KINDS.items() if name in str(annotation))


def methods() -> Iterator[tuple[str, str, inspect.Signature]]:
    tavus = tc.Tavus("key-for-tests", ledger=None)
    for namespace in NAMESPACES:
        for name, method in inspect.getmembers(type(getattr(tavus, namespace)), inspect.isfunction):
            if not name.startswith("_") and method.__module__.startswith("tavus_consent"):
                yield namespace, name, inspect.signature(method)
    tavus.close()


def parameters() -> Iterator[Any]:
    for namespace, name, signature in methods():
        needed = {
            one.name: GOOD[one.name]
            for one in signature.parameters.values()
            if one.default is one.empty and one.name in GOOD
        }
        if name == "request":
            needed |= ASKED
        for parameter in list(signature.parameters.values())[1:]:
            given = [{**needed, parameter.name: value} for value in bad(parameter.annotation)]
            yield pytest.param(namespace, name, given, id=f"{namespace}.{name}({parameter.name})")


@pytest.mark.filterwarnings("ignore")
@each_row(("namespace", "name", "given"), list(parameters()), by=lambda namespace, name, _: f"{namespace}.{name}")
def test_nothing_of_the_wrong_type_is_sent(
    make_client: Any, namespace: str, name: str, given: list[dict[str, Any]]
) -> None:
    client = make_client(lambda _: httpx.Response(500))
    for arguments in given:
        with pytest.raises(tc.InvalidRequestError):
            client(lambda tavus, arguments=arguments: getattr(getattr(tavus, namespace), name)(**arguments))
    assert client.requests == []


def of_constructor(make: Callable[..., Any], **needed: Any) -> Iterator[Any]:
    for parameter in inspect.signature(make).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY or parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            known = [values for name, values in KINDS.items() if name in str(parameter.annotation)]
            for value in known[0] if known else OTHERS:
                arguments = {**needed, parameter.name: value}
                shown = type(value).__name__ if isinstance(value, Odd) else repr(value)
                yield pytest.param(make, arguments, id=f"{make.__name__}({parameter.name}={shown})")


def parts() -> Iterator[Any]:
    yield from of_constructor(Budget)
    yield from of_constructor(Reach)
    yield from of_constructor(tc.PreflightOptions)
    yield from of_constructor(Party, name="x")
    yield from of_constructor(Controller, name="x")
    yield from of_constructor(ConsentVideo, url=CONSENT)
    yield from of_constructor(tc.ConsentNotice, text="x")
    yield from of_constructor(tc.BiometricNotice, derived="x", kept="y")
    yield from of_constructor(tc.verify_callback, url_or_token="x", token_sha256="y")
    for value in (5, True, ["x"], Odd()):
        yield pytest.param(tc.parse_callback, {"body": value}, id=f"parse_callback({type(value).__name__})")
        yield pytest.param(tc.issue_callback, {"url": value}, id=f"issue_callback({type(value).__name__})")
    for name, values in {
        "model": TEXTS,
        "hash": ("yes", 1, 0.0, Odd()),
        "spoken_as": (5, True, b"x", Odd()),
        "speech": OTHERS,
        "budget": OTHERS,
        "reach": OTHERS,
        "progress": FUNCTIONS,
        "full_name": TEXTS,
    }.items():
        for value in values:
            arguments = {"train_video": "https://drive.google.com/file/d/x/view", name: value}
            yield pytest.param(preflight, arguments, id=f"preflight({name}={type(value).__name__})")


@each_row(("make", "arguments"), list(parts()), by=lambda make, _: make.__name__)
def test_values_and_functions_refuse_the_wrong_type(make: Callable[..., Any], arguments: dict[str, Any]) -> None:
    with pytest.raises(tc.InvalidRequestError):
        make(**arguments)


def options() -> Iterator[Any]:
    given: dict[str, tuple[Any, ...]] = {
        "api_key": TEXTS,
        "timeout": (*SECONDS, 0, *(tc.Timeout(**{name: value}) for name in tc.Timeout._fields for value in SECONDS)),
        "max_retries": COUNTS,
        "headers": (*OTHERS, "x", {1: "x"}, {"x": 1}, {"x": None}),
        "limits": (
            *OTHERS,
            "",
            0,
            *(tc.Limits(max_connections=value) for value in (*COUNTS, 0)),  # type: ignore[arg-type]
            *(tc.Limits(max_keepalive_connections=value) for value in COUNTS),  # type: ignore[arg-type]
            *(tc.Limits(keepalive_expiry=value) for value in SECONDS),  # type: ignore[arg-type]
            *(tc.Limits(max_answer_bytes=value) for value in (*COUNTS, 0)),  # type: ignore[arg-type]
        ),
        "proxy": OTHERS,
        "transport": (*OTHERS, "x", 0),
        "clock": (*OTHERS, "x", 0),
        "ledger": OTHERS,
        "consent_policy": OTHERS,
        "actor": (*TEXTS, "", "Anna Bell"),
        "preflight_options": (*OTHERS, "x", 0),
        "base_url": OTHERS,
    }
    for name, values in given.items():
        for number, value in enumerate(values):
            yield pytest.param({name: value}, id=f"{name}-{number}")


@each_row("option", list(options()), by=lambda option: next(iter(option)))
def test_a_client_refuses_options_of_the_wrong_type(make_client: Any, option: dict[str, Any]) -> None:
    with pytest.raises(tc.ConfigurationError):
        make_client(**option)


@each_row(
    "option",
    [
        *({"timeout": value} for value in (*SECONDS, 0)),
        *({"max_retries": value} for value in COUNTS),
        *({"headers": value} for value in (*OTHERS, {1: "x"})),
    ],
    by=lambda option: next(iter(option)),
)
def test_with_options_refuses_the_same(make_client: Any, option: dict[str, Any]) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.ConfigurationError):
        client(lambda tavus: tavus.with_options(**option))


@pytest.mark.parametrize("value", [*OTHERS, "x"])
def test_rules_of_a_policy_are_functions(value: Any) -> None:
    with pytest.raises((tc.ConfigurationError, tc.InvalidRequestError)):
        tc.ConsentPolicy(rules=value)


def test_a_single_rule_is_a_list_of_one() -> None:
    def rule(*_: object) -> None:
        return None

    assert tc.ConsentPolicy(rules=rule).rules == (rule,)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", SECONDS)
def test_a_ledger_waits_for_a_number_of_seconds(tmp_path: Any, value: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="busy_timeout takes"):
        open_ledger(f"sqlite:///{tmp_path}/x.db", busy_timeout=value)


@pytest.mark.parametrize("value", [*OTHERS, "folder"])
def test_the_folder_of_the_key_is_a_path(tmp_path: Any, value: Any) -> None:
    with pytest.raises(tc.ConfigurationError, match="key_folder takes a Path"):
        open_ledger(f"sqlite:///{tmp_path}/x.db", key_folder=value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "replica_name takes text (str), not 5"),
        (True, "replica_name takes text (str), not a bool"),
        (None, "replica_name takes text (str), not None"),
        (b"key", "replica_name takes text (str), not a bytes"),
        ("", "replica_name is empty"),
        (" ", "replica_name is empty"),
    ],
)
def test_the_message_says_what_is_wrong_with_a_name(make_client: Any, value: Any, message: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(lambda tavus: tavus.replicas.rename("r1", value))
    assert (str(caught.value), caught.value.field) == (message, "replica_name")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda tavus: tavus.replicas.wait("r1", timeout="8h"), "timeout takes a finite number of seconds, 0 or more"),
        (lambda tavus: tavus.replicas.wait("r1", poll_interval=0), "poll_interval takes a positive, finite number"),
        (lambda tavus: tavus.videos.list(page_size=1.5), "page_size takes a whole number of 1 or more, not 1.5"),
        (lambda tavus: tavus.videos.list(page_size=True), "page_size takes a whole number of 1 or more, not a bool"),
        (lambda tavus: tavus.documents.list(sort=Odd()), "sort takes text (str), not a Odd"),
        (lambda tavus: tavus.documents.list(tags=["a"]), "tags takes text (str), not a list"),
        (lambda tavus: tavus.videos.delete("v1", hard="yes"), "hard takes True or False, not a str"),
        (lambda tavus: tavus.videos.create(replica_id="r1", script=5), "script takes text (str), not 5"),
        (lambda tavus: tavus.videos.create(replica_id="r1", properties=[]), "properties takes a mapping, not a list"),
        (lambda tavus: tavus.documents.patch("d1", tags="a"), "tags takes a list, not a str"),
        (lambda tavus: tavus.conversations.get("c1", verbose=1), "verbose takes True or False, not 1"),
    ],
)
def test_the_message_says_what_an_argument_takes(make_client: Any, call: Any, message: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(call)
    assert str(caught.value).startswith(message)
    assert client.requests == []


@pytest.mark.parametrize(
    ("call", "example"),
    [
        (lambda tavus: tavus.replicas.get("a/b"), ", as in rf4e9d9790f0"),
        (lambda tavus: tavus.faces.get("a b"), ", as in rf4e9d9790f0"),
        (lambda tavus: tavus.videos.get("a?b"), ", as in 1e30440cf9"),
        (lambda tavus: tavus.documents.get("a#b"), ", as in d8-5c71baca86fc"),
        (lambda tavus: tavus.conversations.get("a/b"), ""),
    ],
)
def test_the_example_of_an_id_is_of_its_kind(make_client: Any, call: Any, example: str) -> None:
    client = make_client(lambda _: httpx.Response(500))
    with pytest.raises(tc.InvalidRequestError) as caught:
        client(call)
    assert str(caught.value).endswith(f"special characters{example}")
