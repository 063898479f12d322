"""Webhook subscriptions of the simulated shop, made over the API.

A shop that was told where to send its webhooks (`webhook_url`) sends all of them there, as after subscribing by hand. Once the
API subscribed to something, only that is sent.
"""

from __future__ import annotations

from typing import Any

from connectors.shopify.client import gid
from connectors.shopify.fake.relay import connection
from connectors.shopify.fake.shop import API, Shop, problem, refused
from hub.model.values import Doc


class Hooks(Shop):
    """The part of the shop that knows who listens."""

    def _query_hooks(self, _info: Any, **args: Any) -> Doc:
        rows = [([each["number"]], each) for each in self.subscribed.values()]
        return connection(rows, dict, first=args.get("first"), after=args.get("after"))

    def _hook_create(self, _info: Any, topic: str, webhookSubscription: Doc) -> Doc:  # noqa: N803 - the argument's name in the schema
        uri = webhookSubscription.get("uri") or ""
        if not uri.startswith("https://"):
            return refused(problem("Address is invalid", "webhookSubscription", "uri"), webhookSubscription=None)
        if any((each["topic"], each["uri"]) == (topic, uri) for each in self.subscribed.values()):
            taken = problem("Address for this topic has already been taken", "webhookSubscription", "uri")
            return refused(taken, webhookSubscription=None)
        number = self._id()
        made = {"format": "JSON", "includeFields": [], "filter": None, **webhookSubscription}
        made |= {"id": gid("WebhookSubscription", number), "number": number, "topic": topic}
        self.subscribed[made["id"]] = made
        self.webhook_url = uri
        self.note(API, "create", "subscription", made["id"], topic=topic, uri=uri)
        return {"webhookSubscription": made, "userErrors": []}

    def _hook_delete(self, _info: Any, id: str) -> Doc:  # noqa: A002 - the argument's name in the schema
        if id not in self.subscribed:
            return refused(problem("Webhook subscription does not exist", "id"), deletedWebhookSubscriptionId=None)
        del self.subscribed[id]
        self.webhook_url = next((each["uri"] for each in self.subscribed.values()), "")
        self.note(API, "delete", "subscription", id)
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}
