"""Validates full names for the consent statement. Pure; standard library only.

A name is untrusted input, and it becomes part of a sentence that a person affirms. It must not contain another script,
another sentence or a denial. It must not exclude real people either, so every rule here prefers to let a name pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from tavus_consent._arguments import check_flag
from tavus_consent._frames import hides_locals
from tavus_consent._warnings import ConsentWarning, warn_caller
from tavus_consent.errors import InvalidNameError

MAX_CHARACTERS: Final = 100
MAX_WORDS: Final = 8
MAX_BORNE: Final = 400
"""The maximum length of a name that the caller says the person bears."""
PUNCTUATION: Final = "-'’.·"

# Characters that programs substitute for those that people type.
_MENDED: Final = (
    ("\u00a0\u2007\u202f", " ", "a no-break space became an ordinary space"),
    ("\u2010\u2011", "-", "a typographic hyphen became the sign -"),
    ("`\u00b4\u2018\u201b\u2032\uff07", "'", "a typographic quote or a backtick became the sign '"),
)
_MENDS: Final = str.maketrans({sign: plain for signs, plain, _ in _MENDED for sign in signs})
# "Davis, Jr." and "Smith 3rd", if the person bears that.
_SUFFIX: Final = re.compile(r",? +(?:jr\.?|sr\.?|2nd|3rd|[4-9]th|[ivx]+|m\.?d\.?|ph\.?d\.?|esq\.?)\Z", re.IGNORECASE)

# Letters and marks that are invisible although their category is visible (Default_Ignorable_Code_Point).
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)

# The scripts that are written together, as UTS #39 (section 5.1, augmented script sets) combines them.
_TOGETHER: Final = {
    "HAN": frozenset({"HAN", "han+bopomofo", "japanese", "korean"}),
    "BOPOMOFO": frozenset({"BOPOMOFO", "han+bopomofo"}),
    "HIRAGANA": frozenset({"HIRAGANA", "japanese"}),
    "KATAKANA": frozenset({"KATAKANA", "japanese"}),
    "KATAKANA-HIRAGANA": frozenset({"HIRAGANA", "KATAKANA", "japanese"}),
    "HANGUL": frozenset({"HANGUL", "korean"}),
}
# First words of character names that do not name the script.
_SAME_SCRIPT: Final = {
    "CJK": "HAN",
    "FEMININE": "LATIN",  # feminine ordinal indicator, as in Mª
    "FULLWIDTH": "LATIN",
    "HENTAIGANA": "HIRAGANA",
    "IDEOGRAPHIC": "HAN",
    "MASCULINE": "LATIN",
    "ROMAN": "LATIN",
    "SUPERSCRIPT": "LATIN",
    "TURNED": "LATIN",
    "VERTICAL": "HAN",
    "VIETNAMESE": "HAN",
}
_ANY_SCRIPT: Final = frozenset({"COMBINING", "MODIFIER", "VEDIC"})  # Common and Inherited

# Words that would change the statement: its own words, and denials. Some of its words are excluded because people bear
# them as names: Ai, Am, An, And, Be, By, Can, I, Like, Look, Me, Of, Samples, Sound, Tavus, That, The, This, To and
# Using (among others Cantonese, English, Indonesian, Khmer, Korean, Norwegian, Swiss, Turkish and Vietnamese ones);
# none of them alone reverses the sentence. For the same reason the denials No (Korean) and Nor (Malay) are excluded,
# and Dont, Cant and Wont without their apostrophe.
_TURNS_THE_SENTENCE: Final = re.compile(
    r"audio|clone|consent|create|currently|provide|speaking|understand|used|videos?"
    r"|consent(?:s|ing)|cannot|never|not|without|(?:decline|refuse|withdraw)s?|(?:declin|refus|withdraw)ing"
    r"|(?:are|ca|did|does|do|have|is|should|wo|would)n't"
)
_BORNE: Final = "If the person bears this name, pass as_borne=True."
_PLACEHOLDER: Final = re.compile(
    r"(?:.* )?(?:full|your|my|first|last|middle|given|family) ?name(?: .*)?"
    r"|(?:anonymous|name|none|null|placeholder|surname|undefined|unknown)"
    r"(?: (?:anonymous|name|none|null|placeholder|surname|undefined|unknown))*"
    r"|first (?:middle )?last"
)


@hides_locals
def check_full_name(full_name: str, *, as_borne: bool = False) -> str:
    """Check that a full name can be used in the consent statement.

    Rules: letters, marks, the ordinary space and ``-'’.·``; 2 to 100 characters; at most 8 words; one script per word
    (UTS #39, with the Japanese, Korean and Chinese combinations); no placeholder, and no word that would change the
    statement.

    Args:
        full_name: The name as the person says it. Surrounding spaces are dropped, and repeated spaces become one.
            No-break spaces, typographic hyphens and quotes, and backticks become the characters on a keyboard.
        as_borne: You state that the person bears this name. It may then have more words, up to 400 characters, and a
            suffix such as ", Jr." or "3rd".

    Returns:
        The name in Unicode normal form C.

    Raises:
        InvalidNameError: The name breaks a rule. The message says which one and what to do; it never contains the name.
    """
    return normal_name(full_name, as_borne=as_borne)


def normal_name(full_name: str, *, as_borne: bool = False) -> str:
    """Normalize like :func:`check_full_name`, for classes that hide their own locals."""
    check_flag(as_borne, "as_borne")
    if not isinstance(full_name, str):
        raise _refusal("not_text", "is not text", "Pass a str.")
    most = MAX_BORNE if as_borne else MAX_CHARACTERS
    # NFC makes a text at most four times shorter, so a longer text cannot pass and need not be normalized.
    if len(full_name) > 4 * most:
        raise _too_long(most)
    words = [word for word in unicodedata.normalize("NFC", full_name).translate(_MENDS).split(" ") if word]
    name = " ".join(words)
    suffix = _SUFFIX.search(name) if as_borne else None
    checked = name[: suffix.start()] if suffix else name
    for place, character in enumerate(checked, start=1):
        _check_character(character, place)
    if len(checked) < 2:
        raise _refusal("too_short", "has fewer than 2 characters", "Pass the whole name, as the person says it.")
    if len(name) > most:
        raise _too_long(most)
    if len(words) > MAX_WORDS and not as_borne:
        raise _refusal("too_many_words", f"has more than {MAX_WORDS} words", f"Pass only the name. {_BORNE}")
    for number, word in enumerate(checked.split(" "), start=1):
        _check_word(word, number)
    _check_meaning(checked)
    return name


def kept_name(full_name: str, *, as_borne: bool = False) -> str:
    """Normalize like :func:`normal_name`, for a name that will be stored: warn if a character was replaced.

    Warns:
        ConsentWarning: A character was replaced; the message says which.
    """
    name = normal_name(full_name, as_borne=as_borne)
    normal = unicodedata.normalize("NFC", full_name)
    changes = [what for signs, _, what in _MENDED if any(sign in normal for sign in signs)]
    if changes:
        said = ", and ".join(changes)
        warn_caller(f"In a name, {said}. The statement shows the name as it is stored.", ConsentWarning)
    return name


def _check_character(character: str, place: int) -> None:
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _INVISIBLE:
        raise _refusal(
            "invisible_character",
            f"has an invisible character (U+{ord(character):04X}, character {place}): a line break, a control "
            "character, a zero-width one, or one that turns the text direction",
            "Type the name by hand instead of pasting it.",
        )
    if category[0] == "N":
        raise _refusal("digit", f"has a digit or number (character {place})", "Spell it out, or omit it.")
    if category in ("Ps", "Pe") or character in "<>":
        raise _refusal(
            "bracket", f"has a bracket (character {place})", "Replace the placeholder with the person's name."
        )
    is_letter = category in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc")
    # <font> marks mathematical letters, which look like ordinary ones and belong to no script
    if not (is_letter or character in PUNCTUATION + " ") or unicodedata.decomposition(character).startswith("<font>"):
        raise _refusal(
            "character",
            f"has U+{ord(character):04X} ({unicodedata.name(character, 'no name')}, character {place})",
            "Use only letters and their marks, the ordinary space, and the characters - ' ’ . ·",
        )


def _check_word(word: str, number: int) -> None:
    previous = "-"
    for character in word:
        if unicodedata.category(character)[0] == "M" and previous in PUNCTUATION:
            raise _refusal("stray_mark", f"has a mark without its letter in word {number}", "Type that word again.")
        previous = character
    if all(character in PUNCTUATION for character in word):
        raise _refusal(
            "no_letter",
            f"has no letter in word {number}",
            "Join the character to a word, as in Anna-Maria, or omit it.",
        )
    shared: frozenset[str] | None = None
    for scripts in _scripts(word):
        shared = scripts if shared is None else shared & scripts
        if not shared:
            raise _refusal(
                "mixed_scripts",
                f"mixes scripts in word {number}, where letters of one can be mistaken for letters of another",
                "Type that word again in one script, without pasting.",
            )


def _scripts(word: str) -> Iterator[frozenset[str]]:
    """Yield the possible scripts of each character; none for characters that any script uses.

    The standard library has no script property, but the name of every letter begins with its script. A test compares
    this with the Unicode Character Database for every script in living use.
    """
    for character in word:
        name = unicodedata.name(character, "").split(" ")
        first = name[1] if name[0] == "HALFWIDTH" else name[0]
        if first == "TAI":  # Tai Le, Tai Tham, Tai Viet
            first = " ".join(name[:2])
        if character not in PUNCTUATION and first not in _ANY_SCRIPT:
            script = _SAME_SCRIPT.get(first, first)
            yield _TOGETHER.get(script, frozenset({script}))


def _check_meaning(name: str) -> None:
    # NFKC, so that full-width and other presentation forms count as the plain word
    plain = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    words = [word.strip("'") for word in re.split(r"[ \-.·]+", plain)]
    if _PLACEHOLDER.fullmatch(" ".join(filter(None, words))):
        raise _refusal("placeholder", "is a placeholder", "Replace it with the name of the speaker.")
    if any(map(_TURNS_THE_SENTENCE.fullmatch, words)):
        raise _refusal(
            "statement_word",
            "has a word that would change the statement",
            "Pass only the name.",
        )


def _too_long(most: int) -> InvalidNameError:
    advice = "Pass only the name, without titles or other text."
    if most < MAX_BORNE:
        advice = f"{advice} {_BORNE}"
    return _refusal("too_long", f"has more than {most} characters", advice)


def _refusal(reason: str, problem: str, advice: str) -> InvalidNameError:
    return InvalidNameError(f"The full name {problem}. {advice}", field="full_name", reason=reason)
