"""What `check` on a CSV imports decides how long a commit waits for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
CSV = "Serial Number,Customer ID\n5CG8234XMV,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\n"
# typer with what it imports itself, and the engine: DESIGN 3.
ALLOWED = {
    "wxp_lint",
    "typer",
    "click",
    "annotated_doc",
    "shellingham",
    "typing_extensions",
    "duckdb",
    "_duckdb",
}
PROGRAM = """
import atexit
import sys

def tell():
    all_modules = sorted(sys.modules)
    import json
    found = sorted({name.partition(".")[0] for name in all_modules})
    sys.stderr.write("\\n" + json.dumps({"modules": found, "all": all_modules}))
    sys.stderr.flush()

atexit.register(tell)
from wxp_lint.__main__ import main
main()
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "repo/transfers").mkdir(parents=True)
    (tmp_path / "repo/transfers/a.csv").write_text(CSV)
    return tmp_path / "repo"


@pytest.fixture
def imported(tmp_path, folder):
    """Runs the CLI in `folder`: the exit code, the top-level modules that it imported, all modules."""

    def run(*arguments):
        # Coverage, and what .pth files of the environment import, are not the program's doing.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "COV_CORE_"))}
        kept |= {"PYTHONPATH": str(CHECKOUT), "WXP_LINT_CACHE_DIR": str(tmp_path / "cache")}
        base = subprocess.run(
            [sys.executable, "-c", "import sys; print(*{m.partition('.')[0] for m in sys.modules})"],
            env=kept,
            capture_output=True,
            text=True,
            check=True,
        )
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=folder,
            env=kept,
            capture_output=True,
            text=True,
        )
        told = json.loads(done.stderr.rpartition("\n")[2])
        return done.returncode, set(told["modules"]) - set(base.stdout.split()), set(told["all"])

    return run


@pytest.mark.parametrize("output", ["full", "concise", "json", "github", "azure"])
def test_a_check_imports_typer_duckdb_and_the_standard_library_alone(imported, output):
    imported("check", "transfers/a.csv")  # the first run remembers the catalogue

    code, modules, _ = imported("check", "transfers/a.csv", "--output", output)

    assert code == 0
    assert modules - set(sys.stdlib_module_names) - ALLOWED == set()
    assert "_duckdb" in modules or "duckdb" in modules


def test_a_check_leaves_the_slow_half_of_the_standard_library_alone(imported):
    imported("check", "transfers/a.csv")

    code, _, everything = imported("check", "transfers/a.csv")

    assert code == 0

    slow = {
        "asyncio",
        "email.message",
        "http.client",
        "importlib.metadata",
        "urllib.request",
        "sqlite3",
        "zipfile",
    }
    assert everything & slow == set()


def test_a_config_that_is_known_to_be_valid_costs_no_validator(imported, folder):
    (folder / "wxp-lint.toml").write_text('fail-on = "warning"\n')
    imported("check")

    code, modules, _ = imported("check")

    assert code == 0
    assert modules - set(sys.stdlib_module_names) - ALLOWED == set()
