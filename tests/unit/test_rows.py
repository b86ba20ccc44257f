"""The tables of other tests: every row that fails is named, not only the first."""

from __future__ import annotations

import pytest
from tests.rows import each_row


def run(test: object, kind: str = "") -> None:
    test(kind_of_row=kind)  # type: ignore[operator]


def kinds(test: object) -> list[str]:
    [mark] = test.pytestmark  # type: ignore[attr-defined]
    return list(mark.args[1])


@each_row("number", [1, 2, 3, 4])
def odd(number: int) -> None:
    assert number % 2, "even"


def test_every_row_that_fails_is_named_with_its_error() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        run(odd)
    assert caught.value.message.splitlines() == [
        "2 of 4 rows failed:",
        *(line for number in (2, 4) for line in (f"{number}: AssertionError: even", f"assert ({number} % 2)")),
    ]


def test_the_errors_themselves_are_kept() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        run(odd)
    assert [type(error) for error in caught.value.exceptions] == [AssertionError, AssertionError]


def test_a_row_that_fails_by_pytest_fails_the_test() -> None:
    @each_row("number", [1])
    def never(number: int) -> None:
        with pytest.raises(ValueError, match="x"):
            pass

    with pytest.raises(BaseExceptionGroup, match="1 of 1 rows failed"):
        run(never)


def test_each_kind_is_a_test_of_its_own() -> None:
    @each_row("number", [1, 2, 3], by=lambda number: "odd" if number % 2 else "even")
    def whole(number: int) -> None:
        assert number % 2

    run(whole, "odd")
    with pytest.raises(ExceptionGroup, match="1 of 1 rows failed"):
        run(whole, "even")
    assert kinds(whole) == ["odd", "even"]


def test_names_of_rows_are_those_of_the_table() -> None:
    @each_row(("number", "why"), [pytest.param(2, "x", id="two"), (4, "four")], ids=lambda one: f"<{one}>")
    def fails(number: int, why: str) -> None:
        raise ValueError(why)

    with pytest.raises(ExceptionGroup) as caught:
        run(fails)
    assert caught.value.message.splitlines()[1:] == ["two: ValueError: x", "<4>-<four>: ValueError: four"]


def test_an_empty_table_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="no rows"):
        each_row("number", [])


@pytest.mark.parametrize("factor", [1, 3])
@each_row("number", [1, 3])
def test_fixtures_and_other_parameters_are_given(number: int, factor: int, request: pytest.FixtureRequest) -> None:
    assert number * factor % 2
    assert request.node.name.startswith("test_fixtures_and_other")
