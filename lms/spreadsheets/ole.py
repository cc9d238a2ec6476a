"""The container of old Office files (MS-CFB), as far as needed: which streams it has, and the bytes of one."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from

_END = 0xFFFFFFFA
_HEADER_FAT = 109
_SMALL = 4096


@dataclass(frozen=True)
class Container:
    """The streams of a compound file by lower-case name: first sector and size."""

    content: bytes
    sector: int
    table: tuple[int, ...]
    streams: dict[str, tuple[int, int]]

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; small ones lie in a stream of their own, in sectors of 64 bytes."""
        first, size = self.streams[name.lower()]
        if size >= _SMALL:
            return b"".join(_sectors(self.content, self.sector, self.table, first))[:size]
        small_table = b"".join(
            _sectors(self.content, self.sector, self.table, unpack_from("<I", self.content, 60)[0])
        )
        numbers = unpack_from(f"<{len(small_table) // 4}I", small_table)
        root_first, _ = self.streams["root entry"]
        inside = b"".join(_sectors(self.content, self.sector, self.table, root_first))
        # Its first sector follows no header, so the whole is shifted by one.
        return b"".join(_sectors(bytes(64) + inside, 64, numbers, first))[:size]


def container(content: bytes) -> Container:
    """Reads the directory.

    :raises ValueError: for a file that is cut short or broken.
    """
    try:
        return _container(content)
    except (struct.error, IndexError, OverflowError) as error:
        raise ValueError("broken compound file") from error


def _container(content: bytes) -> Container:
    shift = unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise ValueError("unknown sector size")
    sector = 1 << shift
    first_directory = unpack_from("<I", content, 48)[0]
    next_index, index_count = unpack_from("<II", content, 68)
    fat_sectors = [number for number in unpack_from(f"<{_HEADER_FAT}I", content, 76) if number < _END]
    per_sector = sector // 4
    for _ in range(min(index_count, len(content) // sector)):
        if next_index >= _END:
            break
        numbers = unpack_from(f"<{per_sector}I", content, (next_index + 1) * sector)
        fat_sectors += [number for number in numbers[:-1] if number < _END]
        next_index = numbers[-1]
    table: list[int] = []
    for number in fat_sectors[: len(content) // sector + 1]:
        table += unpack_from(f"<{per_sector}I", content, (number + 1) * sector)
    known = tuple(table)
    directory = b"".join(_sectors(content, sector, known, first_directory))
    streams: dict[str, tuple[int, int]] = {}
    for offset in range(0, len(directory) - 127, 128):
        length = unpack_from("<H", directory, offset + 64)[0]
        if 2 <= length <= 64:
            name = directory[offset : offset + length - 2].decode("utf-16-le", "replace").lower()
            first, size = unpack_from("<II", directory, offset + 116)
            streams.setdefault(name, (first, size))
    return Container(content, sector, known, streams)


def _sectors(content: bytes, sector: int, table: tuple[int, ...], first: int) -> Iterator[bytes]:
    left = len(content) // sector + 1
    while first < _END:
        if left == 0 or first >= len(table):
            raise ValueError("the chain of sectors runs in a circle or off the end")
        left -= 1
        yield content[(first + 1) * sector : (first + 2) * sector]
        first = table[first]
