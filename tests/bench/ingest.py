"""The program under test, as long as there is no `hub ingest`: the same function, over the bench's own installation.

python -m tests.bench.ingest CONNECTION/STREAM FILE --store FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hub.config import Config, ConnectionConfig, Start
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.traits import Ordering, Traits
from hub.ops.ingest import BATCH, ingest
from hub.store import open_store

MAPPING = Path(__file__).parent / "mappings" / "customers.yaml"
CONNECTIONS = ("shop", "till")
"""Two systems with the same people, both live: their values vote, and nothing is written to either."""


def ground() -> Ground:
    """Return the installation of the bench."""
    settings = {"country": "DE"}
    config = Config(
        connections={
            name: ConnectionConfig(connector="bench", settings=settings, start=Start.LIVE, seed_rank=rank)
            for rank, name in enumerate(CONNECTIONS, start=1)
        }
    )
    tables = load(MAPPING.read_text(encoding="utf-8"), str(MAPPING)).streams
    traits = Traits(ordering=Ordering.CHANGED_AT)
    keys = [(name, stream) for name in CONNECTIONS for stream in tables]
    return Ground(config, {key: tables[key[1]] for key in keys}, dict.fromkeys(keys, traits), "bench")


def main(given: list[str]) -> None:
    """Ingest one file and print how its records ended."""
    parser = argparse.ArgumentParser(prog="tests.bench.ingest")
    parser.add_argument("stream", metavar="CONNECTION/STREAM")
    parser.add_argument("file", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=BATCH)
    asked = parser.parse_args(given)
    connection, _, stream = asked.stream.partition("/")
    store = open_store(f"sqlite:///{asked.store}/hub.db", synchronous="NORMAL")
    store.migrate()
    fates = ingest(store, ground(), connection, stream, asked.file, batch=asked.batch)
    store.close()
    sys.stdout.write(" ".join(f"{fate.value}={count}" for fate, count in sorted(fates.items())) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
