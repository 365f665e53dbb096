"""What people bring as evidence: exports of places, HP's Summary. Told apart by their content."""

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.database import connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.facts.places import Place, Places, customer
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content, read_table
from wxp_lint.inventory.ages import day_in
from wxp_lint.inventory.columns import NoSerials, is_header
from wxp_lint.inventory.devices import Asked, Devices
from wxp_lint.inventory.exports import Export as Listed
from wxp_lint.inventory.exports import expand
from wxp_lint.inventory.texts import MACROS
from wxp_lint.ledger.states import Transfers
from wxp_lint.lint.secret import refuse_pins
from wxp_lint.repo import git
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.history import committed
from wxp_lint.repo.program import run
from wxp_lint.repo.typed import Named, is_file, is_same, resolve, shown
from wxp_lint.transfer.summary import Summary, is_summary, read_summary


class Spot(NamedTuple):
    """Where a list has a PC, by the key of the place ("" for Unassigned), and of which day that is (None: unknown)."""

    place: str
    day: date | None


class Export(NamedTuple):
    """A list of the PCs of one place, or of several.

    `listed` are they, by serial key; `places` the keys of the places of which it is a list; `day` the newest day that
    it is of, None where nothing tells. `dated` says where the day is known from; `of` is the name of the one place.
    `made` is when the file was last changed, as far as that can be told; it only decides what the day leaves open.
    """

    name: str
    sha256: str
    listed: Mapping[str, Sequence[Spot]]
    places: frozenset[str]
    day: date | None
    dated: str
    of: str | None = None
    made: datetime | None = None


class Wanted(NamedTuple):
    """What was said about the files: that they are Summaries, exports of this place, of this day."""

    summary: bool = False
    place: str | None = None
    on: date | None = None


def read_evidence(
    paths: Sequence[str],
    settings: Settings,
    places: Places,
    known: Transfers,
    cwd: Path,
    today: date,
    wanted: Wanted,
) -> tuple[list[Export], list[Summary]]:
    """The exports and Summaries in these files. Raises UsageError for one that is neither, or cannot be read."""
    if wanted.place is not None and len(paths) > 1:
        raise UsageError(
            "--place is about one file: with several write each as PLACE=FILE, as in acme=acme.csv unassigned=rest.csv"
        )
    exports: list[Export] = []
    summaries: list[Summary] = []
    for text in paths:
        said, file = _said(text, cwd)
        wanted = wanted._replace(place=said or wanted.place if len(paths) == 1 else said)
        (named,) = resolve([file], cwd, settings.root, as_given=False)
        if named.folder:
            raise UsageError(f"{named.path} is a folder: name the exports in it")
        data = content(Source(named.path, named.location), settings.limits, _top(named, settings.root))
        if isinstance(data, Fault):
            raise UsageError(f"{named.path}: {data.detail}")
        _refuse_own(named, data, settings, known)
        mark = sha256(data).hexdigest()
        source = _configured(named, settings)
        is_list = wanted.place is not None or source is not None or named.location.suffix.lower() == ".parquet"
        records = None if is_list and not wanted.summary else _records(named, settings)
        if records is not None and (wanted.summary or is_summary(records)):
            summaries.append(read_summary(records, _kept(named), mark))
        else:
            exports.append(_export(named, mark, source, settings, places, today, wanted))
    return exports, summaries


def _said(text: str, cwd: Path) -> tuple[str | None, str]:
    """The place and the file of `PLACE=FILE`."""
    place, equals, file = text.partition("=")
    return (place, file) if equals and place and not is_file(cwd / text) else (None, text)


def _top(named: Named, root: Path) -> Path:
    return root if named.inside else Path(named.location.anchor)


def _records(named: Named, settings: Settings) -> list[list[str]]:
    """All rows of a table."""
    source = Source(named.path, named.location)
    table = read_table(source, is_header, settings.limits, _top(named, settings.root))
    if isinstance(table, Fault):
        raise UsageError(f"{named.path}: {table.detail}")
    return [cells for _, cells in table.body.head(sys.maxsize)]


