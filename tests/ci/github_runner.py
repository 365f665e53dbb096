"""Runs the steps of action.yml as GitHub's runner does, in a checkout of a pull request.

Its shell steps are run as they stand, by bash, with the variables that GitHub sets. Stood in for are the other actions
that it uses (Python is there already, what is uploaded is copied) and GitHub's API, by a recorder in the place of `gh`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).parents[2]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
GH = """#!{python}
import json, subprocess, sys
from pathlib import Path

state = Path(__file__).with_name("comments.json")
words = sys.argv[1:]
assert words.pop(0) == "api", words
given, place = {{}}, None
while words:
    word = words.pop(0)
    if word in ("--paginate", "--silent"):
        continue
    if word in ("--method", "--jq", "-F"):
        given[word] = words.pop(0)
    else:
        place = word
known = json.loads(state.read_text())
if "--method" not in given:
    pages = [known["comments"][:30], known["comments"][30:]]
    for page in pages:
        subprocess.run(["jq", "--raw-output", given["--jq"]], input=json.dumps(page), text=True, check=True)
    sys.exit()
if known["read_only"]:
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
name, _, file = given["-F"].partition("=@")
body = Path(file).read_text("utf-8")
assert name == "body" and len(body) <= 65536
if given["--method"] == "POST":
    assert place == "repos/acme/assignments/issues/7/comments", place
    known["comments"].append({{"id": 100 + len(known["comments"]), "user": {{"type": "Bot"}}, "body": body}})
else:
    start, _, number = place.rpartition("/")
    assert (given["--method"], start) == ("PATCH", "repos/acme/assignments/issues/comments"), place
    (old,) = (comment for comment in known["comments"] if comment["id"] == int(number))
    old["body"] = body
