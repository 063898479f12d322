"""Hands so many spoiled inputs to every target, drawn by hypothesis; says what it found, shrunk to the least that shows it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from hub.clock import SystemClock
from hub.events import configure_logging
from tests.chaos.fuzz.seeds import CASES, config_files, gather, mapping_files
from tests.chaos.fuzz.spoil import NASTY, bodies, documents, texts, wounds
from tests.chaos.fuzz.targets import Answers, Backroom, Configs, Documents, Lines, Receiver, Target, read_mapping
from tests.chaos.result import Row

SHARES = {"receiver": 0.3, "answers": 0.2, "documents": 0.2, "mapping files": 0.1, "config.yaml": 0.1, "ingest lines": 0.1}
"""How the inputs are divided among the targets."""
LINES = 5
"""So many lines in a file; each counts as an input."""
CHECKED = "no unhandled exception, no answer from 500 on, every line ends"
ROUND = 5_000
"""Inputs per run of hypothesis: it remembers all of a run."""
Kind = tuple[st.SearchStrategy[Any], Target, int]


def fuzz(number: int, seed_: int) -> list[Row]:
    """Return a row per target. `number`: of all inputs together."""
    clock = SystemClock()
    configure_logging(json=False, level=50)
    rows = []
    with tempfile.TemporaryDirectory(prefix="syncline-fuzz-") as folder, kinds(Path(folder)) as found:
        for name, (strategy, target, each) in found.items():
            began = clock.elapsed()
            done, wrong = feed(strategy, target, round(number * SHARES[name] / each), seed_)
            rows.append(Row(f"fuzz: {name}", done * each, CHECKED, tuple(wrong), round(clock.elapsed() - began, 1)))
    return rows


@contextmanager
def kinds(folder: Path) -> Iterator[dict[str, Kind]]:
    """Make every target ready, each with the inputs drawn for it and how many are in one."""
    seeds = gather()
    room = Backroom(folder)
    knocks = st.one_of([_knock(name, sent) for name, sent in seeds.webhooks.items()])
    streams = [(name, stream) for name, case in CASES.items() for stream in case.streams]
    docs = st.one_of(
        [
            st.tuples(st.just(name), st.just(stream), documents(found))
            for (name, stream), found in seeds.documents.items()
            if found
        ]
    )
    files = st.one_of(
        [
            st.tuples(st.just(name), st.just(stream), st.lists(bodies(found), min_size=LINES, max_size=LINES))
            for (name, stream), found in seeds.documents.items()
            if found and (name, stream) in room.ground.tables
        ]
    )
    mapped = docs.filter(lambda drawn: drawn[1] in room.tables[drawn[0]])
    pages = st.tuples(st.sampled_from(streams), wounds(NASTY)).map(lambda drawn: (*drawn[0], drawn[1]))
    try:
        yield {
            "mapping files": (texts(list(mapping_files().values())), read_mapping, 1),
            "config.yaml": (texts(config_files()), Configs(), 1),
            "documents": (mapped, Documents(room), 1),
            "answers": (pages, Answers(), 1),
            "ingest lines": (files, Lines(room, folder), LINES),
            "receiver": (knocks, Receiver(room), 1),
        }
    finally:
        room.close()


def _knock(name: str, sent: list[tuple[dict[str, str], Any]]) -> st.SearchStrategy[Any]:
    """Draw a webhook: headers of a real one, now and then without one or with a nasty one; mostly signed well."""
    headers = st.sampled_from([headers for headers, _ in sent])
    odd = st.tuples(headers, st.text(max_size=20)).map(lambda drawn: {**drawn[0], **dict.fromkeys(list(drawn[0])[:2], drawn[1])})
    whose = st.one_of(st.just(name), st.just(name), st.just(name), st.just("nobody"))
    return st.tuples(
        whose, st.one_of(headers, headers, odd), bodies([body for _, body in sent]), st.sampled_from((True, True, True, False))
    )


def feed(strategy: st.SearchStrategy[Any], target: Target, number: int, seed_: int) -> tuple[int, list[str]]:
    """Hand over so many inputs; return how many there were, and what is wrong with the first that is."""
    done = 0

    def count(drawn: Any) -> None:
        nonlocal done
        done += 1
        target(drawn)

    turn = 0
    while done < number:
        turn += 1
        try:
            _round(strategy, count, min(ROUND, number - done), seed_ + turn)()
        except Exception as error:  # noqa: BLE001 - finding it is what this is for
            notes = " ".join(getattr(error, "__notes__", ()))
            return done, [f"{type(error).__name__}: {error} {notes}"[:1500]]
    return done, []


def _round(strategy: st.SearchStrategy[Any], target: Target, number: int, seed_: int) -> Callable[[], None]:
    how = settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    wrapped: Callable[[], None] = seed(seed_)(how(given(strategy)(target)))
    return wrapped
