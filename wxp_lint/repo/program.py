"""The git program: how it is found, in which environment it runs, what comes of a refusal."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from wxp_lint.errors import UsageError

# Hooks inherit these from git. They may speak of another repository than ours, or change what a
# pathspec means.
_FOREIGN = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)


class GitMissing(UsageError):
    """There is no git program to ask."""


def root(start: Path) -> Path | None:
    """The folder at or above `start` that holds `.git` (a folder, or the file of a worktree or submodule)."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if _is_top(folder)), None)


def ask(root: Path, *args: str) -> bytes:
    """What git prints. Raises UsageError with git's words if it fails."""
    done = run(root, *args)
    if done.returncode:
        raise refusal(root, done)
    return done.stdout


def run(root: Path, *args: str, stdin: bytes = b"", timeout: float | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs git in `root`, whatever its exit code. Raises GitMissing; TimeoutExpired after `timeout` seconds."""
    try:
        return subprocess.run(
            [_program(), "-C", str(root), *args],
            input=stdin,
            capture_output=True,
            env=_environment(root),
            timeout=timeout,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        raise GitMissing(f"cannot run git ({error.strerror}); install it, or put it on PATH") from None


def stream(root: Path, *args: str) -> Iterator[bytes]:
    """The lines that git prints, as they come; nothing if it fails. Git is stopped when no more are wanted."""
    try:
        process = subprocess.Popen(
            [_program(), "-C", str(root), *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(root),
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError, GitMissing):
        return
    with process:
        try:
            yield from process.stdout or ()
        finally:
            process.kill()


def refusal(root: Path, done: subprocess.CompletedProcess[bytes]) -> UsageError:
    """The error for a git that failed, in its own words: they say how to mend it (safe.directory, say)."""
    words = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
    return UsageError(f"git failed in {root}: {words}")


def home(top: Path) -> Path:
    """The folder where git keeps the index of the working tree at `top`."""
    mark = top / ".git"
    if not mark.is_file():
        return mark
    pointer = mark.read_bytes().removeprefix(b"gitdir:").strip()
    return top / os.fsdecode(pointer)


def shared_home(top: Path) -> Path:
    """The folder where git keeps what all working trees of a clone share."""
    folder = home(top)
    try:
        return folder / os.fsdecode((folder / "commondir").read_bytes().strip())
    except OSError:
        return folder


def _is_top(folder: Path) -> bool:
    mark = folder / ".git"
    try:
        return mark.is_file() or os.path.lexists(mark / "HEAD")
    except OSError:
        return False


def _program() -> str:
    if os.name != "nt":
        return "git"
    # Windows looks in the current folder first, where a pull request could have put a git.exe of its own.
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        program = Path(folder, "git.exe")
        if program.is_absolute() and program.is_file():
            return str(program)
    raise GitMissing("there is no git.exe on PATH; install git")


def _environment(start: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    kept |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    index = os.environ.get("GIT_INDEX_FILE")
    top = root(start) if index else None
    if index and top:
        # `git commit -a` and `git commit FILE` hand their hooks an index of their own, which holds what
        # they will commit. It is ours only if it lies in our repository; relative means from its top.
        file = (top / index).resolve()
        if file.is_file() and file.parent == home(top).resolve():
            kept["GIT_INDEX_FILE"] = str(file)
    return kept
