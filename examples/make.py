#!/usr/bin/env python3
"""Makes sample.xls and sample.xlsx, which say the same: a small Gellish table about pumps and vessels.

Needs xlwt and XlsxWriter (PyPI). Run it from anywhere; its output is always the same bytes.
"""

import datetime
import pathlib

import xlsxwriter
import xlwt

TITLE = ["Gellish", "Formal English", "Version:", "1.0", "", "", "", "Sample: a pumps-and-vessels plant"]
SHEET = "Pumps and vessels"

COLUMNS = {
    0: "Presentation sequence",
    69: "UID of language of left hand object name",
    54: "Language of left hand object name",
    71: "UID of language community for left hand object name",
    16: "Name of language community for left hand object name",
    2: "UID of left hand object",
    44: "Simultaneous left hand cardinalities",
    101: "Name of left hand object",
    1: "UID of fact",
    60: "UID of relation type",
    3: "Name of relation type",
    15: "UID of right hand object",
    45: "Simultaneous right hand cardinalities",
    201: "Name of right hand object",
    65: "Partial definition",
    4: "Full definition",
    66: "UID of UoM",
    7: "UoM",
    14: "Remarks",
    8: "Status",
    9: "Date of start of life",
    10: "Date of latest change",
    12: "Originator of latest change",
    13: "Reference",
    50: "UID of collection of facts",
    68: "Name of collection of facts",
    62: "Facts inherited to subtypes of related concepts",
}

# UIDs below 1000 are temporary: the plant's own things, which get permanent UIDs when seeded.
NAMES = {
    730000: "anything",
    730067: "individual object",
    730044: "physical object",
    731005: "inanimate physical object",
    790229: "aspect",
    160170: "role",
    130001: "equipment item",
    130072: "rotating machine",
    130206: "pump",
    130227: "centrifugal pump",
    130231: "positive displacement pump",
    130245: "gear pump",
    130238: "diaphragm pump",
    130103: "electric motor",
    130305: "vessel",
    130310: "pressure vessel",
    130318: "storage tank",
    130330: "heat exchanger",
    130334: "shell and tube heat exchanger",
    130340: "plate heat exchanger",
    130401: "valve",
    130405: "control valve",
    130407: "check valve",
    130410: "safety valve",
    130500: "equipment component",
    130502: "impeller",
    130505: "shaft seal",
    130508: "shaft",
    130511: "nozzle",
    640201: "standby equipment",
    640205: "duty equipment",
    640210: "overpressure protector",
    551004: "property",
    550104: "temperature",
    550112: "pressure",
    550188: "power",
    550402: "volume flow rate",
    101: "slurry pump",
    102: "glass-lined vessel",
    103: "magnetic drive pump",
    104: "jacketed vessel",
    105: "slurry feed pump",
    201: "P-101A",
    202: "P-101B",
    203: "M-101A",
    204: "V-201",
    205: "T-301",
    206: "E-401",
    207: "PSV-201",
    208: "feed section",
    301: "rated power of P-101A",
    302: "design pressure of V-201",
    303: "rated flow of P-101A",
    401: "7.5",
    402: "16",
    403: "42.5",
}

RELATIONS = {
    "is a specialization of": (1146, 1049, "facts about concepts"),
    "is a synonym of": (1981, 1049, "facts about concepts"),
    "can have as part a": (1191, 1045, "facts about conceptual relations"),
    "can have as aspect a": (2069, 1045, "facts about conceptual relations"),
    "can have a role as a": (4714, 1045, "facts about conceptual relations"),
    "is classified as a": (1225, 1048, "facts about conceptual relations between individual things and classes"),
    "is a part of": (1190, 1047, "facts about conceptual relations between individual things"),
    "has as aspect": (1727, 1047, "facts about conceptual relations between individual things"),
    "has on scale a value equal to": (5025, 1047, "facts about conceptual relations between individual things"),
}

ENGLISH, GERMAN, DUTCH = (910036, "English"), (910038, "German"), (910037, "Dutch")
KILOWATT, BAR, CUBIC_METRE_PER_HOUR = (570106, "kW"), (570038, "bar"), (570455, "m³/h")

