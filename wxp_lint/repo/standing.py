"""Where a clone stands against the branch that counts: what is merged, and what is not even committed."""

import os
from pathlib import Path
from typing import NamedTuple

from wxp_lint.errors import UsageError
from wxp_lint.repo import git
from wxp_lint.repo.program import ask, refusal, run
from wxp_lint.repo.typed import in_utf8


class Standing(NamedTuple):
    """HEAD and `branch`. Paths are relative to the root that was asked about, with "/".

    `head` is a commit id; `head_branch` the branch that is checked out, None on a detached HEAD. `tip` is the commit of
    the branch that counts, called `tip_name`: `origin/BRANCH` if there is a remote, else `BRANCH`; None if this clone
    has no such branch, and `is_local` is whether it has one of its own to push. `unmerged` are the files at HEAD that
    are new or other than at the tip (as `in_utf8` has them); None if all of HEAD is merged. `changed` are the tracked
    files of the whole repository whose content, or what the index has of it, is not HEAD's (relative to its top),
    `edited` those of them below the root; `untracked` the files that git neither tracks nor ignores.
    """

    top: Path
    head: str
    head_branch: str | None
    branch: str
    tip_name: str
    tip: str | None
    is_local: bool
    unmerged: frozenset[str] | None
    changed: tuple[str, ...]
    edited: frozenset[str]
    untracked: tuple[str, ...]

    @property
    def is_tip(self) -> bool:
        """Whether HEAD is the newest that is merged."""
        return self.head == self.tip

    def is_merged(self, *paths: str) -> bool:
        """Whether all of these files are merged as they are at HEAD."""
        if self.tip is None:
            return False
        return self.unmerged is None or self.unmerged.isdisjoint(paths)


def standing(root: Path, branch: str) -> Standing:
    """Asks git. Raises UsageError where there is no repository or no commit."""
    top = git.root(root)
    if top is None:
        raise UsageError(
            f"{root} is in no git repository: what is merged is told by git, so run it in a clone of the repository "
            "with the transfer files (or git init, and commit them)"
        )
    if not git.exists(root, "HEAD"):
        raise UsageError("nothing is committed yet, and only what is committed is planned: git add, then git commit")
    head = git.commit(root, "HEAD")
    remotes = ask(root, "remote").decode(errors="replace").split()
    remote = "origin" if "origin" in remotes or not remotes else remotes[0]
    name = f"{remote}/{branch}" if remotes else branch
    ref = f"refs/remotes/{name}" if remotes else f"refs/heads/{name}"
    tip = git.commit(root, ref) if git.exists(root, ref) else None
    named = run(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    changed = _changed(top)
    prefix = _prefix(root)
    return Standing(
        top=top,
        head=head,
        head_branch=named.stdout.decode(errors="replace").strip() or None,
        branch=branch,
        tip_name=name,
        tip=tip,
        is_local=tip is None and git.exists(root, f"refs/heads/{branch}"),
        unmerged=_unmerged(root, head, tip),
        changed=tuple(changed),
        edited=frozenset(path.removeprefix(prefix) for path in changed if path.startswith(prefix)),
        untracked=tuple(git.untracked(root)),
    )


def _changed(top: Path) -> list[str]:
    # Not `diff`, which writes to the index: whoever is killed then leaves a lock behind.
    listed = ask(top, "status", "--porcelain", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all")
    return [entry[len("XY ") :] for entry in _names(listed)]


def _unmerged(root: Path, head: str, tip: str | None) -> frozenset[str] | None:
    if tip is None or head == tip:
        return None
    ancestor = run(root, "merge-base", "--is-ancestor", head, tip)
    if ancestor.returncode not in (0, 1):
        raise refusal(root, ancestor)
    if ancestor.returncode == 0:
        return None
    differ = ask(root, "diff", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--relative", tip, head)
    return frozenset(map(in_utf8, _names(differ)))


def _prefix(root: Path) -> str:
    """The path from the top of the repository to `root`, "" or with "/" at its end."""
    return os.fsdecode(ask(root, "rev-parse", "--show-prefix").rstrip(b"\r\n"))


def _names(listed: bytes) -> list[str]:
    return os.fsdecode(listed).split("\0")[:-1]
