"""Which tests run which lines of wxp-lint: measured once, and kept for as long as nothing changes."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

CONFIG = """
[run]
parallel = true
source = {copy}/wxp_lint
data_file = {scratch}/data
context = ${{TOUCHED_BY-}}
patch = _exit
"""


class Test(NamedTuple):
    """A test that passes, by the name that pytest takes; `seconds` with the measuring."""

    name: str
    seconds: float

    @property
    def module(self) -> str:
        return self.name.partition("::")[0]


class Touched(NamedTuple):
    """`lines`: path in the copy -> line -> the tests that run it, as places in `tests`."""

    tests: list[Test]
    lines: dict[str, dict[int, list[int]]]

    def by(self, path: str, lines: Collection[int] | None) -> list[Test]:
        """The tests that run these lines, or any of the module: its own, those of its folder, the others.

        Of each module in turn the quickest, so that the first ones are not all about one thing.
        """
        known = self.lines.get(path, {})
        found = {number for line in (known if lines is None else lines) for number in known.get(line, ())}
        modules: dict[str, list[Test]] = defaultdict(list)
        for number in sorted(found, key=lambda number: self.tests[number].seconds):
            modules[self.tests[number].module].append(self.tests[number])
        own, near, far = [], [], []
        for module, tests in modules.items():
            if Path(module).stem == f"test_{Path(path).stem}":
                own.append(tests)
            else:
                (near if Path(module).parent.name in Path(path).parts else far).append(tests)
        return [test for part in (own, near, far) for turn in zip_longest(*part) for test in turn if test]


def measure(copy: Path, folders: Iterable[str], jobs: int) -> Touched:
    """Runs the tests of these folders in `copy`, with coverage."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        config = scratch / "coverage.ini"
        config.write_text(CONFIG.format(copy=copy, scratch=scratch))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(jobs), *folders]
        environment = os.environ | {
            "COVERAGE_PROCESS_START": str(config),
            "PYTEST_PLUGINS": "witness",
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), str(copy))),
            "TOUCHED_IN": name,
        }
        subprocess.run([*command, "--dist", "loadfile"], cwd=copy, env=environment, check=False)
        tests = [
            Test(test, seconds)
            for file in sorted(scratch.glob("tests.*.json"))
            for test, seconds, passed in json.loads(file.read_text())
            if passed
        ]
        numbers = {test.name: number for number, test in enumerate(tests)}
        lines: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for path, line, test in _data(copy, scratch):
            if test in numbers:
                lines[path][line].add(numbers[test])
        if not lines:
            sys.exit("nothing was measured: coverage starts itself only where it is installed (not by a .pth) and new")
        return Touched(tests, {path: {line: sorted(by) for line, by in told.items()} for path, told in lines.items()})


def _data(copy: Path, scratch: Path) -> Iterator[tuple[str, int, str]]:
    """Path, line and test of all that was run."""
    for file in scratch.glob("data.*"):
        data = CoverageData(str(file))
        data.read()
        for measured in data.measured_files():
            path = Path(measured).relative_to(copy).as_posix()
            for line, tests in data.contexts_by_lineno(measured).items():
                for test in tests:
                    yield path, line, test


def kept(file: Path, copy: Path, folders: Iterable[str], jobs: int) -> Touched:
    """What `file` holds of the same files; measured and written there where it holds nothing or was made of others."""
    mark = _digest(copy)
    if not file.exists() or json.loads(file.read_text())[0] != mark:
        file.write_text(json.dumps((mark, *measure(copy, folders, jobs))))
    _, tests, lines = json.loads(file.read_text())
    return Touched(
        [Test(*test) for test in tests],
        {path: {int(line): by for line, by in told.items()} for path, told in lines.items()},
    )


def _digest(copy: Path) -> str:
    found = hashlib.sha256()
    for file in sorted((*copy.glob("wxp_lint/**/*.py"), *copy.glob("tests/**/*.py"))):
        found.update(file.read_bytes())
    return found.hexdigest()
