"""What git knows of a clone besides its files: its remote, its main branch, its own settings."""

from pathlib import Path

from wxp_lint.repo.program import ask, run


def remote(root: Path) -> str | None:
    """The URL of the remote `origin`, else of the first; None without one."""
    names = ask(root, "remote").decode(errors="replace").split()
    if not names:
        return None
    name = "origin" if "origin" in names else names[0]
    return ask(root, "remote", "get-url", name).decode(errors="replace").strip()


def main_branch(root: Path) -> str | None:
    """The branch that the remote calls its own, else the one that is checked out; None on a detached HEAD."""
    for ref, prefix in (("refs/remotes/origin/HEAD", "refs/remotes/origin/"), ("HEAD", "refs/heads/")):
        done = run(root, "symbolic-ref", "--quiet", ref)
        found = done.stdout.decode(errors="replace").strip()
        if done.returncode == 0 and found.startswith(prefix):
            return found.removeprefix(prefix)
    return None


def setting(root: Path, name: str) -> str | None:
    """What the clone's own config says, None if nothing. Raises UsageError."""
    done = run(root, "config", "--local", "--get", name)
    return done.stdout.decode(errors="replace").rstrip("\n") if done.returncode == 0 else None


def set_setting(root: Path, name: str, value: str) -> None:
    """Writes it into the clone's own config. Raises UsageError."""
    ask(root, "config", "--local", name, value)
