"""How the ledger's branch is read and written with git's plumbing."""

import re
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

from wxp_lint.ledger.protocol import Unreachable
from wxp_lint.repo import program

FILE = "events.jsonl"
REMOTE = "origin"
# The user's hooks, signatures and upkeep are for the user's own commits.
OWN_WAY = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "commit.gpgSign=false"),
    *("-c", "push.gpgSign=false"),
    *("-c", "push.followTags=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("-c", "core.filesRefLockTimeout=10000"),
)
NOBODY = ("-c", "user.name=wxp-lint", "-c", "user.email=wxp-lint@localhost")
PUSH = ("push", "--porcelain", "--no-verify", "--recurse-submodules=no")
FETCH = ("fetch", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules", "--quiet")


def contents(root: Path, names: Sequence[str]) -> list[tuple[str, ...] | None]:
    """The lines of the log in each of `names` ("REF:FILE"), None where there is none; one call of git.

    Raises LedgerError if git cannot be asked.
    """
    if not names:
        return []
    try:
        done = program.run(root, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode())
    except program.GitMissing as error:
        raise Unreachable(str(error)) from None
    if done.returncode:
        raise Unreachable(f"git failed in {root}: {words(done)}")
    found: list[tuple[str, ...] | None] = []
    rest = done.stdout
    for _ in names:
        about, _, rest = rest.partition(b"\n")
        parts = about.rsplit(b" ", 2)
        if parts[-1] == b"missing" or len(parts) < 3:
            found.append(None)
            continue
        size = int(parts[2])
        # What is no ASCII is no line of ours: it does not parse.
        found.append(tuple(rest[:size].decode("ascii", "replace").splitlines()) if parts[1] == b"blob" else None)
        rest = rest[size + 1 :]
    return found


def local_lines(root: Path, branch: str) -> tuple[str, ...] | None:
    """The log as this clone knows it, without asking the remote; None if it knows none. Raises LedgerError."""
    tracking, own = contents(root, [f"refs/remotes/{REMOTE}/{branch}:{FILE}", f"refs/heads/{branch}:{FILE}"])
    return tracking if tracking is not None else own


def words(done: CompletedProcess[bytes], status: str = "") -> str:
    """What git said, without credentials."""
    reason = status.rpartition("\t")[2]
    said = " ".join(done.stderr.decode(errors="replace").split())
    told = "; ".join(filter(None, (reason, said))) or f"exit code {done.returncode}"
    return re.sub(r"://[^/@\s]*@", "://", told)
