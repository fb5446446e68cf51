"""How scripts/bench runs a command and what it keeps of it."""

import json
import os
import shlex
import subprocess
import sys
import time


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    """A command that was to be measured did not run."""


class Usage:
    """What a command took: wall and CPU seconds, peak resident MB."""

    def __init__(self, seconds, cpu, megabytes):
        self.seconds, self.cpu, self.megabytes = seconds, cpu, megabytes


class Job:
    """A command to measure; `prepare` goes before each run, `check` behind it, and neither is measured.

    Where it has a clock of its own, which leaves out its preparations, it ends its output with a line of JSON.
    """

    def __init__(
        self, command, prepare=lambda: None, stdin=None, *, environment=None, own_clock=False, check=lambda usage: None
    ):
        self.command, self.prepare, self.stdin = command, prepare, stdin
        self.environment, self.own_clock, self.check = environment or {}, own_clock, check


def run(command, folder, stdin=None, more_environment=None):
    """Runs the command to its end in `folder`, and measures it."""
    log, used = folder / "output.txt", folder / "used.txt"
    environment = {k: os.environ[k] for k in ("PATH", "LANG", "TMPDIR") if k in os.environ}
    environment.update(more_environment or {}, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"))
    # A child's peak memory counts from its parent's size at the fork: time is small, Python is not.
    timed = ["/usr/bin/time", "-q", "-f", "%M %U %S", "-o", str(used), *command]
    with open(log, "wb") as out, open(stdin or os.devnull, "rb") as source:
        started = time.perf_counter()
        code = subprocess.run(timed, cwd=folder, stdin=source, stdout=out, stderr=out, env=environment).returncode
        seconds = time.perf_counter() - started
    if code != 0:
        words = log.read_text(errors="replace").strip()
        raise Failed(f"{shlex.join(map(str, command))}: exit code {code}\n{words}")
    kilobytes, user, system = map(float, used.read_text().split())
    return Usage(seconds, user + system, kilobytes * 1024 / 1e6)


def run_job(job, folder):
    usage = run(job.command, folder, job.stdin, job.environment)
    if not job.own_clock:
        return usage
    told = json.loads((folder / "output.txt").read_text().splitlines()[-1])
    return Usage(told["seconds"], told["cpu_seconds"], usage.megabytes)


def row(name, what, usage, **more):
    measured = {"seconds": usage.seconds, "cpu_seconds": usage.cpu, "peak_mb": usage.megabytes}
    return {"name": name, "what": what, **measured, **more}


def skipped(name, what, reason):
    say(f"{name}: {what}: skipped, {reason}")
    return {"name": name, "what": what, "skipped": reason}
