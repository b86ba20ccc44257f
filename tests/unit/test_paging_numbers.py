"""Lists of servers that number their pages otherwise than documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tavus_consent import BadRequestError, Page, Pager

Make = Callable[..., Any]


def pages(fetched: list[int], first: int, count: int, size: int = 2) -> Callable[[int], Page[int]]:
    """Return a server that counts its pages from a number, and shows the first page for those before it."""

    def fetch(number: int) -> Page[int]:
        fetched.append(number)
        start = size * max(number - first, 0)
        return Page(tuple(range(count)[start : start + size]), count, number)

    return fetch


@pytest.mark.parametrize(
    ("documented", "actual", "count", "requests"),
    [
        (0, 0, 5, [0, 1, 2]),
        (1, 1, 5, [1, 2, 3]),
        (1, 0, 1, [1, 0]),
        (1, 0, 2, [1, 0]),
        (1, 0, 5, [1, 2, 3, 0]),
        (0, 1, 1, [0]),
        (0, 1, 5, [0, 1, 2, 3]),
    ],
)
def test_a_list_is_complete_wherever_the_server_begins_to_count(
    documented: int, actual: int, count: int, requests: list[int]
) -> None:
    fetched: list[int] = []

    found = list(Pager(pages(fetched, actual, count), first=documented, size=2, key=lambda item: item))

    assert (sorted(found), fetched) == (list(range(count)), requests)


def answers(status: int) -> Callable[[httpx.Request], httpx.Response]:
    """Return a server with a total that is too large, which refuses page 0."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = request.url.params.get("page")
        if page == "0":
            return httpx.Response(status, json={"error": "Invalid page"})
        items = [{"persona_id": "p1"}] if page == "1" else []
        return httpx.Response(200, json={"data": items, "total_count": 7})

    return answer


def test_a_server_without_page_0_may_refuse_it(make_client: Make) -> None:
    client = make_client(answers(400))

    assert [each.persona_id for each in client(lambda t: t.personas.list())] == ["p1"]
    assert [request.url.params["page"] for request in client.requests] == ["1", "2", "0"]


def test_other_pages_may_not_be_refused(make_client: Make) -> None:
    client = make_client(lambda _: httpx.Response(400, json={"error": "Invalid page"}))

    with pytest.raises(BadRequestError):
        client(lambda t: t.personas.list())
