"""What a selection says on standard error of the files that it leaves out."""

from collections.abc import Sequence

from wxp_lint.repo.typed import shown

_NAMED = 3  # of many files, so many are named


def untracked(paths: Sequence[str]) -> str:
    """Drafts that match but are checked only when named."""
    them = "it" if len(paths) == 1 else "them"
    return f"{_files(len(paths), 'untracked ')} not checked: {_some(paths)} (name {them}, or git add {them})"


def locks(paths: Sequence[str]) -> str:
    """Files that Excel lays beside an open workbook."""
    what = "1 lock file" if len(paths) == 1 else f"{len(paths)} lock files"
    return f"{what} of Excel skipped: {_some(paths)} (close the workbook to be rid of it)"


def none_match(count: int, archived: int, ignored: int, transfers: Sequence[str]) -> str:
    """Of the named files, none is to be checked."""
    counts = ((archived, "archived"), (ignored, "ignored by git"))
    left_out = ", ".join(f"{number} {why}" for number, why in counts if number)
    return f"0 of {count} files match {_globs(transfers)}{f' ({left_out})' if left_out else ''}"


def nothing(transfers: Sequence[str]) -> str:
    """The repository has no transfer files."""
    return f"no transfer files: nothing matches {_globs(transfers)}; name what to check: wxp-lint check FILE"


def only_archived(count: int) -> str:
    """The repository has no transfer files but old ones."""
    return f"no open transfer files; {_files(count, 'archived ')} left out, which can be named"


def idle(sidecar: str) -> str:
    """A sidecar for a folder that has nothing to check."""
    return f"{shown(sidecar)} belongs to no file: no transfer file to check lies beside it"


def empty(folder: str, why: str) -> str:
    """A folder that was named has nothing to check."""
    return f"nothing to check in {shown(folder) or 'this folder'}: {why}"


def unmatched(transfers: Sequence[str]) -> str:
    """Why a folder has nothing to check: no file matches."""
    return f"no file below it matches {_globs(transfers)}"


def no_list() -> str:
    """Why a folder has nothing to check, where every list would be: it holds none."""
    return "no CSV or XLSX file lies below it"


def archived(count: int) -> str:
    """Why a folder has nothing to check: all is archived."""
    return f"{_files(count, 'archived ')} left out, which can be named"


def _files(count: int, kind: str) -> str:
    return f"{count} {kind}file{'s' if count != 1 else ''}"


def _some(paths: Sequence[str]) -> str:
    first = ", ".join(map(shown, paths[:_NAMED]))
    return f"{first} and {len(paths) - _NAMED} more" if len(paths) > _NAMED else first


def _globs(patterns: Sequence[str]) -> str:
    return ", ".join(map(shown, patterns)) or "(no globs)"
