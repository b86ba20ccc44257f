"""Open a medium as a source. The code that reads links is imported only if the medium is a link."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .reading import LocalSource, Source, is_link

if TYPE_CHECKING:
    from .metering import Meter
    from .net import Reach


def source_of(media: Any, meter: Meter, *, reach: Reach | None, name: str) -> Source:
    """Open a link, a path or an open file."""
    if is_link(media):
        from .net import Reach
        from .remote import RemoteSource

        return RemoteSource(media, meter, reach or Reach(), name=name)
    if isinstance(media, os.PathLike):
        return LocalSource.of_path(Path(media), meter, name=name)
    return LocalSource(media, meter, name=name)
