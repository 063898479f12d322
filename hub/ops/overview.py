"""The page that says per system what syncs, which way, and how safe each write is. `python -m hub.ops.overview` writes it.

In: what connectors declare (streams, sinks, manifests) and the mappings that come with them. Out: docs/reference/connectors.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub.mapping import Mapping as Table
from hub.model.documents import DERIVED
from hub.model.record import EntityType
from hub.ops.installation import SHIPPED_MAPPINGS
from hub.runtime.assemble import load_tables
from hub.sdk import Operation, Safe, Sink
from hub.sdk.manifest import State
from hub.sdk.registry import Installed, load_connectors

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "connectors.md"
NONE: Final = "–"
NOUNS: Final[Mapping[EntityType, str]] = {
    EntityType.CUSTOMER: "customers",
    EntityType.LOCATION: "locations",
    EntityType.PRODUCT: "products",
    EntityType.VARIANT: "variants",
    EntityType.INVENTORY_LEVEL: "stock",
    EntityType.ORDER: "orders",
    EntityType.PAYMENT: "payments",
    EntityType.FULFILMENT: "fulfilments",
    EntityType.REFUND: "refunds",
    EntityType.RETURN: "returns",
    EntityType.TICKET: "tickets",
    EntityType.MESSAGE: "messages",
    EntityType.INTERACTION: "calls, chats, notes",
}
WORDS: Final[Mapping[Safe, str]] = {
    Safe.IDEMPOTENCY_KEY: "once",
    Safe.COMPARE_AND_SET: "checked",
    Safe.VERSION: "checked",
    Safe.NATURAL_KEY: "looked up",
    Safe.MARKER: "marked",
    Safe.EXPECTED_STATE: "only as you saw it",
}
BARE: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "asks first",
    Operation.UPDATE: "look, then write",
    Operation.DELETE: "deleted",
    Operation.ADJUST: "look, then write",
    Operation.ACT: "look, then write",
}
"""What a write is like that nothing protects."""
LEGEND: Final = """\
# What syncs, and how safe each write is

This page is written by `python -m hub.ops.overview` from what the connectors declare and from the mapping files that come with
them. Your own mapping files can say less or more. Nothing is made, changed or deleted anywhere before your `config.yaml` says so
([delivery](delivery.md)): a new connection only looks.

**Which way**

| word | means |
|---|---|
| both ways | read there and written there: an edit in any system reaches the others |
| read | read there, never written |
| read, made there | it lives there; one that came about elsewhere (a refund at the till) can be made there, once |
| shown | it lives elsewhere and is only shown there, for people to see; what is typed over it is put right |

**How safe a write is**

| word | what keeps it from going wrong |
|---|---|
| once | each write carries a number of its own: sent twice, it is done once |
| checked | each write says what it is based on; if somebody was faster it is refused there, and looked at again |
| looked up | the system keeps it unique (one customer per e-mail address): before a second try it is looked for |
| marked | our own mark goes along: after a lost answer it is found by the mark, and not made twice |
| only as you saw it | what you ask for (cancel an order) is done only where the record is as you saw it; done already is done |
| look, then write | the system checks nothing, so it is read right before; an edit in the milliseconds between is overwritten |
| asks first | it could not be found again after a lost answer: nothing is made without your yes |
| put away | it is archived there and can be brought back |
| deleted | a second delete finds nothing to delete |
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """One kind of record in one system."""

    entity: EntityType
    stream: str
    way: str
    cells: tuple[str, ...]
    fields: str


def render_overview(installed: Mapping[str, Installed], folders: Sequence[Path] = (SHIPPED_MAPPINGS,)) -> str:
    """Return the whole page. Raises MappingError for a broken mapping file."""
    tables = {name: load_tables(list(folders), name, one.connector.streams) for name, one in installed.items()}
    rows = {name: _rows(one, tables[name].values()) for name, one in installed.items()}
    parts = [LEGEND.rstrip(), "## At a glance", _glance(installed, rows)]
    for name, one in installed.items():
        parts += _section(one, rows[name], _carriers(tables[name]))
    return "\n\n".join(parts) + "\n"


def _carriers(tables: Mapping[str, Table]) -> list[str]:
    """Return the streams that are polled: those that are not inside another one."""
    inside = {stream for table in tables.values() for stream in table.streams if stream != table.stream}
    return [name for name in tables if name not in inside]


def _rows(installed: Installed, tables: Iterable[Table]) -> list[_Row]:
    """Return a row per stream, records before what hangs on them; a stream that only reads parts back is its part."""
    found = {stream: inner for table in tables for stream, inner in table.streams.items()}
    order = list(NOUNS)
    rows = [_row(table, installed.connector.sinks.get(stream)) for stream, table in found.items()]
    return sorted(rows, key=lambda row: order.index(row.entity))


