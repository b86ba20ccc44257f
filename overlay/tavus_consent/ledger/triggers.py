"""The triggers that refuse changes of events: their definitions, and their expected form for checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

EVENTS: Final = "tavus_consent_events"
REFUSAL: Final = "the events of the consent ledger are never changed or removed"

# REPLACE removes rows without running the trigger on DELETE, hence the one on INSERT.
SQLITE: Final = {
    f"{EVENTS}_no_{name}": f"CREATE TRIGGER {EVENTS}_no_{name} BEFORE {event} ON {EVENTS} {when} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, event, when in (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        (
            "replace",
            "INSERT",
            f"WHEN EXISTS (SELECT 1 FROM {EVENTS} WHERE seq = NEW.seq OR event_id = NEW.event_id)",  # noqa: S608 - a constant
        ),
    )
}
_BODY: Final = f" BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END "
POSTGRESQL: Final = (
    f"CREATE FUNCTION {EVENTS}_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$",
    f"CREATE TRIGGER {EVENTS}_no_change BEFORE UPDATE OR DELETE ON {EVENTS} "
    f"FOR EACH ROW EXECUTE FUNCTION {EVENTS}_refuse()",
    f"CREATE TRIGGER {EVENTS}_no_truncate BEFORE TRUNCATE ON {EVENTS} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {EVENTS}_refuse()",
)

OF_SQLITE: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tavus_consent_events'"
OF_POSTGRESQL: Final = (
    "SELECT t.tgname, t.tgtype::int, t.tgenabled::text, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE t.tgrelid = 'tavus_consent_events'::regclass AND NOT t.tgisinternal"
)


class _Kind(NamedTuple):
    """A trigger in PostgreSQL's catalog: when it runs (``tgtype``), its status and its function."""

    type: int
    enabled: str
    body: str


_BEFORE_EACH_UPDATE_OR_DELETE: Final = 1 + 2 + 8 + 16
_BEFORE_A_TRUNCATE: Final = 2 + 32
_IN_POSTGRESQL: Final = {
    f"{EVENTS}_no_change": _Kind(_BEFORE_EACH_UPDATE_OR_DELETE, "O", _BODY),
    f"{EVENTS}_no_truncate": _Kind(_BEFORE_A_TRUNCATE, "O", _BODY),
}


def _faults(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    return [
        *(f"the trigger {name} is missing" for name in sorted(expected.keys() - found.keys())),
        *(f"the trigger {name} was changed" for name, one in expected.items() if found.get(name, one) != one),
        *(f"there is a trigger {name} that is not the ledger's" for name in sorted(found.keys() - expected.keys())),
    ]


def of_sqlite(rows: Any) -> list[str]:
    """Return the faults of the triggers in SQLite, by the rows of :data:`OF_SQLITE`."""
    return _faults(dict(map(tuple, rows)), SQLITE)


def of_postgresql(rows: Any) -> list[str]:
    """Return the faults of the triggers in PostgreSQL, by the rows of :data:`OF_POSTGRESQL`."""
    return _faults({name: _Kind(*said) for name, *said in rows}, _IN_POSTGRESQL)
