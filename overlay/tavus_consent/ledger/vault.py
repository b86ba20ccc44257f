"""The vault: names, transcripts and links, encrypted under a separate key for each person.

Each person has a random key. The key-encryption key wraps it (AES-256-GCM), and a row stores it. Two keys are derived
from it: one encrypts, one makes the keyed references in the chain. Erasing a person destroys the key in the row; the
references stay but no longer mean anything.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from tavus_consent._frames import hides_locals
from tavus_consent.errors import (
    InvalidRequestError,
    LedgerBroken,
    LedgerError,
    MissingExtraError,
    SubjectErased,
    VaultKeyError,
)
from tavus_consent.ledger.protocols import Erasure, Item

from .database import Database
from .keys import Key, Keys
from .schema import items, keys, sa

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    raise MissingExtraError("ledger", "the vault of the consent ledger") from None

_NONCE: Final = 12
_WRAP: Final = b"tavus-consent 1 key of "
_KEY_OF: Final = sa.select(keys.c.kek_id, keys.c.wrapped).where(keys.c.subject_ref == sa.bindparam("subject"))


class SealedKey(NamedTuple):
    """A key as it is stored."""

    subject_ref: str
    kek_id: str | None
    wrapped: bytes | None = None


class SealedItem(NamedTuple):
    """An item as it is stored."""

    subject_ref: str
    kind: str
    ref: str
    sealed: bytes


@hides_locals
class Vault:
    """Personal data beside the chain, in the same database.

    Args:
        database: The database of the ledger.
        keys: The places of the key-encryption key.
    """

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def put(self, subject_ref: str, kind: str, plaintext: bytes) -> str:
        """Store an item of a person. The same bytes are stored once.

        Args:
            subject_ref: The person's random name. The first item creates their key.
            kind: Its kind, such as ``"name"`` or ``"transcript"``.
            plaintext: The bytes.

        Returns:
            The reference for the chain, equal to the result of :meth:`reference`.

        Raises:
            SubjectErased: The person was erased.
            VaultKeyError: The key-encryption key is missing.
        """
        with self._database.write() as connection:
            secret = self._made_secret(connection, subject_ref)
            ref = reference(secret, plaintext)
            place = {"subject_ref": subject_ref, "kind": kind, "ref": ref}
            if connection.execute(sa.select(items.c.ref).filter_by(**place)).first() is None:
                nonce = os.urandom(_NONCE)
                sealed = nonce + AESGCM(derive(secret, b"seal")).encrypt(nonce, plaintext, _place(**place))
                connection.execute(sa.insert(items), {**place, "sealed": sealed})
        return ref

    def get(self, subject_ref: str, kind: str, ref: str) -> bytes:
        """Return the bytes that :meth:`put` stored.

        Raises:
            SubjectErased: The person was erased.
            InvalidRequestError: There is no such item.
            LedgerBroken: It was changed.
        """
        for item in self.items(subject_ref, kind):
            if item.ref == ref:
                return item.plaintext
        raise InvalidRequestError(f"The vault has no {kind} under this reference.", field="ref", reason="unknown")

    def items(self, subject_ref: str, kind: str | None = None) -> list[Item]:
        """Return all items of a person, for example to show them.

        Raises:
            SubjectErased: The person was erased.
            LedgerBroken: An item was changed.
        """
        wanted = sa.select(items.c.kind, items.c.ref, items.c.sealed).filter_by(subject_ref=subject_ref)
        with self._database.read() as connection:
            secret = self._secret(connection, subject_ref)
            rows = connection.execute(wanted if kind is None else wanted.filter_by(kind=kind)).all()
        if secret is None:
            return []
        return [opened(secret, subject_ref, of_kind, ref, sealed) for of_kind, ref, sealed in rows]

    def items_of(self, subject_refs: Collection[str], kind: str) -> dict[str, list[Item] | LedgerError]:
        """Return the items of several persons, read at once.

        Returns:
            The items of each person, or the error that prevents opening them; nothing for erased persons.

        Raises:
            VaultKeyError: The key-encryption key is missing, so that no person's key can be unwrapped.
        """
        wanted = (keys.c.subject_ref.in_(subject_refs), keys.c.wrapped.is_not(None))
        of_kind = sa.and_(items.c.subject_ref == keys.c.subject_ref, items.c.kind == kind)
        statement = sa.select(keys, items.c.kind, items.c.ref, items.c.sealed).join(items, of_kind).where(*wanted)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        keks = KnownKeys(self._keys)
        found: dict[str, list[Item] | LedgerError] = {subject_ref: [] for subject_ref in subject_refs}
        for row in rows:
            so_far = found[row.subject_ref]
            if isinstance(so_far, list):
                try:
                    secret = unwrap(keks.find(row.kek_id), row.subject_ref, row.wrapped)
                    so_far.append(opened(secret, row.subject_ref, row.kind, row.ref, row.sealed))
                except LedgerError as error:
                    found[row.subject_ref] = error
        missing = next((one for one in found.values() if isinstance(one, VaultKeyError)), None)
        if missing is not None and not any(isinstance(one, list) and one for one in found.values()):
            raise missing
        return found

    def reference(self, subject_ref: str, data: bytes) -> str:
        """Return a keyed reference: equal bytes of the same person have equal references, opaque without the key.

        Returns:
            ``hmac:`` and 64 hex digits.

        Raises:
            SubjectErased: The person was erased.
            VaultKeyError: The key-encryption key is missing.
        """
        return reference(self.secret(subject_ref), data)

    def secret(self, subject_ref: str) -> bytes:
        """Return a person's own key; create it if there is none.

        Raises:
            SubjectErased: The person was erased.
            VaultKeyError: The key-encryption key is missing.
        """
        secret = self.known_secret(subject_ref)
        if secret is None:
            with self._database.write() as connection:
                secret = self._made_secret(connection, subject_ref)
        return secret

    def known_secret(self, subject_ref: str) -> bytes | None:
        """Return a person's own key; ``None`` if there is none yet."""
        with self._database.read() as connection:
            return self._secret(connection, subject_ref)

    def erase(self, subject_ref: str) -> Erasure:
        """Destroy a person's key and items, then wipe the bytes that deletion leaves in the files.

        You can call it twice, for example to continue after :class:`ErasureIncomplete`.

        Raises:
            ErasureIncomplete: Everything is deleted, but old bytes are still in a file.
        """
        with self._database.write() as connection:
            gone = connection.execute(sa.delete(items).filter_by(subject_ref=subject_ref)).rowcount
            # deleted and inserted again: an update could leave the old row's bytes beside the new one's
            connection.execute(sa.delete(keys).filter_by(subject_ref=subject_ref))
            connection.execute(sa.insert(keys), {"subject_ref": subject_ref, "kek_id": None, "wrapped": None})
        self._database.scrub()
        return Erasure(subject_ref=subject_ref, items=gone, residues=self._database.residues)

    def unwrapped(self) -> Iterator[tuple[SealedKey, bytes | LedgerError | None]]:
        """Yield all keys, each with its plaintext or the error that prevents unwrapping it: for checks."""
        with self._database.read() as connection:
            rows = [SealedKey(*row) for row in connection.execute(sa.select(keys))]
        keks = KnownKeys(self._keys)
        for row in rows:
            secret: bytes | LedgerError | None = None
            if row.wrapped is not None:
                try:
                    secret = unwrap(keks.find(str(row.kek_id)), row.subject_ref, row.wrapped)
                except LedgerError as error:
                    secret = error
            yield row, secret

    def sealed(self) -> Iterator[SealedItem]:
        """Yield all items as they are stored: for checks."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(items)).all()
        return (SealedItem(*row) for row in rows)

    def rotate(self) -> int:
        """Change the key-encryption key: wrap every person's key with the new one, then forget the old one.

        With ``TAVUS_CONSENT_KEY``, set it to ``new,old`` first and to ``new`` afterwards. You can interrupt this method
        at any point and run it again.

        Returns:
            The number of rewrapped keys.

        Raises:
            VaultKeyError: A key is missing or cannot be written.
        """
        self._keys.renew()
        with self._database.write() as connection:
            # read again inside the lock: an earlier writer may have used a key that is still known
            current = self._keys.current()
            outdated = sa.select(keys).where(keys.c.wrapped.is_not(None), keys.c.kek_id != current.key_id)
            rows = connection.execute(outdated).all()
            for subject_ref, key_id, wrapped in rows:
                secret = unwrap(self._keys.find(key_id), subject_ref, wrapped)
                connection.execute(
                    sa.update(keys).filter_by(subject_ref=subject_ref).values(_wrapped(current, subject_ref, secret))
                )
        self._database.scrub()
        self._keys.forget_old()
        return sum(row.subject_ref != self._database.key_name for row in rows)

    def _made_secret(self, connection: sa.Connection, subject_ref: str) -> bytes:
        """Return the person's key, created if there is none; inside a write, so that it is created once."""
        secret = self._secret(connection, subject_ref)
        if secret is None:
            secret = os.urandom(32)
            wrapped = _wrapped(self._keys.current(), subject_ref, secret)
            connection.execute(sa.insert(keys), {"subject_ref": subject_ref, **wrapped})
        return secret

    def _secret(self, connection: sa.Connection, subject_ref: str) -> bytes | None:
        """Return the person's key, or ``None`` if they have none yet."""
        row = connection.execute(_KEY_OF, {"subject": subject_ref}).first()
        if row is None:
            return None
        if row.wrapped is None:
            raise SubjectErased("This person was erased: their data can be neither stored nor read.")
        return unwrap(self._keys.find(row.kek_id), subject_ref, row.wrapped)


