"""The JSON API of the habit remote. `response.extensions["shown"]` names the ids a reply shows, for the wire to report."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import httpx

from hub.model.values import Doc
from tests.simulation.habits import SCALARS, difference, flat

if TYPE_CHECKING:
    from tests.simulation.remote import HabitRemote, Row


def respond(remote: HabitRemote, request: httpx.Request) -> httpx.Response:
    """Answer one request."""
    if request.headers.get("authorization") != f"Bearer {remote.secret}":
        return _tell(401, {"error": "who are you"})
    parts = request.url.path.strip("/").split("/")
    if parts == ["ping"]:
        return _tell(200, {"name": remote.name})
    if parts == ["find"]:
        return _find(remote, request.url.params)
    if parts[0] != "customers":
        return _tell(404, {"error": "no such door"})
    if request.method == "GET":
        return _list(remote, request.url.params)
    if request.method == "POST":
        return _create(remote, request)
    row = remote.rows.get(int(parts[1]))
    if row is None:
        return _tell(404, {"error": "no such customer"})
    return _delete(remote, row, request) if request.method == "DELETE" else _update(remote, row, request)


def _tell(status: int, body: Any, shown: tuple[str, ...] = ()) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={"content-type": "application/json"}, extensions={"shown": shown})


def _list(remote: HabitRemote, params: httpx.QueryParams) -> httpx.Response:
    visible = remote.visible(remote.replica())
    if "ids" in params:
        wanted = set(params["ids"].split(","))
        docs = [doc for _, doc in visible if doc["id"] in wanted]
        return _tell(200, {"customers": docs}, tuple(d["id"] for d in docs))
    if "since" in params:
        since = int(params["since"])
        visible = [(row, doc) for row, doc in visible if remote.tell(row.touched_at) >= since]
    keyed = [(remote.place(pair), pair[1]) for pair in visible]
    total = len(keyed)
    if "token" in params:
        changed_at, row_id = params["token"].split("|")
        keyed = [pair for pair in keyed if pair[0] > (int(changed_at), int(row_id))]
    page, more = keyed[: remote.habits.page_size], len(keyed) > remote.habits.page_size
    token = f"{page[-1][0][0]}|{page[-1][0][1]}" if more else None
    docs = [doc for _, doc in page]
    return _tell(200, {"customers": docs, "next": token, "total": total}, tuple(d["id"] for d in docs))


def _find(remote: HabitRemote, params: httpx.QueryParams) -> httpx.Response:
    rows = [r for r in remote.rows.values() if _fits(r, params)]
    docs = [remote.document(r) for r in rows]
    return _tell(200, {"customers": docs}, tuple(d["id"] for d in docs))


def _fits(row: Row, params: httpx.QueryParams) -> bool:
    if "marker" in params:
        return row.marker == params["marker"]
    if "id" in params:
        return str(row.id) == params["id"]
    return (row.fields.get("email") or "").lower() == params["email"].lower()


def _create(remote: HabitRemote, request: httpx.Request) -> httpx.Response:
    key = request.headers.get("idempotency-key", "")
    if remote.habits.create == "idempotency_key" and key in remote.keys:
        sent, answer = remote.keys[key]
        return answer if sent == request.content else _tell(422, {"error": "same key, other bytes"})
    refused = remote.refuses & set(json.loads(request.content))
    if refused:
        return _tell(422, {"error": "not now", "field": min(refused)})
    fields = _merged({}, json.loads(request.content))
    if remote.habits.create == "natural_key" and remote.by_email(fields.get("email")) is not None:
        return _tell(409, {"error": "taken", "field": "email"})
    row = remote.insert(
        "api", fields, marker=json.loads(request.content).get("external_ref"), key=key, left_at=_left(remote, request)
    )
    answer = _answer(remote, row, 201)
    remote.keys[key] = (request.content, answer)
    return answer


def _update(remote: HabitRemote, row: Row, request: httpx.Request) -> httpx.Response:
    body = json.loads(request.content)
    expected = request.headers.get("if-match")
    if remote.habits.update == "version" and expected != str(row.version):
        return _tell(412, {"error": "another version"})
    if remote.habits.update == "compare_and_set" and not _holds(remote, row, body.get("expect", {})):
        return _tell(412, {"error": "another value"})
    refused = remote.refuses & set(body["set"])
    if refused:
        return _tell(422, {"error": "not now", "field": min(refused)})
    kept = {path: row.fields[path] for path in remote.habits.ignores}
    wanted = {**_merged(row.fields, body["set"]), **kept}
    asked = difference(flat(row.fields), flat(_merged(row.fields, body["set"])))[1]
    key = request.headers.get("idempotency-key", "")
    remote.store("api", "write", row, wanted, key=key, asked=asked, left_at=_left(remote, request))
    return _answer(remote, row, 200)


def _delete(remote: HabitRemote, row: Row, request: httpx.Request) -> httpx.Response:
    remote.delete("api", row.id, key=request.headers.get("idempotency-key", ""), left_at=_left(remote, request))
    return _tell(204, None)


def _left(remote: HabitRemote, request: httpx.Request) -> int:
    """Return when the request left the hub: the wire says so."""
    return int(request.extensions.get("left_at", remote.now()))


def _answer(remote: HabitRemote, row: Row, status: int) -> httpx.Response:
    if remote.habits.answers == "empty":
        return _tell(204, None) if status == 200 else _tell(status, {"id": str(row.id)})
    doc = remote.document(row)
    if remote.habits.answers == "partial":
        return _tell(status, {key: doc[key] for key in ("id", "version") if key in doc})
    return _tell(status, doc, (doc["id"],))


def _merged(fields: Doc, doc: Doc) -> Doc:
    """Return flat scalars and lists with what a nested document says laid over them."""
    out = copy.deepcopy(fields)
    for path in SCALARS:
        head, _, tail = path.partition(".")
        source = (doc.get(head) or {}) if tail else doc
        if (tail or head) in source:
            out[path] = source[tail or head] or None
    for name in ("tags", "addresses"):
        if name in doc:
            out[name] = copy.deepcopy(doc[name] or [])
    out.setdefault("tags", [])
    out.setdefault("addresses", [])
    return out


def _holds(remote: HabitRemote, row: Row, expected: Doc) -> bool:
    """Whether the row shows what a nested document expects, element ids aside."""
    there = _merged(row.fields, expected)
    return flat(there) == flat(row.fields)
