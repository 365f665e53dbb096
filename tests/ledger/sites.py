"""Places where a test's ledger lies, one a kind."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import writer

CHECKOUT = Path(__file__).parents[2]
KINDS = ("git", "git without a remote", "sqlite", "postgresql")
THREE = ("git", "sqlite", "postgresql")


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Site:
    """A place for one ledger, and clones that use it: `address` is what their config says."""

    def __init__(self, kind, folder, server=None):
        self.kind = kind
        self.folder = folder
        self.server = server
        if kind == "git":
            self.remote = folder / "remote.git"
            subprocess.run(["git", "init", "-q", "--bare", str(self.remote)], check=True)
            git(self.remote, "config", "receive.denyNonFastForwards", "true")
        if kind == "postgresql":
            self.database = f"ledger_{uuid4().hex}"
            server.execute(f"create database {self.database}")
            self.address = server.url_of(self.database)
        else:
            self.address = f"sqlite:{folder / 'shared' / 'ledger.db'}" if kind == "sqlite" else "git:wxp-ledger"

    def root(self, name="one"):
        """The clone `name`, made when it is first asked for; without a remote there is one alone."""
        root = self.folder / ("one" if self.kind == "git without a remote" else str(name))
        if not root.exists() and "{" not in root.name:
            subprocess.run(["git", "init", "-q", str(root)], check=True)
            if self.kind == "git":
                git(root, "remote", "add", "origin", str(self.remote))
                # A server lives on when a runner dies with all that it has started.
                git(root, "config", "remote.origin.receivepack", "setsid -w git-receive-pack")
        return root

    def book(self, name="one"):
        return writer.book(self.root(name), self.address)

    def run(self, task, *arguments, clone="one"):
        """Starts writer.py."""
        return subprocess.Popen(
            [sys.executable, writer.__file__, task, str(self.root(clone)), self.address, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def lose(self):
        """Does away with the ledger."""
        if self.kind.startswith("git"):
            git(self._home(), "update-ref", "-d", "refs/heads/wxp-ledger")
        elif self.kind == "sqlite":
            for file in (self.folder / "shared").iterdir():
                file.unlink()
        else:
            self.execute("drop table wxp_lint_event, wxp_lint_schema")

    def saved(self):
        """What `put_back` takes to bring the ledger back as it is now."""
        if self.kind.startswith("git"):
            return git(self._home(), "rev-parse", "refs/heads/wxp-ledger")
        return self.book().read().lines

    def put_back(self, saved):
        if self.kind.startswith("git"):
            return git(self._home(), "update-ref", "refs/heads/wxp-ledger", saved)
        self.lose()
        self.book()._store.add(None, saved)
        return None

    def _home(self):
        return self.remote if self.kind == "git" else self.root()

    def forget(self, name):
        """Takes away what the clone remembers of its ledger."""
        for folder in (".git/wxp-lint", ".wxp-lint"):
            (self.root(name) / folder / "ledger.json").unlink(missing_ok=True)

    def execute(self, *statements):
        self.server.execute(*statements, database=self.database)
