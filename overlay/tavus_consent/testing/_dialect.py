"""Answers that differ between Tavus's documents and its clients: a test can choose."""

from __future__ import annotations

from typing import Final, Literal

from attrs import frozen

from tavus_consent import ConfigurationError


@frozen(kw_only=True)
class Dialect:
    """How the fake answers where sources disagree, because the truth is not known.

    Attributes:
        envelope: ``"data"`` answers a persona, and sets of objectives and guardrails, as documented: in ``data``.
            ``"flat"`` answers them without.
        delete_status: The status of a deletion or a change that answers nothing; ``None`` for the documented one.
        first_page: The number of the first page of every list; ``None`` for the documented one.

    Raises:
        ConfigurationError: A value is not one of these.
    """

    envelope: Literal["data", "flat"] = "data"
    delete_status: Literal[200, 204] | None = None
    first_page: Literal[0, 1] | None = None

    def __attrs_post_init__(self) -> None:
        for name, values in _VALUES.items():
            if getattr(self, name) not in values:
                raise ConfigurationError(f"{name} must be one of {values}, not {getattr(self, name)!r}")


_VALUES: Final = {"envelope": ("data", "flat"), "delete_status": (200, 204, None), "first_page": (0, 1, None)}
