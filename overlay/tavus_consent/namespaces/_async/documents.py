"""``tavus.documents``: the generated methods, and waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tavus_api.api import documents as generated
from tavus_consent._frames import hides_locals
from tavus_consent.gate.context import AsyncContext
from tavus_consent.namespaces.processing import DOCUMENT_POLL, DOCUMENT_WAIT, document_is_ready, document_late
from tavus_consent.namespaces.waiting import Waiter

from .waiting import wait

if TYPE_CHECKING:
    from tavus_api.models import Document


@hides_locals
class AsyncDocuments(generated.AsyncDocuments):
    """``tavus.documents``."""

    def __init__(self, context: AsyncContext) -> None:
        super().__init__(context.caller)
        self._context = context

    async def wait(
        self,
        document_id: str,
        *,
        timeout: float = DOCUMENT_WAIT,
        poll_interval: float = DOCUMENT_POLL,
        on_progress: Callable[[Document], object] | None = None,
    ) -> Document:
        """Wait until a document is read or crawled.

        Args:
            document_id: For example ``d8-5c71baca86fc``.
            timeout: Seconds after which to stop waiting.
            poll_interval: Seconds between two polls, plus or minus 10 %. It is ten times as long while a callback is
                expected, and the callback ends the pause.
            on_progress: Called with the document after each poll.

        Returns:
            The document, ready.

        Raises:
            ProcessingFailed: Processing failed; has Tavus's sentence.
            ProcessingTimeout: It took longer than ``timeout``; has the last state. The work continues at Tavus.
            CallError: Tavus refused the request. Temporary failures are retried.
        """
        waiter = Waiter["Document"](
            self._context,
            timeout,
            poll_interval,
            is_ready=document_is_ready,
            late=document_late,
            subject=f"document:{document_id}",
        )
        return await wait(lambda: self.get(document_id), waiter, on_progress)
