import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from wxp_lint import HOME, __version__
from wxp_lint.config.load import load

CHECKOUT = Path(__file__).parents[2]
ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
REGISTRY = f"""customer_id,name,folder,owners
{ID},Acme Logistics,acme,ann;@org/logistics
3f2504e0-4f89-41d3-9a0c-0305e82c3301,Bergmann Optik,bergmann optik,bob@example.org
b4d1c3a2-58e6-4f7b-9c0d-1e2f3a4b5c6d,Canal Street Clinics,canal,
"""
GOOD = f"Serial Number,Customer ID\n5CG8234XMV,{ID}\n"


def tree(folder):
    """All files below `folder` but git's own: path -> bytes."""
    files = (file for file in folder.rglob("*") if file.is_file() and ".git" not in file.relative_to(folder).parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_an_empty_folder_gets_what_it_needs(cli, folder):
    done = cli("init", "new/assignments")

    assert (done.code, done.err) == (0, "")
    root = folder / "new/assignments"
    assert set(tree(root)) == {
        "wxp-lint.toml",
        "customers.csv",
        "transfers/README.md",
        ".pre-commit-config.yaml",
        ".github/workflows/wxp-lint.yml",
        ".gitattributes",
        ".gitignore",
    }
    settings = load(root / "wxp-lint.toml", root)
    assert settings.customers == "customers.csv"
    assert settings.apply.ledger == "sqlite:.wxp-lint/ledger.db"  # the default, for no ledger is named
    assert "git init" in done.out
    assert [line[:2] for line in done.out.partition("Next:\n")[2].splitlines()] == ["1.", "2.", "3."]
    assert "0 files, 0 devices: 0 errors" in done.out


def test_a_second_run_changes_nothing(cli, git, folder):
    git("init", "--quiet")
    assert cli("init").code == 0
    before = tree(folder)
    config = (folder / ".git/config").read_bytes()

    done = cli("init", "--ledger", "sqlite")

    assert done.code == 0
    assert tree(folder) == before
    assert (folder / ".git/config").read_bytes() == config
    assert {line.split()[0] for line in done.out.partition("\n\n")[0].splitlines()} == {"left"}
    assert "there is one already" in done.err


def test_what_is_there_is_left_and_lines_are_added_once(cli, git, write, folder):
    git("init", "--quiet")
    mine = {
        "wxp-lint.toml": 'customers = "registry.csv"\n[apply]\nbranch = "trunk"\n',
        "registry.csv": REGISTRY,
        ".pre-commit-config.yaml": "repos: []\n",
        ".gitignore": b"*.tmp\r\n.wxp-lint/",
        ".gitattributes": "*.xlsx diff=wxp-lint\n",
        "CODEOWNERS": "* @me\n",
    }
    write(mine)

    done = cli("init")

    assert done.code == 0
    after = tree(folder)
    kept = {name: content for name, content in mine.items() if name != ".gitignore"}
    assert {name: after[name].decode() for name in kept} == kept
    assert "customers.csv" not in after
    ignored = after[".gitignore"].decode().split("\r\n")
    assert ignored[:2] == ["*.tmp", ".wxp-lint/"]
    assert ignored[3:] == ["~$*", "inventory/exports/", ""]
    assert "take in the hooks wxp-lint and wxp-lint-repo" in done.out
    assert re.search(r"^left +CODEOWNERS$", done.out, re.MULTILINE)


def test_a_config_in_pyproject_is_not_put_out_of_force(cli, write, folder):
    write({"pyproject.toml": '[tool.wxp-lint]\ncustomers = "customers.csv"\n'})

    done = cli("init")

    assert done.code == 0
    assert not (folder / "wxp-lint.toml").exists()
    assert re.search(r"^left +pyproject.toml$", done.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "remote", "ledger"),
    [
        ([], None, None),
        ([], "https://example.org/a.git", "git:wxp-ledger"),
        (["--ledger", "sqlite"], "https://example.org/a.git", "sqlite:.wxp-lint/ledger.db"),
        (["--ledger", "none"], "https://example.org/a.git", None),
        (["--ledger", "git"], None, "git:wxp-ledger"),
    ],
)
def test_the_ledger_is_a_git_branch_where_there_is_a_remote(cli, git, folder, arguments, remote, ledger):
    git("init", "--quiet", "--initial-branch", "trunk")
    if remote:
        git("remote", "add", "origin", remote)

    assert cli("init", "--require-possession", *arguments).code == 0

    written = tomllib.loads((folder / "wxp-lint.toml").read_text())["apply"]
    assert written == {"branch": "trunk", "require-possession": True} | ({"ledger": ledger} if ledger else {})
    assert load(folder / "wxp-lint.toml", folder).apply.require_possession is True


