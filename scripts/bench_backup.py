"""Targets, repositories and peers of a backup, for scripts/bench."""

import shlex
import shutil
import urllib.parse

import bench_postgres
import bench_redis
from bench_peers import Missing
from bench_run import Job, row, run, say, skipped

TARGETS = ("facts", "database", "cache")


class Scene:
    """Three targets in a config file of their own, and an empty repository for each run."""

    def __init__(self, program, work, urls):
        self.program, self.work, self.urls = program, work, urls
        self.repository = work / "repository"
        self.config = work / "backup.toml"
        self.config.write_text("".join(f'[targets.{name}]\nurl = "{url}"\n' for name, url in urls.items()))
        self.config.chmod(0o600)

    def empty(self):
        shutil.rmtree(self.repository, ignore_errors=True)
        for file in self.work.glob("peer*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def prismctl(self, *words):
        options = ["--config", self.config, "--repository", self.repository, "--store", self.urls["facts"]]
        return [*map(str, [*self.program, *words, *options]), "--cache", "none"]

    def backup(self, *targets, jobs=2):
        chosen = [word for target in targets for word in ("--target", target)]
        return self.prismctl("backup", *chosen, "--jobs", jobs)

    def one_by_one(self):
        commands = [shlex.join(map(str, self.backup(target, jobs=1))) for target in TARGETS]
        return shell(" && ".join(commands))

    def restore(self, target, *more):
        return self.prismctl("restore", "latest", "--target", target, *more)


def shell(line):
    return ["bash", "-o", "pipefail", "-c", line]


def sqlite_peer(file):
    return shell(f"sqlite3 {shlex.quote(file)} '.backup peer.db' && zstd -q -3 -T2 peer.db -o peer.db.zst")


def dump_peer(url):
    return shell(f"pg_dump {shlex.quote(url)} | zstd -q -3 -T2 -o peer.sql.zst")


def custom_dump_peer(url):
    return ["pg_dump", "-Fc", "-f", "peer.dump", url]


def restore_peer(url, archive):
    return ["pg_restore", "-j2", "-d", url, str(archive)]


def with_database(url, name):
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path=f"/{name}"))


def rdb_peer(port):
    return ["redis-cli", "-p", str(port), "--rdb", "peer.rdb"]


def measure(bench):
    """Backups of SQLite, PostgreSQL and Redis, and a restore, beside the tools that people use."""
    if not (bench.work / "ours.db").exists():
        say("backup: loading a store first")
        run(bench.import_command(), bench.work)
    try:
        with bench_postgres.server(bench.work) as url, bench_redis.servers(bench.work) as [port]:
            say("backup: loading PostgreSQL and Redis")
            run([*bench.program, "import", str(bench.data()), "--store", url], bench.work)
            cache = f"redis://127.0.0.1:{port}"
            run([*bench.program, "rebuild-cache", "--store", url, "--cache", cache], bench.work)
            urls = {"facts": "ours.db", "database": url, "cache": cache}
            scene = Scene(bench.program, bench.work, urls)
            return back_up(bench, scene, url, port) + restore_postgres(bench, scene, url)
    except Missing as missing:
        return [skipped("backup", "prismctl backup", str(missing))]


def back_up(bench, scene, url, port):
    say("backup: each target and its peers, all one by one, and all at once")
    file, dump, custom, rdb, facts, database, cache, one_by_one, at_once = bench.best(
        Job(sqlite_peer("ours.db"), scene.empty),
        Job(dump_peer(url), scene.empty),
        Job(custom_dump_peer(url), scene.empty),
        Job(rdb_peer(port), scene.empty),
        *(Job(scene.backup(target), scene.empty) for target in TARGETS),
        Job(scene.one_by_one(), scene.empty),
        Job(scene.backup(*TARGETS), scene.empty),
    )

    def beside(what, ours, peer, most):
        ratio = ours.seconds / peer.seconds
        met = ratio <= most and ours.megabytes <= 256
        return row("backup", what, ours, ratio=ratio, goal=f"ratio <= {most}, <= 256 MB", met=met)

    return [
        row("backup", "sqlite3 .backup, then zstd -3 -T2", file),
        beside("prismctl backup of SQLite", facts, file, 1.2),
        row("backup", "pg_dump | zstd -3 -T2", dump),
        row("backup", "pg_dump -Fc", custom),
        beside("prismctl backup of PostgreSQL", database, dump, 1.1),
        beside("the same, beside pg_dump -Fc", database, custom, 1.0),
        row("backup", "redis-cli --rdb", rdb),
        beside("prismctl backup of Redis", cache, rdb, 1.2),
        row("backup", "prismctl backup, the three one after the other", one_by_one),
        beside("prismctl backup, all at once", at_once, one_by_one, 1.0),
    ]


def restore_postgres(bench, scene, url):
    say("backup: pg_restore -j2 and prismctl restore")
    scene.empty()
    run(scene.backup("database"), bench.work)
    archive = bench.work / "kept.dump"
    fresh, place = (with_database(url, name) for name in ("peer", "ours"))
    run(["pg_dump", "-Fc", "-f", str(archive), url], bench.work)

    def empty():
        for name in ("peer", "ours"):
            bench_postgres.ask(url, bench.work, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        bench_postgres.ask(url, bench.work, "CREATE DATABASE peer TEMPLATE template0")
        bench_postgres.ask(url, bench.work, "CHECKPOINT")

    peer, ours, streamed = bench.best(
        Job(restore_peer(fresh, archive), empty),
        Job(scene.restore("database", "--into", place, "--jobs", "2"), empty),
        Job(scene.restore("database", "--into", place), empty),
    )
    ratio = ours.seconds / peer.seconds
    met = ratio <= 1.1 and ours.megabytes <= 256
    return [
        row("backup", "pg_restore -j2", peer),
        row("backup", "prismctl restore --jobs 2 of PostgreSQL", ours, ratio=ratio, goal="ratio <= 1.1, <= 256 MB", met=met),
        row("backup", "prismctl restore of PostgreSQL, as a stream", streamed, ratio=streamed.seconds / peer.seconds),
    ]
