"""docs/config.md names every key with its default, and what it shows holds."""

import json
import re
from pathlib import Path

import pytest

from wxp_lint.config.load import load, schema
from wxp_lint.config.text import as_toml
from wxp_lint.facts.sidecars import read_sidecars
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.model import Source, TransferFile
from wxp_lint.lint import catalogue
from wxp_lint.lint.policy import Policy
from wxp_lint.lint.suppressions import parse_suppressions

DOC = (Path(__file__).parents[2] / "docs/config.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(# (\S+)\n.*?)```", DOC, re.DOTALL)
# A heading of the page -> the place in the schema of what its table lists.
PLACES = {
    "At the top": "",
    "`[columns]`": "columns.",
    "`[inventory]`": "inventory.",
    "Each of `sources`": "inventory.sources.",
    "`[rules.NAME]`": "rules.*.",
    "`[[overrides]]`": "overrides.",
    "`[overrides.rules.NAME]`": "overrides.rules.*.",
    "`[places.NAME]`": "places.*.",
    "`[apply]`": "apply.",
    "`[apply.http]`": "apply.http.",
    "`[[apply.waivers]]`": "apply.waivers.",
    "`[limits]`": "limits.",
    "`[reconcile]`": "reconcile.",
}


def keys(node, place, whole):
    """(place, default as TOML) of every key below a node of the schema that is not a table at the top."""
    while "$ref" in node:
        node = whole["$defs"][node["$ref"].rpartition("/")[2]]
    for name, value in node.get("properties", {}).items():
        nested = list(keys(value, f"{place}{name}.", whole))
        if place or not nested:
            yield place + name, as_toml(value["default"]) if "default" in value else ""
        yield from nested
    for key, deeper in (("additionalProperties", f"{place}*."), ("items", place)):
        if isinstance(node.get(key), dict):
            yield from keys(node[key], deeper, whole)


def documented():
    for section in re.split(r"^#+ ", DOC, flags=re.MULTILINE):
        heading, _, text = section.partition("\n")
        for key, default in re.findall(r"^\| `([\w-]+)` \| (?:`(.*?)` )?\|", text, re.MULTILINE):
            yield PLACES[heading] + key, default


def test_every_key_is_there_with_its_default_and_no_other():
    whole = json.loads(schema())

    assert sorted(documented()) == sorted(keys(whole, "", whole))


def test_there_are_examples_of_each_kind():
    assert len(BLOCKS) == DOC.count("```toml")
    assert {name for _, name in BLOCKS} == {"wxp-lint.toml", "wxp-lint-ignore.toml", "transfers/acme/march.csv.toml"}


@pytest.mark.parametrize("text", [text for text, name in BLOCKS if name == "wxp-lint.toml"])
def test_configs_load_and_name_rules_and_options_that_there_are(text):
    settings = load(Path("wxp-lint.toml"), Path(), text, remember=False)

    Policy(settings, catalogue.load())


@pytest.mark.parametrize("text", [text for text, name in BLOCKS if name == "wxp-lint-ignore.toml"])
def test_suppressions_hold(text):
    entries = parse_suppressions(text.encode(), catalogue.load())

    assert [entry.fault for entry in entries] == [None]


@pytest.mark.parametrize(("text", "name"), [block for block in BLOCKS if block[1].endswith(".csv.toml")])
def test_sidecars_are_valid(text, name, tmp_path):
    transfer = name.removesuffix(".toml")
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(text, "utf-8")
    file = TransferFile(Source(transfer, tmp_path / transfer), "csv", 0, "")

    (sidecar,) = read_sidecars([Loaded(file, True, True, True)], tmp_path)

    assert sidecar.fault is None
    assert sidecar.possession_by == "Your Name"
    assert len(sidecar.replaces) == 1
