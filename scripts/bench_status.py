"""Ten targets on this machine, all well, and others that never answer, for scripts/bench."""

import contextlib
import os
import pathlib
import socket
import subprocess
import urllib.parse

from bench_peers import Missing
from bench_postgres import value
from bench_run import Job, row, run, say, skipped

NAME = "status"
SCRIPTS = pathlib.Path(__file__).resolve().parent
SERVICES = ["postgres", "redis", "nats", "consul"]
SILENT = 3
TIME_LIMIT = 1
# How busy the machine is must not fail a run.
NO_LIMITS = "cpu_used=101,memory_used=101,disk_used=101"


@contextlib.contextmanager
def servers(folder):
    """The folder of servers that end with this block."""
    place = folder / "services"
    command = [SCRIPTS / "services", "start", "--while", str(os.getpid()), "--dir", place, *SERVICES]
    started = subprocess.run(command, capture_output=True, text=True)
    try:
        if started.returncode != 0 or not (place / "env").exists():
            raise Missing(f"no servers: {started.stderr.strip()}")
        yield place
    finally:
        subprocess.run([SCRIPTS / "services", "stop", "--dir", place], capture_output=True, check=False)


@contextlib.contextmanager
def silent():
    """The port of one who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def ten_targets(place):
    postgres, redis, nats, monitor, consul = (
        value(place / "env", f"PRISM_TEST_{name}") for name in ("POSTGRES", "REDIS", "NATS", "NATS_MONITOR", "CONSUL")
    )
    parts = urllib.parse.urlsplit(postgres)
    return {
        "auth": f"url = '{postgres}'",
        "ops": f"url = '{postgres.removesuffix('/postgres')}/template1'",
        "cache": f"url = '{redis}/0'",
        "queue": f"url = '{redis}/1'",
        "nats": f"url = '{nats}'",
        "consul": f"url = '{consul.replace('http://', 'consul://')}'",
        "monitor": f"url = '{monitor}/healthz'",
        "leader": f"url = '{consul}/v1/status/leader'",
        "port": f"url = 'tcp://127.0.0.1:{parts.port}'",
        "certs": "paths = ['prismctl.toml']",
    }


def write_config(folder, targets):
    file = folder / "prismctl.toml"
    file.write_text("".join(f"[targets.{name}]\n{text}\n" for name, text in targets.items()))
    file.chmod(0o600)


def measure(bench):
    """status of ten targets; then with three more that never answer, whose time limit is 1 s."""
    try:
        with servers(bench.work) as place, silent() as port:
            return look(bench, ten_targets(place), port)
    except Missing as missing:
        return [skipped(NAME, "prismctl status", str(missing))]
    finally:
        (bench.work / "prismctl.toml").unlink(missing_ok=True)


def look(bench, ten, port):
    more = {f"silent{i}": f"url = 'http://127.0.0.1:{port}/'" for i in range(SILENT)}
    command = [*bench.program, "status", "--cache", "none"]
    environment = {"PRISMCTL_STATUS_WARN": NO_LIMITS, "PRISMCTL_STATUS_TIME_LIMIT": str(TIME_LIMIT)}
    write_config(bench.work, ten)
    run([*command], bench.work, more_environment=environment)
    say("status")
    critical = ["sh", "-c", '"$@"; test $? -eq 2', "sh", *command]
    well, trouble = bench.best(
        Job(command, lambda: write_config(bench.work, ten), environment=environment),
        Job(critical, lambda: write_config(bench.work, ten | more), environment=environment),
    )
    once = TIME_LIMIT + 0.25
    return [
        row(NAME, "prismctl status, 10 targets", well, goal="<= 0.15 s", met=well.seconds <= 0.15),
        row(NAME, f"the same, {SILENT} more that are silent for 1 s", trouble, goal=f"<= {once} s",
            met=trouble.seconds <= once),
    ]  # fmt: skip
