"""Everything a run knows, as tables in one database."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config.limits import Limits
from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, insert, seal, tune
from wxp_lint.facts.customers import Proposal, load_customers, load_proposal
from wxp_lint.facts.devices import KEYS, Told, load_devices
from wxp_lint.facts.fresh import fresh
from wxp_lint.facts.places import read_places
from wxp_lint.facts.sidecars import load_sidecars
from wxp_lint.facts.sql import run
from wxp_lint.facts.transfers import Loaded, load
from wxp_lint.files.header import Words
from wxp_lint.files.model import Source
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.texts import MACROS

LEDGER = ("path", "digest", "sha256", "state", "settled_at", "customer_key")


class Facts(NamedTuple):
    """The database, sealed, and the tables that could not be filled: name -> reason, in the user's terms.

    `inventory` is what came of that.
    """

    con: Connection
    absent: Mapping[str, str]
    inventory: Told = Told()


class Inputs(NamedTuple):
    """What the facts are made of.

    `parameters` are values that rules' options feed to the facts: customer_pattern, and all_suspect where an
    option of a cell rule differs from its default. `ledger` are the rows of that table; None where they
    cannot be had, and `no_ledger` says why. `customers` are the registry's name and bytes; None where the config names
    none. `places` are the Customer IDs of places that are no customer's, by name. `repo_wide` is whether findings
    that belong to no file are asked for. `inventory` is the folder that the sources' paths start from, where it is
    not `root`; `revision` the commit that it comes from. `proposal` is a registry that is not in force yet.
    `own_rules` is whether a user's own rules are among those that read the facts. `moves` are confirmed transfers:
    rows with `serial_key`, `customer_key` (None: Unassigned) and `at`. `personal` are those of last_user and last_seen
    that are read; `today` is the day; `remember` is whether large lists are remembered;
    `limits` are how much of a list is read.
    """

    loaded: Sequence[Loaded]
    words: Words
    root: Path
    sources: Sequence[InventorySource] = ()
    parameters: Mapping[str, Any] = {}
    ledger: Sequence[Mapping[str, object]] | None = None
    no_ledger: str = "no ledger yet"
    customers: tuple[str, bytes] | None = None
    places: Mapping[str, str] = {}
    repo_wide: bool = False
    orphans: Sequence[Source] = ()
    inventory: Path | None = None
    revision: str | None = None
    proposal: Proposal | None = None
    own_rules: bool = False
    moves: Sequence[Mapping[str, object]] = ()
    personal: frozenset[str] = frozenset()
    today: date | None = None
    remember: bool = False
    limits: Limits = Limits()


def build(inputs: Inputs) -> Facts:
    """Fills all tables of DESIGN 5. Raises UsageError for an inventory or registry that cannot be read."""
    con = fresh()
    size = sum(item.file.size for item in inputs.loaded)
    tune(con, size)
    load(con, inputs.loaded, inputs.words)
    absent: dict[str, str] = {}
    if inputs.customers is None:
        absent["customer"] = "no customers file configured"
    else:
        name, data = inputs.customers
        load_customers(con, data, name)
        if not con.execute("select 1 from customer limit 1").fetchone():
            absent["customer"] = f"{name} names no customer"
    if inputs.proposal:
        load_proposal(con, inputs.proposal)
    if inputs.ledger is None:
        absent["ledger"] = inputs.no_ledger
    else:
        insert(con, "ledger", {name: [row.get(name) for row in inputs.ledger] for name in LEDGER})
    places = read_places(con, inputs.places)
    if places.unassigned.key:
        con.execute("insert into own_place values (?, ?)", [places.unassigned.key, places.unassigned.name])
    load_sidecars(con, inputs.loaded, inputs.root, places, inputs.orphans)
    if inputs.sources:
        con.execute(MACROS)
    history = (inputs.root, inputs.revision)
    start = inputs.inventory or inputs.root
    asked = Asked(KEYS, inputs.personal, inputs.today, inputs.root if inputs.remember else None, limits=inputs.limits)
    told = load_devices(con, inputs.sources, start, places, history, asked, inputs.moves, dated=inputs.repo_wide)
    tune(con, size, plan=inputs.own_rules)
    if told.absent:
        absent["device"] = told.absent
    for name, value in inputs.parameters.items():
        con.execute(f"set variable {name} = $value", {"value": value})
    run(con, "derive.sql")
    if inputs.ledger:
        run(con, "digest.sql")
    seal(con)
    return Facts(con, absent, told)
