"""Runs prismctl and reads the CSV that it writes."""

import csv
import json
import subprocess

SECONDS = 120
BATCH = 25

csv.field_size_limit(2**31 - 1)


class Program:
    """`convert --raw` of many files; each file gets what was made of it, or the reason why nothing was."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.made = 0

    def run(self, *arguments):
        return subprocess.run(
            [str(self.path), "--quiet", "convert", *map(str, arguments)],
            capture_output=True, timeout=SECONDS, check=False, cwd=self.folder,
        )  # fmt: skip

    def convert_all(self, files):
        for file in files:
            self.list_sheets(file)
        readable = [file for file in files if not file.failure]
        for at in range(0, len(readable), BATCH):
            self.convert(readable[at : at + BATCH])
        for file in readable:
            self.convert_sheets(file)

    def convert(self, files):
        """The first visible sheet of each, in one process; where that fails, one by one."""
        target = self.new_folder()
        done = self.run(*(file.path for file in files), "--raw", "--output", target)
        if done.returncode == 0:
            for i, file in enumerate(files):
                file.outputs[file.shown()] = target / f"{i}.csv"
        elif len(files) > 1:
            for file in files:
                self.convert([file])
        else:
            files[0].failure = reason(done)

    def list_sheets(self, file):
        done = self.run(file.path, "--list-sheets", "--json")
        if done.returncode != 0:
            file.failure = reason(done)
            return
        file.sheets = described(json.loads(done.stdout))

    def convert_sheets(self, file):
        """All other worksheets, of files that ask for it."""
        if not file.every_sheet or file.failure:
            return
        for i, sheet in enumerate(file.book.sheets):
            if sheet.chart or i == file.shown():
                continue
            target = self.new_folder()
            # By number, which a sheet's name may look like.
            number = str(i + 1)
            names = [each["name"] for each in file.sheets]
            key = names[i] if number in names else number
            done = self.run(file.path, "--raw", "--sheet", key, "--output", target)
            if done.returncode != 0:
                file.failure = f"--sheet {key}: {reason(done)}"
                return
            file.outputs[i] = target / "0.csv"

    def new_folder(self):
        self.made += 1
        return self.folder / f"csv{self.made}"


def described(document):
    return [
        {"name": sheet["name"], "state": sheet["visibility"].replace(" ", "_"), "chart": sheet["kind"] != "worksheet"}
        for sheet in document["workbooks"][0]["sheets"]
    ]


def reason(done):
    return f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}"


def read_csv(path):
    """(row, column) -> text, without empty fields. The bytes must be those of RFC 4180 with LF, quoted only where they
    must be, without empty fields or rows at the end."""
    with open(path, encoding="utf-8", newline="") as source:
        lines = list(csv.reader(source, strict=True))
    check_form(path, lines)
    return {(row, column): text for row, line in enumerate(lines) for column, text in enumerate(line) if text}


def check_form(path, lines):
    canonical = "".join(",".join(map(field, line)) + "\n" for line in lines).encode()
    data = path.read_bytes()
    if data != canonical:
        at = next((i for i, (a, b) in enumerate(zip(data, canonical)) if a != b), min(len(data), len(canonical)))
        raise ValueError(f"{path}: at byte {at} found {data[at : at + 40]!r}, expected {canonical[at : at + 40]!r}")
    if lines and not lines[-1]:
        raise ValueError(f"{path}: ends with an empty row")
    if any(line and not line[-1] for line in lines):
        raise ValueError(f"{path}: a row ends with an empty field")


def field(text):
    if any(char in text for char in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
