"""The parties of a consent, as a receipt shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import field, frozen

from tavus_consent._arguments import check_list, check_str, check_type, valid
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import hide

NOT_STATED: Final = "not stated"
_OPTIONAL: Final[Any] = field(default=None, validator=valid(check_str, optional=True))
_OPTIONAL_HIDDEN: Final[Any] = field(default=None, validator=valid(check_str, optional=True), repr=hide)


def _places(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(check_str(one, "storage_locations") for one in check_list(value, "storage_locations"))


@hides_locals
@frozen(kw_only=True)
class Party:
    """A party that processes the person's data.

    ISO/IEC TS 27560 requires name, address and contact of each party. The receipt marks a missing value as "not
    stated".

    Attributes:
        name: Their name.
        address: Postal address.
        contact: How a person reaches them: an e-mail address, a link, a telephone number.
    """

    name: str = field(validator=valid(check_str), repr=hide)
    address: str | None = _OPTIONAL_HIDDEN
    contact: str | None = _OPTIONAL_HIDDEN


@hides_locals
@frozen(kw_only=True)
class Controller(Party):
    """The controller: the party that asks for the consent and is responsible for the data.

    Attributes:
        jurisdiction: Their jurisdiction, such as ``"DE"``.
        storage_locations: The places where the recordings and the ledger are stored.
        retention: The retention period, in a sentence.
        withdraw_at: Where and how to withdraw consent: a link, an address.
        notice_url: The privacy notice for records without their own.
        processor: The party that creates the replica; Tavus by default.
    """

    jurisdiction: str | None = _OPTIONAL
    storage_locations: tuple[str, ...] = field(default=(), converter=_places)
    retention: str | None = _OPTIONAL
    withdraw_at: str | None = _OPTIONAL
    notice_url: str | None = _OPTIONAL
    processor: Party = field(default=Party(name="Tavus"), validator=valid(check_type, types=Party, takes="a Party"))


def not_stated(party: Party, names: Iterable[str]) -> list[str]:
    """Return the names of the attributes that a party did not state."""
    return [name for name in names if getattr(party, name) in (None, (), "", NOT_STATED)]
