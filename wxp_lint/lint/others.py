"""What a run on named files loads besides them: the other open files that name one of their PCs.

No rule finds anything in a checked file by an open file that has no PC in common with it.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from wxp_lint.database import SMALL
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import Words
from wxp_lint.files.held import held
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import TransferFile
from wxp_lint.lint.kept import NOTHING, Named, keep, recall, signature
from wxp_lint.repo.select import Selected

FEW = 20  # files up to which it is quicker to load them all


class Memory(NamedTuple):
    """What is remembered is of the files below `root`, read by `words` and `limits`."""

    root: Path
    words: Words
    limits: Limits

    @property
    def meaning(self) -> bytes:
        """What tells one way of reading from another."""
        return repr((sorted(self.words.serial), sorted(self.words.customer), tuple(self.limits))).encode()


def related(
    files: Sequence[Selected], load: Callable[[Selected], Loaded], memory: Memory | None, fixed: Collection[str] = ()
) -> list[Loaded]:
    """The checked files and the others that name a PC of theirs, in the order of `files`.

    With `memory`, unchanged files that name none are not opened. `fixed` are the paths of files whose content does not
    come from their places. Where there are few other files, or the checked ones are large, all files are loaded.
    """
    if sum(not item.checked for item in files) <= FEW:
        return list(map(load, files))
    signed = _signatures((item for item in files if item.path not in fixed), memory.root) if memory else {}
    loaded = {item.path: load(item) for item in files if item.checked}
    if sum(item.file.size for item in loaded.values()) > SMALL:
        return [loaded.get(item.path) or load(item) for item in files]
    before = recall(memory.root, memory.meaning) if memory else NOTHING
    kept = before.sorted_in()
    fresh: dict[str, Named] = {}

    def numbers(path: str, file: TransferFile) -> "array[int]":
        found = held(file)
        if path in signed and file.fault is None and not kept.knows(path, signed[path]):
            fresh[path] = Named(signed[path], found)
        return found

    wanted = frozenset[int]().union(*(numbers(path, item.file) for path, item in loaded.items()))
    naming = kept.naming(wanted)
    for item in files:
        path = item.path
        if item.checked or (kept.knows(path, signed.get(path)) and path not in naming):
            continue
        one = load(item)
        if not wanted.isdisjoint(numbers(path, one.file)):
            loaded[path] = one
    if memory and (fresh or kept is not before):
        keep(memory.root, memory.meaning, kept.changed(signed, fresh))
    return [loaded[item.path] for item in files if item.path in loaded]


def _signatures(files: Iterable[Selected], root: Path) -> dict[str, str]:
    now = time_ns()  # before any file is looked at
    start = str(root)
    # What is not checked lies at its path from the root; a text costs a third of a Path.
    places = ((item.path, item.location if item.checked else f"{start}/{item.path}") for item in files)
    return {path: sign for path, place in places if (sign := signature(place, now))}
