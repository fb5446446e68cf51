#!/usr/bin/env python3
"""The measurements of scripts/bench, which prepares what they need."""

import argparse
import functools
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import bench_backup
import bench_backup_consul
import bench_backup_nats
import bench_backup_neo4j
import bench_backup_s3
import bench_data
import bench_neo4j
import bench_peers
import bench_physical
import bench_postgres
import bench_redis
import bench_status
import bench_workbooks
from bench_run import Failed, Job, Usage, row, run, run_job, say, skipped

STORE_COLUMNS = {
    0: "sequence INTEGER", 69: "language_uid INTEGER", 54: "language TEXT", 71: "lh_context_uid INTEGER",
    16: "lh_context_name TEXT", 2: "lh_object_uid INTEGER", 44: "lh_cardinalities TEXT", 101: "lh_object_name TEXT",
    1: "fact_uid INTEGER PRIMARY KEY", 60: "rel_type_uid INTEGER", 3: "rel_type_name TEXT",
    15: "rh_object_uid INTEGER", 45: "rh_cardinalities TEXT", 201: "rh_object_name TEXT",
    65: "partial_definition TEXT", 4: "full_definition TEXT", 66: "uom_uid INTEGER", 7: "uom_name TEXT",
    14: "remarks TEXT", 8: "approval_status TEXT", 67: "successor_uid INTEGER", 9: "effective_from TEXT",
    10: "latest_update TEXT", 12: "author TEXT", 13: "reference TEXT", 50: "collection_uid INTEGER",
    68: "collection_name TEXT",
}  # fmt: skip
STARTS = 50


class Sheet:
    """A made-up workbook: its kind and facts; the goals as a part of calamine's time and in MB."""

    def __init__(self, extension, rows, columns, ratio, megabytes):
        self.extension, self.rows = extension, rows
        self.size = f"{extension} {rows:,} x {columns}"
        self.ratio, self.megabytes = ratio, megabytes


SHEETS = {
    "xls": Sheet(".xls", 65_000, 32, ratio=0.5, megabytes=64),
    "xlsx": Sheet(".xlsx", 100_000, 27, ratio=0.45, megabytes=64),
    "xlsx-large": Sheet(".xlsx", 1_000_000, 27, ratio=0.45, megabytes=128),
}
TOPINI_RATIO = 0.5


