"""XlsxWriter: .xlsx, with shared or (option `inline`) inline strings, or without zip64 (the default) or with."""

import dataclasses
import re

import xlsxwriter

import values


def stored(cell, options):
    """16 digits are written of a number; a formula's result goes as it is, where XML changes line ends."""
    if cell.kind == "number" and not cell.formula:
        return dataclasses.replace(cell, value=float(f"{cell.value:.16G}"))
    if cell.kind == "text" and cell.formula:
        text = values.unescape(re.sub("\r\n?", "\n", cell.value))
        # What reads as an error is written as one.
        return dataclasses.replace(cell, value=text, kind="error" if text in values.ERRORS else "text")
    return cell


# It escapes only the first of two escapes that share an underscore.
SHARED_UNDERSCORE = ("_x005F_x000D_", "_x0041_x0042_")
ODD_TEXTS = [text for text in values.Profile().odd_texts if text not in SHARED_UNDERSCORE]
PROFILE = values.Profile(stored=stored, odd_texts=ODD_TEXTS)


def write(book, path):
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    options |= {"constant_memory": book.options.get("inline", False), "date_1904": book.date1904}
    target = xlsxwriter.Workbook(str(path), {**options, "nan_inf_to_errors": True})
    if book.options.get("zip64"):
        target.use_zip64()
    formats = {}
    for sheet in book.sheets:
        if sheet.chart:
            add_chart(target, sheet)
            continue
        sheet_target = target.add_worksheet(sheet.name)
        merged = {block[:2]: block for block in sheet.merged}
        # Rows that are done are written at once where strings are inline.
        for (row, column), cell in sorted(sheet.cells.items()):
            if cell.code not in formats:
                formats[cell.code] = target.add_format({"num_format": cell.code})
            if (row, column) in merged and not options["constant_memory"]:
                sheet_target.merge_range(*merged[row, column], "", formats[cell.code])
            add(target, sheet_target, row, column, cell, formats[cell.code])
        show(sheet_target, sheet)
    target.close()


def add_chart(target, sheet):
    chart_sheet = target.add_chartsheet(sheet.name)
    chart = target.add_chart({"type": "line"})
    chart.add_series({"values": "={1,2,3}"})
    chart_sheet.set_chart(chart)


def show(sheet_target, sheet):
    if sheet.state == "visible":
        sheet_target.set_first_sheet()
        sheet_target.activate()
    elif sheet.state == "hidden":
        sheet_target.hide()
    else:
        sheet_target.very_hidden()


def add(target, sheet_target, row, column, cell, cell_format):
    place = (row, column)
    if cell.formula:
        sheet_target.write_formula(*place, "=1", cell_format, cell.value)
    elif cell.kind == "blank":
        sheet_target.write_blank(*place, None, cell_format)
    elif cell.kind == "number":
        sheet_target.write_number(*place, cell.value, cell_format)
    elif cell.kind == "boolean":
        sheet_target.write_boolean(*place, cell.value, cell_format)
    elif cell.kind == "error":
        sheet_target.write_formula(*place, "=1", cell_format, cell.value)
    elif cell.rich and len(values.cut(cell.value)) > 1:
        bold = target.add_format({"bold": True})
        pieces = [part for piece in values.cut(cell.value) for part in (bold, piece)]
        sheet_target.write_rich_string(*place, *pieces, cell_format)
    else:
        code = sheet_target.write_string(*place, cell.value, cell_format)
        assert code == 0, f"XlsxWriter refuses the text in row {row + 1}: {code}"
