"""What a workbook holds, whoever writes it."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Cell:
    """`kind` is text, number, boolean, error or blank; `code` the number format; `formula`: the value is a cached
    result; `rich`: a text written in runs of several fonts."""

    kind: str
    value: object = None
    code: str = "General"
    formula: bool = False
    rich: bool = False


@dataclasses.dataclass
class Sheet:
    name: str
    cells: dict = dataclasses.field(default_factory=dict)  # (row, column) -> Cell, both 0-based
    state: str = "visible"  # or hidden, very_hidden
    chart: bool = False
    merged: list = dataclasses.field(default_factory=list)  # (first row, first column, last row, last column)


def unchanged(cell, options):
    return cell


@dataclasses.dataclass
class Book:
    name: str  # of the file, without folder
    sheets: list
    date1904: bool = False
    # Odd ways to write the same thing; each writer knows its own.
    options: dict = dataclasses.field(default_factory=dict)
    # What becomes of a cell on its way into the file, given the options.
    stored: typing.Callable = unchanged

    def shown(self):
        """The index of the first visible worksheet: what is read when no sheet is named."""
        return next(i for i, sheet in enumerate(self.sheets) if sheet.state == "visible" and not sheet.chart)
