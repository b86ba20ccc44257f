"""The notices that a person was shown before they consented, as versioned data."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from tavus_consent._arguments import check_str, refusal
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import hide
from tavus_consent.errors import InvalidRequestError

if TYPE_CHECKING:
    from attrs import Attribute

MAX_NOTICE: Final = 50_000
_MAX_TOLD: Final = 500
_VERSION: Final = re.compile(r"[A-Za-z0-9._:+/=-]{1,50}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def _text_up_to(limit: int) -> Any:
    def check(_instance: object, attribute: Attribute[Any], value: object) -> None:
        name = attribute.name
        text = check_str(value, name)
        if not text.strip() or len(text) > limit:
            raise InvalidRequestError(f"{name}: give a text of 1 to {limit:,} characters", field=name, reason="missing")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise InvalidRequestError(f"{name} holds half a character", field=name, reason="malformed")

    return check


@hides_locals
@frozen
class ConsentNotice:
    """The privacy notice that the person was shown, word for word.

    The vault stores the text. The chain stores its hash and version, so write the same notice for everyone, without the
    name of the person.

    Args:
        text: The whole text, up to 50,000 characters.
        version: Your version of it, without spaces, such as ``"2026-11"``; ``None`` if it has none.
        language: The language of the text, as two letters.

    Raises:
        InvalidRequestError: A value is missing or malformed.
    """

    text: str = field(repr=False, validator=_text_up_to(MAX_NOTICE))
    version: str | None = field(default=None, kw_only=True)
    language: str = field(default="en", kw_only=True)

    @version.validator
    def _check_version(self, _attribute: object, value: object) -> None:
        if value is not None and not (isinstance(value, str) and _VERSION.fullmatch(value)):
            raise InvalidRequestError(
                "version: give up to 50 letters, digits and ._:+/=- without spaces, such as '2026-11'", field="version"
            )

    @language.validator
    def _check_language(self, _attribute: object, value: object) -> None:
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            raise InvalidRequestError("language: give two lower-case letters, such as 'en'", field="language")

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@hides_locals
@frozen(kw_only=True)
class BiometricNotice:
    """The information for the person about their biometric data.

    Args:
        derived: What is derived from the recordings, such as ``"a model of the face and of the voice"``.
        kept: How long it is kept, such as ``"until the replica is deleted, at most three years"``.

    Raises:
        InvalidRequestError: A text is missing, or has more than 500 characters.
    """

    derived: str = field(repr=hide, validator=_text_up_to(_MAX_TOLD))
    kept: str = field(repr=hide, validator=_text_up_to(_MAX_TOLD))


def notice_of(value: Any) -> ConsentNotice | None:
    """Return a notice; a text is one without a version.

    Raises:
        InvalidRequestError: It is neither.
    """
    if value is None or isinstance(value, ConsentNotice):
        return value
    if isinstance(value, str):
        try:
            return ConsentNotice(value)
        except InvalidRequestError as error:
            error.field = "notice"
            raise
    raise refusal("notice", "a text or a ConsentNotice", value)
