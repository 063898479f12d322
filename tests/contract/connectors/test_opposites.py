"""Two systems that normalise against each other reach quiet, with at most one write each per edit (DESIGN section 10)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import httpx
import pytest

from hub.config import Belonging, Config, ConnectionConfig, Create, Start
from hub.mapping import load
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.sdk.base import Safe, VersionKind
from tests.retailer import START, Driven
from tests.simulation.connector import HabitConnector, mapping_text
from tests.simulation.habits import Habits
from tests.simulation.remote import HabitRemote
from tests.unit.clocks import StillClock

OPPOSITES = [("upper", "title"), ("trim", "cut:9"), ("title", "cut:4"), ("trim", "title"), ("upper", None)]
VERSIONS = [VersionKind.COUNTER, VersionKind.CHANGED_AT, VersionKind.NONE]
ANSWERS = ["full", "partial", "empty"]
NOTES = ["straße 12 b", "  Room 7, door 3  ", "ŁÓDŹ 90-001", "x", "a b c d e f g h i j k"]


def habits(how: str | None, version: VersionKind, answers: str) -> Habits:
    update = Safe.VERSION if version is VersionKind.COUNTER else Safe.PLAIN
    return Habits(version=version, update=update, answers=answers, normalise={"note": how, "last_name": how} if how else {})


class Pair(Driven):
    """Two habit remotes under one hub."""

    def __init__(self, folder: Path, ones: dict[str, Habits]) -> None:
        self.clock: StillClock = StillClock(START)
        self.remotes = {name: HabitRemote(self.clock.now, name, each, 1) for name, each in ones.items()}
        connections = {
            name: ConnectionConfig(
                connector=name,
                settings={"secret": remote.secret},
                start=Start.LIVE,
                every_s=30.0,
                seed_rank=rank,
                entities={EntityType.CUSTOMER: Belonging(create=Create.ALWAYS)},
            )
            for rank, (name, remote) in enumerate(self.remotes.items(), start=1)
        }
        connectors = {name: HabitConnector(name, each) for name, each in ones.items()}
        tables = {name: load(mapping_text(name, each), f"{name}.yaml").streams for name, each in ones.items()}
        transports = {name: httpx.MockTransport(remote.respond) for name, remote in self.remotes.items()}
        super().__init__(folder, Config(connections=connections), connectors, tables, transports, self.clock)

    def fields(self, name: str) -> Doc:
        (row,) = self.remotes[name].rows.values()
        return row.fields


@pytest.fixture(params=list(product(OPPOSITES, VERSIONS, ANSWERS)), ids=lambda p: f"{p[0][0]}-{p[0][1]}-{p[1].value}-{p[2]}")
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    (left, right), version, answers = request.param
    running = Pair(tmp_path, {"left": habits(left, version, answers), "right": habits(right, version, "full")})
    running.remotes["left"].create(
        "person",
        {"first_name": "Ada", "last_name": "Ley", "email": "ada@x.example", "tags": [], "addresses": []},
    )
    running.settle()
    running.writes()
    yield running
    running.close()


def test_opposites_reach_quiet_with_one_write_each_per_edit(pair: Pair) -> None:
    for place, note in enumerate(NOTES):
        name = ("left", "right")[place % 2]
        remote = pair.remotes[name]
        (row_id,) = remote.rows
        remote.edit("person", row_id, {"note": note, "last_name": f"Name {place} {note}"})
        typed = dict(pair.fields(name))
        pair.poll(3)
        writes = pair.writes()
        assert (len(writes["left"]) <= 1, len(writes["right"]) <= 1) == (True, True)
        assert len(writes[name]) == 0
        assert pair.fields(name) == typed
        other = ({"left", "right"} - {name}).pop()
        assert pair.fields(other)["note"] == pair.remotes[other].habits.render("note", typed["note"])
        assert pair.hub.open_items() == []
    pair.poll(2)
    assert pair.writes() == {"left": [], "right": []}
