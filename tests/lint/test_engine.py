"""What the engine makes of the rows that a rule returns."""

from datetime import date

import pytest

from wxp_lint.config.load import load as load_config
from wxp_lint.lint import catalogue, engine
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.finding import NotRun
from wxp_lint.repo.select import select

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"


@pytest.mark.parametrize(("rows", "found", "is_stopped"), [(2, 2, False), (3, 3, False), (4, 3, True), (9, 3, True)])
def test_a_rule_that_finds_too_much_is_stopped_and_says_so(tmp_path, monkeypatch, rows, found, is_stopped):
    monkeypatch.setattr(engine, "MOST", 3)
    (tmp_path / "transfers").mkdir()
    lines = [f"5CG-{n:06},{ID}" for n in range(rows)]
    (tmp_path / "transfers/a.csv").write_text("\n".join(["Serial Number,Customer ID", *lines, ""]))
    settings = load_config(None, tmp_path)
    selection = select(settings, [], cwd=tmp_path, force_exclude=False)

    result = check(settings, catalogue.load(), Request(selection, date(2026, 6, 15)))

    assert [one.line for one in result.findings if one.code == "WXP202"] == list(range(2, 2 + found))
    stopped = NotRun("WXP202", "serial-format", "stopped after 3 findings")
    assert (stopped in result.not_run) is is_stopped
