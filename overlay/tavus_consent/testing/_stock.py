"""The objects that a fake has from the beginning: Tavus's stock, the ids that other projects use, or a test's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from tavus_consent import ConfigurationError

from ._kinds import RESOURCES, TWO_STAGES
from ._resources import Fields, Resource, stored

#: ``"tavus"``, ``"all"``, or objects by kind, each with its id under ``id`` or under the name of its id field
Stock: TypeAlias = Literal["tavus", "all"] | Mapping[str, Iterable[Mapping[str, Any]]]

_DATE: Final = "2024-01-24T07:14:03.327Z"
_NEWER: Final = MappingProxyType({"face": "replica", "pal": "persona"})

# Ids that programs use unless told otherwise.
_OTHERS: Final[Mapping[str, tuple[Fields, ...]]] = MappingProxyType(
    {
        "replica": (
            {"id": "r79e1c033f", "replica_name": "Replica of Tavus's older examples", "model_name": "phoenix-3"},
            {"id": "r4067604db72", "replica_name": "Replica of the LiveKit plugin", "model_name": "phoenix-4.5"},
            {"id": "rf4e9d9790f0", "replica_name": "Replica of Tavus's guides"},
            {"id": "rfe12d8b9597", "replica_name": "Replica of Tavus's older guides", "model_name": "phoenix-3"},
        ),
        "persona": (
            {"id": "p48fdf065d6b", "persona_name": "Persona of Tavus's examples", "default_replica_id": "r79e1c033f"},
            {"id": "pdced222244b", "persona_name": "Persona of older examples", "default_replica_id": "rfe12d8b9597"},
            {"id": "pipecat0", "persona_name": "Persona of pipecat", "pipeline_mode": "echo"},
            {"id": "pb87e71797da", "persona_name": "PAL of the LiveKit plugin", "pipeline_mode": "echo"},
        ),
    }
)


def resource_of(kind: str) -> Resource:
    """Return a kind of object, by its older or newer name.

    Raises:
        ConfigurationError: There is no such kind.
    """
    name = _NEWER.get(kind, kind)
    if name not in RESOURCES:
        raise ConfigurationError(f"kind must be one of {', '.join((*RESOURCES, *_NEWER))}, not {kind!r}")
    return RESOURCES[name]


def finished(resource: Resource, thing_id: str, given: Fields) -> dict[str, Any]:
    """Return the fields of an object whose work has ended; it was made with the given ones."""
    cycle = resource.lifecycle
    done = {**cycle.done, **cycle.show_progress(100)} if cycle else {}
    if given.get("model_name") in TWO_STAGES:
        done["finetune_status"] = "completed"
    shown = {name: value.format(id=thing_id) if isinstance(value, str) else value for name, value in done.items()}
    return {**deepcopy(dict(resource.added)), **shown}


def stocked(stock: Stock) -> dict[str, tuple[Fields, ...]]:
    """Return the stock of a fake, by noun; a kind that is not in it has Tavus's stock.

    Raises:
        ConfigurationError: It is not a stock, or has an unknown kind, or an object without an id.
    """
    if stock == "tavus":
        return {}
    if stock == "all":
        return {noun: (*RESOURCES[noun].stock, *_filled(RESOURCES[noun], more)) for noun, more in _OTHERS.items()}
    if not isinstance(stock, Mapping):
        raise ConfigurationError("stock must be 'tavus', 'all', or a mapping of kinds to lists of objects")
    return {resource_of(kind).noun: _filled(resource_of(kind), things) for kind, things in stock.items()}


def _filled(resource: Resource, things: Iterable[Mapping[str, Any]]) -> tuple[Fields, ...]:
    return tuple(_fill(resource, thing) for thing in things)


def _fill(resource: Resource, thing: Mapping[str, Any]) -> Fields:
    given = {stored(name): value for name, value in thing.items()} if isinstance(thing, Mapping) else {}
    thing_id = given.pop("id", None) or given.get(resource.id_field)
    if not isinstance(thing_id, str):
        raise ConfigurationError(f"each {resource.noun} of the stock needs an id")
    dates = {"created_at": _DATE, "updated_at": _DATE}
    return {**resource.defaults, **finished(resource, thing_id, given), **dates, **given, resource.id_field: thing_id}
