import os
import subprocess

import pytest

from wxp_lint.errors import UsageError
from wxp_lint.repo.blobs import blobs

NAMES = ["a.csv", "below/b c.csv", "below/é.csv", "below/two\nlines.csv", "below/empty.csv"]


@pytest.fixture
def clone(tmp_path):
    """A repository whose commit has `NAMES`, each with its own name as content, and a symbolic link."""

    def git(*arguments):
        subprocess.run(["git", "-C", tmp_path, *arguments], check=True, capture_output=True)

    (tmp_path / "below").mkdir()
    for name in NAMES:
        (tmp_path / name).write_bytes(b"" if "empty" in name else f"{name}\r\n\0".encode())
    (tmp_path / "link.csv").symlink_to("a.csv")
    git("init", "--quiet")
    git("add", "--all")
    git("-c", "user.name=tester", "-c", "user.email=tester@example.org", "commit", "--quiet", "--message", "Files")
    (tmp_path / "a.csv").write_bytes(b"edited since")
    return tmp_path


def test_the_bytes_are_those_of_the_commit(clone):
    found = blobs(clone, "HEAD", NAMES)

    assert found == {name: b"" if "empty" in name else f"{name}\r\n\0".encode() for name in NAMES}


def test_paths_start_from_the_folder(clone):
    assert blobs(clone / "below", "HEAD", ["b c.csv", "a.csv"]) == {"b c.csv": b"below/b c.csv\r\n\0"}


@pytest.mark.parametrize("path", ["link.csv", "none.csv", "below", "../a.csv"])
def test_what_is_no_file_of_the_commit_is_left_out(clone, path):
    assert blobs(clone, "HEAD", [path]) == {}


def test_nothing_is_asked_for(tmp_path):
    assert blobs(tmp_path, "HEAD", []) == {}


def test_git_refuses(clone):
    with pytest.raises(UsageError, match="git failed"):
        blobs(clone, "0" * 40, ["a.csv"])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_utf8(clone):
    name = os.fsdecode(b"\xff.csv")
    (clone / name).write_bytes(b"x")
    subprocess.run(["git", "-C", clone, "add", "--all"], check=True, capture_output=True)
    tree = subprocess.run(["git", "-C", clone, "write-tree"], check=True, capture_output=True).stdout.decode().strip()

    assert blobs(clone, tree, [name]) == {name: b"x"}
