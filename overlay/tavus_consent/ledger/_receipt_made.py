"""The part of a receipt that lists what was created with the consent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tavus_consent.consent.outputs import outputs_in

if TYPE_CHECKING:
    from tavus_consent.consent.events import EventDraft
    from tavus_consent.consent.states import RecordState

    from ._receipt_words import Texts


def made_jsonld(state: RecordState, events: Iterable[EventDraft]) -> dict[str, Any]:
    """Return the likenesses and their outputs as members of JSON-LD."""
    likenesses = {"tc:replica": state.replicas, "tc:voice": state.voices}
    listed: dict[str, Any] = {
        name: [{"dct:identifier": one, "tc:deleted": one in state.removed} for one in ids]
        for name, ids in likenesses.items()
    }
    outputs = outputs_in(events, state.likenesses)
    listed["tc:output"] = [
        {"dct:identifier": one.id, "dct:type": one.kind, "tc:deleted": one.deleted} for one in outputs
    ]
    return listed


def made_lines(state: RecordState, events: Iterable[EventDraft], words: Texts) -> list[str]:
    """Return the likenesses and the number of their outputs as lines of text."""
    lines = [f"{one} ({words.gone})" if one in state.removed else one for one in state.likenesses]
    outputs = outputs_in(events, state.likenesses)
    if outputs:
        lines.append(words.outputs.format(made=len(outputs), gone=sum(one.deleted for one in outputs)))
    return lines
