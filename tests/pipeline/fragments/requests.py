"""Fragments about requests: names, bodies, forms and files."""

from __future__ import annotations

from typing import Any

from . import FILE, FLAG, NULL, TEXT, TEXTS, WHOLE, Fragment, an_object, answer, body, ref

MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"
DOG = an_object("kind", "name", kind={"type": "string", "const": "dog"}, name=TEXT)
CAT = an_object("kind", "lives", kind={"type": "string", "const": "cat"}, lives=WHOLE)


def query(name: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


FRAGMENTS = [
    # names
    Fragment(
        "same_name_everywhere",
        "a parameter of one name in path, query, header and body (openapi-python-client 305)",
        {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": TEXT},
                query("id"),
                {"name": "id", "in": "header", "schema": TEXT},
            ],
            "requestBody": body(an_object("id", id=TEXT)),
        },
    ),
    Fragment(
        "overridden_in_the_operation",
        "a parameter of the path that its operation describes again (openapi-python-client 457)",
        {"parameters": [query("v", WHOLE)]},
        item={"parameters": [query("v", TEXT), query("w", FLAG)]},
    ),
    Fragment(
        "names_of_helpers",
        "arguments that shadow what the function uses (openapi-python-client 758)",
        {
            "parameters": [query(name) for name in ("client", "url", "body", "self", "json", "response", "quote")],
            "requestBody": body(
                an_object(
                    **dict.fromkeys(
                        ("client", "self", "body", "from", "files", "form", "params", "headers", "cast"), TEXT
                    )
                )
            ),
        },
    ),
    Fragment(
        "names_that_become_one",
        "two members whose names are one name in Python",
        {"requestBody": body(an_object(fooBar=TEXT, foo_bar=WHOLE)), "responses": {"200": answer(ref("TwoNames"))}},
        {"TwoNames": an_object(fooBar=TEXT, foo_bar=WHOLE)},
    ),
    Fragment(
        "names_that_are_no_names",
        "members that Python cannot write as names",
        {
            "parameters": [query("filter[status]"), query("1st"), query("class")],
            "requestBody": body(an_object("x-y", **{"x-y": TEXT, "2nd": WHOLE, "def": FLAG, "@type": TEXT})),
        },
    ),
    Fragment(
        "names_of_headers",
        "headers whose values are no texts (openapi-python-client 552)",
        {
            "parameters": [
                {"name": "X-Count", "in": "header", "schema": WHOLE},
                {"name": "X-On", "in": "header", "required": True, "schema": FLAG},
            ]
        },
    ),
    # parameters
    Fragment(
        "whole_numbers_in_the_path",
        "two numbers as segments of the path",
        {
            "parameters": [
                {"name": "b", "in": "path", "required": True, "schema": WHOLE},
                {"name": "a", "in": "path", "required": True, "schema": WHOLE},
            ]
        },
    ),
    Fragment(
        "the_default_stays_theirs", "a default is not sent", {"parameters": [query("v", {**WHOLE, "default": 7})]}
    ),
    Fragment(
        "json_in_the_query",
        "a parameter that is JSON",
        {"parameters": [{"name": "v", "in": "query", "content": {"application/json": {"schema": TEXT}}}]},
        refused="parameters/0/content",
    ),
    Fragment(
        "reserved_characters",
        "a parameter whose slashes must stay",
        {"parameters": [query("v", allowReserved=True)]},
        refused="parameters/0/allowReserved",
    ),
    Fragment(
        "a_header_that_openapi_ignores",
        "Accept is said by the answers",
        {"parameters": [{"name": "Accept", "in": "header", "schema": TEXT}]},
        refused="parameters/0",
    ),
    # JSON
    Fragment(
        "json_or_a_form",
        "a body in one of two media types",
        {
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": an_object(a=TEXT)},
                    MULTIPART: {"schema": an_object(f=FILE)},
                },
            }
        },
        refused="requestBody/content",
    ),
    Fragment(
        "names_in_a_query",
        "an object of any names as deepObject (openapi-python-client 1064)",
        {
            "parameters": [
                query("metadata", {"type": "object", "additionalProperties": TEXT}, style="deepObject", explode=True)
            ]
        },
    ),
    Fragment(
        "one_object_in_three_media_types",
        "a body whose media types have one schema (openapi-python-client 1276)",
        {
            "requestBody": {
                "content": {kind: {"schema": an_object(a=TEXT)} for kind in ("application/json", FORM, MULTIPART)}
            }
        },
        refused="requestBody/content",
    ),
    Fragment(
        "optional_body",
        "a body that may be left out (openapi-python-client 1354)",
        {"requestBody": {**body(an_object(a=TEXT, b=WHOLE)), "required": False}},
    ),
    Fragment(
        "members_that_may_be_null",
        "null is something else than nothing",
        {
            "requestBody": body(
                an_object(
                    "a",
                    a={"type": ["string", "null"]},
                    b={"anyOf": [WHOLE, NULL]},
                    c={"type": ["array", "null"], "items": TEXT},
                )
            )
        },
    ),
    Fragment(
        "body_by_reference",
        "a component of a component, with nested lists and objects",
        {"requestBody": body(ref("Zoo"))},
        {
            "Zoo": an_object("cages", cages={"type": "array", "items": ref("Cage")}),
            "Cage": an_object(size=WHOLE, tags=TEXTS),
        },
    ),
    Fragment(
        "joined_body",
        "allOf, whose fields were lost (openapi-python-client 1392)",
        {"requestBody": body({"allOf": [ref("JoinedBase"), an_object("b", b=WHOLE)]})},
        {"JoinedBase": an_object("a", a=TEXT)},
    ),
    Fragment(
        "joined_through_a_single",
        "allOf of an allOf of one (openapi-python-client 1091)",
        {"requestBody": body({"allOf": [ref("SingleB"), an_object(c=FLAG)]})},
        {"SingleA": an_object("a", a=TEXT), "SingleB": {"allOf": [ref("SingleA")]}},
    ),
    Fragment(
        "choice_with_a_constant",
        "a choice whose second word was refused (openapi-python-client 1044)",
        {"requestBody": body(an_object("pet", pet={"oneOf": [ref("SentDog"), ref("SentCat")]}))},
        {"SentDog": DOG, "SentCat": CAT},
    ),
    Fragment(
        "choice_with_a_discriminator",
        "a discriminator in a request",
        {
            "requestBody": body(
                {
                    "oneOf": [ref("ToldDog"), ref("ToldCat")],
                    "discriminator": {
                        "propertyName": "kind",
                        "mapping": {"dog": "#/components/schemas/ToldDog", "cat": "#/components/schemas/ToldCat"},
                    },
                }
            )
        },
        {"ToldDog": DOG, "ToldCat": CAT},
    ),
    Fragment(
        "words_of_two_kinds",
        "an enumeration of a text and a number",
        {"requestBody": body(an_object(v={"enum": ["a", 1]}))},
        refused="properties/v/enum",
    ),
    Fragment(
        "more_members_than_named",
        "members without a known name, which no argument takes",
        {"requestBody": body({**an_object(a=TEXT), "additionalProperties": WHOLE})},
        refused="additionalProperties",
    ),
    Fragment(
        "any_other_members",
        "members of any name and kind, which extra takes",
        {"requestBody": body({**an_object(a=TEXT), "additionalProperties": True})},
    ),
    Fragment(
        "readonly_members",
        "a member that only comes back",
        {"requestBody": body(an_object("a", a=TEXT, id={**TEXT, "readOnly": True}))},
    ),
    Fragment(
        "dates_are_sent_as_text",
        "a date is sent as it was given",
        {"requestBody": body(an_object(at={**TEXT, "format": "date-time"}, day={**TEXT, "format": "date"}))},
    ),
    Fragment(
        "a_file_in_json",
        "bytes that JSON cannot hold",
        {"requestBody": body(an_object(f=FILE))},
        refused="properties/f",
    ),
    # forms
    Fragment(
        "form_of_everything",
        "lists and flags in a form",
        {"requestBody": body(an_object("a", a=TEXT, n={"type": "number"}, on=FLAG, tags=TEXTS), FORM)},
    ),
    Fragment(
        "form_with_an_object",
        "an object in a form",
        {"requestBody": body(an_object(o=an_object(a=TEXT)), FORM)},
        refused="properties/o",
    ),
    Fragment(
        "form_with_null",
        "null in a form",
        {"requestBody": body(an_object(v={"type": ["string", "null"]}), FORM)},
        refused="properties/v",
    ),
    Fragment(
        "form_with_an_encoding",
        "a list with commas in a form",
        {"requestBody": body(an_object(tags=TEXTS), FORM, encoding={"tags": {"style": "form", "explode": False}})},
        refused="encoding",
    ),
    Fragment(
        "field_called_file",
        "a field that hides a helper",
        {"requestBody": body(an_object("file", file=FILE), MULTIPART)},
    ),
    Fragment(
        "field_called_files",
        "a list of files (openapi-python-client 692 and 1255)",
        {"requestBody": body(an_object("files", files={"type": "array", "items": FILE}, hash=TEXT), MULTIPART)},
    ),
    Fragment(
        "files_and_more",
        "files beside texts, numbers, flags, lists and objects",
        {
            "requestBody": body(
                an_object("video", video=FILE, name=TEXT, size=WHOLE, on=FLAG, tags=TEXTS, meta=an_object(a=TEXT)),
                MULTIPART,
            )
        },
    ),
    Fragment(
        "multipart_without_files",
        "a multipart form of texts",
        {"requestBody": body(an_object("a", a=TEXT, n=WHOLE), MULTIPART)},
    ),
    Fragment(
        "multipart_with_a_list_of_objects",
        "several parts of JSON",
        {"requestBody": body(an_object(l={"type": "array", "items": an_object(a=TEXT)}), MULTIPART)},
        refused="properties/l",
    ),
    Fragment(
        "multipart_with_a_media_type",
        "a file that is described the new way, and would be sent as text",
        {"requestBody": body(an_object(f={"type": "string", "contentMediaType": "image/png"}), MULTIPART)},
        refused="properties/f",
    ),
    Fragment(
        "multipart_with_headers",
        "a part with a header of its own",
        {"requestBody": body(an_object(f=FILE), MULTIPART, encoding={"f": {"headers": {"X-A": {"schema": TEXT}}}})},
        refused="encoding",
    ),
    Fragment(
        "a_file_within_an_object",
        "a file that is no field",
        {"requestBody": body(an_object(o=an_object(f=FILE)), MULTIPART)},
        refused="properties/o/properties/f",
    ),
]