class Bench:
    """Runs each measurement several times and keeps the best."""

    def __init__(self, options, cache, work):
        self.options, self.cache, self.work = options, cache, work
        self.program = [str(options.prismctl), "--quiet"]

    def best(self, *jobs):
        """The fastest run of each job; they take turns, so that a busy machine is unfair to none."""
        usages = [[] for _ in jobs]
        for _ in range(self.options.runs):
            for job, done in zip(jobs, usages):
                job.prepare()
                os.sync()  # else the disk still writes what the run before left behind
                done.append(run_job(job, self.work))
                job.check(done[-1])
        return [min(done, key=lambda usage: usage.seconds) for done in usages]

    def data(self, rows=None):
        """The CSV, made when it isn't there yet, and read so that it lies in the page cache."""
        rows = rows or self.options.rows
        path = self.cache / f"facts-v{bench_data.VERSION}-{rows}.csv"
        if not path.exists():
            say(f"making {rows:,} facts, once")
            bench_data.make(str(path), rows)
        with open(path, "rb", buffering=0) as source:
            while source.read(1 << 20):
                pass
        return path

    def remove(self, name):
        for file in self.work.glob(f"{name}*"):
            file.unlink()

    def import_command(self):
        return [*self.program, "import", str(self.data()), "--store", "ours.db"]

    # ---- the measurements ----

    def load(self):
        """SQLite load, beside sqlite3's own import of the same file into the same columns."""
        columns = ", ".join(STORE_COLUMNS[column] for column in bench_data.COLUMNS)
        script = self.work / "peer.sql"
        script.write_text(
            f'.bail on\nCREATE TABLE fact({columns});\n.mode csv\n.import --skip 1 "{self.data()}" fact\n'
        )
        say("load: sqlite3 .import and prismctl import")
        peer, ours = self.best(
            Job(["sqlite3", "peer.db"], lambda: self.remove("peer.db"), script),
            Job(self.import_command(), lambda: self.remove("ours.db")),
        )
        self.remove("peer.db")
        ratio = ours.seconds / peer.seconds
        return [
            row("load", "sqlite3 .import", peer),
            row("load", "prismctl import", ours, ratio=ratio, goal="ratio <= 0.5", met=ratio <= 0.5),
        ]

    def rebuild(self):
        """All caches of a loaded store."""
        if not (self.work / "ours.db").exists():
            say("rebuild-cache: loading a store first")
            run(self.import_command(), self.work)
        say("rebuild-cache")
        [ours] = self.best(Job([*self.program, "rebuild-cache", "--store", "ours.db"]))
        met = ours.seconds <= 15 and ours.megabytes <= 500
        return [row("rebuild-cache", "prismctl rebuild-cache", ours, goal="<= 15 s, <= 500 MB", met=met)]

    def postgres(self):
        """PostgreSQL load, beside psql's \\copy of the same file into the same table."""
        try:
            with bench_postgres.server(self.work) as url:
                return self.load_postgres(url)
        except bench_peers.Missing as missing:
            return [skipped("postgres", "prismctl import into PostgreSQL", str(missing))]

    def load_postgres(self, url):
        run([*self.program, "migrate", "--store", url], self.work)
        columns = [STORE_COLUMNS[column].split()[0] for column in bench_data.COLUMNS]

        def empty():
            bench_postgres.ask(url, self.work, "TRUNCATE prism.fact, prism.entity")
            bench_postgres.ask(url, self.work, "CHECKPOINT")

        say("postgres: psql \\copy and prismctl import")
        peer, ours = self.best(
            Job(bench_postgres.copy_command(url, columns, self.data()), empty),
            Job([*self.program, "import", str(self.data()), "--store", url], empty),
        )
        ratio = ours.seconds / peer.seconds
        met = ratio <= 0.9 and ours.megabytes <= 128
        return [
            row("postgres", "psql \\copy", peer),
            row("postgres", "prismctl import", ours, ratio=ratio, goal="ratio <= 0.9, <= 128 MB", met=met),
        ]

    def neo4j(self):
        """A load into Neo4j and the cache of it, beside the official Python driver and LOAD CSV."""
        try:
            say("neo4j: starting a server")
            with bench_neo4j.server(self.work, self.cache) as server:
                return self.load_neo4j(server) + self.rebuild_from_neo4j(server)
        except bench_peers.Missing as missing:
            return [skipped("neo4j", "prismctl import into Neo4j", str(missing))]

    def neo4j_loads(self, server, path, prepare, check):
        """The same by the Python driver, by LOAD CSV and by both ways of prismctl."""
        columns = bench_neo4j.columns({c: STORE_COLUMNS[c].split()[0] for c in bench_data.COLUMNS})
        ours = [*self.program, "import", str(path), "--store", server.url]
        watched = {"prepare": prepare, "environment": server.environment}

        def python(batch):
            command = server.driver_command("load", path, columns, batch)
            return Job(command, own_clock=True, check=check(f"Python by {batch:,}"), **watched)

        return [
            python(bench_neo4j.BATCH),
            python(bench_neo4j.SMALL_BATCH),
            Job(
                server.driver_command("load-csv", server.offer_csv(path), columns),
                own_clock=True, check=check("LOAD CSV"), **watched,
            ),
            Job([*ours, "--via", "bolt"], check=check("prismctl, Bolt"), **watched),
            Job([*ours, "--via", "load-csv"], check=check("prismctl, LOAD CSV"), **watched),
        ]  # fmt: skip

    def load_neo4j(self, server):
        migrate = [*self.program, "migrate", "--store", server.url]
        run(migrate, self.work, None, server.environment)
        watch = bench_neo4j.Watch(server)
        spent = 0

        def empty():
            nonlocal spent
            server.ask("wipe")
            run(migrate, self.work, None, server.environment)
            watch.expect_empty()
            spent = server.cpu_seconds()

        def check(name):
            def same(usage):
                cpu = server.cpu_seconds() - spent
                say(f"neo4j: {name}: {usage.seconds:.2f} s, CPU {usage.cpu:.2f} s, of the server {cpu:.2f} s")
                watch.expect_the_same()

            return same

        say("neo4j: warming the server up with a part of it")
        for job in self.neo4j_loads(server, self.data(bench_neo4j.WARM_UP_ROWS), empty, check):
            job.prepare()
            job.check(run_job(job, self.work))
        watch.content = None
        say(f"neo4j: the Python driver, LOAD CSV and prismctl import of {bench_neo4j.ROWS:,} facts")
        python, small, csv, bolt, files = self.best(*self.neo4j_loads(server, self.data(bench_neo4j.ROWS), empty, check))
        met = bolt.seconds / python.seconds <= 1 / 1.5 and bolt.megabytes <= 128

        def beside(what, ours, peer):
            ratio = ours.seconds / peer.seconds
            return row("neo4j", what, ours, ratio=ratio, goal="ratio <= 1.0", met=ratio <= 1)

        facts, batch = f"{bench_neo4j.ROWS:,} facts", f"{bench_neo4j.BATCH:,}"
        return [
            row("neo4j", f"Python driver with neo4j-rust-ext, {facts} (prepared) by {batch}", python),
            row("neo4j", f"the same by {bench_neo4j.SMALL_BATCH:,}, of which prismctl makes no more", small),
            row("neo4j", f"LOAD CSV IN TRANSACTIONS, {facts} by {batch}", csv),
            row("neo4j", "prismctl import", bolt, ratio=bolt.seconds / python.seconds, goal="ratio <= 0.67, <= 128 MB", met=met),
            row("neo4j", f"the same, beside the driver by {bench_neo4j.SMALL_BATCH:,}", bolt, ratio=bolt.seconds / small.seconds),
            beside("the same, beside LOAD CSV", bolt, csv),
            row("neo4j", "prismctl import --via load-csv", files, ratio=files.seconds / python.seconds),
            beside("the same, beside LOAD CSV", files, csv),
        ]

    def rebuild_from_neo4j(self, server):
        with bench_redis.servers(self.work) as [port]:
            rebuild = [*self.program, "rebuild-cache", "--store", server.url, "--cache", f"redis://127.0.0.1:{port}"]
            say("neo4j: the Python driver's fetch, and prismctl rebuild-cache")
            fetch, ours = self.best(
                Job(server.driver_command("fetch"), environment=server.environment, own_clock=True),
                Job(rebuild, lambda: bench_redis.ask(port, "flushall"), environment=server.environment),
            )
        ratio = ours.seconds / fetch.seconds
        met = ratio <= 0.6 and ours.megabytes <= 128
        return [
            row("neo4j", "Python driver, fetch of those facts' UIDs", fetch),
            row("neo4j", "prismctl rebuild-cache", ours, ratio=ratio, goal="ratio <= 0.6, <= 128 MB", met=met),
        ]

    def redis(self):
        """All caches of a PostgreSQL store into Redis, beside redis-cli --pipe of the finished commands alone."""
        try:
            with bench_postgres.server(self.work) as url:
                say("redis: loading a store first")
                run([*self.program, "import", str(self.data()), "--store", url], self.work)
                self.store = url
                return self.one_redis() + self.cluster()
        except bench_peers.Missing as missing:
            return [skipped("redis", "prismctl rebuild-cache into Redis", str(missing))]

    def rebuild_into(self, cache, *more):
        return [*self.program, "rebuild-cache", "--store", self.store, "--cache", cache, *more]

    def one_redis(self):
        with bench_redis.servers(self.work) as [port]:
            rebuild = self.rebuild_into(f"redis://127.0.0.1:{port}")
            commands = self.cache / f"cache-v{bench_data.VERSION}-{self.options.rows}.resp"
            if not commands.exists():
                say("redis: writing the commands of the cache, once")
                run(rebuild, self.work)
                bench_redis.write_commands(port, commands)
            say("redis: redis-cli --pipe, prismctl rebuild-cache, the same again, and a dry run")

            def empty():
                bench_redis.ask(port, "flushall")

            peer, first, again, dry = self.best(
                Job(["redis-cli", "-p", str(port), "--pipe"], empty, commands),
                Job(rebuild, empty),
                Job(rebuild),
                Job([*rebuild, "--dry-run"]),
            )
        self.one_node = first
        ratio, same = first.seconds / peer.seconds, again.seconds / first.seconds
        met = ratio <= 1.3 and first.megabytes <= 300
        return [
            row("redis", "redis-cli --pipe of the cache's commands", peer),
            row("redis", "prismctl rebuild-cache", first, ratio=ratio, goal="ratio <= 1.3, <= 300 MB", met=met),
            row("redis", "the same again, no change", again, ratio=same, goal="<= 1.0 of it", met=same <= 1.0),
            row("redis", "the same, --dry-run", dry),
        ]

    def cluster(self):
        say("redis: a cluster of three")
        with bench_redis.servers(self.work, 3) as ports:

            def empty():
                for port in ports:
                    bench_redis.ask(port, "flushall")

            [three] = self.best(Job(self.rebuild_into(f"redis+cluster://127.0.0.1:{ports[0]}"), empty))
        ratio = three.seconds / self.one_node.seconds
        what = "prismctl rebuild-cache, 3 primaries"
        return [row("redis", what, three, ratio=ratio, goal="<= 1.3 of one", met=ratio <= 1.3)]

    def convert(self):
        """A real workbook, where there is one."""
        workbook = self.options.workbook
        if not workbook.exists():
            return [skipped("convert", "prismctl convert", f"{workbook.name} is not there")]
        say(f"convert: {workbook.name}")
        output = self.work / "csv"
        workbook.read_bytes()
        command = [*self.program, "convert", str(workbook), "--output", str(output)]
        [ours] = self.best(Job(command, lambda: shutil.rmtree(output, ignore_errors=True)))
        what = f"prismctl convert {workbook.name}"
        return [row("convert", what, ours, goal="<= 0.5 s", met=ours.seconds <= 0.5)]

    def sheet(self, name):
        """A made-up workbook to CSV, beside calamine."""
        sheet = SHEETS[name]
        try:
            workbook = self.made_workbook(sheet)
        except bench_peers.Missing as missing:
            return [skipped(name, f"prismctl convert --raw, {sheet.size}", str(missing))]
        return self.beside_calamine(name, workbook, sheet.size, sheet.ratio, sheet.megabytes)

    def topini(self):
        """A real workbook to CSV, where there is one, beside calamine."""
        workbook = self.options.workbook
        if not workbook.exists():
            return [skipped("topini", "prismctl convert --raw", f"{workbook.name} is not there")]
        return self.beside_calamine("topini", workbook, workbook.name, TOPINI_RATIO)

    def made_workbook(self, sheet):
        """The workbook, made when it isn't there yet."""
        path = self.cache / f"facts-v{bench_workbooks.version()}-{sheet.rows}{sheet.extension}"
        if not path.exists():
            say(f"making {path.name}, once; a large one takes minutes")
            python = bench_peers.python_with(bench_workbooks.PACKAGES, self.cache)
            command = [python, bench_workbooks.__file__, str(sheet.rows), path]
            bench_peers.make(command, "the workbook could not be made")
        return path

    def beside_calamine(self, name, workbook, what, goal_ratio, goal_megabytes=math.inf):
        """convert --raw beside calamine, or alone where that can't be built."""
        csv, theirs = self.work / "csv", self.work / "peer.csv"
        command = [*self.program, "convert", str(workbook), "--raw", "--output", str(csv)]
        convert = Job(command, lambda: shutil.rmtree(csv, ignore_errors=True))
        goal = f"ratio <= {goal_ratio}"
        if goal_megabytes < math.inf:
            goal += f", <= {goal_megabytes} MB"
        workbook.read_bytes()
        say(f"{name}: {workbook.name}")
        try:
            program = bench_peers.calamine(self.cache)
        except bench_peers.Missing as missing:
            [ours] = self.best(convert)
            peer = skipped(name, f"calamine, {what}", str(missing))
            return [peer, row(name, f"prismctl convert --raw, {what}", ours, goal=goal)]
        peer, ours = self.best(Job([program, workbook, theirs], lambda: theirs.unlink(missing_ok=True)), convert)
        rows, differs = bench_peers.compare(csv / "0.csv", theirs)
        ratio = ours.seconds / peer.seconds
        met = ratio <= goal_ratio and ours.megabytes <= goal_megabytes
        more = {"ratio": ratio, "goal": goal, "met": met, "rows": rows, "differs": differs}
        return [
            row(name, f"calamine, {what}", peer),
            row(name, f"prismctl convert --raw, {what}", ours, **more),
        ]

    def start(self):
        """Start-up: the median of many."""
        say("start-up")
        command = [str(self.options.prismctl), "--version"]
        run(command, self.work)
        medians = []
        for _ in range(self.options.runs):
            usages = [run(command, self.work) for _ in range(STARTS)]
            medians.append(
                Usage(
                    statistics.median(usage.seconds for usage in usages),
                    statistics.median(usage.cpu for usage in usages),
                    max(usage.megabytes for usage in usages),
                )
            )
        ours = min(medians, key=lambda usage: usage.seconds)
        return [row("start-up", "prismctl --version", ours, goal="<= 0.02 s", met=ours.seconds <= 0.02)]


