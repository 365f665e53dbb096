import os
import re
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.config.load import find, has_table, load, schema
from wxp_lint.config.settings import (
    Apply,
    Columns,
    Http,
    Inventory,
    InventorySource,
    Override,
    RuleSettings,
    Settings,
    Waiver,
)
from wxp_lint.config.shape import settings_of, table_of
from wxp_lint.config.show import show
from wxp_lint.config.text import as_key, as_toml
from wxp_lint.errors import UsageError

FULL = """\
transfers = ["moves/**/*.csv"]
archive = ["moves/old/**"]
customers = "customers.csv"
custom-rules = ["rules/"]
fail-on = "warning"
select = ["WXP201"]
ignore = []
preview = true
must-run = [
  "unknown-customer",
  "device-not-visible",
]
[columns]
serial = ["Seriennummer"]
customer = ["Kunde"]
carry = ["asset tag"]
[inventory]
sources = [
  {path = "../exports/a.csv", place = "unassigned", as-of = 2026-01-02},
  {path = "b.xlsx", place = "acme", serial = "SN", last-user = "User", as-of-column = "Stand"},
  {url = "env:INVENTORY_URL", query = "select 1"},
]
max-age-days = 3
[rules.serial-format]
level = "warning"
formats = ["hp", "dell"]
[[overrides]]
paths = ["moves/poly/**"]
ignore = ["serial-week"]
[[overrides]]
paths = ["moves/x/**"]
select = ["WXP401"]
rules.too-many-devices = {level = "error", max-rows = 9}
[places.unassigned]
customer-id = "0000"
[apply]
ledger = "git:wxp-ledger"
outbox = "out"
submitter = "http"
branch = "trunk"
require-possession = true
max-devices = 5
lease = 2.5
[apply.http]
url = "http://127.0.0.1:8000"
timeout = 1
wait = 0
[[apply.waivers]]
rule = "large-transfer"
path = "moves/x.csv"
reason = "agreed"
until = 2026-12-01
[reconcile]
summary = "counts"
"""


def read(text, name="wxp-lint.toml"):
    return load(Path(name), Path(), text, remember=False)


def test_every_key_becomes_a_setting():
    settings = read(FULL)
    assert settings == Settings(
        root=Path(),
        file=Path("wxp-lint.toml"),
        transfers=("moves/**/*.csv",),
        archive=("moves/old/**",),
        customers="customers.csv",
        custom_rules=("rules/",),
        fail_on="warning",
        select=("WXP201",),
        preview=True,
        must_run=("unknown-customer", "device-not-visible"),
        columns=Columns(("Seriennummer",), ("Kunde",), ("asset tag",)),
        inventory=Inventory(
            (
                InventorySource("../exports/a.csv", place="unassigned", as_of=date(2026, 1, 2)),
                InventorySource(
                    "b.xlsx", place="acme", columns={"serial": "SN", "last-user": "User", "as-of": "Stand"}
                ),
                InventorySource(url="env:INVENTORY_URL", query="select 1"),
            ),
            3,
        ),
        rules={"serial-format": RuleSettings("warning", {"formats": ["hp", "dell"]})},
        overrides=(
            Override(("moves/poly/**",), ignore=("serial-week",)),
            Override(
                ("moves/x/**",),
                ("WXP401",),
                rules={"too-many-devices": RuleSettings("error", {"max-rows": 9})},
            ),
        ),
        places={"unassigned": "0000"},
        apply=Apply(
            ledger="git:wxp-ledger",
            outbox="out",
            submitter="http",
            branch="trunk",
            require_possession=True,
            max_devices=5,
            lease=2.5,
            http=Http("http://127.0.0.1:8000", 1, 0),
            waivers=(Waiver("large-transfer", "moves/x.csv", "agreed", date(2026, 12, 1)),),
        ),
        summary="counts",
        origins=settings.origins,
    )


