"""The command ``tavus-consent``. It needs the extra ``cli``; importing the package imports none of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the name of the program; by default that of this process.

    Returns:
        The exit code; ``tavus-consent --help`` lists the meanings.
    """
    if getattr(sys, "frozen", False):
        from tavus_consent.preflight import freeze_support

        freeze_support()
    try:
        from ._run import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("cyclopts", "rich"):
            raise
        from tavus_consent import MissingExtraError

        return _end(2, str(MissingExtraError("cli", "the command tavus-consent")))
    except KeyboardInterrupt:  # during imports, which take most of the time of a short command
        return _end(130, "interrupted")


def _end(code: int, why: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"error: {why}\n")
    return code
