"""The hooks, installed by the real pre-commit into repositories of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from openpyxl import load_workbook

CHECKOUT = Path(__file__).parents[2]
SHIPPED = ("wxp_lint", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
NO_INDEX = re.compile(r"No matching distribution|ConnectionError|NewConnectionError|name resolution|ConnectTimeout")
ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
GOOD = f"Serial Number,Customer ID\n5CG8234XMV,{ID}\n"
BAD = f"Serial Number,Customer ID\n5CG8234XMV,{ID}\n5CG0480H,{ID}\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Environment variables: pre-commit keeps its own things, and git knows nothing of this machine."""
    git = {"user.name": "tester", "user.email": "tester@example.org", "init.defaultBranch": "main"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT_", "COVERAGE_", "COV_CORE_"))}
    kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": str(len(git))}
    for n, (key, value) in enumerate(git.items()):
        kept |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    folder = tmp_path_factory.mktemp("pre-commit")
    bin_folder = str(Path(sys.executable).parent)
    return kept | {
        "PATH": bin_folder + os.pathsep + kept["PATH"],
        "PRE_COMMIT_HOME": str(folder / "home"),
        "PRE_COMMIT_COLOR": "never",
        "WXP_LINT_CACHE_DIR": str(folder / "cache"),
    }


class Repo:
    """A partner's repository in which the hooks are installed."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment

    def run(self, *command):
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        return done.returncode, done.stdout.decode()

    def write(self, files):
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text, "utf-8")

    def commit(self, files):
        """Writes and commits `files`: git's exit code, and what was printed."""
        self.write(files)
        assert self.run("git", "add", "--all")[0] == 0
        return self.run("git", "commit", "--message", "Transfers")

    def hook(self, name, *options):
        """What the hook says of what is staged, also where it passes."""
        return self.run("pre-commit", "run", name, "--verbose", *options)


@pytest.fixture(scope="module")
def source(tmp_path_factory, environment):
    """The working tree as a repository that a config can name, and its revision."""
    repo = Repo(tmp_path_factory.mktemp("source"), environment)
    for name in SHIPPED:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, repo.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, repo.folder / name)
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Snapshot"]):
        code, said = repo.run("git", *command)
        assert code == 0, said
    return repo.folder, repo.run("git", "rev-parse", "HEAD")[1].strip()


@pytest.fixture(scope="module")
def template(tmp_path_factory, environment, source, service_missing):
    """A repository with its hooks installed and their environment built: the slow part, once for the file."""
    repo = Repo(tmp_path_factory.mktemp("template"), environment)
    place, revision = source
    hooks = "".join(f"      - id: {name}\n" for name in ("wxp-lint", "wxp-lint-repo"))
    repo.write({".pre-commit-config.yaml": f"repos:\n  - repo: {place}\n    rev: {revision}\n    hooks:\n{hooks}"})
    assert repo.run("git", "init", "--quiet")[0] == 0
    code, said = repo.run("pre-commit", "install", "--install-hooks")
    if code and NO_INDEX.search(said):
        service_missing("pip cannot reach a package index to build the hooks' environment")
    assert code == 0, said
    return repo


