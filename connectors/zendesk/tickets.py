"""Tickets with their comments, and comments alone.

A document of `tickets` is Zendesk's ticket, with more from the same answers laid beside it: `requester` and `assignee` (`{id,
name, email, role}` or null), `customer_id` (the requester, unless that is staff), `solved_at` (from the ticket's metric set)
and `comments`, oldest first. A comment is Zendesk's, with `ticket_id`, `author`, `customer_id` (its author, unless that is
staff) and `direction`: `internal` where it is not public, else `inbound` from an end user and `outbound` from staff.

Read by `include=users,metric_sets` (the contract points to the table of ticket sideloads; the export lacks `last_audits` only)
and one request per ticket for its comments, which the contract gives no other way to read with their authors. The export shows
a deleted ticket with `status: deleted` (vendor's guide to incremental exports). `updated_at` moves with every comment; it is
the stamp that `safe_update` compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.zendesk.client import ZendeskClient, listed, numbers
from connectors.zendesk.users import after_of, export_params
from hub.model.values import Doc
from hub.sdk import Cursor, Page, Stream, VersionKind

EXPORT: Final = "/api/v2/incremental/tickets/cursor"
TICKETS: Final = "/api/v2/tickets"
INCLUDE: Final = "users,metric_sets"
PAGE: Final = "100"
"""The comments of a page are read one ticket at a time; a page that takes longer than a minute is lost too easily."""
DELETED: Final = "deleted"
STAFF: Final = ("agent", "admin")


def documents(answer: Doc) -> list[Doc]:
    """Return the tickets of an answer with their people, without comments yet."""
    people = _people(answer)
    solved = {each.get("ticket_id"): each.get("solved_at") for each in _rows(answer, "metric_sets")}
    docs = []
    for ticket in listed(answer, "tickets"):
        doc = dict(ticket)
        if "users" in answer:
            doc["requester"], doc["assignee"] = people.get(doc.get("requester_id")), people.get(doc.get("assignee_id"))
        if "metric_sets" in answer:
            doc["solved_at"] = solved.get(doc.get("id"))
        doc["customer_id"] = _customer(doc.get("requester_id"), doc.get("requester"))
        docs.append(doc)
    return docs


def comments_of(client: ZendeskClient, ticket_id: object) -> list[Doc] | None:
    """Return a ticket's comments, oldest first; None: there is no such ticket (any more)."""
    found: list[Doc] = []
    params = {"include": "users", "page[size]": "100"}
    while True:
        answer = client.read(f"{TICKETS}/{ticket_id}/comments", params, absent={})
        if not answer:
            return None
        people = _people(answer)
        found += [_comment(comment, ticket_id, people) for comment in listed(answer, "comments")]
        meta = answer.get("meta")
        if not isinstance(meta, dict) or not meta.get("has_more") or not meta.get("after_cursor"):
            return found
        params["page[after]"] = str(meta["after_cursor"])


def _comment(comment: Doc, ticket_id: object, people: dict[Any, Doc]) -> Doc:
    author = people.get(comment.get("author_id"))
    doc = {**comment, "ticket_id": ticket_id, "author": author, "customer_id": _customer(comment.get("author_id"), author)}
    if comment.get("public") is False:
        doc["direction"] = "internal"
    elif author is not None:
        doc["direction"] = "outbound" if author.get("role") in STAFF else "inbound"
    return doc


def _customer(user_id: Any, person: Doc | None) -> Any:
    return None if person is not None and person.get("role") in STAFF else user_id


def _people(answer: Doc) -> dict[Any, Doc]:
    rows = _rows(answer, "users")
    return {each.get("id"): {name: each.get(name) for name in ("id", "name", "email", "role")} for each in rows}


def _rows(answer: Doc, name: str) -> list[Doc]:
    return listed(answer, name) if name in answer else []


def with_comments(client: ZendeskClient, docs: Sequence[Doc]) -> list[Doc]:
    """Return tickets with their comments; a deleted one has none to read, which is no statement."""
    out = []
    for doc in docs:
        found = None if doc.get("status") == DELETED else comments_of(client, doc.get("id"))
        out.append(doc if found is None else {**doc, "comments": found})
    return out


def exported(client: ZendeskClient, cursor: Cursor) -> tuple[list[Doc], str | None]:
    """Return the tickets of a page of the export, and the token of the next one."""
    answer = client.export(EXPORT, {**export_params(cursor), "include": INCLUDE, "per_page": PAGE})
    return (with_comments(client, documents(answer)), after_of(answer)) if answer else ([], None)


def shown(client: ZendeskClient, params: Doc, path: str = "/show_many") -> list[Doc]:
    """Return tickets as they are now, without comments yet."""
    return documents(client.read(f"{TICKETS}{path}", {**params, "include": INCLUDE}))


class TicketStream(Stream[ZendeskClient]):
    """Tickets by time of change; one that changes meanwhile moves to the end."""

    name = "tickets"
    version = VersionKind.CHANGED_AT
    lists_all: ClassVar[bool] = False
    overlap_s: ClassVar[float] = 60.0
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = 50

    def page(self, client: ZendeskClient, cursor: Cursor) -> Page:
        """Return one page of the export, deleted tickets too; an empty one where `since` is less than a minute ago."""
        return Page(*exported(client, cursor))

    def fetch(self, client: ZendeskClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these tickets, deleted ones left out."""
        found = [doc for some in numbers(ids) for doc in shown(client, {"ids": some}) if doc.get("status") != DELETED]
        return with_comments(client, found)


class CommentStream(Stream[ZendeskClient]):
    """Comments alone, for reading one back; polling `tickets` brings them all. Ids are `ticket:comment`."""

    name = "comments"
    version = VersionKind.NONE
    lists_all: ClassVar[bool] = False
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = 20

    def page(self, client: ZendeskClient, cursor: Cursor) -> Page:
        """Return the comments of the tickets of a page."""
        docs, token = exported(client, cursor)
        return Page([comment for doc in docs for comment in doc.get("comments", ())], token)

    def fetch(self, client: ZendeskClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these comments."""
        wanted = [each for each in ids if all(part.isascii() and part.isdigit() for part in each.split(":")) and ":" in each]
        tickets = dict.fromkeys(each.split(":")[0] for each in wanted)
        there = {comment_id(doc): doc for ticket in tickets for doc in comments_of(client, int(ticket)) or ()}
        return [there[each] for each in wanted if each in there]


def comment_id(doc: Doc) -> str:
    """Return the external id of a comment."""
    return f"{doc['ticket_id']}:{doc['id']}"
