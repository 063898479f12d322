"""What one world came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from tests.simulation.folders import PaperHabits, paper_marks
from tests.simulation.habits import Habits, marks
from tests.simulation.oracle import Violation
from tests.simulation.remote import HabitRemote
from tests.simulation.shelving import Place, marks_of


@dataclass(slots=True)
class Result:
    """What one world came to."""

    seed: int
    digest: str
    violations: list[Violation]
    counts: Counter[str]
    faults: Counter[str]
    habits: dict[str, str]
    marks: set[str]
    """What is unusual about any of its remotes."""
    passes: int
    seconds: float
    virtual_minutes: float
    stock: bool = False
    operated: bool = False
    papers: bool = False
    steps: Counter[str] = field(default_factory=Counter)
    """How often every step of the hub's machines was made."""

    @property
    def replay(self) -> str:
        """Return the one command that runs this world again."""
        return f"PYTHONHASHSEED=0 python -m tests.simulation.run --from {self.seed} --seeds 1"


def unusual(remotes: Sequence[HabitRemote], places: Sequence[Place], folders: Iterable[PaperHabits]) -> set[str]:
    """Return what is unusual about a world, one word each."""
    habits = (marks(remote.habits) for remote in remotes)
    return set().union(*habits, events(remotes), marks_of(places), *map(paper_marks, folders))


def events(remotes: Iterable[HabitRemote]) -> set[str]:
    """Return what admins did."""
    did = {entry.action for remote in remotes for entry in remote.journal if entry.actor == "admin"}
    named = {"restore": "restored from a backup", "delete": "mass deletion", "undelete": "mass deletion undone"}
    return {name for action, name in named.items() if action in did}


def told(habits: Habits) -> str:
    """Return what is unusual about a remote, in one line."""
    usual = asdict(Habits())
    return ", ".join(f"{name}={value}" for name, value in asdict(habits).items() if value != usual[name]) or "as usual"