def _kept(named: Named) -> str:
    """The name for the ledger: no folders of somebody's computer."""
    return named.key if named.inside else named.location.name


def _refuse_own(named: Named, data: bytes, settings: Settings, known: Transfers) -> None:
    """A list that somebody wrote, or that was uploaded, proves nothing about where PCs are."""
    outbox = f"{settings.apply.outbox.rstrip('/')}/"
    is_ours = matcher(settings.transfers)(named.key) or matcher(settings.archive)(named.key)
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    plain = plain if plain.endswith(b"\n") else plain + b"\n"
    marks = {sha256(data).hexdigest(), sha256(plain).hexdigest()}
    own = next((one.id for one in known.values() if {one.sheet, one.upload} & marks), None)
    if is_ours or own or named.key.startswith(outbox):
        which = f" of {own}" if own else ""
        raise UsageError(
            f"{named.path} is the list{which} that was to be moved, and says nothing of what came of it: give an "
            "export of the target's PCs, or the Summary"
        )


def _configured(named: Named, settings: Settings) -> InventorySource | None:
    """The entry of the config that means this file."""
    for source in settings.inventory.sources:
        if source.path is not None and any(is_same(path, named.location) for path in expand(source, settings.root)):
            return source
    return None


def _named_alike(named: Named, settings: Settings) -> str | None:
    """The place of the one entry of the config whose file has the same name but for the day in it."""
    own = _undated(named.location.name)
    found = {
        source.place
        for source in settings.inventory.sources
        if source.place and source.path and _undated(source.path.rpartition("/")[2]) == own
    }
    return found.pop() if own and len(found) == 1 else None


def _undated(name: str) -> str:
    """`acme` of acme-2026-11-03.csv, acme.xlsx and acme-*.csv."""
    stem = name.rpartition(".")[0]
    return re.sub(r"20[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9]|[\W_]|[*?]", "", stem).casefold()


def _export(
    named: Named,
    mark: str,
    source: InventorySource | None,
    settings: Settings,
    places: Places,
    today: date,
    wanted: Wanted,
) -> Export:
    try:
        rows, fields = _rows(source or InventorySource(path=named.key), named, settings, today)
    except NoSerials as error:
        if source is not None:
            raise
        raise UsageError(_unknown(error, named, wanted)) from None
    source = source or InventorySource(path=named.key)
    said = wanted.place or source.place or (None if "customer" in fields else _named_alike(named, settings))
    refuse_pins([said or ""], f"the place of {named.path}", settings, places)
    refuse_pins({text for _, text, _ in rows}, named.path, settings, places)
    try:
        place = None if said is None else places.known(said)
    except UsageError as error:
        raise UsageError(f"{named.path}: {error}") from None
    if place is None and "customer" not in fields:
        raise UsageError(
            f"{named.path} does not say whose PCs it lists: say --place CUSTOMER (or --place unassigned). If it "
            "is HP's Summary, say --summary"
        )
    day, dated = _day(named, source, settings.root, wanted.on)
    listed: dict[str, list[Spot]] = {}
    at: list[date] = []
    for serial, text, told in rows:
        if not serial:
            continue
        here: Place = place or places.find(text) or customer(text)
        of = told or day
        if of and of > today + timedelta(days=1):  # somewhere it is tomorrow already
            of = None
        at += [of] if of else []
        listed.setdefault(serial, []).append(Spot(here.customer_key or "", of))
    if day and day > today + timedelta(days=1):
        day, dated = None, f"the day of it, {day}, is yet to come"
    covered = {spot.place for spots in listed.values() for spot in spots}
    return Export(
        _kept(named),
        mark,
        listed,
        frozenset(covered | ({place.customer_key or ""} if place else set())),
        max(at, default=day),
        "a column" if any(told for _, _, told in rows) else dated,
        place and place.name,
        _made(named, settings.root),
    )


