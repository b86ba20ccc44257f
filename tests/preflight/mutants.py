"""Damage to files: bytes, lengths and boxes that are changed, mostly in the index."""

from __future__ import annotations

import random


def mutated(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 64))):
        kind = chance.randrange(5)
        at = chance.randrange(len(made)) if chance.random() < 0.3 else _in_index(made, chance)
        if kind == 0:
            made[at] = chance.randrange(256)
        elif kind == 1:
            made[at : at + 4] = chance.choice((bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x00\x00\x00\x01"))
        elif kind == 2:
            del made[at : at + chance.randrange(1, 64)]
        elif kind == 3:
            made[at:at] = chance.randbytes(chance.randrange(1, 64))
        else:
            other = _in_index(made, chance)
            made[at : at + 32] = made[other : other + 32]
    return bytes(made[: chance.randrange(len(made))] if chance.random() < 0.1 else made)


def _in_index(content: bytearray, chance: random.Random) -> int:
    begin = max(content.find(b"moov"), 0)
    return min(begin + chance.randrange(6000), len(content) - 1)
