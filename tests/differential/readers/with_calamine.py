"""Calamine, through its Python package: both formats."""

import python_calamine

from table import Table, Value, serial_of

STATES = {"Visible": "visible", "Hidden": "hidden", "VeryHidden": "very_hidden"}


def read(path, book, wanted):
    source = python_calamine.CalamineWorkbook.from_path(str(path))
    tables = []
    for i, about in enumerate(source.sheets_metadata):
        chart = "WorkSheet" not in str(about.typ)
        cells = read_cells(source.get_sheet_by_index(i)) if wanted(i) and not chart else None
        tables.append(Table(about.name, STATES[str(about.visible).rpartition(".")[2]], chart, cells))
    return tables


def read_cells(sheet):
    first_row, first_column = sheet.start or (0, 0)
    cells = {}
    for row, line in enumerate(sheet.to_python(), first_row):
        for column, raw in enumerate(line, first_column):
            if raw != "":
                cells[row, column] = read_value(raw)
    return cells


def read_value(raw):
    if isinstance(raw, bool):
        return Value("boolean", raw)
    if isinstance(raw, (int, float)):
        return Value("number", raw)
    if isinstance(raw, str):
        return Value("text", raw)
    return Value("moment", serial_of(raw), None, raw)
