"""Webhook subscriptions of one app in one shop: one per topic. They are signed with the app's client secret, as ever.

An access token sees the subscriptions of its own app only, and none that stand in an app's configuration file
(shopify.dev/docs/apps/build/webhooks/subscribe). A topic whose scope the token lacks is refused by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.shopify.client import ShopifyClient
from connectors.shopify.webhooks import TOPICS
from hub.errors import BadPayload
from hub.model.values import Doc
from hub.sdk.base import Subscriber, Subscription

LIST: Final = """
query Subscriptions($first: Int!, $after: String) {
  webhookSubscriptions(first: $first, after: $after) {
    nodes { id topic uri format filter includeFields } pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE: Final = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
    webhookSubscription { id } userErrors { field message }
  }
}
"""
DELETE: Final = """
mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}
"""
PAGE: Final = 100


def enum_of(topic: str) -> str:
    """Return a topic as GraphQL writes it: `customers/create` is CUSTOMERS_CREATE."""
    return topic.replace("/", "_").upper()


_TOPIC_OF: Final = {enum_of(topic): topic for topic in TOPICS}


class Subscriptions(Subscriber[ShopifyClient]):
    """The subscriptions of one app."""

    announces = frozenset({"customers", "products", "inventory", "orders", "returns"})

    def find(self, client: ShopifyClient) -> Sequence[Subscription]:
        """Return those of the app."""
        found: list[Doc] = []
        after = None
        while True:
            answer = client.read(LIST, first=PAGE, after=after)["webhookSubscriptions"]
            found += answer["nodes"]
            if not answer["pageInfo"]["hasNextPage"]:
                return [_read(node) for node in found]
            after = answer["pageInfo"]["endCursor"]

    def subscribe(self, client: ShopifyClient, url: str, topics: Sequence[str]) -> Sequence[str]:
        """Make one per topic."""
        return [topic for topic in topics if not self._make(client, url, topic)]

    @staticmethod
    def _make(client: ShopifyClient, url: str, topic: str) -> bool:
        made = client.write(CREATE, topic=enum_of(topic), webhookSubscription={"uri": url, "format": "JSON"})
        return made.get("webhookSubscription") is not None

    def unsubscribe(self, client: ShopifyClient, subscription: Subscription) -> None:
        """Delete it."""
        errors = client.write(DELETE, id=subscription.id).get("userErrors") or []
        if errors and not any("does not exist" in str(error.get("message")) for error in errors):
            raise BadPayload("Shopify did not delete a webhook subscription.")


def _read(node: Doc) -> Subscription:
    sound = node["format"] == "JSON" and not node["filter"] and not node["includeFields"]
    return Subscription(node["id"], node["uri"], frozenset({_TOPIC_OF.get(node["topic"]) or str(node["topic"])}), sound)
