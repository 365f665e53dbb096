"""The comment on a pull request, and GitHub's job summary: Markdown for GitHub, GitLab and their like.

The verdict comes first, then what the change does, the findings, what was not checked, the numbers. It has no links,
and however much there is to tell, it stays below what a comment may hold: details are left out, and counts never are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from wxp_lint.lint.finding import RANK, Finding, NotRun, Result
from wxp_lint.report.inert import code, cut_path, prose
from wxp_lint.report.markdown_change import told
from wxp_lint.report.style import Style, plural

MARK = "<!-- wxp-lint -->"  # by which the comment of an earlier run is found
NOTE = "<!-- wxp-lint note -->"  # in whose place a program that posts the comment may put a sentence of its own
MOST = 60_000  # bytes of UTF-8, so fewer characters in any count; a comment on GitHub holds 65,536 characters
IN_FILE = 50  # findings of one file that are listed
NAMED = 40  # rules that are counted one by one
REASONS = 8  # reasons why rules did not run that are told
OF_REASON = 15  # rules that are named for each
_PATH = 160  # characters of a path
SIGNS = {"error": "❌", "warning": "⚠️", "note": "\N{INFORMATION SOURCE}\ufe0f"}
_SPARE = 2_000  # bytes kept for what is said of the findings that are left out


def render(result: Result, style: Style) -> str:
    """The comment. Its first line is `MARK`."""
    top = [MARK, f"### {_verdict(result)}", "", *_next(result), NOTE, ""]
    change = [*told(result.change), ""] if result.change else []
    end = [*_not_run(result), *_numbers(result)]
    room = MOST - sum(map(_size, (*top, *change, *end)))
    return "\n".join([*top, *change, *_findings(result, room), *end]) + "\n"


def _size(line: str) -> int:
    return len(line.encode()) + 1


def _verdict(result: Result) -> str:
    """One line that says whether the files can go."""
    levels = [level for level in RANK if result.count(level)]
    counts = ", ".join(plural(result.count(level), level) for level in levels)
    failing = [finding for finding in result.findings if result.fails(finding.level)]
    files = {finding.path for finding in failing} & result.files.keys()
    if files:
        return f"❌ {plural(len(files), 'file')} cannot be transferred: {counts}"
    if failing:
        return f"❌ The check fails: {counts}"
    if result.must_run_failed:
        return f"❌ The check is not complete: {plural(len(result.must_run_failed), 'rule')} that must run could not"
    if not result.files and not result.findings:
        return "✅ There is no transfer file to check"
    what = f"{plural(len(result.files), 'file')} with {plural(result.rows, 'PC')}"
    if result.count("error") or result.count("warning"):
        return f"⚠️ Nothing stands in the way of {what}, but please look: {counts}"
    return f"✅ Ready: {what}{f' ({counts})' if counts else ''}"


def _next(result: Result) -> Iterator[str]:
    """What to do, if there is something to do."""
    paths = {finding.path for finding in result.findings if result.fails(finding.level)}
    if not paths & result.files.keys():
        return
    yield (
        "**What to do:** mend what is listed below, save, and put the file back under the same name. "
        "The check then runs again by itself."
    )
    if result.fixable:
        yield f"{plural(result.fixable, 'finding')} can be mended for you: `wxp-lint fix`."
    yield ""


def _findings(result: Result, room: int) -> list[str]:
    """The findings by file, the worst file first, as far as there is room; then how many more there are."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in result.findings:
        groups.setdefault(finding.path, []).append(finding)
    if not groups:
        return []
    lines = ["#### What was found", ""]
    room -= sum(map(_size, lines)) + _SPARE
    left: list[Finding] = []
    unnamed = 0
    for path, found in sorted(groups.items(), key=lambda group: _weight(group[1]), reverse=True):
        found = sorted(found, key=lambda finding: -RANK[finding.level])
        head = f"**{code(cut_path(path, _PATH), _PATH) if path else 'The repository'}**: {_counts(found)}"
        room -= _size(head) + 2
        if room < 0:
            left += found
            unnamed += 1
            continue
        shown: list[str] = []
        for finding in found[:IN_FILE]:
            line = _line(finding)
            if room < _size(line):
                break
            room -= _size(line)
            shown.append(line)
        if not shown:  # a name with nothing below it tells less than the counts
            left += found
            unnamed += 1
            room = -1
            continue
        lines += [head, "", *shown]
        rest = found[len(shown) :]
        if rest:
            line = f"- and {len(rest):,} more here: {_by_rule(rest, 5)}"
            room -= _size(line)
            lines.append(line)
        lines.append("")
    if left:
        lines += [f"**And {len(left):,} more in {plural(unnamed, 'other file')}:** {_by_rule(left, NAMED)}", ""]
    return lines


