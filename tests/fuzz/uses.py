"""Every public function that asks Tavus something, by operation, with the check of what it makes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any, NamedTuple

import tavus_consent as tc

from .harness import NOW
from .spec import OPERATIONS, Date, Operation, resolve

FIELDS = tuple(resolve(OPERATIONS["getReplica"].answer or {})["properties"])
DATE_FIELDS = tuple(name for name in FIELDS if name.endswith("_at"))

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


def check_replica(replica: tc.Replica, sent: dict[str, Any]) -> None:
    extra = {name: value for name, value in sent.items() if name not in FIELDS}
    for name in FIELDS:
        found, value = getattr(replica, name), sent.get(name)
        if value is not None and not isinstance(value, str):  # its operation does not speak of this field
            assert found is None
            extra[name] = value
        elif name not in DATE_FIELDS or value is None:
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
    for replica, one in zip(replicas, sent.get("data", []), strict=True):
        check_replica(replica, one)


def check_created(found: tuple[tc.Replica, ...], sent: dict[str, Any]) -> None:
    """Those that began within five minutes of the call, and those of which nobody can say."""
    window = timedelta(minutes=5)
    replicas = sent.get("data", [])
    dates = [one.get("created_at") for one in replicas]
    near = sum(isinstance(date, Date) and abs(date.moment - NOW) <= window for date in dates)
    assert all(one.created_at is None or abs(one.created_at - NOW) <= window for one in found)
    assert near + dates.count(None) <= len(found) <= len(replicas) - (sum(isinstance(d, Date) for d in dates) - near)


def check_training(error: tc.TavusError, sent: dict[str, Any]) -> None:
    assert type(error) is (tc.TrainingFailed if sent.get("status") == "error" else tc.TrainingTimeout)
    assert isinstance(error, tc.TrainingError)
    check_replica(error.replica, sent)


def check_nothing(value: Any, _: Any) -> None:
    assert value is None


def check_model(model: Any, sent: Any) -> None:
    assert model.to_dict() == sent
    known = {name: value for name, value in sent.items() if name not in model.additional_properties}
    assert all(getattr(model, name) == value for name, value in known.items() if not isinstance(value, list))


def check_response(response: Any, sent: Any) -> None:
    assert (response.status_code, response.headers["x-request-id"]) == (200, "trace-1")
    (check_nothing if sent is None else check_model)(response.parsed, sent)


class Use(NamedTuple):
    """A public function: how to call it, and the check of what it gives for the JSON of an answer."""

    name: str
    call: Callable[[Any], Any]
    check: Callable[[Any, Any], None]

    @property
    def is_generated(self) -> bool:
        return "." in self.name


def _get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


NAMESPACE: dict[str, tuple[Use, ...]] = {
    "createReplica": (
        Use(
            "create_personal",
            lambda tavus: tavus.replicas.create_personal(train_video_url=TRAIN, consent=CONSENT),
            check_replica,
        ),
        Use(
            "create_non_human",
            lambda tavus: tavus.replicas.create_non_human(train_video_url=TRAIN, attestation="Fox", attested_by="me"),
            check_replica,
        ),
    ),
    "getReplica": (
        Use("get", _get, check_replica),
        Use("wait", lambda tavus: tavus.replicas.wait("r1", timeout=0), check_replica),
    ),
    "listReplicas": (
        Use("list", lambda tavus: tavus.replicas.list(), check_replicas),
        Use("find_created", lambda tavus: tavus.replicas.find_created(UNKNOWN), check_created),
    ),
    "renameReplica": (Use("rename", lambda tavus: tavus.replicas.rename("r1", "Rio"), check_nothing),),
    "deleteReplica": (Use("delete", lambda tavus: tavus.replicas.delete("r1"), check_nothing),),
}


def _generated(operation: Operation) -> Iterator[Use]:
    """``sync`` and ``sync_detailed``; the async client gets their async namesakes."""
    for sync, other in (("sync", "asyncio"), ("sync_detailed", "asyncio_detailed")):
        if not hasattr(operation.module, sync):  # an operation without a model has detailed functions only
            continue

        def call(tavus: Any, sync: str = sync, other: str = other) -> Any:
            function = getattr(operation.module, sync if isinstance(tavus, tc.Tavus) else other)
            return function(client=tavus.raw, **operation.arguments)

        yield Use(f"{operation.name}.{sync}", call, check_response if "detailed" in sync else check_model)


USES = {name: (*NAMESPACE[name], *_generated(operation)) for name, operation in OPERATIONS.items()}
