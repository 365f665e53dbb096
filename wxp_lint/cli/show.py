"""`wxp-lint show`: a workbook as text, so that `git diff` can compare it."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.project import open_project
from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content
from wxp_lint.lint import catalogue
from wxp_lint.lint.secret import masked, secrets_in
from wxp_lint.prepare.show import show, unreadable
from wxp_lint.repo.git import root as git_root
from wxp_lint.report.style import visible

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(file: Annotated[str, typer.Argument(help="A workbook, or a CSV.", metavar="FILE")]) -> None:
    """Show a file as text, one line a row; for git, as a textconv.

    A file that cannot be read is shown as the reason why, so that a diff goes on.

    Example: git config diff.wxp-lint.textconv "wxp-lint show", and *.xlsx diff=wxp-lint in .gitattributes
    """
    place = Path(file)
    if not place.exists() and not place.is_symlink():
        raise UsageError(f"no such file: {file}")
    # git hands over the file of a revision outside of the repository.
    data = content(Source(file, place), Limits(), git_root(place.absolute().parent) or place.absolute().parent)
    text = f"{unreadable(data)}\n" if isinstance(data, Fault) else masked(show(data, file), _secrets(place, data))
    lines = "".join(f"{visible(line)}\n" for line in text.split("\n")[:-1])
    sys.stdout.buffer.write(lines.encode("utf-8", "backslashreplace"))


def _secrets(place: Path, data: bytes) -> Iterable[str]:
    """What looks like a company PIN in the file, by the config in force; by the defaults where that is broken."""
    try:
        return secrets_in(data, place, open_project(Path.cwd()).settings, catalogue.load())
    except UsageError:
        return secrets_in(data, place, Settings(place.parent), catalogue.load())
