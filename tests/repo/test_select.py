import os
import subprocess
import sys

import pytest

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.repo import git
from wxp_lint.repo.select import select

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX file system")


def write(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("serial,customer\n")


def add(folder, *paths):
    write(folder, *paths)
    subprocess.run(["git", "add", "--force", "--", *paths], cwd=folder, check=True)


TRACKED = [
    "README.md",
    "list.csv",
    "transfer.toml",
    "transfers/acme/a.csv",
    "transfers/acme/a.csv.toml",
    "transfers/acme/B.XLSX",
    "transfers/acme/transfer.toml",
    "transfers/acme/deep/c.csv",
    "transfers/acme/done/old.csv",
    "transfers/acme/lonely.csv.toml",
    "transfers/acme/other.toml",
    "transfers/poly/d.csv",
    "transfers/done/older.xlsx",
]
OPEN = ["transfers/acme/B.XLSX", "transfers/acme/a.csv", "transfers/acme/deep/c.csv", "transfers/poly/d.csv"]
DRAFTS = ["transfers/acme/draft.csv", "draft.csv"]


@pytest.fixture
def tree(repo):
    """An assignments repo with open and archived transfers, other lists, drafts, ignored files, a lock."""
    add(repo, *TRACKED)
    write(repo, *DRAFTS, "transfers/acme/secret.csv", "transfers/acme/~$B.xlsx", "build/out.csv")
    write(repo, ".hidden/h.csv", "node_modules/n.csv", ".venv/v.csv")
    (repo / ".gitignore").write_text("secret.csv\nbuild/\n")
    (repo / "wxp-lint.toml").write_text("")
    return repo


def settings(root, **changes):
    return Settings(root=root, file=root / "wxp-lint.toml", **changes)


def choose(root, *paths, cwd=None, force_exclude=False, settled=lambda path: False, config=True, **changes):
    in_force = settings(root, **changes) if config else Settings(root=root, **changes)
    return select(in_force, paths, cwd=cwd or root, force_exclude=force_exclude, settled=settled)


def checked(selection):
    return [file.path for file in selection.files if file.checked]


# what is typed, what is checked, what is noted
NAMED = [
    (["transfers/acme/a.csv"], ["transfers/acme/a.csv"], ""),
    (["README.md"], ["README.md"], ""),
    (["list.csv", "transfers/poly/d.csv"], ["list.csv", "transfers/poly/d.csv"], ""),
    (["transfers/acme/a.csv", "./transfers/../transfers/acme/a.csv"], ["transfers/acme/a.csv"], ""),
    (["transfers/acme/draft.csv"], ["transfers/acme/draft.csv"], ""),
    (["transfers/acme/secret.csv"], ["transfers/acme/secret.csv"], ""),
    (["transfers/acme/done/old.csv"], ["transfers/acme/done/old.csv"], ""),
    (["transfers/acme/a.csv.toml"], ["transfers/acme/a.csv"], ""),
    (["transfers/acme/a.csv.toml", "transfers/acme/a.csv"], ["transfers/acme/a.csv"], ""),
    (
        ["transfers/acme/transfer.toml"],
        ["transfers/acme/B.XLSX", "transfers/acme/a.csv", "transfers/acme/draft.csv"],
        "1 lock file of Excel skipped: transfers/acme/~$B.xlsx",
    ),
    (["transfer.toml"], [], "transfer.toml belongs to no file"),
    (["transfer.toml"], [], "0 of 1 files match"),
    (["transfers/acme/lonely.csv.toml"], [], "0 of 1 files match"),
    (["transfers/acme/other.toml"], [], "0 of 1 files match transfers/**/*.csv, transfers/**/*.xlsx"),
    (["transfers/acme/other.toml", "list.csv"], ["list.csv"], ""),
    (["transfers/acme/~$B.xlsx"], [], "1 lock file of Excel skipped: transfers/acme/~$B.xlsx"),
    (["transfers/acme/~$B.xlsx"], [], "0 of 1 files match"),
    (["transfers/acme/~$B.xlsx", "list.csv"], ["list.csv"], "1 lock file of Excel skipped"),
]


@pytest.mark.parametrize(("typed", "expected", "note"), NAMED)
def test_named_files(tree, typed, expected, note):
    selection = choose(tree, *typed)
    assert checked(selection) == expected
    assert note in "\n".join(selection.notes)
    assert bool(note) == bool(selection.notes)
    assert not selection.repo_wide


def test_sidecars_that_belong_to_no_file(tree):
    for path in ("transfers/alone/transfer.toml", "transfers/acme/done/x.csv.toml", "elsewhere/y.csv.toml"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text("")
    lonely, alone = "transfers/acme/lonely.csv.toml", "transfers/alone/transfer.toml"

    def orphans(*typed, **more):
        return [one.path for one in choose(tree, *typed, **more).orphans]

    assert orphans() == [lonely, alone]
    assert orphans(lonely, "transfers/acme/a.csv.toml") == [lonely]
    assert orphans(alone) == [alone]
    assert orphans(lonely, "elsewhere/y.csv.toml", force_exclude=True) == [lonely]
    assert orphans("elsewhere/y.csv.toml") == ["elsewhere/y.csv.toml"]
    assert orphans("transfers/acme/a.csv") == []


FORCED = [
    (["transfers/acme/a.csv", "list.csv"], ["transfers/acme/a.csv"], ""),
    (["transfers/acme/draft.csv"], ["transfers/acme/draft.csv"], ""),
    (["transfers/acme/done/old.csv", "transfers/poly/d.csv"], ["transfers/poly/d.csv"], ""),
    (
        ["list.csv", "draft.csv", "README.md"],
        [],
        "0 of 3 files match transfers/**/*.csv, transfers/**/*.xlsx",
    ),
    (["list.csv", "transfers/acme/done/old.csv"], [], "0 of 2 files match"),
    (["list.csv", "transfers/acme/done/old.csv"], [], "(1 archived)"),
    (
        ["transfers/acme/secret.csv"],
        [],
        "0 of 1 files match transfers/**/*.csv, transfers/**/*.xlsx (1 ignored by git)",
    ),
    (["transfers/acme/secret.csv", "transfers/acme/done/old.csv"], [], "(1 archived, 1 ignored by git)"),
    (["transfers/acme/secret.csv", "transfers/poly/d.csv"], ["transfers/poly/d.csv"], ""),
    (["transfers/acme/a.csv.toml"], ["transfers/acme/a.csv"], ""),
    (["transfers/acme/done"], [], "nothing to check in transfers/acme/done: 1 archived file left out"),
    (["transfers/poly"], ["transfers/poly/d.csv"], ""),
]


@pytest.mark.parametrize("config", [True, False])
@pytest.mark.parametrize(("typed", "expected", "note"), FORCED)
def test_force_exclude(tree, typed, expected, note, config):
    selection = choose(tree, *typed, force_exclude=True, config=config)
    assert checked(selection) == expected
    assert note in "\n".join(selection.notes)
    assert bool(note) == bool(selection.notes)


LOCK = "1 lock file of Excel skipped: transfers/acme/~$B.xlsx"
ACME = [
    "transfers/acme/B.XLSX",
    "transfers/acme/a.csv",
    "transfers/acme/deep/c.csv",
    "transfers/acme/draft.csv",
]
FOLDERS = [
    ("transfers/acme", ACME, LOCK),
    ("transfers/acme/", ACME, LOCK),
    ("transfers", [*ACME, "transfers/poly/d.csv"], LOCK),
    (".", [*ACME, "transfers/poly/d.csv"], LOCK),
    ("transfers/acme/done", ["transfers/acme/done/old.csv"], ""),
    ("transfers/done", ["transfers/done/older.xlsx"], ""),
    ("build", [], "nothing to check in build: git ignores it"),
    (".hidden", [], "nothing to check in .hidden: no file below it matches transfers/**/*.csv"),
]


@pytest.mark.parametrize(("typed", "expected", "note"), FOLDERS)
def test_folders(tree, typed, expected, note):
    selection = choose(tree, typed)
    assert checked(selection) == expected
    assert note in "\n".join(selection.notes)
    assert len(selection.notes) == bool(note)
    assert not selection.repo_wide


def test_a_folder_of_archived_files_says_so(tree):
    add(tree, "transfers/old/done/x.csv")
    selection = choose(tree, "transfers/old")
    assert selection.notes == ("nothing to check in transfers/old: 1 archived file left out, which can be named",)


def test_without_a_config_an_empty_folder_is_not_said_to_match_no_glob(tree):
    write(tree, "notes/a.txt")
    selection = choose(tree, "notes", config=False)
    assert selection.notes == ("nothing to check in notes: no CSV or XLSX file lies below it",)


def test_some_files_of_a_folder_can_be_archived(tree):
    add(tree, "transfers/acme/x-done.csv")
    selection = choose(tree, "transfers/acme", archive=("transfers/**/*-done.csv",))
    assert checked(selection) == [*ACME[:3], "transfers/acme/done/old.csv", "transfers/acme/draft.csv"]


def test_a_folder_and_a_file(tree):
    selection = choose(tree, "transfers/poly", "list.csv")
    assert checked(selection) == ["list.csv", "transfers/poly/d.csv"]


def test_a_folder_named_like_a_file(tree):
    add(tree, "transfers/x.csv/y.csv")
    assert checked(choose(tree, "transfers/x.csv")) == ["transfers/x.csv/y.csv"]


def test_without_config_a_folder_stands_for_every_list(tree):
    expected = [
        *OPEN[:2],
        "transfers/acme/deep/c.csv",
        "transfers/acme/done/old.csv",
        "transfers/acme/draft.csv",
    ]
    assert checked(choose(tree, "transfers/acme", config=False)) == expected
    everywhere = ["draft.csv", "list.csv", *expected, "transfers/done/older.xlsx", "transfers/poly/d.csv"]
    assert checked(choose(tree, ".", config=False)) == everywhere
    add(tree, ".tracked/x.csv", "lists/node_modules/x.csv")
    assert checked(choose(tree, ".", config=False)) == everywhere
    assert checked(choose(tree, ".tracked", config=False)) == [".tracked/x.csv"]


def test_without_paths_the_open_tracked_files_are_checked(tree):
    selection = choose(tree)
    assert [file.path for file in selection.files] == OPEN
    assert all(file.checked and file.open and file.tracked for file in selection.files)
    assert [file.location for file in selection.files] == [tree / path for path in OPEN]
    assert selection.repo_wide
    assert selection.notes == (
        "1 untracked file not checked: transfers/acme/draft.csv (name it, or git add it)",
        "1 lock file of Excel skipped: transfers/acme/~$B.xlsx (close the workbook to be rid of it)",
    )


def test_many_drafts_are_counted(repo):
    write(repo, *(f"transfers/{n}.csv" for n in range(5)))
    assert choose(repo).notes == (
        "5 untracked files not checked: transfers/0.csv, transfers/1.csv, transfers/2.csv and 2 more "
        "(name them, or git add them)",
    )


def test_no_transfers_at_all(repo):
    add(repo, "list.csv")
    for config in (True, False):
        selection = choose(repo, config=config)
        assert selection.files == ()
        assert selection.repo_wide
        [note] = selection.notes
        assert note.startswith("no transfer files: nothing matches transfers/**/*.csv, transfers/**/*.xlsx")


def test_only_archived_transfers(repo):
    add(repo, "transfers/done/x.csv", "transfers/done/y.csv")
    assert choose(repo).notes == ("no open transfer files; 2 archived files left out, which can be named",)


def test_the_other_open_files_come_along_unchecked(tree):
    selection = choose(tree, "transfers/acme/draft.csv", "transfers/acme/done/old.csv", "list.csv")
    flags = {file.path: (file.checked, file.open, file.tracked) for file in selection.files}
    assert flags == {
        "list.csv": (True, False, True),
        "transfers/acme/done/old.csv": (True, False, True),
        "transfers/acme/draft.csv": (True, True, False),
        **dict.fromkeys(OPEN, (False, True, True)),
    }
    assert [file.path for file in selection.files] == sorted(flags)


def test_settled_transfers_are_checked_but_not_open(tree):
    asked = []

    def settled(path):
        asked.append(path)
        return path in ("transfers/acme/a.csv", "transfers/acme/B.XLSX")

    flags = {file.path: (file.checked, file.open) for file in choose(tree, settled=settled).files}
    assert flags["transfers/acme/a.csv"] == (True, False)
    assert flags["transfers/acme/deep/c.csv"] == (True, True)
    assert not [path for path in asked if "done" in path]
    selection = choose(tree, "transfers/acme/a.csv", settled=settled)
    assert [(file.path, file.checked, file.open) for file in selection.files] == [
        ("transfers/acme/a.csv", True, False),
        ("transfers/acme/deep/c.csv", False, True),
        ("transfers/poly/d.csv", False, True),
    ]


def test_globs_of_the_settings(tree):
    add(tree, "Moves/x.TXT", "Moves/old/y.txt", "Über/z.csv")
    selection = choose(tree, transfers=("moves/**/*.txt", "über/*.csv"), archive=("moves/old/",))
    assert checked(selection) == ["Moves/x.TXT", "Über/z.csv"]


def test_files_that_are_gone_from_the_working_tree(tree):
    (tree / "transfers/acme/a.csv").unlink()
    (tree / "transfers/poly/d.csv").unlink()
    (tree / "transfers/poly").rmdir()
    assert [file.path for file in choose(tree).files] == [
        "transfers/acme/B.XLSX",
        "transfers/acme/deep/c.csv",
    ]


def test_paths_are_typed_from_the_current_folder(tree):
    cwd = tree / "transfers/acme"
    for typed in ("a.csv", "./a.csv", "../acme/a.csv", str(cwd / "a.csv")):
        assert checked(choose(tree, typed, cwd=cwd)) == ["transfers/acme/a.csv"]
    assert checked(choose(tree, "..", cwd=tree / "transfers/poly")) == [*ACME, "transfers/poly/d.csv"]
    assert checked(choose(tree, cwd=cwd)) == OPEN


def test_paths_outside_the_root(tree, tmp_path):
    write(tmp_path, "out/x.csv")
    selection = choose(tree, "../out/x.csv", "list.csv")
    assert checked(selection) == ["../out/x.csv", "list.csv"]
    outside = selection.files[0]
    assert (outside.open, outside.tracked) == (False, False)
    assert outside.location.samefile(tmp_path / "out/x.csv")
    absolute = str(tmp_path / "out/x.csv")
    assert checked(choose(tree, absolute, "../out/x.csv")) == [absolute.replace(os.sep, "/")]
    assert checked(choose(tree, "../out", config=False)) == ["../out/x.csv"]
    assert "nothing to check in ../out" in choose(tree, "../out").notes[0]
    anything = ("**/*.csv",)
    assert checked(choose(tree, "../out/x.csv", force_exclude=True, transfers=anything)) == []


def test_a_path_that_does_not_exist(tree):
    with pytest.raises(UsageError, match=r"^no such file or folder: nope$"):
        choose(tree, "list.csv", "nope")
    with pytest.raises(UsageError, match=r"did you mean 'transfers/acme/B.XLSX'\?"):
        choose(tree, "transfers/acme/b.xslx")
    with pytest.raises(UsageError, match=r"no such file or folder: ''"):
        choose(tree, "")
    with pytest.raises(UsageError, match=r"no such file or folder: a\\nb$"):
        choose(tree, "a\nb")
    with pytest.raises(UsageError, match="no such file or folder"):
        choose(tree, "transfers\\acme\\nope.csv")


@posix
def test_backslashes_for_slashes(tree):
    assert checked(choose(tree, "transfers\\acme\\a.csv")) == ["transfers/acme/a.csv"]
    write(tree, "transfers\\acme\\a.csv")
    assert checked(choose(tree, "transfers\\acme\\a.csv")) == ["transfers\\acme\\a.csv"]


@posix
def test_odd_names(repo):
    odd = [
        "transfers/a b.csv",
        "transfers/line\nbreak.csv",
        "transfers/🙂.csv",
        "transfers/[x].csv",
        "transfers/-.csv",
    ]
    odd += [os.fsdecode(b"transfers/latin-\xe9.csv")]
    add(repo, *odd)
    assert checked(choose(repo)) == sorted(odd)
    selection = choose(repo, *odd)
    assert checked(selection) == sorted(odd)
    assert all(file.tracked for file in selection.files)
    write(repo, "transfers/new\nline.csv")
    assert "transfers/new\\nline.csv" in choose(repo).notes[0]


@posix
def test_links_and_pipes_are_handed_on_unopened(tree, tmp_path):
    write(tmp_path, "out/x.csv")
    (tree / "transfers/out.csv").symlink_to(tmp_path / "out/x.csv")
    (tree / "transfers/broken.csv").symlink_to("nowhere")
    add_links = ["git", "add", "transfers/out.csv", "transfers/broken.csv"]
    subprocess.run(add_links, cwd=tree, check=True)
    os.mkfifo(tree / "transfers/pipe.csv")
    names = ["transfers/broken.csv", "transfers/out.csv", "transfers/pipe.csv"]
    selection = choose(tree, *names)
    assert checked(selection) == names
    assert [f.location for f in selection.files if f.checked] == [tree / name for name in names]
    assert checked(choose(tree)) == sorted([*OPEN, *names[:2]])


@posix
def test_a_folder_behind_a_link_has_one_name(tree, tmp_path):
    (tree / "latest").symlink_to("transfers/acme")
    assert checked(choose(tree, "latest/a.csv", "transfers/acme/a.csv")) == ["transfers/acme/a.csv"]
    assert checked(choose(tree, "latest")) == ACME
    (tmp_path / "link").symlink_to(tree)
    assert checked(choose(tree, str(tmp_path / "link/list.csv"))) == ["list.csv"]
    selection = choose(tmp_path / "link", "acme/a.csv", cwd=tree / "transfers")
    assert checked(selection) == ["transfers/acme/a.csv"]


@posix
def test_a_link_out_of_the_root(tree, tmp_path):
    write(tmp_path, "out/x.csv", "out/sub/y.csv")
    (tree / "transfers/out").symlink_to(tmp_path / "out")
    (tmp_path / "out/loop").symlink_to(tmp_path / "out")
    subprocess.run(["git", "add", "transfers/out"], cwd=tree, check=True)
    selection = choose(tree, "transfers/out/x.csv")
    assert checked(selection) == ["transfers/out/x.csv"]
    assert checked(choose(tree, "transfers/out")) == ["transfers/out/sub/y.csv", "transfers/out/x.csv"]
    assert checked(choose(tree)) == OPEN


@posix
def test_walks_do_not_follow_links(tmp_path):
    write(tmp_path, "transfers/a.csv")
    (tmp_path / "transfers/loop").symlink_to(tmp_path)
    assert checked(choose(tmp_path)) == ["transfers/a.csv"]


def test_a_repository_within(tree):
    inner = tree / "transfers/inner"
    inner.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=inner, check=True)
    add(inner, "x.csv")
    subprocess.run(["git", "commit", "--quiet", "-m", "x"], cwd=inner, check=True)
    subprocess.run(["git", "add", "transfers/inner"], cwd=tree, check=True, capture_output=True)
    write(inner, "list.txt")
    assert checked(choose(tree)) == OPEN
    selection = choose(tree, "transfers/inner/list.txt")
    assert [(file.path, file.tracked) for file in selection.files if file.checked] == [
        ("transfers/inner/list.txt", False)
    ]
    assert checked(choose(tree, "transfers/inner")) == ["transfers/inner/x.csv"]


def test_a_submodule_named_like_a_file_is_no_file(tree):
    inner = tree / "transfers/inner.csv"
    inner.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=inner, check=True)
    add(inner, "x.csv")
    subprocess.run(["git", "commit", "--quiet", "-m", "x"], cwd=inner, check=True)
    subprocess.run(["git", "add", "transfers/inner.csv"], cwd=tree, check=True, capture_output=True)
    assert "transfers/inner.csv" in git.tracked(tree)
    assert checked(choose(tree)) == OPEN


