"""Our own .xlsx files: what the standard allows and no library writes.

Options: `prefix`: of the elements; `strict`: the namespaces of ISO/IEC 29500 strict; `references`: whether cells say
where they stand; `stored`: parts without compression; `odd_names`: parts that only relationships find; `encoding`:
of the sheets; `iso_dates`: days as `t="d"`; `dimension`: whether there is one; `shuffled`: rows in any order."""

import datetime
import math
import random
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

import number_formats
import text_form
import values

SPACES = {
    False: ("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    True: ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships"),
}  # fmt: skip
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml."
PARTS = {
    False: {"workbook": "xl/workbook.xml", "styles": "xl/styles.xml", "strings": "xl/sharedStrings.xml",
            "sheet": "xl/worksheets/sheet{}.xml"},
    True: {"workbook": "book/Main.xml", "styles": "parts/formats.xml", "strings": "book/texts.XML",
           "sheet": "parts/sheets/p{}.xml"},
}  # fmt: skip
STATES = {"visible": "", "hidden": ' state="hidden"', "very_hidden": ' state="veryHidden"'}
PROFILE = values.with_builtin_formats(values.Profile())


def column_name(column):
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def escaped(text):
    """With the escapes that Excel writes for what XML can't hold, and for what looks like one."""
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return "".join(f"_x{ord(c):04X}_" if c < " " and c not in "\t\n" or c in "\ufffe\uffff" else c for c in text)


