"""How a kind of object that the service keeps is described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from attrs import frozen

Fields = Mapping[str, Any]
#: whether a list shows an object: its fields, and the value of the query parameter
Filter = Callable[[Fields, Any], bool]

NOTHING: Final[Fields] = MappingProxyType({})

#: The names that an object's fields have had since Tavus calls replicas faces and personas PALs. Only the second names
#: are stored.
ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "face_id": "replica_id",
        "face_ids": "replica_ids",
        "face_name": "replica_name",
        "face_type": "replica_type",
        "default_face_id": "default_replica_id",
        "pal_id": "persona_id",
        "pal_name": "persona_name",
        "pal_type": "persona_type",
    }
)


def stored(name: str) -> str:
    """The name under which a field is stored."""
    return ALIASES.get(name, name)


def timestamp(moment: datetime) -> str:
    """A date as Tavus writes most of them, for example ``2024-01-24T07:14:03.327Z``."""
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def http_date(moment: datetime) -> str:
    """A date as Tavus writes those of videos, for example ``Mon, 14 Jul 2025 09:14:24 GMT``."""
    return format_datetime(moment, usegmt=True)


class Phase(NamedTuple):
    """A part of the work that an object goes through by itself."""

    #: the share of the work's time that is over when it begins
    share: float
    #: what the object then shows; ``{id}`` stands for its id
    fields: Fields


@frozen(kw_only=True)
class Lifecycle:
    """What becomes of an object by itself."""

    phases: tuple[Phase, ...]
    #: what it shows in the end
    done: Fields
    failed: Fields
    #: the field with the sentence that says why it failed
    reason: str = "error_message"
    #: the field with the progress, and whether it is text ("50/100") or a number
    progress: str | None = None
    progress_is_text: bool = True
    #: how long the work takes
    takes: timedelta = timedelta(minutes=5)

    def show_progress(self, percent: int) -> dict[str, Any]:
        """The field with the progress, if it has one."""
        if self.progress is None:
            return {}
        return {self.progress: f"{percent}/100" if self.progress_is_text else percent}


@frozen(kw_only=True, eq=False)
class Resource:
    """One kind of object.

    Attributes:
        noun: Its name, which is also the stem of the name of its id.
        id_form: The form of its ids, made from hexadecimal digits.
        defaults: Its fields, as they are when it is new and the request does not say.
        derived: Fields that follow from others; a value of ``None`` is not shown.
        verbose: What only ``verbose=true`` shows.
        hidden: What lists do not show, by operationId.
        filters: The query parameters that narrow a list.
        assumed: What a list takes its query to say, when it does not.
        oldest_first: The order of a list when the request does not say.
        sort_field: The field that lists are sorted by; by default the time of creation.
        page_size: How many objects a page holds when neither the request nor the specification says.
        references: Fields of requests that must hold the id of an object: of what kind, and how a wrong one is called.
        date: How dates are written.
        lifecycle: What becomes of it; ``None`` when nothing does.
        tells_phases: Whether the callback is also called when a phase of its life begins.
        objects: What to say against it, of its fields; ``None`` when it is acceptable.
        stock: Objects that belong to the service: everybody sees them, nobody changes them.
    """

    noun: str
    id_form: str = ""
    defaults: Fields = NOTHING
    derived: Mapping[str, Callable[[Fields], Any]] = MappingProxyType({})
    verbose: tuple[str, ...] = ()
    hidden: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    filters: Mapping[str, Filter] = MappingProxyType({})
    assumed: Fields = NOTHING
    oldest_first: bool = False
    sort_field: str | None = None
    page_size: int = 10
    references: Mapping[str, tuple[Resource, str]] = MappingProxyType({})
    date: Callable[[datetime], str] = timestamp
    lifecycle: Lifecycle | None = None
    tells_phases: bool = False
    objects: Callable[[Fields], str | None] = lambda fields: None
    stock: tuple[Fields, ...] = ()

    @property
    def id_field(self) -> str:
        """The field with its id, for example ``replica_id``."""
        return f"{self.noun}_id"
