"""Pages about real files."""

from datetime import date
from pathlib import Path

from openpyxl import Workbook

from wxp_lint.config.load import load
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import select
from wxp_lint.report import reporter
from wxp_lint.report.style import Style

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
OTHER = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
# Ten characters that are in order: weeks 01 to 52, and endings without a vowel.
SERIALS = [f"5CG8{week:02}{tail}" for tail in ("2XMV", "3XMV", "4XMV", "5XMV", "6XMV") for week in range(1, 53)]


def html(folder: Path, files: dict[str, str | bytes | list[list[object]]], config: str = "") -> str:
    """The page about `files`, each a text, bytes, or the rows of a workbook, which are laid out in `folder`."""
    (folder / "wxp-lint.toml").write_text(config)
    for name, content in files.items():
        if isinstance(content, list):
            book = Workbook()
            for row in content:
                book.active.append(row)
            book.save(folder / name)
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    settings = load(folder / "wxp-lint.toml", folder)
    selection = select(settings, sorted(files), cwd=folder, force_exclude=False)
    result = check(settings, catalogue.load(), Request(selection, date(2026, 6, 15)))
    return reporter("html")(result, Style())
