"""A hub whose store is lost waits for it, answers "come again" meanwhile, and knows when waiting does not help."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from hub.clock import SystemClock
from hub.errors import ConfigError, HubError, StoreBusy, StoreLost, Unavailable
from hub.runtime.doors import Address, HttpDoor
from hub.runtime.vigil import AGAIN, BUSY_S, LOST, Vigil
from hub.sdk.webhooks import Receipt
from hub.web.receiver import receiver_app
from tests.unit.clocks import StillClock

CLOCK = SystemClock()
GONE = StoreLost("The disk of the store is full.")
AT_ONCE = (0.0,)


def store_that(*fails: HubError) -> Callable[[], object]:
    """Return how to try a store that fails so, one try after the other, and then is well."""
    left = list(fails)

    def attempt() -> None:
        while left:
            raise left.pop(0)

    return attempt


def test_vigil_begins_anew_when_the_store_is_back() -> None:
    vigil = Vigil(store_that(GONE, Unavailable("No server."), StoreBusy("Our old session.")), list, CLOCK, AT_ONCE)
    assert vigil.keep(GONE) is True
    assert vigil.tries == 4


def test_vigil_gives_up_when_another_hub_keeps_the_store() -> None:
    clock = StillClock()

    def busy() -> None:
        clock.sleep(BUSY_S)
        raise StoreBusy("Somebody else's.")

    with pytest.raises(StoreBusy):
        Vigil(busy, list, clock, AT_ONCE).keep(GONE)


def test_door_says_come_again_when_the_store_is_lost() -> None:
    seen: list[tuple[int, int]] = []
    app = receiver_app(lambda *_: Receipt.BUSY, public_url="http://hub.test", elapsed=CLOCK.elapsed, ready=lambda: LOST)
    door = HttpDoor(app, Address("127.0.0.1", 0), CLOCK)

    def knock() -> None:
        url = f"http://127.0.0.1:{door.port}"
        with httpx.Client(trust_env=False, timeout=10) as client:
            seen.append((client.post(f"{url}/webhooks/shop", content=b"{}").status_code, client.get(f"{url}/readyz").status_code))

    assert Vigil(knock, lambda: [door], CLOCK, AT_ONCE).keep(GONE) is True
    assert seen == [(503, 503)]


def test_vigil_waits_for_a_lost_store_alone_when_the_hub_never_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AGAIN, raising=False)
    fresh = Vigil(store_that(), list, CLOCK)
    monkeypatch.setenv(AGAIN, "2")
    again = Vigil(store_that(), list, CLOCK)
    errors = (GONE, Unavailable("No server."), ConfigError("No such store."))
    assert [fresh.is_for(error) for error in errors] == [True, False, False]
    assert [again.is_for(error) for error in errors] == [True, True, False]
