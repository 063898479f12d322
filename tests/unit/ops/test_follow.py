"""Changed files are followed while the hub runs; wrong ones are refused and the old go on."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog

from hub.clock import SystemClock
from hub.events import configure_logging
from hub.model.values import Doc
from hub.ops.follow import FOLLOWED, REFUSED, Follower
from hub.ops.installation import read_installation
from hub.runtime.hub import DISK, Hub
from hub.runtime.subscriptions import Keeper
from hub.store import open_store

ROOT = Path(__file__).parents[3]
CONFIG = """\
retailer: Shop
store: {url: "sqlite:///hub.db"}
mappings: mine
connections:
  till:
    connector: square
    settings: {base_url: "http://127.0.0.1:9", access_token: "${file:token}", webhook_signature_key: "${KEY}", country: DE}
    start: live
    every: 1h
"""


class Place:
    """A hub that runs over a folder, with what follows its files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "config.yaml"
        self.config.write_text(CONFIG, "utf-8")
        (folder / "token").write_text("first-token", "utf-8")
        (folder / "mine" / "square").mkdir(parents=True)
        self.mapping = folder / "mine" / "square" / "customers.yaml"
        shutil.copy(ROOT / "mappings" / "square" / "customers.yaml", self.mapping)
        self.clock = SystemClock()
        read = partial(read_installation, self.config, {"KEY": "demo-key"})
        installation = read()
        store = open_store(installation.url, synchronous="OFF")
        store.migrate()
        ground = installation.ground("test")
        self.hub = Hub(ground, store, installation.wirings(ground, self.clock), installation.connectors, self.clock)
        self.hub.hold(DISK)  # there is no till, so nobody has to try
        self.hub.start()
        keeper = Keeper(self.hub, installation.connectors, installation.topics, self.clock)
        self.follower = Follower(self.hub, keeper, installation, read, self.clock)
        self._ticks = 0

    def close(self) -> None:
        self.hub.stop(10)
        self.hub.store.close()

    def change(self, path: Path, old: str, new: str) -> None:
        """Edit a file, and let the follower look until it has seen that the file rests."""
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        self._ticks += 1
        os.utime(path, ns=(self._ticks, self._ticks))  # files may be written within one tick of the disk's clock
        self.follower.look()
        self.follower.look()

    def flags(self) -> dict[str, str]:
        return self.hub.writer.submit(lambda unit: unit.flags()).result()

    def followed(self) -> Doc:
        told: Doc = json.loads(self.flags()[FOLLOWED])
        return told


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log lines of a test."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture
def place(tmp_path: Path, lines: io.StringIO) -> Iterator[Place]:
    """Return a place."""
    made = Place(tmp_path)
    yield made
    made.close()


def test_hub_follows_when_config_changes(place: Place) -> None:
    before = place.hub.lanes["till"]
    place.change(place.config, "every: 1h", "every: 2h\n    entities: {customer: {create: always}}")
    assert place.hub.lanes["till"] is not before
    assert place.hub.ground.config.connections["till"].every_s == 7200
    assert (place.followed()["config"], place.followed()["mappings"], place.followed()["restart"]) == (True, [], [])
    assert [worker.is_alive() for worker in place.hub._workers] == [True, True]


def test_connections_of_the_old_are_closed_when_a_change_that_means_nothing_came_before(place: Place) -> None:
    http = place.hub.lanes["till"].wiring.client.http
    place.change(place.config, "retailer: Shop", "# ours\nretailer: Shop")
    assert not http._client.is_closed
    place.change(place.config, "every: 1h", "every: 2h")
    assert http._client.is_closed


def test_hub_follows_when_a_file_with_a_secret_changes(place: Place) -> None:
    place.change(place.folder / "token", "first-token", "second-token")
    assert place.hub.ground.config.connections["till"].settings["access_token"] == "second-token"
    assert "second-token" not in json.dumps(place.flags())


def test_hub_follows_when_a_mapping_changes(place: Place, lines: io.StringIO) -> None:
    place.change(place.mapping, "  note:        note\n", "")
    assert "note" not in place.hub.ground.tables["till", "customers"].fields
    assert place.followed()["mappings"] == ["till/customers"]
    assert "runtime.mappings.changed" in lines.getvalue()
    assert "runtime.config.followed" in lines.getvalue()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("config.yaml", "retailer:", "retialer:", "config.yaml:1:1: `retialer` is not known here."),
        ("config.yaml", "${KEY}", "${NO_KEY}", "`NO_KEY` is not set."),
        ("config.yaml", "http://127.0.0.1:9", "http://shop.com", "A token would travel readable"),
        ("mine/square/customers.yaml", "fields:", "feilds:", "customers.yaml:"),
        ("mine/square/customers.yaml", "mapping: 1", "mapping: 1\n\x07", "not YAML"),
    ],
)
def test_hub_goes_on_with_the_old_when_a_changed_file_is_wrong(
    place: Place, lines: io.StringIO, file: str, old: str, new: str, said: str
) -> None:
    before = place.hub.lanes["till"]
    place.change(place.folder / file, old, new)
    place.follower.look()
    assert said in place.flags()[REFUSED]
    assert place.hub.lanes["till"] is before
    assert lines.getvalue().count("runtime.config.refused") == 1
    place.change(place.folder / file, new, old)
    assert REFUSED not in place.flags()
    assert place.hub.lanes["till"] is before


def test_hub_waits_for_the_next_start_when_a_port_or_the_store_changes(place: Place) -> None:
    before = place.hub.lanes["till"]
    place.change(place.config, 'store: {url: "sqlite:///hub.db"}', 'store: {url: "sqlite:///other.db"}\nreceiver: {port: 9000}')
    assert place.followed()["restart"] == ["store", "receiver"]
    assert place.hub.lanes["till"] is before
    assert place.hub.ground.config.receiver.port == 8100


def test_follower_waits_when_a_file_is_still_being_written(place: Place) -> None:
    before = place.hub.ground
    place.config.write_text(CONFIG.replace("1h", "2h"), "utf-8")
    place.follower.look()
    assert place.hub.ground is before
    place.follower.look()
    assert place.hub.ground is not before


def test_what_was_asked_for_is_still_done_when_the_lane_is_another(place: Place) -> None:
    lane = place.hub.lanes["till"]
    lane._full.add("customers")
    lane.paused = "auth_failed"
    place.change(place.config, "every: 1h", "every: 2h")
    fresh = place.hub.lanes["till"]
    assert (fresh._full >= {"customers"}, fresh.paused, fresh.held) == (True, "auth_failed", True)
