"""Where in a config a setting is to be written, in words that hold for the config as it stands."""

from pathlib import Path

from wxp_lint.config.load import FILE, SHARED
from wxp_lint.config.settings import Settings

REGISTRY = '"customers.csv"'  # what `customers` is advised to be, as TOML


def put(key: str, value: str, settings: Settings) -> str:
    """What to do so that the dotted `key` has `value`, as TOML: `put below [inventory] in wxp-lint.toml: sources = []`.

    TOML lets nobody name a table twice: where a header opens the table of `key`, a dotted key at the top would
    break the config.
    """
    name = settings.file.name if settings.file else FILE
    top = "tool.wxp-lint" if name == SHARED else ""
    if there := settings.origins.get(key):
        return f"in {there}, write instead: {key.rpartition('.')[2]} = {value}"
    table, _, last = key.rpartition(".")
    opened = _line(settings.origins.get(table, ""), settings.file) if table else ""
    if opened.startswith("["):
        return f"put below [{f'{top}.' if top else ''}{table}] in {name}: {last} = {value}"
    if opened and opened.partition("=")[0].rstrip().endswith(table):
        return f"put into the braces of {table} in {name}: {last} = {value}"
    return f"put at the top of {f'[{top}]' if top else name}: {key} = {value}"


def _line(origin: str, file: Path | None) -> str:
    """The text of the line that `origin`, such as "wxp-lint.toml:12", tells of; "" where none can be had."""
    number = origin.rpartition(":")[2]
    if file is None or not number.isdecimal():
        return ""
    try:
        lines = file.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[int(number) - 1].strip() if int(number) <= len(lines) else ""
