"""A page for the person who filled in the sheet: what to mend, shown in a table that looks like theirs.

One self-contained file that asks for nothing from anywhere. The first rows stand in it as HTML; the others are
strings of HTML in a JSON block, of which a short script shows more, and by which it filters.
"""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from string import Template

from wxp_lint import __version__
from wxp_lint.files.model import TransferFile
from wxp_lint.keys import key
from wxp_lint.lint.finding import RANK, Finding, Result
from wxp_lint.lint.secret import masked
from wxp_lint.report import html_parts as parts
from wxp_lint.report.html_rows import target
from wxp_lint.report.html_sheet import Kinds, Mask, Section, page_of, section
from wxp_lint.report.html_words import COUNTS, LEVELS, by_itself, lead, markup, steps, verdict
from wxp_lint.report.style import Style

FIRST = 200  # rows that are shown before anybody asks for more
OTHER = "The check itself"  # heading of what concerns no file


def render(result: Result, style: Style) -> str:
    """The whole page. The same input gives the same bytes."""
    ranked = sorted({(f.level, f.code) for f in result.findings}, key=lambda kind: (-RANK[kind[0]], kind[1]))
    kinds = {kind: number for number, kind in enumerate(ranked)}

    def mask(text: str) -> str:
        return masked(text, result.secrets)

    groups = _by_file(result.findings)
    files = {path: result.files[path] for path in groups if path and path in result.files}
    targets = {path: mask(_called(target(file) or "", result.customers)) for path, file in files.items()}
    customers = sorted(set(filter(None, targets.values())))
    sections = []
    whose = []  # of each section, the number of its customer; -1 if it has none
    for path, findings in groups.items():
        file, customer = files.get(path or ""), targets.get(path or "", "")
        head = _head(path, findings, file, customer, mask)
        sections.append(section(head, file, findings, kinds, mask))
        whose.append(customers.index(customer) if customer else -1)
    rows = sum(max(1, len(part.rows)) for part in sections)
    words, level = verdict(result)
    css, script = _asset("page.css"), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        csp=_policy(css, script),
        css=css,
        script=script,
        level=level,
        verdict=words,
        lead=lead(result),
        unable=parts.unable(result.must_run_failed, result),
        tiles="".join(parts.tile(level, result.count(level)) for level in LEVELS),
        steps="".join(f"<li>{step}" for step in steps(result)),
        fixable=f"<p class=aside>{by_itself(result)}" if result.fixable else "",
        chart=parts.chart(kinds, result),
        filters=parts.filters(kinds, customers, result),
        status=parts.status(len(result.findings), rows, FIRST),
        whole=" data-whole" if rows <= FIRST else "",
        first=page_of(sections, FIRST),
        clean=parts.clean([path for path in result.files if path not in groups]),
        not_run=parts.not_run(result),
        numbers=parts.numbers(result),
        version=__version__,
        data=_data(sections, whose, kinds),
    )


def _by_file(findings: Iterable[Finding]) -> dict[str | None, list[Finding]]:
    """The findings of each path, those with the worst first."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.path, []).append(finding)
    return dict(sorted(groups.items(), key=lambda item: -max(RANK[finding.level] for finding in item[1])))


def _called(customer_id: str, names: Mapping[str, str]) -> str:
    """A customer by name, where the registry has one, and Customer ID."""
    name = names.get(key(customer_id))
    return f"{name} ({customer_id})" if name else customer_id


def _head(path: str | None, findings: Sequence[Finding], file: TransferFile | None, customer: str, mask: Mask) -> str:
    """The start of an article: the file's name, where it lies, what was found."""
    if path is None:
        return f"<article><h3>{OTHER}</h3>"
    folder, _, name = path.rpartition("/")
    counts = Counter(finding.level for finding in findings)
    facts = [f"<b class={level}>{counts[level]:,} {COUNTS[level]}</b>" for level in LEVELS if counts[level]]
    if file and file.table and file.table.sheet:
        facts.append(f"Sheet <b>{markup(mask(file.table.sheet), 60)}</b>")
    if customer:
        facts.append(f"To customer <b>{markup(customer, 120)}</b>")
    if folder:
        facts.append(f"In <b>{markup(folder, 200)}</b>")
    return f"<article><h3>{markup(name, 120)}</h3><p class=facts>{''.join(f'<span>{f}</span> ' for f in facts)}</p>"


def _data(sections: Sequence[Section], whose: Sequence[int], kinds: Kinds) -> str:
    """What the script needs, as JSON that ends no script element."""
    files = [
        {
            "customer": customer,
            "head": part.head,
            "about": part.about,
            "kinds": part.about_kinds,
            "table": part.table,
            "rows": [[row.before, row.html, *row.kinds] for row in part.rows],
            "after": part.after,
        }
        for part, customer in zip(sections, whose)
    ]
    text = json.dumps({"kinds": list(kinds), "step": FIRST, "files": files}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!", "\\u003c!").replace("<sc", "\\u003csc")


def _policy(css: str, script: str) -> str:
    """Nothing may be loaded, and no style or script be in force but the page's own."""

    def mark(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return f"default-src 'none'; style-src {mark(css)}; script-src {mark(script)}; base-uri 'none'; form-action 'none'"


def _asset(name: str) -> str:
    return (Path(__file__).parent / "page" / name).read_text("utf-8")
