"""Who speaks the consent statement, and where the recording is."""

from __future__ import annotations

from attrs import field, frozen

from tavus_consent._frames import hides_locals
from tavus_consent._redaction import NeverStored, hide

from .names import normal_name
from .statement import STATEMENT


@hides_locals
@frozen
class SpokenConsent(NeverStored):
    """A person who says on video that Tavus may make a replica of them. It cannot be pickled.

    Args:
        full_name: The name as the person says it in the statement; kept in Unicode normal form C.
        video_url: Direct link to the recording of the statement, or ``None`` when the statement opens the training
            video. It is checked with the other links when a replica is created.

    Raises:
        InvalidNameError: The name cannot stand in the statement.
    """

    full_name: str = field(converter=normal_name, repr=hide)
    video_url: str | None = field(default=None, repr=hide)

    @property
    def statement(self) -> str:
        """The words to read aloud."""
        return STATEMENT.render(self.full_name)
