"""The state of a client's connections: open, closed, or owned by another process after ``fork()``."""

from __future__ import annotations

import os

from tavus_consent import errors


class Lifeline:
    """A switch for the use of the transport, shared by a client and everything made from it."""

    __slots__ = ("closed", "pid")

    def __init__(self) -> None:
        self.closed = False
        self.pid: int | None = None
        """The process that opened the first connection. Before that, a fork() has nothing to share."""

    def begin(self) -> None:
        """Note that a connection is about to be used."""
        self.check()
        self.pid = self.pid or os.getpid()

    def check(self) -> None:
        """Refuse use after ``close()``, and in a child process that was forked after the first use.

        Raises:
            ClientClosedError: The client is closed, or this is such a child process.
        """
        if self.closed:
            raise errors.ClientClosedError("this client was closed; create a new one")
        if not self._is_here:
            raise errors.ClientClosedError(
                "this client was made before fork() and used there: parent and child would share its connections and "
                "mix up their answers. Make a new client in the child process"
            )

    def end(self) -> bool:
        """Mark the client as closed. Return false if there is nothing to close.

        A forked child has nothing to close, because the connections belong to the parent. If the event loop of the
        child removed a socket, the parent's event loop would lose it, too.
        """
        was_live, self.closed = self.is_live, True
        return was_live

    @property
    def is_live(self) -> bool:
        """True if this process may use and close the connections."""
        return not self.closed and self._is_here

    @property
    def _is_here(self) -> bool:
        return self.pid is None or self.pid == os.getpid()
