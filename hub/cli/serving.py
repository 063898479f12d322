"""`hub run`: put the pieces of a running hub together."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from typing import Final

from hub.clock import SystemClock
from hub.errors import ConfigError, HubError, StoreBusy
from hub.events import configure_logging
from hub.meters import METERS
from hub.ops.channels import channels_of
from hub.ops.follow import Follower
from hub.ops.gauges import Looker
from hub.ops.installation import Installation, instance_of, read_installation
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from hub.ops.restores import finish_looking
from hub.ops.verbs import carry_out
from hub.ops.watch import Watch
from hub.runtime.clock import Corrector, SteadyClock, last_known_time
from hub.runtime.control import ControlServer, find_door
from hub.runtime.daemon import Daemon
from hub.runtime.doors import Address, Door, HttpDoor
from hub.runtime.hub import Hub
from hub.runtime.retention import Sweeper
from hub.runtime.room import Room
from hub.runtime.subscriptions import Keeper
from hub.runtime.tracing import traced
from hub.runtime.vigil import LOST, Vigil
from hub.sdk.webhooks import Receipt
from hub.store import Store
from hub.store.vault import open_vault
from hub.web.messages import Opening
from hub.web.monitor import monitor_app
from hub.web.receiver import Limits, receiver_app
from hub.web.supervisor import SupervisedReceiver

GARBAGE: Final = (20_000, 20, 20)
"""When garbage is looked for: a record on its way makes some hundred objects, hardly ever in circles."""
SWITCH_S: Final = 0.001
"""How long one thread may compute while another wants to: the door answers webhooks beside a writer that takes pages in."""


def serve(installation: Installation) -> None:
    """Run until stopped. Raises StoreBusy where a hub runs over this store already. A store that is lost is waited for."""
    configure_logging(json=not sys.stderr.isatty())
    clock = SystemClock()
    sys.setswitchinterval(SWITCH_S)
    vigil = Vigil(lambda: installation.store().close(), lambda: _closed_doors(installation, clock), clock)
    try:
        with traced(installation.config.tracing, clock):
            _work(installation, clock)
    except HubError as error:
        if not vigil.is_for(error):
            raise
        if vigil.keep(error):
            vigil.begin_anew()


def _work(installation: Installation, clock: SystemClock) -> None:
    store = _open(installation)
    try:
        with store.unit() as unit:
            instance = instance_of(unit, clock)
        steady = SteadyClock(clock, last_known_time(store))
        ground = installation.ground(instance)
        vault = open_vault(installation.key_file, installation.config.store.key)
        hub = Hub(ground, store, installation.wirings(ground, steady), installation.connectors, steady, vault)
        daemon, office = _assemble(installation, hub, clock, steady), Running(hub)
        gc.collect()
        gc.freeze()  # what is there now stays; to look through it for garbage stops every thread for 80 ms
        gc.set_threshold(*GARBAGE)
        daemon.run(started=lambda: _finish(office))
    finally:
        store.close()


def _finish(office: Running) -> None:
    """Go on with what was asked of a hub that died meanwhile."""
    finish_settling(office)
    finish_looking(office)


def _assemble(installation: Installation, hub: Hub, clock: SystemClock, steady: SteadyClock) -> Daemon:
    room = Room(installation.store_file, installation.config.store.keep_free)
    keeper = Keeper(hub, installation.connectors, installation.topics, steady)
    follower = Follower(hub, keeper, installation, partial(read_installation, installation.path), steady)
    watch = Watch(hub, room, installation.reader, lambda: channels_of(hub.ground.config.alerts, os.environ), steady)
    control = ControlServer(installation.control_file, partial(carry_out, Running(hub)), clock)
    looker = Looker(hub, room, installation.reader, watch.troubles, steady)
    corrector = Corrector(steady, clock, hub.begin_anew)
    receiver = _receiver(installation, hub, clock)
    beats = [receiver.tick] if isinstance(receiver, SupervisedReceiver) else []
    return Daemon(
        hub,
        [receiver, *_monitor(installation, hub, looker, clock)],
        control,
        clock,
        {"keeper": keeper, "watch": watch, "follower": follower, "sweeper": Sweeper(hub, steady)},
        ticks=[lambda: room.look(hub), corrector.look, *beats],
        failed=watch.last_words,
    )


def _receiver(installation: Installation, hub: Hub, clock: SystemClock) -> Door:
    """Return the door for webhooks: a process of its own where there is a spool."""
    config, spool = installation.config.receiver, installation.spool_file
    address = Address(config.host, config.port)
    if spool is not None:
        if not spool.parent.is_dir():
            raise ConfigError(
                f"There is no folder {spool.parent} for the spool.", fix="Make it, or name another as `receiver: spool:`."
            )
        synchronous = installation.config.store.synchronous.value.upper()
        opening = Opening(spool, synchronous, config.public_url, config.proxies, json=not sys.stderr.isatty())
        return SupervisedReceiver(hub, address, opening, clock)
    app = receiver_app(
        hub.accept,
        public_url=config.public_url,
        elapsed=clock.elapsed,
        healthy=lambda: _is_healthy(hub),
        ready=lambda: _why_not_ready(hub),
        limits=Limits(proxies=config.proxies),
        knows=lambda name: name in hub.lanes,
    )
    return HttpDoor(app, address, clock)


def _monitor(installation: Installation, hub: Hub, looker: Looker, clock: SystemClock) -> list[Door]:
    door = installation.config.monitor
    if door is None:
        return []
    shown = monitor_app(
        METERS,
        looker.look,
        token=door.token,
        healthy=lambda: _is_healthy(hub),
        ready=lambda: _why_not_ready(hub),
    )
    return [HttpDoor(shown, Address(door.host, door.port, "monitor: port:"), clock)]


def _is_healthy(hub: Hub) -> bool:
    return hub.failure is None and hub.writer.failure is None


def _why_not_ready(hub: Hub) -> str:
    return next(iter(sorted(hub.holds)), "")


def _closed_doors(installation: Installation, clock: SystemClock) -> list[Door]:
    """Return the door for webhooks as it is while the store is lost: come again."""
    receiver = installation.config.receiver
    app = receiver_app(
        lambda *_: Receipt.BUSY, public_url=receiver.public_url, elapsed=clock.elapsed, ready=lambda: LOST, limits=Limits()
    )
    return [HttpDoor(app, Address(receiver.host, receiver.port), clock)]


def _open(installation: Installation) -> Store:
    try:
        return installation.store()
    except StoreBusy:
        door = find_door(installation.control_file)
        who = f" (pid {door.pid})" if door is not None and door.pid != os.getpid() else ""
        raise StoreBusy(f"A hub runs over this store already{who}.", fix="Stop it first; there is one per store.") from None
