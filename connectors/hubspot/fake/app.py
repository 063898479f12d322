"""The app behind the simulated account: where it sends its webhooks, and what it subscribed to."""

from __future__ import annotations

from connectors.hubspot.fake.core import API, Core, Failure, invalid, iso, missing
from hub.model.values import Doc

APP_ID = "54321"
APP_TOKEN = "fake-app-token"  # noqa: S105 - the simulator's own


class App:
    """An account that was told where to send (`webhook_url`) does so; once the API subscribed, only that is sent."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.settings: Doc | None = None
        self.docs: dict[str, Doc] = {}

    def sends(self, event: Doc) -> bool:
        """Say whether somebody subscribed to an event."""
        rows = [one for one in self.docs.values() if one["active"] and one["eventType"] == event["subscriptionType"]]
        named = [one for one in rows if one.get("propertyName") in (None, event.get("propertyName"))]
        return not self.docs or any(one.get("objectTypeId") in (None, event.get("objectTypeId")) for one in named)

    def route(self, method: str, parts: list[str], body: Doc) -> tuple[int, Doc | None]:
        """Answer a request under /webhooks/v3."""
        match method, parts:
            case "GET", [str(app), "settings"] if app == APP_ID and self.settings:
                return 200, self.settings
            case "PUT", [str(app), "settings"] if app == APP_ID:
                return 200, self._set(body)
            case "GET", [str(app), "subscriptions"] if app == APP_ID:
                return 200, {"results": list(self.docs.values())}
            case "POST", [str(app), "subscriptions"] if app == APP_ID:
                return 201, self._create(body)
            case "DELETE", [str(app), "subscriptions", key] if app == APP_ID and key in self.docs:
                del self.docs[key]
                return 204, None
            case _:
                raise missing()

    def _set(self, body: Doc) -> Doc:
        if not str(body.get("targetUrl") or "").startswith("https://"):
            raise invalid("targetUrl must be an https address")
        at = iso(self.core.now())
        self.settings = {"createdAt": at, "updatedAt": at, **body}
        self.core.account.webhook_url = str(body["targetUrl"])
        self.core.account.note(API, "set", "app", APP_ID, url=body["targetUrl"])
        return self.settings

    def _create(self, body: Doc) -> Doc:
        if self.settings is None:
            raise invalid("The app has no target URL")
        same = ("eventType", "propertyName", "objectTypeId")
        if any([one.get(name) for name in same] == [body.get(name) for name in same] for one in self.docs.values()):
            raise Failure(409, "CONFLICT", "This subscription exists already")
        key, at = str(self.core.draw("subscription", 1)), iso(self.core.now())
        self.docs[key] = {"id": key, "active": False, "createdAt": at, "updatedAt": at, **body}
        return self.docs[key]
