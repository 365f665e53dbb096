"""The baseline: how many findings of each kind were there when a team began, so that only new ones show."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wxp_lint.errors import UsageError
from wxp_lint.keys import key
from wxp_lint.lint.finding import Finding
from wxp_lint.lint.locate import fingerprint

FILE = "wxp-lint-baseline.json"
KEYS = ("fingerprint", "code", "name", "path", "count")

_MARK = re.compile(r'"([0-9a-f]{16})"')
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Known:
    """`count` findings of one rule, file and serial number are known.

    The fingerprint is that of the first of them, so it holds on whatever line the row stands. It stands for
    the serial number, which is not written down. `line` is that of the entry in the file, 0 for a new one.
    """

    fingerprint: str
    code: str
    name: str
    path: str | None
    count: int
    line: int = 0


def parse_baseline(data: bytes) -> tuple[Known, ...]:
    """The entries of a baseline with the content `data`. Raises UsageError, with the line if it is known."""
    mend = "take it from git, or delete it and call: wxp-lint baseline write"
    try:
        document = json.loads(data)
        text = data.decode("utf-8-sig")
    except json.JSONDecodeError as error:
        raise UsageError(f"{FILE}:{error.lineno}: not valid JSON: {error.msg}; {mend}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{FILE}: not valid JSON; {mend}") from None
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > 1:
        raise UsageError(f"{FILE}: version {version} is newer than this wxp-lint reads: update it")
    entries = document.get("findings") if version == 1 else None
    if not isinstance(entries, list):
        raise UsageError(f"{FILE}: this is no baseline of wxp-lint; {mend}")
    where = {mark: number for number, line in enumerate(text.split("\n"), 1) for mark in _MARK.findall(line)}
    found: dict[str, Known] = {}
    for number, entry in enumerate(entries, 1):
        known = _known(entry, where)
        if known is None:
            raise UsageError(f"{FILE}: entry {number} has not the keys and values of a known finding; {mend}")
        twin = found.get(known.fingerprint)  # two branches may both have written it
        found[known.fingerprint] = known if twin is None or twin.count < known.count else twin
    return tuple(found.values())


def render_baseline(entries: Iterable[Known]) -> bytes:
    """The file that holds `entries`: sorted, one a line, so that branches merge and a review shows each."""
    rows = [
        json.dumps({name: getattr(entry, name) for name in KEYS}, ensure_ascii=False)
        for entry in sorted(entries, key=lambda entry: (entry.path or "", entry.code, entry.fingerprint))
    ]
    listed = "\n" + ",\n".join(rows) + "\n" if rows else ""
    # A path that is no UTF-8 holds lone surrogates: their escapes are JSON too.
    return f'{{"version": 1, "findings": [{listed}]}}\n'.encode("utf-8", "backslashreplace")


def known(findings: Sequence[Finding]) -> list[Known]:
    """The entries that make `findings` known."""
    names = {finding.code: finding.name for finding in findings}
    counts = Counter((finding.code, finding.path, key(finding.serial or "")) for finding in findings)
    return [
        Known(fingerprint(code, path, serial, 0), code, names[code], path, count)
        for (code, path, serial), count in counts.items()
    ]


def _known(entry: object, where: Mapping[str, int]) -> Known | None:
    if not isinstance(entry, dict) or entry.keys() != set(KEYS):
        return None
    mark, path, count = entry["fingerprint"], entry["path"], entry["count"]
    texts = (mark, entry["code"], entry["name"], "" if path is None else path)
    if not all(isinstance(text, str) for text in texts) or type(count) is not int or not 0 < count <= _MOST:
        return None
    return Known(mark, entry["code"], entry["name"], path, count, where.get(mark, 0))
