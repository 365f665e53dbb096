"""A mended file comes in place of the one that was read, or not at all."""

import os
import stat

import pytest

from wxp_lint.errors import UsageError
from wxp_lint.fix.write import write


def refuse(file, root, old=b"old"):
    """What is said where `file` must not be written; no draft stays behind."""
    there = sorted(root.rglob("*"))
    with pytest.raises(UsageError) as refused:
        write(file, "a.csv", old, b"new", root)
    assert sorted(root.rglob("*")) == there
    return str(refused.value)


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664, 0o755])
def test_it_is_replaced_and_keeps_its_mode(tmp_path, mode):
    file = tmp_path / "a.csv"
    file.write_bytes(b"old")
    file.chmod(mode)
    before = file.stat().st_ino

    write(file, "a.csv", b"old", b"new", tmp_path)

    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.stat().st_ino != before  # not written over: a reader sees the old file or the new one
    assert list(tmp_path.iterdir()) == [file]


def test_a_change_meanwhile_is_not_overwritten(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"newer")

    assert "somebody changed it meanwhile" in refuse(file, tmp_path)
    assert file.read_bytes() == b"newer"


def test_the_same_file_by_two_names_is_written_once(tmp_path):
    (tmp_path / "real.csv").write_bytes(b"new")
    (tmp_path / "a.csv").symlink_to("real.csv")

    write(tmp_path / "a.csv", "a.csv", b"old", b"new", tmp_path)

    assert (tmp_path / "real.csv").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_is_gone(tmp_path):
    assert refuse(tmp_path / "a.csv", tmp_path) == "a.csv: cannot be written (no such file or directory)"


def test_a_read_only_file(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"old")
    file.chmod(0o444)

    assert "read-only: make it writable" in refuse(file, tmp_path)
    assert file.read_bytes() == b"old"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_bytes(b"old")
    (tmp_path / "a.csv").symlink_to("real.csv")

    write(tmp_path / "a.csv", "a.csv", b"old", b"new", tmp_path)

    assert (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_out_of_the_repository(tmp_path, linked):
    (tmp_path / "repo").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.csv").write_bytes(b"old")
    if linked == "file":
        (tmp_path / "repo/a.csv").symlink_to(tmp_path / "out/a.csv")
        file = tmp_path / "repo/a.csv"
    else:
        (tmp_path / "repo/in").symlink_to(tmp_path / "out")
        file = tmp_path / "repo/in/a.csv"

    assert "leads out of the repository" in refuse(file, tmp_path / "repo")
    assert (tmp_path / "out/a.csv").read_bytes() == b"old"


def test_a_file_outside_of_any_repository_that_was_named(tmp_path):
    (tmp_path / "repo").mkdir()
    file = tmp_path / "a.csv"
    file.write_bytes(b"old")

    write(file, "../a.csv", b"old", b"new", tmp_path / "repo")

    assert file.read_bytes() == b"new"


def test_a_draft_that_somebody_laid_as_a_link_is_not_followed(tmp_path):
    file, other = tmp_path / "a.csv", tmp_path / "other"
    file.write_bytes(b"old")
    other.write_bytes(b"untouched")
    (tmp_path / f".a.csv.{os.getpid()}").symlink_to(other)

    write(file, "a.csv", b"old", b"new", tmp_path)

    assert (file.read_bytes(), other.read_bytes()) == (b"new", b"untouched")
