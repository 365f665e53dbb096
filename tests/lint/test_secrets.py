"""A company PIN is never shown: not in its own finding, nor in another rule's, in any format."""

from datetime import date

import pytest

from wxp_lint.config.load import load
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import select
from wxp_lint.report import FORMATS, reporter
from wxp_lint.report.style import Style

CATALOGUE = catalogue.load()
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
PIN = "xK7pQ2mZ"


def checked(folder, config="", **files):
    for name, text in files.items():
        (folder / f"transfers/{name}.csv").parent.mkdir(exist_ok=True)
        (folder / f"transfers/{name}.csv").write_text(f"Serial Number,Customer ID\n{text}")
    (folder / "wxp-lint.toml").write_text(config)
    settings = load(folder / "wxp-lint.toml", folder)
    selection = select(settings, ["transfers/a.csv"], cwd=folder, force_exclude=False)
    return check(settings, CATALOGUE, Request(selection, date(2026, 6, 15)))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("config", ["", 'ignore = ["company-pin"]', '[rules.company-pin]\nlevel = "off"'])
def test_no_format_shows_it(config, format, tmp_path):
    # Other rules show the second and third rows too: a wrong serial, twice.
    result = checked(tmp_path, config, a=f"5CG8234XMV,{ACME}\n5CG12, {PIN} \n5CG12,{ACME}\nSGH327SZYD,{PIN}\n")

    shown = reporter(format)(result, Style())

    assert {"WXP202", "WXP401"} <= {finding.code for finding in result.findings}
    assert "WXP202" in shown
    assert PIN not in shown


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("config", ["", 'ignore = ["company-pin"]'])
def test_no_format_shows_what_rules_make_of_it(config, format, tmp_path):
    # In the other column rules say how it should be written: in capitals, without blanks.
    rows = f"5CG8234XMV,{PIN}\n{PIN},{ACME}\n{PIN[:4]} {PIN[4:]},{ACME}\n"
    result = checked(tmp_path, config, a=rows)

    shown = reporter(format)(result, Style())

    assert {"WXP203", "WXP204"} <= {finding.code for finding in result.findings}
    assert "WXP204" in shown
    assert PIN.casefold() not in "".join(shown.split()).casefold()


def test_of_a_line_that_is_cut_no_part_of_it_is_left(tmp_path):
    result = checked(tmp_path, a=f"{'5CG' * 31},{PIN}\n")

    shown = reporter("full")(result, Style())

    assert "*..." in shown
    assert PIN[:3] not in shown


def test_its_own_finding_says_what_to_do(tmp_path):
    result = checked(tmp_path, a=f"5CG8234XMV,{PIN}\n")

    (finding,) = result.findings
    assert finding.code == "WXP307"
    assert "Customer ID" in finding.message
    assert "changed" in finding.message


def test_a_file_that_is_not_checked_does_not_give_it_away(tmp_path):
    result = checked(tmp_path, a=f"5CG8234XMV,{ACME}\n", b=f"5CG8234XMV,{PIN}\n")

    assert [finding.code for finding in result.findings] == ["WXP402"]
    assert PIN not in reporter("json")(result, Style())


@pytest.mark.parametrize("word", ["customer", "CUSTOMER", "Fabrikam", "McDonald", "12345678", "acme2026", "5CG8234X"])
def test_words_are_no_secrets(word, tmp_path):
    assert checked(tmp_path, a=f"5CG8234XMV,{word}\n").secrets == frozenset()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("again", ["", f"5CG02382XZ,{PIN}\n"])
def test_no_format_shows_a_part_of_one_that_goes_over_two_lines(again, format, tmp_path):
    result = checked(tmp_path, a=f'5CG8234XMV,"{PIN[:4]}\n{PIN[4:]}"\nSGH327SZYD,{ACME}\n{again}')

    shown = reporter(format)(result, Style())

    assert "WXP117" in shown
    assert PIN[:4] not in shown
    assert PIN[4:] not in shown
