"""From a place in the working tree to bytes, or to the fault that keeps them away."""

import os

import pytest

from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Fault, Source
from wxp_lint.files.read import content, file_format

TEXT = b"Serial Number,Customer ID\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/a.csv").write_bytes(TEXT)
    (tmp_path / "secret.csv").write_bytes(b"secret")
    return tmp_path / "repo"


def found(root, name, **more):
    return content(Source(name, root / name), more.pop("limits", Limits()), root, **more)


def test_a_file_and_the_beginning_of_one(root):
    assert found(root, "a.csv") == TEXT
    assert found(root, "a.csv", most=6) == b"Serial"
    assert content(Source("b.csv", root / "b.csv", b"given"), Limits(), root) == b"given"


def test_a_link_leads_to_a_file_of_the_repository_or_nowhere(root):
    try:
        (root / "in.csv").symlink_to("a.csv")
        (root / "out.csv").symlink_to(root.parent / "secret.csv")
        (root / "gone.csv").symlink_to("nothing.csv")
        (root / "self.csv").symlink_to("self.csv")
    except OSError:
        pytest.skip("links need rights of their own there")

    assert found(root, "in.csv") == TEXT
    assert found(root, "out.csv") == Fault(
        "link", "it is a symbolic link that leads out of the repository: put the file itself here"
    )
    assert found(root, "gone.csv").kind == "access"
    assert found(root, "self.csv").kind in ("link", "access")


def test_what_is_no_file_has_its_own_words(root):
    (root / "folder.csv").mkdir()

    assert found(root, "folder.csv") == Fault("folder", "it is a folder: name the files in it")
    assert found(root, "nothing.csv").detail.endswith(": check the name and its permissions")
    assert found(root, "a.csv", limits=Limits(file=len(TEXT))) == TEXT
    large = found(root, "a.csv", limits=Limits(file=len(TEXT) - 1))
    assert large.kind == "size"
    assert large.detail.startswith("it has 26 bytes, more than the limit of 25: split it")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe.csv")
        assert found(root, "pipe.csv").kind == "special"


def test_the_format_is_told_by_the_name():
    assert [file_format(name) for name in ("a.csv", "a.CSV", "a.xlsx", "a.XLSX", "xlsx", "a.txt")] == [
        *("csv", "csv", "xlsx", "xlsx", "csv", "csv")
    ]
