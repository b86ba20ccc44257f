"""What Tavus's own client (tavus-cli 0.11.0) sends although the specification does not have it.

The fake keeps it and shows it without a warning. ``tests/contract`` runs that client against the fake.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PERSONA: Final = frozenset({"/greeting", "/memories", "/tool_ids", "/is_template"})

#: the places in a request, by operationId
OWN_CLIENT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "createPersona": _PERSONA,
        "getPal": frozenset({"?include_settings"}),
        "listDeployments": frozenset({"?pal_id", "?include_thumbnails"}),
    }
)
