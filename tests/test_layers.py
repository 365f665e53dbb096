import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
MODULES = {"python-calamine": "python_calamine", "python-multipart": "python_multipart"}  # other than the package


def test_data_flows_one_way():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def modules(wishes):
    packages = [re.match(r"[\w.-]+", wish)[0] for wish in wishes]
    return {MODULES.get(package, package) for package in packages}


def test_the_package_imports_nothing_that_its_own_installation_does_not_bring():
    """The tools for the tests bring more, so a stray import shows up only in a user's environment."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    always = modules(project["dependencies"]) | {"_duckdb", "wxp_lint"} | sys.stdlib_module_names
    extra = modules(project["optional-dependencies"]["sandbox"])
    stray = {}
    for file in sorted((CHECKOUT / "wxp_lint").rglob("*.py")):
        brought = always | extra if file.parent.name == "sandbox" else always
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for name in names:
                if name.partition(".")[0] not in brought:
                    stray[name] = file.relative_to(CHECKOUT).as_posix()

    assert stray == {}
