"""What ``tavus.replicas`` decides: may this be sent, is waiting over, was this the one? Shared by sync and async."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from tavus_api.models import CreateReplicaRequest, ListReplicasReplicaType, ReplicaProperties
from tavus_api.types import UNSET

from . import errors
from ._redaction import redact_text
from .consent import SpokenConsent, requirement_for
from .paging import Page
from .preflight.links import check_link
from .results import Replica, replica_from_json
from .training_errors import classify

if TYPE_CHECKING:
    from tavus_api.types import Response

    from ._clock import Clock

# How far the clocks of client and server may be apart when a create of unknown outcome is looked up.
_CLOCK_SKEW: Final = timedelta(minutes=5)


class LinkWarning(UserWarning):
    """A link may not work for Tavus; the create goes on."""


class ConsentWarning(UserWarning):
    """Something about the consent is worth knowing; the create goes on."""


def create_body(
    clock: Clock,
    *,
    kind: Literal["personal", "non_human"],
    train_video_url: str,
    consent: SpokenConsent | None,
    replica_name: str | None,
    model_name: str | None,
    callback_url: str | None,
    background_green_screen: bool | None,
) -> CreateReplicaRequest:
    """The gate before a create: everything that can be refused is refused here, before anything is sent."""
    consent_video_url = consent.video_url if consent is not None else None
    requirement = requirement_for(kind=kind, train_video_url=train_video_url, consent_video_url=consent_video_url)
    requirement.check()
    now = clock.now()
    findings = [
        finding
        for field, url, purpose in (
            ("train_video_url", train_video_url, "media"),
            ("consent_video_url", consent_video_url, "media"),
            ("callback_url", callback_url, "callback"),
        )
        if url is not None
        for finding in check_link(url, field=field, now=now, purpose="media" if purpose == "media" else "callback")
    ]
    for name, value in (("replica_name", replica_name), ("model_name", model_name)):
        if value is not None:
            check_text(value, name)
    for finding in findings:
        warnings.warn(f"{finding.field}: {finding.message} {finding.fix}", LinkWarning, stacklevel=3)
    for notice in requirement.notices:
        warnings.warn(notice, ConsentWarning, stacklevel=3)
    return CreateReplicaRequest(
        train_video_url=train_video_url,
        consent_video_url=consent_video_url if consent_video_url is not None else UNSET,
        replica_name=replica_name if replica_name is not None else UNSET,
        model_name=model_name if model_name is not None else UNSET,
        callback_url=callback_url if callback_url is not None else UNSET,
        properties=(
            ReplicaProperties(background_green_screen=background_green_screen)
            if background_green_screen is not None
            else UNSET
        ),
    )


def check_text(value: str, field: str) -> str:
    """Refuse what cannot be a name or an id: nothing, blanks around it, control characters, too much."""
    if not isinstance(value, str) or not value.strip():
        raise errors.InvalidRequestError(f"{field} is empty", field=field, reason="empty")
    if not value.isprintable() or value != value.strip() or len(value) > 200:
        raise errors.InvalidRequestError(
            f"{field} has control characters or blanks around it, or more than 200 characters",
            field=field,
            reason="malformed",
        )
    return value


def check_id(replica_id: str) -> str:
    """Refuse an id that would change the path: an empty one turns "delete this" into "delete /v2/replicas/"."""
    check_text(replica_id, "replica_id")
    if replica_id in (".", "..") or not replica_id.isascii() or any(c in replica_id for c in "/\\?#% "):
        raise errors.InvalidRequestError(
            "a replica_id looks like rf4e9d9790f0: no slashes, blanks or other signs", field="replica_id"
        )
    return replica_id


def list_arguments(
    replica_type: str | None,
    replica_ids: Sequence[str] | None,
    model_name: str | None,
    verbose: bool | None,
    page_size: int,
) -> dict[str, Any]:
    if page_size < 1:
        raise errors.InvalidRequestError("page_size is 1 or more", field="page_size")
    if replica_type not in (None, "user", "system"):
        raise errors.InvalidRequestError("replica_type is 'user' or 'system'", field="replica_type")
    if isinstance(replica_ids, str):
        replica_ids = [replica_ids]
    ids = None if replica_ids is None else ",".join(check_id(one) for one in replica_ids)
    given = {"replica_ids": ids, "model_name": model_name, "verbose": verbose}
    arguments: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if replica_type is not None:
        arguments["replica_type"] = ListReplicasReplicaType(replica_type)
    return {**arguments, "limit": page_size}


def answer_data(response: Response[Any]) -> Mapping[str, Any]:
    """The JSON of a success: the generated parser knows only the documented statuses."""
    parsed = response.parsed
    data: Mapping[str, Any] = parsed.to_dict() if parsed is not None else json.loads(response.content)
    return data


def answer_page(response: Response[Any], number: int) -> Page[Replica]:
    data = answer_data(response)
    return Page(tuple(map(replica_from_json, data.get("data") or ())), data.get("total_count"), number)


def replica_key(replica: Replica) -> str:
    return replica.replica_id


def already_gone(error: errors.ClientStatusError) -> bool:
    """A repeated delete finds nothing when the first one worked, though its answer was lost."""
    return error.attempts > 1 and error.status in (400, 404)


def was_created(replica: Replica, error: errors.OutcomeUnknownError) -> bool:
    """Whether a replica can be the one that a create of unknown outcome may have made."""
    if error.replica_name is not None and replica.replica_name != error.replica_name:
        return False
    created = replica.created_at
    return created is None or error.started_at - _CLOCK_SKEW <= created <= error.ended_at + _CLOCK_SKEW


class Waiter:
    """Decides, after each look at a replica, whether waiting is over. Shared by the sync and the async loop."""

    def __init__(self, clock: Clock, rng: random.Random, timeout: float, poll_interval: float) -> None:
        if not 0 < poll_interval < float("inf") or not 0 <= timeout < float("inf"):
            raise errors.InvalidRequestError("timeout and poll_interval are positive, finite numbers of seconds")
        self._clock = clock
        self._rng = rng
        self._end = clock.monotonic() + timeout
        self._timeout = timeout
        self._interval = poll_interval
        self._last: Replica | None = None

    def after(self, replica: Replica) -> float | None:
        """Seconds to wait before the next look, or ``None`` when the replica is ready.

        Raises:
            TrainingFailed: It failed.
            TrainingTimeout: The deadline passed.
        """
        self._last = replica
        if replica.is_ready:
            return None
        if replica.is_failed:
            raise training_failed(replica)
        return self._pause()

    def after_error(self, error: errors.CallError) -> float:
        """Seconds to wait after a look that failed. One bad minute must not end a wait of hours.

        Raises:
            CallError: The error, when time cannot mend it.
            TrainingTimeout: The deadline passed.
        """
        if not isinstance(error, (errors.NoAnswerError, errors.ServerStatusError, errors.RateLimitError)):
            raise error
        if self._last is None and self._clock.monotonic() >= self._end:
            raise error
        return max(self._pause(), error.retry_after or 0.0)

    def _pause(self) -> float:
        remaining = self._end - self._clock.monotonic()
        if remaining <= 0 and self._last is not None:
            replica = self._last
            raise errors.TrainingTimeout(
                f"replica {replica.replica_id} is still training ({replica.status}, {replica.training_progress}) after "
                f"{self._timeout:g} s; training goes on at Tavus",
                replica,
            )
        # 10 % either way, so that many waits that began together do not stay together
        return min(self._interval * (0.9 + 0.2 * self._rng.random()), max(remaining, 0.0))


def training_failed(replica: Replica) -> errors.TrainingFailed:
    """The error for a replica whose training failed: type and advice when the sentence is documented."""
    kind = classify(replica.error_message)
    advice = kind.advice if kind else "The sentence is not documented; ask Tavus's support, and quote the replica id."
    said = f" ({kind.name})" if kind else ""
    reason = redact_text(replica.error_message or "no reason given")
    message = f"training of {replica.replica_id} failed{said}: {reason} {advice}"
    return errors.TrainingFailed(message, replica, error_type=kind, advice=advice)


def newest_first(replicas: Sequence[Replica]) -> tuple[Replica, ...]:
    return tuple(sorted(replicas, key=lambda r: r.created_at.timestamp() if r.created_at else 0.0, reverse=True))