MEASUREMENTS = {
    "load": Bench.load,
    "rebuild-cache": Bench.rebuild,
    "postgres": Bench.postgres,
    "redis": Bench.redis,
    "neo4j": Bench.neo4j,
    "backup": bench_backup.measure,
    "backup-consul": bench_backup_consul.measure,
    "backup-s3": bench_backup_s3.measure,
    "backup-nats": bench_backup_nats.measure,
    bench_backup_neo4j.NAME: bench_backup_neo4j.measure,
    bench_physical.NAME: bench_physical.measure,
    "convert": Bench.convert,
    "topini": Bench.topini,
    **{name: functools.partial(Bench.sheet, name=name) for name in SHEETS},
    "start-up": Bench.start,
    bench_status.NAME: bench_status.measure,
}


def cells(result):
    """A result as the table shows it."""
    if "skipped" in result:
        return [result["what"], "skipped", "", "", "", result["skipped"], ""]
    met = result.get("met")
    return [
        result["what"],
        f"{result['seconds']:.3f}",
        f"{result['cpu_seconds']:.2f}",
        f"{result['peak_mb']:.0f}",
        f"{result['ratio']:.2f}" if "ratio" in result else "",
        result.get("goal", ""),
        "" if met is None else "met" if met else "MISSED",
    ]


