"""The serial numbers of one transfer file."""

from wxp_lint.config.settings import Settings
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.repo.select import Selected
from wxp_lint.repo.typed import in_utf8


def serials_of(item: Selected, settings: Settings) -> list[str]:
    """The distinct serial keys, sorted; none where the file cannot be read."""
    known = words(settings.columns.serial, settings.columns.customer)
    file = read(Source(in_utf8(item.path), item.location), known, settings.limits, settings.root)
    facts = build(Inputs([Loaded(file, True, item.open, item.tracked)], known, settings.root))
    found = facts.con.execute("select distinct serial_key from row where serial_key <> '' order by 1").fetchall()
    facts.con.close()
    return [key for (key,) in found]