def test_a_root_below_the_top_of_the_repository(tree):
    root = tree / "transfers"
    selection = choose(root, transfers=("acme/*.csv",), archive=())
    assert checked(selection) == ["acme/a.csv"]
    selection = choose(root, "../list.csv", "acme/draft.csv", transfers=("acme/*.csv",), archive=())
    assert [(f.path, f.checked, f.tracked) for f in selection.files] == [
        ("../list.csv", True, False),
        ("acme/a.csv", False, True),
        ("acme/draft.csv", True, False),
    ]


def test_outside_of_git_all_files_count_as_tracked(tmp_path):
    write(
        tmp_path,
        "transfers/a.csv",
        "transfers/done/b.csv",
        "TRANSFERS2/c.csv",
        "list.csv",
        "transfers/~$x.xlsx",
    )
    write(tmp_path, "transfers/.cache/x.csv", "transfers/node_modules/x.csv")
    for config in (True, False):
        selection = choose(tmp_path, config=config)
        assert [(f.path, f.checked, f.open, f.tracked) for f in selection.files] == [
            ("transfers/a.csv", True, True, True)
        ]
        assert [note.split(":")[0] for note in selection.notes] == ["1 lock file of Excel skipped"]
    selection = choose(tmp_path, "list.csv")
    assert [(f.path, f.checked, f.tracked) for f in selection.files] == [
        ("list.csv", True, True),
        ("transfers/a.csv", False, True),
    ]


