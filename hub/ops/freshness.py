"""How old what the hub knows may be, stream by stream."""

from __future__ import annotations

from collections.abc import Iterable

from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.model.webhooks import Hearing
from hub.store import Reader


def read_freshness(connections: Iterable[str], reader: Reader, now: Micros) -> list[Doc]:
    """Return one line per stream of these connections. Seconds are of this machine's clock.

    `behind_s`: since the last read that came to its end was begun: what changed there before is known here; None: none has yet.
    `webhook_s`: since a webhook last told of this stream; None: none did. `unsent_s`: age of the oldest change that is to be sent
    to it; None: there is none, or it only waits for a person's yes.
    """
    begun, heard, unsent = reader.reads_begun(), reader.hearings(), reader.oldest_unsent()
    lines = []
    for name in connections:
        hearing = heard.get(name, Hearing())
        streams = {stream for found in (begun, reader.cursors(), unsent) for connection, stream in found if connection == name}
        for stream in sorted(streams | {one for one in hearing.heard if one}):
            read_at = begun.get((name, stream), 0)
            lines.append(
                {
                    "connection": name,
                    "stream": stream,
                    "read_at": instant(read_at) if read_at else None,
                    "behind_s": _age(now, read_at),
                    "webhook_s": _age(now, hearing.heard.get(stream, 0)),
                    "webhooks_silent": bool(hearing.silent_since),
                    "unsent_s": _age(now, unsent.get((name, stream), 0)),
                }
            )
    return lines


def _age(now: Micros, at: Micros) -> float | None:
    return max(0.0, round((now - at) / SECOND, 1)) if at else None
