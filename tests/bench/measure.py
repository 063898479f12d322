"""Run a whole program, or several in a pipe, and ask the operating system what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KIB = 1024 if sys.platform != "darwin" else 1
"""`ru_maxrss` is in kibibytes, on macOS in bytes (getrusage(2))."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU seconds of all its processes, peak memory of the largest one, seconds by the clock on the wall."""

    cpu_s: float
    peak_bytes: int
    wall_s: float


class ProgramFailed(Exception):
    """A program under measurement ended with an error."""


def run(programs: Sequence[Sequence[str]], folder: Path) -> Sample:
    """Run programs, each one's output into the next one's input, in `folder`. Raises ProgramFailed.

    The interpreter's start and all imports count. This process stays small: a child's peak begins with its parent's size.
    """
    log = folder / "errors.log"
    started = time.perf_counter()
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
        usages = [_wait(process, log) for process in running]
    return Sample(
        sum(used.ru_utime + used.ru_stime for used in usages),
        max(used.ru_maxrss for used in usages) * KIB,
        time.perf_counter() - started,
    )


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
