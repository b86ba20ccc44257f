"""One person's consent: its terms, the recording, the review, and the current state.

The classes of this module hold personal data. The vault stores it as JSON, the ledger stores only references and codes,
and no ``repr`` shows it. The classes cannot be pickled, so pass the id of a record to another process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from attrs import asdict, evolve, field, fields, frozen
from attrs.validators import optional

from tavus_consent._arguments import check_flag, check_list, check_text, check_type, valid
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import NeverStored, redact_url
from tavus_consent.errors import InvalidNameError, InvalidRequestError

from .address import address
from .events import format_time, parse_time
from .matching import MAX_SPOKEN_AS
from .names import kept_name
from .notice import BiometricNotice, ConsentNotice, notice_of
from .statement import STATEMENT
from .states import MAX_RETENTION, PLACES, RecordState, State

if TYPE_CHECKING:
    from attrs import Attribute

VALID_FOR: Final = timedelta(days=365)
"""The default period for which consent is valid."""
SOON: Final = timedelta(days=30)
"""The period before its expiry in which reports list a consent."""
MAX_VALID_FOR: Final = timedelta(days=3653)
"""The maximum period, ten years, so that the end date is meaningful."""
MAX_USES: Final = 20
MAX_TEXT: Final = 500
_HTTPS: Final = re.compile(r"https://\S{1,1990}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def _hide(value: object) -> str:
    return "None" if value is None else "[redacted]"


def _redacted(url: str | None) -> str:
    return repr(url and redact_url(url))


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _text(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise InvalidRequestError(
            f"{attribute.name}: give a text of 1 to {MAX_TEXT} characters", field=attribute.name, reason="missing"
        )


def _link(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and _HTTPS.fullmatch(value) and _can_be_split(value)):
        raise InvalidRequestError(f"{attribute.name}: give an https link", field=attribute.name)


def _can_be_split(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _sha256(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_sha256(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and _SHA256.fullmatch(value)):
        raise InvalidRequestError("sha256: give the 64 hex digits of the file's SHA-256", field=attribute.name)


def _spellings(value: Sequence[str]) -> tuple[str, ...]:
    many = check_list(value, "spoken_as")
    if len(many) > MAX_SPOKEN_AS:
        raise InvalidRequestError(f"spoken_as: give {MAX_SPOKEN_AS} spellings at most", field="spoken_as")
    return tuple(many)


def _uses(value: Sequence[str]) -> tuple[str, ...]:
    uses = tuple(map(_strip, check_list(value, "intended_uses")))
    if len(uses) > MAX_USES or not all(isinstance(use, str) and 1 <= len(use) <= MAX_TEXT for use in uses):
        raise InvalidRequestError(
            f"intended_uses: say what the replica is for, in up to {MAX_USES} texts of 1 to {MAX_TEXT} characters",
            field="intended_uses",
        )
    return uses


def _length(valid_for: object) -> timedelta:
    if not isinstance(valid_for, timedelta) or valid_for > MAX_VALID_FOR:
        raise InvalidRequestError("valid_for: give a timedelta of up to ten years", field="valid_for")
    return valid_for


def _retention(value: Any) -> timedelta | None:
    if value is None:
        return None
    if not isinstance(value, timedelta) or not timedelta() <= value <= MAX_RETENTION:
        raise InvalidRequestError("retention: give a timedelta of up to thirty years", field="retention")
    return timedelta(seconds=int(value.total_seconds()))


@hides_locals
@frozen(kw_only=True)
class ConsentTerms(NeverStored):
    """The terms that one person is asked to consent to. They never change; other terms need another record.

    A value that is ``None`` or empty was not stated.

    Args:
        full_name: The person's name, as they say it.
        as_borne: True if you confirm that the person bears this name; see :class:`~tavus_consent.SpokenConsent`.
        spoken_as: Up to three spellings of how the name sounds, for speech recognition.
        intended_uses: The purposes of the replica, in the words that the person was told. Consent to create is not
            consent to every use.
        requested_at: The time of the request, with a time zone.
        expires_at: The end of the consent, within ten years.
        notice: The text of the privacy notice that the person was shown, or a :class:`~tavus_consent.ConsentNotice`
            with its version.
        notice_url: The address of the notice.
        biometric_notice: What the person was told about their biometric data.
        retention: How long the evidence is kept after the end of the consent.
        adult: Whether the person is of age, as someone attests; ``None`` if unknown.
        attested_by: The name or address of the person who attests this and asked for the consent; ``None`` if unknown.
        reference: Your application's id of the person.
        template_id: The statement's template.
        template_version: The version of the template.

    Raises:
        InvalidNameError: A name is not allowed in the statement.
        InvalidRequestError: Another value is missing or invalid.
    """

    full_name: str = field(repr=_hide)
    as_borne: bool = False
    spoken_as: tuple[str, ...] = field(default=(), converter=_spellings, repr=_hide)
    intended_uses: tuple[str, ...] = field(default=(), converter=_uses)
    requested_at: datetime
    expires_at: datetime = field()
    notice: ConsentNotice | None = field(default=None, converter=notice_of)
    notice_url: str | None = field(default=None, validator=_link, repr=_redacted)
    biometric_notice: BiometricNotice | None = field(
        default=None, validator=optional(valid(check_type, types=BiometricNotice, takes="a BiometricNotice"))
    )
    retention: timedelta | None = field(default=None, converter=_retention)
    adult: bool | None = field(default=None, validator=valid(check_flag))
    attested_by: str | None = field(default=None, converter=_strip, validator=optional(_text), repr=_hide)
    reference: str | None = field(default=None, validator=valid(check_text, optional=True), repr=_hide)
    template_id: str = STATEMENT.template_id
    template_version: int = STATEMENT.version

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "full_name", kept_name(self.full_name, as_borne=self.as_borne))
        try:
            heard = tuple(kept_name(one, as_borne=self.as_borne) for one in self.spoken_as)
        except InvalidNameError as error:
            error.field = "spoken_as"
            raise
        object.__setattr__(self, "spoken_as", heard)

    @expires_at.validator
    def _check_end(self, _attribute: object, value: datetime) -> None:
        if not timedelta() < value - self.requested_at <= MAX_VALID_FOR:
            raise InvalidRequestError(
                "valid_for: consent has an end, after its beginning and within ten years", field="valid_for"
            )

    @classmethod
    def until(cls, *, now: datetime, valid_for: timedelta = VALID_FOR, **terms: Any) -> ConsentTerms:
        """Return the terms of a consent that is requested now and valid for ``valid_for``.

        Raises:
            InvalidRequestError: A value is invalid, or ``valid_for`` is not a timedelta of up to ten years.
        """
        return cls(requested_at=now, expires_at=now + _length(valid_for), **terms)

    def _renewed(self, *, now: datetime, valid_for: timedelta) -> ConsentTerms:
        """Return the same terms with new dates and the current statement. They are checked by the current rules.

        Raises:
            InvalidRequestError: A value is invalid, or ``valid_for`` is not a timedelta of up to ten years.
        """
        return evolve(
            self,
            requested_at=now,
            expires_at=now + _length(valid_for),
            template_id=STATEMENT.template_id,
            template_version=STATEMENT.version,
        )

    @property
    def statement(self) -> str:
        """The statement to read aloud."""
        return STATEMENT.fill(self.full_name)

    def codes(self) -> dict[str, Any]:
        """Return the part that the ledger may store. The rest belongs in the vault."""
        codes: dict[str, Any] = {"expires_at": format_time(self.expires_at)}
        if self.notice is not None:
            codes |= {"notice_sha256": self.notice.sha256, "notice_version": self.notice.version}
        if self.retention is not None:
            codes["retention"] = int(self.retention.total_seconds())
        return codes

    def to_json(self) -> bytes:
        """Return the terms as JSON, for the vault."""
        data = asdict(self)
        for name in ("requested_at", "expires_at"):
            data[name] = format_time(data[name])
        if self.retention is not None:
            data["retention"] = int(self.retention.total_seconds())
        return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ConsentTerms:
        """Read the output of :meth:`to_json`. Do not check it again, because the rules may have changed since."""
        known = json.loads(data)
        for name in ("requested_at", "expires_at"):
            known[name] = parse_time(known[name])
        for name in ("spoken_as", "intended_uses"):
            known[name] = tuple(known[name])
        for name, read in _READERS.items():
            if known.get(name) is not None:
                known[name] = read(known[name])
        made = object.__new__(cls)
        for one in fields(cls):
            object.__setattr__(made, one.name, known.get(one.name, one.default))
        return made


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "notice": lambda known: ConsentNotice(**known),
    "biometric_notice": lambda known: BiometricNotice(**known),
    "retention": lambda seconds: timedelta(seconds=seconds),
}
"""The readers of terms that records of early releases do not have."""


@hides_locals
@frozen
class ConsentVideo(NeverStored):
    """A recording of the statement.

    Args:
        url: Direct https link to the recording.
        sha256: SHA-256 of the file in hex, if known. Without it, a change of the file cannot be detected.
        where: ``"consent_video"``, or ``"training_video"`` or ``"training_audio"`` if the training video of a replica
            or the audio of a voice begins with the statement.

    Raises:
        InvalidRequestError: A value is invalid.
    """

    url: str = field(repr=_hide, validator=_link)
    sha256: str | None = field(default=None, converter=_sha256, validator=_is_sha256)
    where: Literal["consent_video", "training_video", "training_audio"] = field(default="consent_video")

    @where.validator
    def _check_where(self, _attribute: object, value: str) -> None:
        if value not in PLACES:
            raise InvalidRequestError("where: 'consent_video', 'training_video' or 'training_audio'", field="where")

    @property
    def address(self) -> str:
        """The stable part of the link, without its signature: host, path, and query members that name a file."""
        return address(self.url)

    def codes(self) -> dict[str, Any]:
        """Return the part that the ledger may store. The link belongs in the vault."""
        return {"where": self.where, "sha256": self.sha256}


@hides_locals
@frozen
class Review:
    """A person's decision that a doubtful recording contains the statement.

    Args:
        reviewer: The name or address of the person who reviewed the recording.
        reason: The reason for the decision.

    Raises:
        InvalidRequestError: A value is missing or too long.
    """

    reviewer: str = field(converter=_strip, validator=_text, repr=_hide)
    reason: str = field(converter=_strip, validator=_text, repr=_hide)


@hides_locals
@frozen(kw_only=True)
class ConsentRecord:
    """A consent record with all known data.

    Attributes:
        state: The state that results from the events.
        terms: The terms of the consent, or ``None`` after erasure.
        problem: The reason why the record is unsound or its personal data cannot be opened; ``None`` if it is sound.
    """

    state: RecordState
    terms: ConsentTerms | None = None
    problem: str | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.problem is None:
            object.__setattr__(self, "problem", self.state.problem)

    @property
    def record_id(self) -> str:
        """The id of the record in the ledger."""
        return self.state.record_id

    @property
    def status(self) -> State:
        """The current status."""
        return self.state.state

    @property
    def statement(self) -> str:
        """The statement to read aloud.

        Raises:
            InvalidRequestError: The person was erased.
        """
        if self.terms is None:
            raise InvalidRequestError("the person of this record was erased; ask for consent anew", reason="erased")
        return self.terms.statement

    @property
    def expires_at(self) -> datetime | None:
        """The time at which the consent ends, or ``None`` for an attestation."""
        return self.state.expires_at

    @property
    def renews(self) -> str | None:
        """The id of the record that this one renews; ``None`` if it renews none."""
        return self.state.renews

    @property
    def keep_until(self) -> datetime | None:
        """The time until which the evidence is kept, by the ``retention`` of the terms; ``None`` if none was stated."""
        state = self.state
        ended_early = state.state in (State.REFUSED, State.INVALIDATED)
        end = state.withdrawn_at or (state.changed_at if ended_early else state.expires_at)
        return None if end is None or state.retention is None else end + timedelta(seconds=state.retention)

    @property
    def replicas(self) -> tuple[str, ...]:
        """The ids of the replicas that are based on this record."""
        return self.state.replicas

    def at(self, now: datetime) -> ConsentRecord:
        """Return the same record as of another time."""
        return evolve(self, state=self.state.at(now))
