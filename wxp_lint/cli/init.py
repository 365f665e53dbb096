"""`wxp-lint init`: lay what a repo of transfer files needs, beside what is there."""

import shlex
import shutil
import sys
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.config import advice
from wxp_lint.config import load as config
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Result
from wxp_lint.prepare.customers import read_registry
from wxp_lint.prepare.scaffold import CI, LEDGERS, Laid, Wishes, lay, pieces
from wxp_lint.repo import clone
from wxp_lint.repo.git import root as git_root
from wxp_lint.repo.glob import fixed_prefix
from wxp_lint.repo.select import select
from wxp_lint.report.closing import closing
from wxp_lint.report.style import style_for, visible

REGISTRY = "customers.csv"
TEXTCONV = "diff.wxp-lint.textconv"

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    folder: Annotated[Path, typer.Argument(help="The repo, or a folder for a new one.")] = Path(),
    ci: Annotated[str | None, typer.Option(help=f"What checks pull requests: {', '.join(CI)}.", metavar="NAME")] = None,
    ledger: Annotated[
        str | None, typer.Option(help=f"What keeps the hand-overs: {', '.join(LEDGERS)}.", metavar="NAME")
    ] = None,
    require_possession: Annotated[
        bool | None,
        typer.Option(
            "--require-possession/--no-require-possession",
            help="Nothing moves unless somebody has confirmed that the customer has the PCs.",
        ),
    ] = None,
) -> None:
    """Set up a repo of transfer files: config, registry, hooks, CI. What is there already stays as it is.

    On a terminal it asks for what no option says.

    Example: wxp-lint init --ci github --require-possession
    """
    _known("--ci", ci, CI)
    _known("--ledger", ledger, LEDGERS)
    root = folder.resolve()
    top = _top(root)
    settings = _settings(root)
    url = clone.remote(top) if top else None
    asking = sys.stdin.isatty() and sys.stdout.isatty()
    if ci is None:
        ci = _host(url)
        if asking:
            ci = _choice("What checks pull requests?", CI, ci)
    if settings.file is None:
        if ledger is None:
            ledger = "git" if url else "none"
            if asking:
                ledger = _choice("What keeps the hand-overs?", LEDGERS, ledger)
        if require_possession is None and asking:
            require_possession = typer.confirm("Must somebody confirm that the customer has the PCs?", default=False)
    elif ledger is not None or require_possession is not None:
        typer.echo("note: --ledger and --require-possession are for a new config: there is one already", err=True)
    branch = (clone.main_branch(top) if top else None) or "main"
    registry = settings.customers and (root / settings.customers).exists()
    customers = read_registry(settings).customers if registry else ()
    wishes = Wishes(ci, ledger or "none", bool(require_possession), branch)

    for piece in pieces(settings, wishes, customers):
        _tell(lay(root, piece))
    if top:
        _tell(_textconv(top))
    settings = _settings(root)
    typer.echo(f"\n{closing(_check(settings, root), style_for(sys.stdout))}\nNext:")
    for number, line in enumerate(_next(settings, bool(customers), top is not None), 1):
        typer.echo(f"{number}. {line}")


def _choice(question: str, known: Collection[str], default: str) -> str:
    """What is typed in answer, asked again until it is one of `known`."""

    def one_of_them(answer: str) -> str:
        if answer not in known:
            raise typer.BadParameter(f"'{answer}' is none of {', '.join(known)}")
        return answer

    answer: str = typer.prompt(f"{question} ({', '.join(known)})", default=default, value_proc=one_of_them)
    return answer


def _known(option: str, value: str | None, known: Collection[str]) -> None:
    if value is not None and value not in known:
        raise UsageError(f"{option} must be one of {', '.join(known)}, not '{value}'{did_you_mean(value, known)}")


def _top(root: Path) -> Path | None:
    """The git repo that `root` is, made as a folder where it is none. Raises UsageError if it is but a part of one."""
    top = git_root(root)
    if top is not None and top != root:
        raise UsageError(
            f"{root} lies in the repository {top}, whose root is where the config goes: wxp-lint init {top}"
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{root}: cannot be made a folder: {(error.strerror or str(error)).lower()}") from None
    return top


def _settings(root: Path) -> Settings:
    """The config in `root`; without one, what the config to be written says of the registry."""
    file = config.find(root)
    if file is None or file.parent != root:
        return Settings(root, customers=REGISTRY)
    return config.load(file, root)


def _host(url: str | None) -> str:
    """Which CI the remote has: by the name of its host, GitHub's without a remote."""
    if url is None:
        return "github"
    return next((name for name in CI if name in url.lower()), "none")


def _textconv(top: Path) -> Laid:
    """Lets `git diff` show workbooks as text in this clone."""
    before = clone.setting(top, TEXTCONV)
    if before is None:
        program = "wxp-lint" if shutil.which("wxp-lint") else f"{shlex.quote(sys.executable)} -m wxp_lint"
        clone.set_setting(top, TEXTCONV, f"{program} show")
    return Laid(f"git config {TEXTCONV}", "new" if before is None else "left")


def _tell(laid: Laid) -> None:
    typer.echo(f"{laid.what:<8}  {visible(laid.path)}{f': {visible(laid.note)}' if laid.note else ''}")


def _check(settings: Settings, root: Path) -> Result:
    selection = select(settings, [], cwd=root, force_exclude=False)
    custom = [settings.root / folder for folder in settings.custom_rules]
    return check(settings, catalogue.load(custom, origins=settings.origins), Request(selection, date.today()))


def _next(settings: Settings, has_customers: bool, in_git: bool) -> Iterator[str]:
    registry = visible(settings.customers or "")
    if not registry:
        yield f"Name the registry of your customers in the config: {advice.put('customers', advice.REGISTRY, settings)}"
    elif has_customers:
        yield f"See that each customer in {registry} has a folder, and owners who review it"
    else:
        yield f"Write your customers into {registry}, a line each"
    hook = "pre-commit install, and commit what is new here"
    yield hook if in_git else f"git init --initial-branch main, wxp-lint init once more, {hook}"
    folder = fixed_prefix(settings.transfers[0])
    place = visible(f"{folder}/first.xlsx" if folder else "first.xlsx")
    yield f"wxp-lint template -o {place}, fill it in, and commit it on a branch"
