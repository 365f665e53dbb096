"""A folder in which files are checked and mended, and what came out."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from wxp_lint.config.load import load as load_settings
from wxp_lint.fix.mend import Outcome, mend
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import select

CATALOGUE = load()


@dataclass(frozen=True)
class Repair:
    """What mending made of one file."""

    name: str
    old: bytes
    outcome: Outcome

    @property
    def data(self):
        return next((file.new for file in self.outcome.files if file.path == self.name), self.old)

    @property
    def codes(self):
        """What is left."""
        return [finding.code for finding in self.outcome.left.findings]

    @property
    def reasons(self):
        """Why something was not done: code -> words."""
        return {finding.code: why for finding, why in self.outcome.withheld}


@dataclass
class Bench:
    """A folder in which files are checked and mended."""

    folder: Path
    files: dict[str, str] = field(default_factory=dict)

    def mend(self, data, name="a.csv", *, unsafe=False, rules=(), ignore=()):
        data = data.encode() if isinstance(data, str) else data
        outcome = mend(*self._scene(data, name, rules, ignore), unsafe=unsafe)
        assert (self.folder / name).read_bytes() == data  # mending is in memory
        return Repair(name, data, outcome)

    def check(self, data, name="a.csv"):
        return check(*self._scene(data, name, (), ()))

    def _scene(self, data, name, rules, ignore):
        for path, text in self.files.items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text, "utf-8")
        (self.folder / name).write_bytes(data)
        config = self.folder / "wxp-lint.toml"
        settings = load_settings(config if config.exists() else None, self.folder)
        settings = settings._replace(select=tuple(rules), ignore=tuple(ignore))
        selection = select(settings, [name], cwd=self.folder, force_exclude=False)
        own = [self.folder / folder for folder in settings.custom_rules]
        return settings, load(own) if own else CATALOGUE, Request(selection, date(2026, 6, 15))
