"""A rule file -> a rule, or all that is wrong with it, in the words of the person who wrote it."""

import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wxp_lint.config.lines import KeyPath, lines
from wxp_lint.config.load import schema as config_schema
from wxp_lint.config.origins import at, line_of, origins
from wxp_lint.config.parse import MAX_SIZE, decoded, parse
from wxp_lint.errors import UsageError
from wxp_lint.lint.message import columns
from wxp_lint.lint.rule import PREFIX, Fix, Option, Rule
from wxp_lint.repo.typed import shown

_PLAIN = {"string", "integer", "number", "boolean"}
_TAKEN = {
    "today": "$today is always there",
    "repo_wide": "$repo_wide is the built-in rules' own",
    "level": "the config sets the rule's level by that name",
}


def named(file: Path) -> str:
    """`file` as messages name it: from the current folder on where it lies there."""
    here = Path.cwd()
    return shown(file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file))


def content(file: Path) -> bytes:
    """The bytes of a rule file. Raises UsageError for what is none, so that nobody waits for a FIFO."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SIZE:
            raise UsageError(f"{named(file)}: a rule is a file of at most {MAX_SIZE:,} bytes")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{named(file)}: cannot be read ({error.strerror or error})") from None


def place(file: Path, *path: str | int) -> str:
    """`file` with the line on which `path` stands in it."""
    name = named(file)
    return at(path, lines(decoded(content(file), name)), name)


def read_rule(file: Path) -> dict[str, Any]:
    """A rule file as it stands, words and examples included. Raises UsageError."""
    name = named(file)
    return parse(decoded(content(file), name), name)


def to_rule(file: Path, schema: Mapping[str, Any], *, custom: bool) -> Rule:
    """The rule in `file`; `parameters` are not looked for. Raises UsageError with all that is wrong, a line each.

    `schema` is that of rule files; `custom` tells a user's own rule.
    """
    from wxp_lint.config.validate import problems

    name = named(file)
    text = decoded(content(file), name)
    raw = parse(text, name)
    where = lines(text)
    origins(raw, where, name)
    found = [(problem.path, problem.message) for problem in problems(raw, schema)]
    found = found or [*_own(file, raw, custom), *_options(raw, custom), *_examples(raw["examples"])]
    if found:
        told = sorted(found, key=lambda problem: line_of(problem[0], where))
        raise UsageError("\n".join(f"{at(path, where, name)}: {message}" for path, message in told))
    return _rule(file, raw, _query_line(text, where, raw["query"]))


def _own(file: Path, raw: Mapping[str, Any], custom: bool) -> Iterator[tuple[KeyPath, str]]:
    if custom and raw["code"].startswith(PREFIX):
        yield ("code",), f"the prefix {PREFIX} is kept for the built-in rules: give your rules one of their own"
    if file.name != f"{raw['code']}-{raw['name']}.toml":
        yield ("code",), f"name the file {raw['code']}-{raw['name']}.toml, after its code and name"
    for path, name in [(("name",), raw["name"]), *[(("aliases", n), a) for n, a in enumerate(raw.get("aliases", ()))]]:
        if name == "all":
            yield path, "'all' stands for all rules: choose another name"
    if custom and "when" in raw:
        yield ("when",), "'when' is kept for the built-in rules: leave it out"
    rest = raw["message"]
    for column in columns(rest):
        rest = rest.replace(f"{{{column}}}", "")
    if "{" in rest or "}" in rest:
        yield ("message",), "braces in 'message' hold the name of a column of the query, as in {serial}"


def _options(raw: Mapping[str, Any], custom: bool) -> Iterator[tuple[KeyPath, str]]:
    for name, option in raw.get("options", {}).items():
        path: KeyPath = ("options", name)
        if name in _TAKEN:
            yield path, f"no option can be called '{name}': {_TAKEN[name]}"
        if custom and "feeds" in option:
            yield (*path, "feeds"), "'feeds' is kept for the built-in rules: leave it out"
        if "config" in option and not _is_setting(option["config"]):
            yield (*path, "config"), f"'{option['config']}' is no plain value of the config: name a key such as fail-on"
        default = option["default"]
        for value in default if isinstance(default, list) else [default]:
            if value not in option.get("choices", [value]):
                yield (*path, "default"), f"the default {value!r} is none of the 'choices'"


def _is_setting(key: str) -> bool:
    """Whether the config has this key, for a value or a list of texts, and it is no secret."""
    whole = json.loads(config_schema())

    def resolved(spec: Mapping[str, Any]) -> Mapping[str, Any]:
        return resolved(whole["$defs"][spec["$ref"].rpartition("/")[2]]) if "$ref" in spec else spec

    spec: Mapping[str, Any] = whole
    for name in key.split("."):
        spec = resolved(spec.get("properties", {}).get(name, {}))
    is_list = spec.get("type") == "array" and resolved(spec["items"]).get("type") == "string"
    return (is_list or "enum" in spec or spec.get("type") in _PLAIN) and not spec.get("writeOnly")


def _examples(examples: list[dict[str, Any]]) -> Iterator[tuple[KeyPath, str]]:
    kinds = {example["kind"] for example in examples}
    for kind in ("good", "bad"):
        if kind not in kinds:
            yield ("examples",), f'the rule needs at least one example with kind = "{kind}"'
    for number, example in enumerate(examples):
        path: KeyPath = ("examples", number)
        if bool(example.get("findings")) != (example["kind"] == "bad"):
            words = "a bad example needs" if example["kind"] == "bad" else "a good example has no"
            yield (*path, "findings"), f"{words} findings of this rule"
        for key, reason in _unusable(example):
            yield (*path, key), reason


def _unusable(example: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of an example that cannot be laid out as files, and why."""
    import base64
    import codecs

    try:
        codecs.lookup(example.get("encoding", "utf-8"))
        example.get("csv", "").encode(example.get("encoding", "utf-8"))
    except LookupError:
        yield "encoding", f"there is no encoding '{example['encoding']}'"
    except UnicodeError:
        yield "encoding", f"'csv' has characters that {example.get('encoding', 'utf-8')} does not know"
    try:
        base64.b64decode("".join(example.get("base64", "").split()), validate=True)
    except ValueError:
        yield "base64", "this is not base64"
    for key, paths in (("path", [example.get("path", "x")]), ("files", example.get("files", {}))):
        for path in paths:
            if Path(path).is_absolute() or ".." in Path(path).parts or not Path(path).name or "\0" in path:
                yield key, f"'{shown(path)}' must be the path of a file, from the root on"


