"""docs/apply.md: the recipes are valid, and what they run does what they say, in a real clone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/apply.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
GITHUB, POSTGRES, GITLAB = map(yaml.safe_load, BLOCKS)
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
FILES = {
    "wxp-lint.toml": 'customers = "customers.csv"\n[inventory]\nmax-age-days = 36500\n'
    'sources = [{ path = "unassigned.csv", place = "unassigned" }]\n[apply]\nledger = "git:wxp-ledger"\n',
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n",
    "unassigned.csv": "Serial Number\n5CG8234XMV\n",
}
MOVE = {"transfers/acme/a.csv": f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n"}


@pytest.mark.parametrize(("block", "schema"), [(0, "github-workflows"), (2, "gitlab-ci")])
def test_what_is_to_be_copied_is_valid(block, schema, tmp_path):
    (tmp_path / "config.yml").write_text(BLOCKS[block])
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [program, "--builtin-schema", f"vendor.{schema}", tmp_path / "config.yml"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path):
    """A clone on main, with a transfer on a branch; runs a line of a recipe in it."""
    origin, folder = tmp_path / "origin.git", tmp_path / "clone"
    bin_ = tmp_path / "bin"
    for each in (folder, bin_):
        each.mkdir()
    program = bin_ / "wxp-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wxp_lint "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))}
    environment = kept | {
        "PATH": f"{bin_}{os.pathsep}{kept['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "WXP_LINT_CACHE_DIR": str(tmp_path / "cache"),
        "CI": "true",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "BASE": "main",
    }

    def run(line, cwd=folder):
        done = subprocess.run(["bash", "-ec", line], cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def commit(files):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        run('git add --all; git -c user.name=ann -c user.email=you@example.org commit --quiet --message "files"')

    run(f"git init --quiet --bare --initial-branch main {origin}", tmp_path)
    run(f"git init --quiet --initial-branch main; git remote add origin {origin}")
    commit(FILES)
    run("git push --quiet origin main; git fetch --quiet; git switch --quiet --create move")
    commit(MOVE)
    return run


def lines(steps):
    return [step["run"] for step in steps if "run" in step and not step["run"].startswith("pip ")]


def test_the_plan_of_a_pull_request_names_no_pc(clone, tmp_path):
    for line in lines(GITHUB["jobs"]["plan"]["steps"]):
        clone(line)
    summary = (tmp_path / "summary.md").read_text()

    assert "1 transfer ready (1 PC)" in summary
    assert "not merged yet" in summary
    assert "5CG8234XMV" not in summary


def test_after_the_merge_the_outbox_is_there_to_be_kept(clone, tmp_path):
    clone("git push --quiet origin move:main; git fetch --quiet; git switch --quiet --detach origin/main")
    for line in lines(GITHUB["jobs"]["apply"]["steps"]):
        clone(line)
    (artifact,) = [
        step["with"] for step in GITHUB["jobs"]["apply"]["steps"] if "upload-artifact" in step.get("uses", "")
    ]
    (upload,) = (tmp_path / "clone" / artifact["path"]).glob("*/upload.csv")

    assert upload.read_text() == f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n"
    assert "octocat" in clone("wxp-lint ledger export")


def test_the_recipe_of_gitlab_ends_in_the_same_outbox(clone, tmp_path):
    clone("git push --quiet origin move:main")
    script = [line for line in GITLAB["transfers"]["script"] if not line.startswith(("pip ", "git remote"))]
    for line in script:
        clone(f"export CI_DEFAULT_BRANCH=main; {line}")

    (path,) = GITLAB["transfers"]["artifacts"]["paths"]
    assert len(list((tmp_path / "clone" / path).glob("*/RUNBOOK.md"))) == 1


def test_postgresql_needs_no_right_to_write():
    assert POSTGRES["permissions"] == {"contents": "read"}
    assert lines(POSTGRES["steps"]) == lines(GITHUB["jobs"]["apply"]["steps"])
    assert 'ledger = "env:WXP_LINT_LEDGER"' in PAGE
