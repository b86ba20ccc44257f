"""``tavus.voices``: create with consent, wait, and the generated methods.

Tavus takes no consent video for a voice, and checks no statement. So this client checks and records the consent, and
only its ledger has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tavus_api.api import voices as generated
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import notes_caller
from tavus_consent.consent import Attestation, SpokenConsent
from tavus_consent.gate._async.create import create
from tavus_consent.gate.context import AsyncContext
from tavus_consent.gate.likeness import VOICES, Training, missing
from tavus_consent.namespaces.processing import VOICE_POLL, VOICE_WAIT, voice_is_ready, voice_late
from tavus_consent.namespaces.waiting import Waiter

from .waiting import wait

if TYPE_CHECKING:
    from tavus_api.models import Voice
    from tavus_consent.consent.record import ConsentRecord


@notes_caller("create_personal", "create_non_human")
@hides_locals
class AsyncVoices(generated.AsyncVoices):
    """``tavus.voices``."""

    def __init__(self, context: AsyncContext) -> None:
        super().__init__(context.caller)
        self._context = context

    if TYPE_CHECKING:
        pass  # type checkers would otherwise accept every attribute
    else:

        def __getattr__(self, name: str) -> Any:
            raise missing(VOICES, type(self), name)

    async def create_personal(
        self,
        *,
        audio_url: str,
        consent: SpokenConsent | ConsentRecord | str,
        voice_name: str,
        description: str | None = None,
        callback_url: str | None = None,
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Voice:
        """Clone the voice of a real person who has spoken the consent statement.

        Tavus takes no consent video for a voice: this client alone checks and records the consent.

        Args:
            audio_url: Direct https link to the audio recording. Sign it for 48 hours.
            consent: The person who consents, and the video of their statement. Without a ``video_url`` the statement
                must open the audio recording. Alternatively, the record of their consent, or its id.
            voice_name: A name for it.
            description: The purpose of the voice.
            callback_url: Where Tavus reports that the voice is ready, or failed.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The voice as Tavus answered: its id and first status. It must not be used before it is ready: see
            :meth:`wait`.

        Warns:
            DuplicateWarning: The consent already has a voice that lives.

        Raises:
            InvalidRequestError: Refused before anything was sent (``InvalidLinkError``, ``ConsentError`` ...).
            OpenCreate: An earlier create of it has an unknown outcome. Nothing was sent.
            OnceConflict: The key belongs to a create with other arguments. Nothing was sent.
            OutcomeUnknownError: It may or may not have been created, and was not retried. See ``consents.reconcile``.
            CallError: Tavus refused, or could not be reached.
        """
        training = Training(
            kind="personal",
            links={"audio_url": audio_url, "callback_url": callback_url},
            texts={"voice_name": voice_name},
            description=description,
            extra=extra,
        )
        return await create(
            self._context, VOICES, training, consent, preflight="off", once=once, despite_open=despite_open
        )

    async def create_non_human(
        self,
        *,
        audio_url: str,
        attestation: str,
        attested_by: str,
        voice_name: str,
        description: str | None = None,
        callback_url: str | None = None,
        once: str | None = None,
        despite_open: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Voice:
        """Create a voice from a recording in which no real person speaks. It needs an attestation instead of consent.

        Args:
            audio_url: Direct https link to the audio recording. Sign it for 48 hours.
            attestation: Why no real person speaks.
            attested_by: Who attests this.
            voice_name: A name for it.
            description: The purpose of the voice.
            callback_url: Where Tavus reports that the voice is ready, or failed.
            once: A key of your own, such as the id of a job. A second call with the same key and arguments returns what
                the first one made, also from another process and after a crash. It needs a ledger.
            despite_open: Create it even if the outcome of an earlier create is unknown. Two may then exist.
            extra: Further members of the request, for fields that are newer than this package. A member with an
                argument of its own, a link and an id are refused.

        Returns:
            The voice as Tavus answered: its id and first status. It must not be used before it is ready: see
            :meth:`wait`.

        Raises:
            InvalidRequestError: Refused before anything was sent.
            OpenCreate: An earlier create of it has an unknown outcome. Nothing was sent.
            OnceConflict: The key belongs to a create with other arguments. Nothing was sent.
            OutcomeUnknownError: It may or may not have been created, and was not retried. See ``consents.reconcile``.
            CallError: Tavus refused, or could not be reached.
        """
        training = Training(
            kind="non_human",
            links={"audio_url": audio_url, "callback_url": callback_url},
            texts={"voice_name": voice_name},
            description=description,
            extra=extra,
        )
        vouched = Attestation(statement=attestation, attested_by=attested_by)
        return await create(
            self._context, VOICES, training, vouched, preflight="off", once=once, despite_open=despite_open
        )

    async def wait(
        self,
        voice_id: str,
        *,
        timeout: float = VOICE_WAIT,
        poll_interval: float = VOICE_POLL,
        on_progress: Callable[[Voice], object] | None = None,
    ) -> Voice:
        """Wait until a voice is ready. It must not be used before.

        Args:
            voice_id: For example ``v0a1b2c3d4e5f``.
            timeout: Seconds after which to stop waiting.
            poll_interval: Seconds between two polls, plus or minus 10 %. It is ten times as long while a callback is
                expected, and the callback ends the pause.
            on_progress: Called with the voice after each poll.

        Returns:
            The finished voice.

        Raises:
            ProcessingFailed: It failed; has Tavus's sentence.
            ProcessingTimeout: It took longer than ``timeout``; has the last state. The work continues at Tavus.
            CallError: Tavus refused the request. Temporary failures are retried.
        """
        waiter = Waiter["Voice"](
            self._context, timeout, poll_interval, is_ready=voice_is_ready, late=voice_late, subject=f"voice:{voice_id}"
        )
        return await wait(lambda: self.get(voice_id), waiter, on_progress)
