"""The number formats of a workbook: which styles show dates, numbers as 2.13E+07, or numbers as 00310000."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lms.spreadsheets.archives import Archive, whole
from lms.spreadsheets.markup import elements

# ECMA-376 part 1, 18.8.30: formats every application knows by number.
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_SCIENTIFIC = frozenset((11, 48))
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]hms]*\]')


@dataclass(frozen=True)
class Styles:
    """Cell style numbers (the ``s`` of a cell) by what they show."""

    dates: frozenset[int] = frozenset()
    scientific: frozenset[int] = frozenset()
    # Numbers shown with leading zeros, as HR formats employee numbers: style → how many figures.
    padded: Mapping[int, int] = field(default_factory=dict)

    def shown(self, style: int, raw: str) -> str | None:
        """A number as a person sees it, where that is not how it is stored; None where it is."""
        try:
            if style in self.scientific:
                return f"{float(raw):.2E}"
            if style in self.padded and float(raw).is_integer():
                return str(int(float(raw))).zfill(self.padded[style])
        except (ValueError, OverflowError):
            return None
        return None


def styles_of(archive: Archive) -> Styles:
    """The styles of the workbook; none where it has no style sheet."""
    path = archive.find("xl/styles.xml")
    if not path:
        return Styles()
    codes: dict[str, str] = {}
    dates: set[int] = set()
    scientific: set[int] = set()
    padded: dict[int, int] = {}
    inside, position = False, 0
    for name, attributes in elements(archive, [whole(archive, path)]):
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            inside, position = name == "cellXfs", 0
        elif name == "xf" and inside:
            identity = attributes.get("numFmtId", "0")
            code = codes.get(identity)
            if code is None:
                number = int(identity) if identity.isdigit() else 0
                is_date, is_scientific = number in _DATES, number in _SCIENTIFIC
            else:
                is_date, is_scientific = shows_date(code), shows_scientific(code)
                if width := zeros_of(code):
                    padded[position] = width
            if is_date:
                dates.add(position)
            elif is_scientific:
                scientific.add(position)
            position += 1
    return Styles(frozenset(dates), frozenset(scientific), padded)


def shows_date(code: str) -> bool:
    """Whether a format code shows a date or a time."""
    bare = _NOT_A_CODE.sub("", code.partition(";")[0]).lower()
    return "general" not in bare and any(letter in bare for letter in "ymdhs")


def shows_scientific(code: str) -> bool:
    """Whether a format code shows an exponent."""
    return bool(re.search(r"[0#?]E[+-]", _NOT_A_CODE.sub("", code), re.IGNORECASE))


def zeros_of(code: str) -> int:
    """How many figures a format such as ``00000000`` shows at least; 0 for any other."""
    bare = _NOT_A_CODE.sub("", code.partition(";")[0])
    return len(bare) if len(bare) > 1 and set(bare) == {"0"} else 0
