"""Rules for the resources of the fake: filters of lists, derived fields, and objections to creates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._resources import Fields, Filter


def owned(fields: Fields, wanted: str) -> bool:
    return bool(fields.get("owner", "user") == wanted)


def equals(name: str) -> Filter:
    return lambda fields, wanted: bool(fields.get(name) == wanted)


def is_in(name: str) -> Filter:
    return lambda fields, wanted: fields.get(name) in {value.strip() for value in wanted.split(",")}


def contains(*names: str) -> Filter:
    """Return a filter: one of the fields contains the text, ignoring case."""
    return lambda fields, wanted: any(wanted.lower() in str(fields.get(name) or "").lower() for name in names)


def has_tag(fields: Fields, wanted: str, name: str = "tags") -> bool:
    return not {tag.strip() for tag in wanted.split(",")}.isdisjoint(fields.get(name) or ())


def has_participant_tag(fields: Fields, wanted: str) -> bool:
    return has_tag(fields, wanted, "participant_tags")


def belongs_to(fields: Fields, wanted: str) -> bool:
    return wanted == "all" or fields.get("owner", "user") == wanted


def first(name: str) -> Callable[[Fields], Any]:
    """Return a getter for a field of the first object of a set, or of the single object."""
    return lambda fields: (fields["data"][0] if fields.get("data") else fields).get(name)


def nameless(name: str) -> Callable[[Fields], str | None]:
    """Return a check that refuses a set without objects, if there is no single object either."""
    return lambda fields: None if fields.get("data") or fields.get(name) is not None else f"{name} is required"


def doubled(fields: Fields) -> str | None:
    texts = [rule["text"] for rule in fields["rules"] or ()]
    return "Invalid request: duplicate text values in rules" if len(set(texts)) < len(texts) else None


def speechless(fields: Fields) -> str | None:
    spoken = (fields.get("script") is None) + (fields.get("audio_url") is None)
    return None if spoken == 1 else "Exactly one of script and audio_url must be provided."


def untrainable(fields: Fields) -> str | None:
    video, image = fields.get("train_video_url"), fields.get("train_image_url")
    if (video is None) == (image is None):
        return "Either train_video_url or train_image_url must be provided."
    speaks = fields.get("voice_name") or fields.get("default_voice_id")
    return None if video or speaks else "Invalid voice_name"


def masked(delivery: Any) -> Any:
    """Return the delivery of a tool as answers show it."""
    if isinstance(delivery, dict):
        secret = {"token", "password", "value", "secret", "client_secret"}
        return {name: "********" if name in secret else masked(value) for name, value in delivery.items()}
    return delivery
