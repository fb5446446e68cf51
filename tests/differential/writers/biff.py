"""Our own .xls files: BIFF2, 3, 4 and 5, which no library writes any more, and BIFF8 as only Excel writes it
([MS-XLS]; "OpenOffice.org's Documentation of the Microsoft Excel File Format").

Options: `version` 2, 3, 4, 5 or 8; `encoding`, a key of CODE_PAGES, below 8; `bare`: without a compound
file; `shuffled`: rows in any order."""

import itertools
import random
import struct

from xlwt.CompoundDoc import XlsDoc

import number_formats
import values
from writers.biff_text import Strings, record, split_records, unicode_string
from writers.with_xlwt import ERROR_CODES, formula_result

CODE_PAGES = {"cp1252": 1252, "cp1250": 1250, "cp1251": 1251, "cp1253": 1253, "cp1254": 1254, "cp1255": 1255,
              "cp1256": 1256, "cp1257": 1257, "cp1258": 1258, "cp437": 437, "cp850": 850, "cp874": 874, "cp932": 932,
              "gbk": 936, "cp949": 949, "cp950": 950, "mac_roman": 10000, "utf-16-le": 1200}  # fmt: skip
MULTIBYTE = ("cp932", "gbk", "cp949", "cp950", "utf-16-le")
LETTERS = {
    "cp1252": "äöüßéèñ€™”", "cp1250": "łąęőűčřžš€", "cp1251": "жзийклЯЁ€№", "cp1253": "αβγδεΩώ€", "cp1254": "ğışİŞĞ€",
    "cp1255": "אבגדה₪", "cp1256": "ابتثج€", "cp1257": "āčēģīķļ€", "cp1258": "ăđơư₫€", "cp437": "äöü░▒▓█αß",
    "cp850": "äöüßÁÂÀ©Ø", "cp874": "กขคงจฉ€", "cp932": "日本語カナｶﾅ漢字―～", "gbk": "的一是不了人我镕",
    "cp949": "가나다라마뷁", "cp950": "的一是不了人我在", "mac_roman": "äöüßéèñ†°¢£§•¶ß®", "utf-16-le": "äß日本가€",
}  # fmt: skip
BOF = {2: 0x0009, 3: 0x0209, 4: 0x0409, 5: 0x0809, 8: 0x0809}
FORMULA = {2: 0x0006, 3: 0x0206, 4: 0x0406, 5: 0x0006, 8: 0x0006}
CODEPAGE, DATEMODE, EOF, LABELSST = 0x42, 0x22, 0x0A, 0xFD
BOUNDSHEET, SHRFMLA, ARRAY, RSTRING, RK, MULRK = 0x85, 0x04BC, 0x0221, 0xD6, 0x027E, 0xBD
STATES = {"visible": 0, "hidden": 1, "very_hidden": 2}
MOST_FORMATS = 40  # a BIFF2 cell has six bits for its number


def profile(version, encoding):
    if version == 8:
        return values.with_builtin_formats(values.Profile(last_row=65535, last_column=255))
    codes = [code for code in values.Profile().codes if code.isascii()]
    letters = LETTERS[encoding]
    odd = [text for text in values.ODD_TEXTS + values.ESCAPES + values.CARRIAGE_RETURNS if text.isascii()]
    return values.Profile(
        alphabets=["abc ABC 123,;-", letters, letters + "xyz "], odd_texts=odd, longest=120, codes=codes,
        rich=version == 5, last_row=16383, last_column=255,
        sheet_names=["Sheet1", "a'b", "x & y", "1", letters[:4], letters[-4:]],
    )  # fmt: skip


def write(book, path):
    writer = Writer(book)
    stream = writer.workbook() if writer.version >= 5 else writer.sheet(book.sheets[0])
    if book.options.get("bare"):
        path.write_bytes(stream)
        return
    document = XlsDoc()
    document.save(str(path), stream)
    if writer.version == 5:
        rename_stream(path)


def rename_stream(path):
    """The library calls the stream by its name in Excel 97."""
    old, new = ("Workbook\0".encode("utf-16-le"), "Book\0".encode("utf-16-le").ljust(18, b"\0"))
    data = path.read_bytes()
    at = data.rindex(old)
    path.write_bytes(data[:at] + new + data[at + len(old) : at + 64] + struct.pack("<H", 10) + data[at + 66 :])


