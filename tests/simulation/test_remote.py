from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from hub.clock import instant
from hub.errors import Forged
from hub.model.values import SECOND, Doc
from hub.sdk.base import AnswerKind, Change, Cursor, Operation, Safe, VersionKind, WebhookRequest
from hub.sdk.fake import transport
from tests.simulation.connector import HabitClient, HabitConnector
from tests.simulation.habits import Habits
from tests.simulation.remote import HabitRemote
from tests.simulation.toy import ToyHttp


@dataclass
class Account:
    """A remote with its connector and a clock that a test moves."""

    habits: Habits
    time: int = 1_000_000 * SECOND
    remote: HabitRemote = field(init=False)

    def __post_init__(self) -> None:
        self.remote = HabitRemote(lambda: self.time, "shop", self.habits, 1, webhook_url="https://hub.example/hooks/shop")
        self.connector = HabitConnector("shop", self.habits)
        self.client = HabitClient(ToyHttp(transport(self.remote)), self.remote.secret)
        self.stream, self.sink = self.connector.streams["customers"], self.connector.sinks["customers"]

    def add(self, n: int = 1, **fields: Any) -> int:
        created = self.remote.create("clerk", {"email": f"p{n}@example.org", "first_name": "Ada", "last_name": "Byron", **fields})
        assert created is not None
        return created

    def doc(self, row_id: int) -> Doc:
        return self.remote.document(self.remote.rows[row_id])

    def write(self, row_id: int, paths: tuple[str, ...], key: str = "k", before: Doc | None = None, **after: Any) -> Any:
        before = before or self.doc(row_id)
        change = Change(Operation.UPDATE, str(row_id), before, {**before, **after}, paths, before.get("version"))
        return self.sink.send(self.client, self.sink.calls(change)[0], key, str(row_id))

    def new(self, key: str, **after: Any) -> Any:
        change = Change(Operation.CREATE, None, None, after, tuple(after), marker="m1")
        return self.sink.send(self.client, self.sink.calls(change)[0], key, None)


def test_page_lists_all_in_order_of_change_when_pages_are_small() -> None:
    account = Account(Habits(page_size=2))
    ids = [account.add(n) for n in range(5)]
    account.time += SECOND
    account.remote.edit("clerk", ids[0], {"note": "later"})
    listed, cursor = [], Cursor()
    while cursor is not None:
        page = account.stream.page(account.client, cursor)
        listed += [doc["id"] for doc in page.docs]
        cursor = Cursor(token=page.token) if page.token else None
    assert listed == ["2", "3", "4", "5", "1"]


def test_page_shows_only_what_changed_when_since_is_given() -> None:
    account = Account(Habits(version=VersionKind.CHANGED_AT, resolution_us=SECOND))
    account.add(1)
    account.time += 10 * SECOND
    account.add(2)
    assert [d["id"] for d in account.stream.page(account.client, Cursor(since=account.time)).docs] == ["2"]


@pytest.mark.parametrize("update", [Safe.VERSION, Safe.COMPARE_AND_SET])
def test_send_is_stale_when_a_person_was_faster(update: Safe) -> None:
    account = Account(Habits(update=update))
    row = account.add()
    before = account.doc(row)
    account.remote.edit("clerk", row, {"last_name": "Lovelace"})
    answer = account.write(row, ("last_name",), before=before, last_name="Ours")
    assert (answer.kind, account.doc(row)["last_name"]) == (AnswerKind.STALE, "Lovelace")


def test_send_overwrites_when_the_sink_is_plain() -> None:
    account = Account(Habits(update=Safe.PLAIN))
    row = account.add()
    before = account.doc(row)
    account.remote.edit("clerk", row, {"last_name": "Lovelace"})
    assert account.write(row, ("last_name",), before=before, last_name="Ours").kind is AnswerKind.DONE
    assert account.doc(row)["last_name"] == "Ours"


def test_create_happens_once_when_the_same_key_comes_twice() -> None:
    account = Account(Habits(create=Safe.IDEMPOTENCY_KEY))
    answers = [account.new("same", email="a@example.org").external_id for _ in range(2)]
    assert (answers, len(account.remote.rows)) == (["1", "1"], 1)


def test_create_clashes_when_the_email_is_taken() -> None:
    account = Account(Habits(create=Safe.NATURAL_KEY))
    account.add(1)
    assert account.new("k", email="P1@example.org").kind is AnswerKind.CLASH


def test_find_shows_a_record_at_once_when_lists_lag() -> None:
    account = Account(Habits(create=Safe.MARKER, lag_s=30.0))
    account.new("k", email="a@example.org")
    change = Change(Operation.CREATE, None, None, {"email": "a@example.org"}, ("email",), marker="m1")
    assert [doc["id"] for doc in account.sink.find(account.client, change)] == ["1"]
    seen = {len(account.stream.fetch(account.client, ["1"])) for _ in range(20)}
    assert seen == {0, 1}


