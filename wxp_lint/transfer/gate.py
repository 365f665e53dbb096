"""What refuses a whole run of `apply`: nothing is handed over from a state that nobody has merged."""

from collections.abc import Iterable

from wxp_lint.errors import UsageError
from wxp_lint.repo.glob import matcher
from wxp_lint.repo.standing import Standing
from wxp_lint.repo.tree import is_lock
from wxp_lint.repo.typed import shown
from wxp_lint.transfer.inputs import Inputs

OURS = ".wxp-lint/"
_NAMED = 3  # of many files, so many are named


class Refusal(UsageError):
    """The whole run is refused (exit code 5): what, where, and how to mend it."""


def check_standing(inputs: Inputs) -> None:
    """Raises Refusal unless HEAD is the tip of the branch that counts, and the working tree is HEAD's."""
    standing = inputs.standing
    _check_branch(standing)
    changed = [path for path in standing.changed if _counts(path)]
    if changed:
        raise Refusal(
            f"the working tree is not what is committed: {_some(changed)} changed. Commit and merge that, or put it "
            "aside (git stash), then apply again"
        )
    is_transfer = matcher(inputs.settings.transfers)
    drafts = [path for path in standing.untracked if is_transfer(path) and _counts(path)]
    if drafts:
        raise Refusal(
            f"transfer files that are not in git: {_some(drafts)}. Commit and merge them, or move them elsewhere, "
            "then apply again"
        )
    if inputs.uncommitted:
        raise Refusal(
            f"what speaks for transfers and is not in git: {_some(inputs.uncommitted)}. Commit and merge that, or move "
            "it elsewhere, then apply again"
        )


def _check_branch(standing: Standing) -> None:
    tip, branch = standing.tip_name, standing.branch
    remote = tip.removesuffix(branch).rstrip("/")
    if standing.tip is None:
        mend = f"git fetch {remote} {branch}:refs/remotes/{tip}" if remote else f"git switch -c {branch}"
        if remote and standing.is_local:
            mend = f"git push -u {remote} {branch} if {remote} has no such branch yet, else {mend}"
        raise Refusal(
            f"only what is merged into {tip} is handed over, and this clone has no {tip}: {mend}, or name your branch "
            "in the config ([apply] branch)"
        )
    if standing.is_tip:
        return
    here = f"branch {shown(standing.head_branch)}" if standing.head_branch else "this detached HEAD"
    where = f"{here} ({standing.head[:9]})"
    update = f"git switch {branch}" + (" && git pull" if remote else "")
    if standing.unmerged is None:
        raise Refusal(f"{where} is behind {tip} ({standing.tip[:9]}), where files may have changed since: {update}")
    mend = f"merge it, then {update}"
    if standing.head_branch == branch:
        mend = f"git push {remote} {branch}, or where reviews are asked for, a pull request from a branch of its own"
    unmerged = f", among it {_some(sorted(standing.unmerged))}" if standing.unmerged else ""
    raise Refusal(
        f"{where} is not the tip of {tip} ({standing.tip[:9]}), so it holds what is not merged{unmerged}. Nothing is "
        f"handed over before it is merged: {mend}"
    )


def _counts(path: str) -> bool:
    is_ours = path.startswith(OURS) or f"/{OURS}" in path
    return not is_ours and not is_lock(path)


def _some(paths: Iterable[str]) -> str:
    names = [shown(path) for path in paths]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