def test_outside_of_git_without_config_paths_are_as_given(tmp_path):
    write(tmp_path, "a.csv", "sub/b.csv", "sub/.old/c.csv", "sub/d.XLSX", "transfers/t.csv")
    absolute = (tmp_path / "a.csv").as_posix()
    assert checked(choose(tmp_path, absolute, config=False)) == [absolute]
    assert checked(choose(tmp_path, "./a.csv", "a.csv", config=False)) == ["a.csv"]
    folder = (tmp_path / "sub").as_posix()
    assert checked(choose(tmp_path, folder, config=False)) == [f"{folder}/b.csv", f"{folder}/d.XLSX"]
    assert checked(choose(tmp_path, ".", config=False)) == [
        "a.csv",
        "sub/b.csv",
        "sub/d.XLSX",
        "transfers/t.csv",
    ]
    assert checked(choose(tmp_path, absolute, config=True)) == ["a.csv"]
    named = choose(tmp_path, (tmp_path / "transfers/t.csv").as_posix(), config=False)
    assert [(f.checked, f.open) for f in named.files] == [(True, True)]


def test_without_git_and_config_what_is_named_is_open(tmp_path):
    write(tmp_path, "a.csv", "b.csv", "sub/c.csv", "transfers/done/d.csv")

    def opened(*paths, **more):
        return [(file.path, file.open) for file in choose(tmp_path, *paths, **more).files]

    assert opened("a.csv", "sub", config=False) == [("a.csv", True), ("sub/c.csv", True)]
    assert opened("transfers/done/d.csv", config=False) == [("transfers/done/d.csv", False)]
    assert opened("a.csv", config=True) == [("a.csv", False)]


