import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
MANIFEST = CHECKOUT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text("utf-8"))}


def test_pre_commit_takes_the_manifest():
    program = Path(sys.executable).with_name("pre-commit")
    done = subprocess.run([program, "validate-manifest", MANIFEST], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""


def test_the_readme_names_the_hooks_that_there_are():
    named = re.findall(r"^ *- id: ([\w-]+)", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE)

    assert set(named) == set(HOOKS)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("transfers/acme/a.csv", True),
        ("transfers/acme/A.CSV", True),
        ("Rollout März.xlsx", True),
        ("a.csv.toml", True),
        ("a.xlsx.TOML", True),
        ("transfer.toml", True),
        ("transfers/acme/transfer.toml", True),
        ("transfers/acme/Transfer.toml", True),
        ("transfers/acme/mytransfer.toml", False),
        ("wxp-lint.toml", False),
        ("a.csv.bak", False),
        ("csv", False),
        ("a.xls", False),
    ],
)
def test_which_files_reach_the_hook(path, wanted):
    assert bool(re.search(HOOKS["wxp-lint"]["files"], path)) is wanted
