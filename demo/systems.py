"""Two small simulated systems alone, for somebody who sets up a hub of their own: a shop and a till to connect, edit and break.

In: ports, and what people type (`till set ada@example.org note Rings twice`). Out: servers on loopback until the end; a line for
everything that happened. Nothing of the hub runs here. docs/tutorial.md leads through it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from typing import Final

from connectors.shopify.fake import ShopifyFake
from connectors.square import SquareFake
from connectors.square.fake.core import Failure
from hub.clock import Clock, SystemClock
from hub.errors import Unavailable, UsageError
from hub.events import configure_logging
from hub.model.values import Doc
from hub.sdk.serve import ServedFake

HOST: Final = "127.0.0.1"
PORTS: Final = {"HUB_PORT": 8100, "SHOP_PORT": 8101, "TILL_PORT": 8102}
SHOP_TOKEN: Final = "demo-shopify-token"  # noqa: S105 - of a simulator
SHOP_SECRET: Final = "demo-shopify-secret"  # noqa: S105 - same
TILL_TOKEN: Final = "demo-square-token"  # noqa: S105 - same
TILL_KEY: Final = "demo-square-key"
PEOPLE: Final = (
    ("Ada", "Berg", "ada@example.org", "+493010000001"),
    ("Björn", "Müller", "bjorn@example.org", "+493010000002"),
    ("Camille", "Noël", "camille@example.org", "+493010000003"),
    ("Daria", "Ivanova", "daria@example.org", "+493010000004"),
)
IN_SHOP: Final[Mapping[str, Doc]] = {"Ada": {"note": "Likes mail"}, "Björn": {}, "Camille": {}}
AT_TILL: Final[Mapping[str, Doc]] = {"Ada": {}, "Björn": {"phone_number": None}, "Daria": {"note": "Rings twice"}}
"""Who is where, and what differs there."""
FIELDS: Final = {
    "given_name": ("firstName", "given_name"),
    "family_name": ("lastName", "family_name"),
    "phone": ("phone", "phone_number"),
    "note": ("note", "note"),
}
"""Our word -> the shop's, the till's."""
HELP: Final = """\
  shop list                                            who is there
  till show ada@example.org                            what it holds of somebody
  till set ada@example.org note Rings twice            somebody edits a customer (given_name, family_name, phone, note)
  till add Ada Berg +493010000001                      somebody takes down a customer without an e-mail address
  till expire                                          its access token ends; a new one is told
