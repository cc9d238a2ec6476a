"""CSV and text: any usual encoding and delimiter, read a line at a time."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from itertools import islice

from lms.errors import Invalid
from lms.spreadsheets import limits
from lms.spreadsheets.facts import Row, Sheet, Source, opened
from lms.spreadsheets.kinds import ADVICE

# The last is that of ESR's later interfaces (domain.md 3.1).
DELIMITERS = ",;\t|~"
CHUNK = 2**20
_SAMPLE_LINES = 200
_CONTROL = frozenset(range(1, 32)) - {9, 10, 11, 12, 13, 26}
# A cell of a megabyte is long; a cell of many is a quotation mark that was never closed.
csv.field_size_limit(4 * 2**20)


def sheet(source: Source, filename: str) -> Sheet:
    """The text as one visible sheet named after the file's kind.

    :raises Invalid: for binary files and for files with nothing in them.
    """
    encoding = encoding_of(source, filename)
    with _lines(source, encoding) as lines:
        sample = list(islice(_whole_lines(lines, filename), _SAMPLE_LINES))
    if not any(line.strip('\ufeff\x00\x1a \t\r\n,;|"') for line in sample) and len(sample) < _SAMPLE_LINES:
        raise Invalid(f"{filename} holds no text. Export the list again and upload the new file.")
    delimiter, declared = _declared_delimiter(sample) or (delimiter_of(sample), False)
    nul_cells: set[tuple[int, int]] = set()
    rows = partial(_rows, source, filename, encoding, delimiter, nul_cells, declared=declared)
    return Sheet("CSV", True, rows, delimited=True, nul_cells=nul_cells)


def encoding_of(source: Source, filename: str) -> str:
    """A byte order mark, else strict UTF-8, else Windows-1252: measured to be right where detectors guess wrong.

    Lines that end as on a Macintosh of old are in its encoding instead of Windows'.

    :raises Invalid: for bytes that are no text.
    """
    with opened(source) as file:
        head = file.read(65_536)
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF32_LE, "utf-32"),
            (codecs.BOM_UTF32_BE, "utf-32"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if head.startswith(mark):
                return name
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = max(len(head) // 2, 1)
        if odd > half * 0.4 and even < half * 0.05:
            return "utf-16-le"
        if even > half * 0.4 and odd < half * 0.05:
            return "utf-16-be"
        unprintable = sum(byte in _CONTROL for byte in head)
        if unprintable > max(4, len(head) * 0.002) or head.count(0) > max(64, len(head) * 0.02):
            raise Invalid(f"{filename} is neither text nor a workbook. {ADVICE}")
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            # Bare carriage returns end lines in what Excel writes as "CSV (Macintosh)", and nowhere else.
            return "mac_roman" if b"\r" in head and b"\n" not in head else "cp1252"
    # A letter torn apart at the very end of the file does not make the rest of it Windows-1252.
    return "utf-8"


def delimiter_of(sample: list[str]) -> str:
    """The delimiter that cuts the sample into the most columns, row after row the same number, below captions.

    Asking for captions, cells without figures, keeps the bars inside ESR's packed fields from winning.
    """

    def merit(delimiter: str) -> float:
        records = [record for record in csv.reader(sample, delimiter=delimiter) if any(record)]
        widths = Counter(len(record) for record in records)
        # Rows without the delimiter are titles and footers; they speak neither for nor against it.
        widths.pop(1, None)
        if not widths:
            return 0.0
        width, times = max(widths.items(), key=lambda item: (item[0] - 1) * item[1])
        first = next(record for record in records if len(record) == width)
        has_captions = not any(letter.isdigit() for cell in first for letter in cell)
        return (width - 1) * times * (times / sum(widths.values())) * (5 if has_captions else 1)

    try:
        return max(DELIMITERS, key=merit)
    except csv.Error:
        return ","


def _declared_delimiter(sample: list[str]) -> tuple[str, bool] | None:
    """Excel's own first line ``sep=;``."""
    first = sample[0].strip().strip('\ufeff"').lower() if sample else ""
    return (first[4], True) if len(first) == 5 and first.startswith("sep=") else None


def _lines(source: Source, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(opened(source), encoding=encoding, errors="replace", newline="")


def _whole_lines(lines: TextIOWrapper, filename: str) -> Iterator[str]:
    # Never a whole file in memory because it lacks line ends.
    for line in iter(partial(lines.readline, limits.LINE), ""):
        if len(line) >= limits.LINE:
            raise Invalid(
                f"{filename} has a line of more than {limits.LINE >> 20} million characters, so it is not a list of "
                "people. Export the list again and upload the new file."
            )
        yield line


def _rows(
    source: Source,
    filename: str,
    encoding: str,
    delimiter: str,
    nul_cells: set[tuple[int, int]],
    *,
    declared: bool,
) -> Iterator[Row]:
    return limits.bounded(
        _records(source, filename, encoding, delimiter, nul_cells, declared=declared), f"The file {filename}"
    )


def _records(
    source: Source,
    filename: str,
    encoding: str,
    delimiter: str,
    nul_cells: set[tuple[int, int]],
    *,
    declared: bool,
) -> Iterator[Row]:
    """Records numbered as Excel numbers them: a line break inside a quoted cell does not start a new row."""
    current: list[str] = []
    number = 0
    with _lines(source, encoding) as lines:
        noted = _noted(_whole_lines(lines, filename), current)
        reader = csv.reader(noted, delimiter=delimiter)
        try:
            for record in reader:
                # Excel does not show the line that names the delimiter.
                number += not (declared and number == 0 and reader.line_num == 1)
                if any("\x00" in line for line in current):
                    nul_cells.update((number, place) for place, cell in enumerate(record) if "\x00" in cell)
                if len(current) > 1:
                    _refuse_open_quotation(current, delimiter, filename, number)
                current.clear()
                if number:
                    yield number, record
        except csv.Error as error:
            raise _open_quotation(filename, number + 1) from error


def _noted(lines: Iterator[str], current: list[str]) -> Iterator[str]:
    for line in lines:
        current.append(line)
        yield line


def _refuse_open_quotation(lines: list[str], delimiter: str, filename: str, number: int) -> None:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise _open_quotation(filename, number) from error


def _open_quotation(filename: str, number: int) -> Invalid:
    return Invalid(
        f"In {filename}, row {number:,}: a quotation mark is opened and never closed, so the rest of the file would "
        "become one cell. Correct that row, or export the list again, and upload it."
    )
