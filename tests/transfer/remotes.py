"""A repository whose transfers go to a remote."""

import os
import subprocess
import sys

from desks import sheet
from gateways import CHECKOUT, TOKEN
from typer.testing import CliRunner

from wxp_lint.cli import app
from wxp_lint.config.settings import Settings
from wxp_lint.ledger.events import Actor, Context, Draft
from wxp_lint.ledger.open import open_ledger
from wxp_lint.ledger.states import of_log

A, B = "transfers/acme/a.csv", "transfers/contoso/b.csv"


class HttpDesk:
    """A repository whose transfers go to a remote."""

    def __init__(self, desk, url, more="", trust="all", files=None):
        self.folder = desk.folder
        self.desk = desk
        self.config(url, more, trust)
        desk.commit(files or {A: sheet(1, 2, 3)})

    def config(self, url, more="", trust="all"):
        self.desk.config(
            f'[reconcile]\nsummary = "{trust}"\n[apply]\nsubmitter = "http"\nlease = 5\n'
            f'[apply.http]\nurl = "{url}"\ntimeout = 1\n{more}\n'
        )

    def apply(self, *arguments):
        """A run in this process."""
        done = CliRunner().invoke(app, ["apply", "--yes", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        assert TOKEN not in done.output
        return done.exit_code, done.output

    def start(self, *arguments, program=("-m", "wxp_lint"), env=None):
        """A run in a process of its own."""
        return subprocess.Popen(
            [sys.executable, *program, "apply", "--yes", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def log(self):
        log = open_ledger(Settings(root=self.folder)).read()
        assert log is None or TOKEN not in "".join(log.lines)
        return log

    def known(self):
        return of_log(self.log())

    def states(self):
        return [one.state for one in self.known().values()]

    def kinds(self):
        """The kinds of all events about transfers, in their order."""
        return [event.kind for event in self.log().events if event.transfer]

    def tell(self, *drafts):
        ledger = open_ledger(Settings(root=self.folder))
        log = ledger.read()
        ledger.append(log.head if log else None, [Draft(*one) for one in drafts], Context(Actor("kim", "typed")))
