import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.errors import UsageError
from wxp_lint.repo.glob import fixed_prefix, matcher

MATCHES = [
    ("transfers/**/*.csv", "transfers/acme/x.csv"),
    ("transfers/**/*.csv", "transfers/x.csv"),
    ("transfers/**/*.csv", "transfers/a/b/c/x.csv"),
    ("transfers/**/*.csv", "Transfers/ACME/X.CSV"),
    ("TRANSFERS/**/*.Csv", "transfers/acme/x.csv"),
    ("transfers/**/done/**", "transfers/acme/done/x.csv"),
    ("transfers/**/done/**", "transfers/done/x.csv"),
    ("transfers/**/done/**", "transfers/a/done/b/x.csv"),
    ("transfers/**/done/**", "transfers/done/done/x.csv"),
    ("**", "x.csv"),
    ("**/x.csv", "x.csv"),
    ("**/**/x.csv", "a/x.csv"),
    ("transfers/", "transfers/acme/x.csv"),
    ("./transfers/*.csv", "transfers/x.csv"),
    ("/transfers/*.csv", "transfers/x.csv"),
    ("transfers\\*.csv", "transfers/x.csv"),
    ("*.csv", ".csv"),
    ("*.csv", ".hidden.csv"),
    ("*.csv", "two\nlines.csv"),
    ("a**b.csv", "axyb.csv"),
    ("**/*.csv", "new\nline/x.csv"),
    ("*.{csv,xlsx}", "a.xlsx"),
    ("{transfers,moves/**}/*.csv", "moves/a/b/x.csv"),
    ("{a,{b,c}d}.csv", "cd.csv"),
    ("{a,b}{1,2}", "b1"),
    ("x{,-old}.csv", "x.csv"),
    ("{a.csv", "{a.csv"),
    ("a}.csv", "a}.csv"),
    ("{a{b,c}", "{ac"),
    ("[{]a,b}.csv", "{a,b}.csv"),
    ("[a-c]?.csv", "B1.csv"),
    ("[!a].csv", "b.csv"),
    ("[^a].csv", "b.csv"),
    ("[]].csv", "].csv"),
    ("[a-].csv", "-.csv"),
    ("[a.csv", "[a.csv"),
    ("[[][]].csv", "[].csv"),
    ("a+(b).csv", "a+(b).csv"),
    ("Ü*.csv", "übung.csv"),
]
MISSES = [
    ("transfers/**/*.csv", "transfers.csv"),
    ("transfers/**/*.csv", "other/transfers/x.csv"),
    ("transfers/**/*.csv", "transfers/x.csv.toml"),
    ("transfers/**/*.csv", "transfersx/x.csv"),
    ("transfers/**/done/**", "transfers/done"),
    ("transfers/**/done/**", "transfers/undone/x.csv"),
    ("transfers/**/done/**", "done/x.csv"),
    ("transfers/*.csv", "transfers/acme/x.csv"),
    ("*.csv", "acme/x.csv"),
    ("*.csv", "x.csv\n"),
    ("transfers/*/x.csv", "transfers/x.csv"),
    ("a?b", "a/b"),
    ("a[+-9]b", "a/b"),
    ("a[!x]b", "a/b"),
    ("[!a].csv", "A.csv"),
    ("[z-a].csv", "b.csv"),
    ("transfers", "transfers/x.csv"),
    ("**/*.csv", "/outside/x.csv"),
    ("", "x.csv"),
    ("{a,b}.csv", "a,b.csv"),
]


@pytest.mark.parametrize(("pattern", "path"), MATCHES)
def test_matches(pattern, path):
    assert matcher([pattern])(path)


@pytest.mark.parametrize(("pattern", "path"), MISSES)
def test_does_not_match(pattern, path):
    assert not matcher([pattern])(path)


def test_one_of_several_patterns_is_enough():
    matches = matcher(["a/**", "b/*.csv"])
    assert matches("a/x")
    assert matches("b/x.csv")
    assert not matches("b/x")
    assert not matcher([])("a")


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("transfers/**/*.csv", "transfers"),
        ("moves/2026/*.csv", "moves/2026"),
        ("moves/20*/x.csv", "moves"),
        ("{a,b}/x.csv", ""),
        ("*.csv", ""),
        ("**/*.csv", ""),
        ("moves/x.csv", "moves"),
        ("x.csv", ""),
        ("moves/", "moves"),
        ("./moves//a/*.csv", "moves/a"),
        ("", ""),
    ],
)
def test_fixed_prefix(pattern, prefix):
    assert fixed_prefix(pattern) == prefix


@pytest.mark.parametrize("pattern", ["{a,b}" * 12, "{" * 60, "{a," * 2000, "{a,b}" * 5000])
def test_braces_without_end_are_refused(pattern):
    with pytest.raises(UsageError, match="split it up"):
        matcher([pattern])


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("*a" * 30 + "b", "a" * 2000), ("**/a/" * 30 + "b", "a/" * 500 + "a"), ("*a**a*a" * 9, "a" * 999 + "b")],
)
def test_no_pattern_hangs(pattern, path):
    start = time.perf_counter()
    matcher([pattern])(path)
    assert time.perf_counter() - start < 1


def naive(pattern, path):
    """The same language, by trying everything."""

    def folders(globs, names):
        if not globs:
            return not names
        if globs[0] == "**":
            if len(globs) == 1:
                return bool(names)
            return any(folders(globs[1:], names[n:]) for n in range(len(names) + 1))
        return bool(names) and name(globs[0], names[0]) and folders(globs[1:], names[1:])

    def name(glob, text):
        if not glob:
            return not text
        if glob[0] == "*":
            return any(name(glob[1:], text[n:]) for n in range(len(text) + 1))
        if glob[0] == "[":
            inside = glob[1 : glob.index("]")]
            negated, letters = inside[0] == "!", inside.strip("!")
            return bool(text) and (text[0] in letters) != negated and name(glob[glob.index("]") + 1 :], text[1:])
        return bool(text) and glob[0] in ("?", text[0]) and name(glob[1:], text[1:])

    def braces(glob):
        if "{" not in glob:
            return [glob]
        before, _, rest = glob.partition("{")
        options, _, after = rest.partition("}")
        return [before + option + tail for option in options.split(",") for tail in braces(after)]

    def split(plain):
        globs = [segment for segment in plain.split("/") if segment not in ("", ".")]
        return [*globs, "**"] if plain.endswith("/") else globs

    return any(folders(split(plain), path.lower().split("/")) for plain in braces(pattern.lower()))


names = st.text("abAB.", min_size=1, max_size=5).filter(lambda name: name != ".")
pieces = st.sampled_from(["a", "b", "A", ".", "?", "*", "[ab]", "[!a]", "{a,b}", "{,a*}", "{a/**,b}"])
segments = st.one_of(st.just("**"), st.lists(pieces, min_size=1, max_size=5).map("".join))


@settings(deadline=None)
@given(
    st.lists(segments, min_size=1, max_size=5).map("/".join).filter(lambda glob: glob.count("{") < 6),
    st.lists(names, min_size=1, max_size=5).map("/".join),
)
def test_agrees_with_a_naive_matcher(pattern, path):
    assert matcher([pattern])(path) == naive(pattern, path)
