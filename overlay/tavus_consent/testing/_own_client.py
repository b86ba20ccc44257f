"""Members that clients send and the specification does not have. The fake keeps and shows them without a warning.

The members are those of Tavus's own client, tavus-cli 0.11.0, which ``tests/contract`` runs against the fake.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_LAYERS: Final = frozenset(
    f"/layers/{name}"
    for name in (
        *("llm/enable_llm_proxy", "llm/endpoint", "llm/is_custom", "llm/model_name"),
        *("perception/ambient_awareness_queries", "perception/perception_analysis_queries"),
        *("perception/perception_tool_prompt", "perception/tool_prompt"),
        *("stt/participant_interrupt_sensitivity", "stt/participant_pause_sensitivity", "stt/smart_turn_detection"),
        "tts/playht_user_id",
    )
)
_PERSONA: Final = _LAYERS | {"/greeting", "/memories", "/tool_ids", "/is_template"}

#: the places in a request, by operationId
OWN_CLIENT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "createPersona": _PERSONA,
        "createPal": _LAYERS,
        "getPal": frozenset({"?include_settings", "?verbose"}),
        "createConversation": frozenset({"/chat"}),
        "listSkills": frozenset({"?limit"}),
        "listDeployments": frozenset({"?pal_id", "?include_thumbnails"}),
    }
)

#: operations whose body is documented to be open: messages of other types are relayed
RELAYED: Final = frozenset({"sendAppMessage"})
