"""Which ledger `[apply] ledger` names."""

from wxp_lint.config.settings import Settings
from wxp_lint.ledger.address import address
from wxp_lint.ledger.book import Book
from wxp_lint.ledger.protocol import Store
from wxp_lint.ledger.trace import trace


def open_ledger(settings: Settings) -> Book:
    """The ledger of the config; nothing is read or made yet. Raises UsageError for one that cannot be."""
    return Book(_store(settings), trace(settings.root))


def _store(settings: Settings) -> Store:
    kind, rest = address(settings)
    if kind == "git":
        from wxp_lint.ledger.git import GitStore

        return GitStore(settings.root, rest)
    if kind == "postgresql":
        from wxp_lint.ledger.postgres import PostgresStore

        return PostgresStore(rest)
    from wxp_lint.ledger.sqlite import SqliteStore

    return SqliteStore(settings.root / rest, rest)
