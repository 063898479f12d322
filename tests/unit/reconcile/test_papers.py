"""Papers and what they belong to: what their records say, what is known of it by now, and their line in the index."""

from __future__ import annotations

import pytest

from hub.model.documents import Document
from hub.model.entity import EntityState
from hub.model.link import Claim
from hub.model.record import EntityType, Observation, Record, Ref, Source
from hub.reconcile.attach import (
    attach,
    email_key,
    home_link,
    is_derived,
    is_document,
    is_soft,
    line_of,
    note_references,
    note_shown,
    only_shows,
)
from hub.reconcile.observe import _refer
from tests.unit.reconcile.desk import MAIL, Desk

ORDER, REFUND, TICKET, MESSAGE = EntityType.ORDER, EntityType.REFUND, EntityType.TICKET, EntityType.MESSAGE
EUR = {"amount": 4990, "currency": "EUR"}


def record(kind: EntityType = ORDER, **refs: Ref | None) -> Record:
    """Return what is read of a paper."""
    return Record(kind, "papers", "p1", {}, refs=dict(refs))


def read(desk: Desk, **refs: Ref | None) -> None:
    """Let a read of the paper be taken in."""
    seen = Observation("shop", record(desk.paper.type, **refs), 1, 1, 1, Source.POLL, b"", "m")
    _refer(desk.known, desk.link, seen)


@pytest.mark.parametrize(("kind", "by_hub", "shows"), [
    (ORDER, True, True), (ORDER, False, False), (EntityType.CUSTOMER, True, False), (MESSAGE, True, True),
])  # fmt: skip
def test_only_a_paper_that_we_made_is_there_to_show(kind: EntityType, *, by_hub: bool, shows: bool) -> None:
    desk = Desk(kind, by_hub=by_hub)
    assert (only_shows(desk.link), home_link(desk.known, desk.paper)) == (shows, None if by_hub else desk.link)


@pytest.mark.parametrize(("kind", "name", "soft"), [
    (ORDER, "customer", True), (REFUND, "order", False), (REFUND, "location", True), (MESSAGE, "ticket", False),
    (MESSAGE, "customer", True), (EntityType.VARIANT, "product", False), (EntityType.RETURN, "order", False),
    (EntityType.PAYMENT, "order", False), (EntityType.FULFILMENT, "order", False), (EntityType.INTERACTION, "order", True),
])  # fmt: skip
def test_a_paper_waits_only_for_that_without_which_it_means_nothing(kind: EntityType, name: str, *, soft: bool) -> None:
    assert (is_soft(kind, name), is_document(kind)) == (soft, kind is not EntityType.VARIANT)


@pytest.mark.parametrize(("path", "derived"), [
    ("summary.orders", True), ("tags/hub:vip", True), ("tags/vip", False), ("note", False), ("my.summary.", False),
    ("my tags/hub:", False),
])  # fmt: skip
def test_what_the_hub_works_out_goes_by_names_of_its_own(path: str, *, derived: bool) -> None:
    assert is_derived(path) is derived


def test_references_are_kept_as_they_were_said() -> None:
    desk = Desk(refs={"location": "places/1", "order": "orders/1", "ticket": "tickets/5"})
    note_references(desk.link, record(customer=Ref("people", "a/7"), order=Ref("", "1001"), location=None, nothing=None))
    assert desk.link.refs == {"order": "#1001", "ticket": "tickets/5", "customer": "people/a/7"}


@pytest.mark.parametrize(("said", "misses", "touched"), [
    ({"customer": Ref("people", "7"), "location": Ref("places", "1")}, (3, 4), False),
    ({}, (3, 4), False),
    ({"customer": Ref("people", "8"), "location": Ref("places", "1")}, (0, 4), True),
    ({"customer": None}, (0, 4), True),
    ({"customer": Ref("people", "8"), "location": None}, (0, 0), True),
    ({"order": Ref("orders", "1")}, (3, 4), True),
])  # fmt: skip
def test_what_a_deal_points_to_is_tried_again_when_it_shows_something_else(
    said: dict[str, Ref | None], misses: tuple[int, int], *, touched: bool
) -> None:
    desk = Desk(by_hub=True, refs={"customer": "people/7", "location": "places/1"}, to={"customer": 5})
    desk.link.claims = {"customer": Claim(misses=3), "location": Claim(misses=4)}
    read(desk, **said)
    assert (desk.link.claims["customer"].misses, desk.link.claims["location"].misses) == misses
    assert (desk.touched(), desk.paper.refs) == (touched, {"customer": 5})


def test_what_an_order_says_is_no_copy_of_ours_when_it_is_read_at_home() -> None:
    desk = Desk(refs={"customer": "people/7"})
    desk.link.claims = {"customer": Claim(misses=3)}
    note_shown(desk.known, desk.link, record(customer=Ref("people", "8")))
    assert (desk.link.refs, desk.link.claims["customer"].misses, desk.touched()) == ({"customer": "people/7"}, 3, False)


@pytest.mark.parametrize(("kind", "by_hub", "kept", "hangs_on"), [
    (ORDER, False, {"customer": "customers/7"}, {"customer": 7}),
    (ORDER, True, {"customer": "customers/7"}, {}),
    (EntityType.CUSTOMER, False, {}, {}),
])  # fmt: skip
def test_a_paper_hangs_on_what_its_own_record_says(
    kind: EntityType, kept: dict[str, str], hangs_on: dict[str, int], *, by_hub: bool
) -> None:
    desk = Desk(kind, by_hub=by_hub)
    desk.person(7, "7")
    read(desk, customer=Ref("customers", "7"))
    assert (desk.link.refs, desk.paper.refs) == (kept, hangs_on)


