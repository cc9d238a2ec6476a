"""Spreadsheets in and out: the only door between files of cells and the rest of the house.

    kinds          what a file really is, by its first bytes
    archives       zip files opened with care: bombs, passwords, cut-off ends
    excel          XLSX and XLSM            legacy          XLS
    opendocument   ODS                      text            CSV and text, any encoding and delimiter
    streaming      very large XLSX, row by row
    writing        XLSX and CSV out, with formulas made harmless

A sheet is rows of cells with the row number a person sees in Excel. What the cells mean is the business of
``lms.rules.roster``.
"""

from lms.spreadsheets.facts import Cell, Row, Sheet, Source, Workbook
from lms.spreadsheets.reading import read
from lms.spreadsheets.writing import write_csv, write_xlsx

__all__ = ["Cell", "Row", "Sheet", "Source", "Workbook", "read", "write_csv", "write_xlsx"]
