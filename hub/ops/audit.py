"""Compare what each system shows with what it should show: read whole, digests first, and what differs is looked at twice.

In: a reader of the store and the systems themselves. Out: a line per stream, and every difference with its fields and since when.
Nothing is written; `hub.ops.repair` makes a plan of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from hub.clock import Clock, instant
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.link import Link, LinkKey, LinkState
from hub.model.record import EntityType, Observation, RawRecord
from hub.model.run import Mode
from hub.model.values import MISSING, Doc, Micros, Value
from hub.normalise import digest_of, normalise
from hub.ops.installation import Installation
from hub.ops.names import name_of, shown
from hub.ops.plan import load, looking, read_plan
from hub.reconcile.attach import is_derived, only_shows
from hub.reconcile.statements import statements
from hub.retail.figures import figure, figures_of
from hub.sdk import Cursor, Stream
from hub.sdk.boundary import documents, named, understood
from hub.sdk.patience import Patience
from hub.store import Reader, Unit
from hub.yamlfile import nearest

PATIENCE: Final = Patience(connect_s=5, read_s=30, answer_s=60, tries=3, limited_s=60)
PAGE: Final = 500
Tell = Callable[[int, int], None]


@dataclass
class Bench:
    """What one stream is compared with."""

    reader: Reader
    ground: Ground
    clock: Clock
    connection: str
    stream: Stream[Any]
    client: Any
    counts: Counter[str] = field(default_factory=Counter)
    found: list[Doc] = field(default_factory=list)


def audit(
    installation: Installation, reader: Reader, ground: Ground, clock: Clock, target: str = "", tell: Tell = lambda _a, _b: None
) -> Doc:
    """Compare every stream, or those of `target` (CONNECTION[/STREAM]). Raises UsageError, and what a system raises."""
    lines: list[Doc] = []
    found: list[Doc] = []
    streams = _chosen(installation, ground, target)
    for name, stream in streams:
        config = installation.config.connections[name]
        connector = installation.connectors[name]
        client = connector.client(config.settings, installation.http(name, config, clock, PATIENCE))
        bench = Bench(reader, ground, clock, name, connector.streams[stream], client)
        with named(name, f"Look at `hub connection test {name}`, then audit again."):
            _compare(bench, tell)
        lines.append({"connection": name, "stream": stream, **{word: bench.counts[word] for word in WORDS}})
        found += bench.found
    sending = _to_be_sent(reader, ground, set(streams))
    known = {(one["connection"], one["stream"], one["external_id"]) for one in found}
    found += [one for one in sending if (one["connection"], one["stream"], one["external_id"]) not in known]
    return {"streams": lines, "differences": found, "agree": not found}


WORDS: Final = ("read", "same", "differs", "gone there", "not known here")


def _chosen(installation: Installation, ground: Ground, target: str) -> list[tuple[str, str]]:
    name, _, stream = target.partition("/")
    connectors = installation.connectors
    every = [
        (connection, each)
        for connection, each in ground.tables
        if each in connectors[connection].streams and ground.carrier(connection, each) == each
    ]
    if name and name not in connectors:
        raise UsageError(f"There is no connection called `{name}`.", fix=nearest(name, connectors))
    chosen = [(one, each) for one, each in every if name in ("", one) and stream in ("", each)]
    if not chosen:
        raise UsageError(
            f"`{name}` has no stream `{stream}` of its own.", fix=nearest(stream, [s for c, s in every if c == name])
        )
    return chosen


def _compare(bench: Bench, tell: Tell) -> None:
    """Read a stream whole; what is not byte for byte what was last compared is fetched and looked at once more."""
    seen: set[str] = set()
    doubtful: list[str] = []
    for docs, total in _pages(bench):
        bodies = {str(_identify(bench, doc)): digest_of(orjson.dumps(doc)) for doc in docs}
        stored = bench.reader.digests(bench.connection, bench.stream.name, list(bodies))
        epoch = bench.reader.connections()[bench.connection].epoch if stored else 0
        doubtful += [i for i, digest in bodies.items() if i not in stored or stored[i][1:] != (digest, epoch)]
        seen |= bodies.keys()
        tell(len(seen), total)
    bench.counts["read"] = len(seen)
    bench.counts["same"] = len(seen) - len(set(doubtful))
    if bench.stream.lists_all:
        doubtful += [link.external_id for link in _live_links(bench) if link.external_id not in seen]
    for start in range(0, len(doubtful), bench.stream.fetch_limit):
        _look_again(bench, doubtful[start : start + bench.stream.fetch_limit])


def _pages(bench: Bench) -> Iterator[tuple[Sequence[Doc], int]]:
    token, first = None, True
    while first or token is not None:
        with understood(bench.connection, bench.stream.name):
            page = bench.stream.page(bench.client, Cursor(None, token))
            documents(page.docs)
        yield page.docs, page.total or 0
        token, first = page.token, False


def _identify(bench: Bench, doc: Doc) -> str | None:
    return bench.ground.tables[bench.connection, bench.stream.name].identify(doc)


def _live_links(bench: Bench) -> Iterator[Link]:
    after = 0
    while page := bench.reader.links_of_stream(bench.connection, bench.stream.name, after=after, limit=PAGE):
        after = page[-1].id
        yield from (link for link in page if link.state is LinkState.LIVE)


def _look_again(bench: Bench, ids: list[str]) -> None:
    """Fetch records by id and compare them with what is known by now: a running hub may have read them meanwhile."""
    with understood(bench.connection, bench.stream.name):
        read = documents(bench.stream.fetch(bench.client, ids))
    docs = {str(_identify(bench, doc)): doc for doc in read}
    with bench.reader.snapshot():
        known_links = bench.reader.links([LinkKey(bench.connection, bench.stream.name, i) for i in ids])
        for external_id in ids:
            link = known_links.get(LinkKey(bench.connection, bench.stream.name, external_id))
            if external_id in docs:
                differs = _judge(bench, docs[external_id])
                bench.counts["differs"] += differs
                bench.counts["same"] += not differs
            elif link is not None and link.state is LinkState.LIVE:
                bench.counts["gone there"] += 1
                bench.found.append(_difference(bench, link, link.external_id, "gone there", None, []))


def _judge(bench: Bench, doc: Doc) -> bool:
    """Compare a document and its parts; return whether anything in it differs."""
    key, now = (bench.connection, bench.stream.name), bench.clock.now()
    raw = RawRecord(*key, doc, 0, now, now)
    read = normalise(raw, b"", bench.ground.tables[key], bench.ground.settings(bench.connection), None)
    before = len(bench.found)
    for seen in read.seen:
        if not _skips(bench, seen):
            _judge_one(bench, seen)
    return len(bench.found) > before


def _skips(bench: Bench, seen: Observation) -> bool:
    """What only shows our own documents is known where we made it, and nobody's else."""
    table = bench.ground.tables[bench.connection, seen.record.stream]
    key = LinkKey(bench.connection, seen.record.stream, seen.record.external_id)
    return seen.record.deleted or (table.projection and not bench.reader.links([key]))


