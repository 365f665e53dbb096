"""The parts of the page around the tables: counts, the chart, filters, what was fine and what was not checked."""

from collections import Counter
from collections.abc import Sequence

from wxp_lint.lint.finding import RANK, NotRun, Result
from wxp_lint.report.html_sheet import Kinds
from wxp_lint.report.html_words import BADGES, LEVELS, markup, reasons
from wxp_lint.report.style import plural

KINDS = 8  # rules whose counts are shown before anybody asks for more
NAMES = 500  # files without a finding that are named


def _summary(code: str, name: str, result: Result) -> str:
    """What a rule is about, in its own words."""
    rule = result.rules.get(code)
    return markup(rule.summary if rule else name.replace("-", " ").capitalize())


def chart(kinds: Kinds, result: Result) -> str:
    """Findings by rule, as tables with bars: the weightiest, and the others to unfold."""
    counts = Counter((finding.level, finding.code) for finding in result.findings)
    known = {finding.code: finding for finding in result.findings}
    most = max(counts.values(), default=1)
    rows = []
    for level, code in sorted(kinds, key=lambda kind: (-RANK[kind[0]], -counts[kind], kind[1])):
        one, count = known[code], counts[level, code]
        link = f"<a href='{markup(one.url)}' rel=noreferrer>{markup(code, 40)}</a>" if one.url else markup(code, 40)
        bar = f"<svg aria-hidden=true class={level}><rect width='{100 * count / most:.1f}%' height='100%'/></svg>"
        rows.append(
            f"<tr><td><b class={level}>{BADGES[level]}</b><th scope=row>{_summary(code, one.name, result)}"
            f" <small>{link}</small><td>{bar}<td>{count:,}"
        )
    tables = [
        f"<table class=chart><caption>{title}</caption><thead><tr><th scope=col>Level<th scope=col>What"
        f"<th scope=col>Share<th scope=col>Count<tbody>{''.join(part)}</table>"
        for title, part in (("How often each kind was found", rows[:KINDS]), ("The other kinds", rows[KINDS:]))
        if part
    ]
    more = (
        f"<details><summary>{plural(len(rows) - KINDS, 'more kind')}</summary>{tables[1]}</details>"
        if tables[1:]
        else ""
    )
    title = "<h2 id=kinds>What was found, by kind</h2>"
    return f"<section aria-labelledby=kinds>{title}{tables[0]}{more}</section>" if tables else ""


def filters(kinds: Kinds, customers: Sequence[str], result: Result) -> str:
    """The form by which findings are chosen, which the script shows; a customer's value is its number."""
    names = {finding.code: finding.name for finding in result.findings}
    levels = {level: LEVELS[level] for level, _ in kinds}
    rules = {code: f"{_summary(code, names[code], result)} ({markup(code, 40)})" for _, code in kinds}
    whose = {str(number): markup(customer, 120) for number, customer in enumerate(customers)}
    selects = [("level", "How serious", levels), ("rule", "What", rules), ("customer", "Customer", whose)]
    chosen = "".join(
        f"<label>{label}<select name={name}><option value=''>All"
        + "".join(f"<option value='{markup(value, 40)}'>{text}" for value, text in options.items())
        + "</select></label>"
        for name, label, options in selects
        if len(options) > 1
    )
    text = "<label>Text<input type=search name=text placeholder='Serial number, word'></label>"
    form = f"<form id=filters hidden aria-label=Filters>{chosen}{text}<button type=reset>Show all</button></form>"
    return form if kinds else ""


def status(findings: int, rows: int, first: int) -> str:
    """How much of it is shown at first."""
    if not findings:
        return "No findings."
    return f"All {plural(findings, 'finding')}" + (f", the first {first:,} of {rows:,} rows" if rows > first else "")


def tile(level: str, count: int) -> str:
    """A level's count."""
    return f"<li class={level if count else 'none'}><b>{count:,}</b> {LEVELS[level]}"


def clean(paths: Sequence[str]) -> str:
    """The files without a finding."""
    if not paths:
        return ""
    names = "".join(f"<li>{markup(path)}" for path in paths[:NAMES])
    more = f"<li>and {len(paths) - NAMES:,} more" if len(paths) > NAMES else ""
    title = "1 file has no finding" if len(paths) == 1 else f"{len(paths):,} files have no finding"
    return f"<details class=clean><summary>{title}</summary><ul>{names}{more}</ul></details>"


def unable(rules: Sequence[NotRun], result: Result) -> str:
    """What must be checked and could not be, which is why the run fails."""
    names = ", ".join(f"{_summary(rule.code, rule.name, result)} ({markup(rule.code, 40)})" for rule in rules)
    return f"<p class=unable><b>What must be checked, and could not be:</b> {names}" if rules else ""


def not_run(result: Result) -> str:
    """What was not checked, a block for each reason."""
    blocks = [
        f"<div><h3>{markup(words)}</h3><p>So nobody looked for:<ul>"
        + "".join(
            f"<li>{_summary(rule.code, rule.name, result)} <small>{markup(rule.code, 40)}</small>" for rule in rules
        )
        + f"</ul><p class=reason>Reason as the program gives it: {markup(reason)}</div>"
        for words, reason, rules in reasons(result.not_run)
    ]
    told = "".join(blocks) or "<div><p>Nothing was left out: every part of the check ran.</div>"
    lists = (
        f"<p class=reason>Where the PCs are now was taken from: {markup(result.inventory)}" if result.inventory else ""
    )
    return f"<div class=reasons>{told}</div>{lists}"


def numbers(result: Result) -> str:
    """All counts."""
    numbers = {
        "Files": len(result.files),
        "PCs": result.rows,
        **{words: result.count(level) for level, words in LEVELS.items()},
        "Mended by wxp-lint fix": result.fixable,
        "Accepted, so left out": result.suppressed,
        "Rules that did not run": len(result.not_run),
    }
    return "".join(f"<div><dt>{name}<dd>{number:,}</div>" for name, number in numbers.items())
