"""Transfers -> files: their names, their text, their sidecars. Nothing that is there is ever written over."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.config.text import as_toml
from wxp_lint.errors import UsageError
from wxp_lint.keys import word
from wxp_lint.prepare.lists import Reading, names_of
from wxp_lint.prepare.possession import Possession, confirmed
from wxp_lint.prepare.resolve import Transfer, Unresolved
from wxp_lint.prepare.targets import Target, Targets, slug
from wxp_lint.repo.glob import fixed_prefix, matcher

HEADER = ("Serial Number", "Customer ID")


class Said(NamedTuple):
    """What goes into the sidecars; `possession` is (who, when, how)."""

    reason: str | None = None
    ticket: str | None = None
    wait_until: date | None = None
    possession: tuple[str, date, str] | None = None


class Output(NamedTuple):
    """A file to be written: its path from the root, and its text."""

    path: str
    text: str


class Planned(NamedTuple):
    """A transfer with the file that it becomes, and its sidecar if there is something to say."""

    transfer: Transfer
    file: Output
    sidecar: Output | None


def stem_of(name: str) -> str:
    """The part of a list's name that its transfers are called by."""
    return re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") or "list"


def path_of(settings: Settings, stem: str, target: Target, end: str = "") -> str:
    """`transfers/<folder>/<stem><end>.csv`, by the fixed part of the first `transfers` glob. Raises UsageError.

    The file must be one that `check` finds.
    """
    prefix = fixed_prefix(settings.transfers[0]) if settings.transfers else "transfers"
    parts = [*prefix.split("/"), *target.folder.split("/"), f"{stem}{end}.csv"]
    path = "/".join(part for part in parts if part)
    if ".." in parts:
        raise UsageError(f"the folder '{target.folder}' of {target.name} leads upwards: mend it in the registry")
    if not matcher(settings.transfers)(path):
        globs = ", ".join(settings.transfers)
        raise UsageError(f"{path} would be no transfer file, for `transfers` in the config is {globs}: mend the globs")
    if matcher(settings.archive)(path):
        raise UsageError(f"{path} would be an archived file: mend `archive` in the config, or the customer's folder")
    return path


def plan_files(
    transfers: Sequence[Transfer], readings: Sequence[Reading], settings: Settings, targets: Targets, said: Said
) -> list[Planned]:
    """The files that `transfers` become. A name that is taken gets a number: -2, -3. Raises UsageError."""
    carried = names_of(readings)
    ready = Counter(transfer.target.key for transfer in transfers if not transfer.waiting)
    taken: set[str] = set()
    planned = []
    for transfer in transfers:
        end = "-wait" if transfer.waiting else ""
        if transfer.source and ready[transfer.target.key] > 1:
            end = f"-from-{slug(targets.folder_of(transfer.source))}"
        stem = stem_of(readings[transfer.devices[0].row.list].name)
        path = _free(settings, stem, transfer.target, end, taken)
        sidecar = _sidecar(transfer, said, f"{path}.toml")
        planned.append(Planned(transfer, Output(path, _text(transfer, carried)), sidecar))
    return planned


def _free(settings: Settings, stem: str, target: Target, end: str, taken: set[str]) -> str:
    number = 1
    while True:
        path = path_of(settings, stem, target, end if number == 1 else f"{end}-{number}")
        names = (path, f"{path}.toml")
        if path.casefold() not in taken and not any(os.path.lexists(settings.root / name) for name in names):
            taken.add(path.casefold())
            return path
        number += 1


def _text(transfer: Transfer, carried: Sequence[str]) -> str:
    customer_id = transfer.target.customer_id
    rows = [(device.serial, customer_id, *_along(device.row.carried, carried)) for device in transfer.devices]
    return _csv([(*HEADER, *carried), *rows])


def _along(cells: Mapping[str, str], carried: Sequence[str]) -> list[str]:
    by_word = {word(name): text for name, text in cells.items()}
    return [by_word.get(word(name), "") for name in carried]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _sidecar(transfer: Transfer, said: Said, path: str) -> Output | None:
    pairs = (("reason", said.reason), ("ticket", said.ticket))
    text = "".join(f"{name} = {as_toml(value)}\n" for name, value in pairs if value)
    if transfer.waiting and said.wait_until:
        text += ("\n" if text else "") + f"[wait]\nuntil = {as_toml(said.wait_until)}\n"
    if said.possession:
        by, on, evidence = said.possession
        serials = sorted({device.serial for device in transfer.devices})
        text = confirmed(text, Possession(by, on, evidence, serials), path)
    return Output(path, text) if text else None


def unresolved_text(unresolved: Sequence[Unresolved], readings: Sequence[Reading]) -> str:
    """The unresolved rows as a CSV that can be mended and prepared again; the last columns say where and why.

    A serial number that a spreadsheet converted is left out, for as a text it could pass; the reason names it.
    """
    carried = names_of(readings)
    rows = [
        (
            each.row.serial.text if each.row.serial.kind == "text" else "",
            next((cell.text for cell in each.row.customers if cell.text), ""),
            *_along(each.row.carried, carried),
            readings[each.row.list].name,
            str(each.row.line),
            each.reason,
        )
        for each in unresolved
    ]
    return _csv([("Serial Number", "Customer", *carried, "List", "Line", "Reason"), *rows])


def write(outputs: Sequence[Output], root: Path) -> None:
    """Writes `outputs`, whose folders are made, below `root`. Raises UsageError rather than replace a file."""
    for output in outputs:
        place = root / output.path
        try:
            if not place.parent.resolve().is_relative_to(root.resolve()):
                raise UsageError(f"{output.path}: a symbolic link leads out of the repository: mend it")
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(output.text.encode())
        except FileExistsError:
            raise UsageError(f"{output.path}: it is there by now, and stays as it is: run this again") from None
        except OSError as error:
            raise UsageError(f"{output.path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def name_of(settings: Settings, targets: Targets) -> Callable[[Reading, Target, str | None, bool], str]:
    """The path of a transfer of a list, before it is known which of its rows are resolved."""
    found: dict[tuple[str, str, str], str] = {}
    taken: set[str] = set()

    def name(reading: Reading, target: Target, source: str | None, waiting: bool) -> str:
        end = "-wait" if waiting else f"-from-{slug(targets.folder_of(source))}" if source else ""
        place = (stem_of(reading.name), target.folder, end)
        if place not in found:
            found[place] = _free(settings, place[0], target, end, taken)
        return found[place]

    return name
