"""Any file to a workbook: told by its content, checked, and opened by the right reader."""

from pathlib import Path

from lms.errors import Invalid, NotFound
from lms.spreadsheets import archives, excel, kinds, legacy, opendocument, text
from lms.spreadsheets.facts import Source, Workbook


def read(source: str | Source, filename: str = "") -> Workbook:
    """Opens a file of any supported kind; rows are read only when a sheet is asked for them.

    :raises NotFound: where the path leads nowhere.
    :raises Invalid: in plain English, for everything that cannot be read as a spreadsheet.
    """
    if isinstance(source, str):
        source = Path(source)
    if isinstance(source, Path):
        filename = filename or source.name
        _refuse_unreadable(source)
    filename = filename or "The file"
    kind = kinds.kind_of(source, filename)
    if kind == "ole":
        return Workbook(filename, "xls", legacy.sheets(source, filename))
    if kind == "text":
        return Workbook(filename, "text", (text.sheet(source, filename),))
    archive = archives.examined(source, filename)
    kind = archives.kind_of(archive)
    return Workbook(filename, kind, excel.sheets(archive) if kind == "xlsx" else opendocument.sheets(archive))


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise Invalid(f"{path} is a folder. Name the file with the list in it.")
    try:
        with path.open("rb"):
            return
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}. Check the name and the folder.") from error
    except OSError as error:
        raise Invalid(f"{path} cannot be opened: {error.strerror}. Check its permissions.") from error
