"""What waits for a person, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hub.model.values import Doc, Micros


class ReviewKind(StrEnum):
    """Why a person is asked."""

    MATCH = "match"  # these may be the same
    NOT_KEPT = "not_kept"  # this system does not keep our value
    REWRITES = "rewrites"  # this system rewrites our value
    EMPTIED = "emptied"  # over half of the held fields went empty at once
    VANISHED = "vanished"  # a large share of a stream is gone
    REWOUND = "rewound"  # the system shows an older state of itself
    CREATE = "create"  # a create that cannot be made safe
    UNKNOWN_CREATE = "unknown_create"  # nobody can tell whether a create happened
    CLASH = "clash"  # something that must be unique is taken there
    ECHO = "echo"  # changes of a level go round between two connections: another sync runs beside us
    COUNT = "count"  # nobody can tell whether our change of a level happened: count the shelf
    ACT = "act"  # what a person asked to be done could not be done
    ASK = "ask"  # the policy of this field asks a person


@dataclass(slots=True)
class Review:
    """One question. `about` names what it is about, once per open question."""

    id: int
    kind: ReviewKind
    about: str
    entity_id: int | None
    link_id: int | None
    opened_at: Micros
    detail: Doc = field(default_factory=dict)
    resolved_at: Micros | None = None
    answer: str = ""


class Fate(StrEnum):
    """How a raw record ended (Invariant 3: exactly one of these)."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    WAITING = "waiting"
    REVIEW = "in_review"
    DEAD = "dead_letter"
