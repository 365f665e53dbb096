"""A result as others may see it: serial numbers and users masked, so that rows are told by their place alone.

What a pull request publishes is read by more people than the files (DESIGN 11). Paths stay: they say where to look.
Masked texts are as long as before, so that columns and carets still fit.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from wxp_lint.facts.build import Facts
from wxp_lint.files.header import SERIAL
from wxp_lint.keys import key
from wxp_lint.lint.finding import Finding, FixOffer, NotRun, Result
from wxp_lint.lint.secret import masked
from wxp_lint.report.hidden import hidden_file, hide, hide_all
from wxp_lint.report.secret import without_secrets

_TOKEN = re.compile(r"[^\s'\"`()\[\]{},;:=<>|]+")
_USER = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}|\w[\w.-]*\\\w[\w.$-]*")
_WORDS = 4  # words of which the name of a user may consist
_CUTS = (297, 40, 37, 30)  # characters to which messages cut the texts of cells
_SHORT = 4  # characters from which a value is masked wherever it stands, and not in quotes alone

# The serials that no pattern tells; a word without a digit would be found in any sentence.
_SERIALS = """
select serial_key from (
    select serial_key from _row union select serial from near union select _key(serial) from suppression
) where regexp_matches(serial_key, '[0-9]') and not regexp_full_match(serial_key, '[0-9A-Z]{10}')
"""
_USERS = "select distinct unnest([last_user, device_name]) from device"
_TEXTS = """
select c.path, c.text from cell c join file f on f.path = c.path
where c.kind in ('preamble', 'malformed') or (c.kind = 'extra' and c.line is distinct from f.header_line)
"""


class Masking:
    """Takes from the facts of a run, as `examine`'s `look`, what nobody is to see; then masks the result."""

    def __init__(self) -> None:
        self._serials: frozenset[str] = frozenset()
        self._users: frozenset[str] = frozenset()
        self._texts: dict[str, set[str]] = {}
        self._secrets: frozenset[str] = frozenset()

    def __call__(self, facts: Facts) -> None:
        """Looks at the facts of the run."""
        ask = facts.con.execute
        self._serials = frozenset(serial for (serial,) in ask(_SERIALS).fetchall() if len(serial) >= _SHORT)
        users = (key(user) for (user,) in ask(_USERS).fetchall() if user)
        self._users = frozenset(user for user in users if len(user) >= _SHORT)
        for path, text in ask(_TEXTS).fetchall():
            self._texts.setdefault(path, set()).update(_forms(text))

    def masked(self, result: Result) -> Result:
        """`result` for the eyes of others. The files on disk stay as they are."""
        # Secrets first: nothing may be left of them, and once a part is masked they are not found any more.
        self._secrets = result.secrets
        result = without_secrets(result)
        found = {finding.path for finding in result.findings}
        return replace(
            result,
            findings=[self._finding(finding) for finding in result.findings],
            not_run=[self._not_run(rule) for rule in result.not_run],
            must_run_failed=[self._not_run(rule) for rule in result.must_run_failed],
            # Of a file without a finding, no format shows more than its name.
            files={
                path: hidden_file(file, self.text, self._spare) if path in found else file._replace(table=None)
                for path, file in result.files.items()
            },
            notes=[self.text(note) for note in result.notes],
        )

    def text(self, text: str) -> str:
        """`text` with what is a serial number or a user in it masked."""
        text = self._spare(text)
        tokens = list(_TOKEN.finditer(text))
        parts: list[str] = []
        done = at = 0
        while at < len(tokens):
            for start, end, count in _runs(text, tokens, at):
                shown = self._token(text[start:end], alone=count == 1)
                if shown is not None:
                    parts += [text[done:start], shown]
                    done = end
                    at += count - 1
                    break
            at += 1
        return "".join([*parts, text[done:]])

    def _spare(self, text: str) -> str:
        return masked(text, self._secrets) if self._secrets else text

    def _token(self, text: str, *, alone: bool) -> str | None:
        """A word, or some words in a row, masked; None where they may be shown."""
        mark = key(text)
        if mark in self._serials or (alone and SERIAL.fullmatch(mark)):
            return hide(text)
        if mark in self._users or (alone and _USER.fullmatch(text)):
            return hide_all(text)
        return None

    def _finding(self, finding: Finding) -> Finding:
        fix, message = finding.fix, finding.message
        serials = [finding.serial or "", (fix and finding.field == "serial" and fix.text) or ""]
        for serial in _longest(form for each in serials for form in (each, each[: _CUTS[0]])):
            message = _replaced(message, serial, hide(serial))
        for text in _longest(map(self._spare, self._texts.get(finding.path or "", ()))):
            message = _replaced(message, text, hide_all(text))
        return finding._replace(
            message=self.text(message),
            serial=finding.serial and hide(finding.serial),
            sheet=finding.sheet and self.text(finding.sheet),
            fix=fix and self._fix(fix, finding.field),
        )

    def _fix(self, fix: FixOffer, field: str | None) -> FixOffer:
        show = hide if field == "serial" else self.text
        return fix._replace(
            text=None if fix.text is None else show(fix.text), scope=None if fix.scope is None else show(fix.scope)
        )

    def _not_run(self, rule: NotRun) -> NotRun:
        return rule._replace(reason=self.text(rule.reason))


def _forms(text: str) -> Iterator[str]:
    """A cell's text as a message may have it: whole or cut, its lines in one."""
    plain = text.strip().replace("\n", " / ")
    yield from {plain, *(plain[:most] for most in _CUTS)} - {""}


def _longest(texts: Iterable[str]) -> list[str]:
    """The longest first, since one may be a part of another."""
    return sorted(filter(None, texts), key=len, reverse=True)


def _replaced(message: str, text: str, shown: str) -> str:
    if len(text) < _SHORT:
        return message.replace(f"'{text}'", f"'{shown}'")
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", lambda _: shown, message)


def _runs(text: str, tokens: list[re.Match[str]], at: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, words) of the words from `at` on that stand side by side, the longest run first.

    Each ends once with the mark that ends a sentence, and once before it.
    """
    most = 1
    while (
        most < _WORDS
        and at + most < len(tokens)
        and text[tokens[at + most - 1].end() : tokens[at + most].start()].isspace()
    ):
        most += 1
    start = tokens[at].start()
    for count in range(most, 0, -1):
        end = tokens[at + count - 1].end()
        yield start, end, count
        bare = len(text[:end].rstrip(".?!"))
        if start < bare < end:
            yield start, bare, count
