import contextlib
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import connect
from wxp_lint.errors import UsageError
from wxp_lint.inventory import sync
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.exports import Export, expand
from wxp_lint.inventory.snapshot import MANIFEST, home, load
from wxp_lint.inventory.synced import StandIn, Synced, in_use

CHECKOUT = Path(__file__).parents[2]
EVERYTHING = Asked(None, frozenset({"last_user", "last_seen"}))


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "repo").mkdir()
    return tmp_path / "repo"


@pytest.fixture
def lay(root):
    def write(name, text):
        (root / name).write_text(text)

    return write


def lists(root, *names, **columns):
    sources = [InventorySource(path=name, columns=columns) for name in names]
    return [(source, Export(source, path, root)) for source in sources for path in expand(source, root)]


def keep(root, *names, asked=EVERYTHING, minimal=False, **columns):
    """Syncs the lists; what comes back are the names of those that were read for it."""
    read = []

    def told(done, total, name):
        read.append(name)

    with sync.gather(lists(root, *names, **columns), root, asked, told, minimal=minimal) as gathered:
        sync.keep(gathered, root)
    return [name for name in read if name]


def answers(root, keys, *names, asked=EVERYTHING):
    """What the lists say of `keys`, and whether each of them is answered from the snapshot."""
    stand_in = StandIn(load(root), asked.personal)
    sources = [stand_in(source, one) for source, one in lists(root, *names)]
    con = connect()
    con.execute("create table k (serial_key varchar)")
    con.executemany("insert into k values (?)", [[one] for one in keys])
    found = []
    with contextlib.ExitStack() as opened:
        for one in sources:
            devices = one.open(con, asked._replace(keys="select serial_key from k"), opened)
            rows = con.execute(f"from ({devices.relation})", dict(devices.parameters)).fetchall()
            found += [(one.name, dict(zip(devices.fields, row))) for row in rows if row[0] in keys]
    con.close()
    return sorted(found, key=str), [isinstance(one, Synced) for one in sources]


def test_a_list_is_told_from_the_snapshot_as_it_would_tell_itself(root, lay):
    lay("a.csv", "Serial Number,Customer,Last user\n5cg8234xmv ,Acme,jo@x.example\nSGH327SZYD,,\n")
    lay("b.csv", "SN,As of\n5CG8234XMV,2026-11-03\n,2026-11-03\n")
    keep(root, "a.csv", "b.csv")

    found, synced = answers(root, ["5CG8234XMV"], "a.csv", "b.csv")

    assert synced == [True, True]
    assert found == [
        ("a.csv", {"serial": "5CG8234XMV", "customer": "Acme", "last_user": "jo@x.example"}),
        ("b.csv", {"serial": "5CG8234XMV", "as_of": "2026-11-03"}),
    ]
    assert load(root).devices == 2


