"""A system is not there: every connection to it is refused, for longer than the longest pause between two tries."""

from __future__ import annotations

from demo.stage import PATIENT
from hub.clock import SystemClock
from hub.runtime.lane import BACKOFF_S
from hub.sdk.serve import ServedFake
from tests.chaos.hall import Hall
from tests.chaos.scene import Trouble

STAGGER_S = 20.0
"""So much later than the one before it each system goes."""
LONGEST_PAUSE_S = BACKOFF_S[-1] * 1.5
AWAY_S = LONGEST_PAUSE_S + sum(BACKOFF_S) - BACKOFF_S[-1]
"""What the pauses add up to until the longest one was waited through once: an hour holds nothing new after that."""


class RemoteDown(Trouble):
    """Systems go away one after the other, so that for a while all are; their own webhooks of that time are lost with them."""

    kind = "remote down"
    stall_s = LONGEST_PAUSE_S + 30.0

    def __init__(self, seed: int, names: tuple[str, ...] = ("shop", "till", "crm", "desk"), away_s: float = AWAY_S) -> None:
        super().__init__(seed)
        self._away_s = away_s
        self._steps = sorted(
            [(3.0 + STAGGER_S * nth, name, False) for nth, name in enumerate(names)]
            + [(3.0 + STAGGER_S * nth + away_s, name, True) for nth, name in enumerate(names)]
        )
        self.facts["away for s"] = away_s

    def step(self, hall: Hall, now_s: float) -> None:
        """Let a system go, or come back at the same address."""
        while self._steps and now_s >= self._steps[0][0]:
            _, name, back = self._steps.pop(0)
            before = hall.served[name]
            if not back:
                before.stop()
                continue
            before.fake.take_webhooks()
            again = ServedFake(before.fake, SystemClock(), name=name, port=before.port, persistence=PATIENT)
            hall.served[name] = again
            again.start()
            self.times += 1

    def is_over(self, now_s: float) -> bool:
        """Say whether all are back."""
        return not self._steps
