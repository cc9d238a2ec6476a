"""Zip files opened with care: what is inside, how large it really is, and whether it can be read."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from lms.errors import Invalid
from lms.spreadsheets import limits
from lms.spreadsheets.facts import Source, opened
from lms.spreadsheets.kinds import ADVICE, not_a_spreadsheet

CHUNK = 2**20
_DEFLATED, _STORED = 8, 0


@dataclass(frozen=True)
class Archive:
    """The directory of a zip file that passed the checks."""

    source: Source
    filename: str
    entries: dict[str, ZipInfo]

    def find(self, name: str) -> str | None:
        """The entry of that name whatever its letter case and leading slash, as some writers differ."""
        wanted = name.lstrip("/").replace("\\", "/")
        if wanted in self.entries:
            return wanted
        lowered = wanted.lower()
        return next((known for known in self.entries if known.replace("\\", "/").lower() == lowered), None)


def examined(source: Source, filename: str) -> Archive:
    """Reads the directory and refuses bombs, passwords and damage before anything is unpacked.

    :raises Invalid: in words for the person who uploaded the file.
    """
    try:
        with opened(source) as file, ZipFile(file) as archive:
            entries = {info.filename: info for info in archive.infolist()}
    except (BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise damaged(filename) from error
    if any(info.flag_bits & 1 for info in entries.values()) or "encrypted-package" in entries:
        raise protected(filename)
    unpacked = sum(info.file_size for info in entries.values())
    packed = sum(info.compress_size for info in entries.values())
    if unpacked > limits.UNPACKED or (unpacked > limits.SMALL and unpacked > limits.RATIO * max(packed, 1)):
        raise bomb(filename, unpacked)
    return Archive(source, filename, entries)


def kind_of(archive: Archive) -> str:
    """``xlsx`` or ``ods``.

    :raises Invalid: for every other kind of zip file, by its name where it is known.
    """
    names = {name.replace("\\", "/").lower() for name in archive.entries}
    if "xl/workbook.xml" in names or (
        "_rels/.rels" in names and any(n.startswith("xl/worksheets/") for n in names)
    ):
        return "xlsx"
    if "mimetype" in archive.entries or "content.xml" in names:
        media = _mimetype(archive)
        if "spreadsheet" in media or (not media and "content.xml" in names):
            return "ods"
        raise not_a_spreadsheet(archive.filename, "a document")
    for part, what in (
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
    ):
        if part in names:
            raise not_a_spreadsheet(archive.filename, what)
    if "xl/workbook.bin" in names:
        raise Invalid(f"{archive.filename} is a binary workbook (.xlsb), which cannot be read here. {ADVICE}")
    if any(name.startswith("index/") and name.endswith(".iwa") for name in names) or "index.zip" in names:
        raise Invalid(
            f"{archive.filename} is a Numbers file. In Numbers choose File, Export to, Excel and upload that."
        )
    raise Invalid(
        f"{archive.filename} is a zip archive, not a spreadsheet. Unpack it and upload the list inside."
    )


def _mimetype(archive: Archive) -> str:
    if "mimetype" not in archive.entries:
        return ""
    return b"".join(unpacked(archive, "mimetype"))[:200].decode("ascii", "replace").lower()


def unpacked(archive: Archive, name: str) -> Iterator[bytes]:
    """The bytes of one entry in pieces, counted as they come: the size in the directory may be a lie.

    :raises Invalid: where there is more than the directory says, or the data is damaged.
    """
    info = archive.entries[name]
    found = 0
    with opened(archive.source) as file:
        for piece in _inflated(file, info, archive.filename):
            found += len(piece)
            if found > info.file_size:
                raise bomb(archive.filename, found)
            yield piece
    if found < info.file_size:
        raise damaged(archive.filename)


def _inflated(file: BinaryIO, info: ZipInfo, filename: str) -> Iterator[bytes]:
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise damaged(filename)
    name_length, extra_length = unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    left = info.compress_size
    if info.compress_type == _STORED:
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
        return
    if info.compress_type != _DEFLATED:
        raise Invalid(
            f"{filename} is packed in an unusual way. Open it in Excel, save it again and upload that."
        )
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left > 0 and (packed := file.read(min(CHUNK, left))):
            left -= len(packed)
            while packed and not inflate.eof:
                yield inflate.decompress(packed, CHUNK)
                packed = inflate.unconsumed_tail
        if rest := inflate.flush():
            yield rest
    except zlib.error as error:
        raise damaged(filename) from error


def in_pieces(archive: Archive, name: str, boundary: bytes) -> Iterator[bytes]:
    """The entry cut where the boundary begins, so that a pattern between two boundaries is never torn apart."""
    kept = b""
    for piece in unpacked(archive, name):
        kept += piece
        cut = kept.rfind(boundary)
        if cut > 0:
            yield kept[:cut]
            kept = kept[cut:]
        elif len(kept) > 16 * CHUNK:
            yield kept
            kept = b""
    if kept:
        yield kept


def damaged(filename: str) -> Invalid:
    """The refusal of a zip file that is cut short or broken."""
    return Invalid(
        f"{filename} is damaged or was cut short on its way. Open it in Excel to see whether it is whole, save it "
        "again and upload that."
    )


def protected(filename: str) -> Invalid:
    """The refusal of a file behind a password."""
    return Invalid(
        f"{filename} is password-protected. Open it, remove the password (File, Info, Protect Workbook), save it and "
        "upload it again."
    )


def bomb(filename: str, size: int) -> Invalid:
    """The refusal of a file that would unpack to something enormous."""
    return Invalid(
        f"{filename} would unpack to {max(size >> 20, 1):,} MB, far more than a role list needs. Copy the list into a new "
        "workbook, or save it as CSV, and upload that."
    )


def whole(archive: Archive, name: str, at_most: int = 64 * 2**20) -> bytes:
    """A small entry at once."""
    if archive.entries[name].file_size > at_most:
        raise bomb(archive.filename, archive.entries[name].file_size)
    return b"".join(unpacked(archive, name))
