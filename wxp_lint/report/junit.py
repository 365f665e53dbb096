"""JUnit's XML, which every CI reads: a suite for each file, a case for each finding or file without one.

A case fails where its finding fails the run; a lesser one passes and carries its message. So the report is red
where the exit code is.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from wxp_lint.lint.finding import Finding, Result
from wxp_lint.report.style import Style, visible
from wxp_lint.report.words import message, title

# What XML has no way to write, besides the control characters and surrogates that `visible` makes escapes of.
_ILLEGAL = re.compile("[\ufffe\uffff]")
_REPOSITORY = "(repository)"


def render(result: Result, style: Style) -> str:
    """The XML document."""
    root = Element("testsuites", name="wxp-lint")
    found = {path: list(group) for path, group in groupby(result.findings, lambda finding: finding.path)}
    suites = [_suite(path or _REPOSITORY, list(_cases(group, result))) for path, group in found.items()]
    suites += [_suite(path, [_case(path, "no findings")]) for path in result.files if path not in found]
    suites.append(_suite("rules that did not run", [*_not_run(result)]))
    root.extend(suite for suite in suites if len(suite))
    _count(root)
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(name: str, cases: list[Element]) -> Element:
    suite = Element("testsuite", name=_legal(name))
    suite.extend(cases)
    _count(suite)
    return suite


def _cases(findings: list[Finding], result: Result) -> Iterator[Element]:
    for finding in findings:
        line = f" line {finding.line}" if finding.line is not None else ""
        case = _case(finding.path or _REPOSITORY, f"{title(finding)}{line}")
        text = _legal(message(finding))
        if result.fails(finding.level):
            failure = SubElement(case, "failure", type=finding.level, message=text)
            failure.text = f"{finding.level}: {text}"
        else:
            SubElement(case, "system-out").text = f"{finding.level}: {text}"
        if finding.path and finding.line is not None:
            case.set("file", _legal(finding.path))
            case.set("line", str(finding.line))
        yield case


def _not_run(result: Result) -> Iterator[Element]:
    needed = {rule.code for rule in result.must_run_failed}
    for rule in result.not_run:
        case = _case("wxp-lint", f"{rule.code} {rule.name}")
        if rule.code in needed:
            SubElement(case, "failure", type="error", message=f"must run, but could not: {_legal(rule.reason)}")
        else:
            SubElement(case, "skipped", message=_legal(rule.reason))
        yield case


def _case(path: str, name: str) -> Element:
    return Element("testcase", classname=_legal(path), name=_legal(name))


def _count(element: Element) -> None:
    """Writes how many cases there are below `element`, and how they ended."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", "0")
    element.set("skipped", str(len(element.findall(".//skipped"))))


def _legal(text: str) -> str:
    return _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", visible(text))
