"""A rule's reference page in Markdown, made from its rule file alone: for `explain` and `docs/rules/`."""

from typing import Any

from wxp_lint.lint.rule import Rule
from wxp_lint.lint.rulefile import read_rule

_FIXES = {
    "safe": "`wxp-lint fix` mends it.",
    "unsafe": "`wxp-lint fix --unsafe-fixes` mends it; look at the result.",
    "display": "A suggestion is shown; you decide.",
}


def page(rule: Rule) -> str:
    """Raises UsageError if the rule file cannot be read."""
    raw = read_rule(rule.file)
    sections = [
        f"# {rule.code} {rule.name}\n\n{rule.summary}.",
        _facts(rule),
        rule.why and f"## Why\n\n{rule.why}",
        _fix(rule),
        _options(rule),
        *[f"## Example: {example['name']}\n\n{_example(example)}" for example in _shown(raw["examples"])],
        _sources(raw.get("sources", [])),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _facts(rule: Rule) -> str:
    lines = [f"- Level: {rule.level}", f"- Status: {rule.status}{rule.since and f', since {rule.since}'}"]
    if rule.aliases:
        lines.append(f"- Former names: {', '.join(rule.aliases)}")
    if rule.needs:
        lines.append(f"- Needs: {', '.join(rule.needs)}")
    if rule.yields:
        lines.append(f"- Silent where one of these speaks: {', '.join(rule.yields)}")
    return "\n".join(lines)


def _fix(rule: Rule) -> str:
    if rule.fix is None:
        return ""
    words = _FIXES[rule.fix.safety]
    if rule.fix.xlsx_safety != rule.fix.safety:
        xlsx = _FIXES.get(rule.fix.xlsx_safety, "Nothing is offered.")
        words = f"In a CSV: {words} In a workbook: {xlsx}"
    return f"## Fix\n\n{words}"


def _options(rule: Rule) -> str:
    if not rule.options:
        return ""
    lines = [
        f"- `{name.replace('_', '-')}` (default `{_toml(option.default)}`)"
        + (f": {option.description}" if option.description else "")
        + (f" Set by `{option.config}` in the config." if option.config else "")
        for name, option in rule.options.items()
    ]
    example = next(
        (f"{n.replace('_', '-')} = {_toml(o.default)}" for n, o in rule.options.items() if not o.config), None
    )
    block = f"\n\n```toml\n[rules.{rule.name}]\n{example}\n```" if example else ""
    return "## Options\n\n" + "\n".join(lines) + block


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if "\\" not in value else f"'{value}'"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def _shown(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first bad and the first good example that are plain text."""
    readable = [e for e in examples if "csv" in e and "encoding" not in e and e["csv"].replace("\n", "").isprintable()]
    return [e for kind in ("bad", "good") for e in [e for e in readable if e["kind"] == kind][:1]]


def _example(example: dict[str, Any]) -> str:
    found = ", ".join(example.get("findings", ())) or "nothing"
    return f"```csv\n{example['csv'].rstrip()}\n```\n\nFinds: {found}."


def _sources(sources: list[str]) -> str:
    return "## Sources\n\n" + "\n".join(f"- {source}" for source in sources) if sources else ""
