"""Opening a ledger: URLs, files, migrations, drivers, closing."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tavus_consent import (
    ClientClosedError,
    ConfigurationError,
    LedgerUnavailable,
    MissingExtraError,
    Tavus,
    ledger as package,
)
from tavus_consent.ledger import Ledger, data_folder, open_ledger
from tavus_consent.ledger.schema import VERSION, metadata

from .conftest import Opener, driver
from .support import draft


@pytest.mark.parametrize(
    "url",
    ["consent.db", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=ro&uri=true", "::"],
)
def test_a_url_that_names_no_store_is_refused(url: str, opened: Opener) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///"):
        opened(url)


def test_the_password_of_a_url_is_not_shown(postgres_url: str, opened: Opener) -> None:
    ledger = opened(postgres_url.replace("postgres:@", "postgres:sesame@"))
    assert "sesame" not in repr(ledger)


def test_a_password_is_not_in_the_error_of_a_server_that_is_not_there(opened: Opener) -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        opened("postgresql://someone:sesame@127.0.0.1:9/none?connect_timeout=2")
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(postgres_url: str, scheme: str, opened: Opener) -> None:
    assert opened(postgres_url.replace("postgresql", scheme, 1)).store.head().size == 0


def test_a_new_file_and_its_folder_are_private(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "new" / "consent.db"
    ledger = opened(f"sqlite:///{path}")
    ledger.store.append(draft())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_cannot_be_made_is_said(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(LedgerUnavailable, match="cannot be opened"):
        opened(f"sqlite:///{tmp_path}/taken/consent.db")


def test_a_file_that_is_no_database_is_said(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "consent.db").write_text("Dear diary" * 1000)
    (tmp_path / "consent.db").chmod(0o600)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        opened(f"sqlite:///{tmp_path}/consent.db")


def test_the_default_is_a_file_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("TAVUS_CONSENT_KEY", raising=False)
    with open_ledger() as ledger:
        ledger.vault.put("s1", "name", b"Rio")
    assert sorted(path.suffix for path in (tmp_path / "tavus-consent").iterdir()) == [".db", ".key"]


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/tavus-consent"),
        ("linux", {}, "/home/rio/.local/share/tavus-consent"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/rio/Library/Application Support/tavus-consent"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/tavus-consent"),
        ("win32", {}, "/home/rio/AppData/Local/tavus-consent"),
    ],
)
def test_the_data_folder_is_where_the_system_has_it(
    platform: str, environ: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/rio"))
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert data_folder() == Path(expected)


# migrations


def test_the_migrations_make_the_tables_that_the_statements_use(url: str, ledger: Ledger) -> None:
    engine = sa.create_engine(driver(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": only_ours})
        differences = [one for one in compare_metadata(context, metadata) if one[0] != "remove_index"]
    assert differences == []


def only_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or (str(name).startswith("tavus_consent_") and name != "tavus_consent_version")


def test_the_newest_migration_is_the_version(url: str, ledger: Ledger) -> None:
    with sa.create_engine(driver(url), poolclass=sa.NullPool).connect() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM tavus_consent_version").scalar_one()
    assert found == VERSION


def test_a_ledger_shares_a_database_with_an_application(url: str, opened: Opener) -> None:
    if url.startswith("sqlite"):  # others may not read it, as of every ledger
        Path(url.removeprefix("sqlite:///")).touch(0o600)
    engine = sa.create_engine(driver(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE events (id integer)")
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('theirs')")
    opened(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "theirs"


@pytest.mark.parametrize(("version", "message"), [("9999", "newer version"), ("00-1", "cannot be migrated")])
def test_a_ledger_of_another_version_is_not_touched(
    sqlite_url: str, opened: Opener, version: str, message: str
) -> None:
    opened(sqlite_url).close()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE tavus_consent_version SET version_num = ?", (version,))
        connection.commit()
    with pytest.raises(LedgerUnavailable, match=message):
        opened(sqlite_url)


def test_opening_a_ledger_that_is_up_to_date_does_not_load_alembic(sqlite_url: str, opened: Opener) -> None:
    opened(sqlite_url)
    code = (
        "import sys; from tavus_consent.ledger import open_ledger; "
        f"open_ledger({sqlite_url!r}).close(); print('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# waiting and closing


def test_a_write_does_not_wait_for_ever(url: str, opened: Opener) -> None:
    patient, hasty = opened(url), opened(url, busy_timeout=0.05)
    with patient._database.write(), pytest.raises(LedgerUnavailable, match="lock"):
        hasty.store.append(draft())
    assert hasty.store.append(draft()).seq == 1


def test_reading_goes_on_while_another_writes(url: str, opened: Opener) -> None:
    writing, reading = opened(url), opened(url, busy_timeout=0.05)
    writing.store.append(draft())
    with writing._database.write():
        assert reading.store.head().size == 1


def test_a_file_that_others_hold_is_not_opened_for_ever(sqlite_url: str, opened: Opener) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    Path(path).touch(0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerUnavailable, match="locked"):
            opened(sqlite_url, busy_timeout=0.05)


def test_a_closed_ledger_says_so(sqlite_ledger: Ledger) -> None:
    sqlite_ledger.close()
    sqlite_ledger.close()
    with pytest.raises(ClientClosedError, match="closed"):
        sqlite_ledger.store.head()


def test_a_ledger_may_be_closed_while_it_writes(sqlite_ledger: Ledger) -> None:
    sqlite_ledger.store.append(draft(1))
    database = sqlite_ledger._database
    with database.write() as connection:
        file = connection.connection.driver_connection
        sqlite_ledger.close()
        assert not connection.closed
    assert connection.closed
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        file.execute("SELECT 1")
    with pytest.raises(ClientClosedError, match="closed"):
        sqlite_ledger.store.append(draft(2))


def test_the_next_write_after_one_that_failed_has_a_connection_of_its_own(sqlite_ledger: Ledger) -> None:
    def connection() -> Any:
        with sqlite_ledger._database.write() as found:
            return found

    def fail() -> None:
        with sqlite_ledger._database.write():
            raise ValueError("refused")

    kept = connection()
    assert connection() is kept
    with pytest.raises(ValueError, match="refused"):
        fail()
    assert kept.closed
    assert connection() is not kept
    sqlite_ledger._database.release()
    assert sqlite_ledger.store.append(draft(1)).seq == 1


def test_a_ledger_that_was_used_is_not_after_a_fork(sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_ledger.store.head()
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        with pytest.raises(ClientClosedError, match="fork"):
            sqlite_ledger.store.head()


def test_a_forked_child_that_closes_a_ledger_leaves_the_connections_of_the_parent_open(
    sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_ledger._database.write() as connection:
        file = connection.connection.driver_connection
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        sqlite_ledger.close()
    with closing(file):
        assert file.execute("SELECT 1").fetchone() == (1,)


# extras


@pytest.mark.parametrize("missing", ["sqlalchemy", "cryptography.exceptions", "rfc8785"])
def test_without_the_extra_its_name_is_said(missing: str, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from datetime import UTC, datetime\n"
        "from tavus_consent.consent.events import EventDraft\n"
        "from tavus_consent.ledger import open_ledger\n"
        "from tavus_consent import MissingExtraError\n"
        "draft = EventDraft(type='given', at=datetime.now(UTC), record_id='r', subject_ref='s', actor='me')\n"
        "try:\n"
        f"    with open_ledger('sqlite:///{tmp_path}/c.db') as ledger: ledger.store.append(draft)\n"
        "except MissingExtraError as error: print(error.extra)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "ledger\n"


def test_without_the_driver_of_postgresql_its_extra_is_said(monkeypatch: pytest.MonkeyPatch, opened: Opener) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"tavus-consent\[postgres\]"):
        opened("postgresql://host/name")


def test_the_package_of_the_ledger_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Tavis'"):
        package.Tavis  # noqa: B018


def test_the_package_of_the_ledger_imports_no_extra() -> None:
    code = (
        "import sys, tavus_consent.ledger; "
        "print([m for m in ('sqlalchemy', 'alembic', 'cryptography', 'rfc8785', 'keyring') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# races that seldom happen, made to happen


def test_a_process_that_finds_the_tables_made_meanwhile_makes_none(
    sqlite_url: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(sqlite_url).store.append(draft())
    answers = iter([None, VERSION])
    monkeypatch.setattr("tavus_consent.ledger.database._version", lambda _: next(answers))
    assert opened(sqlite_url).store.head().size == 1


@pytest.fixture
def read_by_another(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """A file that is no WAL file yet, which somebody is reading."""
    Path(sqlite_url.removeprefix("sqlite:///")).touch(0o600)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("CREATE TABLE theirs (a)")
        other.execute("BEGIN")
        other.execute("SELECT * FROM theirs").fetchall()
        yield other


def test_opening_waits_for_those_who_read(
    sqlite_url: str, opened: Opener, read_by_another: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tavus_consent.ledger.dialects.monotonic", lambda: 0.0)
    monkeypatch.setattr("tavus_consent.ledger.dialects.sleep", lambda _: read_by_another.execute("COMMIT"))
    assert opened(sqlite_url, busy_timeout=0.05).store.head().size == 0


def test_opening_does_not_wait_for_ever_for_those_who_read(
    sqlite_url: str, opened: Opener, read_by_another: sqlite3.Connection
) -> None:
    with pytest.raises(LedgerUnavailable, match="locked"):
        opened(sqlite_url, busy_timeout=0.05)


@pytest.mark.skipif("sys.platform == 'win32'")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, opened: Opener, mode: int, end: str) -> None:
    path = tmp_path / "consent.db"
    opened(f"sqlite:///{path}").close()
    beside = path.with_name(f"{path.name}{end}")
    beside.touch()
    beside.chmod(mode)
    with pytest.raises(LedgerUnavailable, match=f"chmod 600 .*{path.name}{end}"):
        opened(f"sqlite:///{path}")
    beside.chmod(0o600)
    assert opened(f"sqlite:///{path}").store.head().size == 0


def test_a_mailbox_remembers_only_so_many_addresses(sqlite_url: str, opened: Opener, monkeypatch: Any) -> None:
    monkeypatch.setattr("tavus_consent.callbacks._database._CACHED", 1)
    with Tavus("key", ledger=opened(sqlite_url)) as tavus:
        app = tavus.callbacks.app("https://app.example/tavus")
        urls = [app.url(kind="tool") for _ in range(3)]
        events = [tavus.callbacks.receive(path=url, body=b"{}") for url in (*urls, *urls)]
    assert [event is None for event in events] == [False] * 3 + [True] * 3
