"""`hub run`: put the pieces of a running hub together."""

from __future__ import annotations

import os
import sys
from functools import partial

from hub.clock import SystemClock
from hub.errors import StoreBusy
from hub.events import configure_logging
from hub.ops.installation import Installation, instance_of
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from hub.ops.verbs import carry_out
from hub.runtime.clock import SteadyClock, last_known_time
from hub.runtime.control import ControlServer, find_door
from hub.runtime.daemon import Address, Daemon
from hub.runtime.hub import Hub
from hub.runtime.subscriptions import Keeper
from hub.store import Store
from hub.web.receiver import receiver_app


def serve(installation: Installation) -> None:
    """Run until stopped. Raises StoreBusy where a hub runs over this store already."""
    configure_logging(json=not sys.stderr.isatty())
    clock = SystemClock()
    store = _open(installation)
    try:
        with store.unit() as unit:
            instance = instance_of(unit, clock)
        steady = SteadyClock(clock, last_known_time(store))
        ground = installation.ground(instance)
        hub = Hub(ground, store, installation.wirings(ground, steady), installation.connectors, steady)
        receiver = installation.config.receiver
        app = receiver_app(
            hub.receive,
            public_url=receiver.public_url,
            healthy=lambda: hub.failure is None and hub.writer.failure is None,
        )
        office = Running(hub)
        control = ControlServer(installation.control_file, partial(carry_out, office), clock)
        keeper = Keeper(hub, installation.connectors, installation.topics, steady)
        daemon = Daemon(hub, app, Address(receiver.host, receiver.port), control, clock, keeper)
        daemon.run(started=lambda: finish_settling(office))
    finally:
        store.close()


def _open(installation: Installation) -> Store:
    try:
        return installation.store()
    except StoreBusy:
        door = find_door(installation.control_file)
        who = f" (pid {door.pid})" if door is not None and door.pid != os.getpid() else ""
        raise StoreBusy(f"A hub runs over this store already{who}.", fix="Stop it first; there is one per store.") from None
