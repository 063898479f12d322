"""The doors and parsers that are handed spoiled inputs. Each takes one input and lets through what it must not raise.

What may happen is an error of the hub's own tree that says what is wrong, or an answer below 500. Everything else is a defect.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from hub.clock import SystemClock
from hub.config import Config, ConnectionConfig, Start, parse_config
from hub.errors import ConfigError, HubError, MappingError, Stop
from hub.mapping import Mapping as Table
from hub.mapping import check, load
from hub.model.record import RawRecord, Source
from hub.normalise.normalise import normalise
from hub.ops.ingest import ingest
from hub.runtime.assemble import load_tables, make_ground, wire
from hub.runtime.hub import Hub
from hub.sdk import Cursor, Http
from hub.sdk.boundary import documents, understood
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from hub.sdk.registry import load_connectors
from hub.sdk.webhooks import Encoding, sign
from hub.store import open_store
from hub.web.receiver import Limits, receiver_app
from tests.chaos.fuzz.seeds import CASES, CONNECTORS, ROOT, SETTINGS
from tests.chaos.fuzz.spoil import Wound, spoil
from tests.contract.connectors.case import World
from tests.unit.clocks import StillClock

HOOKS = "https://hub.test/webhooks"
JUMP_S = 3600.0
"""How far the door's clock goes on with every look: nobody is turned away for coming too often."""


class Backroom:
    """A hub over a store of its own, without workers but the writer; nothing is called."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        config = Config(
            connections={
                name: ConnectionConfig(connector=name, settings=dict(SETTINGS[name]), start=Start.OBSERVE) for name in CONNECTORS
            }
        )
        self.tables = {name: load_tables([ROOT / "mappings"], name, CONNECTORS[name].streams) for name in CONNECTORS}
        self.ground = make_ground(config, CONNECTORS, self.tables, "chaos")
        self.store = open_store(f"sqlite:///{folder / 'hub.db'}", synchronous="OFF")
        self.store.migrate()
        self.hub = Hub(self.ground, self.store, wire(config, CONNECTORS, self.ground, self._http), CONNECTORS, SystemClock())
        self.loop = asyncio.new_event_loop()

    def _http(self, name: str, _: ConnectionConfig) -> Http:
        bucket = Bucket(self.clock, capacity=10_000, per_s=10_000)
        nobody = httpx.MockTransport(lambda _: httpx.Response(404))
        return HttpxHttp("http://fake.test", transport=nobody, clock=self.clock, bucket=bucket, connection=name)

    def close(self) -> None:
        """End the writer."""
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.hub.writer.stop(10)
        self.store.close()


class Receiver:
    """The webhook door, with the hub and its store behind it. In: (connection, headers, body, whether it is signed well)."""

    def __init__(self, room: Backroom) -> None:
        self._room = room
        self._at_s = 0.0
        room.hub.writer.start()
        self._app: Any = receiver_app(room.hub.receive, public_url="https://hub.test", elapsed=self._elapsed, limits=Limits())

    def _elapsed(self) -> float:
        self._at_s += JUMP_S
        return self._at_s

    def __call__(self, drawn: tuple[str, Mapping[str, str], bytes, bool]) -> None:
        """Post it; anything from 500 on is wrong: nothing is the matter with this hub."""
        name, headers, body, is_signed = drawn
        given = {**headers, **(signature(name, body, self._room.hub.clock.now()) if is_signed else {})}
        status = self._room.loop.run_until_complete(self._post(name, given, body))
        assert status < 500, f"answered {status}"

    async def _post(self, name: str, headers: Mapping[str, str], body: bytes) -> int:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        raw = [
            (k.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for k, v in headers.items() if k != "content-length"
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/webhooks/{name}",
            "raw_path": b"",
            "query_string": b"",
            "root_path": "",
        }
        scope |= {
            "headers": raw,
            "client": ("192.0.2.1", 1),
            "server": ("hub.test", 443),
            "scheme": "https",
            "http_version": "1.1",
        }
        await self._app(scope, receive, send)
        return statuses[0]


def signature(name: str, body: bytes, now: int) -> dict[str, str]:
    """Return the headers that make a body believed, as the vendor signs."""
    settings, url = SETTINGS.get(name, {}), f"{HOOKS}/{name}".encode()
    stamp = str(now // 1000)
    match name:
        case "shopify":
            return {"x-shopify-hmac-sha256": sign(settings["client_secret"], body)}
        case "square":
            return {"x-square-hmacsha256-signature": sign(settings["webhook_signature_key"], url + body)}
        case "hubspot":
            signed = sign(settings["client_secret"], b"POST" + url + body + stamp.encode())
            return {"x-hubspot-signature-v3": signed, "x-hubspot-request-timestamp": stamp}
        case "zendesk":
            head = "x-zendesk-webhook-signature"
            return {head: sign(settings["webhook_secret"], stamp.encode() + body), f"{head}-timestamp": stamp}
        case "vendure":
            return {"x-vendure-signature": "sha256=" + sign(settings["webhook_secret"], body, encoding=Encoding.HEX)}
    return {}


class Answers:
    """A stream reads a page whose answers came spoiled. In: (connector, stream, wounds)."""

    def __init__(self) -> None:
        self._worlds = {name: World(case) for name, case in CASES.items()}
        for name, world in self._worlds.items():
            for stream, one in CASES[name].streams.items():
                self._made = list(one.make(world.fake, 2))
                world.pass_time(120)
                CASES[name].connector.streams[stream].page(world.client, Cursor(None))  # what is looked up once is known now

    def __call__(self, drawn: tuple[str, str, list[Wound]]) -> None:
        """Read; the hub's own errors but Stop are right."""
        name, stream, wounds = drawn
        world = self._worlds[name]
        world.broken = partial(_spoiled, world.fake, wounds)
        try:
            with understood(name, stream):
                documents(CASES[name].connector.streams[stream].page(world.client, Cursor(None)).docs)
        except Stop:
            raise
        except HubError:
            return
        finally:
            world.broken = None


