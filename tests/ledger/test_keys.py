"""Sources of the key-encryption key: environment, keyring, file, in that order."""

from __future__ import annotations

import base64
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from tavus_consent import VaultKeyError
from tavus_consent.ledger.keys import EnvironmentKeys, FileKeys, Key, KeyringKeys, Keys, default_keys

from .support import ENVIRON, KEY, OTHER_KEY

FIRST, SECOND = Key(base64.urlsafe_b64decode(KEY)), Key(base64.urlsafe_b64decode(OTHER_KEY))


class Memory(keyring.backend.KeyringBackend):
    """A keyring that works."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


class Forgetful(Memory):
    """A keyring that takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Locked(Memory):
    """A keyring whose owner said no."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("no")


@pytest.fixture
def memory() -> Memory:
    backend = Memory()
    keyring.set_keyring(backend)
    return backend


def places(folder: Path, environ: dict[str, str] | None = None) -> Keys:
    return default_keys("ledger", folder, environ or {})


def test_the_environment_comes_first(tmp_path: Path, memory: Memory) -> None:
    FileKeys(tmp_path / "ledger.key").save((SECOND,))
    KeyringKeys("ledger").save((SECOND,))
    assert places(tmp_path, ENVIRON).current() == FIRST


def test_the_keyring_comes_before_the_file(tmp_path: Path, memory: Memory) -> None:
    FileKeys(tmp_path / "ledger.key").save((SECOND,))
    KeyringKeys("ledger").save((FIRST,))
    assert places(tmp_path).current() == FIRST


def test_a_file_that_has_the_key_is_used_though_there_is_a_keyring(tmp_path: Path, memory: Memory) -> None:
    FileKeys(tmp_path / "ledger.key").save((SECOND,))
    assert places(tmp_path).current() == SECOND
    assert memory.entries == {}


def test_a_new_key_goes_into_the_keyring(tmp_path: Path, memory: Memory) -> None:
    made = places(tmp_path).current()
    assert places(tmp_path).current() == made
    assert list(memory.entries) == [("tavus-consent", "ledger")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("backend", [Forgetful, Locked, None])
def test_a_new_key_goes_into_a_file_when_no_keyring_keeps_it(
    tmp_path: Path, backend: Callable[[], Memory] | None
) -> None:
    if backend is not None:
        keyring.set_keyring(backend())
    made = places(tmp_path).current()
    assert FileKeys(tmp_path / "ledger.key").load() == (made,)


def test_a_new_key_goes_into_a_file_without_the_package_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    made = places(tmp_path).current()
    assert FileKeys(tmp_path / "ledger.key").load() == (made,)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    places(tmp_path / "new").current()
    assert stat.S_IMODE((tmp_path / "new" / "ledger.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    places(tmp_path).current()
    (tmp_path / "ledger.key").chmod(mode)
    with pytest.raises(VaultKeyError, match="mode 600"):
        places(tmp_path).current()


def test_on_windows_the_folder_protects_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = places(tmp_path).current()
    (tmp_path / "ledger.key").chmod(0o666)
    monkeypatch.setattr(sys, "platform", "win32")
    assert places(tmp_path).current() == made


@pytest.mark.parametrize("text", ["short", "!!!", KEY[:-4], f"{KEY},nonsense", "ключ"])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(VaultKeyError, match="TAVUS_CONSENT_KEY must hold 32 bytes") as caught:
        places(tmp_path, {"TAVUS_CONSENT_KEY": text}).current()
    assert text not in str(caught.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.key").mkdir()
    with pytest.raises(VaultKeyError, match="cannot be read"):
        places(tmp_path).current()


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(VaultKeyError, match="cannot be written"):
        FileKeys(tmp_path / "taken" / "ledger.key").save((FIRST,))


def test_the_first_of_two_processes_that_make_a_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = FileKeys(tmp_path / "ledger.key")
    link = Path.hardlink_to

    def other_was_faster(self: Path, target: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", link)
        FileKeys(tmp_path / "ledger.key").save((FIRST,))
        link(self, target)

    monkeypatch.setattr(Path, "hardlink_to", other_was_faster)
    late.save((SECOND,))
    assert late.load() == (FIRST,)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.key"]


def test_without_any_place_it_says_how_to_make_a_key() -> None:
    with pytest.raises(VaultKeyError, match="Set TAVUS_CONSENT_KEY: python -c"):
        Keys([EnvironmentKeys({})]).current()


def test_an_old_key_is_found_by_its_name(tmp_path: Path) -> None:
    FileKeys(tmp_path / "ledger.key").save((SECOND,))
    assert places(tmp_path, ENVIRON).find(SECOND.key_id) == SECOND


def test_a_key_that_is_nowhere_is_said_with_the_places(tmp_path: Path) -> None:
    with pytest.raises(VaultKeyError, match=r"TAVUS_CONSENT_KEY, the keyring .*, the file"):
        places(tmp_path, ENVIRON).find("0" * 16)


def test_a_renewed_key_stands_before_the_old_one_until_that_is_forgotten(tmp_path: Path) -> None:
    keys = places(tmp_path)
    old = keys.current()
    new = keys.renew()
    assert FileKeys(tmp_path / "ledger.key").load() == (new, old)
    keys.forget_old()
    assert FileKeys(tmp_path / "ledger.key").load() == (new,)
    assert old != new


def test_the_environment_renews_nothing_by_itself(tmp_path: Path) -> None:
    keys = places(tmp_path, {"TAVUS_CONSENT_KEY": f"{OTHER_KEY}, {KEY}"})
    assert (keys.renew(), keys.find(FIRST.key_id)) == (SECOND, FIRST)


def test_a_key_is_never_shown() -> None:
    assert repr(FIRST) == "Key()"
    assert len(FIRST.key_id) == 16
    assert FIRST.key_id not in FIRST.secret.hex()


def test_a_key_name_is_stable() -> None:
    """It is stored beside what the key wrapped: a change would lose every vault."""
    assert os.linesep  # the name depends on nothing of the machine
    assert FIRST.key_id == Key(bytes(range(32))).key_id
