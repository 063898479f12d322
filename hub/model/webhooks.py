"""What the store keeps of the webhooks of one connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.model.values import Micros


@dataclass(slots=True)
class Hearing:
    """What is known of a connection's webhooks. Times are µs, 0: never.

    `heard`: stream -> when a webhook that was believed last told of it; those that tell of no stream stand under "".
    `url`: where the subscriptions that we made send to; empty: we made none. `silent_since`: since when polls find what webhooks
    should have told. `problem`: why the subscriptions could not be made or checked, a sentence without values. `forwarded`: the
    last one that was believed named a sender before the one we saw, as a proxy does.
    """

    heard: dict[str, Micros] = field(default_factory=dict)
    url: str = ""
    checked_at: Micros = 0
    silent_since: Micros = 0
    problem: str = ""
    forwarded: bool = False

    @property
    def last(self) -> Micros:
        """Return when the last webhook came."""
        return max(self.heard.values(), default=0)
