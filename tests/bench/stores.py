"""The same loads into SQLite and into PostgreSQL: records per second of CPU (the database server's counts) and of the wall.

In: how many customers, how to start a server that keeps what it commits. Out: per step and store what it took.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench.data import make
from tests.bench.live import cpu_of
from tests.bench.measure import run
from tests.bench.programs import CONFIG, MAPPINGS, ROOT

SQLITE: Final = "sqlite:///hub.db"
STEPS: Final = (("first", "shop"), ("again", "shop"), ("second", "till"))
"""What is loaded in turn: the customers of a shop, the same once more, the same people from a second system."""
Rates = dict[str, tuple[float, float]]
"""Step -> (records per CPU second, records per second of the wall)."""


def load(work: Path, count: int, url: str, server_s: Callable[[], float] = lambda: 0.0) -> Rates:
    """Load into one empty store."""
    lines = make(work / "data", count).lines
    folder = work / ("sqlite" if url == SQLITE else "postgres")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(mappings=MAPPINGS).replace(SQLITE, url), encoding="utf-8")
    return dict(_steps(folder, config, lines, count, server_s))


def _steps(
    folder: Path, config: Path, lines: Path, count: int, server_s: Callable[[], float]
) -> Iterator[tuple[str, tuple[float, float]]]:
    for name, connection in STEPS:
        before = server_s()
        command = [sys.executable, str(ROOT / "cli.py"), "ingest", f"{connection}/customers", str(lines), "--config", str(config)]
        sample = run([command], folder)
        yield name, (count / (sample.cpu_s + server_s() - before), count / sample.wall_s)


def server_cpu(pid: int) -> Callable[[], float]:
    """Return what says how many CPU seconds a server and its sessions have taken."""
    return lambda: cpu_of(pid, with_children=True)
