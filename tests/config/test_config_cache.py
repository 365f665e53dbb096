import os
import subprocess
import sys
from pathlib import Path

import pytest

from wxp_lint.config import cache
from wxp_lint.config.load import load

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "cache"


def test_what_is_remembered_comes_back_under_its_kind_and_digest(store):
    cache.remember("index", "abc", b"content")
    assert cache.remembered("index", "abc") == b"content"
    assert cache.remembered("index", "abd") is None
    assert cache.remembered("config", "abc") is None
    cache.remember("index", "abc", b"newer")
    assert cache.remembered("index", "abc") == b"newer"


@posix
def test_only_the_user_can_read_it_and_no_drafts_stay(store):
    cache.remember("index", "abc", b"content")
    assert store.stat().st_mode & 0o777 == 0o700
    assert (store / "index").stat().st_mode & 0o777 == 0o700
    assert (store / "index" / "abc").stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in (store / "index").iterdir()] == ["abc"]


@posix
def test_a_folder_that_others_can_write_to_is_not_trusted(store):
    cache.remember("index", "abc", b"content")
    (store / "index").chmod(0o777)
    assert cache.remembered("index", "abc") is None
    cache.remember("index", "def", b"content")
    assert not (store / "index" / "def").exists()


@posix
def test_a_link_in_place_of_the_folder_is_not_followed(store, tmp_path):
    (tmp_path / "planted").mkdir(mode=0o700)
    (tmp_path / "planted" / "abc").write_bytes(b"planted")
    store.mkdir(mode=0o700)
    (store / "index").symlink_to(tmp_path / "planted")
    assert cache.remembered("index", "abc") is None


def test_where_nothing_can_be_written_nothing_happens(store):
    store.write_text("a file stands in the way")
    cache.remember("index", "abc", b"content")
    assert cache.remembered("index", "abc") is None


def test_the_working_tree_is_never_used(store, tmp_path, monkeypatch):
    tree = tmp_path / "tree"
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tree / "cache"))
    assert cache.folder(tree) is None
    assert cache.folder(tmp_path / "elsewhere") is None, "a tree that cannot be told from the folder"
    cache.remember("index", "abc", b"content", tree)
    assert list(tree.iterdir()) == []
    assert cache.folder() is None, "without a root: the current folder"
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "cache"))
    assert cache.folder() is None, "without a root: the git repo around the current folder"
    assert cache.folder(tree) is None, "a root below the top of the git repo"
    (tree / ".git").mkdir()
    assert cache.folder(tree) == store.resolve()


@posix
def test_a_link_does_not_lead_into_the_working_tree(store, tmp_path, monkeypatch):
    (tmp_path / "tree" / "planted").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "tree" / "planted")
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "link" / "cache"))
    assert cache.folder(tmp_path / "tree") is None


@pytest.mark.skipif(sys.platform == "win32", reason="the order differs there")
def test_where_the_folder_is(store, tmp_path, monkeypatch):
    assert cache.folder() == store.resolve()
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", "")
    assert cache.folder() is None
    monkeypatch.delenv("WXP_LINT_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == (tmp_path / "xdg" / "wxp-lint").resolve()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.folder() == (tmp_path / "home" / ".cache" / "wxp-lint").resolve()


def test_the_oldest_entries_go(store):
    for number in range(cache.KEPT + 1):
        cache.remember("index", f"{number:03}", b"content")
        os.utime(store / "index" / f"{number:03}", (number, number))
    cache.remember("index", "new", b"content")
    names = {entry.name for entry in (store / "index").iterdir()}
    assert len(names) == cache.KEPT
    assert "new" in names
    assert "000" not in names


def test_a_digest_tells_its_parts_apart():
    assert cache.digest(b"ab", b"c") != cache.digest(b"a", b"bc")
    assert cache.digest(b"ab") == cache.digest(b"ab")


def test_a_digest_depends_on_the_version(monkeypatch):
    before = cache.digest(b"ab")
    monkeypatch.setattr(cache, "__version__", "9.9.9")
    assert cache.digest(b"ab") != before


def imports_jsonschema(config: Path) -> bool:
    code = (
        "import sys; from pathlib import Path; from wxp_lint.config.load import load; "
        "config = Path(sys.argv[1]); load(config, config.parent); print('jsonschema' in sys.modules)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    run = subprocess.run(
        [sys.executable, "-c", code, str(config)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip() == "True"


def test_jsonschema_is_imported_only_for_a_config_that_is_new(store, tmp_path):
    config = tmp_path / "tree" / "wxp-lint.toml"
    config.write_text("preview = true\n")
    assert imports_jsonschema(config)
    assert not imports_jsonschema(config)
    config.write_text("preview = false\n")
    assert imports_jsonschema(config)


def test_a_broken_config_is_not_remembered(store, tmp_path):
    config = tmp_path / "tree" / "wxp-lint.toml"
    config.write_text("preview = 1\n")
    for _ in range(2):
        with pytest.raises(Exception, match="preview must be true or false"):
            load(config, config.parent)
    assert not store.exists()


def test_without_remembering_nothing_is_stored(store, tmp_path):
    config = tmp_path / "tree" / "wxp-lint.toml"
    config.write_text("preview = true\n")
    load(config, config.parent, remember=False)
    assert not store.exists()
