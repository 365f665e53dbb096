"""What `wxp-lint apply` tells: what was done, what was not, what a person does next."""

from collections.abc import Callable, Iterator, Sequence

from wxp_lint.lint.secret import masked
from wxp_lint.report.plan.words import route, said
from wxp_lint.report.style import Style, plural, visible
from wxp_lint.transfer.plan import BLOCKED, WAITING, Planned
from wxp_lint.transfer.preparing import Applied


def applied(result: Applied, shown: Callable[[str], str], style: Style) -> str:
    """The report; `shown` tells where the folder of a transfer is."""
    return masked("".join(f"{line}\n" for line in _lines(result, shown, style)), result.plan.inputs.secrets)


def _lines(result: Applied, shown: Callable[[str], str], style: Style) -> Iterator[str]:
    by_id = {one.id: one for one in result.plan.transfers if one.id}
    waiting = [one for one in result.plan.known.values() if one.state == "prepared" and one.id not in result.failed]
    ready = [one.id for one in waiting if not one.recorded]
    head = f"{plural(len(ready), 'file')} ready to upload by hand." if ready else "No file is ready to upload."
    yield style.paint(f"{head} Nothing has been sent to HP.", "good" if ready else "bold")
    for name in ready:
        yield f"  {shown(name)}: {_what(name, by_id, result)}{_how(name, result)}"
    for name, why in result.failed.items():
        yield style.paint(f"  {shown(name)}: could not be written ({visible(why)}): apply again", "error")
    yield from held(result.plan.transfers, style)
    if ready:
        first = next((name for name in ready if name in by_id), ready[0])
        yield f'Next: wxp-lint take {first} --by "YOUR NAME", then follow {shown(first)}/RUNBOOK.md'


def _what(name: str, by_id: dict[str, Planned], result: Applied) -> str:
    if name in by_id:
        one = by_id[name]
        return f"{plural(len(one.serials), 'PC')}, {route(one)} ({visible(one.path)})"
    known = result.plan.known[name]
    return (
        f"{plural(len(known.serials), 'PC')} to {visible(known.target.name)} ({visible(known.path)}, no open file now: "
        f"if it was withdrawn, wxp-lint resolve {name} --outcome failed)"
    )


def _how(name: str, result: Applied) -> str:
    if name in result.mended:
        return "; it had been changed, and was made again"
    if name in result.made:
        return "; prepared before, made again here"
    return "" if name in result.new else "; prepared before"


def held(transfers: Sequence[Planned], style: Style) -> Iterator[str]:
    """What was not handed over, and why."""
    for one in transfers:
        if one.state == BLOCKED:
            yield style.paint(f"blocked: {visible(one.path)}", "error")
            for remark in one.blockers:
                yield f"  {remark.code} {visible(remark.message)}"
        elif one.state == WAITING:
            yield f"waiting until {one.wait_until}: {visible(one.path)} ({plural(one.missing, 'PC')} not visible yet)"
        elif one.state not in ("ready", "prepared"):
            yield f"{said(one.state)}: {visible(one.path)} ({one.id})"
        for remark in one.warnings if one.state == "prepared" else ():
            yield style.paint(f"since it was prepared: {visible(one.path)}: ", "warning") + (
                f"{remark.code} {visible(remark.message)}"
            )
