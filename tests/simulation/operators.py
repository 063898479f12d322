"""The operators of a world: they change modes, policies and mappings, say yes to plan lines, answer questions, stop writes.

Everything goes through `hub.ops`, as a console would call it. An order that the hub did not finish (its process died) is given
again; config.yaml and mapping files are changed as files are: the hub follows them when it starts again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from hub.model.values import SECOND, Doc, Micros
from tests.simulation.adapter import HubUnderTest
from tests.simulation.baton import Baton
from tests.simulation.connector import OURS
from tests.simulation.office import Act, Office, Policy

THEIRS: Final = {ours: theirs for theirs, ours in OURS.items()}
LINES: Final = ("note", "phone", "tags", "consents.sms")
"""Mapping lines that are taken out and put back."""
WORDINGS: Final = ("note", "phone")
"""Mapping lines that are written another way."""
RULED: Final = ("last_name", "note", "phone", "consents.email", "consents.sms")
"""Fields whose survivorship changes."""


class Operable(HubUnderTest, Protocol):
    """A hub that operators can work with."""

    def order(self, verb: str, **args: Any) -> Doc | None:
        """Carry out a verb of `hub.ops.verbs`; returns once it is committed. None: it is refused as things stand."""

    def look(self, what: str, about: Any = None) -> list[Doc]:
        """Return the plan of a connection, open questions, dead letters, or one customer."""

    def restart(self) -> None:
        """Stop in good order and start with config.yaml and mappings as they are now."""


class Premises(Protocol):
    """What operators need of the world."""

    baton: Baton
    office: Office

    def with_hub(self, deed: Callable[[Operable], Any]) -> Any:
        """Have a deed done in the hub's process, again after a crash; return what it returned."""

    def bring_up_again(self) -> None:
        """Restart the hub in good order; returns once it runs."""


