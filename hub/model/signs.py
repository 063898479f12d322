"""Signs that a system was restored or emptied, counted per connection: one record alone tells nothing (Invariants 4 and 12).

They stand in `ConnectionState.signs`: `suspects` (link id -> when a lower version was first seen there), `back` (link id -> when
it was read again and still showed an older state, or another birth mark), `gone` (stream -> what was missing lately).
"""

from __future__ import annotations

from typing import Final

from hub.model.known import Known, Question
from hub.model.link import Link
from hub.model.review import ReviewKind
from hub.model.run import ConnectionState
from hub.model.values import SECOND, Doc, Micros

SIGNS: Final = 2
"""So many records that went back are no rollback of one record: their system was restored."""
TOGETHER: Final[Micros] = 86_400 * SECOND
"""Signs this close to each other are counted together."""
PATIENCE: Final[Micros] = 3_600 * SECOND
"""How long a lower version that nobody could look at again keeps deletions waiting."""
AT_ONCE: Final[Micros] = 600 * SECOND
"""Records that go within this time go at once: mass deletions arrive in pages and trickle."""
LEAST: Final = 5
"""So few at once are never a question: in a small stream any share is large."""


def suspect(known: Known, link: Link, version: int | None, at: Micros) -> None:
    """Note that a link shows a lower version than recorded; it is asked again before that counts."""
    link.suspect_version, link.suspect_at = version, at
    _signs(known, link, "suspects")[str(link.id)] = at


def acquit(known: Known, link: Link) -> None:
    """Note that a link does not show a lower version (any more)."""
    if link.suspect_version is not None:
        link.suspect_version = None
        _signs(known, link, "suspects").pop(str(link.id), None)


def note_sign(known: Known, link: Link, at: Micros) -> None:
    """Note that a link went back. Two of them: the system was restored, perhaps; a person is asked (Rule 6.60).

    From then on nothing is sent there and nothing is concluded from absence, while reading goes on and the whole connection is
    read once more. A new epoch begins: what was read in it was read since.
    """
    acquit(known, link)
    if _was_denied(known.state(link.connection), link):
        return
    signs = _signs(known, link, "back")
    signs[str(link.id)] = at
    for late in [name for name, noted in signs.items() if noted < at - TOGETHER]:
        del signs[late]
    state = known.state(link.connection)
    if len(signs) < SIGNS or state.rewound_at:
        return
    state.rewound_at, state.epoch = at, state.epoch + 1
    known.rewound.append(state.name)
    detail: Doc = {"connection": state.name, "records": len(signs)}
    known.questions.append(Question(ReviewKind.REWOUND, state.name, None, None, detail))


def _was_denied(state: ConnectionState, link: Link) -> bool:
    """Say whether what a record shows now was so before a person said that its system was not restored (Rule 6.69)."""
    return not state.rewound_at and state.accepted < state.epoch and link.epoch < state.epoch  # Rule 6.69


def is_forgotten(known: Known, link: Link) -> bool:
    """Say whether what is recorded of a link is from before a restore that a person confirmed (Invariant 4, Rule 6.61)."""
    return link.epoch < known.state(link.connection).accepted


def mark_read(known: Known, link: Link, sent_at: Micros) -> None:
    """Note that a link was compared with a read that was sent at `sent_at`."""
    state = known.state(link.connection)
    if sent_at >= state.rewound_at:
        link.epoch = state.epoch


def hides(state: ConnectionState, at: Micros) -> bool:
    """Say whether absence tells nothing there: the system may have been restored, or looks as if (Rule 6.62)."""
    suspects = state.signs.get("suspects", {})
    return bool(state.rewound_at) or any(noted > at - PATIENCE for noted in suspects.values())


def is_landslide(missing: int, live: int, share: float) -> bool:
    """Say whether so many of a stream's records are missing that a person is asked (Invariant 12, Rule 2.22)."""
    return missing > LEAST and missing > live * share


def too_many_gone(known: Known, link: Link, at: Micros, share: float) -> bool:
    """Count that a record is gone; say whether that is one too many at once, so that a person is asked first (Rule 6.63)."""
    gone = _signs(known, link, "gone")
    now = gone.get(link.stream)
    if now is None or (now["since"] < at - AT_ONCE and not now["asked"]):
        now = gone[link.stream] = count_gone(at, known.live_count(link.connection, link.stream))
    if at < now["allowed"]:
        return False
    now["count"] += 1
    now["asked"] = now["asked"] or is_landslide(now["count"], now["of"], share)
    if now["asked"]:
        detail: Doc = {"connection": link.connection, "stream": link.stream, "missing": now["count"]}
        known.questions.append(Question(ReviewKind.VANISHED, f"{link.connection}/{link.stream}", None, None, detail))
    return bool(now["asked"])


def count_gone(at: Micros, live: int, *, asked: bool = False, allowed: Micros = 0) -> Doc:
    """Return a fresh count of what is gone of a stream with `live` records. `allowed`: until when a person said yes to any."""
    return {"since": at, "count": 0, "of": live, "asked": asked, "allowed": allowed}


def _signs(known: Known, link: Link, kind: str) -> Doc:
    state = known.state(link.connection)
    known.changed_states[state.name] = state
    found: Doc = state.signs.setdefault(kind, {})
    return found