def test_only_what_changed_is_read_again(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    lay("b.csv", "SN\nSGH327SZYD\n")
    assert keep(root, "a.csv", "b.csv") == ["a.csv", "b.csv"]
    before = load(root)
    assert keep(root, "a.csv", "b.csv") == []
    assert (load(root).lists, load(root).devices) == (before.lists, 2)
    assert load(root).made > before.made

    lay("b.csv", "SN\nSGH327SZYD\n5CD9123KLM\n")

    assert keep(root, "b.csv", "a.csv") == ["b.csv"]
    found, _ = answers(root, ["5CG8234XMV", "SGH327SZYD", "5CD9123KLM"], "a.csv", "b.csv")
    assert [(name, row["serial"]) for name, row in found] == [
        ("a.csv", "5CG8234XMV"),
        ("b.csv", "5CD9123KLM"),
        ("b.csv", "SGH327SZYD"),
    ]


def test_a_list_that_changed_since_is_read_itself(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    lay("b.csv", "SN\nSGH327SZYD\n")
    keep(root, "a.csv", "b.csv")
    lay("b.csv", "SN\n5CD9123KLM\n")

    found, synced = answers(root, ["SGH327SZYD", "5CD9123KLM"], "a.csv", "b.csv")

    assert synced == [True, False]
    assert found == [("b.csv", {"serial": "5CD9123KLM"})]


def test_the_same_size_and_time_do_not_hide_a_change(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    before = (root / "a.csv").stat()
    lay("a.csv", "SN\n5CD9123KLM\n")
    os.utime(root / "a.csv", ns=(before.st_atime_ns, before.st_mtime_ns))

    assert answers(root, ["5CD9123KLM"], "a.csv") == ([("a.csv", {"serial": "5CD9123KLM"})], [False])


def test_other_column_names_are_another_list(root, lay):
    lay("a.csv", "SN,Other\n5CG8234XMV,SGH327SZYD\n")
    keep(root, "a.csv", serial="SN")

    _, synced = answers(root, ["5CG8234XMV"], "a.csv")

    assert synced == [False]


def test_personal_columns_are_kept_only_if_they_are_asked_for(root, lay):
    lay("a.csv", "SN,Last user,Last seen\n5CG8234XMV,jo@x.example,2026-11-03\n")
    keep(root, "a.csv", asked=Asked(None))

    assert b"jo@x.example" not in load(root).data.read_bytes()
    assert answers(root, ["5CG8234XMV"], "a.csv", asked=Asked(None))[1] == [True]
    assert answers(root, ["5CG8234XMV"], "a.csv")[1] == [False]  # who wants them reads the list


def test_a_minimal_snapshot_holds_no_names_of_devices(root, lay):
    lay("a.csv", "SN,Device name,Customer,Last user\n5CG8234XMV,PC-OF-JO,Acme,jo@x.example\n")
    keep(root, "a.csv", minimal=True)

    data = load(root).data.read_bytes()

    assert b"PC-OF-JO" not in data
    assert b"jo@x.example" not in data
    assert answers(root, ["5CG8234XMV"], "a.csv") == (
        [("a.csv", {"serial": "5CG8234XMV", "customer": "Acme"})],
        [True],
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_its_owner_alone_can_read_it(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    place = home(root)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}

    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_others_can_write_is_not_believed(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    home(root).chmod(0o777)

    assert load(root) is None
    with pytest.raises(UsageError, match="not trusted"):
        keep(root, "a.csv")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1}'])
def test_a_broken_manifest_is_no_snapshot(root, lay, broken):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    (home(root) / MANIFEST).write_bytes(broken)

    assert load(root) is None
    assert keep(root, "a.csv") == ["a.csv"]


def test_a_list_that_cannot_be_read_leaves_the_old_snapshot(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    lay("b.csv", "SN\nSGH327SZYD\n")
    keep(root, "a.csv", "b.csv")
    before = load(root)
    lay("b.csv", "Name\nno serial\n")

    with pytest.raises(UsageError, match=r"b\.csv"):
        keep(root, "a.csv", "b.csv")

    assert load(root) == before
    assert sorted(path.name for path in home(root).iterdir()) == sorted([MANIFEST, before.data.name])


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {checkout!r})
from wxp_lint.inventory import sync
from wxp_lint.inventory.devices import Asked
from wxp_lint.inventory.exports import Export, expand
from wxp_lint.config.settings import InventorySource
root, step = Path(sys.argv[1]), int(sys.argv[2])
STEPS = ("os.rename", "os.remove", "os.link", "os.mkdir", "os.chmod", "os.utime", "open")
count = 0
def trace(event, args):
    global count
    if event in STEPS and "snapshot" in str(args[0]):
        count += 1
        if count == step:
            os._exit(9)
source = InventorySource(path="a.csv")
sys.addaudithook(trace)
lists = [(source, Export(source, root / "a.csv", root))]
with sync.gather(lists, root, Asked(None), lambda *_: None, minimal=False) as gathered:
    sync.keep(gathered, root)
print("done")
"""


def test_a_kill_at_any_step_leaves_the_old_snapshot_or_the_new(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    lay("a.csv", "SN\nSGH327SZYD\n")
    seen = set()
    for step in range(1, 60):
        program = [sys.executable, "-c", KILLED.format(checkout=str(CHECKOUT)), str(root), str(step)]
        done = subprocess.run(program, capture_output=True, text=True)
        found = load(root)
        con = connect()
        rows = con.execute("select serial_key from read_parquet($p)", {"p": str(found.data)}).fetchall()
        con.close()
        seen.add(rows[0][0])
        assert found.devices == len(rows) == 1
        if done.stdout == "done\n":
            break
        assert done.returncode == 9, done.stderr
    assert seen == {"5CG8234XMV", "SGH327SZYD"}
    assert step > 5


def test_what_a_killed_sync_left_is_cleared_away_later(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    keep(root, "a.csv")
    left, old, new = home(root) / "draft-left", home(root) / "old.parquet", home(root) / "new.parquet"
    left.mkdir()
    old.write_bytes(b"")
    new.write_bytes(b"")
    for path in (left, old):
        os.utime(path, (1, 1))

    keep(root, "a.csv")

    assert [path.exists() for path in (left, old, new)] == [False, False, True]


def test_syncs_and_checks_at_the_same_time_see_whole_snapshots(root, lay):
    lay("a.csv", "SN\n" + "".join(f"5CG{n:07}\n" for n in range(5000)))
    keep(root, "a.csv")
    until = time.monotonic() + 1.5
    broken = []

    def work(act):
        try:
            while time.monotonic() < until:
                act()
        except Exception as error:
            broken.append(error)

    def look():
        found, synced = answers(root, ["5CG0000007", "5CG0004999"], "a.csv")
        assert len(found) == 2
        assert synced == [True]

    threads = [threading.Thread(target=work, args=(act,)) for act in (lambda: keep(root, "a.csv"), look) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []


def test_few_keys_among_many_are_found_without_reading_it_all(root):
    """What need not be read is destroyed first."""
    con = connect()
    con.execute(f"copy (select md5(i::varchar) as SN from range(300000) r(i)) to '{root / 'a.csv'}' (header)")
    keys = [con.execute(f"select upper(md5('{n}'))").fetchone()[0] for n in (7, 150_000, 299_999)]
    keep(root, "a.csv")
    data = load(root).data
    chunks = con.execute(
        """
        select start, total_compressed_size, bool_or(keys.key between low and high)
        from (
            select
                coalesce(dictionary_page_offset, data_page_offset) as start, total_compressed_size,
                max(stats_min_value) filter (path_in_schema = 'serial_key') over (partition by row_group_id) as low,
                max(stats_max_value) filter (path_in_schema = 'serial_key') over (partition by row_group_id) as high
            from parquet_metadata(?)
        ), (select unnest(?) as key) keys
        group by all
        """,
        [str(data), keys],
    ).fetchall()
    con.close()
    with data.open("r+b") as file:
        for start, length, is_needed in chunks:
            if not is_needed:
                file.seek(start)
                file.write(b"\xff" * length)

    found, _ = answers(root, keys, "a.csv")

    assert len(chunks) > 100
    assert sum(is_needed for *_, is_needed in chunks) < len(chunks) / 5
    assert sorted(row["serial"] for _, row in found) == sorted(keys)


def test_an_exported_snapshot_is_sorted_and_always_the_same_bytes(root, lay, tmp_path):
    lay("a.csv", "SN,Customer,Device name\nSGH327SZYD,Acme,b\n5CG8234XMV,,a\n5CG8234XMV,,c\n")
    targets = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for target in targets:
        with sync.gather(lists(root, "a.csv"), root, EVERYTHING, lambda *_: None, minimal=True) as gathered:
            assert sync.write(gathered, {0: None}, {0: None}, target) == 2
    con = connect()

    rows = con.execute("select * from read_parquet($p)", {"p": str(targets[0])}).fetchall()

    assert rows == [("5CG8234XMV", "Unassigned", None), ("SGH327SZYD", "Acme", None)]
    assert targets[0].read_bytes() == targets[1].read_bytes()
    con.close()


def test_what_is_in_use_is_told(root, lay):
    lay("a.csv", "SN\n5CG8234XMV\n")
    lay("b.csv", "SN\nSGH327SZYD\n")
    keep(root, "a.csv")
    stand_in = StandIn(load(root), frozenset())

    told = in_use([stand_in(source, one) for source, one in lists(root, "a.csv", "b.csv")])

    assert (told.devices, told.beside) == (1, 1)
    assert in_use([one for _, one in lists(root, "a.csv")]) is None
