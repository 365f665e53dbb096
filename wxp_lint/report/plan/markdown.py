"""A plan as a comment on a pull request: no serial numbers, no users."""

import re
from collections.abc import Iterator

from wxp_lint.report.plan import words
from wxp_lint.report.style import Style, masked, visible
from wxp_lint.transfer.plan import Plan, Planned

_MARKS = re.compile(r"([\\`*_\[\]<>|#~!&@])")


def render(plan: Plan, style: Style) -> str:
    """A table of all transfers, then what holds up or is worth knowing, by file."""
    return masked("".join(f"{line}\n" for line in _lines(plan)), plan.inputs.secrets)


def _lines(plan: Plan) -> Iterator[str]:
    yield f"### Transfer plan: {words.headline(plan)}"
    yield ""
    if plan.transfers:
        yield "| state | PCs | from | to | file |"
        yield "|---|---:|---|---|---|"
    shown = [one for _, transfers in words.groups(plan) for one in transfers]
    for one in shown:
        state = words.said(one.state) + ("" if one.merged else ", not merged yet")
        source, target = (_plain(party.name) if party else "?" for party in (one.source, one.target))
        yield f"| {state} | {len(one.serials):,} | {source} | {target} | {_plain(one.path)} |"
    for one in shown:
        remarks = list(_remarks(one))
        if remarks:
            yield ""
            yield f"**{_plain(one.path)}**"
            yield from remarks
    yield ""
    for line in (*words.remarks(plan), *words.left_out(plan), words.ledger(plan), words.next_step(plan)):
        yield f"{_plain(line)}  "
    yield ""
    yield f"Plan {plan.digest[:12]} at {plan.inputs.standing.head[:9]}."


def _remarks(one: Planned) -> Iterator[str]:
    for remark in one.blockers:
        yield f"- **{remark.code}** {_plain(words.discreet(remark.message))}"
    for waived in one.waived:
        yield f"- {waived.rule} waived until {waived.until}: {_plain(words.discreet(waived.reason))}"
    for line in (*words.standing(one), *words.about(one)):
        yield f"- {_plain(line)}"
    for remark in one.warnings:
        yield f"- {remark.code} {_plain(words.discreet(remark.message))}"
    for line in words.undo(one):
        yield f"- {_plain(line)}"


def _plain(text: str) -> str:
    """`text` in Markdown as it stands, on one line, mentioning nobody."""
    return _MARKS.sub(r"\\\1", visible(text))
