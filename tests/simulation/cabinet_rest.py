"""The JSON API of a remote's documents, under /papers/."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from hub.model.values import Doc

if TYPE_CHECKING:
    from tests.simulation.cabinet import Cabinet, Paper

AMOUNTS = ("amount",)


def respond(cabinet: Cabinet, request: httpx.Request) -> httpx.Response:
    """Answer one request."""
    _, stream, *rest = request.url.path.strip("/").split("/")
    if stream not in cabinet.streams:
        return _tell(404, {"error": "no such door"})
    if request.method == "GET":
        return _find(cabinet, stream, request.url.params) if rest == ["find"] else _list(cabinet, stream, request.url.params)
    key = request.headers["idempotency-key"]
    if key in cabinet.keys and cabinet.habits.create == "idempotency_key":
        sent, answer = cabinet.keys[key]
        return answer if sent == request.content else _tell(422, {"error": "same key, other bytes"})
    if not rest:
        answer = _create(cabinet, stream, request, key)
    else:
        paper = cabinet.papers.get(rest[0])
        if paper is None or paper.gone:
            return _tell(404, {"error": "no such document"})
        answer = _update(cabinet, paper, request, key)
    if request.method == "POST":
        cabinet.keys[key] = (request.content, answer)
    return answer


def _tell(status: int, body: Any, shown: tuple[str, ...] = ()) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={"content-type": "application/json"}, extensions={"shown": shown})


def _told(docs: list[Doc], **more: Any) -> httpx.Response:
    ids = [doc["id"] for doc in docs]
    ids += [child["id"] for doc in docs for name in ("refunds", "comments") for child in doc.get(name, ())]
    return _tell(200, {"docs": docs, **more}, tuple(ids))


def _list(cabinet: Cabinet, stream: str, params: httpx.QueryParams) -> httpx.Response:
    remote = cabinet.remote
    visible = cabinet.visible(stream, remote.replica())
    if "ids" in params:
        wanted = set(params["ids"].split(","))
        return _told([doc for _, doc in visible if doc["id"] in wanted])
    if "since" in params:
        since = int(params["since"])
        visible = [(paper, doc) for paper, doc in visible if remote.tell(paper.touched_at) >= since]
    keyed = [(cabinet.place(pair), pair[1]) for pair in visible]
    total = len(keyed)
    if "token" in params:
        changed_at, place = params["token"].split("|")
        keyed = [pair for pair in keyed if pair[0] > (int(changed_at), int(place))]
    page, more = keyed[: remote.habits.page_size], len(keyed) > remote.habits.page_size
    token = f"{page[-1][0][0]}|{page[-1][0][1]}" if more else None
    return _told([doc for _, doc in page], next=token, total=total)


def _find(cabinet: Cabinet, stream: str, params: httpx.QueryParams) -> httpx.Response:
    """Look for documents by our marker: a door that shows what exists at once."""
    return _told([cabinet.document(paper) for paper in cabinet.live(stream) if paper.marker == params["marker"]])


def _create(cabinet: Cabinet, stream: str, request: httpx.Request, key: str) -> httpx.Response:
    body = json.loads(request.content)
    fields = _fields(cabinet, body)
    parent = cabinet.papers.get(body.get("order", "")) if stream == "refunds" else None
    if stream == "refunds" and (parent is None or parent.gone):
        return _tell(422, {"error": "no such order", "field": "order"})
    if cabinet.habits.steps and stream == "refunds":
        fields["status"] = "PENDING"
    marker = body.get("external_ref")
    paper = cabinet.add("api", stream, fields, parent=parent, marker=marker, key=key, left_at=_left(cabinet, request))
    return _answer(cabinet, paper, 201)


def _update(cabinet: Cabinet, paper: Paper, request: httpx.Request, key: str) -> httpx.Response:
    body = json.loads(request.content)
    expected = request.headers.get("if-match")
    doc = cabinet.document(paper)
    if expected is not None and expected != str(paper.version):
        return _tell(412, {"error": "another version"})
    if any(doc.get(name) != value for name, value in body.get("expect", {}).items()):
        return _tell(412, {"error": "another value"})
    asked = _fields(cabinet, {"currency": paper.fields.get("currency"), **body["set"]})
    asked = {name: value for name, value in asked.items() if name in body["set"]}
    cabinet.change("api", paper, asked, "write", asked=asked, key=key, left_at=_left(cabinet, request))
    return _answer(cabinet, paper, 200)


def _fields(cabinet: Cabinet, body: Doc) -> Doc:
    """Return what a body says as fields: amounts in minor units, without what is no field."""
    found = {name: value for name, value in body.items() if name not in ("order", "external_ref")}
    for name in AMOUNTS:
        if found.get(name) is not None:
            found[name] = ("minor", cabinet.habits.read(found[name], found["currency"]))
    return found


def _left(cabinet: Cabinet, request: httpx.Request) -> int:
    return int(request.extensions.get("left_at", cabinet.remote.now()))


def _answer(cabinet: Cabinet, paper: Paper, status: int) -> httpx.Response:
    answers = cabinet.remote.habits.answers
    if answers == "empty":
        return _tell(204, None) if status == 200 else _tell(status, {"id": paper.id})
    doc = cabinet.document(paper)
    if answers == "partial":
        return _tell(status, {key: doc[key] for key in ("id", "version") if key in doc})
    return _tell(status, doc, (doc["id"],))
