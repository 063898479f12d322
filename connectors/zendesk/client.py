"""One Zendesk account over HTTP: credentials, the two kinds of limits, error bodies.

Facts beyond the vendor's contract:

* API tokens stop working on 2027-04-30 and none can be made since 2026-10-27; integrations use OAuth client credentials
  (developer.zendesk.com, "Migrating from API tokens to OAuth access tokens"), tokens are given at `/oauth/tokens` ("OAuth Tokens
  for Grant Types").
* Every answer carries `x-rate-limit`, `x-rate-limit-remaining` and `ratelimit-reset` (s) of the account's minute. The exports
  have a limit of their own, told in `zendesk-ratelimit-incremental-exports-cursor: total=10; remaining=9; resets=2` (vendor's
  pages on usage limits and incremental exports).
* Errors come as `{error: "Code", description, details: {field: [{error, description}]}}`, as `{error: {title, message}}` and as
  `{errors: [{code, title, detail}]}`. A description may quote a value, so none is repeated.
* 409 `UpdateConflict` answers a `safe_update` that came too late; any other 409 is a passing conflict inside ("try again").
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hub.errors import ApiRetired, ConfigError
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, BadPayload, Http, Reply, TimedOut, Unavailable
from hub.sdk.oauth import ClientCredentials

EXPORTS: Final = "exports"
"""The quota of the incremental exports, as the manifest declares it."""
TOKENS: Final = "/oauth/tokens"
MINUTE_S: Final = 60.0
QUOTA: Final = re.compile(r"total=(\d+);\s*remaining=(\d+);\s*resets=(\d+)")
TOO_RECENT: Final = ("StartTimeTooRecent", "Too recent start_time")
DUPLICATE: Final = "DuplicateValue"

Authorize = Callable[[Callable[[str], Reply]], Reply]
"""Calls with the value of the `Authorization` header."""


class ZendeskClient:
    """Sends requests of one account. Raises the errors of `Http`."""

    def __init__(self, http: Http, settings: Mapping[str, str]) -> None:
        self._http = http
        self._authorize = _authorize(http, settings)

    def read(self, path: str, params: Mapping[str, str] | None = None, *, absent: Doc | None = None) -> Doc:
        """Read one page or record. `absent`: what to return on 404 instead of raising BadPayload."""
        reply = self._send("GET", path, params=params, safe=True)
        self._feed(reply)
        if reply.status == 404 and absent is not None and code_of(reply) != "InvalidEndpoint":
            return absent
        return _body(reply, path)

    def export(self, path: str, params: Mapping[str, str]) -> Doc | None:
        """Read one page of an incremental export, within its own limit. None: the start time is less than a minute ago."""
        reply = self._send("GET", path, params=params, safe=True, quota=EXPORTS)
        for name, value in reply.headers.items():
            said = QUOTA.search(value) if name.lower().startswith("zendesk-ratelimit-incremental-exports") else None
            if said:
                self._limit(*said.groups(), quota=EXPORTS)
        if reply.status in (400, 422) and any(sign in f"{code_of(reply)} {_description(reply)}" for sign in TOO_RECENT):
            return None
        return _body(reply, path)

    def write(self, method: str, path: str, body: Doc | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Write; refusals come back as replies, see `refusal`."""
        reply = self._send(method, path, json=body, headers=headers, safe=False)
        self._feed(reply)
        return reply

    def _send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
        own = dict(headers or {})
        return self._authorize(lambda auth: self._http.send(method, path, headers={**own, "Authorization": auth}, **more))

    def _feed(self, reply: Reply) -> None:
        headers = {name.lower(): value for name, value in reply.headers.items()}
        told = [headers.get(name, "") for name in ("x-rate-limit", "x-rate-limit-remaining", "ratelimit-reset")]
        if told[0].isdigit() and told[1].isdigit():
            self._limit(told[0], told[1], told[2] if told[2].isdigit() else "60")

    def _limit(self, per_minute: str, left: str, resets: str, *, quota: str = "") -> None:
        """Tell the bucket. A minute is a fixed window: where nothing is left, nothing comes back before it ends."""
        per_s = float(per_minute) / MINUTE_S if int(left) else 1 / max(1.0, float(resets))
        self._http.limit(available=float(left), capacity=float(per_minute), per_s=per_s, quota=quota)


