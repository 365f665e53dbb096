"""Writes what the documentation takes from elsewhere: rule pages from rule files, real output of commands.

python docs/generate.py           writes
python docs/generate.py --check   says which files differ, and exits with 1 if one does
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from wxp_lint.lint.catalogue import Catalogue, load
from wxp_lint.lint.page import page

ROOT = Path(__file__).parent.parent
RULES = ROOT / "docs/rules"
# A fenced block whose first line is a command: the lines below it are what the command prints in examples/.
CONSOLE = re.compile(r"```console\n\$ (wxp-lint [^\n]*)\n.*?```", re.DOTALL)
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
        found[path] = CONSOLE.sub(
            lambda block: f"```console\n$ {block[1]}\n{output(block[1])}```", path.read_text("utf-8")
        )
    return found


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


def output(command: str) -> str:
    """What `command` prints in the folder `examples`, without colours."""
    argv = [sys.executable, "-m", "wxp_lint", *shlex.split(command)[1:]]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "GITHUB_ACTIONS": "", "TF_BUILD": ""}
    done = subprocess.run(
        argv, cwd=ROOT / "examples", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
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