@pytest.fixture
def repo(tmp_path, template):
    shutil.copytree(template.folder, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo", template.environment)


@pytest.fixture
def mending(repo, source):
    """A repository in which files are mended before they are checked."""
    place, revision = source
    hooks = "".join(f"      - id: {name}\n" for name in ("wxp-lint-fix", "wxp-lint"))
    repo.write({".pre-commit-config.yaml": f"repos:\n  - repo: {place}\n    rev: {revision}\n    hooks:\n{hooks}"})
    return repo


def test_a_bad_transfer_is_refused_with_words_that_help(repo):
    code, said = repo.commit({"transfers/acme/march.csv": BAD})

    assert code == 1
    assert "error WXP202 serial-format: '5CG0480H' is no serial number" in said
    assert "transfers/acme/march.csv:3:1" in said
    assert "     3 | 5CG0480H," in said
    assert "Traceback" not in said
    assert repo.run("git", "rev-parse", "--verify", "--quiet", "HEAD")[0] == 1


def test_a_good_transfer_is_committed(repo):
    code, said = repo.commit({"transfers/acme/march.csv": GOOD})

    assert code == 0, said
    assert re.search(r"^wxp-lint\.+Passed$", said, re.MULTILINE)
    assert re.search(r"^wxp-lint \(all transfer files\)\.+Passed$", said, re.MULTILINE)


def test_only_what_the_commit_touches_is_checked_by_the_one_and_all_by_the_other(repo):
    repo.write({"transfers/acme/old.csv": BAD})
    repo.run("git", "add", "--all")
    repo.run("git", "commit", "--no-verify", "--message", "Before there were hooks")
    repo.write({"transfers/acme/march.csv": GOOD.replace("5CG8234XMV", "5CG02382XZ")})
    repo.run("git", "add", "--all")

    code, said = repo.hook("wxp-lint")
    assert code == 0, said
    assert "1 file, 1 device" in said
    code, said = repo.hook("wxp-lint-repo")
    assert code == 1
    assert "transfers/acme/old.csv:3:1" in said


@pytest.mark.parametrize("sidecar", ["march.csv.toml", "transfer.toml", "MARCH.CSV.TOML"])
def test_a_sidecar_alone_has_its_transfer_checked(repo, sidecar):
    name = "MARCH.CSV" if sidecar.isupper() else "march.csv"
    repo.write({f"transfers/acme/{name}": BAD})
    repo.run("git", "add", "--all")
    repo.run("git", "commit", "--no-verify", "--message", "Before there were hooks")
    repo.write({f"transfers/acme/{sidecar}": 'ticket = "T-1"\n'})
    repo.run("git", "add", "--all")

    code, said = repo.hook("wxp-lint")

    assert code == 1
    assert f"transfers/acme/{name}:3:1" in said


def test_a_csv_that_is_no_transfer_passes_and_that_is_said(repo):
    repo.write({"lists/prices.csv": "item,price\nbolt,1\n", "lists/other.csv": "a,b\n1,2\n"})
    repo.run("git", "add", "--all")

    code, said = repo.hook("wxp-lint")

    assert code == 0, said
    assert "0 of 2 files match transfers/**/*.csv, transfers/**/*.xlsx" in said


def test_names_with_blanks_and_emoji(repo):
    names = [
        "transfers/acme & sons/new laptops.csv",
        "transfers/acme/März 💻.csv",
        "transfers/acme/--help.csv",
    ]
    code, said = repo.commit(dict.fromkeys(names, BAD))

    assert code == 1
    assert [name for name in names if f"{name}:3:1" not in said] == []

    serials = ("5CG8234XMV", "5CG02382XZ", "SGH327SZYD")
    code, said = repo.commit({name: GOOD.replace("5CG8234XMV", serial) for name, serial in zip(names, serials)})
    assert code == 0, said


def test_a_symbolic_link_does_not_slip_by(repo, tmp_path):
    (tmp_path / "elsewhere.csv").write_text(GOOD)
    (repo.folder / "transfers").mkdir()
    (repo.folder / "transfers/linked.csv").symlink_to(tmp_path / "elsewhere.csv")
    repo.run("git", "add", "--all")

    code, said = repo.hook("wxp-lint")

    assert code == 1
    assert "WXP101" in said


def test_many_files_are_checked_in_one_run(repo):
    files = {f"transfers/acme/{n:03}.csv": GOOD.replace("5CG8234XMV", f"5CG8234{n:03}") for n in range(200)}
    repo.write(files)
    repo.run("git", "add", "--all")

    code, said = repo.hook("wxp-lint")

    assert code == 0, said
    assert "200 files, 200 devices" in said


@pytest.fixture
def tool(repo):
    """Runs `wxp-lint ARGUMENTS` of the checkout in the repository; not so the hooks, which have their own."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "wxp_lint", *arguments],
            cwd=repo.folder,
            env=repo.environment | {"PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        said = done.stdout.decode()
        assert done.returncode == 0, said
        return said

    return run


def test_from_an_empty_repository_to_a_transfer_that_is_committed(repo, tool):
    tool("init", "--ci", "github", "--ledger", "none", "--no-require-possession")
    registry = (repo.folder / "customers.csv").read_text() + f"{ID},Acme Logistics,acme,,,,,,\n"
    code, said = repo.commit({"customers.csv": registry})
    assert code == 0, said

    tool("template", "--customer", "Acme Logistics", "--devices", "2", "-o", "transfers/acme/draft.xlsx")
    code, said = repo.commit({})
    assert code == 1
    assert "WXP209" in said

    (repo.folder / "transfers/acme/draft.xlsx").rename(repo.folder.parent / "filled.xlsx")
    book = load_workbook(repo.folder.parent / "filled.xlsx")
    book.active["A2"], book.active["A3"] = "5CG8234XMV", "5CG02382XZ"
    book.save(repo.folder.parent / "filled.xlsx")
    tool("prepare", "../filled.xlsx")
    code, said = repo.commit({})

    assert code == 0, said
    assert re.search(r"^wxp-lint\.+Passed$", said, re.MULTILINE)
    changed = repo.run("git", "show", "--format=", "--unified=0", "HEAD", "--", "transfers")[1]
    assert f"+5CG8234XMV,{ID}" in changed
    assert f"+5CG02382XZ,{ID}" in changed


def test_what_can_be_mended_is_mended_once_and_then_committed(mending):
    book = openpyxl.Workbook()
    for row in (["Serial Number", "Customer ID"], ["5cg02382xz ", ID]):
        book.active.append(row)
    (mending.folder / "transfers").mkdir()
    book.save(mending.folder / "transfers/april.xlsx")
    other = "item;price\n bolt;1\n"

    code, said = mending.commit({"transfers/march.csv": GOOD.replace("5CG", " 5cg"), "prices.csv": other})
    assert code == 1
    assert re.search(r"^wxp-lint fix\.+Failed$", said, re.MULTILINE)
    assert "files were modified by this hook" in said
    assert "fixed 2 of 2 findings in transfers/april.xlsx" in said
    assert "fixed 2 of 2 findings in transfers/march.csv" in said
    assert (mending.folder / "transfers/march.csv").read_text() == GOOD
    assert openpyxl.load_workbook(mending.folder / "transfers/april.xlsx").active["A2"].value == "5CG02382XZ"

    code, said = mending.commit({})
    assert code == 0, said
    assert re.search(r"^wxp-lint fix\.+Passed$", said, re.MULTILINE)
    assert (mending.folder / "prices.csv").read_text() == other


def test_what_cannot_be_mended_is_left_to_the_check(mending):
    code, said = mending.commit({"transfers/march.csv": BAD})

    assert code == 1
    assert re.search(r"^wxp-lint fix\.+Passed$", said, re.MULTILINE)
    assert re.search(r"^wxp-lint\.+Failed$", said, re.MULTILINE)
    assert (mending.folder / "transfers/march.csv").read_text() == BAD
