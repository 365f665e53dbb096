"""What unchanged files named, as it is remembered between runs: whole or not at all."""

import os
import random
import subprocess
import sys
import time
from array import array
from pathlib import Path

import pytest

from wxp_lint.config import cache
from wxp_lint.files.held import NUMBER
from wxp_lint.lint.kept import NOTHING, SETTLED, Named, keep, recall, signature

CHECKOUT = Path(__file__).parents[2]
LATER = 10_000_000_000  # nanoseconds


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """The cache folder."""
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path):
    """The root of the files that something is remembered of."""
    (tmp_path / "repo").mkdir()
    return tmp_path / "repo"


def named(**numbers):
    """The files `numbers`, as if they had been read."""
    return {path: Named(f"signature of {path}", array(NUMBER, sorted(own))) for path, own in numbers.items()}


def plain(kept):
    """`kept` in values that can be compared."""
    return [
        dict(kept.signatures),
        [*kept.paths],
        [*kept.numbers],
        [*kept.owners],
        {p: [*n] for p, n in kept.later.items()},
    ]


def test_what_is_kept_is_recalled(root):
    files = named(a={3, 1, 2}, b={2, 4_294_967_295}, c=())
    unsorted = NOTHING.changed(files, files)
    for kept in (unsorted, unsorted.sorted_in(), unsorted.sorted_in().changed(files, named(b={7}))):
        keep(root, b"", kept)
        assert plain(recall(root, b"")) == plain(kept)


def test_each_number_is_found_in_each_of_its_files_whether_sorted_in_or_not():
    rng = random.Random(5)
    kept, held = NOTHING, {}
    for _ in range(60):
        read = {f"{rng.randrange(30)}": {rng.randrange(90) for _ in range(rng.randrange(6))} for _ in range(3)}
        held |= read
        for path in rng.sample(sorted(held), 1):
            if path not in read:
                del held[path]
        kept = kept.changed(held, named(**read))
        kept = kept.sorted_in() if rng.random() < 0.5 else kept
        wanted = frozenset(rng.sample(range(90), 4))
        right = {path for path, own in held.items() if own & wanted}
        assert right <= kept.naming(wanted)
        assert all(kept.knows(path, f"signature of {path}") for path in held)
    assert kept.sorted_in().paths != []


def test_a_merge_forgets_what_is_gone():
    files = named(**{str(n): {n, n + 1} for n in range(40)})
    kept = NOTHING.changed(files, files).sorted_in()
    rest = {path: files[path] for path in ("1", "2")}
    again = kept.changed(rest, named(**{"2": range(100, 140)})).sorted_in()
    assert sorted(again.paths) == ["1", "2"]
    assert again.naming(frozenset({2, 3})) == {"1"}


@pytest.mark.parametrize("other", ["root", "meaning", "version", "empty"])
def test_another_root_way_of_reading_or_version_has_a_memory_of_its_own(root, tmp_path, monkeypatch, other):
    keep(root, b"one", NOTHING.changed("a", named(a={1})))
    assert recall(root, b"one").signatures
    if other == "version":
        monkeypatch.setattr(cache, "__version__", "0.0.0")
    elif other == "empty":
        monkeypatch.setenv("WXP_LINT_CACHE_DIR", "")
    elsewhere = tmp_path / "elsewhere"
    assert recall(elsewhere if other == "root" else root, b"two" if other == "meaning" else b"one") is NOTHING


def entry(store):
    """The one file in the cache."""
    (found,) = (store / "held").iterdir()
    return found


def test_damage_is_seen_wherever_it_is(root, store):
    files = named(**{f"transfers/{n}.csv": range(n, n + 20) for n in range(30)})
    keep(root, b"", NOTHING.changed(files, files).sorted_in().changed(files, named(**{"transfers/1.csv": {5}})))
    whole = entry(store).read_bytes()
    rng = random.Random(1)
    for at in [0, 31, 32, 39, 40, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(300))]:
        entry(store).write_bytes(whole[:at] + bytes([whole[at] ^ 1 << rng.randrange(8)]) + whole[at + 1 :])
        assert recall(root, b"") is NOTHING
    for content in (b"", b"\0", whole[:32], whole[:-4], whole + b"\0\0\0\0", os.urandom(5000)):
        entry(store).write_bytes(content)
        assert recall(root, b"") is NOTHING
    entry(store).write_bytes(whole)
    assert recall(root, b"").signatures.keys() == files.keys()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission bits")
