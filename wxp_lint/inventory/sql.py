"""Asking a SQL database: imported only by runs that have one, since SQLAlchemy takes long to import."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, quote_plus

from wxp_lint.config.settings import InventorySource
from wxp_lint.config.text import masked
from wxp_lint.errors import UsageError
from wxp_lint.inventory.columns import find_columns

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

CONNECT_SECONDS = 10  # that a connection may take, where the config does not say
ANSWER_SECONDS = 60  # that one answer may take
_GRACE = 3  # seconds in which a database may say itself that it was too slow
_BATCH = 1000  # serial numbers asked for at once; some databases take no more parameters
_BATCH_POSTGRESQL = 20_000
_STREAM = 100_000  # rows that are fetched at once where all are wanted
_AHEAD = 2  # batches that are fetched before somebody wants them
_EXTRA = {"psycopg": "wxp-lint[postgres]", "MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}
_SECRET = re.compile(r"pass|pwd|token|secret|key", re.IGNORECASE)
# What SQLAlchemy would take for the name of a parameter.
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")

T = TypeVar("T")
Row = tuple[str | None, ...]


class Question(NamedTuple):
    """Whom to ask (its name, URL, for SQLite its file) what: the config's query, and which fields to leave out."""

    name: str
    address: str
    file: Path | None
    query: str
    source: InventorySource
    leaves: Callable[[str], bool]

    @property
    def connect_seconds(self) -> float:
        """How long a connection may take."""
        return self.source.connect_timeout or CONNECT_SECONDS

    @property
    def seconds(self) -> float:
        """How long one answer may take."""
        return self.source.timeout or ANSWER_SECONDS


class _Picked(NamedTuple):
    """Fields and the columns of the query that hold them; the first is the serial number."""

    fields: tuple[str, ...]
    labels: tuple[str, ...]


def answers(question: Question, keys: Sequence[str] | None) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """(fields, rows) of the devices with one of `keys` (None: of all): once without rows, then a batch at a time.

    Raises UsageError if the database does not answer, or not in time, or refuses the query.
    """

    def steps(connection: "Connection") -> Iterator[tuple[tuple[str, ...], list[Row]]]:
        from sqlalchemy import String, bindparam, cast, column, func

        picked = _pick(question, connection)
        yield picked.fields, []
        statement = _select(question.query, picked.labels)
        if keys is None:
            for rows in connection.execution_options(yield_per=_STREAM).execute(statement).partitions():
                yield picked.fields, [tuple(map(_text, row)) for row in rows]
            return
        serial = func.upper(func.trim(cast(column(picked.labels[0]), String)))
        named = serial.in_(bindparam("keys", expanding=True))
        size = _BATCH_POSTGRESQL if connection.dialect.name == "postgresql" else _BATCH
        for start in range(0, len(keys), size):
            some = connection.execute(statement.where(named), {"keys": keys[start : start + size]})
            yield picked.fields, [tuple(map(_text, row)) for row in some]

    return _asked(question, steps)


def has_any(question: Question) -> bool:
    """Whether the query lists any device at all. Raises UsageError as `answers` does."""

    def steps(connection: "Connection") -> Iterator[bool]:
        from sqlalchemy import String, cast, column, func

        picked = _pick(question, connection)
        filled = func.trim(cast(column(picked.labels[0]), String)) != ""
        yield connection.execute(_select(question.query, picked.labels[:1]).where(filled).limit(1)).first() is not None

    return any(_asked(question, steps))


def _asked(question: Question, steps: "Callable[[Connection], Iterator[T]]") -> Iterator[T]:
    """What `steps` say of a connection that only reads, each in time."""
    name = question.name
    url, engine = _engine(question)
    is_connected = False

    def work() -> Generator[T | None, None, None]:
        nonlocal is_connected
        with engine.connect() as connection:
            is_connected = True
            yield None
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
                connection.exec_driver_sql(f"set local statement_timeout = {int(question.seconds * 1000)}")
            yield from steps(connection)

    told = _timed(work(), lambda: question.seconds if is_connected else question.connect_seconds)
    try:
        for item in told:
            if item is not None:
                yield item
    except TimeoutError:
        raise UsageError(_slow(question) if is_connected else _unreachable(question, "no answer")) from None
    except Exception as error:
        if not _is_database_s(error):
            raise
        said = _said(error, url)
        if not is_connected:
            raise UsageError(_unreachable(question, said)) from None
        if getattr(getattr(error, "orig", None), "sqlstate", None) == "57014":
            raise UsageError(_slow(question)) from None
        if getattr(error, "connection_invalidated", False):
            raise UsageError(f"inventory {name}: the connection broke off ({said}): try again") from None
        raise UsageError(
            f"inventory {name}: the database refuses the query ({said}): mend `query` in [inventory] sources"
        ) from None


