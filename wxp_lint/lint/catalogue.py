"""The rule files -> rules. What was read and found valid is remembered as JSON, outside of the working tree."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from os.path import realpath
from pathlib import Path
from typing import Any, NamedTuple

from wxp_lint.config import cache
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.rule import Fix, Option, Rule

_SUM = 32  # bytes of a SHA-256


class Catalogue(NamedTuple):
    """All rules of a run, by code."""

    rules: tuple[Rule, ...]

    def find(self, text: str) -> Rule:
        """The rule of this code, name or alias. Raises UsageError with a suggestion."""
        found = self._called(text)
        if found is None:
            known = [name for rule in self.rules for name in rule.names]
            raise UsageError(f"no rule '{text}'{did_you_mean(text, known)} (see: wxp-lint rules)")
        return found

    def select(self, text: str) -> frozenset[str]:
        """The codes meant by a code, a name, an alias, a prefix (WXP2) or ALL. Raises UsageError."""
        if text.upper() == "ALL":
            return frozenset(rule.code for rule in self.rules)
        prefixed = [rule.code for rule in self.rules if text and rule.code.startswith(text.upper())]
        if prefixed and self._called(text) is None:
            return frozenset(prefixed)
        return frozenset([self.find(text).code])

    def note(self, text: str) -> str | None:
        """What to tell somebody who calls a rule by a former name."""
        rule = self._called(text)
        if rule is None or text.lower() in (rule.code.lower(), rule.name):
            return None
        return f"'{text}' is a former name of {rule.code} {rule.name}: write '{rule.name}'"

    def _called(self, text: str) -> Rule | None:
        word = text.lower()
        return next((rule for rule in self.rules if any(word == name.lower() for name in rule.names)), None)


def builtin_folder() -> Path:
    """The `rules/` that the package carries, else the one beside it (an editable install, a checkout)."""
    package = Path(__file__).parent.parent
    own = package / "rules"
    return own if own.is_dir() else package.parent / "rules"


def schema_text() -> str:
    """The JSON Schema of rule files."""
    return (builtin_folder() / "_rule.schema.json").read_text("utf-8")


def rule_files(path: Path) -> list[Path]:
    """The rule files of a folder and its subfolders, sorted; `path` itself if it is a file."""
    return sorted(path.rglob("*.toml")) if path.is_dir() else [path]


def load(
    custom: Sequence[Path] = (),
    drafts: Sequence[Path] = (),
    *,
    origins: Mapping[str, str] | None = None,
    remember: bool = True,
) -> Catalogue:
    """The built-in rules and a user's own: those in the `custom` folders, and in the files and folders `drafts`.

    Raises UsageError with all that is wrong with them: the file, the line, the mend. `origins` tells where the config
    names the folders. What was found valid is remembered, unless `remember` is False.
    """
    for number, folder in enumerate(custom):
        if not folder.is_dir():
            place = (origins or {}).get(f"custom-rules.{number}", "")
            what = (
                "is a file: name the folder" if folder.exists() else "is no folder: name the one with your rule files"
            )
            raise UsageError(f"{place and f'{place}: '}custom-rules: {folder} {what}")
    rules, digest = _builtin(remember)
    own = _own([file for path in (*custom, *drafts) for file in rule_files(path)])
    if own:
        from wxp_lint.lint.rulefile import content

        names = [file.name.encode("utf-8", "surrogateescape") for file in own]
        digest = cache.digest(digest.encode(), *names, *map(content, own))
        rules = sorted([*rules, *_rules(own, digest, remember, rules)], key=lambda rule: rule.code)
    return Catalogue(tuple(rules))


def _builtin(remember: bool) -> tuple[list[Rule], str]:
    """The built-in rules, and the digest of what they depend on: the files' names, times and sizes."""
    files = rule_files(builtin_folder())
    states = [(str(file), status.st_mtime_ns, status.st_size) for file in files for status in [file.stat()]]
    digest = cache.digest(schema_text().encode(), json.dumps([Rule._fields, Option._fields, states]).encode())
    return _rules(files, digest, remember, None), digest


def _rules(files: Sequence[Path], digest: str, remember: bool, builtin: Sequence[Rule] | None) -> list[Rule]:
    """The rules in `files`, a user's own where they stand beside the `builtin` ones."""
    known = cache.remembered("catalogue", digest) if remember else None
    if known is not None and sha256(known[_SUM:]).digest() == known[:_SUM]:  # a disk may have changed it
        return [_from_index(entry, files) for entry in json.loads(known[_SUM:])]
    from wxp_lint.lint.read import read_rules

    rules = read_rules(files, schema_text(), builtin)
    if remember:
        index = json.dumps([_to_index(rule, files) for rule in rules]).encode()
        cache.remember("catalogue", digest, sha256(index).digest() + index)
    return rules


def _own(files: Iterable[Path]) -> list[Path]:
    """`files`, each once, without the built-in ones."""
    found = {Path(realpath(file)): file for file in files}  # resolve() raises where links lead to themselves
    builtin = builtin_folder().resolve() if found else Path()
    return [file for real, file in found.items() if not real.is_relative_to(builtin)]


def _to_index(rule: Rule, files: Sequence[Path]) -> dict[str, Any]:
    options = {name: option._asdict() for name, option in rule.options.items()}
    fix = rule.fix and rule.fix._asdict()
    return {**rule._asdict(), "file": files.index(rule.file), "options": options, "fix": fix}


def _from_index(entry: dict[str, Any], files: Sequence[Path]) -> Rule:
    options = {name: Option(**{**o, "choices": tuple(o["choices"])}) for name, o in entry["options"].items()}
    lists = {name: tuple(entry[name]) for name in ("aliases", "needs", "yields", "parameters")}
    fix = entry["fix"] and Fix(**entry["fix"])
    return Rule(**{**entry, **lists, "file": files[entry["file"]], "options": options, "fix": fix})
