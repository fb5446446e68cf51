"""xlwt: .xls (BIFF8). It can't write results of formulas, so cells of our own do."""

import struct

import xlwt
from xlwt.UnicodeUtils import upack2

import values

PROFILE = values.Profile(last_row=65535, last_column=255)
VISIBILITY = {"visible": 0, "hidden": 1, "very_hidden": 2}
ERROR_CODES = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24,
               "#N/A": 0x2A}  # fmt: skip


class ResultCell:
    """A FORMULA record `=1` with any cached result, and the STRING record behind it."""

    def __init__(self, row, column, style, cell):
        self.row, self.column, self.style, self.cell = row, column, style, cell

    def get_biff_data(self):
        result, text = formula_result(self.cell)
        body = struct.pack("<3H8sHLH3B", self.row, self.column, self.style, result, 0, 0, 3, 0x1E, 1, 0)
        records = struct.pack("<2H", 0x0006, len(body)) + body
        if text is not None:
            string = upack2(text)
            records += struct.pack("<2H", 0x0207, len(string)) + string
        return records


def formula_result(cell):
    """The eight bytes of a result, and the text that follows in a record of its own, or None."""
    if cell.kind == "number":
        return struct.pack("<d", cell.value), None
    if cell.kind == "boolean":
        return struct.pack("<BxB3xH", 1, cell.value, 0xFFFF), None
    if cell.kind == "error":
        return struct.pack("<BxB3xH", 2, ERROR_CODES[cell.value], 0xFFFF), None
    if cell.value == "":
        return struct.pack("<B5xH", 3, 0xFFFF), None
    return struct.pack("<B5xH", 0, 0xFFFF), cell.value


def write(book, path):
    target = xlwt.Workbook(encoding="utf-8", style_compression=2)
    target.dates_1904 = book.date1904
    styles = {}
    for sheet in book.sheets:
        sheet_target = target.add_sheet(sheet.name)
        sheet_target.visibility = VISIBILITY[sheet.state]
        for (row, column), cell in sorted(sheet.cells.items()):
            if cell.code not in styles:
                styles[cell.code] = xlwt.easyxf(num_format_str=cell.code)
            add(target, sheet_target.row(row), row, column, cell, styles[cell.code])
        for first_row, first_column, last_row, last_column in sheet.merged:
            sheet_target.merge(first_row, last_row, first_column, last_column)
    target.active_sheet = next(i for i, sheet in enumerate(book.sheets) if sheet.state == "visible")
    target.save(str(path))


def add(target, row_target, row, column, cell, style):
    if cell.formula:
        # Goes around the bounds that the library keeps, so they are told with a blank first.
        row_target.set_cell_blank(column, style)
        row_target._Row__cells[column] = ResultCell(row, column, target.add_style(style), cell)
    elif cell.kind == "blank":
        row_target.set_cell_blank(column, style)
    elif cell.kind == "number":
        row_target.set_cell_number(column, cell.value, style)
    elif cell.kind == "boolean":
        row_target.set_cell_boolean(column, cell.value, style)
    elif cell.kind == "error":
        row_target.set_cell_error(column, ERROR_CODES[cell.value], style)
    elif cell.rich:
        fonts = [xlwt.easyfont("bold true"), xlwt.easyfont("italic true")]
        pieces = [(piece, fonts[i % 2]) for i, piece in enumerate(values.cut(cell.value))]
        row_target.set_cell_rich_text(column, pieces, style)
    else:
        row_target.set_cell_text(column, cell.value, style)
