"""The options of all media checks of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from tavus_consent._arguments import check_call, check_choice, check_flag, check_has, check_list, check_str, valid

if TYPE_CHECKING:
    from tavus_consent.consent.transcriber import Transcriber

    from .metering import Budget
    from .net import Reach


def _has(name: str, takes: str) -> Any:
    # Check for a method: importing the classes takes time, and most clients do not need them.
    return valid(check_has, optional=True, names=(name,), takes=takes)


def check_options(
    *, model: object, spoken_as: object, speech: object, hash: object, budget: object, reach: object, progress: object
) -> None:
    """Reject arguments of a preflight that have a wrong type.

    Raises:
        InvalidRequestError: An argument has a wrong type.
    """
    if model is not None:
        check_str(model, "model")
    check_list(spoken_as, "spoken_as")
    if isinstance(hash, (bool, int, float, str)):
        check_flag(hash, "hash")
    else:
        check_list(hash, "hash")
    PreflightOptions(transcriber=None if speech == "auto" else speech, budget=budget, reach=reach)  # type: ignore[arg-type]
    check_call(progress, "progress")


@frozen(kw_only=True)
class PreflightOptions:
    """The options of the media checks of a client: ``Tavus(preflight_options=...)``.

    Attributes:
        transcriber: The recognizer to use for ``"auto"``. By default, this is Whisper on this machine if the extra
            ``speech`` is installed.
        budget: The limits of reading one medium.
        reach: The hosts that links may reach; by default, only public ones.
        isolation: The place where FFmpeg and Whisper run. ``"process"`` runs them in a child process with limits on
            memory, CPU time and elapsed time. This protects against a stranger's file that is crafted to crash its
            reader. ``"none"`` runs them in this process. Your own ``transcriber`` always runs in this process.
    """

    transcriber: Transcriber | None = field(default=None, validator=_has("transcribe", "a Transcriber"))
    budget: Budget | None = field(default=None, validator=_has("hash_seconds", "a Budget"))
    reach: Reach | None = field(default=None, validator=_has("addresses", "a Reach"))
    isolation: Literal["process", "none"] = field(
        default="process", validator=valid(check_choice, choices=("process", "none"))
    )
