#!/usr/bin/env python3
"""The test of scripts/differential, which prepares what it needs."""

import argparse
import collections
import importlib.metadata
import multiprocessing
import os
import pathlib
import re
import sys
import tempfile
import time

import catalogue
import compare
import expected_differences
import number_formats
import ours
from writers import libreoffice

PROCESSES = 2
PACKAGES = ("xlrd", "openpyxl", "python-calamine", "xlwt", "XlsxWriter")


def say(text):
    print(f"differential: {text}", file=sys.stderr, flush=True)


class Timer:
    """Says how long each step took."""

    def __init__(self):
        self.begun = time.monotonic()

    def lap(self, what):
        now = time.monotonic()
        say(f"{what} ({now - self.begun:.1f} s)")
        self.begun = now


# What the processes of a pool work on: a fork has it without it being sent.
FILES = []


def write_file(index):
    file = FILES[index]
    file.write(file.book, file.path)


def compare_file(task):
    index, peer = task
    return compare.compare(FILES[index], peer)


def in_pool(function, tasks):
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return pool.map(function, tasks, chunksize=1)


def make_workbooks(options, folder, timer):
    """The catalogue, with all files made that can be made."""
    number_formats.check()
    made = catalogue.Catalogue(options.seed, folder)
    made.files = [file for file in made.files if options.only.search(file.path.name)]
    stems = {file.path.stem for file in made.files if file.write is None and not file.missing}
    inputs = [file for file in made.inputs if file.path.stem in stems]
    FILES[:] = [file for file in made.files if file.write] + inputs
    in_pool(write_file, range(len(FILES)))
    timer.lap(f"{len(FILES)} workbooks written")
    if inputs:
        libreoffice.convert([file.path for file in inputs], folder)
        timer.lap(f"{len(inputs)} of them converted by LibreOffice in {len(libreoffice.FILTERS)} ways")
    return made


# ---- the report ----


def print_problems(outcomes):
    for outcome in outcomes:
        if outcome.problem_count:
            print(f"FAILED {outcome.file}, {outcome.peer}: {outcome.problem_count} differences")
            for problem in outcome.problems:
                print(f"    {problem}")


def print_workbooks():
    writers = collections.Counter(file.writer for file in FILES)
    print(f"\n{len(FILES)} workbooks:")
    for writer, count in writers.items():
        print(f"  {count:4} {writer}")


def print_expected(outcomes):
    total = collections.Counter()
    for outcome in outcomes:
        total.update({(name, outcome.peer): count for name, count in outcome.expected.items()})
    print("\nExpected differences:")
    for rule in expected_differences.RULES:
        counts = ", ".join(f"{peer} {count}" for (name, peer), count in sorted(total.items()) if name == rule.name)
        print(f"  {rule.name}: {counts or 'none'}\n      {rule.reason}")


def versions():
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join([*found, libreoffice.version() if libreoffice.program() else "no LibreOffice"])


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/differential",
        description="Makes workbooks with many writers and random values, and compares what prismctl reads from them "
        "with what was written and what other readers find, cell for cell.",
        epilog="Installs its Python packages in ${XDG_CACHE_HOME:-~/.cache}/prismctl-differential. Exit code: 0 when "
        "all is equal or an expected difference, else 1. What needs a missing program or package is skipped by name; "
        "with CI=true that is a failure. scripts/differential --bolt compares the Neo4j client.",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the random values (default 1)")
    parser.add_argument(
        "--only", type=re.compile, default=re.compile(""), metavar="REGEX", help="workbooks whose names match"
    )
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="keep workbooks and CSV files in a new folder")
    parser.add_argument(
        "--prismctl", type=pathlib.Path, metavar="FILE", default=pathlib.Path("build/release/prismctl"),
        help="the program (default: build/release/prismctl, built first)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    options.prismctl = options.prismctl.resolve()
    return options


def skipped_tasks(tasks):
    """Those that lack a program or package, by its name."""
    skipped = collections.Counter()
    for index, peer in tasks:
        missing = FILES[index].missing or (None if compare.is_installed(peer) else peer)
        if missing:
            skipped[missing] += 1
    return skipped


def run(options, folder):
    timer = Timer()
    say(f"seed {options.seed}; {versions()}")
    made = make_workbooks(options, folder, timer)
    FILES[:] = made.files
    ours.Program(options.prismctl, folder).convert_all([file for file in FILES if not file.missing])
    timer.lap("converted by prismctl")
    tasks = [(index, peer) for index, file in enumerate(FILES) for peer in file.peers]
    possible = [(i, peer) for i, peer in tasks if not FILES[i].missing and compare.is_installed(peer)]
    outcomes = in_pool(compare_file, possible)
    timer.lap(f"{sum(outcome.cells for outcome in outcomes):,} cells compared")
    return report(outcomes, skipped_tasks(tasks) + collections.Counter(made.missing))


def report(outcomes, skipped):
    print_problems(outcomes)
    print_workbooks()
    print_expected(outcomes)
    print()
    for name, count in skipped.items():
        print(f"skipped for want of {name}: {count}")
    failed = sum(outcome.problem_count > 0 for outcome in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed, {skipped.total()} skipped")
    return 1 if failed or (skipped and os.environ.get("CI") == "true") else 0


def main():
    options = parse(sys.argv[1:])
    if options.keep:
        options.keep.mkdir(parents=True)
        return run(options, options.keep.resolve())
    with tempfile.TemporaryDirectory(prefix="prismctl-differential-") as folder:
        return run(options, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
