"""Cases of documents played by hand: the judge is content with what is right, and objects to each thing that can go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.clock import instant
from hub.model.values import SECOND, Doc
from tests.simulation.cabinet import Cabinet, Paper
from tests.simulation.filing import Archive, Filed
from tests.simulation.folders import PaperHabits
from tests.simulation.habits import Habits
from tests.simulation.office import Act, Office
from tests.simulation.paper_oracle import judge_papers
from tests.simulation.remote import HabitRemote

ROLES = {"shop": "shop", "till": "till", "crm": "desk"}


class Day:
    """A shop, a till and a CRM on one day, and a hub that says of it what it should, until somebody changes that."""

    def __init__(self) -> None:
        self.time = 1_000 * SECOND
        self.remotes = {name: HabitRemote(lambda: self.time, name, Habits(), 1) for name in ROLES}
        for name, remote in self.remotes.items():
            remote.cabinet = Cabinet(remote, PaperHabits(frozenset({ROLES[name]})))
        self.office = Office()
        self.archive = Archive()

    def at(self, name: str) -> Cabinet:
        cabinet = self.remotes[name].cabinet
        assert cabinet is not None
        return cabinet

    def wait(self, seconds: float = 60) -> str:
        self.time += round(seconds * SECOND)
        return instant(self.time)

    def order(self, number: str, total: int, email: str | None = None) -> Paper:
        fields: Doc = {
            "number": number, "status": "OPEN", "placed": self.wait(), "currency": "EUR", "gross": True, "customer": None,
            "email": email, "lines": [], "discounts": [], "taxes": [], "shipping": [], "subtotal": ("minor", total),
            "tax_total": ("minor", 0), "total": ("minor", total), "paid": ("minor", total),
        }  # fmt: skip
        order = self.at("shop").add("people", "orders", fields)
        self._read("shop", order)
        self.deal = self._copy(
            "crm", "deals", {"name": number, "stage": "new", "amount": ("minor", total), "currency": "EUR", "contact": None}
        )
        money = {"amount": total, "currency": "EUR"}
        plain = {"number": number, "state": "open", "placed_at": fields["placed"], "tax_included": True, "email": email}
        sums = {"subtotal": money, "total": money, "paid_total": money, "tax_total": {"amount": 0, "currency": "EUR"}}
        self._file("order", "shop", order, {**plain, **sums}, copies=[("crm", self.deal.id)])
        return order

    def refund(self, order: Paper, amount: int, *, states: tuple[str, ...] = ("OK",), sent: bool = True) -> Paper:
        fields: Doc = {
            "status": states[0],
            "amount": ("minor", amount),
            "currency": "EUR",
            "note": f"back {self.time}",
            "at": self.wait(),
        }
        refund = self.at("till").add("people", "refunds", {**fields, "receipt": order.fields["number"]})
        self._read("till", refund)
        for state in states[1:]:
            self.wait()
            self.at("till").change("people", refund, {"status": state})
        self._read("till", refund)
        words = {"PENDING": "pending", "OK": "done", "NO": "failed"}
        plain = {
            "state": words[states[-1]],
            "amount": {"amount": amount, "currency": "EUR"},
            "note": fields["note"],
            "refunded_at": fields["at"],
        }
        self._file("refund", "till", refund, plain, order=self._id("shop", order))
        if sent:
            self.send(refund, order)
        return refund

    def send(self, refund: Paper, order: Paper) -> Paper:
        """The hub makes it in the shop."""
        self.wait()
        carried = {name: refund.fields[name] for name in ("status", "amount", "currency", "note", "at")}
        copy = self._copy("shop", "refunds", carried, order)
        at = next(i for i, one in enumerate(self.archive.filed) if one.homes == (("till", refund.id),))
        self.archive.filed[at] = replace(self.archive.filed[at], copies=(*self.archive.filed[at].copies, ("shop", copy.id)))
        return copy

    def show_again(self, deal: Paper) -> None:
        """The hub makes another deal of the first order."""
        self.wait()
        again = self._copy("crm", "deals", dict(deal.fields))
        self.archive.filed[0] = replace(self.archive.filed[0], copies=(("crm", deal.id), ("crm", again.id)))

    def signs_up(self, email: str) -> None:
        """Somebody becomes a customer of the shop, and the hub hangs their documents on them."""
        row = self.remotes["shop"].create("people", {"email": email, "first_name": "Ada"})
        self.archive.people["shop", str(row)] = 99
        self.archive.histories[99] = [one.id for one in self.archive.filed if one.fields.get("email") == email]

    def judge(self) -> list[str]:
        found = judge_papers(list(self.remotes.values()), self.archive, self.office, self.time + 1, frozenset(), Counter())
        return [rule for rule, _, _ in found]

    def _copy(self, name: str, stream: str, fields: Doc, parent: Paper | None = None) -> Paper:
        return self.at(name).add("api", stream, fields, parent=parent, key=f"k{self.time}", left_at=self.time)

    def _read(self, name: str, paper: Paper) -> None:
        self.remotes[name].seen.setdefault(paper.id, []).append((self.time + 1, self.time + 2))

    def _id(self, name: str, paper: Paper) -> int:
        return next(one.id for one in self.archive.filed if one.homes == ((name, paper.id),))

    def _file(
        self,
        kind: str,
        name: str,
        paper: Paper,
        fields: Doc,
        copies: list[tuple[str, str]] | None = None,
        order: int | None = None,
    ) -> None:
        ident = len(self.archive.filed) + 1
        self.archive.filed.append(Filed(ident, kind, ((name, paper.id),), tuple(copies or ()), fields, order))


@pytest.fixture
def day() -> Day:
    """An order of a guest who signed up later, and two refunds at the till."""
    day = Day()
    order = day.order("#1", 5_000, "ada@example.org")
    day.refund(order, 1_000)
    day.refund(order, 2_000)
    day.signs_up("ada@example.org")
    day.archive.histories[99] += [2, 3]
    return day


def test_judge_is_content_when_everything_is_right(day: Day) -> None:
    assert day.judge() == []


def _lose(day: Day) -> None:
    day.archive.filed.pop()
    day.archive.histories[99].pop()


def _file_twice(day: Day) -> None:
    day.archive.filed.append(replace(day.archive.filed[0], id=77, copies=()))


def _take_the_copy_for_another(day: Day) -> None:
    day.archive.filed[1] = replace(day.archive.filed[1], homes=(*day.archive.filed[1].homes, day.archive.filed[1].copies[0]))


def _lose_a_cent(day: Day) -> None:
    day.archive.filed[1] = replace(
        day.archive.filed[1], fields={**day.archive.filed[1].fields, "amount": {"amount": 999, "currency": "EUR"}}
    )


def _lose_the_guest(day: Day) -> None:
    day.archive.histories[99] = [2, 3]


def _refund_again(day: Day) -> None:
    day.send(day.at("till").papers["r1"], day.at("shop").papers["o1"])


def _refund_wrong(day: Day) -> None:
    day.at("shop").change("people", day.at("shop").live("refunds")[0], {"amount": ("minor", 1)})


def _show_twice(day: Day) -> None:
    day.show_again(day.deal)


def _leave_the_deal(day: Day) -> None:
    day.at("crm").change("people", day.deal, {"stage": "lost"})


def _show_nothing(day: Day) -> None:
    day.at("shop").change("people", day.order("#2", 100), {"number": "#3"})


def _write_late(day: Day) -> None:
    day.time += 2
    day.at("crm").change("api", day.deal, {"stage": "new"}, "write", asked={}, key="k", left_at=day.time)
    day.time -= 2


def _write_anothers(day: Day) -> None:
    order = day.at("shop").papers["o1"]
    day.at("shop").change("api", order, {}, "write", asked={}, key="k", left_at=day.time)


@pytest.mark.parametrize(
    ("flaw", "rule"),
    [
        (_lose, "not filed once"),
        (_file_twice, "not filed once"),
        (_take_the_copy_for_another, "copy taken for a document"),
        (_lose_a_cent, "wrong document"),
        (_lose_the_guest, "wrong history"),
        (_refund_again, "refunded twice"),
        (_refund_wrong, "refunded wrong"),
        (_show_twice, "shown twice"),
        (_leave_the_deal, "shown wrong"),
        (_show_nothing, "not shown"),
        (_write_late, "document written after quiet"),
        (_write_anothers, "wrote what is not ours"),
    ],
)
def test_judge_objects_when_something_is_wrong(day: Day, flaw: Callable[[Day], None], rule: str) -> None:
    flaw(day)
    assert rule in day.judge()


@pytest.mark.parametrize(("said", "rules"), [(False, ["more back than was paid"]), (True, [])])
def test_judge_objects_when_more_goes_back_than_was_paid_and_nobody_said_yes(day: Day, *, said: bool, rules: list[str]) -> None:
    refund = day.refund(day.at("shop").papers["o1"], 2_001, sent=False)
    yes = Act("yes", "shop/None", day.time, day.time, [{"field": "note", "to": refund.fields["note"]}])
    day.office.acts += [yes] * said
    day.send(refund, day.at("shop").papers["o1"])
    day.archive.histories[99].append(4)
    assert day.judge() == rules


def _hear_nothing(_: Day) -> None:
    pass


def _hear_its_answer(day: Day) -> None:
    day.remotes["crm"].answered.add(f"k{day.time}")


def _hear_of_it_in_a_list(day: Day) -> None:
    day.remotes["crm"].seen[day.deal.id] = [(day.time, day.time)]


@pytest.mark.parametrize(
    ("hear", "rules"), [(_hear_nothing, []), (_hear_its_answer, ["shown twice"]), (_hear_of_it_in_a_list, ["shown twice"])]
)
def test_judge_lets_a_deal_be_made_again_only_when_no_reply_told_of_the_first(
    hear: Callable[[Day], None], rules: list[str]
) -> None:
    """Seed 2000440: its create came late and unanswered, and somebody deleted it before anybody had seen it."""
    day = Day()
    day.order("#1", 5_000)
    hear(day)
    first = day.deal
    day.at("crm").remove("people", first)
    day.show_again(first)
    assert day.judge() == rules


def test_judge_objects_when_refunds_are_made_in_the_wrong_order() -> None:
    day = Day()
    order = day.order("#1", 5_000)
    first, second = (day.refund(order, 100, sent=False) for _ in range(2))
    day.wait()
    day.send(second, order)
    day.send(first, order)
    assert day.judge() == ["out of order"]


def test_judge_lets_a_refund_pass_another_when_a_person_said_yes_to_it_alone() -> None:
    """Seed 1201103: on trial one of them had its yes, the other went when its system was trusted again."""
    day = Day()
    order = day.order("#1", 5_000)
    first, second = (day.refund(order, 100, sent=False) for _ in range(2))
    day.wait()
    day.office.note(Act("yes", "shop/None", day.time, day.time, [{"field": "note", "to": second.fields["note"]}]))
    day.send(second, order)
    day.send(first, order)
    assert day.judge() == []


@pytest.mark.parametrize(("said", "rules"), [("customer", []), ("total", ["document written without a yes"])])
def test_judge_reads_a_yes_in_the_words_of_the_hub_when_a_deal_gets_its_contact(day: Day, said: str, rules: list[str]) -> None:
    """Seed 3000038: the plan calls customer what the system calls contact."""
    day.office.note(Act("mode", "crm", day.time, day.time, "propose"))
    day.wait(3_600)
    day.office.note(Act("yes", f"crm/{day.deal.id}", day.time, day.time, [{"field": said, "to": "6"}]))
    day.wait()
    day.at("crm").change("api", day.deal, {"contact": "6"}, "write", asked={"contact": "6"}, key="k", left_at=day.time)
    day.wait(3_600)
    day.office.note(Act("home", "", day.time, day.time))
    assert day.judge() == rules


def test_judge_lets_a_refund_pass_another_that_was_pending_until_then() -> None:
    """Seed 1200100: the money of the first went back after that of the second."""
    day = Day()
    order = day.order("#1", 5_000)
    first, second = day.refund(order, 100, states=("PENDING",), sent=False), day.refund(order, 100, sent=False)
    day.send(second, order)
    day.at("till").change("people", first, {"status": "OK"})
    day.archive.filed[1] = replace(day.archive.filed[1], fields={**day.archive.filed[1].fields, "state": "done"})
    day.send(first, order)
    assert day.judge() == []


@pytest.mark.parametrize("state", ["PENDING", "NO"])
def test_judge_objects_when_money_that_never_went_back_is_refunded_elsewhere(state: str) -> None:
    day = Day()
    day.refund(day.order("#1", 5_000), 100, states=("PENDING", state))
    assert "refunded where it does not belong" in day.judge()
