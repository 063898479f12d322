"""Whether the hub obeyed its operators: no write while writes are stopped or a system is only watched, none unasked on trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Entry
from tests.simulation.habits import SCALARS, meant
from tests.simulation.office import Office, within
from tests.simulation.operators import THEIRS
from tests.simulation.remote import HabitRemote

GRACE: Final[Micros] = 30 * SECOND
"""How long what was under way when an order was given may still leave: the wait for a limit of the API."""

Found = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One write of the hub. `left`: when its request first left."""

    left: Micros
    remote: HabitRemote
    what: str
    external_id: str
    asked: Doc
    """Flat fields it wanted different; of a new record only the e-mail."""
    line: str


def judge_orders(remotes: Sequence[HabitRemote], office: Office) -> list[Found]:
    """Return (rule, about, proof) of every write that no operator had allowed."""
    home = min((act.asked for act in office.of("home")), default=0)
    sent = [one for remote in remotes for one in (*_writes(remote), *_shifts(remote)) if one.left < home]
    stops = within(office.spells("writes", "", "on"), "stopped", GRACE)
    found = [_told("write while writes were stopped", one) for one in sent if _falls(one, stops)]
    for remote in remotes:
        here, spells = [one for one in sent if one.remote is remote], office.spells("mode", remote.name, "live")
        watched, trial = within(spells, "observe", GRACE), within(spells, "propose", GRACE)
        found += [_told("write where it only watches", one) for one in here if _falls(one, watched)]
        found += [_told("write without a yes", one) for one in here if _falls(one, trial) and not _allowed(office, one)]
    return found


def _falls(one: Sent, times: Iterable[tuple[Micros, Micros]]) -> bool:
    return any(since < one.left < until for since, until in times)


def _told(rule: str, one: Sent) -> Found:
    return rule, f"{one.what} {one.external_id} in {one.remote.name}", (one.line,)


def _writes(remote: HabitRemote) -> list[Sent]:
    entries = [e for e in remote.journal if e.kind == "customer" and e.actor == "api" and e.action in ("create", "write")]
    return [_write(remote, entry) for entry in entries]


def _write(remote: HabitRemote, entry: Entry) -> Sent:
    left = remote.first_left.get(str(entry.detail["key"]), entry.at)
    asked = {"email": entry.detail["email"]} if entry.action == "create" else entry.detail["asked"]
    return Sent(left, remote, entry.action, entry.external_id, asked, f"{entry.at} left {left} {entry.action} {asked}")


def _shifts(remote: HabitRemote) -> list[Sent]:
    room = remote.stockroom
    moves = [move for move in room.ledger if move.actor == "api"] if room is not None else []
    return [
        Sent(remote.first_left.get(m.key, m.at), remote, "shift", m.external_id, {"available": m.delta}, f"{m.at} {m.delta:+d}")
        for m in moves
    ]


def _allowed(office: Office, one: Sent) -> bool:
    """Say whether somebody had said yes to every line of a write (lists go as a whole and are not looked at)."""
    said = [act for act in office.of("yes") if act.asked <= one.left]
    if one.what == "create":
        lines = [line for act in said if act.about == f"{one.remote.name}/None" for line in act.value]
        return any(line["field"] == "email" and _same(line["to"], one.asked["email"]) for line in lines)
    lines = [line for act in said if act.about == f"{one.remote.name}/{one.external_id}" for line in act.value]
    if one.what == "shift":
        return any(line["to"] - line["from"] == one.asked["available"] for line in lines)
    wanted = [(path, value) for path, value in one.asked.items() if path in SCALARS]
    return all(any(_is_line(one.remote, line, path, value) for line in lines) for path, value in wanted)


def _is_line(remote: HabitRemote, line: Doc, path: str, value: Any) -> bool:
    if path == "phone":
        return bool(line["field"] == path and meant(path, line["to"]) == meant(path, value))
    return THEIRS.get(line["field"], line["field"]) == path and remote.habits.render(path, line["to"]) == remote.habits.render(
        path, value
    )


def _same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()
