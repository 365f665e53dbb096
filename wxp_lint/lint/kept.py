"""Which PCs unchanged files named, remembered in the user's cache folder so that the files need not be opened.

Nothing of a file is kept but the numbers of `files.held`.
"""

import json
import os
import stat
import sys
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeAlias

from wxp_lint.config import cache
from wxp_lint.files.held import NUMBER

SETTLED = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT) is one of two seconds
SORT = 8  # files read since are sorted in once they have more than a part in so many of all numbers
_KIND = "held"
_SUM = 32  # bytes of the SHA-256 that stands first
_LENGTH = 8  # bytes of the length of the JSON that stands next; the numbers follow


Numbers: TypeAlias = "array[int] | memoryview[int]"


class Named(NamedTuple):
    """What a file named when it had `signature`: the numbers of `files.held`."""

    signature: str
    numbers: Numbers


class Kept(NamedTuple):
    """What is remembered.

    `signatures` by path. `numbers`, sorted, are those of most files; that at `n` is of the file `paths[owners[n]]`,
    unless that was read again since: `later` holds, by path, the numbers of files that were read after the others.
    """

    signatures: Mapping[str, str]
    paths: Sequence[str]
    numbers: Numbers
    owners: Numbers
    later: Mapping[str, Numbers]

    def knows(self, path: str, signature: str | None) -> bool:
        """Whether the file at `path` had this signature when it was read."""
        return signature is not None and self.signatures.get(path) == signature

    def naming(self, wanted: frozenset[int]) -> set[str]:
        """The paths of the files that have one of the numbers `wanted`, and maybe some that had one."""
        found = {path for path, numbers in self.later.items() if not wanted.isdisjoint(numbers)}
        for number in wanted:
            at = bisect_left(self.numbers, number)
            while at < len(self.numbers) and self.numbers[at] == number:
                found.add(self.paths[self.owners[at]])
                at += 1
        return found

    def changed(self, here: Container[str], read: Mapping[str, Named]) -> "Kept":
        """With what was `read`; of the rest, only the paths that are `here`."""
        signatures = {path: sign for path, sign in self.signatures.items() if path in here}
        signatures |= {path: each.signature for path, each in read.items()}
        later = {path: numbers for path, numbers in self.later.items() if path in here}
        later |= {path: each.numbers for path, each in read.items()}
        return self._replace(signatures=signatures, later=later)

    def sorted_in(self) -> "Kept":
        """The same; once `later` has grown, with its numbers among the sorted ones.

        That takes a while, so it is left to a run that finds something remembered: where nothing lasts, none does.
        """
        if sum(map(len, self.later.values())) * SORT <= len(self.numbers):
            return self
        paths = [path for path in self.paths if path in self.signatures and path not in self.later]
        place = {path: owner for owner, path in enumerate(paths)}
        moved = [place.get(path) for path in self.paths]
        # Number and owner in one: Python sorts plain integers fastest.
        pairs = [
            number << 32 | to for number, owner in zip(self.numbers, self.owners) if (to := moved[owner]) is not None
        ]
        for owner, numbers in enumerate(self.later.values(), len(paths)):
            pairs += [number << 32 | owner for number in numbers]
        pairs.sort()
        owners = array(NUMBER, [pair & 0xFFFFFFFF for pair in pairs])
        return Kept(self.signatures, [*paths, *self.later], array(NUMBER, [pair >> 32 for pair in pairs]), owners, {})


NOTHING = Kept({}, [], array(NUMBER), array(NUMBER), {})


def signature(location: Path | str, now: int) -> str | None:
    """What differs once the content of a file does: its size, times and inode.

    None where that is not sure: for what is no regular file, and for a file that was touched in the seconds before
    `now` (nanoseconds), since it can change again without its times doing so. To be asked before the file is read.
    """
    try:
        found = os.lstat(location)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode) or max(found.st_mtime_ns, found.st_ctime_ns) > now - SETTLED:
        return None
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def recall(root: Path, meaning: bytes) -> Kept:
    """What `keep` has remembered for the files below `root`, read in the way that `meaning` stands for.

    Whatever is not exactly what was written is forgotten.
    """
    content = memoryview(cache.remembered(_KIND, _name(root, meaning), root) or b"")
    if sha256(content[_SUM:]).digest() != content[:_SUM]:
        return NOTHING
    start = _SUM + _LENGTH
    end = start + int.from_bytes(content[_SUM:start], "big")
    signatures, paths, sorted_in, later = json.loads(bytes(content[start:end]))
    numbers = content[end:].cast("I")
    ends = _ends(2 * sorted_in, later.values())
    return Kept(
        signatures,
        paths,
        numbers[:sorted_in],
        numbers[sorted_in : 2 * sorted_in],
        {path: numbers[end - count : end] for (path, count), end in zip(later.items(), ends)},
    )


def keep(root: Path, meaning: bytes, kept: Kept) -> None:
    """Remembers `kept`, all at once; where nothing can be written, nothing happens."""
    counts = {path: len(numbers) for path, numbers in kept.later.items()}
    files = json.dumps([kept.signatures, kept.paths, len(kept.numbers), counts]).encode()
    numbers = (each.tobytes() for each in (kept.numbers, kept.owners, *kept.later.values()))
    body = b"".join((len(files).to_bytes(_LENGTH, "big"), files, *numbers))
    cache.remember(_KIND, _name(root, meaning), sha256(body).digest() + body, root)


def _ends(start: int, counts: Iterable[int]) -> Iterator[int]:
    for count in counts:
        start += count
        yield start


def _name(root: Path, meaning: bytes) -> str:
    return cache.digest(os.fsencode(root), meaning, sys.byteorder.encode())