def _unknown(error: NoSerials, named: Named, wanted: Wanted) -> str:
    """The message for a file that the config does not name, of which no one column has the serial numbers."""
    entry = f'{{ path = "{shown(named.key)}", serial = "LABEL" }} among [inventory] sources in the config'
    if wanted.place is not None:
        return f"{error.problem}: call one column Serial Number in the file, or write {entry}"
    return (
        f"{error.problem}, so neither an export of PCs nor HP's Summary is recognised: call one column Serial Number "
        "in the file. A Summary has a column Status or Error too (--summary says that it is one); for an export, "
        f"{entry} does as well"
    )


def _rows(
    source: InventorySource, named: Named, settings: Settings, today: date
) -> tuple[list[tuple[str, str, date | None]], Sequence[str]]:
    """(serial key, text of the customer column, day) of each row, and the columns that there are."""
    con = connect()
    try:
        con.execute(MACROS)
        with ExitStack() as opened:
            list_ = Listed(source, named.location, settings.root)
            devices = list_.open(con, Asked(None, today=today, limits=settings.limits, kind=""), opened)
            try:
                return _asked(con, devices), devices.fields
            except Exception as error:
                if not is_refusal(error):
                    raise
                if devices.otherwise is None:
                    raise UsageError(f"{named.path}: it cannot be read: export it again") from None
                return _asked(con, devices.otherwise()), devices.fields
    finally:
        con.close()


def _asked(con: Any, devices: Devices) -> list[tuple[str, str, date | None]]:
    text = "coalesce(customer, '')" if "customer" in devices.fields else "''"
    day = "_moment(as_of)::date" if "as_of" in devices.fields else "null::date"
    found: list[tuple[str, str, date | None]] = con.execute(
        f"select _export_key(coalesce(serial, '')), {text}, {day} from ({devices.relation})", dict(devices.parameters)
    ).fetchall()
    return found


def _day(named: Named, source: InventorySource, root: Path, on: date | None) -> tuple[date | None, str]:
    """The day that a list is of, where no column says so, and where that is known from (DESIGN 9)."""
    if day := day_in(named.location.name):
        return day, "its name"
    if on:
        return on, "as typed"
    if source.as_of:
        return source.as_of, "the config"
    if named.inside and (day := committed(root, [named.key]).get(named.key)):
        return day, "its last commit"
    return None, "nothing tells of which day it is"


def _made(named: Named, root: Path) -> datetime | None:
    """When a file was last changed: by its last commit where git has it as it is, since a checkout resets the rest."""
    if named.inside and git.root(root) is not None:
        path = f":(literal){named.key}"
        if run(root, "ls-files", "--error-unmatch", "--", path).returncode == 0:
            if run(root, "diff", "--quiet", "HEAD", "--", path).returncode:
                return None
            told = run(root, "log", "-1", "--format=%cI", "--", path).stdout.decode().strip()
            return datetime.fromisoformat(told) if told else None
    try:
        return datetime.fromtimestamp(named.location.stat().st_mtime, UTC)
    except OSError:
        return None


def read_rows(named: Named, settings: Settings) -> list[tuple[str, str]]:
    """(serial key, text of the customer column) of each row of a list. Raises UsageError."""
    source = InventorySource(path=named.key)
    try:
        rows, _ = _rows(source, named, settings, date.today())
    except NoSerials as error:
        raise UsageError(f"{error.problem}: call one column Serial Number in the file") from None
    return [(serial, text) for serial, text, _ in rows if serial]


def typed_day(text: str | None, option: str, today: date) -> date | None:
    """A day that was typed: 2026-11-03, or "today". Raises UsageError for anything else, and for a day to come."""
    if text is None:
        return None
    try:
        day = today if text == "today" else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: '{shown(text)}' is no day: write it like {today}, or today") from None
    if day > today:
        raise UsageError(f"{option}: {day} is yet to come")
    return day
