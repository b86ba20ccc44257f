"""Checks of our own for schemathesis, which loads this file by its configuration."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response


@schemathesis.check
class KnownIds:
    """An id is known from its create to its delete, and only then.

    Stands in for what the configuration takes from ``positive_data_acceptance`` and for ``use_after_free`` and
    ``ensure_resource_availability``, which know of 404 only: Tavus answers 400 for an unknown id.
    """

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.deleted: set[str] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        operation = case.operation.definition.raw["operationId"]
        accepted = 200 <= response.status_code < 300
        if operation == "createReplica" and accepted:
            self.alive.add(response.json()["replica_id"])
        replica_id = (case.path_parameters or {}).get("replica_id")
        if replica_id is None:
            return None
        if accepted:
            assert replica_id not in self.deleted, "a deleted replica is still there"
            if operation == "deleteReplica":
                self.alive.discard(replica_id)
                self.deleted.add(replica_id)
        elif response.status_code == 400 and case.meta and case.meta.generation.mode.is_positive:
            assert json.loads(response.content) == {"error": "Invalid replica_id"}, "only the id may be refused"
            assert replica_id not in self.alive, "a living replica is not found"
        return None
