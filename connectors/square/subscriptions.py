"""Webhook subscriptions of the application that the access token belongs to. One carries all topics, and has a key of its own.

Source: the vendor's contract, WebhookSubscriptions. Square asks for the application's own access token there; one that a seller
granted to an application by OAuth is refused (developer.squareup.com/docs/webhooks/webhook-subscriptions-api).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from connectors.square.client import VERSION, SquareClient, refusal
from hub.model.values import Doc
from hub.sdk import AnswerKind, BadPayload, Subscriber, Subscription

PATH: Final = "/v2/webhooks/subscriptions"


class Subscriptions(Subscriber[SquareClient]):
    """The subscriptions of one application."""

    announces = frozenset({"customers", "products", "inventory", "locations", "orders", "returns", "payments", "refunds"})
    whole = True
    draws_key = True

    def find(self, client: SquareClient) -> Sequence[Subscription]:
        """Return all of them, disabled ones too."""
        found: list[Doc] = []
        params = {"include_disabled": "true", "limit": "100"}
        while True:
            answer = client.read("GET", PATH, params=params)
            found += answer.get("subscriptions") or []
            if not answer.get("cursor"):
                return [_read(one) for one in found]
            params["cursor"] = answer["cursor"]

    def subscribe(self, client: SquareClient, url: str, topics: Sequence[str]) -> Sequence[str]:
        """Make one for all topics. Without an idempotency key: it would bring back the answer about one deleted since.

        Where an answer is lost, the next check finds what was made, and takes away what is there twice.
        """
        wanted: Doc = {"name": "Syncline", "event_types": list(topics), "notification_url": url, "api_version": VERSION}
        reply = client.write("POST", PATH, {"subscription": wanted})
        return list(topics) if refusal(reply) is not None else []

    def unsubscribe(self, client: SquareClient, subscription: Subscription) -> None:
        """Delete it."""
        refused = refusal(client.write("DELETE", f"{PATH}/{subscription.id}"))
        if refused is not None and refused.kind is not AnswerKind.GONE:
            raise BadPayload("Square did not delete a webhook subscription.")

    def learn(self, client: SquareClient, subscription: Subscription) -> Mapping[str, str]:
        """Return the key that signs its events; the list does not tell it."""
        key = client.read("GET", f"{PATH}/{subscription.id}")["subscription"].get("signature_key")
        return {"webhook_signature_key": key} if key else {}


def _read(doc: Doc) -> Subscription:
    sound = bool(doc.get("enabled")) and doc.get("api_version") == VERSION
    return Subscription(doc["id"], doc.get("notification_url") or "", frozenset(doc.get("event_types") or ()), sound)