"""


class Counter:
    """Both systems, and what people do at them. Every verb returns what happened, as lines."""

    def __init__(self, clock: Clock, hub_port: int) -> None:
        hook = f"http://{HOST}:{hub_port}/webhooks"
        self.shop = ShopifyFake(clock.now, webhook_url=f"{hook}/shop", token=SHOP_TOKEN, secret=SHOP_SECRET, currency="EUR")
        self.till = SquareFake(
            clock.now, webhook_url=f"{hook}/till", token=TILL_TOKEN, signature_key=TILL_KEY, country="DE", currency="EUR"
        )
        self._tokens = 1
        for given, family, email, phone in PEOPLE:
            if given in IN_SHOP:
                words: Doc = {"firstName": given, "lastName": family, "email": email, "phone": phone}
                self.shop.add_customer(**words | IN_SHOP[given])
            if given in AT_TILL:
                named: Doc = {"given_name": given, "family_name": family, "email_address": email, "phone_number": phone}
                found = named | AT_TILL[given]
                self.till.add_customer(**{name: value for name, value in found.items() if value is not None})
        self.shop.take_webhooks()  # all of it happened before anybody listened
        self.till.take_webhooks()

    def obey(self, line: str) -> list[str]:
        """Do what somebody typed."""
        words = line.split()
        verbs: Mapping[str, Callable[[str, list[str]], list[str]]] = {
            "list": self._list,
            "show": self._show,
            "set": self._set,
            "add": self._add,
            "expire": self._expire,
        }
        if len(words) < 2 or words[0] not in ("shop", "till") or words[1] not in verbs:
            return HELP.splitlines()
        try:
            return verbs[words[1]](words[0], words[2:])
        except Failure as refused:
            return [f"{words[0]} refuses that: {refused.detail}"]
        except (LookupError, ValueError) as wrong:
            return [str(wrong.args[0] if wrong.args else wrong), *HELP.splitlines()]

    def _people(self, side: str) -> dict[str, Doc]:
        """Return who is there by e-mail, else by name, in our words; with the id there."""
        if side == "shop":
            rows = [(doc, doc["email"]) for doc in self.shop.customers()]
        else:
            docs = [self.till.customer(each) or {} for each in self.till.customer_ids()]
            rows = [(doc, doc.get("email_address")) for doc in docs]
        column = 0 if side == "shop" else 1
        found = {}
        for doc, email in rows:
            person = {"id": doc["id"], "email": email, **{ours: doc.get(theirs[column]) for ours, theirs in FIELDS.items()}}
            found[email or f"{person['given_name']} {person['family_name']}"] = person
        return found

    def _list(self, side: str, _: list[str]) -> list[str]:
        people = self._people(side).values()
        return [f"{one['given_name']} {one['family_name']}, {one['email'] or 'no e-mail'}" for one in people]

    def _show(self, side: str, words: list[str]) -> list[str]:
        person = self._one(side, words)
        return [f"{name}: {value}" for name, value in person.items() if name != "id" and value]

    def _set(self, side: str, words: list[str]) -> list[str]:
        person = self._one(side, words)
        if len(words) < 3 or words[1] not in FIELDS:
            raise ValueError(f"Say which field ({', '.join(FIELDS)}) and what it is to be.")
        value = " ".join(words[2:])
        shops, tills = FIELDS[words[1]]
        if side == "shop":
            self.shop.edit_customer(person["id"], **{shops: value})
        else:
            self.till.edit_customer(person["id"], **{tills: value})
        return [f"{side}: {person['given_name']} {person['family_name']} has another {words[1]}."]

    def _add(self, side: str, words: list[str]) -> list[str]:
        if len(words) != 3:
            raise ValueError("Say given name, family name and phone number.")
        given, family, phone = words
        if side == "shop":
            self.shop.add_customer(firstName=given, lastName=family, phone=phone)
        else:
            self.till.add_customer(given_name=given, family_name=family, phone_number=phone)
        return [f"{side}: {given} {family} is new."]

    def _expire(self, side: str, _: list[str]) -> list[str]:
        self._tokens += 1
        fake = self.shop if side == "shop" else self.till
        fake.token = f"{SHOP_TOKEN if side == 'shop' else TILL_TOKEN}-{self._tokens}"
        return [f"{side}: its access token has expired. The new one is {fake.token}"]

    def _one(self, side: str, words: list[str]) -> Doc:
        people = self._people(side)
        if not words or words[0] not in people:
            raise LookupError(f"Say who: {', '.join(people)}.")
        return people[words[0]]


def serve(lines: Iterable[str], say: Callable[[str], None]) -> None:
    """Serve until the lines end. Raises Unavailable where a port is taken."""
    clock = SystemClock()
    ports = {name: _port(name, default) for name, default in PORTS.items()}
    counter = Counter(clock, ports["HUB_PORT"])
    with ExitStack() as served:
        shop = served.enter_context(_open(ServedFake, counter.shop, clock, "shop", ports["SHOP_PORT"]))
        till = served.enter_context(_open(ServedFake, counter.till, clock, "till", ports["TILL_PORT"]))
        say(f"shop  a Shopify shop   {shop.url}  access token {SHOP_TOKEN}, client secret {SHOP_SECRET}")
        say(f"till  a Square account {till.url}  access token {TILL_TOKEN}, webhook signature key {TILL_KEY}")
        say(f"Webhooks go to http://{HOST}:{ports['HUB_PORT']}/webhooks/shop and .../till. Ctrl-C ends it. Type what people do:")
        for line in HELP.splitlines():
            say(line)
        for line in lines:
            with shop.lock, till.lock:
                answers = counter.obey(line) if line.strip() else []
            for answer in answers:
                say(answer)


def _open(make: type[ServedFake], fake: ShopifyFake | SquareFake, clock: Clock, name: str, port: int) -> ServedFake:
    try:
        return make(fake, clock, name=name, host=HOST, port=port)
    except OSError:
        variable = f"{name.upper()}_PORT"
        fix = f"End what listens there, or choose another: {variable}={port + 1000} hub demo --systems"
        raise Unavailable(f"Port {port} is taken, and the demo needs it ({variable}).", fix=fix) from None


def _port(name: str, default: int) -> int:
    said = os.environ.get(name) or str(default)
    if not (said.isascii() and said.isdigit() and 0 < int(said) < 65536):
        raise UsageError(f"{name} is no port.", fix="Write a number from 1 to 65535.")
    return int(said)


def typed() -> Iterable[str]:
    """Return what people type, until Ctrl-C or SIGTERM; where nobody can type, it only waits for one of them."""
    try:
        yield from sys.stdin
        if not sys.stdin.isatty():
            SystemClock().signal().wait(None)
    except KeyboardInterrupt:
        return


def play() -> None:
    """Run until told to stop."""
    configure_logging(json=False, level=50)

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    serve(typed(), lambda line: print(line, flush=True))  # noqa: T201 - a conversation at a terminal