def print_table(results):
    """As Markdown, which reads well on a terminal too."""
    table = [["what", "seconds", "CPU s", "peak MB", "ratio", "goal", ""]] + [cells(result) for result in results]
    widths = [max(3, *(len(line[i]) for line in table)) for i in range(7)]
    numeric = (1, 2, 3, 4)
    ruler = ["-" * (width - 1) + (":" if i in numeric else "-") for i, width in enumerate(widths)]
    for line in [table[0], ruler, *table[1:]]:
        aligned = [
            cell.rjust(width) if i in numeric else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ]
        print(f"| {' | '.join(aligned)} |")


def conditions(options):
    sqlite = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    prismctl = subprocess.run([options.prismctl, "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "rows": options.rows,
        "columns": len(bench_data.COLUMNS),
        "runs": options.runs,
        "cores": len(os.sched_getaffinity(0)),
        "prismctl": prismctl.strip(),
        "sqlite3": sqlite,
    }


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1")
    return value


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures prismctl beside its peers on the same made-up data, each the best of a few runs.",
        epilog="The data are made once and kept in ${XDG_CACHE_HOME:-~/.cache}/prismctl-bench. "
        "Exit code: 0 when everything ran, whether or not goals were met.",
    )
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), help="may be repeated")
    parser.add_argument("--rows", type=positive, default=1_000_000, help="facts to make (default 1000000)")
    parser.add_argument("--runs", type=positive, default=3, help="of each measurement (default 3)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--prismctl", type=pathlib.Path, metavar="FILE", default=pathlib.Path("build/release/prismctl"),
        help="the program (default: build/release/prismctl, built first)",
    )  # fmt: skip
    parser.add_argument(
        "--workbook", type=pathlib.Path, metavar="FILE", default=pathlib.Path("../shared/data/000_TOPini.xls"),
        help="for convert and topini; skipped where it is absent",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    options.prismctl = options.prismctl.resolve()
    options.workbook = options.workbook.resolve()
    return options


def main():
    options = parse(sys.argv[1:])
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    cache = pathlib.Path(home) / "prismctl-bench"
    cache.mkdir(parents=True, exist_ok=True)
    results = []
    try:
        with tempfile.TemporaryDirectory(prefix="run-", dir=cache) as work:
            bench = Bench(options, cache, pathlib.Path(work))
            about = conditions(options)
            for name in options.only or MEASUREMENTS:
                results += MEASUREMENTS[name](bench)
    except (Failed, OSError, subprocess.CalledProcessError) as error:
        say(f"failed: {error}")
        return 1
    if options.json:
        print(json.dumps({"schema": 1, **about, "results": results}, indent=2))
    else:
        text = "{rows:,} facts, {columns} columns; {cores} cores; {prismctl}; SQLite {sqlite3}; best of {runs}\n"
        print(text.format(**about))
        print_table(results)
        for result in results:
            if result.get("differs"):
                print(f"\n{result['what']}: {result['differs']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