def element(name, content, **attributes):
    """Of the main namespace; `§` stands for the prefix to come."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<§{name}{written}>{content}</§{name}>"


class Writer:
    def __init__(self, book):
        self.book, self.options = book, book.options
        self.random = random.Random(book.name)
        self.main, self.relations = SPACES[bool(self.options.get("strict"))]
        self.parts = PARTS[bool(self.options.get("odd_names"))]
        self.strings, self.formats = {}, {"General": 0}

    def write(self, path):
        sheets = [self.sheet(sheet) for sheet in self.book.sheets]
        method = zipfile.ZIP_STORED if self.options.get("stored") else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("[Content_Types].xml", self.content_types())
            archive.writestr("_rels/.rels", self.relationships([("rId1", "officeDocument", self.parts["workbook"])]))
            archive.writestr(self.parts["workbook"], self.workbook())
            folder, _, name = self.parts["workbook"].rpartition("/")
            archive.writestr(f"{folder}/_rels/{name}.rels", self.workbook_relationships())
            archive.writestr(self.parts["styles"], self.document("styleSheet", self.styles()))
            archive.writestr(self.parts["strings"], self.document("sst", "".join(self.strings)))
            for i, sheet in enumerate(sheets):
                archive.writestr(self.parts["sheet"].format(i + 1), sheet)

    # ---- parts ----

    def document(self, name, content, encoding="utf-8"):
        prefix = self.options.get("prefix", "")
        space = f" xmlns:{prefix}=" if prefix else " xmlns="
        text = f"<§{name}{space}{quoteattr(self.main)}>{content}</§{name}>".replace("§", f"{prefix}:" if prefix else "")
        return f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>\r\n{text}'.encode(encoding)

    def content_types(self):
        types = [(self.parts["workbook"], "sheet.main+xml"), (self.parts["styles"], "styles+xml"),
                 (self.parts["strings"], "sharedStrings+xml")]  # fmt: skip
        types += [(self.parts["sheet"].format(i + 1), "worksheet+xml") for i in range(len(self.book.sheets))]
        overrides = "".join(f'<Override PartName="/{part}" ContentType="{CONTENT}{kind}"/>' for part, kind in types)
        rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        xml = '<Default Extension="xml" ContentType="application/xml"/>'
        return f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">{rels}{xml}{overrides}</Types>'

    def relationships(self, entries):
        """Targets are paths from the root of the package."""
        inside = "".join(
            f'<Relationship Id="{key}" Type="{self.relations}/{kind}" Target="/{target}"/>'
            for key, kind, target in entries
        )
        return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'

    def workbook_relationships(self):
        entries = [("s", "styles", self.parts["styles"]), ("t", "sharedStrings", self.parts["strings"])]
        for i in range(len(self.book.sheets)):
            entries.append((f"rId{i + 1}", "worksheet", self.parts["sheet"].format(i + 1)))
        return self.relationships(entries)

    def workbook(self):
        sheets = ""
        for i, sheet in enumerate(self.book.sheets):
            name = quoteattr(escaped(sheet.name))
            sheets += f'<§sheet name={name} sheetId="{i + 5}"{STATES[sheet.state]} rel:id="rId{i + 1}"/>'
        sheets = sheets.replace("rel:id=", f"xmlns:rel={quoteattr(self.relations)} rel:id=")
        properties = f'<§workbookPr date1904="{str(self.book.date1904).lower()}"/>'
        return self.document("workbook", properties + element("sheets", sheets))

    def styles(self):
        custom = [code for code in self.formats if code != "General" and number_formats.builtin_number(code) is None]
        codes = [(self.format_id(code), code) for code in custom]
        formats = "".join(f'<§numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in codes)
        plain = '<§xf numFmtId="14"/>'
        cells = "".join(f'<§xf numFmtId="{self.format_id(code)}" applyNumberFormat="1"/>' for code in self.formats)
        simple = "<§fonts><§font/></§fonts><§fills><§fill><§patternFill/></§fill></§fills>"
        simple += "<§borders><§border/></§borders>"
        return (
            element("numFmts", formats, count=len(codes)) + simple + element("cellStyleXfs", plain, count=1)
            + element("cellXfs", cells, count=len(self.formats))
        )  # fmt: skip

    def format_id(self, code):
        builtin = 0 if code == "General" else number_formats.builtin_number(code)
        return self.formats[code] + 163 if builtin is None else builtin

    def sheet(self, sheet):
        rows = {}
        for (row, column), cell in sorted(sheet.cells.items()):
            rows.setdefault(row, {})[column] = cell
        next_row, parts = 0, []
        for row, cells in rows.items():
            parts.append(self.row(row, cells, next_row))
            next_row = row + 1
        dimension = '<§dimension ref="A1"/>' if self.options.get("dimension") else ""
        if self.options.get("shuffled"):
            self.random.shuffle(parts)
        data = element("sheetData", "".join(parts))
        return self.document("worksheet", dimension + data, self.options.get("encoding", "utf-8"))

    def row(self, row, cells, next_row):
        """Where cells don't say where they stand, empty ones fill the gaps."""
        if self.options.get("references", True):
            inside = "".join(self.cell(row, column, cell) for column, cell in cells.items())
            return element("row", inside, r=row + 1)
        filled = [self.cell(row, c, cells[c]) if c in cells else "<§c/>" for c in range(max(cells) + 1)]
        return "<§row/>" * (row - next_row) + element("row", "".join(filled))

    # ---- cells ----

    def cell(self, row, column, cell):
        attributes = {"r": f"{column_name(column)}{row + 1}"} if self.options.get("references", True) else {}
        if cell.code != "General":
            attributes["s"] = self.formats.setdefault(cell.code, len(self.formats))
        formula = element("f", "1+1") if cell.formula else ""
        kind, inside = self.content(cell)
        if kind:
            attributes["t"] = kind
        return element("c", formula + inside, **attributes)

    def content(self, cell):
        """The cell's type and what stands in it."""
        if cell.kind == "blank":
            return "", ""
        if cell.kind == "boolean":
            return "b", element("v", int(cell.value))
        if cell.kind == "error":
            return "e", element("v", cell.value)
        if cell.kind == "number":
            return self.number(cell)
        if cell.formula:
            return "str", element("v", escape(escaped(cell.value)))
        if self.random.random() < 0.4:
            return "inlineStr", element("is", self.runs(cell))
        return "s", element("v", self.string(cell))

    def number(self, cell):
        kind = number_formats.kind_of(cell.code)
        serial = text_form.shifted(cell.value, kind, self.book.date1904)
        dated = kind in ("date", "date_time")
        if self.options.get("iso_dates") and dated and math.floor(serial) in text_form.ISO_DAYS:
            epoch = datetime.datetime.combine(text_form.EPOCH, datetime.time())
            moment = epoch + datetime.timedelta(milliseconds=round(serial * 86400000))
            return "d", element("v", moment.isoformat(timespec="milliseconds"))
        return self.random.choice(["", "n"]), element("v", repr(cell.value))

    def string(self, cell):
        return self.strings.setdefault(element("si", self.runs(cell)), len(self.strings))

    def runs(self, cell):
        """A text as one piece or several, with phonetics that are none of it."""
        text = escaped(cell.value)
        if not cell.rich:
            return self.piece(text)
        half = len(text) // 2
        phonetic = element("rPh", self.piece("ふりがな"), sb=0, eb=1) + '<§phoneticPr fontId="0"/>'
        first = element("r", self.piece(text[:half]))
        return first + element("r", "<§rPr><§b/></§rPr>" + self.piece(text[half:])) + phonetic

    def piece(self, text):
        content = escape(text)
        if self.random.random() < 0.1 and "]]>" not in text:
            content = f"<![CDATA[{text}]]>"
        elif self.random.random() < 0.1:
            content = "".join(f"&#{ord(c)};" if c > " " else c for c in text)
        return f'<§t xml:space="preserve">{content}</§t>'


def write(book, path):
    Writer(book).write(path)
