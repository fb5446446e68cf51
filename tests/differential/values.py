"""Random values, the odd ones more often than in life."""

import copy
import re
import struct

import model
import number_formats
from model import Cell

ERRORS = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]
LONGEST_TEXT = 32767  # UTF-16 code units

ODD_NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 2.0**53 - 1, 2.0**53,
    2.0**53 + 2, -(2.0**53) - 2, 2.0**63, 0.1 + 0.2, 0.1, 1 / 3, 2 / 3, 100 / 3, 1e15, 1e16, 1e21, 1e22, 1.5e300, 1e-5,
    0.0001, 0.00012, 123456789012345.0, 1234567890123456.0, 12345678901234567.0, 0.123456789012345, 910036.0,
    99999999999999.9, 2.0**29 - 1, 2.0**29, -(2.0**29), -(2.0**29) - 1, 1.01, -0.01, 5368709.11, 1e10, 3.14159, 1e-300,
]  # fmt: skip
# Serial numbers of days: around the 29 February 1900 that never was, the 1904 system, the ends of the calendar.
ODD_DAYS = [
    -1.0, -0.25, 0.0, 0.5, 0.9999999, 1.0, 1.25, 58.0, 59.0, 59.75, 60.0, 60.5, 61.0, 61.25, 62.0, 365.0, 366.0, 367.0,
    1461.0, 1462.0, 1463.5, 36525.0, 36526.999, 43830.9999999, 43831.0, 43890.0, 43891.5, 2958464.0, 2958465.0,
    2958465.75, 2958465.9999999, 2958466.0, 3000000.0,
]  # fmt: skip
ODD_TEXTS = [
    " leading", "trailing ", "  both  ", " ", "   ", "\t", "tab\there", "line\nfeed", "two\n\nfeeds\n", "\nfirst",
    'say "hi"', '"', '""', '"quoted"', "comma, comma", ",", ";", "'", "'text", "=1+1", "+1", "-1", "@x", "TRUE",
    "FALSE", "123", "007", "1e5", "1,234.50", "910,036", "2020-01-01", "12:30", "#REF!", "#N/A", "NULL", "nan", "inf",
    "<b>&amp;", "]]>", "<![CDATA[x]]>", "</t></si>", "&#10;", "%s%n", "\\n", "null\\0", "\u00a0nbsp\u00a0",
    "\u2028line\u2029", "\ufeffbom", "e\u0301", "\u200fעברית", "العربية", "日本語テキスト", "한국어", "ｶﾞ", "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a\U00010000b", "\U0010fffd", "\ud7ff\ue000", "\u20ac", "\x7f",
    "\x80\x85\x9f", "ÿ", "Ā", "İı", "ß", "ﬁ",
]  # fmt: skip
ESCAPES = [
    "_x000D_", "_x000d_", "_x0041_", "a_x000A_b", "_x005F_x000D_", "_X0041_", "_x41_", "_x004g_", "_x0041", "__x0041__",
    "_x0041_x0042_", "_xD83D__xDE00_", "_", "__", "_x", "_x_", "_x0020_",
]  # fmt: skip
CARRIAGE_RETURNS = ["carriage\rreturn", "windows\r\nline", "\r", "ends\r\n"]
CONTROLS = [chr(code) for code in (*range(1, 9), 11, 12, *range(14, 32))]
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ 0123456789 .,;:-/()",
    "äöüßéèñçøåÄÖÜ àâêîôû ÿ¿¡«»",
    "жзийклмнопрстуфхцчшщъыьэюя ",
    "αβγδεζηθικλμνξοπρστυφχψω ",
    "的一是不了人我在有他这为之大来以个中上们",
    "あいうえおカキクケコサシスセソ、。",
    "가나다라마바사아자차카타파하 ",
    "\U0001f600\U0001f601\U0001f4a9\U00020000\U0002a6d6x",
]
SHEET_NAMES = [
    "Sheet1", "Tabelle 1", "данные", "数据", "a'b", "x & y <z>", "emoji \U0001f600", "_x0041_", "Ünïcödé", "1",
]  # fmt: skip
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def utf16_length(text):
    return len(text) + sum(char > "\uffff" for char in text)


def unescape(text):
    """`_x000D_` is a carriage return in most texts of .xlsx files (ECMA-376 part 1, section 22.9.2.19)."""
    units = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Profile:
    """What a writer can write as it stands."""

    def __init__(self, **options):
        self.alphabets = ALPHABETS
        self.odd_texts = ODD_TEXTS + ESCAPES + CARRIAGE_RETURNS
        self.controls = CONTROLS
        self.longest = LONGEST_TEXT
        self.codes = list(number_formats.KIND_OF)
        self.sheet_names = SHEET_NAMES
        self.numbers = ODD_NUMBERS
        self.formulas = True
        self.rich = True
        self.last_row, self.last_column = 1048575, 16383
        self.stored = model.unchanged
        for name, value in options.items():
            assert hasattr(self, name), name
            setattr(self, name, value)


def with_builtin_formats(profile):
    """For writers that can name a format by number."""
    changed = copy.copy(profile)
    changed.codes = profile.codes + list(number_formats.BUILTIN_KIND_OF)
    return changed