def test_fetch_shows_the_present_when_the_lag_is_over() -> None:
    account = Account(Habits(lag_s=30.0))
    account.add()
    account.time += 31 * SECOND
    assert {len(account.stream.fetch(account.client, ["1"])) for _ in range(20)} == {1}


@pytest.mark.parametrize(("how", "shown"), [("upper", "LOVELACE"), ("cut:4", "love"), ("title", "Lovelace")])
def test_send_shows_a_rendering_when_the_system_normalises(how: str, shown: str) -> None:
    account = Account(Habits(normalise={"last_name": how}))
    row = account.add()
    answer = account.write(row, ("last_name",), last_name="lovelace")
    assert (answer.doc["last_name"], account.doc(row)["version"]) == (shown, 2)


def test_version_stands_still_when_the_field_is_silent() -> None:
    account = Account(Habits(silent=("addresses",)))
    row = account.add()
    was = account.doc(row)
    account.time += SECOND
    account.remote.edit("clerk", row, {"addresses/Lane 1": "Berlin"})
    now = account.doc(row)
    assert (now["version"], now["changed_at"], now["addresses"][0]["city"]) == (was["version"], was["changed_at"], "Berlin")


def test_send_changes_nothing_when_the_field_is_ignored() -> None:
    account = Account(Habits(ignores=("note",)))
    row = account.add(note="theirs")
    answer = account.write(row, ("note",), note="ours")
    assert (answer.kind, answer.doc["note"], account.remote.journal[-1].detail["changed"]) == (AnswerKind.DONE, "theirs", False)


@pytest.mark.parametrize("answers", ["partial", "empty"])
def test_answer_carries_no_document_when_the_system_is_terse(answers: str) -> None:
    account = Account(Habits(answers=answers))
    row = account.add()
    answer = account.write(row, ("note",), note="ours")
    assert (answer.kind, answer.doc, answer.external_id) == (AnswerKind.DONE, None, str(row))


@pytest.mark.parametrize(("habit", "shown"), [("null", [None]), ("blank", [""]), ("missing", [])])
def test_document_shows_nothing_as_the_habit_has_it(habit: str, shown: list[object]) -> None:
    account = Account(Habits(empty_as=habit))
    doc = account.doc(account.add())
    assert [value for key, value in doc.items() if key == "note"] == shown


def test_time_is_coarse_and_off_when_the_clock_is_bad() -> None:
    account = Account(Habits(version=VersionKind.CHANGED_AT, resolution_us=60 * SECOND, clock_off_us=-90 * SECOND))
    account.time = 1_000_000_020 * SECOND
    assert account.doc(account.add())["changed_at"] == instant(999_999_900 * SECOND)


def test_create_takes_a_freed_id_with_another_birth_when_ids_are_reissued() -> None:
    account = Account(Habits(reissues_ids=True))
    first = account.add(1)
    born = account.doc(first)["created_at"]
    account.remote.delete("clerk", first)
    account.time += SECOND
    reborn = [account.doc(account.add(n))["created_at"] for n in range(2, 9)]
    assert first in account.remote.rows
    assert born not in reborn


def test_restore_brings_back_the_older_state_and_version() -> None:
    account = Account(Habits())
    row = account.add()
    backup = account.remote.snapshot()
    account.remote.edit("clerk", row, {"note": "after the backup"})
    late = account.add(2)
    account.remote.restore(backup)
    assert (account.doc(row)["version"], account.doc(row)["note"], late in account.remote.rows) == (1, None, False)


def test_webhook_is_a_signed_hint_with_the_state_of_its_moment() -> None:
    account = Account(Habits())
    row = account.add()
    account.remote.edit("clerk", row, {"note": "second"})
    first, second = account.remote.take_webhooks()
    hints = account.connector.receive(WebhookRequest("", first.headers, first.body), {"secret": account.remote.secret})
    assert (hints[0].external_id, json.loads(first.body)["doc"]["note"], json.loads(second.body)["doc"]["note"]) == (
        "1",
        None,
        "second",
    )
    with pytest.raises(Forged):
        account.connector.receive(WebhookRequest("", first.headers, second.body), {"secret": account.remote.secret})


def test_journal_tells_what_changed_with_true_time_and_key() -> None:
    account = Account(Habits(clock_off_us=-5 * SECOND))
    row = account.add()
    account.write(row, ("tags", "addresses"), key="k7", tags=["vip"], addresses=[{"line1": "Lane 1", "city": "Bonn"}])
    entry = account.remote.journal[-1]
    assert (entry.at, entry.actor, entry.action, entry.detail["key"]) == (account.time, "api", "write", "k7")
    assert entry.detail["now"] == {"tags/vip": True, "addresses/Lane 1": "Bonn"}
    assert entry.detail["was"] == {"tags/vip": None, "addresses/Lane 1": None}


def test_respond_refuses_when_the_credentials_are_wrong() -> None:
    account = Account(Habits())
    client = httpx.Client(transport=transport(account.remote), base_url="https://remote.example")
    assert client.get("/ping").status_code == 401
