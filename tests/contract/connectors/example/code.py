"""The code of the example connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.clock import instant
from hub.model.values import Doc
from hub.sdk import (
    Answer,
    AnswerKind,
    BadPayload,
    Call,
    Change,
    Connector,
    Cursor,
    Hint,
    Http,
    Operation,
    Page,
    Reply,
    Safe,
    Sink,
    Stream,
    VersionKind,
    WebhookRequest,
)
from hub.sdk.webhooks import Encoding, parse_object, verify


class Client:
    """One account."""

    def __init__(self, http: Http, token: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"}

    def get(self, **params: str) -> Doc:
        """Read a list."""
        body = self._http.send("GET", "/people", params=params, headers=self._headers, safe=True).body
        if not isinstance(body, dict) or not isinstance(body.get("people"), list):
            raise BadPayload("The list of people is not an object with `people`.")
        return body

    def write(self, method: str, path: str, body: Doc | None, **headers: str) -> Reply:
        """Write."""
        return self._http.send(method, path, json=body, headers=self._headers | headers, safe=False)


class People(Stream[Client]):
    """The people."""

    name = "people"
    version = VersionKind.COUNTER

    def page(self, client: Client, cursor: Cursor) -> Page:
        """Return one page."""
        params = {"since": instant(cursor.since)} if cursor.since is not None else {}
        body = client.get(**params, **({"after": cursor.token} if cursor.token else {}))
        return Page(body["people"], body["next"], body.get("total"))

    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        """Return people by id."""
        return list(client.get(ids=",".join(ids))["people"]) if ids else []


class PeopleSink(Sink[Client]):
    """Writes people."""

    name = "people"
    create = Safe.IDEMPOTENCY_KEY
    update = Safe.VERSION
    delete = Safe.PLAIN

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call."""
        match change.operation:
            case Operation.CREATE:
                return [Call("create", {"person": change.after})]
            case Operation.UPDATE:
                return [Call("update", {"person": change.patch(), "version": change.version})]
            case _:
                return [Call("delete", {})]

    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        """Make the call."""
        match call.name:
            case "create":
                reply = client.write("POST", "/people", call.body["person"], **{"idempotency-key": key})
            case "update":
                reply = client.write(
                    "PUT", f"/people/{external_id}", call.body["person"], **{"if-match": str(call.body["version"])}
                )
            case _:
                reply = client.write("DELETE", f"/people/{external_id}", None)
        kind = {404: AnswerKind.GONE, 409: AnswerKind.STALE}.get(reply.status, AnswerKind.DONE)
        doc: Any = reply.body if kind is AnswerKind.DONE else None
        return Answer(kind, doc, doc["id"] if doc else external_id)


class Example(Connector[Client]):
    """The connector."""

    name = "example"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {"people": People()}
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {"people": PeopleSink()}
    webhook_settings = frozenset({"webhook_secret"})

    def client(self, settings: Mapping[str, str], http: Http) -> Client:
        """Return the client."""
        return Client(http, settings["token"])

    def probe(self, client: Client) -> str:
        """Ask for anything."""
        client.get()
        return "Example"

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify, then read."""
        verify(
            request,
            header="x-example-signature",
            secret=settings["webhook_secret"],
            message=request.url.encode() + request.body,
            encoding=Encoding.HEX,
        )
        body = parse_object(request)
        return [Hint("people", body["person"]["id"], body["event"])]
