"""Backup and restore of a graph, for scripts/bench, beside the Python driver and our own import."""

import shutil

import bench_neo4j
from bench_peers import Missing
from bench_run import Job, row, run, say, skipped

NAME = "backup-neo4j"


def measure(bench):
    """A dump beside the official driver's fetch of the same, and a restore beside our import of it."""
    try:
        say(f"{NAME}: starting a server")
        with bench_neo4j.server(bench.work, bench.cache) as server:
            return back_up(bench, server)
    except Missing as missing:
        return [skipped(NAME, "prismctl backup of Neo4j", str(missing))]


def back_up(bench, server):
    repository = bench.work / "graph-backups"
    options = ["--target", "graph", "--repository", str(repository), "--store", server.url, "--cache", "none"]
    migrate = [*bench.program, "migrate", "--store", server.url]
    load = [*bench.program, "import", str(bench.data(bench_neo4j.ROWS)), "--store", server.url]

    def job(command, prepare=lambda: None, own_clock=False):
        return Job(command, prepare, environment=server.environment, own_clock=own_clock)

    def empty():
        server.ask("wipe")

    def empty_store():
        server.ask("wipe")
        run(migrate, bench.work, None, server.environment)

    empty_store()
    run(load, bench.work, None, server.environment)
    say(f"{NAME}: the Python driver's fetch of {bench_neo4j.ROWS:,} facts, and prismctl backup")
    fetched, dumped = bench.best(
        job(server.driver_command("fetch-all"), own_clock=True),
        job([*bench.program, "backup", *options], lambda: shutil.rmtree(repository, ignore_errors=True)),
    )
    say(f"{NAME}: prismctl import and prismctl restore of them")
    loaded, restored = bench.best(
        job(load, empty_store),
        job([*bench.program, "restore", "latest", "--force", "--no-safety-copy", *options], empty),
    )

    def beside(what, ours, peer, most):
        ratio = ours.seconds / peer.seconds
        met = ratio <= most and ours.megabytes <= 256
        return row(NAME, what, ours, ratio=ratio, goal=f"ratio <= {most}, <= 256 MB", met=met)

    return [
        row(NAME, "Python driver with neo4j-rust-ext, fetch of all nodes and relationships", fetched),
        beside("prismctl backup of Neo4j", dumped, fetched, 0.6),
        row(NAME, "prismctl import into Neo4j", loaded),
        beside("prismctl restore of Neo4j", restored, loaded, 1.2),
    ]
