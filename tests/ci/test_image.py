"""The Dockerfile, as far as it can be looked at without a daemon: it is not built here."""

import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from github_runner import CHECKOUT
from packaging.requirements import Requirement

LINES = re.sub(r"\\\n", " ", (CHECKOUT / "Dockerfile").read_text("utf-8")).splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and not line.lstrip().startswith("#")]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = dict(line.split("==") for line in (CHECKOUT / ".ci/constraints.txt").read_text("utf-8").split())


def values(name):
    return [value for step, value in STEPS if step == name]


def test_hadolint_has_nothing_to_say(service_missing):
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        service_missing("hadolint is not installed (there is a wheel for Linux on x86-64 alone)")
    done = subprocess.run([program, CHECKOUT / "Dockerfile"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_program_is_run_by_nobody_in_particular():
    last = [step for step, _ in STEPS][::-1].index("FROM")
    final = dict(STEPS[-last:])

    assert final["USER"] == "10001"
    assert final["ENTRYPOINT"] == '["wxp-lint"]'
    assert "USER" not in [step for step, _ in STEPS[:-last]]


def test_both_stages_have_the_same_named_python():
    images = {value.split(" AS ")[0] for value in values("FROM")}

    (image,) = images
    assert re.fullmatch(r"python:3\.\d+-slim", image)


def ignored(path):
    """Whether the last pattern of .dockerignore that fits `path` or a folder above it leaves it out."""
    names = [path, *(parent.as_posix() for parent in Path(path).parents if parent != Path())]
    out = False
    for line in (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and line[0] != "#" and any(fnmatch.fnmatchcase(name, pattern) for name in names):
            out = not line.startswith("!")
    return out


def test_what_is_copied_is_there_and_nothing_else_is_sent():
    copied = [word for value in values("COPY") if "--from" not in value for word in value.split()[:-1]]

    assert copied
    assert [path for path in copied if not (CHECKOUT / path).exists() or ignored(path)] == []
    assert [path.name for path in CHECKOUT.iterdir() if not ignored(path.name) and path.name not in copied] == []


def test_what_the_build_needs_is_copied():
    copied = {word for value in values("COPY") for word in value.split()}

    named = {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "rules", "wxp_lint"}
    assert named - copied == set()


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]])
def test_every_dependency_is_pinned_within_its_bounds(requirement):
    wanted = Requirement(requirement)
    pins = {name.lower(): version for name, version in PINS.items()}

    assert wanted.name.lower() in pins
    assert wanted.specifier.contains(pins[wanted.name.lower()])
