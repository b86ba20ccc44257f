"""What comes back: statuses, media types, and choices."""

from __future__ import annotations

from typing import Any

from . import FILE, NULL, TEXT, TEXTS, WHOLE, Fragment, an_object, answer, ref

CIRCLE = an_object("kind", kind=TEXT, name=TEXT, radius=WHOLE)
SQUARE = an_object("kind", kind=TEXT, name=TEXT, side=WHOLE)
NOTHING = {"description": "Nothing."}


def mapping(prefix: str) -> dict[str, Any]:
    words = {"circle": f"#/components/schemas/{prefix}Circle", "square": f"#/components/schemas/{prefix}Square"}
    return {"propertyName": "kind", "mapping": words}


def shapes(prefix: str) -> dict[str, Any]:
    """A choice of two, and the components."""
    circle, square = f"{prefix}Circle", f"{prefix}Square"
    return {circle: {**CIRCLE}, square: {**SQUARE}}


def choice(prefix: str) -> dict[str, Any]:
    return {"oneOf": [ref(f"{prefix}Circle"), ref(f"{prefix}Square")]}


def told(prefix: str) -> dict[str, Any]:
    return {**choice(prefix), "discriminator": mapping(prefix)}


def ok(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"responses": {"200": answer(schema, media_type)}}


def a_list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def bare(name: str, schema: Any) -> dict[str, Any]:
    """An object that does not say that it is one."""
    return {"properties": {name: schema}, "required": [name]}


