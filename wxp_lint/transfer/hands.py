"""What people say they did with a prepared transfer: took it, uploaded it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.files.model import Source
from wxp_lint.ledger import states
from wxp_lint.ledger.events import Context, Draft
from wxp_lint.ledger.protocol import Conflict, Ledger, Unsure
from wxp_lint.ledger.states import Step, Transfer
from wxp_lint.repo.typed import LISTS, in_utf8, resolve, shown

_TRIES = 20


class Busy(UsageError):
    """Somebody else has it (exit code 7)."""


def find(known: states.Transfers, text: str, settings: Settings, cwd: Path) -> Transfer:
    """The transfer with this id, or whose id begins so, or of the file at this path. Raises UsageError.

    Of a file it is the newest that was begun from its path; where there is none, or that is settled, the newest of what
    the file holds: it may have been renamed since.
    """
    if text in known:
        return known[text]
    begun = [one for one in known if one.startswith(text)] if text.startswith("t-") else []
    if len(begun) > 1:
        raise UsageError(f"{shown(text)} is the beginning of several transfers: {', '.join(begun)}: give one in full")
    if begun:
        return known[begun[0]]
    there: set[str] = set()
    with suppress(UsageError):  # a file that is gone may still be the ledger's
        there = {named.key for named in resolve([text], cwd, settings.root, as_given=False) if not named.folder}
    begun_there = (states.newest(known, in_utf8(path)) for path in {text.replace("\\", "/").removeprefix("./"), *there})
    found = next((one for one in begun_there if one), None)
    if known and (found is None or found.settled):
        found = next((one for path in there if (one := _holding(known, path, settings))), found)
    if found:
        return found
    if not known:
        raise UsageError("there is no ledger yet: see wxp-lint apply")
    hint = did_you_mean(text, [*known, *(one.path for one in known.values())])
    raise UsageError(f"the ledger has no transfer '{shown(text)}'{hint or '.'} See wxp-lint plan")


def _holding(known: states.Transfers, path: str, settings: Settings) -> Transfer | None:
    """The newest transfer of what the file at `path` holds now."""
    from wxp_lint.lint import catalogue
    from wxp_lint.lint.handed import digest_of

    if not path.lower().endswith(LISTS):
        return None
    custom = [settings.root / folder for folder in settings.custom_rules]
    source = Source(in_utf8(path), settings.root / path)
    mark = digest_of(source, settings, catalogue.load(custom, origins=settings.origins))
    return next((one for one in reversed(list(known.values())) if one.digest == mark), None)


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
