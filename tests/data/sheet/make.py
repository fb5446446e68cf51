#!/usr/bin/env python3
"""Makes the workbooks of this folder with the writers that people use.

Needs xlwt, XlsxWriter, openpyxl and msoffcrypto-tool. The files are committed; run this only to
change them. Each run makes the same bytes, but for the encrypted file, which has random salts. What
these writers cannot make, the tests put together themselves.
"""

import datetime
import pathlib
import zipfile

import openpyxl
import openpyxl.chart
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

HERE = pathlib.Path(__file__).parent
DAY = datetime.datetime(2001, 3, 21)


def make_xlwt(name, dates_1904=False):
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("Types é")
    row = ["text", "Ж日€", 1, -2.5, 1e300, True, DAY, datetime.time(10, 30), None, ""]
    formats = {6: "yyyy-mm-dd", 7: "h:mm"}
    for column, value in enumerate(row):
        style = xlwt.easyxf(num_format_str=formats.get(column, "General"))
        sheet.write(0, column, value, style)
    sheet.row(0).set_cell_error(10, "#REF!")
    sheet.write(2, 0, DAY.replace(hour=12), xlwt.easyxf(num_format_str="d/m/yy h:mm"))
    sheet.write(2, 1, 5, xlwt.easyxf(num_format_str='"day" 0'))
    sheet.write_rich_text(2, 2, ["rich ", ("text", xlwt.easyfont("bold on"))])
    # Enough text for the shared strings to be cut several times, in characters of both widths.
    for line in range(60):
        sheet.write(10 + line, line % 5, f"{line}:" + ("abc é " if line % 2 else "Ж日€ ") * 100)
    book.add_sheet("Hidden").visibility = 1
    book.add_sheet("Very hidden").visibility = 2
    book.save(str(HERE / name))


def make_xlsxwriter(name):
    book = xlsxwriter.Workbook(str(HERE / name))
    book.set_properties({"created": DAY})
    sheet = book.add_worksheet("Types é")
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    date_time = book.add_format({"num_format": "d/m/yy h:mm"})
    time = book.add_format({"num_format": "h:mm"})
    day = book.add_format({"num_format": '"day" 0'})
    for column, value in enumerate(["text", "Ж日€", 1, -2.5, 1e300, True]):
        sheet.write(0, column, value)
    sheet.write_datetime(0, 6, DAY, date)
    sheet.write_datetime(0, 7, datetime.time(10, 30), time)
    sheet.write_blank(0, 8, None, date)
    sheet.write_formula(0, 10, "=#REF!", None, "#REF!")
    sheet.write_datetime(2, 0, DAY.replace(hour=12), date_time)
    sheet.write_number(2, 1, 5, day)
    sheet.write_rich_string(2, 2, "rich ", book.add_format({"bold": True}), "text")
    sheet.write_formula(2, 3, '="a"&"b"', None, "ab")
    sheet.write_formula(2, 4, "=TRUE", None, True)
    sheet.write_string(2, 5, "line\r\nbreak \x01 _x0041_")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": ["Types é", 0, 2, 0, 3]})
    book.add_chartsheet("Chart").set_chart(chart)
    book.add_worksheet("Hidden").hide()
    book.add_worksheet("Very hidden").very_hidden()
    book.close()


def make_openpyxl(name):
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = DAY
    sheet = book.active
    sheet.title = "Types é"
    sheet.append(["text", "Ж日€", 1, -2.5, 1e300, True, DAY.date(), datetime.time(10, 30), None, ""])
    sheet["K1"] = "#REF!"
    sheet["A3"] = DAY.replace(hour=12)
    sheet["B3"] = 5
    sheet["B3"].number_format = '"day" 0'
    book.create_chartsheet("Chart").add_chart(openpyxl.chart.LineChart())
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.create_sheet("Very hidden").sheet_state = "veryHidden"
    book.save(HERE / name)


def rewrite(name, change=lambda part, content: content):
    """Packs an archive anew, with fixed times."""
    path = HERE / name
    with zipfile.ZipFile(path) as archive:
        parts = [(part, archive.read(part)) for part in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts:
            info = zipfile.ZipInfo(part, (2001, 3, 21, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, change(part, content), compresslevel=9)


def make_bomb(name, part_name):
    """A workbook of which one part unpacks to a thousand times its size."""
    make_xlsxwriter(name)

    def inflate(part, content):
        return content.replace(b"text", b"text" + b"a" * 2**22 * 5, 1) if part == part_name else content

    rewrite(name, inflate)


def fix_modified(part, content):
    """openpyxl writes the time of the run whatever it is told."""
    if part != "docProps/core.xml":
        return content
    head, rest = content.split(b"<dcterms:modified", 1)
    return head + rest.split(b"</dcterms:modified>", 1)[1]


def encrypt(name, plain_name):
    """Under the password that Excel tries by itself."""
    with open(HERE / plain_name, "rb") as plain, open(HERE / name, "wb") as protected:
        OOXMLFile(plain).encrypt("VelvetSweatshop", protected)


if __name__ == "__main__":
    make_xlwt("xlwt.xls")
    make_xlwt("xlwt-1904.xls", dates_1904=True)
    make_xlsxwriter("xlsxwriter.xlsx")
    make_openpyxl("openpyxl.xlsx")
    rewrite("openpyxl.xlsx", fix_modified)
    encrypt("openpyxl-protected.xlsx", "openpyxl.xlsx")
    make_bomb("bomb-in-shared-strings.xlsx", "xl/sharedStrings.xml")
