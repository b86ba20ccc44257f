"""Effects of ``hides_locals`` on the frames of an error."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
import traceback
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from typing import Any

import pytest

import tavus_api.api
import tavus_consent
from tavus_consent import consent, ledger, preflight
from tavus_consent._frames import hides_locals


def caught(call: Any) -> BaseException:
    """Return the error that a call raises."""
    try:
        result = call()
        if inspect.isawaitable(result):
            asyncio.run(_awaited(result))
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


async def _awaited(value: Any) -> Any:
    return await value


def inside(error: BaseException) -> dict[str, dict[str, Any]]:
    """The local variables of each function in a traceback, by its name, without those of this module's own helpers."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return {frame.f_code.co_name: dict(frame.f_locals) for frame in frames if frame.f_code.co_name != "caught"}


def fail(secret: str) -> None:
    raise ValueError("no")


@hides_locals
def plain(secret: str) -> None:
    """Fail."""
    fail(secret)


@hides_locals
async def awaited(secret: str) -> None:
    await asyncio.sleep(0)
    fail(secret)


@hides_locals
class Thing:
    def __init__(self, secret: str = "") -> None:
        if secret:
            fail(secret)

    def method(self, secret: str) -> None:
        fail(secret)

    async def coroutine(self, secret: str) -> None:
        fail(secret)

    @classmethod
    def of_class(cls, secret: str) -> None:
        fail(secret)

    @staticmethod
    def static(secret: str) -> None:
        fail(secret)

    @property
    def read(self) -> str:
        """A doc."""
        secret = "s3cret"
        fail(secret)
        return secret

    def items(self) -> Iterator[int]:
        yield 1

    async def items_async(self) -> AsyncIterator[int]:
        yield 1

    def _own(self, secret: str) -> None:
        fail(secret)

    number = 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: plain("s3cret"),
        lambda: awaited("s3cret"),
        lambda: Thing("s3cret"),
        lambda: Thing().method("s3cret"),
        lambda: Thing().method(secret="s3cret"),
        lambda: Thing().coroutine("s3cret"),
        lambda: Thing.of_class("s3cret"),
        lambda: Thing.static("s3cret"),
        lambda: Thing().read,
    ],
)
def test_no_frame_of_a_call_keeps_its_locals(call: Any) -> None:
    error = caught(call)
    assert "fail" in inside(error)
    assert "s3cret" not in str(inside(error))


def test_all_lines_stay_and_the_wrapper_has_the_name_of_what_it_wraps() -> None:
    error = caught(lambda: Thing().method("s3cret"))
    assert [one.name for one in traceback.extract_tb(error.__traceback__)] == [
        "caught",
        "<lambda>",
        "method",
        "method",
        "fail",
    ]


def test_causes_contexts_and_groups_are_emptied_too() -> None:
    @hides_locals
    def call(secret: str) -> None:
        try:
            fail(secret)
        except ValueError as first:
            try:
                fail(secret)
            except ValueError as second:
                raise ExceptionGroup("both", [second]) from first

    error = caught(lambda: call("s3cret"))
    assert isinstance(error, ExceptionGroup)
    assert error.__cause__ is not None
    for one in (error, error.__cause__, *error.exceptions):
        assert "s3cret" not in str(inside(one))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, MemoryError])
def test_what_is_no_error_of_ours_is_emptied_too(kind: type[BaseException]) -> None:
    @hides_locals
    def call(secret: str) -> None:
        raise kind

    error = caught(lambda: call("s3cret"))
    assert type(error) is kind
    assert "s3cret" not in str(inside(error))


def test_frames_of_an_error_that_the_caller_is_handling_keep_their_locals() -> None:
    def own(mine: str) -> None:
        raise KeyError("own")

    def call() -> None:
        try:
            own("kept")
        except KeyError:
            plain("s3cret")

    error = caught(call)
    assert isinstance(error.__context__, KeyError)
    assert inside(error.__context__)["own"] == {"mine": "kept"}
    assert "s3cret" not in str(inside(error))


