# Derived from ../_async/members.py by scripts/derive_sync.py, do not edit.
"""The namespaces of a client: those that need judgment are written by hand, the others are generated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tavus_api.api import SyncNamespaces

if TYPE_CHECKING:
    from tavus_consent.gate.context import Context

    from .consents import Consents
    from .documents import Documents
    from .faces import Faces
    from .replicas import Replicas
    from .videos import Videos
    from .voices import Voices


class Members(SyncNamespaces):
    """The namespaces that a client inherits. Each is imported on first use."""

    if TYPE_CHECKING:

        @property
        def _context(self) -> Context:
            """The context that the client lends."""

    @cached_property
    def consents(self) -> Consents:
        """Records of consent: request, verify, receipts, withdraw, erase."""
        from .consents import Consents

        return Consents._of(self._context)

    @cached_property
    def replicas(self) -> Replicas:
        """Create with consent, get, list, rename, delete, wait."""
        from .replicas import Replicas

        return Replicas(self._context)

    @cached_property
    def faces(self) -> Faces:
        """Replicas under their newer name: create with consent, get, list, rename, patch, delete, wait."""
        from .faces import Faces

        return Faces(self._context)

    @cached_property
    def videos(self) -> Videos:
        """The generated methods, and ``wait``."""
        from .videos import Videos

        return Videos(self._context)

    @cached_property
    def documents(self) -> Documents:
        """The generated methods, and ``wait``."""
        from .documents import Documents

        return Documents(self._context)

    @cached_property
    def voices(self) -> Voices:
        """Create with consent, ``wait``, and the generated methods."""
        from .voices import Voices

        return Voices(self._context)
