"""Records that rest on nothing are written at the same time where a system takes that; all else goes one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from hub.errors import AuthFailed
from tests.retailer import Break, Retailer, Wire, meanwhile


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Two people at the till whom the shop does not know yet."""
    made = Retailer(tmp_path)
    made.poll()  # the first reads are done
    come(made, "Ada", "Bea")
    yield made
    made.close()


def come(shops: Retailer, *names: str) -> None:
    """Let people come to the till, and the hub see them there."""
    for name in names:
        shops.till.add_customer(given_name=name, email_address=f"{name.lower()}@example.org")
    shops.clock.sleep(61)
    shops.hub.lanes["till"].pull_due()


def widen(shops: Retailer, width: int) -> None:
    """Let the shop take so many writes at the same time."""
    dispatch = shops.hub.lanes["shop"]._dispatch
    dispatch.wiring = replace(dispatch.wiring, writes_at_once=width)


def under_way(shops: Retailer, seen: list[int], met: Barrier | None = None, connection: str = "shop") -> Break:
    """Note at a write how many are under way; with `met` only once as many have come there."""

    def look() -> None:
        if met is not None:
            met.wait(10)
        seen.append(shops.hub.writer.submit(lambda unit: len(unit.open_attempts(connection))).result())
        if met is not None:
            met.wait(10)

    return meanwhile(look)


def test_two_people_are_written_at_the_same_time_when_the_system_takes_that(shops: Retailer) -> None:
    seen, met = list[int](), Barrier(2)
    shops.wires["shop"].breaks = [under_way(shops, seen, met)] * 2
    widen(shops, 4)
    shops.hub.lanes["shop"].push_round()
    assert (seen, sorted(shops.at_shop())) == ([2, 2], ["ada@example.org", "bea@example.org"])


def test_people_are_written_one_after_the_other_when_the_configuration_says_so(shops: Retailer) -> None:
    seen: list[int] = []
    shops.wires["shop"].breaks = [under_way(shops, seen)] * 2
    shops.hub.lanes["shop"].push_round()
    assert (seen, len(shops.at_shop())) == ([1, 1], 2)


def test_nothing_more_is_begun_when_one_write_finds_that_the_credentials_ended(shops: Retailer) -> None:
    met = Barrier(2)

    def refuse(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
        met.wait(10)
        return httpx.Response(401, json={})

    come(shops, "Cleo")
    shops.wires["shop"].breaks = [refuse] * 3
    widen(shops, 2)
    with pytest.raises(AuthFailed):
        shops.hub.lanes["shop"].push_round()
    left = shops.hub.writer.submit(lambda unit: (len(unit.open_attempts()), len(unit.open_deliveries()))).result()
    assert (len(shops.wires["shop"].breaks), left) == (1, (0, 3))


def test_products_are_written_one_after_the_other_when_their_system_takes_one_at_a_time(shops: Retailer) -> None:
    made = [shops.shop.add_product(name, [{"sku": name, "price": "9.00"}])[0] for name in ("Mug", "Cup")]
    shops.poll()
    for product in made:
        shops.shop.edit_product(product, title="Anew")
    shops.clock.sleep(61)
    shops.hub.lanes["shop"].pull_due()
    seen: list[int] = []
    shops.wires["till"].breaks = [under_way(shops, seen, connection="till")] * 2
    dispatch = shops.hub.lanes["till"]._dispatch
    dispatch.wiring = replace(dispatch.wiring, writes_at_once=4)
    shops.hub.lanes["till"].push_round()
    assert seen == [1, 1]
