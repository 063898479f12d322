"""The kit for simulators of remote systems.

A fake is a stateful, deterministic model of one vendor account: `respond(request) -> response`, nothing else decides what it
answers. Its clock and its chance are handed in. It writes its own journal of everything that happened to it, whoever did it, so
that an oracle that shares no code with the hub can tell what is true. Network faults are not its business: whoever carries the
request (test transport, baton, daemon) adds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.model.values import Doc, Micros

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened at the remote. `actor` is "api" for what came over HTTP with credentials, else who did it."""

    at: Micros
    actor: str
    action: str
    kind: str
    external_id: str
    detail: Doc = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A signed webhook that waits to be delivered. Whoever runs the fake sends, delays, doubles or drops it."""

    at: Micros
    headers: dict[str, str]
    body: bytes


class Fake:
    """Base of the simulators. `webhook_url` is the exact address that signatures may cover; empty: no subscription."""

    def __init__(self, now: Callable[[], Micros], *, webhook_url: str = "") -> None:
        self.now = now
        self.webhook_url = webhook_url
        self.journal: list[Entry] = []
        self.webhooks: list[Webhook] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        raise NotImplementedError

    def take_webhooks(self) -> list[Webhook]:
        """Return the waiting webhooks and forget them."""
        waiting, self.webhooks = self.webhooks, []
        return waiting

    def note(self, actor: str, action: str, kind: str, external_id: str, **detail: object) -> None:
        """Write the journal."""
        self.journal.append(Entry(self.now(), actor, action, kind, external_id, dict(detail)))


def transport(fake: Fake) -> httpx.MockTransport:
    """Return an httpx transport that reaches the fake in process."""
    import httpx

    return httpx.MockTransport(fake.respond)
