"""The ignore file: findings that somebody has looked at and accepts, each entry with a reason."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from wxp_lint.config.globs import unclosed
from wxp_lint.config.lines import lines
from wxp_lint.config.parse import decoded, parse
from wxp_lint.config.text import shown
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.keys import key
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.repo.glob import matcher

FILE = "wxp-lint-ignore.toml"

_TEXTS = {  # the keys that hold a text -> how to mend one that is missing or empty
    "rule": ": a code or a name",
    "path": ': a file or a glob, "**" for all files',
    "serial": ": leave it out to mean every row",
    "reason": ": say why the finding is acceptable",
}
_KEYS = (*_TEXTS, "until")


class Suppression(NamedTuple):
    """An entry as it is written on `line`; a value of the wrong type is None.

    `code` is that of the rule, `until` the last day on which it holds. `fault` is what is wrong with the
    entry and how to mend that: such an entry hides nothing.
    """

    line: int
    rule: str | None = None
    code: str | None = None
    path: str | None = None
    serial: str | None = None
    reason: str | None = None
    until: date | None = None
    fault: str | None = None

    def is_expired(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.until is not None and self.until < today


def parse_suppressions(data: bytes, catalogue: Catalogue) -> tuple[Suppression, ...]:
    """The entries of an ignore file with the content `data`. Raises UsageError with the line of bad TOML."""
    text = decoded(data, FILE)
    document = parse(text, FILE)
    where = lines(text)
    found = []
    for name, value in document.items():
        if name != "ignore":
            fault = f"unknown key '{shown(name)[1:-1]}': an entry starts with [[ignore]]"
            found.append(Suppression(where.get((name,), 1), fault=fault))
        elif isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            found += [_entry(entry, where.get(("ignore", n), 1), catalogue) for n, entry in enumerate(value)]
        else:
            fault = f"'ignore' must be a list of tables, not {shown(value)}: start an entry with [[ignore]]"
            found.append(Suppression(where.get((name,), 1), fault=fault))
    return tuple(sorted(found, key=lambda entry: entry.line))


def _entry(entry: Mapping[str, Any], line: int, catalogue: Catalogue) -> Suppression:
    code, fault = _code(entry.get("rule"), catalogue)
    until = _day(entry.get("until"))
    texts = {name: entry[name] for name in _TEXTS if isinstance(entry.get(name), str)}
    faults = [*_wrong(entry), *([fault] if fault else [])]
    if "until" in entry and until is None:
        faults.append(f"until must be a date like 2026-12-01, not {shown(entry['until'])}")
    if "path" in texts and (bad := _bad_glob(texts["path"])):
        faults.append(bad)
    return Suppression(line, **texts, code=code, until=until, fault="; ".join(faults) or None)


def _wrong(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of an entry, and with those of its values that must be texts."""
    unknown = [name for name in entry if name not in _KEYS]
    for name in unknown:
        hint = did_you_mean(name, _KEYS) or f"; known are {', '.join(_KEYS)}"
        yield f"unknown key '{shown(name)[1:-1]}'{hint}"
    for name, mend in _TEXTS.items():
        if name not in entry:
            if name != "serial" and not unknown:  # what is missing is mostly misspelt
                yield f"it needs a {name}{mend}"
        elif not isinstance(entry[name], str):
            yield f"{name} must be a text in quotes, not {shown(entry[name])}"
        elif not key(entry[name]):
            yield f"the {name} is empty{mend}"


def _code(name: object, catalogue: Catalogue) -> tuple[str | None, str | None]:
    """The code of the rule that is meant, or what is wrong with its name."""
    if not isinstance(name, str) or not key(name):
        return None, None
    try:
        rule = catalogue.find(name)
    except UsageError as error:
        return None, str(error)
    if rule.is_last:
        return None, f"{rule.name} cannot be suppressed: mend what it speaks of"
    return rule.code, None


def _day(value: object) -> date | None:
    """A date of TOML's own or as a text, without a time of day."""
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return None
        return day if day.isoformat() == value else None
    return value if type(value) is date else None


def _bad_glob(glob: str) -> str | None:
    """Why a glob would not do what its author means."""
    try:
        matcher([glob])
    except UsageError as error:
        return str(error)
    if brackets := unclosed(glob):
        return f"the path {shown(glob)} {brackets}"
    if ".." in re.split(r"[/\\]", glob):
        return f"the path {shown(glob)} leads out of its folder: write it from the root, without '..'"
    return None
