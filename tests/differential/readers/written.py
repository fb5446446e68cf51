"""What the writer was told to write: no reader, so that it is wrong in none of the ways in which readers are."""

import number_formats
import text_form
from table import Table, Value, keep


def read(path, book, wanted):
    return [
        Table(sheet.name, sheet.state, sheet.chart, read_cells(sheet, book) if wanted(i) else None)
        for i, sheet in enumerate(book.sheets)
    ]


def read_cells(sheet, book):
    cells = {}
    for place, cell in sheet.cells.items():
        value = read_value(book.stored(cell, book.options), book.date1904)
        if keep(value):
            cells[place] = value
    return cells


def read_value(cell, date1904):
    if cell.kind == "blank":
        return None
    if cell.kind != "number":
        return Value(cell.kind, cell.value)
    kind = number_formats.kind_of(cell.code)
    if kind == "number":
        return Value("number", cell.value, cell.code)
    return Value("moment", text_form.shifted(cell.value, kind, date1904), cell.code, number=cell.value)