class Operator:
    """One of them: a worker that does things until the shops close."""

    def __init__(
        self,
        world: Premises,
        name: str,
        seed: int,
        remotes: list[str],
        until: Micros,
        pace_s: float,
        *,
        stock: bool,
        spells: frozenset[str] = frozenset(),
        deaf: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """`spells`: remotes that spell phone numbers their way. `deaf`: (remote, field) where it drops what we write."""
        self._world, self._name, self._remotes, self._until, self._pace_s = world, name, remotes, until, pace_s
        self._rng = random.Random(f"{name} {seed}")
        self._first = dict(world.office.policies)
        self._spells, self._deaf = spells, deaf
        self._modes = ("propose",) if stock else ("propose", "propose", "observe")
        self._deeds: list[tuple[Callable[[], None], int]] = [
            (self.trusts, 5), (self.approves, 6), (self.rules, 3), (self.maps, 3), (self.answers, 4), (self.replays, 2),
            (self.switches, 2), (self.resyncs, 3),
        ]  # fmt: skip

    def live(self) -> None:
        """Do things until the shops close."""
        baton = self._world.baton
        while baton.time < self._until:
            baton.door("people", round(self._rng.expovariate(1 / self._pace_s) * SECOND))
            if baton.time < self._until:
                deeds, weights = zip(*self._deeds, strict=True)
                deed = self._rng.choices(deeds, weights)[0]
                baton.record(self._name, deed.__name__)
                deed()

    def go_home(self) -> None:
        """Leave everything running: writes on, everybody trusted but perhaps one."""
        office, now = self._world.office, self._world.baton.time
        office.note(Act("home", "", now, now))
        if office.stopped:
            self._write(on=True)
        watched = self._rng.choice(self._remotes) if "observe" in self._modes and self._rng.random() < 0.15 else ""
        for name in self._remotes:
            wanted = "observe" if name == watched else "live"
            if office.modes.get(name, "live") != wanted:
                self._trust(name, wanted)

    def _order(self, kind: str, about: str, value: Any, verb: str, **args: Any) -> Doc | None:
        asked = self._world.baton.time
        done: Doc | None = self._world.with_hub(lambda hub: hub.order(verb, **args))
        if done is not None:
            self._world.office.note(Act(kind, about, asked, self._world.baton.time, value))
        return done

    def _look(self, what: str, about: Any = None) -> list[Doc]:
        found: list[Doc] = self._world.with_hub(lambda hub: hub.look(what, about))
        return found

    # --- modes

    def trusts(self) -> None:
        """Trust a connection more or less."""
        name = self._rng.choice(self._remotes)
        now = self._world.office.modes.get(name, "live")
        self._trust(name, self._rng.choice(self._modes) if now == "live" or self._rng.random() < 0.2 else "live")

    def _trust(self, name: str, mode: str) -> None:
        self._world.office.modes[name] = mode
        self._order("mode", name, mode, "mode", connection=name, mode=mode)

    def approves(self) -> None:
        """Look at the plan, think, and say yes to some of its lines; some changed meanwhile."""
        items = [item for item in self._look("plan") if item["state"].startswith("waiting for your yes")]
        self._world.baton.door("people", round(self._rng.choice((1.0, 20.0, 90.0)) * self._rng.random() * SECOND))
        said = [self._some(item) for item in items if self._rng.random() < 0.7]
        said = [item for item in said if item["lines"]]
        if said:
            asked = self._world.baton.time
            for item in said:  # before it is said: a yes whose answer is lost may count all the same
                self._world.office.note(Act("yes", f"{item['connection']}/{item['external_id']}", asked, asked, item["lines"]))
            told = [{"id": item["id"], "lines": [one["line"] for one in item["lines"]]} for item in said]
            done = self._order("approve", "", len(said), "approve", items=told, by=self._name)
            self._world.office.note(Act("stale lines", "", asked, asked, (done or {}).get("changed", 0)))

    def _some(self, item: Doc) -> Doc:
        if item["action"] == "create":
            return item
        return {**item, "lines": [line for line in item["lines"] if self._rng.random() < 0.8]}

    # --- files

    def rules(self) -> None:
        """Change the survivorship of a field in config.yaml, or put it back as it was."""
        office = self._world.office
        path = self._rng.choice(RULED)
        ranks = tuple(self._rng.sample(self._remotes, len(self._remotes)))
        consents = [Policy("most_restrictive")] if path.startswith("consents") else []
        choices = [Policy(), Policy("prefer", ranks), Policy("owner", ranks[:1]), Policy("union"), *consents]
        office.policies[path] = self._rng.choice(choices) if self._rng.random() < 0.6 else self._first.get(path, Policy())
        self._follow("policy", path, office.policies[path])

    def maps(self) -> None:
        """Take a line out of a mapping, put it back, or write it another way."""
        name, office = self._rng.choice(self._remotes), self._world.office
        if self._rng.random() < 0.3:
            office.reworded ^= {(name, "note" if name in self._spells else self._rng.choice(WORDINGS))}
            self._follow("line", name, "reworded")
            return
        gone = sorted(path for remote, path in office.dropped if remote == name)
        path = self._rng.choice(gone) if gone else self._rng.choice(LINES)
        office.dropped ^= {(name, path)}
        self._follow("line", f"{name}/{path}", "out" if (name, path) in office.dropped else "in")

    def _follow(self, kind: str, about: str, value: Any) -> None:
        asked = self._world.baton.time
        self._world.bring_up_again()
        self._world.office.note(Act(kind, about, asked, self._world.baton.time, value))

    # --- questions and what was set aside

    def answers(self) -> None:
        """Answer some questions."""
        for one in self._look("questions"):
            if self._rng.random() < 0.6:
                self._answer(one)

    def _answer(self, one: Doc) -> None:
        if one["kind"] == "match":
            self._match(one)
        elif one["kind"] == "rewound":
            self._say(one, self._world.office.restored)
        elif "yes" in one["answers"]:
            self._say(one, "no" if self._may_refuse(one) and self._rng.random() < 0.4 else "yes")

    def _say(self, one: Doc, answer: str) -> None:
        self._order("answer", one["kind"], answer, "resolve", review_id=one["id"], answer=answer)

    def _may_refuse(self, one: Doc) -> bool:
        """Whether a no leaves nothing undone that a judge would miss: a system that drops what we write shows its own."""
        if one["kind"] in ("not_kept", "rewrites"):
            return (one["connection"], one["field"]) in self._deaf
        return one["kind"] in ("vanished", "emptied")

    def _match(self, one: Doc) -> None:
        """Say whether these are one person. Who is asked about is looked up before the answer is given."""
        emails = [self._email(who["id"]) for who in one["about"]]
        if len(emails) == 2 and all(emails) and self._rng.random() < 0.5:
            self._order("merge", "/".join(emails), tuple(emails), "resolve", review_id=one["id"], answer="merge")
        else:
            self._order("keep apart", "/".join(emails), "", "resolve", review_id=one["id"], answer="keep apart")

    def _email(self, entity_id: int) -> str:
        shown: Mapping[str, Any] = self._look("customer", entity_id)[0]["fields"]
        return str(shown.get("email") or "").lower()

    def replays(self) -> None:
        """Try again what was set aside."""
        for one in self._look("dead letters"):
            self._order("replay", one["code"], one["id"], "replay", letter_id=one["id"])

    def switches(self) -> None:
        """Stop all writes, or let them go again."""
        self._write(on=self._world.office.stopped)

    def _write(self, *, on: bool) -> None:
        self._world.office.stopped = not on
        self._order("writes", "", "on" if on else "stopped", "writes", on=on)

    def resyncs(self) -> None:
        """Have a connection, a stream or one record read again."""
        name = self._rng.choice(self._remotes)
        what = self._rng.choice(("connection", "stream", "record", "since"))
        more: dict[str, Any] = {
            "connection": {},
            "stream": {"stream": "customers"},
            "record": {"stream": "customers", "external_id": str(self._rng.randrange(1, 12))},
            "since": {"stream": "customers", "since": self._world.baton.time - 600 * SECOND},
        }[what]
        self._order("resync", name, what, "resync", connection=name, **more)
