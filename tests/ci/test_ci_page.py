"""docs/ci.md: what it says to copy is valid, does what it says, and is what `init` writes and the hooks are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from github_runner import CHECKOUT

PAGE = (CHECKOUT / "docs/ci.md").read_text("utf-8")
SNIPPETS = {
    title: re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    for title, section in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
BAD = f"Serial Number,Customer ID\n5CG0480H,{ACME}\n"
# What a pull request into main is told of its base by each system.
BASES = {
    "GitLab": {"BASE": "main"},
    "Azure Pipelines": {"BASE": "refs/heads/main"},
    "Bitbucket": {"BITBUCKET_PR_DESTINATION_BRANCH": "main"},
}


def snippet(title):
    return SNIPPETS[title][1]


def script(title):
    """The lines that the snippet runs, and the files that it then hands over."""
    config = yaml.safe_load(snippet(title))
    if title == "GitLab":
        job = config["wxp-lint"]
        return job["script"], [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    if title == "Azure Pipelines":
        files = [step["publish"] for step in config["steps"] if "publish" in step]
        files += [
            step["inputs"]["testResultsFiles"] for step in config["steps"] if "PublishTest" in step.get("task", "")
        ]
        return [step["script"] for step in config["steps"] if "script" in step], files
    (entry,) = config["pipelines"]["pull-requests"]["**"]
    return entry["step"]["script"], [*entry["step"]["artifacts"], "test-results/wxp-lint.xml"]


@pytest.mark.parametrize(
    ("title", "schema"),
    [
        ("GitHub", "github-workflows"),
        ("GitLab", "gitlab-ci"),
        ("Azure Pipelines", "azure-pipelines"),
        ("Bitbucket", "bitbucket-pipelines"),
    ],
)
def test_what_is_to_be_copied_is_valid(title, schema, tmp_path):
    (tmp_path / "config.yml").write_text(snippet(title))
    program = Path(sys.executable).with_name("check-jsonschema")

    done = subprocess.run(
        [program, "--builtin-schema", f"vendor.{schema}", tmp_path / "config.yml"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("title", "name", "file"),
    [("GitHub", "github", ".github/workflows/wxp-lint.yml"), ("GitLab", "gitlab", ".gitlab-ci.yml")],
)
def test_init_writes_the_same(title, name, file, tmp_path, program, environment):
    subprocess.run([program, "init", tmp_path, "--ci", name], env=environment, check=True, capture_output=True)

    assert snippet(title) == (tmp_path / file).read_text("utf-8")


@pytest.mark.parametrize("title", BASES)
def test_the_commands_check_by_the_base_and_leave_their_reports(title, repo, program, environment):
    repo.main({"wxp-lint.toml": ""})
    work = repo.request({"wxp-lint.toml": 'ignore = ["serial-format"]\n', "transfers/a.csv": BAD})
    lines, files = script(title)
    assert [line for line in lines if line.startswith("pip ")] == lines[:1]
    path = f"{program.parent}{os.pathsep}{environment['PATH']}"

    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(lines[1:])],
        cwd=work,
        env=environment | BASES[title] | {"PATH": path},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1, done.stderr
    assert "WXP202" in done.stdout
    assert "5CG0480H" not in done.stdout
    assert [file for file in files if "serial-format" not in (work / file).read_text("utf-8")] == []


def test_the_local_hooks_are_those_of_the_manifest(tmp_path):
    (tmp_path / "config.yaml").write_text(snippet("Offline"))
    program = Path(sys.executable).with_name("pre-commit")
    done = subprocess.run([program, "validate-config", tmp_path / "config.yaml"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")

    (local,) = yaml.safe_load(snippet("Offline"))["repos"]
    manifest = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    left_out = ("description", "minimum_pre_commit_version")
    wanted = {
        hook["id"]: {name: value for name, value in hook.items() if name not in left_out} | {"language": "system"}
        for hook in manifest
    }
    assert {hook["id"]: hook for hook in local["hooks"]} == wanted
