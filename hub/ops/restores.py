"""Answers about a system that was restored, or of which much is gone, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hub.model.entity import EntityState
from hub.model.link import Link, LinkState
from hub.model.review import Review, ReviewKind
from hub.model.run import ConnectionState, HintRow, JournalEntry
from hub.model.signs import PATIENCE, TOGETHER, count_gone
from hub.model.values import Doc, Micros
from hub.ops.office import Office, set_back
from hub.ops.plan import settle_again
from hub.store import Unit

RESTORED: Final = "bring up to date"
NOT_RESTORED: Final = "it was not restored"
WAIT: Final = "keep waiting"
LOOKING: Final = "looking/"
"""How the flags begin that say how far a stream is asked for by id: `looking/<connection>/<stream>` -> the last one."""
PART: Final = 2_000
"""So many records are asked for in one transaction."""
ENTRIES: Final = 100_000
"""How many journal lines of the records in question are looked through."""
MEANING: Final = {
    ReviewKind.REWOUND: (
        "Nothing is sent there until you answer; reading goes on, and the other systems go on with each other. "
        "`bring up to date`: it was restored; our values are sent to it again (`hub plan` shows which), and what it lost is made "
        "there again. `it was not restored`: every record is judged for itself. `keep waiting`: the question stays."
    ),
    ReviewKind.VANISHED: (
        "Until you answer they are taken as still there, and nothing is deleted anywhere. `yes`: each of them is looked for, and "
        "what is gone is taken as deleted. `no`: nothing is; a filter, a permission or a backup may be the reason."
    ),
}
"""What follows from an answer, where that is not plain from the question."""


def look_at_each(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Fetch every record of the stream by id: what is gone there is taken as gone one by one."""
    connection, stream = review.detail["connection"], review.detail["stream"]
    now = office.clock.now()
    state, live = unit.connections()[connection], unit.live_count(connection, stream)
    state.signs.setdefault("gone", {})[stream] = count_gone(now, live, allowed=now + PATIENCE)
    unit.save_connection(state)
    unit.set_flag(f"{LOOKING}{connection}/{stream}", "")
    return {"looked_at": live}


def finish_looking(office: Office) -> None:
    """Go on with what a yes asked to be looked for, also after a crash: a part at a time, so that others get to write."""
    while office.write(lambda unit: _look_on(unit, office.clock.now())):
        pass


def _look_on(unit: Unit, now: Micros) -> bool:
    """Ask for the next records of one stream by id; return False where nothing is left to ask for."""
    flag, after = next(((name, place) for name, place in unit.flags().items() if name.startswith(LOOKING)), ("", ""))
    if not flag:
        return False
    connection, _, stream = flag.removeprefix(LOOKING).partition("/")
    page = unit.sightings(connection, stream, 0, after=after, limit=PART)
    there = [one.external_id for one in page if one.is_live]
    unit.add_hints([HintRow(connection, stream, external_id, now, now, reason="missing") for external_id in there])
    unit.set_flag(flag, page[-1].external_id if len(page) == PART else None)
    return True


def keep_all(unit: Unit, _office: Office, review: Review, _other: int | None) -> Doc | None:
    """What is gone was not deleted: it counts as there, and is asked about anew if it is still gone at the next whole read."""
    state = unit.connections()[review.detail["connection"]]
    state.signs.get("gone", {}).pop(review.detail["stream"], None)
    unit.save_connection(state)
    return None


def bring_up_to_date(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Begin a new epoch: what is recorded of a restored system is forgotten; what it shows now is an old state (Rule 6.61)."""
    state = unit.connections()[review.detail["connection"]]
    lost = _lost(unit, state)
    for link in lost:
        link.state, link.ended_at = LinkState.LOST, 0
    unit.save_links(lost)
    state.accepted, state.rewound_at, state.signs = state.epoch, 0, {}  # Rule 6.61
    unit.save_connection(state)
    _bring_back(unit, lost)
    settle_again(unit, office.ground, [link.entity_id for link in lost], office.clock.now())
    return _read_anew(unit, office, state.name)


def _lost(unit: Unit, state: ConnectionState) -> list[Link]:
    """Return what seems to have been deleted there, and was lost with the restore.

    Their ids were given to others: that is how it was noticed; or they were looked for after the restore and before it showed.
    """
    signs = {int(ident): at for ident, at in state.signs.get("back", {}).items()}
    back = unit.links_by_id(signs)
    reissued = [link for link in back.values() if link.state is LinkState.ENDED]
    since = max(_last_seen_whole(unit, back, signs), state.rewound_at - TOGETHER)  # Rule 6.65
    early = [link for link in unit.ended_links(state.name, since) if not _was_deleted(unit, state, link)]
    return list({link.id: link for link in (*reissued, *early)}.values())  # Rule 6.65


def _last_seen_whole(unit: Unit, back: dict[int, Link], signs: dict[int, Micros]) -> Micros:
    """Return when something that a restore undid was last seen: what was gone by then had been deleted."""
    entries = unit.journal_of({link.entity_id for link in back.values()}, limit=ENTRIES)
    return max((e.at for e in entries if e.kind == "edit" and e.at < signs.get(e.link_id or 0, 0)), default=0)


def _was_deleted(unit: Unit, state: ConnectionState, link: Link) -> bool:
    """Where the backup holds records that are younger than this one, it was deleted before the backup was made."""
    before = min(link.ended_at, state.rewound_at)
    return unit.has_linked(link.connection, link.stream, state.epoch, link.linked_at + PATIENCE, before)  # Rule 6.65


def _bring_back(unit: Unit, lost: list[Link]) -> None:
    """An entity that ended with what was lost lives again."""
    ids = {link.id for link in lost}
    ended = {
        entry.entity_id for entry in unit.journal_of({link.entity_id for link in lost}, limit=ENTRIES) if _ended_by(entry, ids)
    }
    entities = [entity for entity in unit.entities(ended).values() if entity.state is EntityState.ENDED]
    for entity in entities:
        entity.state = EntityState.LIVE
    unit.save_entities(entities)


def _ended_by(entry: JournalEntry, links: set[int]) -> bool:
    return entry.kind == "ended" and entry.link_id in links


def go_on(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """It was no restore: every record is judged for itself again."""
    state = unit.connections()[review.detail["connection"]]
    state.rewound_at, state.signs = 0, {}
    unit.save_connection(state)
    return _read_anew(unit, office, state.name)


def _read_anew(unit: Unit, office: Office, connection: str) -> Doc:
    streams = _streams_of(office, connection)
    set_back(unit, connection, streams, None)  # also where the hub stops before it gets to it
    for stream in sorted(streams):
        unit.save_cursor(replace(unit.cursor(connection, stream), full_at=0))  # Rule 6.66: nothing is made there before that
    return {"connection": connection, "read_whole": connection}


def read_whole(office: Office, done: Doc) -> None:
    """Read a connection whole where an answer asks for it; after the commit, since it waits for one."""
    connection = done.pop("read_whole", None)
    if connection is not None:
        office.reread(connection, _streams_of(office, connection), None)


def _streams_of(office: Office, connection: str) -> set[str]:
    """Return the streams that are read for themselves: parts come with the records they stand in."""
    ground = office.ground
    return {stream for owner, stream in ground.tables if owner == connection and ground.carrier(owner, stream) == stream}
