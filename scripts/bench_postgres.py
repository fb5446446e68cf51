"""A PostgreSQL server of scripts/bench's own, and psql, its peer."""

import contextlib
import pathlib
import subprocess
import urllib.parse

from bench_peers import Missing

SCRIPTS = pathlib.Path(__file__).resolve().parent


@contextlib.contextmanager
def server(folder):
    """The URL of a database on a server that ends with this block; its password is in `folder`/.pgpass."""
    place = folder / "postgres"
    command = [SCRIPTS / "services", "start", "--dir", place, "--durable", "postgres"]
    started = subprocess.run(command, capture_output=True, text=True)
    try:
        if started.returncode != 0:
            raise Missing(f"no PostgreSQL server: {started.stderr.strip()}")
        yield without_password(value(place / "env", "PRISM_TEST_POSTGRES"), folder)
    finally:
        subprocess.run([SCRIPTS / "services", "stop", "--dir", place], capture_output=True, check=False)


def value(env, name):
    for line in env.read_text().splitlines():
        key, _, text = line.partition("=")
        if key == name:
            return text.strip("'\"")
    raise Missing(f"no {name}")


def without_password(url, folder):
    parts = urllib.parse.urlsplit(url)
    secret = urllib.parse.unquote(parts.password)
    passwords = folder / ".pgpass"
    passwords.write_text(f"*:{parts.port}:*:{parts.username}:{secret}\n")
    passwords.chmod(0o600)
    return f"postgresql://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"


def ask(url, folder, sql):
    command = ["psql", url, "-qAtXc", sql]
    subprocess.run(command, check=True, capture_output=True, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})


def copy_command(url, columns, path):
    sql = f"\\copy prism.fact ({', '.join(columns)}) from '{path}' with (format csv, header)"
    return ["psql", url, "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql]
