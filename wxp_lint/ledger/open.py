"""Which ledger `[apply] ledger` names."""

import os
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.ledger.book import Book
from wxp_lint.ledger.protocol import Store
from wxp_lint.ledger.trace import trace


def open_ledger(settings: Settings) -> Book:
    """The ledger of the config; nothing is read or made yet. Raises UsageError for one that cannot be."""
    return Book(_store(settings), trace(settings.root))


def address(settings: Settings) -> tuple[str, str]:
    """The kind ("git", "sqlite", "postgresql") and what the kind needs: branch, path, URL. Raises UsageError."""
    ledger = settings.apply.ledger
    if ledger.startswith("env:"):
        name = ledger.removeprefix("env:")
        ledger = os.environ.get(name, "")
        if not ledger:
            raise UsageError(
                f"[apply] ledger: the environment variable {name} is not set; it holds the ledger's address"
            )
    kind, _, rest = ledger.partition(":")
    if kind in ("git", "sqlite") and rest:
        return kind, rest
    if kind in ("postgresql", "postgresql+psycopg"):
        return "postgresql", ledger
    raise UsageError(
        "[apply] ledger must be git:BRANCH, sqlite:PATH or postgresql://HOST/DATABASE (env:NAME for one of them)"
    )


def sqlite_file(settings: Settings, path: str) -> Path:
    """Where the SQLite ledger lies; relative paths start at the root."""
    return settings.root / path


def _store(settings: Settings) -> Store:
    kind, rest = address(settings)
    if kind == "git":
        from wxp_lint.ledger.git import GitStore

        return GitStore(settings.root, rest)
    if kind == "postgresql":
        from wxp_lint.ledger.postgres import PostgresStore

        return PostgresStore(rest)
    from wxp_lint.ledger.sqlite import SqliteStore

    return SqliteStore(sqlite_file(settings, rest), rest)
