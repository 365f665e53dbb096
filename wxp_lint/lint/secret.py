"""Values that must never be shown, as company PINs: which texts are such, and how a text is shown without them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Places
from wxp_lint.keys import key
from wxp_lint.lint.catalogue import Catalogue, load
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import Selected, Selection

_FEW = 20  # secrets up to which it is quicker to look for one after the other
# How messages write blanks and characters that show nothing, which may part a value.
_WRITTEN = re.compile(r" / |\\[nrt]|\\u[0-9a-f]{4}")
_IS_A_PIN = (
    "this looks like a company PIN, which is a secret and no Customer ID. The Customer ID stands in the console under "
    "Customers > the customer > Settings (or Account) > Overview. Have the PIN changed if it was sent to anyone"
)


def secrets_in(data: bytes, place: Path, settings: Settings, catalogue: Catalogue) -> frozenset[str]:
    """What of a file, whose content is `data` and name that of `place`, the rules call secret. Raises UsageError."""
    selection = Selection((Selected(place.name, place, True, True, True),), False, ())
    request = Request(selection, date.today(), (), {place.name: data}, b"", b"")
    return check(settings, catalogue, request).secrets


def refuse_pins(texts: Iterable[str], where: str, settings: Settings, places: Places) -> None:
    """Raises UsageError, without the value, if one of `texts`, which name places, is what WXP307 calls a company PIN.

    `where` is how the message calls what they stand in.
    """
    unknown = sorted({text for text in texts if key(text) and places.find(text) is None})
    if not unknown:
        return
    import csv
    import io

    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([("Serial Number", "Customer ID"), *(("-", text) for text in unknown)])
    if secrets_in(
        lines.getvalue().encode("utf-8", "replace"), settings.root / "typed.csv", settings, _catalogue(settings)
    ):
        raise UsageError(f"{where}: {_IS_A_PIN}")


def refuse_pins_of(data: bytes, place: Path, texts: Iterable[str], settings: Settings) -> None:
    """Raises UsageError as `refuse_pins` if one of `texts`, which stand in this file, is secret by the rules."""
    secrets = secrets_in(data, place, settings, _catalogue(settings))
    if any(masked(text, secrets) != text for text in texts):
        raise UsageError(f"{place.name}: {_IS_A_PIN}")


def _catalogue(settings: Settings) -> Catalogue:
    return load([settings.root / folder for folder in settings.custom_rules], origins=settings.origins)


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` without the values that must never be shown, also where one is a part of another.

    They are found by their keys, so in any case and with blanks and line breaks inside too. What is masked is as long
    as before.
    """
    known = _by_length(frozenset(secrets))
    return _masked(text, known) if known else text


_ByLength = Sequence[tuple[int, frozenset[str]]]


@lru_cache(maxsize=1)
def _by_length(secrets: frozenset[str]) -> _ByLength:
    """The keys that have something to mask, by their length."""
    marks = set(map(_key, secrets)) - {""}
    return [(length, frozenset(mark for mark in marks if len(mark) == length)) for length in set(map(len, marks))]


def _masked(text: str, known: _ByLength) -> str:
    plain = _WRITTEN.sub(lambda found: " " * len(found[0]), text) if "\\" in text or " / " in text else text
    bare = _key(plain)
    spans = [(at, at + length) for length, marks in known for at in _places(bare, length, marks)]
    if not spans:
        return text
    lines, plains = text.split("\n"), plain.split("\n")
    starts = list(accumulate((len(_key(line)) for line in plains), initial=0))
    parts: dict[int, list[tuple[int, int]]] = {}
    for first, end in spans:
        for number in range(bisect_right(starts, first) - 1, bisect_left(starts, end)):
            parts.setdefault(number, []).append((first - starts[number], end - starts[number]))
    for number, found in parts.items():
        lines[number] = _starred(lines[number], plains[number], found)
    return "\n".join(lines)


def _starred(text: str, plain: str, spans: Iterable[tuple[int, int]]) -> str:
    """A line with `*` for the characters of `spans`, counted in the key of `plain`; they may reach beyond the line."""
    origin = [at for at, char in enumerate(plain) for _ in _key(char)]
    shown = list(text)
    for first, end in spans:
        inside = origin[max(first, 0) : end]
        for at in range(inside[0], inside[-1] + 1) if inside else ():
            if shown[at] != "\r":
                shown[at] = "*"
    return "".join(shown)


def _key(text: str) -> str:
    """The key, character by character, so that each of its characters comes from one of the text."""
    return key(text) if text.isascii() else "".join(map(key, text))


def _places(bare: str, length: int, marks: frozenset[str]) -> Iterator[int]:
    """Where `marks`, all of one `length`, start in `bare`: with many the time does not grow with their number."""
    if len(marks) > _FEW:
        yield from (at for at in range(len(bare) - length + 1) if bare[at : at + length] in marks)
        return
    for mark in marks:
        at = bare.find(mark)
        while at >= 0:
            yield at
            at = bare.find(mark, at + 1)
