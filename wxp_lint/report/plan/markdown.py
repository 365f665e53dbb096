"""A plan as a comment on a pull request: no serial numbers, no users."""

from collections.abc import Callable, Iterator

from wxp_lint.lint.secret import masked
from wxp_lint.report.inert import code, prose
from wxp_lint.report.plan import words
from wxp_lint.report.style import Style
from wxp_lint.transfer.plan import Plan, Planned


def render(plan: Plan, style: Style, mask: Callable[[str], str]) -> str:
    """A table of all transfers, then what holds up or is worth knowing, by file."""
    return masked("".join(f"{line}\n" for line in _lines(plan, mask)), plan.inputs.secrets)


def _lines(plan: Plan, mask: Callable[[str], str]) -> Iterator[str]:
    yield f"### Transfer plan: {words.headline(plan)}"
    yield ""
    if plan.transfers:
        yield "| state | PCs | from | to | file |"
        yield "|---|---:|---|---|---|"
    shown = [one for _, transfers in words.groups(plan) for one in transfers]
    for one in shown:
        state = words.said(one.state) + ("" if one.merged else ", not merged yet")
        source, target = (_cell(prose(party.name)) if party else "?" for party in (one.source, one.target))
        yield f"| {state} | {len(one.serials):,} | {source} | {target} | {_cell(code(one.path))} |"
    for one in shown:
        remarks = list(_remarks(one, mask))
        if remarks:
            yield ""
            yield f"**{code(one.path)}**"
            yield ""
            yield from (f"- {remark}" for remark in remarks)
    yield ""
    yield "<details><summary>About this plan</summary>"
    yield ""
    about = [*words.remarks(plan), *words.left_out(plan), words.ledger(plan)]
    yield from (f"- {prose(line)}" for line in about)
    yield f"- plan {code(plan.digest[:12])} at {code(plan.inputs.standing.head[:9])}"
    yield ""
    yield "</details>"
    yield ""
    yield prose(words.next_step(plan))


def _remarks(one: Planned, mask: Callable[[str], str]) -> Iterator[str]:
    for remark in one.blockers:
        yield f"**{remark.code}** {prose(mask(remark.message))}"
    for waived in one.waived:
        yield f"{waived.rule} waived until {waived.until}: {prose(mask(waived.reason))}"
    for said, command in words.standing(one):
        yield f"{prose(said)}: {code(command)}"
    for line in words.about(one):
        yield prose(line)
    for remark in one.warnings:
        yield f"{remark.code} {prose(mask(remark.message))}"
    for line in words.undo(one):
        yield prose(line)


def _cell(text: str) -> str:
    """Markdown for a cell of a table, where a bar would end it."""
    return text.replace("|", "\\|")