def test_values_and_list_entries_have_their_origins():
    origins = read(FULL).origins
    assert {key: origins[key] for key in ("transfers", "must-run", "must-run.1", "rules.serial-format")} == {
        "transfers": "wxp-lint.toml:1",
        "must-run": "wxp-lint.toml:9",
        "must-run.1": "wxp-lint.toml:11",
        "rules.serial-format": "wxp-lint.toml:24",
    }
    assert origins["rules.serial-format.level"] == "wxp-lint.toml:25"
    assert origins["rules.serial-format.options.formats"] == "wxp-lint.toml:26"
    assert origins["overrides.0.ignore"] == "wxp-lint.toml:29"
    assert origins["overrides.1.rules.too-many-devices.options.max-rows"] == "wxp-lint.toml:33"
    assert origins["overrides.1.rules.too-many-devices.level"] == "wxp-lint.toml:33"
    assert origins["inventory.sources.1.place"] == "wxp-lint.toml:20"
    assert origins["apply.waivers.0.rule"] == "wxp-lint.toml:49"
    assert "columns.zzz" not in origins


def test_no_config_and_an_empty_one_give_the_defaults(tmp_path):
    assert load(None, tmp_path) == Settings(tmp_path)
    assert read("") == Settings(Path(), Path("wxp-lint.toml"), origins={})


def test_pyproject_means_its_table_only(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text('[project]\nname = "x"\n[tool.other]\nzzz = 1\n[tool.wxp-lint]\npreview = true\n')
    settings = load(file, tmp_path, remember=False)
    assert settings.preview
    assert settings.origins == {"preview": "pyproject.toml:6"}


def test_a_config_elsewhere_is_named_from_the_root(tmp_path):
    (tmp_path / "ci").mkdir()
    file = tmp_path / "ci" / "strict.toml"
    file.write_text("preview = true\n")
    assert load(file, tmp_path, remember=False).origins == {"preview": "ci/strict.toml:1"}
    assert load(file, tmp_path / "ci", remember=False).origins == {"preview": "strict.toml:1"}


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    file = tmp_path / "wxp-lint.toml"
    file.write_bytes(b"\xef\xbb\xbf\r\npreview = true\r\n")
    assert load(file, tmp_path, remember=False).origins == {"preview": "wxp-lint.toml:2"}
    assert read("\ufeffpreview = true").preview


def test_a_date_in_quotes_is_a_date():
    assert read('inventory.sources = [{path = "a", as-of = "2026-01-02"}]').inventory.sources[0].as_of == date(
        2026, 1, 2
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = \n", "wxp-lint.toml:1: not valid TOML: Invalid value (column 5)"),
        (b"\n\na = [\n\n", "wxp-lint.toml:3: not valid TOML: Invalid value at the end of the file"),
        (
            b'\na = "transfers\\poly"',
            "wxp-lint.toml:2: not valid TOML: Unescaped '\\' in a string (column 17); "
            "write / instead of \\ between folders",
        ),
        (b"a = " + b"9" * 5000, "wxp-lint.toml: not valid TOML: a number too long to read"),
        (b"\na = 0x" + b"f" * 5000, "wxp-lint.toml:2: a number too large to be meant"),
        (b"a = " + b"[" * 5000, "wxp-lint.toml: nested too deeply; write it with fewer brackets"),
        (
            b"\na = " + b"[" * 50 + b"]" * 50,
            "wxp-lint.toml:2: nested too deeply; no key has more than 16 parts",
        ),
        (b"\n" + b"a." * 50_000 + b"a = 1", "wxp-lint.toml:2: more than 1,000 dots in one line; break it up"),
        (b"#" * 1_000_001, "wxp-lint.toml: more than 1,000,000 characters; that is no configuration"),
        (b"\na = '\xe4'", "wxp-lint.toml:2: not UTF-8 text; save the file with the encoding UTF-8"),
        ("a = 1".encode("utf-16"), "wxp-lint.toml:1: not UTF-8 text; save the file with the encoding UTF-8"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, content, told):
    file = tmp_path / "wxp-lint.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError) as error:
        load(file, tmp_path, remember=False)
    assert str(error.value) == told


def test_a_config_that_is_missing_or_empty_of_ours(tmp_path):
    with pytest.raises(UsageError, match=r"^a/wxp-lint\.toml: cannot be read \(No such file.*name another config"):
        load(tmp_path / "a" / "wxp-lint.toml", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(UsageError, match=r"^pyproject\.toml has no table \[tool\.wxp-lint\]"):
        load(tmp_path / "pyproject.toml", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_what_is_no_file_but_has_the_name_is_refused_and_not_waited_for(tmp_path):
    file = tmp_path / "wxp-lint.toml"
    tree(tmp_path, ".git/HEAD", "pyproject.toml")
    for make, told in (
        (os.mkfifo, "it is a folder, pipe or device"),
        (os.mkdir, "it is a folder, pipe or device"),
        (lambda path: path.symlink_to("gone"), "cannot be read"),
    ):
        make(file)
        assert find(tmp_path) == file
        with pytest.raises(UsageError, match=told):
            load(file, tmp_path)
        file.rmdir() if file.is_dir() else file.unlink()


def tree(root, *names):
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("[tool.wxp-lint]\n" if file.name == "pyproject.toml" else "")


def test_in_git_only_the_config_at_the_root_counts(tmp_path):
    tree(tmp_path, "wxp-lint.toml", "repo/.git/HEAD", "repo/a/wxp-lint.toml", "repo/a/b/x.csv")
    assert find(tmp_path / "repo" / "a" / "b") is None
    tree(tmp_path, "repo/wxp-lint.toml")
    assert find(tmp_path / "repo" / "a" / "b") == tmp_path / "repo" / "wxp-lint.toml"


def test_a_worktree_has_a_file_in_place_of_the_git_folder(tmp_path):
    tree(tmp_path, "wxp-lint.toml", "worktree/.git", "worktree/wxp-lint.toml", "worktree/a/x.csv")
    assert find(tmp_path / "worktree" / "a") == tmp_path / "worktree" / "wxp-lint.toml"


def test_outside_of_git_the_nearest_config_counts(tmp_path, monkeypatch):
    tree(tmp_path, "wxp-lint.toml", "a/pyproject.toml", "a/b/x.csv")
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert find(Path()) == tmp_path / "a" / "pyproject.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")
    assert find(Path()) == tmp_path / "wxp-lint.toml"


def test_the_file_of_our_own_comes_before_pyproject(tmp_path):
    tree(tmp_path, ".git/HEAD", "wxp-lint.toml", "pyproject.toml")
    assert find(tmp_path) == tmp_path / "wxp-lint.toml"
    (tmp_path / "wxp-lint.toml").unlink()
    assert find(tmp_path) == tmp_path / "pyproject.toml"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[tool.wxp-lint]", True),
        ("[tool.wxp-lint.apply]\nlease = 3", True),
        ("# see tool.wxp-lint\n[tool.x]", False),
        ("tool = 3 # tool.wxp-lint", False),
        ("[tool.wxp-lint", True),
        ("[project]\n= broken, but none of our business", False),
    ],
)
def test_which_pyproject_is_a_config(content, expected):
    assert has_table(content.encode()) is expected


KEYS = sorted(set(re.findall(r'"([a-z-]+)": \{', schema().decode())))
scalars = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["error", "a/*.csv", "git:x", "env:X", "2026-01-02", "", "\\", "postgresql://a:b@c/d"])
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.times()
)
names = st.sampled_from(KEYS) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=15,
)


