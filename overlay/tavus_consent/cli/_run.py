"""Runs a command line and returns an exit code."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cyclopts.exceptions import CycloptsError, UnknownOptionError, UnusedCliTokensError

from tavus_consent import ConsentWarning, LinkWarning, PreflightWarning

from ._app import app
from ._failures import Exit, as_options, exit_code, in_words
from ._flags import Flags
from ._screen import Screen
from ._streams import Streams, give_up, is_of_output

# The texts that an error message may quote from the command line: names of commands and options, and short plain
# values.
_PLAIN = re.compile(r"-{0,2}[A-Za-z0-9_.:-]{0,24}", re.ASCII)


def run(arguments: Sequence[str]) -> int:
    """Run the command. It raises nothing, and shows a traceback only on request."""
    streams = Streams()
    streams.prepare()
    try:
        code = _run(arguments)
        if streams.replaced:
            names = " and ".join(sorted(streams.replaced))
            Screen().note(f"Some letters cannot be shown in {names}. To show them, set PYTHONIOENCODING=utf-8")
    except OSError:  # stderr is closed, so the note cannot be shown
        give_up(sys.stderr)
        return Exit.FAILED
    return code


def _run(arguments: Sequence[str]) -> int:
    flags = Flags()
    if sys.stdout is None:
        flags.screen.complain("error", ["stdout is closed, so the result could not be shown. Nothing was done."])
        return Exit.REFUSED
    try:
        with _warnings_in_words():
            command, bound, _ = app.parse_args(list(arguments), exit_on_error=False, print_error=False)
            flags = bound.arguments.get("flags", flags)
            code: int | None = command(*bound.args, **bound.kwargs)
            sys.stdout.flush()
            return code or Exit.DONE
    except CycloptsError as error:
        name = " ".join(("tavus-consent", *(error.command_chain or ())))
        flags.screen.complain("error", [_usage(error, arguments), f"For help: {name} --help"])
        return Exit.REFUSED
    except (Exception, KeyboardInterrupt) as error:
        if flags.debug:
            flags.screen.trace(error)
        if isinstance(error, OSError) and is_of_output(error):
            give_up(sys.stdout)
            if not isinstance(error, BrokenPipeError):  # the reader closed the pipe early
                flags.screen.complain("error", [f"cannot write to stdout: {error.strerror}"])
            return Exit.FAILED
        flags.screen.complain("error", in_words(error))
        return exit_code(error)


@contextmanager
def _warnings_in_words() -> Iterator[None]:
    """Show the library's warnings as lines, without the code location that Python would add."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        Flags().screen.complain("warning", [as_options(str(message))], style="yellow")

    with warnings.catch_warnings():
        for category in (ConsentWarning, LinkWarning, PreflightWarning):
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield


def _usage(error: CycloptsError, arguments: Sequence[str]) -> str:
    """Return the usage error, without repeating names and links that may be in the wrong place."""
    if isinstance(error, UnknownOptionError) and (error.token.keyword or error.token.value).startswith("--api-key"):
        return "the API key must not be an argument: others can read those. Set TAVUS_API_KEY, or use --api-key-file."
    if isinstance(error, UnusedCliTokensError):
        return "there are more arguments than this command takes. Put values with spaces in quotes."
    text = str(error)
    given = {part for argument in arguments for part in (argument, argument.partition("=")[2])}
    for part in sorted(given, key=len, reverse=True):
        if not _PLAIN.fullmatch(part):
            text = text.replace(part, "...")
    return text[:1].lower() + text[1:]
