"""The comparison form of serial numbers, Customer IDs, header words and names."""

import unicodedata

# Characters that show nothing, yet make two cells differ: soft hyphen, combining grapheme joiner,
# Mongolian vowel separator, zero-width space to right-to-left mark, bidi embeddings and isolates, word joiner, BOM.
INVISIBLE = (
    "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_DROP = dict.fromkeys(map(ord, INVISIBLE))


def key(text: str) -> str:
    """`text` as it is compared: NFKC, no blanks or zero-width characters, upper case.

    Case is folded before and after normalising, so that `key(key(x)) == key(x)`.
    """
    if text.isascii():
        return "".join(text.split()).upper()
    text = unicodedata.normalize("NFKC", text).translate(_DROP)
    return unicodedata.normalize("NFKC", "".join(text.split()).upper())


def word(text: str) -> str:
    """A header word as it is compared: its key without `_`, `-` and `.`, so `Serial_No.` is `SERIALNO`."""
    return key(text).replace("_", "").replace("-", "").replace(".", "")
