"""The httpx clients of the SDK, which send the requests and read the answers.

Generated functions ask their client for an ``httpx.Client`` and call ``request`` on it. They get a client of this
module, whose ``request`` (in ``_async/calls.py``) runs the conversation of :mod:`.retry`. So all generated functions
have the same timeouts, retries, errors and redaction, even without a namespace. Redirects and cookies are ignored.
"""

from __future__ import annotations

from contextlib import aclosing, closing

import httpx

from tavus_consent import errors
from tavus_consent._frames import hides_locals
from tavus_consent._loop import running_loop

from ._async.calls import AsyncCalls
from ._sync.calls import Calls
from .answers import Answer, Failure
from .interception import exchange, exchange_async
from .receiving import Body, Sending, broken, classify_failure, timeouts
from .retry import Send


@hides_locals
class SyncHTTP(Calls):
    """The ``httpx.Client`` that generated functions get."""

    def _attempt(self, request: httpx.Request, step: Send) -> Answer | Failure:
        self._preparer.lifeline.begin()
        begin = self._clock.monotonic()
        end = begin + step.total
        body: Body | None = None
        sending = Sending()
        try:
            with self._pool.borrow(step.total, fresh=step.once) as transport:
                self._preparer.lifeline.check()  # the client may have been closed in the meantime
                total = max(0.001, step.total - (self._clock.monotonic() - begin))
                request.extensions |= timeouts(Send(min(step.connect, total), total))
                if step.once:
                    request.extensions["trace"] = sending.note
                with closing(exchange(self, transport, request)) as response:
                    body = Body(response, self._preparer.settings.max_answer_bytes)
                    # httpcore reads this timeout again before the first byte of the body
                    request.extensions["timeout"]["read"] = max(0.001, end - self._clock.monotonic())
                    stream = response.stream
                    assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - what a sync transport gives
                    for chunk in stream:
                        if not body.add(chunk):
                            break
                        if self._clock.monotonic() > end:
                            raise httpx.ReadTimeout("")  # noqa: TRY301 - becomes a Failure below
        except errors.ClientClosedError:
            raise
        except Exception as error:
            return broken(body, classify_failure(error, step, sending.sent))
        return body.answer()


@hides_locals
class AsyncHTTP(AsyncCalls):
    """The ``httpx.AsyncClient`` that generated functions get."""

    async def _attempt(self, request: httpx.Request, step: Send) -> Answer | Failure:
        import asyncio

        running_loop()
        self._preparer.lifeline.begin()
        request.extensions |= timeouts(step)
        body: Body | None = None
        sending = Sending()
        if step.once:
            request.extensions["trace"] = sending.note_async
        waiting = True
        try:
            async with asyncio.timeout(step.total), self._pool.borrow(fresh=step.once) as transport:
                waiting = False
                self._preparer.lifeline.check()  # the client may have been closed in the meantime
                async with aclosing(await exchange_async(self, transport, request)) as response:
                    body = Body(response, self._preparer.settings.max_answer_bytes)
                    stream = response.stream
                    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - what an async transport gives
                    async for chunk in stream:
                        if not body.add(chunk):
                            break
        except errors.ClientClosedError:
            raise
        except Exception as error:
            return broken(body, classify_failure(httpx.PoolTimeout("") if waiting else error, step, sending.sent))
        return body.answer()
