"""The SQL files beside this module."""

from pathlib import Path

from wxp_lint.database import Connection


def run(con: Connection, name: str) -> None:
    """Runs the statements of `name`."""
    con.execute(Path(__file__).with_name(name).read_text("utf-8"))
