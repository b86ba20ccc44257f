"""Matching of the name, word by word, within the whole statement."""

from __future__ import annotations

import pytest

from tavus_consent.consent import STATEMENT, Verdict, match_statement


def verdict(name: str, heard: str, *spoken_as: str) -> Verdict:
    said = STATEMENT.text.replace("[FULL NAME]", heard)
    return match_statement(said, name, spoken_as=spoken_as).verdict


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("Rio Alvarez", "Rio Alvarez"),
        ("Rio Alvarez", "Mr. Rio Alvarez"),
        ("Dr. Rio Alvarez", "Rio Alvarez"),
        ("Rio Alvarez", "my name is Rio Alvarez"),
        ("Rio Alvarez", "I'm Rio Alvarez"),
        ("Rio Alvarez", "Rio Alvarez, Rio Alvarez"),
        ("Rio Alvarez", "uh Rio Alvarez"),
        ("Erik Larsson", "Eric Larson"),
        ("Sarah Philips", "Sara Phillips"),
        ("Oksana Bondar", "Oxana Bondar"),
        ("Anna-Lena Weber", "Anna Lena Weber"),
        ("Venkatasubramanian Iyer", "Venkata Subramanian Iyer"),
        ("Sjoerd van der Kuijpers", "Sjoerd Vander Kuipers"),
        ("María de los Ángeles Ybarra", "Maria delos Angeles Ibarra"),
        ("J. R. R. Whitcombe", "J R R Whitcombe"),
        ("J. R. R. Whitcombe", "JR R Whitcombe"),
        ("J. R. R. Whitcombe", "Jay Are Are Whitcombe"),
        ("William Gates III", "William Gates the third"),
        ("William Gates III", "William Gates 3rd"),
        ("Samuel Lee Jr.", "Samuel Lee Junior"),
        ("Er Wei", "Er Wei"),
        ("Am Rong", "Am Rong"),
    ],
)
def test_the_name_passes(name: str, heard: str) -> None:
    assert verdict(name, heard) is Verdict.PASS


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("Marcus Bellweather", "Martha Bellweather"),  # another given name
        ("Ghassan Khoury", "Marwan Khoury"),
        ("Wei Li", "Mei Li"),  # three letters, another sound
        ("Rajesh Pillai", "Ramesh Pillai"),  # one consonant that does not sound alike
        ("Rio Alvarez", "Rio Alvarado"),  # the family name
        ("William Gates III", "William Gates II"),
        ("William Gates III", "William Gates"),
        ("William Gates", "William Gates III"),
        ("Samuel Lee Jr.", "Samuel Lee Sr."),
        ("J. R. R. Whitcombe", "J F K Whitcombe"),
        ("Maria del Carmen Ruiz", "Maria Bob Carmen Ruiz"),  # a particle turned into a name
        ("Rio Alvarez", "Rio Alvarez paper"),  # a word too many
        ("Rio Alvarez", "old Rio Alvarez"),
        ("Christopher Featherstone", "Christopher Featherstone yo"),
        ("Wei Zhang", "Er Wei Zhang"),  # "er" is a name, too
        ("Rio Alvarez", "Alvarez"),
        ("Thandiwe Mbeki", "Tandy not be Eki"),  # misheard as a negation
    ],
)
def test_a_person_has_to_listen(name: str, heard: str) -> None:
    assert verdict(name, heard) is Verdict.REVIEW


@pytest.mark.parametrize(
    "heard",
    ["Bob Stone on behalf of Rio Alvarez", "the mother of Rio Alvarez", "the AI clone of Rio Alvarez", "Bruno Keller"],
)
def test_somebody_else_speaks(heard: str) -> None:
    assert verdict("Rio Alvarez", heard) is Verdict.MISMATCH


def test_a_spelling_of_the_sound_explains_a_misheard_word() -> None:
    assert verdict("Philippa Cholmondeley", "Philippa Chumley") is Verdict.REVIEW
    assert verdict("Philippa Cholmondeley", "Philippa Chumley", "filippa chumley") is Verdict.PASS


def test_a_spelling_of_the_sound_does_not_admit_a_relative() -> None:
    assert verdict("Saoirse Byrne", "Sersha Byrne", "Sersha Byrne") is Verdict.PASS
    assert verdict("Saoirse Byrne", "Sheila Byrne", "Sersha Byrne") is Verdict.REVIEW


def test_a_name_whose_words_are_roles_is_a_name() -> None:
    assert verdict("Ai Brother", "Ai Brother") is Verdict.PASS
