"""What the service keeps, as data: a new kind of object is a new description here, not a new class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from attrs import frozen


class Filter(NamedTuple):
    """How a query parameter of a list picks objects."""

    field: str
    comma_separated: bool = False


@frozen(kw_only=True)
class Lifecycle:
    """The states that an object goes through by itself, and the words for them."""

    #: in answers
    running: str
    done: str
    failed: str
    #: in callbacks
    told_done: str
    told_failed: str
    #: the field with the progress, "N/100"
    progress: str
    #: fields that an object gets when it is done; ``{id}`` stands for its id
    result: Mapping[str, str]


@frozen(kw_only=True)
class Resource:
    """One kind of object.

    Attributes:
        noun: Its name, which is also the stem of the names of its id and its name.
        id_prefix: What its ids begin with.
        id_digits: How many hexadecimal digits follow.
        taken: Fields of the create request that the object keeps.
        defaults: Its other fields, as they are when it is new.
        created: What the answer to a create shows.
        read: What the answer to a get shows.
        listed: What a list shows of it.
        verbose: What ``verbose=true`` adds to a get and a list.
        filters: The query parameters that narrow a list.
        first_page: The number of the first page of a list.
        page_size: How many objects a page holds when the request does not say.
        lifecycle: What becomes of it.
        stock: Objects that belong to the service: everybody sees them, nobody changes them.
    """

    noun: str
    id_prefix: str
    id_digits: int
    taken: tuple[str, ...]
    defaults: Mapping[str, Any]
    created: tuple[str, ...]
    read: tuple[str, ...]
    listed: tuple[str, ...]
    verbose: tuple[str, ...]
    filters: Mapping[str, Filter]
    first_page: int
    page_size: int
    lifecycle: Lifecycle
    stock: tuple[Mapping[str, Any], ...]

    @property
    def id_field(self) -> str:
        """The field with its id, for example ``replica_id``."""
        return f"{self.noun}_id"

    @property
    def name_field(self) -> str:
        """The field with its name, for example ``replica_name``."""
        return f"{self.noun}_name"


_STOCK_DATE: Final = "2024-01-24T07:14:03.327Z"

REPLICA: Final = Resource(
    noun="replica",
    id_prefix="r",
    id_digits=11,
    taken=("replica_name", "model_name"),
    defaults={
        "replica_name": None,
        "thumbnail_video_url": None,
        "error_message": None,
        "replica_type": "user",
        "model_name": "phoenix-4",
    },
    created=("replica_id", "status"),
    read=(
        "replica_id",
        "replica_name",
        "thumbnail_video_url",
        "training_progress",
        "status",
        "created_at",
        "updated_at",
        "error_message",
        "model_name",
    ),
    listed=(
        "replica_id",
        "replica_name",
        "thumbnail_video_url",
        "training_progress",
        "status",
        "created_at",
        "model_name",
    ),
    verbose=("replica_type",),
    filters={
        "replica_type": Filter("replica_type"),
        "model_name": Filter("model_name"),
        "replica_ids": Filter("replica_id", comma_separated=True),
    },
    # Neither is documented for replicas: clients in use begin at 1, and other lists of this API give 10.
    first_page=1,
    page_size=10,
    lifecycle=Lifecycle(
        running="started",
        done="completed",
        failed="error",
        told_done="ready",
        told_failed="error",
        progress="training_progress",
        result={"thumbnail_video_url": "https://media.tavus.example/{id}.mp4"},
    ),
    stock=tuple(
        {
            "replica_id": replica_id,
            "replica_name": name,
            "thumbnail_video_url": f"https://media.tavus.example/{replica_id}.mp4",
            "training_progress": "100/100",
            "status": "completed",
            "created_at": _STOCK_DATE,
            "updated_at": _STOCK_DATE,
            "error_message": None,
            "replica_type": "system",
            "model_name": model,
        }
        for replica_id, name, model in (
            ("r51ab1e00001", "Stock 1", "phoenix-4"),
            ("r51ab1e00002", "Stock 2", "phoenix-3"),
        )
    ),
)