def test_a_folder_that_others_can_write_to_is_not_trusted(root, store):
    keep(root, b"", NOTHING.changed("a", named(a={1})))
    (store / "held").chmod(0o777)
    assert recall(root, b"") is NOTHING


def test_where_nothing_can_be_written_nothing_happens(root, store):
    store.write_text("a file in the folder's place")
    keep(root, b"", NOTHING.changed("a", named(a={1})))
    assert recall(root, b"") is NOTHING


_FRAME = """
import os, pathlib, random, signal, sys
from array import array
from wxp_lint.lint.kept import NOTHING, Named, keep, recall
root = pathlib.Path(sys.argv[1])
def make(seed):
    rng = random.Random(seed)
    read = {f"{seed} {n}": Named("s", array("I", sorted(rng.sample(range(1 << 32), 50)))) for n in range(40)}
    return NOTHING.changed(read, read).sorted_in()
"""
_FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
keep(root, b"", make(2))
"""
_KILLED = """
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
keep(root, b"", make(2))
"""
_RACING = """
own = int(sys.argv[2])
for _ in range(25):
    keep(root, b"", make(own))
    found = recall(root, b"")
    seeds = {path.split()[0] for path in found.signatures}
    assert len(seeds) == 1 and len(found.signatures) == 40 and len(found.numbers) == 2000, (seeds, len(found.numbers))
"""


def start(script, root, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", _FRAME + script, str(root), *arguments],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stderr=subprocess.PIPE,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither signals nor limits")
@pytest.mark.parametrize("trouble", [_FULL, _KILLED], ids=["full disk", "killed"])
def test_a_run_that_cannot_finish_writing_leaves_what_was_there(root, store, trouble, uncovered):
    keep(root, b"", NOTHING.changed("a", named(a={1})))
    run = start(trouble, root)
    assert run.communicate()[1] == b""
    assert run.returncode == (-9 if trouble == _KILLED else 0)
    assert recall(root, b"").signatures.keys() == {"a"}
    keep(root, b"", NOTHING.changed("b", named(b={1})))
    assert recall(root, b"").signatures.keys() == {"b"}


def test_of_runs_at_once_each_sees_one_memory_as_a_whole(root):
    runs = [start(_RACING, root, str(n)) for n in range(3)]
    assert [run.communicate()[1] for run in runs] == [b"", b"", b""]


def test_a_signature_tells_edits_apart_that_leave_size_and_time_alone(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"one")
    before, times = signature(file, time.time_ns() + LATER), file.stat()
    assert before
    time.sleep(0.02)  # a tick of the file system's clock
    file.write_bytes(b"two")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    if os.name != "nt":  # where there is no time of change, only of creation
        assert signature(file, time.time_ns() + LATER) != before
    other = tmp_path / "b.csv"
    other.write_bytes(b"two")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert signature(file, time.time_ns() + LATER) != before


def test_what_was_touched_just_now_has_no_signature(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"one")
    changed = max(file.stat().st_mtime_ns, file.stat().st_ctime_ns)
    assert signature(file, changed) is None
    assert signature(file, changed + SETTLED - 1) is None
    assert signature(file, changed + SETTLED)
    os.utime(file, ns=(changed + 2 * LATER, changed + 2 * LATER))  # from a clock that runs ahead
    assert signature(file, changed + LATER) is None


def test_only_regular_files_have_a_signature(tmp_path):
    later = time.time_ns() + LATER
    (tmp_path / "a.csv").write_bytes(b"one")
    assert signature(tmp_path, later) is None
    assert signature(tmp_path / "none.csv", later) is None
    assert signature(tmp_path / "nul\0.csv", later) is None
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert signature(tmp_path / "link.csv", later) is None
