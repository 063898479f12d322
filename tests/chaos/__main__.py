"""`make chaos`: every kind of chaos in turn, or one (`--only sigkill`), and a table of what came of it."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from hub.events import configure_logging
from tests.chaos.fuzz.run import fuzz
from tests.chaos.ports import take_ports
from tests.chaos.remotes import RemoteDown
from tests.chaos.result import Row, render
from tests.chaos.scene import suffer
from tests.chaos.signals import Sigkill, Sigstop
from tests.chaos.stores import FullDisk, LostServer

KINDS: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "sigkill": lambda asked: [suffer(Sigkill(asked.seed, asked.kills))],
    "sigstop": lambda asked: [suffer(Sigstop(asked.seed))],
    "disk": lambda asked: [suffer(FullDisk(asked.seed, asked.fills))],
    "postgres": lambda asked: [suffer(LostServer(asked.seed, asked.restarts))],
    "port": lambda asked: [take_ports(asked.seed)],
    "fuzz": lambda asked: fuzz(asked.inputs, asked.seed),
    "remote": lambda asked: [suffer(RemoteDown(asked.seed))],
}


def main() -> int:
    """Run what is asked for; return 0 where all held."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(KINDS), help="this kind alone; may be given several times")
    parser.add_argument("--json", type=Path, help="write the table into this file, too, with all that is wrong")
    parser.add_argument("--seed", type=int, default=7, help="of the retailer and of chance")
    parser.add_argument("--kills", type=int, default=100, help="how often SIGKILL strikes")
    parser.add_argument("--fills", type=int, default=6, help="how often the disk is full")
    parser.add_argument("--restarts", type=int, default=6, help="how often PostgreSQL goes away")
    parser.add_argument("--inputs", type=int, default=200_000, help="how many inputs are spoiled")
    asked = parser.parse_args()
    configure_logging(json=False, level=50)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # the systems' servers complain when their caller dies
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _end)  # whatever was started is ended, too
    rows: list[Row] = []
    for kind in asked.only or KINDS:
        print(f"{kind} ...", file=sys.stderr, flush=True)
        rows += KINDS[kind](asked)
        if asked.json:
            asked.json.write_text(json.dumps([row.as_doc() for row in rows], indent=2, default=str) + "\n", "utf-8")
    print(render(rows))
    for row in rows:
        for sentence in row.wrong[:20]:
            print(f"{row.kind}: {sentence}", file=sys.stderr)
    return 1 if any(row.wrong for row in rows) else 0


def _end(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
