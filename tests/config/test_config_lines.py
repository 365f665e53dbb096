import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.config.lines import lines
from wxp_lint.config.text import as_key, as_toml

DOCUMENT = r"""
transfers = [  # the [first] comment
  "a",
  'b', # ]
]
places."Poly, Inc.".customer-id = "x"
query = QQQ
select = 1
\QQQ [
QQQ""
literal = '''
y = [
'''
[inventory]
sources = [{path = "x", z = {q = 1, r = [1,
2]}, y = 1}, {url = "u"},
 {}]
d = 2026-01-01 10:00:00 # c
"max-age-days" = 1.5
[[overrides]]
paths = ["p"]
[[overrides.deep]]
[overrides.deep.er]
m = true
[[ overrides ]]
[[overrides . deep]]
n = []
[[overrides.deep]]
last = { }
""".replace("QQQ", '"""')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_kind_of_place_is_found(newline):
    assert tomllib.loads(DOCUMENT)
    assert lines(DOCUMENT.replace("\n", newline)) == {
        ("transfers",): 2,
        ("transfers", 0): 3,
        ("transfers", 1): 4,
        ("places",): 6,
        ("places", "Poly, Inc."): 6,
        ("places", "Poly, Inc.", "customer-id"): 6,
        ("query",): 7,
        ("literal",): 11,
        ("inventory",): 14,
        ("inventory", "sources"): 15,
        ("inventory", "sources", 0): 15,
        ("inventory", "sources", 0, "path"): 15,
        ("inventory", "sources", 0, "z"): 15,
        ("inventory", "sources", 0, "z", "q"): 15,
        ("inventory", "sources", 0, "z", "r"): 15,
        ("inventory", "sources", 0, "z", "r", 0): 15,
        ("inventory", "sources", 0, "z", "r", 1): 16,
        ("inventory", "sources", 0, "y"): 16,
        ("inventory", "sources", 1): 16,
        ("inventory", "sources", 1, "url"): 16,
        ("inventory", "sources", 2): 17,
        ("inventory", "d"): 18,
        ("inventory", "max-age-days"): 19,
        ("overrides",): 20,
        ("overrides", 0): 20,
        ("overrides", 0, "paths"): 21,
        ("overrides", 0, "paths", 0): 21,
        ("overrides", 0, "deep"): 22,
        ("overrides", 0, "deep", 0): 22,
        ("overrides", 0, "deep", 0, "er"): 23,
        ("overrides", 0, "deep", 0, "er", "m"): 24,
        ("overrides", 1): 25,
        ("overrides", 1, "deep"): 26,
        ("overrides", 1, "deep", 0): 26,
        ("overrides", 1, "deep", 0, "n"): 27,
        ("overrides", 1, "deep", 1): 28,
        ("overrides", 1, "deep", 1, "last"): 29,
    }


values = st.recursive(
    st.none().map(lambda _: True) | st.integers(-9, 9) | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values))
def test_no_place_is_missed_and_every_key_has_its_line(table):
    found = lines("".join(f"{as_key(key)} = {as_toml(value)}\n" for key, value in table.items()))
    for number, (key, value) in enumerate(table.items(), 1):
        assert {found.get(path) for path in places((key,), value)} == {number}
    assert len(found) == sum(len(places((key,), value)) for key, value in table.items())


def places(path, value):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in inner for place in places((*path, key), entry))]


@given(st.text(alphabet="ab.=,[]{}\"'#\n\\ "))
def test_what_is_no_toml_raises_nothing(text):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(map(type, lines(text).values())) <= {int}


def test_an_endless_dotted_key_is_cut():
    assert max(map(len, lines(".".join(["a"] * 50_000) + " = 1"))) <= 16
