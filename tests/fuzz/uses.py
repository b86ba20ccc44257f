"""Every public function that calls Tavus, by operation, with a check of its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import tavus_consent as tc
from tavus_api.models import Result

from .harness import NOW
from .methods import METHODS, WAITING, Method, arguments_of
from .spec import OPERATIONS, Date, Operation, members_of, others_of, resolve

DATES = ("created_at", "updated_at")

UNKNOWN = tc.OutcomeUnknownError(
    "x",
    method="POST",
    path="/v2/replicas",
    attempts=1,
    started_at=NOW,
    ended_at=NOW,
    cause=tc.RequestTimeoutError("x", method="POST", path="/v2/replicas"),
)
CONSENT = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
TRAIN = "https://b.example/t.mp4"
FOX = "https://b.example/fox.mp4"


def fields_of(replica: tc.Replica) -> tuple[str, ...]:
    """Return the fields of a replica or a face."""
    return tuple(members_of(OPERATIONS["getFace" if isinstance(replica, tc.Face) else "getReplica"].answer or {}))


def check_replica(replica: tc.Replica, sent: dict[str, Any]) -> None:
    fields = fields_of(replica)
    extra = {name: value for name, value in sent.items() if name not in fields}
    for name in fields:
        found, value = getattr(replica, name), sent.get(name)
        if value is not None and not isinstance(value, str):  # its operation does not speak of this field
            assert found is None
            extra[name] = value
        elif name not in DATES or value is None:
            assert found == value
            assert found is None or type(found) is str
        elif isinstance(value, Date):
            assert found == value.moment
            assert found.tzinfo is UTC
        elif found is None:  # no date that anybody could read: it is kept as it came
            extra[name] = value
        else:
            assert found.tzinfo is UTC
    assert dict(replica.extra) == extra


def check_replicas(replicas: list[tc.Replica], sent: dict[str, Any]) -> None:
    for replica, one in zip(replicas, listed(sent.get("data", []), "replica_id"), strict=True):
        check_replica(replica, one)


def listed(items: list[Any], key: str | None) -> list[Any]:
    """Return the items of a list: each once, at its first position, with its last value."""
    told = [one[key] if key is not None and isinstance(one.get(key), (str, int)) else repr(one) for one in items]
    return list(dict(zip(told, items, strict=True)).values())


def check_created(found: tuple[tc.Replica, ...], sent: dict[str, Any]) -> None:
    """Those that began within five minutes of the call, and those of which nobody can say."""
    window = timedelta(minutes=5)
    replicas = listed(sent.get("data", []), "replica_id")
    dates = [one.get("created_at") for one in replicas]
    near = sum(isinstance(date, Date) and abs(date.moment - NOW) <= window for date in dates)
    assert all(one.created_at is None or abs(one.created_at - NOW) <= window for one in found)
    assert near + dates.count(None) <= len(found) <= len(replicas) - (sum(isinstance(d, Date) for d in dates) - near)


def check_waiting(error: tc.TavusError | None, sent: dict[str, Any], check: Callable[[Any, Any], None]) -> None:
    """The end of a wait for what is not ready: the error holds what was read last."""
    failed = isinstance(error, (tc.TrainingFailed, tc.ProcessingFailed))
    assert failed == (sent.get("status") == "error" or sent.get("finetune_status") == "errored")
    assert isinstance(error, (tc.TrainingFailed, tc.TrainingTimeout, tc.ProcessingFailed, tc.ProcessingTimeout))
    check(error.replica if isinstance(error, tc.TrainingError) else error.result, sent)


def check_nothing(value: Any, _: Any) -> None:
    assert value is None


def check_data(found: Any, sent: Any, schema: Any) -> None:
    """Plain data is what was sent, apart from how dates are written, and nulls that say nothing."""
    if isinstance(sent, dict):
        members, others = members_of(schema), others_of(schema)
        said = {name: value for name, value in sent.items() if value is not None or name not in members}
        assert found.keys() == said.keys()
        for name, value in said.items():
            if name in members and name.endswith("_at") and isinstance(value, str):
                check_date(found[name], value)
            else:
                check_data(found[name], value, members.get(name, others))
    elif isinstance(sent, list) and "items" in resolve(schema):
        for one, item in zip(found, sent, strict=True):
            check_data(one, item, resolve(schema)["items"])
    else:
        assert (found, type(found)) == (sent, str if isinstance(sent, Date) else type(sent))


def check_date(found: str, sent: str) -> None:
    if isinstance(sent, Date):
        assert datetime.fromisoformat(found) == sent.moment
    elif found != sent:  # what only looks like a date may be one
        assert datetime.fromisoformat(found).utcoffset() == timedelta()


def check_value(value: Any, sent: Any, schema: Any) -> None:
    """Check the value that a method returns for a part of a response."""
    if isinstance(value, Result):
        unreadable = {name for name in members_of(schema) if name in value.extra}
        assert value.extra.keys() == (sent.keys() - members_of(schema).keys()) | unreadable
        assert all(type(sent[name]) is str and name.endswith("_at") for name in unreadable)
        value = value.to_dict()
    check_data(value, sent, schema)


class Use(NamedTuple):
    """A public function: how to call it, and the check of what it gives for the JSON of an answer."""

    name: str
    call: Callable[[Any], Any]
    check: Callable[[Any, Any], None]
    is_raw: bool = False
    #: it gives what is within an envelope, and refuses one that is empty
    unwraps: bool = False

    @property
    def is_wait(self) -> bool:
        return self.name.endswith(".wait")


def _trained(namespace: str, noun: str) -> dict[str, tuple[Use, ...]]:
    """``replicas`` and ``faces``, which are written by hand."""

    def use(name: str, check: Callable[[Any, Any], None], *arguments: Any, **named: Any) -> Use:
        def call(tavus: Any) -> Any:
            return getattr(getattr(tavus, namespace), name)(*arguments, **named)

        return Use(f"{namespace}.{name}", call, check)

    operation = noun.capitalize()
    return {
        f"create{operation}": (
            use("create_personal", check_replica, train_video_url=TRAIN, consent=CONSENT),
            use("create_non_human", check_replica, train_video_url=FOX, attestation="Fox", attested_by="me"),
        ),
        f"get{operation}": (use("get", check_replica, "x1"), use("wait", check_replica, "x1", timeout=0)),
        f"list{operation}s": (use("list", check_replicas), use("find_created", check_created, UNKNOWN)),
        f"rename{operation}": (use("rename", check_nothing, "x1", "Rio"),),
        f"delete{operation}": (use("delete", check_nothing, "x1"),),
    }


def within(sent: Any, schema: Any, inside: str | None) -> tuple[Any, Any]:
    """Return the content of an envelope, and its schema."""
    if inside is None:
        return sent, schema
    inner = resolve(members_of(schema)[inside])
    held = sent.get(inside)
    items = inner.get("items", inner)
    return (sent if held is None else held[0] if isinstance(held, list) else held), items


def _found(method: Method) -> Iterator[Use]:
    """A method, and the ``wait`` that asks the same."""
    schema = OPERATIONS[method.operation].answer

    def check(value: Any, sent: Any) -> None:
        if schema is None or (method.way == "patch" and isinstance(value, bool)):
            assert value is (True if method.way == "patch" else None)
        elif method.way == "pages":
            items = schema if method.inside is None else members_of(schema)[method.inside]
            held = sent if method.inside is None else sent.get(method.inside)
            for one, item in zip(value, listed(held or [], method.key), strict=True):
                check_value(one, item, resolve(items)["items"])
        else:
            check_value(value, *within(sent, schema, method.inside))

    unwraps = method.way == "call" and method.inside is not None
    yield Use(method.label, lambda tavus: method.call(tavus, arguments_of(method)), check, unwraps=unwraps)
    if method.name == "get" and method.namespace in WAITING:
        yield Use(
            f"{method.namespace}.wait", lambda tavus: getattr(tavus, method.namespace).wait("x1", timeout=0), check
        )


def _generated(operation: Operation) -> Iterator[Use]:
    """``sync_detailed``; the async client gets its async namesake."""
    inside = next((one.inside for one in METHODS if one.operation == operation.name and one.way == "call"), None)

    def call(tavus: Any) -> Any:
        function = operation.module.sync_detailed if isinstance(tavus, tc.Tavus) else operation.module.asyncio_detailed
        return function(client=tavus.raw, **operation.arguments)

    def check(response: Any, sent: Any) -> None:
        assert response.headers["x-request-id"] == "trace-1"
        if operation.answer is None:
            assert response.parsed is None
        else:
            check_value(response.parsed, *within(sent, operation.answer, inside))

    yield Use(f"{operation.name}.sync_detailed", call, check, is_raw=True, unwraps=inside is not None)


def _voice(name: str, **given: Any) -> Use:
    """A create of ``voices``, which is written by hand. The others are generated."""

    def call(tavus: Any) -> Any:
        return getattr(tavus.voices, name)(audio_url=f"https://b.example/{name}.wav", voice_name="Rio", **given)

    return Use(f"voices.{name}", call, lambda found, sent: check_value(found, sent, OPERATIONS["createVoice"].answer))


NAMESPACE: dict[str, tuple[Use, ...]] = {
    "createVoice": (
        _voice("create_personal", consent=CONSENT),
        _voice("create_non_human", attestation="Fox", attested_by="me"),
    ),
    **_trained("replicas", "replica"),
    **_trained("faces", "face"),
    **{method.operation: tuple(_found(method)) for method in METHODS},
}
NAMESPACE["updateFace"] = (Use("faces.patch", lambda tavus: tavus.faces.patch("x1", face_name="Rio"), check_replica),)
USES = {name: (*NAMESPACE[name], *_generated(operation)) for name, operation in OPERATIONS.items()}
