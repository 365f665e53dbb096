"""The ignore file: what it hides, and what is said of entries that hide nothing."""

import os
from datetime import date

import pytest

from wxp_lint.config.load import load as load_config
from wxp_lint.config.settings import InventorySource
from wxp_lint.errors import UsageError
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.lint.suppressions import parse_suppressions
from wxp_lint.repo.select import Selected, Selection, select

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
TODAY = date(2026, 6, 15)
BUILT_IN = catalogue.load()
IGNORE = "wxp-lint-ignore.toml"
# A defect of WXP202 on line 2, one of WXP401 on line 4.
TWO_DEFECTS = f"Serial Number,Customer ID\n5CG-234XMV,{ID}\n5CG8234XMV,{ID}\n5CG8234XMV,{ID}\n"
CUSTOM = """
code = "OWN001"
name = "own-rule"
level = "warning"
status = "stable"
since = "0.1.0"
needs = [{needs}]
subject = "{subject}"
summary = "A rule of a user's own"
why = "To see what the engine makes of it."
sources = []
message = "something is wrong"
query = "{query}"
[[examples]]
name = "good"
kind = "good"
csv = ""
findings = []
[[examples]]
name = "bad"
kind = "bad"
csv = ""
findings = ["file"]
"""


def entry(**values):
    """An entry with all that it needs; a value is TOML as it stands, None leaves the key out."""
    given = {"rule": '"serial-format"', "path": '"transfers/**"', "reason": '"a prototype"'} | values
    return "[[ignore]]\n" + "".join(f"{k} = {v}\n" for k, v in given.items() if v is not None)


@pytest.fixture
def write(tmp_path):
    def lay_out(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    lay_out("transfers/acme/a.csv", TWO_DEFECTS)
    return lay_out


@pytest.fixture
def lint(tmp_path, write):
    """Lints the folder. `paths`: what was named; `more`: settings; the rest goes into the request."""

    def run(*paths, more=None, rules=None, selection=None, **request):
        file = tmp_path / "wxp-lint.toml"
        settings = load_config(file if file.exists() else None, tmp_path)
        settings = settings._replace(**(more or {}))
        chosen = selection or select(settings, list(paths), cwd=tmp_path, force_exclude=False)
        return check(settings, rules or BUILT_IN, Request(chosen, **{"today": TODAY} | request))

    return run


@pytest.fixture
def own_rule(tmp_path):
    """The built-in rules and one of a user's own."""

    def make(query, subject="file", needs=""):
        folder = tmp_path / "rules"
        folder.mkdir(exist_ok=True)
        (folder / "OWN001-own-rule.toml").write_text(
            CUSTOM.format(query=query, subject=subject, needs=f'"{needs}"' if needs else "")
        )
        return catalogue.load([folder])

    return make


def codes(result):
    return [finding.code for finding in result.findings]


def test_a_suppressed_finding_is_counted_and_not_shown(lint, write):
    write(IGNORE, entry())

    result = lint()

    assert codes(result) == ["WXP401"]
    assert result.suppressed == 1


@pytest.mark.parametrize(
    ("values", "hides"),
    [
        ({"rule": '"WXP202"'}, True),
        ({"rule": '"wxp202"'}, True),
        ({"rule": '"serial-week"'}, False),
        ({"path": '"transfers/acme/a.csv"'}, True),
        ({"path": '"**"'}, True),
        ({"path": '"Transfers/ACME/*.CSV"'}, True),
        ({"path": '"transfers/*.csv"'}, False),
        ({"path": '"transfers/poly/**"'}, False),
        ({"serial": '"5CG-234XMV"'}, True),
        ({"serial": '"5cg-234xmv"'}, True),
        ({"serial": r'" 5CG\u00a0-234XMV\u200b"'}, True),
        ({"serial": '"5CG-234XMW"'}, False),
        ({"serial": '"5CG8234XMV"'}, False),
        ({"until": "2026-06-15"}, True),
        ({"until": '"2026-06-15"'}, True),
        ({"until": "2026-06-14"}, False),
    ],
)
def test_rule_path_serial_and_date_must_all_fit(lint, write, values, hides):
    write(IGNORE, entry(**values))

    result = lint("transfers")

    assert ("WXP202" not in codes(result)) is hides
    assert result.suppressed == hides


def test_a_path_can_hold_wildcards_as_plain_characters(lint, write):
    write("transfers/[old]/b.csv", TWO_DEFECTS)
    write(IGNORE, entry(path='"transfers/[[]old]/*.csv"'))

    found = [finding.path for finding in lint("transfers").findings if finding.code == "WXP202"]

    assert found == ["transfers/acme/a.csv"]


def test_an_expired_entry_brings_its_finding_back_and_says_so(lint, write):
    write(IGNORE, "# first line\n" + entry(until="2026-05-01"))

    result = lint()

    said = next(finding for finding in result.findings if finding.code == "WXP801")
    assert "WXP202" in codes(result)
    assert "WXP803" not in codes(result)
    assert (said.path, said.line, said.level) == (IGNORE, None, "warning")
    assert said.message.startswith("line 2: serial-format in 'transfers/**' was suppressed until 2026-05-01")
    assert "1 finding is back" in said.message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (entry(reason=None), "it needs a reason"),
        (entry(reason='" \u200b"'), "the reason is empty"),
        (entry(rule=None), "it needs a rule"),
        (entry(rule='"serial-fromat"'), "no rule 'serial-fromat'; did you mean 'serial-format'?"),
        (entry(rule='"WXP2"'), "no rule 'WXP2'"),
        (entry(rule="202"), "rule must be a text in quotes, not 202"),
        (entry(rule='"suppression-unused"'), "suppression-unused cannot be suppressed"),
        (entry(path=None), "it needs a path"),
        (entry(path='["a.csv", "b.csv"]'), "path must be a text in quotes, not a list"),
        (entry(path='"transfers/[ab.csv"'), "a '[' that is not closed"),
        (entry(path='"transfers/{a,b.csv"'), "a '{' that is not closed"),
        (entry(path=f'"{"{a,b}" * 40}"'), "split it up"),
        (entry(path='"../transfers/*.csv"'), "leads out of its folder"),
        (entry(serial="5123456789"), "serial must be a text in quotes, not 5123456789"),
        (entry(serial='""'), "the serial is empty: leave it out"),
        (entry(until='"soon"'), 'until must be a date like 2026-12-01, not "soon"'),
        (entry(until="2026-12-01T10:00:00"), "until must be a date"),
        (entry(until="20261201"), "until must be a date"),
        (entry(reason=None, reson='"x"'), "unknown key 'reson'; did you mean 'reason'?"),
        (entry(line="4"), "unknown key 'line'"),
        ('[ignore]\nrule = "WXP202"\n', "'ignore' must be a list of tables, not a table"),
        ("ignore = [1]\n", "'ignore' must be a list of tables"),
        ("[[ignored]]\n", "unknown key 'ignored': an entry starts with [[ignore]]"),
    ],
)
def test_a_malformed_entry_hides_nothing_and_says_how_to_mend_it(lint, write, text, fault):
    write(IGNORE, f"\n\n{text}")

    result = lint()

    said = [finding for finding in result.findings if finding.code == "WXP802"]
    assert [(finding.path, finding.level) for finding in said] == [(IGNORE, "error")]
    assert said[0].message.startswith("line 3: ")
    assert fault in said[0].message
    assert "WXP202" in codes(result)
    assert result.suppressed == 0


