"""The likenesses, objects and media of people that a request names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

LIKENESSES: Final = ("replica", "face", "voice")
"""The kinds of likenesses."""
MADE: Final = ("conversation", "video", "speech", "lipsync", "replacement", "deployment", "persona", "pal", *LIKENESSES)
"""The kinds of objects that a request makes, in the order in which an answer is searched for their ids."""
LOOKED_UP: Final = ("persona", "pal", "deployment")
"""The kinds of objects that name likenesses themselves."""
_SOURCES: Final = ("video", "speech", "lipsync", "replacement")
"""The kinds of objects that show a likeness, and that another request may take."""
_ID: Final = re.compile(r"(?:\w+_)?(persona|pal|deployment|replica|face|voice|video|speech|lipsync|replacement)_ids?")
_MEDIA: Final = re.compile(r"(?:\w+_)?(?:video|audio|image)_url")


@frozen
class Named:
    """The likenesses, objects and media that a request names.

    Attributes:
        likenesses: Ids of replicas, faces and voices, each with its kind.
        sources: Ids of videos and other objects that show a likeness, each with its kind.
        objects: Ids of personas, PALs and deployments, each with its kind.
        media: Links to videos, audio and images.
    """

    likenesses: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    media: tuple[str, ...] = field(default=(), repr=False)

    @property
    def has_face(self) -> bool:
        """True if a replica or face is named. The default one of a persona is then not shown."""
        return any(kind != "voice" for kind, _ in self.likenesses)


def named_in(method: str, place: Mapping[str, Any], body: Any) -> Named:
    """Return what a request names.

    The object in the path counts for a POST, such as the start of a deployment. A PATCH only counts by what it selects.

    Args:
        method: The HTTP method.
        place: The path parameters.
        body: The JSON body: members, or the operations of a JSON Patch.
    """
    found: dict[tuple[str, str], None] = {}
    media: dict[str, None] = {}
    pairs = [*(place.items() if method == "POST" else ()), *_members(body)]
    for name, value in pairs:
        known = _ID.fullmatch(name)
        if known is not None and not name.startswith("external_"):
            found[known[1], value] = None
        elif _MEDIA.fullmatch(name):
            media[value] = None
    return Named(
        likenesses=tuple(one for one in found if one[0] in LIKENESSES),
        sources=tuple(one for one in found if one[0] in _SOURCES),
        objects=tuple(one for one in found if one[0] in LOOKED_UP),
        media=tuple(media),
    )


def _members(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a body with the name of its member."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        path = value.get("path")
        if isinstance(path, str) and "op" in value:  # an operation of a JSON Patch: its path ends with the member
            yield from _members(value.get("value"), path.rpartition("/")[2])
        else:
            for member, one in value.items():
                yield from _members(one, str(member))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _members(one, name)


def made_in(answer: Any, place: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what a request made or changed, as its kind and its id, or ``None`` if nothing says so.

    Args:
        answer: The parsed answer.
        place: The path parameters.
    """
    for source in (answer if isinstance(answer, Mapping) else vars_of(answer), place):
        for kind in MADE:
            found = source.get(f"{kind}_id")
            if isinstance(found, str) and found:
                return kind, found
    return None


def deleted_in(path: str, place: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what a DELETE removes, as its kind and its id, or ``None`` if it is none of ours.

    Args:
        path: The path template. Only its last parameter counts: a tool of a PAL is detached, and the PAL stays.
        place: The path parameters.
    """
    kind = path.rpartition("/")[2].removeprefix("{").removesuffix("_id}")
    return (kind, str(place[f"{kind}_id"])) if kind in MADE and f"{kind}_id" in place else None


@frozen
class FaceVoices:
    """The voices of a face.

    Attributes:
        made: The voice that its training made.
        is_complete: True if a withdrawal has nothing more to look for. A face in training may still get a voice, and a
            voice that was chosen for it may be another person's.
    """

    made: str | None
    is_complete: bool


def voices_of(face: Mapping[str, Any]) -> FaceVoices | None:
    """Return the voices of a face, or ``None`` if there is no face.

    Args:
        face: Its members.
    """
    if not face:
        return None
    from tavus_consent.results import FAILED_WORDS, READY_WORDS  # the models are not needed before

    made, chosen = face.get("original_voice_id"), face.get("default_voice_id")
    return FaceVoices(made, is_complete=face.get("status") in READY_WORDS | FAILED_WORDS and chosen in (None, made))


def vars_of(answer: Any) -> Mapping[str, Any]:
    """Return the members of a result of the generated package; nothing for other values."""
    members = getattr(answer, "to_dict", None)
    found = members() if members is not None else {}
    return found if isinstance(found, Mapping) else {}
