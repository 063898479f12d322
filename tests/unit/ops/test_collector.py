"""What a doctor says of the collector of traces."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.config import Config, ReceiverConfig, StoreConfig, TracingConfig
from hub.ops.doctor import examine
from hub.ops.installation import Installation
from tests.collector import Collector, collecting
from tests.unit.clocks import StillClock

KEY = "collector-key"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector."""
    with collecting() as collector:
        yield collector


def said_of(folder: Path, url: str, *, offline: bool = False) -> list[dict[str, Any]]:
    """Return what is said of traces."""
    tracing = TracingConfig(endpoint=url, headers={"x-key": KEY})
    config = Config(store=StoreConfig(url="sqlite:///hub.db"), receiver=ReceiverConfig(port=0), tracing=tracing)
    found = examine(Installation(folder / "config.yaml", config, {}), StillClock(), offline=offline, running=False)
    return [one for one in found if one["what"] == "traces"]


def test_doctor_asks_the_collector_with_an_export_of_nothing(collector: Collector, tmp_path: Path) -> None:
    (said,) = said_of(tmp_path, collector.url)
    assert (said["result"], said["says"]) == ("ok", "the collector takes them")
    assert (collector.paths, collector.given[0]["x-key"], collector.spans()) == (["/v1/traces"], KEY, [])


@pytest.mark.parametrize(
    ("status", "says", "fix"),
    [
        (401, "the collector does not accept our headers (401)", "Renew what `tracing: headers:` refers to."),
        (404, "the collector answers 404", "Check `tracing:`."),
        (302, "the collector answers 302", "Check `tracing:`."),
    ],
)
def test_doctor_says_what_to_do_when_the_collector_refuses(
    collector: Collector, tmp_path: Path, status: int, says: str, fix: str
) -> None:
    collector.status, collector.headers = status, {"location": "/elsewhere"}
    (said,) = said_of(tmp_path, collector.url)
    assert (said["result"], said["says"], fix in said["fix"], KEY in str(said)) == ("look", says, True, False)
    assert collector.paths == ["/v1/traces"]


def test_doctor_says_so_when_no_collector_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert said_of(tmp_path, f"http://127.0.0.1:{port}")[0]["says"] == "the collector does not answer"


def test_doctor_calls_no_collector_when_offline(collector: Collector, tmp_path: Path) -> None:
    assert (said_of(tmp_path, collector.url, offline=True), collector.paths) == ([], [])
