"""Mutation testing: one small change in a module at a time; the tests that run what is changed have to notice.

python bench/mutation.py core              every mutant of the ledger's state changes and of the fingerprints
python bench/mutation.py lint --sample 40  so many of wxp_lint/lint, drawn by --seed
python bench/mutation.py core --only states.py:210

Which tests run a line is measured first, in some ten minutes, and kept in the file that --touched names. Prints each
mutant that survives or times out, and the score; works in copies of the checkout. Needs the dependency groups `dev` and
`mutation`, and a system that can fork.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import accumulate
from pathlib import Path

from mutants import Candidate, Mutant, candidates, write_out
from touched import Test, kept

HERE = Path(__file__).resolve().parents[1]
COPIED = (
    *("wxp_lint", "tests", "rules", "examples", "docs"),
    *("pyproject.toml", "README.md", "action.yml", ".pre-commit-hooks.yaml"),
)
IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is, which is what saves the time
SLOWER = 10  # times what the tests took with the measuring: that long a mutant may run
BATCHES = (2, 10, 30)  # seconds of tests that are run in one go, until one notices

# Not those that are about other programs: CI services, browsers, pre-commit, package indexes.
FOLDERS = (
    *("tests/cli", "tests/config", "tests/facts", "tests/files", "tests/fix", "tests/inventory", "tests/ledger"),
    *("tests/lint", "tests/prepare", "tests/repo", "tests/report", "tests/transfer", "tests/test_docs.py"),
)
AREAS = {
    "core": (
        "wxp_lint/ledger/states.py",
        "wxp_lint/ledger/events.py",
        "wxp_lint/ledger/identity.py",
        "wxp_lint/lint/locate.py",
    ),
    "lint": ("wxp_lint/lint/*.py",),
    "files": ("wxp_lint/files/*.py",),
    "transfer": ("wxp_lint/transfer/**/*.py",),
}
HEAVY = (
    "duckdb",
    "httpx",
    "hypothesis",
    "jsonschema",
    "openpyxl",
    "pytest",
    "python_calamine",
    "sqlalchemy",
    "stamina",
)


class Trial:
    """Mutants tried out in a copy of the checkout; which tests pass there without one is found out on the way."""

    def __init__(self, copy: Path, tests_for: Callable[[Mutant], Sequence[Test]]) -> None:
        self.copy = copy
        self.tests_for = tests_for
        self.sound: set[Test] = set()
        self.unsound: set[Test] = set()

    def of(self, mutant: Mutant) -> str:
        """How it went: "killed", "survived", "timed out", or "untested" where no test runs the line."""
        tests = [test for test in self.tests_for(mutant) if test not in self.unsound]
        told = "survived" if tests else "untested"
        for batch in batches(tests):
            told = self._with(mutant, batch)
            if told != "survived":
                break
        return told

    def _with(self, mutant: Mutant, tests: Sequence[Test]) -> str:
        file = self.copy / mutant.path
        good = file.read_text()
        file.write_text(mutant.source)
        told = run_tests(self.copy, tests)
        file.write_text(good)
        if told == "survived" or self._are_sound(tests):
            return told
        left = [test for test in tests if test not in self.unsound]
        return self._with(mutant, left) if left else "survived"

    def _are_sound(self, tests: Sequence[Test]) -> bool:
        unknown = [test for test in tests if test not in self.sound]
        if unknown and run_tests(self.copy, unknown) != "survived":
            self.unsound.update(test for test in unknown if run_tests(self.copy, [test]) != "survived")
        self.sound.update(test for test in unknown if test not in self.unsound)
        return self.unsound.isdisjoint(tests)


def batches(tests: Sequence[Test]) -> Iterator[Sequence[Test]]:
    """The first tests, as many as fit into BATCHES seconds, but at least one each."""
    rest = tests
    for seconds in BATCHES:
        count = max(1, bisect_right(list(accumulate(test.seconds for test in rest)), seconds))
        batch, rest = rest[:count], rest[count:]
        if batch:
            yield batch


def run_tests(copy: Path, tests: Sequence[Test]) -> str:
    """How a mutant fares: "killed" once a test fails, "survived" or "timed out". The fork has its imports behind it."""
    most = 10 + SLOWER * sum(test.seconds for test in tests)
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _pytest(copy, [test.name for test in tests])
    while time.monotonic() - began < most:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "killed" if status else "survived"
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timed out"


def _pytest(copy: Path, tests: Sequence[str]) -> None:
    import hypothesis
    import pytest

    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    sys.path.insert(0, str(copy))
    hypothesis.settings.register_profile(
        os.environ["HYPOTHESIS_PROFILE"],
        max_examples=50,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    code = 1
    try:
        code = int(pytest.main(["-x", "-q", "-W", IMPORTED, "-p", "no:cacheprovider", *tests]))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


@contextmanager
def a_copy() -> Iterator[Path]:
    """A checkout to change."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name).resolve()
        for each in COPIED:
            source = HERE / each
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / each, ignore=leave) if source.is_dir() else shutil.copy(source, copy)
        yield copy


