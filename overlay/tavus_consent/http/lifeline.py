"""The life of a client's connections: open, closed, or another process's after ``fork()``."""

from __future__ import annotations

import os

from tavus_consent import errors


class Lifeline:
    """Whether the transport may be used: shared by a client and everything made from it."""

    __slots__ = ("closed", "pid")

    def __init__(self) -> None:
        self.closed = False
        self.pid: int | None = None
        """The process that made the first connection. Before it, there is nothing that a fork() could share."""

    def begin(self) -> None:
        """Note that a connection is about to be used."""
        self.check()
        self.pid = self.pid or os.getpid()

    def check(self) -> None:
        """Refuse use after ``close()``, and in a child that was forked after the first use.

        Raises:
            ClientClosedError: Either happened.
        """
        if self.closed:
            raise errors.ClientClosedError("this client was closed; create a new one")
        if not self._is_here:
            raise errors.ClientClosedError(
                "this client was made before fork() and used there: parent and child would share its connections and "
                "mix up their answers. Make a new client in the child process"
            )

    def end(self) -> bool:
        """Note that the client is closed; false when there is nothing to close.

        In a forked child there is not: the connections are the parent's, and an event loop that forgets a socket in the
        child would make the parent's forget it, too.
        """
        was_live, self.closed = self.is_live, True
        return was_live

    @property
    def is_live(self) -> bool:
        """Whether its connections are this process's to use and close."""
        return not self.closed and self._is_here

    @property
    def _is_here(self) -> bool:
        return self.pid is None or self.pid == os.getpid()
