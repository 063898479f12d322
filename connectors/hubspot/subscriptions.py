"""Webhook subscriptions of the app, over the vendor's webhooks contract (v3). They belong to the app, not to the account.

So they need what an account's token has not: the app's id and a token with `developers-read` and `developers-write` (the contract
also names `private-apps-read` and `private-apps-write`). Without the settings `app_id` and `app_token` they are made by hand.
An app sends everything to one address. Where that is another one and something is subscribed to, it is left alone.
`propertyChange` is subscribed to property by property, the `object` topics for notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.kinds import CONTACTS, DEALS, NOTES, TICKETS
from hub.model.values import Doc
from hub.sdk import BadPayload, PermissionMissing, Subscriber, Subscription

AT_ONCE: Final = 10
"""Requests that HubSpot may have open at our door; the contract asks for a number."""
_KINDS: Final = {kind.event: kind for kind in (CONTACTS, DEALS, TICKETS)} | {"object": NOTES}
_Key = tuple[str, str, str]


class Subscriptions(Subscriber[HubSpotClient]):
    """The subscriptions of one app; those of one topic count as one."""

    announces = frozenset({"contacts", "deals", "tickets", "notes"})
    needs = frozenset({"app_id", "app_token"})

    def find(self, client: HubSpotClient) -> Sequence[Subscription]:
        """Return one per topic. It is sound where every property of it is subscribed to and switched on."""
        url, listed = _target(client), _listed(client)
        active = {_key(one) for one in listed if one["active"]}
        topics = sorted({str(one["eventType"]) for one in listed})
        return [Subscription(topic, url, frozenset({topic}), _wanted(topic) <= active) for topic in topics]

    def subscribe(self, client: HubSpotClient, url: str, topics: Sequence[str]) -> Sequence[str]:
        """Send to `url`, then make what is missing. Raises PermissionMissing where the app sends elsewhere already."""
        listed = _listed(client)
        target = _target(client)
        if target != url:
            if target and listed:
                raise PermissionMissing(
                    "The app sends its webhooks to another address, and has only one.",
                    fix="Set its target URL to that of this hub, or give the hub an app of its own.",
                )
            settings: Doc = {"targetUrl": url, "throttling": {"maxConcurrentRequests": AT_ONCE}}
            if client.write_app("PUT", "settings", settings).status >= 400:
                return list(topics)
        there = {_key(one) for one in listed}
        return [topic for topic in topics if not _make(client, sorted(_wanted(topic) - there))]

    def unsubscribe(self, client: HubSpotClient, subscription: Subscription) -> None:
        """Delete those of its topic."""
        for one in _listed(client):
            if {one["eventType"]} == subscription.topics:
                status = client.write_app("DELETE", f"subscriptions/{one['id']}").status
                if status >= 400 and status != 404:
                    raise BadPayload("HubSpot did not delete a webhook subscription.")


def _wanted(topic: str) -> set[_Key]:
    """Return what a topic is made of: event, property, type of object."""
    subject, _, action = topic.partition(".")
    kind = _KINDS.get(subject)
    type_id = NOTES.type_id if subject == "object" else ""
    return {(topic, name, type_id) for name in (kind.properties if kind and action == "propertyChange" else ("",))}


def _key(one: Doc) -> _Key:
    type_id = str(one.get("objectTypeId") or "") if str(one["eventType"]).startswith("object.") else ""
    return str(one["eventType"]), str(one.get("propertyName") or ""), type_id


def _make(client: HubSpotClient, missing: Sequence[_Key]) -> bool:
    for topic, name, type_id in missing:
        body: Doc = {"eventType": topic, "active": True}
        body |= ({"propertyName": name} if name else {}) | ({"objectTypeId": type_id} if type_id else {})
        if client.write_app("POST", "subscriptions", body).status >= 400:
            return False
    return True


def _listed(client: HubSpotClient) -> list[Doc]:
    return list(client.read_app("subscriptions").get("results") or [])


def _target(client: HubSpotClient) -> str:
    return str(client.read_app("settings").get("targetUrl") or "")
