"""A file of raw records through the whole pipeline, without a running hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import orjson

from hub.clock import Clock
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.record import RawRecord, Source
from hub.model.run import DeadLetter
from hub.model.values import Doc, Micros
from hub.ops.office import meet_connections
from hub.pipeline import absorb
from hub.store import Store, Unit
from hub.yamlfile import nearest

BATCH = 500
Line = tuple[int, bytes]


def ingest_file(
    store: Store,
    ground: Ground,
    clock: Clock,
    target: tuple[str, str],
    path: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> Doc:
    """Absorb one JSON object per line, 500 to a transaction; returns how they ended.

    `target`: (connection, stream). A line that is no JSON object is set aside with its number; the others go on. What was
    committed stays: ingesting the same file again only finds what is known unchanged. Raises UsageError for a wrong target.
    """
    _check(ground, target, path)
    started = clock.elapsed()
    counts: Counter[str] = Counter()
    done = 0
    with store.unit() as unit:
        meet_connections(unit, ground, clock.now())
    with path.open("rb") as file:
        lines = ((number, line) for number, line in enumerate(file, start=1) if not line.isspace())
        for batch in _batches(lines):
            with store.unit() as unit:
                counts += _absorb(unit, ground, target, batch, store.reserve_seqs(1), clock.now())
            done += len(batch)
            progress(done)
    took_s = clock.elapsed() - started
    return {
        "records": done,
        "ended": dict(sorted(counts.items())),
        "took_s": round(took_s, 3),
        "per_s": round(done / took_s) if took_s else 0,
    }


def _check(ground: Ground, target: tuple[str, str], path: Path) -> None:
    connection, stream = target
    streams = [name for owner, name in ground.tables if owner == connection]
    if not streams:
        connections = list(ground.config.connections)
        raise UsageError(f"There is no connection called `{connection}`.", fix=nearest(connection, connections))
    if stream not in streams:
        raise UsageError(f"`{connection}` has no mapped stream `{stream}`.", fix=nearest(stream, streams))
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", fix="Name a file with one JSON object per line.")


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _absorb(unit: Unit, ground: Ground, target: tuple[str, str], lines: list[Line], seq: int, now: Micros) -> Counter[str]:
    raws: list[RawRecord] = []
    broken: list[Line] = []
    loads = orjson.loads
    for line in lines:
        try:
            payload = loads(line[1])
        except orjson.JSONDecodeError:
            payload = None
        if isinstance(payload, dict):
            raws.append(RawRecord(*target, payload, seq, now, now, Source.FILE))
        else:
            broken.append(line)
    fates = absorb(unit, ground, raws, now).fates
    counts = Counter({fate.value: number for fate, number in fates.items()})
    if broken:
        counts["dead_letter"] += len(broken)
        _set_aside(unit, target, broken, now)
    return counts


def _set_aside(unit: Unit, target: tuple[str, str], lines: list[Line], now: Micros) -> None:
    first = unit.next_id("dead", len(lines))
    unit.save_dead_letters(
        DeadLetter(
            first + n,
            "bad_payload",
            f"Line {number} of the file is not a JSON object.",
            *target,
            None,
            text,
            now,
            suggestion="Correct the line and ingest the file again: what is known already is not taken twice.",
        )
        for n, (number, text) in enumerate(lines)
    )