def _weight(found: Sequence[Finding]) -> tuple[int, ...]:
    return tuple(sum(finding.level == level for finding in found) for level in RANK)


def _counts(found: Sequence[Finding]) -> str:
    counts = Counter(finding.level for finding in found)
    return ", ".join(plural(counts[level], level) for level in RANK if counts[level])


def _by_rule(found: Iterable[Finding], most: int) -> str:
    """`WXP202 1,000, WXP203 204`, the most first."""
    counts = Counter(finding.code for finding in found).most_common()
    named = ", ".join(f"{_rule(rule)} {count:,}" for rule, count in counts[:most])
    others = sum(count for _, count in counts[most:])
    return f"{named}, other rules {others:,}" if others else named


def _rule(name: str) -> str:
    """The code of a rule; a user's own may have any."""
    return name if name.isascii() and name.isalnum() and len(name) < 12 and not name.islower() else code(name, 40)


def _line(finding: Finding) -> str:
    where = finding.cell or (f"line {finding.line}" if finding.line is not None else "")
    place = f" **{where}**:" if where else ""
    text = finding.fix.text if finding.fix and finding.fix.action == "cell" else None
    known = text is None or finding.line is None or text in finding.message
    mend = "" if known or text is None else f" → {code(text, 80)}"
    return f"- {SIGNS[finding.level]}{place} {prose(finding.message)}{mend} ({_rule(finding.code)})"


def _not_run(result: Result) -> Iterator[str]:
    """What was not checked, by reason; what must be comes first."""
    if not result.not_run:
        return
    needed = {rule.code for rule in result.must_run_failed}
    groups: dict[str, list[NotRun]] = {}
    for rule in sorted(result.not_run, key=lambda rule: rule.code not in needed):
        groups.setdefault(rule.reason, []).append(rule)
    yield "#### What was not checked"
    yield ""
    for reason, rules in list(groups.items())[:REASONS]:
        must = [rule for rule in rules if rule.code in needed]
        sign = "❌ " if must else ""
        note = f" The config says that {_names(must)} must run." if must else ""
        yield f"- {sign}{prose(reason[:1].upper() + reason[1:], 200)}: {_names(rules)}.{note}"
    rest = sum(len(rules) for rules in list(groups.values())[REASONS:])
    if rest:
        yield f"- and {plural(rest, 'more rule')}, for {plural(len(groups) - REASONS, 'other reason')}"
    yield ""


def _names(rules: Sequence[NotRun]) -> str:
    named = ", ".join(f"{_rule(rule.code)} {prose(rule.name, 60)}" for rule in rules[:OF_REASON])
    return f"{named} and {len(rules) - OF_REASON:,} more" if len(rules) > OF_REASON else named


def _numbers(result: Result) -> Iterator[str]:
    counts = ", ".join(plural(result.count(level), level) for level in RANK)
    more = [f"{result.fixable:,} that `wxp-lint fix` mends"] if result.fixable else []
    more += [f"{result.suppressed:,} accepted earlier and left out"] if result.suppressed else []
    checked = f"{plural(len(result.files), 'file')}, {plural(result.rows, 'PC')}"
    yield f"Checked: {checked}. Found: {'; '.join([counts, *more])}."
    if result.inventory:
        yield ""
        yield f"{prose(result.inventory[:1].upper() + result.inventory[1:], 1_000)}."
