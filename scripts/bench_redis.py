"""Redis servers of scripts/bench's own, and the finished commands of a cache for `redis-cli --pipe`."""

import contextlib
import os
import socket
import subprocess
import time

from bench_peers import Missing


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def servers(folder, count=1):
    """Ports of servers without persistence that end with this block; three of them are a cluster."""
    ports, running = [], []
    try:
        for _ in range(count):
            port = free_port()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            if count > 1:
                command += ["--cluster-enabled", "yes", "--cluster-config-file", f"nodes-{port}.conf"]
                command += ["--cluster-port", str(free_port())]
            running.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL))
            ports.append(port)
        for port in ports:
            wait_for(port)
        if count > 1:
            join(ports)
        yield ports
    except FileNotFoundError as absent:
        raise Missing("redis-server is not there") from absent
    finally:
        for server in running:
            server.kill()
            server.wait()


def ask(port, *words):
    command = ["redis-cli", "-p", str(port), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def wait_for(port):
    for _ in range(500):
        done = subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, text=True)
        if done.stdout.strip() == "PONG":
            return
        time.sleep(0.02)
    raise Missing(f"redis-server on port {port} does not answer")


def join(ports):
    nodes = [f"127.0.0.1:{port}" for port in ports]
    subprocess.run(
        ["redis-cli", "--cluster", "create", *nodes, "--cluster-yes"], stdout=subprocess.DEVNULL, check=True
    )
    while any("cluster_state:ok" not in ask(port, "cluster", "info") for port in ports):
        time.sleep(0.1)


class Connection:
    """Just enough of Redis' protocol to read a cache."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.replies = self.socket.makefile("rb", 1 << 20)

    def send(self, commands):
        self.socket.sendall(b"".join(command(*words) for words in commands))

    def reply(self):
        line = self.replies.readline()
        if line[:1] == b"$":
            return self.replies.read(int(line[1:]) + 2)[:-2]
        if line[:1] == b"*":
            return [self.reply() for _ in range(int(line[1:]))]
        return line[1:-2]


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def write_commands(port, path):
    """One SADD or RPUSH for each key of the cache on that server, whole or not at all."""
    redis, cursor = Connection(port), b"0"
    with open(f"{path}.tmp", "wb", 1 << 20) as out:
        while True:
            redis.send([(b"SCAN", cursor, b"COUNT", b"2000", b"MATCH", b"rlc:entity:*")])
            cursor, keys = redis.reply()
            lists = [key.endswith(b":lineage") for key in keys]
            redis.send([(b"LRANGE", k, b"0", b"-1") if is_list else (b"SMEMBERS", k) for k, is_list in zip(keys, lists)])
            for key, is_list in zip(keys, lists):
                out.write(command(b"RPUSH" if is_list else b"SADD", key, *redis.reply()))
            if cursor == b"0":
                break
    os.replace(f"{path}.tmp", path)
