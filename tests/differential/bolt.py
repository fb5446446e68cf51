#!/usr/bin/env python3
"""The test of scripts/differential --bolt: our Neo4j client beside the official Python driver."""

import argparse
import collections
import fcntl
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse

try:
    import bolt_forms
    import neo4j
    from neo4j._codec.hydration.bolt import v2 as hydration
    from neo4j._codec.packstream import v1 as packstream
except ImportError as absent:
    neo4j, missing = None, absent.name


def say(text):
    print(f"differential: {text}", file=sys.stderr, flush=True)


def run_tool(tool, words, data):
    done = subprocess.run([tool, *words], input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{tool.name} {words[0]}: {done.stderr.decode()}")
    return done.stdout


def lines(forms):
    return b"".join(json.dumps(form).encode() + b"\n" for form in forms)


def forms_in(text):
    return [json.loads(line) for line in text.split(b"\n") if line]


class Driver:
    """Packs and unpacks as the driver does on a connection of Bolt 5."""

    def __init__(self):
        self.handler = hydration.HydrationHandler()

    def pack(self, form):
        buffer = packstream.PackableBuffer()
        hooks = self.handler.new_hydration_scope().dehydration_hooks
        packstream.Packer(buffer).pack(bolt_forms.to_driver(form), dehydration_hooks=hooks)
        return bytes(buffer.data)

    def unpack_all(self, data):
        buffer = packstream.UnpackableBuffer(bytearray(data))
        unpacker = packstream.Unpacker(buffer)
        while buffer.p < len(data):
            hooks = self.handler.new_hydration_scope().hydration_hooks
            yield bolt_forms.from_driver(unpacker.unpack(hooks))


class Report:
    def __init__(self):
        self.failed = 0

    def compare(self, what, expected, found):
        wrong = [(a, b) for a, b in zip(expected, found) if a != b]
        count = len(wrong) + abs(len(expected) - len(found))
        self.failed += count > 0
        print(f"{what}: {len(expected):,} values, {count} differ")
        for a, b in wrong[:3]:
            print(f"    expected {str(a)[:400]}\n    found    {str(b)[:400]}")


def has_graph(form):
    return form[0] in ("node", "relationship", "step", "path")


def without_server(options, report):
    """Bytes of the one are read by the other."""
    generator = bolt_forms.Generator(random.Random(options.seed))
    forms = [generator.value() for _ in range(options.count)]
    counts = collections.Counter(form[0] for form in forms)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    driver = Driver()
    ours = run_tool(options.tool, ["encode"], lines(forms))
    report.compare("packed by prismctl, read by the driver", forms, list(driver.unpack_all(ours)))
    report.compare("packed by prismctl, read by prismctl", forms, forms_in(run_tool(options.tool, ["decode"], ours)))
    # No program but the server packs nodes, relationships and paths.
    plain = [form for form in forms if not has_graph(form)]
    theirs = [driver.pack(form) for form in plain]
    report.compare("packed by the driver, read by prismctl", plain,
                   forms_in(run_tool(options.tool, ["decode"], b"".join(theirs))))  # fmt: skip
    same = run_tool(options.tool, ["encode"], lines(plain)) == b"".join(theirs)
    report.failed += not same
    print(f"packed by both: {'the same bytes' if same else 'DIFFERENT bytes'}")


# ---- through a server ----


def in_order(form):
    """With the entries of maps in the order of their keys, for the server keeps none."""
    if form[0] == "map":
        return ["map", sorted([key, in_order(value)] for key, value in form[1])]
    return ["list", list(map(in_order, form[1]))] if form[0] == "list" else form


def server_url():
    if "PRISM_TEST_NEO4J" in os.environ:
        return os.environ["PRISM_TEST_NEO4J"]
    services = os.environ.get("PRISM_TEST_SERVICES")
    for line in pathlib.Path(services).read_text().splitlines() if services else []:
        if line.startswith("PRISM_TEST_NEO4J="):
            return line.partition("=")[2]
    return None


class Graph:
    """The nodes (:Value {n, v}) of a server that the tests share."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.lock = open(pathlib.Path(tempfile.gettempdir()) / f"prism-test-neo4j-{parts.port}.lock", "a")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.driver = neo4j.GraphDatabase.driver(
            f"{parts.scheme}://{parts.hostname}:{parts.port}",
            auth=(parts.username, urllib.parse.unquote(parts.password)) if parts.password else None,
        )

    def wipe(self):
        self.driver.execute_query("MATCH (x:Value) DELETE x")

    def store(self, values):
        rows = [{"n": n, "v": value} for n, value in enumerate(values)]
        for begin in range(0, len(rows), 1000):
            self.driver.execute_query(
                "UNWIND $rows AS row CREATE (:Value {n: row.n, v: row.v})", rows=rows[begin : begin + 1000]
            )

    def fetch(self):
        with self.driver.session() as session:
            return [record[0] for record in session.run("MATCH (x:Value) RETURN x.v ORDER BY x.n")]


def with_server(options, report, url):
    """What the one stores, the other fetches."""
    generator = bolt_forms.Generator(random.Random(options.seed + 1))
    forms = [generator.storable() for _ in range(options.count // 10)]
    graph = Graph(url)
    graph.wipe()
    try:
        run_tool(options.tool, ["store", url], lines(forms))
        report.compare("stored by prismctl, fetched by the driver", forms, list(map(bolt_forms.from_driver, graph.fetch())))
        graph.wipe()
        graph.store(map(bolt_forms.to_driver, forms))
        report.compare("stored by the driver, fetched by prismctl", forms, forms_in(run_tool(options.tool, ["fetch", url], b"")))
    finally:
        graph.wipe()
    nested = [generator.value(generator.nested) for _ in range(options.count // 50)]
    back = forms_in(run_tool(options.tool, ["echo", url], lines(nested)))
    report.compare("sent through the server by prismctl", list(map(in_order, nested)), list(map(in_order, back)))


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/differential --bolt",
        description="Packs random values of every type that Neo4j knows with prismctl's client and with the official "
        "Python driver; what the one writes, the other must read. Then both store values in a real server "
        "(PRISM_TEST_NEO4J, see scripts/services) for the other to fetch.",
        epilog="Exit code: 0 when all is equal, else 1. Without a server or the driver that part is skipped by name; "
        "with CI=true that is a failure.",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the random values (default 1)")
    parser.add_argument("--count", type=int, default=125_000,
                        help="how many values (default 125000; the driver packs four of five kinds)")
    parser.add_argument("--tool", type=pathlib.Path, default=pathlib.Path("build/release/tests/bolt_values"),
                        metavar="FILE", help="the client's half (default: build/release/tests/bolt_values, built first)")  # fmt: skip
    options = parser.parse_args(arguments)
    options.tool = options.tool.resolve()
    return options


def main():
    options = parse(sys.argv[1:])
    report, skipped = Report(), []
    begun = time.monotonic()
    if neo4j is None:
        skipped.append(f"the package {missing}")
    else:
        say(f"seed {options.seed}; neo4j {neo4j.__version__}")
        without_server(options, report)
        if url := server_url():
            with_server(options, report, url)
        else:
            skipped.append("PRISM_TEST_NEO4J")
    for what in skipped:
        print(f"skipped for want of {what}")
    say(f"{time.monotonic() - begun:.1f} s")
    return 1 if report.failed or (skipped and os.environ.get("CI") == "true") else 0


if __name__ == "__main__":
    sys.exit(main())
