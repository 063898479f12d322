"""The oracle on worlds played by hand: right endings pass, planted faults do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from hub.model.values import SECOND
from hub.sdk.base import Safe, VersionKind
from tests.simulation.baton import START
from tests.simulation.habits import Habits
from tests.simulation.lives import Telling, lives_of
from tests.simulation.office import Act, Office, Policy
from tests.simulation.oracle import Case, Verdict, judge
from tests.simulation.remote import HabitRemote

NO_TIME = Habits(version=VersionKind.NONE, update=Safe.PLAIN)


@dataclass
class Stage:
    """Two remotes that know Ada, and a hand that plays people and hub."""

    habits: tuple[Habits, ...] = (Habits(), Habits())
    time: int = START
    remotes: list[HabitRemote] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remotes = [HabitRemote(lambda: self.time, name, h, 1) for name, h in zip(("shop", "till"), self.habits, strict=True)]
        for remote in self.remotes:
            remote.create("people", {"email": "a@example.org", "last_name": "seed"}, action="seed")
        self.read()

    def read(self, times: int = 6) -> None:
        """Let the hub read everything so often that it has surely seen and compared it."""
        for remote in self.remotes:
            remote.seen.setdefault("1", []).extend([(self.time, self.time + 1)] * times)
        self.time += 600 * SECOND

    def edit(self, at: int, **changes: Any) -> None:
        self.time += SECOND
        self.remotes[at].edit("clerk", 1, changes)

    def put(self, at: int, *, look: bool = True, **changes: Any) -> httpx.Response:
        """Write as the hub would, after a look at what is there."""
        remote = self.remotes[at]
        self.time += SECOND
        if look:
            remote.seen["1"].append((self.time, self.time))
        return self.call(at, "PATCH", "/customers/1", {"set": changes}, {"if-match": str(remote.rows[1].version)})

    def call(self, at: int, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        told = {"authorization": f"Bearer {self.remotes[at].secret}", **(headers or {})}
        request = httpx.Request(method, f"https://remote.example{path}", content=json.dumps(body), headers=told)
        request.extensions["left_at"] = self.time
        return self.remotes[at].respond(request)

    def judge(self, policies: dict[str, Policy] | None = None, **more: Any) -> Verdict:
        return judge(Case(self.remotes, **{"quiet_at": self.time, "office": Office(policies or {}), **more}))

    def rules(self, **more: Any) -> list[str]:
        return [v.rule for v in self.judge(**more).violations]


def test_judge_is_content_when_the_last_edit_is_everywhere() -> None:
    stage = Stage()
    stage.edit(0, last_name="first")
    stage.edit(1, last_name="second")
    stage.put(0, last_name="second")
    verdict = stage.judge()
    assert (verdict.violations, verdict.counts["edits"], verdict.counts["writes"]) == ([], 2, 1)


def test_judge_objects_with_proof_when_an_edit_was_lost() -> None:
    stage = Stage()
    stage.edit(0, last_name="first")
    stage.edit(1, last_name="second")
    stage.put(1, last_name="first")
    violation = stage.judge().violations[0]
    assert violation.rule == "wrong value"
    assert any("till clerk edit 1: 'seed' -> 'second'" in line for line in violation.proof)
    assert any("till api write 1: 'second' -> 'first'" in line for line in violation.proof)


def test_judge_objects_when_the_systems_differ() -> None:
    stage = Stage()
    stage.edit(0, note="only here")
    assert stage.rules() == ["wrong value"]


def test_judge_objects_when_a_value_comes_from_nowhere() -> None:
    stage = Stage()
    stage.put(0, note="invented")
    stage.put(1, note="invented")
    assert stage.rules() == ["wrong value"]


def test_judge_accepts_each_rendering_when_a_system_normalises() -> None:
    stage = Stage((Habits(), Habits(normalise={"last_name": "upper"})))
    stage.put(1, last_name="seed")
    stage.edit(0, last_name="lovelace")
    stage.put(1, last_name="lovelace")
    assert stage.rules() == []


def test_judge_objects_when_a_rendering_travels_back() -> None:
    stage = Stage((Habits(), Habits(normalise={"last_name": "cut:4"})))
    stage.edit(0, last_name="lovelace")
    stage.put(1, last_name="lovelace")
    stage.put(0, last_name="love")
    assert "wrong value" in stage.rules()


def test_judge_lets_an_edit_on_top_of_ours_win_when_its_clock_is_behind() -> None:
    stage = Stage((Habits(), Habits(clock_off_us=-3600 * SECOND)))
    stage.edit(0, last_name="first")
    stage.put(1, last_name="first")
    stage.edit(1, last_name="second")
    stage.put(0, last_name="second")
    assert stage.rules() == []
    stage.put(0, last_name="first")
    stage.put(1, last_name="first")
    assert stage.rules() == ["wrong value"]


def test_judge_accepts_either_order_when_a_system_gives_no_time() -> None:
    for winner in ("there", "here"):
        stage = Stage((Habits(), NO_TIME))
        stage.edit(1, note="there")
        stage.edit(0, note="here")
        stage.read()
        stage.put(0, note=winner)
        stage.put(1, note=winner)
        assert (stage.rules(), stage.judge().counts["edits that may go either way"]) == ([], 1)


def test_judge_objects_when_a_timeless_edit_was_long_seen_before_a_later_one() -> None:
    stage = Stage((Habits(), NO_TIME))
    stage.edit(1, note="there")
    stage.read()
    stage.edit(0, note="here")
    stage.put(0, note="there")
    assert "wrong value" in stage.rules()


def test_judge_counts_but_forgives_when_an_edit_fell_between_look_and_write_of_a_plain_sink() -> None:
    stage = Stage((Habits(), Habits(update=Safe.PLAIN)))
    stage.edit(0, last_name="first")
    stage.edit(1, last_name="second")
    stage.put(1, look=False, last_name="first")
    verdict = stage.judge()
    assert (verdict.violations, verdict.counts["edits between look and write"]) == ([], 1)


def test_judge_objects_when_a_plain_sink_looked_and_overwrote_all_the_same() -> None:
    stage = Stage((Habits(), Habits(update=Safe.PLAIN)))
    stage.edit(0, last_name="first")
    stage.edit(1, last_name="second")
    stage.put(1, look=True, last_name="first")
    assert stage.rules() == ["wrong value"]


def test_judge_lets_an_edit_beat_a_seed_and_the_first_system_beat_other_seeds() -> None:
    stage = Stage()
    assert stage.rules() == []
    stage.remotes[0].rows[1].fields["last_name"] = "tampered"
    assert stage.rules() == ["wrong value"]


@pytest.mark.parametrize(("kind", "ranks"), [("prefer", ("till", "shop")), ("owner", ("till",))])
def test_judge_wants_the_preferred_system_s_value_when_another_is_newer(kind: str, ranks: tuple[str, ...]) -> None:
    stage = Stage()
    stage.edit(1, note="preferred")
    stage.edit(0, note="newer")
    stage.put(0, note="preferred")
    policies = {"note": Policy(kind, ranks)}
    assert stage.rules(policies=policies) == []
    assert stage.rules() == ["wrong value"]


def test_judge_lets_a_concurrent_withdrawal_win_when_the_policy_is_most_restrictive() -> None:
    stage = Stage()
    stage.edit(0, **{"consents.email": "withdrawn"})
    stage.edit(1, **{"consents.email": "granted"})
    stage.put(1, consents={"email": "withdrawn"})
    assert stage.rules(policies={"consents.email": Policy("most_restrictive")}) == []
    assert stage.rules() == ["wrong value"]


def test_judge_treats_each_tag_and_address_on_its_own() -> None:
    stage = Stage()
    stage.edit(0, **{"tags/vip": True, "addresses/Lane 1": "Bonn"})
    stage.put(1, tags=["vip"], addresses=[{"line1": "Lane 1", "city": "Bonn"}])
    assert stage.rules() == []
    stage.edit(1, **{"tags/vip": None, "addresses/Lane 1": "Köln"})
    assert stage.rules() == ["wrong value", "wrong value"]
    stage.put(0, tags=[], addresses=[{"line1": "Lane 1", "city": "Köln"}])
    assert stage.rules() == []


def test_judge_objects_when_the_hub_created_somebody_twice() -> None:
    stage = Stage()
    stage.remotes[0].create("clerk", {"email": "b@example.org"})
    for key in ("k1", "k2"):
        stage.call(1, "POST", "/customers", {"email": "b@example.org"}, {"idempotency-key": key})
    assert stage.rules() == ["created twice"]


def test_judge_objects_when_the_hub_created_somebody_it_had_seen_there() -> None:
    stage = Stage()
    stage.call(1, "POST", "/customers", {"email": "a@example.org"}, {"idempotency-key": "k1"})
    assert stage.rules() == ["created though known there"]


def test_judge_objects_when_somebody_was_not_created() -> None:
    stage = Stage()
    stage.remotes[0].create("clerk", {"email": "b@example.org"})
    assert stage.rules(creates=frozenset({"till"})) == ["not created"]


def test_judge_objects_when_the_hub_creates_again_what_a_person_deleted() -> None:
    stage = Stage()
    stage.remotes[1].delete("clerk", 1)
    stage.call(1, "POST", "/customers", {"email": "a@example.org", "last_name": "seed"}, {"idempotency-key": "k1"})
    assert stage.rules() == ["created though known there"]


def test_judge_objects_when_writes_go_on_after_quiet() -> None:
    stage = Stage()
    quiet_at = stage.time
    stage.put(0, last_name="seed")
    assert stage.rules(quiet_at=quiet_at) == ["writes after quiet"]


def test_judge_objects_when_two_systems_play_ping_pong() -> None:
    stage = Stage()
    stage.edit(0, note="ping")
    for value in ("pong", "ping", "pong", "ping", "pong", "ping"):
        stage.put(1, note=value)
    assert stage.rules() == ["too many writes"]


def test_judge_objects_when_something_is_left_open() -> None:
    assert Stage().rules(open_items=["attempt 7 unknown"]) == ["left open"]


def test_judge_excuses_a_field_the_system_ignores_only_when_a_review_says_so() -> None:
    stage = Stage((Habits(), Habits(ignores=("note",))))
    stage.edit(0, note="ours")
    stage.put(1, note="ours")
    assert stage.rules() == ["wrong value"]
    assert stage.rules(not_kept=frozenset({("till", "1")})) == []


def test_judge_forgives_when_an_edit_was_replaced_by_its_own_system_before_it_was_seen() -> None:
    stage = Stage((Habits(), Habits()))
    stage.edit(1, **{"consents.sms": "granted"})
    stage.put(0, consents={"sms": "granted"})
    stage.read()
    stage.edit(1, **{"consents.sms": "withdrawn"})
    stage.edit(1, **{"consents.sms": "granted"})
    assert stage.rules() == []


def test_replay_stamps_an_edit_later_than_what_it_stood_on_when_its_clock_is_behind() -> None:
    stage = Stage((Habits(), Habits(clock_off_us=-3600 * SECOND)))
    stage.edit(0, last_name="first")
    stage.put(1, last_name="first")
    stage.edit(1, last_name="second")
    first, second = Telling("last_name", 0, 0).replay(lives_of(stage.remotes)["a@example.org"])[-2:]
    assert (second.on, second.lo, second.hi) == (first, first.lo + 1, first.hi + 1)


def test_judge_takes_nothing_for_right_when_the_only_edit_was_deleted_before_it_was_surely_seen() -> None:
    stage = Stage()
    stage.edit(0, note="unseen")
    stage.remotes[0].delete("clerk", 1)
    assert stage.rules() == []


def test_judge_objects_when_an_edit_was_surely_seen_before_its_record_was_deleted() -> None:
    stage = Stage()
    stage.edit(0, note="seen")
    stage.read()
    stage.remotes[0].delete("clerk", 1)
    assert stage.rules() == ["wrong value"]


def test_judge_skips_a_departed_value_when_a_living_system_said_something_and_another_owns_the_field() -> None:
    stage = Stage()
    stage.edit(1, last_name="living")
    stage.read()
    stage.edit(0, last_name="departed")
    stage.read()
    stage.remotes[0].delete("clerk", 1)
    assert stage.rules(policies={"last_name": Policy("owner", ("crm",))}) == []


@pytest.mark.parametrize(("seconds", "rules"), [(2, []), (20, ["created though known there"])])
def test_judge_says_that_a_record_was_known_when_its_reply_came_some_seconds_before(seconds: int, rules: list[str]) -> None:
    stage = Stage()
    stage.remotes[0].create("clerk", {"email": "b@example.org", "last_name": "b"})
    stage.remotes[0].seen["2"] = [(stage.time + 1, stage.time + 2)]
    stage.time += seconds * SECOND
    stage.call(0, "POST", "/customers", {"email": "b@example.org", "last_name": "b"}, {"idempotency-key": "k"})
    assert stage.rules() == rules


@pytest.mark.parametrize(("fell", "rules"), [(2, []), (15, ["created though known there"])])
def test_judge_dates_a_create_by_a_crash_when_it_may_have_been_frozen_before(fell: int, rules: list[str]) -> None:
    """Seed 3000447: it had not left when the hub fell, and nobody could know."""
    stage = Stage()
    stage.remotes[0].create("clerk", {"email": "b@example.org", "last_name": "b"})
    stage.remotes[0].seen["2"] = [(stage.time + 1, stage.time + 2)]
    crashed_at = stage.time + fell * SECOND
    stage.time += 20 * SECOND
    stage.call(0, "POST", "/customers", {"email": "b@example.org", "last_name": "b"}, {"idempotency-key": "k"})
    assert stage.rules(crashed_at=[crashed_at]) == rules


def test_judge_dates_a_create_by_its_first_try_when_it_had_to_be_sent_again() -> None:
    stage = Stage()
    stage.remotes[0].create("clerk", {"email": "b@example.org", "last_name": "b"})
    stage.remotes[0].seen["2"] = [(stage.time + 1, stage.time + 2)]
    stage.remotes[0].first_left["k"] = stage.time
    stage.time += 20 * SECOND
    stage.call(0, "POST", "/customers", {"email": "b@example.org", "last_name": "b"}, {"idempotency-key": "k"})
    assert stage.rules() == []


def test_replay_lets_an_edit_win_or_lose_when_nobody_knows_whether_it_was_made_on_top_of_a_lost_write() -> None:
    stage = Stage((Habits(clock_off_us=-60 * SECOND), Habits()))
    lost = httpx.Request("PATCH", "https://remote.example/customers/1", content=b'{"set":{"last_name":"ours"}}')
    lost.headers["idempotency-key"] = "k"
    stage.remotes[0].left(lost, stage.time)
    stage.edit(0, last_name="theirs")
    lives = lives_of(stage.remotes)["a@example.org"]
    edit = next(e for e in Telling("last_name", 0, 0).replay(lives) if e.value == "theirs")
    assert edit.hi > edit.entry.at > edit.lo


def test_judge_excuses_a_system_that_ignores_writes_when_its_answer_showed_an_edit_made_since_the_look() -> None:
    stage = Stage((Habits(ignores=("note",), update=Safe.PLAIN), Habits()))
    stage.edit(1, note="of the till")
    stage.read()
    stage.edit(0, note="of the shop")
    stage.put(0, look=False, note="of the till")
    assert stage.rules(policies={"note": Policy("prefer", ("till",))}) == []


def ordered(*acts: tuple[str, str, int, Any]) -> Office:
    """Return an office whose operators did this at these seconds, and went home late."""
    done = [Act(kind, about, START + at * SECOND, START + at * SECOND, value) for kind, about, at, value in acts]
    return Office(acts=[*done, Act("home", "", START + 9_000 * SECOND, START + 9_000 * SECOND)])


@pytest.mark.parametrize(
    ("acts", "rule"),
    [
        ((("writes", "", 0, "stopped"),), "write while writes were stopped"),
        ((("mode", "till", 0, "observe"),), "write where it only watches"),
        ((("mode", "till", 0, "propose"),), "write without a yes"),
        ((("writes", "", 0, "stopped"), ("writes", "", 500, "on")), ""),
    ],
)
def test_judge_objects_to_a_write_that_no_operator_allowed(acts: Any, rule: str) -> None:
    stage = Stage()
    stage.edit(0, last_name="first")
    stage.put(1, last_name="first")
    assert [found for found in stage.rules(office=ordered(*acts)) if found.startswith("write ")] == [rule] * bool(rule)


def test_judge_accepts_a_write_on_trial_when_somebody_said_yes_to_its_line() -> None:
    stage = Stage()
    stage.edit(0, last_name="first")
    stage.put(1, last_name="first")
    said = ("yes", "till/1", 60, [{"field": "family_name", "from": "seed", "to": "first"}])
    assert stage.rules(office=ordered(("mode", "till", 0, "propose"), said)) == []
    other = ("yes", "till/1", 60, [{"field": "family_name", "from": "seed", "to": "second"}])
    assert stage.rules(office=ordered(("mode", "till", 0, "propose"), other)) == ["write without a yes"]


def test_judge_takes_what_a_system_shows_for_a_seed_when_its_line_is_back() -> None:
    stage = Stage()
    stage.edit(0, note="of the shop")
    stage.put(1, note="of the shop")
    stage.edit(1, note="of the till, long ago")
    stage.put(0, note="of the till, long ago")
    stage.read()
    acts = (("line", "till/note", 700, "out"), ("line", "till/note", 4_000, "in"))
    assert stage.rules(office=ordered(*acts)) == ["wrong value"]
    stage.put(0, note="of the shop")
    stage.put(1, note="of the shop")
    assert stage.rules(office=ordered(*acts)) == []
