"""The fixes of a run: check, mend in memory, check again, until nothing is left to mend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.files.excerpt import excerpts
from wxp_lint.files.header import Words, words
from wxp_lint.files.model import TransferFile
from wxp_lint.fix.plan import Plan, Withheld, choose, offered
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import Finding, Result

PASSES = 10
_NO_USE = "it would still be there after the fix, so the file stays as it was"


@dataclass(frozen=True, slots=True)
class Mended:
    """A file before and after: as it was read, its bytes, how many findings were answered, and how many are left."""

    path: str
    location: Path
    before: TransferFile
    after: TransferFile
    old: bytes
    new: bytes
    fixed: int
    left: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run would write, sorted by path; what a check says then; what could not be done, and why."""

    files: Sequence[Mended]
    left: Result
    withheld: Sequence[tuple[Finding, str]]
    secrets: frozenset[str]


@dataclass(slots=True)
class _Work:
    """A file under repair."""

    before: TransferFile
    old: bytes
    data: bytes
    fixed: int = 0
    last: tuple[bytes, int, frozenset[str]] = (b"", 0, frozenset())  # before the last pass; whole-file rules done in it
    banned: set[str] = field(default_factory=set)
    withheld: dict[Finding, str] = field(default_factory=dict)


def mend(settings: Settings, catalogue: Catalogue, request: Request, *, unsafe: bool = False) -> Outcome:
    """Mends the files of `request` in memory, by safe fixes alone or by unsafe ones too; writes nothing.

    Raises UsageError as `check` does.
    """
    known = words(settings.columns.serial, settings.columns.customer)
    names = {item.location: item.path for item in request.selection.files}
    given = dict(request.contents or {})
    result = check(settings, catalogue, request)
    secrets = result.secrets
    work: dict[str, _Work] = {}
    for _ in range(PASSES):
        changed = [path for path, found in _by_path(result).items() if _pass(work, path, found, result, known, unsafe)]
        if not changed:
            break
        given |= {names[work[path].before.source.location]: work[path].data for path in changed}
        result = check(settings, catalogue, request._replace(contents=given))
        secrets |= result.secrets
    return _outcome(work, result, secrets)


def _by_path(result: Result) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if finding.path is not None and finding.path in result.files:
            found.setdefault(finding.path, []).append(finding)
    return found


def _pass(
    work: dict[str, _Work], path: str, findings: Sequence[Finding], result: Result, known: Words, unsafe: bool
) -> bool:
    """Whether one pass over the file at `path` changed it."""
    file = result.files[path]
    offers = offered(findings, unsafe=unsafe)
    if file.table is None or not offers:
        return False
    at = excerpts(file)
    findings = [finding for finding in findings if finding.line is None or at(finding.line)]  # a user's rule may err
    if path not in work:
        data = _content(file)
        work[path] = _Work(file, data, data)
    state = work[path]
    useless = state.last[2] & {finding.code for finding in offers if _is_whole(finding)}
    if useless:
        # The file still has what was put right as a whole: better as it was than changed again and again.
        state.banned |= useless
        state.data, state.fixed = state.last[:2]
        state.last = (b"", 0, frozenset())
        return True
    banned = {f: _NO_USE for f in findings if _is_whole(f) and f.code in state.banned}
    plan = choose([f for f in findings if f not in banned], file, unsafe=unsafe)
    state.withheld = {**banned, **plan.withheld}
    try:
        new, refused = _applied(state.data, file, plan, known)
    except Withheld as error:
        state.withheld |= dict.fromkeys(offers, str(error))
        return False
    state.withheld |= refused
    if new == state.data:
        return False
    done = {*plan.mends, *(text.finding for text in plan.cells.values())} - refused.keys()
    whole = frozenset(finding.code for finding in done if _is_whole(finding))
    state.last = (state.data, state.fixed, whole)
    state.data, state.fixed = new, state.fixed + len(done)
    return True


def _is_whole(finding: Finding) -> bool:
    """Whether its fix is for the whole file, whatever line it names."""
    moving = finding.fix is not None and finding.fix.action in ("swap-columns", "insert-header")
    return finding.line is None or moving


def _content(file: TransferFile) -> bytes:
    """The bytes that `file` was read from. Raises UsageError if they are others by now."""
    from hashlib import sha256

    try:
        data = file.source.read()
    except OSError:
        data = b""
    if sha256(data).hexdigest() != file.sha256:
        raise UsageError(f"{file.source.path}: somebody changed it while it was read: run this again")
    return data


def _applied(data: bytes, file: TransferFile, plan: Plan, known: Words) -> tuple[bytes, dict[Finding, str]]:
    apply: Callable[[bytes, TransferFile, Plan, Words], tuple[bytes, dict[Finding, str]]]
    if file.format == "xlsx":
        from wxp_lint.fix.xlsx import fix_xlsx as apply
    else:
        from wxp_lint.fix.csv import fix_csv as apply
    return apply(data, file, plan, known)


def _outcome(work: Mapping[str, _Work], result: Result, secrets: frozenset[str]) -> Outcome:
    left = _by_path(result)
    files = [
        Mended(
            path,
            state.before.source.location,
            state.before,
            result.files[path],
            state.old,
            state.data,
            state.fixed,
            len(left.get(path, ())),
        )
        for path, state in sorted(work.items())
        if state.data != state.old
    ]
    still = set(result.findings)
    withheld = [
        (finding, why)
        for _, state in sorted(work.items())
        for finding, why in state.withheld.items()
        if finding in still
    ]
    return Outcome(files, result, withheld, secrets)
