"""Keep arguments and local variables out of error reports.

Error trackers record the local variables of every frame in a traceback: Sentry does so by default, Rich with
``show_locals``, pytest with ``--showlocals``. The arguments of a method are local variables too, and those of this
package, of httpx and of ssl hold API keys, presigned links, callback tokens and names. So when an error leaves a public
function or method, the frames inside it are emptied. Files, lines, function names, messages and causes stay.

The raw client has a copy of this module (``scripts/regenerate.py`` writes it): neither package may import the other's.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar, cast

T = TypeVar("T")


def hides_locals(target: T) -> T:
    """Decorate a function, or a class: then its constructor, and every public method and property that it defines.

    Generators stay as they are, since they hand their items to the caller's code, whose frames are not ours to empty.
    """
    if not isinstance(target, type):
        return cast("T", _wrapped(cast("Callable[..., Any]", target)))
    for name, member in list(vars(target).items()):
        if name == "__init__" or not name.startswith("_"):
            made = _member(member)
            if made is not member:
                setattr(target, name, made)
    return target


def _member(member: Any) -> Any:
    """Wrap what a class defines, if it is a function in some form."""
    if isinstance(member, (classmethod, staticmethod)):
        return type(member)(_wrapped(member.__func__))
    if isinstance(member, property):
        return property(member.fget and _wrapped(member.fget), member.fset, member.fdel, member.__doc__)
    if isinstance(member, FunctionType) and not (
        inspect.isgeneratorfunction(member) or inspect.isasyncgenfunction(member)
    ):
        return _wrapped(member)
    return member


def _wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    wrapper: Any
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            handled = sys.exception()
            try:
                return await function(*args, **kwargs)
            except BaseException as error:
                empty_frames(error, but=handled)
                del args, kwargs, handled
                raise
    else:

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            handled = sys.exception()
            try:
                return function(*args, **kwargs)
            except BaseException as error:
                empty_frames(error, but=handled)
                del args, kwargs, handled
                raise

    # A traceback should name the function, not the wrapper.
    names = {"co_name": function.__name__, "co_qualname": function.__qualname__}
    wrapper.__code__ = wrapper.__code__.replace(**names)
    return cast("Callable[..., Any]", wrapper)


def empty_frames(error: BaseException, *, but: BaseException | None) -> None:
    """Forget the local variables of all frames that an error, its causes and its contexts went through.

    Args:
        error: The error.
        but: What the caller was handling when the call began: its frames are the caller's own.
    """
    seen = {id(but)}
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        trace = one.__traceback__
        while trace is not None:
            with suppress(RuntimeError):  # it is still running, such as the wrapper above
                trace.tb_frame.clear()
            trace = trace.tb_next
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