def _timed(items: Iterator[T], seconds: Callable[[], float]) -> Iterator[T]:
    """`items`, made in another thread, since no driver keeps time for a peer that hangs. Raises TimeoutError."""
    made: Queue[tuple[str, Any]] = Queue(_AHEAD)

    def work() -> None:
        try:
            for item in items:
                made.put(("item", item))
            made.put(("end", None))
        except BaseException as error:  # it is raised where it can be told
            made.put(("error", error))

    Thread(target=work, daemon=True).start()
    while True:
        try:
            kind, value = made.get(timeout=seconds() + _GRACE)
        except Empty:
            raise TimeoutError from None
        if kind == "error":
            raise value
        if kind == "end":
            return
        yield value


def _engine(question: Question) -> "tuple[URL, Engine]":
    name = question.name
    try:
        from sqlalchemy import create_engine, exc, make_url
        from sqlalchemy.pool import NullPool
    except ImportError:
        raise UsageError(f"inventory {name}: databases need SQLAlchemy: pip install sqlalchemy") from None
    try:
        url = make_url(question.address)
    except (exc.ArgumentError, ValueError):
        raise UsageError(
            f"inventory {name}: what is to be its URL is none: write postgresql://USER:PASSWORD@HOST/DATABASE"
        ) from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    more: dict[str, Any] = {}
    if question.file:
        more["creator"] = _reader(question.file, question.seconds)
    elif url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        more["connect_args"] = {"connect_timeout": max(2, int(question.connect_seconds))}
    try:
        return url, create_engine(url, poolclass=NullPool, hide_parameters=True, **more)
    except exc.NoSuchModuleError:
        kind = url.drivername
        raise UsageError(f"inventory {name}: SQLAlchemy knows no database '{kind}': mend the URL's beginning") from None
    except ImportError as error:
        module = (error.name or "psycopg").partition(".")[0]
        wanted = _EXTRA.get(module, module)
        raise UsageError(
            f'inventory {name}: the driver {module} is not installed (or does not load): pip install "{wanted}"'
        ) from None
    except (exc.SQLAlchemyError, TypeError, ValueError) as error:
        raise UsageError(_unreachable(question, _said(error, url))) from None


def _reader(file: Path, seconds: float) -> Callable[[], Any]:
    """Opens a SQLite file for reading; by name alone, it would be made where it is missing."""

    def connect() -> Any:
        import sqlite3

        return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=seconds, check_same_thread=False)

    return connect


def _pick(question: Question, connection: "Connection") -> _Picked:
    """Which columns of the query say what. Raises UsageError."""
    from sqlalchemy import bindparam, text

    # With a parameter, no driver takes a second statement.
    nothing = text(f"select * from ({_escaped(question.query)}\n) q where 1 = :nothing").bindparams(
        bindparam("nothing", 0)
    )
    labels = list(connection.execute(nothing).keys())
    at, columns = find_columns(
        [labels], question.source.columns, f"inventory {question.name}", 'url = "...", query = "..."'
    )
    if at is None:
        raise UsageError(f"inventory {question.name}: its columns have no names: write `select ... as serial`")
    fields = [field for field in columns if field == "serial" or not question.leaves(field.replace("-", "_"))]
    return _Picked(
        tuple(field.replace("-", "_") for field in fields), tuple(labels[columns[field]] for field in fields)
    )


def _select(query: str, labels: Sequence[str]) -> Any:
    from sqlalchemy import column, select, text

    return select(*map(column, labels)).select_from(text(f"({_escaped(query)}\n) q"))


def _escaped(query: str) -> str:
    return _PARAMETER.sub(r"\:", query)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    form = getattr(value, "isoformat", None)
    return str(form() if form else value)


def _is_database_s(error: Exception) -> bool:
    """Whether it comes from the database, its driver or the network."""
    from sqlalchemy.exc import SQLAlchemyError

    return isinstance(error, SQLAlchemyError | OSError | UnicodeError)


def _said(error: Exception, url: "URL") -> str:
    """The driver's own words on one line, without anything secret."""
    told = str(getattr(error, "orig", None) or error).strip()
    told = " ".join(re.split(r"\n(?:LINE \d+:|\[SQL)", told)[0].split())
    secrets = [url.password, *(value for key, value in url.query.items() if _SECRET.search(key))]
    for secret in sorted({str(secret) for secret in secrets if secret}, key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]):
            told = told.replace(form, "***")
    told = "".join(c if c.isprintable() else " " for c in masked(told))
    return told if len(told) <= 300 else f"{told[:297]}..."


def _unreachable(question: Question, said: str) -> str:
    return (
        f"inventory {question.name}: the database cannot be reached ({said}): "
        "see that it runs and that its URL is right, or take the source out of [inventory] for now"
    )


def _slow(question: Question) -> str:
    return (
        f"inventory {question.name}: the database did not answer within {question.seconds:g} seconds: "
        "try again, put an index on upper(trim(serial)), or raise `timeout` of that source"
    )
