"""Random workbooks with a few special traits each, the same for the same seed."""

import random

from model import Book, Sheet
from values import Values


def make(name, profile, seed, traits=(), options=None):
    """A book. Traits: long, date1904, hidden_first, very_hidden_first, chart_first, many_sheets, tall, wide, big,
    corner, all_formats, single."""
    source = random.Random(f"{seed}:{name}")
    date1904 = "date1904" in traits
    names = iter(source.sample(profile.sheet_names, len(profile.sheet_names)))
    shown = random_sheet(next(names), source, profile, traits, date1904)
    sheets = [shown]
    for state in ("hidden", "very_hidden"):
        if f"{state}_first" in traits:
            sheets.insert(0, random_sheet(next(names), source, profile, (), date1904, state))
    if "chart_first" in traits:
        sheets.insert(0, Sheet("Chart", chart=True))
    if "many_sheets" in traits:
        sheets += [small_sheet(f"S{i}", source, profile, date1904) for i in range(40)]
    elif "single" not in traits:
        sheets += [small_sheet(next(names), source, profile, date1904) for _ in range(source.choice([0, 0, 1, 2]))]
    return Book(name, sheets, date1904, dict(options or {}), profile.stored)


def small_sheet(name, source, profile, date1904):
    values = Values(source, profile, date1904)
    cells = {(source.randrange(6), source.randrange(4)): values.cell() for _ in range(source.randrange(8))}
    state = source.choice(["visible", "visible", "hidden"])
    return Sheet(name, cells, state)


def random_sheet(name, source, profile, traits, date1904, state="visible"):
    values = Values(source, profile, date1904)
    cells = {}
    for row, column in places(source, profile, traits):
        cells[row, column] = values.cell()
    for place in source.sample(sorted(cells), min(len(cells), 3)) if "long" in traits else ():
        cells[place] = values.long_cell()
    if "all_formats" in traits:
        add_all_formats(cells, values, profile)
    return Sheet(name, cells, state, merged=merge(source, cells, profile))


def add_all_formats(cells, values, profile):
    """Below the rest: each format with a few days, so that none is left to chance."""
    row = max((row for row, _ in cells), default=0) + 3
    for code in profile.codes:
        values.codes = [code]
        for column in range(6):
            cells[row, column] = values.day_cell()
        row += 1


def places(source, profile, traits):
    """Rows and columns that hold cells, with empty ones in between and before."""
    if "big" in traits:
        rows, columns = range(2500), range(12)
    else:
        rows = source.sample(range(60), source.randint(5, 35))
        columns = source.sample(range(20), source.randint(3, 12))
    density = source.choice([0.3, 0.6, 0.95])
    found = {(row, column) for row in rows for column in columns if source.random() < density}
    last_row, last_column = profile.last_row, profile.last_column
    if "tall" in traits or "corner" in traits:
        found |= {(source.randint(0, last_row), source.randrange(4)) for _ in range(300)} | {(last_row, 1)}
    if "wide" in traits or "corner" in traits:
        found |= {(source.randrange(9), source.randint(0, last_column)) for _ in range(300)} | {(2, last_column)}
    if "corner" in traits:
        found.add((last_row, last_column))
    return sorted(found)


def merge(source, cells, profile):
    """A block of which only the first cell holds something."""
    for row, column in source.sample(sorted(cells), min(len(cells), 8)):
        block = (row, column, row + source.randint(0, 1), column + 1)
        if block[2] > profile.last_row or block[3] > profile.last_column:
            continue
        covered = [(r, c) for r in range(row, block[2] + 1) for c in range(column, block[3] + 1)]
        if not any(place in cells for place in covered[1:]):
            return [block]
    return []
