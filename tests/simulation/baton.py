"""A deterministic scheduler: threads that block at doors, one running at a time, handed on by seeded chance.

A worker is an ordinary thread with a gate of its own. At a door it draws who runs next and opens that one's gate, then waits at
its own: no scheduler thread, no polling. Virtual time stands still while somebody can run (but for one microsecond per pass) and
jumps to the next deadline when nobody can. Whatever happens at a door goes into a running hash: same seed, same hash.

What runs under the baton may wait through `hub.clock.Clock` only, and must not hold a lock across a door.
"""

from __future__ import annotations

import hashlib
import heapq
import random
import sys
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from hub.model.values import SECOND, Micros

START: Final[Micros] = 1_767_600_000 * SECOND
"""2026-01-05T08:00:00Z: a Monday morning."""


class Crash(BaseException):
    """The process dies here. Not an Exception, so that no handler of the hub takes it for one of its own."""


class Deadlock(Exception):
    """Every worker waits and nothing will ever wake one."""


class Stalled(Exception):
    """The running worker does not come to a door: it blocks elsewhere or never ends."""


class SimWorker:
    """One thread under the baton. `group` is what a crash takes down together."""

    __slots__ = (
        "_baton",
        "blocked",
        "done",
        "doomed",
        "gate",
        "group",
        "joiners",
        "name",
        "note",
        "run",
        "thread",
        "turn",
        "woken",
    )

    def __init__(self, baton: Baton, name: str, run: Callable[[], None], group: str) -> None:
        self._baton = baton
        self.name = name
        self.run = run
        self.group = group
        self.gate = threading.Lock()
        self.gate.acquire()
        self.blocked = False
        self.woken = False
        self.doomed = False
        self.done = False
        self.turn = 0
        self.note = "start"
        self.joiners: list[tuple[SimWorker, int]] = []
        self.thread: threading.Thread | None = None

    def join(self, timeout_s: float | None = None) -> None:
        self._baton.join(self, timeout_s)

    def is_alive(self) -> bool:
        return not self.done


_Timed = tuple[Micros, int, SimWorker | None, int, Callable[[], None] | None]


