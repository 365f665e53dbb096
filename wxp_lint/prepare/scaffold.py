"""What a new assignments repo begins with: the files, and how they are laid without touching what is there."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from wxp_lint import HOME, __version__
from wxp_lint.config.load import FILE
from wxp_lint.config.settings import Settings
from wxp_lint.config.text import as_toml
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import COLUMNS
from wxp_lint.prepare.customers import Customer
from wxp_lint.prepare.owners import PLACES, code_owners
from wxp_lint.repo.glob import fixed_prefix

CI = ("github", "gitlab", "none")
LEDGERS = {"git": "git:wxp-ledger", "sqlite": "sqlite:.wxp-lint/ledger.db", "none": None}
_STARTER = Path(__file__).with_name("starter")


class Wishes(NamedTuple):
    """What was asked for: `ci` one of CI, `ledger` of LEDGERS, the branch that transfers are merged into."""

    ci: str
    ledger: str
    require_possession: bool
    branch: str


class Piece(NamedTuple):
    """A file to lay at `path`, from the root and with "/".

    `shared`: lines of it that are missing are added to what is there. `mend`: what to do by hand where it
    is there already. `unless`: other paths at which it may stand.
    """

    path: str
    text: str
    shared: bool = False
    mend: str = ""
    unless: tuple[str, ...] = ()


class Laid(NamedTuple):
    """What came of a piece: "new", "added to" or "left", and why or what is to be done."""

    path: str
    what: str
    note: str = ""


def pieces(settings: Settings, wishes: Wishes, customers: Sequence[Customer]) -> Iterator[Piece]:
    """The files of a repo with these settings. `wishes` are what its config says, unless it has one."""
    config = () if settings.file is None else (settings.file.name,)
    yield Piece(FILE, _filled("wxp-lint.toml", **_values(wishes)), unless=config)
    if settings.customers:
        yield Piece(settings.customers, ",".join(COLUMNS) + "\n")
    folder = fixed_prefix(settings.transfers[0])
    if folder:
        yield Piece(f"{folder}/README.md", _filled("transfers.md", folder=folder))
    hooks = "take in the hooks wxp-lint and wxp-lint-repo"
    yield Piece(".pre-commit-config.yaml", _filled("pre-commit-config.yaml"), mend=hooks)
    if wishes.ci == "github":
        yield Piece(".github/workflows/wxp-lint.yml", _filled("github.yml"))
    if wishes.ci == "gitlab":
        job = 'take in a job that runs wxp-lint check --config-from "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"'
        yield Piece(".gitlab-ci.yml", _filled("gitlab-ci.yml"), mend=job)
    yield Piece(".gitattributes", _filled("gitattributes"), shared=True)
    yield Piece(".gitignore", _filled("gitignore"), shared=True)
    owned = code_owners(customers, list(dict.fromkeys(map(fixed_prefix, settings.transfers))))
    if owned:
        place = ".github/CODEOWNERS" if wishes.ci == "github" else "CODEOWNERS"
        yield Piece(place, owned, unless=PLACES)


def lay(root: Path, piece: Piece) -> Laid:
    """Writes a piece below `root`, never over what is there, nor through a link out of it. Raises UsageError."""
    there = next((path for path in (piece.path, *piece.unless) if os.path.lexists(root / path)), None)
    try:
        if there is None:
            return _new(root, piece)
        if piece.shared and (root / there).is_file() and not (root / there).is_symlink():
            return _add(root / there, piece)
        is_done = not piece.mend or b"wxp-lint" in (root / there).read_bytes()
    except OSError as error:
        raise UsageError(f"{piece.path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    return Laid(there, "left", "" if is_done else piece.mend)


def _new(root: Path, piece: Piece) -> Laid:
    file = root / piece.path
    inside = next(folder for folder in file.parents if folder.exists())
    if not inside.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{piece.path}: a link leads out of the repository: lay the file by hand")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as stream:
        stream.write(piece.text.encode())
    return Laid(piece.path, "new")


def _add(file: Path, piece: Piece) -> Laid:
    """Only what counts is asked for: a comment that is missing is no reason to add anything."""
    old = file.read_bytes()
    has = {line.strip() for line in old.decode("utf-8", "replace").splitlines()}
    missing = [line for line in piece.text.splitlines() if line not in has]
    rules = [line for line in missing if not line.startswith("#")]
    if not rules:
        return Laid(piece.path, "left")
    newline = b"\r\n" if b"\r\n" in old else b"\n"
    gap = b"" if not old or old.endswith(b"\n") else newline
    with file.open("ab") as stream:
        stream.write(gap + b"".join(line.encode() + newline for line in missing))
    return Laid(piece.path, "added to", ", ".join(rules))


def _values(wishes: Wishes) -> dict[str, str]:
    ledger = LEDGERS[wishes.ledger]
    line = f"ledger = {as_toml(ledger)}" if ledger else f"# ledger = {as_toml(LEDGERS['git'])}"
    return {
        "ledger": line,
        "branch": as_toml(wishes.branch),
        "possession": as_toml(wishes.require_possession),
    }


def _filled(name: str, **values: str) -> str:
    """A file of starter/ with `@name@` replaced."""
    text = (_STARTER / name).read_text("utf-8")
    given = {"home": HOME, "action": HOME.removeprefix("https://github.com/"), "version": __version__, **values}
    for key, value in given.items():
        text = text.replace(f"@{key}@", value)
    return text
