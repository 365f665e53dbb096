"""Where PCs are, by every list that has them: for `wxp-lint inventory find`."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.database import insert
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.customers import read_customers
from wxp_lint.facts.fresh import fresh
from wxp_lint.facts.lists import DeviceList, open_lists
from wxp_lint.facts.moves import Moves
from wxp_lint.facts.places import customer
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.model import Grid, Header, Source, Table, TransferFile
from wxp_lint.files.read import read
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.texts import MACROS
from wxp_lint.keys import key
from wxp_lint.lint.synced import known_places
from wxp_lint.repo.select import select
from wxp_lint.repo.typed import in_utf8

_Moves = Sequence[Mapping[str, object]]

_OPTIONS = {"customer_pattern": "", "pin_length": 0, "all_suspect": False}


class Listing(NamedTuple):
    """That a list has a device: where, of which day (None: unknown), and whether that counts since nothing is newer."""

    place: str
    source: str
    day: date | None
    counts: bool


class Whereabouts(NamedTuple):
    """A device that was asked for. `near` are visible serial numbers one edit away; `transfers` (path, line)."""

    serial: str
    listings: tuple[Listing, ...]
    near: tuple[str, ...]
    transfers: tuple[tuple[str, int], ...]


def look_up(
    settings: Settings,
    serials: Sequence[str],
    today: date,
    moves: _Moves = (),
    settled: Callable[[str], bool] = lambda path: False,
) -> list[Whereabouts]:
    """Where the devices with these serial numbers are, in that order. Raises UsageError where nobody can tell.

    `moves` are confirmed transfers; `settled` tells of which files nothing is open any more.
    """
    keys = list(dict.fromkeys(filter(None, map(key, serials))))
    if not keys:
        raise UsageError(
            "no serial number is named: write it after the command, as in wxp-lint inventory find 5CG8234XMV"
        )
    counted, near = _judged(settings, keys, today, moves)
    missed = [serial for serial in keys if serial not in counted]
    if missed and counted:  # what a file names is not suggested in it, but here it may be what was meant
        _, near = _judged(settings, missed, today, moves)
    listed = _listed(settings, keys, today, moves)
    named = _named(settings, keys, settled)
    return [
        Whereabouts(
            serial,
            tuple(one._replace(counts=one.place in counted.get(serial, ())) for one in listed.get(serial, ())),
            tuple(near.get(serial, ())),
            tuple(named.get(serial, ())),
        )
        for serial in keys
    ]


def _judged(
    settings: Settings, keys: Sequence[str], today: date, moves: _Moves
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Of each key the places that count, and what is near."""
    grid = Grid(list(range(1, len(keys) + 1)), [list(keys), ["-"] * len(keys)], [["text"] * len(keys)] * 2)
    table = Table(grid, "csv", "utf-8", "lf", delimiter=",")
    header = Header(0, "Serial Number", "Customer ID", True, False)
    source = Source("find.csv", settings.root / "find.csv")
    made = TransferFile(source, "csv", 0, "", table, header)
    registry = settings.customers
    facts = build(
        Inputs(
            [Loaded(made, True, False, False)],
            words(),
            settings.root,
            settings.inventory.sources,
            _OPTIONS,
            customers=None if registry is None else (registry, read_customers(settings.root, registry)),
            places=settings.places,
            moves=moves,
            today=today,
            remember=True,
        )
    )
    if why := facts.absent.get("device"):
        raise UsageError(f"{why}: nobody can tell where a PC is")
    places: dict[str, list[str]] = {}
    for serial, place in facts.con.execute("select serial_key, place from device").fetchall():
        places.setdefault(serial, []).append(place)
    near: dict[str, list[str]] = {}
    for serial, other in facts.con.execute("select serial_key, serial from near order by all").fetchall():
        near.setdefault(serial, []).append(other)
    facts.con.close()
    return places, near


def _listed(settings: Settings, keys: Sequence[str], today: date, moves: _Moves) -> dict[str, list[Listing]]:
    """What each list says, and the ledger, newest first."""
    root = settings.root
    places = known_places(settings)
    con = fresh()
    con.execute(MACROS)
    con.execute("create temp table _asked (serial_key varchar)")
    insert(con, "_asked", {"serial_key": keys})
    found: dict[str, list[Listing]] = {}
    with ExitStack() as opened:
        asked = Asked("select serial_key from _asked", today=today, remember=root, limits=settings.limits)
        lists = open_lists(con, settings.inventory.sources, root, places, asked, opened)
        if isinstance(lists, str):
            raise UsageError(f"{lists}: nobody can tell where a PC is")
        if moves:
            witness = Moves(moves)
            lists.append(DeviceList(witness, asked, None, witness.open(con, asked, opened)))
        committed = ask_git(root, [one.source.commit_path for one in lists if one.source.commit_path], None)()
        for one in lists:
            text = "coalesce(customer, '')" if "customer" in one.details else "''"
            day = "_moment(as_of)::date" if "as_of" in one.details else "null::date"
            rows = con.execute(
                f"select distinct serial_key, {text}, {day} from ({one.devices.relation}) l "
                "join _asked on serial_key = _export_key(l.serial)",
                dict(one.devices.parameters),
            ).fetchall()
            for serial, word, told in rows:
                place = one.place or places.find(word) or customer(word)
                found.setdefault(serial, []).append(Listing(place.name, one.name, told or one.age(committed), False))
    con.close()
    for listings in found.values():
        listings.sort(key=lambda one: (one.day or date.min, one.place), reverse=True)
    return found


def _named(settings: Settings, keys: Sequence[str], settled: Callable[[str], bool]) -> dict[str, list[tuple[str, int]]]:
    """The rows of open transfers that name each key."""
    known = words(settings.columns.serial, settings.columns.customer)
    files = select(settings, [], cwd=settings.root, force_exclude=False, settled=settled).files
    loaded = [
        Loaded(
            read(Source(in_utf8(file.path), file.location), known, settings.limits, settings.root),
            True,
            file.open,
            file.tracked,
        )
        for file in files
        if file.open
    ]
    facts = build(Inputs(loaded, known, settings.root, parameters=_OPTIONS))
    insertable = ", ".join("'" + one.replace("'", "''") + "'" for one in keys)
    rows = facts.con.execute(
        f"select serial_key, path, line from repo_row where serial_key in ({insertable}) order by all"
    ).fetchall()
    facts.con.close()
    found: dict[str, list[tuple[str, int]]] = {}
    for serial, path, line in rows:
        found.setdefault(serial, []).append((path, line))
    return found
