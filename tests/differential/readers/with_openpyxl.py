"""openpyxl: .xlsx; option `read_only`: its streaming mode."""

import warnings

import openpyxl
import openpyxl.chartsheet

from table import Table, Value, keep, serial_of

STATES = {"visible": "visible", "hidden": "hidden", "veryHidden": "very_hidden"}


def read(path, book, wanted):
    read_only = book.options.get("read_only", False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = openpyxl.load_workbook(path, data_only=True, read_only=read_only)
        tables = []
        for i, sheet in enumerate(source._sheets):
            chart = isinstance(sheet, openpyxl.chartsheet.Chartsheet)
            cells = read_cells(sheet, read_only) if wanted(i) and not chart else None
            tables.append(Table(sheet.title, STATES[sheet.sheet_state], chart, cells))
        source.close()
    return tables


def read_cells(sheet, read_only):
    """Normally a sparse dictionary, which for sheets of a million rows is all that is bearable."""
    found = (cell for row in sheet.iter_rows() for cell in row) if read_only else list(sheet._cells.values())
    cells = {}
    for cell in found:
        if cell.value is None:
            continue
        value = read_value(cell)
        if keep(value):
            cells[cell.row - 1, cell.column - 1] = value
    return cells


def read_value(cell):
    value, code = cell.value, cell.number_format
    if cell.data_type == "e":
        return Value("error", value, code, value)
    if isinstance(value, bool):
        return Value("boolean", value)
    if isinstance(value, (int, float)):
        return Value("number", value, code)
    if isinstance(value, str):
        return Value("text", value)
    return Value("moment", serial_of(value), code, value)
