"""What all parts of the simulated shop share: time, ids, touching a record, webhooks, the two shapes of refusal."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from connectors.shopify.client import gid, number
from connectors.shopify.fake.state import Row, State
from connectors.shopify.queries import API_VERSION
from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Entry, Fake, Webhook

API: Final = "api"
TOKEN: Final = "shpat_fake"  # noqa: S105 - the credential of a simulator
SECRET: Final = "shopify-secret"  # noqa: S105 - the credential of a simulator


@lru_cache(maxsize=8192)
def text(at: Micros) -> str:
    """Write a time as the API does: whole seconds, UTC."""
    return instant(at // SECOND * SECOND)


def problem(message: str, *field: str, code: str | None = None) -> Doc:
    """Return one user error."""
    return {"field": list(field) or None, "message": message, "code": code}


def refused(*problems: Doc, **nothing: None) -> Doc:
    """Return the payload of a mutation that did nothing."""
    return {**nothing, "userErrors": list(problems)}


def known(kind: str, external_id: str, rows: dict[int, Any]) -> Any:
    """Return the row that a global id of this kind names, None if there is none."""
    digits = number(external_id)
    return rows.get(int(digits)) if digits.isdigit() and f"/{kind}/" in external_id else None


class Shop(Fake):
    """State, clock and journal of one shop.

    `search_lag_s`: how long `customers(query:)` and `products(query:)` do not know of a change. `address_moves_updated_at`:
    whether an edit of an address moves its customer's `updatedAt`; Shopify's documents do not say.
    """

    def __init__(
        self,
        now: Callable[[], Micros],
        *,
        webhook_url: str = "",
        token: str = TOKEN,
        secret: str = SECRET,
        shop: str = "demo-shop",
        currency: str = "EUR",
        scopes: frozenset[str] | None = None,
        search_lag_s: float = 0.0,
        address_moves_updated_at: bool = True,
    ) -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.token = token
        self.secret = secret
        self.shop = shop
        self.currency = currency
        self.scopes = scopes
        self.search_lag_s = search_lag_s
        self.address_moves_updated_at = address_moves_updated_at
        self.state = State()
        self.subscribed: dict[str, Doc] = {}
        self._sent = 0

    def snapshot(self) -> tuple[State, list[Entry]]:
        """Return a copy of everything the shop holds, and its journal."""
        return copy.deepcopy(self.state), list(self.journal)

    def restore(self, snapshot: tuple[State, list[Entry]]) -> None:
        """Put the shop back, as a vendor does after a disaster: ids and times are those of then. Waiting webhooks are lost."""
        state, journal = snapshot
        self.state, self.journal, self.webhooks = copy.deepcopy(state), list(journal), []

    def _id(self) -> int:
        self.state.next_id += 1
        return self.state.next_id - 1

    def _born(self) -> tuple[int, Micros]:
        """Return number and time of a new record."""
        return self._id(), self._second()

    def _second(self) -> Micros:
        return self.now() // SECOND * SECOND

    def _touch(self, row: Row) -> None:
        now = self.now()
        if row.updated and self._indexed(row, now):
            row.listed = row.updated
        row.updated, row.touched = self._second(), now

    def _indexed(self, row: Row, now: Micros) -> bool:
        return now - row.touched >= self.search_lag_s * SECOND

    def _listed(self, row: Row) -> Micros | None:
        """Return the time of change by which a search finds the record; None: it does not find it yet."""
        return row.updated if self._indexed(row, self.now()) else row.listed

    def _send(self, topic: str, body: Doc) -> None:
        """Leave a signed webhook for whoever carries it."""
        wanted = topic.replace("/", "_").upper()
        if not self.webhook_url or (self.subscribed and not any(each["topic"] == wanted for each in self.subscribed.values())):
            return
        self._sent += 1
        raw = json.dumps(body, separators=(",", ":")).encode()
        mac = hmac.new(self.secret.encode(), raw, hashlib.sha256).digest()
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": base64.b64encode(mac).decode(),
            "x-shopify-shop-domain": f"{self.shop}.myshopify.com",
            "x-shopify-api-version": API_VERSION,
            "x-shopify-webhook-id": f"00000000-0000-4000-8000-{self._sent:012d}",
            "x-shopify-event-id": f"00000000-0000-4000-9000-{len(self.journal):012d}",  # one per thing that happened
            "x-shopify-triggered-at": instant(self.now()),
        }
        self.webhooks.append(Webhook(self.now(), headers, raw))

    @staticmethod
    def _gid(kind: str, number: int) -> str:
        return gid(kind, number)