@pytest.mark.parametrize(("kind", "refs", "before", "after"), [
    (ORDER, {"customer": "customers/7"}, {}, {"customer": 7}),
    (ORDER, {"customer": "customers/a/8"}, {}, {"customer": 7}),
    (ORDER, {"customer": "customers/9"}, {}, {}),
    (ORDER, {"customer": "customers/9"}, {"customer": 8}, {"customer": 8}),
    (ORDER, {"customer": "customers/7"}, {"customer": 7}, {"customer": 7}),
    (ORDER, {}, {"customer": 8, "location": 3}, {}),
    (TICKET, {}, {"customer": 8, "order": 3}, {}),
    (TICKET, {"order": "#1001"}, {}, {"order": 50}),
    (TICKET, {"order": "##1001"}, {}, {"order": 50}),
    (TICKET, {"order": "#1002"}, {}, {}),
    (TICKET, {"order": "#1003"}, {"order": 50}, {"order": 50}),
    (MESSAGE, {}, {"ticket": 4, "customer": 8}, {"customer": 8}),
    (REFUND, {"order": "orders/1"}, {"order": 50, "location": 3}, {"order": 50}),
])  # fmt: skip
def test_attach_hangs_a_paper_on_what_is_known_by_now(
    kind: EntityType, refs: dict[str, str], before: dict[str, int], after: dict[str, int]
) -> None:
    desk = Desk(kind, refs=refs, to=before)
    desk.person(7, "7")
    desk.person(8, "a/8", alias_of=7)
    desk.known.numbered = {(ORDER, "1001"): [50], (ORDER, "1002"): [51, 52], (TICKET, "1001"): [53]}
    attach(desk.known, desk.link)
    assert (desk.paper.refs, desk.touched()) == (after, before != after)


@pytest.mark.parametrize(("mail", "key"), [
    (" Ada@Example.org ", (EntityType.CUSTOMER, "email", MAIL)), ("", None), (None, None),
])  # fmt: skip
def test_a_guest_is_known_by_the_mail(mail: str | None, key: object) -> None:
    assert (email_key(Desk(email=mail).paper), email_key(Desk().paper)) == (key, None)


@pytest.mark.parametrize(("people", "found"), [
    ([{}], 7),
    ([{}, {"state": EntityState.ENDED}], 7),
    ([{"state": EntityState.ENDED}], None),
    ([{}, {}], None),
    ([{}, {"alias_of": 7, "state": EntityState.MERGED}], 7),
    ([{}, *[{"alias_of": 7}] * 2], 7),
    ([{}, *[{"alias_of": 7}] * 3], None),
    ([{}, *[{"alias_of": 7, "connection": "till"}] * 3], 7),
    ([], None),
])  # fmt: skip
def test_a_guests_order_hangs_on_the_one_person_who_has_its_mail(people: list[dict[str, object]], found: int | None) -> None:
    desk = Desk(email=MAIL, to={"customer": 66})
    for number, said in enumerate(people, start=7):
        desk.person(number, str(number), MAIL, **said)  # type: ignore[arg-type]
    attach(desk.known, desk.link)
    assert desk.paper.refs == ({} if found is None else {"customer": found})


def test_a_named_customer_counts_when_the_mail_is_somebody_elses() -> None:
    desk = Desk(email=MAIL, refs={"customer": "customers/7"})
    desk.person(7, "7")
    desk.person(8, "8", MAIL)
    attach(desk.known, desk.link)
    assert desk.paper.refs == {"customer": 7}
    refund = Desk(REFUND, email=MAIL)
    refund.person(8, "8", MAIL)
    attach(refund.known, refund.link)
    assert refund.paper.refs == {}


def test_line_of_tells_all_of_a_paper_when_it_hangs_on_everything() -> None:
    desk = Desk(
        refs={"customer": "customers/7", "order": "orders/9"},
        to={"customer": 8, "ticket": 8},
        number=1001,
        state="open",
        total=EUR,
        email=MAIL,
    )
    desk.person(7, "7")
    desk.person(8, "8", alias_of=7)
    line = line_of(desk.known, desk.paper, 5)
    assert line == Document(1, ORDER, "shop", "1001", "open", 5, 4990, "EUR", 7, None, 7, None, "shop/orders/9", None, None)


def test_line_of_tells_what_a_paper_waits_for_when_nothing_is_known() -> None:
    desk = Desk(TICKET, refs={"customer": "people/7", "order": "#1001", "ticket": "tickets/3"}, email=MAIL)
    line = line_of(desk.known, desk.paper, None)
    waits = ("shop/people/7", "#1001", "shop/tickets/3")
    assert line == Document(1, TICKET, "shop", None, None, 77, None, None, None, None, None, *waits, None)


@pytest.mark.parametrize(("kind", "to", "refs", "mail"), [
    (ORDER, {}, {}, MAIL), (TICKET, {}, {}, MAIL), (ORDER, {"customer": 7}, {}, None),
    (ORDER, {}, {"customer": "people/7"}, None), (REFUND, {}, {}, None),
])  # fmt: skip
def test_line_of_tells_the_mail_of_a_guest_alone(
    kind: EntityType, to: dict[str, int], refs: dict[str, str], mail: str | None
) -> None:
    desk = Desk(kind, to=to, refs=refs, email=f" {MAIL.title()} ")
    desk.person(7, "7")
    assert line_of(desk.known, desk.paper, 0).email == mail


def test_line_of_tells_what_is_known_when_a_paper_is_only_shown() -> None:
    desk = Desk(by_hub=True, refs={"customer": "people/7"}, number="1", total="much")
    line = line_of(desk.known, desk.paper, None)
    assert line == Document(1, ORDER, "", "1", None, 77, None, None, None, None, None)
