"""The inventory -> the tables `device`, `place`, `located`, `unseen`, `near` and `last_user`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import SMALL, Connection, insert, tune
from wxp_lint.facts.lists import DeviceList, open_lists
from wxp_lint.facts.moves import Moves
from wxp_lint.facts.places import Place, Places, customer
from wxp_lint.facts.seen import DETAILS, Group, details, groups, insert_near, match, settle
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.exports import Export

if TYPE_CHECKING:
    from wxp_lint.inventory.synced import InUse

KEYS = "select distinct serial_key from _row where serial_key <> ''"  # what is asked of the lists

_Where = tuple[int, str]  # a source and a text in its customer column


class Used(NamedTuple):
    """A list that answers rest on, or the ledger: its name, and the newest day that it is of (None: unknown).

    `places` are those in which it has devices that rows name, each with their number; the most comes first. A list
    whose places are of several days is there once for each day.
    `commit_path` is what git may be asked about, where it was not asked for the day of a list that tells none.
    """

    name: str
    day: date | None
    places: tuple[tuple[str, int], ...]
    commit_path: str | None = None


class Told(NamedTuple):
    """What came of the inventory.

    `absent` is why there are no devices to compare with, in the user's terms. `used` are the lists; `unlisted` the
    customers whose devices no list can have, by name, where that can be told. `snapshot` is the one that answers.
    """

    absent: str | None = None
    used: tuple[Used, ...] = ()
    unlisted: tuple[str, ...] = ()
    snapshot: "InUse | None" = None


def load_devices(
    con: Connection,
    sources: Sequence[InventorySource],
    root: Path,
    places: Places,
    history: tuple[Path, str | None],
    asked: Asked,
    moves: Sequence[Mapping[str, object]] = (),
    *,
    dated: bool = True,
) -> Told:
    """Fills the tables of `devices.sql`, as far as rows name devices.

    `root` is where the sources' paths start; `history` the repository whose commits up to a revision (None: HEAD)
    tell how old the lists are. Without `dated` these are asked only if lists disagree, since it takes git some
    milliseconds. `moves` are confirmed transfers, as `Moves` takes them. Raises UsageError for a list that cannot be
    read, and for a place that the registry lacks.
    """
    with ExitStack() as opened:
        lists = open_lists(con, sources, root, places, asked, opened)
        if isinstance(lists, str):
            return Told(lists)
        snapshot = _snapshot(lists)
        size = sum(one.source.size for one in lists)
        if size > SMALL:
            tune(con, size)
        undated = {one.name: path for one in lists if (path := one.source.commit_path) and not one.is_dated()}
        ages = ask_git(history[0], [*undated.values()] if dated else [], history[1])
        if moves:
            witness = Moves(moves)
            lists.append(DeviceList(witness, asked, None, witness.open(con, asked, opened)))
        lists = match(con, lists)
        there, found = details(lists), groups(con, details(lists))
        if all(group.source is None for group in found) and _is_empty(con, lists):
            names = [one.name for one in lists if not one.is_moves]
            return Told(f"the inventory is empty: no device in {', '.join(names[:5])}{' ...' * (len(names) > 5)}")
        is_settled = _count_rows(con) == sum(group.rows for group in found)
        if not (is_settled or dated):
            dated = True
            ages = ask_git(history[0], [*undated.values()], history[1])
        where = _places(lists, places, found)
        days = {at: lists[at[0]].age(ages()) for at in where}
        _insert_places(con, lists, where, days)
        if not is_settled:
            there = settle(con, there)
            found = groups(con, there)
        _insert_located(con, where, found)
        used = _insert_place(con, lists, where, days, found)
        _make_device(con, there)
        unlisted: tuple[str, ...] = ()
        if any(group.source is None for group in found):
            _insert_unseen(con)
            insert_near(con, lists)
            unlisted = _unlisted(con, lists)
        if not dated:
            used = [one._replace(commit_path=undated.get(one.name)) for one in used]
        return Told(None, tuple(used), unlisted, snapshot)


def _snapshot(lists: Sequence[DeviceList]) -> "InUse | None":
    if all(isinstance(one.source, Export) for one in lists):
        return None
    from wxp_lint.inventory.synced import in_use

    return in_use([one.source for one in lists])


def _unlisted(con: Connection, lists: Sequence[DeviceList]) -> tuple[str, ...]:
    """None where a list tells places by a column: it may be about any customer."""
    known = [one.place for one in lists if not one.is_moves]
    if None in known or not con.execute("select 1 from unseen limit 1").fetchone():
        return ()
    listed = {place.customer_key for place in known if place}
    rows = con.execute(
        "select name, customer_key from customer "
        "where lower(coalesce(status, '')) not in ('closed', 'merged') order by line"
    ).fetchall()
    return tuple(name for name, customer_key in rows if customer_key not in listed)


def _count_rows(con: Connection) -> int:
    found = con.execute("select count(*) from _row where serial_key <> ''").fetchone()
    return int(found[0]) if found else 0


def _is_empty(con: Connection, lists: Sequence[DeviceList]) -> bool:
    """Whether no list holds any device, be it named by a row or not."""
    return not any(
        one.devices.others
        or con.execute(
            f"select 1 from ({one.devices.relation}) where trim(serial) <> '' limit 1",
            dict(one.devices.parameters),
        ).fetchone()
        for one in lists
        if not one.is_moves
    )


def _places(lists: Sequence[DeviceList], places: Places, found: Sequence[Group]) -> dict[_Where, Place]:
    """What each list, and each text in its customer column, stands for."""
    where: dict[_Where, Place] = {}
    for number, one in enumerate(lists):
        if "customer" not in one.details:
            where[number, ""] = one.place or places.unassigned
    for group in found:
        if group.source is not None and (group.source, group.customer) not in where:
            place = places.find(group.customer) or customer(group.customer)
            where[group.source, group.customer] = place
    return where


def _insert_places(
    con: Connection,
    lists: Sequence[DeviceList],
    where: Mapping[_Where, Place],
    days: Mapping[_Where, date | None],
) -> None:
    columns: dict[str, Sequence[object]] = {
        "source": [source for source, _ in where],
        "customer": [text for _, text in where],
        "place": [place.name for place in where.values()],
        "customer_key": [place.customer_key for place in where.values()],
        "place_key": [place.key for place in where.values()],
        "path": [lists[source].name for source, _ in where],
        "moved": [lists[source].is_moves for source, _ in where],
        "as_of": [days[at] for at in where],
    }
    insert(con, "_place", columns)


def _insert_located(con: Connection, where: Mapping[_Where, Place], found: Sequence[Group]) -> None:
    checked = dict(con.execute("select id, path from file where checked").fetchall())
    rows: dict[str, dict[Place, int]] = {}
    seen: dict[tuple[str, Place], datetime] = {}
    for group in found:
        if group.source is None or group.places > 1 or group.file not in checked:
            continue
        path, place = checked[group.file], where[group.source, group.customer]
        there = rows.setdefault(path, {})
        there[place] = there.get(place, 0) + group.rows
        if group.last_seen:
            seen[path, place] = max(group.last_seen, seen.get((path, place), group.last_seen))
    flat = [(path, place, count) for path, there in sorted(rows.items()) for place, count in there.items()]
    columns: dict[str, Sequence[object]] = {
        "path": [path for path, _, _ in flat],
        "place": [place.name for _, place, _ in flat],
        "customer_key": [place.customer_key for _, place, _ in flat],
        "rows": [count for _, _, count in flat],
        "places": [len(rows[path]) for path, _, _ in flat],
        "place_key": [place.key for _, place, _ in flat],
        "last_seen": [seen.get((path, place)) for path, place, _ in flat],
    }
    insert(con, "located", columns)


def _insert_place(
    con: Connection,
    lists: Sequence[DeviceList],
    where: Mapping[_Where, Place],
    days: Mapping[_Where, date | None],
    found: Sequence[Group],
) -> list[Used]:
    count: dict[tuple[str, Place], int] = {}
    newest: dict[tuple[str, Place], date | None] = {}
    moved: list[Used] = []
    for at, place in where.items():
        said = [group for group in found if (group.source, group.customer) == at]
        if lists[at[0]].is_moves:
            day = max((group.as_of for group in said if group.as_of), default=None)
            moved += (
                [Used(lists[at[0]].name, day, ((place.name, sum(group.devices for group in said)),))] if said else []
            )
            continue
        entry = lists[at[0]].name, place
        count[entry] = count.get(entry, 0) + sum(group.devices for group in said)
        known = [day for day in (newest.get(entry), *(group.as_of for group in said)) if day]
        newest[entry] = max(known, default=days[at])
    columns: dict[str, Sequence[object]] = {
        "place": [place.name for _, place in count],
        "customer_key": [place.customer_key for _, place in count],
        "source": [name for name, _ in count],
        "as_of": list(newest.values()),
        "devices": list(count.values()),
    }
    insert(con, "place", columns)
    return [*_used(count, newest), *moved]


def _used(count: Mapping[tuple[str, Place], int], newest: Mapping[tuple[str, Place], date | None]) -> Iterator[Used]:
    """What each list tells, day by day; a list that has none of the devices is there all the same."""
    for name in dict.fromkeys(name for name, _ in count):
        held: dict[date | None, list[tuple[str, int]]] = {}
        for (of, place), devices in count.items():
            if of == name and devices:
                held.setdefault(newest[of, place], []).append((place.name, devices))
        if not held:
            held[max((day for (of, _), day in newest.items() if of == name and day), default=None)] = []
        for day, places in held.items():
            yield Used(name, day, tuple(sorted(places, key=_most_first)))


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _make_device(con: Connection, there: set[str]) -> None:
    """The views `device` and, where the lists have users, `last_user`."""
    said = {name: f"s.{name}" if name in there else f"null::{kind}" for name, (kind, _, _) in DETAILS.items()}
    con.execute(
        f"""
        drop table device;
        create view device as
        select
            s.serial_key, s.serial_key as serial, p.customer_key, p.place, {said["device_name"]} as device_name,
            {said["last_user"]} as last_user, {said["last_seen"]} as last_seen,
            coalesce({said["as_of"]}, p.as_of) as as_of, p.place_key, s.places
        from _seen s
        join _place p on p.source = s.source {"and p.customer = s.customer" if "customer" in there else ""}
        where s.shown
        """
    )
    if "last_user" in there:
        con.execute(
            r"""
            insert into last_user
            select f.path, lower(s.domain), count(*)
            from (
                select file, case
                    when contains(last_user, '@') then split_part(last_user, '@', -1)
                    when contains(last_user, '\') then split_part(last_user, '\', 1)
                end as domain
                from _seen where last_user is not null
            ) s join file f on f.id = s.file
            where s.domain <> '' and f.checked
            group by all
            """
        )


def _insert_unseen(con: Connection) -> None:
    con.execute(
        """
        insert into unseen
        select r.* from row r semi join (
            select f.path, s.line from _seen s join file f on f.id = s.file where s.source is null
        ) s on s.path = r.path and s.line = r.line
        """
    )
