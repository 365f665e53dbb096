"""What is said beside transfer files -> the table `sidecar`.

Beside `x.csv` that is `x.csv.toml`, and beneath it, key by key, the folder's `transfer.toml` (DESIGN 8).
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.text import shown
from wxp_lint.database import Connection, insert
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.places import Places, customer
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.limits import Limits, without_raise
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content
from wxp_lint.keys import key

FOLDER = "transfer.toml"
REASONS = ("delivery", "return", "replacement", "merger", "correction")
_MOST = 1 << 20  # bytes


class Sidecar(NamedTuple):
    """What holds for the transfer at `path`, or why that cannot be told.

    `sidecar_path` is its own sidecar, else its folder's. `possession_serials` are keys, None where the possession is
    not bound to any; `replaces` is new serial -> old serial. With a `fault` the rest is empty. `path` is None for a
    sidecar that belongs to no file.
    """

    path: str | None
    sidecar_path: str
    possession_by: str | None = None
    possession_on: date | None = None
    possession_serials: Sequence[str] | None = None
    evidence: str | None = None
    source: str | None = None
    reason: str | None = None
    ticket: str | None = None
    wait_until: date | None = None
    replaces: Mapping[str, str] = {}
    fault: str | None = None


def load_sidecars(
    con: Connection, loaded: Sequence[Loaded], root: Path, places: Places, orphans: Sequence[Source] = ()
) -> None:
    """Fills `sidecar` for the checked files, and for sidecars that belong to no file.

    Nothing is raised: what is wrong with a sidecar is its `fault`.
    """
    found = [*read_sidecars(loaded, root), *(Sidecar(None, one.path, fault=_orphaned(one)) for one in orphans)]
    if not found:
        return
    names = [name for name in Sidecar._fields if name != "replaces"]
    columns: dict[str, list[object]] = {name: [getattr(one, name) for one in found] for name in names}
    sources = [one.source and (places.find(one.source) or customer(one.source)) for one in found]
    columns["source_place"] = [place and place.name for place in sources]
    columns["source_key"] = [place and place.customer_key for place in sources]
    insert(con, "sidecar", columns)


def read_sidecars(loaded: Sequence[Loaded], root: Path) -> Iterator[Sidecar]:
    """The sidecars of the checked files."""
    folders: dict[tuple[str, Path], list[Source]] = {}
    for item in loaded:
        if item.checked:
            source = item.file.source
            above = source.path.rpartition("/")[0]
            folders.setdefault((f"{above}/" if above else "", source.location.parent), []).append(source)
    for (prefix, folder), sources in folders.items():
        there = _Folder(folder, len(sources) > 20)
        shared = _said(Source(f"{prefix}{FOLDER}", folder / FOLDER), root) if there.holds(FOLDER) else None
        for source in sources:
            name = f"{source.location.name}.toml"
            own = _said(Source(f"{source.path}.toml", folder / name), root) if there.holds(name) else None
            if own or shared:
                yield _sidecar(source.path, own, shared)


class _Folder:
    """What stands in a folder: listed once, or asked for one by one where that is quicker."""

    def __init__(self, folder: Path, listed: bool) -> None:
        self._folder = folder
        self.names: frozenset[str] = frozenset()
        self._listed = listed
        if listed:
            try:
                with os.scandir(folder) as entries:
                    self.names = frozenset(entry.name for entry in entries)
            except OSError:
                self._listed = False
        self._folded = frozenset(name.casefold() for name in self.names)

    def holds(self, name: str) -> bool:
        if name in self.names:
            return True
        # A file system that folds case holds it under another name.
        return (not self._listed or name.casefold() in self._folded) and os.path.lexists(self._folder / name)


class _Said(NamedTuple):
    """A sidecar as it stands, by (table, key), with the table "" at the top; or its fault."""

    path: str
    values: Mapping[tuple[str, str], Any] = {}
    fault: str | None = None


def _sidecar(path: str, own: _Said | None, shared: _Said | None) -> Sidecar:
    said = [one for one in (shared, own) if one]
    sidecar_path = said[-1].path
    faults = [one.fault for one in said if one.fault]
    if faults:
        return Sidecar(path, sidecar_path, fault="; ".join(faults))
    values = {place: value for one in said for place, value in one.values.items()}
    ticket, serials = values.get(("", "ticket")), values.get(("possession", "serials"))
    return Sidecar(
        path,
        sidecar_path,
        possession_by=values.get(("possession", "by")),
        possession_on=_day(values.get(("possession", "on"))),
        possession_serials=None if serials is None else sorted(set(map(key, serials))),
        evidence=values.get(("possession", "evidence")),
        source=values.get(("", "source")),
        reason=values.get(("", "reason")),
        ticket=None if ticket is None else str(ticket),
        wait_until=_day(values.get(("wait", "until"))),
        replaces={new: old for (table, new), old in values.items() if table == "replaces"},
    )


def _said(source: Source, root: Path) -> _Said:
    found = content(source, Limits(file=_MOST), root)
    if isinstance(found, Fault):
        return _Said(source.path, fault=f"{source.path}: {without_raise(found.detail)}")
    from wxp_lint.config.parse import decoded, parse

    try:
        text = decoded(found, source.path)
        document = parse(text, source.path)
    except UsageError as error:
        return _Said(source.path, fault=str(error))
    problems = list(_problems(document))
    if not problems:
        return _Said(source.path, dict(_flat(document)))
    from wxp_lint.config.lines import lines

    where = lines(text)
    told = sorted((where.get(place, 0), problem) for place, problem in problems)
    faults = (f"{source.path}:{line}: {problem}" if line else f"{source.path}: {problem}" for line, problem in told)
    return _Said(source.path, fault="; ".join(faults))


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from (((name, inner), each) for inner, each in value.items())
        else:
            yield ("", name), value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(value: object) -> date | None:
    """A day of TOML, or one in quotes; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


