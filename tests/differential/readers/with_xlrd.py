"""xlrd: .xls."""

import io

import xlrd

import number_formats
import text_form
from table import Table, Value, keep

STATES = ["visible", "hidden", "very_hidden"]


def read(path, book, wanted):
    source = xlrd.open_workbook(str(path), formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    return [
        Table(sheet.name, STATES[sheet.visibility], False, read_cells(source, sheet) if wanted(i) else None)
        for i, sheet in enumerate(source.sheets())
    ]


def read_cells(source, sheet):
    cells = {}
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            value = read_value(source, cell)
            if keep(value):
                cells[row, column] = value
    return cells


def read_value(source, cell):
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return Value("text", cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Value("boolean", bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Value("error", xlrd.error_text_from_code.get(cell.value, f"#{cell.value}"))
    format_key = source.xf_list[cell.xf_index].format_key
    code = source.format_map[format_key].format_str or f"{number_formats.BUILTIN}{format_key}"
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return Value("number", cell.value, code)
    serial = text_form.shifted(cell.value, number_formats.kind_of(code), source.datemode)
    return Value("moment", serial, code, number=cell.value)
