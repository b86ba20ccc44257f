"""After an erasure, no data of the person remains in any file; the tests search the files themselves."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tavus_consent import ErasureIncomplete
from tavus_consent.ledger import Ledger

from .conftest import Opener, administer, driver
from .support import draft, files_below, lines

SECRETS = {
    "name": "Siobhán Ní Shúilleabháin-O'Connor",
    "transcript": "I, Siobhán, am currently speaking and consent " * 200,  # longer than a page
    "link": "https://bucket.example/consent-9f3a.mp4?X-Amz-Signature=5e2c7d",
}


def spellings(text: str) -> Iterator[bytes]:
    """A text as it might lie in a file: itself, its encodings, its plain hashes."""
    raw = text.encode()
    yield from (raw, text.encode("utf-16-le"), text.casefold().encode(), raw[:24], base64.b64encode(raw)[:-4])
    for name in ("sha256", "sha1", "md5", "sha512", "blake2b"):
        digest = hashlib.new(name, raw)
        yield from (digest.digest(), digest.hexdigest().encode(), base64.b64encode(digest.digest()))


def stored(url: str, subject_ref: str = "s1") -> list[bytes]:
    """The encrypted items and the wrapped key, as they are in the tables: whoever has the vault's key can read them."""
    with sa.create_engine(driver(url), poolclass=sa.NullPool).connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT sealed FROM tavus_consent_items WHERE subject_ref = '{subject_ref}' "
            f"UNION ALL SELECT wrapped FROM tavus_consent_keys WHERE subject_ref = '{subject_ref}'"
        )
        return [bytes(row[0]) for row in found]


def pieces(blobs: list[bytes]) -> set[bytes]:
    """Parts of encrypted bytes: one left behind is one too many."""
    return {blob[at : at + 16] for blob in blobs for at in range(0, len(blob) - 15, 1000)}


def found_in(folder: Path, needles: set[bytes], *, leave_out: str = "?", since: float = 0.0) -> list[tuple[str, bytes]]:
    return [
        (str(path), needle)
        for path, data in files_below(folder, since).items()
        if leave_out not in path.parts
        for needle in needles
        if needle in data
    ]


def filled(ledger: Ledger) -> dict[str, str]:
    """A ledger in use: others before and after, moved pages, a longer log."""
    ledger.store.import_lines(lines(30))
    for number in range(30):
        ledger.vault.put(f"other{number}", "name", f"Somebody Else {number}".encode() * 20)
    refs = {kind: ledger.vault.put("s1", kind, text.encode()) for kind, text in SECRETS.items()}
    ledger.store.append(draft(31, subject_ref="s1", payload=refs))
    for number in range(30):
        ledger.vault.put(f"later{number}", "name", f"Somebody Else {number}".encode() * 20)
    return refs


PLAIN = {spelling for text in SECRETS.values() for spelling in spellings(text)}


def test_no_byte_of_an_erased_person_is_in_any_file_of_sqlite(sqlite_url: str, opened: Opener, tmp_path: Path) -> None:
    ledger = opened(sqlite_url)
    filled(ledger)
    assert found_in(tmp_path, PLAIN) == []
    needles = pieces(stored(sqlite_url))
    assert {needle for _, needle in found_in(tmp_path, needles)} == needles  # the search can find
    ledger.vault.erase("s1")
    ledger.store.append(draft(32, type="erased", subject_ref="s1"))
    assert found_in(tmp_path, PLAIN | needles) == []
    assert ledger.store.verify().ok


def test_what_stays_of_an_erased_person_in_postgresql_is_encrypted_and_in_the_write_ahead_log_only(
    postgres: Any, postgres_url: str, opened: Opener
) -> None:
    ledger = opened(postgres_url)
    begun = time.time() - 1
    filled(ledger)
    engine = sa.create_engine(driver(postgres_url), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    administer(postgres, "CHECKPOINT")
    needles = pieces(stored(postgres_url))
    assert {needle for _, needle in found_in(postgres.pgdata, needles, since=begun)} == needles  # the search can find
    ledger.vault.erase("s1")
    ledger.store.append(draft(32, type="erased", subject_ref="s1"))
    administer(postgres, "CHECKPOINT")
    assert found_in(postgres.pgdata, PLAIN, since=begun) == []
    assert found_in(postgres.pgdata, needles, leave_out="pg_wal", since=begun) == []
    assert ledger.store.verify().ok
    assert "write-ahead log" in " ".join(ledger.vault.erase("s1").residues)


def test_the_old_wrapped_keys_are_gone_after_a_change_of_keys(sqlite_url: str, opened: Opener, tmp_path: Path) -> None:
    ledger = opened(sqlite_url, environ={})
    ledger.vault.put("s1", "name", b"Rio")
    old = pieces(stored(sqlite_url)[1:])
    ledger.vault.rotate()
    assert found_in(tmp_path, old) == []


def test_references_in_the_chain_stay_and_cannot_be_made_again(sqlite_ledger: Ledger) -> None:
    refs = filled(sqlite_ledger)
    sqlite_ledger.vault.erase("s1")
    event = next(sqlite_ledger.store.events(after=30))
    assert dict(event.payload) == refs


@pytest.mark.parametrize("holding", ["a reader", "a writer"])
def test_a_file_that_others_use_is_cleaned_later(sqlite_url: str, opened: Opener, tmp_path: Path, holding: str) -> None:
    ledger = opened(sqlite_url, busy_timeout=0.05)
    filled(ledger)
    needles = pieces(stored(sqlite_url))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        if holding == "a reader":
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM tavus_consent_items").fetchone()
            with pytest.raises(ErasureIncomplete, match="Erase again"):
                ledger.vault.erase("s1")
        else:
            ledger.vault.erase("s1")
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ErasureIncomplete, match="Erase again"):
                ledger._database.scrub()
    ledger.vault.erase("s1")
    assert found_in(tmp_path, needles) == []


def test_tables_that_others_use_are_cleaned_later(postgres_url: str, opened: Opener) -> None:
    ledger = opened(postgres_url, busy_timeout=0.05)
    ledger.vault.put("s1", "name", b"Rio")
    engine = sa.create_engine(driver(postgres_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM tavus_consent_items")
        with pytest.raises(ErasureIncomplete, match="Erase again"):
            ledger.vault.erase("s1")
    assert ledger.vault.erase("s1").items == 0
