"""Tickets and comments of the simulated account.

Beyond the contract, from the vendor's pages: a comment opens a solved ticket again when a customer writes it; `updated_at`
moves with every change, and a `safe_update` with an older stamp is 409 UpdateConflict; a closed ticket takes no update; a
deleted one is in the export with `status: deleted` and nowhere else; an idempotency key is kept for two hours, and with other
content it is refused.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Final

from connectors.zendesk.fake.core import API, SITE, Core, Failure, expect, invalid, iso, missing, numbers, seconds, wanted
from hub.model.values import SECOND, Doc

HUB: Final = 1
"""The user whose credentials the API is used with."""
PLAIN: Final = {"subject", "priority", "type", "status", "tags", "due_at", "external_id", "requester_id"}
TAKEN: Final = PLAIN | {"custom_fields", "comment", "metadata", "safe_update", "updated_stamp"}
STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed")
EVENTS: Final = {"subject": "subject_changed", "priority": "priority_changed", "status": "status_changed", "tags": "tags_changed"}
KEPT: Final = 2 * 3600 * SECOND


class Tickets:
    """`fields`: ids of the account's ticket fields; every ticket shows all of them."""

    def __init__(self, core: Core, fields: tuple[int, ...]) -> None:
        self.core = core
        self.fields = fields
        self.comment_page = 100

    def current(self, ticket_id: int) -> Doc | None:
        """Return a ticket as it is, deleted or not."""
        return copy.deepcopy(self.core.state.tickets.get(ticket_id))

    # ---- changing

    def create(self, given: Doc, actor: str, *, author: int = HUB, channel: str = "api") -> tuple[Doc, Doc]:
        """Add a ticket with its first comment; return it and its audit."""
        _known(given)
        if not (given.get("comment") or {}).get("body"):
            raise invalid("base", "Description: cannot be blank", "BlankValue")
        one = self.core.new_id("ticket")
        ticket = self._blank(one, given.get("requester_id") or author, author, channel)
        ticket |= {"subject": given.get("subject"), "raw_subject": given.get("subject"), "description": given["comment"]["body"]}
        self._check(given)
        self.core.state.tickets[one] = ticket
        self.core.state.comments[one] = []
        self._apply(ticket, given)
        audit = self._comment(ticket, given["comment"], author, channel, given.get("metadata"))
        self._saved(ticket, actor, "created")
        self._tell(ticket, "ticket.created", {})
        return copy.deepcopy(ticket), audit

    def update(self, ticket_id: int, given: Doc, actor: str, *, author: int = HUB, channel: str = "api") -> tuple[Doc, Doc]:
        """Change what `given` names, and add its comment."""
        ticket = self.expect(ticket_id)
        _known(given)
        if ticket["status"] == "closed":
            raise invalid("status", "closed prevents ticket update")
        stamp = given.get("updated_stamp")
        if given.get("safe_update") and (not stamp or seconds(ticket["updated_at"]) > seconds(stamp)):
            raise Failure(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket data.")
        self._check(given)
        before = copy.deepcopy(ticket)
        self._apply(ticket, given)
        audit: Doc = {"id": self.core.new_id("comment"), "ticket_id": ticket_id, "events": []}
        if given.get("comment"):
            audit = self._comment(ticket, given["comment"], author, channel, given.get("metadata"))
        self._saved(ticket, actor, "updated")
        for name, event in EVENTS.items():
            if ticket[name] != before[name]:
                self._tell(ticket, f"ticket.{event}", {"current": ticket[name], "previous": before[name]})
        if ticket["custom_fields"] != before["custom_fields"]:
            self._tell(ticket, "ticket.custom_field_changed", {})
        return copy.deepcopy(ticket), audit

    def delete(self, ticket_id: int, actor: str) -> None:
        """Put a ticket into the bin."""
        ticket = self.expect(ticket_id)
        ticket["status"] = "deleted"
        self._saved(ticket, actor, "deleted")
        self._tell(ticket, "ticket.soft_deleted", {})

    def expect(self, ticket_id: int) -> Doc:
        """Return the stored ticket. Raises Failure where there is none or it is in the bin."""
        ticket = self.core.state.tickets.get(ticket_id)
        if ticket is None or ticket["status"] == "deleted":
            raise missing()
        return ticket

    # ---- over HTTP

    def route(self, method: str, parts: list[str], body: Any, params: Doc, key: str) -> tuple[int, Doc | None, dict[str, str]]:
        """Answer a request under /api/v2/tickets: status, body and further headers."""
        match method, parts:
            case "POST", []:
                return self._once(key, expect(body, "ticket"))
            case "GET", []:
                return 200, self._answer(self._marked(params), params), {}
            case "GET", ["show_many"]:
                live = [self.core.state.tickets.get(one) for one in numbers(params)]
                return 200, self._answer([each for each in live if each and each["status"] != "deleted"], params), {}
            case "GET", [one, "comments"] if one.isdigit():
                return 200, self._comments(int(one), params), {}
            case "PUT", [one] if one.isdigit():
                ticket, audit = self.update(int(one), expect(body, "ticket"), API)
                return 200, {"ticket": ticket, "audit": audit}, {}
            case "DELETE", [one] if one.isdigit():
                self.delete(int(one), API)
                return 204, None, {}
            case _:
                raise Failure(404, "InvalidEndpoint", "Not found")

    def export(self, params: Doc) -> Doc:
        """Answer the incremental export, deleted tickets too."""
        most = int(params["per_page"]) if str(params.get("per_page", "")).isdigit() else None
        rows, rest = self.core.export("tickets", self.core.state.tickets, params, most)
        return self._answer(rows, params) | rest

    def _once(self, key: str, given: Doc) -> tuple[int, Doc, dict[str, str]]:
        """Create it once per key: the same request gets the same answer for two hours."""
        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        known = self.core.state.replies.get(key) if key else None
        if known is not None and self.core.now() - known[2] < KEPT:
            if known[0] != digest:
                raise Failure(400, "IdempotentRequestError", "Request parameters don't match the given idempotency key")
            return 201, copy.deepcopy(known[1]), {"x-idempotency-lookup": "hit"}
        if len(key) > 255:
            raise Failure(400, "IdempotentRequestError", "The key is too long")
        answer: Doc = {"ticket": self.create(given, API)[0]}
        if not key:
            return 201, answer, {}
        self.core.state.replies[key] = (digest, copy.deepcopy(answer), self.core.now())
        return 201, answer, {"x-idempotency-lookup": "miss"}

    def _marked(self, params: Doc) -> list[Doc]:
        mark = params.get("external_id")
        live = [each for each in self.core.state.tickets.values() if each["status"] != "deleted"]
        return [each for each in live if mark is None or each["external_id"] == mark][:100]

    def _answer(self, tickets: list[Doc], params: Doc) -> Doc:
        answer: Doc = {"tickets": copy.deepcopy(tickets)}
        if "users" in wanted(params):
            people = dict.fromkeys(each[name] for each in tickets for name in ("requester_id", "submitter_id", "assignee_id"))
            answer["users"] = self._people(list(people))
        if "metric_sets" in wanted(params):
            answer["metric_sets"] = [self._metrics(each) for each in tickets]
        return answer

    def _comments(self, ticket_id: int, params: Doc) -> Doc:
        self.expect(ticket_id)
        rows = self.core.state.comments[ticket_id]
        size = min(int(params.get("page[size]") or self.comment_page), self.comment_page)
        start = int(params.get("page[after]") or 0)
        chosen = rows[start : start + size]
        more = start + size < len(rows)
        answer: Doc = {"comments": copy.deepcopy(chosen)}
        answer["meta"] = {"has_more": more, "after_cursor": str(start + size) if more else None, "before_cursor": None}
        answer["links"] = {"next": None, "prev": None}
        if "users" in wanted(params):
            answer["users"] = self._people(list(dict.fromkeys(each["author_id"] for each in chosen)))
        return answer

    # ---- inside

    def _people(self, ids: list[int | None]) -> list[Doc]:
        hub = {"id": HUB, "name": "Hub", "email": "admin@fake.test", "role": "admin", "active": True}
        users = self.core.state.users
        return [copy.deepcopy(users[one]) if one in users else hub for one in ids if one in users or one == HUB]

    def _metrics(self, ticket: Doc) -> Doc:
        solved = ticket["status"] in ("solved", "closed")
        return {"id": ticket["id"], "ticket_id": ticket["id"], "solved_at": ticket["updated_at"] if solved else None}

    def _check(self, given: Doc) -> None:
        if given.get("status") and given["status"] not in STATUSES:
            raise invalid("status", "is not a valid status")
        if given.get("priority") and given["priority"] not in ("urgent", "high", "normal", "low"):
            raise invalid("priority", "is not valid")
        requester = given.get("requester_id")
        if requester is not None and requester != HUB and int(requester) not in self.core.state.users:
            raise invalid("requester", "is not valid")

    def _apply(self, ticket: Doc, given: Doc) -> None:
        ticket |= {name: value for name, value in given.items() if name in PLAIN and name not in ("tags", "requester_id")}
        if "subject" in given:
            ticket["raw_subject"] = given["subject"]
        if "tags" in given:
            ticket["tags"] = list(dict.fromkeys("_".join(str(tag).lower().split()) for tag in given["tags"] or []))
        values = {each["id"]: each.get("value") for each in given.get("custom_fields") or () if each.get("id") in self.fields}
        for each in ticket["custom_fields"]:
            each["value"] = values.get(each["id"], each["value"])

    def _comment(self, ticket: Doc, given: Doc, author: int, channel: str, custom: Any) -> Doc:
        one, now = self.core.new_id("comment"), iso(self.core.now())
        writer = int(given.get("author_id") or author)
        rows = self.core.state.comments[ticket["id"]]
        public = given["public"] if "public" in given else rows[0]["public"] if rows else True
        body = str(given["body"])
        comment: Doc = {"id": one, "type": "Comment", "author_id": writer, "body": body, "html_body": f"<p>{body}</p>"}
        comment |= {"plain_body": body, "public": public, "attachments": [], "audit_id": one + 500_000, "created_at": now}
        comment |= {"via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}}
        comment["metadata"] = {"system": {"client": "fake"}, "custom": dict(custom or {})}
        rows.append(comment)
        staff = self.core.state.users.get(writer, {"role": "admin"})["role"] != "end-user"
        if not staff and ticket["status"] in ("pending", "hold", "solved"):
            ticket["status"] = "open"
        self._tell(ticket, "ticket.comment_added", {"comment": {"id": str(one), "is_public": public}})
        events = [{"id": one, "type": "Comment", "body": body}]
        return {"id": one + 500_000, "ticket_id": ticket["id"], "author_id": writer, "created_at": now, "events": events}

    def _saved(self, ticket: Doc, actor: str, action: str) -> None:
        now = self.core.now()
        ticket |= {"updated_at": iso(now), "generated_timestamp": now // SECOND}
        self.core.touch("tickets", ticket["id"])
        kept = {"record": copy.deepcopy(ticket), "comments": len(self.core.state.comments[ticket["id"]])}
        self.core.account.note(actor, action, "ticket", str(ticket["id"]), **kept)

    def _tell(self, ticket: Doc, kind: str, event: Doc) -> None:
        names = ("id", "requester_id", "assignee_id", "submitter_id", "group_id", "organization_id")
        detail: Doc = {name: str(ticket[name]) if ticket[name] is not None else None for name in names}
        detail |= {name: ticket[name] for name in ("subject", "description", "created_at", "updated_at", "tags", "external_id")}
        detail |= {"status": ticket["status"].upper(), "priority": ticket["priority"], "type": ticket["type"], "is_public": True}
        self.core.emit(kind, "ticket", ticket["id"], detail | {"via": {"channel": ticket["via"]["channel"]}}, event)

    def _blank(self, one: int, requester: int, author: int, channel: str) -> Doc:
        now = iso(self.core.now())
        empty = ("external_id", "type", "subject", "raw_subject", "description", "priority", "recipient", "assignee_id")
        more = ("organization_id", "group_id", "forum_topic_id", "problem_id", "due_at", "satisfaction_rating")
        ticket: Doc = dict.fromkeys((*empty, *more))
        ticket |= {"id": one, "url": f"{SITE}/api/v2/tickets/{one}.json", "created_at": now, "updated_at": now, "status": "new"}
        ticket |= {"requester_id": int(requester), "submitter_id": author, "tags": [], "has_incidents": False, "is_public": True}
        ticket |= {
            name: [] for name in ("collaborator_ids", "follower_ids", "email_cc_ids", "sharing_agreement_ids", "followup_ids")
        }
        ticket |= {"custom_fields": [{"id": field, "value": None} for field in self.fields], "allow_attachments": True}
        ticket |= {"via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}, "from_messaging_channel": False}
        return ticket | {"allow_channelback": False, "generated_timestamp": self.core.now() // SECOND}


def _known(given: Doc) -> None:
    unknown = set(given) - TAKEN
    if unknown:
        raise Failure(400, "UnpermittedParameters", f"unknown: {sorted(unknown)}")
