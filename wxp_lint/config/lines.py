"""On which line a TOML document says what, which `tomllib` does not tell."""

import re
import tomllib
from collections.abc import Iterator, Mapping

# Keys and list indices from the document's root: ("overrides", 0, "paths", 1).
KeyPath = tuple[str | int, ...]
DEPTH = 16  # deeper places are not kept: all prefixes of an endless dotted key would fill the memory

_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+|\#[^\n]*)
      | (?P<newline>\n)
      | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*')
      | (?P<mark>[][{}=,.])
      | (?P<word>[^][{}=,."'\s\#]+)""",
    re.DOTALL | re.VERBOSE,
)


def lines(text: str) -> Mapping[KeyPath, int]:
    """The 1-based line of every key, table, list entry and table of an array of tables in `text`.

    `text` is TOML that `tomllib` has accepted. Nothing is raised: what is not found is absent.
    """
    scan = _Scan()
    for kind, token, line in _tokens(text):
        scan.take(kind, token, line)
    return scan.found


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for match in _TOKEN.finditer(text.replace("\r\n", "\n")):
        kind = match.lastgroup
        if kind is not None and kind != "blank":
            yield kind, match[0], line
        line += match[0].count("\n")


class _Scan:
    """A pass over the tokens. A plain class: a dataclass would cost every run a millisecond."""

    def __init__(self) -> None:
        self.found: dict[KeyPath, int] = {}
        self.newest: dict[KeyPath, int] = {}  # array of tables -> index of its last table
        self.table: KeyPath = ()
        self.key: list[str] = []
        self.header = ""  # "[" or "[[" inside of a header
        self.value: KeyPath | None = None  # the place of the value being read, None while a key is
        self.nest: list[tuple[KeyPath, KeyPath]] = []  # `value`, `table` before each bracket

    def take(self, kind: str, token: str, line: int) -> None:
        """Goes on by one token."""
        if self.value is None:
            self._in_key(kind, token, line)
        else:
            self._in_value(self.value, kind, token, line)

    def _in_key(self, kind: str, token: str, line: int) -> None:
        if kind in ("word", "string"):
            if len(self.key) < DEPTH:
                self.key.append(_name(token) if kind == "string" else token)
        elif token == "[":
            self.header += token
        elif token == "]" and self.header:
            self._open_table(line)
        elif token == "=":
            self.value = (*self.table, *self.key)
            self._record(self.value, line)
            self.key = []
        elif token == "}" and self.nest:
            self._close()

    def _open_table(self, line: int) -> None:
        if not self.key:  # the second bracket of "]]"
            self.header = ""
            return
        self.table = ()
        for left, name in zip(range(len(self.key) - 1, -1, -1), self.key):
            self.table = (*self.table, name)
            if left == 0 and self.header == "[[":
                self.newest[self.table] = self.newest.get(self.table, -1) + 1
            if self.table in self.newest:
                self.table = (*self.table, self.newest[self.table])
        self._record(self.table, line)
        self.key = []
        self.header = "" if self.header == "[" else "["

    def _in_value(self, value: KeyPath, kind: str, token: str, line: int) -> None:
        if kind == "newline":
            if not self.nest:
                self.value = None
        elif token == ",":
            *outer, last = value
            self.value = (*outer, last + 1) if isinstance(last, int) else None
        elif token in ("]", "}"):
            self._close()
        else:
            self._record(value, line)
            if token in ("[", "{"):
                self.nest.append((value, self.table))
                self.value = (*value, 0) if token == "[" else None
                self.table = value if token == "{" else self.table

    def _close(self) -> None:
        if self.nest:
            self.value, self.table = self.nest.pop()

    def _record(self, path: KeyPath, line: int) -> None:
        for length in range(1, min(len(path), DEPTH) + 1):
            self.found.setdefault(path[:length], line)


def _name(token: str) -> str:
    return str(tomllib.loads(f"key = {token}")["key"])