def _wrapped(kek: Key, subject_ref: str, secret: bytes) -> dict[str, object]:
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(kek.secret).encrypt(nonce, secret, _WRAP + subject_ref.encode())
    return {"kek_id": kek.key_id, "wrapped": nonce + sealed}


class KnownKeys:
    """Key-encryption keys, each looked up once because a keyring is slow."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[str, Key | VaultKeyError] = {}

    def find(self, key_id: str) -> Key:
        """Return the key that wrapped something.

        Raises:
            VaultKeyError: No place has the key.
        """
        if key_id not in self._known:
            try:
                self._known[key_id] = self._keys.find(key_id)
            except VaultKeyError as error:
                self._known[key_id] = error
        known = self._known[key_id]
        if isinstance(known, VaultKeyError):
            raise known
        return known


def unwrap(kek: Key, subject_ref: str, wrapped: bytes) -> bytes:
    """Return a person's own key.

    Raises:
        VaultKeyError: The wrapped key was changed.
    """
    try:
        return AESGCM(kek.secret).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _WRAP + subject_ref.encode())
    except (InvalidTag, ValueError):
        raise VaultKeyError("A person's key was changed and cannot be unwrapped.") from None


def opened(secret: bytes, subject_ref: str, kind: str, ref: str, sealed: bytes) -> Item:
    """Return a decrypted item.

    Raises:
        LedgerBroken: The item was changed.
    """
    try:
        place = _place(subject_ref=subject_ref, kind=kind, ref=ref)
        plaintext = AESGCM(derive(secret, b"seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
    except (InvalidTag, ValueError):
        raise LedgerBroken("An item of the vault was changed.", seq=None) from None
    return Item(kind=kind, ref=ref, plaintext=plaintext)


def derive(secret: bytes, purpose: bytes) -> bytes:
    """Derive one key for each purpose: HKDF's expand step (RFC 5869) for a single block."""
    return hmac.digest(secret, b"tavus-consent 1 " + purpose + b"\x01", hashlib.sha256)


def reference(secret: bytes, data: bytes) -> str:
    """Return a keyed reference to an item of the person who owns the key."""
    return f"hmac:{hmac.digest(derive(secret, b'reference'), data, hashlib.sha256).hex()}"


def _place(*, subject_ref: str, kind: str, ref: str) -> bytes:
    """Return the data that an item is bound to, so that it cannot pass for another kind's or another person's."""
    return "\x00".join((subject_ref, kind, ref)).encode()
