"""How a client checks media, for all of its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen
from attrs.validators import in_

if TYPE_CHECKING:
    from tavus_consent.consent.transcriber import Transcriber

    from .metering import Budget
    from .net import Reach


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

    transcriber: Transcriber | None = None
    budget: Budget | None = None
    reach: Reach | None = None
    isolation: Literal["process", "none"] = field(default="process", validator=in_(("process", "none")))
