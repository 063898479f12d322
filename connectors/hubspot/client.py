"""One HubSpot account over HTTP: bearer token, rate limits by header, error bodies, property definitions.

Limits (developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines): so many requests per 10 s and app, told by
`X-HubSpot-RateLimit-Max`, `-Remaining` and `-Interval-Milliseconds`, and so many per day and account. A 429 names the policy:
a `DAILY` one ends at midnight of the account, any other with its interval; answers of a search carry none of these headers (both
from memory, unverified). Searches have a limit of their own, 5 per second and account
(developers.hubspot.com/docs/api-reference/search/guide).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.hubspot.kinds import MARKER, Kind
from hub.model.values import Doc
from hub.sdk import BadPayload, Http, PermissionMissing, Reply, TimedOut

DAILY_WAIT_S: Final = 900.0
"""How long a connection rests when the day's requests are used up, before it looks again."""
SEARCHES: Final = "searches"
"""The quota of searches, as the manifest declares it."""
BURST: Final = 0.1
STEADY: Final = 0.88
"""The shares of an interval's requests that may leave at once, and one after the other: together a little less than allowed."""


class HubSpotClient:
    """Sends requests of one account. `archived_pages`: how much of the list of deleted records a poll may look through."""

    def __init__(self, http: Http, token: str, archived_pages: int = 5, app: tuple[str, str] = ("", "")) -> None:
        self._http = http
        self._token = token
        self._app_id, self._app_token = app
        self._limit = (0.0, 0.0)
        self._lock = threading.Lock()
        self._properties: dict[str, tuple[str, ...]] = {}
        self._marked: set[str] = set()
        self.archived_pages = archived_pages

    def read(
        self,
        method: str,
        path: str,
        body: Doc | None = None,
        params: Mapping[str, str] | None = None,
        *,
        absent: Doc | None = None,
        quota: str = "",
    ) -> Doc:
        """Read; an answer that is not a success raises BadPayload. `absent`: what to return on 404 instead."""
        reply = self._send(method, path, body, params, safe=True, quota=quota)
        if reply.status == 404 and absent is not None:
            return absent
        if reply.status >= 400 or not isinstance(reply.body, dict):
            raise BadPayload(f"HubSpot answered a read with {reply.status} {category_of(reply.body)}.".replace(" .", "."))
        return reply.body

    def write(self, method: str, path: str, body: Doc | None = None) -> Reply:
        """Write; refusals come back as replies, see `connectors.hubspot.refusals`."""
        return self._send(method, path, body, None, safe=False)

    def read_app(self, path: str) -> Doc:
        """Read from the app's own webhook settings; what was never set up is empty."""
        reply = self._send("GET", self._app_path(path), None, None, safe=True, token=self._app_token)
        if reply.status == 404:
            return {}
        if reply.status >= 400 or not isinstance(reply.body, dict):
            raise BadPayload(f"HubSpot answered a read of the app with {reply.status}.")
        return reply.body

    def write_app(self, method: str, path: str, body: Doc | None = None) -> Reply:
        """Change the app's own webhook settings; refusals come back as replies."""
        return self._send(method, self._app_path(path), body, None, safe=False, token=self._app_token)

    def _app_path(self, path: str) -> str:
        return f"/webhooks/v3/{self._app_id}/{path}"

    def search(self, kind: Kind, filters: Sequence[Doc], sort: str, limit: int, properties: Sequence[str]) -> list[Doc]:
        """Return the first `limit` records that match all filters. A search shows a change some seconds late."""
        body: Doc = {"filterGroups": [{"filters": list(filters)}], "sorts": [sort], "limit": limit, "after": "0"}
        body["properties"] = list(properties)
        answer = self.read("POST", f"{kind.address}/search", body, quota=SEARCHES)
        return results(answer)

    def properties(self, kind: Kind, *, fresh: bool = False) -> tuple[str, ...]:
        """Return the names of the properties to read: those of the kind that this account has, and all its custom ones."""
        with self._lock:
            known = self._properties.get(kind.path)
        if known is not None and not fresh:
            return known
        defined = results(self.read("GET", f"/crm/v3/properties/{kind.path}"))
        names = {str(one["name"]) for one in defined}
        custom = sorted(str(one["name"]) for one in defined if _is_custom(one))
        found = (*(name for name in kind.properties if name in names), *(name for name in custom if name not in kind.properties))
        with self._lock:
            self._properties[kind.path] = found
        return found

    def has_marker(self, kind: Kind) -> bool:
        """Say whether the property that carries our id is there. Once seen it is not asked for again."""
        if kind.path not in self._marked and self.read("GET", f"/crm/v3/properties/{kind.path}/{MARKER}", absent={}):
            self._marked.add(kind.path)
        return kind.path in self._marked

    def ensure_marker(self, kind: Kind) -> None:
        """Make the unique property that carries our id where it is missing. Raises PermissionMissing where the token may not."""
        if not self.has_marker(kind):
            self._make_marker(kind)
            self._marked.add(kind.path)

    def _make_marker(self, kind: Kind) -> None:
        groups = results(self.read("GET", f"/crm/v3/properties/{kind.path}/groups"))
        body: Doc = {"name": MARKER, "label": "Syncline id", "type": "string", "fieldType": "text", "hasUniqueValue": True}
        body |= {"groupName": groups[0]["name"] if groups else f"{kind.event}information", "formField": False}
        reply = self.write("POST", f"/crm/v3/properties/{kind.path}", body)
        if reply.status >= 400 and reply.status != 409:
            raise PermissionMissing(
                f"HubSpot has no property `{MARKER}` for {kind.stream} and did not let it be made.",
                fix=f"Create it there: single-line text, name `{MARKER}`, unique values required.",
            )

    def _send(
        self,
        method: str,
        path: str,
        body: Doc | None,
        params: Mapping[str, str] | None,
        *,
        safe: bool,
        quota: str = "",
        token: str = "",
    ) -> Reply:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        reply = self._http.send(
            method, path, json=body, params=params, headers=headers, safe=safe, quota=quota, limit_wait=limit_wait
        )
        self._feed(reply.headers)
        return reply

    def _feed(self, headers: Mapping[str, str]) -> None:
        """Tell the token bucket what HubSpot says of its limit, so that no 10 s hold more than it allows."""
        highest, remaining, interval_ms = (_number(headers, name) for name in ("max", "remaining", "interval-milliseconds"))
        if highest <= 0 or interval_ms <= 0 or remaining < 0:
            return
        burst = max(1.0, highest * BURST)
        per_s = max(0.1, highest * STEADY * 1000 / interval_ms)
        told, self._limit = self._limit, (burst, per_s)
        if told != self._limit:
            self._http.limit(available=min(remaining, burst), capacity=burst, per_s=per_s)
        elif remaining < burst:  # only ever less than the bucket thinks: it paces our requests, this is for those of others
            self._http.limit(available=0.0, capacity=burst, per_s=per_s)


