"""Fragments about servers and authentication."""

from __future__ import annotations

from . import Fragment

OTHER = [{"url": "https://uploads.example"}]
KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
BEARER = {"type": "http", "scheme": "bearer"}
SCHEMES = {"components": {"securitySchemes": {"key": KEY, "bearer": BEARER}}}

FRAGMENTS = [
    Fragment("server_of_an_operation", "the main host was called", {"servers": OTHER}, refused="get/servers"),
    Fragment(
        "server_of_a_path", "the main host was called", {}, item={"servers": OTHER}, refused="server_of_a_path/servers"
    ),
    Fragment("two_servers", "a client has one base URL", {}, root={"servers": [*OTHER, *OTHER]}, refused="servers"),
    Fragment(
        "server_with_variables",
        "nobody fills them in",
        {},
        root={"servers": [{"url": "https://{region}.example", "variables": {"region": {"default": "eu"}}}]},
        refused="servers",
    ),
    Fragment(
        "path_by_reference",
        "its operations were dropped",
        {},
        item={"$ref": "#/components/pathItems/X"},
        refused="$ref",
    ),
    Fragment("by_the_key", "what every operation asks for", {"security": [{"bearer": []}, {"key": []}]}, root=SCHEMES),
    Fragment("by_a_token", "a token that nobody has", {"security": [{"bearer": []}]}, root=SCHEMES, refused="security"),
]
