"""The decisions of ``tavus.replicas`` and ``tavus.faces``: requests, the end of waiting, and lookups.

Two names, one gate: a :class:`LikenessKind` defines the names, everything else is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from importlib import import_module
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar

from attrs import field, frozen

from tavus_consent import errors
from tavus_consent._arguments import check_extra, check_flag, check_id, check_list, check_text
from tavus_consent._warnings import ConsentWarning, LinkWarning, warn_caller
from tavus_consent.consent import Attestation, SpokenConsent, requirement_for
from tavus_consent.results import Face, Replica, adopt

from .further import further

if TYPE_CHECKING:
    from tavus_api.types import Response
    from tavus_consent._clock import Clock

    from .context import Server

R = TypeVar("R", bound=Replica)

# The assumed maximum clock difference of client and server when a create of unknown outcome is looked up.
_CLOCK_SKEW: Final = timedelta(minutes=5)


class LikenessKind(NamedTuple, Generic[R]):
    """The name of likenesses: replicas until mid 2026, faces since. The objects are the same.

    Attributes:
        noun: ``replica`` or ``face``: the stem of ``..._id``, ``..._name`` and ``..._type``.
        cls: The class of results.
    """

    noun: str
    cls: type[R]

    def endpoint(self, verb: str) -> Any:
        """Return the module of the generated functions for a verb, imported on first use."""
        return _endpoint(self.noun, verb)

    def rename(self, name: str) -> dict[str, str]:
        """Return the body of a rename."""
        field = f"{self.noun}_name"
        return {field: check_text(name, field)}

    def read(self, answer: Response[Any]) -> R:
        """Convert the answer of a generated function to a result."""
        return adopt(self.cls, answer.parsed)

    def items(self, page: Any) -> tuple[R, ...]:
        """Return the results on a page of a list."""
        return tuple(adopt(self.cls, one) for one in page.data or ())

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
    return AttributeError(
        f"there is no tavus.{kind.noun}s.create(), because a {kind.noun} of a real person needs their consent. Use "
        f"tavus.{kind.noun}s.create_personal(consent=...) for a real person, or "
        f"tavus.{kind.noun}s.create_non_human(attestation=..., attested_by=...) if no real person is shown"
    )


REPLICAS: Final = LikenessKind("replica", Replica)
FACES: Final = LikenessKind("face", Face)


@frozen(kw_only=True)
class Training:
    """The arguments of a create.

    Attributes:
        kind: ``personal`` or ``non_human``. There is no default.
        links: ``train_video_url`` or ``train_image_url``, and ``callback_url``.
        texts: Names of the likeness, its model and its voice.
        background_green_screen: Give it a green background.
        auto_fix_training_image: Let Tavus repair the image.
        extra: Further members.
    """

    kind: Literal["personal", "non_human"]
    links: Mapping[str, str | None] = field(repr=False)
    texts: Mapping[str, str | None] = field(repr=False)
    background_green_screen: bool | None
    auto_fix_training_image: bool | None = None
    extra: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def train_video_url(self) -> str | None:
        """Link to the training video."""
        return self.links.get("train_video_url")

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
            train_video_url=self.train_video_url,
            consent_video_url=consent_video_url,
            train_image_url=links.get("train_image_url"),
        )
        requirement.check()
        sent = {**links, "consent_video_url": consent_video_url}
        now = clock.now()
        findings = [
            finding
            for name, url in sent.items()
            if url is not None
            for finding in check_link(url, field=name, now=now, purpose=_PURPOSES[name])
            if not (server == "local" and name == "callback_url" and _is_http(url))
        ]
        _check_callback(links.get("callback_url"), server)
        for name, value in self.texts.items():
            if value is not None:
                check_text(value, name)
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
            **sent,
            **self.texts,
            "auto_fix_training_image": self.auto_fix_training_image,
            "properties": properties,
        }
        return {**{name: value for name, value in body.items() if value is not None}, **more}


_PURPOSES: Final[dict[str, Literal["media", "image", "callback"]]] = {
    "train_video_url": "media",
    "consent_video_url": "media",
    "train_image_url": "image",
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


def _check_voice(links: Mapping[str, str | None], texts: Mapping[str, str | None]) -> None:
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


def was_created(replica: Replica, error: errors.OutcomeUnknownError) -> bool:
    """Return True if a replica may be the result of a create of unknown outcome."""
    if error.replica_name is not None and replica.replica_name != error.replica_name:
        return False
    created = replica.created_at
    return created is None or error.started_at - _CLOCK_SKEW <= created <= error.ended_at + _CLOCK_SKEW


def newest_first(replicas: Sequence[R]) -> tuple[R, ...]:
    """Return the replicas sorted by creation, newest first."""
    return tuple(sorted(replicas, key=lambda r: r.created_at.timestamp() if r.created_at else 0.0, reverse=True))