class Writer:
    def __init__(self, book):
        self.book = book
        self.version = book.options["version"]
        self.encoding = book.options.get("encoding", "utf-16-le")
        self.random = random.Random(book.name)  # of the ways to write the same thing
        self.formats = {"General": 0}
        self.strings = Strings(self.random)

    # ---- streams ----

    def workbook(self):
        sheets = [self.substream(0x20, b"") if sheet.chart else self.sheet(sheet) for sheet in self.book.sheets]
        head = self.bof(0x05) + self.globals()
        tail = (self.strings.records() if self.version == 8 else b"") + record(EOF, b"")
        names = [self.name(sheet.name) for sheet in self.book.sheets]
        offset = len(head) + sum(len(name) + 10 for name in names) + len(tail)
        for sheet, name, data in zip(self.book.sheets, names, sheets):
            head += record(BOUNDSHEET, struct.pack("<LBB", offset, STATES[sheet.state], 2 * sheet.chart) + name)
            offset += len(data)
        return head + tail + b"".join(sheets)

    def sheet(self, sheet):
        """A worksheet, which below BIFF5 is the whole file."""
        rows = [self.row(row, cells) for row, cells in by_row(sheet.cells)]
        if self.book.options.get("shuffled"):
            self.random.shuffle(rows)
        return self.substream(0x10, (b"" if self.version >= 5 else self.globals()) + b"".join(rows))

    def substream(self, kind, body):
        return self.bof(kind) + body + record(EOF, b"")

    def bof(self, kind):
        numbers = {2: 0x0002, 3: 0x0300, 4: 0x0400, 5: 0x0500, 8: 0x0600}
        lengths = {2: 4, 3: 6, 4: 6, 5: 8, 8: 16}
        body = struct.pack("<4H", numbers[self.version], kind, 0x0DBB, 0x07CC)[: lengths[self.version]]
        return record(BOF[self.version], body.ljust(lengths[self.version], b"\0"))

    def globals(self):
        """What comes before cells or sheets. All formats must have been asked for."""
        code_page = 1200 if self.version == 8 else CODE_PAGES[self.encoding]
        parts = [
            record(CODEPAGE, struct.pack("<H", code_page)),
            record(DATEMODE, struct.pack("<H", self.book.date1904)),
        ]
        for sheet in self.book.sheets:
            for cell in sheet.cells.values():
                self.format(cell.code)
        parts += [self.font() for _ in range(4)]
        codes = [code for code in self.formats if number_formats.builtin_number(code) is None]
        parts += [self.format_record(code) for code in codes]
        parts.append(self.extended_format("General", style=True))
        parts += [self.extended_format(code) for code in self.formats]
        return b"".join(parts)

    # ---- formats ----

    def format(self, code):
        """The number of the cell format: one behind the style's."""
        number = self.formats.setdefault(code, len(self.formats)) + 1
        assert self.version >= 5 or number <= MOST_FORMATS
        return number

    def format_id(self, code):
        builtin = number_formats.builtin_number(code)
        if builtin is not None:
            return builtin
        index = self.formats[code]
        return index + 164 if self.version >= 5 and index else index

    def font(self):
        name = self.short_text("Arial")
        if self.version == 2:
            return record(0x31, struct.pack("<2H", 200, 0) + name)
        if self.version < 5:
            return record(0x0231, struct.pack("<3H", 200, 0, 0x7FFF) + name)
        return record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + self.name("Arial"))

    def format_record(self, code):
        if self.version == 8:
            text = code.encode("utf-16-le")
            return record(0x041E, struct.pack("<2HB", self.format_id(code), len(text) // 2, 1) + text)
        prefix = struct.pack("<H", self.format_id(code)) if self.version >= 4 else b""
        return record(0x041E if self.version >= 4 else 0x001E, prefix + self.short_text(code))

    def extended_format(self, code, style=False):
        number = self.format_id(code)
        flags = 0xFFF5 if style else 0x0001
        if self.version == 2:
            return record(0x43, struct.pack("<4B", 0, 0, number, 0))
        if self.version == 3:
            return record(0x0243, struct.pack("<2B2H", 0, number, flags & 0xF, 0xFFF0 if style else 0).ljust(12, b"\0"))
        if self.version == 4:
            return record(0x0443, struct.pack("<2BH", 0, number, flags).ljust(12, b"\0"))
        return record(0xE0, struct.pack("<3H", 0, number, flags).ljust(16 if self.version == 5 else 20, b"\0"))

    # ---- texts ----

    def short_text(self, text):
        data = self.encoded(text)
        return struct.pack("<B", len(data)) + data

    def encoded(self, text):
        return text.encode(self.encoding)

    def name(self, text):
        """With a length of one byte."""
        return unicode_string(text, "<B") if self.version == 8 else self.short_text(text)

    def text(self, text):
        """With the length that cells have."""
        if self.version == 8:
            return unicode_string(text, "<H")
        data = self.encoded(text)
        return struct.pack("<B" if self.version == 2 else "<H", len(data)) + data

    # ---- cells ----

    def row(self, row, cells):
        parts = []
        columns = sorted(cells)
        while columns:
            run = self.multiple(columns, cells)
            if self.version >= 5 and len(run) > 1 and self.random.random() < 0.7:
                parts.append(self.multiple_rk(row, run, cells))
                columns = columns[len(run) :]
            else:
                parts.append(self.cell(row, columns[0], cells[columns[0]]))
                columns = columns[1:]
        return b"".join(parts)

    def multiple(self, columns, cells):
        """The columns at the front that one record can hold."""
        fits = (c == columns[0] + i and self.rk_of(cells[c]) is not None for i, c in enumerate(columns))
        return [c for c, fit in itertools.takewhile(lambda pair: pair[1], zip(columns, fits))]

    def place(self, row, column, cell):
        number = self.format(cell.code)
        if self.version == 2:
            return struct.pack("<2H3B", row, column, number, number - 1, 0)
        return struct.pack("<3H", row, column, number)

    def kind(self, number):
        """Of a cell's record: BIFF2 has its own."""
        return number & 0xFF if self.version == 2 else number

    def cell(self, row, column, cell):
        place = self.place(row, column, cell)
        if cell.formula:
            return self.formula(place, row, column, cell)
        if cell.kind == "blank":
            return record(self.kind(0x0201), place)
        if cell.kind == "boolean":
            return record(self.kind(0x0205), place + struct.pack("<2B", cell.value, 0))
        if cell.kind == "error":
            return record(self.kind(0x0205), place + struct.pack("<2B", ERROR_CODES[cell.value], 1))
        if cell.kind == "number":
            return self.number(place, cell)
        return self.label(place, cell)

    def number(self, place, cell):
        value = cell.value
        if self.version == 2 and value.is_integer() and 0 <= value <= 0xFFFF and self.random.random() < 0.7:
            return record(0x02, place + struct.pack("<H", int(value)))
        rk = self.rk_of(cell)
        if self.version >= 3 and rk is not None and self.random.random() < 0.7:
            return record(RK, place + struct.pack("<L", rk))
        return record(self.kind(0x0203), place + struct.pack("<d", value))

    def multiple_rk(self, row, columns, cells):
        pairs = [struct.pack("<HL", self.format(cells[c].code), self.rk_of(cells[c])) for c in columns]
        return record(MULRK, struct.pack("<2H", row, columns[0]) + b"".join(pairs) + struct.pack("<H", columns[-1]))

    def rk_of(self, cell):
        """One of the ways in which 30 bits hold the number, or None."""
        if cell.kind != "number" or cell.formula or str(cell.value) == "-0.0":
            return None
        return rk_value(cell.value)

    def label(self, place, cell):
        if self.version == 8 and self.random.random() < 0.8:
            return record(LABELSST, place + struct.pack("<L", self.strings.index(cell.value)))
        if self.version == 8 and len(cell.value) > 2000:
            return self.split_label(place, cell.value)
        if self.version == 5 and cell.rich:
            runs = struct.pack("<5B", 2, 0, 1, 1, 2)
            return record(RSTRING, place + self.text(cell.value) + runs)
        if self.version == 8 and cell.rich:
            return record(RSTRING, place + self.text(cell.value) + struct.pack("<5H", 2, 0, 1, 1, 2))
        return record(self.kind(0x0204), place + self.text(cell.value))

    def split_label(self, place, text):
        """Goes on in CONTINUE records, each of which says anew how wide its characters are."""
        return split_records(0x0204, place, text)

    def formula(self, place, row, column, cell):
        result, text = formula_result(cell)
        if self.version == 2:
            body = place + result + struct.pack("<2B3B", 0, 3, 0x1E, 1, 0)
        elif self.version < 5:
            body = place + result + struct.pack("<2H3B", 0, 3, 0x1E, 1, 0)
        else:
            body = place + result + struct.pack("<HLH3B", 0, 0, 3, 0x1E, 1, 0)
        # An empty text has a STRING record of its own below BIFF8.
        if cell.kind == "text" and cell.value == "" and self.version < 8:
            body = body.replace(result, struct.pack("<B5xH", 0, 0xFFFF))
            text = ""
        records = record(FORMULA[self.version], body)
        if self.version >= 5 and self.random.random() < 0.2:
            area = struct.pack("<2H2B", row, row, column, column)
            array = self.random.random() < 0.5
            flags = struct.pack("<HL", 0, 0) if array else struct.pack("<H", 0)
            records += record(ARRAY if array else SHRFMLA, area + flags + struct.pack("<H3B", 3, 0x1E, 1, 0))
        if text is not None:
            records += split_records(0x0207, b"", text) if self.version == 8 else record(
                self.kind(0x0207), self.text(text)
            )  # fmt: skip
        return records


def by_row(cells):
    rows = {}
    for (row, column), cell in sorted(cells.items()):
        rows.setdefault(row, {})[column] = cell
    return rows.items()


def rk_value(number):
    """[MS-XLS] section 2.5.217: an integer or the upper 30 bits of a double, as it is or times 100; None if neither."""
    for hundred, value in ((0, number), (1, number * 100)):
        if abs(value) < 2**29 and value.is_integer() and (not hundred or value / 100 == number):
            return (int(value) << 2 & 0xFFFFFFFF) | 2 | hundred
        if value - value == 0:
            bits = struct.unpack("<Q", struct.pack("<d", value))[0]
            if bits & 0x3FFFFFFFF == 0 and (not hundred or value / 100 == number):
                return bits >> 32 | hundred
    return None
