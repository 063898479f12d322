"""What a connector's own test hands to the inherited suite, and the little world each test runs in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.base import Answer, AnswerKind, Change, Connector, Cursor, Operation, Page
from hub.sdk.fake import Fake
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from tests.unit.clocks import StillClock

WEBHOOK_URL = "https://hub.test/webhooks/case"
BASE_URL = "http://fake.test"


@dataclass(frozen=True, kw_only=True)
class StreamCase:
    """One stream and its sink. `make` and `touch` act as a person at the remote does, at the fake's present time.

    `make(fake, n)` makes n records and returns their external ids; `touch(fake, id)` edits one. `identity` reads a document's id,
    `version` what `Change.version` expects of it. `new` is a document for a create, `edit` returns a changed copy of a document
    with the dotted paths it changed. `volatile` top-level keys change with any write (version, updated_at).
    `ordered`: pages come in order of change. `pages`: `count` records need more than one page.
    """

    make: Callable[[Any, int], Sequence[str]]
    identity: Callable[[Doc], str]
    touch: Callable[[Any, str], None] | None = None
    version: Callable[[Doc], int | None] = lambda _: None
    new: Doc | None = None
    edit: Callable[[Doc], tuple[Doc, tuple[str, ...]]] | None = None
    adjust: Callable[[Any], Change] | None = None
    """Make a level and return a delta for it; `level` reads what the fake holds there."""
    level: Callable[[Any], int] | None = None
    volatile: frozenset[str] = frozenset()
    ordered: bool = True
    pages: bool = True
    hints: bool = True
    """`touch` sends a webhook that hints at the record itself."""
    count: int = 7
    lag_s: float = 5.0
    """How long after a write a page may not show it yet."""
    unknown_id: str = "999999999"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One connector. `fake(now, webhook_url)` makes an empty simulator; `settings` are those of a connection to it."""

    connector: Connector[Any]
    fake: Callable[[Callable[[], Micros], str], Fake]
    settings: Mapping[str, str]
    streams: Mapping[str, StreamCase]
    folder: Path
    base_path: str = ""
    signature_header: str = ""
    """Lower case; empty: this connector has no webhooks."""
    base_url: str = BASE_URL
    secrets: Sequence[str] = field(default_factory=tuple)
    """Values of the settings that must never show."""


class World:
    """A fake, a clock that only moves when told, and a client whose wire can be cut."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.clock = StillClock()
        self.fake: Any = case.fake(self.clock.now, WEBHOOK_URL)
        self.requests = 0
        self.broken: Callable[[httpx.Request], httpx.Response] | None = None
        self.client: Any = case.connector.client(case.settings, self.http())

    def http(self) -> HttpxHttp:
        return HttpxHttp(
            self.case.base_url + self.case.base_path,
            transport=httpx.MockTransport(self._carry),
            clock=self.clock,
            bucket=Bucket(self.clock, capacity=10_000, per_s=10_000),
            connection="case",
        )

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return (self.broken or self.fake.respond)(request)

    def pass_time(self, seconds: float) -> None:
        self.clock.at += round(seconds * SECOND)

    def read(self, stream: str, since: Micros | None = None) -> list[Page]:
        """Read a window whole."""
        pages = [self.case.connector.streams[stream].page(self.client, Cursor(since))]
        while pages[-1].token is not None:
            assert len(pages) < 100, "paging never ends"
            pages.append(self.case.connector.streams[stream].page(self.client, Cursor(since, pages[-1].token)))
        return pages

    def docs(self, stream: str, since: Micros | None = None) -> list[Doc]:
        return [doc for page in self.read(stream, since) for doc in page.docs]

    def fetch(self, stream: str, *ids: str) -> list[Doc]:
        """Fetch once everything written before is visible."""
        self.pass_time(self.case.connector.streams[stream].visible_after_s)
        return list(self.case.connector.streams[stream].fetch(self.client, list(ids)))

    def one(self, stream: str) -> Doc:
        """Make one record and return its document."""
        case = self.case.streams[stream]
        (made,) = case.make(self.fake, 1)
        self.pass_time(1)
        (doc,) = self.fetch(stream, made)
        return doc

    def send(self, stream: str, change: Change, key: str = "key") -> Answer:
        """Make all calls of a change, as a delivery does; stop at the first that is not done."""
        sink = self.case.connector.sinks[stream]
        answer, external_id = Answer(AnswerKind.REFUSED, reason="no call"), change.external_id
        for index, call in enumerate(sink.calls(change)):
            answer = sink.send(self.client, call, f"{key}-{index}", external_id)
            external_id = answer.external_id or external_id
            if answer.kind is not AnswerKind.DONE:
                break
        return answer

    def creation(self, stream: str) -> Change:
        """Return the create of the case's new document."""
        new = self.case.streams[stream].new
        assert new is not None, f"the case of {stream} needs `new`"
        sink = self.case.connector.sinks[stream]
        marker = "hub-4711" if sink.marker else None
        return Change(Operation.CREATE, None, None, copy.deepcopy(new), tuple(leaves(new)), marker=marker)

    def change(self, stream: str, before: Doc, *, same: bool = False) -> Change:
        """Return the case's edit of a document, or one with the same paths that changes nothing."""
        case = self.case.streams[stream]
        assert case.edit is not None, f"the case of {stream} needs `edit`"
        after, paths = case.edit(copy.deepcopy(before))
        target = before if same else after
        return Change(
            Operation.UPDATE,
            case.identity(before),
            copy.deepcopy(before),
            copy.deepcopy(target),
            paths,
            version=case.version(before),
        )

    def deletion(self, stream: str, before: Doc) -> Change:
        case = self.case.streams[stream]
        return Change(Operation.DELETE, case.identity(before), before, {}, (), version=case.version(before))


def leaves(doc: Doc, above: str = "") -> list[str]:
    """Return the dotted paths of everything in a document that is no object."""
    nested = [leaves(value, f"{above}{key}.") if isinstance(value, dict) else [f"{above}{key}"] for key, value in doc.items()]
    return [path for paths in nested for path in paths]


def value_at(doc: Doc, path: str) -> Any:
    """Return the value at a dotted path; None where it is missing."""
    value: Any = doc
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def without(doc: Doc, keys: Sequence[str] | frozenset[str]) -> Doc:
    """Return a document without some top-level keys."""
    return {key: value for key, value in doc.items() if key not in keys}
