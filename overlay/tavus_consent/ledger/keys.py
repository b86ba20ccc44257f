"""The key-encryption key: how it is found, created and changed.

The SDK looks in ``TAVUS_CONSENT_KEY``, then in the keyring of the operating system, then in a file that only its owner
may read. Each place may hold several keys, the current one first: both keys must be available while the key is being
changed.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from tavus_consent.errors import VaultKeyError

VARIABLE: Final = "TAVUS_CONSENT_KEY"
KEY_BYTES: Final = 32
_SERVICE: Final = "tavus-consent"


@frozen
class Key:
    """A key that wraps the keys of persons. Its bytes are never shown.

    Attributes:
        secret: 32 bytes.
        key_id: An identifier that reveals nothing about the key; stored with everything that it wraps.
    """

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """16 hex digits."""
        return hmac.digest(self.secret, b"tavus-consent key id", "sha256").hex()[:16]

    @classmethod
    def new(cls) -> Key:
        """Return a random key."""
        return cls(secrets.token_bytes(KEY_BYTES))


class KeyPlace(Protocol):
    """A place that stores keys."""

    name: str

    def load(self) -> tuple[Key, ...]:
        """Return the keys, the current one first; none if there are none or the place cannot be used."""
        ...

    def save(self, keys: tuple[Key, ...]) -> bool:
        """Replace the keys. Returns True if the place stored them."""
        ...


class EnvironmentKeys:
    """``TAVUS_CONSENT_KEY``: base64 of 32 bytes; ``new,old`` while the key is being changed."""

    name = VARIABLE

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def load(self) -> tuple[Key, ...]:
        """Return the keys in the variable."""
        return _read(self._environ.get(VARIABLE, ""), self.name)

    def save(self, keys: tuple[Key, ...]) -> bool:
        """Return False: a process cannot change the environment of the next one."""
        return False


class KeyringKeys:
    """The keyring of the operating system, if the package ``keyring`` is installed and finds a backend."""

    name = "the keyring of the operating system"

    def __init__(self, ledger_id: str) -> None:
        self._user = ledger_id

    def load(self) -> tuple[Key, ...]:
        """Return the keys in this ledger's entry."""
        return _read(self._get() or "", self.name)

    def save(self, keys: tuple[Key, ...]) -> bool:
        """Write the entry and read it back, because some keyrings accept everything and store nothing."""
        text = _write(keys)
        with suppress(ImportError):
            import keyring

            with suppress(keyring.errors.KeyringError):
                keyring.set_password(_SERVICE, self._user, text)
        return self._get() == text

    def _get(self) -> str | None:
        with suppress(ImportError):
            import keyring

            with suppress(keyring.errors.KeyringError):
                return keyring.get_password(_SERVICE, self._user)
        return None


class FileKeys:
    """A file that only its owner may read and write (mode 600).

    Args:
        path: The file. Its folder is created if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"the file {path}"

    def load(self) -> tuple[Key, ...]:
        """Return the keys in the file.

        Raises:
            VaultKeyError: Other users may read the file, or it does not hold keys.
        """
        try:
            with self._path.open() as file:
                # Windows has no such mode bits; there, the user's folder protects the file.
                private = sys.platform == "win32" or not os.fstat(file.fileno()).st_mode & 0o077
                text = file.read(10_000)
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeError) as error:
            raise VaultKeyError(f"{self.name} cannot be read ({type(error).__name__}).") from None
        if not private:
            raise VaultKeyError(f"{self.name} holds the key of the vault, but others can read it. Make it mode 600.")
        return _read(text, self.name)

    def save(self, keys: tuple[Key, ...]) -> bool:
        """Write a new file and replace the old one. If several processes create it, the first one wins."""
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            first = not self._path.exists()
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(_write(keys) + "\n")
                file.flush()
                os.fsync(file.fileno())
            if first:
                with suppress(FileExistsError):  # another process created one meanwhile; the caller reads again
                    self._path.hardlink_to(fresh)
                fresh.unlink()
            else:
                fresh.replace(self._path)
        except OSError as error:
            raise VaultKeyError(f"{self.name} cannot be written ({error.strerror}).") from None
        return True


class Keys:
    """All places, in their order.

    Args:
        places: The places to search. The first one that has a key holds the current key.
    """

    def __init__(self, places: Iterable[KeyPlace]) -> None:
        self._places = tuple(places)

    def current(self) -> Key:
        """Return the key to wrap with; create it if no place has one.

        Raises:
            VaultKeyError: No place can store a key.
        """
        for place in self._places:
            if keys := place.load():
                return keys[0]
        for place in self._places:
            if place.save((Key.new(),)) and (keys := place.load()):
                return keys[0]
        raise VaultKeyError(f"The vault has no key and no place to store one. Set {VARIABLE}: {_HOW}")

    def find(self, key_id: str) -> Key:
        """Return the key that wrapped something.

        Raises:
            VaultKeyError: No place has the key.
        """
        for place in self._places:
            for key in place.load():
                if key.key_id == key_id:
                    return key
        places = ", ".join(place.name for place in self._places)
        raise VaultKeyError(f"The key {key_id} of the vault was not found. Searched: {places}.")

    def renew(self) -> Key:
        """Put a new key before the current one, if the place can be written. The old key stays for now.

        The environment cannot be written: there, the user puts the new key first.
        """
        current = self.current()
        place = self._home(current)
        place.save((Key.new(), *place.load()))
        return self.current()

    def forget_old(self) -> None:
        """Keep only the current key in its place."""
        current = self.current()
        self._home(current).save((current,))

    def _home(self, key: Key) -> KeyPlace:
        return next(place for place in self._places if key in place.load())


def default_keys(ledger_id: str, folder: Path, environ: Mapping[str, str]) -> Keys:
    """Return the default places, each with a key for this ledger.

    Args:
        ledger_id: The random name of the ledger.
        folder: The folder of the key file.
        environ: The environment with the variable.
    """
    return Keys((EnvironmentKeys(environ), KeyringKeys(ledger_id), FileKeys(folder / f"{ledger_id}.key")))


_HOW: Final = "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"


def _read(text: str, where: str) -> tuple[Key, ...]:
    try:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        found = [base64.b64decode(part, altchars=b"-_", validate=True) for part in parts]
    except ValueError:
        found = [b""]
    if any(len(secret) != KEY_BYTES for secret in found):
        raise VaultKeyError(f"{where} must hold {KEY_BYTES} bytes in base64. A new key: {_HOW}")
    return tuple(map(Key, found))


def _write(keys: tuple[Key, ...]) -> str:
    return ",".join(base64.urlsafe_b64encode(key.secret).decode() for key in keys)
