"""A plan for somebody who reads it in a terminal before anything moves."""

from collections.abc import Callable, Iterator

from wxp_lint.lint.secret import masked
from wxp_lint.report.plan import words
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.plan import BLOCKED, READY, WAITING, Plan, Planned

_COLORS = {READY: "good", WAITING: "note", BLOCKED: "error"}
_INDENT = " " * 12


def render(plan: Plan, style: Style, mask: Callable[[str], str]) -> str:
    """The whole plan: what moves from where to whom, what holds it up, what to do next."""
    return masked("".join(f"{line}\n" for line in _lines(plan, style)), plan.inputs.secrets)


def _lines(plan: Plan, style: Style) -> Iterator[str]:
    standing = plan.inputs.standing
    told: set[str] = set()
    yield style.paint(f"Plan at {standing.head[:9]}: {words.headline(plan)}", "bold")
    for state, transfers in words.groups(plan):
        for one in transfers:
            yield ""
            yield from _transfer(one, state, style, told)
    yield ""
    for line in (*words.remarks(plan), *words.left_out(plan), words.ledger(plan)):
        yield style.paint(line, "dim")
    yield words.next_step(plan)


def _transfer(one: Planned, state: str, style: Style, told: set[str]) -> Iterator[str]:
    """The lines about one transfer; a warning that stands above in the same words is in `told`, and not repeated."""
    head = style.paint(f"{words.said(state):<11}", _COLORS.get(state, "bold"))
    merged = "" if one.merged else ", not merged yet"
    yield f"{head} {plural(len(one.serials), 'PC')}: {style.paint(words.route(one), 'bold')}{merged}"
    name = f" ({one.id})" if one.id else ""
    yield f"{_INDENT}{visible(one.path)}{style.paint(name, 'dim')}"
    for said, command in words.standing(one):
        yield f"{_INDENT}{said}: {command}"
    for remark in one.blockers:
        yield f"{_INDENT}{style.paint(remark.code, 'error')} {visible(remark.message)}"
    for waived in one.waived:
        yield f"{_INDENT}{waived.rule} waived until {waived.until}: {visible(waived.reason)}"
    for line in words.about(one):
        yield f"{_INDENT}{line}"
    for remark in one.warnings:
        if remark.message in told:
            continue
        told.add(remark.message)
        yield f"{_INDENT}{style.paint(remark.code, 'warning')} {visible(remark.message)}"
    for line in words.undo(one):
        yield style.paint(f"{_INDENT}{line}", "dim")
