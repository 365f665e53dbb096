"""The formats that other programs read, as those programs are documented to read them."""

import json
import tracemalloc

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from results import ACME, PATH, csv, found, new_text, result

from wxp_lint.lint.finding import NotRun
from wxp_lint.report import parts, reporter
from wxp_lint.report.style import Style

MISSING = [NotRun("WXP501", "device-not-visible", "no inventory configured")]


@pytest.fixture
def report():
    """What a format writes."""
    return lambda name, given: reporter(name)(given, Style())


def test_a_workflow_command_is_escaped_and_says_where(report):
    finding = found(message="100% of,these: 5CG\nx", path="a,b:c%.csv")

    assert report("github", result(finding)) == (
        "::error file=a%2Cb%3Ac%25.csv,line=2,col=1,title=WXP202 serial-format::100%25 of,these: 5CG\\nx\n"
    )


def test_github_gets_the_worst_first_and_ten_of_a_level(report):
    many = [found("WXP204", line, path=f"{line % 7}.csv") for line in range(2, 40)]
    exactly = [found("WXP207", line) for line in range(2, 12)]

    lines = report("github", result(*many, *exactly, found("WXP202"))).splitlines()

    assert [line.split(" ")[0] for line in lines] == ["::error"] + ["::warning"] * 10 + ["::notice"] * 10
    assert "and " not in lines[10]
    assert lines[-1].startswith("::notice title=29 more notes in 7 files::and 29 more notes in 7 files: ")
    assert ".csv (5), " in lines[-1]
    assert "and 2 others; " in lines[-1]


def test_findings_of_the_repository_have_no_file(report):
    several = [found("WXP803", None, "error", None, column=None) for _ in range(12)]

    lines = report("github", result(*several)).splitlines()

    assert lines[0] == "::error title=WXP803 suppression-unused::suppression-unused speaks"
    assert lines[-1].startswith("::error title=3 more errors::and 3 more errors: the repository (3)")


@pytest.mark.parametrize(("name", "start"), [("github", "::error "), ("azure", "##vso[task.logissue type=error;")])
def test_what_must_run_and_could_not_is_an_error(report, name, start):
    lines = report(name, result(found("WXP204"), not_run=MISSING, must_run_failed=MISSING)).splitlines()

    assert lines[0].startswith(start)
    assert "WXP501" in lines[0]
    assert "no inventory configured" in lines[0]
    assert report(name, result(not_run=MISSING)) == ""


def test_github_shows_no_more_than_ten_errors_with_what_must_run(report):
    lines = report("github", result(*[found(line=n) for n in range(2, 20)], must_run_failed=MISSING)).splitlines()

    assert len(lines) == 10
    assert "and 10 more errors in 1 file: " in lines[-1]


def test_azure_gets_issues_with_its_own_escapes(report):
    lines = report("azure", result(found("WXP204", message="5%;]\r", path="a;b].csv"), found("WXP202"))).splitlines()

    assert lines == [
        f"##vso[task.logissue type=error;sourcepath={PATH};linenumber=2;columnnumber=1;code=WXP202]"
        "serial-format speaks",
        "##vso[task.logissue type=warning;sourcepath=a%3Bb%5D.csv;linenumber=2;columnnumber=1;code=WXP204]"
        "note: 5%AZP25;]\\r",
    ]


def test_code_quality_has_what_gitlab_documents(report):
    """No package carries a schema of it; these are the fields of GitLab's page on Code Quality."""
    same = found(path=None, line=None, fingerprint="f")
    issues = json.loads(report("gitlab", result(same, same, found("WXP207"), found("WXP204"))))

    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert all(isinstance(issue[key], str) and issue[key] for key in set(issue) - {"location"})
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["path"]
        assert not issue["location"]["path"].startswith(("/", "./"))
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert [issue["severity"] for issue in issues] == ["major", "major", "minor", "info"]
    assert issues[2]["location"] == {"path": PATH, "lines": {"begin": 2}}
    assert report("gitlab", result()) == "[]\n"


