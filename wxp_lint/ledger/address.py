"""What `[apply] ledger` says."""

import os

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError


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
