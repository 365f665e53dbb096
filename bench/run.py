"""Benchmarks: wxp-lint beside its peers, same rows, same machine, in turn; prints medians and ratios.

python bench/run.py            all rows
python bench/run.py hook 1m    rows whose name holds one of the words
python bench/run.py --runs 9   more runs each (default 7)
python bench/run.py --memory   the most memory that a run takes, of one run each, in place of times
python bench/run.py --duckdb 1.5.6 hook 1m   wxp-lint on another DuckDB, in an environment of its own
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import data

HERE = Path(__file__).parent
DATA = HERE / "data"
BIN = "Scripts" if os.name == "nt" else "bin"
PEERS = HERE / ".venv/peers"

_ONE_LIST = '[inventory]\nmax-age-days = 3650\nsources = [{{ path = "inventory/{}", place = "unassigned" }}]\n'


@dataclass(frozen=True)
class Case:
    """One comparison: `ours` must take at most `limit` times what `peer` takes.

    `says` stands in our output, so that nobody measures a run that looked at nothing.
    """

    name: str
    says: str
    ours: Sequence[str]
    peer: Sequence[str]
    limit: float
    cwd: Path = DATA


def ours_in(duckdb: str) -> Path:
    """The environment of wxp-lint; one with another DuckDB has a place of its own."""
    return HERE / (f".venv/wxp-lint-duckdb-{duckdb}" if duckdb else ".venv/wxp-lint")


def install(wxp: Path, duckdb: str) -> None:
    """wxp-lint as users get it (not editable, compiled), and the pinned peers, each in its environment.

    `duckdb` is the version that wxp-lint gets, the newest where it is empty.
    """
    engine = [f"duckdb=={duckdb}"] if duckdb else []
    for place, what in ((wxp, [str(HERE.parent), *engine]), (PEERS, ["-r", str(HERE / "requirements.txt")])):
        if not place.exists():
            venv.create(place, with_pip=True)
        python = place / BIN / "python"
        flags = ["--force-reinstall", "--no-deps"] if place == wxp and (place / BIN / "wxp-lint").exists() else []
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *flags, *what], check=True)


def cases(wxp: Path) -> list[Case]:
    """The rows of the table in docs/performance.md, with the wxp-lint of the environment `wxp`."""
    ours, python = str(wxp / BIN / "wxp-lint"), str(PEERS / BIN / "python")
    small = data.write_csv(DATA / "small/200.csv", 200)
    document = data.write_json(DATA / "small/200.json", 200)
    large = data.write_csv(DATA / "large/1m.csv", 1_000_000)
    inventory = data.write_inventory(DATA / "large/inventory.csv", 1_000_000)
    repo = full_repo(DATA / "full")
    many = in_git(data.write_repo(DATA / "many", 5_000, 200))
    some = in_git(data.write_repo(DATA / "some", 50, 200))
    book = data.write_xlsx(DATA / "large/100k.xlsx", 100_000)
    schema = str(document.with_suffix(".schema.json"))
    jsonschema = [str(PEERS / BIN / "check-jsonschema"), "--schemafile", schema, str(document)]
    frictionless = [str(PEERS / BIN / "frictionless"), "validate", small.name]
    pandera = [python, str(HERE / "peers/pandera_polars.py"), str(large)]
    few, lots = fleet(DATA / "fleet-100k", 100_000, ours), fleet(DATA / "fleet-10m", 10_000_000, ours)
    export = with_workbook(DATA / "export", 200_000)
    hook = [ours, "check", "--force-exclude", "transfers/acme/200.csv"]
    one_of_many = [ours, "check", "--force-exclude", "transfers/customer-00/00000.csv"]
    return [
        Case("hook, 200 rows / check-jsonschema", "1 file, 200 devices", [ours, "check", str(small)], jsonschema, 0.65),
        Case(
            "hook, 200 rows / frictionless",
            "1 file, 200 devices",
            [ours, "check", str(small)],
            frictionless,
            0.40,
            small.parent,
        ),
        Case(
            "hook, 200 rows with customers, inventory, sidecar / check-jsonschema",
            "1 file, 200 devices",
            hook,
            jsonschema,
            0.75,
            repo,
        ),
        Case(
            "hook, 200 rows with customers, inventory, sidecar / frictionless",
            "1 file, 200 devices",
            hook,
            frictionless_at(frictionless, small),
            0.40,
            repo,
        ),
        Case(
            "one CSV of 1m rows / pandera-polars",
            "1 file, 1,000,000 devices",
            [ours, "check", str(large)],
            pandera,
            0.85,
        ),
        Case(
            "1m rows with a 1m-device inventory / pandera-polars",
            "1 file, 1,000,000 devices",
            [ours, "check", "--inventory", str(inventory), str(large)],
            pandera,
            1.25,
        ),
        Case(
            "5,000 files of 200 rows / DuckDB by hand",
            "5,000 files, 1,000,000 devices",
            [ours, "check", "transfers"],
            [python, str(HERE / "peers/duckdb_by_hand.py"), str(many)],
            1.0,
            many,
        ),
        Case(
            "hook, one file in a repo of 5,000 files of 200 rows, warm / in a repo of 50",
            "1 file, 200 devices",
            one_of_many,
            ["env", f"--chdir={some}", *one_of_many],
            1.5,
            many,
        ),
        Case(
            "hook, 200 rows against 10m devices, synced / against 100k, synced",
            "1 file, 200 devices",
            hook,
            ["env", f"--chdir={few}", *hook],
            3.0,
            lots,
        ),
        Case(
            "200 rows with an XLSX export of 200k devices, second run / reading it each time",
            "1 file, 200 devices",
            hook,
            [*hook, "--no-cache"],
            0.5,
            export,
        ),
        Case(
            "XLSX of 100k rows / openpyxl reading it",
            "1 file, 100,000 devices",
            [ours, "check", str(book)],
            [python, str(HERE / "peers/openpyxl_read.py"), str(book)],
            0.25,
        ),
    ]


@dataclass(frozen=True)
class Load:
    """Work whose most memory is measured: at most `limit` MB."""

    name: str
    says: str
    command: Sequence[str]
    limit: int


def loads(wxp: Path) -> list[Load]:
    """The rows of the table of memory in docs/performance.md."""
    check = [str(wxp / BIN / "wxp-lint"), "check"]
    large = data.write_csv(DATA / "large/1m.csv", 1_000_000)
    inventory = data.write_inventory(DATA / "large/inventory.csv", 1_000_000)
    huge = data.write_fleet(DATA / "large/10m.csv", 10_000_000, target=True)
    one, ten = "1 file, 1,000,000 devices", "1 file, 10,000,000 devices"
    return [
        Load("one CSV of 1m rows", one, [*check, str(large)], 600),
        Load("1m rows with a 1m-device inventory", one, [*check, "--inventory", str(inventory), str(large)], 600),
        Load("one CSV of 10m rows", ten, [*check, str(huge)], 4096),
    ]


def frictionless_at(command: Sequence[str], file: Path) -> list[str]:
    """frictionless takes only paths below the folder it runs in."""
    return ["env", f"--chdir={file.parent}", *command]


def full_repo(folder: Path) -> Path:
    """A repo with everything that a check can look up: registry, inventory, sidecar, config; in git."""
    if not folder.exists():
        data.write_csv(folder / "transfers/acme/200.csv", 200)
        data.write_inventory(folder / "inventory/unassigned-2026-01-01.csv", 2_000)
        (folder / "customers.csv").write_text(f"customer_id,name,folder\n{data.CUSTOMER},Acme,acme\n")
        (folder / "transfers/acme/200.csv.toml").write_text(
            'source = "unassigned"\n\n[possession]\nby = "service desk"\non = 2026-01-02\n'
        )
        (folder / "wxp-lint.toml").write_text(
            'customers = "customers.csv"\n\n[inventory]\nmax-age-days = 3650\n'
            'sources = [{ path = "inventory/unassigned-2026-01-01.csv", place = "unassigned" }]\n'
        )
    return in_git(folder)


def fleet(folder: Path, devices: int, program: str) -> Path:
    """A repo whose inventory, outside of git, is of so many devices, and gathered."""
    data.write_fleet(folder / "inventory/unassigned-2026-01-01.csv", devices)
    if not (folder / "wxp-lint.toml").exists():
        data.write_csv(folder / "transfers/acme/200.csv", 200)
        (folder / ".gitignore").write_text("inventory/\n")
        (folder / "wxp-lint.toml").write_text(_ONE_LIST.format("unassigned-2026-01-01.csv"))
    in_git(folder)
    subprocess.run([program, "inventory", "sync"], cwd=folder, check=True, capture_output=True)
    return folder


def with_workbook(folder: Path, devices: int) -> Path:
    """A repo whose inventory is one workbook."""
    if not (folder / "wxp-lint.toml").exists():
        data.write_csv(folder / "transfers/acme/200.csv", 200)
        export = data.write_fleet(folder / "list.csv", devices)
        data.write_book(folder / "inventory/unassigned-2026-01-01.xlsx", export)
        (folder / ".gitignore").write_text("inventory/\nlist.csv\n")
        (folder / "wxp-lint.toml").write_text(_ONE_LIST.format("unassigned-2026-01-01.xlsx"))
    return in_git(folder)


def in_git(folder: Path) -> Path:
    """Makes `folder` a git repo of its own with all files added: this project's repo ignores it."""
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    return folder


