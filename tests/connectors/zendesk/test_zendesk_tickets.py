"""Tickets and comments: reading them by export and by id, and every way of writing one."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.zendesk import CONNECTOR
from connectors.zendesk.tickets import comment_id
from hub.errors import TimedOut
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Change, Cursor, Operation, Reply
from tests.connectors.zendesk.account import Account, create, delete, update
from tests.connectors.zendesk.test_zendesk_account import Says

FIELDS = (4711, 4712)


class Desk(Account):
    """An account with a customer, an agent and a ticket of two comments."""

    def __init__(self, **fake: Any) -> None:
        super().__init__(ticket_fields=FIELDS, **fake)
        self.anna = self.fake.add_user("Anna Ek", email="anna@example.com")
        self.kim = self.fake.add_user("Kim", email="kim@desk.test", role="agent")
        self.ticket = self.fake.add_ticket(self.anna, "Where is it?", "I am waiting.", priority="high", tags=["Late Order"])
        self.wait(60)
        self.fake.reply(self.ticket, "On its way.", author=self.kim, status="pending")
        self.fake.take_webhooks()

    def doc(self) -> Doc:
        """Fetch the ticket."""
        (doc,) = self.fetch("tickets", self.ticket)
        return doc


def _append(desk: Desk, marker: str | None = "hub-7", **doc: Any) -> Answer:
    return desk.deliver("comments", create({"ticket_id": desk.ticket, "body": "Note", **doc}, marker))


# reading


def test_documents_carry_people_and_comments_with_their_direction() -> None:
    desk = Desk()
    desk.fake.reply(desk.ticket, "Thanks!", author=desk.anna)
    desk.fake.reply(desk.ticket, "Ask the carrier.", author=desk.kim, public=False)
    doc = desk.doc()
    assert (doc["requester"], doc["assignee"], doc["customer_id"], doc["solved_at"]) == (
        {"id": int(desk.anna), "name": "Anna Ek", "email": "anna@example.com", "role": "end-user"},
        None,
        int(desk.anna),
        None,
    )
    assert [(one["direction"], one["body"], one["customer_id"]) for one in doc["comments"]] == [
        ("inbound", "I am waiting.", int(desk.anna)),
        ("outbound", "On its way.", None),
        ("inbound", "Thanks!", int(desk.anna)),
        ("internal", "Ask the carrier.", None),
    ]
    assert {one["ticket_id"] for one in doc["comments"]} == {int(desk.ticket)}


def test_page_and_fetch_show_the_same_document() -> None:
    desk = Desk()
    assert desk.read_all("tickets") == [desk.doc()]
    comments = desk.read_all("comments")
    assert comments == desk.doc()["comments"]
    assert desk.fetch("comments", *map(comment_id, comments)) == comments


def test_page_reads_all_comments_when_there_are_many() -> None:
    desk = Desk()
    desk.fake.tickets.comment_page = 2
    for number in range(3):
        desk.fake.reply(desk.ticket, f"Reply {number}", author=desk.kim)
    assert [one["body"] for one in desk.doc()["comments"]] == [
        "I am waiting.",
        "On its way.",
        "Reply 0",
        "Reply 1",
        "Reply 2",
    ]


def test_page_follows_a_ticket_that_gets_a_comment() -> None:
    desk = Desk()
    other = desk.fake.add_ticket(desk.anna, "Another", "Hello")
    desk.wait(120)
    since = desk.clock.at
    desk.fake.reply(desk.ticket, "Still waiting", author=desk.anna)
    assert [(doc["id"], doc["status"]) for doc in desk.read_all("tickets", since)] == [(int(desk.ticket), "open")]
    assert [doc["id"] for doc in desk.read_all("tickets")] == [int(other), int(desk.ticket)]


def test_page_shows_a_deleted_ticket_and_fetch_leaves_it_out() -> None:
    desk = Desk()
    desk.fake.delete_ticket(desk.ticket)
    (doc,) = desk.read_all("tickets")
    assert (doc["status"], "comments" in doc) == ("deleted", False)
    assert [request.url.path for request in desk.requests] == ["/api/v2/incremental/tickets/cursor"]
    assert desk.fetch("tickets", desk.ticket) == []
    assert desk.fetch("comments", f"{desk.ticket}:1") == []


def test_page_is_empty_when_since_is_less_than_a_minute_ago() -> None:
    desk = Desk()
    page = CONNECTOR.streams["tickets"].page(desk.client, Cursor(desk.clock.at))
    assert (page.docs, page.token) == ([], None)


def test_fetch_takes_no_comment_of_another_ticket_and_nothing_that_is_no_id() -> None:
    desk = Desk()
    other = desk.fake.add_ticket(desk.anna, "Another", "Hello")
    (comment,) = desk.fake.comments(other)
    assert desk.fetch("comments", f"{desk.ticket}:{comment['id']}", "7", "x:1", f"{other}:") == []
    assert [comment_id(doc) for doc in desk.fetch("comments", f"{other}:{comment['id']}")] == [f"{other}:{comment['id']}"]


def test_direction_says_nothing_when_the_author_is_unknown() -> None:
    desk = Desk()
    del desk.fake.core.state.users[int(desk.anna)]
    assert ["direction" in one for one in desk.doc()["comments"]] == [False, True]


# creating


def test_create_makes_one_ticket_when_sent_twice_with_one_key() -> None:
    desk = Desk()
    new = {"subject": "Call back", "priority": "low", "tags": ["vip"], "requester_id": int(desk.anna)}
    first, second = (desk.deliver("tickets", create(new, "hub-7")) for _ in range(2))
    assert (first.kind, second.kind, first.external_id) == (AnswerKind.DONE, AnswerKind.DONE, second.external_id)
    assert desk.requests[-1].headers["idempotency-key"] == "key-1"
    kept = desk.fake.ticket(first.external_id or "") or {}
    assert (kept["subject"], kept["priority"], kept["tags"], kept["external_id"]) == ("Call back", "low", ["vip"], "hub-7")
    assert [(one["body"], one["public"]) for one in desk.fake.comments(first.external_id or "")] == [("Call back", False)]


def test_create_is_refused_when_key_was_used_for_another() -> None:
    desk = Desk()
    answers = [desk.deliver("tickets", create({"subject": text}, "hub-7")) for text in ("One", "Two")]
    assert [answer.kind for answer in answers] == [AnswerKind.DONE, AnswerKind.REFUSED]
    assert "IdempotentRequestError" in answers[1].reason


def test_create_makes_another_when_the_key_is_older_than_two_hours() -> None:
    desk = Desk()
    first = desk.deliver("tickets", create({"subject": "One"}, "hub-7"))
    desk.wait(2 * 3600)
    found = CONNECTOR.sinks["tickets"].find(desk.client, create({}, "hub-7"))
    assert [str(doc["id"]) for doc in found] == [first.external_id]
    assert desk.deliver("tickets", create({"subject": "One"}, "hub-7")).external_id != first.external_id


def test_fake_tells_whether_it_knew_the_key() -> None:
    desk = Desk()
    told = []
    for key in ("a", "a", "b"):
        reply = desk.client.write("POST", "/api/v2/tickets", {"ticket": {"comment": {"body": "x"}}}, {"Idempotency-Key": key})
        told.append(reply.headers["x-idempotency-lookup"])
    assert told == ["miss", "hit", "miss"]


# changing


def test_update_sends_changed_fields_only_and_the_state_it_was_made_on() -> None:
    desk = Desk()
    before = desk.doc()
    fields = [{"id": 4711, "value": "3 orders"}, {"id": 4712, "value": None}]
    answer = desk.deliver("tickets", update(before, {**before, "custom_fields": fields}, "custom_fields"))
    assert desk.sent() == {
        "ticket": {
            "custom_fields": [{"id": 4711, "value": "3 orders"}],
            "safe_update": True,
            "updated_stamp": "2026-03-01T09:01:00Z",
        }
    }
    assert (answer.kind, answer.external_id) == (AnswerKind.DONE, desk.ticket)
    assert (desk.fake.ticket(desk.ticket) or {})["custom_fields"] == fields


def test_update_is_stale_when_somebody_wrote_meanwhile() -> None:
    desk = Desk()
    before = desk.doc()
    desk.wait(1)
    desk.fake.reply(desk.ticket, "Thanks!", author=desk.anna)
    answer = desk.deliver("tickets", update(before, {**before, "priority": "low"}, "priority"))
    assert answer.kind is AnswerKind.STALE
    assert (desk.fake.ticket(desk.ticket) or {})["priority"] == "high"


def test_update_is_refused_when_the_ticket_is_closed() -> None:
    desk = Desk()
    desk.fake.edit_ticket(desk.ticket, status="closed")
    before = desk.doc()
    answer = desk.deliver("tickets", update(before, {**before, "tags": []}, "tags"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "status")


def test_update_needs_no_call_when_nothing_writable_differs() -> None:
    before = Desk().doc()
    assert CONNECTOR.sinks["tickets"].calls(update(before, before, "requester.email", "comments", "custom_fields")) == []


def test_delete_puts_the_ticket_into_the_bin_once() -> None:
    desk = Desk()
    doc = desk.doc()
    assert [desk.deliver("tickets", delete(doc)).kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert desk.fake.ticket_ids() == []


# comments


@pytest.mark.parametrize(("direction", "public"), [("internal", False), ("outbound", True), (None, False)])
def test_append_is_internal_unless_its_direction_says_otherwise(direction: str | None, public: bool) -> None:  # noqa: FBT001 - a row of a table
    desk = Desk()
    answer = _append(desk, direction=direction)
    *_, last = desk.fake.comments(desk.ticket)
    assert (answer.external_id, last["public"], last["author_id"]) == (f"{desk.ticket}:{last['id']}", public, 1)


def test_append_speaks_for_the_customer_when_it_is_inbound() -> None:
    desk = Desk()
    answer = _append(desk, direction="inbound", customer_id=int(desk.anna))
    (doc,) = desk.fetch("comments", answer.external_id or "")
    assert (doc["author_id"], doc["direction"], doc["public"]) == (int(desk.anna), "inbound", True)


def test_find_returns_the_comment_that_carries_our_marker() -> None:
    desk = Desk()
    sink = CONNECTOR.sinks["comments"]
    wanted = create({"ticket_id": desk.ticket, "body": "Note"}, "hub-7")
    assert sink.find(desk.client, wanted) == []
    _append(desk, marker="hub-77")
    made = _append(desk)
    found = sink.find(desk.client, wanted)
    assert [comment_id(doc) for doc in found] == [made.external_id]
    assert list(found) == desk.fetch("comments", made.external_id or "")
    assert sink.find(desk.client, create({"body": "Note"}, "hub-7")) == []


def test_append_is_gone_when_the_ticket_was_deleted() -> None:
    desk = Desk()
    desk.fake.delete_ticket(desk.ticket)
    assert _append(desk).kind is AnswerKind.GONE


def test_append_raises_when_the_answer_names_no_comment() -> None:
    sink = CONNECTOR.sinks["comments"]
    (call,) = sink.calls(create({"ticket_id": "1", "body": "Note"}))
    silent = Says(200, {})
    silent.reply = Reply(200, {}, {"ticket": {"id": 1}, "audit": {"events": [{"type": "Change", "id": 5}]}})
    with pytest.raises(TimedOut):
        sink.send(CONNECTOR.client({"access_token": "x"}, silent), call, "key", None)


@pytest.mark.parametrize(("stream", "operation"), [("tickets", Operation.ADJUST), ("comments", Operation.UPDATE)])
def test_calls_are_refused_when_the_sink_cannot(stream: str, operation: Operation) -> None:
    with pytest.raises(ValueError, match=r"quantities|cannot"):
        CONNECTOR.sinks[stream].calls(Change(operation, "1", None, {}, ()))


# events


def test_receive_hints_at_tickets_that_people_wrote_in() -> None:
    desk = Desk()
    other = desk.fake.add_ticket(desk.anna, "Another", "Hello")
    desk.fake.reply(desk.ticket, "Thanks!", author=desk.anna)
    desk.fake.edit_ticket(other, priority="low", tags=["x"])
    desk.fake.delete_ticket(other)
    hints = desk.hints()
    assert set(hints) == {("tickets", other), ("tickets", desk.ticket)}
    assert [hint for hint in hints if hint[1] == desk.ticket] == [("tickets", desk.ticket)] * 2  # a comment, and open again
