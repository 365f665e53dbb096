"""The tests on every Python and DuckDB that wxp-lint says it runs on: `nox`, or one of `nox --list`.

nox is a tool of its own (`pipx run nox`), with uv where that is installed. A session whose Python is missing is
skipped; `nox --error-on-missing-interpreters` makes that a failure. Words after `--` go to pytest.
"""

import tomllib
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.sessions = ["tests", "oldest"]

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
DUCKDB = {"1.5": "duckdb>=1.5,<1.6", "newest": "duckdb"}
# What depends on versions, without services and browsers: minutes, not an hour. `make test` has all.
TESTS = ["tests/config", "tests/facts", "tests/files", "tests/inventory", "tests/ledger/test_states.py", "tests/lint"]
TOOLS = ["hypothesis>=6.100", "msoffcrypto-tool>=5.4", "psycopg[binary]>=3.2", "pytest>=8.3"]


def lowest() -> list[str]:
    """Each dependency of the package at the lower bound that pyproject.toml gives it."""
    project = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    return [one.partition(",")[0].replace(">=", "==") for one in wanted]


@nox.session(python=PYTHONS)
@nox.parametrize("duckdb", list(DUCKDB), ids=list(DUCKDB))
def tests(session: nox.Session, duckdb: str) -> None:
    """The newest dependencies, on DuckDB 1.5 and on the newest."""
    session.install("--upgrade", ".", DUCKDB[duckdb], *TOOLS)
    _run(session)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The oldest dependencies that pyproject.toml allows, on the oldest Python."""
    session.install(".", *lowest(), *TOOLS)
    _run(session)


@nox.session(python=PYTHONS[0], default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzzes the readers, ten minutes each, or what is asked for: nox -s fuzz -- ledger --seconds 60."""
    session.install(".", *TOOLS, "-r", "tests/fuzz/requirements.txt")
    fuzz = ("python", "tests/fuzz/run.py")
    for words in [session.posargs] if session.posargs else map(str.split, _lines(session, *fuzz, "--list")):
        session.run(*fuzz, *words)


@nox.session(python=PYTHONS[0], default=False)
def mutation(session: nox.Session) -> None:
    """Every mutant of the ledger's states and the fingerprints, or what is asked for: nox -s mutation -- lint."""
    session.install(".", *nox.project.dependency_groups(nox.project.load_toml(), "dev", "mutation"))
    session.run("python", "bench/mutation.py", *(session.posargs or ["core"]))


def _lines(session: nox.Session, *command: str) -> list[str]:
    """What a command prints."""
    return str(session.run(*command, silent=True)).splitlines()


def _run(session: nox.Session) -> None:
    session.run("python", "-c", "import duckdb; print('duckdb', duckdb.__version__)")
    session.run("python", "-m", "pytest", "-p", "no:cacheprovider", *(session.posargs or TESTS))
