"""A toy hub in memory: enough of DESIGN section 2 for remotes with a counter, guarded writes, keyed creates and full answers.

It proves the kit, not the hub: with no flaw the oracle must be content, with a planted one it must not. Nothing can come
between two doors, so its state counts as committed at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from hub.clock import micros
from hub.errors import Forged, RateLimited, Retry, TimedOut, Unavailable
from hub.model.values import Doc, Micros
from hub.sdk.base import AnswerKind, Call, Change, Cursor, Http, Operation, Reply, WebhookRequest
from tests.simulation.baton import Baton
from tests.simulation.connector import HabitClient, HabitConnector
from tests.simulation.habits import SCALARS, flat
from tests.simulation.world import World

FLAWS = ("echo", "lossy", "twice", "deaf", "restless", "forgetful")


class Own(NamedTuple):
    """An own value; greater wins."""

    level: int
    stamp: Micros
    rank: int
    value: Any = None


@dataclass(slots=True)
class ToyLink:
    """What is known of one remote record."""

    email: str
    doc: Doc
    version: int
    held: Doc
    own: dict[str, Own] = field(default_factory=dict)
    stands: dict[str, Own] = field(default_factory=dict)
    sent: dict[str, tuple[Any, Own]] = field(default_factory=dict)
    """Sent and not seen since."""
    dead: bool = False


class ToyHttp(Http):
    """One try per request."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._client = httpx.Client(transport=transport, base_url="https://remote.example")

    def send(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, safe: bool, cost: float = 1.0, quota: str = "",
    ) -> Reply:  # fmt: skip
        try:
            got = self._client.request(method, path, json=json, params=params, headers=headers)
        except httpx.ConnectError as error:
            raise Unavailable("not reached") from error
        except httpx.TransportError as error:
            raise TimedOut("no answer") from error
        if got.status_code == 429:
            raise RateLimited("slower", wait_s=float(got.headers["retry-after"]))
        if got.status_code >= 500:
            raise Unavailable("down")
        return Reply(got.status_code, got.headers, got.json() if got.content else None)

    def limit(self, *, available: float, capacity: float, per_s: float, quota: str = "") -> None:
        """No bucket here."""


def flattened(doc: Doc) -> Doc:
    """Return the flat fields of a document."""
    consents = {f"consents.{key}": value for key, value in doc["consents"].items()}
    return flat({key: value or None for key, value in {**doc, **consents}.items() if key in SCALARS or value})


