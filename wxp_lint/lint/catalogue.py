"""The rule files -> rules. What was read and found valid is remembered as JSON, by the files' names, times and sizes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wxp_lint import __version__
from wxp_lint.config import cache
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.rule import PREFIX, Fix, Option, Rule


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules of a run, by code."""

    rules: tuple[Rule, ...]

    def find(self, text: str) -> Rule:
        """The rule of this code, name or alias. Raises UsageError with a suggestion."""
        for rule in self.rules:
            if text.lower() in map(str.lower, rule.names):
                return rule
        known = [name for rule in self.rules for name in rule.names]
        raise UsageError(f"no rule '{text}'{did_you_mean(text, known)} (see: wxp-lint rules)")

    def select(self, text: str) -> frozenset[str]:
        """The codes meant by a code, a name, an alias, a prefix (WXP2) or ALL. Raises UsageError."""
        if text.upper() == "ALL":
            return frozenset(rule.code for rule in self.rules)
        prefixed = [rule.code for rule in self.rules if rule.code.startswith(text.upper())]
        return frozenset(prefixed) if text and prefixed else frozenset([self.find(text).code])


def builtin_folder() -> Path:
    """The `rules/` that the package carries, else the one beside it (an editable install, a checkout)."""
    package = Path(__file__).parent.parent
    own = package / "rules"
    return own if own.is_dir() else package.parent / "rules"


def load(custom: Sequence[Path] = (), *, remember: bool = True) -> Catalogue:
    """The built-in rules and those in `custom` folders. Raises UsageError that names the rule file and the mend.

    What was found valid is remembered outside of the working tree unless `remember` is False.
    """
    rules = _load_folder(builtin_folder(), remember)
    for folder in custom:
        if not folder.is_dir():
            raise UsageError(f"custom-rules: there is no folder {folder}: mend the config, or put your rules there")
        more = _load_folder(folder, remember)
        for rule in more:
            if not rule.is_custom:
                raise UsageError(f"{rule.file}: the prefix {PREFIX} is kept for the built-in rules: give your rules their own")
        rules += more
    _no_name_twice(rules)
    return Catalogue(tuple(sorted(rules, key=lambda rule: rule.code)))


def read_rule(file: Path) -> dict[str, Any]:
    """A rule file as it stands, words and examples included. Raises UsageError."""
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: this is not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or str(error)).lower()}") from None


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder and its subfolders, sorted."""
    return sorted(folder.rglob("*.toml"))


def _load_folder(folder: Path, remember: bool) -> list[Rule]:
    from hashlib import sha256

    files = rule_files(folder)
    states = [(str(file), status.st_mtime_ns, status.st_size) for file in files for status in [file.stat()]]
    digest = sha256(json.dumps([__version__, schema_text(), states]).encode()).hexdigest()
    known = cache.remembered("catalogue", digest) if remember else None
    if known is not None:
        return [_from_index(entry) for entry in json.loads(known)]
    rules = [_checked(file) for file in files]
    if remember:
        cache.remember("catalogue", digest, json.dumps([_to_index(rule) for rule in rules]).encode())
    return rules


def schema_text() -> str:
    """The JSON Schema of rule files."""
    return (builtin_folder() / "_rule.schema.json").read_text("utf-8")


def _checked(file: Path) -> Rule:
    raw = read_rule(file)
    _validate(file, raw)
    if file.name != f"{raw['code']}-{raw['name']}.toml":
        raise UsageError(f"{file}: name the file {raw['code']}-{raw['name']}.toml, after its code and name")
    return _rule(file, raw)


def _validate(file: Path, raw: object) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(json.loads(schema_text())).iter_errors(raw))
    if error:
        where = ".".join(map(str, error.absolute_path)) or "the file"
        raise UsageError(f"{file}: {where}: {error.message}")


def _rule(file: Path, raw: dict[str, Any]) -> Rule:
    fix = raw.get("fix")
    xlsx = fix.get("xlsx", {}) if fix else {}
    options = {
        name: Option(o["default"], o["description"], o.get("config"), o.get("feeds"), tuple(o.get("choices", ())))
        for name, o in raw.get("options", {}).items()
    }
    return Rule(
        file=file,
        code=raw["code"],
        name=raw["name"],
        aliases=tuple(raw.get("aliases", ())),
        level=raw["level"],
        status=raw["status"],
        since=raw["since"],
        needs=tuple(raw.get("needs", ())),
        subject=raw["subject"],
        yields=tuple(raw.get("yields", ())),
        summary=raw["summary"],
        message=raw["message"].strip(),
        query=raw["query"].strip(),
        parameters=_parameters(file, raw["query"], options),
        options=options,
        fix=fix
        and Fix(fix["safety"], fix["action"], xlsx.get("safety", fix["safety"]), xlsx.get("action", fix["action"])),
    )


def _parameters(file: Path, query: str, options: Iterable[str]) -> tuple[str, ...]:
    """The parameters that the query names. Raises UsageError if it is no single SELECT, or names an unknown one."""
    import duckdb

    con = duckdb.connect()
    try:
        statements = con.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"{file}: query: {str(error).splitlines()[0]}") from None
    finally:
        con.close()
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError(f"{file}: query: it must be exactly one SELECT")
    named = tuple(sorted(statements[0].named_parameters))
    for name in named:
        if name != "today" and name not in options:
            raise UsageError(f"{file}: query: ${name} is no option of this rule{did_you_mean(name, options)}")
    return named


def _no_name_twice(rules: Sequence[Rule]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        for name in rule.names:
            other = seen.setdefault(name, rule)
            if other is not rule:
                raise UsageError(f"{rule.file}: '{name}' is already the rule in {other.file}: choose another")


def _to_index(rule: Rule) -> dict[str, Any]:
    options = {name: option._asdict() for name, option in rule.options.items()}
    return {**rule._asdict(), "file": str(rule.file), "options": options, "fix": rule.fix and rule.fix._asdict()}


def _from_index(entry: dict[str, Any]) -> Rule:
    options = {name: Option(**{**o, "choices": tuple(o["choices"])}) for name, o in entry["options"].items()}
    lists = {name: tuple(entry[name]) for name in ("aliases", "needs", "yields", "parameters")}
    fix = entry["fix"] and Fix(**entry["fix"])
    return Rule(**{**entry, **lists, "file": Path(entry["file"]), "options": options, "fix": fix})