def test_a_hidden_folder_that_the_globs_name(tmp_path):
    write(tmp_path, ".moves/a.csv", ".moves/.old/b.csv", ".other/c.csv")
    assert checked(choose(tmp_path, transfers=(".moves/**/*.csv",))) == [".moves/a.csv"]


def test_without_a_git_program_every_file_counts_as_tracked(tree, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    selection = choose(tree)
    assert checked(selection) == sorted([*OPEN, "transfers/acme/draft.csv", "transfers/acme/secret.csv"])
    assert "every file counts as tracked: cannot run git" in selection.notes[0]
    named = choose(tree, "transfers/acme/draft.csv")
    assert all(file.tracked for file in named.files)


def test_git_refusals_end_the_run(tree, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UsageError, match=r"safe\.directory"):
        choose(tree, "transfers/acme/a.csv")


def count_git(monkeypatch):
    calls = []
    real = subprocess.run

    def counted(command, *args, **kwargs):
        calls.append(command)
        return real(command, *args, **kwargs)

    monkeypatch.setattr(subprocess, "run", counted)
    return calls


@pytest.mark.parametrize(
    ("typed", "force_exclude", "most"),
    [
        (["transfers/acme/a.csv"], True, 1),
        (["list.csv"], False, 1),
        (["transfers/acme/a.csv.toml", "transfers/poly/d.csv"], False, 1),
        (["transfers/acme/draft.csv"], True, 2),
        (["list.csv"], True, 0),
        (["transfers/acme/done/old.csv"], True, 0),
        (["transfers/acme/~$B.xlsx"], False, 0),
    ],
)
def test_git_is_asked_once_about_files_and_once_more_about_drafts_in_a_hook(
    tree, monkeypatch, typed, force_exclude, most
):
    calls = count_git(monkeypatch)
    choose(tree, *typed, force_exclude=force_exclude)
    assert len(calls) == most


def test_what_is_tracked_in_spite_of_an_ignore_pattern_is_not_ignored(tree):
    add(tree, "transfers/acme/secret.csv")
    assert checked(choose(tree, "transfers/acme/secret.csv", force_exclude=True)) == ["transfers/acme/secret.csv"]


def test_many_named_files(repo, monkeypatch):
    names = [f"lists/{n}.csv" for n in range(3000)]
    write(repo, *names)
    subprocess.run(["git", "add", "."], cwd=repo, check=True)
    calls = count_git(monkeypatch)
    selection = choose(repo, *names)
    assert len(checked(selection)) == 3000
    assert all(file.tracked for file in selection.files)
    assert len(calls) == 1
    assert len(calls[0]) < 100
