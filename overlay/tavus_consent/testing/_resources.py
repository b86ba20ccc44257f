"""The description of a kind of object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from attrs import frozen

Fields = Mapping[str, Any]
#: decides whether a list shows an object, by its fields and the value of the query parameter
Filter = Callable[[Fields, Any], bool]

NOTHING: Final[Fields] = MappingProxyType({})

#: The newer names of an object's fields, from when Tavus renamed replicas to faces and personas to PALs, and the stored
#: names.
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
    """Return the stored name of a field."""
    return ALIASES.get(name, name)


def timestamp(moment: datetime) -> str:
    """Return a date in Tavus's usual format, for example ``2024-01-24T07:14:03.327Z``."""
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def http_date(moment: datetime) -> str:
    """Return a date in Tavus's format for videos, for example ``Mon, 14 Jul 2025 09:14:24 GMT``."""
    return format_datetime(moment, usegmt=True)


class Phase(NamedTuple):
    """A phase of the work on an object."""

    #: the share of the work's time that has passed when it starts
    share: float
    #: the fields that the object then shows; ``{id}`` stands for its id
    fields: Fields


@frozen(kw_only=True)
class Lifecycle:
    """The automatic changes of an object over time."""

    phases: tuple[Phase, ...]
    #: the fields that it shows in the end
    done: Fields
    failed: Fields
    #: the field with the reason for a failure
    reason: str = "error_message"
    #: the field with the progress, and its type: text ("50/100") or a number
    progress: str | None = None
    progress_is_text: bool = True
    #: the duration of the work
    takes: timedelta = timedelta(minutes=5)

    def show_progress(self, percent: int) -> dict[str, Any]:
        """Return the field with the progress, if it has one."""
        if self.progress is None:
            return {}
        return {self.progress: f"{percent}/100" if self.progress_is_text else percent}


@frozen(kw_only=True, eq=False)
class Resource:
    """One kind of object.

    Attributes:
        noun: Its name, which is also the stem of its id field.
        id_form: The form of its ids, made from hexadecimal digits.
        defaults: The initial values of its fields.
        derived: Fields that follow from others; a value of ``None`` is not shown.
        verbose: Fields that only ``verbose=true`` shows.
        hidden: Fields that lists do not show, by operationId.
        filters: The query parameters that narrow a list.
        assumed: The default query of a list.
        oldest_first: The default order of a list.
        sort_field: The field that lists are sorted by; by default the time of creation.
        page_size: The default page size, if the specification has none.
        references: Fields of requests with the id of an object: its kind, and its name in errors.
        date: The date format.
        lifecycle: Its automatic changes; ``None`` without any.
        tells_phases: True if the start of a phase also sends a callback.
        objects: Returns the objection to its fields, or ``None``.
        stock: Objects of the service: all accounts see them, none can change them.
        added: The fields of an object that a test adds, besides those at the end of its work.
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
    added: Fields = NOTHING

    @property
    def given(self) -> dict[str, Any]:
        """The initial values that are not null: the others need no memory in each object."""
        return {name: value for name, value in self.defaults.items() if value is not None}

    def sort_key(self, thing: Any) -> str:
        """Return the key of an object in a sorted list."""
        return str(thing.fields.get(self.sort_field)).lower()

    @property
    def id_field(self) -> str:
        """The name of its id field, for example ``replica_id``."""
        return f"{self.noun}_id"