def limit_wait(reply: Reply) -> float | None:
    """Return how long a 429 asks to wait, in seconds: by the policy that its body names."""
    body = reply.body if isinstance(reply.body, dict) else {}
    policy = str(body.get("policyName") or "").upper()
    if policy == "DAILY":
        return DAILY_WAIT_S
    interval_ms = _number(reply.headers, "interval-milliseconds")
    return interval_ms / 1000 if interval_ms > 0 else 1.0 if policy else None


def results(answer: Any) -> list[Doc]:
    """Return the list in an answer. Raises BadPayload where there is none."""
    found = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadPayload("HubSpot answered in a shape it does not document.")
    return found


def made(reply: Reply) -> Doc:
    """Return the record in the answer of a write. Raises TimedOut where it is not there: what the write did is unknown then."""
    body = reply.body if isinstance(reply.body, dict) else {}
    found = body.get("results", [body])
    if not isinstance(found, list) or not found or not isinstance(found[0], dict) or not found[0].get("id"):
        raise TimedOut("HubSpot accepted a write but did not say what it made.")
    return found[0]


def category_of(body: Any) -> str:
    """Return the category of an error body; its message may quote values and is not repeated."""
    return str(body.get("category") or "") if isinstance(body, dict) else ""


def chunks(ids: Sequence[str], size: int) -> list[list[str]]:
    """Cut a list into pieces."""
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]


def _is_custom(definition: Doc) -> bool:
    return not definition.get("hubspotDefined") and not definition.get("archived")


def _number(headers: Mapping[str, str], name: str) -> float:
    try:
        found = float(headers.get(f"x-hubspot-ratelimit-{name}", ""))
    except ValueError:
        return -1.0
    return found if math.isfinite(found) else -1.0
