"""The command line: one thin module a command, imported only when it is called."""

import atexit
import errno
import os
import sys
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from wxp_lint import HOME, __version__
from wxp_lint.errors import UsageError

COMMANDS = (
    "apply",
    "baseline",
    "check",
    "confirm",
    "doctor",
    "explain",
    "fix",
    "history",
    "init",
    "inventory",
    "ledger",
    "plan",
    "prepare",
    "reconcile",
    "record",
    "resolve",
    "revert",
    "rules",
    "sandbox",
    "schema",
    "show",
    "status",
    "take",
    "template",
    "uploaded",
)
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class _Commands(TyperGroup):
    """Finds a command's module by its name: the others cost no start-up time."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return typer.main.get_command(import_module(f"wxp_lint.cli.{cmd_name}").app)


app = typer.Typer(cls=_Commands, rich_markup_mode=None, no_args_is_help=True, pretty_exceptions_enable=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wxp-lint {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Checks the transfer files with which PCs move between tenants of HP's Workforce Experience Platform.

    Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or config, 3 an internal error.
    """


def main() -> NoReturn:
    """The program `wxp-lint`.

    It leaves without taking the interpreter down piece by piece, which costs more than reading a file of 200 rows.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = _run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = 1
    except OSError as error:
        code = 2
        sys.stderr.write(f"wxp-lint: standard output: {_no_room(error)}\n")
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


def _no_room(error: OSError) -> str:
    name = f" {error.filename}" if error.filename else ""
    return f"cannot write{name} ({error.strerror or error}): make room, or set TMPDIR to a folder on another disk"


def _refuse_bytes(arguments: list[str]) -> None:
    """Raises UsageError for bytes that are no text, which no ledger, sidecar or query takes; a file may be named so."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            if not os.path.lexists(argument) and not os.path.lexists(argument.partition("=")[2]):
                told = "".join(c if c.isprintable() else "\ufffd" for c in argument)
                raise UsageError(
                    f"'{told}' is neither UTF-8 nor the name of a file that is there: set the terminal to UTF-8, "
                    "and type it again"
                ) from None


def _run() -> int:
    """Runs the command; what comes back is the exit code."""
    try:
        _refuse_bytes(sys.argv[1:])
        app(prog_name="wxp-lint")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except UsageError as error:
        typer.echo(f"wxp-lint: {error}", err=True)
        return 2
    except BrokenPipeError:
        return 1
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            typer.echo(f"wxp-lint: {_no_room(error)}", err=True)
            return 2
        if os.environ.get("WXP_LINT_DEBUG"):
            raise
        typer.echo(
            f"wxp-lint: internal error: {type(error).__name__}: {error}\n"
            f"This is a bug: please report it at {HOME}/issues with what WXP_LINT_DEBUG=1 shows.",
            err=True,
        )
        return 3
    return 0
