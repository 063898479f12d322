"""The operators' office: config.yaml and mapping lines as they stand, and a record of everything operators did, for the judges.

An order is given over and over until the hub says that it is done; between `asked` and `done` nobody knows whether it holds yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hub.model.values import Micros
from tests.simulation.lives import NEVER

RESTORED: Final = "bring up to date"
NOT_RESTORED: Final = "it was not restored"
"""What may be answered where a system shows an older state of itself."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Survivorship of one field. `ranks`: names of remotes, best first, for `prefer` and `owner`."""

    kind: str = "newest"  # newest | prefer | owner | union | most_restrictive
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing an operator did. `about`: a remote, a field, a record; `value`: what was said."""

    kind: str
    about: str
    asked: Micros
    done: Micros
    value: Any = None


class Spell(NamedTuple):
    """A value was surely in force from `since` until `until`, and perhaps a little before and after."""

    value: Any
    since: Micros
    until: Micros


@dataclass(slots=True)
class Office:
    """What the operators of a world decided so far. Paths are the world's flat ones, lists by their name."""

    policies: dict[str, Policy] = field(default_factory=dict)
    dropped: set[tuple[str, str]] = field(default_factory=set)
    """(remote, path) of mapping lines that are taken out."""
    reworded: set[tuple[str, str]] = field(default_factory=set)
    """(remote, path) of mapping lines that are written another way."""
    modes: dict[str, str] = field(default_factory=dict)
    """What a remote that is not `live` is."""
    stopped: bool = False
    restored: str = RESTORED
    """What they say when they are asked whether a system was restored; always the same, so that the end is one of two."""
    acts: list[Act] = field(default_factory=list)

    def note(self, act: Act) -> None:
        """Write down what was done."""
        self.acts.append(act)

    def of(self, *kinds: str) -> list[Act]:
        """Return the acts of these kinds, in order."""
        return [act for act in self.acts if act.kind in kinds]

    def spells(self, kind: str, about: str, first: Any) -> list[Spell]:
        """Return what was surely in force of a switch, and when; it began with `first`."""
        acts = [act for act in self.of(kind) if act.about == about]
        values = [first, *(act.value for act in acts)]
        starts = [0, *(act.done for act in acts)]
        ends = [*(act.asked for act in acts), NEVER]
        return [Spell(*spell) for spell in zip(values, starts, ends, strict=True)]

    def groups(self) -> list[set[str]]:
        """Return the e-mails of those whom a person said to be one."""
        found: list[set[str]] = []
        for act in self.of("merge"):
            met = [group for group in found if group & set(act.value)]
            found = [group for group in found if group not in met] + [set(act.value).union(*met)]
        return found

    def counts(self) -> Counter[str]:
        """Count what operators did, by kind; stale lines of their yes one by one."""
        found = Counter(f"operators: {told}" for act in self.acts if (told := _told(act)))
        found["operators: stale lines"] = sum(act.value for act in self.of("stale lines"))
        return found

    def forgets(self) -> bool:
        """Say whether they took what a restore lost for deleted."""
        return self.restored == NOT_RESTORED

    def observed(self) -> frozenset[str]:
        """Return the remotes that are only watched now."""
        return frozenset(name for name, mode in self.modes.items() if mode == "observe")


def _told(act: Act) -> str:
    """Name what an act was; what only goes along with another one has no name."""
    detailed = ("mode", "writes", "resync", "answer")
    return {"yes": "", "home": "", "stale lines": ""}.get(
        act.kind, f"{act.kind} {act.value}" if act.kind in detailed else act.kind
    )


def within(spells: Iterable[Spell], value: Any, grace: Micros) -> list[tuple[Micros, Micros]]:
    """Return from when to when a value was in force and everything under way before had ended."""
    return [(spell.since + grace, spell.until) for spell in spells if spell.value == value and spell.since + grace < spell.until]