class Baton:
    """The one who says whose turn it is. `stall_s` is real time: how long one worker may run without coming to a door."""

    def __init__(self, seed: int | str, *, start_at: Micros = START, stall_s: float = 60.0, keep: int = 200) -> None:
        self.time: Micros = start_at
        self.passes = 0
        self.doors: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self.tail: deque[str] = deque(maxlen=keep)
        self._rng = random.Random(f"baton {seed}")
        self._hash = hashlib.sha256()
        self._ready: list[SimWorker] = []
        self._timed: list[_Timed] = []
        self._order = 0
        self._alive: list[SimWorker] = []
        self._names: Counter[str] = Counter()
        self._current: SimWorker | None = None
        self._in_event = False
        self._traps: list[tuple[str, int, Callable[[], None]]] = []
        self._stall_s = stall_s
        self._over = threading.Lock()
        self._over.acquire()

    # --- workers

    def spawn(self, name: str, run: Callable[[], None], group: str = "world") -> SimWorker:
        """Start a worker; it runs when its turn comes."""
        self._names[name] += 1
        worker = SimWorker(self, name if self._names[name] == 1 else f"{name}#{self._names[name]}", run, group)
        worker.thread = threading.Thread(target=self._live, args=(worker,), name=worker.name, daemon=True)
        self._alive.append(worker)
        self._ready.append(worker)
        worker.thread.start()
        return worker

    def run(self, main: Callable[[], None]) -> None:
        """Run `main` as a worker to its end, then end all others. Raises what any worker died of."""

        def whole() -> None:
            main()
            self.doom(None)

        self.spawn("main", whole)
        self._hand_on()
        seen = -1
        while not self._over.acquire(timeout=self._stall_s):
            if self.passes == seen:
                raise Stalled(self._stack())
            seen = self.passes
        if self.failure is not None:
            raise self.failure

    def doom(self, group: str | None) -> list[SimWorker]:
        """Let every worker of a group (None: all) but the running one die at its next door; return them."""
        doomed = [w for w in self._alive if (group is None or w.group == group) and not (group is None and w is self._current)]
        for worker in doomed:
            worker.doomed = True
            self._unblock(worker, woken=False)
        self.record("doom", group or "all")
        return doomed

    def crash(self, group: str) -> None:
        """Kill a group and wait until all its workers are gone. What is on the wire stays there."""
        for worker in self.doom(group):
            self.join(worker, None)

    def join(self, worker: SimWorker, timeout_s: float | None) -> None:
        """Wait for a worker's end. A door."""
        if worker.done:
            self.door("join")
            return
        me = self.me()
        worker.joiners.append((me, me.turn + 1))
        self.block("join", timeout_s)

    def me(self) -> SimWorker:
        """Return the running worker. Raises RuntimeError in a thread that the baton does not know."""
        current = self._current
        if current is None or current.thread is not threading.current_thread() or self._in_event:
            message = f"{threading.current_thread().name} waits outside the baton"
            raise RuntimeError(message)
        return current

    # --- doors

    def door(self, note: str, wait_us: Micros = 0) -> None:
        """Hand the baton on; come back when drawn, not before `wait_us` of virtual time. Raises Crash in a doomed worker."""
        me = self._arrive(note)
        if wait_us <= 0:
            self._ready.append(me)
        else:
            me.blocked = True
            self._push(self.time + wait_us, me, None)
        self._leave(me)

    def block(self, note: str, timeout_s: float | None) -> bool:
        """Wait to be woken; return whether that happened before the time was over."""
        me = self._arrive(note)
        me.blocked = True
        if timeout_s is not None:
            self._push(self.time + max(0, round(timeout_s * SECOND)), me, None)
        self._leave(me)
        return me.woken

    def wake(self, worker: SimWorker, turn: int) -> None:
        """Wake a worker if it still waits at that turn."""
        if worker.turn == turn:
            self._unblock(worker, woken=True)

    def at(self, when: Micros, event: Callable[[], None]) -> None:
        """Let something happen at a time, whoever lives or dies meanwhile. An event passes no door."""
        self._push(when, None, event)

    def trap(self, note: str, nth: int, spring: Callable[[], None]) -> None:
        """Call `spring` when the nth worker from now comes to this door, before it waits there."""
        self._traps.append((note, self.doors[note] + nth, spring))

    def disarm(self) -> None:
        """Take all traps away."""
        self._traps.clear()

    # --- the log

    def record(self, *parts: object) -> None:
        """Add a line to the event log."""
        line = f"{self.time} {' '.join(map(str, parts))}"
        self._hash.update(line.encode())
        self.tail.append(line)

    def digest(self) -> str:
        """Return the hash of the log so far."""
        return self._hash.hexdigest()

    # --- inside

    def _arrive(self, note: str) -> SimWorker:
        me = self.me()
        self.doors[note] += 1
        if self._traps:
            self._spring(note)
        if me.doomed:
            raise Crash
        me.note = note
        me.turn += 1
        me.woken = False
        return me

    def _spring(self, note: str) -> None:
        sprung = [t for t in self._traps if t[0] == note and t[1] <= self.doors[note]]
        self._traps = [t for t in self._traps if t not in sprung]
        for _, _, spring in sprung:
            spring()

    def _leave(self, me: SimWorker) -> None:
        following = self._draw()
        if following is not me:
            self._current = following
            following.gate.release()
            me.gate.acquire()
        if me.doomed:
            raise Crash

    def _hand_on(self) -> None:
        self._current = self._draw()
        self._current.gate.release()

    def _push(self, when: Micros, worker: SimWorker | None, event: Callable[[], None] | None) -> None:
        self._order += 1
        heapq.heappush(self._timed, (when, self._order, worker, worker.turn if worker else 0, event))

    def _unblock(self, worker: SimWorker, *, woken: bool) -> None:
        if worker.blocked:
            worker.blocked = False
            worker.woken = woken
            self._ready.append(worker)

    def _draw(self) -> SimWorker:
        self.passes += 1
        self.time += 1
        while True:
            while self._timed and self._timed[0][0] <= self.time:
                self._fire(heapq.heappop(self._timed))
            if self._ready:
                break
            if self._timed:
                self.time = self._timed[0][0]
            else:
                self._fail(Deadlock("; ".join(f"{w.name} at {w.note}" for w in self._alive)))
        at = self._rng.randrange(len(self._ready)) if len(self._ready) > 1 else 0
        drawn = self._ready[at]
        self._ready[at] = self._ready[-1]
        self._ready.pop()
        self.record(drawn.name, drawn.note)
        return drawn

    def _fire(self, timed: _Timed) -> None:
        _, _, worker, turn, event = timed
        if worker is not None:
            if worker.turn == turn:
                self._unblock(worker, woken=False)
            return
        assert event is not None
        self._in_event = True
        try:
            event()
        except Exception as error:  # noqa: BLE001 - whatever breaks the world ends the run and is raised by it
            self._fail(error)
        finally:
            self._in_event = False

    def _live(self, worker: SimWorker) -> None:
        worker.gate.acquire()
        try:
            if not worker.doomed:
                worker.run()
        except Crash as crash:
            if worker.group == "world" and not worker.doomed:  # somebody else's death, handed on as an error
                self._fail(crash)
        except BaseException as error:  # noqa: BLE001 - a worker that dies ends the run, which raises it
            self._fail(error)
        finally:
            self._end(worker)

    def _end(self, worker: SimWorker) -> None:
        worker.done = True
        self._alive.remove(worker)
        for joiner, turn in worker.joiners:
            self.wake(joiner, turn)
        self.record(worker.name, "ends")
        if self._alive:
            self._hand_on()
        else:
            self._over.release()

    def _fail(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error
        for worker in self._alive:
            worker.doomed = True
            self._unblock(worker, woken=False)

    def _stack(self) -> str:
        current = self._current
        frame = sys._current_frames().get(current.thread.ident or 0) if current and current.thread else None
        stack = "".join(traceback.format_stack(frame)) if frame else "no stack"
        return f"{current.name if current else 'nobody'} holds the baton and does not come to a door:\n{stack}"
