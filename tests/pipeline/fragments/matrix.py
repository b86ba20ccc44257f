"""Every combination of location, style, explode and kind of value that OpenAPI 3.1 allows for a parameter.

Also every combination of media type and kind of value for a body or a response.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import FILE, FLAG, NULL, TEXT, TEXTS, WHOLE, Fragment, an_object, answer, body

# OpenAPI 3.1, "Style Values".
STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
SCALARS: dict[str, Any] = {"text": TEXT, "whole": WHOLE, "number": {"type": "number"}, "flag": FLAG}
SCALARS["word"] = {"type": "string", "enum": ["a", "b-c"]}
NULLABLE: dict[str, Any] = {"text_or_null": {"type": ["string", "null"]}, "whole_or_null": {"anyOf": [WHOLE, NULL]}}
LISTS: dict[str, Any] = {
    "texts": TEXTS,
    "wholes": {"type": "array", "items": WHOLE},
    "flags": {"type": "array", "items": FLAG},
    "texts_or_null": {"anyOf": [TEXTS, NULL]},
}
OTHERS: dict[str, Any] = {
    "object": an_object(status=TEXT, size=WHOLE, on=FLAG),
    "map": {"type": "object", "additionalProperties": TEXT},
    "deep": an_object(inner=an_object(a=TEXT)),
    "lists": {"type": "array", "items": TEXTS},
    "text_or_texts": {"anyOf": [TEXT, TEXTS]},
    "anything": {},
}
KINDS = {**SCALARS, **NULLABLE, **LISTS, **OTHERS}


def is_carried(place: str, style: str, explode: bool | None, kind: str) -> bool:
    """Return True if a parameter is supported; all others must be rejected."""
    if place == "query" and kind in LISTS:
        return style == "form" or (style in ("spaceDelimited", "pipeDelimited") and explode is not True)
    if place == "query" and style == "deepObject":
        return kind in ("object", "map")
    if place == "path" and kind in ("number", "flag"):
        return False
    usual = style == {"path": "simple", "header": "simple", "query": "form"}.get(place)
    return usual and (kind in SCALARS or (kind in NULLABLE and place != "path"))


def parameters() -> Iterator[Fragment]:
    for place, styles in STYLES.items():
        for style in styles:
            for explode in (None, True, False):
                for kind, schema in KINDS.items():
                    one: dict[str, Any] = {"name": "v", "in": place, "style": style, "schema": schema}
                    if explode is not None:
                        one["explode"] = explode
                    if place == "path":
                        one["required"] = True
                    how = {None: "", True: "_exploded", False: "_joined"}[explode]
                    yield Fragment(
                        f"{place}_{style.lower()}{how}_{kind}",
                        f"{kind} in {place}, style {style}, explode {explode}",
                        {"parameters": [one]},
                        refused=None if is_carried(place, style, explode, kind) else "parameters/0",
                    )


MEDIA = {
    "json": "application/json",
    "json_suffix": "application/problem+json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
    "octets": "application/octet-stream",
    "video": "video/mp4",
    "csv": "text/csv",
    "plain": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "anything": "*/*",
    "stream": "text/event-stream",
}
VALUES: dict[str, Any] = {
    "object": an_object("a", a=TEXT, b=WHOLE, c=FLAG, d=TEXTS),
    "map": {"type": "object", "additionalProperties": WHOLE},
    "texts": TEXTS,
    "text": TEXT,
    "whole": WHOLE,
    "bytes": FILE,
    "anything": {},
    "object_or_null": {"anyOf": [an_object("a", a=TEXT), NULL]},
}
JSON = {"object", "map", "texts", "text", "whole"}
SENT = {
    "json": JSON,
    "json_suffix": JSON,
    "form": {"object"},
    "multipart": {"object"},
    "octets": {"bytes", "text"},
    "video": {"bytes", "text"},
    "xml": {"bytes", "text"},
}
READ = {
    "json": set(VALUES),
    "json_suffix": set(VALUES),
    **{media: {"bytes", "text", "anything"} for media in ("octets", "video", "xml", "csv", "plain")},
}


def contents() -> Iterator[Fragment]:
    for media, media_type in MEDIA.items():
        for kind, schema in VALUES.items():
            sent, read = kind in SENT.get(media, ()), kind in READ.get(media, ())
            yield Fragment(
                f"send_{media}_{kind}",
                f"{kind} sent as {media_type}",
                {"requestBody": body(schema, media_type)},
                refused=None if sent else "requestBody",
            )
            yield Fragment(
                f"read_{media}_{kind}",
                f"{kind} read as {media_type}",
                {"responses": {"200": answer(schema, media_type)}},
                refused=None if read else "responses/200",
            )


FRAGMENTS = [*parameters(), *contents()]
