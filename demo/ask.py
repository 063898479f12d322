"""What the hub's own command `hub show` answers, for many records at once: one reader, one view of the store.

In: an installation. Out: a function that answers as `hub show KIND ID --json` does under `data`; `said` asks the command itself.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from demo.histories import Ask
from hub.clock import Clock
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.ops.explain import show_entity
from hub.ops.find import find_entity
from hub.ops.installation import INSTANCE, Installation
from hub.ops.timeline import add_timeline

HUB = (sys.executable, "-c", "from hub.cli import main; main()")


@contextmanager
def asking(installation: Installation, clock: Clock) -> Iterator[Ask]:
    """Open the store for questions. A question about what is not there raises UsageError."""
    with installation.reader() as reader, reader.snapshot():
        ground = installation.ground(reader.flags().get(INSTANCE, ""))

        def ask(kind: str, ident: str) -> Doc:
            entity = find_entity(reader, EntityType(kind), ident)
            data = show_entity(reader, ground, entity)
            add_timeline(data, reader, ground, entity, clock.now())
            return data

        yield ask


def said(installation: Installation, environ: dict[str, str], kind: str, ident: str) -> Doc:
    """Return the answer of the command itself, a process of its own."""
    command = [*HUB, "show", kind, ident, "--json", "--config", str(installation.path)]
    done = subprocess.run(command, env=environ, capture_output=True, check=True, timeout=60)  # noqa: S603 - our own command
    data: Doc = orjson.loads(done.stdout)["data"]
    return data