def _query_line(text: str, where: Mapping[KeyPath, int], query: str) -> int:
    """The line on which the query's text starts; 0 where its lines are not those of the file, as with escapes."""
    there = text.replace("\r\n", "\n").split("\n")
    first, *_, last = [*query.strip().split("\n"), query.strip().split("\n")[-1]]
    start = where.get(("query",), 0)
    blank = query[: len(query) - len(query.lstrip())].count("\n")
    for line in (start, start + 1 + blank):
        until = line + query.strip().count("\n")
        if until <= len(there) and first in there[line - 1] and last in there[until - 1]:
            return line
    return 0


def _rule(file: Path, raw: Mapping[str, Any], query_line: int) -> Rule:
    fix = raw.get("fix")
    xlsx = fix.get("xlsx", {}) if fix else {}
    options = {
        name: Option(
            o["default"],
            o.get("description", ""),
            o.get("config"),
            o.get("feeds"),
            tuple(o.get("choices", ())),
            o.get("patterns", False),
        )
        for name, o in raw.get("options", {}).items()
    }
    return Rule(
        file=file,
        code=raw["code"],
        name=raw["name"],
        aliases=tuple(raw.get("aliases", ())),
        level=raw["level"],
        status=raw.get("status", "stable"),
        since=raw.get("since", ""),
        needs=tuple(raw.get("needs", ())),
        subject=raw["subject"],
        yields=tuple(raw.get("yields", ())),
        summary=raw["summary"].rstrip("."),
        message=raw["message"].strip(),
        query=raw["query"].strip(),
        parameters=(),
        options=options,
        fix=fix
        and Fix(fix["safety"], fix["action"], xlsx.get("safety", fix["safety"]), xlsx.get("action", fix["action"])),
        query_line=query_line,
        when=raw.get("when", ""),
        why=raw.get("why", "").strip(),
    )
