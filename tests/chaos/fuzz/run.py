"""Hands so many spoiled inputs to every target, drawn by hypothesis; says what it found and given what."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from hub.clock import SystemClock
from hub.events import configure_logging
from tests.chaos.fuzz.seeds import CASES, Seeds, config_files, gather, mapping_files
from tests.chaos.fuzz.spoil import NASTY, body, document, text, wounds
from tests.chaos.fuzz.targets import Answers, Backroom, Configs, Documents, Lines, Receiver, Target, read_mapping
from tests.chaos.result import Row

SHARES = {"mapping files": 0.005, "config.yaml": 0.015, "ingest lines": 0.04, "answers": 0.02, "documents": 0.5, "receiver": 0.42}
"""How the inputs are divided among the targets: compiling a file takes a hundred times as long as reading a document."""
AT_ONCE = 25
"""So many inputs are made of one number that hypothesis draws: drawing every part itself would take it ten times as long."""
LINES = 50
"""So many lines in a file; each counts as an input."""
CHECKED = "no unhandled exception, no answer from 500 on, every line ends"
Kind = tuple[Callable[[Random], Any], Target, int]
"""How an input is made, who is handed it, how many are in one."""


def fuzz(number: int, seed_: int) -> list[Row]:
    """Return a row per target. `number`: of all inputs together."""
    clock = SystemClock()
    configure_logging(json=False, level=50)
    rows = []
    with tempfile.TemporaryDirectory(prefix="syncline-fuzz-") as folder, kinds(Path(folder)) as found:
        for name, (make, target, each) in found.items():
            began = clock.elapsed()
            done, wrong = feed(make, target, ceil(number * SHARES[name] / each), seed_)
            rows.append(Row(f"fuzz: {name}", done * each, CHECKED, tuple(wrong), round(clock.elapsed() - began, 1)))
    return rows


@contextmanager
def kinds(folder: Path) -> Iterator[dict[str, Kind]]:
    """Make every target ready, each with how its inputs are made."""
    seeds, room = gather(), Backroom(folder)
    streams = [(name, stream) for name, case in CASES.items() for stream in case.streams]
    read = [key for key, found in seeds.documents.items() if found and key in room.ground.tables]
    files, configs = list(mapping_files().values()), config_files()

    def page(chance: Random) -> Any:
        return (*chance.choice(streams), wounds(chance, NASTY))

    def doc(chance: Random) -> Any:
        key = chance.choice(read)
        return (*key, document(chance, seeds.documents[key]))

    def lines(chance: Random) -> Any:
        key = chance.choice(read)
        return (*key, [body(chance, seeds.documents[key]) for _ in range(LINES)])

    try:
        yield {
            "mapping files": (lambda chance: text(chance, files), read_mapping, 1),
            "config.yaml": (lambda chance: text(chance, configs), Configs(), 1),
            "documents": (doc, Documents(room), 1),
            "answers": (page, Answers(), 1),
            "ingest lines": (lines, Lines(room, folder), LINES),
            "receiver": (lambda chance: _knock(chance, seeds), Receiver(room), 1),
        }
    finally:
        room.close()


def _knock(chance: Random, seeds: Seeds) -> Any:
    """Draw a webhook: headers of a real one, now and then with an odd one; mostly signed well."""
    name = chance.choice(list(seeds.webhooks))
    sent = seeds.webhooks[name]
    headers = dict(chance.choice(sent)[0])
    if chance.random() < 0.2:
        headers[chance.choice(list(headers))] = str(chance.choice(NASTY))[:200]
    whose = "nobody" if chance.random() < 0.02 else name
    return whose, headers, body(chance, [found for _, found in sent]), chance.random() < 0.85


def feed(make: Callable[[Random], Any], target: Target, number: int, seed_: int) -> tuple[int, list[str]]:
    """Hand over so many inputs; return how many there were, and what is wrong with the first that is."""
    done = 0

    def hand_over(drawn: int) -> None:
        nonlocal done
        chance = Random(drawn)
        for _ in range(min(AT_ONCE, number - done)):
            one = make(chance)
            done += 1
            try:
                target(one)
            except Exception as error:
                error.add_note(f"given {one!r}"[:1200])
                raise

    turn = 0
    while done < number:
        turn += 1
        try:
            _round(hand_over, ceil((number - done) / AT_ONCE), seed_ + turn)()
        except Exception as error:  # noqa: BLE001 - finding it is what this is for
            return done, [f"{type(error).__name__}: {error} {_place(error)} {' '.join(getattr(error, '__notes__', ()))}"[:1800]]
    return done, []


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def _round(hand_over: Callable[[int], None], number: int, seed_: int) -> Callable[[], None]:
    how = settings(
        max_examples=max(1, number),
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    wrapped: Callable[[], None] = seed(seed_)(how(given(st.integers(0, 2**63))(hand_over)))
    return wrapped
