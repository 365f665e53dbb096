"""The comment on a pull request: nothing that others wrote becomes more than text, and it always fits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from wxp_lint.files.model import Source, TransferFile
from wxp_lint.lint.change import Change, Move
from wxp_lint.lint.finding import Finding, FixOffer, NotRun, Result
from wxp_lint.report.inert import code, cut_path, prose
from wxp_lint.report.markdown import MARK, MOST, NOTE, render
from wxp_lint.report.style import Style, visible

OURS = {
    "html_block", "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "bullet_list_open",
    "bullet_list_close", "list_item_open", "list_item_close", "text", "code_inline", "strong_open", "strong_close",
    "softbreak",
}  # fmt: skip
# What GitHub, GitLab or Azure make something of in plain text: mentions, references, addresses, emoji, sums, commits.
LIVE = re.compile(
    r"@\S|#\w|(?<!\w)[!$%~&^*]\S|\w/\w|://|www\.|:\w+:|\bGH-\d|[0-9a-f]{7,}|[<>\[\]`|\\]|[A-Z]{2,}-\d", re.IGNORECASE
)
HOSTILE = [
    "@octo/team", "#12", "GH-12", "octo/repo#3", "!7", "$x$", "%1.0", "~bug", "&3", ":tada:", "https://evil.example",
    "www.evil.example", "a@evil.example", "[a](https://evil.example)", "![a](https://evil.example/x.png)",
    "<img src=x>", "<!-- x -->", "-->", "<script>alert(1)</script>", "`", "``", "``` js", "a`b", "*a*", "__a__",
    "~~a~~", "| a | b |",
    "# h", "- [ ] x", "> q", "---", "\n\n# h\n", "\r\n- x", "\u202eevil", "\u2028# h", "\x1b[31m", "\ud800",
    "&lt;b&gt;", "[x]: https://evil.example", "a\\", "\\`x", "```\n# h\n```", "$`x`$", "deadbeef12", "'", "''", "' '",
    "it's 'a`b' #1", "[[wiki]]", "{+ a +}", "[^1]", "{:toc}", "1. a", "+ a", "   ", "",
]  # fmt: skip


def finding(message="m", path="a.csv", line=2, code="WXP202", level="error", **more):
    return Finding(code, "serial-format", level, message, path, line, "serial", **more)


def result(findings, *, files=(), **more):
    paths = dict.fromkeys([*(one.path for one in findings if one.path), *files])
    read = {path: TransferFile(Source(path, None), "csv", 0, "") for path in paths}
    return Result(findings, more.pop("not_run", ()), read, more.pop("rows", 3), **more)


def comment(*args, **more):
    return render(result(*args, **more), Style())


def leaves(markdown):
    for token in MarkdownIt("gfm-like").parse(markdown):
        yield token
        yield from token.children or ()


def check_inert(text):
    """A parser that is not ours sees nothing but our own marks, and no plain text that a host would make live."""
    found = list(leaves(text))
    assert {token.type for token in found} <= OURS
    assert [token.content.strip() for token in found if token.type == "html_block"] == [MARK, NOTE]
    for token in found:
        if token.type == "text":
            assert not LIVE.search(token.content), token.content


def everywhere(text):
    """A comment in which all that others write is `text`."""
    return comment(
        [
            finding(f"'{text}' is no serial number", fix=FixOffer("safe", "cell", f"{text} new")),
            finding(f"{text} is in {text}, with {text}: '{text}'", path=f"x/{text}.csv", cell="A7", sheet=text),
            finding(text, path=None, line=None),
        ],
        files=[text],
        not_run=[NotRun("WXP501", "device-not-visible", text)],
        must_run_failed=[NotRun("WXP501", "device-not-visible", text)],
        inventory=f"inventory: 3 devices of {text} ({text})",
        change=Change(
            text,
            [Move(text, "added", 2, text, text), Move(f"b{text}", "changed", 1, text, f"{text}2")],
            2,
            [f"c{text}"],
        ),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_text_stays_text(text):
    check_inert(everywhere(text))
    check_inert(everywhere(f"Acme {text} Ltd"))


@given(
    st.lists(st.sampled_from([*HOSTILE, "word", " ", "5CG8234XMV", "(", ")", ",", "é", "\u05d0"]), max_size=6).map(
        "".join
    )
)
def test_hostile_texts_together_stay_text(text):
    check_inert(everywhere(text))


@given(st.text(max_size=30))
def test_any_text_stays_text_and_stays_whole(text):
    found = "".join(
        token.content for token in leaves(f"- x {prose(text)}") if token.type in ("text", "code_inline", "softbreak")
    )
    assert re.sub(r"[\s']", "", found) == re.sub(r"[\s']", "", f"x{visible(text)}")


def test_plain_words_stay_plain():
    text = "did you mean 2026-11-03 (Acme Ltd)?; 2 more, as said (in March)."
    assert prose(text) == text


@given(st.text(alphabet="`a '\\", max_size=12))
def test_code_shows_what_it_is_given(text):
    (span,) = [token for token in leaves(f"x{code(text)}") if token.type == "code_inline"]

    assert span.content == (text or " ") or not text.strip(" ")


def test_the_verdict_comes_first():
    lines = comment([finding(path="a.csv"), finding(path="b.csv"), finding(path="b.csv", level="warning")]).split("\n")

    assert lines[:2] == ["<!-- wxp-lint -->", "### ❌ 2 files cannot be transferred: 2 errors, 1 warning"]


@pytest.mark.parametrize(
    ("findings", "more", "verdict"),
    [
        ([], {"files": ["a.csv"]}, "✅ Ready: 1 file with 3 PCs"),
        ([finding(level="note")], {}, "✅ Ready: 1 file with 3 PCs (1 note)"),
        (
            [finding(level="warning")],
            {},
            "⚠️ Nothing stands in the way of 1 file with 3 PCs, but please look: 1 warning",
        ),
        ([finding(level="warning")], {"fail_on": "warning"}, "❌ 1 file cannot be transferred: 1 warning"),
        (
            [finding()],
            {"fail_on": "never"},
            "⚠️ Nothing stands in the way of 1 file with 3 PCs, but please look: 1 error",
        ),
        ([finding(path=None)], {}, "❌ The check fails: 1 error"),
        (
            [],
            {"files": ["a.csv"], "must_run_failed": [NotRun("WXP501", "x", "no")]},
            "❌ The check is not complete: 1 rule that must run could not",
        ),
        ([], {}, "✅ There is no transfer file to check"),
    ],
)
def test_verdicts(findings, more, verdict):
    assert comment(findings, **more).split("\n")[1] == f"### {verdict}"


def test_the_worst_file_and_the_worst_finding_come_first():
    text = comment(
        [
            finding("a note", path="a.csv", line=2, level="note"),
            finding("an error", path="b.csv", line=9),
            finding("a warning", path="b.csv", line=3, level="warning"),
        ]
    )
    places = [text.index(each) for each in ("`b.csv`", "an error", "a warning", "`a.csv`", "a note")]

    assert places == sorted(places)


def test_a_fix_is_told_where_the_message_does_not_tell_it():
    text = comment([finding("'x' has a blank", fix=FixOffer("safe", "cell", "5CG8234XMV"))])
    assert "- ❌ **line 2**: `x` has a blank → `5CG8234XMV` (WXP202)" in text

    assert "→" not in comment([finding("'x': write 'y'", fix=FixOffer("safe", "cell", "y"))])


def test_what_did_not_run_says_why_and_what_must():
    unable = NotRun("WXP501", "device-not-visible", "no inventory configured")
    text = comment(
        [], not_run=[unable, NotRun("WXP604", "first-transfer", "no ledger yet")], must_run_failed=[unable], files=["a"]
    )

    assert (
        "- ❌ No inventory configured: WXP501 device-not-visible. "
        "The config says that WXP501 device-not-visible must run.\n"
        "- No ledger yet: WXP604 first-transfer.\n"
    ) in text


def told(text):
    """How many findings the lists and the counts of what is left out speak of."""
    listed = len(re.findall(r"^- (?:❌|⚠️|ℹ️) ", text.partition("#### What was not checked")[0], re.MULTILINE))  # noqa: RUF001
    more = re.findall(r"^(?:- and|\*\*And) ([\d,]+) more (?:here|in)", text, re.MULTILINE)
    return listed + sum(int(count.replace(",", "")) for count in more)


@pytest.mark.parametrize(
    "findings",
    [
        [finding(f"'S{n}' is wrong", line=n) for n in range(50_000)],
        [finding(f"'S{n}' is wrong", path=f"transfers/acme/{n % 3_000}.csv", line=n) for n in range(50_000)],
        [finding("x", path=f"t/{n}.csv", code=f"OWN{n:03}") for n in range(3_000)],
        [finding("\u202e" * 900, path=f"{'é' * 900}{n}.csv", line=n, level="note") for n in range(3_000)],
        [
            finding("😀 " * 500, path="😀/" * 300 + str(n // 7), fix=FixOffer("safe", "cell", "😀" * 900))
            for n in range(999)
        ],
    ],
    ids=["one file", "many files", "many rules", "long names", "four bytes a character"],
)
def test_a_comment_fits_and_counts_all(findings):
    name = "😀" * 500
    moves = [
        Move(f"{name}/{n}", kind, n + 1, f"{name}{n}", f"{n}{name}")
        for n in range(3_000)
        for kind in ("added", "changed")
    ]
    rules = [NotRun(f"OWN{n:03}", "x" * 300, f"{n % 90} {name}") for n in range(900)]
    text = comment(
        findings,
        not_run=rules,
        must_run_failed=rules,
        inventory=name * 4,
        change=Change(name, moves, 9, [name] * 3_000),
    )

    assert len(text.encode()) <= MOST
    assert told(text) == len(findings)
    assert f"{len(findings):,} {findings[0].level}s" in text.split("Found: ")[1]
    check_inert(text)


def test_what_is_left_out_is_counted_by_rule():
    findings = [finding(line=n) for n in range(1_054)] + [finding(line=n, code="WXP401") for n in range(200)]

    assert "- and 1,204 more here: WXP202 1,004, WXP401 200\n" in comment(findings)


def test_room_is_used():
    text = comment([finding(f"'S{n}' is wrong", path=f"{n // 40}.csv", line=n) for n in range(9_000)])

    assert len(text.encode()) > MOST * 0.9


def test_a_long_path_keeps_both_ends():
    assert cut_path("transfers/" + "x" * 300 + "/march.csv", 41) == "transfers/xxxxxxxxxx…xxxxxxxxxx/march.csv"


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ([Move("a", "added", 40, "Unassigned", "Acme")], "+40 PCs to Acme from Unassigned"),
        ([Move("a", "added", 1, None, "Acme")], "+1 PC to Acme, from: unknown"),
        ([Move("a", "added", 1, "Acme", "Acme")], "+1 PC to Acme, already there"),
        ([Move("a", "added", 2, "Unassigned", None)], "+2 PCs to no valid Customer ID from Unassigned"),
        ([Move("a", "removed", 2, None, "Acme")], "2 removed (were to go to Acme)"),
        ([Move("a", "removed", 2, None, "Acme"), Move("b", "removed", 1, None, "Bolt")], "3 removed"),
        ([Move("a", "changed", 1, "Acme", "Bolt")], "1 target changed (Acme → Bolt)"),
        (
            [Move("a", "changed", 1, "Acme", "Bolt"), Move("a", "changed", 2, "Acme", "Corr")],
            "3 targets changed (Acme → Corr 2, Acme → Bolt 1)",
        ),
        ([Move("a", "archived", 5, None, "Acme")], "5 PCs archived"),
    ],
)
def test_what_the_change_does(moves, words):
    assert f"**In all: {words}**" in comment([], files=["a"], change=Change("main", moves, 1))


def test_a_change_that_cannot_be_told_says_why():
    text = comment([], files=["a"], change=Change("main", untold="HEAD and 'main' have no common ancestor"))

    assert "This could not be told: HEAD and `main` have no common ancestor" in text
