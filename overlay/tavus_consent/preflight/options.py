"""How a client checks media, for all of its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

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
    """

    transcriber: Transcriber | None = None
    budget: Budget | None = None
    reach: Reach | None = None
