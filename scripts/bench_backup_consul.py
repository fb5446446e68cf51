"""A Consul server with 100 MB of KV, its backup and restore, and curl beside them, for scripts/bench."""

import contextlib
import http.client
import os
import pathlib
import random
import shutil
import subprocess
import time

from bench_peers import Missing
from bench_redis import free_port
from bench_run import Job, row, run, say, skipped

ENTRIES, SIZE = 1600, 64 * 1024
SETTINGS = """
server = true
bootstrap = true
data_dir = "{folder}/data"
bind_addr = "127.0.0.1"
client_addr = "127.0.0.1"
log_level = "warn"
disable_update_check = true
performance {{ raft_multiplier = 1 }}
ports {{ http = {http} server = {server} serf_lan = {serf} serf_wan = -1 dns = -1 grpc = -1 grpc_tls = -1 }}
"""


def program():
    """As scripts/services builds it."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    found = sorted((cache / "prismctl-services").glob("consul-[0-9]*"))
    if not found:
        raise Missing("there is no Consul; scripts/services start consul builds it")
    return str(found[-1])


@contextlib.contextmanager
def server(folder):
    """The port of a server that ends with this block."""
    home = folder / "consul"
    home.mkdir()
    ports = [free_port() for _ in range(3)]
    settings = home / "consul.hcl"
    settings.write_text(SETTINGS.format(folder=home, http=ports[0], server=ports[1], serf=ports[2]))
    command = [program(), "agent", f"-config-file={settings}"]
    agent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(ports[0])
        yield ports[0]
    finally:
        agent.kill()
        agent.wait()
        shutil.rmtree(home, ignore_errors=True)


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


def wait_for(port):
    for _ in range(1000):
        with contextlib.suppress(OSError):
            if ask(port, "GET", "/v1/kv/none")[0] == 404:
                return
        time.sleep(0.02)
    raise Missing(f"Consul on port {port} does not answer")


def fill(port):
    random_bytes = random.Random(1)
    for i in range(ENTRIES):
        ask(port, "PUT", f"/v1/kv/bench/{i}", random_bytes.randbytes(SIZE))


def measure(bench):
    """Backup and restore of Consul, beside curl."""
    try:
        with server(bench.work) as port:
            return measure_with(bench, port)
    except Missing as missing:
        return [skipped("backup-consul", "prismctl backup of Consul", str(missing))]


def measure_with(bench, port):
    empty = ask(port, "GET", "/v1/snapshot")[1]
    say(f"consul: loading {ENTRIES * SIZE / 1e6:.0f} MB of KV")
    fill(port)
    repository, peer = bench.work / "consul-repository", bench.work / "peer.snap"
    url = f"http://127.0.0.1:{port}/v1/snapshot"
    environment = {"CONSUL_HTTP_ADDR": f"127.0.0.1:{port}"}
    prismctl = [*bench.program, "--repository", str(repository), "--store", "none.db", "--cache", "none"]

    def forget():
        shutil.rmtree(repository, ignore_errors=True)

    say("consul: curl and prismctl backup")
    curl, backup = bench.best(
        Job(["curl", "-sSf", "-o", str(peer), url]),
        Job([*prismctl, "backup", "--target", "consul"], forget, environment=environment),
    )

    def lose():
        ask(port, "PUT", "/v1/snapshot", empty)

    say("consul: curl and prismctl restore")
    run(["curl", "-sSf", "-o", str(peer), url], bench.work)
    curl_back, restore = bench.best(
        Job(["curl", "-sSf", "-o", "/dev/null", "-T", str(peer), url], lose),
        Job([*prismctl, "restore", "latest", "--target", "consul"], lose, environment=environment),
    )

    def beside(what, ours, theirs):
        ratio = ours.seconds / theirs.seconds
        met = ratio <= 1.2 and ours.megabytes <= 256
        return row("backup-consul", what, ours, ratio=ratio, goal="ratio <= 1.2, <= 256 MB", met=met)

    return [
        row("backup-consul", "curl of the snapshot", curl),
        beside("prismctl backup of Consul", backup, curl),
        row("backup-consul", "curl of the snapshot into the server", curl_back),
        beside("prismctl restore of Consul", restore, curl_back),
    ]
