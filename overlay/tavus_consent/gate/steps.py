"""Sequences of calls that both clients make: written once as generators that say what comes next, and run twice.

A step is a call to Tavus, one to the registry, or work that takes its time. The async client awaits the first and puts
the others into a worker thread, so that its loop never waits for a disk, a lock or another server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from attrs import define, field

from tavus_consent._loop import in_thread, running_loop
from tavus_consent.paging import AsyncPager, Pager

if TYPE_CHECKING:
    from tavus_consent.client import AsyncTavus, Tavus

    from .offline import Alone
    from .registry import Registry

T = TypeVar("T")


class Remote(NamedTuple):
    """A call to Tavus."""

    call: Callable[[Any], Any]


class Local(NamedTuple):
    """A call to the registry.

    Attributes:
        call: The call.
        is_quick: It waits for nothing but the disk and the policy's rules: it needs no thread where there are none.
    """

    call: Callable[[Registry], Any]
    is_quick: bool = False


class Work(NamedTuple):
    """Something that takes its time; it ends early when the event is set."""

    call: Callable[[threading.Event], Any]


@define(eq=False)
class Outcome:
    """What came of a step: an answer, or an error."""

    answer: Any = field(default=None, repr=False)
    error: Exception | None = None

    def get(self) -> Any:
        """The answer; raises the error."""
        if self.error is not None:
            raise self.error
        return self.answer


Step = Remote | Local | Work
Steps = Generator[Step, Outcome, T]


def remote(call: Callable[[Any], Any]) -> Steps[Any]:
    """Do a call to Tavus. Of a list the answer is all its items."""
    outcome = yield Remote(call)
    return outcome.get()


def local(call: Callable[[Registry], Any], *, is_quick: bool = False) -> Steps[Any]:
    """Do a call to the registry."""
    outcome = yield Local(call, is_quick)
    return outcome.get()


def work(call: Callable[[threading.Event], T]) -> Steps[T]:
    """Do something that takes its time."""
    outcome = yield Work(call)
    answer: T = outcome.get()
    return answer


def run(client: Tavus | Alone, steps: Steps[T]) -> T:
    """Carry out the steps; gives what they give in the end."""
    try:
        step = next(steps)
        while True:
            try:
                answer = step.call(client) if isinstance(step, Remote) else _here(client, step)
                outcome = Outcome(list(answer) if isinstance(answer, Pager) else answer)
            except Exception as error:  # the steps say which failures they can deal with
                outcome = Outcome(error=error)
            step = steps.send(outcome)
    except StopIteration as end:
        made: T = end.value
        return made


async def run_async(client: AsyncTavus | Alone, steps: Steps[T]) -> T:
    """As :func:`run`, without blocking the event loop. Work of a cancelled one ends early."""
    running_loop()
    stop = threading.Event()
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Remote):
                    answer = step.call(client)
                    items = [one async for one in answer] if isinstance(answer, AsyncPager) else await answer
                    outcome = Outcome(items)
                elif isinstance(step, Local) and step.is_quick and client._shared.keeper.is_instant:
                    outcome = Outcome(_here(client, step))
                else:
                    outcome = Outcome(await in_thread(partial(_here, client, step, stop)))
            except Exception as error:
                outcome = Outcome(error=error)
            step = steps.send(outcome)
    except StopIteration as end:
        made: T = end.value
        return made
    finally:
        stop.set()


def _here(client: Tavus | AsyncTavus | Alone, step: Local | Work, stop: threading.Event | None = None) -> Any:
    return step.call(client._registry()) if isinstance(step, Local) else step.call(stop or threading.Event())
