"""Arrays as PostgreSQL reads them, written in one go.

The driver writes an array element by element in Python; for the thousand numbers of a batch that takes longer than
the database takes to insert them. The format is that of ``array_recv``: dimensions, a flag for NULL, the type, the
length, the lower bound, then each element after its length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from lms.services.statements import libpq


@dataclass(frozen=True, slots=True)
class _Array:
    written: bytes


class Bigints(_Array):
    """bigint[], written."""


class Uuids(_Array):
    """uuid[], written."""


class Texts(_Array):
    """text[], written."""


class _Written(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> Buffer:
        return obj.written


class _BigintsDumper(_Written):
    oid = libpq.BIGINTS


class _UuidsDumper(_Written):
    oid = libpq.UUIDS


class _TextsDumper(_Written):
    oid = libpq.TEXTS


psycopg.adapters.register_dumper(Bigints, _BigintsDumper)
psycopg.adapters.register_dumper(Uuids, _UuidsDumper)
psycopg.adapters.register_dumper(Texts, _TextsDumper)


def numbers(values: Sequence[int]) -> Bigints:
    """bigint[]."""
    flat = [8] * (2 * len(values))
    flat[1::2] = values
    return Bigints(_head(libpq.BIGINT, len(values)) + pack(">" + "iq" * len(values), *flat))


def uuids(values: Sequence[UUID]) -> Uuids:
    """uuid[]."""
    return Uuids(
        _head(libpq.UUID, len(values)) + b"".join([b"\x00\x00\x00\x10" + value.bytes for value in values])
    )


def texts(values: Sequence[str]) -> Texts:
    """text[]."""
    parts = [_head(libpq.TEXT, len(values))]
    for value in values:
        encoded = value.encode()
        parts.append(pack(">i", len(encoded)))
        parts.append(encoded)
    return Texts(b"".join(parts))


def _head(kind: int, length: int) -> bytes:
    return pack(">iiIii", 1, 0, kind, length, 1) if length else pack(">iiI", 0, 0, kind)
