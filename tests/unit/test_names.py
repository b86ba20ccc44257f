"""Full names that are valid in the consent statement."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, strategies as st
from tests.rows import each_row

from tavus_consent import ConsentWarning, InvalidNameError, InvalidRequestError, SpokenConsent
from tavus_consent.consent import STATEMENT, check_full_name

# Names that people bear, chosen because a careless rule would refuse them.
REAL_NAMES = [
    "Rio Alvarez",
    "Zoë Brontë",
    "Anna-Maria Müller",
    "Conan O'Brien",
    "Conan O’Brien",
    "Gerard 't Hooft",
    "Jacobus van't Hoff",
    "Martin Luther King Jr.",
    "J. R. R. Tolkien",
    "Gal·la Placídia",
    "Mª José Pérez",
    "Israel Kamakawiwoʻole",
    "Мар’яна Іваненко",
    "Mar\u02bciana Ivanenko",
    "Αλέξης Παπαδόπουλος",
    "佐々木 のぞみ",
    "佐〻木 Ximena",  # the vertical form of the iteration mark
    "葛\U00016ff0",  # a Vietnamese reading mark
    "田中マルクス闘莉王",
    "岡田ジョージ",
    "オノ ヨーコ",
    "ﾀﾅｶ ﾀﾛｳ",
    "김 민준",
    "李連杰",
    "محمد بن عبد الله",
    "דוד בן-גוריון",
    "ทองคำ ใจดี",
    "प्रिया शर्मा",
    "प\u1cda",  # a Vedic tone mark
    "தமிழ் செல்வி",
    "ᏍᏏᏉᏯ ᎩᏍᏗ",
    "\U00017000\U00017001",  # Tangut, of which some versions of Python know no character names
    "Rio Альварес",  # one script in each word
    "An",
    "To An",
    "Ai Weiwei",
    "Me Me Khant",
    "Can Öz",
    "Metin And",
    "Brigitte By",
    "The Tjong Khing",
    "Am Rong",
    "Junior Samples",
    "No Hyeon-u",
    "Mohd Nor",
    "Jakob Dont",
    "Do Thi My",
    "May Sound",
    "Jennifer Null",
    "James Last",
    "Anna Notley",
    "Constance Consentino",
]


@each_row("name", REAL_NAMES)
def test_real_names_pass_unchanged(name: str) -> None:
    assert unicodedata.normalize("NFC", name) == check_full_name(name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Rio   Alvarez ", "Rio Alvarez"),
        ("Jose\u0301 Nun\u0303ez", "José Nuñez"),
        ("O\u0387Neil", "O·Neil"),  # the Greek sign is the middle dot in NFC
        ("\u212bsa", "Åsa"),
    ],
)
def test_spaces_and_normal_form_are_mended(given: str, kept: str) -> None:
    assert check_full_name(given) == kept


# Signs that programs put in place of those that people type, and what is kept.
MENDED = [
    ("Rio\u00a0Alvarez", "Rio Alvarez", "no-break space"),
    ("Rio\u202fAlvarez", "Rio Alvarez", "no-break space"),
    ("Rio\u2007Alvarez", "Rio Alvarez", "no-break space"),
    ("\u00a0Rio \u00a0 Alvarez\u00a0", "Rio Alvarez", "no-break space"),
    ("Anna\u2010Maria", "Anna-Maria", "typographic hyphen"),
    ("Anna\u2011Maria", "Anna-Maria", "typographic hyphen"),
    ("Conan O`Brien", "Conan O'Brien", "backtick"),
    ("Conan O\u1fefBrien", "Conan O'Brien", "backtick"),  # the Greek one is a backtick in NFC
    ("Conan O\u00b4Brien", "Conan O'Brien", "typographic quote"),
    ("Gerard \u2018t Hooft", "Gerard 't Hooft", "typographic quote"),
    ("Gerard \u201bt Hooft", "Gerard 't Hooft", "typographic quote"),
    ("Conan O\u2032Brien", "Conan O'Brien", "typographic quote"),
    ("Conan O\uff07Brien", "Conan O'Brien", "typographic quote"),
]


@pytest.mark.parametrize(("given", "kept", "what"), MENDED)
def test_signs_of_programs_are_mended(given: str, kept: str, what: str) -> None:
    assert check_full_name(given) == kept


@pytest.mark.parametrize(("given", "kept", "what"), MENDED)
def test_it_is_said_that_a_sign_was_mended(given: str, kept: str, what: str) -> None:
    with pytest.warns(ConsentWarning, match=what) as warned:
        spoken = SpokenConsent(given)
    assert (spoken.full_name, warned[0].filename) == (kept, __file__)
    assert kept not in str(warned[0].message)


def test_everything_that_was_mended_is_said_at_once() -> None:
    with pytest.warns(ConsentWarning) as warned:
        SpokenConsent("Anna\u2010Maria\u00a0O`Brien")
    (one,) = warned
    assert all(what in str(one.message) for what in ("no-break space", "typographic hyphen", "backtick"))


# Names that some people bear, and that are mistakes elsewhere.
BORNE = [
    "Ana Maria de Jesus Ribeiro dos Santos Oliveira da Silva",
    "Pablo Diego José Francisco de Paula Juan Nepomuceno María de los Remedios Cipriano de la Santísima Trinidad Ruiz "
    "y Picasso",
    "Rio " + " ".join(["Alvarez"] * 40),
    "Robert Downey, Jr.",
    "Robert Downey, Jr",
    "Rio Alvarez, III",
    "Rio Alvarez 3rd",
    "Rio Alvarez, 4th",
    "Rio Alvarez, MD",
    "Rio Alvarez, Ph.D.",
]


@pytest.mark.parametrize("name", BORNE)
def test_a_name_that_is_borne_passes_when_that_is_stated(name: str) -> None:
    with pytest.raises(InvalidNameError):
        check_full_name(name)
    assert check_full_name(name, as_borne=True) == name
    assert f"I, {name}, am" in SpokenConsent(name, as_borne=True).statement == STATEMENT.render(name, as_borne=True)


@pytest.mark.parametrize(
    "name", ["Martin Luther King Jr.", "William Gates III", "D'Angelo Washington III", "Henry VIII"]
)
def test_a_suffix_without_a_comma_needs_no_statement(name: str) -> None:
    assert check_full_name(name) == check_full_name(name, as_borne=True) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("R" + "o" * 400, "too_long"),
        ("Rio, Alvarez", "character"),
        ("Alvarez, Rio, Jr.", "character"),
        (", Jr.", "too_short"),
        ("R, Jr.", "too_short"),
        ("Rio 2", "digit"),
        ("Rio Alvarez, 5", "character"),
        ("Rio\nAlvarez", "invisible_character"),
        ("[FULL NAME]", "bracket"),
        ("Full Name", "placeholder"),
        ("Rio who does not consent at all to any of this here", "statement_word"),
        ("Rio not, Jr.", "statement_word"),
        ("Rio Alv" + "а" + "rez", "mixed_scripts"),
    ],
)
def test_what_nobody_bears_is_refused_whatever_is_stated(name: str, reason: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        check_full_name(name, as_borne=True)
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", BORNE[:3])
def test_the_error_names_the_way_out(name: str) -> None:
    with pytest.raises(InvalidNameError, match="as_borne=True"):
        check_full_name(name)


def test_that_a_name_is_borne_is_true_or_false() -> None:
    word: Any = "yes"
    with pytest.raises(InvalidRequestError, match="as_borne"):
        SpokenConsent("Rio Alvarez", as_borne=word)


# Letters and marks that show nothing at all.
INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"

REFUSED: list[tuple[Any, str]] = [
    (None, "not_text"),
    (b"Rio Alvarez", "not_text"),
    ("", "too_short"),
    ("   ", "too_short"),
    ("R", "too_short"),
    ("e\u0301", "too_short"),
    ("R" + "o" * 100, "too_long"),
    ("o" * 100_000, "too_long"),
    ("A B C D E F G H I", "too_many_words"),
    ("Rio\nAlvarez", "invisible_character"),
    ("Rio\tAlvarez", "invisible_character"),
    ("Rio\u2028Alvarez", "invisible_character"),
    ("Rio\u2029Alvarez", "invisible_character"),
    ("Rio\x00", "invisible_character"),
    ("Rio\u200bAlvarez", "invisible_character"),  # zero-width space
    ("Rio\u200dAlvarez", "invisible_character"),  # zero-width joiner
    ("\ufeffRio", "invisible_character"),
    ("Rio\u202eAlvarez", "invisible_character"),  # right-to-left override
    ("Rio\u2066Alvarez", "invisible_character"),
    ("Ri\u00ado", "invisible_character"),  # soft hyphen
    ("Rio\u3164", "invisible_character"),  # Hangul filler, a letter that shows nothing
    ("Rio\ufe0f", "invisible_character"),  # variation selector, a mark that shows nothing
    ("Rio\ufe00", "invisible_character"),
    ("葛\U000e0100", "invisible_character"),
    ("葛\U000e01ef", "invisible_character"),
    *((f"Rio{sign}", "invisible_character") for sign in INVISIBLE),
    ("Rio\ufe10", "character"),  # the neighbours of the variation selectors show something
    ("葛\U000e01f0", "character"),
    ("Rio\ud800", "invisible_character"),
    ("Rio 2", "digit"),
    ("Rio Ⅱ", "digit"),
    ("Rio ٣", "digit"),
    ("[FULL NAME]", "bracket"),
    ("Rio (Alvarez)", "bracket"),
    ("Rio Alvarez)", "bracket"),
    ("<name>", "bracket"),
    ("{{name}}", "bracket"),
    ("Rio ❲x❳", "bracket"),
    ("Rio, Alvarez", "character"),
    ("Rio_Alvarez", "character"),
    ("rio@app.example", "character"),
    ("Rio 😀", "character"),
    ("Rio–Alvarez", "character"),  # en dash
    ("Rio\ue000", "character"),  # private use
    ("𝐑𝐢𝐨 Alvarez", "character"),  # mathematical letters
    ("Rio\u20dd", "character"),  # enclosing circle
    ("\u0301Rio", "stray_mark"),
    ("Rio \u0301lvarez", "stray_mark"),
    ("O'\u0301Brien", "stray_mark"),
    ("Rio - Alvarez", "no_letter"),
    ("Rio ...", "no_letter"),
    ("Р" + "io Alvarez", "mixed_scripts"),  # Cyrillic er
    ("Rio Alv" + "а" + "rez", "mixed_scripts"),  # Cyrillic a
    ("Anna-Мария", "mixed_scripts"),
    ("Ri" + "ο", "mixed_scripts"),  # Greek omicron
    ("Ri" + "ᴦ", "mixed_scripts"),  # Greek letter small capital gamma
    ("김田ひ", "mixed_scripts"),  # Korean and Japanese at once
    ("ㄅひ", "mixed_scripts"),
    ("Rio田", "mixed_scripts"),
    ("Rio\U00017000", "mixed_scripts"),
    ("ーRio", "mixed_scripts"),  # the long-vowel sign is Japanese
    ("Full Name", "placeholder"),
    ("full-name", "placeholder"),
    ("ＦＵＬＬ ＮＡＭＥ", "placeholder"),
    ("Your Full Name", "placeholder"),
    ("your name here", "placeholder"),
    ("My name", "placeholder"),
    ("Rio Lastname", "placeholder"),
    ("First Name Last Name", "placeholder"),
    ("First Last", "placeholder"),
    ("First Middle Last", "placeholder"),
    ("Name Surname", "placeholder"),
    ("None", "placeholder"),
    ("undefined undefined", "placeholder"),
    ("Unknown", "placeholder"),
    *((f"{word} Name", "placeholder") for word in ("Full", "Your", "My", "First", "Last", "Middle", "Given", "Family")),
    *((word, "placeholder") for word in ("Anonymous", "Name", "Null", "Placeholder", "Surname", "Undefined")),
    ("Null Anonymous", "placeholder"),
    ("...Null", "placeholder"),
    ("Rio who consents", "statement_word"),
    ("Rio NOT", "statement_word"),
    ("Rio-not-Alvarez", "statement_word"),
    ("Rio not. Alvarez", "statement_word"),
    ("'not' Rio", "statement_word"),
    ("Rio ｎｏｔ", "statement_word"),
    ("Rio don't", "statement_word"),
    ("Rio doesn’t", "statement_word"),
    ("Rio never", "statement_word"),
    ("Rio without", "statement_word"),
    ("Rio refuses", "statement_word"),
    ("Rio Withdraws", "statement_word"),
    ("Rio Clone", "statement_word"),
    ("Rio Video", "statement_word"),
    *((f"Rio {word}", "statement_word") for word in ("cannot", "consents", "consenting", "declining", "refusing")),
    *((f"Rio {word}", "statement_word") for word in ("decline", "declines", "refuse", "withdraw", "withdrawing")),
    *((f"Rio {word}n't", "statement_word") for word in ("are", "ca", "did", "does", "do", "have", "is")),
    *((f"Rio {word}n't", "statement_word") for word in ("should", "wo", "would")),
]


@each_row(("name", "reason"), REFUSED, by=lambda _, reason: reason)
def test_a_broken_rule_is_named(name: Any, reason: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        check_full_name(name)
    assert reason == caught.value.reason


@each_row("name", [name for name, _ in REFUSED if isinstance(name, str) and len(name) > 4])
def test_no_message_holds_the_name(name: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        check_full_name(name)
    assert name not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "problem", "advice"),
    [
        (7, "is not text", "Pass a str"),
        ("", "has fewer than 2 characters", "Pass the whole name"),
        ("o" * 101, "has more than 100 characters", "without titles"),
        ("A B C D E F G H I", "has more than 8 words", "Pass only the name"),
        ("Rio\n", "has an invisible character (U+000A, character 4)", "Type the name by hand"),
        ("Rio 2", "has a digit or number (character 5)", "Spell it out"),
        ("Rio (Alvarez", "has a bracket (character 5)", "Replace the placeholder"),
        ("Rio, Alvarez", "has U+002C (COMMA, character 4)", "Use only letters"),
        ("Rio \u0301lvarez", "has a mark without its letter in word 2", "Type that word again"),
        ("Rio - Alvarez", "has no letter in word 2", "as in Anna-Maria"),
        ("Rio Alv" + "а" + "rez", "mixes scripts in word 2,", "in one script"),
        ("Full Name", "is a placeholder", "name of the speaker"),
        ("Rio not", "has a word that would change the statement", "Pass only the name"),
    ],
)
def test_the_message_says_what_is_wrong_and_what_to_do(name: Any, problem: str, advice: str) -> None:
    with pytest.raises(InvalidNameError, match=rf"^The full name {re.escape(problem)}.*\. .*{re.escape(advice)}"):
        check_full_name(name)


def test_the_message_says_when_a_character_has_no_name() -> None:
    with pytest.raises(InvalidNameError, match=re.escape("has U+E000 (no name, character 4)")):
        check_full_name("Rio\ue000")


def test_the_error_names_the_argument() -> None:
    with pytest.raises(InvalidNameError) as caught:
        check_full_name("")
    assert caught.value.field == "full_name"


# People bear these words of the statement as names; no single one of them changes what it says.
WORDS_THAT_ARE_NAMES = re.findall(
    r"\w+", "ai am an and be by can i like look me of samples sound tavus that the this to using"
)
WORDS = sorted(set(re.findall(r"\w+", STATEMENT.text.replace("[FULL NAME]", "").casefold())))


@pytest.mark.parametrize("word", [word for word in WORDS if word not in WORDS_THAT_ARE_NAMES])
def test_words_of_the_statement_are_no_names(word: str) -> None:
    """A new wording brings new words: each is either refused, or listed above as somebody's name."""
    with pytest.raises(InvalidNameError):
        check_full_name(f"Rio {word}")


@pytest.mark.parametrize("word", WORDS_THAT_ARE_NAMES)
def test_words_of_the_statement_that_are_names_pass(word: str) -> None:
    assert check_full_name(f"Rio {word.title()}") == f"Rio {word.title()}"


def test_the_longest_name_passes() -> None:
    assert len(check_full_name("Ri" + "o" * 98)) == 100


def test_the_longest_name_passes_however_it_is_encoded() -> None:
    given = unicodedata.normalize("NFD", "ᾂ" * 100)
    assert (len(given), len(check_full_name(given))) == (400, 100)


def test_eight_words_pass() -> None:
    assert check_full_name("A B C D E F G H") == "A B C D E F G H"


@given(st.text(max_size=30) | st.text(alphabet="aZé -'’.·\u0301аο田のﾞ1[\u200b", max_size=30))
def test_any_text_is_a_name_or_an_error_of_ours(text: str) -> None:
    """An accepted name is stable and in normal form, and the statement stays one line with one name."""
    try:
        name = check_full_name(text)
    except InvalidNameError:
        return
    assert name == check_full_name(name) == unicodedata.normalize("NFC", name)
    assert STATEMENT.render(name).splitlines() == [STATEMENT.text.replace("[FULL NAME]", name)]
