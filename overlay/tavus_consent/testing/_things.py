"""One object of the fake, and one callback about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field

from tavus_consent._redaction import redact_url

from ._resources import NOTHING, Resource, stored


@define(eq=False)
class Callback:
    """A due callback.

    Attributes:
        url: Its address. Shortened in the ``repr``, because callback URLs contain tokens.
        body: Its body.
        at: When it was due; aware, in UTC.
        delivery: The result, once the served fake has handled it. In process it stays ``None``, because nothing is
            sent; use :meth:`FakeTavus.on_callback` to react.
    """

    url: str = field(repr=redact_url)
    body: dict[str, Any]
    at: datetime
    delivery: str | None = None


@define(eq=False)
class Thing:
    """One object."""

    id: str
    resource: Resource
    fields: dict[str, Any]
    #: the create request that made it, or None for stock
    request: dict[str, Any] | None = None
    created: datetime = datetime.min
    #: when its work started
    began: datetime = datetime.min
    #: when its work ends, or None without (further) work
    ends: datetime | None = None
    #: the error sentence with which its work will fail
    failure: str | None = None
    #: its work has not started, because it waits for another object
    waits: bool = False
    #: its second work, for which nothing waits, is under way
    tunes: bool = False
    deleted: bool = False
    #: called with the store, this object and the time, when its work has ended
    waiting: tuple[Callable[[Any, Thing, datetime], None], ...] = ()
    #: members of requests that the specification does not have
    extra: Mapping[str, Any] = NOTHING

    def view(self, names: tuple[str, ...], now: datetime) -> dict[str, Any]:
        """Return those of the named fields that it has, as they are now."""
        shown = {}
        for name in names:
            source = stored(name)
            derive = self.resource.derived.get(source)
            value = derive(self.fields) if derive else self.fields.get(source)
            if value is not None or (not derive and (source in self.fields or source in self.resource.defaults)):
                shown[name] = value
        cycle = self.resource.lifecycle
        if self.ends is not None and cycle and cycle.progress in shown:
            percent = 100 * (now - self.began) // (self.ends - self.began or timedelta.resolution)
            shown.update(cycle.show_progress(percent))
        return shown

    def keep(self, extra: Mapping[str, Any]) -> None:
        """Keep members of a request that the specification does not have."""
        if extra:
            self.extra = {**self.extra, **extra}

    def everything(self, now: datetime) -> dict[str, Any]:
        """Return all its fields, as they are now."""
        owner = {} if "owner" in self.fields else {"owner": "user"}
        return {
            **self.extra,
            **owner,
            **self.view((*self.fields, *self.resource.defaults, *self.resource.derived), now),
        }

    def change(self, fields: Mapping[str, Any], now: datetime) -> None:
        """Change some fields; both older and newer names work."""
        at = self.resource.date(now)
        self.fields.update({stored(name): value for name, value in fields.items()}, updated_at=at)

    def enter(self, fields: Mapping[str, Any], at: datetime) -> None:
        """Show the fields of a phase."""
        self.change({k: v.format(id=self.id) if isinstance(v, str) else v for k, v in fields.items()}, at)
