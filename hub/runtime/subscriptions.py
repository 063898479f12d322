"""Webhook subscriptions are made, checked and renewed here; one that fell silent is made again.

In: a running hub, the address at which webhooks arrive, the topics of each connection. Out: subscriptions at the systems, and
what the store knows of them. Nothing that goes wrong here stops the hub: without webhooks it polls. Only subscriptions that send
to our own address are ever touched, and those that we had sent to the address that was ours before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from hub.clock import Clock, Signal
from hub.config import Webhooks
from hub.config.hosts import is_loopback
from hub.errors import HubError
from hub.events import Event
from hub.model.run import Mode
from hub.model.values import SECOND, Micros
from hub.runtime.hub import Hub
from hub.runtime.lane import Lane
from hub.runtime.outbox import WRITES_STOPPED
from hub.sdk import Connector, Subscriber, Subscription
from hub.store.unit import Unit

LOOK_S: Final = 5.0
CHECK: Final[Micros] = 4 * 3600 * SECOND
"""How often subscriptions are checked; systems drop those that failed for some hours (Shopify: eight tries in four hours)."""
AGAIN: Final[Micros] = 15 * 60 * SECOND
"""How soon a check that failed, or that may not be made now, is tried again."""
RENEW: Final[Micros] = 3600 * SECOND
"""How often at most a silent subscription is made again."""
log = structlog.get_logger("hub.runtime")


@dataclass(frozen=True, slots=True)
class Steps:
    """What makes the subscriptions right: first `remove`, then `make`."""

    remove: tuple[Subscription, ...]
    make: tuple[str, ...]


def plan_subscriptions(
    found: Sequence[Subscription], url: str, topics: Sequence[str], *, was: str = "", whole: bool = False, anew: bool = False
) -> Steps:
    """Return the steps to exactly one sound subscription per topic (`whole`: one for all) that sends to `url`.

    `was`: the address we sent to before; `anew`: make all of them again. Anybody else's stay as they are.
    """
    wanted, covered = frozenset(topics), set[str]()
    remove = []
    for one in sorted((one for one in found if one.url in {url, was} - {""}), key=lambda one: one.id):
        fits = one.topics >= wanted if whole else bool(one.topics & wanted)
        if anew or not one.sound or one.url != url or not fits or one.topics & covered:
            remove.append(one)
        else:
            covered |= one.topics
    return Steps(tuple(remove), tuple(topic for topic in topics if topic not in covered))


class Keeper:
    """Keeps the webhook subscriptions of a hub. `topics`: connection -> the topics of its manifest."""

    def __init__(
        self, hub: Hub, connectors: Mapping[str, Connector[Any]], topics: Mapping[str, Sequence[str]], clock: Clock
    ) -> None:
        self._hub, self._clock = hub, clock
        self._topics: Mapping[str, Sequence[str]] = {}
        self._stopping = False
        self._wake: Signal = clock.signal()
        self._next: dict[str, Micros] = {}
        self._renewed: dict[str, Micros] = {}
        self._subscribers: dict[str, Subscriber[Any]] = {}
        self.renew(connectors, topics)

    def renew(self, connectors: Mapping[str, Connector[Any]], topics: Mapping[str, Sequence[str]]) -> None:
        """Look after what the hub is configured with now; everything is checked soon."""
        config, subscribers = self._hub.ground.config.connections, {}
        for name, lane in self._hub.lanes.items():
            subscriber = connectors[name].subscriber
            if subscriber is not None and config[name].webhooks is not Webhooks.OFF:
                lane.ear.announces = subscriber.announces
                subscribers[name] = subscriber
        self._topics, self._next, self._subscribers = topics, {}, subscribers

    def run(self) -> None:
        """Look after the subscriptions until stopped."""
        while not self._stopping:
            self.look()
            self._wake.wait(LOOK_S)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping = True
        self._wake.set()

    def look(self) -> None:
        """Notice silence, and check what is due."""
        for name in list(self._subscribers):
            if self._stopping:
                return
            try:
                self._look_at(name)
            except Exception as error:  # noqa: BLE001 - the hub works without webhooks, whatever went wrong with them
                self._put_off(name, error)

    def _look_at(self, name: str) -> None:
        lane, now = self._hub.lanes.get(name), self._clock.now()
        if lane is None or name not in self._subscribers:
            return  # it was taken out of config.yaml meanwhile
        before = lane.ear.state.silent_since
        silent = bool(lane.ear.listen(now))
        if silent and not before:
            self._write(name)
        renew = silent and now - self._renewed.get(name, 0) >= RENEW
        if renew or now >= self._next.get(name, 0):
            self._next[name] = now + AGAIN
            self._renewed[name] = now if renew else self._renewed.get(name, 0)
            if self._may(name, lane):
                self._check(name, lane, anew=renew)

    def _may(self, name: str, lane: Lane) -> bool:
        """Say whether subscriptions may be made: they are writes, if only to the settings of a system."""
        config = self._hub.ground.config
        said = config.connections[name]
        if said.webhooks is Webhooks.AUTO and is_loopback(urlsplit(config.receiver.public_url).hostname or ""):
            return False
        if lane.paused or any(not said.settings.get(key) for key in self._subscribers[name].needs):
            return False
        return bool(self._hub.writer.submit(lambda unit: _is_trusted(unit, name)).result())

    def _check(self, name: str, lane: Lane, *, anew: bool) -> None:
        subscriber, client = self._subscribers[name], lane.wiring.client
        url, was = self._hub.ground.config.receiver.webhook_url(name), lane.ear.state.url
        steps = plan_subscriptions(subscriber.find(client), url, self._topics[name], was=was, whole=subscriber.whole, anew=anew)
        for one in steps.remove:
            subscriber.unsubscribe(client, one)
        refused = subscriber.subscribe(client, url, steps.make) if steps.make else ()
        if subscriber.draws_key:
            self._hub.learn(name, _learn(subscriber, client, url))
        if anew:
            lane.ear.forget()
        if steps.remove or steps.make:
            log.info(Event.RUNTIME_SUBSCRIPTIONS_CHANGED, connection=name, count=len(steps.make) - len(refused))
        problem = f"Refused: {', '.join(sorted(refused))}." if refused else ""
        self._note(name, lane, url, problem, code="refused")
        self._next[name] = self._clock.now() + int(CHECK * (0.9 + 0.2 * self._clock.chance()))

    def _put_off(self, name: str, error: Exception) -> None:
        known = isinstance(error, HubError)
        problem = error.message if isinstance(error, HubError) else "It failed inside the hub; see the log."
        lane = self._hub.lanes.get(name)
        if lane is None:
            return  # it was taken out of config.yaml while it was asked
        try:
            self._note(name, lane, lane.ear.state.url, problem, code=error.code if isinstance(error, HubError) else "internal")
        except Exception:  # noqa: BLE001 - a store that cannot be written stops the hub by itself
            known = False
        if not known:
            log.error(Event.RUNTIME_SUBSCRIPTIONS_REFUSED, connection=name, code="internal", exc_info=error)

    def _note(self, name: str, lane: Lane, url: str, problem: str, *, code: str) -> None:
        """Write down how a check went. A problem is said once, until it is another."""
        if problem and problem != lane.ear.state.problem:
            log.warning(Event.RUNTIME_SUBSCRIPTIONS_REFUSED, connection=name, code=code)
        lane.ear.note(url=url, checked_at=self._clock.now(), problem=problem)
        self._write(name)

    def _write(self, name: str) -> None:
        lane = self._hub.lanes.get(name)
        if lane is not None:
            self._hub.writer.submit(lambda unit: unit.save_hearing(name, lane.ear.state)).result()


def _is_trusted(unit: Unit, name: str) -> bool:
    state = unit.connections().get(name)
    return state is not None and state.mode is not Mode.OBSERVE and not unit.flags().get(WRITES_STOPPED)


def _learn(subscriber: Subscriber[Any], client: Any, url: str) -> dict[str, str]:
    ours: Iterable[Subscription] = (one for one in subscriber.find(client) if one.url == url and one.sound)
    return {key: value for one in ours for key, value in subscriber.learn(client, one).items()}
