"""The files in `examples/` say what their names promise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
BROKEN = sorted(EXAMPLES.joinpath("broken").iterdir())


def check(*arguments: str) -> tuple[int, dict]:
    argv = [sys.executable, "-m", "wxp_lint", "check", "--output", "json", *arguments]
    done = subprocess.run(argv, cwd=EXAMPLES.parent, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_partners_repo_is_clean():
    code, report = check("--config", "examples/assignments/wxp-lint.toml")

    assert (code, report["findings"]) == (0, [])
    assert (report["summary"]["files"], report["summary"]["rows"]) == (5, 53)


@pytest.fixture(scope="module")
def broken() -> dict[str, set[str]]:
    code, report = check("examples/broken")
    assert code == 1
    found: dict[str, set[str]] = {}
    for finding in report["findings"]:
        found.setdefault(Path(finding["path"]).name, set()).add(finding["code"])
    return found


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.name)
def test_a_broken_file_has_the_defect_in_its_name(file, broken):
    assert file.name.split("-")[0] in broken[file.name]
