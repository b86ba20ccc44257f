"""The statement that a person reads aloud, as versioned data."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen

from tavus_consent._frames import hides_locals

from .names import check_full_name

NAME_SLOT: Final = "[FULL NAME]"


@hides_locals
@frozen(kw_only=True)
class StatementTemplate:
    """One wording of the consent statement. A new wording is a new version, never an edit of this one.

    Attributes:
        template_id: Stable name of the statement over all its versions.
        version: The number of the wording, from 1.
        language: BCP 47 tag.
        text: The wording, quoted exactly; ``[FULL NAME]`` is the slot for the name.
        sha256: Hex SHA-256 of ``text`` in UTF-8.
        source: The page that contains the text.
        as_of: The last day on which Tavus's own documents contained this text.
    """

    template_id: str
    version: int
    language: str
    text: str
    sha256: str
    source: str
    as_of: date

    def render(self, full_name: str, *, as_borne: bool = False) -> str:
        """Return the statement as this person reads it.

        Args:
            full_name: The person's name, as :func:`~tavus_consent.consent.check_full_name` accepts it.
            as_borne: You state that the person bears this name.

        Raises:
            InvalidNameError: The name cannot be used in the statement.
        """
        return self.fill(check_full_name(full_name, as_borne=as_borne))

    def fill(self, full_name: str) -> str:
        """Fill the statement like :meth:`render`, with a name that is already checked."""
        return self.text.replace(NAME_SLOT, full_name)


STATEMENT: Final = StatementTemplate(
    template_id="tavus-ai-clone-consent",
    version=1,
    language="en",
    text=(
        "I, [FULL NAME], am currently speaking and consent Tavus to create an AI clone of me by using the audio and "
        "video samples I provide. I understand that this AI clone can be used to create videos that look and sound "
        "like me."
    ),
    sha256="6de1953cc0597a91f289fe3f103da5e099376246b312c7cfc1c0526e90439661",
    source="https://docs.tavus.io/api-reference/phoenix-replica-model/create-replica",
    as_of=date(2026, 5, 23),
)
"""The statement that Tavus's Create Replica page requires."""

LIMITS: Final = (
    "This records what was said and checked; it does not establish that consent is legally valid, that the person is "
    "who they claim, or that the recording is live."
)
"""The disclaimer of every output about consent."""
