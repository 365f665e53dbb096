import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.config.load import load
from wxp_lint.config.settings import Settings
from wxp_lint.config.show import show
from wxp_lint.config.text import as_key, as_toml, masked

CONFIG = """\
fail-on = "note"
[inventory]
sources = [
  {path = "inventory/a.csv", place = "acme", serial = "SN", as-of = 2026-01-02, as-of-column = "Stand"},
  {url = "postgresql://me:geheim@host/db", query = "select 1"},
]
[rules.serial-format]
level = "warning"
formats = ["hp"]
[places."Poly, Inc."]
customer-id = "x"
[[overrides]]
paths = ["transfers/poly/**"]
rules.serial-week.level = "off"
[apply]
ledger = "postgresql://me:geheim@host/db"
[[apply.waivers]]
rule = "large-transfer"
path = "transfers/a.csv"
reason = "agreed"
until = 2026-12-01
"""


def shown(settings):
    return {key: (value, origin) for key, value, origin in show(settings)}


def test_values_of_the_config_have_their_lines_and_the_rest_is_default():
    rows = shown(load(Path("wxp-lint.toml"), Path(), CONFIG, remember=False))
    assert rows["fail-on"] == ('"note"', "wxp-lint.toml:1")
    assert rows["archive"] == ('["transfers/**/done/**"]', "default")
    assert rows["customers"] == ("", "default")
    assert rows["inventory.sources.0.serial"] == ('"SN"', "wxp-lint.toml:4")
    assert rows["inventory.sources.0.as-of"] == ("2026-01-02", "wxp-lint.toml:4")
    assert rows["inventory.sources.0.as-of-column"] == ('"Stand"', "wxp-lint.toml:4")
    assert "inventory.sources.0.url" not in rows
    assert rows["inventory.max-age-days"] == ("7", "default")
    assert rows["rules.serial-format.level"] == ('"warning"', "wxp-lint.toml:8")
    assert rows["rules.serial-format.formats"] == ('["hp"]', "wxp-lint.toml:9")
    assert rows['places."Poly, Inc.".customer-id'] == ('"x"', "wxp-lint.toml:11")
    assert rows["overrides.0.rules.serial-week.level"] == ('"off"', "wxp-lint.toml:14")
    assert rows["apply.waivers.0.until"] == ("2026-12-01", "wxp-lint.toml:21")
    assert rows["reconcile.summary"] == ('"unknown"', "default")


def test_passwords_are_masked():
    rows = shown(load(Path("wxp-lint.toml"), Path(), CONFIG, remember=False))
    assert rows["apply.ledger"][0] == '"postgresql://me:***@host/db"'
    assert rows["inventory.sources.1.url"][0] == '"postgresql://me:***@host/db"'
    assert "geheim" not in str(rows)


def test_the_command_line_is_an_origin_too():
    settings = Settings(Path())._replace(select=("WXP201",), origins={"select": "--select"})
    assert shown(settings)["select"] == ('["WXP201"]', "--select")


def test_every_setting_is_shown():
    keys = {key.split(".")[0] for key, _, _ in show(Settings(Path()))}
    fields = {name.replace("_", "-") for name in Settings._fields}
    # Tables by name have no rows as long as they are empty.
    assert keys == fields - {"root", "file", "origins", "rules", "places", "summary"} | {"reconcile"}


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("postgresql://me:pw@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:p@w/x:y@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?user=me&password=pw&x=1", "postgresql://host/db?user=me&password=***"),
        (
            "mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Dpw%3B",
            "mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3D***",
        ),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("env:INVENTORY_URL", "env:INVENTORY_URL"),
        ("no url: a@b, password=x", "no url: a@b, password=x"),
    ],
)
def test_masking(url, safe):
    assert masked(url) == safe


values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.times(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.text(), values)
def test_toml_text_reads_as_the_same_value(key, value):
    text = f"{as_key(key)} = {as_toml(value)}"
    assert "\n" not in text
    assert tomllib.loads(text) == {key: value}


def test_floats_that_are_no_numbers():
    assert math.isnan(tomllib.loads(f"x = {as_toml(math.nan)}")["x"])