def _row(table: Table, sink: Sink[Any] | None) -> _Row:
    both, read, made = _fields(table, sink)
    cells = tuple(_word(sink, operation) for operation in (Operation.CREATE, Operation.UPDATE, Operation.DELETE))
    if sink is not None and sink.adjust is not None:
        cells = (NONE, f"{_word(sink, Operation.ADJUST)}, {'as a difference' if sink.delivers_deltas else 'as a figure'}", NONE)
    named = (("written", both), ("read only", read), ("only when made", made))
    words = " · ".join(f"{label}: {', '.join(names)}" for label, names in named if names)
    return _Row(table.entity, table.stream, _way(table, sink, both), cells, words or "the figures")


def _way(table: Table, sink: Sink[Any] | None, both: Sequence[str]) -> str:
    if sink is None:
        return "read"
    if table.projection:
        return "shown"
    if sink.adjust is not None or (sink.update is not None and both):
        return "both ways"
    return "read, made there" if sink.create is not None else "read"


def _word(sink: Sink[Any] | None, operation: Operation) -> str:
    if sink is None:
        return NONE
    safe = getattr(sink, operation.value)
    words = [WORDS.get(safe, BARE[operation])] if safe is not None else []
    words += [f"on your word: {', '.join(sink.acts)}, {WORDS[sink.act]}"] if operation is Operation.UPDATE and sink.act else []
    words += ["put away"] if operation is Operation.DELETE and sink.archive else []
    return ", ".join(words) or NONE


def _fields(table: Table, sink: Sink[Any] | None) -> tuple[list[str], list[str], list[str]]:
    """Return our names of what is written, what is only read, and what is written only when a record is made."""
    both: list[str] = []
    read: list[str] = []
    made: list[str] = []
    if sink is not None and sink.adjust is not None:
        return both, read, made
    for name, line in table.fields.items():
        writes = sink is not None and line.writable
        (made if writes and (line.create_only or sink is None or sink.update is None) else both if writes else read).append(
            _name(name)
        )
    for name, entry in table.lists.items():
        writes = sink is not None and entry.writable
        (both if writes and sink is not None and sink.update is not None else made if writes else read).append(_name(name))
    return both, read, made


def _name(path: str) -> str:
    """Return our name of a field as people say it."""
    return path.removeprefix(DERIVED).removeprefix("custom.").replace("consent.", "consent to ").replace("_", " ")


def _glance(installed: Mapping[str, Installed], rows: Mapping[str, Sequence[_Row]]) -> str:
    head = ["", *(one.manifest.title for one in installed.values())]
    lines = []
    for entity, noun in NOUNS.items():
        ways = [[row.way for row in rows[name] if row.entity == entity] for name in installed]
        lines.append([noun, *(ways_of[0] if ways_of else NONE for ways_of in ways)])
    return _table(head, lines)


def _section(installed: Installed, rows: Sequence[_Row], polled: Iterable[str]) -> list[str]:
    manifest = installed.manifest
    readme = f"../../connectors/{manifest.name}/README.md"
    parts = [
        f"## {manifest.title}",
        f"{manifest.summary} [How to connect it]({readme}).".strip(),
        _table(
            ("What", "Called there", "Which way", "New there", "Changes there", "Ends there"),
            [(NOUNS[row.entity], f"`{row.stream}`", row.way, *row.cells) for row in rows],
        ),
        "Fields:",
        "\n".join(f"- **{NOUNS[row.entity]}** (`{row.stream}`): {row.fields}" for row in rows),
        _news(installed, polled),
        f"Limit: {manifest.limits.per_s:g} a second, up to {manifest.limits.burst:g} at once. {manifest.limits.note}".strip(),
    ]
    notes = [f"- `{name}`: {facts.note}" for name, facts in manifest.sinks.items() if facts.note]
    parts += ["Good to know about its writes:", "\n".join(notes)] if notes else []
    missing = [f"- {line.rule}: {line.why}" for line in manifest.quality if line.state is State.TODO]
    parts += ["Not there:", "\n".join(missing)] if missing else []
    return parts


def _news(installed: Installed, polled: Iterable[str]) -> str:
    """Say how news from there arrives: webhooks, and what a poll brings."""
    connector, manifest = installed.connector, installed.manifest
    asked = [name for name in polled if connector.streams[name].incremental]
    whole = [name for name in polled if not connector.streams[name].incremental]
    words = (
        f"News: a poll asks for what changed in {_listed(asked)}" + (f", and reads {_listed(whole)} whole" if whole else "") + "."
    )
    if manifest.webhook is None:
        return words + " It sends no webhooks."
    if connector.subscriber is None:
        return words + " Webhooks tell of changes at once; they are set up by hand."
    return words + f" Webhooks tell of changes in {_listed(connector.subscriber.announces)} at once; the hub sets them up itself."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(render_overview(load_connectors()), "utf-8")


if __name__ == "__main__":
    main()
