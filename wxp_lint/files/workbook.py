"""Which parts of a workbook are read: its worksheets in their order, shared strings and styles."""

from collections.abc import Callable
from dataclasses import dataclass
from posixpath import dirname, normpath

from wxp_lint.files.guard import SAVE_AGAIN, Refused, part_name

Visit = Callable[[str, str, dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet: its name, whether it is hidden, its XML, and the name of its part in lower case."""

    name: str
    hidden: bool
    xml: bytes
    part: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a workbook is read: its worksheets, its shared strings and styles (XML or b"" if none)."""

    sheets: tuple[SheetPart, ...]
    strings: bytes
    styles: bytes
    date1904: bool


def find_parts(parts: dict[str, bytes]) -> Parts:
    """The worksheets and what they need among the vetted `parts`. Raises Refused."""
    book = next((target for kind, target in _relations(parts, "").values() if kind == "officeDocument"), "")
    relations = _relations(parts, book)
    found: list[tuple[str, bool, str]] = []
    date1904 = False

    def visit(parent: str, tag: str, attributes: dict[str, str]) -> None:
        nonlocal date1904
        if tag == "workbookPr":
            date1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet" and parent == "sheets":
            name = attributes.get("name", "")
            if attributes.get("id", "") not in relations:
                raise Refused("corrupt", f"its sheet {name!r} is missing: {SAVE_AGAIN}")
            kind, target = relations[attributes["id"]]
            if kind == "worksheet":  # others (charts, dialogs, macros) hold no table
                found.append((name, attributes.get("state") in ("hidden", "veryHidden"), target))

    walk(_part(parts, book), visit)
    if len({target for _, _, target in found}) < len(found):
        raise Refused("unsafe", f"two of its sheets are the same part: {SAVE_AGAIN}")
    folder = dirname(book)
    usual = {"sharedStrings": f"{folder}/sharedstrings.xml", "styles": f"{folder}/styles.xml"}
    by_kind = usual | dict(relations.values())
    return Parts(
        tuple(SheetPart(name, hidden, _part(parts, target), target) for name, hidden, target in found),
        parts.get(by_kind["sharedStrings"], b""),
        parts.get(by_kind["styles"], b""),
        date1904,
    )


def _part(parts: dict[str, bytes], name: str) -> bytes:
    try:
        return parts[name]
    except KeyError:
        raise Refused("corrupt", f"its part {name or 'workbook.xml'} is missing: {SAVE_AGAIN}") from None


def _relations(parts: dict[str, bytes], source: str) -> dict[str, tuple[str, str]]:
    """Of the part `source` ("" for the package): id -> (the last word of the kind, the target's name)."""
    folder, name = dirname(source), source.rpartition("/")[2]
    found: dict[str, tuple[str, str]] = {}

    def visit(parent: str, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target if target.startswith("/") else f"/{folder}/{target}"
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, part_name(normpath(path)))

    walk(_part(parts, f"{folder}/_rels/{name}.rels".lstrip("/")), visit)
    return found


def walk(xml: bytes, visit: Visit) -> None:
    """Call `visit(parent, tag, attributes)` for every element, all names without their prefixes."""
    from pyexpat import ParserCreate

    above = [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        visit(above[-1], tag, {local(key): value for key, value in attributes.items()} | attributes)
        above.append(tag)

    def end(name: str) -> None:
        above.pop()

    parser = ParserCreate("UTF-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(xml, True)


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2] if ":" in name else name
