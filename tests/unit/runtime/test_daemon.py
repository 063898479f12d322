"""A daemon that lost one of its workers does not look alive, and one bad moment does not end what takes commands."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from hub.clock import SystemClock
from hub.errors import Stop
from hub.model.values import Doc
from hub.runtime.control import ControlServer, call
from hub.runtime.daemon import Daemon
from hub.runtime.hub import Hub
from hub.store import open_store
from tests.unit.yard import Yard


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub without connections, not started."""
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    yield Hub(Yard(store).ground, store, [], {}, SystemClock())
    store.close()


class Quiet:
    """A door, or what takes commands, that nobody comes to; a part that has nothing to do."""

    port = 0

    def start(self) -> None:
        """Nothing to do."""

    def run(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def join(self, timeout_s: float) -> None:
        """Nothing to do."""


class Faulty(Quiet):
    """A part with a bug."""

    def run(self) -> None:
        raise KeyError("no such stream")


def broken() -> None:
    raise KeyError("no such stream")


@pytest.mark.parametrize(("part", "ticks"), [(Faulty(), []), (Quiet(), [broken])])
def test_daemon_stops_when_what_works_beside_the_lanes_dies_of_a_bug(
    hub: Hub, part: Quiet, ticks: list[Callable[[], object]]
) -> None:
    door: Any = Quiet()
    daemon = Daemon(hub, [door], door, SystemClock(), {"part": part}, ticks=ticks)
    with pytest.raises(Stop):
        daemon.run()


def test_daemon_ends_in_peace_when_a_worker_comes_back_after_the_writer_has_ended(hub: Hub) -> None:
    hub.start()
    hub.stop(5)
    hub.watch(lambda: hub.writer.submit(lambda unit: unit.flags()))
    assert hub.failure is None


class Crowded:
    """A socket that cannot take the first caller: this process has too many files open."""

    def __init__(self, there: socket.socket) -> None:
        self._there, self.refused = there, 0

    def accept(self) -> tuple[socket.socket, Any]:
        if not self.refused:
            self.refused += 1
            raise OSError(24, "Too many open files")
        return self._there.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._there, name)


def test_commands_are_taken_when_one_caller_could_not_be_let_in(tmp_path: Path) -> None:
    def handle(verb: str, args: Doc) -> Doc:
        return {verb: args}

    server = ControlServer(tmp_path / "control", handle, SystemClock())
    server._socket = cast("socket.socket", Crowded(server._socket))
    server.start()
    answer = call(tmp_path / "control", "ping", {}, timeout_s=5)
    server.stop()
    assert answer == {"ping": {}}
