"""The programs of others that scripts/bench needs beyond Debian's packages, and what they agree on with prismctl."""

import csv
import itertools
import pathlib
import shlex
import shutil
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent


class Missing(Exception):
    """What a measurement needs could not be made or installed here."""


def make(command, failure):
    """Runs a command that makes something; its words are shown only when it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        print(f"{shlex.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}", file=sys.stderr)
        raise Missing(failure)


def calamine(cache):
    """The program calamine-csv, built when it isn't up to date."""
    if shutil.which("cargo") is None:
        raise Missing("cargo is not there to build it")
    manifest, target = SCRIPTS / "peers/calamine/Cargo.toml", cache / "calamine"
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", target]
    make(command, "cargo could not build it")
    return target / "release/calamine-csv"


def python_with(packages, cache):
    """A Python that has just these packages of PyPI; installed once."""
    folder = cache / f"venv-{'-'.join(packages).replace('==', '-')}"
    python, whole = folder / "bin/python", folder / "whole"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        make([sys.executable, "-m", "venv", folder], "python3 -m venv failed; the package python3-venv has it")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        make([*pip, *packages], f"pip could not install {' '.join(packages)}")
        whole.touch()
    return python


def rows_of(path):
    """A CSV's rows without the empty cells at their ends, which nobody need write."""
    with open(path, newline="", encoding="utf-8") as source:
        for fields in csv.reader(source):
            while fields and not fields[-1]:
                fields.pop()
            yield fields


def compare(ours, theirs):
    """How many rows two CSVs have, and in what they differ: None, or a sentence."""
    rows = differing = 0
    first = None
    for left, right in itertools.zip_longest(rows_of(ours), rows_of(theirs), fillvalue=[]):
        rows += 1
        if left != right:
            differing += 1
            first = first or (rows, left, right)
    if first is None:
        return rows, None
    number, left, right = first
    cells = enumerate(itertools.zip_longest(left, right, fillvalue=""), 1)
    column, (mine, other) = next((c, pair) for c, pair in cells if pair[0] != pair[1])
    where = f"the first in row {number}, column {column}: {mine!r}, the peer has {other!r}"
    return rows, f"{differing:,} of {rows:,} rows differ, {where}"
