"""PCs of transfers that no list has, by what is to be done about them: for `wxp-lint inventory missing`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Facts
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, examine
from wxp_lint.lint.finding import Finding
from wxp_lint.repo.select import Selection

TYPO, MEND, REPORT, WAIT = "typo", "mend", "report", "wait"
STEPS = (TYPO, MEND, REPORT, WAIT)  # what to do next, in the order in which to do it
NOT_VISIBLE = "WXP501"

_QUERY = """
    with meant as (select serial_key, list(serial order by serial) as serials from near group by serial_key)
    select
        u.path, u.line, u.serial, u.serial_key, coalesce(m.serials, []), s.wait_until,
        coalesce(c.name, nullif(u.customer_id, '')), s.ticket
    from unseen u
    left join meant m on m.serial_key = u.serial_key
    left join sidecar s on s.path = u.path
    left join customer c on c.customer_key = u.customer_key
    order by u.path, u.line
"""


class Missing(NamedTuple):
    """A row whose PC is in no list. `step` is one of STEPS.

    `near` are visible serial numbers one edit away; `until` the day until which the sidecar waits, which may be over;
    `why` what a rule says of the cell (for MEND).
    """

    step: str
    path: str
    line: int
    serial: str
    key: str
    near: tuple[str, ...]
    until: date | None
    target: str | None
    ticket: str | None
    why: str | None


class Report(NamedTuple):
    """All of them, by STEPS, path and line; lines for standard error; which lists the answer rests on.

    `rows` is how many PCs were looked for; `secrets` are values that must never be shown.
    """

    devices: tuple[Missing, ...]
    notes: tuple[str, ...]
    rests_on: str | None
    rows: int
    secrets: frozenset[str]


def find_missing(
    settings: Settings,
    catalogue: Catalogue,
    selection: Selection,
    today: date,
    moves: Sequence[Mapping[str, object]] = (),
) -> Report:
    """The rows of `selection` whose PCs are in no list and in none of the confirmed `moves`.

    Raises UsageError where there is no inventory to tell, rather than calling everything missing.
    """
    rows: list[tuple[Any, ...]] = []

    def look(facts: Facts) -> None:
        if why := facts.absent.get("device"):
            raise UsageError(f"{why}: nobody can tell which PCs are missing")
        rows.extend(facts.con.execute(_QUERY).fetchall())

    result, _ = examine(settings, catalogue, Request(selection, today, moves=moves), look)
    unfit = _unfit(result.findings, catalogue)
    found = [_missing(row, unfit, today) for row in rows]
    found.sort(key=lambda one: STEPS.index(one.step))
    return Report(tuple(found), tuple(result.notes), result.inventory, result.rows, result.secrets)


def _unfit(findings: Iterable[Finding], catalogue: Catalogue) -> Mapping[tuple[str | None, int | None], str]:
    """What rules say of cells that hold no serial number: those before which WXP501 is silent."""
    silencing = set(catalogue.find(NOT_VISIBLE).yields)
    return {(one.path, one.line): one.message for one in findings if one.code in silencing and one.field == "serial"}


def _missing(row: tuple[Any, ...], unfit: Mapping[tuple[str | None, int | None], str], today: date) -> Missing:
    path, line, serial, key, near, until, target, ticket = row
    why = unfit.get((path, line))
    if near:
        step = TYPO
    elif why:
        step = MEND
    else:
        step = WAIT if until and until >= today else REPORT
    return Missing(step, path, line, serial, key, tuple(near), until, target, ticket, why)
