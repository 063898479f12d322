"""What a doctor finds around a hub, and what to do about it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from hub.config import Config, ReceiverConfig, StoreConfig
from hub.model.run import JournalEntry
from hub.model.values import SECOND
from hub.model.webhooks import Hearing
from hub.ops.doctor import examine
from hub.ops.installation import Installation
from hub.store import open_store
from tests.retailer import START
from tests.unit.clocks import StillClock

NOW = START


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return an installation whose store has been written to."""
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    store.close()
    config = Config(store=StoreConfig(url="sqlite:///hub.db"), receiver=ReceiverConfig(port=0))
    return Installation(tmp_path / "config.yaml", config, {})


def finding(installation: Installation, what: str) -> dict[str, Any]:
    """Return what is said of one thing."""
    found = examine(installation, StillClock(NOW), offline=True, running=False)
    return next(one for one in found if one["what"] == what)


def test_doctor_says_make_room_when_the_disk_is_nearly_full(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ops.doctor.LEAST_BYTES", 1 << 60)
    assert (finding(installation, "disk")["result"], "Make room" in finding(installation, "disk")["fix"]) == ("look", True)


def test_doctor_names_the_clock_when_it_is_behind_the_store(installation: Installation) -> None:
    store = open_store(installation.url, synchronous="OFF")
    with store.unit() as unit:
        unit.append_journal([JournalEntry(1, NOW + 3600 * SECOND, 1, None, "edit", None, {})])
    store.close()
    assert finding(installation, "clock")["says"] == "3,600 s behind the last thing the store knows"


def test_doctor_names_the_port_when_somebody_else_has_it(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = ReceiverConfig(port=other.getsockname()[1])
        installation.config = installation.config.model_copy(update={"receiver": taken})
        assert finding(installation, "webhooks")["result"] == "refused"


def test_doctor_warns_of_readers_when_the_store_is_open_to_all(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "hub.db").chmod(0o644)
    assert "chmod 600" in finding(installation, "store file")["fix"]
    (tmp_path / "hub.db").chmod(0o600)
    assert finding(installation, "store file")["result"] == "ok"


def test_doctor_asks_for_backups_when_there_are_none(installation: Installation) -> None:
    assert "hub db backup" in finding(installation, "backups")["fix"]


@pytest.mark.parametrize(("forwarded", "proxies", "said"), [(True, 0, ["look"]), (True, 1, []), (False, 0, [])])
def test_doctor_names_a_proxy_when_webhooks_come_through_one_that_is_not_configured(
    installation: Installation,
    forwarded: bool,  # noqa: FBT001 - a parametrised value
    proxies: int,
    said: list[str],
) -> None:
    store = open_store(installation.url, synchronous="OFF")
    with store.unit() as unit:
        unit.save_hearing("shop", Hearing(forwarded=forwarded))
    store.close()
    behind = ReceiverConfig(port=0, proxies=proxies)
    installation.config = installation.config.model_copy(update={"receiver": behind})
    found = examine(installation, StillClock(NOW), offline=True, running=False)
    assert [one["result"] for one in found if one["what"] == "proxy"] == said
