"""What is shipped: the wheel carries the rules, a checkout has them beside the package."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from wxp_lint import __version__

CHECKOUT = Path(__file__).parents[1]
SHIPPED = (".sql", ".json", ".typed", ".html", ".css", ".js", ".svg")


def run(*arguments, package, cwd):
    """Python with the `wxp_lint` that lies in `package`, away from the checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "COV_CORE_"))}
    environment |= {"PYTHONPATH": str(package), "WXP_LINT_CACHE_DIR": ""}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(project, target, into):
    run("-m", "hatchling", "build", "--target", target, "--directory", str(into), package="", cwd=project)
    (built,) = into.iterdir()
    return built


def rules(package, cwd):
    """(code, name) of the rules that the package in `package` has."""
    told = run("-m", "wxp_lint", "rules", "--output", "json", package=package, cwd=cwd)
    return [(rule["code"], rule["name"]) for rule in json.loads(told)]


def where_rules_lie(package, cwd):
    program = "from wxp_lint.lint.catalogue import builtin_folder as f; print(f())"
    return Path(run("-c", program, package=package, cwd=cwd).strip())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(CHECKOUT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel, tmp_path):
    """The folder into which the wheel is unpacked, which is all that installing a pure wheel does to it."""
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_the_wheel_ships_every_rule_and_their_schema(wheel):
    names = set(ZipFile(wheel).namelist())

    there = {f"wxp_lint/{file.relative_to(CHECKOUT)}" for file in (CHECKOUT / "rules").rglob("*.toml")}
    assert there
    assert there - names == set()
    assert "wxp_lint/rules/_rule.schema.json" in names


def test_the_wheel_ships_the_package_and_its_licence_alone(wheel):
    names = ZipFile(wheel).namelist()

    tops = {name.partition("/")[0] for name in names}
    assert tops == {"wxp_lint", f"wxp_lint-{__version__}.dist-info"}
    data = [file for file in (CHECKOUT / "wxp_lint").rglob("*.*") if file.suffix in SHIPPED]
    assert {str(file.relative_to(CHECKOUT)) for file in data} - set(names) == set()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert len(names) == len(set(names))
    points = ZipFile(wheel).read(f"wxp_lint-{__version__}.dist-info/entry_points.txt").decode()
    assert "wxp-lint = wxp_lint.__main__:main" in points


def test_the_wheel_has_the_rules_that_the_checkout_has(installed, tmp_path):
    assert where_rules_lie(installed, tmp_path) == installed / "wxp_lint/rules"
    assert where_rules_lie(CHECKOUT, tmp_path) == CHECKOUT / "rules"
    assert rules(installed, tmp_path) == rules(CHECKOUT, tmp_path)


def test_the_wheel_checks_and_explains(installed, tmp_path):
    (tmp_path / "a.csv").write_text("Serial Number,Customer ID\n5CG8234XMV,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\n")

    said = run("-m", "wxp_lint", "check", "a.csv", package=installed, cwd=tmp_path)
    assert said.startswith("1 file, 1 device: 0 errors")
    assert "duplicate-serial" in run("-m", "wxp_lint", "explain", "WXP401", package=installed, cwd=tmp_path)


def test_the_wheel_serves_the_sandbox(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    arguments = [sys.executable, "-m", "wxp_lint", "sandbox", "--port", "0", "--token", "T"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        try:
            url = process.stdout.readline().decode().removeprefix("listening on ").strip()
            for path in ("/sign-in", "/static/style.css", "/static/app.js", "/static/icon.svg", "/openapi.json"):
                with urlopen(url + path, timeout=10) as answer:
                    assert answer.status == 200
        finally:
            process.kill()


def test_the_copy_in_the_package_comes_before_the_one_beside_it(installed, tmp_path):
    shutil.copytree(CHECKOUT / "rules", installed / "rules")
    gone = next((installed / "wxp_lint/rules").rglob("WXP804-*.toml"))
    gone.unlink()

    codes = {code for code, _ in rules(installed, tmp_path)}
    assert "WXP804" not in codes
    assert codes

    shutil.rmtree(installed / "wxp_lint/rules")
    assert "WXP804" in {code for code, _ in rules(installed, tmp_path)}


def test_a_wheel_from_the_source_distribution_is_the_same(wheel, tmp_path):
    archive = build(CHECKOUT, "sdist", tmp_path / "sdist")
    with tarfile.open(archive) as sources:
        sources.extractall(tmp_path / "sources", filter="data")
    (project,) = (tmp_path / "sources").iterdir()

    again = build(project, "wheel", tmp_path / "again")

    assert sorted(ZipFile(again).namelist()) == sorted(ZipFile(wheel).namelist())
