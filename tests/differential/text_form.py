"""How values stand in the CSV of `convert --raw`."""

import datetime
import decimal
import fractions
import math
import re

EPOCH = datetime.date(1899, 12, 30)
DAY_SECONDS = 86400
DAYS_TO_1904 = 1462
FIRST_AFTER_YEAR_9999 = 2958466
# Days that ISO 8601 tells without doubt: after the 29 February 1900, before the seconds that round to the year 10000.
ISO_DAYS = range(61, FIRST_AFTER_YEAR_9999 - 1)

DATE = re.compile(r"\d{4}-\d\d-\d\d")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
TIME = re.compile(r"-?\d{2,}:\d\d:\d\d")


def kind_of_text(text):
    """Which kind of moment a text shows, number if none."""
    for kind, pattern in (("date", DATE), ("date_time", DATE_TIME), ("time", TIME)):
        if pattern.fullmatch(text or ""):
            return kind
    return "number"


def number_text(number):
    """The shortest text that reads back the same; integers without exponent up to 2^53."""
    number = float(number)
    if not math.isfinite(number):
        return "#NUM!"
    if number.is_integer() and abs(number) <= 2**53:
        return str(int(number))
    sign, digits, exponent = decimal.Decimal(repr(number)).normalize().as_tuple()
    digits = "".join(map(str, digits))
    power = exponent + len(digits) - 1
    scientific = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "") + f"e{power:+03d}"
    fixed = format(decimal.Decimal(repr(number)), "f")
    if number.is_integer():
        fixed = str(int(number))
    return "-" * sign + min(fixed.removeprefix("-"), scientific, key=len)


def clock_text(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def rounded_seconds(serial):
    """Halves away from zero."""
    seconds = abs(fractions.Fraction(serial)) * DAY_SECONDS
    return math.floor(seconds + fractions.Fraction(1, 2)) * (-1 if serial < 0 else 1)


def day_text(day):
    """Day 60 is shown as Excel shows it, though it never was; day 0 as the one before 1900 began."""
    if day == 60:
        return "1900-02-29"
    return (EPOCH + datetime.timedelta(days=day if day > 60 else day + 1)).isoformat()


def serial_of_date(date):
    days = (date - EPOCH).days
    return days if days > 60 else days - 1


def shifted(serial, kind, date1904):
    """In days of the 1900 system. A time of day alone, a duration and what is below 0 belong to no calendar."""
    dated = (kind in ("date", "date_time") and serial >= 0) or (kind == "time" and serial >= 1)
    return serial + (DAYS_TO_1904 if date1904 and dated else 0)


def moment_text(serial, kind, number=None):
    """`serial`: days of the 1900 system, a float or Fraction; `kind`: date, date_time, time or duration; `number`: what
    the file holds, which is shown where that is no date."""
    number = serial if number is None else number
    seconds = rounded_seconds(serial)
    if abs(serial) >= FIRST_AFTER_YEAR_9999:
        return number_text(number)
    if kind == "duration":
        return "-" * (seconds < 0) + clock_text(abs(seconds))
    if serial < 0 or seconds >= FIRST_AFTER_YEAR_9999 * DAY_SECONDS:
        return number_text(number)
    day, clock = divmod(seconds, DAY_SECONDS)
    if kind == "time" and serial < 1:
        return clock_text(clock)
    if kind == "date" and clock == 0:
        return day_text(day)
    return f"{day_text(day)} {clock_text(clock)}"


def plain_text(kind, value):
    """Of all that is neither number nor moment."""
    if kind == "boolean":
        return "TRUE" if value else "FALSE"
    return value
