"""What is wrong enough to tell somebody: found from what the store and the hub show now, nothing remembered.

In: figures. Out: incidents, each with a name that stays the same while it lasts. A text names connections, counts and codes,
never a record (Invariant 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hub.config import Alerts, ConnectionConfig
from hub.errors import AuthFailed
from hub.model.run import ConnectionState, CursorRow
from hub.model.values import SECOND, Doc, Micros
from hub.model.webhooks import Hearing

ROUNDS: Final = 3
"""A stream is not stale before it was due so many times."""


class Trouble(StrEnum):
    """What can be wrong."""

    TOKEN = "token_expired"  # noqa: S105 - a word, no secret
    PAUSED = "connection_paused"
    FAILING = "connection_failing"
    RESTORED = "restored_remote"
    SILENT = "webhooks_silent"
    STALE = "stale"
    UNSENT = "unsent"
    DEAD_LETTERS = "dead_letters"
    BRAKE = "brake_asking"
    QUESTIONS = "questions_open"
    DISK = "disk_nearly_full"
    CONFIG = "config_refused"
    STOPPED = "hub_stopped"


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble. `about`: a connection, or nothing. `text` is a sentence, `fix` what to do about it."""

    kind: Trouble
    about: str
    text: str
    fix: str

    @property
    def key(self) -> str:
        """Return its name."""
        return f"{self.kind.value}:{self.about}"


@dataclass(slots=True)
class Figures:
    """What incidents are found from. `failing`: connection -> since when (µs) nothing works, and the code of the error."""

    states: Mapping[str, ConnectionState] = field(default_factory=dict)
    failing: Mapping[str, tuple[Micros, str]] = field(default_factory=dict)
    hearings: Mapping[str, Hearing] = field(default_factory=dict)
    freshness: Iterable[Doc] = ()
    cursors: Mapping[tuple[str, str], CursorRow] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    brakes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    old_questions: int = 0
    writes_stopped: bool = False
    disk_scarce: bool = False
    disk_held: bool = False
    config_refused: str = ""


def find_incidents(
    connections: Mapping[str, ConnectionConfig], alerts: Alerts, figures: Figures, now: Micros
) -> dict[str, Incident]:
    """Return name -> incident."""
    found: list[Incident] = []
    for name, config in connections.items():
        found += _of_connection(name, config, alerts, figures, now)
    found += _of_installation(alerts, figures)
    return {one.key: one for one in found}


def _of_connection(name: str, config: ConnectionConfig, alerts: Alerts, figures: Figures, now: Micros) -> Iterator[Incident]:
    state = figures.states.get(name) or ConnectionState(name)
    paused = _pause(name, state.paused)
    if paused is not None:
        yield paused
    since, code = figures.failing.get(name, (now, ""))
    if code and not state.paused and now - since >= alerts.failing_s * SECOND:
        text = f"{name} has not worked for {_long(now - since)}: {code}."
        yield Incident(Trouble.FAILING, name, text, "Look whether it can be reached; nothing is lost, the hub tries on.")
    yield from _asking(name, state, figures)
    if not (paused or code):  # why nothing moves is told already
        yield from _late(name, config, alerts, figures)


def _asking(name: str, state: ConnectionState, figures: Figures) -> Iterator[Incident]:
    """What waits for a person, or shows that something there is not as it was."""
    if state.rewound_at:
        text = f"{name} shows an older state of itself; it may have been restored from a backup. Nothing is sent there."
        yield Incident(Trouble.RESTORED, name, text, "Answer the question in `hub review list`.")
    if (hearing := figures.hearings.get(name)) and hearing.silent_since:
        text = f"Webhooks of {name} stay away although there are changes; they are found by polling, only later."
        yield Incident(Trouble.SILENT, name, text, "Look at the webhook subscriptions there.")
    if count := figures.dead_letters.get(name):
        text = f"{count} {'record of' if count == 1 else 'records of'} {name} {'was' if count == 1 else 'were'} set aside."
        yield Incident(Trouble.DEAD_LETTERS, name, text, "See `hub deadletter list`.")
    for (owner, brake), count in figures.brakes.items():
        if owner == name:
            changes = "1 change at" if count == 1 else f"{count} changes at"
            text = f"{changes} {name} ({brake}) {'is' if count == 1 else 'are'} held back until somebody says yes."
            yield Incident(Trouble.BRAKE, f"{name}/{brake}", text, "See `hub plan`, then `hub apply`.")


def _pause(name: str, code: str) -> Incident | None:
    if code == AuthFailed.code:
        text = f"{name} no longer accepts our token, so the connection is paused."
        return Incident(Trouble.TOKEN, name, text, "Renew the token in its settings; the hub goes on by itself.")
    if code:
        text = f"The connection {name} is paused: {code}."
        return Incident(Trouble.PAUSED, name, text, "See `hub status`; the hub goes on by itself once it is put right.")
    return None


def _late(name: str, config: ConnectionConfig, alerts: Alerts, figures: Figures) -> Iterator[Incident]:
    """A stream in the middle of a whole read is at work, however long that takes."""
    lines = [one for one in figures.freshness if one["connection"] == name]
    bar_s = max(alerts.stale_s, ROUNDS * config.every_s)
    read = [one for one in lines if one["behind_s"] is not None and not _is_reading(figures, name, one["stream"])]
    oldest = max(read, key=lambda one: float(one["behind_s"]), default=None)
    if oldest is not None and oldest["behind_s"] > bar_s:
        text = f"{name}/{oldest['stream']} was last read {_long(int(oldest['behind_s'] * SECOND))} ago."
        yield Incident(Trouble.STALE, name, text, "See `hub status` and the log.")
    waits = max((float(one["unsent_s"] or 0) for one in lines), default=0.0)
    if waits > alerts.unsent_s and not figures.writes_stopped:
        text = f"A change has been waiting for {_long(int(waits * SECOND))} to be sent to {name}."
        yield Incident(Trouble.UNSENT, name, text, "See `hub status` and the log.")


def _is_reading(figures: Figures, name: str, stream: str) -> bool:
    cursor = figures.cursors.get((name, stream))
    return cursor is not None and cursor.full and cursor.token is not None


def _of_installation(alerts: Alerts, figures: Figures) -> Iterator[Incident]:
    if figures.old_questions:
        count = figures.old_questions
        asked = "question has" if count == 1 else "questions have"
        text = f"{count} {asked} been open for more than {_long(int(alerts.questions_s * SECOND))}."
        yield Incident(Trouble.QUESTIONS, "", text, "See `hub review list`.")
    if figures.disk_scarce:
        held = "; nothing is taken in until there is room" if figures.disk_held else ""
        yield Incident(Trouble.DISK, "", f"The disk of the store is nearly full{held}.", "Make room.")
    if figures.config_refused:
        text = "A changed file is wrong, so the hub goes on with what it knew: " + figures.config_refused
        yield Incident(Trouble.CONFIG, "", text, "Put it right; `hub check` tells when it is.")


def _long(lasted: Micros) -> str:
    """Write how long, in the unit a person would use."""
    minutes = lasted / SECOND / 60
    if minutes < 2:
        return f"{lasted / SECOND:.0f} s"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
