"""Writing tickets and comments.

Facts beyond the contract: `Idempotency-Key` on a create is kept for two hours, the same key with other content is refused
(vendor's Tickets API, CloudBees' Java client); a comment whose `public` is left out takes after the ticket's first one, so it
is always said; `metadata` of an update stands in `metadata.custom` of what it made; a closed ticket takes no update.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.zendesk.client import ZendeskClient, inside, numbers, refusal
from connectors.zendesk.tickets import TICKETS, comments_of, shown
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Operation, Safe, Sink, TimedOut

WRITABLE: Final = ("subject", "priority", "type", "status", "tags", "due_at")
MARK: Final = "syncline"


class TicketSink(Sink[ZendeskClient]):
    """Creates with an idempotency key and our id as `external_id`; an update names the state it was made on (`safe_update`).

    What a create says first is an internal note, so that nobody is mailed by a sync.
    """

    name = "tickets"
    create = Safe.IDEMPOTENCY_KEY
    update = Safe.COMPARE_AND_SET
    delete = Safe.PLAIN  # by id: into the bin, from where an agent can take it back; done twice, the second time it is gone
    marker: ClassVar[str | None] = "external_id"

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call, or none where nothing writable differs."""
        match change.operation:
            case Operation.CREATE:
                return [Call("create", {"ticket": _new_ticket(change)})]
            case Operation.UPDATE:
                changed = _changed(change)
                return [Call("update", {"ticket": changed | _guard(change)})] if changed else []
            case Operation.DELETE:
                return [Call("delete", {})]
            case Operation.ADJUST | Operation.ACT:
                message = "tickets have no quantities, and nothing is done to them"
                raise ValueError(message)

    def send(self, client: ZendeskClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it. Answers bring a ticket without people and comments, so they carry no document."""
        if call.name == "create":
            reply = client.write("POST", TICKETS, call.body, {"Idempotency-Key": key[:255]})
        elif call.name == "update":
            reply = client.write("PUT", f"{TICKETS}/{external_id}", call.body)
        else:
            reply = client.write("DELETE", f"{TICKETS}/{external_id}")
        refused = refusal(reply, (*WRITABLE, "custom_fields"))
        if refused:
            return refused
        made = external_id if call.name == "delete" else str(inside(reply, "ticket")["id"])
        return Answer(AnswerKind.DONE, external_id=made)

    def find(self, client: ZendeskClient, change: Change) -> Sequence[Doc]:
        """Return tickets that carry our marker; the list by external id shows a ticket as soon as it exists."""
        return shown(client, {"external_id": change.marker}, "") if change.marker else []


def _new_ticket(change: Change) -> Doc:
    after = change.after
    given = {name: after[name] for name in WRITABLE if after.get(name) not in (None, "", [])}
    fields = [each for each in after.get("custom_fields") or () if each.get("value") is not None]
    requester = after.get("requester_id") or after.get("customer_id")
    made = given | ({"custom_fields": fields} if fields else {}) | ({"requester_id": requester} if requester else {})
    said = after.get("description") or after.get("subject") or "-"
    made["comment"] = {"body": said, "public": False}
    return made | ({"external_id": change.marker} if change.marker else {})


def _changed(change: Change) -> Doc:
    names = dict.fromkeys(path.partition(".")[0] for path in change.paths)
    changed = {name: change.after.get(name) for name in names if name in WRITABLE}
    fields = _changed_fields(change) if "custom_fields" in names else []
    return changed | ({"custom_fields": fields} if fields else {})


def _changed_fields(change: Change) -> list[Doc]:
    """Return the custom fields that differ: Zendesk leaves those alone that an update does not name."""
    held: dict[Any, Any] = {each.get("id"): each.get("value") for each in (change.before or {}).get("custom_fields") or ()}
    wanted = change.after.get("custom_fields") or ()
    return [{"id": each["id"], "value": each.get("value")} for each in wanted if each.get("value") != held.get(each["id"])]


def _guard(change: Change) -> Doc:
    stamp = (change.before or {}).get("updated_at")
    return {"safe_update": True, "updated_stamp": stamp} if stamp else {}


class CommentSink(Sink[ZendeskClient]):
    """Appends a comment to its ticket, once: our id goes along in the update's metadata and is looked for there.

    It is internal unless its direction says otherwise: a public comment is mailed to the customer.
    """

    name = "comments"
    create = Safe.MARKER
    marker: ClassVar[str | None] = f"metadata.custom.{MARK}"

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call. A create needs `ticket_id`."""
        if change.operation is not Operation.CREATE:
            message = f"comments cannot {change.operation}"
            raise ValueError(message)
        after = change.after
        comment = {"body": after.get("body") or "-", "public": after.get("direction") in ("inbound", "outbound")}
        if after.get("direction") == "inbound" and after.get("customer_id"):
            comment["author_id"] = after["customer_id"]
        body: Doc = {"ticket": {"comment": comment}}
        body["ticket"] |= {"metadata": {MARK: change.marker}} if change.marker else {}
        return [Call("append", {"ticket_id": after.get("ticket_id"), **body})]

    def send(self, client: ZendeskClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no keys here
        """Send it. The answer's audit says which comment it made."""
        ticket_id = call.body["ticket_id"]
        reply = client.write("PUT", f"{TICKETS}/{ticket_id}", {"ticket": call.body["ticket"]})
        refused = refusal(reply, ())
        if refused:
            return refused
        audit = reply.body.get("audit") if isinstance(reply.body, dict) else None
        events = audit.get("events") if isinstance(audit, dict) else None
        for event in events if isinstance(events, list) else ():
            if isinstance(event, dict) and event.get("type") == "Comment" and event.get("id"):
                return Answer(AnswerKind.DONE, external_id=f"{ticket_id}:{event['id']}")
        raise TimedOut("Zendesk accepted a comment but did not say which.")

    def find(self, client: ZendeskClient, change: Change) -> Sequence[Doc]:
        """Return the comments of that ticket which carry our marker."""
        (ticket_id,) = numbers([str(change.after.get("ticket_id"))]) or ("",)
        rows = comments_of(client, int(ticket_id)) if ticket_id and change.marker else []
        return [doc for doc in rows or () if _mark(doc) == change.marker]


def _mark(doc: Doc) -> Any:
    custom = (doc.get("metadata") or {}).get("custom")
    return custom.get(MARK) if isinstance(custom, dict) else None
