"""The daemon's process is killed as by a power cut, or stopped and continued as by a machine that sleeps."""

from __future__ import annotations

import os
import random
import signal

from tests.chaos.hall import Hall
from tests.chaos.scene import Trouble

DURING_START = 0.25
"""This share of kills comes while the daemon still starts."""
ALONE = 0.3
"""This share strikes what answers webhooks first, and the daemon a moment later: it is replaced, or found dead."""


class Sigkill(Trouble):
    """Kill the daemon at random moments, or what answers webhooks for it; start it again at once."""

    kind = "SIGKILL"

    def __init__(self, seed: int, kills: int) -> None:
        super().__init__(seed)
        self._chance = random.Random(seed)
        self._kills = kills
        self._at_s: float | None = self._chance.uniform(0.5, 2.0)
        self._early = 0
        self._alone = 0

    def step(self, hall: Hall, now_s: float) -> None:
        """Kill when it is time; after a start, draw when the next time is."""
        if self._at_s is None:
            if hall.is_up():
                self._at_s = now_s + self._chance.uniform(0.0, 2.5)
            elif not hall.hub_lives():
                self.wrong.append(f"the hub did not start again: {hall.last_words()}")
                self._kills = self.times
            return
        if now_s < self._at_s or self.times >= self._kills:
            return
        if self._chance.random() < ALONE and (receiver := hall.receiver()):
            os.kill(receiver, signal.SIGKILL)
            self._alone += 1
            self.facts["receiver alone"] = self._alone
            self._at_s = now_s + self._chance.uniform(0.2, 3.0)
            return
        self._early += not hall.is_up()
        hall.stop_hub(signal.SIGKILL)
        hall.launch()
        self.times += 1
        self.facts["killed while it started"] = self._early
        self._at_s = now_s + self._chance.uniform(0.05, 1.5) if self._chance.random() < DURING_START else None

    def is_over(self, now_s: float) -> bool:
        """Say whether all kills were done and the daemon is up again."""
        return self.times >= self._kills and self._at_s is not None

    def is_away(self) -> bool:
        """The daemon's life is looked at by `step`."""
        return self.times < self._kills


class Sigstop(Trouble):
    """Stop the daemon for longer than anybody waits for an answer, and let it go on."""

    kind = "SIGSTOP"

    def __init__(self, seed: int, stops_s: tuple[float, ...] = (12.0, 12.0, 12.0, 34.0)) -> None:
        super().__init__(seed)
        self._stops_s = stops_s
        self._at_s = 2.0
        self._stopped = False
        self.facts["stopped for s"] = list(stops_s)

    def step(self, hall: Hall, now_s: float) -> None:
        """Stop or go on when it is time."""
        if now_s < self._at_s or self.times >= len(self._stops_s):
            return
        hall.signal_hub(signal.SIGCONT if self._stopped else signal.SIGSTOP)
        self.times += self._stopped
        self._at_s = now_s + (3.0 if self._stopped else self._stops_s[self.times])
        self._stopped = not self._stopped

    def is_over(self, now_s: float) -> bool:
        """Say whether it went on after the last stop, and people worked a while after."""
        return self.times >= len(self._stops_s) and now_s >= self._at_s
