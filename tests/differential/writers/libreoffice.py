"""LibreOffice: .xls, .xlsx of both kinds and .xlsm, from .xlsx files of XlsxWriter, and from .fods and .csv files."""

import copy
import csv
import shutil
import subprocess
from xml.sax.saxutils import quoteattr

import number_formats
import text_form
import values

SECONDS = 300
# The filter's name, and the extension of its files.
FILTERS = [
    ("MS Excel 97", "xls"),
    ("Calc MS Excel 2007 XML", "xlsx"),
    ("Calc Office Open XML", "xlsx"),
    ("Calc MS Excel 2007 VBA XML", "xlsm"),
]
FODS_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"),
                         ("number", "datastyle")]
)  # fmt: skip
STYLES = """
<number:date-style style:name="N1"><number:year number:style="long"/><number:text>-</number:text><number:month
 number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
<number:time-style style:name="N2"><number:hours number:style="long"/><number:text>:</number:text><number:minutes
 number:style="long"/><number:text>:</number:text><number:seconds number:style="long"/></number:time-style>
<number:date-style style:name="N3"><number:day/><number:text>.</number:text><number:month/><number:text>. </number:text>
<number:hours/><number:text>:</number:text><number:minutes number:style="long"/></number:date-style>
<style:style style:name="date" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="time" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="date_time" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
"""
# LibreOffice works these out; their results are what the files keep.
FORMULAS = [
    "1/3", "0.1+0.2", "2^53+1", "10^-300", "1/0", "NA()", 'VALUE("x")', "SQRT(-1)", "FOO()", '"a"&CHAR(10)&"b"',
    "UNICHAR(128512)", 'REPT("ab";5000)', "1=1", "1=2", "DATE(2024;2;29)", "TIME(13;14;15)", '""', "PI()",
    "TODAY()-TODAY()", 'LEFT("  x ";4)', "1E308*10", "-0.0",
]  # fmt: skip


def program():
    return shutil.which("soffice")


def version():
    done = subprocess.run([program(), "--version"], capture_output=True, text=True, timeout=SECONDS, check=False)
    return done.stdout.strip()


def folder_of(folder, filter_name):
    """Where the files of a filter go."""
    return folder / filter_name.replace(" ", "-").lower()


def convert(inputs, folder):
    """Each input through each filter."""
    for filter_name, extension in FILTERS:
        target = folder_of(folder, filter_name)
        target.mkdir()
        command = [program(), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
        command += [f"{extension}:{filter_name}", "--outdir", str(target), *map(str, inputs)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        made = len(list(target.iterdir()))
        if made != len(inputs):
            raise RuntimeError(f"LibreOffice made {made} of {len(inputs)} files: {done.stderr.strip()}")


# ---- inputs ----


def input_profile(profile):
    """Without the greatest numbers, which it rounds to infinity."""
    changed = copy.copy(profile)
    changed.numbers = [number for number in profile.numbers if abs(number) < 1.7e308]
    return changed


def write_fods(book, path):
    tables = "".join(table(sheet) for sheet in book.sheets)
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {FODS_SPACES} office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document>",
        encoding="utf-8",
    )


def table(sheet):
    state = "shown" if sheet.state == "visible" else "hidden"
    rows, last = [], -1
    for row in sorted({row for row, _ in sheet.cells}):
        if row > last + 1:
            rows.append(
                f'<table:table-row table:number-rows-repeated="{row - last - 1}"><table:table-cell/></table:table-row>'
            )
        rows.append(table_row({column: cell for (r, column), cell in sheet.cells.items() if r == row}))
        last = row
    formulas = "".join(f"<table:table-cell table:formula={quoteattr('of:=' + formula)}/>" for formula in FORMULAS)
    rows.append(f"<table:table-row>{formulas}</table:table-row>")
    return f'<table:table table:name={quoteattr(sheet.name)} table:style-name="{state}">{"".join(rows)}</table:table>'


def table_row(cells):
    parts = [fods_cell(cells[column]) if column in cells else "<table:table-cell/>" for column in range(max(cells) + 1)]
    return f"<table:table-row>{''.join(parts)}</table:table-row>"


def fods_cell(cell):
    kind = number_formats.kind_of(cell.code)
    style = "" if kind == "number" else f' table:style-name="{kind}"'
    if cell.kind == "number":
        return f'<table:table-cell{style} office:value-type="float" office:value="{cell.value!r}"/>'
    if cell.kind == "boolean":
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell.value).lower()}"/>'
    if cell.kind == "text" and cell.value and cell.value.isprintable():
        content = f"office:string-value={quoteattr(cell.value)}"
        return f'<table:table-cell office:value-type="string" {content}/>'
    return "<table:table-cell/>"


def write_csv(book, path):
    sheet = book.sheets[0]
    last_row = max(row for row, _ in sheet.cells)
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        for row in range(last_row + 1):
            columns = {column: cell for (r, column), cell in sheet.cells.items() if r == row}
            writer.writerow([csv_text(columns.get(c)) for c in range(max(columns, default=-1) + 1)])


def csv_text(cell):
    if cell is None or cell.kind in ("blank", "error"):
        return ""
    kind = number_formats.kind_of(cell.code)
    if cell.kind == "number":
        return text_form.number_text(cell.value) if kind == "number" else text_form.moment_text(cell.value, kind)
    return text_form.plain_text(cell.kind, cell.value)


NUMBERS = input_profile(values.Profile()).numbers
FODS_TEXTS = [text for text in values.ODD_TEXTS if text.isprintable()]
FODS_PROFILE = values.Profile(formulas=False, rich=False, controls=[], odd_texts=FODS_TEXTS, numbers=NUMBERS)
CSV_PROFILE = values.Profile(formulas=False, rich=False, controls=[], numbers=NUMBERS)
