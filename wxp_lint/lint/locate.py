"""A hit -> a finding: its words, the column or cell it stands in, what mends it, and a fingerprint that lasts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from wxp_lint import HOME
from wxp_lint.files.excerpt import Excerpt, cell_number, column_letters, excerpts
from wxp_lint.files.model import TransferFile
from wxp_lint.keys import key
from wxp_lint.lint.engine import Hit
from wxp_lint.lint.finding import Finding, FixOffer
from wxp_lint.lint.message import render


def findings(hits: Sequence[tuple[Hit, str]], files: Mapping[str, TransferFile]) -> list[Finding]:
    """Hits with their levels, as findings sorted by path, line and code; those of no file come first."""
    looked_up: dict[str, Callable[[int], Excerpt | None]] = {}
    seen: Counter[tuple[str, str | None, str]] = Counter()
    found: list[Finding] = []
    for hit, level in sorted(hits, key=_order):
        file = files.get(hit.path) if hit.path else None
        if file and hit.path not in looked_up and hit.line is not None:
            looked_up[file.source.path] = excerpts(file)
        excerpt = looked_up[file.source.path](hit.line) if file and hit.line is not None else None
        serial = hit.values.get("serial")
        identity = (hit.rule.code, hit.path, key(serial or ""))
        found.append(_finding(hit, level, file, excerpt, fingerprint(*identity, seen[identity])))
        seen[identity] += 1
    return found


def fingerprint(code: str, path: str | None, serial_key: str, occurrence: int) -> str:
    """What a finding is known by from run to run, whatever line it stands on: 16 hex digits."""
    from hashlib import sha256

    parts = (code, path or "", serial_key, *([str(occurrence)] if occurrence else []))
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]


def rule_url(code: str, name: str) -> str:
    """The reference page of one of our rules."""
    return f"{HOME}/blob/main/docs/rules/{code}-{name}.md"


def _order(item: tuple[Hit, str]) -> tuple[str, int, str, str, str]:
    hit = item[0]
    return hit.path or "", hit.line or 0, hit.rule.code, str(hit.field), render(hit.rule.message, hit.values)


def _finding(hit: Hit, level: str, file: TransferFile | None, excerpt: Excerpt | None, mark: str) -> Finding:
    table = file.table if file else None
    column = cell = None
    number = cell_number(hit.field, file.header.swapped) if file else None
    if table and number and hit.line is not None:
        if table.format == "xlsx":
            column, cell = number, f"{column_letters(number)}{hit.line}"
        elif excerpt and len(excerpt.starts) >= number:
            column = excerpt.starts[number - 1]
    rule = hit.rule
    return Finding(
        code=rule.code,
        name=rule.name,
        level=level,
        message=render(rule.message, hit.values),
        path=hit.path,
        line=hit.line,
        field=hit.field,
        column=column,
        sheet=table.sheet if table else None,
        cell=cell,
        serial=hit.values.get("serial"),
        fix=_offer(hit, file),
        fingerprint=mark,
        url="" if rule.is_custom else rule_url(rule.code, rule.name),
    )


def _offer(hit: Hit, file: TransferFile | None) -> FixOffer | None:
    """The rule's fix where it has one for this file; a query that returns `fix` withholds it with null."""
    fix = hit.rule.fix
    if fix is None or file is None or fix.safety_in(file.format) == "none":
        return None
    text = hit.values.get("fix")
    if "fix" in hit.values and text is None:
        return None
    action = fix.action_in(file.format)
    if action != "cell":
        return FixOffer(fix.safety_in(file.format), action, None, text if isinstance(text, str) else None)
    scope = hit.values.get(hit.field) if hit.field and hit.line is None else None
    return FixOffer(fix.safety_in(file.format), action, str(text), scope)
