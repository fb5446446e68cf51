"""Physical copies of a PostgreSQL server, for scripts/bench, beside pg_basebackup with zstd and pgBackRest."""

import os
import pathlib
import random
import shlex
import shutil
import statistics
import subprocess

import bench_postgres
from bench_backup import shell
from bench_peers import Missing
from bench_run import Failed, Job, Usage, row, run, say, skipped

NAME = "physical"
BLOCK = 8192
PGBENCH_SCALE = 100
NOTES = 4_700_000  # rows of about 300 bytes: with pgbench's tables, 3 GB
CHANGED = 0.01
PUSHED, PUSHED_ROWS = 25, 30_000  # segments, each with the WAL of so many updates
STANZA = "bench"

# Half of pgbench's bytes are blanks. These rows compress as text does.
NOTES_SQL = f"""
CREATE TABLE notes (id integer, changed integer, note text) WITH (fillfactor = 90);
INSERT INTO notes SELECT n, 0, repeat('note ' || n % 1000 || ' ', 8) || md5(n::text) || md5((n * 7)::text) || md5((n * 11)::text)
FROM generate_series(1, {NOTES}) AS n;
"""


class Server:
    """A PostgreSQL server with 3 GB, where nothing but the measurement changes anything."""

    def __init__(self, url, work):
        self.url, self.work = url, work
        self.random = random.Random(1)
        self.ask("ALTER SYSTEM SET autovacuum = off")
        self.ask("ALTER SYSTEM SET max_wal_size = '4GB'")
        self.ask("SELECT pg_reload_conf()")
        self.data = pathlib.Path(self.ask("SHOW data_directory"))

    def ask(self, sql):
        environment = {"HOME": str(self.work), "PATH": "/usr/bin:/bin"}
        command = ["psql", self.url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def fill(self):
        run(["pgbench", "-i", "-q", f"--scale={PGBENCH_SCALE}", "--fillfactor=90", self.url], self.work)
        self.ask(NOTES_SQL)
        self.ask("VACUUM FREEZE ANALYZE")
        self.ask("CHECKPOINT")

    def change(self):
        """As many blocks as 1 % of the database, at random, by a row in each that stays in its block."""
        script = self.work / "change.sql"
        tables = {"pgbench_accounts": "abalance", "notes": "changed"}
        blocks = {table: int(self.ask(f"SELECT pg_relation_size('{table}') / {BLOCK}")) for table in tables}
        share = CHANGED * int(self.ask("SELECT pg_database_size(current_database())")) / BLOCK / sum(blocks.values())
        changes = [
            update
            for table, column in tables.items()
            for update in self.updates(table, column, blocks[table], int(blocks[table] * share))
        ]
        script.write_text("\n".join(["BEGIN;", *changes, "COMMIT;", "CHECKPOINT;"]))
        run(["psql", self.url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-f", str(script)], self.work)

    def updates(self, table, column, blocks, changed):
        for block in self.random.sample(range(blocks), changed):
            # Which of its rows is left where the first was moved to before?
            row = f"SELECT ctid FROM {table} WHERE ctid >= '({block},1)' AND ctid < '({block + 1},0)' LIMIT 1"
            yield f"UPDATE {table} SET {column} = {column} + 1 WHERE ctid = ({row});"

    def keep_a_copy(self):
        """What tells, later, which blocks have changed."""
        self.ask("CHECKPOINT")
        shutil.rmtree(self.work / "before", ignore_errors=True)
        shutil.copytree(self.data / "base", self.work / "before")

    def compressed_changes(self):
        """How many blocks differ from the copy, and their bytes after zstd -3."""
        changed = self.work / "changed"
        count = 0
        with open(changed, "wb") as out:
            for file in sorted((self.data / "base").rglob("*")):
                old = self.work / "before" / file.relative_to(self.data / "base")
                if file.is_file():
                    count += write_changed(file, old, out)
        compressed = self.work / "changed.zst"
        run(["zstd", "-q", "-f", "-3", str(changed), "-o", str(compressed)], self.work)
        return count, compressed.stat().st_size


def write_changed(file, old, out):
    count = 0
    with open(file, "rb") as new, open(old if old.exists() else os.devnull, "rb") as before:
        while block := new.read(BLOCK):
            if block != before.read(BLOCK):
                out.write(block)
                count += 1
    return count


def size_of(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


class Scene:
    """A repository of ours and one of pgBackRest's, and where both are restored."""

    def __init__(self, bench, server):
        self.bench, self.server, self.work = bench, server, bench.work
        self.repository, self.place = bench.work / "copies", bench.work / "restored"
        self.config = bench.work / "physical.toml"
        self.config.write_text(f'[targets.copy]\nurl = "{server.url}"\n')
        self.config.chmod(0o600)

    def prismctl(self, *words):
        options = ["--config", self.config, "--repository", self.repository, "--store", "none.db", "--cache", "none"]
        return [*map(str, [*self.bench.program, *words, "--target", "copy", *options])]

    def empty(self):
        self.server.ask("CHECKPOINT")
        for folder in (self.repository, self.place):
            shutil.rmtree(folder, ignore_errors=True)
        (self.work / "peer.tar.zst").unlink(missing_ok=True)

    def base_backup(self):
        url = shlex.quote(self.server.url)
        return shell(f"pg_basebackup -d {url} -D - -Ft -X fetch -c fast | zstd -q -3 -T2 -o peer.tar.zst")

    def pgbackrest(self, *words):
        options = {
            "stanza": STANZA, "repo1-path": self.work / "pgbackrest", "log-path": self.work, "lock-path": self.work / "lock",
            "log-level-file": "off",
            "log-level-console": "warn",
        }  # fmt: skip
        return ["pgbackrest", *(f"--{key}={value}" for key, value in options.items()), *words]

    def fill_pgbackrest(self):
        port = self.server.ask("SHOW port")
        where = [f"--pg1-path={self.server.data}", f"--pg1-port={port}", "--pg1-user=prism", "--pg1-database=postgres",
                 f"--pg1-socket-path={self.server.ask('SHOW unix_socket_directories')}"]  # fmt: skip
        run(self.pgbackrest(*where, "stanza-create"), self.work)
        how = ["--compress-type=zst", "--compress-level=3", "--process-max=2", "--no-archive-check", "--start-fast"]
        run(self.pgbackrest(*where, *how, "backup"), self.work)


def measure(bench):
    """A full copy, one after 1 % was changed, a restore, and single segments of WAL."""
    if missing := [name for name in ("pgbackrest", "pgbench", "pg_basebackup") if shutil.which(name) is None]:
        return [skipped(NAME, "prismctl backup --type full", f"{', '.join(missing)}: not there")]
    try:
        with bench_postgres.server(bench.work) as url:
            say(f"{NAME}: filling a server with 3 GB")
            server = Server(url, bench.work)
            server.fill()
            scene = Scene(bench, server)
            return [*copies(bench, scene), *restores(bench, scene), *pushes(bench, scene)]
    except Missing as missing:
        return [skipped(NAME, "prismctl backup --type full", str(missing))]


def ratio_row(what, ours, peer, most):
    ratio = ours.seconds / peer.seconds
    met = ratio <= most and ours.megabytes <= 256
    return row(NAME, what, ours, ratio=ratio, goal=f"ratio <= {most}, <= 256 MB", met=met)


def copies(bench, scene):
    say(f"{NAME}: pg_basebackup | zstd, and prismctl backup --type full")
    full = Job(scene.prismctl("backup", "--type", "full"), scene.empty)
    peer, ours = bench.best(Job(scene.base_backup(), scene.empty), full)
    size = int(scene.server.ask("SELECT sum(pg_database_size(oid)) FROM pg_database"))
    return [
        row(NAME, f"pg_basebackup | zstd -3 -T2 of {size / 1e9:.1f} GB", peer),
        ratio_row("prismctl backup --type full", ours, peer, 1.15),
        *deltas(bench, scene, ours),
    ]


def deltas(bench, scene, full):
    say(f"{NAME}: prismctl backup --type delta after 1 % of the blocks were changed")
    scene.empty()
    run(scene.prismctl("backup", "--type", "full"), scene.work)
    shares, before = [], 0

    def change():
        nonlocal before
        scene.server.keep_a_copy()
        scene.server.change()
        before = size_of(scene.repository)

    def look(usage):
        stored = size_of(scene.repository) - before
        count, compressed = scene.server.compressed_changes()
        shares.append(stored / compressed)
        say(f"{NAME}: {usage.seconds:.2f} s; {count:,} blocks changed, {compressed:,} bytes compressed, {stored:,} stored")

    [delta] = bench.best(Job(scene.prismctl("backup", "--type", "delta"), change, check=look))
    share = max(shares)
    what = "what it stores, beside the changed blocks after zstd -3"
    return [
        ratio_row("prismctl backup --type delta, 1 % changed, beside the full", delta, full, 0.6),
        row(NAME, what, delta, ratio=share, goal="<= 1.3 of them", met=share <= 1.3),
    ]


def restores(bench, scene):
    say(f"{NAME}: pgbackrest restore and prismctl restore")
    scene.empty()
    shutil.rmtree(scene.work / "before", ignore_errors=True)
    run(scene.prismctl("backup", "--type", "full"), scene.work)
    scene.fill_pgbackrest()

    def clear():
        shutil.rmtree(scene.place, ignore_errors=True)
        scene.place.mkdir(mode=0o700)

    peer, ours = bench.best(
        Job(scene.pgbackrest(f"--pg1-path={scene.place}", "--process-max=2", "--type=immediate", "restore"), clear),
        Job(scene.prismctl("restore", "latest", "--type", "full", "--into", scene.place), clear),
    )
    clear()
    return [
        row(NAME, "pgbackrest restore, process-max=2", peer),
        ratio_row("prismctl restore --type full", ours, peer, 1.15),
    ]


def pushes(bench, scene):
    """The median of single segments that a server has written, beside writing what is stored of them durably."""
    say(f"{NAME}: prismctl wal push")
    scene.empty()
    for _ in range(PUSHED):
        scene.server.ask(f"UPDATE notes SET changed = changed + 1 WHERE id <= {PUSHED_ROWS}")
        scene.server.ask("SELECT pg_switch_wal()")
    now = scene.server.ask("SELECT pg_walfile_name(pg_current_wal_lsn())")
    system = scene.server.ask("SELECT system_identifier FROM pg_control_system()")
    wal = scene.server.data / "pg_wal"
    whole = sorted(file for file in wal.iterdir() if len(file.name) == 24 and file.name < now)[-PUSHED:]
    if not whole:
        raise Failed("the server has no whole segment of WAL")
    push, upload = [], []
    for file in whole:
        os.sync()
        words = ["wal", "push", str(file), "--system", system, "--repository", str(scene.repository)]
        push.append(run([*bench.program, *words], scene.work))
        compressed = scene.work / "segment.zst"
        run(["zstd", "-q", "-f", "-3", str(file), "-o", str(compressed)], scene.work)
        os.sync()
        dd = ["dd", f"if={compressed}", f"of={file.name}.copy", "conv=fsync", "bs=1M", "status=none"]
        upload.append(run(dd, scene.work))
    ours, peer = (median(usages) for usages in (push, upload))
    beside = Usage(ours.seconds - peer.seconds, ours.cpu - peer.cpu, ours.megabytes)
    return [
        row(NAME, f"dd conv=fsync of a compressed segment, median of {len(whole)}", peer),
        row(NAME, "prismctl wal push, beside it", beside, goal="<= 0.05 s", met=beside.seconds <= 0.05),
    ]


def median(usages):
    return Usage(
        statistics.median(usage.seconds for usage in usages),
        statistics.median(usage.cpu for usage in usages),
        max(usage.megabytes for usage in usages),
    )
