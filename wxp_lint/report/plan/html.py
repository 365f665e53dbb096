"""A plan as a page of its own, which asks for nothing from anywhere: no serial numbers, no users."""

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from wxp_lint.lint.secret import masked
from wxp_lint.report.plan import words
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.plan import BLOCKED, Plan, Planned

_LEVELS = {BLOCKED: "error", "waiting": "warning"}
_OWN = """
ul.remarks { padding-left: 1.2rem; margin-top: .6rem; }
.state { font-weight: 700; margin: 0; }
.state.error { color: var(--error); } .state.warning { color: var(--warning); } .state.good { color: var(--good); }
.path { color: var(--soft); font: .875rem var(--mono); }
"""


def render(plan: Plan, style: Style, mask: Callable[[str], str]) -> str:
    """The whole page. The same plan gives the same bytes."""
    return masked("".join(f"{line}\n" for line in _lines(plan, mask)), plan.inputs.secrets)


def _lines(plan: Plan, mask: Callable[[str], str]) -> Iterator[str]:
    css = Path(__file__).parents[1].joinpath("page/page.css").read_text("utf-8")
    level = "error" if plan.count(BLOCKED) else ""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>Transfer plan</title>\n<style>\n{css}{_OWN}</style>\n</head>\n<body>"
    yield f'<header class="{level}">\n<p class="product">wxp-lint: transfer plan at {plan.inputs.standing.head[:9]}</p>'
    head = words.headline(plan)
    yield f"<h1>{_shown(head[:1].upper() + head[1:])}</h1>"
    yield f'<p class="lead">{_shown(words.next_step(plan))}</p>\n</header>\n<main>'
    for _, transfers in words.groups(plan):
        for one in transfers:
            yield from _section(one, mask)
    yield '<section>\n<h2>About this plan</h2>\n<ul class="remarks">'
    for line in (*words.remarks(plan), *words.left_out(plan), words.ledger(plan), f"plan {plan.digest[:12]}"):
        yield f"<li>{_shown(line)}</li>"
    yield "</ul>\n</section>\n</main>\n</body>\n</html>"


def _section(one: Planned, mask: Callable[[str], str]) -> Iterator[str]:
    level = _LEVELS.get(one.state, "good")
    merged = "" if one.merged else ", not merged yet"
    yield f'<section>\n<p class="state {level}">{_shown(words.said(one.state) + merged)}</p>'
    yield f"<h2>{plural(len(one.serials), 'PC')}: {_shown(words.route(one).replace('->', '→'))}</h2>"
    yield f'<p class="path">{_shown(one.path)}{f" ({one.id})" if one.id else ""}</p>'
    remarks = [f"{remark.code} {mask(remark.message)}" for remark in one.blockers]
    remarks += [f"{each.rule} waived until {each.until}: {mask(each.reason)}" for each in one.waived]
    remarks += [f"{said}: {command}" for said, command in words.standing(one)]
    remarks += words.about(one)
    remarks += [f"{remark.code} {mask(remark.message)}" for remark in one.warnings]
    remarks += words.undo(one)
    if remarks:
        yield '<ul class="remarks">'
        yield from (f"<li>{_shown(remark)}</li>" for remark in remarks)
        yield "</ul>"
    yield "</section>"


def _shown(text: str) -> str:
    return escape(visible(text))
