"""`wxp-lint sandbox`: a local console to practise and test transfers against."""

import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wxp_lint.errors import UsageError
from wxp_lint.sandbox.behaviour import SWITCHES, behaviours
from wxp_lint.sandbox.faults import FAULTS, faults

if TYPE_CHECKING:
    from wxp_lint.sandbox.world import World

app = typer.Typer(rich_markup_mode=None, add_completion=False)
_CHOICES = ", ".join(f"{switch.name}={'|'.join(switch.choices)}" for switch in SWITCHES)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PACKAGES = ("jinja2", "python_multipart", "starlette", "uvicorn")  # of the extra


@app.command()
def command(
    port: Annotated[int, typer.Option(help="The port; 0 takes any that is free.", min=0, max=65535)] = 8484,
    host: Annotated[
        str, typer.Option(help="The address to listen at. Any but the default lets others in.", metavar="ADDRESS")
    ] = "127.0.0.1",
    state: Annotated[
        Path | None,
        typer.Option(help="Where everything is kept; without it, in memory until it stops.", metavar="FILE"),
    ] = None,
    assignments: Annotated[
        Path | None,
        typer.Option("--from", help="An assignments repo: its customers and its inventory.", metavar="FOLDER"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Which invented world (default: 1).")] = None,
    customers: Annotated[
        int | None, typer.Option(help="How many customers are invented (default: 3).", min=1, max=1000)
    ] = None,
    devices: Annotated[
        int | None, typer.Option(help="How many PCs are invented (default: 40).", min=1, max=100_000)
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="What to sign in with; without it, one is made up and printed.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help=f"What goes wrong on purpose (repeatable): {', '.join(FAULTS)}.", metavar="NAME"),
    ] = None,
    behaviour: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Another guess at what HP does not document (repeatable; the first is the default): {_CHOICES}.",
            metavar="NAME=VALUE",
        ),
    ] = None,
) -> None:
    """Serve a console on this computer to practise transfers with. It is a simulation, not HP's.

    Example: wxp-lint sandbox --from examples/assignments --state sandbox.db
    """
    _need_packages()
    from wxp_lint.sandbox.app import application
    from wxp_lint.sandbox.console import Console
    from wxp_lint.sandbox.server import serve
    from wxp_lint.sandbox.state import State
    from wxp_lint.sandbox.world import invent

    def start() -> "World":
        if assignments is None:
            return invent(
                1 if seed is None else seed, 3 if customers is None else customers, 40 if devices is None else devices
            )
        if (seed, customers, devices) != (None, None, None):
            raise UsageError("--from brings its own customers and PCs: leave --seed, --customers and --devices out")
        return _world(assignments)

    gc.enable()  # the program does without it, since other commands are short
    chosen, broken = behaviours(behaviour or ()), faults(fault or ())
    if token is not None and not (token.isascii() and token.isprintable() and token.split() == [token]):
        raise UsageError(
            "--token must be letters, digits and signs of ASCII without blanks; without it, one is made up"
        )
    kept = State(state, start)
    if kept.was_there:
        typer.echo(f"{state}: going on with the world that is kept there", err=True)
    secret = token or _new_token()
    if host not in LOOPBACK:
        typer.echo(
            f"warning: at {host} everybody who reaches this computer sees the sandbox; traffic is not encrypted",
            err=True,
        )

    def started(at: int) -> None:
        typer.echo(f"listening on http://{f'[{host}]' if ':' in host else host}:{at}")
        if token is None:
            typer.echo(f"sign in with the token {secret}")
        sys.stdout.flush()

    console = Console(kept, chosen, broken)
    try:
        serve(application(console, secret, [*LOOPBACK, host]), host, port, started)
    finally:
        kept.close()


def _need_packages() -> None:
    for name in _PACKAGES:
        try:
            import_module(name)
        except ImportError:
            raise UsageError(
                f'the sandbox needs {name}, which is not installed: pip install "wxp-lint[sandbox]"'
            ) from None


def _world(folder: Path) -> "World":
    from datetime import date

    from wxp_lint.cli.project import open_project
    from wxp_lint.sandbox.assignments import world_of

    if not folder.is_dir():
        raise UsageError(f"--from {folder}: there is no such folder: name the one that wxp-lint.toml is in")
    file = folder / "wxp-lint.toml"
    return world_of(open_project(folder, str(file.absolute()) if file.is_file() else None).settings, date.today())


def _new_token() -> str:
    from secrets import token_urlsafe

    return token_urlsafe(18)