class ToyHub:
    """The hub under test of the kit's own tests."""

    def __init__(self, world: World, flaws: Sequence[str] = ()) -> None:
        self._world = world
        self._baton: Baton = world.baton
        self._flaws = flaws
        self._names = [r.name for r in world.spec.remotes]
        self._connectors = {r.name: HabitConnector(r.name, r.habits) for r in world.spec.remotes}
        self._clients = {name: HabitClient(ToyHttp(world.transports[name]), world.remotes[name].secret) for name in self._names}
        self.links: dict[tuple[str, str], ToyLink] = {}
        self._creates: dict[tuple[str, str], Call] = {}
        self._first: dict[str, Micros] = {}
        self._idle = False
        self._stopping = False
        self._tries = 0

    # --- what the world asks

    def start(self) -> None:
        self._world.clock.start("sync", self._sync)

    def crash(self) -> None:
        self._idle = False

    def stop(self) -> None:
        self._stopping = True

    def receive(self, connection: str, request: WebhookRequest) -> None:
        """Only check the signature: the next poll comes soon."""
        self._connectors[connection].receive(request, {"secret": self._world.remotes[connection].secret})

    def quiet(self) -> bool:
        return self._idle

    def resync(self, connection: str) -> None:
        """Every poll is whole."""

    def settle(self) -> None:
        """No questions."""

    def open_items(self) -> Sequence[str]:
        return ["a delivery"] if "forgetful" in self._flaws else []

    def not_kept(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    # --- its one loop

    def _sync(self) -> None:
        while not self._stopping:
            self._idle = False
            try:
                moved = [self._poll(name) for name in self._names]
                self._world.clock.sleep(20.0 * ("lossy" in self._flaws))
                moved += [self._push(name) for name in self._names]
                self._idle = not any(moved)
            except Retry:
                self._world.clock.sleep(3)
            self._world.clock.sleep(10)

    def _poll(self, name: str) -> bool:
        stream, client = self._connectors[name].streams["customers"], self._clients[name]
        known = [key for key in self.links if key[0] == name]
        moved, listed, token, first = [], set(), None, True
        while first or token:
            page = stream.page(client, Cursor(token=token))
            moved += [self._absorb(name, doc) for doc in page.docs]
            listed |= {doc["id"] for doc in page.docs}
            token, first = page.token, False
        self._first.setdefault(name, self._baton.time)
        for key in known:
            self.links[key].dead |= key[1] not in listed
        return any(moved)

    def _absorb(self, name: str, doc: Doc) -> bool:
        link, shown = self.links.get((name, doc["id"])), flattened(doc)
        rank = -self._names.index(name)
        if link is None:
            created = self._creates.get((doc["email"], name))
            born = micros(doc["created_at"])
            level = int(born > self._first.get(name, self._baton.time))
            own = {} if created else {path: Own(level, born, rank, value) for path, value in shown.items()}
            fresh = ToyLink(doc["email"], doc, doc["version"], shown, own)
            self.links[name, doc["id"]] = fresh
            if created:
                fresh.stands = {p: g for p in shown if (g := self._golden(doc["email"], p)) and g.value == shown[p]}
                fresh.own = {p: Own(1, micros(doc["changed_at"]), rank, v) for p, v in shown.items() if p not in fresh.stands}
            return True
        if doc["version"] <= link.version:
            return False
        for path in {**link.held, **shown}:
            if shown.get(path) != link.held.get(path):
                self._change(name, link, doc, path, shown.get(path))
        link.held, link.version, link.doc, link.sent = shown, doc["version"], doc, {}
        return True

    def _change(self, name: str, link: ToyLink, doc: Doc, path: str, value: Any) -> None:
        if path in link.sent and link.sent[path][0] == value and "echo" not in self._flaws:
            link.stands[path] = link.sent[path][1]
            return
        base = self._golden(link.email, path) if path in link.stands else link.own.get(path)
        base = link.stands.get(path, base)
        stamp = max(min(micros(doc["changed_at"]), self._world.clock.now()), (base.stamp if base else 0) + 1)
        link.own[path] = link.stands[path] = Own(1, stamp, -self._names.index(name), value)

    def _golden(self, email: str, path: str) -> Own | None:
        said = [link.own[path] for link in self.links.values() if link.email == email and path in link.own]
        return max(said, default=None, key=lambda own: own[:3])

    def _push(self, name: str) -> bool:
        moved = False
        emails = list(dict.fromkeys(link.email for link in self.links.values()))
        for email in emails:
            here = [key for key, link in self.links.items() if key[0] == name and link.email == email]
            for key in here:
                moved |= not self.links[key].dead and self._update(key, self.links[key])
            spec = next(r for r in self._world.spec.remotes if r.name == name)
            if not here and spec.creates:
                moved |= self._create(name, email)
        return moved

    def _wanted(self, link: ToyLink) -> dict[str, Own]:
        paths = dict.fromkeys(p for other in self.links.values() if other.email == link.email for p in other.own)
        wanted = {}
        for path in paths:
            golden = self._golden(link.email, path)
            if golden is None or link.stands.get(path) == golden or ("deaf" in self._flaws and path == "phone"):
                continue
            if link.held.get(path) == golden.value:
                link.stands[path] = golden
            elif not path.startswith("email"):
                wanted[path] = golden
        return wanted

    def _update(self, key: tuple[str, str], link: ToyLink) -> bool:
        wanted = self._wanted(link)
        if "restless" in self._flaws and not wanted:
            wanted = {"note": self._golden(link.email, "note") or Own(0, 0, 0)}
        if not wanted:
            return False
        name, external_id = key
        after = self._after(link.doc, {path: own.value for path, own in wanted.items()})
        heads = tuple(dict.fromkeys(path.partition("/")[0] for path in wanted))
        version = self._world.remotes[name].rows[int(external_id)].version if "lossy" in self._flaws else link.version
        change = Change(Operation.UPDATE, external_id, link.doc, after, heads, version)
        sink = self._connectors[name].sinks["customers"]
        call = sink.calls(change)[0]
        link.sent = {path: (own.value, own) for path, own in wanted.items()}
        self._tries += 1
        answer = sink.send(self._clients[name], call, f"u{self._tries}", external_id)
        if answer.kind is AnswerKind.DONE and answer.doc is not None and "echo" not in self._flaws:
            self._seen(link, answer.doc)
        return True

    def _seen(self, link: ToyLink, doc: Doc) -> None:
        for path, (_, golden) in link.sent.items():
            link.stands[path] = golden
        link.held, link.doc, link.version, link.sent = flattened(doc), doc, doc["version"], {}

    def _after(self, doc: Doc, wanted: Doc) -> Doc:
        after = json.loads(json.dumps(doc))
        for path, value in wanted.items():
            head, _, tail = path.partition("/")
            if head == "tags":
                after["tags"] = [t for t in after["tags"] if t != tail] + ([tail] if value else [])
            elif head == "addresses":
                kept = [a for a in after["addresses"] if a["line1"] != tail]
                fresh = {"line1": tail, "city": value, "postal_code": "10115", "country": "DE"}
                same = next((a for a in after["addresses"] if a["line1"] == tail), fresh)
                after["addresses"] = kept + ([{**same, "city": value}] if value else [])
            elif "." in path:
                after["consents"][path.partition(".")[2]] = value
            else:
                after[path] = value
        return after

    def _create(self, name: str, email: str) -> bool:
        key = (email, name)
        if not any(link.email == email and not link.dead for link in self.links.values()):
            return False
        if key not in self._creates:
            paths = dict.fromkeys(p for link in self.links.values() if link.email == email for p in link.own)
            golden = {p: g.value for p in paths if (g := self._golden(email, p))}
            after = self._after({"tags": [], "addresses": [], "consents": {}}, golden)
            sink = self._connectors[name].sinks["customers"]
            self._creates[key] = sink.calls(Change(Operation.CREATE, None, None, after, tuple(after)))[0]
        self._tries += 1
        answer = self._connectors[name].sinks["customers"].send(self._clients[name], self._creates[key], email, None)
        if "twice" in self._flaws:
            self._connectors[name].sinks["customers"].send(self._clients[name], self._creates[key], f"again {email}", None)
        if answer.doc is not None:
            self._absorb(name, answer.doc)
        return True


def make_hub(world: World) -> ToyHub:
    """Build the flawless toy."""
    return ToyHub(world)


def refuse_forged(hub: ToyHub, connection: str) -> bool:
    """Whether a forged webhook is refused."""
    try:
        hub.receive(connection, WebhookRequest("", {}, b"{}"))
    except Forged:
        return True
    return False
