"""Trials: one mutant each, in a process forked off after all tests were collected, so that nothing is imported twice.

A fault in the body of a function is put in by giving the function other code. One that acts when its module is imported
(a constant, a default), and every survivor, is tried again in a fresh process, whose import of that module is the faulty one.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.operators import find_places
from tests.mutants.touched import ROOT

SLOWER = 20.0
PATIENCE_S = 20.0
"""A test that takes this long, and this many times as long as it did, runs in circles."""


class End(IntEnum):
    """How a trial ended: the exit code of its process."""

    SURVIVED = 0
    KILLED = 1
    UNFIT = 7


def mutate(file: str, index: int) -> CodeType:
    """Compile a module with one fault in it."""
    tree = ast.parse((ROOT / file).read_bytes())
    find_places(tree)[index].put()
    return compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec", dont_inherit=True)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)


def _key(code: CodeType) -> tuple[Any, ...]:
    return code.co_filename, code.co_qualname, code.co_firstlineno, code.co_code, tuple(code.co_positions())[:4]


def functions(files: Sequence[Path]) -> dict[tuple[Any, ...], list[FunctionType]]:
    """Find every live function of some modules, closures made at import included, by its code."""
    names, found = {str(path) for path in files}, {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in names:
            found.setdefault(_key(thing.__code__), []).append(thing)
    return found


def put_in(file: str, index: int, live: dict[tuple[Any, ...], list[FunctionType]]) -> bool:
    """Give the functions of a module the code of its mutant. False where that cannot be done in a running process."""
    true = list(_codes(compile(ast.parse((ROOT / file).read_bytes()), str(ROOT / file), "exec", dont_inherit=True)))
    false = list(_codes(mutate(file, index)))
    if len(true) != len(false):
        return False
    changed = False
    for old, new in zip(true, false, strict=True):
        for function in live.get(_key(old), ()) if old != new else ():
            if old.co_freevars != new.co_freevars:
                return False
            function.__code__ = new
            changed = True
    return changed


def run_one(item: pytest.Item, after: pytest.Item | None) -> bool:
    """Run one test; say whether it is green. It is ended from outside when it takes too long."""
    reports = runtestprotocol(item, log=False, nextitem=after)
    return not any(report.failed for report in reports)


def run_all(items: Sequence[pytest.Item], seconds: dict[str, float]) -> End:
    """Run tests until the first that is red. A process that runs in circles ends by its alarm: that counts as killed."""
    for item, after in zip(items, [*items[1:], None], strict=True):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(PATIENCE_S + SLOWER * seconds.get(item.nodeid, 0.0)))
        if not run_one(item, after):
            return End.KILLED
    return End.SURVIVED


def fork(act: Any) -> int:
    """Do something in a child of this process. Returns its exit code; that of a signal is negative."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = int(End.KILLED)
        try:
            os.setsid()
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            code = int(act())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class FaultyImport(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with its fault; every other as ever."""

    def __init__(self, file: str, index: int) -> None:
        self.name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.file, self.index = file, index

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Answer for our module alone."""
        if fullname != self.name:
            return None
        package = self.file.endswith("/__init__.py")
        return importlib.util.spec_from_file_location(
            fullname,
            ROOT / self.file,
            loader=self,
            submodule_search_locations=[str((ROOT / self.file).parent)] if package else None,
        )

    def exec_module(self, module: Any) -> None:
        """Run the faulty module."""
        exec(mutate(self.file, self.index), module.__dict__)  # our own source, with one change
