"""``tavus-consent voices``: the methods of ``tavus.voices``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

from attrs import frozen
from cyclopts import App, Parameter

from tavus_consent import ProcessingError, Tavus
from tavus_consent._arguments import check_id
from tavus_consent.consent import LIMITS
from tavus_consent.namespaces.processing import VOICE_POLL, VOICE_WAIT

from ._create import PERSON, VoiceOrder
from ._failures import LOOK_FOR_VOICES
from ._flags import ACCOUNT, ACTING, SURE, SWITCH, TIME, WAITING, Account, Acting, Sure
from ._screen import Listing, Screen

if TYPE_CHECKING:
    from rich.table import Table

voices = App(
    name="voices",
    help="Clone, get, list and delete voices, and wait for them.",
    help_epilogue="",
)


@Parameter(name="*", group=WAITING)
@frozen(kw_only=True)
class VoicePatience:
    """The options for waiting for a voice.

    Attributes:
        timeout: How long to wait: 90s, 30m, 8h.
        poll_interval: The time between two polls.
    """

    timeout: Annotated[float, TIME] = VOICE_WAIT
    poll_interval: Annotated[float, TIME] = VOICE_POLL


_PATIENCE: Final = VoicePatience()


@voices.command
def create(
    order: VoiceOrder,
    *,
    consent: Annotated[str | None, Parameter(group=PERSON, metavar="RECORD")] = None,
    wait: Annotated[bool, Parameter(group=WAITING), SWITCH] = False,
    patience: VoicePatience = _PATIENCE,
    kept: Acting = ACTING,
    flags: Account = ACCOUNT,
) -> None:
    r"""Clone a new voice. You must state whether a real person speaks.

    Tavus takes no consent video for a voice: this command alone checks and records the consent. A real person, with a
    video in which they speak the statement (tavus-consent statement prints it):

    For example:

        tavus-consent voices create --full-name "Rio Alvarez" --voice-name Rio \
            --audio-url https://bucket.example/rio.wav \
            --consent-video-url https://bucket.example/consent.mp4

    A real person who already consented, with a record of "consents":

        tavus-consent voices create --consent 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --voice-name Rio --audio-url https://bucket.example/rio.wav

    No real person:

        tavus-consent voices create --non-human --voice-name Hum \
            --attestation "A synthesizer that our studio built" \
            --attested-by studio@app.example \
            --audio-url https://bucket.example/synthesizer.wav

    Args:
        order: The voice to create.
        consent: Id of the record of their consent, instead of the name and the video.
        wait: Wait until the voice is ready.
    """
    where = kept.url() if kept.ledger or consent else "default"
    with flags.open(ledger=where, actor=kept.actor) as (tavus, screen):
        with _if_interrupted(f"The voice may have been created. Check before you repeat the create: {LOOK_FOR_VOICES}"):
            voice = order.send(tavus, consent)
        if order.full_name is not None or consent is not None:
            screen.note(LIMITS)
        if wait:
            voice = _wait(tavus, screen, voice.voice_id, patience)
        else:
            screen.note(f"It must not be used before it is ready: tavus-consent voices wait {voice.voice_id}")
        screen.result(voice.to_dict(), _card(screen, voice))


@voices.command
def get(voice_id: str, /, *, flags: Account = ACCOUNT) -> None:
    """Show one of your voices.

    For example:

        tavus-consent voices get v0a1b2c3d4e5f

    Args:
        voice_id: For example v0a1b2c3d4e5f.
    """
    with flags.open() as (tavus, screen):
        voice = tavus.voices.get(voice_id)
        screen.result(voice.to_dict(), _card(screen, voice))


@voices.command(name="list")
def list_(*, search: str | None = None, tag: str | None = None, flags: Account = ACCOUNT) -> None:
    """List voices, all pages of them. Tavus gives no ids in this list.

    For example:

        tavus-consent voices list --search anna

    Args:
        search: Only voices whose name contains this text.
        tag: Only voices with this tag.
    """
    with flags.open() as (tavus, screen):
        found = list(tavus.voices.list(search=search, tag=tag))
        rows = [
            (
                screen.cell(one.voice_name),
                screen.cell(one.face_id or one.replica_id),
                screen.cell(", ".join(tag.tag_name or "" for tag in one.tags or ())),
            )
            for one in found
        ]
        table = Listing(("Name", "Face", "Tags"), rows, folds={"Tags"})
        screen.result([one.to_dict() for one in found], *([table] if found else []))
        if not found:
            screen.note("No voices found.")


@voices.command
def delete(voice_id: str, /, *, sure: Sure = SURE, flags: Account = ACCOUNT) -> None:
    """Delete a voice. Cannot be undone, so this asks first. Tavus refuses while a PAL or a face uses it.

    For example:

        tavus-consent voices delete v0a1b2c3d4e5f

    Args:
        voice_id: For example v0a1b2c3d4e5f.
    """
    check_id(voice_id, "voice_id")
    with flags.open() as (tavus, screen):
        sure.check(screen, "This deletes the voice at Tavus.")
        tavus.voices.delete(voice_id)
        screen.result({"voice_id": voice_id, "deleted": True}, screen.clean(f"{voice_id} was deleted."))


@voices.command
def wait(voice_id: str, /, *, patience: VoicePatience = _PATIENCE, flags: Account = ACCOUNT) -> None:
    """Wait until a voice is ready.

    For example:

        tavus-consent voices wait v0a1b2c3d4e5f --timeout 10m

    Args:
        voice_id: For example v0a1b2c3d4e5f.
    """
    with flags.open() as (tavus, screen):
        voice = _wait(tavus, screen, voice_id, patience)
        screen.result(voice.to_dict(), _card(screen, voice))


def _wait(tavus: Tavus, screen: Screen, voice_id: str, patience: VoicePatience) -> Any:
    try:
        with _if_interrupted(f"The work continues at Tavus. To keep waiting: tavus-consent voices wait {voice_id}"):
            return tavus.voices.wait(voice_id, timeout=patience.timeout, poll_interval=patience.poll_interval)
    except ProcessingError as error:
        # The exit code tells a program that it failed; this tells it which voice, and why.
        screen.result(error.result.to_dict())
        raise


def _card(screen: Screen, voice: Any) -> Table:
    return screen.card(
        ("Voice", voice.voice_id),
        ("Name", voice.voice_name),
        ("Status", voice.status),
        ("Description", voice.description),
        ("Error", voice.error_message),
    )


@contextmanager
def _if_interrupted(advice: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(advice)
        raise