def chosen(area: str, only: str, sample: int, seed: int) -> tuple[list[Candidate], int]:
    """The changes to try, and of how many they are drawn."""
    paths = sorted({file.relative_to(HERE).as_posix() for glob in AREAS[area] for file in HERE.glob(glob)})
    every = [one for path in paths for one in candidates(HERE, path) if only in f"{path}:{one.line}"]
    drawn = list(every)
    random.Random(seed).shuffle(drawn)
    return drawn[: sample or None], len(every)


def _chosen_tests(arguments: argparse.Namespace, copy: Path) -> Callable[[Mutant], Sequence[Test]]:
    if arguments.tests:
        given = [Test(name, 2.0) for name in arguments.tests]
        return lambda _: given
    touched = kept(arguments.touched, copy, FOLDERS, os.cpu_count() or 1)
    return lambda mutant: touched.by(mutant.path, mutant.lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn; all of them without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="those whose PATH:LINE holds this")
    parser.add_argument("--part", default="1/1", help="the first half of them is 1/2, for a run on each core")
    parser.add_argument("--minutes", type=float, default=60, help="no mutant is begun after so long")
    parser.add_argument("--touched", type=Path, default=Path(tempfile.gettempdir(), "wxp-lint-touched.json"))
    parser.add_argument("--tests", nargs="+", help="these, instead of those that run the line")
    arguments = parser.parse_args()
    drawn, count = chosen(arguments.area, arguments.only, arguments.sample, arguments.seed)
    part, parts = map(int, arguments.part.split("/"))
    for name in HEAVY:
        import_module(name)
    sys.dont_write_bytecode = True
    score: Counter[str] = Counter()
    with a_copy() as copy:
        trial = Trial(copy, _chosen_tests(arguments, copy))
        os.environ |= {
            "HYPOTHESIS_PROFILE": "mutation",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        began = time.monotonic()
        for candidate in drawn[part - 1 :: parts]:
            if time.monotonic() - began > arguments.minutes * 60:
                break
            mutant = write_out(candidate)
            if mutant is None:
                continue
            told = trial.of(mutant)
            score[told] += 1
            if told != "killed":
                print(f"{told}: {mutant.name}\n  - {mutant.old}\n  + {mutant.new}", flush=True)
    ran = sum(score.values())
    told = ", ".join(f"{score[word]} {word}" for word in ("killed", "timed out", "survived", "untested"))
    print(f"{arguments.area}: {ran} run of {count} mutants: {told}; {time.monotonic() - began:.0f} s")
    if trial.unsound:
        print("left out, since they fail without a mutant: " + ", ".join(sorted(test.name for test in trial.unsound)))


if __name__ == "__main__":
    main()
