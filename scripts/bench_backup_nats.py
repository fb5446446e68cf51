"""Backup and restore of a NATS JetStream stream, beside the nats CLI, for scripts/bench."""

import contextlib
import json
import random
import shutil
import socket
import subprocess
import time
import urllib.request

from bench_peers import Missing, make
from bench_redis import free_port
from bench_run import Job, row, run, say, skipped

MESSAGES, MESSAGE_BYTES = 300_000, 1000
STREAM = "BENCH"
CLI = "github.com/nats-io/natscli/nats@v0.1.6"


def cli(cache):
    """The program nats, built when it isn't there."""
    program = cache / "nats"
    if program.exists():
        return program
    if shutil.which("go") is None:
        raise Missing("go is not there to build the nats CLI")
    say("backup-nats: building the nats CLI, once")
    folder = cache / "nats-build"
    settings = {"GOBIN": cache, "GOPATH": folder / "path", "GOCACHE": folder / "cache", "GOFLAGS": "-modcacherw"}
    words = [f"{name}={value}" for name, value in settings.items()]
    try:
        make(["env", *words, "CGO_ENABLED=0", "go", "install", "-trimpath", CLI], "go could not build the nats CLI")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return program


class Server:
    def __init__(self, port, monitor):
        self.port, self.monitor, self.url = port, monitor, f"nats://127.0.0.1:{port}"

    def ask(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.monitor}{path}", timeout=5) as answer:
            return json.load(answer)

    def messages(self):
        return self.ask("/jsz")["messages"]

    def wait(self):
        for _ in range(500):
            with contextlib.suppress(OSError):
                if self.ask("/healthz?js-enabled-only=true")["status"] == "ok":
                    return
            time.sleep(0.02)
        raise Missing("nats-server does not answer")

    def say(self, *lines):
        """What a client sends, until it is answered."""
        with socket.create_connection(("127.0.0.1", self.port)) as link:
            link.sendall(b'CONNECT {"verbose":false}\r\n')
            for line in lines:
                link.sendall(line)
            link.sendall(b"PING\r\n")
            got = b""
            while b"PONG\r\n" not in got:
                got += link.recv(4096)

    def request(self, subject, body=b""):
        self.say(b"PUB %s _ANSWER %d\r\n%s\r\n" % (subject.encode(), len(body), body))

    def remove(self):
        self.request(f"$JS.API.STREAM.DELETE.{STREAM}")
        self.expect(0)

    def expect(self, count):
        for _ in range(3000):
            if self.messages() == count:
                return
            time.sleep(0.02)
        raise Missing(f"nats-server has {self.messages():,} messages, not {count:,}")

    def load(self):
        config = {"name": STREAM, "subjects": ["bench.*"], "retention": "limits", "storage": "file", "num_replicas": 1}
        self.request(f"$JS.API.STREAM.CREATE.{STREAM}", json.dumps(config).encode())
        source = random.Random(8)
        # Half of it is not to be compressed.
        noise = [source.randbytes(MESSAGE_BYTES // 2) for _ in range(1000)]
        text = b"order accepted; " * (MESSAGE_BYTES // 32)

        def batch(first):
            pieces = []
            for i in range(first, first + 1000):
                body = noise[i % 1000] + text
                pieces.append(b"PUB bench.%d %d\r\n%s\r\n" % (i % 100, len(body), body))
            return b"".join(pieces)

        self.say(*(batch(first) for first in range(0, MESSAGES, 1000)))
        self.expect(MESSAGES)


@contextlib.contextmanager
def server(folder):
    """A server with JetStream that ends with this block."""
    port, monitor = free_port(), free_port()
    command = ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-m", str(monitor), "-js", "-sd", str(folder / "nats")]
    try:
        running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError as absent:
        raise Missing("nats-server is not there") from absent
    try:
        one = Server(port, monitor)
        one.wait()
        yield one
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder / "nats", ignore_errors=True)


def measure(bench):
    """Dump and restore of a stream of 300 MB."""
    try:
        program = cli(bench.cache)
        with server(bench.work) as nats:
            say(f"backup-nats: loading {MESSAGES:,} messages")
            nats.load()
            return back_up_and_restore(bench, program, nats)
    except Missing as missing:
        return [skipped("backup-nats", "prismctl backup of NATS", str(missing))]


def back_up_and_restore(bench, program, nats):
    repository, peer, kept = bench.work / "nats-repository", bench.work / "nats-peer", bench.work / "nats-kept"
    config = bench.work / "nats.toml"
    config.write_text(f'[targets.nats]\nurl = "{nats.url}"\n')
    config.chmod(0o600)
    common = ["--config", config, "--repository", repository, "--store", "none.db", "--cache", "none", "--target", "nats"]
    ours = [str(word) for word in (*bench.program, "backup", *common)]
    theirs = [str(program), "--server", nats.url, "stream"]

    def empty():
        for folder in (repository, peer):
            shutil.rmtree(folder, ignore_errors=True)

    say("backup-nats: nats stream backup --check and prismctl backup")
    dump, backup = bench.best(
        Job([*theirs, "backup", STREAM, str(peer), "--check", "--no-progress"], empty),
        Job(ours, empty),
    )
    empty()
    run([*theirs, "backup", STREAM, str(kept), "--no-progress"], bench.work)
    run(ours, bench.work)
    say("backup-nats: nats stream restore and prismctl restore")
    whole = lambda usage: nats.expect(MESSAGES)  # noqa: E731
    load, restore = bench.best(
        Job([*theirs, "restore", str(kept), "--no-progress"], nats.remove, check=whole),
        Job([str(word) for word in (*bench.program, "restore", "latest", *common)], nats.remove, check=whole),
    )
    shutil.rmtree(kept, ignore_errors=True)
    empty()
    return [
        row("backup-nats", "nats stream backup --check", dump),
        beside("prismctl backup of NATS", backup, dump),
        row("backup-nats", "nats stream restore", load),
        beside("prismctl restore of NATS", restore, load),
    ]


def beside(what, ours, peer):
    ratio = ours.seconds / peer.seconds
    met = ratio <= 1.2 and ours.megabytes <= 256
    return row("backup-nats", what, ours, ratio=ratio, goal="ratio <= 1.2, <= 256 MB", met=met)
