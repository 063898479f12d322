"""Bad weather for a demo: what goes wrong between the hub and the systems, drawn by chance, over real HTTP.

In: a seed. Out: per system, faults that `hub.sdk.serve` plays: requests refused with 429 or 5xx before anything was done, answers
that never come although the system did what it was asked, webhooks that are dropped, doubled, late, out of order, or forged.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Final

import httpx

from hub.sdk.fake import Webhook
from hub.sdk.serve import Faults, Planned

REFUSED: Final = 0.04
FAILED: Final = 0.04
LOST: Final = 0.05
DROPPED: Final = 0.10
DOUBLED: Final = 0.10
LATE: Final = 0.15
FORGED: Final = 0.05
LATE_S: Final = 3.0
"""A late webhook comes up to so many seconds after it was due, so others overtake it."""
KILLS: Final = 3
"""How often the hub's process is killed while people act."""


class Chaos:
    """All faults of a run, and how many of each kind were played."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.played: Counter[str] = Counter()

    def faults(self, name: str) -> Faults:
        """Return the faults of one system."""
        return _Weather(random.Random(f"{self._seed} {name}"), self.played)  # noqa: S311 - seeded chance of a simulation


class _Weather(Faults):
    """`on` False: everything works, as during the first sync."""

    def __init__(self, chance: random.Random, played: Counter[str]) -> None:
        super().__init__()
        self._chance = chance
        self._played = played

    def refuse(self, request: httpx.Request) -> httpx.Response | None:  # noqa: ARG002 - any request
        """Return an answer in the system's place, which then is not even asked."""
        drawn = self._chance.random()
        if not self.on or drawn >= REFUSED + FAILED:
            return None
        if drawn < REFUSED:
            self._played["answered 429"] += 1
            return httpx.Response(429, headers={"retry-after": "0.3"}, json={"error": "slow down"})
        self._played["answered 5xx"] += 1
        return httpx.Response(self._chance.choice((500, 502, 503)), text="<html>Bad gateway</html>")

    def loses(self, request: httpx.Request) -> bool:  # noqa: ARG002 - any request
        """Say whether the answer gets lost: the system has done what it was asked by then."""
        lost = self.on and self._chance.random() < LOST
        self._played["answer lost"] += lost
        return lost

    def carry(self, webhooks: Sequence[Webhook]) -> list[Planned]:
        """Return what arrives of these, and when."""
        return [planned for each in webhooks for planned in (self._carry(each) if self.on else [Planned(each)])]

    def _carry(self, webhook: Webhook) -> list[Planned]:
        chance = self._chance
        out = []
        if chance.random() < FORGED:
            self._played["webhook forged"] += 1
            out.append(Planned(_forged(webhook), once=True))
        if chance.random() < DROPPED:
            self._played["webhook dropped"] += 1
            return out
        late_s = chance.random() * LATE_S if chance.random() < LATE else 0.0
        self._played["webhook late"] += late_s > 0
        out.append(Planned(webhook, late_s))
        if chance.random() < DOUBLED:
            self._played["webhook doubled"] += 1
            out.append(Planned(webhook, chance.random() * LATE_S))
        return out


def _forged(webhook: Webhook) -> Webhook:
    """Return the same with a signature that somebody guessed: the hub must not believe it."""
    signed = {name for name in webhook.headers if "hmac" in name or "signature" in name}
    return Webhook(webhook.at, {**webhook.headers, **dict.fromkeys(signed, "Zm9yZ2Vk")}, webhook.body)