def _spoiled(fake: Any, wounds: Sequence[Wound], request: httpx.Request) -> httpx.Response:
    response: httpx.Response = fake.respond(request)
    if not response.is_success:
        return response
    if wounds[0][0] % 40 == 0:  # now and then a page of a proxy in the way
        return httpx.Response(200, content=response.content[: wounds[0][0] % 97])
    return httpx.Response(response.status_code, json=spoil(response.json(), wounds))


class Documents:
    """A mapping reads a spoiled document. In: (connector, stream, document)."""

    def __init__(self, room: Backroom) -> None:
        self._tables: dict[str, dict[str, Table]] = room.tables

    def __call__(self, drawn: tuple[str, str, Any]) -> None:
        """Normalise it: records, skipped or refused, never an exception."""
        name, stream, doc = drawn
        if isinstance(doc, dict):
            raw = RawRecord(name, stream, doc, 1, 1, 1, Source.FETCH)
            normalise(raw, b"", self._tables[name][stream], SETTINGS[name], None)


def read_mapping(text: str) -> None:
    """Compile a mapping file."""
    found = check(text, "fuzz.yaml")
    try:
        load(text, "fuzz.yaml")
    except MappingError:
        assert found, "load refused what check let through"


class Configs:
    """Reads a config.yaml."""

    def __init__(self) -> None:
        self._facts = {name: one.manifest.facts() for name, one in load_connectors().items()}

    def __call__(self, text: str) -> None:
        """Read it; ConfigError is right."""
        try:
            parse_config(text, environ={"HOME": "/nowhere"}, connectors=self._facts)
        except ConfigError:
            return


class Lines:
    """`hub ingest` takes a file of spoiled lines. In: (connector, stream, lines)."""

    def __init__(self, room: Backroom, folder: Path) -> None:
        self._room, self._file = room, folder / "lines.jsonl"

    def __call__(self, drawn: tuple[str, str, list[bytes]]) -> None:
        """Ingest them: each ends in one of the ways there are."""
        name, stream, lines = drawn
        self._file.write_bytes(b"\n".join(line.replace(b"\n", b" ") for line in lines))
        wanted = sum(1 for line in lines if line.replace(b"\n", b" ").strip())
        fates = ingest(self._room.store, self._room.ground, name, stream, self._file, clock=self._room.clock)
        assert fates.total() >= wanted, f"{fates.total()} of {wanted} lines ended"


Target = Callable[[Any], None]


def as_line(doc: Any) -> bytes:
    """Return a document as a line of a file."""
    return json.dumps(doc).encode()
