"""PCs that no list has: text by what to do next, CSV for a spreadsheet, the text of a case for HP's support."""

import csv
import io
from collections.abc import Iterator

from wxp_lint.lint.missing import MEND, REPORT, STEPS, TYPO, WAIT, Missing, Report
from wxp_lint.lint.secret import masked
from wxp_lint.report.style import plural, visible

_HEADINGS = {
    TYPO: "Looks like a typo: compare it with the label of the PC",
    MEND: "No serial number: mend the cell",
    REPORT: "Not visible: if the label says the same, open a case with HP's support (--output case writes its text)",
    WAIT: "Wait: the transfer's sidecar expects it later",
}
_STEPS = {TYPO: "compare with the label", MEND: "mend the cell", REPORT: "open a support case", WAIT: "wait"}
_COLUMNS = (
    "Serial Number", "Next step", "Did you mean", "Wait until", "Target", "Ticket", "File", "Line", "Remark",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

CASE = """\
Subject: {count} missing from Unassigned Devices in HP Workforce Experience Platform

Hello HP support,

we are a partner and look after the PCs of our customers in the Workforce Experience Platform. The PCs with the serial
numbers below were delivered through us, but we see them neither on our page Unassigned Devices nor among the devices of
our customers, so we cannot transfer them. Please look up why, and assign them to our partner account.

{serials}

Thank you.
"""


def missing(found: Report) -> str:
    """For people."""
    return masked("".join(f"{line}\n" for line in _lines(found)), found.secrets)


def missing_csv(found: Report) -> str:
    """For a spreadsheet, which takes no cell of it for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in found.devices:
        cells = (
            one.serial, _STEPS[one.step], " ".join(one.near), str(one.until or ""), one.target or "", one.ticket or "",
            one.path, str(one.line), one.why or "",
        )  # fmt: skip
        writer.writerow([_harmless(masked(cell, found.secrets)) for cell in cells])
    return out.getvalue()


def case(found: Report) -> str:
    """For HP's support: the serial numbers that only HP can make visible, each once. Empty where there are none."""
    serials = dict.fromkeys(one.key for one in found.devices if one.step == REPORT)
    if not serials:
        return ""
    return CASE.format(count=plural(len(serials), "PC"), serials="\n".join(map(visible, serials)))


def _lines(found: Report) -> Iterator[str]:
    if found.devices:
        count = len({one.key for one in found.devices})
        yield f"{plural(count, 'PC')} of open transfers {'is' if count == 1 else 'are'} in no list of your devices"
    elif found.rows:
        yield "every PC of the open transfers is visible"
    else:
        yield "no open transfer names a PC, so none is missing"
        return
    for step in STEPS:
        group = [one for one in found.devices if one.step == step]
        if group:
            yield ""
            yield _HEADINGS[step]
            yield from map(_line, group)
    if found.rests_on:
        yield ""
        yield found.rests_on


def _line(one: Missing) -> str:
    said = [f"did you mean {' or '.join(map(visible, one.near))}?"] if one.near else []
    said += [f"until {one.until}"] if one.step == WAIT else []
    said += [f"expected until {one.until}"] if one.step == REPORT and one.until else []
    said += [visible(one.why)] if one.step == MEND and one.why else []
    more = f"  {', '.join(said)}" if said else ""
    return f"  {visible(one.serial)}  {visible(one.path)}:{one.line}{more}"


def _harmless(cell: str) -> str:
    """`cell` on one line, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{visible(cell)}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else visible(cell)