def outcome(text):
    """The errors that `text` gives, a line each; none if it is a config that can be shown."""
    try:
        assert show(read(text))
    except UsageError as error:
        return str(error).split("\n")
    return []


def written(table):
    return "".join(f"{as_key(key)} = {as_toml(value)}\n" for key, value in table.items())


@given(st.dictionaries(names, values, max_size=6))
def test_whatever_a_config_says_it_is_settings_or_a_usage_error(table):
    for line in outcome(written(table)):
        assert line.startswith("wxp-lint.toml:")
        assert line.isprintable()


@given(st.data())
def test_one_other_value_in_a_full_config_is_taken_or_told(data):
    table = node = tomllib.loads(FULL)
    while True:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        if not (isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans())):
            break
        node = node[key]
    node[key] = data.draw(values)
    assert all(line.startswith("wxp-lint.toml:") for line in outcome(written(table)))


@given(st.text() | st.text(alphabet="ab.=,[]{}\"'#\n\\ "))
def test_whatever_the_file_holds_it_is_settings_or_a_usage_error(text):
    assert all(line.startswith("wxp-lint.toml:") for line in outcome(text))


def test_settings_survive_the_way_to_a_table_and_back():
    settings = read(FULL)
    table = without_none(table_of(settings))
    assert settings_of(table, settings.root, settings.file, settings.origins) == settings


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(entry) for key, entry in value.items() if entry is not None}
    return [without_none(entry) for entry in value] if isinstance(value, list) else value
