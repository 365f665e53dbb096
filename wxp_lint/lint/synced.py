"""What `wxp-lint inventory sync` does."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.advice import put
from wxp_lint.config.settings import InventorySource, Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import load_customers, read_customers
from wxp_lint.facts.fresh import fresh
from wxp_lint.facts.lists import find_all
from wxp_lint.facts.places import Places, read_places
from wxp_lint.inventory import sync
from wxp_lint.inventory.ages import ask_git
from wxp_lint.inventory.devices import Asked, DeviceSource
from wxp_lint.inventory.snapshot import load
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import personal_fields
from wxp_lint.lint.policy import Policy
from wxp_lint.repo import git

Sources = Sequence[tuple[InventorySource, DeviceSource]]


class Done(NamedTuple):
    """How many devices of how many lists were gathered, how many of the lists were read for it, and where that lies."""

    devices: int
    lists: int
    again: int
    path: Path
    notes: tuple[str, ...] = ()


def gather_all(
    settings: Settings,
    catalogue: Catalogue,
    today: date,
    progress: sync.Progress,
    *,
    minimal: bool = False,
    to: Path | None = None,
) -> Done:
    """Makes the snapshot of the config's inventory, or with `to` a Parquet file that is an inventory by itself.

    Raises UsageError; what was there before is then still there.
    """
    try:
        return _gather_all(settings, catalogue, today, progress, minimal=minimal, to=to)
    except UsageError as error:
        before = None if to else load(settings.root)
        if before is None:
            raise
        raise UsageError(f"{error}\nthe snapshot of {before.day} stays as it is") from None


def _gather_all(
    settings: Settings,
    catalogue: Catalogue,
    today: date,
    progress: sync.Progress,
    *,
    minimal: bool,
    to: Path | None,
) -> Done:
    root = settings.root
    # What is read itself: a snapshot that stood in for it would be gathered again.
    sources = all_lists(settings, Asked(None, limits=settings.limits))
    asked = Asked(
        None,
        personal_fields(catalogue, Policy(settings, catalogue), settings.customers is not None),
        today,
        root,
        limits=settings.limits,
    )
    if to:
        _refuse_target(to)
        _refuse_itself(to, sources)
    places = known_places(settings)
    words = {number: _place(source, places, one) for number, (source, one) in enumerate(sources)}
    try:
        with sync.gather(sources, root, asked, progress, minimal=minimal) as gathered:
            if to is None:
                made = sync.keep(gathered, root)
                return Done(made.devices, len(sources), gathered.again, made.data.parent)
            committed = ask_git(root, [one.commit_path for _, one in sources if one.commit_path], None)()
            days = {number: one.day(asked, committed) for number, (_, one) in enumerate(sources)}
            devices = sync.write(gathered, words, days, to)
            return Done(devices, len(sources), gathered.again, to, _warnings(to, minimal))
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"inventory: {error.filename or to or 'the snapshot'} cannot be written: {said}") from None


def all_lists(settings: Settings, asked: Asked) -> Sources:
    """Every list that the config means, with its entry there. Raises UsageError where there is none of one."""
    if not settings.inventory.sources:
        raise UsageError(
            "no inventory configured: name the lists of your devices in the config: "
            + put("inventory.sources", '[{ path = "inventory/*.csv" }]', settings)
        )
    sources: list[tuple[InventorySource, DeviceSource]] = []
    for source, found in find_all(settings.inventory.sources, settings.root, asked):
        if isinstance(found, str):
            raise UsageError(found)
        sources += [(source, one) for one in found]
    return sources


def known_places(settings: Settings) -> Places:
    """Where devices can be. Raises UsageError for a registry that cannot be read."""
    con = fresh()
    try:
        if settings.customers is not None:
            load_customers(con, read_customers(settings.root, settings.customers), settings.customers)
        return read_places(con, settings.places)
    finally:
        con.close()


def _place(source: InventorySource, places: Places, one: DeviceSource) -> str | None:
    """The word for its place that a list is written with: an ID where it is known; None: its own column tells."""
    if source.place is None:
        return None
    try:
        place = places.known(source.place)
    except UsageError as error:
        raise UsageError(f"inventory {one.name}: {error}") from None
    return "Unassigned" if place.customer_key is None else source.place.strip()


def _refuse_target(to: Path) -> None:
    """Raises UsageError where no snapshot can be written, and where something else would be lost by it."""
    if to.is_dir():
        raise UsageError(f"--to {to} is a folder and cannot be written: name a file, as in --to {to}/snapshot.parquet")
    if to.suffix.lower() != ".parquet":
        raise UsageError(f"--to {to} must end in .parquet, by which a check knows what it is")
    if not to.parent.is_dir():
        raise UsageError(f"--to {to} cannot be written: there is no folder {to.parent}")
    if to.exists() and not _is_parquet(to):
        raise UsageError(f"--to {to} would be written over what is no snapshot: name another file")


def _is_parquet(file: Path) -> bool:
    try:
        with file.open("rb") as data:
            return data.read(4) == b"PAR1"
    except OSError:
        return False


def _refuse_itself(to: Path, sources: Sources) -> None:
    for _, one in sources:
        path = getattr(one, "path", None)
        if path and to.exists() and to.samefile(path):
            raise UsageError(
                f"--to {to} is itself a source of this config: name the lists that it is made of in another config, "
                "and say --config"
            )


def _warnings(to: Path, minimal: bool) -> tuple[str, ...]:
    if minimal or git.root(to.absolute().parent) is None:
        return ()
    return (f"{to} lies in a git repository: commit it only if it was made with --minimal",)
