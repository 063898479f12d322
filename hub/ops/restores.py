"""Answers about a system that was restored, or of which much is gone, and what follows from them."""

from __future__ import annotations

from typing import Final

from hub.model.link import LinkState
from hub.model.review import Review, ReviewKind
from hub.model.run import HintRow
from hub.model.signs import PATIENCE, count_gone
from hub.model.values import Doc
from hub.ops.office import Office, set_back
from hub.ops.plan import settle_again
from hub.store import Unit

RESTORED: Final = "bring up to date"
NOT_RESTORED: Final = "it was not restored"
WAIT: Final = "keep waiting"
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
    links = unit.missing_links(connection, stream, -1)
    state = unit.connections()[connection]
    state.signs.setdefault("gone", {})[stream] = count_gone(now, len(links), allowed=now + PATIENCE)
    unit.save_connection(state)
    unit.add_hints([HintRow(connection, stream, link.external_id, now, now, reason="missing") for link in links])
    return {"looked_at": len(links)}


def keep_all(unit: Unit, _office: Office, review: Review, _other: int | None) -> Doc | None:
    """What is gone was not deleted: it counts as there, and is asked about anew if it is still gone at the next whole read."""
    state = unit.connections()[review.detail["connection"]]
    state.signs.get("gone", {}).pop(review.detail["stream"], None)
    unit.save_connection(state)
    return None


def bring_up_to_date(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Begin a new epoch: what is recorded of a restored system is forgotten; what it shows now is an old state (Rule 6.61)."""
    state = unit.connections()[review.detail["connection"]]
    signs = [int(ident) for ident in state.signs.get("back", {})]
    lost = [link for link in unit.links_by_id(signs).values() if link.state is LinkState.ENDED]
    for link in lost:  # their ids were given to others: that is how the restore was noticed
        link.state, link.ended_at = LinkState.LOST, 0
    unit.save_links(lost)
    state.accepted, state.rewound_at, state.signs = state.epoch, 0, {}  # Rule 6.61
    unit.save_connection(state)
    settle_again(unit, office.ground, [link.entity_id for link in lost], office.clock.now())
    return _read_anew(unit, office, state.name)


def go_on(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """It was no restore: every record is judged for itself again."""
    state = unit.connections()[review.detail["connection"]]
    state.rewound_at, state.signs = 0, {}
    unit.save_connection(state)
    return _read_anew(unit, office, state.name)


def _read_anew(unit: Unit, office: Office, connection: str) -> Doc:
    set_back(unit, connection, _streams_of(office, connection), None)  # also where the hub stops before it gets to it
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
