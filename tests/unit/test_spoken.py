"""A spoken consent: a checked name, the statement to read, and no leaks."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import attrs
import pytest

from tavus_consent import InvalidNameError
from tavus_consent.consent import STATEMENT, SpokenConsent

CONSENT = SpokenConsent("Rio Alvarez", "https://bucket.example/rio-alvarez.mp4?sig=s3cret")


def test_the_statement_is_the_template_with_the_name() -> None:
    assert STATEMENT.render("Rio Alvarez") == CONSENT.statement


def test_the_name_is_kept_in_normal_form() -> None:
    assert SpokenConsent("Zoe\u0308  Brown ").full_name == "Zoë Brown"


def test_a_bad_name_is_refused_on_construction() -> None:
    with pytest.raises(InvalidNameError):
        SpokenConsent("[FULL NAME]")


def test_repr_shows_neither_name_nor_link() -> None:
    assert repr(CONSENT) == "SpokenConsent(full_name=[redacted], video_url=[redacted])"


def test_repr_says_when_there_is_no_consent_video() -> None:
    assert repr(SpokenConsent("Rio Alvarez")) == "SpokenConsent(full_name=[redacted], video_url=None)"


def test_it_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        CONSENT.full_name = "Somebody Else"  # type: ignore[misc]


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_copies_are_equal(way: Callable[[SpokenConsent], SpokenConsent]) -> None:
    assert way(CONSENT) == CONSENT


def test_it_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(CONSENT)
