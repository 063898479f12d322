"""`hub ingest`: a file of JSON lines as the records of one stream, in batches of one transaction each."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from hub.clock import Clock, SystemClock
from hub.errors import BadPayload, UsageError
from hub.mapping.ground import Ground
from hub.model.record import RawRecord, Source
from hub.model.review import Fate
from hub.model.run import ConnectionState, DeadLetter, Mode
from hub.model.values import Doc
from hub.pipeline import absorb
from hub.store.store import Store
from hub.store.unit import SEQ, Unit

BATCH: Final = 500
"""Records per transaction."""
Progress = Callable[[int], None]
"""Called after each commit with the number of lines read so far."""


def ingest(
    store: Store,
    ground: Ground,
    connection: str,
    stream: str,
    path: Path,
    batch: int = BATCH,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Counter[Fate]:
    """Absorb a file: each line one document in the shape that the stream's mapping reads. Returns how the records ended.

    A later line counts as read later. What is no JSON object is set aside. A batch that was committed stays, whatever follows;
    the same file again changes nothing, so a file that was interrupted is simply ingested again.
    Raises UsageError where there is no such stream, and OSError for a file that cannot be read.
    """
    if (connection, stream) not in ground.tables:
        known = ", ".join(sorted("/".join(key) for key in ground.tables))
        message = f"There is no stream `{connection}/{stream}`."
        raise UsageError(message, fix=f"Known are: {known}." if known else "config.yaml has no connections yet.")
    clock = clock or SystemClock()
    fates: Counter[Fate] = Counter()
    count = 0
    with path.open("rb", buffering=1 << 20) as file, _calm_memory():
        while lines := list(islice(file, batch)):
            now = clock.now()
            with store.unit() as unit:
                _meet_connection(unit, ground, connection, now)
                fates += _take(unit, ground, connection, stream, lines, now)
            count += len(lines)
            if progress is not None:
                progress(count)
    return fates


def ingest_file(
    store: Store, ground: Ground, clock: Clock, target: tuple[str, str], path: Path, progress: Progress = lambda _: None
) -> Doc:
    """Absorb a file and tell how it went: `records`, `ended` (word -> number), `took_s`, `per_s`."""
    started = clock.elapsed()
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", fix="Name a file with one JSON object per line.")
    fates = ingest(store, ground, *target, path, progress=progress, clock=clock)
    done, took_s = sum(fates.values()), clock.elapsed() - started
    ended = {fate.value: number for fate, number in sorted(fates.items())}
    return {"records": done, "ended": ended, "took_s": round(took_s, 3), "per_s": round(done / took_s) if took_s else 0}


def _meet_connection(unit: Unit, ground: Ground, connection: str, now: int) -> None:
    """`start:` is read once, when the store first sees a connection."""
    if connection not in unit.connections():
        start = Mode(ground.config.connections[connection].start)
        unit.save_connection(ConnectionState(connection, start, started_at=now))


def _take(unit: Unit, ground: Ground, connection: str, stream: str, lines: Sequence[bytes], now: int) -> Counter[Fate]:
    """Absorb one batch of lines."""
    raws: list[RawRecord] = []
    dead: list[DeadLetter] = []
    seq, source = unit.next_id(SEQ, len(lines)), Source.FILE
    for position, line in enumerate(lines):
        body = line.strip()
        if not body:
            continue
        try:
            payload = orjson.loads(body)
        except orjson.JSONDecodeError:
            payload = None
        if payload.__class__ is dict:
            raws.append(RawRecord(connection, stream, payload, seq + position, now, now, source, body))
        else:
            ident = unit.next_id("dead")
            letter = DeadLetter(
                ident, BadPayload.code, "a line of the file is no JSON object.", connection, stream, None, body, now
            )
            letter.suggestion = "Correct the line and ingest the file again: what is known already is not taken twice."
            dead.append(letter)
    fates = absorb(unit, ground, raws, now).fates
    if dead:
        unit.save_dead_letters(dead)
        fates[Fate.DEAD] += len(dead)
    return fates


@contextmanager
def _calm_memory() -> Iterator[None]:
    """Keep the garbage collector from looking at every batch: what a batch makes is freed by its reference counts."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
