"""Run a whole program, or several in a pipe, and ask the operating system what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB = 1024 if sys.platform != "darwin" else 1
"""`ru_maxrss` is in kibibytes, on macOS in bytes (getrusage(2))."""
PROC = Path("/proc")
LOOK_S = 0.2
"""How often the size of a running program is looked at."""
LEAST_LOOKS = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU seconds of all its processes, peak memory of the largest one, seconds by the clock on the wall.

    `others`: how many cores other programs kept busy meanwhile. `sizes`: resident bytes of the last program, looked at every
    200 ms. Both are only known on Linux.
    """

    cpu_s: float
    peak_bytes: int
    wall_s: float
    others: float | None = None
    sizes: tuple[int, ...] = ()

    @property
    def growth(self) -> float | None:
        """Return the largest size in the last quarter of the run over that in its second quarter; None for a short run."""
        quarter = len(self.sizes) // 4
        if len(self.sizes) < LEAST_LOOKS:
            return None
        return max(self.sizes[-quarter:]) / max(self.sizes[quarter : 2 * quarter])


class ProgramFailed(Exception):
    """A program under measurement ended with an error."""


def run(programs: Sequence[Sequence[str]], folder: Path) -> Sample:
    """Run programs, each one's output into the next one's input, in `folder`. Raises ProgramFailed.

    The interpreter's start and all imports count. This process stays small: a child's peak begins with its parent's size.
    """
    log = folder / "errors.log"
    started, busy = time.perf_counter(), busy_s()
    with log.open("wb") as errors, (folder / "output.log").open("wb") as output:
        running: list[subprocess.Popen[bytes]] = []
        feed: int | None = None
        for number, program in enumerate(programs, start=1):
            last = number == len(programs)
            process = subprocess.Popen(
                program, cwd=folder, stdin=feed, stdout=output if last else subprocess.PIPE, stderr=errors, env=_environment()
            )
            feed = process.stdout.fileno() if process.stdout is not None else None
            running.append(process)
        for process in running:
            if process.stdout is not None:
                process.stdout.close()  # the reader's end is the child's own now
        with _watched(running[-1].pid) as sizes:
            usages = [_wait(process, log) for process in running]
    cpu_s, wall_s = sum(used.ru_utime + used.ru_stime for used in usages), time.perf_counter() - started
    others = max(0.0, (busy_s() - busy - cpu_s) / wall_s) if busy else None
    return Sample(cpu_s, max(used.ru_maxrss for used in usages) * KIB, wall_s, others, tuple(sizes))


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Note the resident size of a program as long as it runs; nothing where the system has no /proc."""
    sizes: list[int] = []
    done = threading.Event()

    def look() -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not done.wait(LOOK_S):
            try:
                sizes.append(int((PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * page)
            except (OSError, IndexError):
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield sizes
    finally:
        done.set()
        watcher.join()


def busy_s() -> float:
    """Return the CPU seconds that all programs of this machine have used since it started; 0 where nobody says."""
    try:
        fields = (PROC / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _wait(process: subprocess.Popen[bytes], log: Path) -> os.struct_rusage:  # type: ignore[name-defined] # typeshed: resource.struct_rusage
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        message = f"{process.args!r} ended with {process.returncode}:\n{tail}"
        raise ProgramFailed(message)
    return used


def _environment() -> dict[str, str]:
    here = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": here, "PYTHONHASHSEED": "0"}
