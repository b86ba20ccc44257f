"""The decisions of ``tavus.replicas``, ``tavus.faces`` and ``tavus.voices``: requests, the end of waiting, and lookups.

Three names, one gate: a :class:`LikenessKind` defines the names, everything else is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar

from attrs import field, frozen

from tavus_consent import errors
from tavus_consent._arguments import check_extra, check_flag, check_id, check_list, check_str, check_text
from tavus_consent._warnings import ConsentWarning, LinkWarning, warn_caller
from tavus_consent.consent import Attestation, SpokenConsent, requirement_for
from tavus_consent.results import Candidates, Face, Replica, adopt

from .further import further

if TYPE_CHECKING:
    from tavus_api.models import Voice
    from tavus_api.types import Response, Result
    from tavus_consent._clock import Clock

    from .candidates import Fit

R = TypeVar("R", bound="Result")
S = TypeVar("S", bound=Replica)

Server = Literal["tavus", "local", "unknown"]
"""The server: Tavus, a fake on this machine, or an unknown one behind the application's own transport."""
_MAX_DESCRIPTION: Final = 1000


class LikenessKind(NamedTuple, Generic[R]):
    """The name of likenesses: replicas until mid 2026, faces since, which are the same objects; and voices.

    Attributes:
        noun: ``replica``, ``face`` or ``voice``: the stem of ``..._id``, ``..._name`` and ``..._type``.
        cls: The class of results; ``None`` if it is the generated one.
        id_name: The attribute of a result that has its id, and the name of the id in the ledger.
    """

    noun: str
    cls: type[R] | None
    id_name: str = "replica_id"

    def endpoint(self, verb: str) -> Any:
        """Return the module of the generated functions for a verb, imported on first use."""
        return _endpoint(self.noun, verb)

    def rename(self, name: str) -> dict[str, str]:
        """Return the body of a rename."""
        field = f"{self.noun}_name"
        return {field: check_text(name, field)}

    def read(self, answer: Response[Any]) -> R:
        """Convert the answer of a generated function to a result."""
        return self._adopt(answer.parsed)

    def items(self, page: Any) -> tuple[R, ...]:
        """Return the results on a page of a list."""
        return tuple(self._adopt(one) for one in page.data or ())

    def _adopt(self, model: Any) -> R:
        made: R = model if self.cls is None else adopt(self.cls, model)
        return made

    def filters(
        self,
        kind: str | None,
        ids: Sequence[str] | None,
        model_name: str | None,
        verbose: bool | None,
        sort: str | None = None,
    ) -> dict[str, Any]:
        """Return the filters of a list."""
        noun = self.noun
        if kind not in (None, "user", "system"):
            raise errors.InvalidRequestError(f"{noun}_type: pass 'user' or 'system'", field=f"{noun}_type")
        chosen = None if ids is None else check_list(ids, f"{noun}_ids")
        joined = None if chosen is None else ",".join(check_id(one, f"{noun}_id") for one in chosen)
        texts = {"model_name": model_name, "sort": sort}
        for name, value in texts.items():
            if value is not None:
                check_text(value, name)
        check_flag(verbose, "verbose")
        given = {f"{noun}_ids": joined, **texts, "verbose": verbose, f"{noun}_type": kind}
        return {name: value for name, value in given.items() if value is not None}


@lru_cache(maxsize=64)
def _endpoint(noun: str, verb: str) -> Any:
    return import_module(f"tavus_api.api.{noun}s.{verb}_{noun}{'s' if verb == 'list' else ''}")


def missing(kind: LikenessKind[Any], cls: type, name: str) -> AttributeError:
    """Return the error for a missing method. Other SDKs have ``create``, so its message explains the alternatives."""
    if name != "create":
        return AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
    shown = "speaks" if kind.noun == "voice" else "is shown"
    return AttributeError(
        f"there is no tavus.{kind.noun}s.create(), because a {kind.noun} of a real person needs their consent. Use "
        f"tavus.{kind.noun}s.create_personal(consent=...) for a real person, or "
        f"tavus.{kind.noun}s.create_non_human(attestation=..., attested_by=...) if no real person {shown}"
    )


REPLICAS: Final = LikenessKind("replica", Replica)
FACES: Final = LikenessKind("face", Face)
VOICES: Final[LikenessKind[Voice]] = LikenessKind("voice", None, "voice_id")


