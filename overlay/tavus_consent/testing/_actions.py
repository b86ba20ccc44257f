"""The table of operations: the action of each, and its kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from . import _app_messages, _conversations, _kinds as kinds, _media, _memories, _own_routes, _pals, _voices
from ._resources import Resource
from ._verbs import Verb, create, delete, get, list_, merge, patch


class Action(NamedTuple):
    """The action of an operation."""

    verb: Verb
    resource: Resource


_TABLE: Final[Mapping[Resource, Mapping[Verb, str]]] = {
    kinds.REPLICA: {
        _media.train: "createReplica createFace",
        list_: "listReplicas listFaces",
        get: "getReplica getFace",
        merge: "renameReplica renameFace updateFace",
        delete: "deleteReplica deleteFace",
    },
    kinds.VIDEO: {
        _media.generate: "generateVideo",
        list_: "listVideos",
        get: "getVideo",
        merge: "renameVideo",
        delete: "deleteVideo",
    },
    kinds.VOICE: {
        create: "createVoice",
        list_: "getVoices",
        get: "getVoice",
        _voices.update: "updateVoice",
        _voices.delete: "deleteVoice",
    },
    kinds.CONVERSATION: {
        _conversations.converse: "createConversation",
        list_: "listConversations",
        get: "getConversation",
        delete: "deleteConversation",
        _conversations.end: "endConversation",
        _conversations.record: "recordCanvasInteraction",
        _conversations.interactions: "listCanvasInteractions",
        _app_messages.send: "sendAppMessage",
    },
    kinds.MEMORY_STORE: {
        _memories.create: "createMemoryStore",
        list_: "listMemoryStores",
        _memories.get: "getMemoryStore",
        _memories.delete: "deleteMemoryStore",
        _memories.list_pinned: "listPinnedMemories",
        _memories.pin: "createPinnedMemory",
        _memories.change_pinned: "updatePinnedMemory",
        _memories.delete_pinned: "deletePinnedMemory",
    },
    kinds.PERSONA: {
        create: "createPersona createPal",
        list_: "listPersonas listPals",
        get: "getPersona getPal",
        patch("createPersona"): "patchPersona",
        patch("createPal"): "patchPal",
        delete: "deletePersona deletePal",
        _pals.publish: "publishPal",
        _pals.check_username: "checkConferencingUsername",
        _pals.attach_tools: "attachToolsToPersona",
        _pals.list_tools: "listPersonaTools",
        _pals.detach_tool: "detachToolFromPersona",
        _pals.list_pal_skills: "listPalSkills",
        _pals.replace_pal_skills: "replacePalSkills",
        _pals.get_pal_skill: "getPalSkill",
        _pals.attach_skill: "attachSkillToPal",
        _pals.change_skill: "updatePalSkill",
        _pals.detach_skill: "detachSkillFromPal",
    },
    kinds.SKILL: {_pals.list_skills: "listSkills", _pals.get_skill: "getSkill"},
    kinds.TOOL: {
        create: "createTool",
        list_: "listTools",
        get: "getTool",
        merge: "updateTool",
        delete: "deleteTool",
    },
    kinds.DOCUMENT: {
        _media.add_document: "createDocument",
        list_: "listDocuments",
        get: "getDocument",
        merge: "patchDocument",
        delete: "deleteDocument",
        _media.recrawl: "recrawlDocument",
        _own_routes.document_tags: "listDocumentTags",
        _own_routes.chunks: "listDocumentChunks",
    },
    kinds.OBJECTIVES: {
        create: "createObjectives",
        list_: "getObjectives",
        get: "getObjective",
        patch("createObjectives"): "patchObjective",
        _own_routes.validate: "validateObjectives",
        delete: "deleteObjective",
    },
    kinds.GUARDRAILS: {
        create: "createGuardrails",
        list_: "getGuardrails",
        get: "getGuardrail",
        patch("createGuardrails"): "patchGuardrails",
        _own_routes.guardrail_tags: "listGuardrailTags",
        delete: "deleteGuardrails",
    },
    kinds.DICTIONARY: {
        create: "createPronunciationDictionary",
        list_: "listPronunciationDictionaries",
        get: "getPronunciationDictionary",
        patch("createPronunciationDictionary"): "patchPronunciationDictionary",
        delete: "deletePronunciationDictionary",
    },
    kinds.DEPLOYMENT: {
        create: "createDeployment",
        list_: "listDeployments",
        _conversations.versioned(get): "getDeployment",
        _conversations.versioned(patch("createDeployment")): "patchDeployment",
        delete: "deleteDeployment",
        _conversations.visit: "getDeploymentInit",
        _conversations.start: "startDeploymentConversation",
        _conversations.end_visit: "endDeploymentConversation",
    },
    kinds.TRANSCRIPTION: {
        create: "createTranscription",
        list_: "listTranscriptions",
        get: "getTranscription",
        delete: "deleteTranscription",
    },
    kinds.REPLACEMENT: {
        create: "createReplacement",
        list_: "listReplacements",
        get: "getReplacement",
        delete: "deleteReplacement",
    },
    kinds.LIPSYNC: {create: "createLipsync", list_: "listLipsyncs", get: "getLipsync", delete: "deleteLipsync"},
    kinds.SPEECH: {create: "createSpeech", list_: "listSpeeches"},
}

#: by operationId
ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        operation_id: Action(verb, resource)
        for resource, verbs in _TABLE.items()
        for verb, operation_ids in verbs.items()
        for operation_id in operation_ids.split()
    }
)
