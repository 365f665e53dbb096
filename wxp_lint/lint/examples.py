"""Runs the examples that rule files carry: real files in a folder of their own, checked with all rules on."""

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wxp_lint.config.load import load
from wxp_lint.config.settings import Settings
from wxp_lint.config.text import as_key, as_toml
from wxp_lint.errors import UsageError
from wxp_lint.keys import key
from wxp_lint.lint import baseline, suppressions
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Finding, Result
from wxp_lint.lint.locate import fingerprint
from wxp_lint.lint.rule import Rule
from wxp_lint.lint.rulefile import read_rule
from wxp_lint.lint.workbook import workbook
from wxp_lint.repo.select import select

TODAY = date(2026, 6, 15)  # where an example does not say


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an example was to find, and what it found, each as DESIGN 6 writes it ("4 serial")."""

    expected: list[str]
    found: list[str]
    result: Result


@dataclass(frozen=True, slots=True)
class Scene:
    """An example on disk: the settings and the request for a check of its file, which is at `path`."""

    settings: Settings
    request: Request
    path: str


def run_example(catalogue: Catalogue, rule: Rule, example: Mapping[str, Any], folder: Path) -> Outcome:
    """Lays `example` out in the empty `folder` and checks it. Raises UsageError as `check` does."""
    scene = lay_out(rule, example, folder)
    result = check(scene.settings, catalogue, scene.request)
    others = result.files.keys() - {scene.path}
    own = [finding for finding in result.findings if finding.code == rule.code and finding.path not in others]
    found = sorted(_words(finding, rule, scene.path) for finding in own)
    return Outcome(sorted(example["findings"]), found, result)


def lay_out(rule: Rule, example: Mapping[str, Any], folder: Path) -> Scene:
    """Writes the files of `example` into the empty `folder`. Raises UsageError for what is no example."""
    path = example.get("path") or f"transfers/acme/transfer.{'xlsx' if 'sheets' in example else 'csv'}"
    try:
        _write_files(example, rule, folder, path)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise UsageError(f"it cannot be written as files: {error}") from None
    settings = load(folder / "wxp-lint.toml", folder)._replace(preview=True)
    # A rule about the repository is silent where paths are given, so its good examples name none either.
    repo_wide = any(finding.startswith("repo") for each in examples(rule) for finding in each["findings"])
    selection = select(settings, [] if repo_wide else [path], cwd=folder, force_exclude=False)
    today = date.fromisoformat(str(example["today"])) if "today" in example else TODAY
    return Scene(settings, Request(selection, today, ledger=example.get("ledger")), path)


def _words(finding: Finding, rule: Rule, path: str) -> str:
    place = "repo" if finding.path != path else "file" if finding.line is None else str(finding.line)
    field = f" {finding.field}" if finding.field and finding.line is not None else ""
    return f"{place}{field}{'' if finding.level == rule.level else f' {finding.level}'}"


def examples(rule: Rule) -> list[dict[str, Any]]:
    """The examples of a rule file."""
    return [{"findings": [], **example} for example in read_rule(rule.file)["examples"]]


def content(example: Mapping[str, Any]) -> bytes:
    """The bytes of an example's file."""
    if "sheets" in example:
        return workbook(example["sheets"])
    if "base64" in example:
        return base64.b64decode(example["base64"])
    text: str = example["csv"]
    return text.encode(example.get("encoding", "utf-8"))


def _write_files(example: Mapping[str, Any], rule: Rule, folder: Path, path: str) -> None:
    _write(folder / path, content(example))
    for name, text in example.get("files", {}).items():
        _write(folder / name, text.encode())
    if "suppressions" in example:
        _write(folder / suppressions.FILE, "".join(map(_entry, example["suppressions"])).encode())
    if "baseline" in example:
        _write(folder / baseline.FILE, baseline.render_baseline(map(_known, example["baseline"])))
    config: list[str] = []
    if "customers" in example:
        config.append('customers = "customers.csv"')
        _write(folder / "customers.csv", _table(example["customers"]))
    if "devices" in example:
        devices = [{"serial": d} if isinstance(d, str) else d for d in example["devices"]]
        names = {
            "place": "customer",
            "last_user": "last user",
            "last_seen": "last seen",
            "device_name": "device name",
        }
        rows = [{names.get(k, k.replace("_", " ")): v for k, v in device.items()} for device in devices]
        _write(folder / "inventory/devices.csv", _table(rows or [{"serial": ""}]))
    text = "\n".join([*config, example.get("config", "")])
    if "devices" in example:
        text += (
            '\n[[inventory.sources]]\npath = "inventory/devices.csv"\nas-of-column = "as of"\n'
            if any("as_of" in d for d in example["devices"] if isinstance(d, dict))
            else '\n[[inventory.sources]]\npath = "inventory/devices.csv"\n'
        )
    if "options" in example:
        options = "\n".join(f"{name} = {json.dumps(value)}" for name, value in example["options"].items())
        text += f"\n[rules.{rule.name}]\n{options}\n"
    _write(folder / "wxp-lint.toml", text.encode())


def _entry(entry: Mapping[str, Any]) -> str:
    return "[[ignore]]\n" + "".join(f"{as_key(name)} = {as_toml(value)}\n" for name, value in entry.items())


def _known(entry: Mapping[str, Any]) -> baseline.Known:
    mark = fingerprint(entry["code"], entry["path"], key(entry.get("serial", "")), 0)
    return baseline.Known(mark, entry["code"], entry["code"], entry["path"], entry["count"])


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(
        {name: ";".join(value) if isinstance(value, list) else value for name, value in row.items()} for row in rows
    )
    return out.getvalue().encode()
