"""Differences that are no fault of ours, each with the reason. A rule says what ours must be, too: it forgives the
peer, not us."""

import dataclasses
import datetime
import math
import re
import typing

import number_formats
import text_form
import values

PEERS = ("xlrd", "openpyxl", "calamine")
ONE_SHEET_WRITERS = ("own BIFF2", "own BIFF3", "own BIFF4")


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    reason: str
    peers: tuple
    predicate: typing.Callable  # (Difference) -> bool

    def applies(self, difference):
        return difference.peer in self.peers and bool(self.predicate(difference))


RULES = []


def rule(reason, *peers):
    """Makes a rule of a function that is asked about differences with those peers alone."""

    def add(function):
        RULES.append(Rule(function.__name__.replace("_", " "), reason, peers, function))
        return function

    return add


def name_of(difference):
    """The rule that a difference falls under, or None."""
    return next((rule.name for rule in RULES if rule.applies(difference)), None)


# ---- what rules ask ----


def both_text(it):
    return it.ours is not None and theirs_is(it, "text")


def theirs_is(it, *kinds):
    return it.theirs is not None and it.theirs.kind in kinds


def own_number(it):
    """Ours as a number; None if it is none."""
    try:
        return float(it.ours)
    except (TypeError, ValueError):
        return None


def own_is_written(it):
    """Whether ours is the number that was written; LibreOffice leaves 15 digits of it."""
    if not it.written or it.written.kind != "number":
        return False
    number = own_number(it)
    if number is None:
        return it.ours == text_form.number_text(it.written.value)
    return math.isclose(number, it.written.value, rel_tol=1e-14)


def shown_as(it, kind):
    """Our form of the number that the peer gives."""
    return text_form.moment_text(text_form.shifted(it.theirs.value, kind, it.file.book.date1904), kind)


# ---- errors and names of sheets ----


@rule("python-calamine hands out errors as empty texts", "calamine")
def error_as_empty_text(it):
    return it.theirs is None and it.ours in values.ERRORS


@rule("a file that is one sheet has no name for it: each makes one up", "written", "xlrd")
def sheet_without_a_name(it):
    return it.row is None and it.file.writer in ONE_SHEET_WRITERS and it.ours == "Sheet1"


@rule("they leave escapes such as `_x0041_` in names of sheets, writers as well as readers", "written", *PEERS)
def escape_in_the_name_of_a_sheet(it):
    return it.row is None and it.file.format == "xlsx" and it.ours == values.unescape(it.text)


# ---- texts ----


@rule("it takes U+FEFF off the front of a text, where it is a character like any other", "calamine")
def byte_order_mark_dropped(it):
    return both_text(it) and it.ours == "\ufeff" + it.text


@rule("it leaves escapes such as `_x000D_` in texts, which stand for characters that XML can't hold", "openpyxl")
def escape_left_as_it_is(it):
    return both_text(it) and it.file.format == "xlsx" and it.ours == values.unescape(it.text)


@rule("of the escape of an escape it removes `x005F_` wherever it stands", "openpyxl")
def escape_of_an_escape(it):
    if not both_text(it) or not values.ESCAPE.search(it.text):
        return False
    places = [found.end() for found in re.finditer("_", it.text)]
    escaped = [it.text[:place] + "x005F_" + it.text[place:] for place in places]
    return it.text == it.ours.replace("x005F_", "") or it.ours in map(values.unescape, escaped)


@rule("it leaves escapes of surrogates, two of which are a character beyond the BMP", "calamine")
def escape_of_a_surrogate(it):
    return both_text(it) and re.search("_xD[89AB]", it.text, re.I) and it.ours == values.unescape(it.text)


@rule("it keeps white space without `xml:space`, which Excel takes off", "openpyxl")
def white_space_that_is_not_preserved(it):
    return it.ours is None and theirs_is(it, "text") and not it.text.strip(" \t\r\n")


@rule("it takes a character for two broken ones where a CONTINUE record begins in the midst of it", "calamine")
def character_in_two_records(it):
    if not both_text(it) or it.file.format != "xls" or "\ufffd\ufffd" not in it.text:
        return False
    return re.fullmatch(re.escape(it.text).replace("\ufffd\ufffd", "[\U00010000-\U0010ffff]"), it.ours)


