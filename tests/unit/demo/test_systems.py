"""`hub demo --systems`: what people type, and what comes of it in the simulated systems."""

from __future__ import annotations

import io
import socket

import httpx
import pytest

from demo.systems import HELP, TILL_TOKEN, Counter, serve
from hub.clock import SystemClock
from hub.errors import Unavailable, UsageError
from tests.e2e.process import free_port


@pytest.fixture
def counter() -> Counter:
    """Return both systems."""
    return Counter(SystemClock(), 8100)


def test_lists_who_is_there_when_asked(counter: Counter) -> None:
    assert counter.obey("shop list") == [
        "Ada Berg, ada@example.org",
        "Björn Müller, bjorn@example.org",
        "Camille Noël, camille@example.org",
    ]
    assert [line.partition(" ")[0] for line in counter.obey("till list")] == ["Ada", "Björn", "Daria"]


@pytest.mark.parametrize("side", ["shop", "till"])
def test_edit_shows_and_a_webhook_waits_when_somebody_sets_a_field(counter: Counter, side: str) -> None:
    assert counter.obey(f"{side} set ada@example.org note Rings  twice") == [f"{side}: Ada Berg has another note."]
    assert "note: Rings twice" in counter.obey(f"{side} show ada@example.org")
    assert len({"shop": counter.shop, "till": counter.till}[side].take_webhooks()) == 1


def test_somebody_without_an_address_is_there_when_taken_down(counter: Counter) -> None:
    assert counter.obey("till add Bea Berg +493010000001") == ["till: Bea Berg is new."]
    assert counter.obey("till list")[-1] == "Bea Berg, no e-mail"


def test_old_token_is_refused_when_it_expired(counter: Counter) -> None:
    request = httpx.Request("GET", "http://till/v2/merchants/me", headers={"authorization": f"Bearer {TILL_TOKEN}"})
    assert counter.till.respond(request).status_code == 200
    new = counter.obey("till expire")[0].rpartition(" ")[2]
    assert counter.till.respond(request).status_code == 401
    request.headers["authorization"] = f"Bearer {new}"
    assert counter.till.respond(request).status_code == 200


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dance", HELP.splitlines()[0]),
        ("till show nobody@example.org", "Say who: ada@example.org, bjorn@example.org, daria@example.org."),
        ("till set ada@example.org mood sunny", "Say which field (given_name, family_name, phone, note) and what it is to be."),
        ("till add Bea", "Say given name, family name and phone number."),
        ("till set ada@example.org phone 1", "till refuses that: Expected 9 to 16 digits."),
    ],
)
def test_says_what_to_type_when_it_cannot_be_done(counter: Counter, line: str, said: str) -> None:
    assert counter.obey(line)[0] == said


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the systems listen at free ports."""
    for name in ("HUB_PORT", "SHOP_PORT", "TILL_PORT"):
        monkeypatch.setenv(name, str(free_port()))


@pytest.mark.usefixtures("ports")
def test_says_where_the_systems_are_and_obeys_when_served() -> None:
    said: list[str] = []
    serve(io.StringIO("\ntill list\n"), said.append)
    assert "http://127.0.0.1:" in said[0]
    assert said[-1] == "Daria Ivanova, daria@example.org"


@pytest.mark.usefixtures("ports")
def test_says_which_port_is_taken_when_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        monkeypatch.setenv("TILL_PORT", str(door.getsockname()[1]))
        with pytest.raises(Unavailable, match="TILL_PORT"):
            serve([], lambda line: None)
    monkeypatch.setenv("TILL_PORT", "eight")
    with pytest.raises(UsageError, match="TILL_PORT"):
        serve([], lambda line: None)
