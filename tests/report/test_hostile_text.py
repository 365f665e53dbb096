"""What comes from files commands nothing, whatever the format."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from results import ACME, csv, found, new_text, result

from wxp_lint.lint.finding import NotRun
from wxp_lint.report import FORMATS, reporter
from wxp_lint.report.style import Style

TRICKS = (
    "\n::error::x",
    "::add-mask::x",
    "\u3000::stop-commands::x",
    "##[add-mask]x",
    "###[group]",
    "##vso[task.setvariable variable=x]y",
    "%0A::error::x",
    "\x1b[2J\x1b]0;x\x07",
    "\r",
    "\x00",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\uffff",
    "\ud800",
    "]]>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=x>',
    "&lt;",
    "[x](javascript:x)",
    "![x](http://x.example/)",
    "`|`",
    "@team",
    "```\n# x",
    "<!-- x",
    "\\",
    '"',
    "'",
    ",;]",
    "x" * 2_000,
)
TEXTS = st.lists(st.sampled_from(TRICKS) | st.text(max_size=5), max_size=4).map("".join)
# Line separators, and what a terminal takes for more than text; the line feed is the formats' own.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
OWN = {"github": re.compile(r"::(error|warning|notice) "), "azure": re.compile(r"##vso\[task\.logissue [^\]]*\]")}
PARSERS = {
    "json": json.loads,
    "sarif": json.loads,
    "gitlab": json.loads,
    "rdjson": json.loads,
    "jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
    "junit": ElementTree.fromstring,
}


def commands(text, own):
    """The lines of `text` in which GitHub or Azure would find a command that the format does not mean."""
    for line in text.split("\n"):
        rest = own.sub("", line, count=1) if own and own.match(line) else line
        if (rest == line and line.lstrip().startswith("::")) or "##[" in rest or "##vso[" in rest:
            yield line


def hostile(texts, secrets=()):
    """A result in which every text that can come from a file is one of `texts`, and the file is made of them."""
    first, second, third = texts
    rows = (
        "".join(f'"{text.replace(chr(34), chr(34) * 2)}",{ACME}\n' for text in texts)
        .encode("utf-8", "replace")
        .decode()
    )
    file = csv(rows)
    findings = [
        found(message=first, serial=second, path="t/a.csv", line=2, fix=new_text(third)),
        found("WXP207", message=second, sheet=third, cell="A3", path=first, line=3),
        found("WXP204", message=third, path=third, line=None, column=None),
        found("WXP803", message=first, path=None, line=None, column=None),
        *[found("WXP401", message=first, path=f"{third}{n}", line=n) for n in range(1, 13)],
    ]
    findings.sort(key=lambda finding: (finding.path or "", finding.line or 0))
    told = [NotRun("WXP501", "device-not-visible", second)]
    files = dict.fromkeys(("t/a.csv", first, third), file)
    return result(*findings, files=files, not_run=told, must_run_failed=told, secrets=frozenset(secrets))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS))
def test_no_text_commands_a_terminal_a_log_or_a_reader(name, texts):
    text = reporter(name)(hostile(texts), Style())

    text.encode()
    assert CONTROLS.search(text) is None
    assert list(commands(text, OWN.get(name))) == []
    PARSERS.get(name, str)(text)


@pytest.mark.parametrize("name", ["json", "jsonl"])
@settings(max_examples=25, deadline=None)
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS))
def test_json_reads_back_as_it_was(name, texts):
    given_ = hostile(texts)
    read = PARSERS[name](reporter(name)(given_, Style()))

    findings = read if name == "jsonl" else read["findings"]
    assert [f["message"] for f in findings] == [f.message for f in given_.findings]
    assert [f["path"] for f in findings] == [f.path for f in given_.findings]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("secret", ["xK7pQ2mZ", 'q"\\%0ä', "a,b:c;d]e", "<&|*_`", "t\tb", "##[x]y", "ümläut12"])
def test_a_secret_is_shown_in_no_format(name, secret):
    texts = (f"was {secret} here", secret, f"x{secret}")

    text = reporter(name)(hostile(texts, [secret, secret[:4]]), Style())

    assert secret not in text
    parsed = PARSERS.get(name, str)(text)
    read = "".join(parsed.itertext()) + str([e.attrib for e in parsed.iter()]) if name == "junit" else parsed
    assert repr(secret)[1:-1] not in repr(read)


def test_a_secret_within_another_leaves_no_rest():
    text = reporter("concise")(hostile(("abcdefgh", "", ""), ["abcd", "abcdefgh"]), Style())

    assert "efgh" not in text
