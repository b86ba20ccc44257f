"""Warnings about a create point at the line of the caller, even if a task runs the call."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent.testing import FakeTavus

HEIC = "https://bucket.example/portrait.heic"
FOX = {"attestation": "A fox that our studio drew", "attested_by": "studio@app.example"}


def make(tavus: Any) -> Any:
    return tavus.faces.create_non_human(train_image_url=HEIC, voice_name="anna", **FOX)


MAKE_LINE = make.__code__.co_firstlineno + 1
REQUEST = {"full_name": "Rio\u00a0Alvarez", "intended_uses": ["support"], "adult": True}


def ask(tavus: Any) -> Any:
    return tavus.consents.request(**REQUEST)


ASK_LINE = ask.__code__.co_firstlineno + 1


async def report_async(tavus: Any) -> Any:
    record = await tavus.consents.request(full_name="Rio Alvarez", intended_uses=["support"], adult=True)
    return await tavus.consents.receipt(record)


def report(tavus: Any) -> Any:
    record = tavus.consents.request(full_name="Rio Alvarez", intended_uses=["support"], adult=True)
    return tavus.consents.receipt(record)


CALLS = pytest.mark.parametrize(("call", "line"), [(make, MAKE_LINE), (ask, ASK_LINE)], ids=["create", "request"])


@pytest.fixture
def seen() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def places(caught: list[warnings.WarningMessage]) -> set[tuple[str, int]]:
    return {(one.filename, one.lineno) for one in caught if issubclass(one.category, UserWarning)}


@CALLS
def test_in_sync_code(call: Callable[[Any], Any], line: int, seen: list[warnings.WarningMessage]) -> None:
    with FakeTavus().client() as tavus:
        call(tavus)
    assert places(seen) == {(__file__, line)}


def test_a_receipt_warns_in_sync_code(seen: list[warnings.WarningMessage]) -> None:
    with FakeTavus().client() as tavus:
        report(tavus)
    assert [one.category for one in seen] == [tc.ReceiptWarning]
    assert places(seen) == {(__file__, report.__code__.co_firstlineno + 2)}


async def test_a_receipt_warns_in_async_code(seen: list[warnings.WarningMessage]) -> None:
    async with FakeTavus().async_client() as tavus:
        await asyncio.gather(report_async(tavus))
    assert places(seen) == {(__file__, report_async.__code__.co_firstlineno + 2)}


async def awaited(call: Callable[[Any], Awaitable[Any]], tavus: tc.AsyncTavus) -> None:
    await call(tavus)


async def gathered(call: Callable[[Any], Awaitable[Any]], tavus: tc.AsyncTavus) -> None:
    await asyncio.gather(call(tavus))


async def in_a_task(call: Callable[[Any], Any], tavus: tc.AsyncTavus) -> None:
    await asyncio.create_task(call(tavus))


@CALLS
@pytest.mark.parametrize("way", [awaited, gathered, in_a_task])
async def test_in_async_code(
    way: Callable[[Any, tc.AsyncTavus], Awaitable[None]],
    call: Callable[[Any], Any],
    line: int,
    seen: list[warnings.WarningMessage],
) -> None:
    async with FakeTavus().async_client() as tavus:
        await way(call, tavus)
    assert places(seen) == {(__file__, line)}


def test_a_method_that_notes_its_caller_is_still_a_coroutine_function() -> None:
    assert asyncio.iscoroutinefunction(tc.AsyncConsents.request)
    assert inspect.signature(tc.AsyncConsents.request) == inspect.signature(tc.Consents.request)


async def test_an_error_report_shows_no_argument_of_a_call_that_notes_its_caller() -> None:
    async with FakeTavus().async_client() as tavus:
        with pytest.raises(tc.InvalidRequestError) as caught:
            await tavus.consents.request(full_name="Rio Alvarez 5", intended_uses=["support"], adult=True)
    shown = [
        (frame.f_code.co_qualname, repr(frame.f_locals))
        for frame, _ in _frames(caught.value)
        if frame.f_code.co_filename != __file__
    ]
    assert [name for name, text in shown if "Alvarez" in text] == []


def _frames(error: BaseException) -> Iterator[tuple[Any, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