@pytest.mark.parametrize(
    ("arguments", "remote", "there"),
    [
        ([], "https://github.com/o/r.git", ".github/workflows/wxp-lint.yml"),
        ([], "git@gitlab.example.org:o/r.git", ".gitlab-ci.yml"),
        ([], "https://example.org/a.git", None),
        (["--ci", "gitlab"], "https://github.com/o/r.git", ".gitlab-ci.yml"),
        (["--ci", "none"], "https://github.com/o/r.git", None),
    ],
)
def test_the_ci_is_that_of_the_remote(cli, git, folder, arguments, remote, there):
    git("init", "--quiet")
    git("remote", "add", "origin", remote)

    assert cli("init", *arguments).code == 0

    found = {path for path in tree(folder) if "/workflows/" in path or path == ".gitlab-ci.yml"}
    assert found == ({there} if there else set())


def test_the_hooks_are_those_of_this_version(cli, folder):
    cli("init")

    (repo,) = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"]
    manifest = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
    assert (repo["repo"], repo["rev"]) == (HOME, f"v{__version__}")
    assert {hook["id"] for hook in repo["hooks"]} == {hook["id"] for hook in manifest}


def test_the_workflow_uses_the_action_of_this_version(cli, folder):
    assert cli("init", "--ci", "github").code == 0

    workflow = yaml.safe_load((folder / ".github/workflows/wxp-lint.yml").read_text())
    assert set(workflow[True]) == {"pull_request", "merge_group"}  # "on" is a boolean in YAML 1.1
    job = workflow["jobs"]["wxp-lint"]
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    checkout, action = job["steps"]
    assert checkout["with"]["fetch-depth"] == 0
    assert action["uses"] == f"{HOME.removeprefix('https://github.com/')}@v{__version__}"
    inputs = yaml.safe_load((CHECKOUT / "action.yml").read_text())["inputs"]
    assert set(action["with"]) <= set(inputs)
    assert "--mask" in action["with"]["args"].split()


@pytest.mark.parametrize(
    ("ci", "file", "schema"),
    [("github", ".github/workflows/wxp-lint.yml", "github-workflows"), ("gitlab", ".gitlab-ci.yml", "gitlab-ci")],
)
def test_what_ci_reads_is_valid(cli, folder, ci, file, schema):
    assert cli("init", "--ci", ci).code == 0

    done = subprocess.run(
        [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", folder / file],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_target_branch_judges_a_merge_request(cli, git, write, folder, environment, tmp_path):
    git("init", "--quiet")
    assert cli("init", "--ci", "gitlab").code == 0
    write({"customers.csv": REGISTRY})
    git("add", "--all")
    git("commit", "--quiet", "--message", "Begin")
    git("switch", "--quiet", "--create", "bad")
    write({"transfers/acme/a.csv": GOOD.replace(ID, ID[::-1]), "wxp-lint.toml": 'ignore = ["unknown-customer"]\n'})
    git("add", "--all")
    git("commit", "--quiet", "--message", "A customer that nobody knows, and a config that lets it pass")
    subprocess.run(["git", "clone", "--quiet", folder, tmp_path / "clone"], env=environment, check=True)
    job = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["wxp-lint"]
    install, *run = job["script"]
    assert install == f'pip install "git+{HOME}@v{__version__}"'
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/wxp-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wxp_lint "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{environment['PATH']}"

    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(run)],
        cwd=tmp_path / "clone",
        env=environment | {"BASE": "main", "PATH": path},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1, done.stderr
    assert "WXP304" in done.stdout
    kept = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert [file for file in kept if not (tmp_path / "clone" / file).is_file()] == []
    assert "5CG8234XMV" not in done.stdout


@pytest.mark.parametrize(("ci", "place"), [("github", ".github/CODEOWNERS"), ("gitlab", "CODEOWNERS")])
def test_owners_of_the_registry_review_their_customers(cli, write, folder, ci, place):
    write({"customers.csv": REGISTRY})

    assert cli("init", "--ci", ci).code == 0

    assert (folder / place).read_text().splitlines()[1:] == [
        "/transfers/acme/ @ann @org/logistics",
        "/transfers/bergmann\\ optik/ bob@example.org",
    ]


def test_git_shows_workbooks_and_ignores_what_is_not_for_it(cli, git, write, folder, environment):
    git("init", "--quiet")
    cli("init")
    write({"transfers/~$a.xlsx": "", "inventory/exports/all.csv": "", ".wxp-lint/ledger.db": "", "a.xlsx": ""})

    def ask(*arguments):
        return subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True).stdout

    assert ask("config", "--local", "diff.wxp-lint.textconv").rstrip().endswith(" show")
    assert ask("check-attr", "diff", "transfers/acme/a.xlsx").endswith("diff: wxp-lint\n")
    listed = ask("ls-files", "--others", "--exclude-standard").splitlines()
    assert "a.xlsx" in listed
    assert [path for path in listed if path.startswith(("transfers/~", "inventory/", ".wxp-lint/"))] == []


