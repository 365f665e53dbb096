"""The plain words of the page for the person who filled in the sheet: verdict, next steps, levels, mends."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from wxp_lint.lint.finding import Finding, FixOffer, NotRun, Result
from wxp_lint.report.hidden import is_masked
from wxp_lint.report.style import plural, visible

MOST = 400  # characters of a text that are shown
LEVELS = {"error": "Must be mended", "warning": "Please check", "note": "Good to know"}
BADGES = {"error": "Mend", "warning": "Check", "note": "Info"}
COUNTS = {"error": "to mend", "warning": "to check", "note": "to know"}
_REASONS = {
    "no inventory configured": "No list of your PCs was given",
    "no customers file configured": "No list of your customers was given",
    "no ledger yet": "There is no record of earlier transfers yet",
}
# Hebrew, Arabic and their kin, which would draw the characters beside them into their direction.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]+")


def markup(text: str, most: int = MOST) -> str:
    """Any text as harmless HTML: control characters as escapes, cut where it is endless, each script in its place."""
    cut = f"{text[:most]}… ({len(text):,} characters)" if len(text) > most else text
    return _RIGHT_TO_LEFT.sub(r"<bdi>\g<0></bdi>", escape(visible(cut)))


def verdict(result: Result) -> tuple[str, str]:
    """(one sentence, the level that it has: error, warning or good)."""
    must = sum(result.count(level) for level in LEVELS if level == "error" or result.fails(level))
    warnings = result.count("warning")
    pcs = {0: "anything", 1: "this PC"}.get(result.rows, "these PCs")
    if must:
        return f"{plural(must, 'thing')} must be mended before {pcs} can be transferred", "error"
    if result.must_run_failed:
        return f"The check is not complete: {plural(len(result.must_run_failed), 'part')} of it could not run", "error"
    if warnings:
        return f"Nothing must be mended, but {plural(warnings, 'thing')} should be looked at", "warning"
    if not result.files:
        return "There was no transfer file to check", "warning"
    return ("Nothing must be mended" if result.findings else "Everything that was checked is fine"), "good"


def lead(result: Result) -> str:
    """What was looked at and what was not, as HTML."""
    looked = f"{plural(len(result.files), 'file')} with {plural(result.rows, 'PC')}"
    hidden = plural(result.suppressed, "known finding")
    more = f" {hidden} that somebody has accepted {'is' if result.suppressed == 1 else 'are'} left out."
    rules = plural(len(result.not_run), "check")
    left = f" {rules} could not run: <a href='#not-run'>see which and why</a>."
    return (
        f"{looked} {'was' if len(result.files) == 1 else 'were'} checked."
        f"{more if result.suppressed else ''}{left if result.not_run else ''}"
    )


def steps(result: Result) -> Iterator[str]:
    """What to do next, as HTML, one step each."""
    found = {finding.path for finding in result.findings}
    files = {path: file for path, file in result.files.items() if path in found}
    if not files:
        yield from _no_file(result)
        return
    name = next(iter(files)).rpartition("/")[2]
    one = len(files) == 1
    what = f"<b>{markup(name, 80)}</b>" if one else "each of the files below"
    formats = {file.format for file in files.values()}
    digits = (
        " Where a CSV file has serial numbers of digits alone, or such as 1234567E08, use Notepad:"
        " Excel turns them into other numbers."
    )
    yield f"Open {what} in Excel.{digits if 'csv' in formats else ''}"
    if result.count("error") or result.count("warning"):
        check = (
            "as has what says <b>Check</b>"
            if result.fails("warning")
            else "what says <b>Check</b> may stay if it is right"
        )
        yield (
            "Go to the marked cells. Row numbers and column letters are those of your sheet, and what to do stands"
            f" beside each cell. What says <b>Mend</b> has to be changed; {check}."
        )
    else:
        yield "Look at what says <b>Info</b>, and change it if you like. Nothing has to be changed."
    save = {"csv": "CSV UTF-8 (Comma delimited)", "xlsx": "Excel Workbook"}
    kinds = " or ".join(f"<b>{save[format]}</b>" for format in sorted(formats))
    yield f"Save {'it' if one else 'them'} under the same name, as {kinds}{', as before' if len(formats) > 1 else ''}."
    yield (
        f"Put {'it' if one else 'them'} back where {'it' if one else 'they'} came from. In the browser that is"
        " <b>Add file</b>, then <b>Upload files</b>, in the same folder. The check then runs again."
    )


def _no_file(result: Result) -> Iterator[str]:
    if result.findings or result.must_run_failed:
        yield "This is about how the check is set up, not about your sheet. Show this page to whoever looks after it."
    elif not result.files:
        yield "See that the file lies in the folder for transfer files, and that its name ends in .csv or .xlsx."
    else:
        yield "There is nothing for you to mend. Go on as usual."


def by_itself(result: Result) -> str:
    """What of it no hand has to mend; "" if that is nothing."""
    if not result.fixable:
        return ""
    verb, them = ("needs", "it") if result.fixable == 1 else ("need", "them")
    return (
        f"{result.fixable:,} of {plural(len(result.findings), 'finding')} {verb} no work by hand: whoever runs the"
        f" check can mend {them} by <code>wxp-lint fix</code>. If you were given a mended file, go on from that one."
    )


def sentence(finding: Finding) -> str:
    """The message as HTML, without the suggestion that follows it, its first letter a capital unless a serial's."""
    message = finding.message
    text = _to_write(finding.fix)
    if text:
        for quote in "'", "":
            message = message.removesuffix(f": write {quote}{text}{quote}")
    if message[:1].islower() and not (finding.serial and message.startswith(finding.serial)):
        message = message[0].upper() + message[1:]
    return markup(message, 3 * MOST)


def mend(fix: FixOffer | None, line: int | None) -> str:
    """The suggestion as HTML; "" where the message says all."""
    text = _to_write(fix)
    if text:
        return f" <span class=fix>Write <kbd>{markup(text)}</kbd></span>"
    if fix and fix.action == "delete-row" and line is not None:
        return f" <span class=fix>Delete row {line}</span>"
    return ""


def _to_write(fix: FixOffer | None) -> str | None:
    """The text to write into a cell, unless a part of it is masked, so that nobody may copy it."""
    if fix is None or fix.action != "cell" or not fix.text or is_masked(fix.text) or "*" in fix.text:
        return None
    return fix.text


def span(first: int, last: int) -> str:
    """`Row 8 is`, `Rows 8 to 95 are`."""
    return f"Row {first} is" if first == last else f"Rows {first} to {last} are"


def reasons(rules: Iterable[NotRun]) -> list[tuple[str, str, Sequence[NotRun]]]:
    """What did not run, by reason: (the reason in plain words, as it was given, the rules)."""
    by_reason: dict[str, list[NotRun]] = {}
    for rule in rules:
        by_reason.setdefault(rule.reason, []).append(rule)
    return [
        (_REASONS.get(reason, f"{reason[:1].upper()}{reason[1:]}"), reason, group)
        for reason, group in by_reason.items()
    ]
