"""What Tavus's own client (tavus-cli 0.11.0) sends although the specification does not have it.

The fake keeps it and shows it without a warning. ``tests/contract`` runs that client against the fake.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PAL: Final = frozenset({"/greeting", "/context", "/memories", "/tool_ids", "/is_template", "/layers/conferencing"})

#: the places in a request, by operationId
OWN_CLIENT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "createPal": _PAL,
        "createPersona": _PAL,
        "getPal": frozenset({"?include_settings"}),
        "createDocument": frozenset({"/is_customer_support_document", "/font_size_aware_extraction"}),
        "getDocument": frozenset({"?verbose"}),
        "listDocuments": frozenset({"?verbose", "?scope", "?participant_tags"}),
        "getObjectives": frozenset({"?type", "?sort"}),
        "listDeployments": frozenset({"?pal_id", "?include_thumbnails"}),
    }
)