@frozen(kw_only=True)
class Training:
    """The arguments of a create.

    Attributes:
        kind: ``personal`` or ``non_human``. There is no default.
        links: ``train_video_url``, ``train_image_url`` or ``audio_url``, and ``callback_url``.
        texts: Names of the likeness, its model and its voice.
        description: A text of up to 1,000 characters, of a voice.
        background_green_screen: Give it a green background.
        auto_fix_training_image: Let Tavus repair the image.
        extra: Further members.
    """

    kind: Literal["personal", "non_human"]
    links: Mapping[str, str | None] = field(repr=False)
    texts: Mapping[str, str | None] = field(repr=False)
    description: str | None = None
    background_green_screen: bool | None = None
    auto_fix_training_image: bool | None = None
    extra: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def audio_url(self) -> str | None:
        """Link to the audio of a voice."""
        return self.links.get("audio_url")

    @property
    def recording_url(self) -> str | None:
        """Link to the training video or audio, which the statement may open."""
        return self.links.get("train_video_url") or self.audio_url

    @property
    def material_url(self) -> str:
        """Link to the training material: the video, the audio or the image."""
        return self.recording_url or str(self.links.get("train_image_url"))

    def body(
        self,
        clock: Clock,
        server: Server,
        *,
        consent: SpokenConsent | None = None,
        attestation: Attestation | None = None,
    ) -> dict[str, Any]:
        """Return the request body. Every refusal happens here, before anything is sent.

        Args:
            clock: The clock, for links that expire.
            server: The kind of server. A fake on this machine can call back over http on this machine; Tavus cannot.
            consent: The consent of a real person.
            attestation: Otherwise, the attestation that no real person is shown.
        """
        from tavus_consent.preflight.links import check_link  # its tables of rules are not needed before a create

        if self.kind == "personal" and not isinstance(consent, SpokenConsent):
            raise errors.ConsentRequired(
                "consent= takes a SpokenConsent or a ConsentRecord", field="consent", reason="missing"
            )
        if self.kind == "non_human" and not isinstance(attestation, Attestation):
            raise errors.ConsentRequired("attestation= must say why no real person is shown", field="attestation")
        links = self.links
        consent_video_url = consent.video_url if consent is not None else None
        requirement = requirement_for(
            kind=self.kind,
            train_video_url=links.get("train_video_url"),
            consent_video_url=consent_video_url,
            train_image_url=links.get("train_image_url"),
            audio_url=self.audio_url,
        )
        requirement.check()
        known = {**links, "consent_video_url": consent_video_url}
        now = clock.now()
        findings = [
            finding
            for name, url in known.items()
            if url is not None
            for finding in check_link(url, field=name, now=now, purpose=_PURPOSES[name])
            if not (server == "local" and name == "callback_url" and _is_http(url))
        ]
        _check_callback(links.get("callback_url"), server)
        for name, value in self.texts.items():
            if value is not None:
                check_text(value, name)
        _check_description(self.description)
        check_flag(self.background_green_screen, "background_green_screen")
        check_flag(self.auto_fix_training_image, "auto_fix_training_image")
        more = further(self.extra)
        _check_voice(links, self.texts)
        for finding in findings:
            warn_caller(f"{finding.field}: {finding.message} {finding.fix}", LinkWarning)
        for notice in requirement.notices:
            warn_caller(notice, ConsentWarning)
        green = self.background_green_screen
        properties = None if green is None else {"background_green_screen": green}
        body = {
            # Tavus takes no consent video for a voice.
            **(known if self.audio_url is None else links),
            **self.texts,
            "description": self.description,
            "auto_fix_training_image": self.auto_fix_training_image,
            "properties": properties,
        }
        return {**{name: value for name, value in body.items() if value is not None}, **more}


_PURPOSES: Final[dict[str, Literal["media", "image", "audio", "callback"]]] = {
    "train_video_url": "media",
    "consent_video_url": "media",
    "train_image_url": "image",
    "audio_url": "audio",
    "callback_url": "callback",
}


def _is_http(url: str) -> bool:
    """Return True if a checked link is plain http, which is only allowed for links to this machine."""
    return url[:5].lower() == "http:"


def _check_callback(url: str | None, server: Server) -> None:
    if url is not None and server == "tavus" and _is_http(url):
        raise errors.InvalidLinkError(
            "callback_url is on this machine, which Tavus cannot reach. Pass the https address of a server or a tunnel "
            "on the public internet, or omit it and poll with wait().",
            field="callback_url",
            reason="not_public",
        )


def _check_description(text: str | None) -> None:
    if text is not None and not 1 <= len(check_str(text, "description").strip()) <= _MAX_DESCRIPTION:
        raise errors.InvalidRequestError(
            f"description: give a text of 1 to {_MAX_DESCRIPTION:,} characters", field="description"
        )


def _check_voice(links: Mapping[str, str | None], texts: Mapping[str, str | None]) -> None:
    if "audio_url" in links:
        check_text(texts["voice_name"], "voice_name")  # Tavus requires it
        return
    voices = [name for name in ("voice_name", "default_voice_id") if texts.get(name) is not None]
    if len(voices) > 1:
        raise errors.InvalidRequestError("pass voice_name or default_voice_id, not both", field="voice_name")
    if links.get("train_image_url") is not None and not voices:
        raise errors.InvalidRequestError(
            "an image has no voice: pass voice_name (a stock voice) or default_voice_id (one of your voices)",
            field="voice_name",
            reason="no_voice",
        )


def patch_body(
    face_name: str | None, default_voice_id: str | EllipsisType | None, extra: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the body of a patch: a merge patch (RFC 7396), in which null removes the voice."""
    body: dict[str, Any] = {}
    if face_name is not None:
        body["face_name"] = check_text(face_name, "face_name")
    if default_voice_id is not ...:
        voice = default_voice_id
        body["default_voice_id"] = None if voice is None else check_id(voice, "default_voice_id")
    body.update(check_extra(extra, {"face_name", "default_voice_id"}))
    if not body:
        raise errors.InvalidRequestError("pass at least one change", reason="empty")
    return body


def candidates(fits: Iterable[tuple[S, Fit | None]]) -> Candidates[S]:
    """Return the replicas that fit, the likely ones first, each group sorted by creation, newest first."""
    found = [(one, fit) for one, fit in fits if fit is not None]
    found.sort(key=lambda it: it[0].created_at.timestamp() if it[0].created_at else 0.0, reverse=True)
    groups = {wanted: [one for one, fit in found if fit == wanted] for wanted in ("likely", "doubtful")}
    return Candidates(groups["likely"], groups["doubtful"])
