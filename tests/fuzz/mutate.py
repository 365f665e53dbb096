"""Changes an input piece by piece (a tag, a text, a line, a cell), so that most of what comes out is still read."""

import random
import re

_PIECES = re.compile(rb"<[^<>]*>|[^<>\n]*\n|[^<>\n]+|[<>]")
_WORDS = re.compile(rb'"[^"]*"|[A-Za-z0-9_]+|[^A-Za-z0-9_"]')


def mutator(pool, words):
    """A custom mutator for Atheris; `pool` are inputs whose pieces are taken, `words` what readers look for."""
    pieces = sorted({piece for data in pool for piece in _PIECES.findall(data)} | {*words})

    def change(data, most, seed):
        rng = random.Random(seed)
        if rng.random() < 0.2:
            return _bytes(rng, bytes(data))[:most]
        parts = _PIECES.findall(bytes(data)) or [b""]
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            _one(rng, parts, pieces)
        return b"".join(parts)[:most]

    return change


def _one(rng, parts, pieces):
    at = rng.randrange(len(parts)) if parts else 0
    kind = rng.randrange(8) if not parts or not parts[at].startswith(b"<") or rng.random() < 0.4 else 7
    if not parts or kind == 0:
        parts.insert(at, rng.choice(pieces))
    elif kind == 1:
        del parts[at : at + rng.choice((1, 1, 2, 5))]
    elif kind == 2:
        parts[at:at] = parts[at : at + rng.choice((1, 2, 6))] * rng.choice((1, 1, 2, 30))
    elif kind == 3:
        other = rng.randrange(len(parts))
        parts[at], parts[other] = parts[other], parts[at]
    elif kind == 4:
        parts[at] = rng.choice(pieces)
    elif kind == 5:
        parts[at] = _bytes(rng, parts[at])
    else:
        words = _WORDS.findall(parts[at]) or [b""]
        n = rng.randrange(len(words))
        words[n] = rng.choice(
            (b"", words[n] * 2, b'"' + words[n], _bytes(rng, words[n]),
             rng.choice(_WORDS.findall(rng.choice(pieces)) or [b""]), b"-1", b"1048577", b"99999999999999999999", b"0")
        )  # fmt: skip
        parts[at] = b"".join(words)


def _bytes(rng, data):
    """`data` with some bytes changed, whatever they are."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(5)
        if kind == 0 or at == len(changed):
            changed[at:at] = rng.randbytes(rng.choice((1, 1, 2, 4)))
        elif kind == 1:
            del changed[at : at + rng.choice((1, 1, 3, 20))]
        elif kind == 2:
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            changed[at] = rng.choice(b"\0\n\r\"',;=[]{}<>\x1c\xff\xc2 ")
        else:
            changed[at:at] = changed[rng.randrange(len(changed)) :][: rng.choice((1, 4, 30))]
    return bytes(changed)
