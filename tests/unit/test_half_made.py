"""What shows the local variables of an error also shows the object whose constructor raised it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

import tavus_consent as tc
from tavus_consent.consent.ledger import open_ledger
from tavus_consent.testing import FakeTavus


def changed(**options: Any) -> None:
    tc.Tavus("key-for-tests", transport=httpx.MockTransport(lambda _: httpx.Response(404))).with_options(**options)


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: tc.Tavus(""), "self = Tavus(not made)"),
        (lambda: tc.AsyncTavus("key-for-tests", timeout=-1), "self = AsyncTavus(not made)"),
        (lambda: tc.Tavus("key-for-tests", proxy="no proxy"), "self = Tavus(base_url='https://tavusapi.com')"),
        (lambda: changed(timeout=-1), "other = Tavus(not made)"),
        (lambda: FakeTavus(training_time=-timedelta(1)), "self = <FakeTavus not made>"),
        (lambda: open_ledger("no url"), "self = <Database not opened>"),
    ],
)
def test_the_repr_of_what_was_not_made_raises_nothing(make: Callable[[], Any], shown: str) -> None:
    try:
        make()
    except tc.TavusError as error:
        text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert shown in text
    assert "repr() failed" not in text
