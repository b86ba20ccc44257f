"""How a client checks media, for all of its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from tavus_consent._arguments import check_call, check_choice, check_flag, check_has, check_list, check_str, valid

if TYPE_CHECKING:
    from tavus_consent.consent.transcriber import Transcriber

    from .metering import Budget
    from .net import Reach


def _has(name: str, takes: str) -> Any:
    # By a method: importing the classes costs more than most clients need.
    return valid(check_has, optional=True, names=(name,), takes=takes)


def check_options(
    *, model: object, spoken_as: object, speech: object, hash: object, budget: object, reach: object, progress: object
) -> None:
    """Refuse arguments of a preflight that are of another type.

    Raises:
        InvalidRequestError: One of them is.
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
    """How a client checks media: ``Tavus(preflight_options=...)``.

    Attributes:
        transcriber: Who listens where ``"auto"`` does; without one it is Whisper on this machine, where the extra
            ``speech`` is installed.
        budget: What reading one medium may cost.
        reach: What links may reach; only what is public by default.
        isolation: Where FFmpeg and Whisper run. ``"process"``: in a child process with limits on memory, CPU time and
            time, since a file from a stranger can be made to crash what reads it. ``"none"``: in this process. A
            ``transcriber`` of yours always runs in this process.
    """

    transcriber: Transcriber | None = field(default=None, validator=_has("transcribe", "a Transcriber"))
    budget: Budget | None = field(default=None, validator=_has("hash_seconds", "a Budget"))
    reach: Reach | None = field(default=None, validator=_has("addresses", "a Reach"))
    isolation: Literal["process", "none"] = field(
        default="process", validator=valid(check_choice, choices=("process", "none"))
    )
