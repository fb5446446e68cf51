"""A bucket of MinIO, backed up by prismctl and by rclone and tar, for scripts/bench."""

import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess

from bench_peers import Missing
from bench_postgres import value
from bench_run import Job, row, run, say, skipped

SCRIPTS = pathlib.Path(__file__).resolve().parent
OBJECTS, SIZE = 10_000, 64 * 1024
BUCKET = "bench-objects"


@contextlib.contextmanager
def server(folder):
    """The environments of prismctl and of rclone for a server that ends with this block."""
    place = folder / "minio"
    command = [SCRIPTS / "services", "start", "--while", str(os.getpid()), "--dir", place, "minio"]
    started = subprocess.run(command, capture_output=True, text=True)
    try:
        if started.returncode != 0 or not (place / "env").exists():
            raise Missing(f"no MinIO server: {started.stderr.strip()}")
        url, user, password = (value(place / "env", f"PRISM_TEST_S3{part}") for part in ("", "_ACCESS_KEY", "_SECRET_KEY"))
        yield (
            {"MINIO_ENDPOINT": url, "MINIO_BUCKET_NAME": BUCKET, "MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password},
            {
                "RCLONE_CONFIG": str(folder / "no-rclone.conf"),
                "RCLONE_CONFIG_M_TYPE": "s3",
                "RCLONE_CONFIG_M_PROVIDER": "Minio",
                "RCLONE_CONFIG_M_ENDPOINT": url,
                "RCLONE_CONFIG_M_ACCESS_KEY_ID": user,
                "RCLONE_CONFIG_M_SECRET_ACCESS_KEY": password,
            },
        )
    finally:
        subprocess.run([SCRIPTS / "services", "stop", "--dir", place], capture_output=True, check=False)


def make_objects(folder):
    """Half of each is text that compresses, half is not."""
    folder.mkdir()
    for number in range(OBJECTS):
        part = folder / f"{number % 100:02}"
        part.mkdir(exist_ok=True)
        text = f"object {number} of a bucket\n".encode() * SIZE
        (part / f"{number}.bin").write_bytes(text[: SIZE // 2] + os.urandom(SIZE // 2))


def measure(bench):
    """A backup of a bucket, beside rclone copy into a folder and then tar and zstd; and a restore."""
    if shutil.which("rclone") is None:
        return [skipped("backup-s3", "prismctl backup of a bucket", "rclone is not there")]
    try:
        with server(bench.work) as (ours, theirs):
            return back_up(bench, ours, theirs)
    except Missing as missing:
        return [skipped("backup-s3", "prismctl backup of a bucket", str(missing))]


def back_up(bench, ours, theirs):
    source, copied, repository = (bench.work / name for name in ("objects", "copied", "repository"))
    say(f"objects: making {OBJECTS:,} objects of {SIZE // 1024} KiB")
    make_objects(source)
    run(["rclone", "copy", str(source), f"m:{BUCKET}", "--transfers", "8"], bench.work, more_environment=theirs)

    def empty():
        shutil.rmtree(copied, ignore_errors=True)
        shutil.rmtree(repository, ignore_errors=True)
        (bench.work / "peer.tar.zst").unlink(missing_ok=True)

    def lose():
        run(["rclone", "purge", f"m:{BUCKET}"], bench.work, more_environment=theirs)

    def prismctl(*words):
        return [*bench.program, *words, "--repository", str(repository), "--store", "none.db", "--cache", "none", "--target", "objects"]

    copy = f"rclone copy m:{BUCKET} {shlex.quote(str(copied))}"
    pack = f"tar -C {shlex.quote(str(copied))} -c . | zstd -q -3 -T2 -o peer.tar.zst"
    say("objects: rclone copy with tar and zstd, and prismctl backup")
    peer, backup = bench.best(
        Job(["bash", "-o", "pipefail", "-c", f"{copy} && {pack}"], empty, environment=theirs),
        Job(prismctl("backup"), empty, environment=ours),
    )
    say("objects: rclone copy back, and prismctl restore")
    empty()
    run(prismctl("backup"), bench.work, more_environment=ours)
    peer_back, restore = bench.best(
        Job(["rclone", "copy", str(source), f"m:{BUCKET}"], lose, environment=theirs),
        Job(prismctl("restore", "latest"), lose, environment=ours),
    )
    ratio = backup.seconds / peer.seconds
    met = ratio <= 0.5 and backup.megabytes <= 256
    return [
        row("backup-s3", "rclone copy, then tar | zstd -3 -T2", peer),
        row("backup-s3", "prismctl backup of a bucket", backup, ratio=ratio, goal="ratio <= 0.5, <= 256 MB", met=met),
        row("backup-s3", "rclone copy back, from a folder", peer_back),
        row(
            "objects", "prismctl restore of a bucket", restore, ratio=restore.seconds / peer_back.seconds,
            goal="<= 256 MB", met=restore.megabytes <= 256,
        ),
    ]  # fmt: skip
