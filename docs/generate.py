"""Writes what the documentation takes from elsewhere: rule pages from rule files, real output of commands.

python docs/generate.py           writes
python docs/generate.py --check   says which files differ, and exits with 1 if one does
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from wxp_lint.lint.catalogue import Catalogue, load
from wxp_lint.lint.page import page

ROOT = Path(__file__).parent.parent
RULES = ROOT / "docs/rules"
# A fenced block whose first line is a command: the lines below it are what the command prints in examples/.
CONSOLE = re.compile(r"```console\n\$ (wxp-lint [^\n]*)\n.*?```", re.DOTALL)
# Its commands are run one after another in a repository of their own, made of examples/assignments.
STORY = ROOT / "docs/apply.md"
AGE = re.compile(r", \d[\d,]* days? old")  # is another one every day
CATEGORIES = {
    "1": "Files",
    "2": "Serial numbers",
    "3": "Customers",
    "4": "Duplicates",
    "5": "Visibility",
    "6": "Safety",
    "7": "Ledger",
    "8": "Upkeep",
}


def documents() -> dict[Path, str]:
    """Every generated file, or file with generated parts, and what it should hold."""
    catalogue = load()
    found = {RULES / f"{rule.code}-{rule.name}.md": page(rule) for rule in catalogue.rules}
    found[RULES / "README.md"] = index(catalogue)
    for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))):
        found[path] = story(path) if path == STORY else filled(path, ROOT / "examples", os.environ)
    return found


def filled(path: Path, folder: Path, environment: Mapping[str, str]) -> str:
    """The document with its blocks as the commands print them in `folder`."""
    return CONSOLE.sub(
        lambda block: f"```console\n$ {block[1]}\n{output(block[1], folder, environment)}```", path.read_text("utf-8")
    )


def story(path: Path) -> str:
    """The document with its blocks as the commands print them in a repository that is always the same."""
    said = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CI", "GITHUB_"))}
    who = {f"GIT_{role}_{what}": "jo@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = {f"GIT_{role}_DATE": "2026-11-09T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
    environment = {**said, **who, **when, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    with TemporaryDirectory() as place:
        folder = Path(place, "assignments")
        copytree(ROOT / "examples/assignments", folder)
        for words in ("init -q -b main", "add --all", "-c core.autocrlf=false commit -q -m files"):
            subprocess.run(["git", *words.split()], cwd=folder, env=environment, check=True)
        return AGE.sub("", filled(path, folder, environment))


def index(catalogue: Catalogue) -> str:
    """The table of all rules."""
    lines = ["# Rules", "", "Generated from the files in [`rules/`](../../rules)."]
    for digit, title in CATEGORIES.items():
        rules = [rule for rule in catalogue.rules if rule.code.startswith(f"WXP{digit}")]
        if rules:
            lines += [
                "",
                f"## {title}",
                "",
                "| rule | level | needs | fix | what it finds |",
                "|---|---|---|---|---|",
            ]
        for rule in rules:
            fix = rule.fix.safety if rule.fix else ""
            link = f"[{rule.code} {rule.name}]({rule.code}-{rule.name}.md)"
            lines.append(f"| {link} | {rule.level} | {', '.join(rule.needs)} | {fix} | {rule.summary} |")
    return "\n".join(lines) + "\n"


def output(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What `command` prints in `folder`, without colours."""
    argv = [sys.executable, "-m", "wxp_lint", *shlex.split(command)[1:]]
    environment = {**environment, "NO_COLOR": "1", "COLUMNS": "100", "GITHUB_ACTIONS": "", "TF_BUILD": ""}
    done = subprocess.run(argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode()


def main() -> int:
    """Writes, or with --check only compares."""
    stale = {path: text for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text}
    gone = set(RULES.glob("*.md")) - set(documents())
    for path in sorted({*stale, *gone}):
        print(path.relative_to(ROOT).as_posix())
    if "--check" in sys.argv:
        return int(bool(stale or gone))
    RULES.mkdir(exist_ok=True)
    for path, text in stale.items():
        path.write_text(text, "utf-8")
    for path in gone:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