def test_all_that_is_wrong_with_an_entry_is_said_at_once():
    (found,) = parse_suppressions(b'[[ignore]]\nrule = "nope"\npath = 5\n', BUILT_IN)

    assert all(part in (found.fault or "") for part in ("no rule 'nope'", "path must be", "needs a reason"))


def test_entries_of_upkeep_rules_are_as_malformed_as_others_and_do_not_hide_themselves(lint, write):
    write(IGNORE, entry(rule='"WXP802"', path='"**"'))

    assert "WXP802" in codes(lint())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[[ignore]]\nrule = 'a'\npath = \n", "wxp-lint-ignore.toml:3: not valid TOML"),
        (b"[[ignore]]\nreason = '\xfc'\n", "wxp-lint-ignore.toml:2: not UTF-8"),
    ],
)
def test_what_is_not_toml_ends_the_run(lint, tmp_path, content, message):
    (tmp_path / IGNORE).write_bytes(content)

    with pytest.raises(UsageError) as error:
        lint()

    assert message in str(error.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no name here")
def test_a_pipe_in_place_of_the_file_does_not_hang(lint, tmp_path):
    os.mkfifo(tmp_path / IGNORE)

    with pytest.raises(UsageError, match=IGNORE):
        lint()


def test_the_content_can_come_from_another_revision(lint, write):
    write(IGNORE, entry())

    assert "WXP202" in codes(lint("transfers", suppressions=b""))
    assert "WXP401" not in codes(lint("transfers", suppressions=entry(rule='"WXP401"').encode()))


def test_what_a_suppressed_finding_silenced_stays_silent(lint, write):
    write("transfers/acme/a.csv", f"Serial Number,Customer ID\n5.12E+09,{ID}\n")
    assert codes(lint("transfers")) == ["WXP206"]
    write(IGNORE, entry(rule='"WXP206"'))

    assert codes(lint("transfers")) == []


def test_what_is_switched_off_anyway_is_not_counted_as_suppressed(lint, write):
    write(IGNORE, entry())

    assert lint(more={"ignore": ("WXP202",)}).suppressed == 0


@pytest.mark.parametrize(("path", "hides"), [("**", True), ("*", False), ("transfers/**", False)])
def test_a_finding_of_no_file_is_suppressed_by_the_path_of_everything(lint, write, own_rule, path, hides):
    rules = own_rule("select null as path, null::integer as line, null as field from file")
    write(IGNORE, entry(rule='"own-rule"', path=f'"{path}"'))

    assert ("OWN001" not in codes(lint(rules=rules))) is hides


def test_an_entry_that_hides_nothing_is_said_to_be_unused(lint, write):
    write(IGNORE, entry() + "\n" + entry(serial='"5CG8234XMV"'))

    said = [finding for finding in lint().findings if finding.code == "WXP803"]

    assert [(finding.path, finding.line, finding.level) for finding in said] == [(IGNORE, None, "note")]
    assert said[0].message.startswith("line 6: ")
    assert "for 5CG8234XMV" in said[0].message


UNUSED = entry(path='"transfers/poly/**"')


def test_unused_entries_are_told_only_where_all_files_were_looked_at(lint, write, tmp_path):
    write(IGNORE, UNUSED)
    file = Selected("transfers/acme/a.csv", tmp_path / "transfers/acme/a.csv", True, True, True)
    unchecked = file._replace(path="transfers/acme/b.csv", checked=False)
    write("transfers/acme/b.csv", TWO_DEFECTS)

    assert "WXP803" in codes(lint())
    assert "WXP803" not in codes(lint("transfers/acme/a.csv"))
    assert "WXP803" not in codes(lint("transfers"))
    assert "WXP803" not in codes(lint(selection=Selection((file, unchecked), True, ())))


@pytest.mark.parametrize("narrowed", [{"select": ("WXP8",)}, {"ignore": ("WXP202",)}, {"select": ("WXP803",)}])
def test_selecting_rules_makes_no_entry_unused(lint, write, narrowed):
    write(IGNORE, entry() + "\n" + UNUSED)

    said = [finding.message for finding in lint(more=narrowed).findings if finding.code == "WXP803"]

    assert len(said) == 1
    assert "transfers/poly/**" in said[0]


def test_an_entry_for_a_rule_that_could_not_run_is_not_unused(lint, write, own_rule, tmp_path):
    rules = own_rule("select path, null::integer as line, null as field from row", "row", "device")
    write(IGNORE, entry(rule='"own-rule"', path='"transfers/poly/**"'))
    assert "WXP803" not in codes(lint(rules=rules))
    write("devices.csv", "serial\n5CG8234XMV\n")
    write("wxp-lint.toml", '[[inventory.sources]]\npath = "devices.csv"\nplace = "unassigned"\n')

    assert "WXP803" in codes(lint(rules=rules))
    # Another list of devices than the config's tells nothing of what the entry is for.
    others = [InventorySource(path=str(tmp_path / "devices.csv"), place="unassigned")]
    assert "WXP803" not in codes(lint(rules=rules, inventory=others))


def test_rules_that_read_suppressions_run_even_where_there_is_none(lint, own_rule):
    query = "select path, line, null as field from row where line = 3 and not exists (from suppression)"

    assert "OWN001" in codes(lint("transfers", rules=own_rule(query, "row", "suppression")))


def test_rules_that_read_suppressions_see_hits_and_faults(lint, write, own_rule):
    query = (
        "select 'transfers/acme/a.csv' as path, s.line, null as field from suppression s "
        "where s.hits = 2 and s.fault is null and s.reason = 'a prototype' and s.source like '%.toml'"
    )
    write("transfers/acme/a.csv", TWO_DEFECTS + f"5CG-999XMV,{ID}\n")
    write(IGNORE, "# a line\n" + entry() + entry(rule='"nope"'))

    found = [finding.line for finding in lint(rules=own_rule(query, "suppression", "suppression")).findings]

    assert 2 in found


def test_many_entries_for_single_serials_each_hide_their_own(lint, write):
    serials = [f"5CG-{n:05}X" for n in range(2_000)]
    write("transfers/acme/a.csv", "Serial Number,Customer ID\n" + "".join(f"{s},{ID}\n" for s in serials))
    write(IGNORE, "".join(entry(serial=f'"{serial}"') for serial in serials[1:]))

    result = lint("transfers")

    assert result.suppressed == 1_999
    assert [finding.serial for finding in result.findings] == [serials[0]]
