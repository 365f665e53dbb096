"""Which transfer files the ledger holds as done, so that they count as open no more."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from wxp_lint.config.settings import Settings
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.model import Source
from wxp_lint.files.read import content, read
from wxp_lint.ledger.peek import Peek
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import parameters
from wxp_lint.lint.policy import Policy
from wxp_lint.repo.typed import in_utf8


def handed_over(
    settings: Settings, catalogue: Catalogue, seen: Peek, contents: Mapping[str, bytes] | None = None
) -> Callable[[str], bool]:
    """Tells of a path from the root whether what lies there now is what was handed over from there.

    Only files that the ledger names are read, and only those whose bytes differ are looked into: a sheet that was
    saved anew is the same transfer. `contents`, by path from the root, stands in for what lies there.
    """

    def is_done(path: str) -> bool:
        before = seen.done.get(in_utf8(path))
        if before is None:
            return False
        source = Source(in_utf8(path), settings.root / path, (contents or {}).get(path))
        data = content(source, settings.limits, settings.root)
        if not isinstance(data, bytes):
            return False
        return sha256(data).hexdigest() == before.sha256 or digest_of(source, settings, catalogue) == before.digest

    return is_done


def digest_of(source: Source, settings: Settings, catalogue: Catalogue) -> str | None:
    """The digest of the transfer file `source`, whose path is from the root; None if it has none."""
    known = words(settings.columns.serial, settings.columns.customer)
    loaded = Loaded(read(source, known, settings.limits, settings.root), True, True, True)
    fed = parameters(catalogue, Policy(settings, catalogue))
    facts = build(Inputs([loaded], known, settings.root, parameters=fed, ledger=[{"path": source.path}]))
    row = facts.con.execute("select digest from file").fetchone()
    facts.con.close()
    return row[0] if row else None
