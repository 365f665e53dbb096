"""The life of a few transfers, from a branch to a reversal, in scratch repositories: python examples/story.py

Every command is shown as it is typed, with what it prints. Nothing is left behind, and nobody is asked anything.
Git and the package wxp-lint are needed; no network.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
UNASSIGNED = "7d9a1c52-3b4e-4f6a-9c1d-2e8f5a6b7c80"
PCS = ("5CG8234XMV", "5CG8235BCD", "5CG8236FGH")
OTHERS = ("5CG8237JKL", "5CG8238MNP")
CONFIG = f"""\
customers = "customers.csv"

[inventory]
max-age-days = 7
sources = [
    {{ path = "inventory/unassigned-*.csv", place = "unassigned" }},
    {{ path = "inventory/acme-*.csv", place = "acme" }},
]

[places.unassigned]
customer-id = "{UNASSIGNED}"

[apply]
ledger = "git:wxp-ledger"
"""


def sheet(*serials: str, to: str = ACME) -> str:
    """A transfer file."""
    return "".join(f"{line}\n" for line in ("Serial Number,Customer ID", *(f"{serial},{to}" for serial in serials)))


def export(*serials: str) -> str:
    """A list of devices as the console exports it."""
    return "".join(f"{line}\n" for line in ("Serial Number", *serials))


def _typed(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


class Story:
    """A clone with a bare repository beside it, and a folder of downloads."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.downloads = folder / "assignments", folder / "downloads"
        for each in (self.clone, self.downloads, folder / "origin.git"):
            each.mkdir()
        settings = {"user.name": "Your Name", "user.email": "you@example.org", "init.defaultBranch": "main"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))}
        kept.pop("CI", None)
        self.environment = kept | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": str(len(settings)),
            "WXP_LINT_CACHE_DIR": str(folder / "cache"),
            "NO_COLOR": "1",
        }
        for n, (name, value) in enumerate(settings.items()):
            self.environment |= {f"GIT_CONFIG_KEY_{n}": name, f"GIT_CONFIG_VALUE_{n}": value}
        self.today = datetime.now(UTC).date()
        self.pull_requests = 0
        self._git("init", "--quiet", "--bare", "../origin.git")
        self._git("init", "--quiet")
        self._git("remote", "add", "origin", "../origin.git")

    def tell(self, text: str) -> None:
        """Says what happens next."""
        print(f"\n# {text}", flush=True)

    def wxp_lint(self, *arguments: str, code: int = 0, quiet: bool = False) -> str:
        """Runs the program; anything but this exit code ends the story. What comes back is what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "wxp_lint", *arguments],
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if not quiet or done.returncode != code:
            print(f"$ wxp-lint {_typed(arguments)}\n{done.stdout}{done.stderr}".rstrip(), flush=True)
            if done.returncode:
                print(f"(exit code {done.returncode})", flush=True)
        if done.returncode != code:
            raise SystemExit(f"the story ends here: exit code {done.returncode}, not {code}")
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """A file in the clone."""
        file = self.clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def download(self, name: str, *serials: str) -> str:
        """An export that somebody saves from the console today; its path."""
        file = self.downloads / f"{name}-{self.today}.csv"
        file.write_text(export(*serials), encoding="utf-8")
        return f"../downloads/{file.name}"

    def branch(self, name: str) -> None:
        """Begins a branch."""
        self._shown("switch", "--quiet", "--create", name)

    def commit(self, message: str) -> None:
        """Commits all there is."""
        self._git("add", "--all")
        self._shown("commit", "--quiet", "--message", message)

    def merge(self, name: str) -> None:
        """Merges a branch as the host of the repository does once it is reviewed."""
        self.pull_requests += 1
        self._git("switch", "--quiet", "main")
        reviewed = "Reviewed-by: A Colleague <colleague@example.org>"
        message = f"Merge pull request #{self.pull_requests} from {name}\n\n{reviewed}"
        print(f"(pull request #{self.pull_requests} is reviewed by A Colleague and merged)", flush=True)
        self._git("merge", "--quiet", "--no-ff", "--message", message, name)
        self.push()

    def push(self) -> None:
        """Brings main to where the others see it."""
        self._git("push", "--quiet", "origin", "main")
        self._git("fetch", "--quiet")

    def hand_over(self) -> str:
        """Applies, takes and uploads what is new; its id."""
        out = self.wxp_lint("apply", "--yes")
        name = out.rpartition("wxp-lint take ")[2].split()[0]
        self.wxp_lint("take", name, "--by", "Your Name")
        print("(You follow the runbook in the console)", flush=True)
        self.wxp_lint("uploaded", name, "--by", "Your Name")
        return name

    def _shown(self, *arguments: str) -> None:
        print(f"$ git {_typed(arguments)}", flush=True)
        self._git(*arguments)

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.clone, env=self.environment, check=True, capture_output=True)


def main() -> None:
    """Tells it."""
    with TemporaryDirectory(prefix="wxp-lint-story-", ignore_cleanup_errors=True) as folder:
        _tell(Story(Path(folder)))


def _tell(story: Story) -> None:
    yesterday = story.today - timedelta(days=1)
    story.write("wxp-lint.toml", CONFIG)
    story.write(".gitignore", ".wxp-lint/\n")
    story.write("customers.csv", f"customer_id,name,folder\n{ACME},Acme,acme\n")
    story.write(f"inventory/unassigned-{yesterday}.csv", export(*PCS))
    story.write(f"inventory/acme-{yesterday}.csv", export(*OTHERS))
    story.tell("A repository with a config, the customers, and yesterday's exports of two places.")
    story.commit("Start")
    story.push()

    story.tell("You put three PCs for Acme into a transfer file on a branch. One is mistyped, one stands twice.")
    story.branch("acme-laptops")
    path = "transfers/acme/laptops.csv"
    story.write(path, sheet(PCS[0], f"{PCS[1][:-1]} ", PCS[0]))
    story.write(f"{path}.toml", 'ticket = "T-4711"\nreason = "delivery"\n')
    story.wxp_lint("check", path, code=1)

    story.tell("She mends it.")
    story.write(path, sheet(*PCS))
    story.wxp_lint("check", path)
    story.commit("Three laptops for Acme")

    story.tell("In the pull request, the plan shows what will move. Before it is merged, nothing is handed over.")
    story.wxp_lint("plan")
    story.wxp_lint("apply", "--yes", code=5)
    story.merge("acme-laptops")

    story.tell("After the merge it is prepared, and a person takes it. A second one is refused.")
    story.wxp_lint("plan", "--save", "../plan.json", quiet=True)
    first = story.wxp_lint("apply", "--plan", "../plan.json").rpartition("wxp-lint take ")[2].split()[0]
    story.wxp_lint("take", first, "--by", "Your Name")
    story.wxp_lint("take", first, "--by", "A Colleague", code=7)
    story.wxp_lint("uploaded", first, "--by", "Your Name")

    story.tell("The exports of the day say: two PCs arrived, one is where it was.")
    exports = (story.download("acme", *OTHERS, *PCS[:2]), story.download("unassigned", PCS[2]))
    story.wxp_lint("reconcile", *exports)
    story.wxp_lint("reconcile", *exports)

    story.tell("The one that failed gets a file of its own, and this time it moves.")
    story.branch("acme-again")
    story.write("transfers/acme/laptops-again.csv", sheet(PCS[2]))
    story.write("transfers/acme/laptops-again.csv.toml", 'ticket = "T-4711"\nreason = "correction"\n')
    story.commit("The laptop that did not move")
    story.merge("acme-again")
    story.hand_over()
    story.wxp_lint("reconcile", story.download("acme", *OTHERS, *PCS))

    story.tell("Acme never ordered the first two. They are brought back, by a file that is reviewed like any other.")
    story.branch("acme-back")
    story.wxp_lint("revert", first, "--ticket", "T-4712")
    story.commit(f"Undo {first}")
    story.merge("acme-back")
    story.hand_over()
    story.wxp_lint("reconcile", story.download("unassigned", *PCS[:2]))

    story.tell("How everything stands, and who moved this PC, when and why.")
    story.wxp_lint("status")
    story.wxp_lint("history", PCS[0])


if __name__ == "__main__":
    main()
