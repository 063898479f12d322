"""One trial in a process of its own: `python -m tests.mutants.afresh FILE INDEX LIST-OF-TESTS`. Exit code 0: it survived."""

from __future__ import annotations

import sys

import pytest

from tests.mutants.settled import Settled
from tests.mutants.trials import End, FaultyImport


def main(file: str, index: str, listed: str) -> int:
    """Import the faulty module in place of the true one, and run the tests that are named."""
    sys.meta_path.insert(0, FaultyImport(file, int(index)))
    code = pytest.main(["-x", f"@{listed}"], plugins=[Settled()])
    return int(End.SURVIVED if code == pytest.ExitCode.OK else End.KILLED)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