def test_a_fingerprint_stays_when_the_line_moves(report):
    marks = [
        json.loads(report("gitlab", result(found(line=line, fingerprint="abc"))))[0]["fingerprint"] for line in (2, 9)
    ]

    assert marks == ["abc", "abc"]


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [("error", ["error"]), ("warning", ["error", "warning"]), ("note", ["error", "warning", "note"]), ("never", [])],
)
def test_junit_is_red_where_the_exit_code_is(report, fail_on, failed):
    files = {PATH: csv(f"5CG8234XMV,{ACME}\n"), "transfers/b.csv": csv("")}
    given = result(found("WXP202"), found("WXP207"), found("WXP204"), files=files, fail_on=fail_on, not_run=MISSING)

    parsed = JUnitXml.fromstring(report("junit", given).encode())

    suites = {suite.name: list(suite) for suite in parsed}
    assert [case.name for case in suites[PATH]] == [
        "WXP202 serial-format line 2",
        "WXP207 serial-vowel line 2",
        "WXP204 serial-lowercase line 2",
    ]
    failures = [one for case in suites[PATH] for one in case.result]
    assert all(isinstance(one, Failure) for one in failures)
    assert [one.type for one in failures] == failed
    assert [case.is_passed for case in suites["transfers/b.csv"]] == [True]
    assert [case.is_skipped for case in suites["rules that did not run"]] == [True]
    assert (parsed.tests, parsed.failures, parsed.skipped, parsed.errors) == (5, len(failed), 1, 0)
    assert given.failed is bool(failed)


def test_junit_fails_where_a_rule_must_run(report):
    parsed = JUnitXml.fromstring(report("junit", result(not_run=MISSING, must_run_failed=MISSING)).encode())

    results = [one for suite in parsed for case in suite for one in case.result]
    assert [type(one) for one in results] == [Failure]
    assert not any(isinstance(one, Skipped | Error) for one in results)
    assert parsed.failures == 1


def test_reviewdog_gets_bytes_for_columns_and_suggestions(report):
    """By reviewdog's proto: a column counts bytes of UTF-8, the end of a range is exclusive."""
    row = "ÄÖ, x ,more"
    finding = found(field="customer_id", column=4, fix=new_text("x"), url="https://example.org/x")

    document = json.loads(report("rdjson", result(finding, found(path=None, line=None), rows=f"{row}\n")))

    assert document["source"]["name"] == "wxp-lint"
    first, second = document["diagnostics"]
    assert (first["severity"], first["code"]) == ("ERROR", {"value": "WXP202", "url": "https://example.org/x"})
    assert first["location"] == {"path": PATH, "range": {"start": {"line": 2, "column": 6}}}
    (suggestion,) = first["suggestions"]
    span = suggestion["range"]
    data = row.encode()
    assert data[span["start"]["column"] - 1 : span["end"]["column"] - 1] == b" x "
    assert suggestion["text"] == "x"
    assert second["location"] == {}


def test_json_lines_are_the_findings_of_json(report):
    given = result(found(), found("WXP204", 3, message="\u2028\x85"))

    lines = report("jsonl", given).splitlines()

    assert [json.loads(line) for line in lines] == json.loads(report("json", given))["findings"]
    assert report("jsonl", result()) == ""


@pytest.mark.parametrize("count", [0, 1, 1000, 1001])
def test_a_json_document_is_one_however_many_findings_it_has(count):
    text = reporter("json")(result(*(found(line=line) for line in range(count))), Style())

    document = json.loads(text)
    assert [finding["line"] for finding in document["findings"]] == list(range(count))
    assert text == json.dumps(document, indent=1) + "\n"


@pytest.mark.parametrize("name", ["json", "jsonl", "full", "concise"])
def test_a_report_of_very_many_findings_is_never_whole_in_memory(name):
    many = result(*(found(line=2, message="x" * 1000) for _ in range(5000)))

    tracemalloc.start()
    try:
        size = sum(map(len, parts(name, many, Style())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 5_000_000
    assert peak < size


def test_a_cell_of_a_workbook_is_named_where_a_line_says_little(report):
    given = result(found(cell="A7", line=7, sheet="PCs", message="no serial"))

    for name in ("github", "gitlab", "azure", "rdjson", "junit", "sarif"):
        assert "A7 of sheet PCs: no serial" in report(name, given), name
