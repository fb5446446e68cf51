"""Which workbooks are made, by whom, and which peers read them."""

import dataclasses
import importlib.util
import pathlib
import typing

import random_book
import values
from model import Book
from writers import bare_xlsx, libreoffice

XLS_PEERS = ("written", "xlrd", "calamine")
XLSX_PEERS = ("written", "openpyxl", "calamine")


def is_installed(package):
    return importlib.util.find_spec(package) is not None


@dataclasses.dataclass
class File:
    """A workbook: how it is made, and what prismctl made of it."""

    writer: str
    book: Book
    path: pathlib.Path
    write: typing.Callable | None  # (book, path); None: LibreOffice makes it of another file
    peers: tuple
    every_sheet: bool = False
    missing: str | None = None  # the program without which it can't be made
    outputs: dict = dataclasses.field(default_factory=dict)  # index of a sheet -> CSV
    sheets: list = dataclasses.field(default_factory=list)  # as `--list-sheets` tells them
    failure: str | None = None

    def shown(self):
        """The index of the sheet that is read when none is named. LibreOffice may show one that was hidden: there the
        list of ours counts, which is compared with the peers' own."""
        if self.write:
            return self.book.shown()
        return next(i for i, sheet in enumerate(self.sheets) if sheet["state"] == "visible" and not sheet["chart"])

    @property
    def format(self):
        return "xls" if self.path.suffix == ".xls" else "xlsx"