def seconds(command: Sequence[str], cwd: Path, says: str = "") -> float:
    """Wall time of one run; it must exit with 0 and print `says`."""
    start = perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    took = perf_counter() - start
    if done.returncode or says not in done.stdout:
        sys.exit(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return took


def megabytes(load: Load) -> float:
    """The most memory of one run, in MB of a million bytes; it must exit with 0 and say what it is to say."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(load.command, cwd=DATA, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode or load.says not in text:
        sys.exit(f"{' '.join(load.command)} exited with {process.returncode}:\n{text[-2000:]}")
    return used.ru_maxrss * 1024 / 1e6


def measure(case: Case, runs: int) -> tuple[float, float]:
    """Medians of ours and the peer's, run in turn, after one run of each that fills the caches."""
    commands: list[Callable[[], float]] = [
        lambda: seconds(case.ours, case.cwd, case.says),
        lambda: seconds(case.peer, case.cwd),
    ]
    for command in commands:
        command()
    taken = [[command() for command in commands] for _ in range(runs)]
    return statistics.median(t[0] for t in taken), statistics.median(t[1] for t in taken)


def machine(wxp: Path) -> str:
    """What the figures were measured on."""
    script = "import duckdb, typer; print(f'duckdb {duckdb.__version__}, typer {typer.__version__}')"
    ours = subprocess.run([wxp / BIN / "python", "-c", script], capture_output=True, text=True, check=True).stdout
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}, {ours.strip()}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only rows whose name holds one of these")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--duckdb", default="", metavar="VERSION", help="of wxp-lint; its peers stay as they are")
    parser.add_argument("--memory", action="store_true", help="measure memory in place of time (Linux)")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wxp = ours_in(arguments.duckdb)
    install(wxp, arguments.duckdb)
    if arguments.memory:
        print(f"{machine(wxp)}\n\n| work | most memory | at most | |\n|---|---|---|---|")
        for load in loads(wxp):
            used = megabytes(load)
            verdict = "met" if used <= load.limit else "NOT met"
            print(f"| {load.name} | {used:,.0f} MB | {load.limit:,} MB | {verdict} |", flush=True)
        return
    print(f"{machine(wxp)}; medians of {arguments.runs} runs\n")
    print("| work | wxp-lint | peer | ratio | at most | |\n|---|---|---|---|---|---|")
    for case in cases(wxp):
        if arguments.words and not any(word in case.name for word in arguments.words):
            continue
        ours, peer = measure(case, arguments.runs)
        ratio = ours / peer
        verdict = "met" if ratio <= case.limit else "NOT met"
        print(
            f"| {case.name} | {ours:.3f} s | {peer:.3f} s | {ratio:.2f} | {case.limit:.2f} | {verdict} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
