"""Who says that a replica shows no real person, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import hide
from tavus_consent.errors import InvalidRequestError

if TYPE_CHECKING:
    from attrs import Attribute


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _text_up_to(limit: int) -> Any:
    def check(_instance: Attestation, attribute: Attribute[str], value: object) -> None:
        if not isinstance(value, str) or not value:
            raise InvalidRequestError(
                f"A non-human replica needs an attestation with its author; {attribute.name} is empty or not text. "
                "Say in a sentence why no real person is shown, and who says so.",
                field=attribute.name,
                reason="missing",
            )
        if len(value) > limit:
            raise InvalidRequestError(
                f"{attribute.name} of the attestation has more than {limit:,} characters. Shorten it.",
                field=attribute.name,
                reason="too_long",
            )

    return check


@hides_locals
@frozen
class Attestation:
    """The answer to "whom does this replica show?" for one that shows nobody.

    Args:
        statement: Why no real person is shown; 1 to 2,000 characters once blanks around it are dropped.
        attested_by: Who says so: a name or an address; 1 to 200 characters.

    Raises:
        InvalidRequestError: One of them is missing or too long.
    """

    statement: str = field(converter=_strip, validator=_text_up_to(2000), repr=hide)
    attested_by: str = field(converter=_strip, validator=_text_up_to(200), repr=hide)