KIND = "is a specialization of"
SYNONYM = "is a synonym of"
CAN_HAVE_PART = "can have as part a"
CAN_HAVE_ASPECT = "can have as aspect a"
CAN_PLAY = "can have a role as a"
CLASSIFIED = "is classified as a"
PART_OF = "is a part of"
HAS_ASPECT = "has as aspect"
VALUE = "has on scale a value equal to"


FORMULA_FACT = 3100013  # its full definition is a formula in the .xlsx (xlwt can't write results)


def fact(uid, left, relation, right, definition="", **more):
    """One row of the table; `uid` is None where the cell is blank, and so may `right` be."""
    return {"uid": uid, "left": left, "relation": relation, "right": right, "definition": definition, **more}


FACTS = [
    fact(3100001, 730067, KIND, 730000, "that is not a kind of thing."),
    fact(3100002, 730044, KIND, 730067, "that is a totality and has a mass.", inherited="N"),
    fact(3100003, 731005, KIND, 730044, "that does not live."),
    fact(3100004, 790229, KIND, 730000, "that is a facet of something and cannot exist without it."),
    fact(3100005, 160170, KIND, 790229, "that is the being involved of something in a relation."),
    None,  # a wholly blank row
    fact(3100010, 130001, KIND, 731005, "that is meant to fulfil a function in a plant."),
    fact(3100011, 130072, KIND, 130001, "that transfers power by a rotating part."),
    fact(3100012, 130206, KIND, 130001, "that is meant to add energy to a liquid.", updated="21-Mar-01"),
    fact(3100013, 130227, KIND, 130206, "that adds energy by an impeller.", updated="03/21/2001"),
    fact(3100014, 130227, KIND, 130072, updated="2001-03-21", remarks="second supertype"),
    fact(3100015, 130231, KIND, 130206, "that moves a fixed volume at a time."),
    fact(3100016, 130245, KIND, 130231, "that displaces the liquid by meshing gears."),
    fact(3100017, 130245, KIND, 130072, remarks="second supertype"),
    fact("3,100,018", 130238, KIND, 130231, "that displaces the liquid by a flexible diaphragm."),
    fact(3100019, 130103, KIND, 130072, "that is driven by an electric current."),
    fact(3100020, 130305, KIND, 130001, "that is meant to contain a fluid."),
    fact(3100021, 130310, KIND, 130305, "that withstands a pressure other than that of its surroundings."),
    fact(3100022, 130318, KIND, 130305, "that is meant to store a fluid."),
    fact(3100023, 130330, KIND, 130001, "that is meant to transfer heat between fluids."),
    fact(3100024, 130334, KIND, 130330, "with a bundle of tubes in a shell."),
    fact(3100025, 130334, KIND, 130310, remarks="second supertype: the shell is under pressure"),
    fact(3100026, 130340, KIND, 130330, "with a stack of plates."),
    fact(3100027, 130401, KIND, 130001, "that is meant to influence a flow."),
    fact(3100028, 130405, KIND, 130401, "that is moved by a controller."),
    fact(3100029, 130407, KIND, 130401, "that lets a flow pass in one direction, \"one way\" only."),
    fact(3100030, 130410, KIND, 130401, "that opens by itself when the pressure is too high."),
    fact(None, 130500, KIND, 731005, "that is meant to be a part of an equipment item."),
    fact(None, 130502, KIND, 130500, "with vanes that moves a liquid by its rotation."),
    fact(None, 130505, KIND, 130500, "that keeps a liquid from leaking along a shaft."),
    fact(None, 130508, KIND, 130500, "that transmits a torque."),
    fact(None, 130511, KIND, 130500, "through which a fluid enters or leaves a vessel."),
    fact(3100040, 640201, KIND, 160170, "of equipment that takes over when other equipment fails."),
    fact(3100041, 640205, KIND, 160170, "of equipment that is in normal use."),
    fact(3100042, 640210, KIND, 160170, "of what keeps a pressure below a limit."),
    fact(3100043, 551004, KIND, 790229, "that can be measured."),
    fact(3100044, 550104, KIND, 551004),
    fact(3100045, 550112, KIND, 551004),
    fact(3100046, 550188, KIND, 551004),
    fact(3100047, 550402, KIND, 551004),
    fact(501, 101, KIND, 130227, "for liquids that carry solids.", status="proposed"),
    fact(502, 102, KIND, 130310, "with an inner layer of glass.", status="proposed"),
    fact(503, 103, KIND, 130227, "without a shaft seal, driven through its wall by magnets.", status="proposed"),
    fact(504, 104, KIND, 130310, "with a second wall for a heating or cooling medium.", status="proposed"),
    fact(505, 104, KIND, 130330, remarks="second supertype", status="proposed"),
    fact(None, 105, KIND, 101, "that feeds a process.", status="proposed"),
    fact(None, 105, KIND, 130072, remarks="a supertype that it has already, further up", status="proposed"),
    None,
    fact(3100060, 130330, SYNONYM, 130330, name="Wärmetauscher", language=GERMAN),
    fact(3100061, 130227, SYNONYM, 130227, name="Kreiselpumpe", language=GERMAN),
    fact(3100062, 130305, SYNONYM, 130305, name="Behälter", language=GERMAN),
    fact(3100063, 130206, SYNONYM, 130206, name="pomp", language=DUTCH),
    fact(3100064, 130410, SYNONYM, 130410, name="relief valve, safety"),
    fact(None, 101, SYNONYM, 101, name="Schlammpumpe", language=GERMAN),
    fact(None, 103, SYNONYM, 103, name="sealless pump"),
    fact(3100070, 130206, CAN_HAVE_PART, 130511, left_cardinality="1,1", right_cardinality="2,n"),
    fact(3100071, 130227, CAN_HAVE_PART, 130502, left_cardinality="1,1", right_cardinality="1,n"),
    fact(3100072, 130227, CAN_HAVE_PART, 130505, left_cardinality="1,1", right_cardinality="0,2"),
    fact(3100073, 130072, CAN_HAVE_PART, 130508, left_cardinality="1,1", right_cardinality="1,1"),
    fact(3100074, 130305, CAN_HAVE_PART, 130511, left_cardinality="1,1", right_cardinality="0,n"),
    fact(None, 130310, CAN_HAVE_PART, 130410, left_cardinality="0,n", right_cardinality="1,n"),
    fact(3100080, 130206, CAN_HAVE_ASPECT, 550402),
    fact(3100081, 130206, CAN_HAVE_ASPECT, 550188),
    fact(3100082, 130310, CAN_HAVE_ASPECT, 550112),
    fact(3100083, 130330, CAN_HAVE_ASPECT, 550104),
    fact(3100090, 130206, CAN_PLAY, 640201, left_cardinality="1,1", right_cardinality="0,1"),
    fact(3100091, 130206, CAN_PLAY, 640205, left_cardinality="1,1", right_cardinality="0,1"),
    fact(3100092, "130,410", CAN_PLAY, "640,210", left_cardinality="1,1", right_cardinality="0,1"),
    None,
    fact(601, 201, CLASSIFIED, 105, updated="14-Sep-98"),
    fact(None, 202, CLASSIFIED, 105, updated="09/14/1998"),
    fact(None, 203, CLASSIFIED, 130103, updated="1998-09-14"),
    fact(602, 204, CLASSIFIED, 102),
    fact(None, 205, CLASSIFIED, 130318),
    fact(None, 206, CLASSIFIED, 130334),
    fact(None, 207, CLASSIFIED, 130410),
    fact(None, 208, CLASSIFIED, 731005),
    fact(None, 209, KIND, None, name="absorption chiller", remarks="the right hand UID is missing: rejected"),
    fact(None, 201, PART_OF, 208),
    fact(None, 202, PART_OF, 208),
    fact(None, 203, PART_OF, 201),
    fact(None, 204, PART_OF, 208),
    fact(None, 207, PART_OF, 204),
    fact(603, 201, HAS_ASPECT, 301),
    fact(604, 204, HAS_ASPECT, 302),
    fact(None, 201, HAS_ASPECT, 303),
    fact(None, 301, CLASSIFIED, 550188),
    fact(None, 302, CLASSIFIED, 550112),
    fact(None, 303, CLASSIFIED, 550402),
    fact(None, 301, VALUE, 401, unit=KILOWATT),
    fact(None, 302, VALUE, 402, unit=BAR),
    fact(None, 303, VALUE, 403, unit=CUBIC_METRE_PER_HOUR),
]


