"""What clients send although the specification does not have it: the fake keeps it and shows it without a warning.

The members are those of Tavus's own client, tavus-cli 0.11.0, which ``tests/contract`` runs against the fake.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_LAYERS: Final = """
/layers/capabilities /layers/conferencing /layers/knowledge_base /layers/sts /layers/transport
/layers/conversational_flow/active_listening /layers/conversational_flow/face_interruptibility
/layers/conversational_flow/noise_cancellation /layers/conversational_flow/sleep_phrase
/layers/conversational_flow/turn_commitment
/layers/llm/default_query /layers/llm/disable_vision /layers/llm/enable_llm_proxy /layers/llm/endpoint
/layers/llm/is_custom /layers/llm/model_name
/layers/perception/ambient_awareness_queries /layers/perception/perception_analysis_queries
/layers/perception/perception_tool_prompt /layers/perception/tool_prompt
/layers/stt/participant_interrupt_sensitivity /layers/stt/participant_pause_sensitivity /layers/stt/smart_turn_detection
/layers/tts/playht_user_id
"""
_PAL: Final = frozenset(_LAYERS.split()) | {"/greeting", "/context", "/memories", "/tool_ids", "/is_template"}

#: the places in a request, by operationId; ``*`` stands for any place in a list
OWN_CLIENT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "createPal": _PAL,
        "createPersona": _PAL,
        "getPal": frozenset({"?include_settings", "?verbose"}),
        "createConversation": frozenset({"/chat"}),
        "createPronunciationDictionary": frozenset({"/rules/*/alphabet"}),
        "listSkills": frozenset({"?limit"}),
        "createDocument": frozenset({"/is_customer_support_document", "/font_size_aware_extraction"}),
        "getDocument": frozenset({"?verbose"}),
        "listDocuments": frozenset({"?verbose", "?scope", "?participant_tags"}),
        "getObjectives": frozenset({"?type", "?sort"}),
        "listDeployments": frozenset({"?pal_id", "?include_thumbnails"}),
    }
)

#: operations whose body is documented to be open: messages of other types are relayed
RELAYED: Final = frozenset({"sendAppMessage"})
