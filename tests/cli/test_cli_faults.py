"""The linter when something fails under it: runs at once, no room, no right to write, a kill at any moment.

What a run says is held against that of a run that remembers nothing: whatever went before, they are the same.
"""

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
OTHER = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
FILES = 40
LONG_AGO = 1_700_000_000
TARGET = "transfers/0.csv"


def rows(number, to=ID):
    """A list of five PCs; each shares one with the next list."""
    serials = [f"5CG823{number:02}{n:02}" for n in range(4)] + [f"5CG823{(number + 1) % FILES:02}00"]
    return HEADER + "".join(f"{serial},{to}\n" for serial in serials)


@pytest.fixture
def environment(environment):
    """Without what measures coverage: where there is no room, that would complain."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


@pytest.fixture
def team(folder, write, git):
    """A repository of 40 lists that conflict with their neighbours, old enough to be remembered."""
    write({f"transfers/{n}.csv": rows(n, ID if n % 2 else OTHER) for n in range(FILES)})
    git("init", "-q")
    git("add", "-A")
    for file in folder.rglob("*.csv"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    time.sleep(2.1)  # what was touched just now is not remembered
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "own cache"


@pytest.fixture
def begin(environment, cache, folder):
    """Starts `wxp-lint check` with a cache of its own."""

    def start(*arguments, **more):
        return subprocess.Popen(
            [sys.executable, "-m", "wxp_lint", "check", TARGET, "--output", "json", *arguments],
            cwd=folder,
            env=environment | {"WXP_LINT_CACHE_DIR": str(cache)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **more,
        )

    return start


def ended(run):
    """The findings of a run that ended well, each as it matters."""
    out, err = run.communicate(timeout=120)
    assert run.returncode in (0, 1), err.decode()
    assert b"Traceback" not in err
    found = [(f["code"], f["path"], f["line"], f["message"]) for f in json.loads(out)["findings"]]
    assert run.returncode == any(code == "WXP402" for code, *_ in found)
    return found


def right(begin):
    """What is found by a run that remembers nothing."""
    found = ended(begin("--no-cache"))
    assert [code for code, *_ in found].count("WXP402") == 2  # with the list before and the one after
    return found


def test_runs_at_once_share_a_cache_and_each_is_right(team, begin, cache):
    wanted = right(begin)
    for _ in range(2):  # with an empty cache, then with a filled one
        runs = [begin() for _ in range(4)]
        assert [ended(run) for run in runs] == [wanted] * 4
    assert any(cache.rglob("*")), "nothing was remembered, so nothing was shared"


def test_lists_that_change_between_runs_at_once(team, begin):
    ended(begin())
    for turn in range(3):
        other = OTHER if turn % 2 else ID
        (team / "transfers/1.csv").write_text(rows(1, other))
        (team / f"transfers/{FILES - 1}.csv").write_text(rows(FILES - 1, other))
        runs = [begin(), begin()]
        found = [ended(run) for run in runs]
        assert found == [ended(begin("--no-cache"))] * 2
        assert [code for code, *_ in found[0]].count("WXP402") == (0 if other == OTHER else 2)


def test_a_killed_run_leaves_nothing_that_misleads_the_next(team, begin, cache):
    wanted = right(begin)
    rng = random.Random(7)
    started = time.monotonic()
    ended(begin())
    whole = time.monotonic() - started
    killed = 0
    for turn in range(8):
        if turn % 3 == 0:
            shutil.rmtree(cache, ignore_errors=True)
        run = begin()
        try:
            run.wait(rng.uniform(0.3, 1.0) * whole)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
        run.communicate()
        killed += run.returncode == -signal.SIGKILL
        if turn % 2:
            assert ended(begin()) == wanted
    assert killed


def _small_files(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails with EFBIG, as it does with ENOSPC

    return limit


@pytest.mark.parametrize("room", [0, 100, 4000])
def test_a_disk_without_room_costs_the_memory_and_not_the_result(team, begin, cache, room):
    wanted = right(begin)

    assert ended(begin(preexec_fn=_small_files(room))) == wanted

    assert not [file for file in cache.rglob("*") if file.is_file() and (file.stat().st_size == 0 or "." in file.name)]
    assert ended(begin()) == wanted
    assert ended(begin()) == wanted


def test_a_list_too_large_for_memory_alone_on_a_disk_without_room(folder, write, begin):
    """What goes through a file on its way into the engine finds no room for that: it says so, as no internal error."""
    lists = {
        f"transfers/{n}.csv": HEADER + "".join(f"5C{c}823{r:04},{ID}\n" for c in "BCD" for r in range(9000))
        for n in range(2)
    }
    write(lists)

    run = begin("transfers/1.csv", preexec_fn=_small_files(1000))
    _, err = run.communicate(timeout=120)

    assert run.returncode in (1, 2), err.decode()
    assert b"Traceback" not in err
    assert run.returncode == 1 or b"make room" in err, "nothing is lost without a word"


def test_a_report_that_finds_no_room(team, cli):
    done = cli("check", "--output", "json=report.json", preexec_fn=_small_files(100))

    assert done.code == 2
    assert "report.json" in done.err
    assert "Traceback" not in done.err
    assert not (team / "report.json").exists() or not json_is_whole(team / "report.json")


def json_is_whole(path):
    try:
        return bool(json.loads(path.read_bytes()))
    except ValueError:
        return False


def test_standard_output_that_finds_no_room(team, environment):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")
    with full.open("wb") as out:
        run = subprocess.run(
            [sys.executable, "-m", "wxp_lint", "check", "--output", "json"],
            cwd=team, env=environment, stdout=out, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert run.returncode == 2, "a report that was lost is no success"
    assert b"cannot write" in run.stderr
    assert b"Traceback" not in run.stderr


def _as_anybody():
    """Takes from a child what lets root write everywhere: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_checkout_and_a_cache_that_cannot_be_written_to(team, begin, cache):
    wanted = right(begin)
    cache.mkdir()
    places = [cache, *(place for place in (team, *team.rglob("*")) if place.is_dir())]
    for place in places:
        place.chmod(0o555)
    try:
        before = sorted(team.rglob("*"))
        assert ended(begin(preexec_fn=_as_anybody)) == wanted
        assert sorted(team.rglob("*")) == before
        assert not list(cache.iterdir())
    finally:
        for place in places:
            place.chmod(0o755)


def test_a_cache_full_of_rubbish(team, begin, cache):
    wanted = right(begin)
    ended(begin())
    rng = random.Random(3)
    for turn in range(3):
        for file in [file for file in cache.rglob("*") if file.is_file()]:
            data = bytearray(file.read_bytes())
            if turn == 0:
                data[rng.randrange(len(data))] ^= 0xFF
            file.write_bytes((data, data[: len(data) // 2], rng.randbytes(999))[turn])
        assert ended(begin()) == wanted
        ended(begin())