def _authorize(http: Http, settings: Mapping[str, str]) -> Authorize:
    """Return how requests are authorised: by client credentials, else a given access token, else an API token."""
    given = {name: settings.get(name, "") for name in ("client_id", "client_secret", "access_token", "email", "api_token")}
    if given["client_id"] and given["client_secret"]:
        scope = settings.get("scope") or "read write"
        tokens = ClientCredentials(http, TOKENS, client_id=given["client_id"], client_secret=given["client_secret"], scope=scope)
        return lambda call: tokens.use(lambda token: call(f"Bearer {token}"))
    if given["access_token"]:
        bearer = f"Bearer {given['access_token']}"
        return lambda call: call(bearer)
    if given["email"] and given["api_token"]:
        pair = f"{given['email']}/token:{given['api_token']}".encode()
        basic = f"Basic {base64.b64encode(pair).decode()}"
        return lambda call: call(basic)
    raise ConfigError(
        "A Zendesk connection needs credentials.",
        fix="Set `client_id` and `client_secret` (or `access_token`, or `email` and `api_token`); see the connector's README.",
    )


def _body(reply: Reply, path: str) -> Doc:
    code = code_of(reply)
    if code == "InvalidEndpoint":
        raise ApiRetired(f"This Zendesk account has no {path}.", fix="Look whether its plan includes it.")
    if reply.status >= 400 or not isinstance(reply.body, dict):
        raise BadPayload(f"Zendesk answered a read of {path} with {reply.status} {code}".strip() + ".")
    return reply.body


def code_of(reply: Reply) -> str:
    """Return the error's code, whichever of its three shapes it has; "" where there is none."""
    body = reply.body if isinstance(reply.body, dict) else {}
    error, errors = body.get("error"), body.get("errors")
    if isinstance(error, dict):
        return str(error.get("title") or "")
    if isinstance(error, str):
        return error
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("code") or first.get("title") or "") if isinstance(first, dict) else ""


def _description(reply: Reply) -> str:
    return str(reply.body.get("description") or "") if isinstance(reply.body, dict) else ""


def refusal(reply: Reply, writable: Sequence[str]) -> Answer | None:
    """Return the answer that an error reply stands for; None where the reply is a success.

    `details` is a map from field to its problems; `base` stands for the record as a whole.
    Raises Unavailable and TimedOut for the conflicts that pass by themselves.
    """
    if reply.status < 400:
        return None
    code, details = code_of(reply), _details(reply)
    if reply.status in (404, 410):
        return Answer(AnswerKind.GONE, reason="Zendesk has no such record.")
    if reply.status == 409:
        return _conflict(code)
    clash = [name for name, problems in details.items() if DUPLICATE in problems]
    blamed = next((name for name in (*clash, *details) if name in writable), None)
    if clash:
        return Answer(AnswerKind.CLASH, blames=blamed, reason=f"In Zendesk another record has this {clash[0]}.")
    what = f" {blamed}" if blamed else ""
    return Answer(AnswerKind.REFUSED, blames=blamed, reason=f"Zendesk does not accept this{what} ({code or reply.status}).")


def _conflict(code: str) -> Answer:
    if code == "UpdateConflict":
        return Answer(AnswerKind.STALE, reason="Somebody changed the record in Zendesk meanwhile.")
    if code.startswith("Idempotent"):
        raise TimedOut("Zendesk is still busy with the same request.")
    raise Unavailable("Zendesk had a conflict inside and asks to try again.")


def _details(reply: Reply) -> dict[str, set[str]]:
    """Return field -> codes of its problems."""
    details = reply.body.get("details") if isinstance(reply.body, dict) else None
    rows = details.items() if isinstance(details, dict) else ()
    return {name: {str(each.get("error")) for each in problems if isinstance(each, dict)} for name, problems in rows}


def inside(reply: Reply, name: str) -> Doc:
    """Return the record of a successful write. Raises TimedOut where it is not there: what the write did is unknown then."""
    value = reply.body.get(name) if isinstance(reply.body, dict) else None
    if not isinstance(value, dict) or not value.get("id"):
        raise TimedOut("Zendesk accepted a write but did not say what it made.")
    return value


def listed(answer: Doc, name: str) -> list[Doc]:
    """Return a list of records inside an answer. Raises BadPayload where it is none."""
    rows = answer.get(name)
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise BadPayload(f"Zendesk answered without its list of {name}.")
    return rows


def numbers(ids: Sequence[str], size: int = 100) -> list[str]:
    """Return comma-separated pieces of the ids that can be ids there; `show_many` takes at most 100 (contract)."""
    real = [each for each in ids if each.isascii() and each.isdigit()]
    return [",".join(real[start : start + size]) for start in range(0, len(real), size)]
