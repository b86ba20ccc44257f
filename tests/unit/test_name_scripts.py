"""The scripts read from character names are those of the Unicode Character Database, for every script in living use."""

from __future__ import annotations

import itertools
import re
import unicodedata

import fontTools.unicodedata as database
import pytest

from tavus_consent import InvalidNameError
from tavus_consent.consent import check_full_name

# UAX #31, tables 5 (recommended) and 7 (limited use), and Mongolian
LIVING = re.findall(
    r"\w+",
    """
    Adlm Arab Armn Bali Bamu Batk Beng Bopo Cakm Cans Cham Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira
    Hmnp Java Kali Kana Khmr Knda Lana Laoo Latn Lepc Limb Lisu Mand Mlym Mong Mtei Mymr Newa Nkoo Olck Orya Osge Plrd
    Rohg Saur Sinh Sund Sylo Syrc Tale Talu Taml Tavt Telu Tfng Thaa Thai Tibt Vaii Wcho Yiii
    """,
)
# Historic signs whose names do not begin with their script.
EXCEPTIONS = {"\N{OLD CHINESE ITERATION MARK}"}
TOGETHER = [{"Hani", "Hira"}, {"Hani", "Kana"}, {"Hira", "Kana"}, {"Hani", "Hang"}, {"Hani", "Bopo"}]


def characters(script: str) -> list[str]:
    """The letters and marks of a script that this Python knows; without mathematical and invisible ones."""
    ranges = zip(
        database.Scripts.RANGES, [*database.Scripts.RANGES[1:], 0x110000], database.Scripts.VALUES, strict=True
    )
    points = itertools.chain.from_iterable(range(start, end) for start, end, value in ranges if value == script)
    return [
        character
        for character in map(chr, points)
        if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc")
        and unicodedata.is_normalized("NFC", character)
        and character not in EXCEPTIONS
        and "<font>" not in unicodedata.decomposition(character)
        and "FILLER" not in unicodedata.name(character)
        and "VARIATION SELECTOR" not in unicodedata.name(character)
        and "KHMER VOWEL INHERENT" not in unicodedata.name(character)
    ]


def letter(script: str) -> str:
    """A letter that surely is of the script."""
    return next(c for c in characters(script) if unicodedata.category(c) in ("Lo", "Ll"))


def is_refused(name: str) -> bool:
    try:
        check_full_name(name)
    except InvalidNameError as error:
        return error.reason == "mixed_scripts"
    return False


@pytest.mark.exhaustive
@pytest.mark.parametrize("script", LIVING)
def test_all_characters_of_a_script_go_together(script: str) -> None:
    first = letter(script)
    assert [c for c in characters(script) if is_refused(first + c)] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("script", LIVING)
def test_no_letter_of_a_script_goes_with_another_script(script: str) -> None:
    """But those that any script may use: modifier letters."""
    other = letter("Cyrl" if script == "Latn" else "Latn")
    own = [c for c in characters(script) if unicodedata.category(c)[0] == "L" and "MODIFIER" not in unicodedata.name(c)]
    assert [c for c in own if not is_refused(other + c)] == []


def test_two_scripts_go_together_only_where_a_language_writes_both() -> None:
    letters = {script: letter(script) for script in LIVING}
    together = [{a, b} for a, b in itertools.combinations(LIVING, 2) if not is_refused(letters[a] + letters[b])]
    assert sorted(map(sorted, TOGETHER)) == sorted(map(sorted, together))
