"""Webhook subscriptions of the simulated application. Events go to the address of the newest, signed with its key."""

from __future__ import annotations

import copy
from typing import Final

from connectors.square.fake.core import API, Core, Failure, bad, iso, missing, page
from hub.model.values import Doc

LONGEST_KEY: Final = 45
HIDDEN: Final = "signature_key"


class Subscriptions:
    """An account that was told where to send its events (`webhook_url`) has a subscription made by hand, which is not listed."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.docs: dict[str, Doc] = {}

    def route(self, method: str, parts: list[str], body: Doc, params: Doc) -> Doc:
        """Answer a request under /v2/webhooks/subscriptions."""
        match method, parts:
            case "GET", ["subscriptions"]:
                return self._list(params)
            case "POST", ["subscriptions"]:
                return self.core.once("subscriptions", body, lambda: self._create(body), longest=LONGEST_KEY)
            case "GET", ["subscriptions", key]:
                return {"subscription": copy.deepcopy(self._expect(key))}
            case "DELETE", ["subscriptions", key]:
                return self._delete(key)
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _list(self, params: Doc) -> Doc:
        every = params.get("include_disabled") == "true"
        rows = [(key, doc) for key, doc in sorted(self.docs.items()) if every or doc["enabled"]]
        shown, cursor = page(rows, params, min(int(params.get("limit") or 100), 100), query_of="subscriptions")
        listed = [{name: value for name, value in doc.items() if name != HIDDEN} for doc in shown]
        return ({"subscriptions": listed} if listed else {}) | ({"cursor": cursor} if cursor else {})

    def _create(self, body: Doc) -> Doc:
        asked = body.get("subscription") or {}
        url = asked.get("notification_url") or ""
        if not url.startswith("https://"):
            raise bad("INVALID_VALUE", "The notification URL must use HTTPS.", "subscription.notification_url")
        if not asked.get("event_types"):
            raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "subscription.event_types")
        at = iso(self.core.now())
        doc: Doc = {
            "id": f"wbhk_{self.core.new_id('subscription', 32).lower()}",
            "enabled": True,
            "created_at": at,
            "updated_at": at,
        }
        doc |= asked | {HIDDEN: self.core.new_id("signature key", 22)}
        self.docs[doc["id"]] = doc
        self.core.account.note(API, "created", "subscription", doc["id"], **{k: v for k, v in doc.items() if k != HIDDEN})
        self.core.account.webhook_url, self.core.signature_key = url, doc[HIDDEN]
        return {"subscription": copy.deepcopy(doc)}

    def _delete(self, key: str) -> Doc:
        url = self._expect(key)["notification_url"]
        del self.docs[key]
        self.core.account.note(API, "deleted", "subscription", key)
        if url == self.core.account.webhook_url:
            self.core.account.webhook_url = ""
        return {}

    def _expect(self, key: str) -> Doc:
        if key not in self.docs:
            raise missing("Subscription", key)
        return self.docs[key]
