"""Mutation testing: one small change in a module at a time; the tests that matter for it have to notice.

python bench/mutation.py core              every mutant of the ledger's state changes and of the fingerprints
python bench/mutation.py lint --sample 40  so many of wxp_lint/lint, drawn by --seed
python bench/mutation.py core --only states.py:210

The changes are mutmut's operators, applied to everything in a module but annotations: also to what mutmut itself leaves
out (tables at module level, properties). Prints each mutant that survives or times out, and the score; works in a
copy of the checkout. Needs the dependency groups `dev` and `mutation`, and a system that can fork.
"""

import argparse
import difflib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

HERE = Path(__file__).resolve().parents[1]
COPIED = ("wxp_lint", "tests", "rules", "examples", "docs", "pyproject.toml")
IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is, which is what saves the time
SLOWER = 10  # times what the tests take without a mutant: that long a mutant may run

# What sends to a server: its tests wait for one, so it is an area of its own.
HTTP = tuple(
    f"wxp_lint/transfer/{name}.py" for name in ("claims", "polling", "runner", "sending", "submit/http", "waiting")
)
HTTP_TESTS = ("tests/transfer/test_http.py", "tests/transfer/test_http_claims.py")


def _modules(folder: str) -> tuple[str, ...]:
    """The test modules in a folder."""
    return tuple(sorted(str(file.relative_to(HERE)) for file in (HERE / folder).glob("test_*.py")))


# By path, the longest that fits: the tests that matter, the quickest first.
TESTS = {
    "wxp_lint/ledger": ("tests/ledger/test_states.py", "tests/ledger/test_events.py"),
    "wxp_lint/ledger/identity.py": ("tests/ledger/test_identity.py",),
    "wxp_lint/ledger/events.py": ("tests/ledger/test_events.py", "tests/ledger/test_states.py"),
    "wxp_lint/lint": ("tests/lint/test_baseline.py", "tests/lint/test_messages.py", "tests/lint/test_examples.py"),
    "wxp_lint/lint/locate.py": ("tests/lint/test_locate.py",),
    "wxp_lint/files": _modules("tests/files"),
    "wxp_lint/transfer": tuple(name for name in _modules("tests/transfer") if name not in HTTP_TESTS),
    **dict.fromkeys(HTTP, HTTP_TESTS),
}
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
    "http": HTTP,
}
UNTOUCHED = cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom
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
PLAIN = {"len", "isinstance"}  # without an argument they only fail


class Mutant(NamedTuple):
    path: str
    line: int
    old: str
    new: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}"


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.found: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, UNTOUCHED) or _is_type_alias(node, self.depth):
            return False
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in PLAIN:
            return False
        self.depth += isinstance(node, cst.FunctionDef | cst.ClassDef)
        line = self.get_metadata(PositionProvider, node).start.line
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [(line, node, changed) for changed in operator(node)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self.depth -= isinstance(original_node, cst.FunctionDef | cst.ClassDef)


def _is_type_alias(node: cst.CSTNode, depth: int) -> bool:
    """`Names = Mapping[str, str]`, which is nothing but an annotation."""
    return depth == 0 and isinstance(node, cst.Assign) and isinstance(node.value, cst.Subscript)


class Candidate(NamedTuple):
    """A change that is not yet written out, which takes long."""

    path: str
    line: int
    module: cst.Module
    node: cst.CSTNode
    changed: cst.CSTNode


def candidates(path: str) -> list[Candidate]:
    """Those of a module, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module((HERE / path).read_text()), unsafe_skip_copy=True)
    visitor = _Visitor()
    wrapper.visit(visitor)
    return [Candidate(path, line, wrapper.module, node, changed) for line, node, changed in visitor.found]


def write_out(candidate: Candidate) -> Mutant | None:
    """The mutant; None where the change is none, or no Python."""
    text = candidate.module.code
    source = candidate.module.deep_replace(candidate.node, candidate.changed).code
    if source == text or not _compiles(source):
        return None
    return Mutant(candidate.path, candidate.line, *_difference(text, source), source)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(old: str, new: str) -> tuple[str, str]:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0))[3:]
    gone, come = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return gone, come


def tests_for(path: str) -> tuple[str, ...]:
    """What may notice a change of this module."""
    tests = TESTS[max((place for place in TESTS if path.startswith(place)), key=len)]
    own = f"test_{Path(path).stem}.py"
    return tuple(sorted(tests, key=lambda name: not name.endswith(own)))


def run_tests(copy: Path, tests: tuple[str, ...], most: float, quiet: bool = True) -> tuple[str, float]:
    """How it went ("passed", "failed" or "timeout") and the seconds it took; the fork has its imports behind it."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _pytest(copy, tests, quiet)
    while time.monotonic() - began < most:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return ("failed" if status else "passed"), time.monotonic() - began
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout", time.monotonic() - began


def _pytest(copy: Path, tests: tuple[str, ...], quiet: bool) -> None:
    import hypothesis
    import pytest

    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2) if quiet else (0,):
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
        code = int(pytest.main(["-x", "-q", "-W", IMPORTED, "-p", "no:cacheprovider", "--tb=short", *tests]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def warm_up() -> None:
    """Imports what every run would import, and nothing that is mutated."""
    for name in HEAVY:
        import_module(name)


def chosen(area: str, only: str, sample: int, seed: int) -> tuple[list[Candidate], int]:
    """The changes to try, and of how many they are drawn."""
    paths = sorted({str(file.relative_to(HERE)) for glob in AREAS[area] for file in HERE.glob(glob)})
    paths = [path for path in paths if area == "http" or path not in HTTP]
    every = [one for path in paths for one in candidates(path) if only in f"{path}:{one.line}"]
    drawn = list(every)
    random.Random(seed).shuffle(drawn)
    return drawn[: sample or None], len(every)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn; all of them without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="those whose PATH:LINE holds this")
    parser.add_argument("--minutes", type=float, default=60, help="no mutant is begun after so long")
    arguments = parser.parse_args()
    drawn, count = chosen(arguments.area, arguments.only, arguments.sample, arguments.seed)
    warm_up()
    os.environ |= {
        "HYPOTHESIS_PROFILE": "mutation",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    sys.dont_write_bytecode = True
    began = time.monotonic()
    score: Counter[str] = Counter()
    usual: dict[frozenset[str], float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in COPIED:
            source = HERE / name
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, ignore=leave) if source.is_dir() else shutil.copy(source, copy)
        for candidate in drawn:
            if time.monotonic() - began > arguments.minutes * 60:
                break
            mutant = write_out(candidate)
            if mutant is None:
                continue
            tests = tests_for(mutant.path)
            every = frozenset(tests)
            if every not in usual:
                told, usual[every] = run_tests(copy, tests, 600, quiet=False)
                if told != "passed":
                    sys.exit(f"without a mutant already: {' '.join(tests)} {told}")
            file = copy / mutant.path
            good = file.read_text()
            file.write_text(mutant.source)
            told, _ = run_tests(copy, tests, 5 + SLOWER * usual[every])
            file.write_text(good)
            score[told] += 1
            if told != "failed":
                word = {"passed": "survived", "timeout": "timed out"}[told]
                print(f"{word}: {mutant.name}\n  - {mutant.old}\n  + {mutant.new}", flush=True)
    ran = sum(score.values())
    print(
        f"{arguments.area}: {ran} run of {count} mutants: {score['failed']} killed, {score['passed']} survived, "
        f"{score['timeout']} timed out; {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
