"""Runs of the http submitter over one repository, one after another, killed or not; what must hold all the while."""

from collections import Counter
from dataclasses import dataclass

from gateways import TOKEN
from scenes import ACME, Scene, git
from warm import KILLED

FILES = 8
_SETTLED_WELL = ("submitted", "reported", "confirmed")


def _serial(number):
    return f"5CG823{number:04}"


@dataclass
class Figures:
    """Counts. `faulted` are attempts that the remote answered badly or not at all, in runs that nobody killed."""

    runs: int = 0
    killed: int = 0
    faulted: int = 0
    attempts: int = 0
    uploads: int = 0
    doubles: int = 0
    in_doubt: int = 0
    unreported: int = 0

    @property
    def struck(self):
        return self.killed + self.faulted

    def line(self):
        return (
            f"{self.struck} killed or faulted attempts ({self.killed} runs killed, {self.faulted} attempts without an "
            f"answer), {self.uploads} uploads of {self.attempts} attempts, {self.doubles} double, {self.in_doubt} in "
            f"doubt, {self.unreported} of them not reported"
        )


def make_http(kind, folder, url, server=None):
    """A scene with FILES merged files of one PC each, whose transfers go to `url`."""
    scene = Scene(kind, folder, server)
    (folder / "desk").mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "--template=", "-b", "main", "origin.git")
    git(folder / "desk", "init", "-q", "--template=", "-b", "main")
    git(folder / "desk", "remote", "add", "origin", "../origin.git")
    # A server lives on when a runner dies with all that it has started.
    git(folder / "desk", "config", "remote.origin.receivepack", "setsid -w git-receive-pack")
    if kind == "postgresql":
        server.execute(f"create schema {scene.schema}")
    scene.merge(world() | config(url))
    git(folder / "desk", "fetch", "-q")
    return scene


def world():
    """What the remote and the repository both know, and the transfer files."""
    sheets = {
        f"transfers/acme/{n}.csv": f"Serial Number,Customer ID\n{_serial(n)},{ACME}\n" for n in range(1, FILES + 1)
    }
    return sheets | {
        "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n",
        "unassigned.csv": "".join(f"{line}\n" for line in ("Serial Number", *map(_serial, range(1, FILES + 1)))),
    }


def config(url):
    return {
        "wxp-lint.toml": 'customers = "customers.csv"\n'
        '[apply]\nledger = "env:WXP_LINT_PROOF_LEDGER"\nsubmitter = "http"\nlease = 5\n'
        f'[apply.http]\nurl = "{url}"\ntimeout = 0.5\nwait = 1\n'
        '[reconcile]\nsummary = "all"\n'
        '[inventory]\nmax-age-days = 36500\nsources = [{ path = "unassigned.csv", place = "unassigned" }]\n'
    }


class Chain:
    """A repository and its remote, and what its runs have done so far."""

    def __init__(self, warm, scene, remote, faults, figures):
        self._warm, self.scene, self._remote, self._figures = warm, scene, remote, figures
        self._is_deaf = bool({"slow", "error-before", "error-after", "cut-before", "cut-after"} & set(faults))
        remote.reset()

    def start(self, clone="one", **more):
        env = {"WXP_LINT_HTTP_TOKEN": TOKEN, **more.pop("env", {})}
        return self._warm.start(self.scene, clone, "apply", "--yes", env=env, **more)

    def end(self, child, kill=None):
        """The end of a run, counted and checked: whether it was killed."""
        before = self._in_doubt()
        run = self._warm.wait(child, kill)
        self._figures.runs += 1
        if run.code == KILLED:
            self._figures.killed += 1
        else:
            assert run.code in (0, 6, 7, 8), run
            assert "Traceback" not in run.err, run
            assert TOKEN not in run.out + run.err
            if self._is_deaf:
                self._figures.faulted += len(self._in_doubt() - before)
        self.check()
        return run

    def run(self, kill=None, clone="one", **more):
        return self.end(self.start(clone, **more), kill)

    def transfers(self):
        """The kinds of event of each attempt, by its id, read without a line of wxp-lint."""
        found = {}
        for event in self.scene.events():
            if event["transfer"]:
                found.setdefault(event["transfer"], []).append(event["kind"])
        return found

    def check(self):
        """No attempt is uploaded twice, no PC either, and none of which the ledger does not know that it was sent."""
        uploads = Counter(one["name"].removesuffix(".csv") for one in self._remote.ask("/api/uploads")["uploads"])
        serials = Counter(serial for one in self._remote.uploads() for serial in one["serials"])
        known = self.transfers()
        assert set(uploads) <= {name for name, kinds in known.items() if "sending" in kinds}
        self.doubles = sum(count - 1 for count in uploads.values())
        assert (self.doubles, max(serials.values(), default=0) <= 1) == (0, True), (uploads, known)
        return uploads, known

    def finish(self):
        """A run that nobody kills: all is handed over, and of each attempt it is told how it stands."""
        run = self.run()
        uploads, known = self.check()
        doubtful = {name for name, kinds in known.items() if kinds[-1] == "in_doubt"}
        assert run.code == (6 if doubtful else 0), run
        unreported = [name for name in doubtful if f"{name}: in doubt" not in run.out]
        for name, kinds in known.items():
            if name not in doubtful:
                assert kinds[-1] in _SETTLED_WELL, (name, kinds)
                assert uploads[name] == 1, (name, kinds)
        assert len(known) == FILES
        assert unreported == []
        figures = self._figures
        figures.attempts += len(known)
        figures.uploads += sum(uploads.values())
        figures.doubles += self.doubles
        figures.in_doubt += len(doubtful)
        figures.unreported += len(unreported)

    def is_all_begun(self):
        return sum("sending" in kinds for kinds in self.transfers().values()) == FILES

    def _in_doubt(self):
        return {name for name, kinds in self.transfers().items() if kinds[-1] == "in_doubt"}
