"""`wxp-lint ledger baseline|export|import`: begin, accept and move the record of what was handed over."""

import shlex
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import Project, open_project
from wxp_lint.errors import UsageError
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content
from wxp_lint.ledger import portable, states
from wxp_lint.ledger.actor import context
from wxp_lint.ledger.events import Draft, Log
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.protocol import Foreign, LedgerError, Lost, RolledBack
from wxp_lint.report.style import plural, visible

if TYPE_CHECKING:
    from wxp_lint.transfer.inputs import Party

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
ByOption = Annotated[str | None, typer.Option("--by", help="Who says so; else CI or git tells.", metavar="NAME")]


@app.callback()
def _root() -> None:
    """Begin, accept and move the ledger: the record of what was handed over."""


@app.command()
def baseline(
    by: ByOption = None,
    reason: Annotated[
        str | None, typer.Option(help="Why this is right; it stands in the ledger.", metavar="TEXT")
    ] = None,
    settled: Annotated[
        list[str] | None,
        typer.Option(
            help="This file or folder was carried out before there was a ledger (repeatable).", metavar="PATH"
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All open transfers were carried out before.")] = False,
    config: ConfigOption = None,
) -> None:
    """Accept the ledger as it is: one that was lost, exchanged or put back; or one that begins late.

    With --settled or --all, transfers that were carried out by hand before there was a ledger are entered as reported:
    plan offers them no more. Nothing is confirmed by that; a newer export can still do so (wxp-lint reconcile).

    Example: wxp-lint ledger baseline --all --by "Your Name" --reason "all done by hand until November"
    """
    if settled and all_:
        raise UsageError("--all stands for every open transfer: leave --settled out, or --all")
    project = open_project(Path.cwd(), config)
    root = project.settings.root
    who = context(root, by)
    book = open_ledger(project.settings)
    trouble: LedgerError | None = None
    try:
        log = book.read()
    except (Lost, Foreign, RolledBack) as error:
        trouble = error
        log = book.there()
        if not (reason and reason.strip()):
            more = [*(["--all"] if all_ else []), *(f"--settled {shlex.quote(path)}" for path in settled or [])]
            raise UsageError(_unsaid(error, log, book.name, more)) from None
    drafts = _carried_out(project, log, book.name, settled or []) if settled or all_ else []
    if not trouble and not drafts:
        typer.echo(f"nothing to accept: {_well(log, book.name)}")
        return
    after = book.accept(reason, drafts, who)
    name = visible(who.actor.name)
    if trouble:
        typer.echo(f"{book.name} is accepted with {plural(len(after.events), 'event')}, by {name}")
        typer.echo("other clones that have seen it otherwise have to be told too", err=True)
    if drafts:
        typer.echo(f"{plural(len(drafts), 'transfer')} entered as carried out before there was a ledger, by {name}")
        for draft in drafts:
            typer.echo(f"  {draft.transfer}  {visible(draft.data['path'])}")
        typer.echo("nothing is confirmed by that: wxp-lint reconcile EXPORT can do it")


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="Where to; -: standard output.", metavar="FILE|-")] = "-",
    config: ConfigOption = None,
) -> None:
    """Write the whole ledger as JSON Lines: a header, then an event a line.

    Example: wxp-lint ledger export ledger.jsonl
    """
    book = open_ledger(open_project(Path.cwd(), config).settings)
    log = book.read()
    if log is None:
        raise UsageError(f"{book.name}: there is no ledger yet, so there is nothing to export")
    data = portable.dump(log)
    if file == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        with Path(file).open("xb") as out:
            out.write(data)
    except FileExistsError:
        raise UsageError(f"{file} is there already: give another name, or delete it") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror or error})") from None
    typer.echo(f"{visible(file)}: {plural(len(log.events), 'event')} of {book.name}")


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="What export has written; -: standard input.", metavar="FILE|-")],
    by: ByOption = None,
    config: ConfigOption = None,
) -> None:
    """Put an exported ledger into the one of the config, which must be empty: to change the kind, or from a backup.

    Example: wxp-lint ledger import ledger.jsonl
    """
    settings = open_project(Path.cwd(), config).settings
    place = Path(file).absolute()
    data = sys.stdin.buffer.read() if file == "-" else content(Source(file, place), Limits(), Path(place.anchor))
    if isinstance(data, Fault):
        raise UsageError(f"{file}: {data.detail}")
    log = portable.load(data, file)
    book = open_ledger(settings)
    book.adopt(log, f"imported with {plural(len(log.events), 'event')}", context(settings.root, by))
    typer.echo(f"{book.name}: {plural(len(log.events), 'event')} imported")
    book.read()


