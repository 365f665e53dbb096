"""The mutants of a module: mutmut's operators, applied to everything in it but annotations and imports.

Also to what mutmut itself leaves out: tables at module level, properties.
"""

import difflib
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

UNTOUCHED = cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom
STATEMENTS = (
    cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.ExceptHandler | cst.ExceptStarHandler | cst.MatchCase
)
PLAIN = {"len", "isinstance"}  # without an argument they only fail


class Mutant(NamedTuple):
    """A module with one change. `lines` are those of its statement, None where that runs when it is imported."""

    path: str
    line: int
    lines: Collection[int] | None
    old: str
    new: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}"


class Candidate(NamedTuple):
    """A change that is not yet written out, which takes long."""

    path: str
    line: int
    lines: Collection[int] | None
    module: cst.Module
    node: cst.CSTNode
    changed: cst.CSTNode


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.above: list[cst.CSTNode] = []  # the statements that a node is in
        self.found: list[tuple[int, Collection[int] | None, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, UNTOUCHED) or self._is_type_alias(node):
            return False
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in PLAIN:
            return False
        if isinstance(node, STATEMENTS):
            self.above.append(node)
        line = self.get_metadata(PositionProvider, node).start.line
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [(line, self._lines(line), node, changed) for changed in operator(node)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self.above and self.above[-1] is original_node:
            self.above.pop()

    def _is_type_alias(self, node: cst.CSTNode) -> bool:
        """`Names = Mapping[str, str]` in a module, which is nothing but an annotation."""
        return len(self.above) == 1 and isinstance(node, cst.Assign) and isinstance(node.value, cst.Subscript)

    def _lines(self, line: int) -> Collection[int] | None:
        if not any(isinstance(node, cst.FunctionDef) for node in self.above[:-1]):
            return None
        place = self.get_metadata(PositionProvider, self.above[-1])
        simple = isinstance(self.above[-1], cst.SimpleStatementLine)
        return range(place.start.line, (place.end.line if simple else line) + 1)


def candidates(root: Path, path: str) -> list[Candidate]:
    """Those of a module, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module((root / path).read_text()), unsafe_skip_copy=True)
    visitor = _Visitor()
    wrapper.visit(visitor)
    return [Candidate(path, line, lines, wrapper.module, node, changed) for line, lines, node, changed in visitor.found]


def write_out(candidate: Candidate) -> Mutant | None:
    """The mutant; None where the change is none, or no Python."""
    text = candidate.module.code
    source = candidate.module.deep_replace(candidate.node, candidate.changed).code
    if source == text or not _compiles(source):
        return None
    return Mutant(candidate.path, candidate.line, candidate.lines, *_difference(text, source), source)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(old: str, new: str) -> tuple[str, str]:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0))[3:]
    gone, come = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return gone, come
