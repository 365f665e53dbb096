"""Which files a run is about (DESIGN 4)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.repo import git, notes
from wxp_lint.repo.glob import fixed_prefix, matcher
from wxp_lint.repo.tree import Listing, is_aside, is_lock, listing, walk
from wxp_lint.repo.typed import FOLDER_SIDECAR, LISTS, SIDECARS, Named, child, is_gone, resolve, spoken_for


class Selected(NamedTuple):
    """A file of a run.

    `path` is what findings call it, with "/"; `location` where its bytes are: nothing was opened, it may
    be a FIFO, a broken link or lead out of the repository. `checked`: its findings are reported. `open`:
    it matches `transfers` (or is checked where there is neither git nor a config), no `archive` glob, and is not
    settled. `tracked`: it is in git's index; True
    for every file where there is no git.
    """

    path: str
    location: Path
    checked: bool
    open: bool
    tracked: bool


class Selection(NamedTuple):
    """The checked files and the other open tracked ones, each once, sorted by path.

    `repo_wide` is True when no paths were given; `notes` are lines for standard error. `partial`: files that
    would be checked were left out, since they have not changed. `orphans` are sidecars that were named, or found
    where no paths were given, and belong to no file.
    """

    files: tuple[Selected, ...]
    repo_wide: bool
    notes: tuple[str, ...]
    partial: bool = False
    orphans: tuple[Named, ...] = ()


def select(
    settings: Settings,
    paths: Sequence[str],
    *,
    cwd: Path,
    force_exclude: bool,
    settled: Callable[[str], bool] = lambda path: False,
    to_be: bool = False,
) -> Selection:
    """The files for a run on `paths`, as typed in the folder `cwd`; none of them means the repository.

    `settled` tells whether the ledger holds the transfer at a path (from the root) as settled; it is asked
    only about files that match `transfers` and no `archive` glob. `to_be`: the paths are those of transfer files
    whose content comes from elsewhere, which need not exist. Raises UsageError for a path that does not exist
    otherwise, and where git refuses.
    """
    globs = _Globs(settings, force_exclude)
    top = git.root(settings.root)
    named = resolve(paths, cwd, settings.root, as_given=top is None and settings.file is None, to_be=to_be)
    files, folders, orphans, said = (named, [], [], []) if to_be else _stand_for(named, top)
    if force_exclude:
        files = [file for file in files if globs.is_current(file.key)]
        orphans = [sidecar for sidecar in orphans if globs.is_about_current(sidecar)]
    none_match = _none_match(named, globs)
    if paths and not files and not folders:
        return Selection((), False, (*said, *none_match), orphans=tuple(orphans))
    below = [
        *globs.prefixes,
        *(folder.at.key for folder in folders if folder.here),
        *(file.key for file in files if not globs.is_transfer(file.key) and _is_here(file, top)),
    ]
    there = listing(settings.root, below, drafts=not paths or bool(folders))
    said += there.notes
    if force_exclude and there.by_git:
        files, ignored = _without_ignored(files, there, settings.root, top)
        none_match = _none_match(named, globs, ignored)
        if paths and not files and not folders:
            return Selection((), False, (*said, *none_match))
    if not paths:
        files = [child(_root(settings), key) for key in there.tracked if globs.is_current(key)]
        orphans = _orphans(settings, there, globs)
        said += _left_out(there, globs)
    for folder in folders:
        found, more = _search(folder, there, globs, settings.root)
        files += found
        said += more
    if not files:
        said += none_match
    selected = _assemble(settings, files, there, globs, settled)
    return Selection(selected, not paths, tuple(said), orphans=tuple(orphans))


class _Folder(NamedTuple):
    """A folder to search: all below it, or only its own files because its `sidecar` was named.

    `here`: it belongs to the repository, so that its files are in the listing.
    """

    at: Named
    here: bool
    sidecar: str | None


class _Globs:
    """What the settings and --force-exclude make of a path from the root."""

    def __init__(self, settings: Settings, force_exclude: bool) -> None:
        self.transfers = settings.transfers
        self.is_transfer = matcher(settings.transfers)
        self.is_archived = matcher(settings.archive)
        prefixes = map(fixed_prefix, settings.transfers)
        self.prefixes = [prefix if prefix.isascii() else "" for prefix in prefixes]  # git folds only ASCII
        self.every_list = settings.file is None and not force_exclude
        self._never_archived = force_exclude

    def is_current(self, key: str) -> bool:
        return self.is_transfer(key) and not self.is_archived(key)

    def is_about_current(self, sidecar: Named) -> bool:
        """Whether what a sidecar speaks for would be an open transfer."""
        about = spoken_for(sidecar)
        if about is None or not about.folder:
            return about is not None and self.is_current(about.key)
        return any(self.is_current(child(about, f"\0{ending}").key) for ending in LISTS)

    def wanted_in(self, folder: Named) -> Callable[[str, str], bool]:
        """Whether a named folder stands for a file: (its path from the root, its path from the folder)."""
        if self.every_list:
            return lambda key, inner: key.lower().endswith(LISTS) and not is_aside(inner)
        # An archive is a folder any of whose files would be archived; "\0" is the name of none.
        probes = [child(folder, f"\0{ending}").key for ending in LISTS]
        if any(map(self.is_archived, probes)) and not self._never_archived:
            return lambda key, inner: self.is_transfer(key)
        return lambda key, inner: self.is_current(key)


def _stand_for(named: Iterable[Named], top: Path | None) -> tuple[list[Named], list[_Folder], list[Named], list[str]]:
    """The files and folders that were named or whose sidecars were; sidecars of none; and notes."""
    files: list[Named] = []
    folders: list[_Folder] = []
    orphans: list[Named] = []
    locks: list[str] = []
    for item in named:
        if item.folder:
            folders.append(_Folder(item, _is_here(item, top), None))
        elif is_lock(item.key):
            locks.append(item.path)
        elif transfer := spoken_for(item):
            if is_gone(transfer):
                orphans.append(item)
            elif transfer.folder:
                folders.append(_Folder(transfer, _is_here(transfer, top), item.path))
            else:
                files.append(transfer)
        elif not item.key.lower().endswith(".toml"):
            files.append(item)
    return files, folders, orphans, [notes.locks(locks)] if locks else []


def _is_here(item: Named, top: Path | None) -> bool:
    """Whether git, or without git the root, holds the item; not so in a submodule, or beyond a symlink."""
    return item.inside and git.root(item.location if item.folder else item.location.parent) == top


def _without_ignored(
    files: list[Named], there: Listing, root: Path, top: Path | None
) -> tuple[list[Named], frozenset[str]]:
    """Those of `files` that git does not ignore, and what it ignores. Git is asked only if one is not tracked."""
    tracked = frozenset(there.tracked)
    ignored = git.ignored(root, [file.key for file in files if file.key not in tracked and _is_here(file, top)])
    return [file for file in files if file.key not in ignored], ignored


def _none_match(named: Iterable[Named], globs: _Globs, ignored: Collection[str] = ()) -> list[str]:
    files = [item for item in named if not item.folder]
    archived = sum(globs.is_transfer(file.key) and globs.is_archived(file.key) for file in files)
    return [notes.none_match(len(files), archived, len(ignored), globs.transfers)] if files else []


def _left_out(there: Listing, globs: _Globs) -> list[str]:
    """What a run on the repository leaves unchecked."""
    said: list[str] = []
    drafts = list(filter(globs.is_current, there.drafts))
    if drafts:
        said.append(notes.untracked(drafts))
    elif not any(map(globs.is_current, there.tracked)):
        archived = sum(map(globs.is_transfer, there.tracked))
        said.append(notes.only_archived(archived) if archived else notes.nothing(globs.transfers))
    locks = list(filter(globs.is_current, there.locks))
    return [*said, notes.locks(locks)] if locks else said


def _orphans(settings: Settings, there: Listing, globs: _Globs) -> list[Named]:
    """The sidecars of the repository that belong to no file."""
    keys = [key for key in (*there.tracked, *there.drafts) if key.endswith(".toml")]
    keys = [key for key in keys if key.lower().endswith((*SIDECARS, f"/{FOLDER_SIDECAR}"))]
    sidecars = [child(_root(settings), key) for key in keys]
    return [one for one in sidecars if globs.is_about_current(one) and (about := spoken_for(one)) and is_gone(about)]


def _search(folder: _Folder, there: Listing, globs: _Globs, root: Path) -> tuple[list[Named], list[str]]:
    """The files that a folder stands for; and notes."""
    said: list[str] = []
    if folder.here:
        start = child(folder.at, "").key
        listed = (*there.tracked, *there.drafts, *there.locks)
        inner = [key[len(start) :] for key in listed if key.startswith(start)]
    else:
        inner, said = walk(folder.at.location, [] if folder.sidecar else [""])
    if folder.sidecar:
        inner = [path for path in inner if "/" not in path]
    is_wanted = globs.wanted_in(folder.at)
    found = [file for path in inner if is_wanted((file := child(folder.at, path)).key, path)]
    files = [file for file in found if not is_lock(file.key)]
    if len(files) < len(found):
        said.append(notes.locks([file.path for file in found if is_lock(file.key)]))
    if not files:
        keys = [child(folder.at, path).key for path in inner]
        said.append(_why_empty(folder, keys, there, globs, root))
    return files, said


def _why_empty(folder: _Folder, keys: Iterable[str], there: Listing, globs: _Globs, root: Path) -> str:
    if folder.sidecar:
        return notes.idle(folder.sidecar)
    if there.by_git and folder.here and git.ignored(root, [folder.at.key]):
        return notes.empty(folder.at.path, "git ignores it; name the files themselves")
    archived = sum(globs.is_transfer(key) and globs.is_archived(key) for key in keys)
    unmatched = notes.no_list() if globs.every_list else notes.unmatched(globs.transfers)
    why = notes.archived(archived) if archived and not globs.every_list else unmatched
    return notes.empty(folder.at.path, why)


def _root(settings: Settings) -> Named:
    return Named("", "", settings.root, folder=True, inside=True)


def _assemble(
    settings: Settings,
    files: Sequence[Named],
    there: Listing,
    globs: _Globs,
    settled: Callable[[str], bool],
) -> tuple[Selected, ...]:
    """The checked `files` and the other open tracked ones.

    With neither git nor a config there is no repository whose open files could be told by globs: what is named
    is open, wherever it lies.
    """
    is_loose = not there.by_git and settings.file is None
    checked = {file.key: file for file in reversed(files)}
    tracked = frozenset(there.tracked)

    def is_open(key: str, is_named: bool = False) -> bool:
        belongs = not globs.is_archived(key) if is_named and is_loose else globs.is_current(key)
        return belongs and not settled(key)

    selected = [
        Selected(file.path, file.location, True, is_open(key, is_named=True), not there.by_git or key in tracked)
        for key, file in checked.items()
    ]
    for key in there.tracked:
        if key not in checked and is_open(key):
            selected.append(Selected(key, settings.root / key, False, True, True))
    return tuple(sorted(selected, key=attrgetter("path")))
