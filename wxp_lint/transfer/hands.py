"""What people say they did with a prepared transfer: took it, uploaded it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.ledger import states
from wxp_lint.ledger.events import Context, Draft
from wxp_lint.ledger.protocol import Conflict, Ledger, Unsure
from wxp_lint.ledger.states import Step, Transfer
from wxp_lint.repo.typed import resolve, shown

_TRIES = 20


class Busy(UsageError):
    """Somebody else has it (exit code 7)."""


def find(known: states.Transfers, text: str, settings: Settings, cwd: Path) -> Transfer:
    """The transfer with this id, or whose id begins so, or the newest of the file at this path. Raises UsageError."""
    if text in known:
        return known[text]
    begun = [one for one in known if one.startswith(text)] if text.startswith("t-") else []
    if len(begun) > 1:
        raise UsageError(f"{shown(text)} is the beginning of several transfers: {', '.join(begun)}: give one in full")
    if begun:
        return known[begun[0]]
    paths = {text.replace("\\", "/").removeprefix("./")}
    with suppress(UsageError):  # a file that is gone may still be the ledger's
        paths |= {named.key for named in resolve([text], cwd, settings.root, as_given=False)}
    found = [one for path in paths if (one := states.newest(known, path))]
    if found:
        return found[0]
    hint = did_you_mean(text, [*known, *(one.path for one in known.values())])
    where = "there is no ledger yet" if not known else "the ledger has no transfer"
    raise UsageError(f"{where} '{shown(text)}'{hint}: see wxp-lint plan" if known else f"{where}: see wxp-lint apply")


def take(ledger: Ledger, wanted: Callable[[states.Transfers], Transfer], context: Context) -> Transfer:
    """Claims a prepared transfer for a person. Raises Busy if somebody else has it, UsageError if it is beyond that."""

    def decide(one: Transfer) -> list[Draft]:
        if one.state == "taken":
            if _same(last(one, "taken"), context):
                return []
            raise Busy(f"{one.id} is taken: {_by(last(one, 'taken'))} has it. Leave it to them, or ask them")
        if one.state != "prepared":
            raise UsageError(f"{one.id} cannot be taken any more: {_by_state(one)}. See wxp-lint status")
        return [Draft("taken", one.id)]

    return _tell(ledger, wanted, decide, context)


def uploaded(ledger: Ledger, wanted: Callable[[states.Transfers], Transfer], context: Context) -> Transfer:
    """Records that a person uploaded what was taken. Raises UsageError if nobody took it, or it is beyond that."""

    def decide(one: Transfer) -> list[Draft]:
        if one.state == "prepared":
            raise UsageError(
                f"nobody took {one.id} yet, so two people might upload it. Say first who does: "
                f'wxp-lint take {one.id} --by "NAME"'
            )
        if one.state == "uploaded" and _same(last(one, "uploaded"), context):
            return []
        if one.state != "taken":
            raise UsageError(f"{one.id} cannot be recorded as uploaded: {_by_state(one)}. See wxp-lint status")
        return [Draft("uploaded", one.id)]

    return _tell(ledger, wanted, decide, context)


def last(one: Transfer, kind: str) -> Step:
    """The last event of this kind."""
    return [step for step in one.steps if step.kind == kind][-1]


def _tell(
    ledger: Ledger,
    wanted: Callable[[states.Transfers], Transfer],
    decide: Callable[[Transfer], list[Draft]],
    context: Context,
) -> Transfer:
    """Decides over the ledger as it is, again if it has gone on meanwhile; the transfer as it is then."""
    for turn in range(_TRIES):
        log = ledger.read()
        one = wanted(states.of_log(log))
        drafts = decide(one)
        if not drafts or log is None:
            return one
        try:
            return states.of_log(ledger.append(log.head, drafts, context))[one.id]
        except (Conflict, Unsure):
            if turn == _TRIES - 1:
                raise
    raise AssertionError


def _same(step: Step, context: Context) -> bool:
    return step.actor.name.casefold() == context.actor.name.casefold()


def _by_state(one: Transfer) -> str:
    return f"it is {one.state.replace('_', ' ')}, {_by(one.steps[-1])}"


def _by(step: Step) -> str:
    return f"{step.actor.name} ({step.at:%Y-%m-%d %H:%M} UTC)"
