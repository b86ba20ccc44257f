"""The dialects of the fake: what they refuse, and where lists begin. Contract tests run the SDK through all of them."""

from __future__ import annotations

from typing import Any

import pytest

from tavus_consent import ConfigurationError
from tavus_consent.testing import Dialect, FakeTavus


@pytest.mark.parametrize("values", [{"envelope": "box"}, {"delete_status": 202}, {"first_page": 2}], ids=str)
def test_a_dialect_refuses_other_values(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(values))):
        Dialect(**values)


@pytest.mark.parametrize("first_page", [0, 1])
def test_lists_begin_where_the_dialect_says(first_page: int) -> None:
    fake = FakeTavus(dialect=Dialect(first_page=first_page))  # type: ignore[arg-type]  # drawn by the test
    with fake.client() as tavus:
        made = [tavus.personas.create(persona_name=f"p{n}", system_prompt="x").persona_id for n in range(12)]
        listed = [one.persona_id for one in tavus.personas.list(page_size=5)]
    assert set(made) <= set(listed)
