"""Which line is touched by which test, and how long each test takes: seen once by a tracer, kept per test file."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("hub", "connectors", "mappings", "demo")


@dataclass(slots=True)
class Touched:
    """Seconds of work per test that is green, and per file and line the tests that touch it."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def tests(self, file: str, first: int, last: int) -> list[str]:
        """Return the tests that touch any of these lines, fastest first."""
        found = {test for line, tests in self.lines.get(file, {}).items() if first <= line <= last for test in tests}
        return sorted(found, key=lambda test: (self.seconds[test], test))


class Tracer:
    """Notes the lines of some files that are executed. Python's own hook: one process, no plugin, threads included."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = {str(path): path.relative_to(ROOT).as_posix() for path in files}
        self.seen: set[tuple[str, int]] = set()

    def __call__(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        """Trace the functions of our files; the others are left alone after their call."""
        return self._line if frame.f_code.co_filename in self.files else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "line":
            self.seen.add((self.files[frame.f_code.co_filename], frame.f_lineno))
        return self._line

    def watch(self, act: Callable[[], bool]) -> tuple[bool, set[tuple[str, int]]]:
        """Run something; return what it says and the lines it touched."""
        self.seen = set()
        before = sys.gettrace()
        threading.settrace(self)
        sys.settrace(self)
        try:
            ended = act()
        finally:
            sys.settrace(before)
            threading.settrace(before)  # type: ignore[arg-type]
        return ended, self.seen


def trace(items: Sequence[pytest.Item], files: Iterable[Path], run: Callable[[pytest.Item, pytest.Item | None], bool]) -> Any:
    """Run tests once, and return per test its seconds and lines; none for one that is red as things stand."""
    tracer, found = Tracer(files), {}
    for item, after in zip(items, [*items[1:], None], strict=True):
        started = time.process_time()
        green, seen = tracer.watch(lambda item=item, after=after: run(item, after))  # type: ignore[misc]
        took = round(time.process_time() - started, 4)
        found[item.nodeid] = [took, sorted(seen)] if green else None
    return found


def fingerprint(test_file: str) -> str:
    """Return what a test file's trace hangs on: itself, what tests share, and all that is shipped."""
    return hashlib.sha256((_shared() + (ROOT / test_file).read_text(encoding="utf-8")).encode()).hexdigest()[:20]


_SHARED: list[str] = []


def _shared() -> str:
    if not _SHARED:
        known = hashlib.sha256()
        own = ROOT / "tests" / "mutants"
        for path in sorted(path for name in (*SOURCES, "tests") for path in (ROOT / name).rglob("*")):
            if path.suffix in (".py", ".yaml") and not path.name.startswith("test_") and path.parent != own:
                known.update(path.read_bytes())
        _SHARED.append(known.hexdigest())
    return _SHARED[0]


def keep(path: Path, per_file: dict[str, Any]) -> None:
    """Write the traces down."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(per_file), encoding="utf-8")


def gather(per_file: dict[str, Any]) -> Touched:
    """Turn traces round: from tests to lines."""
    touched = Touched()
    for traced in per_file.values():
        for test, found in traced["tests"].items():
            if found is None:
                continue
            touched.seconds[test] = found[0]
            for file, line in found[1]:
                touched.lines.setdefault(file, {}).setdefault(line, []).append(test)
    return touched
