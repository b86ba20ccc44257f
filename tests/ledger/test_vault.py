"""The vault: items are stored, read, referenced, bound to their place, and re-wrapped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tavus_consent import InvalidRequestError, LedgerBroken, SubjectErased, VaultKeyError
from tavus_consent.ledger import Ledger

from .conftest import Opener
from .support import ENVIRON, KEY, OTHER_KEY, attack

NAME = "Siobhán O'Connor".encode()


def test_what_was_kept_is_read(ledger: Ledger) -> None:
    ref = ledger.vault.put("s1", "name", NAME)
    assert ledger.vault.get("s1", "name", ref) == NAME


def test_large_and_empty_things_are_kept(ledger: Ledger) -> None:
    for plaintext in (b"", bytes(300_000)):
        ref = ledger.vault.put("s1", "transcript", plaintext)
        assert ledger.vault.get("s1", "transcript", ref) == plaintext


def test_the_reference_is_the_one_of_the_bytes(ledger: Ledger) -> None:
    ref = ledger.vault.put("s1", "name", NAME)
    assert ledger.vault.reference("s1", NAME) == ref
    assert len(ref) == len("hmac:") + 64


def test_a_reference_is_the_same_before_anything_is_kept(ledger: Ledger) -> None:
    ref = ledger.vault.reference("s1", NAME)
    assert ledger.vault.put("s1", "name", NAME) == ref


def test_references_of_two_persons_differ(ledger: Ledger) -> None:
    assert ledger.vault.reference("s1", NAME) != ledger.vault.reference("s2", NAME)


def test_a_reference_is_no_plain_hash(ledger: Ledger) -> None:
    assert ledger.vault.reference("s1", NAME) != f"hmac:{hashlib.sha256(NAME).hexdigest()}"


def test_the_same_twice_is_kept_once(ledger: Ledger) -> None:
    assert ledger.vault.put("s1", "name", NAME) == ledger.vault.put("s1", "name", NAME)
    assert len(ledger.vault.items("s1")) == 1


def test_everything_of_a_person_can_be_read(ledger: Ledger) -> None:
    ledger.vault.put("s1", "name", NAME)
    ledger.vault.put("s1", "spoken_as", b"shivawn")
    ledger.vault.put("s2", "name", b"Rio")
    assert {(item.kind, item.plaintext) for item in ledger.vault.items("s1")} == {
        ("name", NAME),
        ("spoken_as", b"shivawn"),
    }
    assert [item.plaintext for item in ledger.vault.items("s1", "name")] == [NAME]
    assert ledger.vault.items("nobody") == []


def test_what_was_not_kept_is_refused(ledger: Ledger) -> None:
    ref = ledger.vault.put("s1", "name", NAME)
    for subject, kind, other in (("s2", "name", ref), ("s1", "link", ref), ("s1", "name", "hmac:0")):
        with pytest.raises(InvalidRequestError, match="vault has no"):
            ledger.vault.get(subject, kind, other)


def test_no_repr_shows_what_is_kept(ledger: Ledger) -> None:
    ledger.vault.put("s1", "name", b"Rio Alvarez")
    assert "Rio" not in repr((ledger, ledger.vault.items("s1")))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tavus_consent_items SET kind = 'link'",
        "UPDATE tavus_consent_items SET ref = 'hmac:0'",
        "UPDATE tavus_consent_items SET subject_ref = 's2'",
        "UPDATE tavus_consent_items SET sealed = :short",
    ],
)
def test_an_item_that_was_moved_or_changed_is_refused(url: str, ledger: Ledger, change: str) -> None:
    ledger.vault.reference("s2", b"")
    ledger.vault.put("s1", "name", NAME)
    attack(url, change, **({"short": b"short"} if ":short" in change else {}))
    with pytest.raises(LedgerBroken, match="was changed"):
        _ = ledger.vault.items("s1") or ledger.vault.items("s2")


def test_a_person_s_key_is_bound_to_them(url: str, ledger: Ledger) -> None:
    ledger.vault.put("s1", "name", NAME)
    attack(url, "UPDATE tavus_consent_keys SET subject_ref = 's2'")
    with pytest.raises(VaultKeyError, match="was changed"):
        ledger.vault.items("s2")


# erased


@pytest.mark.parametrize("known", [True, False])
def test_nothing_is_kept_or_read_of_an_erased_person(ledger: Ledger, known: bool) -> None:
    ref = ledger.vault.put("s1", "name", NAME) if known else "hmac:0"
    assert ledger.vault.erase("s1").items == known
    for use in (
        lambda: ledger.vault.put("s1", "name", NAME),
        lambda: ledger.vault.get("s1", "name", ref),
        lambda: ledger.vault.reference("s1", NAME),
        lambda: ledger.vault.items("s1"),
    ):
        with pytest.raises(SubjectErased):
            use()


def test_erasing_one_person_leaves_the_others(ledger: Ledger) -> None:
    ledger.vault.put("s1", "name", NAME)
    ref = ledger.vault.put("s2", "name", b"Rio")
    ledger.vault.erase("s1")
    assert ledger.vault.get("s2", "name", ref) == b"Rio"


def test_erasing_twice_is_fine(ledger: Ledger) -> None:
    ledger.vault.put("s1", "name", NAME)
    assert [ledger.vault.erase("s1").items, ledger.vault.erase("s1").items] == [1, 0]


def test_an_erasure_says_what_it_cannot_reach(ledger: Ledger) -> None:
    assert any("backups" in sentence for sentence in ledger.vault.erase("s1").residues)


# the key-encryption key


def test_another_key_opens_nothing(url: str, opened: Opener) -> None:
    ref = opened(url).vault.put("s1", "name", NAME)
    other = opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY})
    with pytest.raises(VaultKeyError, match="was not found"):
        other.vault.get("s1", "name", ref)


def test_a_key_in_a_file_is_changed_in_one_call(url: str, opened: Opener, tmp_path: Path) -> None:
    ledger = opened(url, environ={})
    refs = {subject: ledger.vault.put(subject, "name", NAME) for subject in ("s1", "s2")}
    ledger.vault.erase("s3")
    file = next((tmp_path / "keys").iterdir())
    before = file.read_text()
    assert ledger.vault.rotate() == 2
    assert before not in file.read_text()
    for subject, ref in refs.items():
        assert ledger.vault.get(subject, "name", ref) == NAME
        assert ledger.vault.reference(subject, NAME) == ref


def test_a_key_in_the_environment_is_changed_by_putting_the_new_one_first(url: str, opened: Opener) -> None:
    ref = opened(url).vault.put("s1", "name", NAME)
    assert opened(url, environ={"TAVUS_CONSENT_KEY": f"{OTHER_KEY},{KEY}"}).vault.rotate() == 1
    assert opened(url, environ={"TAVUS_CONSENT_KEY": OTHER_KEY}).vault.get("s1", "name", ref) == NAME
    with pytest.raises(VaultKeyError):
        opened(url, environ=ENVIRON).vault.get("s1", "name", ref)


def test_a_change_of_keys_that_was_broken_off_can_be_made_again(
    sqlite_url: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = opened(sqlite_url, environ={})
    ref = ledger.vault.put("s1", "name", NAME)

    def broken_off() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger._database, "scrub", broken_off)
        with pytest.raises(KeyboardInterrupt):
            ledger.vault.rotate()
    assert ledger.vault.get("s1", "name", ref) == NAME
    assert ledger.vault.rotate() == 1
    assert ledger.vault.get("s1", "name", ref) == NAME


def test_two_ledgers_have_keys_of_their_own(tmp_path: Path, opened: Opener) -> None:
    one, two = (opened(f"sqlite:///{tmp_path}/{name}.db", environ={}) for name in ("one", "two"))
    ref = two.vault.put("s1", "name", NAME)
    one.vault.put("s1", "name", NAME)
    one.vault.rotate()
    assert two.vault.get("s1", "name", ref) == NAME


# several persons at once


def test_the_items_of_several_persons_are_read_at_once(ledger: Ledger) -> None:
    ledger.vault.put("s1", "terms", b"one")
    ledger.vault.put("s1", "link", b"https://bucket.example")
    ledger.vault.put("s2", "terms", b"two")
    ledger.vault.put("s3", "terms", b"three")
    ledger.vault.erase("s3")
    found = ledger.vault.items_of(["s1", "s2", "s3", "nobody"], "terms")
    read = {name: [one.plaintext for one in kept] for name, kept in found.items() if isinstance(kept, list)}
    assert read == {"s1": [b"one"], "s2": [b"two"], "s3": [], "nobody": []}


def test_what_cannot_be_opened_hides_nobody_else(url: str, ledger: Ledger) -> None:
    for data in (b"one", b"another"):
        ledger.vault.put("s1", "terms", data)
    ledger.vault.put("s2", "terms", b"two")
    attack(url, "UPDATE tavus_consent_items SET sealed = :x WHERE subject_ref = 's1'", x=b"x" * 40)
    found = ledger.vault.items_of(["s1", "s2"], "terms")
    assert isinstance(found["s1"], LedgerBroken)
    assert [one.plaintext for one in found["s2"]] == [b"two"]  # type: ignore[union-attr]
