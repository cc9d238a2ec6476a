"""What a file really is, told by its first bytes and never by its name."""

import re

from lms.errors import Invalid
from lms.spreadsheets.facts import Source, opened, size_of

HEAD = 65_536
ADVICE = "Save it as an Excel workbook (.xlsx) or as CSV and upload that."

# First bytes of what people upload by mistake.
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"BM", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
# And what only shows further on, by the place where it stands.
_FURTHER_ON = ((8, b"WEBP", "a picture"), (4, b"ftyp", "a picture or a film"))
_COMMENTS = re.compile(rb"(?:\s*<!--.*?-->)+", re.DOTALL)


def kind_of(source: Source, filename: str) -> str:
    """One of ``zip``, ``ole`` or ``text``.

    :raises Invalid: for an empty file and for everything that cannot be a spreadsheet.
    """
    if size_of(source) == 0:
        raise Invalid(f"{filename} is empty. Export the list again and upload the new file.")
    with opened(source) as file:
        head = file.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    for magic, what in _OTHERS:
        # Two letters alone could begin a real text file: ask for a binary byte as well.
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head[:64]):
            raise not_a_spreadsheet(filename, what)
    for at, magic, what in _FURTHER_ON:
        if head[at:].startswith(magic) and b"\x00" in head[:64]:
            raise not_a_spreadsheet(filename, what)
    _refuse_markup(head, filename)
    return "text"


def not_a_spreadsheet(filename: str, what: str) -> Invalid:
    """The refusal of something else."""
    return Invalid(f"{filename} is {what}, not a spreadsheet. {ADVICE}")


def _refuse_markup(head: bytes, filename: str) -> None:
    # Several HR systems call a web page or an XML file ".xls"; Excel opens them, so people do not notice.
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    start = _COMMENTS.sub(b"", head.removeprefix(b"\xef\xbb\xbf"), 1).lstrip()[:2_000].lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<style")):
        raise not_a_spreadsheet(filename, "a web page")
    if start.startswith(b"mime-version:") and b"text/html" in start:
        raise not_a_spreadsheet(filename, "a web page")
    if start.startswith(b"<?xml") or b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise not_a_spreadsheet(filename, "an XML file")
    if start.startswith((b'{"', b"[{", b"{\n", b"{\r", b"[\n")):
        raise not_a_spreadsheet(filename, "a JSON file")
