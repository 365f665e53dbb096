import subprocess
from datetime import UTC, datetime

from wxp_lint.cli.planning import plan_now
from wxp_lint.config.settings import Settings
from wxp_lint.ledger.events import Actor, Context, Draft
from wxp_lint.ledger.open import open_ledger
from wxp_lint.report.style import Style

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
BASE = {
    "wxp-lint.toml": 'customers = "customers.csv"\n'
    "[inventory]\n"
    "max-age-days = 36500\n"
    'sources = [{ path = "unassigned.csv", place = "unassigned" }, { path = "acme.csv", place = "acme" }]\n',
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n{CONTOSO},Contoso,contoso\n",
}


def serial(number):
    return f"5CG823{number:04}"


def sheet(*numbers, to=ACME):
    return "".join(f"{line}\n" for line in ["Serial Number,Customer ID", *(f"{serial(n)},{to}" for n in numbers)])


def export(*numbers):
    return "".join(f"{line}\n" for line in ["Serial Number", *map(serial, numbers)])


class Desk:
    """A repository with transfer files, without a remote."""

    def __init__(self, folder):
        self.folder = folder
        self.git("init", "--quiet")
        known = {"unassigned.csv": export(*range(1, 20)), "acme.csv": export(*range(20, 40))}
        self.commit({**BASE, **known})

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)

    def write(self, files):
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files):
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "files")

    def config(self, text):
        self.commit({"wxp-lint.toml": BASE["wxp-lint.toml"] + text})

    def plan(self, config_from=None):
        return plan_now(self.folder, None, config_from).plan

    def report(self, name):
        return plan_now(self.folder, None).report(name, Style())

    def planned(self):
        """What the plan says, by file."""
        return {one.path: one for one in self.plan().transfers}

    def tell(self, *drafts):
        """Appends to the ledger."""
        ledger = open_ledger(Settings(root=self.folder))
        log = ledger.read()
        ledger.append(log.head if log else None, [Draft(*draft) for draft in drafts], Context(Actor("kim", "typed")))

    def prepare(self, path):
        """Has the ledger know the transfer at `path` as prepared; its id."""
        one = self.planned()[path]
        data = {"path": one.path, "digest": one.digest, "sheet": one.sheet, "serials": list(one.serials)}
        places = {
            name: {"name": party.name, "customer_id": party.customer_id}
            for name, party in (("target", one.target), ("source", one.source))
        }
        self.tell(("prepared", one.id, {**data, **places, "upload": "0"}))
        return one.id

    def settle(self, path, kind="confirmed", outcome="moved"):
        """Has it settled too, all its PCs with the same outcome; its id."""
        serials = self.planned()[path].serials
        name = self.prepare(path)
        told = datetime.now(UTC).date().isoformat()
        self.tell((kind, name, {"devices": dict.fromkeys(serials, outcome), "evidence": told, "how": "export"}))
        return name
