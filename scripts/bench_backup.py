"""Targets, repositories and peers of a backup, for scripts/bench."""

import shlex
import shutil
import urllib.parse

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
