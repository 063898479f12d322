"""The documents of a habit remote: orders, refunds, tickets, messages, deals, and a journal of everything that happened to them.

Switched on by `WorldSpec.papers`; without it no request, random number or journal line of a world is different. Entries of the
remote's journal: kind `order`, `refund`, `ticket`, `message` or `deal`; action `create`, `edit`, `write` (by "api"), `delete`.
Their detail holds `fields` (all of them, afterwards), `asked` (of a write), `parent`, `in_flight`, `key`, `left_at`, `marker`.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from hub.clock import instant, micros
from hub.model.values import Doc, Micros
from hub.sdk.fake import Webhook
from tests.simulation import cabinet_rest
from tests.simulation.folders import LETTERS, PaperHabits

if TYPE_CHECKING:
    from tests.simulation.remote import HabitRemote

CHILDREN = {"refund": ("refunds", "order"), "message": ("comments", "ticket")}
"""Kind -> its list in the document of its parent, and the field that names the parent."""
STATES = {"order": "status", "refund": "status"}
"""The field whose change alone moves nothing where a remote is `still`."""


@dataclass(slots=True, eq=False)
class Paper:
    """One document. `fields`: as they stand there, amounts in minor units."""

    id: str
    kind: str
    stream: str
    place: int
    fields: Doc
    created_at: Micros
    changed_at: Micros
    touched_at: Micros
    parent: Paper | None = None
    version: int = 1
    marker: str | None = None
    by_hub: bool = False
    gone: bool = False
    held: bool = False
    """It is kept back (a filter looks at it): nobody is shown it yet, though what belongs to it is shown."""
    children: list[Paper] = field(default_factory=list)
    history: list[tuple[Micros, Doc | None]] = field(default_factory=list)


class Cabinet:
    """What a remote knows of documents."""

    def __init__(self, remote: HabitRemote, habits: PaperHabits) -> None:
        self.remote = remote
        self.habits = habits
        self.streams = habits.streams()
        self.papers: dict[str, Paper] = {}
        self.keys: dict[str, tuple[bytes, httpx.Response]] = {}
        self._count = 0
        self._event = 0

    def live(self, stream: str) -> list[Paper]:
        """Return the documents of a stream that are there, oldest first."""
        return [paper for paper in self.papers.values() if paper.stream == stream and not paper.gone]

    # --- what people and the API do

    def add(self, actor: str, stream: str, fields: Doc, *, parent: Paper | None = None, **detail: Any) -> Paper:
        """Add a document."""
        self._count += 1
        now, kind = self.remote.now(), self.streams[stream]
        claimed = self.remote.tell(now)
        paper = Paper(
            f"{LETTERS[kind]}{self._count}", kind, stream, self._count, dict(fields), claimed, claimed, now, parent,
            marker=detail.get("marker"), by_hub=actor == "api",
        )  # fmt: skip
        self.papers[paper.id] = paper
        paper.held = bool(detail.pop("held", False))
        if parent is not None:
            parent.children.append(paper)
        self._settle(paper, loud=True)
        self._note(actor, "create", paper, **detail)
        self._tell(paper)
        return paper

    def change(self, actor: str, paper: Paper, changes: Doc, action: str = "edit", **detail: Any) -> bool:
        """Change fields; say whether anything is different now."""
        new = {name: value for name, value in changes.items() if paper.fields.get(name) != value}
        paper.fields |= new
        quiet = self.habits.still and set(new) <= {STATES.get(paper.kind, "")}
        if new:
            self._settle(paper, loud=not quiet)
        if new or actor == "api":
            self._note(actor, action, paper, changed=bool(new), **detail)
        if new:
            self._tell(paper)
        return bool(new)

    def reveal(self, paper: Paper) -> None:
        """Show a document that was kept back."""
        paper.held = False
        self._settle(paper, loud=True)
        paper.changed_at, paper.touched_at = self.remote.tell(self.remote.now()), self.remote.now()
        paper.history[-1] = (self.remote.now(), self.document(paper))
        self._tell(paper)

    def remove(self, actor: str, paper: Paper) -> None:
        """Delete a document."""
        paper.gone = True
        if paper.parent is not None:
            paper.parent.children.remove(paper)
        paper.history.append((self.remote.now(), None))
        self._note(actor, "delete", paper)
        self._tell(paper)

    def _settle(self, paper: Paper, *, loud: bool) -> None:
        """Move version and time as the habits have it, and keep what is shown from now on; a parent shows its children."""
        now = self.remote.now()
        holder = paper.parent if self.habits.stands_in(paper.stream) else None
        for one in (paper, holder):
            if one is None or one.held:
                continue
            if loud and one.history:
                one.version += 1
                one.changed_at, one.touched_at = self.remote.tell(now), now
            one.history.append((now, self.document(one)))

    def _note(self, actor: str, action: str, paper: Paper, **detail: Any) -> None:
        self.remote.note(
            actor, action, paper.kind, paper.id,
            fields=copy.deepcopy(paper.fields), parent=paper.parent.id if paper.parent is not None else None,
            in_flight=self.remote.in_flight(), **detail,
        )  # fmt: skip

    # --- what is shown

    def document(self, paper: Paper) -> Doc:
        """Return a document as this system shows it now."""
        fields, remote = paper.fields, self.remote.habits
        doc: Doc = {"id": paper.id, "created_at": instant(paper.created_at), "external_ref": paper.marker}
        doc |= {name: self._shown(value, fields.get("currency")) for name, value in fields.items()}
        if paper.parent is not None:
            doc[CHILDREN[paper.kind][1]] = paper.parent.id
        if remote.version == "counter":
            doc["version"] = paper.version
        if remote.shows_time:
            doc["changed_at"] = instant(paper.changed_at)
        for kind, (name, _) in CHILDREN.items():
            if self.habits.stands_in(name) == paper.stream:
                doc[name] = [self.document(child) for child in paper.children if child.kind == kind]
        return doc

    def _shown(self, value: Any, currency: str | None) -> Any:
        """Amounts are `("minor", n)` in `fields`, and nothing else is a tuple."""
        if isinstance(value, tuple):
            assert currency is not None, "an amount has a currency beside it"
            return self.habits.written(value[1], currency)
        if isinstance(value, list):
            return [{k: self._shown(v, e.get("currency")) for k, v in e.items()} for e in value]
        return value

    def as_of(self, paper: Paper, when: Micros) -> Doc | None:
        """Return the document that was shown at a world time; None where it was not there."""
        at = bisect_right(paper.history, when, key=lambda state: state[0])
        return paper.history[at - 1][1] if at else None

    def visible(self, stream: str, when: Micros) -> list[tuple[Paper, Doc]]:
        """Return all documents of a stream at a world time, oldest change first."""
        papers = [paper for paper in self.papers.values() if paper.stream == stream]
        shown = [(paper, doc) for paper in papers if (doc := self.as_of(paper, when)) is not None]
        return sorted(shown, key=self.place)

    @staticmethod
    def place(pair: tuple[Paper, Doc]) -> tuple[Micros, int]:
        """Return where a document stands in a list: by the time it shows, then by age."""
        paper, doc = pair
        return (micros(doc["changed_at"]) if "changed_at" in doc else 0, paper.place)

    def is_asked(self, request: httpx.Request) -> bool:
        """Say whether a request is about documents, by somebody who may ask."""
        known = request.headers.get("authorization") == f"Bearer {self.remote.secret}"
        return known and request.url.path.startswith("/papers/")

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return cabinet_rest.respond(self, request)

    def _tell(self, paper: Paper) -> None:
        """Send webhooks: about a document, and about the one it stands in."""
        if not (self.remote.habits.webhooks and self.remote.webhook_url):
            return
        holder = paper.parent if self.habits.stands_in(paper.stream) else None
        told = [paper, holder] if self.habits.child_first else [holder or paper]
        for one in told:
            if one is None:
                continue
            self._event += 1
            said = {"event": f"{self.remote.name}-paper-{self._event}", "id": one.id, "stream": one.stream}
            body = json.dumps(said).encode()
            signature = hmac.new(self.remote.secret.encode(), body, hashlib.sha256).hexdigest()
            self.remote.webhooks.append(Webhook(self.remote.now(), {"x-signature": signature}, body))
        self.remote.on_webhook()