state.write_text(json.dumps(known))
"""


@dataclass(frozen=True)
class Run:
    """What a run of the action left: `code` is that of the step that failed, else 0."""

    code: int
    log: str
    summary: str
    comments: list[str]
    artifacts: dict[str, Path]  # name -> what was uploaded, a file or a folder
    scanned: list[Path]  # what went to code scanning
    reports: Path | None
    ended: dict[str, str]  # step -> success, failure or skipped


class GitHub:
    """A repository on GitHub: `comments` of pull request 7, which stay from run to run."""

    def __init__(self, place, program, environment):
        self.place, self.program, self.environment = place, program, environment
        self.runs = 0
        self.fork = False
        (place / "bin").mkdir(parents=True)
        gh = place / "bin/gh"
        gh.write_text(GH.format(python=sys.executable))
        gh.chmod(0o755)
        self.comments = [{"id": n, "user": {"type": "User"}, "body": "Looks good"} for n in range(35)]

    def run(self, workspace, *, event="pull_request", base="main", **inputs):
        """Runs the action in `workspace`; `inputs` with `_` for `-`."""
        self.runs += 1
        home = self.place / f"run{self.runs}"
        (home / "temp").mkdir(parents=True)
        state = self.place / "bin/comments.json"
        state.write_text(json.dumps({"read_only": self.fork, "comments": self.comments}))
        given = {name: declared["default"] for name, declared in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        is_request = event == "pull_request"
        payloads = {
            "pull_request": {"pull_request": {"number": 7}},
            "merge_group": {"merge_group": {"base_ref": f"refs/heads/{base}"}},
        }
        payload = payloads.get(event, {})
        context = {
            "inputs": given,
            "runner": {"temp": str(home / "temp")},
            "github": {"base_ref": base if is_request else "", "token": "none", "event": payload},
            "steps": {},
        }
        (home / "event.json").write_text(json.dumps(payload))
        ours = {
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTION_PATH": str(CHECKOUT),
            "GITHUB_REPOSITORY": "acme/assignments",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": "https://api.github.com",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(home / "event.json"),
            "GITHUB_REF": "refs/pull/7/merge" if is_request else "refs/heads/main",
            "GITHUB_BASE_REF": base if is_request else "",
            "GITHUB_HEAD_REF": "upload" if is_request else "",
            "GITHUB_ENV": str(home / "env"),
            "GITHUB_PATH": str(home / "path"),
            "GITHUB_STEP_SUMMARY": str(home / "summary.md"),
            "RUNNER_TEMP": str(home / "temp"),
            "RUNNER_OS": "Linux",
            "PATH": f"{self.place / 'bin'}{os.pathsep}{self.environment['PATH']}",
        }
        code, log, ended, artifacts, scanned = 0, "", {}, {}, []
        for step in STEPS:
            name = step["name"]
            if code or not truth(step.get("if", "true"), context):
                outcome, outputs = "skipped", {}
            elif "run" in step:
                outcome, outputs, said = self._shell(step, context, ours, home, workspace)
                log += said
            else:
                outcome, outputs = "success", self._used(step, context, home, artifacts, scanned)
            ended[name] = outcome
            if "id" in step:
                context["steps"][step["id"]] = {"outputs": outputs, "outcome": outcome, "conclusion": outcome}
            if outcome == "failure" and not step.get("continue-on-error"):
                code = int(outputs["exit"])
        self.comments = json.loads(state.read_text())["comments"]
        summary = home / "summary.md"
        reports = context["steps"]["install"]["outputs"].get("reports")
        return Run(
            code,
            log,
            summary.read_text("utf-8") if summary.exists() else "",
            [comment["body"] for comment in self.comments if comment["user"]["type"] == "Bot"],
            artifacts,
            scanned,
            Path(reports) if reports else None,
            ended,
        )

    def _shell(self, step, context, ours, home, workspace):
        if step.get("id") == "install" and self.program:
            reports = home / "temp/wxp-lint/reports"
            reports.mkdir(parents=True)
            return "success", {"program": str(self.program), "reports": str(reports)}, ""
        script, output = home / "step.sh", home / "output"
        script.write_text(step["run"])
        output.write_text("")
        assert "${{" not in step["run"], "an expression in a script is an injection"
        given = {name: filled(value, context) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            [*BASH, str(script)],
            cwd=workspace / filled(step.get("working-directory", "."), context),
            env=self.environment | ours | {"GITHUB_OUTPUT": str(output)} | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        log = f"--- {step['name']}\n{done.stdout.decode()}"
        return "failure" if done.returncode else "success", outputs | {"exit": str(done.returncode)}, log

    def _used(self, step, context, home, artifacts, scanned):
        """What the other actions would do."""
        action, _, version = step["uses"].partition("@")
        assert re.fullmatch("[0-9a-f]{40}", version)
        with_ = {name: filled(value, context) for name, value in step.get("with", {}).items()}
        if action == "actions/setup-python":
            return {"python-path": sys.executable}
        if action == "github/codeql-action/upload-sarif":
            scanned.append(Path(with_["sarif_file"]))
            return {}
        assert action == "actions/upload-artifact"
        source = Path(with_["path"])
        name = source.name if with_.get("archive") == "False" else with_["name"]
        assert not set(name) & set('"<>|*?:\\\r\n')
        kept = home / "artifacts" / name
        kept.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, kept)
        artifacts[name] = kept
        return {"artifact-url": f"https://github.com/acme/assignments/actions/runs/1/artifacts/{len(artifacts)}"}


def filled(value, context):
    """`value` with its ${{ expressions }} replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: str(evaluate(match[1], context)), str(value))


def truth(condition, context):
    return bool(evaluate(condition, context))


def evaluate(expression, context):
    """The few forms of GitHub's expressions that the action uses: names, strings, ==, !=, && and ||."""
    tokens = re.findall(r"'[^']*'|\|\||&&|==|!=|[\w.-]+", expression)
    assert "".join(tokens) == expression.replace(" ", ""), expression
    operators = {"||": "or", "&&": "and", "==": "==", "!=": "!="}

    def value(token):
        if token in operators:
            return operators[token]
        if token.startswith("'"):
            return repr(token[1:-1])
        if token == "true":
            return "True"
        found = context
        for part in token.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return repr(found)

    return eval(" ".join(map(value, tokens)), {"__builtins__": {}})
