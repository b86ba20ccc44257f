"""Tavus's own command-line client against the served fake: an independent reading of the same documents.

Every command runs, and its outcome is asserted. Some need services that Tavus does not document: these end as the
command says that they must.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tavus_consent.testing import FakeTavus

from .conftest import DECLARED, STOCK_FACE, STOCK_PAL, Parsed, Run, Write, ids, runs
from .outside import Outside, on_page

pytestmark = pytest.mark.heavy


def test_every_command_is_run(tavus_cli: Outside, tmp_path: Path) -> None:
    assert sorted(DECLARED) == sorted(tavus_cli(folder=str(tmp_path)))


# The account


def test_the_lines_of_the_page_lead_to_the_fake(do: Run, tavus_cli: Outside, tmp_path: Path) -> None:
    url = tavus_cli.environment["TAVUS_PUBLIC_API_BASE_URL"].removesuffix("/v2")
    lines = [shlex.split(line) for line in on_page("tavus doctor", url).splitlines()]
    tavus_cli.environment |= dict(word.split("=", 1) for words in lines if words[0] == "export" for word in words[1:])
    commands = [words[1:] for words in lines if words[0] == "tavus"]
    assert len(commands) == 2
    for command in commands:
        assert do(*command)


@runs("doctor")
def test_its_self_test_passes(do: Run) -> None:
    assert "Network check passed." in do("doctor")


@runs("auth status", "auth login", "auth logout")
def test_a_key(cli: Parsed, do: Run) -> None:
    assert cli("auth", "status") == {"env": "PROD", "authenticated": True, "source": "env:TAVUS_API_KEY"}
    assert do("auth", "login", "--api-key", "another") == "Stored API key for PROD.\n"
    assert do("auth", "logout") == "Deleted keyring API key for PROD.\n"


def test_a_wrong_key_is_refused(tavus_cli: Outside, do: Run) -> None:
    tavus_cli.environment["TAVUS_API_KEY"] = "wrong"
    assert do("pal", "list", code=1) == "Tavus API GET /pals failed with 401\n"


# Faces, voices and conversations


@runs("face list")
def test_faces(cli: Parsed, library: Parsed) -> None:
    face = library("faces", "create", {"face_name": "Rio", "train_video_url": "https://media.example/train.mp4"})
    face_id = face["face_id"]

    assert face["status"] == "started"
    assert face_id in ids(cli("face", "list", "--json"), "face_id")
    assert library("faces", "get", face_id)["face_name"] == "Rio"
    library("faces", "delete", face_id)
    assert face_id not in ids(cli("face", "list", "--json"), "face_id")
    assert STOCK_FACE in ids(cli("face", "list", "--stock", "--json"), "face_id")


@runs("resource list", "resource get")
def test_other_resources(cli: Parsed) -> None:
    assert "anna" in ids(cli("resource", "list", "voices"), "voice_name")
    assert cli("resource", "get", "voices", "v51ab1e000001")["voice_name"] == "anna"


@runs("conversation create", "conversation end")
def test_conversations(cli: Parsed, library: Parsed) -> None:
    conversation = cli("conversation", "create", "--face-id", STOCK_FACE, "--name", "Talk")
    conversation_id = conversation["conversation_id"]

    assert (conversation["status"], conversation["conversation_url"][:8]) == ("active", "https://")
    assert conversation_id in ids(library("conversations", "list"), "conversation_id")
    assert cli("conversation", "end", conversation_id) is None
    assert library("conversations", "get", conversation_id)["status"] == "ended"
    library("conversations", "delete", conversation_id)
    assert library("conversations", "list")["data"] == []


@runs("chat start", "chat turn", "chat end")
def test_a_chat(cli: Parsed, do: Run, library: Parsed) -> None:
    chat_id = cli("chat", "start", "--pal-id", STOCK_PAL, "--greeting", "Hello.", "--name", "Chat")["conversation_id"]

    # It talks to Daily's servers, and says so before it does.
    assert "requires the daily-python package" in do("chat", "turn", chat_id, "--message", "Hi.", code=1)
    assert library("conversations", "get", chat_id)["conversation_name"] == "Chat"
    assert cli("chat", "end", chat_id) is None
    assert library("conversations", "get", chat_id)["status"] == "ended"


@runs("embed")
def test_an_embedded_conversation(cli: Parsed) -> None:
    assert (
        "https://rooms.example/c1"
        in cli("embed", "--conversation-url", "https://rooms.example/c1")["files"][0]["content"]
    )


# PALs


@runs("pal list", "pal get", "pal create", "pal delete", "pal patch", "pal paths", "pal preview")
def test_pals(cli: Parsed) -> None:
    pal_id = cli("pal", "create", "--name", "Sam", "--system-prompt", "Be kind.", "--face-id", STOCK_FACE)["pal_id"]

    assert pal_id in ids(cli("pal", "list", "--json"), "pal_id")
    assert pal_id in cli("pal", "preview", pal_id, "--json")["test_url"]
    assert "/pal_name" in cli("pal", "paths")
    cli("pal", "patch", pal_id, "--path", "/pal_name", "--value", "Samira")
    pal = cli("pal", "get", pal_id)
    assert (pal["pal_name"], pal["system_prompt"], pal["default_face_id"]) == ("Samira", "Be kind.", STOCK_FACE)
    assert pal["layers"]["llm"]["model"] == "tavus-gemma-4"
    assert cli("pal", "delete", pal_id) is None
    assert pal_id not in ids(cli("pal", "list", "--json"), "pal_id")


def test_a_pal_keeps_all_that_it_was_created_with(cli: Parsed, file: Write) -> None:
    texts = {"system_prompt": "Be kind.", "greeting": "Hello.", "context": "A shop."}
    layers = {"tts": {"tts_emotion_control": True}, "transport": {"transport_type": "livekit"}}
    guardrail_id = cli("guardrail", "create", "--name", "no_prices", "--prompt", "Never name a price.")["uuid"]
    objectives_id = cli("objective", "create", "--file", file(STEPS))["objectives_id"]
    given = [part for name, text in texts.items() for part in (f"--{name.replace('_', '-')}", text)]
    given += ["--layers-file", file(layers), "--memory", "Likes tea.", "--document-tag", "a", "--template"]
    given += ["--guardrail-id", guardrail_id, "--guardrail-tag", "sales", "--objectives-id", objectives_id]

    pal = cli("pal", "get", cli("pal", "create", "--face-id", STOCK_FACE, *given)["pal_id"])

    assert {name: pal[name] for name in texts} == texts
    assert {name: pal["layers"][name] for name in layers} == layers
    assert (pal["memories"], pal["document_tags"], pal["is_template"]) == (["Likes tea."], ["a"], True)
    assert (pal["guardrail_ids"], pal["guardrail_tags"]) == ([guardrail_id], ["sales"])
    assert pal["objectives_id"] == objectives_id


@runs("quickstart", "pal tools list", "pal tools attach", "pal tools detach")
def test_tools_of_a_pal(cli: Parsed, my_pal: str, file: Write) -> None:
    tool_id = cli("tool", "create", "--file", file({"name": "lookup", "description": "Looks it up."}))["tool_id"]

    cli("pal", "tools", "attach", my_pal, tool_id)
    assert tool_id in json.dumps(cli("pal", "tools", "list", my_pal))
    assert cli("pal", "tools", "detach", my_pal, tool_id) is None
    assert tool_id not in json.dumps(cli("pal", "tools", "list", my_pal))


@runs("skill list", "skill get", "pal skills list", "pal skills attach", "pal skills patch", "pal skills detach")
def test_skills_of_a_pal(cli: Parsed, my_pal: str) -> None:
    skill = "presentation"
    assert skill in ids(cli("skill", "list", "--json"), "skill_id")
    assert cli("skill", "get", skill)["skill_id"] == skill

    cli("pal", "skills", "attach", my_pal, skill, "--config", '{"prompt": "Be brief."}')
    cli("pal", "skills", "patch", my_pal, skill, "--config", '{"slides_trigger": "on_demand"}')
    config = {"prompt": "Be brief.", "slides_trigger": "on_demand"}
    assert cli("pal", "skills", "list", my_pal)[skill]["config"] == config
    assert cli("pal", "skills", "detach", my_pal, skill) is None
    assert cli("pal", "skills", "list", my_pal) == {}


CAPABILITIES = "pal capabilities"


@runs(*(f"{CAPABILITIES} {verb}" for verb in ("catalog", "list", "attach", "patch", "detach")))
def test_capabilities_of_a_pal(cli: Parsed, my_pal: str) -> None:
    def attached() -> set[str]:
        found = cli("pal", "capabilities", "list", my_pal)["capabilities"]
        return {name for name, one in found.items() if one["attached"]}

    assert attached() == {"perception"}
    for name in cli("pal", "capabilities", "catalog"):
        slides = ("--document-id", "d1") if name == "slide_presenter" else ()
        cli("pal", "capabilities", "attach", my_pal, name, *slides)
    assert attached() == {"magic_canvas", "memory", "perception", "slide_presenter", "web_search"}
    cli("pal", "capabilities", "patch", my_pal, "magic_canvas", "--usage-guidance", "Show charts.")
    canvas = cli("pal", "capabilities", "list", my_pal)["capabilities"]["magic_canvas"]["attachment"]
    assert canvas["config"]["usage_guidance"] == "Show charts."
    for name in attached():
        assert cli("pal", "capabilities", "detach", my_pal, name) is None
    assert attached() == set()


@runs("pal options", *(f"pal knowledge {verb}" for verb in ("list", "add", "remove", "replace", "settings", "upload")))
def test_knowledge_of_a_pal(cli: Parsed, do: Run, my_pal: str, file: Write) -> None:
    document_id = cli("document", "create", "--url", "https://media.example/notes.pdf", "--name", "Notes")[
        "document_id"
    ]

    cli("pal", "knowledge", "add", my_pal, "--document-id", document_id, "--document-tag", "a")
    cli("pal", "knowledge", "settings", my_pal, "--rag-n-chunks", "3")
    knowledge = cli("pal", "knowledge", "list", my_pal)
    assert [one["document_name"] for one in knowledge["documents"]] == ["Notes"]
    assert (knowledge["document_tags"], knowledge["knowledge_base"]) == (["a"], {"rag_n_chunks": 3})
    cli("pal", "knowledge", "replace", my_pal, "--document-tag", "b", "--document-tag", "c")
    cli("pal", "knowledge", "remove", my_pal, "--document-tag", "b")
    assert cli("pal", "options", my_pal)["pal_knowledge"]["document_tags"] == ["c"]
    assert "requires Firebase portal auth" in do("pal", "knowledge", "upload", my_pal, file({}), code=1)


# Documents, objectives, guardrails, tools, dictionaries


@runs(*(f"document {verb}" for verb in ("list", "get", "create", "upload", "tags", "chunks", "recrawl")))
def test_documents(cli: Parsed, do: Run, library: Parsed, fake: FakeTavus, file: Write) -> None:
    link = ("--url", "https://media.example/notes", "--crawl-depth", "2")
    created = cli("document", "create", *link, "--name", "Notes", "--tag", "a")
    document_id = created["document_id"]

    fake.advance(minutes=10)

    assert (created["status"], cli("document", "get", document_id)["status"]) == ("started", "ready")
    assert ids(cli("document", "list", "--tag", "a", "--json"), "document_id") == [document_id]
    assert cli("document", "tags") == {"tags": ["a"], "total_count": 1}
    assert [document_id in chunk["chunk_id"] for chunk in cli("document", "chunks", document_id)["chunks"]] == [True]
    fake.advance(hours=1)
    assert cli("document", "recrawl", document_id)["status"] == "recrawling"
    library("documents", "delete", document_id)
    assert cli("document", "list", "--json")["data"] == []
    assert "requires Firebase portal auth" in do("document", "upload", file({}), code=1)


STEPS = {"name": "intake", "data": [{"objective_name": "ask_name", "objective_prompt": "Ask for the name."}]}


@runs(*(f"objective {verb}" for verb in ("list", "get", "create", "patch", "delete", "validate", "example")))
def test_objectives(cli: Parsed, file: Write) -> None:
    change = [{"op": "replace", "path": "/data/0/objective_prompt", "value": "Ask."}]
    example = cli("objective", "example")

    assert cli("objective", "validate", "--file", file(example)) == {"valid": True, "errors": []}
    assert cli("objective", "list", "--json")["data"] == []
    objectives_id = cli("objective", "create", "--file", file(example))["objectives_id"]

    assert objectives_id in ids(cli("objective", "list", "--json"), "objectives_id")
    cli("objective", "patch", objectives_id, "--file", file(change))
    steps = cli("objective", "get", objectives_id)["data"]
    assert [step["objective_name"] for step in steps] == [step["objective_name"] for step in example["data"]]
    assert steps[0]["objective_prompt"] == "Ask."
    assert cli("objective", "delete", objectives_id) is None
    assert cli("objective", "list", "--json")["data"] == []


@runs(*(f"guardrail {verb}" for verb in ("list", "get", "create", "patch", "delete", "tags")))
def test_guardrails(cli: Parsed) -> None:
    created = cli("guardrail", "create", "--name", "no_prices", "--prompt", "Never name a price.", "--tag", "sales")
    guardrail_id = created["uuid"]

    assert ids(cli("guardrail", "list", "--tags", "sales", "--json"), "uuid") == [guardrail_id]
    assert cli("guardrail", "tags", "--search", "SAL") == {"tags": ["sales"], "total_count": 1}
    cli("guardrail", "patch", guardrail_id, "--prompt", "Never.")
    assert cli("guardrail", "get", guardrail_id)["guardrail_prompt"] == "Never."
    assert cli("guardrail", "delete", guardrail_id) is None
    assert cli("guardrail", "list", "--json")["data"] == []


@runs(*(f"tool {verb}" for verb in ("list", "get", "create", "patch", "delete", "example")))
@pytest.mark.parametrize("delivery", ["app_message", "http", "http_oauth2"])
def test_tools(cli: Parsed, file: Write, delivery: str) -> None:
    example = cli("tool", "example", "--delivery", delivery)
    tool_id = cli("tool", "create", "--file", file(example))["tool_id"]

    assert ids(cli("tool", "list", "--json"), "tool_id") == [tool_id]
    cli("tool", "patch", tool_id, "--file", file({"description": "Another."}))
    tool = cli("tool", "get", tool_id)
    assert (tool["name"], tool["description"]) == (example["name"], "Another.")
    assert tool["delivery"].keys() == example["delivery"].keys()
    assert cli("tool", "delete", tool_id) is None
    assert cli("tool", "list", "--json")["data"] == []


DICTIONARY = "pronunciation-dictionary"


@runs(*(f"{DICTIONARY} {verb}" for verb in ("list", "get", "create", "patch", "delete", "example")))
def test_pronunciation_dictionaries(cli: Parsed, file: Write) -> None:
    example = cli(DICTIONARY, "example")
    dictionary_id = cli(DICTIONARY, "create", "--file", file(example))["pronunciation_dictionary_id"]

    cli(DICTIONARY, "patch", dictionary_id, "--file", file({"name": "cities"}))
    dictionary = cli(DICTIONARY, "get", dictionary_id)
    assert (dictionary["name"], len(dictionary["rules"])) == ("cities", len(example["rules"]))
    assert cli(DICTIONARY, "delete", dictionary_id) is None
    assert cli(DICTIONARY, "list", "--json")["data"] == []


# Deployments


@runs(*(f"deployment {verb}" for verb in ("list", "get", "create")))
@pytest.mark.parametrize("channel", ["widget", "embed"])
def test_deployments(cli: Parsed, channel: str) -> None:
    arguments = ("--pal-id", STOCK_PAL, "--channel", channel, "--shared-memory", "--any-origin")

    created = cli("deployment", "create", *arguments, "--daily-call-limit", "7")
    deployment_id = created["deployment_id"]

    assert created["integration"]["package"] == f"@tavus/{channel}"
    found = cli("deployment", "get", deployment_id)
    assert (found["status"], found["limits"]) == ("active", {"daily_call_limit": 7})
    assert ids(cli("deployment", "list", "--json"), "deployment_id") == [deployment_id]


# What Tavus documents nowhere: the service that builds PALs in a talk. The fake has no such path.


@runs(*(f"builder {verb}" for verb in ("create", "list", "get", "delete", "history", "append-messages", "publish")))
def test_the_builder_is_not_there(do: Run, file: Write) -> None:
    for command, said in {
        ("create", "--name", "x"): "POST /builder",
        ("list",): "GET /builder",
        ("get", "b1"): "GET /builder/b1",
        ("delete", "b1"): "DELETE /builder/b1",
        ("history", "b1"): "GET /builder/b1",
        ("append-messages", "b1", "--file", file([])): "POST /builder/b1/append-messages",
        ("publish", "b1"): "POST /builder/b1/publish",
    }.items():
        assert do("builder", *command, code=1) == f"Tavus API {said} failed with 404\n"


@runs("pal build")
def test_a_pal_cannot_be_built_in_a_talk(do: Run) -> None:
    said = do("pal", "build", "--prompt", "A greeter", "--json", "--answer", "Yes.", code=1)
    assert said == "Tavus API POST /builder failed with 404\n"