def _judge_one(bench: Bench, seen: Observation) -> None:
    record = seen.record
    known = looking(bench.reader)
    key = LinkKey(bench.connection, record.stream, record.external_id)
    stored = bench.reader.links([key]).get(key)
    if stored is None or stored.state is not LinkState.LIVE:
        bench.counts["not known here"] += record.stream == bench.stream.name
        bench.found.append(_difference(bench, None, record.external_id, "not known here", record.changed_at, [], record.stream))
        return
    load(cast("Unit", bench.reader), known, [stored.entity_id])
    link, entity = known.links[key], known.resolve(stored.entity_id)
    if record.entity is EntityType.INVENTORY_LEVEL:
        expected = {name: figure(link.levels.get(name)) for name in figures_of(record)}
        lines = [_level_line(n, units, expected[n]) for n, units in figures_of(record).items() if units != expected[n]]
    else:
        lines = []
        for path, there in statements(record, link, entity, bench.ground).items():
            line = (
                None if is_derived(path) or only_shows(link) else _line(bench.ground, link, path, there, entity.golden.get(path))
            )
            lines += [line] if line is not None else []
    if lines:
        bench.found.append(
            _difference(bench, link, record.external_id, "differs", record.changed_at, lines, name=name_of(entity))
        )


def _line(ground: Ground, link: Link, path: str, there: Value, golden: Any) -> Doc | None:
    """Return a field that shows something else than it should; None where it shows that, or nobody said what it should show."""
    claim = link.claims.get(path)
    if golden is None:
        return None
    last_seen = claim.held if claim is not None else MISSING
    stands = claim is not None and claim.stands.golden_version == golden.version and last_seen is not MISSING
    should = last_seen if stands else ground.render(link, path, golden.value)
    if there == should or (there is None and should in (None, MISSING)):
        return None
    news = last_seen is MISSING or there != last_seen
    return {
        "field": path,
        "there": there,
        "should": should,
        "shown": f"{shown(there)} instead of {shown(should)}",
        "why": "changed there, not taken in yet" if news else "not sent yet",
    }


def _level_line(name: str, there: int, expected: int | None) -> Doc:
    return {
        "field": name,
        "there": there,
        "should": expected,
        "shown": f"{there} instead of {'(not known)' if expected is None else expected}",
        "why": "changed there, not taken in yet",
    }


def _difference(
    bench: Bench,
    link: Link | None,
    external_id: str,
    what: str,
    changed_at: Micros | None,
    lines: list[Doc],
    stream: str = "",
    name: str = "",
) -> Doc:
    return {
        "connection": bench.connection,
        "stream": link.stream if link is not None else stream or bench.stream.name,
        "external_id": external_id,
        "entity": link.entity_type.value if link is not None else "",
        "entity_id": link.entity_id if link is not None else None,
        "name": name,
        "what": what,
        "since": instant(changed_at) if changed_at is not None else None,
        "lines": lines,
    }


def _to_be_sent(reader: Reader, ground: Ground, streams: set[tuple[str, str]]) -> list[Doc]:
    """Return what is planned and not sent yet: since when, and what it waits for."""
    since = {delivery.id: delivery.since for delivery in reader.open_deliveries(limit=100_000)}
    modes = {name: state.mode for name, state in reader.connections().items()}
    return [
        {
            "connection": item.connection,
            "stream": item.stream,
            "external_id": item.external_id or "",
            "entity": item.entity,
            "entity_id": item.entity_id,
            "name": item.name,
            "what": "to be sent",
            "since": instant(since[item.id]) if item.id in since else None,
            "lines": [
                {"field": one["field"], "there": one["from"], "should": one["to"], "shown": one["shown"], "why": item.state}
                for one in item.lines
            ],
        }
        for item in read_plan(reader, ground, limit=100_000)
        if (item.connection, ground.carrier(item.connection, item.stream)) in streams
        and modes.get(item.connection) is not Mode.OBSERVE
    ]