@rule("they end the text of a LABEL record where its first CONTINUE record begins", "xlrd", "calamine")
def text_cut_at_the_first_record(it):
    cut = both_text(it) and it.file.writer == "own BIFF8" and values.utf16_length(it.text) >= 3997
    return cut and it.ours.startswith(it.text.rstrip("\ufffd"))


@rule(
    "code page 1200 of BIFF5 leaves open whether a text is UTF-16; ours takes one without zeros for bytes",
    "written",
    "xlrd",
)
def bytes_under_the_code_page_of_utf16(it):
    if not both_text(it) or it.file.writer != "own BIFF5" or it.file.book.options["encoding"] != "utf-16-le":
        return False
    units = it.text.encode("utf-16-le")
    return 0 not in units and it.ours == units.decode("cp1252", "replace")


# ---- what is a date ----


@rule("it looks at all sections of a format, where that of positive numbers decides", "xlrd")
def date_in_another_section(it):
    number = theirs_is(it, "moment") and number_formats.kind_of(it.theirs.code) == "number"
    return number and ";" in it.theirs.code and it.ours == text_form.number_text(it.theirs.number)


@rule("it does not know the built-in formats of East Asia, which are 27-36 and 50-58", "openpyxl")
def builtin_format_of_east_asia(it):
    number = theirs_is(it, "number") and it.theirs.code == "General" and it.written
    builtin = number and (number_formats.builtin_number(it.written.code) or 0) >= 27
    return builtin and it.ours == shown_as(it, number_formats.kind_of(it.written.code))


@rule("they do not know `g` and `e`, an era and its years, as parts of a date", *PEERS)
def year_of_an_era(it):
    if not theirs_is(it, "number") or not it.written:
        return False
    return "ggge" in (it.theirs.code or it.written.code) and it.ours == shown_as(it, "date")


@rule("it does not know hours and seconds in brackets as parts of a time, where nothing else is", "xlrd")
def elapsed_time_alone(it):
    number = theirs_is(it, "number") and re.match(r"\[(h+|s+)\]", it.theirs.code)
    return number and it.ours == shown_as(it, "duration")


@rule("it takes the `d` that fills a cell (`*d`) for a day", "openpyxl")
def filling_letter(it):
    filled = theirs_is(it, "moment", "error") and "*d" in it.theirs.code
    return filled and number_formats.kind_of(it.theirs.code) == "number" and own_is_written(it)


# ---- which date ----


@rule("they give the 28 for the 29 February 1900, which Excel has (day 60)", "openpyxl", "calamine")
def day_that_never_was(it):
    moment = it.ours and theirs_is(it, "moment") and isinstance(it.theirs.raw, datetime.date)
    return moment and it.text == it.ours.replace("1900-02-29", "1900-02-28")


@rule("they give the first day of the 1904 system as a time of day", "openpyxl", "calamine")
def time_of_the_first_day_of_1904(it):
    time = theirs_is(it, "moment") and isinstance(it.theirs.raw, datetime.time) and it.file.book.date1904
    kind = text_form.kind_of_text(it.ours)
    dated = kind in ("date", "date_time")
    return time and dated and it.ours == text_form.moment_text(it.theirs.value + text_form.DAYS_TO_1904, kind)


@rule(
    "they count back from 1900 or from midnight, where Excel shows no date; ours is the number", "openpyxl", "calamine"
)
def negative_day(it):
    return theirs_is(it, "moment") and own_is_written(it) and own_number(it) < 0


@rule("it gives an error for a day beyond the calendar; ours is the number that the file holds", "openpyxl")
def day_beyond_the_calendar(it):
    if not theirs_is(it, "error") or it.theirs.raw != "#VALUE!" or not own_is_written(it):
        return False
    serial = text_form.shifted(own_number(it), "date", it.file.book.date1904)
    return not 0 <= serial < text_form.FIRST_AFTER_YEAR_9999


@rule("they cut what rounds to the year 10000 to milliseconds; ours is the number", "openpyxl", "calamine")
def last_second_of_the_calendar(it):
    last = theirs_is(it, "moment") and own_is_written(it)
    return last and 0 < text_form.FIRST_AFTER_YEAR_9999 - own_number(it) < 0.00001
