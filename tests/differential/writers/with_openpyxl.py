"""openpyxl: .xlsx with inline strings; option `write_only`: its streaming mode; option `iso_dates`: days as ISO 8601
texts (`t="d"`). It writes no results of formulas."""

import dataclasses
import datetime
import math
import re

import openpyxl
import openpyxl.chart
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import number_formats
import text_form
import values

STATES = {"visible": "visible", "hidden": "hidden", "very_hidden": "veryHidden"}


def stored(cell, options):
    """Carriage returns are not escaped, so that XML makes them line feeds, and what looks like an escape is one.
    Texts of white space alone are lost: they lack `xml:space`."""
    if cell.formula:
        return dataclasses.replace(cell, kind="blank", value=None)
    if cell.kind == "number":
        return dataclasses.replace(cell, value=float("%.16g" % cell.value))
    if cell.kind == "text":
        if not cell.value.strip(" \t\r\n"):
            return dataclasses.replace(cell, value="")
        return dataclasses.replace(cell, value=values.unescape(re.sub("\r\n?", "\n", cell.value)))
    return cell


PROFILE = values.Profile(controls=[], stored=stored)


def write(book, path):
    write_only = book.options.get("write_only", False)
    target = openpyxl.Workbook(write_only=write_only)
    target.iso_dates = book.options.get("iso_dates", False)
    if not write_only:
        target.remove(target.active)
    if book.date1904:
        target.epoch = CALENDAR_MAC_1904
    for i, sheet in enumerate(book.sheets):
        if sheet.chart:
            add_chart(target.create_chartsheet(sheet.name, i))
            continue
        sheet_target = target.create_sheet(sheet.name)
        sheet_target.sheet_state = STATES[sheet.state]
        fill = append_rows if write_only else fill_cells
        fill(sheet_target, sheet, lambda at, cell: set_cell(at, cell, book))
        for first_row, first_column, last_row, last_column in [] if write_only else sheet.merged:
            sheet_target.merge_cells(None, first_row + 1, first_column + 1, last_row + 1, last_column + 1)
    target.active = next(i for i, sheet in enumerate(book.sheets) if sheet.state == "visible")
    target.save(path)


def add_chart(sheet_target):
    sheet_target.add_chart(openpyxl.chart.LineChart())


def fill_cells(sheet_target, sheet, set_one):
    for (row, column), cell in sheet.cells.items():
        set_one(sheet_target.cell(row + 1, column + 1), cell)


def append_rows(sheet_target, sheet, set_one):
    rows = {}
    for (row, column), cell in sheet.cells.items():
        rows.setdefault(row, {})[column] = cell
    for row in range(max(rows, default=-1) + 1):
        line = []
        for column in range(max(rows.get(row, {}), default=-1) + 1):
            line.append(WriteOnlyCell(sheet_target))
            if column in rows[row]:
                set_one(line[-1], rows[row][column])
        sheet_target.append(line)


def set_cell(at, cell, book):
    at.number_format = cell.code
    if cell.formula:
        at.value = "=1+1"
    elif cell.kind == "text":
        at._value = rich(cell.value) if cell.rich else cell.value
        at.data_type = "s"
    elif cell.kind == "number":
        at.value = as_moment(cell, book) if book.options.get("iso_dates") else cell.value
        at.number_format = cell.code
    else:
        at.value = cell.value


def rich(text):
    return CellRichText(*(TextBlock(InlineFont(b=i % 2 == 0), piece) for i, piece in enumerate(values.cut(text))))


def as_moment(cell, book):
    """A datetime where that says the same."""
    kind = number_formats.kind_of(cell.code)
    serial = text_form.shifted(cell.value, kind, book.date1904)
    if kind not in ("date", "date_time") or math.floor(serial) not in text_form.ISO_DAYS:
        return cell.value
    epoch = datetime.datetime.combine(text_form.EPOCH, datetime.time())
    return epoch + datetime.timedelta(milliseconds=round(serial * 86400000))
