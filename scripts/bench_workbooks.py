#!/usr/bin/env python3
"""Makes the workbooks of scripts/bench: the facts of bench_data as cells.

As in a Gellish table, row 1 is a title, row 2 the column IDs, row 3 captions; the facts begin in
row 4. Integers are numbers, texts shared strings; the .xls also holds dates, floats and more texts.
"""

import csv
import datetime
import os
import random
import sys

import bench_data

VERSION = 1  # of the workbooks
PACKAGES = ["XlsxWriter==3.3.1", "xlwt==1.3.0"]  # from PyPI; only main() needs them
INTEGERS = frozenset([0, 69, 71, 2, 1, 60, 15, 66, 67, 50])
DATES = frozenset([9, 10])
# What the .xls has beyond the columns of the CSV; 901 and 902 stand for columns that nobody knows.
MORE_COLUMNS = [42, 24, 22, 901, 902]
# What every second row of the .xls leaves out.
SPARSE = frozenset([54, 16, 12, 13])
REASONS = (
    "added",
    "corrected",
    "supersedes an older fact",
    "größer als zuvor",
    "traducción revisada",
    "новая редакция",
)
TITLE = "Made-up facts"
CREATED = datetime.datetime(2001, 3, 21)


def version():
    """Of what a workbook is made from; part of its file's name."""
    return f"{bench_data.VERSION}.{VERSION}"


def fact_rows(count):
    """The facts as lists of str, int and None, in the order of bench_data.COLUMNS."""
    integer = [column in INTEGERS for column in bench_data.COLUMNS]
    for fields in csv.reader(bench_data.lines(count)):
        yield [(int(text) if whole else text) if text else None for text, whole in zip(fields, integer)]


def positions(columns):
    return [i for i, column in enumerate(bench_data.COLUMNS) if column in columns]


def with_more(count):
    """The rows of the .xls: with gaps, dates as such, and MORE_COLUMNS."""
    rng = random.Random(2)
    dates, sparse = positions(DATES), positions(SPARSE)
    for number, values in enumerate(fact_rows(count)):
        for i in dates:
            values[i] = datetime.date.fromisoformat(values[i])
        if number % 2:
            for i in sparse:
                values[i] = None
        values += [
            f"fact {number} as told on page {rng.randrange(10_000)}" if number % 3 == 0 else None,
            REASONS[rng.randrange(len(REASONS))] if number % 2 else None,
            CREATED + datetime.timedelta(seconds=rng.randrange(200_000_000)) if number % 6 == 0 else None,
            rng.random() * 1000 if number % 2 else None,
            rng.randrange(100_000) / 100 if number % 4 else None,
        ]
        yield values


def with_header(columns, rows):
    yield [TITLE]
    yield columns
    yield [f"caption of {column}" for column in columns]
    yield from rows


def write_xls(path, count):
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("facts")
    date, time = xlwt.easyxf(num_format_str="YYYY-MM-DD"), xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for r, values in enumerate(with_header(bench_data.COLUMNS + MORE_COLUMNS, with_more(count))):
        row = sheet.row(r)
        for c, value in enumerate(values):
            if isinstance(value, str):
                row.set_cell_text(c, value)
            elif isinstance(value, datetime.date):
                row.set_cell_date(c, value, time if isinstance(value, datetime.datetime) else date)
            elif value is not None:
                row.set_cell_number(c, value)
        if r % 1000 == 999:
            sheet.flush_row_data()
    book.save(path)


def write_xlsx(path, count):
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("facts")
    for r, values in enumerate(with_header(bench_data.COLUMNS, fact_rows(count))):
        for c, value in enumerate(values):
            if isinstance(value, str):
                sheet.write_string(r, c, value)
            elif value is not None:
                sheet.write_number(r, c, value)
    book.close()


WRITERS = {".xls": write_xls, ".xlsx": write_xlsx}


def make(path, count):
    """Writes a workbook of the kind that its name says, under another name until it is whole."""
    extension = os.path.splitext(path)[1]
    partial = f"{path}.{os.getpid()}.tmp{extension}"
    try:
        WRITERS[extension](partial, count)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: bench_workbooks.py ROWS FILE")
    make(sys.argv[2], int(sys.argv[1]))
