"""The outputs of the likenesses of a record, read from its events. Pure.

What this module reads in the payload of ``withdrawing`` events: ``videos`` that the caller named, ``found`` at Tavus,
``gone_videos`` and ``gone_outputs``. ``found`` and ``gone_outputs`` contain texts such as ``conversation:c123``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from attrs import frozen

from tavus_consent._frames import hides_locals

from .events import EventDraft, EventType
from .fold import output_of


class Output(NamedTuple):
    """A product of a likeness: its kind, such as ``video``, and its id."""

    kind: str
    object_id: str


@hides_locals
@frozen
class MadeOutput:
    """An object that was made with the likenesses of a record.

    Attributes:
        kind: Its kind: ``video``, ``conversation``, ``speech``, ``lipsync``, ``replacement``, ``deployment``,
            ``persona``, ``pal`` or ``memory_store``.
        id: Its id at Tavus.
        deleted: True if the client deleted it, or a withdrawal confirmed that it is gone or stopped.
    """

    kind: str
    id: str
    deleted: bool


def made_in(event: EventDraft) -> Iterator[Output]:
    """Yield the outputs that an event reports as made, as named by the caller, or as found at Tavus."""
    if event.type == EventType.WITHDRAWING:
        yield from _listed(event.payload, "videos", "found")
    elif made := output_of(event):
        yield Output(*made)


def gone_in(event: EventDraft) -> Iterator[Output]:
    """Yield the outputs that an event reports as gone, or as stopped, confirmed by a withdrawal."""
    if event.type == EventType.WITHDRAWING:
        yield from _listed(event.payload, "gone_videos", "gone_outputs")


def deleted_in(event: EventDraft) -> Iterator[Output]:
    """Yield the output that an event reports as deleted by a call of the client."""
    if event.type == EventType.DELETED:
        yield Output(str(event.payload.get("kind")), str(event.payload.get("object_id")))


def outputs_in(events: Iterable[EventDraft], likenesses: Iterable[str]) -> list[MadeOutput]:
    """Return what was made with the likenesses of a record, in the order in which it was made.

    Args:
        events: The events of the record.
        likenesses: Ids of its likenesses, which are no outputs of it.
    """
    found: dict[Output, bool] = {}
    for event in events:
        if made := output_of(event):
            found.setdefault(Output(*made), False)
        found |= dict.fromkeys(gone_in(event), True)
        found |= {one: True for one in deleted_in(event) if one in found}
    known = frozenset(likenesses)
    return [MadeOutput(*one, is_gone) for one, is_gone in found.items() if one.object_id not in known]


def _listed(step: Mapping[str, Any], videos: str, outputs: str) -> Iterator[Output]:
    """Yield the outputs that a step lists: videos by their ids, as early releases wrote them, and others."""
    yield from (Output("video", str(video_id)) for video_id in step.get(videos, ()))
    for name in step.get(outputs, ()):
        kind, _, object_id = str(name).partition(":")
        yield Output(kind, object_id)
