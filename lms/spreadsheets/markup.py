"""XML read piece by piece with entities refused, for the parts of a workbook that are read by hand."""

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from lms.spreadsheets.archives import Archive, damaged

Element = tuple[str, dict[str, str]]


def local(name: str) -> str:
    """The name without its prefix: writers differ in the prefixes they choose."""
    return name.rpartition(":")[2]


def parser(filename: str) -> expat.XMLParserType:
    """A parser that refuses entity declarations: expanding them is how a small file becomes a large one."""
    reader = expat.ParserCreate()
    reader.buffer_text = True

    def refuse(*_: object) -> None:
        raise damaged(filename)

    reader.EntityDeclHandler = refuse
    return reader


def feed(reader: expat.XMLParserType, pieces: Iterable[bytes], filename: str) -> Iterator[None]:
    """Parses one piece at each step, so that what the handlers gathered can be handed on in between."""
    try:
        for piece in pieces:
            reader.Parse(piece, False)
            yield
        reader.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise damaged(filename) from error


def elements(archive: Archive, pieces: Iterable[bytes]) -> list[Element]:
    """Every element of a small part, as local name and attributes with their prefixes dropped."""
    found: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    reader = parser(archive.filename)
    reader.StartElementHandler = start
    for _ in feed(reader, pieces, archive.filename):
        pass
    return found
