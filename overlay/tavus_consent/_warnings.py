"""Warnings about consent, and the code lines that they point at."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial, wraps
from importlib import import_module
from types import FrameType
from typing import Any, Final, TypeVar

T = TypeVar("T")


class LinkWarning(UserWarning):
    """A link may not work for Tavus; the call continues."""


class ConsentWarning(UserWarning):
    """A notice about the consent; the call continues."""


class DuplicateWarning(UserWarning):
    """The consent already has a replica, face or voice that lives; the call continues and makes another one."""


class ReceiptWarning(UserWarning):
    """A receipt lacks mandatory fields of ISO/IEC TS 27560. It was issued; ``missing`` of the receipt lists them."""


class _Place:
    """A line of the caller's code. Its ``repr`` shows nothing because a module may contain secrets.

    Args:
        frame: The frame that runs this line.
    """

    __slots__ = ("file", "line", "module")

    def __init__(self, frame: FrameType) -> None:
        self.file, self.line, self.module = frame.f_code.co_filename, frame.f_lineno, frame.f_globals


_CALLER: Final[ContextVar[_Place | None]] = ContextVar("tavus_consent_caller", default=None)


def notes_caller(*names: str) -> Callable[[type[T]], type[T]]:
    """Decorate a class, so that the named coroutine functions note the line that calls them.

    A task, such as one of ``asyncio.gather``, runs without the frames of the code that created it. So the wrapper notes
    the line before the coroutine starts. Other functions stay unchanged.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name in names:
            method = vars(cls)[name]
            if inspect.iscoroutinefunction(method):
                setattr(cls, name, _noting(method))
        return cls

    return decorate


def _noting(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return _within(_Place(sys._getframe(1)), [partial(method, *args, **kwargs)])

    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(wrapper)
    else:  # Python 3.11, where only asyncio has such a mark
        marked: Any = wrapper
        marked._is_coroutine = import_module("asyncio.coroutines")._is_coroutine
    return wrapper


async def _within(place: _Place, calls: list[Callable[[], Any]]) -> Any:
    token = _CALLER.set(place)
    try:
        return await calls.pop()()  # popped, so that no local variable shows it in an error report
    finally:
        _CALLER.reset(token)


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the line of the caller's own code, at any depth inside this package."""
    place = _CALLER.get()
    if place is None:
        frame: FrameType = sys._getframe(1)
        while _is_ours(frame) and frame.f_back is not None:
            frame = frame.f_back
        place = _Place(frame)
    registry = place.module.setdefault("__warningregistry__", {})
    name = str(place.module.get("__name__", "<unknown>"))
    warnings.warn_explicit(message, category, place.file, place.line, name, registry)


def _is_ours(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in ("tavus_consent", "tavus_api") or frame.f_code.co_filename.startswith(
        "<attrs generated"
    )
