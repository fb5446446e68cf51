"""Compares what prismctl made of a workbook with what a peer reads."""

import collections
import dataclasses
import importlib

import catalogue
import expected_differences
import ours
import table

MOST_SHOWN = 8
MOST_WIDTH = 160
# The package that each needs, and the module here that uses it.
PEERS = {
    "written": (None, "written"),
    "xlrd": ("xlrd", "with_xlrd"),
    "openpyxl": ("openpyxl", "with_openpyxl"),
    "calamine": ("python_calamine", "with_calamine"),
}


def is_installed(peer):
    package = PEERS[peer][0]
    return package is None or catalogue.is_installed(package)


@dataclasses.dataclass(frozen=True)
class Difference:
    """Of one cell, or of a sheet's description, where `row` is None. `sheet`: its index; `theirs`: a Value or None;
    `text`: that in our form; `ours`: a text or None."""

    peer: str
    file: catalogue.File
    sheet: int
    row: int | None
    column: int | None
    ours: str | None
    theirs: table.Value | None
    text: str | None

    @property
    def written(self):
        """The model.Cell that was written, or None; for LibreOffice the one that it was given."""
        cell = self.file.book.sheets[self.sheet].cells.get((self.row, self.column))
        return cell and self.file.book.stored(cell, self.file.book.options)

    def __str__(self):
        place = f"row {self.row + 1}, column {self.column + 1}" if self.row is not None else "its description"
        parts = [f"sheet {self.sheet + 1}, {place}: ours {ascii(self.ours)}", f"{self.peer} {ascii(self.text)}"]
        parts += [ascii(each) for each in (self.theirs, self.written) if each]
        return "; ".join(map(shortened, parts))


def shortened(text):
    if len(text) <= MOST_WIDTH:
        return text
    return f"{text[: MOST_WIDTH // 2]} … {text[-MOST_WIDTH // 2 :]} ({len(text)})"


@dataclasses.dataclass
class Outcome:
    """Of a file and a peer."""

    file: str
    peer: str
    cells: int = 0
    problems: list = dataclasses.field(default_factory=list)  # the first few
    problem_count: int = 0
    expected: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def add(self, difference):
        name = expected_differences.name_of(difference)
        if name:
            self.expected[name] += 1
        else:
            self.problem(difference)

    def problem(self, what):
        self.problem_count += 1
        if len(self.problems) < MOST_SHOWN:
            self.problems.append(str(what))


def compare(file, peer):
    """All that was converted of a file."""
    outcome = Outcome(file.path.name, peer)
    if file.failure:
        outcome.problem(f"prismctl: {file.failure}")
        return outcome
    numbers = sheet_numbers(file, peer)
    reader = importlib.import_module(f"readers.{PEERS[peer][1]}")
    try:
        tables = reader.read(file.path, file.book, lambda n: n < len(numbers) and numbers[n] in file.outputs)
        compare_sheets(outcome, file, tables, numbers)
        for number, found in enumerate(tables):
            if found.cells is not None:
                compare_cells(outcome, file, numbers[number], found)
    except Exception as error:  # whatever a peer may throw
        outcome.problem(f"{type(error).__name__}: {error}")
    return outcome


def sheet_numbers(file, peer):
    """The indexes of the sheets that the peer finds: xlrd leaves out charts."""
    sheets = enumerate(file.book.sheets)
    return [i for i, sheet in sheets if not (sheet.chart and peer == "xlrd")]


def compare_sheets(outcome, file, tables, numbers):
    """Names and visibility of the sheets as `--list-sheets` tells them."""
    if len(file.sheets) != len(file.book.sheets) or len(tables) != len(numbers):
        count = f"{len(file.sheets)} sheets of {len(file.book.sheets)}, {outcome.peer} {len(tables)} of {len(numbers)}"
        raise ValueError(f"found {count}")
    for number, found in zip(numbers, tables):
        mine = file.sheets[number]
        for own, theirs in ((mine["name"], found.name), (mine["state"], found.state), (mine["chart"], found.chart)):
            if own != theirs:
                outcome.add(Difference(outcome.peer, file, number, None, None, str(own), None, str(theirs)))


def compare_cells(outcome, file, sheet, found):
    grid = ours.read_csv(file.outputs[sheet])
    for row, column in sorted(grid.keys() | found.cells.keys()):
        mine, theirs = grid.get((row, column)), found.cells.get((row, column))
        text = theirs and theirs.text(mine)
        outcome.cells += 1
        if mine != text:
            outcome.add(Difference(outcome.peer, file, sheet, row, column, mine, theirs, text))