FRAGMENTS = [
    # statuses and media types
    Fragment("csv", "a table (openapi-python-client 317)", ok(TEXT, "text/csv")),
    Fragment("pdf", "a document", ok(FILE, "application/pdf")),
    Fragment(
        "json_beside_text",
        "JSON is asked for where there is a choice",
        {
            "responses": {
                "200": {
                    "description": "Either.",
                    "content": {"text/plain": {"schema": TEXT}, "application/json": {"schema": an_object(a=TEXT)}},
                }
            }
        },
    ),
    Fragment(
        "csv_or_pdf",
        "nothing says which will come",
        {
            "responses": {
                "200": {
                    "description": "",
                    "content": {"text/csv": {"schema": TEXT}, "application/pdf": {"schema": FILE}},
                }
            }
        },
        refused="responses/200/content",
    ),
    Fragment(
        "json_without_a_schema",
        "its body would be discarded",
        {"responses": {"200": {"description": "", "content": {"application/json": {}}}}},
        refused="content/application/json",
    ),
    Fragment(
        "latin_text",
        "text that is not UTF-8",
        ok(TEXT, "text/plain; charset=iso-8859-1"),
        refused="iso-8859-1",
    ),
    Fragment(
        "errors_in_two_media_types",
        "an error as JSON or as text (openapi-python-client 1248)",
        {
            "responses": {
                "200": answer(an_object(a=TEXT)),
                "403": {
                    "description": "Not you.",
                    "content": {"application/json": {"schema": an_object(e=TEXT)}, "text/plain": {"schema": TEXT}},
                },
            }
        },
    ),
    Fragment(
        "nothing_or_something", "204 beside 200", {"responses": {"200": answer(an_object("a", a=TEXT)), "204": NOTHING}}
    ),
    Fragment(
        "done_or_begun",
        "202 with another object than 200",
        {"responses": {"200": answer(ref("DoneThing")), "202": answer(ref("BegunJob"))}},
        {"DoneThing": an_object("thing", thing=TEXT), "BegunJob": an_object("job", job=TEXT)},
    ),
    Fragment(
        "begun_or_the_bytes",
        "202 as JSON beside 200 as bytes",
        {"responses": {"200": answer(FILE, "application/octet-stream"), "202": answer(an_object(job=TEXT))}},
        refused="responses",
    ),
    Fragment("any_success", "a range of statuses", {"responses": {"2XX": answer(an_object(a=TEXT))}}),
    Fragment(
        "no_success", "only a default", {"responses": {"default": answer(an_object(a=TEXT))}}, refused="responses"
    ),
    Fragment(
        "success_beside_a_default",
        "a default, which the generator cannot name, beside a success (openapi-python-client 1070)",
        {"responses": {"200": answer(an_object("a", a=TEXT)), "default": answer(an_object(e=TEXT))}},
    ),
    Fragment(
        "null_for_an_object",
        "null where an object or a list may be left out (openapi-python-client 1371)",
        ok(an_object(o={"type": ["object", "null"], "properties": {"a": TEXT}}, l={"anyOf": [a_list(WHOLE), NULL]})),
    ),
    Fragment(
        "answer_by_reference",
        "an answer that is a component",
        {"responses": {"200": {"$ref": "#/components/responses/Shared"}}},
        root={"components": {"responses": {"Shared": answer(an_object(a=TEXT))}}},
    ),
    # values
    Fragment(
        "a_list",
        "an answer that is a list",
        ok(a_list(ref("Listed"))),
        {"Listed": an_object("a", a=TEXT)},
    ),
    Fragment(
        "a_map_of_objects",
        "objects by names",
        ok({"type": "object", "additionalProperties": ref("Mapped")}),
        {"Mapped": an_object("a", a=TEXT, at={**TEXT, "format": "date-time"})},
    ),
    Fragment(
        "a_map_of_lists",
        "lists by names",
        ok(an_object(m={"type": "object", "additionalProperties": TEXTS})),
    ),
    Fragment(
        "null_or_object",
        "an answer that may be null",
        ok({"anyOf": [ref("Perhaps"), NULL]}),
        {"Perhaps": an_object("a", a=TEXT)},
    ),
    Fragment(
        "words_with_null",
        "null among the words (openapi-python-client 500)",
        ok(an_object(w={"type": ["string", "null"], "enum": ["a", None]})),
    ),
    Fragment(
        "a_tree",
        "a component that holds itself (openapi-python-client 338)",
        ok(ref("Tree")),
        {"Tree": an_object("name", name=TEXT, kids=a_list(ref("Tree")))},
    ),
    Fragment(
        "a_joined_answer",
        "allOf in an answer",
        ok({"allOf": [ref("JoinedOne"), an_object(b=WHOLE)]}),
        {"JoinedOne": an_object("a", a=TEXT)},
    ),
    Fragment(
        "dates_in_lists",
        "a list of dates",
        ok(an_object(days=a_list({**TEXT, "format": "date-time"}))),
    ),
    Fragment(
        "a_list_of_what",
        "an array without items, for which the answer was dropped",
        ok({"type": "array"}),
        refused="schema",
    ),
    # choices
    Fragment(
        "text_or_object",
        "a text or an object",
        ok(an_object(v={"oneOf": [TEXT, an_object(a=TEXT)]})),
    ),
    Fragment(
        "texts_or_whole",
        "a list or a number (openapi-python-client 756)",
        ok(an_object("v", v={"anyOf": [TEXTS, WHOLE]})),
    ),
    Fragment(
        "whole_before_object",
        "a number before an object (openapi-python-client 603)",
        ok(an_object("v", v={"oneOf": [WHOLE, an_object("a", a=TEXT)]})),
    ),
    Fragment(
        "told_in_a_member",
        "a discriminator in a member",
        ok(an_object(shape=told("Member"))),
        shapes("Member"),
    ),
    Fragment(
        "told_as_the_answer",
        "a discriminator for the whole answer (openapi-python-client 388)",
        ok(told("Whole")),
        shapes("Whole"),
    ),
    Fragment(
        "told_in_a_list",
        "a discriminator in a list",
        ok(an_object(shapes=a_list(told("Item")))),
        shapes("Item"),
    ),
    Fragment(
        "told_by_a_component",
        "a discriminator in a component",
        ok(an_object(shape=ref("AnyShape"))),
        {**shapes("Told"), "AnyShape": told("Told")},
    ),
    Fragment(
        "told_without_a_mapping",
        "a discriminator whose words are the names of the components",
        ok(an_object(shape={**choice("Bare"), "discriminator": {"propertyName": "kind"}})),
        shapes("Bare"),
        refused="discriminator",
    ),
    Fragment(
        "not_told",
        "a choice of objects without a discriminator",
        ok(an_object(shape=choice("Quiet"))),
        shapes("Quiet"),
    ),
    Fragment(
        "lists_of_either",
        "lists of different objects",
        {
            "responses": {
                "200": answer(
                    an_object(
                        v={
                            "oneOf": [
                                a_list(ref("ListCircle")),
                                a_list(ref("ListSquare")),
                            ]
                        }
                    )
                )
            }
        },
        shapes("List"),
        refused="properties/v",
    ),
    Fragment(
        "choice_within_a_list",
        "objects described where they stand (openapi-python-client 1428)",
        ok(an_object(rules=a_list({"type": "object", "oneOf": [bare("a", TEXT), bare("b", WHOLE)]}))),
    ),
    Fragment(
        "members_beside_a_choice",
        "properties beside a choice, which were dropped",
        ok({**an_object(a=TEXT), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        refused="schema",
    ),
]
