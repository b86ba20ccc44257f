"""The controls of the fake: its clock, failures of work, faults, and listeners for callbacks."""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from tavus_consent import ConfigurationError

from ._answering import Answering, Planned
from ._kinds import CONVERSATION
from ._participants import join, leave, say
from ._resources import stored
from ._stock import finished, resource_of
from ._things import Callback, Thing
from .faults import Fault


class FakeService(Answering):
    """The fake with its controls, without clients and server."""

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Advance the clock: trainings continue, due ones end, and their callbacks fire.

        Raises:
            ConfigurationError: The sum is negative or too large.
        """
        self.clock.advance(hours=hours, minutes=minutes, seconds=seconds)
        self.settle()

    def settle(self) -> None:
        """Update the state to the clock. Every request does this; a clock that runs by itself may need it."""
        with self._settled():
            pass

    def fail_training(self, error: str, *, replica_id: str | None = None) -> None:
        """Make a training end with an error: :meth:`fail` for replicas.

        Args:
            error: A documented type, for example ``"video_fps"``, or the sentence itself.
            replica_id: A replica that is still training. The default is the next one that is created.

        Raises:
            ConfigurationError: There is no such type, or no such replica in training.
        """
        self.fail("replica", error, id=replica_id)

    def fail(self, kind: str, error: str, *, id: str | None = None) -> None:
        """Make the work on an object end with an error.

        Args:
            kind: A kind with automatic work: ``"replica"``, ``"video"``, ``"document"``, ``"voice"``, ...
            error: The sentence, or for replicas and videos a documented type, for example
                ``"script_community_guidelines"``.
            id: An object with unfinished work. The default is the next one that is created.

        Raises:
            ConfigurationError: There is no such kind or type, or no such object in progress.
        """
        resource = resource_of(kind)
        if resource.lifecycle is None:
            raise ConfigurationError(f"a {kind} has no automatic work, so it cannot fail")
        sentence = _sentence(kind, error)
        with self._settled():
            if id is None:
                self._store.failures.setdefault(kind, deque()).append(sentence)
                return
            thing = self._store.find(resource, id)
            if thing is None or not self._store.is_under_way(thing):
                raise ConfigurationError(f"no {kind} {id!r} is {'training' if kind == 'replica' else 'in progress'}")
            thing.failure = sentence

    def page_of(self, kind: str, page: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Return one page of your objects of one kind, in the order of creation, and the number of all.

        Args:
            kind: As in :meth:`objects`.
            page: The page; the first one is 0.
            limit: The size of a page.

        Raises:
            ConfigurationError: There is no such kind.
        """
        size = min(limit, sys.maxsize // 2)
        found, total = self._some(resource_of(kind), min(page * size, sys.maxsize // 4), size)
        return [fields for _, fields in found], total

    def add(self, kind: str, /, *, id: str | None = None, **fields: Any) -> dict[str, Any]:
        """Add one of your objects without a request, as if its work had ended, and return its fields.

        Args:
            kind: ``"replica"`` or ``"face"``, ``"persona"`` or ``"pal"``, ``"video"``, ...: the name of the id field
                without ``_id``.
            id: Its id. The default is the id among the fields, or a new one.
            **fields: Other fields, under older or newer names. They are not checked.

        Raises:
            ConfigurationError: There is no such kind, the id is not a text, or it is already in use.
        """
        resource = resource_of(kind)
        given = {stored(name): value for name, value in fields.items()}
        id = given.pop(resource.id_field, None) if id is None else id
        if id is not None and not (isinstance(id, str) and id):
            raise ConfigurationError("the id of an object must be a text")
        with self._settled() as now:
            if id is not None and self._store.find(resource, id) is not None:
                raise ConfigurationError(f"there is already a {resource.noun} {id!r}")
            thing = self._store.create(resource, given, now, thing_id=id)
            thing.fields.update({**finished(resource, thing.id, given), **given})
            return deepcopy(thing.everything(now))

    def join(self, conversation_id: str, *, name: str | None = None) -> str:
        """Let a participant join an active conversation, and return the participant's id.

        A conversation that no participant joins ends after its ``participant_absent_timeout``.

        Args:
            conversation_id: The conversation.
            name: The name of the participant; only for your test.

        Raises:
            ConfigurationError: There is no such conversation, or it has ended or is full.
        """
        with self._settled():
            return join(self._conversation(conversation_id), name)

    def say(self, conversation_id: str, text: str, *, role: str = "user") -> None:
        """Add a line to the transcript of an active conversation. The callback at its end contains the transcript.

        Args:
            conversation_id: The conversation.
            text: The words.
            role: Who says them: ``"user"``, ``"assistant"``, ``"system"`` or ``"tool"``.

        Raises:
            ConfigurationError: There is no such conversation or role, it has ended, or no participant is there.
        """
        with self._settled():
            say(self._conversation(conversation_id), text, role)

    def leave(self, conversation_id: str, *, participant_id: str | None = None) -> None:
        """Let a participant leave. The conversation ends ``participant_left_timeout`` after the last one.

        Args:
            conversation_id: The conversation.
            participant_id: The participant; the default is all of them.

        Raises:
            ConfigurationError: There is no such conversation or participant, or it has ended.
        """
        with self._settled() as now:
            leave(self._store, self._conversation(conversation_id), participant_id, now, self._stretch)

    def _conversation(self, conversation_id: str) -> Thing:
        thing = self._store.find(CONVERSATION, conversation_id)
        if thing is None:
            raise ConfigurationError(f"there is no conversation {conversation_id!r}")
        return thing

    def inject(self, fault: Fault, *, times: int = 1, operation: str | None = None) -> None:
        """Inject a fault into requests. Faults queue up: a request gets the first one that applies to it.

        Args:
            fault: The fault.
            times: The number of requests.
            operation: The operation, for example ``"createReplica"``. The default is any request.

        Raises:
            ConfigurationError: ``times`` is less than 1, or the API has no such operation.
        """
        if not isinstance(times, int) or times < 1:
            raise ConfigurationError(f"times must be 1 or more, not {times}")
        if operation is not None and operation not in self._router.operations:
            wrong = str(operation)[:100]  # searching for similar names is slow with long texts
            similar = get_close_matches(wrong, self._router.operations, cutoff=0)
            raise ConfigurationError(f"the API has no operation {wrong!r}; similar ones: {', '.join(similar)}")
        with self._lock:
            self._planned.append(Planned(fault, times, operation))

    def on_callback(self, listener: Callable[[Callback], None]) -> Callable[[Callback], None]:
        """Call a function with every callback from now on; can be used as a decorator."""
        self._listeners.append(listener)
        return listener

    @contextmanager
    def listening(self, listener: Callable[[Callback], None]) -> Iterator[None]:
        """Call a function with every callback within a ``with`` block."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)


def _sentence(kind: str, error: str) -> str:
    """Return the documented sentence of a type of error, or the sentence itself."""
    from tavus_consent.training_errors import TRAINING_ERRORS
    from tavus_consent.video_errors import VIDEO_ERRORS

    sentences = {"replica": TRAINING_ERRORS, "video": VIDEO_ERRORS}.get(kind)
    if sentences is None or not re.fullmatch("[a-z_]+", error):
        return error
    if error not in sentences:
        what = "training" if kind == "replica" else kind
        raise ConfigurationError(f"{error!r} is not a documented {what} error; use one of {', '.join(sentences)}")
    return sentences[error].messages[0]