def test_the_frames_of_the_caller_keep_their_locals() -> None:
    def caller(mine: str) -> None:
        plain("s3cret")

    assert inside(caught(lambda: caller("kept")))["caller"] == {"mine": "kept"}


def test_the_error_stays_the_same() -> None:
    raised = ValueError("no")

    @hides_locals
    def call() -> None:
        raise raised

    assert caught(call) is raised


def test_generators_and_private_methods_stay_as_they_are() -> None:
    assert not any(hasattr(one, "__wrapped__") for one in (Thing.items, Thing.items_async, Thing._own))
    assert list(Thing().items()) == [Thing.number]


def test_what_is_decorated_looks_the_same() -> None:
    assert plain.__doc__ == "Fail."
    assert inspect.getdoc(Thing.read) == "A doc."
    assert str(inspect.signature(Thing)) == "(secret: 'str' = '') -> 'None'"
    assert inspect.iscoroutinefunction(awaited)
    assert inspect.iscoroutinefunction(Thing.coroutine)


# Results and options: nothing secret is given to them, and they refuse nothing.
PLAIN = {
    "AsyncPager",
    "CallInfo",
    "Candidates",
    "Checkpoint",
    "Disclosure",
    "Face",
    "Finding",
    "Fingerprint",
    "Hearing",
    "Ledger",
}
PLAIN |= {
    "Page",
    "Pager",
    "PreflightOptions",
    "PreflightReport",
    "Replica",
    "Requirement",
    "Spent",
    "Step",
    "Verification",
}
PLAIN |= {"data_folder", "verify", "Limits", "Timeout"}
PLAIN |= {"Erasure", "LinkFinding", "Match", "Reconciliation", "TrainingErrorType", "WithdrawalReport", "Word"}
PLAIN |= {"Transcriber", "classify_training_error", "freeze_support"}  # a protocol, a look-up, a start of a process


def members(owner: Any) -> Iterator[tuple[str, Any]]:
    """Yield the functions that ``hides_locals`` must wrap: the public functions of a module or a class."""
    for name, member in vars(owner).items():
        if isinstance(member, property):
            member = member.fget
        if isinstance(member, (classmethod, staticmethod)):
            member = member.__func__
        is_stream = inspect.isgeneratorfunction(member) or inspect.isasyncgenfunction(member)
        if inspect.isfunction(member) and not is_stream and (name == "__init__" or not name.startswith("_")):
            yield f"{owner.__name__}.{name}", member


def test_whatever_is_public_hides_its_locals() -> None:
    """A new public function must be decorated."""
    bare = []
    for module in (tavus_consent, consent, preflight, ledger):
        for name in set(module.__all__) - PLAIN:
            value = getattr(module, name)
            if inspect.isfunction(value):
                bare += [] if hasattr(value, "__wrapped__") else [name]
            elif isinstance(value, type) and not issubclass(value, BaseException):
                bare += [label for label, member in members(value) if not hasattr(member, "__wrapped__")]
    assert bare == []


@pytest.mark.parametrize("kind", [tavus_consent.Tavus, tavus_consent.AsyncTavus])
def test_every_method_of_every_namespace_hides_its_locals(kind: type) -> None:
    tavus: Any = kind("key", ledger=None)
    names = [name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name), cached_property)]
    made = [type(getattr(tavus, name)) for name in names if name != "raw" and not name.startswith("_")]
    methods = dict(pair for one in made for owner in one.__mro__ if owner is not object for pair in members(owner))
    methods = {label: method for label, method in methods.items() if not label.endswith(".__init__")}
    assert len(methods) > 100
    assert [label for label, method in methods.items() if not hasattr(method, "__wrapped__")] == []


def test_every_generated_function_hides_its_locals() -> None:
    found = pkgutil.walk_packages(tavus_api.api.__path__, "tavus_api.api.")
    modules = [importlib.import_module(one.name) for one in found if not one.ispkg]
    functions = [member for one in modules for label, member in members(one) if member.__module__ == one.__name__]
    assert len(functions) > 150
    assert all(hasattr(function, "__wrapped__") for function in functions)
