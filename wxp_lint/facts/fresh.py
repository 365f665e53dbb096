"""A database with the tables of the facts, still empty, opened while other things go on."""

from threading import Thread

from wxp_lint.database import Connection, connect
from wxp_lint.facts.sql import run

_ahead: list[tuple[Thread, list[Connection]]] = []


def open_ahead() -> None:
    """Starts opening a database for the next `fresh`: that takes 40 ms, in which modules and files can be read."""
    opened: list[Connection] = []
    thread = Thread(target=_open, args=(opened,), daemon=True)
    thread.start()
    _ahead.append((thread, opened))


def fresh() -> Connection:
    """An empty database: one that was opened ahead, if there is one."""
    opened: list[Connection] = []
    if _ahead:
        thread, opened = _ahead.pop()
        thread.join()
    return opened[0] if opened else _made()


def _open(opened: list[Connection]) -> None:
    try:
        opened.append(_made())
    except Exception:  # it will be raised again where somebody can hear of it
        return


def _made() -> Connection:
    con = connect()
    run(con, "schema.sql")
    run(con, "devices.sql")
    return con
