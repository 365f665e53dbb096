"""Findings that nobody needs to see again: what the ignore file and the baseline hide."""

import stat
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.database import insert
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Facts
from wxp_lint.keys import key
from wxp_lint.lint import baseline, suppressions
from wxp_lint.lint.baseline import Known, parse_baseline
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.engine import Hit
from wxp_lint.lint.locate import fingerprint
from wxp_lint.lint.suppressions import Suppression, parse_suppressions
from wxp_lint.repo.glob import matcher

EVERYTHING = "**"
MOST = 100_000_000  # bytes of either file


class Accepted(NamedTuple):
    """The entries of the ignore file and of the baseline."""

    suppressions: Sequence[Suppression] = ()
    baseline: Sequence[Known] = ()


class Sifted(NamedTuple):
    """The hits that are left, those that are hidden, and each entry with the number of hits that it matches.

    An expired suppression matches and hides nothing. An entry of the baseline matches no more than it knows.
    The number is None where it cannot be told.
    """

    left: Sequence[Hit]
    hidden: Sequence[Hit]
    suppressions: Sequence[tuple[Suppression, int | None]] = ()
    baseline: Sequence[tuple[Known, int | None]] = ()


def read_accepted(root: Path, catalogue: Catalogue, ignored: bytes | None, known: bytes | None) -> Accepted:
    """The two files in `root`, or their contents where these come from elsewhere. Raises UsageError."""
    ignored = _content(root, suppressions.FILE) if ignored is None else ignored
    known = _content(root, baseline.FILE) if known is None else known
    return Accepted(
        parse_suppressions(ignored, catalogue) if ignored else (),
        parse_baseline(known) if known else (),
    )


def sift(hits: Sequence[Hit], accepted: Accepted, today: date, untold: Collection[str] | None) -> Sifted:
    """What of `hits` is hidden, by suppressions first.

    Where there are more than the baseline knows, the last ones are left. `untold` are the codes of rules that
    could not run, so that entries for them may match more than was seen; None stands for all rules: the run
    is not about all files.
    """
    if not accepted.suppressions and not accepted.baseline:
        return Sifted(hits, ())
    matching = _Matching(accepted.suppressions)
    matched = [0] * len(accepted.suppressions)
    known = {(entry.code, entry.path, entry.fingerprint): entry.count for entry in accepted.baseline}
    found = dict.fromkeys(known, 0)
    left: list[Hit] = []
    hidden: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.path or "", hit.line or 0, hit.field or "")):
        serial = key(hit.values.get("serial") or "")
        numbers = matching.numbers(hit.rule.code, hit.path, serial)
        for number in numbers:
            matched[number] += 1
        mark = (hit.rule.code, hit.path, fingerprint(hit.rule.code, hit.path, serial, 0) if known else "")
        if any(not accepted.suppressions[number].is_expired(today) for number in numbers):
            hidden.append(hit)
        elif mark in known and found[mark] < known[mark]:
            found[mark] += 1
            hidden.append(hit)
        else:
            left.append(hit)

    def told(code: str | None, count: int) -> int | None:
        return None if untold is None or code in untold else count

    return Sifted(
        left,
        hidden,
        [(entry, told(entry.code, count)) for entry, count in zip(accepted.suppressions, matched)],
        [(entry, told(entry.code, count)) for entry, count in zip(accepted.baseline, found.values())],
    )


def fill(facts: Facts, sifted: Sifted) -> None:
    """Fills the tables `suppression` and `baseline`."""
    suppressed = [
        (e.rule, e.path, e.serial, e.reason, e.until, e.fault, suppressions.FILE, e.line, hits)
        for e, hits in sifted.suppressions
    ]
    known = [
        (e.fingerprint, e.code, e.name, e.path, e.count, baseline.FILE, e.line, hits) for e, hits in sifted.baseline
    ]
    for table, names, rows in (("suppression", _SUPPRESSION, suppressed), ("baseline", _BASELINE, known)):
        insert(facts.con, table, dict(zip(names, zip(*rows))))


_SUPPRESSION = ("rule", "path", "serial", "reason", "until", "fault", "source", "line", "hits")
_BASELINE = ("fingerprint", "code", "name", "path", "count", "source", "line", "hits")


class _Matching:
    """Which suppressions match a hit: globs are tried once a rule and file, serial numbers looked up."""

    def __init__(self, entries: Sequence[Suppression]) -> None:
        self._entries = entries
        self._by_rule: dict[str, list[tuple[int, Callable[[str], bool]]]] = {}
        self._here: dict[tuple[str, str | None], dict[str, list[int]]] = {}
        for number, entry in enumerate(entries):
            if not entry.fault and entry.code and entry.path:
                self._by_rule.setdefault(entry.code, []).append((number, matcher([entry.path])))

    def numbers(self, code: str, path: str | None, serial: str) -> list[int]:
        """The indices of those that match. A finding of no file is matched by the path "**" alone."""
        if code not in self._by_rule:
            return []
        here = self._here.get((code, path))
        if here is None:
            here = self._here[code, path] = {}
            for number, matches in self._by_rule[code]:
                entry = self._entries[number]
                if entry.path == EVERYTHING if path is None else matches(path):
                    here.setdefault(key(entry.serial or ""), []).append(number)
        return here.get("", []) + (here.get(serial, []) if serial else [])


def _content(root: Path, name: str) -> bytes:
    """What `name` in `root` holds; nothing if it is not there."""
    try:
        status = (root / name).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST:
            raise UsageError(f"{name} is no file of at most {MOST:,} bytes: put one there, or delete it")
        return (root / name).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror or error})") from None