def _unsaid(trouble: LedgerError, log: Log | None, name: str, more: Sequence[str]) -> str:
    """What would be accepted, and the command that says why."""
    what = f"{name} as it is, with {plural(len(log.events), 'event')}" if log else f"that {name} holds nothing"
    command = " ".join(["wxp-lint ledger baseline", *more, '--reason "TEXT"'])
    return (
        f"nothing was accepted, since no --reason says why that is right: {trouble}\n"
        f"It would be accepted: {what}; what was handed over and is not in there may then be handed over again. "
        f"If that is right: {command}"
    )


def _well(log: Log | None, name: str) -> str:
    if log is None:
        return "there is no ledger yet, and no trace of one; wxp-lint apply makes it"
    return f"{name} goes on from what was seen here ({plural(len(log.events), 'event')})"


def _carried_out(project: Project, log: Log | None, name: str, paths: Sequence[str]) -> list[Draft]:
    """An event `reported` for each open transfer at or below `paths`, all of them without any."""
    from wxp_lint.repo.standing import standing
    from wxp_lint.transfer.inputs import gather
    from wxp_lint.transfer.plan import PLANNED, make_plan
    from wxp_lint.transfer.policy import UNDER_WAY

    settings = project.settings
    known = states.of_log(log)
    where = standing(settings.root, settings.apply.branch)
    inputs = gather(settings, project.catalogue, where, known, date.today())
    wanted = [_from_root(path, settings.root) for path in paths]
    sheets = {sheet.path: sheet for sheet in inputs.sheets}
    drafts: list[Draft] = []
    for one in make_plan(inputs, log, name).transfers:
        is_named = one.path in wanted
        if paths and not is_named and not any(not path or one.path.startswith(f"{path}/") for path in wanted):
            continue
        why = None
        if one.state not in PLANNED:
            why = f"is {one.state.replace('_', ' ')} as {one.id} already: see wxp-lint resolve"
        elif not one.merged:
            why = f"is not merged into {where.tip_name}"
        elif one.digest is None or one.target is None or one.id is None:
            why = "names no PCs or no single target, or is a copy: see wxp-lint plan"
        elif shared := next((blocker for blocker in one.blockers if blocker.code == UNDER_WAY), None):
            why = f"cannot have been carried out by itself: {shared.message}"
        if why:
            if is_named:
                raise UsageError(f"{one.path} {why}; nothing was written")
            typer.echo(f"left out: {visible(one.path)} {why}", err=True)
            continue
        data = {
            "path": one.path,
            "digest": one.digest,
            "sheet": sheets[one.path].sha256,
            "target": _place(one.target),
            "source": _place(one.source),
            "serials": list(one.serials),
            "ticket": one.ticket,
            "reason": one.reason,
            "evidence": "baseline",
            "how": "person",
            "settled": True,
        }
        drafts.append(Draft("reported", str(one.id), data))
    if paths and not drafts:
        raise UsageError(f"no open transfer is at {', '.join(paths)}: see wxp-lint plan; nothing was written")
    return drafts


def _from_root(path: str, root: Path) -> str:
    try:
        found = Path(path).absolute().resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UsageError(f"--settled {path} lies outside of {root}") from None
    return "" if found == "." else found


def _place(party: "Party | None") -> dict[str, str | None] | None:
    return {"name": party.name, "customer_id": party.customer_id} if party else None
