"""A Neo4j server of scripts/bench's own, and its peers: the official Python driver, and LOAD CSV."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

import bench_workbooks
from bench_peers import Missing, python_with
from bench_postgres import value

SCRIPTS = pathlib.Path(__file__).resolve().parent
DRIVER = SCRIPTS / "peers/neo4j_driver.py"
PACKAGES = ["neo4j==6.4.1", "neo4j-rust-ext==6.4.1.0", "pytz==2026.6"]  # from PyPI
ROWS = 200_000
WARM_UP_ROWS = 50_000
BATCH = 10_000  # of all of them
SMALL_BATCH = 1_000  # what prismctl makes of that, and the driver as well


@contextlib.contextmanager
def server(folder, cache):
    """A Server that ends with this block."""
    python = python_with(PACKAGES, cache)
    place = folder / "neo4j"
    command = [SCRIPTS / "services", "start", "--while", str(os.getpid()), "--dir", place, "neo4j"]
    started = subprocess.run(command, capture_output=True, text=True)
    try:
        if started.returncode != 0 or not (place / "env").exists():
            raise Missing(f"no Neo4j server: {started.stderr.strip()}")
        yield Server(place, python)
    finally:
        subprocess.run([SCRIPTS / "services", "stop", "--dir", place], capture_output=True, check=False)


class Server:
    """Where it is, and how it is asked."""

    def __init__(self, place, python):
        parts = urllib.parse.urlsplit(value(place / "env", "PRISM_TEST_NEO4J"))
        self.url = f"bolt://{parts.hostname}:{parts.port}"
        # The password is in the environment alone, where others can't see it.
        self.environment = {
            "NEO4J_URI": self.url,
            "NEO4J_USER": parts.username,
            "NEO4J_PASSWORD": urllib.parse.unquote(parts.password),
            "NEO4J_BATCH_SIZE": str(BATCH),
        }
        self.imports = pathlib.Path(value(place / "env", "PRISM_TEST_NEO4J_IMPORT_DIR"))
        self.environment["PRISM_NEO4J_IMPORT_DIR"] = str(self.imports)
        self.process = (place / "neo4j/pid").read_text().split()[0]
        self.python = python

    def driver_command(self, *words):
        return [str(self.python), str(DRIVER), *map(str, words)]

    def ask(self, *words):
        """What the driver has to say, unmeasured."""
        command, environment = self.driver_command(*words), {**os.environ, **self.environment}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise OSError(f"{DRIVER.name} {words[0]}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def cpu_seconds(self):
        """That its process has used."""
        fields = pathlib.Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def offer_csv(self, path):
        """Puts it where LOAD CSV finds it, for which a backslash in quotes is doubled; its name there."""
        quoted = re.compile(rb'"(?:[^"]|"")*"')
        text = quoted.sub(lambda field: field[0].replace(b"\\", b"\\\\"), path.read_bytes())
        (self.imports / path.name).write_bytes(text)
        return path.name


def columns(names):
    """What the driver is told of them, from {column: name}: each one's name and kind."""

    def kind(column):
        if column in bench_workbooks.INTEGERS:
            return "integer"
        return "date" if column in bench_workbooks.DATES else "text"

    return json.dumps({column: [name, kind(column)] for column, name in names.items()})


class Watch:
    """Sees to it that each load begins with an empty graph under the same rules, and ends with the same one."""

    def __init__(self, server):
        self.server = server
        self.rules = server.ask("describe")["rules"]
        self.content = None

    def expect_empty(self):
        there = self.server.ask("describe")
        if any(there["content"].values()):
            raise OSError(f"the graph is not empty: {there['content']}")
        if there["rules"] != self.rules:
            raise OSError(f"the constraints and indexes are others: {there['rules']}, before {self.rules}")

    def expect_the_same(self):
        content = self.server.ask("describe")["content"]
        self.content = self.content or content
        if content != self.content:
            raise OSError(f"two loads of the same differ: {content}, before {self.content}")
