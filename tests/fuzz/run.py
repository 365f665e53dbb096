"""Fuzzes one reader, guided by coverage: python tests/fuzz/run.py TARGET [--seconds 600] [--work FOLDER].

Needs what requirements.txt beside it names, on Linux, with a Python that Atheris has a wheel for. What was found lies
in FOLDER/TARGET/found afterwards and ends the run with exit code 1: mend it, make it small, and put it into
tests/hostile/found/TARGET. The inputs that reached something new are kept in FOLDER/TARGET/corpus for the next run.
"""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FOUND = HERE.parent / "hostile" / "found"
WORDS = (
    "Serial Number", "Customer ID", "5CG8234XMV", "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11", "Status", "Failed", "Total",
    "sep=;", "[[", "]]", "= ", "\"\"\"", "'''", "2026-11-03", "1979-05-27T07:32:00Z", "\\u0000", "\\U0010FFFF",
    "<c r=\"A1\"", "<row r=\"1\">", "<sheetData>", "</sheetData>", " t=\"s\"", "<f>", "</f>", "<v>", "</v>", "&#0;",
    "<mergeCell ref=\"A1:B2\"/>", " hidden=\"1\"", "<!DOCTYPE", "<![CDATA[", "xmlns:x=", "\x1c", "\xef\xbb\xbf", "\x00",
)  # fmt: skip


def main():
    sys.path[:0] = [str(HERE), str(HERE.parents[1])]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", nargs="?", default="")
    parser.add_argument("--list", action="store_true", help="print what can be fuzzed, and no more")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--work", type=Path, default=HERE / ".work")
    asked = parser.parse_args()
    os.environ["WXP_LINT_CACHE_DIR"] = ""
    import atheris

    with atheris.instrument_imports(include=["wxp_lint"]):
        import targets
    import mutate
    import seeds

    if asked.list:
        print(*targets.TARGETS, sep="\n")
        return
    if asked.target not in targets.TARGETS:
        parser.error(f"no target {asked.target!r}; there are: {', '.join(targets.TARGETS)}")
    place = asked.work.resolve() / asked.target
    corpus, found = place / "corpus", place / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    known = [file.read_bytes() for file in (FOUND / asked.target).glob("*")]
    for seed in (*seeds.seeds(asked.target), *known):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    (place / "words").write_text("".join(f'"{_escaped(text)}"\n' for text in WORDS))
    longest = 20_000 if asked.target in ("xlsx", "export", "rule") else 6_000  # a workbook or a rule takes more
    options = {
        "max_total_time": asked.seconds,
        "artifact_prefix": f"{found}/",
        "dict": place / "words",
        "max_len": longest,
        "timeout": 10,
        "rss_limit_mb": 2500,
        "print_final_stats": 1,
        "reload": 0,
    }
    print(
        f"{time.strftime('%H:%M:%S')} {asked.target}: {asked.seconds} s, {len(list(corpus.iterdir()))} seeds",
        flush=True,
    )
    change = mutate.mutator(seeds.seeds(asked.target), [text.encode("latin-1") for text in WORDS])
    atheris.Setup(
        [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)],
        targets.TARGETS[asked.target],
        custom_mutator=change,
    )
    atheris.Fuzz()


def _escaped(text):
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in text.encode("latin-1")
    )


if __name__ == "__main__":
    main()
