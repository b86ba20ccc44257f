"""PALs, and their tools and skills."""

from __future__ import annotations

from typing import Any, Final

from ._kinds import PERSONA, SKILL, TOOL
from ._messages import FakeResponse
from ._store import ObjectStore
from ._things import Thing
from ._verbs import FakeCall, Refusal, find, finished, shown

MOST_TOOLS: Final = 50


def publish(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Make the draft the live version. The fake has one version."""
    thing = _pal(store, call)
    names = {"name": "persona_name", "prompt": "system_prompt"}
    shown_as = {name: thing.fields.get(source) or "" for name, source in names.items()}
    answer = {"status": "success", "pal_id": thing.id, **shown_as, "updated_at": thing.fields["updated_at"]}
    return finished(call, answer)


def check_username(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return whether the name is available in meetings."""
    wanted = call.query["username"]
    taken = any(_username(thing) == wanted for thing in store.all(PERSONA).values())
    return finished(call, {"available": not taken, "reason": "taken" if taken else None})


def _username(thing: Thing) -> Any:
    conferencing = (thing.fields.get("layers") or {}).get("conferencing")
    return conferencing.get("username") if isinstance(conferencing, dict) else None


def _pal(store: ObjectStore, call: FakeCall) -> Thing:
    thing = store.find(PERSONA, call.ids[0], own=True)
    if thing is None:
        raise Refusal(400, "Invalid pal_id")
    return thing


# Tools


def attach_tools(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Attach more tools to a PAL."""
    thing = _pal(store, call)
    if any(store.find(TOOL, tool_id) is None for tool_id in call.body["tool_ids"]):
        raise Refusal(400, "Invalid tool_ids")
    attached = list(dict.fromkeys([*(thing.fields.get("tool_ids") or ()), *call.body["tool_ids"]]))
    if len(attached) > MOST_TOOLS:
        raise Refusal(400, f"A PAL has at most {MOST_TOOLS} tools")
    thing.change({"tool_ids": attached}, call.now)
    return _tools(store, call, thing)


def list_tools(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the tools of a PAL."""
    return _tools(store, call, find(store, call))


def _tools(store: ObjectStore, call: FakeCall, thing: Thing) -> FakeResponse:
    shape = call.operations["getTool"].shape
    found = [store.find(TOOL, tool_id) for tool_id in thing.fields.get("tool_ids") or ()]
    tools = [shown(call, tool, shape) for tool in found if tool]
    return finished(call, {"data": tools, "total_count": len(tools)})


def detach_tool(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Detach a tool from a PAL."""
    thing = _pal(store, call)
    attached = thing.fields.get("tool_ids") or ()
    if call.ids[1] not in attached:
        raise Refusal(400, "Bad Request. Tool not attached to this PAL")
    thing.change({"tool_ids": [tool_id for tool_id in attached if tool_id != call.ids[1]]}, call.now)
    return finished(call)


# Skills


def list_skills(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return all skills."""
    skills = [dict(thing.fields) for thing in store.all(SKILL).values()]
    return finished(call, {"data": skills, "total_count": len(skills)})


def get_skill(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return a skill."""
    return finished(call, dict(_skill(store, call.ids[0]).fields))


def _skill(store: ObjectStore, skill_id: str) -> Thing:
    thing = store.find(SKILL, skill_id)
    if thing is None:
        raise Refusal(404, f"Unknown skill '{skill_id}'")
    return thing


def list_pal_skills(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return the skills of a PAL, by their ids."""
    configured = find(store, call).fields.get("skills", {})
    return finished(call, {skill_id: _as_shown(skill_id, config) for skill_id, config in configured.items()})


def replace_pal_skills(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Replace the skills of a PAL."""
    thing = _pal(store, call)
    if any(store.find(SKILL, skill_id) is None for skill_id in call.body["skills"]):
        raise Refusal(400, "Invalid skills")
    thing.change({"skills": {name: _config(config) for name, config in call.body["skills"].items()}}, call.now)
    return list_pal_skills(store, call)


def get_pal_skill(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Return a skill of a PAL."""
    return _show_pal_skill(call, _pal(store, call))


def attach_skill(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Attach a skill to a PAL, or replace its configuration."""
    thing = _pal(store, call)
    skill_id = _skill(store, call.ids[1]).id
    thing.change({"skills": {**thing.fields.get("skills", {}), skill_id: _config(call.body)}}, call.now)
    return _show_pal_skill(call, thing)


def change_skill(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Change the configuration of a skill of a PAL."""
    thing = _pal(store, call)
    skills, skill_id = _attached(call, thing), call.ids[1]
    thing.change({"skills": {**skills, skill_id: {**skills[skill_id], **_config(call.body)}}}, call.now)
    return _show_pal_skill(call, thing)


def detach_skill(store: ObjectStore, call: FakeCall) -> FakeResponse:
    """Detach a skill from a PAL."""
    thing = _pal(store, call)
    skills = _attached(call, thing)
    thing.change({"skills": {name: config for name, config in skills.items() if name != call.ids[1]}}, call.now)
    return finished(call)


def _attached(call: FakeCall, thing: Thing) -> dict[str, dict[str, Any]]:
    """Return the skills of a PAL, if it has the one in the path."""
    skills: dict[str, dict[str, Any]] = thing.fields.get("skills", {})
    if call.ids[1] not in skills:
        raise Refusal(404, f"Skill '{call.ids[1]}' is not attached to this PAL")
    return skills


def _config(body: Any) -> dict[str, Any]:
    """Return the configuration in a body: all of it, or its ``config``, as Tavus's own client sends it."""
    given = body if isinstance(body, dict) else {}
    inner = given.get("config")
    return inner if isinstance(inner, dict) and len(given) == 1 else given


def _show_pal_skill(call: FakeCall, thing: Thing) -> FakeResponse:
    return finished(call, _as_shown(call.ids[1], _attached(call, thing)[call.ids[1]]))


def _as_shown(skill_id: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"skill_id": skill_id, "config": config}
