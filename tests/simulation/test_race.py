"""The first race of all: somebody edits a record while our own write of it is on its way.

The write's request has left, its reply has not come; meanwhile a person changes the record and a webhook or a poll lets the hub
read it. Compared at once, our own value coming back would count as an edit, and two systems would push at each other for ever.
The till here shows a number for a name: what such a read shows is like nothing that anybody sent, and only the write's own answer
tells that it is our value. Without the fence (Rule 2.18) that number travels to the shop, whatever kind of system the till is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from hub.sdk.base import Safe, VersionKind
from tests.simulation.connected import Connected, make_hub
from tests.simulation.habits import Habits
from tests.simulation.result import Result
from tests.simulation.transport import Weather
from tests.simulation.world import RemoteSpec, World, WorldSpec, run_world

SLOW = Weather(fastest_us=30_000, slowest_us=5_000_000)
"""A way takes up to five seconds: many edits meet a request under way, and some reads overtake a write's answer."""


def race(seed: int, version: VersionKind, update: Safe) -> Result:
    """Run two quick systems on slow wires, with people who hit the same records on both at nearly the same time."""
    habits = Habits(version=version, update=update, hook_slowest_s=0.5)
    numbered = replace(habits, normalise={"last_name": "numbered"})
    remotes = (RemoteSpec("shop", habits, SLOW), RemoteSpec("till", numbered, SLOW))
    world = WorldSpec(seed, remotes, people=4, actors=3, minutes=3.0, pace_s=0.5, deletes=False, watch_minutes=1.0)
    return run_world(world, eager)


def eager(world: World) -> Connected:
    """Return a hub that reads a system as soon as anything changes there, by its own hand too."""
    hub = make_hub(world)

    def read(name: str) -> None:
        if hub.hub is not None:
            hub.hub.lanes[name].poll_now({"customers"})

    def changed(name: str, post: Callable[[], None]) -> None:
        post()
        world.baton.spawn(f"read {name}", partial(read, name), "hub")

    for name, remote in world.remotes.items():
        remote.on_webhook = partial(changed, name, remote.on_webhook)
    return hub


@pytest.mark.parametrize("update", [Safe.PLAIN, Safe.COMPARE_AND_SET])
@pytest.mark.parametrize("version", list(VersionKind))
def test_hub_keeps_the_last_edit_when_it_lands_between_our_read_and_our_reply(version: VersionKind, update: Safe) -> None:
    result = race(3, version, update)
    assert result.violations == []
    assert result.counts["edits while a request was in flight"] > 20