# Key -> whether a value is fit for it, and what it must be; "*" stands for any key.
_Form = tuple[Callable[[Any], bool], str]
_TEXT: _Form = (_is_text, "a text in quotes")
_DAY: _Form = (lambda value: _day(value) is not None, "a day like 2026-11-03")
_FORMS: Mapping[str, Mapping[str, _Form]] = {
    "": {
        "source": _TEXT,
        "reason": (lambda value: value in REASONS, f"one of {', '.join(REASONS)}"),
        "ticket": (lambda value: _is_text(value) or type(value) is int, "a text in quotes"),
    },
    "possession": {
        "by": _TEXT,
        "on": _DAY,
        "evidence": _TEXT,
        "serials": (
            lambda value: isinstance(value, list) and all(map(_is_text, value)),
            'a list of serial numbers like ["5CG8234XMV"]',
        ),
    },
    "replaces": {"*": _TEXT},
    "wait": {"until": _DAY},
}


def _problems(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(place, words) of everything that breaks the form of a sidecar."""
    tables = [name for name in _FORMS if name]
    for name, value in document.items():
        if name in tables and isinstance(value, Mapping):
            for inner, each in value.items():
                yield from _problem(name, inner, each)
        elif name in tables:
            yield (name,), f"{name} must be a table: write [{name}] on a line of its own"
        elif name in _FORMS[""]:
            yield from _problem("", name, value)
        else:
            yield (name,), f"unknown key {shown(name)}{_hint(name, tables)}"


def _problem(table: str, name: str, value: object) -> Iterator[tuple[tuple[str, ...], str]]:
    place = (table, name) if table else (name,)
    inside = f" in [{table}]" if table else ""
    form = _FORMS[table].get(name) or _FORMS[table].get("*")
    if form is None:
        yield place, f"unknown key {shown(name)}{inside}{_hint(name, _FORMS[table])}"
    elif not form[0](value):
        subject = f"the old serial number of {shown(name)}" if table == "replaces" else f"{name}{inside}"
        yield place, f"{subject} must be {form[1]}, not {shown(value)}"


def _hint(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    home = next((table for table, forms in _FORMS.items() if table and name in forms), None)
    if home:
        return f"; it belongs in [{home}]"
    if name in _FORMS[""]:
        return "; it belongs at the top, above the first [table]"
    names = [*known, *_FORMS[""]] if isinstance(known, list) else list(known)
    return did_you_mean(name, names) or f"; known there: {', '.join(names)}"


def _orphaned(sidecar: Source) -> str:
    name = sidecar.location.name
    if name.lower() == FOLDER:
        return f"{sidecar.path} belongs to no file, for there is no list of PCs beside it: move it, or delete it"
    try:
        names = [other.name for other in sidecar.location.parent.iterdir()]
    except OSError:
        names = []
    file = name[: -len(".toml")]
    beside = [other for other in names if other.lower().endswith((".csv", ".xlsx"))]
    hint = did_you_mean(file, beside) or ": rename it after its transfer file, or delete it"
    return f"{sidecar.path} belongs to no file, for there is no {file} beside it{hint}"
