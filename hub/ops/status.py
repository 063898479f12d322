"""How things stand: connections, what waits, what needs a person."""

from __future__ import annotations

from typing import cast

import orjson

from hub.clock import instant
from hub.model.delivery import DeliveryState
from hub.model.run import ConnectionState, Mode
from hub.model.values import SECOND, Doc, Micros
from hub.model.webhooks import Hearing
from hub.ops.book import read_incidents
from hub.ops.flags import FOLLOWED, REFUSED
from hub.ops.installation import INSTANCE, Installation
from hub.ops.surprises import list_surprises
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.restored import unread
from hub.store import Reader, Unit
from hub.store.known import RESTORED_AT, RESTORING
from hub.store.reader import LinkCount

STOPPED = "by hand, see `hub connection resume`"
RESTORED = "nothing is sent: it may have been restored from a backup, see `hub review list`"


def read_status(installation: Installation, reader: Reader, now: Micros, *, running: bool) -> Doc:
    """Return the state of the hub and of every connection. `behind_s`: age of the oldest change not yet sent."""
    counts = reader.work_counts()
    flags = reader.flags()
    connections = list_connections(installation, reader, now)
    return {
        "running": running,
        "writes": flags.get(WRITES_STOPPED) or "on",
        "settling": "settling" in flags,
        "restored": _restored(installation, reader, flags),
        "config": {"refused": flags.get(REFUSED), "followed": orjson.loads(flags[FOLLOWED]) if FOLLOWED in flags else None},
        "incidents": read_incidents(flags),
        "connections": connections,
        "entities": {kind.value: number for kind, number in reader.entity_counts().items()},
        "needs_you": {
            "questions": counts["reviews"],
            "dead_letters": counts["dead_letters"],
            "asking": sum(n for (_, state), n in reader.delivery_counts().items() if state is DeliveryState.ASKING),
            "paused": sum(one["paused"] not in ("", RESTORED, STOPPED) for one in connections),  # the others are asked or known
        },
        "under_way": {
            "deliveries": counts["deliveries"],
            "calls": counts["open_attempts"],
            "to_read": counts["hints"],
            "waiting_records": counts["waiting"],
        },
        "surprises": list_surprises(reader.drifts(), installation),
    }


def _restored(installation: Installation, reader: Reader, flags: dict[str, str]) -> Doc | None:
    """Return when the store was put back from a backup and who is still to be read whole; None: it is not, or no longer, so."""
    if RESTORING not in flags:
        return None
    reading = unread(cast("Unit", reader), installation.ground(flags.get(INSTANCE, "")))
    return {"at": instant(int(flags[RESTORED_AT])), "reading": reading}


def list_connections(installation: Installation, reader: Reader, now: Micros) -> list[Doc]:
    """Return one line per connection, configured ones first, then those only the store remembers."""
    states = reader.connections()
    config = installation.config.connections
    oldest, linked, read, heard = reader.oldest_due(), reader.link_counts(), reader.last_reads(), reader.hearings()
    out = []
    for name in [*config, *(name for name in states if name not in config)]:
        state = states.get(name) or ConnectionState(name, Mode(config[name].start))
        since = oldest.get(name)
        out.append(
            {
                "connection": name,
                "connector": config[name].connector if name in config else "",
                "configured": name in config,
                "mode": state.mode.value,
                "paused": (STOPPED if state.stopped_by else "") or state.paused or (RESTORED if state.rewound_at else ""),
                "behind_s": round((now - since) / SECOND, 1) if since is not None else 0,
                "webhooks": webhooks_of(heard.get(name)),
                "streams": _streams(reader, name, linked, read),
            }
        )
    return out


def webhooks_of(hearing: Hearing | None) -> Doc:
    """Return when the last webhook came, since when they are silent, and why they could not be subscribed to."""
    known = hearing or Hearing()
    return {
        "last": instant(known.last) if known.last else None,
        "silent_since": instant(known.silent_since) if known.silent_since else None,
        "problem": known.problem,
    }


def _streams(reader: Reader, connection: str, counts: list[LinkCount], read: dict[tuple[str, str], Micros]) -> list[Doc]:
    linked = {one.stream: one.links for one in counts if one.connection == connection}
    cursors = {stream: cursor for (_, stream), cursor in reader.cursors(connection).items()}
    return [
        {
            "stream": stream,
            "records": linked.get(stream, 0),
            "last_read": instant(read[connection, stream]) if (connection, stream) in read else None,
            "first_read": _first_read(cursors[stream].first_complete_at) if stream in cursors else "with its parent",
        }
        for stream in sorted({*linked, *cursors})
    ]


def _first_read(at: Micros | None) -> str:
    return instant(at) if at is not None else "not complete yet"
