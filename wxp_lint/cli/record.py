"""`wxp-lint record`: a move that was made by hand."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.facts.places import Places
from wxp_lint.facts.sidecars import REASONS
from wxp_lint.keys import key
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.events import Draft, Log
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import of_log
from wxp_lint.lint.secret import masked, refuse_pins, refuse_pins_of
from wxp_lint.lint.synced import known_places
from wxp_lint.prepare.judge import Bench, no_serials
from wxp_lint.prepare.targets import read_targets
from wxp_lint.repo.typed import LISTS, in_utf8, is_file, resolve
from wxp_lint.report.reconciled import reconciled
from wxp_lint.report.style import plural, style_for, visible
from wxp_lint.transfer.evidence import Wanted, read_evidence, read_rows, typed_day
from wxp_lint.transfer.outcome import after
from wxp_lint.transfer.reconcile import reconcile
from wxp_lint.transfer.record import BY_HAND, Move, customer_id, find_place, one_target, record, refuse_others
from wxp_lint.transfer.tell import tell

_TOLD = 10  # of many wrong serial numbers, so many are told

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    source: Annotated[
        str, typer.Option("--from", help="Where the PCs were: a customer, or unassigned.", metavar="PLACE")
    ],
    why: Annotated[str, typer.Option(help="Why it was done.", metavar="TEXT")],
    file: Annotated[str | None, typer.Argument(help="The list of the PCs that were moved.", metavar="FILE")] = None,
    serial: Annotated[
        list[str] | None, typer.Option("--serial", help="A PC that was moved (repeatable).", metavar="SERIAL")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", help="Where they are now; else what FILE says.", metavar="PLACE")
    ] = None,
    on: Annotated[str, typer.Option("--on", help="The day of the move, or today.", metavar="DAY")] = "today",
    by: Annotated[str | None, typer.Option(help="Who moved them; git's user if left out.", metavar="NAME")] = None,
    evidence: Annotated[
        str | None,
        typer.Option(
            help="How it is known: an export of the target (a file) confirms it, other text is kept.",
            metavar="FILE|TEXT",
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help=", ".join(REASONS), metavar="REASON")] = None,
    ticket: Annotated[str | None, typer.Option(help="A ticket.", metavar="TEXT")] = None,
    config: ConfigOption = None,
) -> None:
    """Enter a move that somebody made by hand in the console. It is `reported` until an export confirms it.

    What check would call no serial number is refused. Exit codes: 0, 2 wrong usage.

    Example: wxp-lint record --serial 5CG8234XMV --from unassigned --to acme --why "rush order" --by "Your Name"
    """
    cwd, today = Path.cwd(), date.today()
    if reason is not None and reason not in REASONS:
        raise UsageError(f"--reason: '{reason}' is none of {', '.join(REASONS)}{did_you_mean(reason, REASONS)}")
    if not why.strip():
        raise UsageError("--why: say why it was done")
    project = open_project(cwd, config)
    settings = project.settings
    places = known_places(settings)
    day = typed_day(on, "--on", today) or today
    move = _move(file, serial or [], target, source, settings, places, cwd)._replace(
        on=day, why=" ".join(why.split()), reason=reason, ticket=ticket, evidence=" ".join((evidence or "").split())
    )
    ledger = open_ledger(settings)
    is_export = evidence is not None and is_file(cwd / evidence)
    if evidence is not None and not is_export and evidence.lower().endswith((*LISTS, ".parquet")):
        raise UsageError(f"--evidence: no such file: {visible(evidence)}")
    wanted = Wanted(place=move.target.customer_key or "unassigned")
    known = of_log(ledger.read())
    exports = (
        read_evidence([evidence], settings, places, known, cwd, today, wanted)[0] if evidence and is_export else []
    )
    listed = {one for export in exports for one in export.listed}  # what the console lists is a serial number
    bench = Bench(settings, project.catalogue, today, cwd, frozenset())
    _refuse_no_serials([mark for mark in map(key, move.serials) if mark and mark not in listed], move, bench)
    who = context(settings.root, by)
    told: list[Draft] = []
    words: list[str] = []

    def decide(log: Log | None) -> Sequence[Draft]:
        known = of_log(log)
        if told and log and any(dict(event.data) == dict(told[0].data) for event in log.events):
            return ()
        now = datetime.now(UTC)
        first = record(known, move)
        entered = after(known, [first], now)
        judged = reconcile(
            entered, exports, (), trust=settings.summary, places=places, now=now, only=entered[first.transfer]
        )
        words[:] = [_said(first, move), reconciled(judged, style_for(sys.stdout), of_record=True) if exports else ""]
        told[:] = [first, *judged.drafts]
        return told

    tell(ledger, decide, who)
    sys.stdout.write("".join(words))
    if len(told) == 1:
        typer.echo(
            f"It is reported, not confirmed. Next, an export of {visible(move.target.name)}: wxp-lint reconcile EXPORT"
        )


def _refuse_no_serials(serials: Sequence[str], move: Move, bench: Bench) -> None:
    """Raises UsageError for what cannot be a serial number: what a ledger holds stays in it."""
    path = "list.csv" if move.path == BY_HAND else move.path
    verdict = no_serials(serials, path, bench)
    wrong = [one for _, findings in sorted(verdict.findings.items()) for one in findings[:1]]
    if wrong:
        words = [f"{masked(visible(one.message), verdict.secrets)} ({one.code})" for one in wrong[:_TOLD]]
        more = [f"and {len(wrong) - _TOLD} more"] if len(wrong) > _TOLD else []
        mend = (
            "nothing was recorded; where a serial number is right, say so in the config: formats or pattern in "
            "[rules.serial-format]"
        )
        raise UsageError("\n".join([*words, *more, mend]))


def _said(first: Draft, move: Move) -> str:
    count = plural(len(first.data["serials"]), "PC")
    return (
        f"{first.transfer} recorded: {count}, {visible(move.source.name)} -> {visible(move.target.name)}, {move.on}\n"
    )


def _move(
    file: str | None,
    serials: Sequence[str],
    target: str | None,
    source: str,
    settings: Settings,
    places: Places,
    cwd: Path,
) -> Move:
    path, sheet = BY_HAND, None
    found = list(serials)
    told = None
    customers: list[str] = []
    if file is not None:
        (named,) = resolve([file], cwd, settings.root, as_given=False)
        rows = read_rows(named, settings)
        found += [serial for serial, _ in rows]
        customers = [text for _, text in rows]
        told = one_target(customers, named.path) if target is None else None
        data = named.location.read_bytes()
        refuse_pins([told or ""], named.path, settings, places)
        refuse_pins_of(data, named.location, [serial for serial, _ in rows], settings)
        path, sheet = in_utf8(named.key.lstrip("/")), sha256(data).hexdigest()
    if target is None and told is None:
        raise UsageError("where did they go? Say --to CUSTOMER (or --to unassigned)")
    to = target if target is not None else told or ""
    for text, option in ((source, "--from"), (to, "--to")):
        refuse_pins([text], option, settings, places)
    here, there = find_place(places, source, "--from"), find_place(places, to, "--to")
    refuse_others(customers, file or "", (here, there), places)
    ids = {mark: one.customer_id for mark, one in read_targets(settings).by_key.items()}
    return Move(
        tuple(found),
        here,
        customer_id(here, ids, source),
        there,
        customer_id(there, ids, to),
        date.min,
        "",
        "",
        path=path,
        sheet=sheet,
    )
