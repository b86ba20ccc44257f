"""The command-line options of a replica to create; ``replicas create`` sends it, ``explain`` shows it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

import httpx
from attrs import asdict, frozen
from cyclopts import Group, Parameter

from tavus_consent import ConsentContradiction, Replica, Tavus
from tavus_consent.consent import Requirement, SpokenConsent, requirement_for

from ._flags import SWITCH

_REPLICA: Final = Group("The replica", sort_key=1)
PERSON: Final = Group("For a real person, who consents", sort_key=2)
_NOBODY: Final = Group("For no real person, with an attestation", sort_key=3)
Preflight = Literal["off", "warn", "require"]
_WHOM: Final = ("full_name", "as_borne", "reference", "consent_video_url", "non_human", "attestation", "attested_by")


@Parameter(name="*")
@frozen(kw_only=True)
class Order:
    """The replica to create.

    Attributes:
        train_video_url: Direct link to the training video. Sign it for 48 hours.
        replica_name: A name for the replica.
        model_name: phoenix-4 (Tavus's default) or phoenix-3.
        callback_url: Where Tavus reports the end of training.
        background_green_screen: Give the replica a green background.
        full_name: The person's name, as they say it in the statement.
        as_borne: The person bears this name: it may be longer than 8 words, or end in ", Jr.".
        reference: Your own id of the person; it distinguishes people with the same name.
        consent_video_url: Direct link to the video of the statement. Without it, the statement must open the training
            video.
        non_human: The replica shows no real person.
        attestation: Why no real person is shown.
        attested_by: Who attests this.
    """

    train_video_url: Annotated[str, Parameter(group=_REPLICA, metavar="URL")]
    replica_name: Annotated[str | None, Parameter(group=_REPLICA, metavar="NAME")] = None
    model_name: Annotated[str | None, Parameter(group=_REPLICA, metavar="MODEL")] = None
    callback_url: Annotated[str | None, Parameter(group=_REPLICA, metavar="URL")] = None
    background_green_screen: Annotated[bool | None, Parameter(group=_REPLICA), SWITCH] = None
    full_name: Annotated[str | None, Parameter(group=PERSON, metavar="NAME")] = None
    as_borne: Annotated[bool, Parameter(group=PERSON), SWITCH] = False
    reference: Annotated[str | None, Parameter(group=PERSON, metavar="ID")] = None
    consent_video_url: Annotated[str | None, Parameter(group=PERSON, metavar="URL")] = None
    non_human: Annotated[bool, Parameter(group=_NOBODY), SWITCH] = False
    attestation: Annotated[str | None, Parameter(group=_NOBODY, metavar="WHY")] = None
    attested_by: Annotated[str | None, Parameter(group=_NOBODY, metavar="WHO")] = None

    def requirement(self) -> Requirement:
        """Return the requirement of the create.

        Raises:
            InvalidRequestError: The request must not be sent.
        """
        if self.non_human and self.full_name is not None:
            raise ConsentContradiction(
                "--full-name is for a real person, --non-human for a replica that shows none. Omit one of them.",
                field="full_name",
                reason="non_human_with_consent",
            )
        if not self.non_human and (self.attestation is not None or self.attested_by is not None):
            raise ConsentContradiction(
                "--attestation and --attested-by state that no real person is shown. Pass --non-human with them, or "
                "omit them: only the person themselves can consent.",
                field="attestation",
                reason="attestation_for_person",
            )
        requirement = requirement_for(
            kind="non_human" if self.non_human else None if self.full_name is None else "personal",
            train_video_url=self.train_video_url,
            consent_video_url=self.consent_video_url,
        )
        requirement.check()
        return requirement

    def send(self, tavus: Tavus, record_id: str | None = None, preflight: Preflight = "off", **further: Any) -> Replica:
        """Create the replica, with the consent of a record if there is one."""
        given = {**self._what(), "preflight": preflight, **further}
        if record_id is not None:
            if any(value for name, value in asdict(self).items() if name in _WHOM):
                raise ConsentContradiction(
                    "--consent names a record, which already says who consents and in which video. Omit the other "
                    "options about consent.",
                    field="consent",
                    reason="record_and_more",
                )
            return tavus.replicas.create_personal(consent=record_id, **given)
        self.requirement()
        if self.full_name is None:
            return tavus.replicas.create_non_human(
                attestation=self.attestation or "",
                attested_by=self.attested_by or "",
                **given,
            )
        return tavus.replicas.create_personal(consent=self._spoken(self.full_name), **given)

    def request(self) -> tuple[str, Any]:
        """Return the base URL and the body of the create. The client makes the request, and no connection carries it.

        Raises:
            InvalidRequestError: The request must not be sent.
        """
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, json={"replica_id": "not_created"})

        with Tavus("not-sent", transport=httpx.MockTransport(answer), ledger=None) as tavus:
            self.send(tavus)
            return tavus.base_url, json.loads(sent[0].content)

    def _spoken(self, full_name: str) -> SpokenConsent:
        return SpokenConsent(full_name, self.consent_video_url, as_borne=self.as_borne, reference=self.reference)

    def _what(self) -> dict[str, Any]:
        return {
            "train_video_url": self.train_video_url,
            "replica_name": self.replica_name,
            "model_name": self.model_name,
            "callback_url": self.callback_url,
            "background_green_screen": self.background_green_screen,
        }