def name_of(uid):
    if uid is None:
        return "refrigeration unit"
    return NAMES[int(str(uid).replace(",", ""))]


def article(noun):
    return "an" if noun[0] in "aeiou" else "a"


def values(row, sequence):
    """What stands in the row's cells, by column ID."""
    relation_uid, collection_uid, collection = RELATIONS[row["relation"]]
    language_uid, language = row.get("language", ENGLISH)
    unit_uid, unit = row.get("unit", (None, ""))
    right_name = name_of(row["right"])
    definition = row["definition"]
    started = datetime.date(1998, 9, 14) + datetime.timedelta(days=37 * sequence)
    return {
        0: sequence,
        69: language_uid,
        54: language,
        71: 193259 if relation_uid == 1146 else 492014,
        16: "ontology" if relation_uid == 1146 else "engineering",
        2: row["left"],
        44: row.get("left_cardinality"),
        101: row.get("name") or name_of(row["left"]),
        1: row["uid"],
        60: relation_uid,
        3: row["relation"],
        15: row["right"],
        45: row.get("right_cardinality"),
        201: right_name,
        65: definition,
        4: f"is {article(right_name)} {right_name} {definition}" if definition else None,
        66: unit_uid,
        7: unit,
        14: row.get("remarks"),
        8: row.get("status", "accepted"),
        9: started,
        10: row.get("updated", started + datetime.timedelta(days=400)),
        12: "Sample modelling team",
        13: "prismctl sample",
        50: collection_uid,
        68: collection,
        62: row.get("inherited"),
    }