def without_astral(profile):
    """Without characters beyond the BMP."""
    changed = copy.copy(profile)
    changed.alphabets = [each for each in profile.alphabets if max(each) <= "\uffff"]
    changed.odd_texts = [each for each in profile.odd_texts if max(each) <= "\uffff"]
    return changed


def cut(text):
    """Into pieces for runs of several fonts; none is empty."""
    third = max(1, len(text) // 3)
    return [piece for piece in (text[:third], text[third : 2 * third], text[2 * third :]) if piece]


class Values:
    """A stream of random cells."""

    def __init__(self, random, profile, date1904=False):
        self.random, self.profile, self.date1904 = random, profile, date1904
        self.codes = random.sample(profile.codes, min(len(profile.codes), 24))

    def cell(self):
        kinds = {self.text_cell: 8, self.number_cell: 8, self.day_cell: 5, self.truth_cell: 1, self.error_cell: 1,
                 self.blank_cell: 1}  # fmt: skip
        if self.profile.formulas:
            kinds[self.formula_cell] = 3
        if self.profile.rich:
            kinds[self.rich_cell] = 1
        return self.random.choices(list(kinds), kinds.values())[0]()

    # ---- cells ----

    def text_cell(self):
        return Cell("text", self.text(), self.maybe_code())

    def long_cell(self):
        return Cell("text", self.long_text())

    def rich_cell(self):
        text = "".join(self.random.choice(self.profile.alphabets)[:7] for _ in range(3))
        return Cell("text", text, rich=True)

    def number_cell(self):
        return Cell("number", self.number(), self.maybe_code(numeric=True))

    def day_cell(self):
        code = self.random.choice(self.codes)
        return Cell("number", self.day(number_formats.kind_of(code)), code)

    def truth_cell(self):
        return Cell("boolean", self.random.random() < 0.5)

    def error_cell(self):
        return Cell("error", self.random.choice(ERRORS))

    def blank_cell(self):
        return Cell("blank", None, self.random.choice(self.codes))

    def formula_cell(self):
        """A cached result of any type; the formula itself does not matter."""
        make = self.random.choice([self.formula_text_cell, self.number_cell, self.day_cell, self.truth_cell,
                                   self.error_cell])  # fmt: skip
        cell = make()
        return Cell(cell.kind, cell.value, cell.code, formula=True)

    def formula_text_cell(self):
        draw = self.random.random()
        if draw < 0.1:
            return Cell("text", "")
        return Cell("text", self.random.choice(self.profile.odd_texts) if draw < 0.4 else self.plain_text())

    def maybe_code(self, numeric=False):
        """Numbers keep formats that show a number: a day beyond the calendar is told by day_cell alone."""
        if self.random.random() < 0.6:
            return "General"
        codes = [code for code in self.codes if not numeric or number_formats.kind_of(code) == "number"]
        return self.random.choice(codes or ["General"])

    # ---- values ----

    def text(self):
        draw = self.random.random()
        if draw < 0.35:
            return self.random.choice(self.profile.odd_texts)
        if draw < 0.4 and self.profile.controls:
            return f"a{self.random.choice(self.profile.controls)}b{self.random.choice(self.profile.controls)}"
        return self.plain_text()

    def plain_text(self):
        alphabet = self.random.choice(self.profile.alphabets)
        return "".join(self.random.choices(alphabet, k=self.random.choice([1, 3, 8, 20, 60]))).strip() or "x"

    def long_text(self):
        """As long as may be, or nearly."""
        length = self.profile.longest - self.random.choice([0, 0, 1, 100])
        alphabet = self.random.choice(self.profile.alphabets)
        text = "".join(self.random.choices(alphabet, k=length))
        while utf16_length(text) > length:
            text = text[: -max(1, (utf16_length(text) - length) // 2)]
        return "x" + text[1:-1] + "x"

    def number(self):
        random = self.random
        makers = [
            lambda: random.choice(self.profile.numbers),
            lambda: float(random.randint(-1000, 100000)),
            lambda: random.randint(-(2**31), 2**31) / 100,
            lambda: random.randint(-(10**7), 10**7) / 100,
            lambda: round(random.uniform(-1000, 1000), random.randint(0, 12)),
            lambda: random.uniform(-1, 1) * 10.0 ** random.randint(-20, 20),
            lambda: float(random.randint(2**52, 2**54)),
            lambda: self.bits(),
            lambda: struct.unpack("<d", struct.pack("<Q", random.getrandbits(30) << 34 & 0x7FEFFFFF00000000))[0],
        ]
        return random.choice(makers)()

    def bits(self):
        """Any finite double."""
        while True:
            number = struct.unpack("<d", struct.pack("<Q", self.random.getrandbits(64)))[0]
            if number - number == 0:
                return number

    def day(self, kind):
        """A serial number in the file's own date system. Never halfway between two seconds, where the last bit of a
        double would decide how it is rounded."""
        random = self.random
        draw = random.random()
        if kind == "number" or draw < 0.3:
            return random.choice(ODD_DAYS)
        seconds = random.randint(0, 86399) + random.choice([0, 0, 0.001, 0.25, 0.4, 0.6, 0.75, 0.999])
        if kind in ("time", "duration"):
            return seconds / 86400 + random.choice([0, 0, 0, 1, 30])
        day = random.choice([random.randint(1, 100), random.randint(1000, 60000), random.randint(60000, 2958465)])
        return day + seconds / 86400 if kind == "date_time" or draw < 0.5 else float(day)
