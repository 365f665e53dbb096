"""What `check` learns from the ledger: read-only, without the network for git, and never in its way."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError

if TYPE_CHECKING:
    from wxp_lint.ledger.events import Log

NONE = "no ledger yet"
_PATIENCE = 20  # seconds for a database


class Handed(NamedTuple):
    """What a file held when its transfer was done: sha256 of the bytes (None: not known) and digest."""

    sha256: str | None
    digest: str


class Peek(NamedTuple):
    """The rows of the table `ledger`, or None and the `reason` why they cannot be had.

    `is_broken`: it is lost, another one, put back or damaged, and `apply` is refused until that is mended.
    `done` is what was handed over from each path, where that is over and the file is not to be handed over again;
    `moves` are the moves of PCs that have evidence.
    """

    rows: Sequence[Mapping[str, object]] | None
    reason: str = NONE
    done: Mapping[str, Handed] = {}
    moves: Sequence[Mapping[str, object]] = ()
    is_broken: bool = False


def peek(settings: Settings) -> Peek:
    """Looks into the ledger. Whatever is wrong with it is a reason, no error."""
    ledger = settings.apply.ledger
    # Most repositories have no ledger yet: that costs a look at the disk, and no import.
    if ledger.startswith("sqlite:") and not (settings.root / ledger.removeprefix("sqlite:")).exists():
        from wxp_lint.ledger.trace import trace

        if not trace(settings.root).file.exists():
            return Peek(None)
    try:
        return _look(settings)
    except UsageError as error:
        from wxp_lint.ledger.protocol import Damaged, Foreign, Lost, RolledBack

        return Peek(None, str(error), is_broken=isinstance(error, Lost | Foreign | RolledBack | Damaged))


def _look(settings: Settings) -> Peek:
    from wxp_lint.ledger.address import address

    kind, rest = address(settings)
    if kind == "git":
        return _look_at_branch(settings, rest)
    from wxp_lint.ledger.open import open_ledger

    ledger = open_ledger(settings)
    log = ledger.look() if kind == "sqlite" else in_time(ledger.look, ledger.name)
    return Peek(None) if log is None else _told(log)


def _look_at_branch(settings: Settings, branch: str) -> Peek:
    """The branch as this clone knows it: one call of git, and no network."""
    from wxp_lint.ledger.events import BadLog, parse
    from wxp_lint.ledger.plumbing import FILE, REMOTE, local_lines

    lines = local_lines(settings.root, branch)
    if lines is None:
        return _absent(settings, branch, REMOTE)
    try:
        return _told(parse(lines))
    except BadLog as error:
        return Peek(None, f"{FILE} in the branch {branch} cannot be read: {error}", is_broken=True)


def _told(log: "Log") -> Peek:
    from wxp_lint.ledger import states

    known = states.of_log(log)
    newest = {one.path: one for one in known.values()}
    done = {path: Handed(one.sheet, one.digest) for path, one in newest.items() if one.done}
    return Peek(states.rows(known), "", done, states.moves(known))


def _absent(settings: Settings, branch: str, remote: str) -> Peek:
    """Why this clone has no such branch. Raises Lost where it had one, and there is no remote that may have it."""
    from wxp_lint.ledger import mark
    from wxp_lint.ledger.trace import trace
    from wxp_lint.repo import program

    if program.root(settings.root) is None:
        return Peek(None, "the ledger is a git branch, and there is no git repository")
    if program.run(settings.root, "config", "--get", f"remote.{remote}.url").returncode:
        mark.verify(mark.load(trace(settings.root)), None, f"git branch {branch}")
        return Peek(None)
    ref = f"{branch}:refs/remotes/{remote}/{branch}"
    return Peek(None, f"{NONE}, or the branch {branch} was not fetched: git fetch {remote} {ref}")


def in_time(look: "Callable[[], Log | None]", name: str) -> "Log | None":
    """What `look` finds; a server that took the connection may still never answer. Raises UsageError."""
    from threading import Thread

    found: list[Log | None] = []
    failed: list[UsageError] = []

    def run() -> None:
        try:
            found.append(look())
        except UsageError as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    if failed:
        raise failed[0]
    if not found:
        raise UsageError(f"{name} did not answer within {_PATIENCE} seconds")
    return found[0]
