"""Walks through CONTRIBUTING.md: writes its rule into a copy of the checkout and runs its commands."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
NEEDED = ("wxp_lint", "rules", "pyproject.toml", "tests/conftest.py", "tests/lint/test_examples.py")
GUIDE = (CHECKOUT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def clone(tmp_path):
    for name in NEEDED:
        place = tmp_path / "clone" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, place)
    return tmp_path / "clone"


def run(command, clone):
    """The exit code and output of a command, with the tools of this environment for those of `.venv`."""
    command = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "COV_CORE_", "PYTEST_"))}
    environment |= {
        "PYTHONPATH": str(clone),
        "WXP_LINT_CACHE_DIR": str(clone.parent / "cache"),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command,
        shell=True,
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    return done.returncode, done.stdout.decode()


def test_the_walkthrough_to_a_new_rule(clone):
    rule, commands = None, 0
    for kind, text in BLOCKS.findall(GUIDE):
        if kind == "toml" and text.startswith("# rules/"):
            rule = clone / text.partition("\n")[0].removeprefix("# ")
            assert not rule.exists()
            rule.write_text(text, "utf-8")
        elif kind == "toml":
            before = rule.read_text("utf-8")
            after = re.sub(r'^query = """.*?"""\n', lambda _, text=text: text, before, flags=re.DOTALL | re.MULTILINE)
            assert after != before
            rule.write_text(after, "utf-8")
        elif kind == "console":
            command, *expected = text.removeprefix("$ ").splitlines()
            code, said = run(command, clone)
            assert [line for line in expected if line not in said] == [], said
            assert code == ("failed" in text)
            commands += 1
    assert commands == 3


def test_the_layers_are_those_that_there_are_and_in_the_enforced_order():
    (told,) = re.findall(r"^    (config -> .*)$", GUIDE, re.MULTILINE)
    named = re.split(r" -> |, ", told)
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))

    (contract,) = [one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    enforced = [name for layer in contract["layers"][::-1] for name in re.findall(r"\w+", layer)]
    packages = {file.parent.name for file in (CHECKOUT / "wxp_lint").glob("*/__init__.py")}
    assert named == [name for name in enforced if name in packages]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([\w./-]+)\)", GUIDE))))
def test_links_lead_somewhere(path):
    assert (CHECKOUT / path).exists()
