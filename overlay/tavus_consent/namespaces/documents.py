"""``tavus.documents``: what is generated, and waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from tavus_api.api import documents as generated
from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._redaction import redact_text
from tavus_consent.results import FAILED_WORDS, READY_WORDS

from .waiting import Waiter, wait, wait_async

if TYPE_CHECKING:
    from tavus_api.models import Document
    from tavus_consent.client import AsyncTavus, Tavus

DEFAULT_WAIT: Final = 1800.0
"""Seconds. Tavus gives no time; a crawl of a hundred pages takes minutes."""
POLL_INTERVAL: Final = 5.0

_ADVICE: Final = (
    "Check that the link downloads without a login, that the file is under 50 MB and of a kind that Tavus reads, and "
    "that the text is English."
)


def is_ready(document: Document) -> bool:
    """Whether a document can be used; raises when it never will be."""
    if document.status in FAILED_WORDS:
        sentence = document.error_message or None
        message = redact_text(f"document {document.document_id} failed: {sentence or 'no reason given'} {_ADVICE}")
        raise errors.ProcessingFailed(message, document, error_type=None, error_message=sentence, advice=_ADVICE)
    return document.status in READY_WORDS


def late(document: Document, timeout: float) -> errors.ProcessingTimeout:
    """The error for a document that is not ready in time."""
    return errors.ProcessingTimeout(
        f"document {document.document_id} is not ready ({document.status}) after {timeout:g} s; the work goes on at "
        "Tavus",
        document,
    )


@hides_locals
class Documents(generated.Documents):
    """``tavus.documents``."""

    def __init__(self, client: Tavus) -> None:
        super().__init__(client._make_caller())
        self._client = client

    def wait(
        self,
        document_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Document], object] | None = None,
    ) -> Document:
        """Wait until a document is read, or crawled.

        Args:
            document_id: For example ``d8-5c71baca86fc``.
            timeout: Seconds after which to give up waiting.
            poll_interval: Seconds between two looks, give or take 10 %.
            on_progress: Called with the document after each look.

        Returns:
            The document, ready.

        Raises:
            ProcessingFailed: It failed; has Tavus's sentence.
            ProcessingTimeout: It took longer than ``timeout``; has the last state. The work goes on at Tavus.
            CallError: Tavus refused to be asked. Failures that can pass are waited out.
        """
        waiter = Waiter["Document"](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return wait(lambda: self.get(document_id), waiter, on_progress)


@hides_locals
class AsyncDocuments(generated.AsyncDocuments):
    """``tavus.documents`` of :class:`AsyncTavus`."""

    def __init__(self, client: AsyncTavus) -> None:
        super().__init__(client._make_caller())
        self._client = client

    async def wait(
        self,
        document_id: str,
        *,
        timeout: float = DEFAULT_WAIT,
        poll_interval: float = POLL_INTERVAL,
        on_progress: Callable[[Document], object] | Callable[[Document], Awaitable[object]] | None = None,
    ) -> Document:
        waiter = Waiter["Document"](self._client, timeout, poll_interval, is_ready=is_ready, late=late)
        return await wait_async(lambda: self.get(document_id), waiter, on_progress)


AsyncDocuments.wait.__doc__ = Documents.wait.__doc__
