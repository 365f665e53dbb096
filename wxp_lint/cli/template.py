"""`wxp-lint template`: an Excel-proof workbook to fill in."""

import os
from pathlib import Path
from typing import Annotated

import typer

from wxp_lint.cli.options import ConfigOption
from wxp_lint.cli.project import open_project
from wxp_lint.config.advice import REGISTRY, put
from wxp_lint.errors import UsageError
from wxp_lint.lint.secret import refuse_pins
from wxp_lint.prepare.customers import Customer, read_registry
from wxp_lint.prepare.template import template
from wxp_lint.report.style import plural, visible

app = typer.Typer(rich_markup_mode=None, add_completion=False)
MOST = 10_000


@app.command()
def command(
    customer: Annotated[
        str | None,
        typer.Option(help="Who gets the PCs: name, alias, folder or ID in the registry.", metavar="NAME"),
    ] = None,
    devices: Annotated[
        int, typer.Option(help="How many PCs: as many rows get a sample and the Customer ID.", min=1, max=MOST)
    ] = 1,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; it must not be there yet.", metavar="FILE")
    ] = Path("template.xlsx"),
    config: ConfigOption = None,
) -> None:
    """Write a workbook to fill in: text columns that keep serial numbers as they are typed.

    Example: wxp-lint template --customer acme -o acme-march.xlsx
    """
    if output.suffix.lower() != ".xlsx":
        raise UsageError(f"--output {output}: the template is a workbook: give it a name that ends in .xlsx")
    target = None if customer is None else _customer(customer, config)
    _write(output, template(target and target.customer_id, devices))
    whom = f" for {visible(target.name)} ({visible(target.customer_id)})" if target else ""
    typer.echo(f"{visible(str(output))}: a template{whom} with {plural(devices, 'sample row')} to replace")


def _customer(text: str, config: str | None) -> Customer:
    settings = open_project(Path.cwd(), config).settings
    if settings.customers is None:
        raise UsageError(
            f"--customer needs the registry: {put('customers', REGISTRY, settings)}, "
            "or leave --customer out and type the ID into the workbook"
        )
    registry = read_registry(settings)
    refuse_pins([text], "--customer", settings, registry.places)
    found = registry.find(text)
    if found.status != "active":
        on = f": its PCs go to {found.merged_into}" if found.merged_into else ""
        raise UsageError(f"{found.name} is {found.status} in {settings.customers}, so nothing can be moved there{on}")
    if found.protected:
        typer.echo(f"note: {visible(found.name)} is protected: WXP309 will refuse the transfer", err=True)
    return found


def _write(path: Path, data: bytes) -> None:
    """Never over a file or link that is there. git keeps no empty folders, so that of a new customer is made."""
    if os.path.lexists(path):
        raise UsageError(f"{path}: it is there already, and is left as it is: choose another name with -o")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
