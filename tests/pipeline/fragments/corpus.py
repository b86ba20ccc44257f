"""All fragments."""

from __future__ import annotations

from . import addresses, answers, matrix, requests

FRAGMENTS = [*matrix.FRAGMENTS, *requests.FRAGMENTS, *answers.FRAGMENTS, *addresses.FRAGMENTS]
CARRIED = [one for one in FRAGMENTS if one.refused is None]
REFUSED = [one for one in FRAGMENTS if one.refused is not None]
