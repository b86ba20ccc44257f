"""Additional checks for schemathesis, which loads this file through its configuration."""

from __future__ import annotations

import json
import re
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

#: for what a request can be refused that keeps to the specification: never for the form of a part of it
REASONS = re.compile(
    r"Invalid \w+_(id|uuid|ids)"  # an id that nothing has
    r"|.* not found|Unknown skill .*|Skill .* is not attached to this PAL|Bad Request. Tool not attached to this PAL"
    r"|Not Found"
    r"|Either train_video_url or train_image_url must be provided.|Invalid voice_name"
    r"|Exactly one of script and audio_url must be provided."
    r"|There was an error creating the conversation, .*|Conversation is not active"
    r"|(objective|guardrail)_name is required|Invalid request: duplicate text values in rules"
    r"|Document was not created with crawl configuration|Document must be in .* state to recrawl, .*"
    r"|Recrawl cooldown: .*"
    r"|Invalid skills|Invalid password|The deployment has changed"
    r"|App messages can only be sent to active conversations.|The voice is in use"
    r"|An active memory store already exists for this pal_id and participant_tag",
    re.DOTALL,  # an id that is quoted may hold line breaks
)


@schemathesis.check
class KnownIds:
    """An id is known from its create to its delete, and a valid request is refused only for what its values mean.

    Stands in for what the configuration takes from ``positive_data_acceptance``, and for ``use_after_free`` and
    ``ensure_resource_availability``, which know of 404 only: Tavus answers 400 for many unknown ids.
    """

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.deleted: set[str] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        accepted = 200 <= response.status_code < 300
        ids = {str(value) for value in (case.path_parameters or {}).values()}
        if accepted:
            assert not ids & self.deleted, "what is deleted is still there"
            if case.method == "POST" and not case.path_parameters and response.content:
                first = next(iter(json.loads(response.content).values()))  # ids stand first
                self.alive |= {first} if isinstance(first, str) else set()
            if case.method == "DELETE" and case.path.count("{") == 1:
                self.alive -= ids
                self.deleted |= ids
        elif self._means_well(case) and response.status_code in (400, 404, 409, 412, 422, 429):
            reason = next(iter(json.loads(response.content).values()))
            assert REASONS.fullmatch(reason), f"refused for: {reason}"
            wrong_id = re.fullmatch(r"Invalid (\w+_id)", reason)
            named = (case.path_parameters or {}).get(wrong_id[1]) if wrong_id else None
            assert named not in self.alive, "what is alive is not found"
        return None

    @staticmethod
    def _means_well(case: Case[Any]) -> bool:
        """Return True if a request matches the specification, except JSON Patches, most of which cannot be applied."""
        is_patch = "304" in case.operation.definition.raw["responses"]
        return bool(case.meta and case.meta.generation.mode.is_positive and not is_patch)