class Catalogue:
    """`files` are the test; `inputs` are those that LibreOffice makes some of them of; `missing` tells how many groups
    of workbooks are left out for want of which package."""

    # The traits that every writer gets in turn.
    COMMON = [(), ("long",), ("date1904",), ("hidden_first",), ("very_hidden_first", "hidden_first"), ("long",), ()]

    def __init__(self, seed, folder):
        self.seed, self.folder = seed, folder
        self.files, self.inputs, self.missing = [], [], []
        groups = [("xlwt", self.add_xlwt), ("xlsxwriter", self.add_xlsxwriter), ("openpyxl", self.add_openpyxl),
                  ("zipfile", self.add_bare_xlsx), ("xlwt", self.add_biff),
                  ("xlsxwriter", self.add_libreoffice)]  # fmt: skip
        for package, add in groups:
            if is_installed(package):
                add()
            else:
                self.missing.append(package)

    def book(self, name, profile, traits, options):
        return random_book.make(name, profile, self.seed, traits, options)

    def add(self, writer, name, profile, write, peers, traits=(), options=None):
        book = self.book(name, profile, traits, options)
        every_sheet = len(self.files) % 4 == 0
        self.files.append(File(writer, book, self.folder / name, write, tuple(peers), every_sheet))

    # ---- .xls ----

    def add_xls(self, writer, name, profile, write, traits, options=None, astral=False):
        """xlrd fails where a record ends within a character beyond the BMP, and where a formula's text holds one;
        calamine where there is no compound file."""
        profile = profile if astral else values.without_astral(profile)
        unreadable = {"xlrd": astral, "calamine": (options or {}).get("bare")}
        peers = [peer for peer in XLS_PEERS if not unreadable.get(peer)]
        self.add(writer, name, profile, write, peers, traits, options)

    def add_xlwt(self):
        from writers import with_xlwt

        special = [("all_formats",), ("all_formats", "date1904"), ("tall",), ("wide",), ("big",), ("many_sheets",),
                   ("corner", "long")]  # fmt: skip
        for i, traits in enumerate(special + self.COMMON * 6):
            self.add_xls("xlwt", f"xlwt-{i}.xls", with_xlwt.PROFILE, with_xlwt.write, traits, astral=i % 3 == 2)

    def add_biff(self):
        from writers import biff

        for i in range(14):
            traits = self.COMMON[i % len(self.COMMON)] + (("chart_first",) if i % 3 == 0 else ())
            options = {"version": 8, "bare": i % 7 == 3, "shuffled": i % 7 == 5}
            self.add_xls("own BIFF8", f"biff8-{i}.xls", biff.profile(8, ""), biff.write, traits, options, i % 3 == 1)
        for version in (2, 3, 4):
            for i, encoding in enumerate(("cp1252", "cp1251", "cp932", "mac_roman")):
                traits = ("single", *(["date1904"] if i == 2 else []), *(["long"] if i == 3 else []))
                self.add_old_biff(biff, version, encoding, traits, "xlrd", bare=True)
        for i, encoding in enumerate(biff.CODE_PAGES):
            traits = self.COMMON[i % len(self.COMMON)]
            self.add_old_biff(biff, 5, encoding, traits, "xlrd", bare=i % 7 == 3)
            self.add_old_biff(biff, 5, encoding, traits, "calamine", bare=False)

    def add_old_biff(self, biff, version, encoding, traits, peer, bare):
        """xlrd miscounts the texts of formulas where characters take more than one byte. Of BIFF5, calamine finds no
        formats and not all code pages."""
        profile = biff.profile(version, encoding)
        if peer == "calamine":
            profile.codes = ["General"]
        elif encoding in biff.MULTIBYTE:
            profile.formulas = False
        unknown = peer == "calamine" and encoding in (*biff.MULTIBYTE, "cp437", "cp850")
        peers = ("written",) if unknown else ("written", peer)
        options = {"version": version, "encoding": encoding, "bare": bare}
        name = f"biff{version}-{encoding}-{peer}.xls"
        self.add(f"own BIFF{version}", name, profile, biff.write, peers, traits, options)

    # ---- .xlsx ----

    def add_xlsxwriter(self):
        from writers import with_xlsxwriter

        profile, write = with_xlsxwriter.PROFILE, with_xlsxwriter.write
        special = [("all_formats",), ("all_formats", "date1904"), ("tall",), ("wide",), ("big",), ("many_sheets",),
                   ("chart_first",), ("chart_first", "hidden_first")]  # fmt: skip
        for i, traits in enumerate(special + self.COMMON * 6):
            options = {"inline": i % 3 == 1, "zip64": i % 5 == 2, "read_only": i % 4 == 3}
            self.add("XlsxWriter", f"xlsxwriter-{i}.xlsx", profile, write, XLSX_PEERS, traits, options)
        # Calamine would hold all the 17 thousand million cells in between.
        self.add("XlsxWriter", "corner.xlsx", profile, write, ("written", "openpyxl"), ("corner",))

    def add_openpyxl(self):
        from writers import with_openpyxl

        profile, write = with_openpyxl.PROFILE, with_openpyxl.write
        special = [("all_formats",), ("all_formats", "date1904"), ("wide",), ("many_sheets",), ("chart_first",)]
        for i, traits in enumerate(special + self.COMMON * 5):
            options = {"write_only": i % 4 == 1, "iso_dates": i % 5 in (0, 1), "read_only": i % 3 == 2}
            self.add("openpyxl", f"openpyxl-{i}.xlsx", profile, write, XLSX_PEERS, traits, options)

    def add_bare_xlsx(self):
        special = [("all_formats",), ("all_formats", "date1904"), ("many_sheets",)]
        for i, traits in enumerate(special + self.COMMON * 3):
            options = {
                "prefix": ["", "x", "main"][i % 3], "strict": i % 6 == 5, "references": i % 4 != 1,
                "stored": i % 5 == 2, "odd_names": i % 4 == 2, "encoding": "utf-16" if i % 6 == 3 else "utf-8",
                "iso_dates": i % 4 == 0, "dimension": i % 2 == 0, "shuffled": i % 8 == 4,
            }  # fmt: skip
            # They find some parts by name only; calamine takes all for UTF-8; openpyxl knows no strict files.
            unreadable = {
                "calamine": options["odd_names"] or options["encoding"] == "utf-16",
                "openpyxl": options["odd_names"] or options["strict"],
            }
            peers = [peer for peer in XLSX_PEERS if not unreadable.get(peer)]
            self.add("own .xlsx", f"bare-{i}.xlsx", bare_xlsx.PROFILE, bare_xlsx.write, peers, traits, options)

    # ---- LibreOffice ----

    def add_libreoffice(self):
        from writers import with_xlsxwriter

        profile = libreoffice.input_profile(with_xlsxwriter.PROFILE)
        special = [("all_formats",), ("date1904",), ("many_sheets",), ("hidden_first",), ("long",), ("big",), ()]
        for i, traits in enumerate(special * 2):
            astral = i >= len(special)
            source = profile if astral else values.without_astral(profile)
            self.add_converted(f"lo-{i}.xlsx", source, with_xlsxwriter.write, traits, astral)
        for i, traits in enumerate([(), (), ("many_sheets",)]):
            self.add_converted(f"fods-{i}.fods", libreoffice.FODS_PROFILE, libreoffice.write_fods, traits)
        for i in range(3):
            self.add_converted(f"csv-{i}.csv", libreoffice.CSV_PROFILE, libreoffice.write_csv, ("single",))

    def add_converted(self, name, profile, write, traits, astral=True):
        """A file, and what LibreOffice makes of it, which changes values in ways of its own: only readers are compared
        there."""
        book = self.book(name, profile, traits, None)
        source = File("", book, self.folder / name, write, ())
        self.inputs.append(source)
        for filter_name, extension in libreoffice.FILTERS:
            path = libreoffice.folder_of(self.folder, filter_name) / f"{source.path.stem}.{extension}"
            peers = (
                ("openpyxl", "calamine") if extension != "xls" else ("calamine",) if astral else ("xlrd", "calamine")
            )
            number = len(self.files)
            book = dataclasses.replace(book, options={"read_only": number % 3 == 0})
            missing = None if libreoffice.program() else "LibreOffice"
            self.files.append(File(f"LibreOffice, {filter_name}", book, path, None, peers, number % 4 == 0, missing))
