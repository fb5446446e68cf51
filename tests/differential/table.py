"""What a reader hands back: typed values, and how they stand in our text form."""

import dataclasses
import datetime
import fractions

import number_formats
import text_form


@dataclasses.dataclass(frozen=True)
class Value:
    """`kind`: text, number, boolean, error, or moment: a serial number of the 1900 system in a cell that the peer takes
    for a date or time. `code`: the cell's number format, None where the peer does not tell. `raw`: as the peer has it.
    `number`: of a moment, what the file holds, where the peer tells."""

    kind: str
    value: object
    code: str | None = None
    raw: object = None
    number: float | None = None

    def text(self, ours):
        """In our form. Where the peer does not tell the format, ours says whether a day is shown with its midnight."""
        if self.kind == "number":
            return text_form.number_text(self.value)
        if self.kind == "moment":
            return text_form.moment_text(self.value, self.shown_as(ours), self.number)
        return text_form.plain_text(self.kind, self.value)

    def shown_as(self, ours):
        """Of a moment in a cell without a date's format, such as ISO 8601 texts have, nobody tells."""
        kind = number_formats.kind_of(self.code) if self.code else "number"
        if kind != "number":
            return kind
        if isinstance(self.raw, datetime.timedelta):
            return "duration"
        kind = text_form.kind_of_text(ours)
        return "date_time" if kind == "number" else kind


@dataclasses.dataclass
class Table:
    name: str
    state: str
    chart: bool
    cells: dict  # (row, column) -> Value; None where it was not asked for


def keep(value):
    """Whether there is anything to compare: an empty text is no cell."""
    return value is not None and value.value != ""


def serial_of(value):
    """Days of the 1900 system, exact."""
    if isinstance(value, datetime.timedelta):
        return fractions.Fraction(value // datetime.timedelta(microseconds=1), 86400 * 10**6)
    if isinstance(value, datetime.time):
        return serial_of(datetime.datetime.combine(datetime.date.min, value) - datetime.datetime.min)
    if isinstance(value, datetime.datetime):
        return text_form.serial_of_date(value.date()) + serial_of(value.time())
    return fractions.Fraction(text_form.serial_of_date(value))
