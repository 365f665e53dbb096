"""The SQL files beside this module."""

from pathlib import Path

from wxp_lint.database import Connection

WHEN = "-- when: "


def run(con: Connection, name: str) -> None:
    """Runs the statements of `name`.

    One below a line `-- when: QUERY` is run only if that query returns a row: planning a statement takes a millisecond
    or more, and most of them are about what a clean file does not have.
    """
    for statement in Path(__file__).with_name(name).read_text("utf-8").split(";\n"):
        if not statement.strip():
            continue
        _, found, rest = statement.partition(WHEN)
        if not found or con.execute(rest.partition("\n")[0]).fetchone():
            con.execute(statement)