def rows():
    """The sheet's rows from the top, as lists of cell values; None and "" are blank cells."""
    yield TITLE
    yield list(COLUMNS)
    yield list(COLUMNS.values())
    sequence = 0
    for row in FACTS:
        if row is None:
            yield []
            continue
        sequence += 1
        cells = values(row, sequence)
        yield [cells[column] for column in COLUMNS]


def write_xls(path):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(SHEET)
    date = xlwt.easyxf(num_format_str="D-MMM-YY")
    for r, cells in enumerate(rows()):
        for c, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, datetime.date):
                sheet.write(r, c, value, date)
            else:
                sheet.write(r, c, value)
    book.save(str(path))


def write_xlsx(path):
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": SHEET, "created": datetime.datetime(2026, 1, 1)})
    sheet = book.add_worksheet(SHEET)
    date = book.add_format({"num_format": "d-mmm-yy"})
    columns = list(COLUMNS)
    right, partial = columns.index(201), columns.index(65)
    for r, cells in enumerate(rows()):
        formula = len(cells) == len(columns) and cells[columns.index(1)] == FORMULA_FACT
        for c, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, datetime.date):
                sheet.write_datetime(r, c, datetime.datetime.combine(value, datetime.time()), date)
            elif isinstance(value, str):
                if formula and columns[c] == 4:
                    at = xlsxwriter.utility.xl_rowcol_to_cell
                    sheet.write_formula(r, c, f'="is a "&{at(r, right)}&" "&{at(r, partial)}', None, value)
                else:
                    sheet.write_string(r, c, value)
            else:
                sheet.write_number(r, c, value)
    book.close()


def main():
    folder = pathlib.Path(__file__).resolve().parent
    write_xls(folder / "sample.xls")
    write_xlsx(folder / "sample.xlsx")


if __name__ == "__main__":
    main()
