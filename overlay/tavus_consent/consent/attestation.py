"""The attestation that a replica shows no real person: the author and the reason."""

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
                "State in a sentence why no real person is shown, and who states it.",
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
    """A statement that a replica shows no real person.

    Args:
        statement: The reason that no real person is shown; 1 to 2,000 characters after trimming.
        attested_by: The author: a name or an address; 1 to 200 characters.

    Raises:
        InvalidRequestError: One of them is missing or too long.
    """

    statement: str = field(converter=_strip, validator=_text_up_to(2000), repr=hide)
    attested_by: str = field(converter=_strip, validator=_text_up_to(200), repr=hide)
