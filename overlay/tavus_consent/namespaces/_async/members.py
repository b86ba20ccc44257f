"""The namespaces of a client: those that need judgment are written by hand, the others are generated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tavus_api.api import AsyncNamespaces

if TYPE_CHECKING:
    from tavus_consent.gate.context import AsyncContext

    from .consents import AsyncConsents
    from .documents import AsyncDocuments
    from .faces import AsyncFaces
    from .replicas import AsyncReplicas
    from .videos import AsyncVideos
    from .voices import AsyncVoices


class AsyncMembers(AsyncNamespaces):
    """The namespaces that a client inherits. Each is imported on first use."""

    if TYPE_CHECKING:

        @property
        def _context(self) -> AsyncContext:
            """The context that the client lends."""

    @cached_property
    def consents(self) -> AsyncConsents:
        """Records of consent: request, verify, receipts, withdraw, erase."""
        from .consents import AsyncConsents

        return AsyncConsents._of(self._context)

    @cached_property
    def replicas(self) -> AsyncReplicas:
        """Create with consent, get, list, rename, delete, wait."""
        from .replicas import AsyncReplicas

        return AsyncReplicas(self._context)

    @cached_property
    def faces(self) -> AsyncFaces:
        """Replicas under their newer name: create with consent, get, list, rename, patch, delete, wait."""
        from .faces import AsyncFaces

        return AsyncFaces(self._context)

    @cached_property
    def videos(self) -> AsyncVideos:
        """The generated methods, and ``wait``."""
        from .videos import AsyncVideos

        return AsyncVideos(self._context)

    @cached_property
    def documents(self) -> AsyncDocuments:
        """The generated methods, and ``wait``."""
        from .documents import AsyncDocuments

        return AsyncDocuments(self._context)

    @cached_property
    def voices(self) -> AsyncVoices:
        """Create with consent, ``wait``, and the generated methods."""
        from .voices import AsyncVoices

        return AsyncVoices(self._context)
