"""The speaker of the consent statement, and the recording."""

from __future__ import annotations

from attrs import field, frozen

from tavus_consent._arguments import check_text, valid
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import NeverStored, hide

from .names import kept_name
from .statement import STATEMENT


@hides_locals
@frozen
class SpokenConsent(NeverStored):
    """A person who says that Tavus may make a replica, face or voice of them. It cannot be pickled.

    Args:
        full_name: The name as the person says it in the statement; stored in Unicode normal form C.
        video_url: Direct link to the recording of the statement, or ``None`` if the statement opens the training video,
            or the audio of a voice. The create checks it with the other links.
        as_borne: You state that the person bears this name. It may then have more than 8 words or 100 characters, and a
            suffix such as ", Jr." or "3rd".
        reference: Your own id of the person, which distinguishes people with the same name.

    Raises:
        InvalidNameError: The name cannot be used in the statement.
        InvalidRequestError: The reference is invalid.

    Warns:
        ConsentWarning: A character of the name was replaced, such as a no-break space.
    """

    full_name: str = field(repr=hide)
    video_url: str | None = field(default=None, repr=hide)
    as_borne: bool = field(default=False, kw_only=True, repr=False)
    reference: str | None = field(default=None, kw_only=True, validator=valid(check_text, optional=True), repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "full_name", kept_name(self.full_name, as_borne=self.as_borne))

    @classmethod
    def _of_record(cls, full_name: str, video_url: str | None, *, as_borne: bool) -> SpokenConsent:
        """Return the speaker of a record, whose name is already checked."""
        made = object.__new__(cls)
        values = {"full_name": full_name, "video_url": video_url, "as_borne": as_borne, "reference": None}
        for name, value in values.items():
            object.__setattr__(made, name, value)
        return made

    @property
    def statement(self) -> str:
        """The words to read aloud."""
        return STATEMENT.fill(self.full_name)
