"""HP's Summary of an upload. Its columns and words are documented nowhere (DOMAIN), so all of them are aliases."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.inventory.columns import ALIASES, HEAD
from wxp_lint.keys import key, word
from wxp_lint.ledger.states import FAILED, MOVED, UNKNOWN

TRUST = ("all", "errors", "counts", "unknown")
_LONGEST = 200  # characters of a Summary that are kept as evidence


def _words(*texts: str) -> frozenset[str]:
    return frozenset(map(word, texts))


_SERIAL = _words(*ALIASES["serial"])
_STATUS = _words("status", "result", "outcome", "state", "transfer status", "transfer result", "transfer state",
                 "ergebnis", "statut", "estado", "résultat", "resultado", "stato", "risultato")  # fmt: skip
_ERROR = _words("error", "errors", "error message", "error code", "error description", "error reason", "failure",
                "failure reason", "fehler", "fehlermeldung", "erreur")  # fmt: skip
_REMARK = _words("message", "reason", "details", "detail", "description", "comment", "meldung", "grund")
# Columns that only a list of devices has.
_DEVICE = _words(*ALIASES["device-name"], *ALIASES["last-user"], *ALIASES["last-seen"], *ALIASES["as-of"])
_GOOD = _words("success", "succeeded", "successful", "successfully transferred", "ok", "completed", "complete", "done",
               "transferred", "moved", "passed", "erfolg", "erfolgreich", "übertragen", "succès", "réussi",
               "éxito", "correcto", "successo")  # fmt: skip
_BAD = _words("error", "errors", "fail", "failed", "failure", "failures", "not transferred", "not moved", "rejected",
              "invalid", "not found", "fehler", "fehlgeschlagen", "nicht übertragen", "erreur", "échec",
              "error de transferencia", "fallido", "errore", "fallito")  # fmt: skip
_TOTAL = _words("total", "all", "devices", "count", "processed", "gesamt")


class Summary(NamedTuple):
    """A Summary as read.

    `said` maps serial keys to moved, failed or unknown (words that are not known, or that contradict each other);
    `texts` to what stands there. Without rows of PCs `said` is empty; `counts` are the numbers beside known words.
    `text` is the beginning of it, for the ledger.
    """

    name: str
    sha256: str
    said: Mapping[str, str]
    texts: Mapping[str, str]
    counts: Mapping[str, int]
    text: str


def is_summary(records: Sequence[Sequence[str]]) -> bool:
    """Whether these rows are a Summary rather than a list of devices."""
    at = _header(records)
    if at is None:
        return bool(_counts(records))
    header = [word(cell) for cell in records[at]]
    if not _DEVICE.isdisjoint(header):
        return False
    if not _ERROR.isdisjoint(header):
        return True
    places = [n for n, text in enumerate(header) if text in _STATUS]
    cells = (cells[n] for cells in records[at + 1 :] for n in places if n < len(cells))
    return any(_judged(cell) != UNKNOWN for cell in cells)


def read_summary(records: Sequence[Sequence[str]], name: str, sha256: str) -> Summary:
    """What a Summary says. Raises UsageError if it says nothing that can be read."""
    at = _header(records)
    text = "; ".join(" ".join(filter(None, map(str.strip, cells))) for cells in records if any(map(str.strip, cells)))
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    if at is None:
        counts = _counts(records)
        if not text:
            raise UsageError(f"{name}: it is empty: download the Summary again")
        return Summary(name, sha256, {}, {}, counts, text)
    header = [word(cell) for cell in records[at]]
    serial = next(n for n, label in enumerate(header) if label in _SERIAL)
    status = _places(header, _STATUS)
    error = _places(header, _ERROR)
    remark = _places(header, _REMARK)
    said: dict[str, str] = {}
    texts: dict[str, str] = {}
    for cells in records[at + 1 :]:
        mark = key(_cell(cells, serial))
        if not mark or word(_cell(cells, serial)) in _SERIAL:
            continue
        one = _row([_cell(cells, n) for n in status], [_cell(cells, n) for n in error], bool(status), bool(error))
        said[mark] = one if said.get(mark, one) == one else UNKNOWN
        texts.setdefault(mark, " ".join(filter(None, (_cell(cells, n) for n in (*status, *error, *remark)))))
    return Summary(name, sha256, said, texts, {}, f"{len(said)} PCs listed" if said else "no PC listed")


def outcomes(summary: Summary, trust: str) -> dict[str, str]:
    """What the Summary proves of each PC that it lists, as far as it is trusted."""
    if trust == "all":
        return dict(summary.said)
    if trust == "errors":
        # What it lists is an error; a success in it is not what it is known for, and proves nothing.
        return {serial: UNKNOWN if one == MOVED else FAILED for serial, one in summary.said.items()}
    return {}


def _header(records: Sequence[Sequence[str]]) -> int | None:
    for at, cells in enumerate(records[:HEAD]):
        if not _SERIAL.isdisjoint(map(word, cells)):
            return at
    return None


def _places(header: Sequence[str], words: frozenset[str]) -> list[int]:
    return [n for n, text in enumerate(header) if text in words]


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _row(status: Iterable[str], error: Iterable[str], has_status: bool, has_error: bool) -> str:
    """What a row says; a status that is a success beside an error proves nothing."""
    wrong = any(_is_error(text) for text in error)
    judged = {_judged(text) for text in status if text}
    if judged == {MOVED} and not wrong:
        return MOVED
    if judged == {FAILED}:
        return FAILED
    if judged - {UNKNOWN}:
        return UNKNOWN
    if wrong:
        return FAILED
    return MOVED if has_error and not has_status else UNKNOWN


def _is_error(text: str) -> bool:
    return word(text) not in _words("", "0", "none", "no error", "n/a", "false", "no")


def _judged(text: str) -> str:
    bare = word(text.strip().rstrip(".!"))
    if bare in _GOOD:
        return MOVED
    # "Error: device not found", "Failed - unknown serial number".
    first = word(re.split(r"[\s:;,(-]", text.strip(), maxsplit=1)[0])
    return FAILED if bare in _BAD or first in _BAD else UNKNOWN


def _counts(records: Sequence[Sequence[str]]) -> dict[str, int]:
    """Numbers beside, or below, words of success and failure."""
    found: dict[str, int] = {}
    for before, cells in zip(([], *records[:HEAD]), records[:HEAD]):
        for n, cell in enumerate(cells):
            number = re.fullmatch(r"\s*([0-9]{1,9})\s*", cell)
            if not number:
                continue
            labels = [cells[n - 1] if n else "", before[n] if n < len(before) else ""]
            for label in labels:
                kind = _kind(label)
                if kind:
                    found.setdefault(kind, int(number[1]))
                    break
    for cells in records[:HEAD]:
        for cell in cells:
            for label, number_text in re.findall(r"([^\W\d]+(?: [^\W\d]+)*)\s*[:=]\s*([0-9]{1,9})\b", cell):
                if kind := _kind(label):
                    found.setdefault(kind, int(number_text))
    return found if found.keys() - {"total"} else {}


def _kind(label: str) -> str | None:
    text = word(label)
    if text in _GOOD:
        return MOVED
    if text in _BAD:
        return FAILED
    return "total" if text in _TOTAL else None