def test_the_example_of_a_sidecar_is_valid(cli, write, folder):
    cli("init")
    (example,) = re.findall(r"```toml\n(.*?)```", (folder / "transfers/README.md").read_text(), re.DOTALL)
    write({"transfers/a.csv": GOOD, "transfers/a.csv.toml": example})

    done = cli("check", "--output", "json", "--select", "sidecar-invalid")
    assert done.codes == []

    write({"transfers/a.csv.toml": example.replace("[possession]", "[posession]")})
    assert cli("check", "--output", "json", "--select", "sidecar-invalid").codes == ["WXP602"]


def test_findings_that_are_there_already_are_told_and_no_failure(cli, write):
    write({"transfers/a.csv": GOOD.replace("5CG8234XMV", "5CG0480H")})

    done = cli("init")

    assert done.code == 0
    assert "1 file, 1 device: 1 error" in done.out


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({}, ["--ci", "git"], "--ci must be one of github, gitlab, none, not 'git'; did you mean"),
        ({}, ["--ledger", "mysql"], "--ledger must be one of git, sqlite, none"),
        ({"a": ""}, ["a"], "cannot be made a folder"),
        ({"wxp-lint.toml": "nonsense = 1\n"}, [], "wxp-lint.toml:1: "),
        ({"customers.csv": "name\nAcme\n"}, [], "the column customer_id is missing"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(cli, write, folder, files, arguments, said):
    write(files)

    done = cli("init", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert set(tree(folder)) == set(files)


def test_a_folder_inside_of_a_repository_is_not_one(cli, git, folder):
    git("init", "--quiet")

    done = cli("init", "below")

    assert done.code == 2
    assert f"wxp-lint init {folder}" in done.err
    assert tree(folder) == {}


def test_a_link_does_not_lead_a_file_out(cli, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (folder / "transfers").symlink_to(tmp_path / "elsewhere")
    (folder / ".gitignore").symlink_to(tmp_path / "elsewhere/ignore")

    done = cli("init")

    assert done.code == 2
    assert "a link leads out of the repository" in done.err
    assert tree(tmp_path / "elsewhere") == {}


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is made with pty")
def test_a_terminal_is_asked(folder, environment):
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "wxp_lint", "init", "--ledger", "none"],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, b"jenkins\ngitlab\ny\n")
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # how Linux tells that the other side is closed
        pass
    os.close(ours)

    assert process.wait(60) == 0, said.decode()
    assert b"'jenkins' is none of github, gitlab, none" in said
    assert b"What keeps the hand-overs?" not in said
    assert (folder / ".gitlab-ci.yml").exists()
    assert load(folder / "wxp-lint.toml", folder).apply.require_possession is True
