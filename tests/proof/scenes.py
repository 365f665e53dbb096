"""Repositories with merged transfer files and a ledger, made once a kind and copied for every trial."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from itertools import count
from pathlib import Path

KINDS = ("git", "sqlite", "postgresql")
STAGES = ("new", "begun")  # no ledger yet; one that holds a transfer
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
_VARIABLE = "WXP_LINT_PROOF_LEDGER"
_NUMBERS = count(1)


def _serial(number):
    return f"5CG823{number:04}"


def _sheet(to, *numbers):
    return "".join(f"{line}\n" for line in ["Serial Number,Customer ID", *(f"{_serial(n)},{to}" for n in numbers)])


BASE = {
    "wxp-lint.toml": 'customers = "customers.csv"\n'
    f'[apply]\nledger = "env:{_VARIABLE}"\n'
    '[inventory]\nmax-age-days = 36500\nsources = [{ path = "unassigned.csv", place = "unassigned" }]\n',
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n{CONTOSO},Contoso,contoso\n",
    "unassigned.csv": "Serial Number\n" + "".join(f"{_serial(n)}\n" for n in range(1, 20)),
}
FIRST = {"transfers/acme/first.csv": _sheet(ACME, 1, 2, 3)}
MORE = {"transfers/acme/more.csv": _sheet(ACME, 4), "transfers/contoso/all.csv": _sheet(CONTOSO, 5, 6)}
TRANSFERS = len(FIRST | MORE)


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Scene:
    """A bare repository, clones of it, and a ledger that they share.

    Copying `folder` and, for PostgreSQL, the schema copies all of it.
    """

    def __init__(self, kind, folder, server=None):
        self.kind, self.folder, self.server = kind, folder, server
        self.schema = f"scene_{next(_NUMBERS)}_{os.getpid()}"
        address = {
            "git": "git:wxp-ledger",
            "sqlite": f"sqlite:{folder / 'ledger' / 'ledger.db'}",
            "postgresql": server and f"{server.url}?options=-csearch_path%3D{self.schema}",
        }[kind]
        self.environment = {_VARIABLE: address}

    @property
    def origin(self):
        return self.folder / "origin.git"

    def clone(self, name="one"):
        """The clone `name`; one that is new is copied from the one that every scene has."""
        place = self.folder / name
        if not place.exists():
            shutil.copytree(self.folder / "desk", place)
        return place

    def copy(self, folder):
        """The same again, elsewhere."""
        shutil.copytree(self.folder, folder)
        made = Scene(self.kind, folder, self.server)
        if self.kind == "postgresql":
            made.server.execute(f"create schema {made.schema}")
            for table in ("wxp_lint_schema", "wxp_lint_event"):
                if self._has(table):
                    made.server.execute(
                        f"create table {made.schema}.{table} (like {self.schema}.{table} including all)",
                        f"insert into {made.schema}.{table} select * from {self.schema}.{table}",
                    )
        return made

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)  # what outlived its runner may still write
        if self.kind == "postgresql":
            self.server.execute(f"drop schema if exists {self.schema} cascade")

    def merge(self, files):
        """Commits files to the branch that counts."""
        desk = self.folder / "desk"
        for path, text in files.items():
            (desk / path).parent.mkdir(parents=True, exist_ok=True)
            (desk / path).write_text(text)
        git(desk, "add", "--all")
        git(desk, "commit", "-qm", "files")
        git(desk, "push", "-q", "origin", "HEAD:main")

    def events(self):
        """The events as they are stored, read without a line of wxp-lint; the chain of their numbers is whole."""
        found = [json.loads(line) for line in self._lines()]
        assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
        return found

    def prepared(self):
        """The ids of what was prepared, once for each time."""
        return [one["transfer"] for one in self.events() if one["kind"] == "prepared"]

    def outbox(self, name="one"):
        """What a person finds: the bytes of each file of each folder."""
        outbox = self.clone(name) / ".wxp-lint/outbox"
        if not outbox.exists():
            return {}
        return {place.name: {file.name: file.read_bytes() for file in place.iterdir()} for place in outbox.iterdir()}

    def _lines(self):
        if self.kind == "git":
            done = subprocess.run(
                ["git", "-C", self.origin, "show", "refs/heads/wxp-ledger:events.jsonl"], capture_output=True, text=True
            )
            return done.stdout.splitlines()
        if self.kind == "sqlite":
            return self._sqlite_lines()
        if not self._has("wxp_lint_event"):
            return []
        return [line for (line,) in self._asked(f"select line from {self.schema}.wxp_lint_event order by seq")]

    def _sqlite_lines(self):
        """From a copy: reading the file itself would do what the next run has to do after a crash."""
        ledger = self.folder / "ledger"
        if not ledger.exists():
            return []
        for _ in range(100):
            try:
                return self._lines_of_copy(ledger, self.folder / f"aside-{next(_NUMBERS)}")
            except (OSError, sqlite3.DatabaseError):  # a run beside writes, or took its log away
                time.sleep(0.05)
        raise TimeoutError("the ledger cannot be copied")

    def _lines_of_copy(self, ledger, aside):
        shutil.copytree(ledger, aside)
        with closing(sqlite3.connect(aside / "ledger.db")) as con:
            if not con.execute("select 1 from sqlite_master where name = 'event'").fetchone():
                return []
            return [line for (line,) in con.execute("select line from event order by seq")]

    def _has(self, table):
        return self._asked(f"select to_regclass('{self.schema}.{table}')")[0][0] is not None

    def _asked(self, query):
        import psycopg

        with psycopg.connect(self.server.url) as con:
            return con.execute(query).fetchall()


def make(kind, stage, folder, warm, server=None):
    """A scene with three merged transfer files, all ready, or in the stage "begun" one of them prepared."""
    scene = Scene(kind, folder, server)
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "--template=", "-b", "main", "origin.git")
    git(scene.origin, "config", "receive.denyNonFastForwards", "true")
    git(folder, "init", "-q", "--template=", "-b", "main", "desk")
    desk = folder / "desk"
    git(desk, "remote", "add", "origin", "../origin.git")
    # A server lives on when a runner dies with all that it has started.
    git(desk, "config", "remote.origin.receivepack", "setsid -w git-receive-pack")
    if kind == "postgresql":
        server.execute(f"create schema {scene.schema}")
    scene.merge(BASE | FIRST)
    if stage == "begun":
        done = warm.run(scene, "desk", "apply", "--yes")
        assert done.code == 0, done.err
    scene.merge(MORE)
    return scene


def bound(folder):
    """The folder of a trial that is new."""
    return Path(folder) / f"trial-{next(_NUMBERS)}"
